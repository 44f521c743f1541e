"""The public names: all there, loaded when used, and functions where modules share their names."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

import vnrepair

PROMISED = {
    "Restorer",
    "align",
    "apply_edits",
    "check",
    "normalise",
    "normalise_and_explain",
    "read_page",
    "read_pages",
    "repair",
    "restore",
    "restore_and_explain",
    "score",
}


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


@pytest.mark.parametrize("name", vnrepair.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert not isinstance(getattr(vnrepair, name), ModuleType)


@pytest.mark.parametrize("name", sorted(PROMISED - {"Restorer"}))
def test_the_verbs_are_functions(name: str) -> None:
    assert isinstance(getattr(vnrepair, name), FunctionType)


def test_the_promised_names_are_public() -> None:
    assert set(vnrepair.__all__) >= PROMISED


def test_public_names_are_sorted_and_listed_once() -> None:
    # Constants, then classes, then the rest, as ruff sorts them.
    groups = [[], [], []]  # type: list[list[str]]
    for name in vnrepair.__all__:
        groups[0 if name.isupper() else 1 if name[0].isupper() else 2].append(name)
    assert vnrepair.__all__ == [name for group in groups for name in sorted(set(group))]


def test_type_checkers_and_the_loader_know_the_same_names() -> None:
    tree = ast.parse(Path(vnrepair.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    declared = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert declared == vnrepair._MODULE_OF_NAME
    assert {*declared, "__version__"} == set(vnrepair.__all__)


def test_every_module_exports_what_it_says() -> None:
    root = Path(vnrepair.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if path.stem not in ("__init__", "__main__"):
            dotted = ".".join(path.relative_to(root).with_suffix("").parts)
            module = importlib.import_module(f"vnrepair.{dotted}")
            assert all(hasattr(module, name) for name in module.__all__), module


@pytest.mark.parametrize("module", ["vnrepair", "vnrepair.cli"])
def test_importing_the_package_or_the_command_line_loads_no_heavy_library(module: str) -> None:
    heavy = {"cv2", "numpy", "PIL", "pypdfium2", "pytesseract", "jinja2"}
    assert run_python(f"import sys, {module}; print(*sys.modules.keys() & {heavy})") == ""
    assert (
        run_python(f"import sys, {module}; print(*sys.modules.keys() & {{{module!r}}})") == module
    )


def test_functions_keep_their_names_when_their_modules_are_imported_first() -> None:
    code = """
from vnrepair.restore.tokenise import __name__ as first
from vnrepair.align import distance
import vnrepair
print(type(vnrepair.align).__name__, vnrepair.align is __import__("sys").modules["vnrepair.align"])
"""
    assert run_python(code) == "function False"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'restroe'"):
        _ = vnrepair.restroe  # type: ignore[attr-defined]


def test_dir_lists_the_public_names() -> None:
    assert set(vnrepair.__all__) <= set(dir(vnrepair))
