"""Light, dust and noise: what can be taken off a page without touching its letters."""

import cv2
import numpy as np

from vnrepair.scan.ink import estimate_background, find_ink

__all__ = ["estimate_noise", "even_light", "light_ratio", "remove_specks", "smooth"]

_SPECK_SHARE = 0.3  # a speck's largest side in heights of a letter; a full stop is about that
_MIN_SPECKS_PER_LETTER = 0.5  # clean pages lie below 0.25, dusty ones above 1
_CRUMB_AREA = 0.02  # in squared heights of a letter: half of the smallest dot of a letter


def light_ratio(grey: np.ndarray) -> float:
    """Brightness of the darkest paper over that of the brightest, 0-1; 1.0 for even light."""
    paper = cv2.resize(estimate_background(grey), (100, 100), interpolation=cv2.INTER_AREA)
    dark, bright = np.percentile(paper, [3, 97])
    return float(dark / bright) if bright else 1.0


def even_light(grey: np.ndarray) -> np.ndarray:
    """The page divided by the light on its paper, so that all paper is white."""
    paper = np.maximum(estimate_background(grey), 1)
    return cv2.divide(grey, paper, scale=255).astype(np.uint8)


def estimate_noise(grey: np.ndarray) -> float:
    """Standard deviation of the noise of the sensor, grey levels, >= 0.

    Source:
        Immerkaer 1996, "Fast noise variance estimation", Computer Vision and Image Understanding
        64(2); with the median in place of the mean, so that print does not count as noise.
    """
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
    response = np.abs(cv2.filter2D(grey, cv2.CV_32F, kernel))
    # 6 is the kernel's norm; 0.6745 the median of a standard normal's absolute value.
    return float(np.median(response)) / 6 / 0.6745


def smooth(grey: np.ndarray) -> np.ndarray:
    """The page with the noise of the sensor taken down."""
    return cv2.GaussianBlur(grey, (0, 0), 1.0).astype(np.uint8)


def remove_specks(grey: np.ndarray) -> np.ndarray | None:
    """The page without dust; None where there is next to none.

    What is as large as a dot of a letter goes only where it is no letter's dot; smaller crumbs go
    everywhere. Specks that touch a letter stay.
    """
    ink = find_ink(grey)
    if not ink.n_letters:
        return None
    height = ink.letter_height_px * ink.scale
    left, top, width, tall, area = ink.boxes.T
    small = ~ink.letters & (np.maximum(width, tall) < _SPECK_SHARE * height)
    reach = (int(0.7 * height) | 1, int(0.9 * height) | 1)
    near = cv2.dilate(ink.letter_mask.astype(np.uint8), np.ones(reach[::-1], dtype=np.uint8))
    alone = small & (near[top + tall // 2, left + width // 2] == 0)
    if alone.sum() < _MIN_SPECKS_PER_LETTER * ink.n_letters:
        return None
    dust = alone | (~ink.letters & (area <= _CRUMB_AREA * height**2))
    specks = np.concatenate(([False], dust))[ink.labels].astype(np.uint8)
    specks = cv2.dilate(specks, np.ones((3, 3), dtype=np.uint8))
    if ink.scale < 1:
        size = (grey.shape[1], grey.shape[0])
        specks = cv2.resize(specks, size, interpolation=cv2.INTER_NEAREST)
    return np.where(specks > 0, np.maximum(grey, estimate_background(grey)), grey)
