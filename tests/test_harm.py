"""What is right stays, however odd it is: clean, half-marked and garbled texts with strangers.

`cases/harm.json` holds texts of three kinds. "clean" ones come back as they are; in "half-marked"
ones only the bare words change; of "garbled" ones the parts under `survive` (foreign words,
figures, addresses, code), which were read right, come back as they are, and the rest is repaired.
"""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from vnrepair.restore.restorer import restore, restore_and_explain

Case = dict[str, Any]
CASES: list[Case] = json.loads(
    (Path(__file__).parent / "cases" / "harm.json").read_text(encoding="utf-8")
)
KINDS = ("clean", "half-marked", "garbled")
MIN_REPAIRED = 0.9
"""Of the ruined words of the garbled texts; short texts full of strangers are hard."""


def _label(case: Case) -> str:
    return str(case["label"])


def _of(kind: str) -> list[object]:
    """The cases of a kind; those that are known to fail have to."""
    xfail = pytest.mark.xfail(strict=True)
    return [
        pytest.param(case, id=case["label"], marks=[xfail] if case["expect"] == "fail" else [])
        for case in CASES
        if case["kind"] == kind
    ]


def test_cases_are_whole_and_told_apart() -> None:
    assert len({case["label"] for case in CASES}) == len(CASES)
    for case in CASES:
        assert case.keys() == {
            "kind", "label", "origin", "input", "expected", "survive", "expect"
        }  # fmt: skip
        assert case["kind"] in KINDS
        assert unicodedata.is_normalized("NFC", case["input"] + case["expected"])
        assert len(case["input"].split()) == len(case["expected"].split())
        assert case["kind"] == "garbled" or not case["survive"]
        for part in case["survive"]:
            assert part in case["input"]
            assert part in case["expected"]


@pytest.mark.parametrize("case", _of("clean"))
def test_a_clean_text_stays_byte_for_byte(case: Case) -> None:
    result = restore_and_explain(case["input"])
    assert result.text == case["input"] == case["expected"]
    assert result.edits == ()


@pytest.mark.parametrize("case", _of("half-marked"))
def test_bare_words_among_marked_ones_get_their_marks(case: Case) -> None:
    assert restore(case["input"]) == case["expected"]


@pytest.mark.parametrize("case", _of("garbled"))
def test_strangers_in_a_garbled_text_survive(case: Case) -> None:
    restored = restore(case["input"])
    for part in case["survive"]:
        assert restored.count(part) >= case["input"].count(part), part


def _figures(text: str) -> list[str]:
    """What holds digits and nothing that could be a letter's ruin."""
    return [token for token in text.split() if token.strip("().,:;/-+%").isdigit()]


@pytest.mark.parametrize("case", CASES, ids=_label)
def test_figures_of_more_than_one_digit_are_never_altered(case: Case) -> None:
    numbers = [token for token in _figures(case["input"]) if len(token) > 2]
    restored = restore(case["input"])
    assert [token for token in _figures(restored) if token in numbers] == numbers


def test_the_rest_of_the_garbled_texts_is_repaired() -> None:
    ruined = repaired = 0
    for case in CASES:
        if case["kind"] != "garbled":
            continue
        read, meant = case["input"].split(), case["expected"].split()
        found = restore(case["input"]).split()
        if len(found) != len(meant):
            found = read  # words were cut or joined: none of the line counts as repaired
        for before, right, after in zip(read, meant, found, strict=True):
            ruined += before != right
            repaired += before != right == after
    assert repaired >= MIN_REPAIRED * ruined


@pytest.mark.parametrize("case", CASES, ids=_label)
def test_restoring_twice_is_restoring_once(case: Case) -> None:
    once = restore(case["input"])
    assert restore(once) == once
