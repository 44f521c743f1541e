"""Tone marks move between the old and the new style, and nothing else moves."""

import unicodedata

import pytest
from hypothesis import given

from tests.strategies import any_text, syllables, written_syllables
from vnrepair.language.letters import skeleton
from vnrepair.language.syllables import Syllable, ToneStyle, compose_syllable
from vnrepair.language.tones import fold_tone_style, place_tone, restyle_tones

_OLD, _NEW = ToneStyle.OLD, ToneStyle.NEW


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hòa", "hoà"),
        ("Tỏa", "Toả"),
        ("HÓA", "HOÁ"),
        ("khỏe", "khoẻ"),
        ("xòe", "xoè"),
        ("thủy", "thuỷ"),
        ("Ủy", "Uỷ"),
        ("lũy", "luỹ"),
        ("ngụy", "nguỵ"),
        ("òa", "oà"),
    ],
)
def test_open_glides_differ_between_the_styles(old: str, new: str) -> None:
    assert place_tone(old, _NEW) == place_tone(new, _NEW) == new
    assert place_tone(old, _OLD) == place_tone(new, _OLD) == old


@pytest.mark.parametrize(
    "text",
    # Closed rimes, quality marks, qu, gi, three vowels, other pairs of vowels, no mark at all.
    [
        "hoàn",
        "thoáng",
        "khoét",
        "quỳnh",
        "huýt",
        "thuyền",
        "thuế",
        "thuở",
        "quý",
        "quà",
        "quẻ",
        "già",
        "giỏi",
        "gìn",
        "của",
        "mía",
        "lửa",
        "ngoài",
        "ngoáy",
        "khuỷu",
        "hoa",
        "khoe",
        "huy",
    ],
)
def test_other_syllables_are_the_same_in_both_styles(text: str) -> None:
    assert place_tone(text, _OLD) == place_tone(text, _NEW) == text


@pytest.mark.parametrize(
    "text",
    ["", "hoà2", "x_hoà", "Zoà", "hòan", "qúy", "làoà", "boà\u0304", "foè", "Хoà", "coà"],
)
def test_what_is_no_syllable_is_never_touched(text: str) -> None:
    assert restyle_tones(text, _OLD) == text
    assert place_tone(text, _OLD) == text


def test_a_running_text_keeps_all_but_the_places_of_the_marks() -> None:
    mixed = "Toà án HUỶ bản án, hoà giải ở Thủy Nguyên; Quý khách (khoẻ) đọc: thoả-thuận."
    assert restyle_tones(mixed, _OLD) == (
        "Tòa án HỦY bản án, hòa giải ở Thủy Nguyên; Quý khách (khỏe) đọc: thỏa-thuận."
    )
    assert restyle_tones(mixed, _NEW) == (
        "Toà án HUỶ bản án, hoà giải ở Thuỷ Nguyên; Quý khách (khoẻ) đọc: thoả-thuận."
    )


def test_folding_makes_both_spellings_equal_in_the_old_style() -> None:
    assert fold_tone_style("hoà") == fold_tone_style("hòa") == "hòa"


@given(syllables)
def test_old_to_new_to_old_is_where_it_began(syllable: Syllable) -> None:
    old, new = compose_syllable(syllable, _OLD), compose_syllable(syllable, _NEW)
    assert place_tone(old, _NEW) == new
    assert place_tone(new, _OLD) == old
    assert restyle_tones(restyle_tones(old, _NEW), _OLD) == old


@given(any_text)
def test_restyling_a_text_back_and_forth_ends_where_it_began(text: str) -> None:
    for there, back in ((_NEW, _OLD), (_OLD, _NEW)):
        settled = restyle_tones(text, back)
        assert restyle_tones(settled, back) == settled
        assert restyle_tones(restyle_tones(settled, there), back) == settled


@given(any_text)
def test_restyling_never_changes_the_skeleton_nor_the_case(text: str) -> None:
    for style in ToneStyle:
        restyled = restyle_tones(text, style)
        assert skeleton(restyled) == skeleton(text)
        assert unicodedata.is_normalized("NFC", restyled)
        assert restyled == restyle_tones(unicodedata.normalize("NFD", text), style)


@given(written_syllables)
def test_a_syllable_alone_and_in_a_text_is_placed_alike(text: str) -> None:
    for style in ToneStyle:
        placed = place_tone(text, style)
        assert restyle_tones(f"({text}, {text})", style) == f"({placed}, {placed})"
