"""Shapes of stamps: the rim of a round seal, also a broken one, and the frame of a stamp."""

import math

import cv2
import numpy as np

__all__ = ["find_frame", "find_rings", "square"]

_SEARCH_SIDE_PX = 360  # a seal of 35 mm has a radius of 20 pixels on A4 then
_RADIUS_RANGE = (4.5, 12.0)  # heights of a letter; seals of 28 to 50 mm beside print of 11 to 14 pt
_RADIUS_STEP = 1.08  # from one radius to the next: less than the rim's thickness
_MIN_COVER = 0.5  # share of the rim with ink; lines of print across a circle give 0.3
_MIN_EDGE = 0.45  # by which the rim is fuller than a circle just outside of it
_OUTSIDE = 1.25  # radius of that circle, in radii of the rim
_MIN_INK_PX = 40  # less ink than half a rim, in pixels of the search
_FRAME_WIDTH = 0.35  # heights of a letter from the edge of its box within which a frame lies,
_FRAME_SHARE = 0.75  # with more than this share of its ink; a ring has half of it there
_MAX_TILT_DEG = 15  # stamps are pressed by hand, but not more askew


def find_rings(mask: np.ndarray, letter_px: float) -> tuple[tuple[float, float, float], ...]:
    """Circles of ink with empty paper around them.

    Args:
        mask: uint8, shape (height, width), 1 for ink of one colour.
        letter_px: Height of a letter, pixels of `mask`, > 0.

    Returns:
        Middle and radius of each, (x, y, radius) in pixels of `mask`; at most one at a place.
    """
    factor = min(1.0, _SEARCH_SIDE_PX / max(mask.shape))
    size = (max(1, round(mask.shape[1] * factor)), max(1, round(mask.shape[0] * factor)))
    small = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    ink = (small > 0.2).astype(np.float32)  # a rim fills a third of a pixel's width
    if ink.sum() < _MIN_INK_PX:
        return ()
    left, top, width, height = cv2.boundingRect(ink.astype(np.uint8))
    piece = ink[top : top + height, left : left + width]
    best = np.full(piece.shape, -1.0, dtype=np.float32)
    radius_at = np.zeros(piece.shape, dtype=np.float32)
    for radius in _radii(letter_px * factor, min(width, height) / 2):
        cover = cv2.filter2D(piece, -1, _circle(radius), borderType=cv2.BORDER_CONSTANT)
        around = cv2.filter2D(piece, -1, _circle(radius * _OUTSIDE), borderType=cv2.BORDER_CONSTANT)
        found = (cover >= _MIN_COVER) & (cover - around >= _MIN_EDGE) & (cover > best)
        best[found] = cover[found]
        radius_at[found] = radius
    return tuple(
        ((x + left + 0.5) / factor, (y + top + 0.5) / factor, radius / factor)
        for x, y, radius in _peaks(best, radius_at)
    )


def find_frame(points: np.ndarray, letter_px: float) -> np.ndarray | None:
    """Corners of the rectangle along whose sides points lie; None where they lie otherwise.

    Args:
        points: Shape (points, 2), as (x, y).
        letter_px: Height of a letter, pixels: how near to a side they must lie.
    """
    width_px = _FRAME_WIDTH * letter_px
    best, corners = _FRAME_SHARE, None
    for degrees in range(-_MAX_TILT_DEG, _MAX_TILT_DEG + 1):
        angle = math.radians(degrees)
        axes = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        turned = points @ axes
        low, high = turned.min(axis=0), turned.max(axis=0)
        depth = np.minimum(turned - low, high - turned).min(axis=1)
        share = float(np.mean(depth <= width_px))
        if share > best:
            box = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
            best, corners = share, box @ axes.T
    return corners


def _radii(letter_px: float, largest: float) -> list[float]:
    """The radii to look for, pixels."""
    first, last = (letter_px * share for share in _RADIUS_RANGE)
    last = min(last, largest * 1.1)
    if first < 4 or last < first:  # a rim of fewer pixels is no circle
        first = max(first, 4.0)
    count = math.floor(math.log(max(last / first, 1.0)) / math.log(_RADIUS_STEP)) + 1
    return [first * _RADIUS_STEP**step for step in range(count)] if last >= first else []


def _circle(radius: float) -> np.ndarray:
    """A rim two pixels thick as a kernel that sums to 1."""
    reach = math.ceil(radius) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    rim = (np.abs(np.hypot(x, y) - radius) <= 1.0).astype(np.float32)
    return np.asarray(rim / rim.sum(), dtype=np.float32)


def _peaks(best: np.ndarray, radius_at: np.ndarray) -> list[tuple[float, float, float]]:
    """The best circles, each with its place to itself."""
    peaks = []
    left = best.copy()
    while left.size:
        place = int(left.argmax())
        y, x = divmod(place, left.shape[1])
        if left[y, x] < 0:
            break
        radius = float(radius_at[y, x])
        peaks.append((float(x), float(y), radius))
        cv2.circle(left, (x, y), round(radius), -1.0, cv2.FILLED)
    return peaks


def square(reach_px: int) -> np.ndarray:
    """A kernel that reaches so many pixels to each side, uint8."""
    return np.ones((2 * reach_px + 1, 2 * reach_px + 1), dtype=np.uint8)
