"""Coloured stamps and signatures go; print stays, black under them and coloured beside them."""

import functools
from collections import Counter
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.printed import BODY, lean, print_lines
from vnrepair.scan.colour_ink import CHANNELS, coloured_pixels, densities
from vnrepair.scan.ocr import recognise
from vnrepair.scan.stamps import find_colour_marks, lift_coloured_marks

RED, BLUE, NAVY, PURPLE, BROWN, PALE = (
    (60, 50, 215),
    (175, 75, 40),
    (100, 45, 30),
    (150, 50, 140),
    (45, 55, 150),
    (150, 140, 240),
)
INKS = {
    "red": RED,
    "blue": BLUE,
    "dark blue": NAVY,
    "purple": PURPLE,
    "brown": BROWN,
    "pale red": PALE,
}
MIDDLE = (700, 260)


@functools.cache
def print_() -> np.ndarray:
    return print_lines((*BODY, "", *BODY))


def laid_on(page: np.ndarray, mask: np.ndarray, ink: tuple[int, int, int]) -> np.ndarray:
    """A colour page with ink where the mask is 255; inks multiply, as on paper."""
    colour = page if page.ndim == 3 else cv2.cvtColor(page, cv2.COLOR_GRAY2BGR)
    share = cv2.GaussianBlur(mask, (0, 0), 0.7)[:, :, None] / 255
    return np.asarray(np.rint(colour * (1 - share * (1 - np.array(ink) / 255))), dtype=np.uint8)


def seal(shape: tuple[int, ...]) -> np.ndarray:
    mask = np.zeros(shape[:2], dtype=np.uint8)
    cv2.circle(mask, MIDDLE, 130, 255, 9)
    cv2.circle(mask, MIDDLE, 85, 255, 4)
    for x in range(640, 760, 30):
        cv2.line(mask, (x, 230), (x + 14, 290), 255, 7)
    return mask


def broken_seal(shape: tuple[int, ...]) -> np.ndarray:
    mask = seal(shape)
    for degrees in range(0, 360, 30):
        angle = np.radians(degrees)
        end = (MIDDLE[0] + int(200 * np.cos(angle)), MIDDLE[1] + int(200 * np.sin(angle)))
        cv2.line(mask, MIDDLE, end, 0, 14)
    return mask


def frame(shape: tuple[int, ...]) -> np.ndarray:
    mask = np.zeros(shape[:2], dtype=np.uint8)
    cv2.rectangle(mask, (560, 200), (900, 320), 255, 4)
    cv2.putText(mask, "DEN 418", (600, 280), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 255, 5)
    mask[200:206, 700:720] = 0  # ink did not take everywhere
    return lean(255 - mask, 5.0) ^ 255


def signature(shape: tuple[int, ...]) -> np.ndarray:
    mask = np.zeros(shape[:2], dtype=np.uint8)
    t = np.linspace(0, 1, 300)
    x = 520 + 400 * t + 30 * np.sin(25 * t)
    y = 260 + 90 * np.sin(30 * t) * (1 - 0.6 * t)
    cv2.polylines(mask, [np.stack([x, y], axis=1).astype(np.int32)], False, 255, 5, cv2.LINE_AA)
    return mask


def as_jpeg(page: np.ndarray, quality: int) -> np.ndarray:
    _, data = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)


def check_lifted(lifted: np.ndarray | None, mask: np.ndarray) -> None:
    """The ink is gone and the letters are there."""
    assert lifted is not None
    letters = print_() < 60
    ink = (mask > 200) & (cv2.erode(print_(), np.ones((7, 7), np.uint8)) > 200)
    assert np.percentile(lifted[ink], 2) > 190
    assert np.percentile(lifted[letters], 98) < 130


@pytest.mark.parametrize("ink", INKS.values(), ids=INKS.keys())
@pytest.mark.parametrize("draw", [seal, frame, signature], ids=lambda draw: draw.__name__)
def test_a_mark_goes_and_the_letters_under_it_stay(
    draw: Callable[[tuple[int, ...]], np.ndarray], ink: tuple[int, int, int]
) -> None:
    mask = draw(print_().shape)
    check_lifted(lift_coloured_marks(laid_on(print_(), mask, ink)), mask)


def n_wrong(page: np.ndarray) -> int:
    """Words of the text that Tesseract does not read."""
    read = Counter(word.text for word in recognise(page, "vie"))
    return (Counter(" ".join(BODY * 2).split()) - read).total()


def test_a_mark_goes_from_a_jpeg_whose_colours_run() -> None:
    mask = seal(print_().shape)
    page = as_jpeg(laid_on(print_(), mask, RED), 50)
    lifted = lift_coloured_marks(page)
    check_lifted(lifted, mask)
    assert lifted is not None
    assert n_wrong(lifted) <= 4 < n_wrong(page)


def test_a_seal_with_a_broken_rim_is_found() -> None:
    mask = broken_seal(print_().shape)
    check_lifted(lift_coloured_marks(laid_on(print_(), mask, RED)), mask)


def test_a_red_seal_crossed_by_a_blue_signature_leaves_hardly_anything() -> None:
    shape = print_().shape
    blank = np.full(shape, 255, dtype=np.uint8)
    blank[400:] = print_()[400:]
    page = laid_on(laid_on(blank, seal(shape), RED), signature(shape), BLUE)
    lifted = lift_coloured_marks(page)
    assert lifted is not None
    assert np.mean(lifted[:400] < 180) < 0.002 < np.mean(cv2.cvtColor(page, 6)[:400] < 180)


def test_marks_say_where_they_are_and_what_ink_they_are_of() -> None:
    page = laid_on(print_(), seal(print_().shape), RED)
    (mark,) = find_colour_marks(page)
    assert mark.light == 2
    assert abs((mark.box.left + mark.box.right) / 2 - MIDDLE[0]) < 15
    assert abs(mark.box.width_px - 270) < 50


def printed_in(ink: tuple[int, int, int], rows: slice = slice(None)) -> np.ndarray:
    page = cv2.cvtColor(print_(), cv2.COLOR_GRAY2BGR).astype(np.uint8)
    share = page[rows] / 255
    page[rows] = np.rint(share * 255 + (1 - share) * np.array(ink)).astype(np.uint8)
    return page


UNMARKED = {
    "black print": lambda: printed_in((20, 20, 20)),
    "a heading in red": lambda: printed_in(RED, slice(0, 130)),
    "some lines in blue": lambda: printed_in(BLUE, slice(130, 300)),
    "a letter typed in blue": lambda: printed_in(NAVY),
    "a letter in brown on yellow paper": lambda: (printed_in(BROWN) * (0.75, 0.92, 1.0)).astype(
        np.uint8
    ),
    "red paper": lambda: np.full((600, 500, 3), (60, 50, 215), dtype=np.uint8),
    "a blue area": lambda: cv2.rectangle(printed_in((0, 0, 0)), (300, 500), (900, 800), BLUE, -1),
    "blank": lambda: np.full((900, 700, 3), 250, dtype=np.uint8),
    "one pixel": lambda: np.full((1, 1, 3), 40, dtype=np.uint8),
}


@pytest.mark.parametrize("make", UNMARKED.values(), ids=UNMARKED.keys())
def test_what_is_no_mark_stays(make: Callable[[], np.ndarray]) -> None:
    assert lift_coloured_marks(make()) is None


def test_a_blue_letter_keeps_its_print_under_a_red_seal() -> None:
    mask = seal(print_().shape)
    lifted = lift_coloured_marks(laid_on(printed_in(NAVY), mask, RED))
    check_lifted(lifted, mask)


def test_a_red_heading_stays_beside_a_red_seal() -> None:
    page = laid_on(printed_in(RED, slice(560, 800)), seal(print_().shape), RED)
    lifted = lift_coloured_marks(page)
    assert lifted is not None
    assert np.array_equal(lifted[560:800], cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)[560:800])


@given(
    lamp=st.tuples(*[st.floats(0.55, 1.0)] * 3),
    ink=st.sampled_from([(0.2, 0.2, 0.8), (0.7, 0.3, 0.15)]),
)
def test_the_lamp_does_not_change_the_ink(
    lamp: tuple[float, float, float], ink: tuple[float, float, float]
) -> None:
    page = np.full((120, 120, 3), 250.0)
    page[50:60, 20:100] *= ink
    paper = np.full_like(page, 250.0)
    white = densities(page.astype(np.uint8), paper.astype(np.uint8))
    lit = densities((page * lamp).astype(np.uint8), (paper * lamp).astype(np.uint8))
    assert np.allclose(lit, white, atol=0.06)
    for light in CHANNELS:
        assert np.array_equal(coloured_pixels(lit, light), coloured_pixels(white, light))


@given(st.integers(0, 255))
def test_grey_is_no_coloured_ink(level: int) -> None:
    density = densities(np.full((4, 4, 3), level, np.uint8), np.full((4, 4, 3), 255, np.uint8))
    assert not any(coloured_pixels(density, light).any() for light in CHANNELS)
