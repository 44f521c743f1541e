"""Signatures and seals in black or on grey scans: found by their strokes, erased between the lines.

Where colour does not help, shape must: the loops of a pen and the rim of a seal are single strokes
much larger than letters and nearly empty inside. Tesseract takes such a stroke, and the print that
it touches, for a picture and drops them both. What of it lies between the lines of print can be
erased without touching a letter; where it crosses a line it stays.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from vnrepair.records import Box
from vnrepair.scan.ink import Ink, estimate_background, find_ink
from vnrepair.scan.shapes import find_frame, find_rings

__all__ = ["Scribble", "erase_scribbles", "find_scribbles"]

_Corners = tuple[int, int, int, int]  # left, top, right and bottom, pixels of the mask

_MIN_LETTERS = 60  # a page with fewer is a picture, a map or a cover
_WIDTH, _HEIGHT = 4.0, 2.2  # least size of a scribble, in heights of a letter
_MAX_SHARE = 0.4  # its longer side over the page's; larger ones are frames and pictures
_MAX_FILL = 0.3  # of its box
_MAX_SCRIBBLES = 6  # more are a drawing or a map
_STRAIGHT_LENGTH = 2.0  # heights of a letter; longer level and upright runs are rules
_MAX_STRAIGHT = 0.5  # share of a scribble's ink in such runs; tables have nearly all
_RIM = 1.08  # radius of a seal to the outside of its rim, in the radius that was found
_MIN_ERASED = 0.2  # of the ink in its box; for less, a page is better left alone
_BAND_REACH = 6.0  # heights of a letter beside a scribble in which letters show where lines run
_BAND_LETTERS = 3  # letters that make a line; fewer may be pieces of the pen stroke
_CLOSE = 0.5  # heights of a letter between the strokes of letters; pen strokes lie further apart,
_DENSE_GAPS = 6  # and so many gaps of that kind in a row of pixels make print of it
_DENSE_REACH = 1.0  # heights of a letter around such rows that belong to the same line
_BAND_ABOVE, _BAND_BELOW = 0.55, 0.45  # heights of a letter that marks and tails reach beyond it
_LETTER_RANGE = (0.6, 1.9)  # heights of letters that show a line, in the page's usual height


@dataclass(frozen=True, slots=True)
class Scribble:
    """A pen stroke or the rim of a seal.

    Attributes:
        box: Around it, pixels of the page.
        is_ring: A round seal, whose inside belongs to it.
    """

    box: Box
    is_ring: bool


def find_scribbles(grey: np.ndarray) -> tuple[Scribble, ...]:
    """Signatures and round seals on a level page.

    Args:
        grey: Page, uint8, shape (height, width).
    """
    ink = find_ink(grey)
    found = [(_box_of(ink, number), False) for number in _strokes(ink)]
    found += [(_box_around(disc, ink), True) for disc in _discs(ink)]
    return tuple(Scribble(_on_page(box, ink.scale, grey.shape), ring) for box, ring in found)


def erase_scribbles(grey: np.ndarray) -> np.ndarray | None:
    """The page without what signatures and seals leave between its lines of print.

    Args:
        grey: Page with level lines, uint8, shape (height, width).

    Returns:
        A new page of the same shape; None where there is nothing to erase.
    """
    ink = find_ink(grey)
    strokes, discs = _strokes(ink), _discs(ink)
    if not len(strokes) and not discs:
        return None
    erased = np.zeros(ink.labels.shape, dtype=np.uint8)
    in_seal = np.zeros(ink.labels.shape, dtype=np.uint8)
    for x, y, radius in discs:
        cv2.circle(in_seal, (round(x), round(y)), round(radius), 1, cv2.FILLED)
    for number in strokes:
        box = _box_of(ink, number)
        place = _place(box)
        if not _crosses_print(ink, number, in_seal):
            continue  # alone between the lines it costs nothing, and Tesseract passes it by
        # With the loose ends of the signature, which are blobs of their own within its box.
        between = (ink.labels[place] > 0) & _between_lines(ink, box, in_seal)
        if np.count_nonzero(between) >= _MIN_ERASED * np.count_nonzero(ink.labels[place]):
            erased[place] |= between
    for disc in discs:
        place = _place(_box_around(disc, ink))
        piece = (ink.labels[place] > 0) & (in_seal[place] > 0)
        erased[place] |= piece & _between_lines(ink, _box_around(disc, ink), in_seal)
    if not erased.any():
        return None
    widened = cv2.dilate(erased, np.ones((3, 3), dtype=np.uint8))
    size = (grey.shape[1], grey.shape[0])
    where = cv2.resize(widened, size, interpolation=cv2.INTER_NEAREST) > 0
    paper = np.maximum(estimate_background(grey), grey)
    return np.where(where, paper, grey).astype(np.uint8)


def _strokes(ink: Ink) -> list[int]:
    """Indices of the blobs that are pen strokes; none where there are too many of them."""
    if ink.n_letters < _MIN_LETTERS:
        return []
    height_px = ink.letter_height_px * ink.scale
    width, height, area = (ink.boxes[:, column].astype(float) for column in (2, 3, 4))
    longer, shorter = np.maximum(width, height), np.minimum(width, height)
    is_large = (
        (longer >= _WIDTH * height_px)
        & (shorter >= _HEIGHT * height_px)
        & (longer <= _MAX_SHARE * max(ink.labels.shape))
        & (area <= _MAX_FILL * width * height)
    )
    run = max(3, round(_STRAIGHT_LENGTH * height_px))
    large = (int(number) for number in np.flatnonzero(is_large))
    found = [
        number
        for number in large
        if not _is_straight(ink, number, run) and not _is_frame(ink, number, height_px)
    ]
    return found if len(found) <= _MAX_SCRIBBLES else []


def _discs(ink: Ink) -> list[tuple[float, float, float]]:
    """Middle and radius of the round seals, pixels of the mask, a little beyond the rim."""
    if ink.n_letters < _MIN_LETTERS:
        return []
    rings = find_rings((ink.labels > 0).astype(np.uint8), ink.letter_height_px * ink.scale)
    return [(x, y, radius * _RIM) for x, y, radius in rings]


def _is_frame(ink: Ink, number: int, letter_px: float) -> bool:
    """Whether a blob is the frame of a stamp: Tesseract reads around frames, not around halves."""
    left, top, width, height = ink.boxes[number, :4]
    piece = ink.labels[top : top + height, left : left + width] == number + 1
    return find_frame(np.argwhere(piece)[:, ::-1], letter_px) is not None


def _is_straight(ink: Ink, number: int, run_px: int) -> bool:
    """Whether a blob consists of level and upright rules, as tables and frames do."""
    left, top, width, height, area = ink.boxes[number]
    piece = (ink.labels[top : top + height, left : left + width] == number + 1).astype(np.uint8)
    level = cv2.morphologyEx(piece, cv2.MORPH_OPEN, np.ones((1, run_px), dtype=np.uint8))
    upright = cv2.morphologyEx(piece, cv2.MORPH_OPEN, np.ones((run_px, 1), dtype=np.uint8))
    return bool(np.count_nonzero(np.bitwise_or(level, upright)) > _MAX_STRAIGHT * area)


def _crosses_print(ink: Ink, number: int, in_seal: np.ndarray) -> bool:
    """Whether a pen stroke runs into a line of print above, below or right across it."""
    box = _box_of(ink, number)
    stroke = ink.labels[_place(box)] == number + 1
    return bool(np.any(stroke & ~_between_lines(ink, box, in_seal, reach=0.0)))


def _between_lines(
    ink: Ink, box: _Corners, in_seal: np.ndarray, reach: float = _BAND_REACH
) -> np.ndarray:
    """Which rows of a box no line of print runs through, as the letters in and beside it show.

    Args:
        ink: Of the page.
        box: Left, top, right and bottom, pixels of the mask.
        in_seal: 1 inside round seals, whose letters run along no line.
        reach: How far beside the box letters count, in heights of a letter.

    Returns:
        bool, shape (bottom - top, 1).
    """
    left, top, right, bottom = box
    unit = ink.letter_height_px * ink.scale
    first, height = ink.boxes[:, 1], ink.boxes[:, 3]
    x, y = ink.boxes[:, 0] + ink.boxes[:, 2] // 2, first + height // 2
    low, high = _LETTER_RANGE
    shows_line = (
        ink.letters
        & (height >= low * unit)
        & (height <= high * unit)
        & (x >= left - reach * unit)
        & (x < right + reach * unit)
        & (y > top - unit)
        & (y < bottom + unit)
        & (in_seal[y, x] == 0)
    )
    letters = np.zeros(bottom - top, dtype=int)
    for start, tall in zip(first[shows_line], height[shows_line], strict=True):
        above = max(0, round(start - _BAND_ABOVE * unit) - top)
        letters[above : max(0, round(start + tall + _BAND_BELOW * unit) - top)] += 1
    free = (letters < _BAND_LETTERS) & ~_is_dense(ink.labels[top:bottom, left:right] > 0, unit)
    return np.asarray(free)[:, None]


def _is_dense(dark: np.ndarray, unit: float) -> np.ndarray:
    """Near which rows strokes follow each other as closely as those of letters do.

    A name whose letters all touch the pen stroke is one blob with it and shows no letter.

    Args:
        dark: bool, shape (rows, columns), True for ink.
        unit: Height of a letter, pixels.

    Returns:
        bool, shape (rows,).
    """
    steps = np.diff(dark.astype(np.int8), axis=1)
    dense = np.zeros(len(dark), dtype=np.uint8)
    for row, step in enumerate(steps):
        starts, ends = np.flatnonzero(step == 1), np.flatnonzero(step == -1)
        if len(starts) > _DENSE_GAPS and len(ends):
            gaps = starts[np.searchsorted(starts, ends[0]) :]
            gaps = gaps - ends[: len(gaps)]
            dense[row] = np.count_nonzero(gaps <= _CLOSE * unit) >= _DENSE_GAPS
    reach = 2 * round(_DENSE_REACH * unit) + 1
    return cv2.dilate(dense[:, None], np.ones((reach, 1), dtype=np.uint8))[:, 0] > 0


def _box_of(ink: Ink, number: int) -> _Corners:
    left, top, width, height = (int(value) for value in ink.boxes[number, :4])
    return left, top, left + width, top + height


def _box_around(disc: tuple[float, float, float], ink: Ink) -> _Corners:
    x, y, radius = disc
    height, width = ink.labels.shape
    left, top = max(0, int(x - radius)), max(0, int(y - radius))
    return left, top, min(width, int(x + radius) + 2), min(height, int(y + radius) + 2)


def _place(box: _Corners) -> tuple[slice, slice]:
    left, top, right, bottom = box
    return slice(top, bottom), slice(left, right)


def _on_page(box: _Corners, scale: float, shape: tuple[int, ...]) -> Box:
    """A box of the mask in pixels of the page."""
    left, top, right, bottom = (round(value / scale) for value in box)
    return Box(left, top, min(right, shape[1]), min(bottom, shape[0]))
