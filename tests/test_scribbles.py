"""Black pen strokes and seals are erased between the lines of print, and nothing else is."""

import functools
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.printed import BODY, lean, print_lines
from vnrepair.scan.scribbles import erase_scribbles, find_scribbles

TEXT = (*BODY, "", "", "", "Nguyễn Hữu Khánh Toàn")
GAP = (480, 650)  # rows of pixels without print, above the name


@functools.cache
def print_() -> np.ndarray:
    return print_lines(TEXT)


def signed(low: int) -> np.ndarray:
    """The page with a signature that begins between the lines and runs into the name."""
    page = print_().copy()
    t = np.linspace(0, 1, 400)
    x = 210 + 380 * t + 20 * np.sin(22 * t)
    y = (GAP[0] + 20 + low) / 2 + (low - GAP[0] - 20) / 2 * np.sin(28 * t)
    cv2.polylines(page, [np.stack([x, y], axis=1).astype(np.int32)], False, 20, 4, cv2.LINE_AA)
    return page


def sealed() -> np.ndarray:
    page = print_().copy()
    cv2.circle(page, (330, 590), 100, 60, 5)
    cv2.circle(page, (330, 575), 25, 60, cv2.FILLED)
    return page


def test_the_gap_is_blank() -> None:
    assert print_()[slice(*GAP)].min() > 128


def test_a_signature_that_crosses_a_name_goes_up_to_the_name() -> None:
    page = signed(low=675)
    erased = erase_scribbles(page)
    assert erased is not None
    added = (page < 128) & (print_() > 200)
    assert np.mean(erased[added] < 128) < 0.5
    letters = print_() < 60
    assert erased[letters].max() < 128


def test_a_signature_alone_between_the_lines_stays() -> None:
    page = signed(low=630)
    assert erase_scribbles(page) is None
    (found,) = find_scribbles(page)
    assert not found.is_ring
    assert found.box.width_px > 300


def test_a_black_seal_goes() -> None:
    page = sealed()
    assert any(found.is_ring for found in find_scribbles(page))
    erased = erase_scribbles(page)
    assert erased is not None
    between = slice(500, 640)
    assert erased[between].min() > 200 > page[between].min()
    assert erased[print_() < 60].max() < 128


def test_bilevel_stays_bilevel() -> None:
    page = np.where(sealed() > 150, 255, 0).astype(np.uint8)
    erased = erase_scribbles(page)
    assert erased is not None
    assert set(np.unique(erased)) == {0, 255}


def with_table() -> np.ndarray:
    page = print_().copy()
    for x in (200, 500, 800):
        cv2.line(page, (x, 500), (x, 620), 0, 3)
    for y in (470, 560, 620):
        cv2.line(page, (200, y), (800, y), 0, 3)
    return page


def with_frame() -> np.ndarray:
    page = print_().copy()
    stamp = np.full_like(page, 255)
    cv2.rectangle(stamp, (300, 510), (600, 600), 0, 3)
    return np.asarray(np.minimum(page, lean(stamp, 4.0)))


UNMARKED = {
    "print": print_,
    "bilevel": lambda: np.where(print_() > 140, 255, 0).astype(np.uint8),
    "a table": with_table,
    "the frame of a stamp": with_frame,
    "large letters": lambda: np.vstack([print_lines(BODY[:1], size_pt=40)[:, :1654], print_()]),
    "blank": lambda: np.full((800, 600), 255, dtype=np.uint8),
    "black": lambda: np.zeros((800, 600), dtype=np.uint8),
    "few letters": lambda: signed(675)[500:],
}


@pytest.mark.parametrize("make", UNMARKED.values(), ids=UNMARKED.keys())
def test_other_pages_stay_as_they_are(make: Callable[[], np.ndarray]) -> None:
    assert erase_scribbles(make()) is None
