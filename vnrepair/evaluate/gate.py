"""The gate: paired samples go through the whole page flow and may not get worse.

In: a folder of pairs, `NAME.truth.txt` beside `NAME.png` (or another page) and, or, beside
`NAME.ocr.txt`, the garbled text of that page; and the baseline, the error counts that were accepted
last time. Out: a `CheckReport` with a verdict per sample and an exit code.

Counts are compared, not rates: one more wrong letter in a long document would vanish in a rate.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields
from pathlib import Path

from vnrepair.atomic import write_text_atomic
from vnrepair.config import DEFAULTS, RepairConfig
from vnrepair.document.textfile import read_text
from vnrepair.errors import (
    ConfigError,
    EngineNotFoundError,
    InputError,
    LanguagePackError,
    ResourceError,
)
from vnrepair.evaluate.score import Rate, Score, score
from vnrepair.evaluate.verdict import Case, CheckReport, Verdict, judge
from vnrepair.pipeline import repair
from vnrepair.restore.restorer import restore_and_explain
from vnrepair.scan.ocr import check_engine

__all__ = ["Progress", "check", "find_cases", "read_baseline", "write_baseline"]

Progress = Callable[[int, int, str], None]
"""Called before each sample with (samples done, samples in all, name of the next one)."""

_TRUTH_SUFFIX = ".truth.txt"
_SOURCE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".pdf", ".ocr.txt", ".txt")
_SCHEMA = 1


def check(
    samples: Path | str,
    baseline: Path | str | None,
    config: RepairConfig = DEFAULTS,
    *,
    progress: Progress | None = None,
) -> CheckReport:
    """Repair every sample of a folder and compare its error counts with the baseline.

    A sample that fails is reported as failed and does not stop the others. What no sample can do
    without, the dictionaries and Tesseract, is looked for before the first of them.

    Args:
        samples: Folder of pairs; subfolders are not looked into.
        baseline: JSON file that `write_baseline` wrote; None compares with nothing, as the first
            run must, and every sample is new.
        config: What to repair and score with; it should be what the baseline was made with.
        progress: Told before each sample.

    Raises:
        InputError: The folder cannot be read or holds no pair.
        ConfigError: The baseline is missing or cannot be read.
        ResourceError: A dictionary file is missing, altered or of another version.
        EngineError: There are pages, and Tesseract is missing or lacks the language.
    """
    samples = Path(samples)
    baseline = None if baseline is None else Path(baseline)
    cases = find_cases(samples)
    accepted = read_baseline(baseline) if baseline else {}
    _check_tools(cases, config)
    results: dict[str, Case] = {
        name: Case(name, Verdict.MISSING, None, None, known, _tell_missing(samples, name))
        for name, known in accepted.items()
        if name not in cases
    }
    for done, (name, (source, truth)) in enumerate(cases.items()):
        if progress:
            progress(done, len(cases), name)
        results[name] = _run_case(name, source, truth, accepted.get(name), config)
    return CheckReport(tuple(results[name] for name in sorted(results)))


def find_cases(samples: Path) -> dict[str, tuple[Path, Path]]:
    """Pair every page and garbled text with its ground truth.

    Returns:
        File name of the sample → (its path, the path of its ground truth), sorted by name. A page
        and a garbled text may share one ground truth.

    Raises:
        InputError: The folder cannot be read or holds no pair.
    """
    try:
        files = sorted(path for path in samples.iterdir() if path.is_file())
    except OSError as error:
        raise InputError(f"{samples}: cannot list the samples ({error.strerror})") from error
    truths = {
        path.name.removesuffix(_TRUTH_SUFFIX): path
        for path in files
        if path.name.endswith(_TRUTH_SUFFIX)
    }
    cases = {
        path.name: (path, truths[stem])
        for path in files
        if (stem := _sample_stem(path.name)) in truths
    }
    if not cases:
        raise InputError(
            f"{samples}: no samples; put pairs there such as letter.png and letter.truth.txt"
        )
    return cases


def _sample_stem(name: str) -> str | None:
    """The name that a sample shares with its ground truth; None for any other file."""
    if name.endswith(_TRUTH_SUFFIX):
        return None
    for suffix in _SOURCE_SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return None


def _tell_missing(samples: Path, name: str) -> str:
    """Which file of a sample is gone: itself, its ground truth, or both."""
    names = (name, f"{_sample_stem(name)}{_TRUTH_SUFFIX}")
    gone = [name for name in names if not (samples / name).is_file()]
    return f"no {' and no '.join(gone)} in {samples}"


def _check_tools(names: Iterable[str], config: RepairConfig) -> None:
    """Load the dictionaries, and ask for Tesseract where a sample is a page."""
    restore_and_explain("", config.restore)
    if any(not name.lower().endswith(".txt") for name in names):
        check_engine(config.scan.language)


def _run_case(
    name: str, source: Path, truth: Path, known: Score | None, config: RepairConfig
) -> Case:
    try:
        reference = read_text(truth)
        document = repair(source, config)
        raw = score(reference, document.raw_text, config.score)
        repaired = score(reference, document.text, config.score)
    except (ResourceError, EngineNotFoundError, LanguagePackError):
        raise  # no fault of the sample, and the others would fail alike
    except Exception as error:  # whatever broke one sample, the others deserve their turn
        return Case(name, Verdict.FAILED, None, None, known, f"{type(error).__name__}: {error}")
    return Case(name, judge(repaired, known), raw, repaired, known)


def read_baseline(path: Path) -> dict[str, Score]:
    """Read the error counts that were accepted last time, by name of the sample.

    Raises:
        ConfigError: The file is missing, is not JSON, or has another form or version.
    """
    advice = "make one with `vnrepair check SAMPLES --update-baseline`"
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["schema"] != _SCHEMA:
            raise ConfigError(f"{path}: schema {stored['schema']!r} is not {_SCHEMA}; {advice}")
        return {name: _read_score(counts) for name, counts in stored["samples"].items()}
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no baseline; {advice}") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot read the baseline ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ConfigError(f"{path}: not a baseline ({error!r}); {advice}") from error


def _read_score(counts: Mapping[str, Mapping[str, int]]) -> Score:
    rates = {field.name: Rate(**counts[field.name]) for field in fields(Score)}
    numbers = [number for rate in rates.values() for number in (rate.errors, rate.length)]
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError(f"counts must be whole numbers from 0: {counts}")
    return Score(**rates)


def write_baseline(report: CheckReport, path: Path) -> tuple[str, ...]:
    """Accept the error counts of a report: from now on they are the baseline.

    Returns:
        The names of the samples that the folder no longer holds; they leave the baseline.

    Raises:
        ConfigError: A sample of the report failed, so that there is nothing to accept.
    """
    failed = [case.name for case in report.cases if case.verdict is Verdict.FAILED]
    if failed:
        raise ConfigError(
            f"{path}: baseline left as it is, because these samples failed: {', '.join(failed)}"
        )
    counts = {case.name: asdict(case.score) for case in report.cases if case.score}
    text = json.dumps({"schema": _SCHEMA, "samples": counts}, indent=1, ensure_ascii=False)
    # Bytes of a file name that are not UTF-8 become escapes of JSON.
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    write_text_atomic(path, text + "\n")
    return tuple(case.name for case in report.cases if case.verdict is Verdict.MISSING)
