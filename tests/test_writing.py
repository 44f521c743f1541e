"""What a pen wrote in colour on a page of black print is told by colour and doubt together."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from tests.printed import print_lines
from vnrepair.records import Box, Word
from vnrepair.scan.page import PageImage
from vnrepair.scan.writing import erase_writing, find_writing

BLUE, BLACK = (150, 52, 30), (20, 20, 20)
N_PRINTED, N_WRITTEN = 24, 6
Placed = tuple[np.ndarray, list[Word]]


def _page(ink: tuple[int, int, int], confidence: float, text: str = "4u.") -> Placed:
    """Rows of printed words, and below them words that a pen wrote."""
    page = cv2.cvtColor(print_lines(["họp bàn việc"] * 8), cv2.COLOR_GRAY2BGR)
    words = [
        Word(
            "bàn",
            Box(100 + 60 * place, 40 + 54 * row, 150 + 60 * place, 80 + 54 * row),
            0.95,
            0,
            row,
        )
        for row in range(N_PRINTED // 3)
        for place in range(3)
    ]
    for place in range(N_WRITTEN):
        left, top = 700 + 120 * place, 200
        points = [(left + 8 * step, top + 30 * (step % 2)) for step in range(10)]
        cv2.polylines(page, [np.array(points, dtype=np.int32)], False, ink, 4)
        words.append(Word(text, Box(left, top, left + 75, top + 32), confidence, 0, 20))
    return page, words


def _found(placed: Placed, source: np.ndarray | None = None) -> Sequence[str] | None:
    page, words = placed
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY).astype(np.uint8)
    writing = find_writing(page if source is None else source, PageImage(grey), words)
    return None if writing is None else [word.text for word in writing.words]


def test_doubted_words_in_coloured_ink_are_handwriting() -> None:
    assert _found(_page(BLUE, 0.2)) == ["4u."] * N_WRITTEN


def test_its_ink_goes_and_the_print_stays() -> None:
    page, words = _page(BLUE, 0.2)
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY).astype(np.uint8)
    writing = find_writing(page, PageImage(grey), words)
    assert writing is not None
    erased = erase_writing(grey, writing)
    assert erased[195:240, 690:].min() > 200
    assert np.array_equal(erased[:, :650], grey[:, :650])


@pytest.mark.parametrize(
    "placed",
    [_page(BLUE, 0.95), _page(BLACK, 0.2)],
    ids=["coloured print", "black words that were misread"],
)
def test_one_sign_alone_is_not_enough(placed: Placed) -> None:
    assert _found(placed) is None


def test_a_grey_source_tells_nothing() -> None:
    page, words = _page(BLUE, 0.2)
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY).astype(np.uint8)
    assert _found((page, words), source=grey) is None


def test_a_page_in_one_coloured_ink_is_left_alone() -> None:
    page, words = _page(BLUE, 0.2)
    assert _found((page, words[N_PRINTED:])) is None
