"""Scores: known values by hand as fractions, laws by Hypothesis, and how they are shown."""

import json
import math
import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.oracles import full_matrix_cost
from vnrepair.config import ScoreConfig
from vnrepair.evaluate.report import format_rate, score_table, score_to_dict
from vnrepair.evaluate.score import Rate, Score, score
from vnrepair.language.letters import VIETNAMESE_LETTERS, has_mark, skeleton

LETTERS = "".join(sorted(VIETNAMESE_LETTERS))
TEXTS = st.text(alphabet=st.sampled_from(LETTERS + " \n.,0123456789ü"), max_size=30)
ANY_TEXT = st.text(max_size=20)


def test_one_lost_dot_below_counts_once_everywhere() -> None:
    # "Kế hoạch": 8 graphemes with the blank, 2 syllables, marks can stand on ế, o and ạ.
    result = score("Kế hoạch", "Kế hoach")
    assert result == Score(cer=Rate(1, 8), wer=Rate(1, 2), der=Rate(1, 3), digits=Rate(0, 0))


def test_a_wrong_base_letter_is_no_diacritic_error() -> None:
    # "mà" against "mò": the bases a and o differ. One grapheme of 2, one letter that takes marks.
    result = score("mà", "mò")
    assert (result.cer, result.der) == (Rate(1, 2), Rate(0, 1))


def test_a_wrong_case_is_a_character_error_and_no_diacritic_error() -> None:
    # "Đà" against "đà": one wrong grapheme of 2; both letters can carry marks, and both are right.
    assert score("Đà", "đà") == Score(Rate(1, 2), Rate(1, 1), Rate(0, 2))


def test_the_stroke_of_d_and_foreign_marks_are_marks() -> None:
    # đ → d and ư → ü each keep the base letter; n takes no marks, so ñ for n is no DER error.
    assert score("đư", "dü").der == Rate(2, 2)
    assert score("n", "ñ").der == Rate(0, 0)


def test_an_insertion_does_not_shift_the_marks() -> None:
    # "lá" gains a letter in front: the pairs stay l-l and á-á.
    result = score("lá", "xlá")
    assert (result.cer, result.der) == (Rate(1, 2), Rate(0, 1))


def test_digits_that_move_between_numbers_are_errors() -> None:
    # Numbers 12 and 3 against 1 and 23: the same digits in the same order, both numbers wrong.
    assert score("từ 12 đến 3", "từ 1 đến 23").digits == Rate(2, 2)


def test_a_letter_read_for_a_digit_is_a_number_error() -> None:
    # 2024 → 2O24: one number of the two becomes two others, one substituted and one inserted.
    assert score("8 năm 2024", "8 năm 2O24").digits == Rate(2, 2)


def test_inserted_text_can_push_a_rate_over_one() -> None:
    # 3 graphemes too many against 1.
    assert score("a", "abcd").cer.rate == 3.0


def test_nothing_against_nothing_is_right_and_something_against_nothing_infinitely_wrong() -> None:
    assert score("", "").cer.rate == 0.0
    assert score("", "a").cer == Rate(1, 0)
    assert score("", "a").cer.rate == math.inf


def test_line_ends_count_only_where_spacing_is_not_folded() -> None:
    reference, hypothesis = "Điều 1.\nPhạm vi\n", "Điều 1. Phạm  vi"
    assert score(reference, hypothesis).cer == Rate(0, 15)
    # Not folded: 16 graphemes; the first \n is a blank, one blank is added, the last \n is lost.
    assert score(reference, hypothesis, ScoreConfig(fold_spacing=False)).cer == Rate(3, 16)


def test_tone_style_counts_unless_folded() -> None:
    # "hoà" and "hòa" differ in two of three letters, in marks alone.
    assert score("hoà", "hòa") == Score(Rate(2, 3), Rate(1, 1), Rate(2, 2))
    assert score("hoà", "hòa", ScoreConfig(fold_tone_style=True)).cer == Rate(0, 3)


def test_scores_add_up_to_micro_averages() -> None:
    # 1 of 4 letters and 0 of 2: 1 of 6, where the mean of the rates would be 1/8.
    total = sum((score("abcd", "abcx"), score("ab", "ab")), start=Score())
    assert total.cer.rate == 1 / 6


@given(ANY_TEXT)
def test_a_text_against_itself_has_no_errors(text: str) -> None:
    result = score(text, text)
    assert [rate.errors for rate in (result.cer, result.wer, result.der, result.digits)] == [0] * 4


@given(TEXTS, TEXTS)
def test_composed_and_decomposed_text_score_alike(reference: str, hypothesis: str) -> None:
    decomposed = [unicodedata.normalize("NFD", text) for text in (reference, hypothesis)]
    assert score(decomposed[0], decomposed[1]) == score(reference, hypothesis)


@given(ANY_TEXT, ANY_TEXT)
def test_character_errors_are_the_full_matrix_distance_of_graphemes(left: str, right: str) -> None:
    folded = (" ".join(unicodedata.normalize("NFC", text).split()) for text in (left, right))
    sides = [regex.findall(r"\X", text) for text in folded]
    assert score(left, right).cer == Rate(int(full_matrix_cost(*sides)), len(sides[0]))


@given(st.text(alphabet=st.sampled_from(LETTERS + " "), max_size=60))
def test_text_without_its_marks_has_one_error_of_each_kind_per_marked_letter(text: str) -> None:
    result = score(text, skeleton(text))
    marked = sum(has_mark(letter) for letter in text)
    assert result.cer.errors == result.der.errors == marked


@given(TEXTS, TEXTS)
def test_lengths_depend_on_the_ground_truth_alone(reference: str, hypothesis: str) -> None:
    one, other = score(reference, hypothesis), score(reference, "")
    for name in ("cer", "wer", "der", "digits"):
        assert getattr(one, name).length == getattr(other, name).length


def test_a_long_document_is_scored_exactly() -> None:
    # 8,000 lines of 15 graphemes; one mark is lost on every tenth line.
    line = "Số 12: hợp đồng"
    lines = [line] * 8_000
    wrong = [line.replace("ồ", "ô") if index % 10 == 0 else line for index in range(8_000)]
    result = score("\n".join(lines), "\n".join(wrong))
    assert (result.cer, result.der.errors) == (Rate(800, 16 * 8_000 - 1), 800)


@pytest.mark.parametrize(
    ("rate", "shown"),
    [(Rate(1, 8), "12.50 %"), (Rate(0, 0), "0.00 %"), (Rate(3, 1), "300.00 %"), (Rate(1, 0), "-")],
)
def test_a_rate_is_shown_in_per_cent(rate: Rate, shown: str) -> None:
    assert format_rate(rate) == shown


def test_the_table_shows_errors_beside_every_rate() -> None:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(score_table(score("Kế hoạch", "Kế hoach")))
    rows = {line.split()[0]: line.split()[1:5] for line in capture.get().splitlines()[1:]}
    assert rows["CER"] == ["12.50", "%", "1", "8"]
    assert rows["DER"] == ["33.33", "%", "1", "3"]


def test_json_holds_no_infinity() -> None:
    plain = score_to_dict(score("", "a"))
    assert plain["cer"] == {"errors": 1, "length": 0, "rate": None}
    json.dumps(plain, allow_nan=False)
