"""Dotted lines to write on, as forms have them: `Họ tên: ..............`.

Nothing is printed there, but Tesseract reads words into the dots. They are told by their rhythm.
"""

import cv2
import numpy as np

from vnrepair.scan.ink import Ink, estimate_background, find_ink

__all__ = ["find_leaders", "remove_leaders"]

_LARGEST_DOT = 0.4  # in heights of a letter; that of a full stop is about 0.2
_MAX_PITCH = 1.0  # from dot to dot, in heights of a letter; dots of 14 points stand 0.55 apart
_LEVEL = 0.2  # in heights of a letter; more is another line, or a mark
_RHYTHM = 0.35  # by how much of itself the pitch may change; pixels alone make it a quarter
_MIN_DOTS = 5  # three dots are an ellipsis, four its end of a sentence


def find_leaders(ink: Ink) -> np.ndarray:
    """Which blobs are dots of dotted lines: five or more at one height and one distance.

    Returns:
        bool, shape (blobs,).
    """
    height_px = ink.letter_height_px * ink.scale
    leaders = np.zeros(len(ink.boxes), dtype=bool)
    dots = np.flatnonzero(
        ~ink.letters & (ink.boxes[:, 2:4].max(axis=1) <= _LARGEST_DOT * height_px)
    )
    if len(dots) < _MIN_DOTS:
        return leaders
    dots = dots[np.argsort(ink.boxes[dots, 0], kind="stable")]
    x, y = (ink.boxes[dots, :2] + ink.boxes[dots, 2:4] / 2).T
    after = _next_dots(x, y, height_px)
    for row in _rows(after, x):
        if len(row) >= _MIN_DOTS:
            leaders[dots[row]] = True
    return leaders


def remove_leaders(grey: np.ndarray) -> np.ndarray | None:
    """The page without its dotted lines; None where there are none.

    Args:
        grey: Page, uint8, shape (height, width).

    Returns:
        uint8 of the same shape; where dots were, the light on the paper around them.
    """
    ink = find_ink(grey)
    leaders = find_leaders(ink)
    if not leaders.any():
        return None
    dots = np.concatenate(([False], leaders))[ink.labels].astype(np.uint8)
    dots = cv2.dilate(dots, np.ones((3, 3), dtype=np.uint8))
    if ink.scale < 1:
        dots = cv2.resize(dots, grey.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.where(dots > 0, np.maximum(grey, estimate_background(grey)), grey)


def _next_dots(x: np.ndarray, y: np.ndarray, height_px: float) -> np.ndarray:
    """The nearest dot to the right at the same level, -1 for none; `x` ascends."""
    after = np.full(len(x), -1)
    ends = np.searchsorted(x, x + _MAX_PITCH * height_px, side="right")
    for dot, end in enumerate(ends):
        level = np.flatnonzero(np.abs(y[dot + 1 : end] - y[dot]) <= _LEVEL * height_px)
        if len(level):
            after[dot] = dot + 1 + level[0]
    return after


def _rows(after: np.ndarray, x: np.ndarray) -> list[list[int]]:
    """Chains of dots, cut where the rhythm changes."""
    seen = np.zeros(len(after), dtype=bool)
    rows: list[list[int]] = []
    for start in range(len(after)):
        if seen[start]:
            continue
        row = [start]
        seen[start] = True
        while (dot := after[row[-1]]) >= 0:
            pitch = x[dot] - x[row[-1]]
            if len(row) > 1 and abs(pitch - (x[row[-1]] - x[row[-2]])) > _RHYTHM * pitch:
                rows.append(row)
                row = [row[-1]]  # the next row may begin where this one ends
            if seen[dot]:
                break
            row.append(int(dot))
            seen[dot] = True
        rows.append(row)
    return rows
