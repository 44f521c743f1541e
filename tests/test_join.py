"""Joining two readings: where they agree nothing changes, where they differ the better one wins."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.records import Box, Hypothesis, Word
from vnrepair.restore.fluency import Fluency
from vnrepair.restore.lexicon import find_dictionaries
from vnrepair.restore.models import load_models
from vnrepair.scan.join import Judge, join_lines, join_readings

HEIGHT_PX, CHAR_PX, BLANK_PX, STEP_PX = 20, 11, 9, 40


def line(text: str, confidence: float = 0.9, *, number: int = 0, left: int = 100) -> list[Word]:
    """A printed line: words side by side, `word|0.3` for one with a confidence of its own."""
    words: list[Word] = []
    for piece in text.split():
        word, _, own = piece.partition("|")
        width = CHAR_PX * len(word)
        top = 100 + STEP_PX * number
        box = Box(left, top, left + width, top + HEIGHT_PX)
        words.append(Word(word, box, float(own or confidence), block=0, line=number))
        left += width + BLANK_PX
    return words


def text_of(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def indifferent(texts: Sequence[str]) -> list[float]:
    """A judge to whom all wordings are alike."""
    return [0.0] * len(texts)


@pytest.fixture(scope="module")
def judge() -> Judge:
    models = load_models(find_dictionaries())
    return Fluency(models.lexicon, models.language_model).weigh


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(
            "đơn vị thực hiện một số việc cau:|0.75",
            "đơn vị thực hiện một số việc sau:",
            "đơn vị thực hiện một số việc sau:",
            id="a wrong word",
        ),
        pytest.param(
            "đơn vị thực hiện một số việc sau:",
            "đơn vị thực hiện một số việc cau:|0.75",
            "đơn vị thực hiện một số việc sau:",
            id="a right word",
        ),
        pytest.param(
            "tháng 11|0.6 năm 2017", "tháng 12|0.6 năm 2017", "tháng 11 năm 2017", id="other digits"
        ),
        pytest.param(
            "tháng 1]|0.5 năm 2017", "tháng 11|0.96 năm 2017", "tháng 11 năm 2017", id="no digits"
        ),
        pytest.param("", "Ủy ban nhân dân", "", id="nothing read first"),
        pytest.param("Ủy ban nhân dân", "", "Ủy ban nhân dân", id="nothing read then"),
    ],
)
def test_the_likelier_reading_stands(first: str, second: str, expected: str, judge: Judge) -> None:
    assert text_of(join_readings(line(first), line(second), judge)) == expected


def test_a_speck_that_only_one_reading_saw_goes(judge: Judge) -> None:
    first = [*line("Lưu: VT, KSBT."), *line("`|0.2", left=320)]
    joined = join_readings(first, line("Lưu: VT, KSBT."), judge)
    assert text_of(joined) == "Lưu: VT, KSBT."


def test_a_sure_word_that_only_one_reading_saw_stays(judge: Judge) -> None:
    first = line("Ủy ban nhân dân các xã, thị trấn")
    second = [word for word in first if word.text != "thị"]
    assert text_of(join_readings(first, second, judge)) == text_of(first)


def test_words_that_were_torn_apart_are_taken_whole(judge: Judge) -> None:
    whole = line("theo phương thức đối tác")
    torn = [
        whole[0],
        *line("ÐP|0.1 H2H|0.1", left=whole[1].box.left),
        *whole[2:],
    ]
    assert text_of(join_readings(torn, whole, judge)) == text_of(whole)


def test_what_another_reading_made_of_a_word_is_kept_beside_it(judge: Judge) -> None:
    joined = join_readings(line("một số việc cau:|0.75"), line("một số việc sau:"), judge)
    assert joined[-1].others == (Hypothesis("cau:", 0.75),)
    assert joined[0].others == ()


def test_agreement_makes_a_word_as_sure_as_the_surer_reading() -> None:
    joined = join_readings(line("Ủy|0.5"), line("Ủy|0.9"), indifferent)
    assert [word.confidence for word in joined] == [0.9]


def test_lines_stay_apart_however_near_they_stand(judge: Judge) -> None:
    upper, lower = line("Nơi nhận:", number=0), line("Phòng Nội vụ;", number=1)
    joined = join_readings([*upper, *lower], [*lower, *upper], judge)
    assert [(word.text, word.line) for word in joined] == [
        (word.text, word.line) for word in (*upper, *lower)
    ]


def test_a_box_over_several_lines_takes_no_words_of_theirs(judge: Judge) -> None:
    lines = [word for number in range(4) for word in line("Phòng Nội vụ", number=number)]
    tall = Word("R", Box(40, 90, 60, 300), 0.3, block=0, line=9)
    joined = join_readings([*lines, tall], lines, judge)
    assert [word.line for word in joined if word.text != "R"] == [word.line for word in lines]


words = st.lists(
    st.builds(
        lambda text, left, row, width, confidence: Word(
            text, Box(left, 40 * row, left + width, 40 * row + 20), confidence, 0, row
        ),
        st.text("abcđê.,-1", min_size=1, max_size=6),
        st.integers(0, 600),
        st.integers(0, 4),
        st.integers(1, 120),
        st.floats(0, 1),
    ),
    max_size=12,
).map(lambda found: sorted(found, key=lambda word: (word.line, word.box.left)))


@given(words)
def test_a_reading_joined_with_itself_is_itself(reading: list[Word]) -> None:
    joined = join_readings(reading, reading, indifferent)
    assert sorted(text_of([word]) for word in joined) == sorted(word.text for word in reading)


@given(words, words)
def test_every_word_comes_from_one_of_the_readings_and_a_line_of_the_first(
    first: list[Word], second: list[Word]
) -> None:
    joined = join_readings(first, second, indifferent)
    known = {(word.text, word.box) for word in (*first, *second)}
    assert {(word.text, word.box) for word in joined} <= known
    assert {word.line for word in joined} <= {word.line for word in first}


@given(words)
def test_a_second_reading_that_found_nothing_takes_no_sure_word(first: list[Word]) -> None:
    joined = join_readings(first, [], indifferent)
    sure = [word for word in first if (word.confidence or 0) > 0.6 and word.text.isalnum()]
    assert set(sure) <= set(joined)


@pytest.mark.parametrize("text", ["n" * 80, "ñ" + "n" * 40, "oo" * 10])
def test_a_row_of_boxes_is_no_word(text: str, judge: Judge) -> None:
    boxes = join_lines([((), line(text, confidence=0.6))], judge)
    assert boxes == [()]


def test_an_amount_of_money_that_only_one_reading_saw_stays(judge: Judge) -> None:
    amount = line("1.000.000.000", confidence=0.9)
    assert text_of(join_lines([((), amount)], judge)[0]) == "1.000.000.000"
