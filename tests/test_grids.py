"""Borders between the columns of tables go; level rules, letters and other lines stay."""

import cv2
import numpy as np
import pytest

from tests.printed import BODY, Run, print_lines, print_runs
from vnrepair.scan.grids import remove_grids

COLUMNS = (0.12, 0.2, 0.5, 0.7, 0.88)  # of the page's width
CELLS = ("7", "Mai Thị Sen", "Khoai tây", "1.080")
N_ROWS = 6
INK = 128


def cells() -> np.ndarray:
    """A page with the cells of a table and no rules."""
    rows = [
        Run(text, left + 0.01, 1.5 * row)
        for row in range(N_ROWS)
        for text, left in zip(CELLS, COLUMNS, strict=False)
    ]
    return print_runs(rows)


def ruled(page: np.ndarray, thickness: int, columns: tuple[float, ...] = COLUMNS) -> np.ndarray:
    """The page with rules around its rows and between its columns."""
    drawn = page.copy()
    pitch = 1.5 * 1.5 * 13 * 200 / 72
    edges_y = [round(45 + row * pitch) for row in range(N_ROWS + 1)]
    edges_x = [round(left * page.shape[1]) for left in columns]
    for y in edges_y:
        cv2.line(drawn, (edges_x[0], y), (edges_x[-1], y), 0, thickness)
    for x in edges_x:
        cv2.line(drawn, (x, edges_y[0]), (x, edges_y[-1]), 0, thickness)
    return drawn


@pytest.mark.parametrize("thickness", [1, 2, 5])
def test_borders_of_columns_go_and_the_rest_stays(thickness: int) -> None:
    page = cells()
    cleaned = remove_grids(ruled(page, thickness))
    assert cleaned is not None
    # All columns but those that hold a border are as the page without upright rules has them.
    level = ruled(page, thickness, (COLUMNS[0], COLUMNS[-1]))
    borders = [round(left * page.shape[1]) for left in COLUMNS]
    inside = np.ones(page.shape[1], dtype=bool)
    for x in borders:
        inside[x - thickness - 2 : x + thickness + 3] = False
    assert np.array_equal(cleaned[:, inside] < INK, level[:, inside] < INK)
    between_rows = (cells() < INK).any(axis=1) & ~(level[:, borders[1] + 20] < INK)
    assert not (cleaned[between_rows][:, borders] < INK).any()


def test_a_page_of_text_is_left_alone() -> None:
    assert remove_grids(print_lines(BODY)) is None


def test_a_frame_is_no_table() -> None:
    page = print_lines(BODY)
    cv2.rectangle(page, (100, 10), (page.shape[1] - 60, page.shape[0] - 10), 0, 3)
    assert remove_grids(page) is None


def test_rows_without_borders_are_left_alone() -> None:
    page = cells()
    for y in (60, 160, 260, 360):
        cv2.line(page, (150, y), (page.shape[1] - 150, y), 0, 2)
    assert remove_grids(page) is None


def test_a_blank_page_has_no_table() -> None:
    assert remove_grids(np.full((800, 600), 255, dtype=np.uint8)) is None
