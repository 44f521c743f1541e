"""What is around the sheet goes, holes go, and nothing that is printed does."""

import functools
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.printed import BODY, Run, lean, print_runs
from vnrepair.config import ScanConfig
from vnrepair.scan.border import find_border, find_holes
from vnrepair.scan.page import PageImage
from vnrepair.scan.preprocess import STEPS

CONFIG = ScanConfig()
MM = 200 / 25.4  # pixels, at 200 dpi


@functools.cache
def margin_page() -> np.ndarray:
    """An A4 page whose text begins 3 mm from its left edge and runs to the right one."""
    runs = [Run(f"{line} {BODY[0]}", 3 / 210, row) for row, line in enumerate(BODY * 3)]
    page = print_runs(runs)
    return np.pad(page, ((0, 2339 - page.shape[0]), (0, 0)), constant_values=255)


def cleaned(page: np.ndarray) -> np.ndarray:
    return STEPS["border"](PageImage(page), CONFIG).image


def edged(width_mm: float, *, level: int = 30) -> np.ndarray:
    page = margin_page().copy()
    width = round(width_mm * MM)
    page[:, page.shape[1] - round(3 * MM) :] = 255
    return np.asarray(
        cv2.copyMakeBorder(page, width, width, width, width, 0, value=level), np.uint8
    )


@pytest.mark.parametrize("width_mm", [0.6, 3, 15])
@pytest.mark.parametrize("level", [0, 60])
def test_a_black_edge_goes_and_text_three_millimetres_from_it_stays(
    width_mm: float, level: int
) -> None:
    page = edged(width_mm, level=level)
    result = cleaned(page)
    edge = round(width_mm * MM)
    inner = slice(edge + 6, -edge - 6)
    assert result[:, :edge].min() > 200
    assert result[-edge:].min() > 200
    assert np.array_equal(result[inner, inner], page[inner, inner])


def test_the_corners_of_a_crooked_sheet_on_black_go() -> None:
    sheet = np.pad(margin_page(), 200, constant_values=255)[100:-100, 100:-100]
    matrix = cv2.getRotationMatrix2D((sheet.shape[1] / 2, sheet.shape[0] / 2), 3, 1)
    page = np.asarray(cv2.warpAffine(sheet, matrix, sheet.shape[::-1], borderValue=20), np.uint8)
    result = cleaned(page)
    assert result[:20, :20].min() > 200
    assert result[-20:, -20:].min() > 200
    assert (result != page).mean() < 0.2


def test_the_page_beside_goes_with_the_gutter() -> None:
    page = np.pad(margin_page(), ((0, 0), (150, 0)), constant_values=255)
    page[:, :110] = margin_page()[:, 500:610]
    page[:, 110:145] = 25
    result = cleaned(page)
    assert result[:, :145].min() > 200
    assert np.array_equal(result[:, 155:], page[:, 155:])


def test_black_and_white_stays_black_and_white() -> None:
    page = np.where(edged(4, level=0) > 128, 255, 0).astype(np.uint8)
    result = STEPS["border"](PageImage(page, bilevel=True), CONFIG)
    assert result.image is not page
    assert result.bilevel
    assert set(np.unique(result.image)) == {0, 255}


def punched(page: np.ndarray, *, radius_mm: float = 3.0) -> np.ndarray:
    result = np.pad(page, ((0, 0), (200, 0)), constant_values=255)
    for row in (0.36, 0.64):
        centre = (round(12 * MM), round(row * page.shape[0]))
        cv2.circle(result, centre, round(radius_mm * MM), 40, -1)
    return result


def test_holes_go_and_the_text_beside_them_stays() -> None:
    page = punched(margin_page())
    result = cleaned(page)
    assert result[:, :200].min() > 200
    assert np.array_equal(result[:, 200:], page[:, 200:])


def frame(inset_mm: float, width_mm: float) -> np.ndarray:
    page = margin_page().copy()
    inset, width = round(inset_mm * MM), round(width_mm * MM)
    inner = page[inset + width : -inset - width, inset + width : -inset - width].copy()
    page[inset:-inset, inset:-inset] = 20
    page[inset + width : -inset - width, inset + width : -inset - width] = inner
    return page


def inverse_heading() -> np.ndarray:
    """A dark bar across the top of the page, out to its edges, with light letters."""
    page = margin_page().copy()
    page[:160] = 255 - margin_page()[20:180]
    return page


def table_at_the_margin() -> np.ndarray:
    page = margin_page().copy()
    for row in range(200, 2000, 150):
        page[row : row + 9, 10:-10] = 0
    page[200:2000, 10:20] = 0
    return page


def shaded() -> np.ndarray:
    across = np.linspace(0.25, 1.0, margin_page().shape[1]) ** 0.7
    return np.asarray(margin_page() * across, np.uint8)


def cut_letters() -> np.ndarray:
    """A page whose end cuts the letters of a line in two."""
    rows = np.flatnonzero((margin_page() < 128).any(axis=1))
    return np.ascontiguousarray(margin_page()[rows[0] + 12 :])


UNTOUCHED = {
    "text at the margin": margin_page,
    "thin frame": lambda: frame(5, 0.5),
    "thick frame": lambda: frame(4, 3),
    "inverse heading": inverse_heading,
    "table": table_at_the_margin,
    "shadow": shaded,
    "crooked in a shadow": lambda: lean(shaded(), 2.0),
    "cut letters": cut_letters,
    "bullets": lambda: punched(margin_page(), radius_mm=1.2),
    "black page": lambda: np.zeros((900, 700), dtype=np.uint8),
    "blank page": lambda: np.full((900, 700), 255, dtype=np.uint8),
    "light on dark": lambda: 255 - margin_page(),
    "one pixel": lambda: np.zeros((1, 1), dtype=np.uint8),
}


@pytest.mark.parametrize("make", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_what_is_printed_stays(make: Callable[[], np.ndarray]) -> None:
    page = PageImage(make())
    assert STEPS["border"](page, CONFIG) is page


def test_rings_and_letters_are_no_holes() -> None:
    page = np.full((2339, 1653), 255, dtype=np.uint8)
    cv2.circle(page, (90, 700), 24, 0, 5)
    cv2.rectangle(page, (60, 1200), (108, 1248), 0, -1)
    assert find_holes(page) is None
    assert find_border(page) is None
