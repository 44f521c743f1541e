"""Tables of changes and flags: every cell is what it says, whatever the document holds."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from vnrepair.explained import (
    CAUSES,
    describe_cause,
    describe_odds,
    describe_probability,
    make_changes_table,
    make_flags_table,
    visible,
)
from vnrepair.records import Alternative, Edit, Reading, Repaired, apply_edits


def _render(table: Table, width: int = 120) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, markup=False, emoji=False, highlight=False)
    console.print(table)
    return stream.getvalue()


def _rows(table: Table) -> list[list[str]]:
    columns = [list(column.cells) for column in table.columns]
    return [[str(cell) for cell in row] for row in zip(*columns, strict=True)]


SOURCE = "Ké hoach\nva s6 12/Qb\n"
EDITS = (
    Edit(0, 2, "Ké", "Kế", "restore/channel", 6.4, 0.9173, "kế", 3.6),
    Edit(9, 11, "va", "và", "restore/wording", 5.0, 0.9999, "Và", -0.5),
    Edit(15, 20, "12/Qb", "12/QĐ", "restore/id", 6.5),
    Edit(20, 21, "\n", "", "restore/mark"),
)
FLAG = Reading(
    12,
    14,
    "s6",
    "số",
    0.61,
    (Alternative("số", 0.61, 0.0), Alternative("sổ", 0.3, -1.0), Alternative("so", 0.0001, -9.0)),
    "restore/margin",
)
RESULT = Repaired(apply_edits(SOURCE, EDITS), EDITS, source=SOURCE, flags=(FLAG,))


def test_a_change_is_shown_with_place_reason_runner_up_odds_and_probability() -> None:
    assert _rows(make_changes_table([("", RESULT)])) == [
        ["1:1", "Ké", "Kế", "letters", "kế", "37 : 1", "92%"],  # e^3.6 = 36.6
        ["2:1", "va", "và", "neighbours", "Và", "1 : 1.6", ">99.9%"],  # e^0.5 = 1.65
        ["2:7", "12/Qb", "12/QĐ", "document id", "", "670 : 1", ""],  # e^6.5 = 665
        ["2:12", "⏎", "(nothing)", "stray mark", "", "rule", ""],
    ]


def test_a_flag_is_shown_with_what_else_it_may_be() -> None:
    assert _rows(make_flags_table([("page 2, ", RESULT)])) == [
        ["page 2, 2:4", "s6", "số", "too close", "61%", "sổ 30%"]
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_a_row_of_common_words_stays_on_one_line(width: int) -> None:
    lines = [
        line
        for line in _render(make_changes_table([("", RESULT)]), width).splitlines()
        if line.strip()
    ]
    assert len(lines) == 2 + len(EDITS)  # the head and the rule under it


@given(st.text(min_size=1, max_size=12), st.text(max_size=12))
def test_hostile_text_stays_text(before: str, after: str) -> None:
    edits = (Edit(0, len(before), before, after, "restore/channel", 1.0, 0.5, "[bold]", 1.0),)
    flag = Reading(0, len(before), before, after, 0.5, (Alternative(after, 0.5, 0.0),), "x/y")
    result = Repaired(after, edits, source=before, flags=(flag,))
    for table in (make_changes_table([("", result)]), make_flags_table([("", result)])):
        shown = _render(table, 200)
        assert all(char.isprintable() for char in shown.replace("\n", ""))
        assert visible(before) in re.sub(r" +$", "", shown, flags=re.MULTILINE) or len(before) > 5


@given(st.text(max_size=20))
def test_what_cannot_be_seen_is_named(text: str) -> None:
    shown = visible(text)
    assert shown
    assert shown.isprintable()
    assert shown == shown.strip(" ")


@pytest.mark.parametrize(
    ("log_odds", "shown"),
    [
        (0.0, "1 : 1"),
        (0.01, "1 : 1"),
        (1.1, "3 : 1"),  # e^1.1 = 3.004
        (2.29, "9.9 : 1"),  # e^2.29 = 9.875
        (2.3025, "10 : 1"),  # e^2.3025 = 9.999
        (5.5, "240 : 1"),  # e^5.5 = 244.7, two digits are enough
        (9.2, "9,900 : 1"),  # e^9.2 = 9,897
        (23.03, "10^10 : 1"),  # ln 10 = 2.303
        (-0.6931, "1 : 2"),
        (-23.03, "1 : 10^10"),
        (float("inf"), "∞ : 1"),
        (float("-inf"), "1 : ∞"),
    ],
)
def test_odds_are_said_to_two_digits(log_odds: float, shown: str) -> None:
    assert describe_odds(log_odds) == shown


@given(st.floats(0, 1))
def test_certainty_is_never_claimed(probability: float) -> None:
    assert describe_probability(probability) not in {"100%", "100.0%", "0%", "0.0%"}


def test_causes_are_said_in_few_words() -> None:
    assert all(len(words) <= 12 for words in CAUSES.values())
    assert describe_cause("normalise/spacing") == "blanks"
    assert describe_cause("other/reason") == "reason"
