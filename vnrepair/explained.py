"""What was done to a text, as tables for a person who need not read Vietnamese.

In: results with their edits and flags; out: tables that `terminal` prints. Whatever comes from a
document is shown as it is: brackets are no markup, and what cannot be seen becomes a sign or the
number of its code point.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from vnrepair.records import Alternative, Edit, Reading, Repaired

__all__ = [
    "CAUSES",
    "CHANGES_LEGEND",
    "FLAGS_LEGEND",
    "describe_cause",
    "describe_odds",
    "describe_probability",
    "make_changes_table",
    "make_flags_table",
    "visible",
]

CAUSES = {
    "restore/channel": "letters",
    "restore/wording": "neighbours",
    "restore/document": "elsewhere",
    "restore/dictionary": "dictionary",
    "restore/join": "torn apart",
    "restore/split": "run together",
    "restore/id": "document id",
    "restore/numeral": "Roman number",
    "restore/mark": "stray mark",
    "restore/kept": "as read",
    "restore/margin": "too close",
    "normalise/unicode": "code points",
    "normalise/spacing": "blanks",
    "normalise/tone-style": "tone style",
}
"""Every cause, in so few words that a row stays on one line of a narrow terminal;
docs/architecture.md has a sentence on each."""

CHANGES_LEGEND = (
    "odds: chosen against the runner-up, as the models see it; sure: how often such a choice is "
    "right; rule: always done"
)
FLAGS_LEGEND = (
    "where: line and column of the input; sure: how often what stands there is right; "
    "may be: what else, and how likely"
)
MIN_SHOWN_PROBABILITY = 0.001
"""Alternatives that are less likely are no help to a person."""

_Spanned = TypeVar("_Spanned", Edit, Reading)
_SIGNS = {"\n": "⏎", "\t": "⇥", "\f": "␌"}


def make_changes_table(results: Sequence[tuple[str, Repaired]]) -> Table:
    """Every change: where, what was read, what was chosen, why, and how surely.

    Args:
        results: Pairs of place ("page 2, ", or "" where there is but one page) and result.
    """
    table = _make_table("where", "read", "chosen", "why", "runner-up")
    table.add_column("odds", justify="right", no_wrap=True)
    table.add_column("sure", justify="right", no_wrap=True)
    for place, result in results:
        for where, edit in _locate(result, result.edits):
            odds = edit.log_odds if edit.runner_up_odds is None else edit.runner_up_odds
            is_rule = edit.probability is None and not odds
            _add_row(
                table,
                place + where,
                visible(edit.before),
                visible(edit.after),
                describe_cause(edit.cause),
                "" if edit.runner_up is None else visible(edit.runner_up),
                "rule" if is_rule else describe_odds(odds),
                "" if edit.probability is None else describe_probability(edit.probability),
            )
    return table


def make_flags_table(results: Sequence[tuple[str, Repaired]]) -> Table:
    """Every flag: where, what stands in the output, why, and what else it may be.

    Args:
        results: As for `make_changes_table`.
    """
    table = _make_table("where", "read", "chosen", "why")
    table.add_column("sure", justify="right", no_wrap=True)
    table.add_column("may be", overflow="fold")
    for place, result in results:
        for where, flag in _locate(result, result.flags):
            _add_row(
                table,
                place + where,
                visible(flag.observed),
                visible(flag.chosen),
                describe_cause(flag.cause),
                describe_probability(flag.probability),
                ", ".join(map(_describe_alternative, _worth_showing(flag.alternatives[1:]))),
            )
    return table


def _make_table(*columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _add_row(table: Table, *cells: str) -> None:
    table.add_row(*(Text(cell) for cell in cells))


def _locate(result: Repaired, records: Iterable[_Spanned]) -> Iterator[tuple[str, _Spanned]]:
    """Each record with the line and column that it starts at, counted from 1, such as "12:5"."""
    line, start_of_line, done = 1, 0, 0
    for record in records:
        line += result.source.count("\n", done, record.start)
        start_of_line = max(start_of_line, result.source.rfind("\n", done, record.start) + 1)
        done = record.start
        yield f"{line}:{record.start - start_of_line + 1}", record


def _worth_showing(alternatives: Iterable[Alternative]) -> Iterator[Alternative]:
    return (other for other in alternatives if other.probability >= MIN_SHOWN_PROBABILITY)


def _describe_alternative(other: Alternative) -> str:
    return f"{visible(other.text)} {describe_probability(other.probability)}"


def describe_cause(cause: str) -> str:
    """A cause in a few plain words.

    >>> describe_cause("restore/channel"), describe_cause("normalise/unicode+spacing")
    ('letters', 'code points, blanks')
    """
    stage, _, reasons = cause.partition("/")
    return ", ".join(CAUSES.get(f"{stage}/{reason}", reason) for reason in reasons.split("+"))


def describe_odds(log_odds: float) -> str:
    """Odds as people say them, to two digits.

    Args:
        log_odds: How much likelier one thing is than another, nats; may be infinite.

    >>> [describe_odds(value) for value in (7.1, 40.0, 1.1, 0.0, -1.4)]
    ['1,200 : 1', '10^17 : 1', '3 : 1', '1 : 1', '1 : 4.1']
    """
    number = _describe_ratio(abs(log_odds))
    return f"{number} : 1" if log_odds >= 0 else f"1 : {number}"


def _describe_ratio(log_ratio: float) -> str:
    """A ratio of 1 or more, to two digits."""
    if math.isinf(log_ratio):
        return "∞"
    exponent = log_ratio / math.log(10)
    if exponent >= 6:
        return f"10^{exponent:.0f}"
    ratio = 10**exponent
    return f"{ratio:.2g}" if ratio < 9.95 else f"{round(ratio, 1 - math.floor(exponent)):,.0f}"


def describe_probability(probability: float) -> str:
    """A probability in per cent; certainty is not claimed.

    >>> [describe_probability(value) for value in (0.6234, 0.994, 0.99963, 1.0, 0.0004)]
    ['62%', '99.4%', '>99.9%', '>99.9%', '<0.1%']
    """
    if probability >= 0.9995:
        return ">99.9%"
    if probability < 0.001:
        return "<0.1%"
    digits = 1 if probability >= 0.985 or probability < 0.015 else 0
    return f"{100 * probability:.{digits}f}%"


def visible(text: str) -> str:
    r"""Show white space at the edges, and what cannot be seen, as signs or code points.

    >>> visible("a b "), visible(""), visible("\x1b[1m")
    ('a b␣', '(nothing)', 'U+001B[1m')
    """
    if not text:
        return "(nothing)"
    shown = "".join(
        _SIGNS.get(char, char if char.isprintable() else f"U+{ord(char):04X}") for char in text
    )
    inner = shown.strip(" ")
    if not inner:
        return "␣" * len(shown)
    left, right = len(shown) - len(shown.lstrip(" ")), len(shown) - len(shown.rstrip(" "))
    return "␣" * left + inner + "␣" * right
