"""Folds and streaks through the text go; rules, tables and lines to write on stay."""

import functools
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.printed import BODY, print_lines
from vnrepair.config import ScanConfig
from vnrepair.scan.crossings import remove_crossing_lines
from vnrepair.scan.ocr import recognise
from vnrepair.scan.page import SourcePage
from vnrepair.scan.preprocess import preprocess


@functools.cache
def page() -> np.ndarray:
    return print_lines((*BODY, "", *BODY))


def with_line(
    start: tuple[float, float], end: tuple[float, float], width_px: int = 5, grey: int = 70
) -> np.ndarray:
    """The page under a line; its ends as shares of width and height."""
    height, width = page().shape
    ends = [(round(x * width), round(y * height)) for x, y in (start, end)]
    drawn = cv2.line(page().copy(), ends[0], ends[1], grey, width_px, cv2.LINE_AA)
    result: np.ndarray = np.minimum(drawn, page()).astype(np.uint8)
    return result


LINES: dict[str, Callable[[], np.ndarray]] = {
    "an upright fold": lambda: with_line((0.5, 0), (0.5, 1)),
    "one that leans": lambda: with_line((0.5, 0), (0.52, 1)),
    "a level fold": lambda: with_line((0, 0.231), (1, 0.235)),
    "a thin streak": lambda: with_line((0.31, 0), (0.31, 1), width_px=2),
}


@pytest.mark.parametrize("make", LINES.values(), ids=LINES.keys())
def test_a_line_through_the_text_goes_and_the_letters_stay(make: Callable[[], np.ndarray]) -> None:
    before = make()
    after = remove_crossing_lines(before)
    assert after is not None
    added = (before < 128) & (page() > 200)
    assert (after[added] < 128).mean() < 0.2
    assert (after[page() < 100] > 128).mean() < 0.015


def test_a_folded_page_is_read_line_by_line_again() -> None:
    folded = with_line((0.5, 0.02), (0.51, 0.98), width_px=7)
    config = ScanConfig(steps=("rules",))
    result = preprocess(SourcePage(1, folded, 200.0, False), config)
    assert result.steps == ("rules",)
    words = [word.text for word in recognise(result.image, "vie")]
    right = " ".join((*BODY, *BODY)).split()
    assert sum(word in right for word in words) > 0.9 * len(right)
    assert words[:2] == ["Sáng", "nay,"]


def table() -> np.ndarray:
    """Rules between columns and rows, text in the cells."""
    lined = print_lines([line[:20] for line in (*BODY, *BODY)])
    width = lined.shape[1]
    row = 1.5 * 13 * 200 / 72
    for left in (0.1, 0.45, 0.9):
        lined[:, round(left * width) : round(left * width) + 4] = 0
    for number in range(1, 17):
        top = round(number * row) + 45  # below the descenders, above the next line's marks
        lined[top : top + 2, round(0.1 * width) : round(0.9 * width)] = 0
    return lined


LEFT_ALONE: dict[str, Callable[[], np.ndarray]] = {
    "no line": page,
    "a line to write on": lambda: with_line((0.2, 0.231), (0.7, 0.231)),
    "the edge of the sheet": lambda: with_line((0.004, 0), (0.004, 1)),
    "a gap between columns": lambda: with_line((0.96, 0), (0.96, 1)),
    "a bar": lambda: with_line((0.5, 0), (0.5, 1), width_px=40),
    "a table": table,
    "blank": lambda: np.full((300, 200), 255, dtype=np.uint8),
    "a pixel": lambda: np.zeros((1, 1), dtype=np.uint8),
}


@pytest.mark.parametrize("make", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_other_lines_stay(make: Callable[[], np.ndarray]) -> None:
    assert remove_crossing_lines(make()) is None
