"""Long thin lines across the text: folds of the paper, scratches, streaks of a dirty scanner.

Tesseract takes an upright one for the gap between two columns and tears every line of text apart.
The rules of tables and letterheads run beside the text; they help the reading and stay.
"""

import cv2
import numpy as np

from vnrepair.scan.ink import dark_pixels, estimate_background, find_ink

__all__ = ["remove_crossing_lines"]

_MIN_LETTERS = 20  # fewer do not tell how large the letters are
_MIN_LENGTH = 0.8  # of the page's side; folds run from edge to edge, lines to write on do not
_MAX_WIDTH = 0.7  # in heights of a letter; wider ones are bars, and are printed
_PIECE = 4.0  # in heights of a letter: no stroke of a letter, and no dash, is as long
_REACH = 0.2  # in heights of a letter: how near to the line ink touches it
_MIN_TOUCHED = 3.0  # letters that a fold touches, in heights; text keeps off the rules of tables
_MIN_TOUCHED_A_SIDE = 1.0  # a line under a heading touches it from below alone
_MARGIN = 2.0  # in heights of a letter: nearer to the page's edge it is the edge of the sheet


def remove_crossing_lines(grey: np.ndarray) -> np.ndarray | None:
    """The page without long lines that run through its text; None where there are none.

    Strokes of letters that cross such a line are kept whole. A long page is searched scaled down
    first, because most pages have no such line.

    Args:
        grey: Page, uint8, shape (height, width), its lines level to some three degrees.

    Returns:
        uint8 of the same shape; where the line was, the light on the paper around it.
    """
    ink = find_ink(grey)
    if ink.n_letters < _MIN_LETTERS:
        return None
    height_px = ink.letter_height_px
    if ink.scale < 1 and _crossing_lines(ink.dark, height_px * ink.scale) is None:
        return None
    dark = dark_pixels(grey)
    gone = _crossing_lines(dark, height_px)
    if gone is None:
        return None
    # Its grey edges go with a line, but no ink that is not part of it.
    kept = dark & (1 - gone)
    edge = cv2.dilate(gone, np.ones((3, 3), dtype=np.uint8)).astype(np.uint8) & (1 - kept)
    return np.where(edge > 0, np.maximum(grey, estimate_background(grey)), grey)


def _crossing_lines(dark: np.ndarray, height_px: float) -> np.ndarray | None:
    """1 at the pixels of level and upright lines through text; None where there are none."""
    level = _lines_along_rows(dark, height_px)
    upright = _lines_along_rows(np.ascontiguousarray(dark.T), height_px)
    if level is None:
        return None if upright is None else upright.T
    return level if upright is None else level | upright.T


def _lines_along_rows(dark: np.ndarray, height_px: float) -> np.ndarray | None:
    """1 at the pixels of level lines through text, without strokes that cross them; None if none.

    Args:
        dark: 1 for ink, uint8, shape (height, width).
        height_px: Height of a letter.
    """
    rows, columns = dark.shape
    piece = np.ones((1, max(15, int(_PIECE * height_px))), dtype=np.uint8)
    # A pixel of slack up and down, so that a thin line may climb.
    slack = cv2.dilate(dark, np.ones((3, 1), dtype=np.uint8))
    runs = cv2.morphologyEx(slack, cv2.MORPH_OPEN, piece)
    if not runs.any():
        return None
    n_lines, labels, boxes, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    lines = np.zeros_like(dark)
    # The rules of a table cross each other; only what is not as long counts as text.
    text = dark & (1 - cv2.morphologyEx(dark, cv2.MORPH_OPEN, piece.T).astype(np.uint8))
    reach = max(2, round(_REACH * height_px))
    margin = _MARGIN * height_px
    for number in range(1, n_lines):
        left, top, width, tall, area = (int(value) for value in boxes[number])
        thickness = area / width - 2  # without the slack
        if width < _MIN_LENGTH * columns or thickness > _MAX_WIDTH * height_px:
            continue
        if top + tall < margin or top > rows - margin:
            continue
        across = slice(max(0, top - reach), top + tall + reach), slice(left, left + width)
        line = (labels[across] == number).astype(np.uint8)
        if _runs_through_text(text[across], line, reach, height_px):
            lines[across] |= _without_strokes(dark[across], line)
    return lines if lines.any() else None


def _runs_through_text(text: np.ndarray, line: np.ndarray, reach: int, height_px: float) -> bool:
    """Whether text touches a line from both sides, and much of it."""
    rest = text & (1 - line)
    kernel = np.ones((reach + 1, 1), dtype=np.uint8)
    sides = (rest & cv2.dilate(line, kernel, anchor=(0, anchor)) for anchor in (0, reach))
    above, below = (int(np.count_nonzero(side.any(axis=0))) for side in sides)
    return (
        above + below >= _MIN_TOUCHED * height_px
        and min(above, below) >= _MIN_TOUCHED_A_SIDE * height_px
    )


def _without_strokes(ink: np.ndarray, line: np.ndarray) -> np.ndarray:
    """The ink of a line less the strokes across it."""
    line_ink = line & ink
    # Ink above flows down through the line, ink below flows up; where both meet, a stroke crosses.
    # It may lean: a column more on either side.
    above = cv2.dilate(ink & (1 - line), np.ones((1, 3), dtype=np.uint8)).astype(np.uint8)
    below = above.copy()
    for row in range(1, len(ink)):
        above[row] |= above[row - 1] & line_ink[row]
        below[-1 - row] |= below[-row] & line_ink[-1 - row]
    without: np.ndarray = line_ink & (1 - (above & below))
    return without
