"""Light, dust and noise: what can be taken off a page without touching its letters."""

import cv2
import numpy as np

from vnrepair.scan.ink import estimate_background, find_ink

__all__ = [
    "estimate_noise",
    "even_light",
    "has_light_print",
    "light_ratio",
    "remove_specks",
    "smooth",
]

_SPECK_SHARE = 0.3  # a speck's largest side in heights of a letter; a full stop is about that
_MIN_SPECKS_PER_LETTER = 0.5  # clean pages lie below 0.25, dusty ones above 1
_CRUMB_AREA = 0.02  # in squared heights of a letter: half of the smallest dot of a letter
_PRINT_SIDE_PX = 1000  # strokes of print are still a pixel wide at it
_WINDOW_PX = 41  # wider than a line of text is high, so that its median is the ground
_MIN_STROKE_CONTRAST = 40  # grey levels between a stroke and its ground
_DARKEST_PAPER = 204  # only darker ground can carry print that is lighter
_MIN_STROKE_SHARE = 0.04  # of a window; print fills 10 to 25 %
_MIN_LIGHT_PRINT = (
    0.002  # of the page; shadows stay below 0.0015, a heading in a bar is above 0.005
)


def light_ratio(grey: np.ndarray) -> float:
    """Brightness of the darkest paper over that of the brightest, 0-1; 1.0 for even light."""
    paper = cv2.resize(estimate_background(grey), (100, 100), interpolation=cv2.INTER_AREA)
    dark, bright = np.percentile(paper, [3, 97])
    return float(dark / bright) if bright else 1.0


def has_light_print(grey: np.ndarray) -> bool:
    """True where dark or coloured ground carries lighter print: a bar, a dark screen, a photograph.

    A shadow dims the paper and leaves the print the darker of the two. Where strokes are lighter
    than the ground around them, the dark is printed: dividing it out would take them too.
    """
    factor = min(1.0, _PRINT_SIDE_PX / max(grey.shape))
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    ground = cv2.medianBlur(small, _WINDOW_PX)
    dark = ground < _DARKEST_PAPER
    lighter = dark & (cv2.subtract(small, ground) > _MIN_STROKE_CONTRAST)
    darker = dark & (cv2.subtract(ground, small) > _MIN_STROKE_CONTRAST)
    light, ink = (
        cv2.blur(strokes.astype(np.float32), (_WINDOW_PX, _WINDOW_PX))
        for strokes in (lighter, darker)
    )
    # Noise is lighter and darker than its ground alike; print is one of the two.
    return float(np.mean((light > _MIN_STROKE_SHARE) & (light > 2 * ink))) > _MIN_LIGHT_PRINT


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
    everywhere. Specks that touch a letter stay. Where light print stands on dark ground, what is
    left between its strokes would be measured as letters, and the letters taken for dust.
    """
    ink = find_ink(grey)
    if not ink.n_letters or has_light_print(grey):
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
