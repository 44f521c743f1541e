"""Shadows with edges, noise, and what is left alone."""

import functools

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.printed import BODY, print_lines
from vnrepair.scan.clean import estimate_noise, even_light, has_light_print, light_ratio
from vnrepair.scan.ink import find_ink


@functools.cache
def page() -> np.ndarray:
    return print_lines((*BODY, "", *BODY))


def in_shadow(dark_share: float, edge_px: float) -> np.ndarray:
    """The page with its right part in the shadow of something, whose edge is so wide."""
    height, width = page().shape
    x = np.arange(width) + 0.3 * np.arange(height)[:, None]
    depth = np.clip((x - 0.7 * width) / edge_px, 0, 1)
    result: np.ndarray = (page() * 0.92 * (1 - dark_share * depth)).astype(np.uint8)
    return result


@pytest.mark.parametrize("edge_px", [4, 40, 300])
@pytest.mark.parametrize("dark_share", [0.5, 0.8])
def test_the_paper_is_even_on_both_sides_of_an_edge(dark_share: float, edge_px: float) -> None:
    even = even_light(in_shadow(dark_share, edge_px))
    paper = even[cv2.erode(page(), np.ones((9, 9), dtype=np.uint8)) == 255]
    # All but the rim itself is white, and the rim is too narrow for a letter.
    assert np.mean(paper < 200) < 0.01
    assert light_ratio(even) > 0.95
    assert even[page() < 60].max() < 140


@pytest.mark.parametrize("edge_px", [2, 4, 40])
def test_the_edge_of_a_shadow_is_no_light_print(edge_px: float) -> None:
    assert not has_light_print(in_shadow(0.8, edge_px))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 255))
def test_any_even_page_becomes_white_or_stays_black(height: int, width: int, grey: int) -> None:
    even = even_light(np.full((height, width), grey, dtype=np.uint8))
    assert even.shape == (height, width)
    assert even.min() == even.max() == (255 if grey else 0)


@settings(max_examples=20)
@given(st.integers(1, 30), st.integers(1, 30))
def test_noise_of_any_page_is_a_number(height: int, width: int) -> None:
    assert estimate_noise(np.full((height, width), 90, dtype=np.uint8)) == 0.0


@pytest.mark.parametrize("sigma", [4.0, 25.0])
def test_noise_of_a_large_page_is_that_of_a_small_one(sigma: float) -> None:
    noise = np.random.default_rng(2).normal(0, sigma, (2400, 1600))
    large = np.rint(128 + noise).clip(0, 255).astype(np.uint8)
    assert estimate_noise(large) == pytest.approx(sigma, rel=0.1)


def test_the_same_pixels_give_the_same_ink_and_others_do_not() -> None:
    first, again = find_ink(page()), find_ink(page().copy())
    assert again is first
    changed = page().copy()
    changed[:40] = 0
    assert find_ink(changed).letter_height_px >= 0
    assert not np.array_equal(find_ink(changed).labels, first.labels)


def test_what_was_found_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        find_ink(page()).labels[0, 0] = 7


@pytest.mark.parametrize("ink", [0, 120, 205])
def test_faint_print_is_ink_and_noise_alone_is_none(ink: int) -> None:
    rng = np.random.default_rng(3)
    faint = np.where(print_lines(BODY) < 128, ink, 253).astype(np.float32)
    noisy = np.clip(faint + rng.normal(0, 4, faint.shape), 0, 255).astype(np.uint8)
    bare = np.clip(250 + rng.normal(0, 12, faint.shape), 0, 255).astype(np.uint8)
    assert find_ink(noisy).n_letters > 200
    assert find_ink(bare).n_letters == 0
