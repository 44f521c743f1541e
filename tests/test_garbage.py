"""What was read out of pen strokes and dust is dropped; what may be a word is kept."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.records import Box, Word
from vnrepair.scan.garbage import drop_garbage

BLANK = np.full((900, 1200), 255, dtype=np.uint8)
SENTENCE = "Sáng nay tổ dân phố họp bàn việc trồng cây xanh dọc bờ kênh"
TEXT = SENTENCE.split()


def word(
    text: str, confidence: float | None, line: int, *, left: int = 100, high: int = 30
) -> Word:
    top = 40 * line
    box = Box(left, top, left + 18 * len(text), top + high)
    return Word(text, box, confidence, 0, line)


def good_lines(n: int = 3, confidence: float = 0.95) -> list[Word]:
    return [
        word(text, confidence, line, left=100 + 80 * place)
        for line in range(n)
        for place, text in enumerate(TEXT)
    ]


def dropped(suspects: Sequence[Word], image: np.ndarray = BLANK) -> list[str]:
    return [item.text for item in drop_garbage([*good_lines(), *suspects], image)[1]]


def stroke(text: str, width: int) -> Word:
    return Word(text, Box(600, 200, 600 + width, 230), 0.97, 0, 5)


GARBAGE = {
    "the border of a cell, read without doubt": [stroke("|", 4)],
    "two borders": [stroke("||", 10)],
    "nonsense alone on its line": [word("Jl#", 0.1, 5)],
    "a symbol far from its line": [word("xanh", 0.95, 5), word("—", 0.2, 5, left=600)],
    "letters one pixel high": [word("Niei:", 0.0, 5, high=1)],
    "a line of handwriting": [
        word(text, 0.15, 5, left=100 + 90 * place)
        for place, text in enumerate(("4u", "(ậ.", "q4,", "t‡..", "là"))
    ],
}


@pytest.mark.parametrize("suspects", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_dropped(suspects: list[Word]) -> None:
    garbage = [item.text for item in suspects if item.confidence != 0.95]
    assert dropped(suspects) == garbage


KEPT = {
    "a confident symbol": [word("—", 0.9, 5)],
    "a confident abbreviation": [word("QLĐT", 0.85, 5)],
    "a syllable, however doubted": [word("nhận", 0.0, 5)],
    "a number, however doubted": [word("12/5", 0.05, 5)],
    "a misread word within its line": [
        word("xanh", 0.95, 5),
        word("d0?c", 0.1, 5, left=190),
        word("kênh", 0.95, 5, left=280),
    ],
    "a misread word at the end of its line": [
        word("xanh", 0.95, 5),
        word("kêmh./", 0.1, 5, left=190),
    ],
    "a doubted line that is spelt rightly": [
        word(text, 0.2, 5, left=100 + 90 * place) for place, text in enumerate(TEXT[:6])
    ],
    "two lines read as one": [word("b2Ea", 0.0, 5, high=70)],
    "a dash as flat as dashes are": [word("-", 0.7, 5, high=3)],
    "a word of a text layer": [word("%%%", None, 5)],
}


@pytest.mark.parametrize("suspects", KEPT.values(), ids=KEPT.keys())
def test_what_may_be_print_is_kept(suspects: list[Word]) -> None:
    assert dropped(suspects) == []


def test_nonsense_on_a_pen_stroke_is_dropped() -> None:
    page = BLANK.copy()
    for place in range(80):
        cv2.rectangle(page, (20 + 14 * place, 20), (28 + 14 * place, 40), 0, 2)  # letters
    t = np.linspace(0, 1, 300)
    stroke = np.stack([300 + 400 * t, 400 + 80 * np.sin(25 * t)], axis=1).astype(np.int32)
    cv2.polylines(page, [stroke], False, 0, 4)
    suspects = [word("Xk;", 0.1, 10, left=400), word("w/N", 0.2, 10, left=500)]
    assert dropped(suspects) == []
    assert dropped(suspects, page) == ["Xk;", "w/N"]


def test_a_page_that_is_read_badly_keeps_everything() -> None:
    words = [*good_lines(confidence=0.7), word("Jl#", 0.1, 5)]
    assert drop_garbage(words, BLANK) == (tuple(words), ())


def test_a_page_of_few_words_keeps_everything() -> None:
    words = [word("Jl#", 0.1, 0), word("xanh", 0.95, 1)]
    assert drop_garbage(words, BLANK) == (tuple(words), ())
    assert drop_garbage([], BLANK) == ((), ())


@given(
    st.lists(
        st.tuples(
            st.text("aăđố4—#.,", min_size=1, max_size=6),
            st.none() | st.floats(0, 1),
            st.integers(4, 7),
            st.integers(0, 1100),
            st.integers(0, 90),
        ),
        max_size=12,
    )
)
def test_words_are_divided_in_order_and_sure_ones_always_kept(
    suspects: list[tuple[str, float | None, int, int, int]],
) -> None:
    words = good_lines() + [
        word(text, confidence, line, left=left, high=high)
        for text, confidence, line, left, high in sorted(suspects, key=lambda item: item[2:])
    ]
    kept, gone = drop_garbage(words, BLANK)
    rest = iter(words)
    assert all(any(item is other for other in rest) for item in kept)
    assert len(kept) + len(gone) == len(words)
    assert all(item.confidence is not None and item.confidence < 0.6 for item in gone)
