"""What a score or a check looks like: a table for the terminal, plain values for JSON.

In: `Score` and `CheckReport`. Out: rich tables, and dictionaries that `json.dumps` takes as they
are; nothing is printed or written here.
"""

import math
from dataclasses import fields

from rich.table import Table
from rich.text import Text

from vnrepair.evaluate.score import Rate, Score
from vnrepair.evaluate.verdict import Case, CheckReport, Verdict

__all__ = ["check_table", "check_to_dict", "format_rate", "score_table", "score_to_dict"]

# Field of the score → what a person calls it, and what it counts.
_LABELS = {
    "cer": ("CER", "characters"),
    "wer": ("WER", "words (syllables)"),
    "der": ("DER", "letters that can carry marks"),
    "digits": ("numbers", "runs of digits"),
}
_STYLES = {
    Verdict.BETTER: "green",
    Verdict.WORSE: "bold red",
    Verdict.FAILED: "bold red",
    Verdict.MISSING: "bold red",
    Verdict.STALE: "bold red",
}


def format_rate(rate: Rate) -> str:
    """A rate in per cent with two decimals, such as "1.25 %"; "-" where it is infinite."""
    return f"{rate.rate:.2%}".replace("%", " %") if math.isfinite(rate.rate) else "-"


def score_table(score: Score) -> Table:
    """One row per measure: rate, errors, and what they are counted against."""
    table = Table("measure", box=None, pad_edge=False)
    for heading in ("rate", "errors", "of"):
        table.add_column(heading, justify="right")
    table.add_column("counted in")
    for name, (label, unit) in _LABELS.items():
        rate: Rate = getattr(score, name)
        table.add_row(label, format_rate(rate), str(rate.errors), str(rate.length), unit)
    return table


def check_table(report: CheckReport) -> Table:
    """One row per sample: before and after repair, the change of its errors, and the verdict."""
    table = Table("sample", box=None, pad_edge=False)
    for heading in ("CER read", "CER", "WER", "DER", "letters ±", "words ±"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict")
    for case in report.cases:
        table.add_row(
            Text(case.name), *_rates(case.raw, case.score), *_changes(case), _verdict(case)
        )
    table.add_section()
    table.add_row("all samples", *_rates(report.raw_total, report.total), "", "", _summary(report))
    return table


def _rates(raw: Score | None, found: Score | None) -> tuple[str, ...]:
    if raw is None or found is None:
        return ("", "", "", "")
    return tuple(format_rate(rate) for rate in (raw.cer, found.cer, found.wer, found.der))


def _changes(case: Case) -> tuple[str, str]:
    """How many errors more (+) or fewer (-) than the baseline."""
    if case.score is None or case.baseline is None:
        return "", ""
    letters = case.score.cer.errors - case.baseline.cer.errors
    words = case.score.wer.errors - case.baseline.wer.errors
    return f"{letters:+d}" if letters else "0", f"{words:+d}" if words else "0"


def _verdict(case: Case) -> Text:
    text = Text(case.verdict.value, style=_STYLES.get(case.verdict, ""))
    if case.verdict is Verdict.STALE:
        text.append(": its ground truth changed, update the baseline")
    elif case.error:
        text.append(f": {case.error}")
    return text


def _summary(report: CheckReport) -> Text:
    count = len(report.regressions)
    if not count:
        return Text("passed", style="green")
    return Text(f"{count} regression{'s' if count > 1 else ''}", style="bold red")


def score_to_dict(score: Score) -> dict[str, dict[str, float | None]]:
    """Errors, length and rate per measure; an infinite rate is None, as JSON has no infinity."""
    return {field.name: _rate_to_dict(getattr(score, field.name)) for field in fields(score)}


def _rate_to_dict(rate: Rate) -> dict[str, float | None]:
    finite = rate.rate if math.isfinite(rate.rate) else None
    return {"errors": rate.errors, "length": rate.length, "rate": finite}


def check_to_dict(report: CheckReport) -> dict[str, object]:
    """The whole report: exit code, totals, and every sample with its scores."""
    return {
        "exit_code": report.exit_code,
        "raw_total": score_to_dict(report.raw_total),
        "total": score_to_dict(report.total),
        "cases": [
            {
                "name": case.name,
                "verdict": case.verdict.value,
                "error": case.error,
                "raw": case.raw and score_to_dict(case.raw),
                "score": case.score and score_to_dict(case.score),
                "baseline": case.baseline and score_to_dict(case.baseline),
            }
            for case in report.cases
        ],
    }
