"""Tables: found as grids of level and upright rules; the upright ones go before the page is read.

Tesseract reads them as `|` between two words, takes a digit and the border beside it for one
letter, or drops a narrow column. The reading order does not need them, since the blanks between
cells tell the columns. The level ones stay: they keep the rows apart, and without them a column of
single digits is read as one word that runs down the page.
"""

import cv2
import numpy as np

from vnrepair.scan.ink import Ink, dark_pixels, estimate_background, find_ink

__all__ = ["remove_grids"]

_MIN_LETTERS = 20  # fewer do not tell how large the letters are
_WIDTH, _HEIGHT = 10.0, 3.0  # least size of a table, in heights of a letter: two rows
_MAX_FILL = 0.25  # of its box with ink; rows of 1.5 letters with rules of a fifth give 0.2
_PIECE = 3.0  # in heights of a letter: no stroke of a letter is as long
_MAX_WIDTH = 0.5  # of a rule, in heights of a letter; wider ones are bars
_GAP_PX = 3  # breaks of a pale rule that are bridged
_MIN_UPRIGHT, _MIN_LEVEL = 3, 3  # lines of two columns and of two rows


def remove_grids(grey: np.ndarray) -> np.ndarray | None:
    """The page without the upright rules of its tables; None where there are none.

    Args:
        grey: Page, uint8, shape (height, width), its lines level to half a degree.

    Returns:
        uint8 of the same shape; where rules were, the light on the paper around them.
    """
    ink = find_ink(grey)
    if ink.n_letters < _MIN_LETTERS:
        return None
    boxes = _likely_grids(ink)
    if not boxes:
        return None
    dark = dark_pixels(grey)
    gone = np.zeros_like(dark)
    for place in boxes:
        rules = _upright_rules(np.ascontiguousarray(dark[place]), ink.letter_height_px)
        if rules is not None:
            gone[place] |= rules
    if not gone.any():
        return None
    # Their grey edges go with the rules, but no ink that is not part of them.
    kept = dark & (1 - gone)
    edge = cv2.dilate(gone, np.ones((3, 3), dtype=np.uint8)).astype(np.uint8) & (1 - kept)
    return np.where(edge > 0, np.maximum(grey, estimate_background(grey)), grey)


def _likely_grids(ink: Ink) -> list[tuple[slice, slice]]:
    """Where large and nearly empty blobs lie, rows and columns of the page."""
    unit = ink.letter_height_px * ink.scale
    wide, tall, area = ink.boxes[:, 2:].T
    likely = (wide >= _WIDTH * unit) & (tall >= _HEIGHT * unit) & (area <= _MAX_FILL * wide * tall)
    found = []
    for number in np.flatnonzero(likely):
        x, y, w, h = (int(value) for value in ink.boxes[number, :4])
        rows, columns = (
            slice(max(0, int((start - 1) / ink.scale)), int((start + side + 1) / ink.scale) + 1)
            for start, side in ((y, h), (x, w))
        )
        found.append((rows, columns))
    return found


def _upright_rules(dark: np.ndarray, letter_px: float) -> np.ndarray | None:
    """1 at the upright rules in a piece of the page; None where it holds no grid."""
    _, n_level = _lines(dark, letter_px)
    upright, n_upright = _lines(np.ascontiguousarray(dark.T), letter_px)
    if n_level < _MIN_LEVEL or n_upright < _MIN_UPRIGHT:
        return None
    return np.asarray(dark & upright.T)


def _lines(dark: np.ndarray, letter_px: float) -> tuple[np.ndarray, int]:
    """1 along long thin level lines and a pixel above and below, and how many there are."""
    piece = np.ones((1, max(15, round(_PIECE * letter_px))), dtype=np.uint8)
    # A pixel of slack up and down, so that a thin line may climb.
    slack = cv2.dilate(dark, np.ones((3, 1), dtype=np.uint8))
    slack = cv2.morphologyEx(slack, cv2.MORPH_CLOSE, np.ones((1, _GAP_PX), dtype=np.uint8))
    runs = cv2.morphologyEx(slack, cv2.MORPH_OPEN, piece).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    thickness = stats[:, cv2.CC_STAT_AREA] / stats[:, cv2.CC_STAT_WIDTH] - 2  # without the slack
    is_line = thickness <= _MAX_WIDTH * letter_px
    is_line[0] = False  # the paper
    return is_line[labels].astype(np.uint8), int(is_line.sum())
