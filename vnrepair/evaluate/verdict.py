"""What a check says: a verdict per sample, and the report of all of them.

In: scores of samples beside the scores that were accepted last time. Out: frozen records, which
`gate` fills and `report` shows.
"""

from dataclasses import dataclass
from enum import StrEnum

from vnrepair.evaluate.score import Score

__all__ = ["Case", "CheckReport", "Verdict", "judge"]


class Verdict(StrEnum):
    """How a sample stands against the baseline."""

    SAME = "same"
    BETTER = "better"
    WORSE = "worse"  # more character or word errors
    FAILED = "failed"  # it could not be repaired at all
    MISSING = "missing"  # the baseline knows it, the folder no longer does
    STALE = "stale"  # its ground truth is not the one that the baseline counted against
    NEW = "new"  # the baseline does not know it


_REGRESSIONS = frozenset({Verdict.WORSE, Verdict.FAILED, Verdict.MISSING, Verdict.STALE})


@dataclass(frozen=True, slots=True)
class Case:
    """One sample and what became of it.

    Attributes:
        name: File name of the sample inside its folder, such as "notice.png" or "notice.ocr.txt".
        verdict: How it stands against the baseline.
        raw: Score of what was read, before any repair; None where nothing came out.
        score: Score of the repaired text; None where nothing came out.
        baseline: Score that was accepted last time; None for a sample that the baseline lacks.
        error: Why nothing came out, with the next step; "" otherwise.
    """

    name: str
    verdict: Verdict
    raw: Score | None
    score: Score | None
    baseline: Score | None
    error: str = ""

    @property
    def is_regression(self) -> bool:
        """Whether this sample alone makes the check fail."""
        return self.verdict in _REGRESSIONS


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All samples of a folder against the baseline, in order of their names."""

    cases: tuple[Case, ...]

    @property
    def regressions(self) -> tuple[Case, ...]:
        """The samples that make the check fail."""
        return tuple(case for case in self.cases if case.is_regression)

    @property
    def exit_code(self) -> int:
        """1 with a regression, 0 without."""
        return 1 if self.regressions else 0

    @property
    def raw_total(self) -> Score:
        """Micro average over what was read, before any repair."""
        return sum((case.raw for case in self.cases if case.raw), start=Score())

    @property
    def total(self) -> Score:
        """Micro average over the repaired texts."""
        return sum((case.score for case in self.cases if case.score), start=Score())


def judge(found: Score, known: Score | None) -> Verdict:
    """Compare error counts of letters and syllables; marks and digits are errors of these already.

    Args:
        found: The score of now.
        known: The score that was accepted last time; None for a new sample.
    """
    if known is None:
        return Verdict.NEW
    pairs = ((found.cer, known.cer), (found.wer, known.wer))
    if any(new.length != old.length for new, old in pairs):
        return Verdict.STALE
    if any(new.errors > old.errors for new, old in pairs):
        return Verdict.WORSE
    return Verdict.SAME if all(new == old for new, old in pairs) else Verdict.BETTER
