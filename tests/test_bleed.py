"""The print of the back goes; the page's own, pale or small, stays."""

import functools
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.printed import BODY, Run, print_lines, print_runs
from vnrepair.learn.damage import Damage, apply_damage
from vnrepair.scan.bleed import remove_bleed
from vnrepair.scan.ocr import recognise


@functools.cache
def page() -> np.ndarray:
    return print_lines((*BODY, "", *BODY))


def with_back(strength: float, paper: float = 1.0) -> np.ndarray:
    """The page with other lines showing through from its back."""
    back = print_lines((*BODY[4:], *BODY[:4], *BODY, ""))[: page().shape[0], ::-1]
    # Between the lines of the front and across them, and not exactly level.
    turn = cv2.getRotationMatrix2D((back.shape[1] / 2, back.shape[0] / 2), 1.5, 1.0)
    back = cv2.warpAffine(back, turn, back.shape[::-1], borderValue=(255,))
    light = 1 - strength * (1 - cv2.GaussianBlur(back, (0, 0), 1.3) / 255)
    result: np.ndarray = (page() * light * paper).astype(np.uint8)
    return result


@pytest.mark.parametrize("strength", [0.3, 0.5])
@pytest.mark.parametrize("paper", [0.85, 1.0])
def test_the_back_goes_and_the_front_stays(strength: float, paper: float) -> None:
    before = with_back(strength, paper)
    after = remove_bleed(before)
    assert after is not None
    blank = cv2.erode(page(), np.ones((9, 9), dtype=np.uint8)) == 255
    white = 255 * paper
    assert (before[blank] < 0.85 * white).mean() > 0.02
    assert (after[blank] < 0.85 * white).mean() < 0.002
    assert np.array_equal(after[page() < 60], before[page() < 60])


def test_a_page_with_a_strong_back_is_read_as_without_it() -> None:
    after = remove_bleed(with_back(0.55))
    assert after is not None
    words = [word.text for word in recognise(after, "vie")]
    right = " ".join((*BODY, *BODY)).split()
    assert sum(word in right for word in words) > 0.95 * len(right)
    assert len(words) < 1.05 * len(right)


def grey_captions() -> np.ndarray:
    """Every second line printed pale, as captions and hints of forms are."""
    dark = print_runs([Run(line, 0.12, row) for row, line in enumerate(BODY) if row % 2], rows=9)
    pale = print_runs(
        [Run(line, 0.12, row) for row, line in enumerate(BODY) if not row % 2], rows=9
    )
    captions: np.ndarray = np.minimum(dark, 255 - (255 - pale) // 3).astype(np.uint8)
    return captions


LEFT_ALONE: dict[str, Callable[[], np.ndarray]] = {
    "clean": page,
    "300 dpi": lambda: print_lines(BODY, dpi=300),
    "faint": lambda: apply_damage(page(), Damage(fade=0.6, noise=5), np.random.default_rng(1)),
    "blurred": lambda: cv2.GaussianBlur(page(), (0, 0), 2.5).astype(np.uint8),
    "coarse JPEG": lambda: apply_damage(page(), Damage(jpeg_quality=10), np.random.default_rng(1)),
    "dusty": lambda: apply_damage(page(), Damage(speckle=20), np.random.default_rng(1)),
    "pale captions between the lines": grey_captions,
    "blank": lambda: np.full((300, 200), 255, dtype=np.uint8),
    "a pixel": lambda: np.zeros((1, 1), dtype=np.uint8),
}


@pytest.mark.parametrize("make", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_pages_through_which_nothing_shows_are_left_alone(make: Callable[[], np.ndarray]) -> None:
    assert remove_bleed(make()) is None
