"""Small copies keep what a page looks like."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.scan.shrink import shrink


@given(st.integers(1, 700), st.integers(1, 700), st.integers(20, 300))
def test_the_longer_side_comes_down_to_the_length_or_little_less(
    height: int, width: int, side: int
) -> None:
    image = np.zeros((height, width), dtype=np.uint8)
    small = shrink(image, side)
    longer = max(small.shape)
    if max(height, width) <= side:
        assert small is image
    elif min(height, width) > 40:
        assert 0.93 * side - 1 <= longer <= side
        assert small.shape[0] / small.shape[1] == pytest.approx(height / width, rel=0.2)


def test_pixels_are_means_of_those_they_cover() -> None:
    image = np.random.default_rng(2).integers(0, 255, (801, 640, 3)).astype(np.uint8)
    whole = cv2.resize(image[:800], (160, 200), interpolation=cv2.INTER_AREA)
    assert np.abs(shrink(image, 200).astype(int) - whole).max() <= 2
