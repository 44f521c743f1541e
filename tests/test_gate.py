"""The gate: pairing, verdicts, the baseline file, and real samples through the whole page flow."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from vnrepair.config import DEFAULTS
from vnrepair.errors import ConfigError, InputError, LanguagePackError, ResourceError
from vnrepair.evaluate.gate import check, find_cases, read_baseline, write_baseline
from vnrepair.evaluate.report import check_table, check_to_dict
from vnrepair.evaluate.score import Rate, Score
from vnrepair.evaluate.verdict import Case, CheckReport, Verdict, judge

KNOWN = Score(cer=Rate(5, 100), wer=Rate(3, 20), der=Rate(2, 40), digits=Rate(0, 4))
TRUTH = "Ủy ban nhân dân huyện ban hành kế hoạch kiểm tra.\n"
GARBLED = "Ủy ban nhan dan huyen ban hành kê hoach kiêm tra.\n"


def with_errors(cer: int, wer: int) -> Score:
    return replace(KNOWN, cer=Rate(cer, 100), wer=Rate(wer, 20))


def report_of(*verdicts: Verdict) -> CheckReport:
    return CheckReport(
        tuple(Case(f"{verdict}.png", verdict, KNOWN, KNOWN, KNOWN) for verdict in verdicts)
    )


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    folder = tmp_path / "samples"
    folder.mkdir()
    (folder / "plan.truth.txt").write_text(TRUTH, encoding="utf-8")
    (folder / "plan.ocr.txt").write_text(GARBLED, encoding="utf-8")
    return folder


# Pairing


def test_a_page_and_its_garbled_text_are_two_cases_with_one_truth(tmp_path: Path) -> None:
    for name in ("a.png", "a.ocr.txt", "a.truth.txt", "b.v2.PDF", "b.v2.truth.txt"):
        (tmp_path / name).touch()
    cases = find_cases(tmp_path)
    assert list(cases) == ["a.ocr.txt", "a.png", "b.v2.PDF"]
    assert {truth.name for _, truth in cases.values()} == {"a.truth.txt", "b.v2.truth.txt"}


def test_what_has_no_truth_or_is_no_sample_is_passed_over(tmp_path: Path) -> None:
    for name in ("a.txt", "a.truth.txt", "README.md", "b.png", "a.json", ".hidden"):
        (tmp_path / name).touch()
    (tmp_path / "a.png").mkdir()
    assert list(find_cases(tmp_path)) == ["a.txt"]


def test_a_folder_without_pairs_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"letter\.truth\.txt"):
        find_cases(tmp_path)
    with pytest.raises(InputError, match="cannot list"):
        find_cases(tmp_path / "missing")


# Verdicts


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (with_errors(5, 3), Verdict.SAME),
        (with_errors(4, 3), Verdict.BETTER),
        (with_errors(5, 2), Verdict.BETTER),
        (with_errors(6, 3), Verdict.WORSE),
        (with_errors(1, 4), Verdict.WORSE),  # fewer letters do not pay for one more word
        (with_errors(6, 1), Verdict.WORSE),
        (replace(KNOWN, cer=Rate(5, 101)), Verdict.STALE),
        (replace(KNOWN, cer=Rate(0, 99)), Verdict.STALE),
        (replace(KNOWN, der=Rate(9, 40)), Verdict.SAME),
    ],
)
def test_error_counts_decide(found: Score, verdict: Verdict) -> None:
    assert judge(found, KNOWN) is verdict


def test_one_more_error_in_a_long_document_is_noticed() -> None:
    known = Score(cer=Rate(100, 1_000_000))
    assert judge(Score(cer=Rate(101, 1_000_000)), known) is Verdict.WORSE


def test_a_sample_that_the_baseline_lacks_is_new() -> None:
    assert judge(KNOWN, None) is Verdict.NEW


@pytest.mark.parametrize("verdict", [Verdict.SAME, Verdict.BETTER, Verdict.NEW])
def test_these_verdicts_pass(verdict: Verdict) -> None:
    assert report_of(verdict).exit_code == 0


@pytest.mark.parametrize("verdict", [Verdict.WORSE, Verdict.FAILED, Verdict.MISSING, Verdict.STALE])
def test_one_regression_fails_the_whole_check(verdict: Verdict) -> None:
    report = report_of(Verdict.BETTER, verdict, Verdict.SAME)
    assert report.exit_code == 1
    assert [case.verdict for case in report.regressions] == [verdict]


# The baseline file


def test_a_baseline_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write_baseline(report_of(Verdict.NEW, Verdict.WORSE), path)
    assert read_baseline(path) == {"new.png": KNOWN, "worse.png": KNOWN}


def test_a_missing_sample_leaves_the_baseline(tmp_path: Path) -> None:
    gone = Case("gone.png", Verdict.MISSING, None, None, KNOWN)
    path = tmp_path / "baseline.json"
    left = write_baseline(CheckReport((gone, *report_of(Verdict.SAME).cases)), path)
    assert left == ("gone.png",)
    assert list(read_baseline(path)) == ["same.png"]


def test_a_failed_sample_cannot_be_accepted(tmp_path: Path) -> None:
    failed = Case("broken.png", Verdict.FAILED, None, None, None, "ImageError: truncated")
    path = tmp_path / "baseline.json"
    path.write_text("before")
    with pytest.raises(ConfigError, match=r"broken\.png"):
        write_baseline(CheckReport((failed,)), path)
    assert path.read_text() == "before"


def test_a_missing_baseline_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"baseline\.json.*--update-baseline"):
        read_baseline(tmp_path / "baseline.json")


def baseline_of(errors: object, *measures: str) -> str:
    counts = {measure: {"errors": errors, "length": 2} for measure in measures}
    return json.dumps({"schema": 1, "samples": {"plan.png": counts}})


MEASURES = ("cer", "wer", "der", "digits")


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "[]",
        "[" * 200_000,
        "{}",
        '{"schema": 2, "samples": {}}',
        '{"schema": 1, "samples": []}',
        baseline_of(1, "cer", "wer", "der"),
        baseline_of(-1, *MEASURES),
        baseline_of("1", *MEASURES),
        baseline_of(True, *MEASURES),
    ],
)
def test_a_file_that_is_no_baseline_is_named(stored: str, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(stored)
    with pytest.raises(ConfigError, match=r"baseline\.json.*--update-baseline"):
        read_baseline(path)


def test_the_form_that_those_files_miss_is_read(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(baseline_of(1, *MEASURES))
    rate = Rate(1, 2)
    assert read_baseline(path) == {"plan.png": Score(rate, rate, rate, rate)}


# Real samples through the page flow


def test_samples_are_repaired_scored_and_accepted(samples: Path, tmp_path: Path) -> None:
    first = check(samples, None)
    (case,) = first.cases
    assert (case.name, case.verdict, case.error) == ("plan.ocr.txt", Verdict.NEW, "")
    assert case.raw is not None
    assert case.score is not None
    # Marks are wrong on nhan, dan, huyen, kê, hoach, kiêm: one letter in each of six syllables.
    assert (case.raw.cer.errors, case.raw.wer) == (6, Rate(6, 11))
    assert case.score.cer.errors < case.raw.cer.errors

    path = tmp_path / "baseline.json"
    write_baseline(first, path)
    again = check(samples, path)
    assert [case.verdict for case in again.cases] == [Verdict.SAME]
    assert (again.total, again.exit_code) == (first.total, 0)


def test_a_failing_sample_does_not_stop_the_others(samples: Path) -> None:
    (samples / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    (samples / "broken.truth.txt").write_text(TRUTH, encoding="utf-8")
    report = check(samples, None)
    assert [case.verdict for case in report.cases] == [Verdict.FAILED, Verdict.NEW]
    assert "ImageError" in report.cases[0].error
    assert "broken.png" in report.cases[0].error
    assert report.exit_code == 1


def test_a_sample_that_left_the_folder_is_missing(samples: Path, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write_baseline(report_of(Verdict.SAME), path)
    report = check(samples, path)
    verdicts = {case.name: case.verdict for case in report.cases}
    assert verdicts == {"plan.ocr.txt": Verdict.NEW, "same.png": Verdict.MISSING}
    assert report.exit_code == 1


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        (["note.txt"], "no note.txt in"),
        (["note.truth.txt"], "no note.truth.txt in"),
        (["note.txt", "note.truth.txt"], "no note.txt and no note.truth.txt in"),
    ],
)
def test_a_missing_sample_tells_which_file_is_gone(
    gone: list[str], told: str, samples: Path, tmp_path: Path
) -> None:
    for name in ("note.txt", "note.truth.txt"):
        (samples / name).write_text(TRUTH, encoding="utf-8")
    path = tmp_path / "baseline.json"
    write_baseline(check(samples, None), path)
    for name in gone:
        (samples / name).unlink()
    (case,) = check(samples, path).regressions
    assert (case.name, case.verdict, case.error) == (
        "note.txt",
        Verdict.MISSING,
        f"{told} {samples}",
    )


def test_missing_tools_stop_the_check_and_are_no_regression(samples: Path, tmp_path: Path) -> None:
    restoring = replace(DEFAULTS.restore, dictionaries=tmp_path / "none")
    with pytest.raises(ResourceError):
        check(samples, None, replace(DEFAULTS, restore=restoring))
    scanning = replace(DEFAULTS, scan=replace(DEFAULTS.scan, language="xyz"))
    assert check(samples, None, scanning).exit_code == 0  # a text needs no Tesseract
    (samples / "plan.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(LanguagePackError):
        check(samples, None, scanning)


def test_progress_names_every_sample_before_its_turn(samples: Path) -> None:
    told: list[tuple[int, int, str]] = []
    check(samples, None, progress=lambda done, total, name: told.append((done, total, name)))
    assert told == [(0, 1, "plan.ocr.txt")]


# Reports


def test_the_table_says_what_happened_to_every_sample() -> None:
    worse = Case("b.png", Verdict.WORSE, KNOWN, with_errors(7, 2), KNOWN)
    failed = Case("[c].png", Verdict.FAILED, None, None, KNOWN, "ImageError: truncated")
    report = CheckReport((*report_of(Verdict.SAME).cases, worse, failed))
    console = Console(width=120)
    with console.capture() as capture:
        console.print(check_table(report))
    rows = {line.split()[0]: line for line in capture.get().splitlines() if line.strip()}
    assert rows["b.png"].split()[-3:] == ["+2", "-1", "worse"]
    assert "failed: ImageError: truncated" in rows["[c].png"]
    assert rows["all"].rstrip().endswith("2 regressions")


def test_json_of_a_report_holds_every_case_and_the_exit_code() -> None:
    failed = Case("c.png", Verdict.FAILED, None, None, None, "ImageError: truncated")
    plain = check_to_dict(CheckReport((*report_of(Verdict.BETTER).cases, failed)))
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["exit_code"] == 1
    cases = plain["cases"]
    assert isinstance(cases, list)
    assert [(case["verdict"], case["error"]) for case in cases] == [
        ("better", ""),
        ("failed", "ImageError: truncated"),
    ]
