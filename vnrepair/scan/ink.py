"""What is printed on a page: paper and ink apart, and the letters among the ink.

The steps that must know where the text is (orientation, deskew, denoise, rules, scale) ask here,
each on the page as the steps before left it. They share what is measured: whoever changes a measure
changes all of them.
"""

import functools
import hashlib
from dataclasses import dataclass, field

import cv2
import numpy as np

from vnrepair.scan.shrink import shrink

__all__ = [
    "ANALYSIS_SIDE_PX",
    "Ink",
    "background_thumbnail",
    "dark_pixels",
    "estimate_background",
    "find_ink",
]

ANALYSIS_SIDE_PX = 1800
"""Longer pages are scaled down for analysis: letters stay above 8 px at 200 dpi."""

_BACKGROUND_SIDE_PX = 240  # paper and light change slowly: a thumbnail holds them
_MIN_LETTER_PX = 4  # lower blobs cannot be told from noise
_LARGEST_LETTER = 0.2  # of the page's longer side; a table may hold as much ink as all letters
_MIN_CONTRAST = 24  # grey levels between paper and ink below which a page is taken as blank
_MIN_SEPARATION = (
    6.0  # the same in deviations of the paper; noise alone lies below 4, faint print above 10
)


@dataclass(frozen=True, slots=True)
class Ink:
    """The blobs of ink on a page, connected components of dark pixels.

    All measures are in pixels of the page that was analysed.

    Attributes:
        scale: Pixels of `mask` and `labels` per pixel of the page, 0-1.
        labels: Number of the blob of every pixel, 0 for paper.
        boxes: left, top, width, height and area of every blob, shape (blobs, 5), pixels of `mask`.
        letters: Which blobs are of the size of letters, shape (blobs,).
        letter_height_px: Median height of those, 0.0 without letters.
    """

    scale: float
    labels: np.ndarray
    boxes: np.ndarray
    letters: np.ndarray
    letter_height_px: float

    @property
    def n_letters(self) -> int:
        """Blobs of the size of letters."""
        return int(self.letters.sum())

    @property
    def dark(self) -> np.ndarray:
        """uint8, 1 where any ink is, 0 for paper."""
        return (self.labels > 0).astype(np.uint8)

    @property
    def letter_mask(self) -> np.ndarray:
        """True at the pixels of letters, without rules, pictures and specks."""
        chosen = np.concatenate(([False], self.letters))
        mask: np.ndarray = chosen[self.labels]
        return mask


def estimate_background(grey: np.ndarray) -> np.ndarray:
    """The light on the paper without the print, as a grey page of the same shape.

    Args:
        grey: Page, uint8, shape (height, width).

    Returns:
        uint8; a smooth estimate of what each pixel would be if nothing were printed there.
    """
    paper = background_thumbnail(grey)
    return cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def background_thumbnail(grey: np.ndarray) -> np.ndarray:
    """The same at the size at which it is estimated, 240 pixels at most a side."""
    small = shrink(grey, _BACKGROUND_SIDE_PX)
    # Print is darker than paper: a maximum over more than a line's distance leaves paper alone.
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (11, 11))
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_REPLICATE)
    return cv2.GaussianBlur(cv2.medianBlur(paper, 11), (0, 0), 3).astype(np.uint8)


def find_ink(grey: np.ndarray, side_px: int = ANALYSIS_SIDE_PX) -> Ink:
    """Find the blobs of ink and tell which are letters.

    Args:
        grey: Page, uint8, shape (height, width).
        side_px: The page is scaled down to this longer side first; blobs smaller than a pixel of
            what is left are lost.

    Returns:
        Arrays that cannot be written to: step after step asks about the same pixels, so the last
        answers are kept.
    """
    longer_px = max(grey.shape)
    grey = shrink(grey, side_px)
    scale = max(grey.shape) / longer_px
    if max(grey.shape) > ANALYSIS_SIDE_PX:
        return _find_blobs(grey, scale)  # too large to be kept
    digest = hashlib.blake2b(np.ascontiguousarray(grey).data, digest_size=16).digest()
    return _find_blobs_once(_Asked(digest, grey.shape, scale, grey))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question about pixels, the same for the same pixels."""

    digest: bytes
    shape: tuple[int, ...]
    scale: float
    grey: np.ndarray = field(compare=False)


@functools.lru_cache(maxsize=2)  # the page of this step, and a strip or a turned copy of it
def _find_blobs_once(asked: _Asked) -> Ink:
    return _find_blobs(asked.grey, asked.scale)


def _find_blobs(grey: np.ndarray, scale: float) -> Ink:
    """The blobs of a page that was scaled already."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark_pixels(grey), connectivity=8)
    boxes = stats[1:]  # the first is the paper
    letters, median = _letters_among(boxes, max(labels.shape))
    for array in (labels, stats, boxes, letters):
        array.flags.writeable = False
    return Ink(scale, labels, boxes, letters, median / scale)


def dark_pixels(grey: np.ndarray) -> np.ndarray:
    """Where ink is: Otsu's threshold on the page with its light evened out.

    Args:
        grey: Page, uint8, shape (height, width).

    Returns:
        uint8 of the same shape, 1 for ink; all 0 for a page without contrast.
    """
    paper = estimate_background(grey)
    even = cv2.divide(grey, np.maximum(paper, 1), scale=255)
    _, dark = cv2.threshold(even, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    if not _has_contrast(even, dark):
        return np.zeros_like(grey)
    return dark.astype(np.uint8)


def _has_contrast(even: np.ndarray, dark: np.ndarray) -> bool:
    """Whether what Otsu's threshold divides is paper and ink, or only noise."""
    sample = np.ascontiguousarray(even[::3, ::3]), np.ascontiguousarray(dark[::3, ::3])
    ink, _ = cv2.meanStdDev(sample[0], mask=sample[1])
    paper, noise = cv2.meanStdDev(sample[0], mask=1 - sample[1])
    contrast = float(paper[0, 0] - ink[0, 0])
    return contrast > max(_MIN_CONTRAST, _MIN_SEPARATION * float(noise[0, 0]))


def _letters_among(boxes: np.ndarray, side_px: int) -> tuple[np.ndarray, float]:
    """Which blobs are of the size of letters, and the median height of those.

    Args:
        boxes: Of the blobs.
        side_px: The longer side of the page.
    """
    widths, heights, areas = boxes[:, 2], boxes[:, 3], boxes[:, 4]
    likely = (
        (np.minimum(widths, heights) >= 2)
        & (np.maximum(widths, heights) >= _MIN_LETTER_PX)
        & (np.maximum(widths, heights) <= _LARGEST_LETTER * side_px)
        & (widths < 6 * heights)
        & (heights < 6 * widths)
        & (areas > 0.08 * widths * heights)
    )
    if not likely.any():
        return likely, 0.0
    # The median of heights weighted by area: letters hold most of the ink, specks hardly any.
    sizes = np.maximum(widths, heights)
    order = np.argsort(sizes[likely], kind="stable")
    weight = np.cumsum(areas[likely][order])
    middle = sizes[likely][order][np.searchsorted(weight, weight[-1] / 2)]
    letters = likely & (sizes > 0.4 * middle) & (sizes < 3 * middle)
    if not letters.any():
        return letters, 0.0
    return letters, float(np.median(heights[letters]))
