"""Letters come apart and together, and the skeleton keeps everything else."""

import unicodedata

import pytest
from hypothesis import given

from tests.strategies import any_text, letters
from vnrepair.language.letters import (
    CONSONANTS,
    VIETNAMESE_LETTERS,
    VOWELS,
    Letter,
    Quality,
    Tone,
    compose_letter,
    has_mark,
    is_vietnamese_letter,
    skeleton,
    split_letter,
    strip_tones,
)


def test_the_alphabet_has_29_letters_and_its_vowels_six_tones() -> None:
    assert len(VOWELS) + len(CONSONANTS) == 29
    # 12 vowels in 6 tones and 17 consonants, in both cases.
    assert len(VIETNAMESE_LETTERS) == (12 * 6 + 17) * 2
    alphabet = VOWELS + CONSONANTS
    assert set(alphabet + alphabet.upper()) <= VIETNAMESE_LETTERS


@pytest.mark.parametrize("character", sorted(VIETNAMESE_LETTERS))
def test_every_letter_composes_back_from_its_parts(character: str) -> None:
    letter = split_letter(character)
    assert letter is not None
    assert compose_letter(letter) == character
    assert letter.is_upper == character.isupper()
    assert split_letter(unicodedata.normalize("NFD", character)) == letter
    assert len(character) == 1


@pytest.mark.parametrize(
    ("character", "letter"),
    [
        ("ệ", Letter("e", Quality.CIRCUMFLEX, Tone.DOT)),
        ("Ữ", Letter("U", Quality.HORN, Tone.TILDE)),
        ("ẳ", Letter("a", Quality.BREVE, Tone.HOOK)),
        ("Đ", Letter("D", Quality.STROKE)),
        ("ỳ", Letter("y", tone=Tone.GRAVE)),
        ("ó", Letter("o", tone=Tone.ACUTE)),
        ("k", Letter("k")),
    ],
)
def test_known_letters_have_the_parts_that_a_reader_sees(character: str, letter: Letter) -> None:
    assert split_letter(character) == letter


@pytest.mark.parametrize("text", ["", "f", "J", "w", "z", "ñ", "ü", "ç", "Ð", "é̄", "ab", "1", " "])
def test_what_is_no_letter_of_the_alphabet_does_not_split(text: str) -> None:
    assert split_letter(text) is None
    assert not is_vietnamese_letter(text)


@pytest.mark.parametrize(
    "letter",
    [
        Letter("b", tone=Tone.ACUTE),
        Letter("i", Quality.HORN),
        Letter("d", Quality.STROKE, Tone.DOT),
        Letter("f"),
        Letter("ê"),
    ],
)
def test_letters_that_the_alphabet_lacks_are_refused(letter: Letter) -> None:
    with pytest.raises(ValueError, match="no letter of the Vietnamese alphabet"):
        compose_letter(letter)


@given(any_text)
def test_the_skeleton_of_a_skeleton_is_itself(text: str) -> None:
    assert skeleton(skeleton(text)) == skeleton(text)


@given(any_text)
def test_normal_forms_give_one_skeleton_and_nfc_keeps_its_length(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    for strip in (skeleton, strip_tones):
        assert strip(composed) == strip(unicodedata.normalize("NFD", text))
        assert len(strip(composed)) == len(composed)
        assert unicodedata.is_normalized("NFC", strip(text))


@given(any_text)
def test_the_skeleton_keeps_whatever_is_not_vietnamese(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    for before, after in zip(composed, skeleton(composed), strict=True):
        letter = split_letter(before)
        assert after == before or (letter is not None and after == letter.base)


@given(letters)
def test_without_tone_a_letter_keeps_its_quality(character: str) -> None:
    before, after = split_letter(character), split_letter(strip_tones(character))
    assert before is not None
    assert after == Letter(before.base, before.quality)


def test_known_texts_lose_their_marks() -> None:
    assert (
        skeleton("ĐƯỜNG Nguyễn Tri Phương, Dürer, 50 €") == "DUONG Nguyen Tri Phuong, Dürer, 50 €"
    )
    assert strip_tones("Đường Nguyễn Tri Phương") == "Đương Nguyên Tri Phương"


def test_a_mark_foreign_to_vietnamese_protects_its_letter() -> None:
    # Stripped to e, the letter would join the macron behind it and become another letter.
    assert skeleton("tê\u0304n thường") == "tê\u0304n thuong"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("quy che", False),
        ("quy chế", True),
        ("Đ", True),
        ("e\u0323", True),
        ("ñ", False),
    ],
)
def test_a_text_has_a_mark_when_a_vietnamese_letter_has(text: str, expected: bool) -> None:
    assert has_mark(text) is expected
