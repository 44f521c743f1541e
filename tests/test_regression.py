"""The gate: no sample may get worse than the counts that were accepted last time.

After a change that is worth it, `vnrepair check samples/ --update-baseline` accepts the new counts;
the commit that does so says why.
"""

from pathlib import Path

import pytest

from vnrepair.evaluate.gate import check, find_cases, read_baseline
from vnrepair.evaluate.verdict import Case, CheckReport

SAMPLES = Path(__file__).parent.parent / "samples"
BASELINE = SAMPLES / "baseline.json"

MOST_LEFT = 0.15
"""Share of the raw character errors that may stay; where stains were read as lines, most do."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def report() -> CheckReport:
    return check(SAMPLES, BASELINE)


def garbled(report: CheckReport) -> list[Case]:
    return [case for case in report.cases if case.name.endswith(".ocr.txt")]


def test_the_baseline_knows_every_sample_and_no_other() -> None:
    assert set(read_baseline(BASELINE)) == set(find_cases(SAMPLES))


def test_no_sample_is_worse_than_the_baseline(report: CheckReport) -> None:
    worse = {
        case.name: case.error or (case.verdict.value, case.baseline, case.score)
        for case in report.regressions
    }
    assert worse == {}
    assert report.exit_code == 0


def test_repair_never_adds_character_errors_to_what_was_read(report: CheckReport) -> None:
    worse = {
        case.name: (case.raw.cer, case.score.cer)
        for case in report.cases
        if case.raw and case.score and case.score.cer.errors > case.raw.cer.errors
    }
    assert worse == {}


def test_repair_never_breaks_a_number(report: CheckReport) -> None:
    broken = {
        case.name: (case.raw.digits, case.score.digits)
        for case in report.cases
        if case.raw and case.score and case.score.digits.errors > case.raw.digits.errors
    }
    assert broken == {}


def test_repair_takes_most_errors_out_of_every_garbled_text(report: CheckReport) -> None:
    left = {
        case.name: case.score.cer.errors / case.raw.cer.errors
        for case in garbled(report)
        if case.raw and case.score
    }
    assert len(left) == len(garbled(report)) > 0
    assert {name: share for name, share in left.items() if share > MOST_LEFT} == {}
