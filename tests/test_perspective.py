"""The sheet of a photograph is found to a few pixels; a flat page is never taken for one."""

import functools
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.printed import BODY, lean, print_lines
from vnrepair.config import ScanConfig
from vnrepair.records import Box
from vnrepair.scan.page import PageImage
from vnrepair.scan.perspective import find_sheet
from vnrepair.scan.preprocess import STEPS

CONFIG = ScanConfig()
PICTURE = (1000, 1300)  # width and height
SHEET = np.array([(90, 110), (900, 70), (960, 1230), (40, 1190)], dtype=float)
DESKS: dict[str, int | tuple[int, ...]] = {
    "black": 25,
    "wood": (62, 92, 128),
    "cloth": 90,
    "laminate": (140, 175, 200),
}


@functools.cache
def a4_page() -> np.ndarray:
    text = print_lines((*BODY, "", *BODY), dpi=100)
    page = np.full((1169, text.shape[1]), 255, dtype=np.uint8)
    page[: min(text.shape[0], 1169)] = text[:1169]
    return page


def onto(corners: np.ndarray) -> np.ndarray:
    height, width = a4_page().shape
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    return np.asarray(cv2.getPerspectiveTransform(flat, corners.astype(np.float32)))


def photograph(
    corners: np.ndarray = SHEET, desk: int | tuple[int, ...] = 60, *, shade: float = 0.3
) -> np.ndarray:
    """A page on a desk in light that falls off to the right."""
    grain = np.random.default_rng(7).normal(0, 6, (PICTURE[1], PICTURE[0], 1))
    ground = np.clip(
        np.broadcast_to(desk, 3) + cv2.GaussianBlur(grain, (0, 0), 1)[..., None], 0, 255
    )
    page = np.repeat(a4_page()[..., None], 3, axis=2)
    matrix = onto(corners)
    seen = cv2.warpPerspective(page, matrix, PICTURE, flags=cv2.INTER_AREA)
    whole = cv2.warpPerspective(np.ones(a4_page().shape, np.float32), matrix, PICTURE)[..., None]
    light = np.linspace(1, 1 - shade, PICTURE[0])[None, :, None]
    return np.asarray((seen * whole + ground * (1 - whole)) * light, dtype=np.uint8)


@pytest.mark.parametrize("desk", DESKS.values(), ids=DESKS.keys())
def test_the_corners_are_found_on_any_desk(desk: int | tuple[int, ...]) -> None:
    sheet = find_sheet(photograph(desk=desk))
    assert sheet is not None
    assert np.abs(sheet.corners - SHEET).max() < 4
    assert sheet.height_px / sheet.width_px == pytest.approx(2**0.5, abs=0.01)


def test_a_striped_desk_is_no_sheet() -> None:
    picture = photograph()
    mask = cv2.fillConvexPoly(np.zeros(picture.shape[:2], np.uint8), SHEET.astype(np.int32), 1)
    stripes = (np.add.outer(np.arange(PICTURE[1]), np.arange(PICTURE[0])) // 30 % 2) > 0
    picture[(mask == 0) & stripes] = (40, 90, 130)
    sheet = find_sheet(picture)
    assert sheet is not None
    assert np.abs(sheet.corners - SHEET).max() < 4


@settings(max_examples=25)
@given(
    st.floats(-10, 10),
    st.lists(st.floats(-25, 25), min_size=8, max_size=8),
    st.sampled_from(sorted(DESKS)),
)
def test_corners_are_found_at_any_angle(degrees: float, shifts: list[float], desk: str) -> None:
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    middle = np.array(PICTURE) / 2
    square = np.array([(-370, -520), (370, -520), (370, 520), (-370, 520)], dtype=float)
    corners = square @ np.array([[cosine, sine], [-sine, cosine]]) + middle
    corners += np.array(shifts).reshape(4, 2)
    sheet = find_sheet(photograph(corners, DESKS[desk]))
    sides = np.abs(np.roll(corners, -1, axis=0) - corners)
    if sheet is None:  # only what lies straight already
        assert (sides.min(axis=1) / sides.max(axis=1)).max() < 0.012
    else:
        assert np.abs(sheet.corners - corners).max() < 5


def test_a_sheet_whose_foot_is_out_of_the_picture_is_laid_flat_with_all_that_is_seen() -> None:
    corners = np.array([(120, 90), (880, 90), (990, 1500), (10, 1500)], dtype=float)
    sheet = find_sheet(photograph(corners))
    assert sheet is not None
    assert np.abs(sheet.corners[:2] - corners[:2]).max() < 4
    assert sheet.corners[2:, 1].min() >= PICTURE[1] - 2


def test_a_word_lands_where_it_was_printed_and_its_box_finds_the_way_back() -> None:
    picture = photograph()
    flat = STEPS["perspective"](PageImage(picture), CONFIG)
    height, width = a4_page().shape
    share = flat.width_px / width
    place = np.array([200.0, 300.0])  # on the paper, pixels of the printed page
    box = Box(*(int(v) for v in (*(place * share - 5), *(place * share + 5))))
    x, y, w = onto(SHEET) @ (*place, 1)
    back = flat.box_in_source(box, *PICTURE)
    assert (back.left + back.right) / 2 == pytest.approx(x / w, abs=5)
    assert (back.top + back.bottom) / 2 == pytest.approx(y / w, abs=5)
    assert flat.height_px / flat.width_px == pytest.approx(height / width, rel=0.01)


def framed() -> np.ndarray:
    """A certificate: an ornamental frame around the page, a little crooked."""
    page = a4_page().copy()
    cv2.rectangle(page, (40, 40), (page.shape[1] - 40, page.shape[0] - 40), 60, 9)
    cv2.rectangle(page, (55, 55), (page.shape[1] - 55, page.shape[0] - 55), 0, 2)
    return lean(page, 1.5)


def with_panel() -> np.ndarray:
    """A crooked page with a grey panel and text around it."""
    page = a4_page().copy()
    panel = page[250:1000, 150:700]
    panel[:] = np.minimum(panel, 190)
    page[250:1000, 20:140] = a4_page()[100:850, 100:220]
    return lean(page, 3.0)


FLAT = {
    "scan": a4_page,
    "crooked scan": lambda: lean(a4_page(), 6.0),
    "frame": framed,
    "panel": with_panel,
    "shadow": lambda: (a4_page() * np.linspace(1, 0.3, a4_page().shape[1])).astype(np.uint8),
    "photograph without a side": lambda: photograph(
        np.array([(-50, -60), (1080, -40), (1040, 1390), (-30, 1350)], dtype=float)
    ),
    "black edge": lambda: np.pad(a4_page(), ((30, 0), (40, 0))),
    "black page": lambda: np.zeros((800, 600), dtype=np.uint8),
    "blank page": lambda: np.full((800, 600), 250, dtype=np.uint8),
    "noise": lambda: np.random.default_rng(1).integers(0, 255, (600, 500, 3)).astype(np.uint8),
    "one pixel": lambda: np.zeros((1, 1), dtype=np.uint8),
}


@pytest.mark.parametrize("make", FLAT.values(), ids=FLAT.keys())
def test_a_picture_without_a_desk_shows_no_sheet(make: Callable[[], np.ndarray]) -> None:
    page = PageImage(make())
    assert STEPS["perspective"](page, CONFIG) is page
