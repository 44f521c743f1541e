"""Dust: small dark specks, told from the dots and marks of the letters by statistics.

Vietnamese puts dots and hooks around most letters, and they are as small as dust. On blank paper
dust lies alone, so its sizes can be counted there; then it is known how much dust of every size
must lie between the letters as well. Where that explains most of what is there, it goes.
"""

import cv2
import numpy as np

from vnrepair.scan.clean import has_light_print
from vnrepair.scan.ink import Ink, estimate_background, find_ink
from vnrepair.scan.leaders import find_leaders

__all__ = ["remove_specks"]

_FULL_SIZE = 1 << 30  # a side that no page has: nothing is scaled down
_LARGEST_MARK = 0.4  # in heights of a letter: full stops, dots and hooks; circumflexes are larger
# How far from its letter a mark or a full stop stands, in heights of a letter.
_BESIDE, _ABOVE, _BELOW = 0.5, 0.8, 0.6
_CELL = 3.0  # side of the squares of paper that are looked at, in heights of a letter
_MIN_DUSTY_SHARE = 0.05  # of the blank squares; clean pages are below 0.02, dusty ones above 0.2
_MIN_DUST_SHARE = 0.5  # of the blobs of a size: half of them dust, and all of them go
_MAX_SIZE_PX = 63  # larger blobs of dust are counted as this large


def remove_specks(grey: np.ndarray, *, bilevel: bool) -> np.ndarray | None:
    """The page without dust; None where there is next to none.

    Specks that touch a letter stay. Where light print stands on dark ground, what is left between
    its strokes would be measured as letters, and the letters taken for dust.

    Args:
        grey: Page, uint8, shape (height, width).
        bilevel: Every pixel is black or white.

    Returns:
        uint8 of the same shape; where dust was, the light on the paper around it.
    """
    # A grey page is searched at the size of analysis first: most pages are clean.
    if not bilevel and _dusty_share(find_ink(grey)) < _MIN_DUSTY_SHARE:
        return None
    ink = find_ink(grey, _FULL_SIZE)
    if _dusty_share(ink) < _MIN_DUSTY_SHARE or has_light_print(grey):
        return None
    specks = np.concatenate(([False], _dust(ink)))[ink.labels].astype(np.uint8)
    if bilevel:
        return np.where(specks > 0, np.uint8(255), grey)
    specks = cv2.dilate(specks, np.ones((3, 3), dtype=np.uint8))  # their grey edges go with them
    return np.where(specks > 0, np.maximum(grey, estimate_background(grey)), grey)


def _dusty_share(ink: Ink) -> float:
    """Share of the blank paper, in small squares, on which specks lie, 0-1.

    A share of squares and not a count of specks: dust is everywhere, a smudge or a dotted line at
    one place.
    """
    if not ink.n_letters:
        return 0.0
    cell_px = max(8, round(_CELL * ink.letter_height_px * ink.scale))
    rows, columns = (side // cell_px for side in ink.labels.shape)
    if not rows or not columns:
        return 0.0
    near = _near_letters(ink)[: rows * cell_px, : columns * cell_px]
    blank = near.reshape(rows, cell_px, columns, cell_px).mean(axis=(1, 3)) < 0.5
    if not blank.any():
        return 0.0
    x, y = _middles(ink)[_specks(ink) & ~_is_near(ink)].T // cell_px
    inside = (x < columns) & (y < rows)
    dusty = np.zeros((rows, columns), dtype=bool)
    dusty[y[inside], x[inside]] = True
    return float(dusty[blank].mean())


def _dust(ink: Ink) -> np.ndarray:
    """Which blobs are dust, shape (blobs,)."""
    specks, near = _specks(ink), _is_near(ink)
    paper = _near_letters(ink) == 0
    among_letters = ~paper & ~_anchors(ink)[ink.labels]
    size_px = np.minimum(ink.boxes[:, 2:4].max(axis=1), _MAX_SIZE_PX)
    alone = np.bincount(size_px[specks & ~near], minlength=_MAX_SIZE_PX + 1)
    found = np.bincount(size_px[specks & near], minlength=_MAX_SIZE_PX + 1)
    expected = alone * (among_letters.sum() / max(1, paper.sum()))
    share = expected / np.maximum(found, 1)
    dust: np.ndarray = specks & (~near | (share[size_px] > _MIN_DUST_SHARE))
    return dust


def _specks(ink: Ink) -> np.ndarray:
    """Blobs as small as marks, but for those of dotted lines."""
    small: np.ndarray = ~ink.letters & (ink.boxes[:, 2:4].max(axis=1) <= _mark_px(ink))
    specks: np.ndarray = small & ~find_leaders(ink)
    return specks


def _mark_px(ink: Ink) -> float:
    """Side of the largest blob that may be dust, pixels of `ink.labels`."""
    return _LARGEST_MARK * ink.letter_height_px * ink.scale


def _anchors(ink: Ink) -> np.ndarray:
    """Which labels, paper first, are letters or large parts of them."""
    large = ink.letters | (ink.boxes[:, 2:4].max(axis=1) > _mark_px(ink))
    return np.concatenate(([False], large))


def _near_letters(ink: Ink) -> np.ndarray:
    """1 on letters and where their marks and the punctuation behind them may stand."""
    letters = _anchors(ink)[ink.labels].astype(np.uint8)
    height_px = ink.letter_height_px * ink.scale
    beside, above, below = (max(2, round(reach * height_px)) for reach in (_BESIDE, _ABOVE, _BELOW))
    # A pixel above a letter finds the letter below it, so the kernel reaches down by `above`.
    kernel = np.ones((above + below + 1, 2 * beside + 1), dtype=np.uint8)
    return cv2.dilate(letters, kernel, anchor=(beside, below)).astype(np.uint8)


def _is_near(ink: Ink) -> np.ndarray:
    """Which blobs lie there."""
    x, y = _middles(ink).T
    is_near: np.ndarray = _near_letters(ink)[y, x] > 0
    return is_near


def _middles(ink: Ink) -> np.ndarray:
    """Column and row of the middle of every blob, shape (blobs, 2)."""
    middles: np.ndarray = ink.boxes[:, :2] + ink.boxes[:, 2:4] // 2
    return middles
