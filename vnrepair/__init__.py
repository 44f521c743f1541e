"""vnrepair: badly OCRed or scanned Vietnamese documents become correct, clean, checkable text.

```python
from vnrepair import repair, restore, score

restore("Ké hoach thuc hién quy ché")  # "Kế hoạch thực hiện quy chế"
repair(Path("scan.pdf")).text
score(truth, text).cer.rate
```

The names below are loaded when they are first used: whoever restores text does not wait for the
libraries that read images.
"""

import importlib
from typing import TYPE_CHECKING

import vnrepair.align
import vnrepair.restore  # noqa: F401 - see the `del` below

if TYPE_CHECKING:
    from vnrepair.align import Alignment, Step, align
    from vnrepair.config import (
        DEFAULTS,
        NormaliseConfig,
        RepairConfig,
        RestoreConfig,
        ScanConfig,
        ScoreConfig,
        Term,
        load_config,
    )
    from vnrepair.debug.folder import DebugFolder
    from vnrepair.document.normalise import normalise, normalise_and_explain
    from vnrepair.errors import (
        ConfigError,
        EngineError,
        EngineFailedError,
        EngineNotFoundError,
        EngineTimeoutError,
        ImageError,
        InputError,
        LanguagePackError,
        ResourceError,
        TextError,
        VnRepairError,
    )
    from vnrepair.evaluate.gate import check, write_baseline
    from vnrepair.evaluate.score import Rate, Score, score
    from vnrepair.evaluate.verdict import Case, CheckReport, Verdict
    from vnrepair.pipeline import read_page, read_pages, repair, repair_image
    from vnrepair.records import (
        Alternative,
        Box,
        Document,
        Edit,
        Page,
        PageResult,
        Reading,
        Repaired,
        Word,
        apply_edits,
        output_spans,
    )
    from vnrepair.restore.restorer import Restorer, n_best, restore, restore_and_explain
    from vnrepair.scan.observer import Observer

    __version__: str

__all__ = [
    "DEFAULTS",
    "Alignment",
    "Alternative",
    "Box",
    "Case",
    "CheckReport",
    "ConfigError",
    "DebugFolder",
    "Document",
    "Edit",
    "EngineError",
    "EngineFailedError",
    "EngineNotFoundError",
    "EngineTimeoutError",
    "ImageError",
    "InputError",
    "LanguagePackError",
    "NormaliseConfig",
    "Observer",
    "Page",
    "PageResult",
    "Rate",
    "Reading",
    "RepairConfig",
    "Repaired",
    "ResourceError",
    "RestoreConfig",
    "Restorer",
    "ScanConfig",
    "Score",
    "ScoreConfig",
    "Step",
    "Term",
    "TextError",
    "Verdict",
    "VnRepairError",
    "Word",
    "__version__",
    "align",
    "apply_edits",
    "check",
    "load_config",
    "n_best",
    "normalise",
    "normalise_and_explain",
    "output_spans",
    "read_page",
    "read_pages",
    "repair",
    "repair_image",
    "restore",
    "restore_and_explain",
    "score",
    "write_baseline",
]

_NAMES_OF_MODULE = {
    "vnrepair.align": "Alignment Step align",
    "vnrepair.config": "DEFAULTS NormaliseConfig RepairConfig RestoreConfig ScanConfig ScoreConfig "
    "Term load_config",
    "vnrepair.debug.folder": "DebugFolder",
    "vnrepair.document.normalise": "normalise normalise_and_explain",
    "vnrepair.errors": "ConfigError EngineError EngineFailedError EngineNotFoundError "
    "EngineTimeoutError ImageError InputError LanguagePackError ResourceError TextError "
    "VnRepairError",
    "vnrepair.evaluate.gate": "check write_baseline",
    "vnrepair.evaluate.score": "Rate Score score",
    "vnrepair.evaluate.verdict": "Case CheckReport Verdict",
    "vnrepair.pipeline": "read_page read_pages repair repair_image",
    "vnrepair.records": "Alternative Box Document Edit Page PageResult Reading Repaired Word "
    "apply_edits output_spans",
    "vnrepair.restore.restorer": "Restorer n_best restore restore_and_explain",
    "vnrepair.scan.observer": "Observer",
}
_MODULE_OF_NAME = {
    name: module for module, names in _NAMES_OF_MODULE.items() for name in names.split()
}

# Two functions share their names with the module or package that they stand in. The first import of
# those binds the module to the name here, and no later one does: so they are imported above, and
# the names are freed for `__getattr__`, which answers with the functions.
del align, restore


if not TYPE_CHECKING:  # which would take it for a promise that any name exists

    def __getattr__(name: str) -> object:
        """Load a public name when it is first used."""
        if name == "__version__":
            from importlib.metadata import version

            value: object = version("vnrepair")
        elif name in _MODULE_OF_NAME:
            value = getattr(importlib.import_module(_MODULE_OF_NAME[name]), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """What is loaded, and what would be."""
    return sorted({*globals(), *__all__})
