"""Lines that converge are made parallel; lines that do not are left as they are."""

import functools
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.printed import BODY, lean, print_lines
from vnrepair.config import ScanConfig
from vnrepair.scan.ink import find_ink
from vnrepair.scan.keystone import find_convergence, parallel
from vnrepair.scan.page import PageImage
from vnrepair.scan.preprocess import STEPS, estimate_skew

CONFIG = ScanConfig()


@functools.cache
def page() -> np.ndarray:
    text = print_lines(BODY * 3, dpi=130)
    return np.pad(text, 60, constant_values=255)


def converging(narrowing: float, degrees: float = 0.0) -> np.ndarray:
    """The page with its right half seen from nearer or farther away, and turned."""
    height, width = page().shape
    forward = parallel(narrowing / width, width, height)
    assert forward is not None
    turned = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1), [0, 0, 1]])
    return np.asarray(
        cv2.warpPerspective(
            page(), turned @ np.linalg.inv(forward), (width, height), borderValue=255
        ),
        np.uint8,
    )


@settings(max_examples=20)
@given(st.floats(0.06, 0.15), st.sampled_from([-1, 1]), st.floats(-4, 4))
def test_the_change_of_slope_is_measured(size: float, sign: int, degrees: float) -> None:
    seen = converging(sign * size, degrees)
    found = find_convergence(find_ink(seen)) * seen.shape[1]
    assert found == pytest.approx(sign * size, abs=0.012)


def test_lines_that_converge_come_out_parallel_and_level() -> None:
    crooked = PageImage(converging(0.12, 1.0))
    mended = STEPS["deskew"](STEPS["keystone"](crooked, CONFIG), CONFIG)
    third = mended.height_px // 3
    for top in (0, third, 2 * third):
        assert estimate_skew(mended.image[top : top + third]) == pytest.approx(0, abs=0.25)


@settings(max_examples=30)
@given(st.floats(-0.3, 0.3), st.floats(-1, 1), st.floats(-300, 300), st.floats(-0.1, 0.1))
def test_all_lines_through_one_point_become_parallel(
    narrowing: float, share: float, row: float, slope: float
) -> None:
    assume(abs(narrowing) > 1e-3)
    width, height = 600, 800
    forward = parallel(narrowing / width, width, height)
    assert forward is not None
    directions = []
    for start in (row, row * share):
        lean_there = slope + narrowing / width * start
        ends = [(300 + x, 400 + start + lean_there * x, 1) for x in (-200, 200)]
        (x0, y0, w0), (x1, y1, w1) = (forward @ np.array(end) for end in ends)
        directions.append((y1 / w1 - y0 / w0) / (x1 / w1 - x0 / w0))
    assert directions[0] == pytest.approx(directions[1], abs=1e-9)


STRAIGHT: dict[str, Callable[[], np.ndarray]] = {
    "level": page,
    "crooked": lambda: lean(page(), -5.0),
    "few lines": lambda: print_lines(BODY[:3]),
    "blank": lambda: np.full((800, 600), 255, dtype=np.uint8),
    "one crooked note": lambda: np.vstack([page(), lean(page()[:300], 4.0)]),
    "sideways": lambda: np.ascontiguousarray(np.rot90(page())),
}


@pytest.mark.parametrize("make", STRAIGHT.values(), ids=STRAIGHT.keys())
def test_lines_that_are_parallel_stay(make: Callable[[], np.ndarray]) -> None:
    image = PageImage(make())
    assert STEPS["keystone"](image, CONFIG) is image


def test_a_map_that_stretches_beyond_reason_is_refused() -> None:
    assert parallel(0.0, 600, 800) is None
    assert parallel(0.01, 600, 800) is None
