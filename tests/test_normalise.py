"""The normaliser puts code points and blanks right, explains itself, and leaves the rest alone."""

import json
import unicodedata
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import any_text, vietnamese_text
from vnrepair.config import DEFAULTS, NormaliseConfig
from vnrepair.document.edit_lists import compose_edits
from vnrepair.document.normalise import normalise, normalise_and_explain
from vnrepair.language.letters import skeleton
from vnrepair.records import Edit, apply_edits

_CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "cases" / "normalise.json").read_text(encoding="utf-8")
)
_SEEDS = sorted((Path(__file__).parents[2] / "shared" / "seeds").glob("*.clean.txt"))

configs = st.sampled_from(
    [
        NormaliseConfig(unicode=unicode, spacing=spacing, tone_style=style)
        for unicode, spacing, style in product(
            (True, False), (True, False), ("preserve", "old", "new")
        )
    ]
)


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case["label"])
def test_a_case_comes_out_as_expected(case: dict[str, Any]) -> None:
    config = NormaliseConfig(**case.get("config", {}))
    result = normalise_and_explain(case["input"], config)
    assert result.text == case["expected"]
    if "causes" in case:
        assert [edit.cause for edit in result.edits] == case["causes"]


@given(any_text, configs)
def test_the_plain_call_is_the_text_of_the_explained_one(
    text: str, config: NormaliseConfig
) -> None:
    assert normalise(text, config) == normalise_and_explain(text, config).text


@given(any_text, configs)
def test_edits_replay_on_the_nfc_input(text: str, config: NormaliseConfig) -> None:
    result = normalise_and_explain(text, config)
    assert result.source == unicodedata.normalize("NFC", text)
    assert apply_edits(result.source, result.edits) == result.text
    assert all(edit.before != edit.after for edit in result.edits)
    assert all(edit.cause.startswith("normalise/") for edit in result.edits)


@given(any_text, configs)
def test_normalising_twice_is_normalising_once(text: str, config: NormaliseConfig) -> None:
    once = normalise(text, config)
    assert normalise(once, config) == once


@given(any_text, configs)
def test_normal_forms_give_one_result_in_nfc(text: str, config: NormaliseConfig) -> None:
    composed = normalise_and_explain(unicodedata.normalize("NFC", text), config)
    decomposed = normalise_and_explain(unicodedata.normalize("NFD", text), config)
    assert composed == decomposed
    assert unicodedata.is_normalized("NFC", composed.text)


@given(any_text, configs)
def test_digits_never_change(text: str, config: NormaliseConfig) -> None:
    def digits(text: str) -> list[int]:
        return [unicodedata.digit(char) for char in text if char.isdigit()]

    # NFC is the first thing that happens, and some compatibility digits fold there already.
    assert digits(normalise(text, config)) == digits(unicodedata.normalize("NFC", text))


@given(any_text)
def test_spacing_takes_only_white_space_away(text: str) -> None:
    config = NormaliseConfig(unicode=False)
    before = unicodedata.normalize("NFC", text)
    assert "".join(normalise(text, config).split()) == "".join(before.split())


@given(any_text)
def test_filled_lines_stay_one_for_one(text: str) -> None:
    def filled(text: str) -> list[str]:
        return ["".join(line.split()) for line in text.split("\n") if line.strip()]

    config = NormaliseConfig(unicode=False)
    before = unicodedata.normalize("NFC", text)
    after = normalise(text, config)
    assert filled(after) == filled(before)
    assert "\n\n\n" not in after


@given(vietnamese_text, st.sampled_from(("old", "new")))
def test_the_tone_style_changes_no_letter(text: str, style: str) -> None:
    config = NormaliseConfig(unicode=False, spacing=False, tone_style=style)
    assert skeleton(normalise(text, config)) == skeleton(text)


@pytest.mark.slow
def test_a_line_of_ten_megabytes_comes_through() -> None:
    line = "Ủy ban nhân dân xã, " * 500_000
    assert normalise(line) == line.rstrip()


def test_edits_of_many_spaces_in_one_place_become_one() -> None:
    result = normalise_and_explain("xã" + "\u00a0" * 20_000 + "hội")
    assert result.text == "xã hội"
    assert len(result.edits) == 1


_edit_pieces = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.text("abc ", max_size=3)), max_size=6
)


def _edits_of(text: str, pieces: list[tuple[int, int, str]], cause: str) -> list[Edit]:
    """Non-overlapping edits that skip and replace as many code points as the pieces say."""
    edits: list[Edit] = []
    at = 0
    for skipped, length, after in pieces:
        start = at + skipped
        at = start + max(length, 1)
        if at <= len(text):
            edits.append(Edit(start, at, text[start:at], after, cause))
    return edits


@given(st.text("xyz", max_size=16), _edit_pieces, _edit_pieces)
def test_composed_edits_do_what_both_lists_do(
    source: str, first_pieces: list[tuple[int, int, str]], second_pieces: list[tuple[int, int, str]]
) -> None:
    first = _edits_of(source, first_pieces, "stage/one")
    middle = apply_edits(source, first)
    second = _edits_of(middle, second_pieces, "stage/two")
    composed = compose_edits(source, first, second)
    assert apply_edits(source, composed) == apply_edits(middle, second)


def test_edits_that_undo_each_other_vanish() -> None:
    there, back = [Edit(1, 2, "y", "zz", "stage/one")], [Edit(1, 3, "zz", "y", "stage/two")]
    assert compose_edits("xyx", there, back) == ()


@pytest.mark.skipif(not _SEEDS, reason="no shared seeds beside this checkout")
@pytest.mark.parametrize("path", _SEEDS, ids=lambda path: path.name)
def test_clean_documents_lose_only_white_space(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    result = normalise_and_explain(text, DEFAULTS.normalise)
    assert result.text.split() == text.split()
    # Nothing but blanks at line ends and superfluous blank lines: no edit inside a line.
    for edit in result.edits:
        assert edit.before.isspace()
        at_line_start = edit.start == 0 or result.source[edit.start - 1] == "\n"
        at_line_end = result.source[edit.end : edit.end + 1] in ("", "\n")
        assert at_line_start or at_line_end or edit.after == " "
