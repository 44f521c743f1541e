"""The syllable tables hold what Vietnamese has, and refuse what it has not."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tests.strategies import any_text, syllables, written_syllables
from vnrepair.language.letters import Tone
from vnrepair.language.syllables import (
    ONSETS,
    RIMES,
    Syllable,
    ToneStyle,
    compose_syllable,
    is_valid_syllable,
    split_syllable,
)

_CASES: dict[str, Any] = json.loads(
    (Path(__file__).parent / "cases" / "syllables.json").read_text(encoding="utf-8")
)


def test_every_combination_that_is_valid_composes_and_splits_back() -> None:
    combinations = [Syllable(o, r, tone) for o in ONSETS for r in RIMES for tone in Tone]
    valid = [syllable for syllable in combinations if syllable.is_valid]
    for style in ToneStyle:
        written = [compose_syllable(syllable, style) for syllable in valid]
        assert [split_syllable(text) for text in written] == valid
        assert len(set(written)) == len(written)


def test_every_rime_has_a_word_and_every_word_its_rime() -> None:
    words: dict[str, str] = _CASES["rimes"]
    assert sorted(words) == sorted(RIMES)
    for rime, word in words.items():
        syllable = split_syllable(word)
        assert syllable is not None, word
        assert syllable.rime == rime


@pytest.mark.parametrize("case", _CASES["splits"], ids=lambda case: case["text"])
def test_known_syllables_have_their_parts(case: dict[str, str]) -> None:
    expected = Syllable(case["onset"], case["rime"], Tone[case["tone"]])
    assert split_syllable(case["text"]) == expected


@pytest.mark.parametrize("text", _CASES["valid"])
def test_words_of_the_dictionary_are_valid(text: str) -> None:
    assert is_valid_syllable(text)
    assert is_valid_syllable(text.upper())
    assert is_valid_syllable(unicodedata.normalize("NFD", text.capitalize()))


@pytest.mark.parametrize("case", _CASES["invalid"], ids=lambda case: case["text"] or "empty")
def test_what_vietnamese_lacks_is_refused(case: dict[str, str]) -> None:
    assert split_syllable(case["text"]) is None, case["reason"]


@given(written_syllables)
def test_normal_forms_split_alike(text: str) -> None:
    assert split_syllable(unicodedata.normalize("NFD", text)) == split_syllable(text) is not None


@given(any_text)
def test_whatever_splits_is_valid_and_composes_to_the_text_in_one_of_the_styles(text: str) -> None:
    syllable = split_syllable(text)
    if syllable is not None:
        assert syllable.is_valid
        styles = {compose_syllable(syllable, style) for style in ToneStyle}
        assert unicodedata.normalize("NFC", text).lower() in styles


@given(syllables)
def test_stop_codas_carry_only_the_acute_and_the_dot(syllable: Syllable) -> None:
    if syllable.rime.endswith(("c", "ch", "p", "t")):
        assert syllable.tone in (Tone.ACUTE, Tone.DOT)


def test_a_syllable_that_vietnamese_lacks_is_not_written() -> None:
    with pytest.raises(ValueError, match="no such syllable"):
        compose_syllable(Syllable("k", "a", Tone.ACUTE))
