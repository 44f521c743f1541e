"""Pieces of text lines as the ink shows them, and a sheet of some of them to be read apart.

In: a grey page whose lines lie level. Out: strips, each a run of letters without a wide blank, so
that what stands in two columns is two strips even where their lines are at odds. A sheet sets
strips below each other, each freed of its neighbours: whatever confused the layout analysis of the
page is not on it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from vnrepair.records import Box
from vnrepair.scan.ink import Ink

__all__ = ["Sheet", "Strip", "cut", "find_strips", "merge", "set_sheet"]

_MIN_LETTER = 0.55  # heights of a letter; what is lower is a mark of a letter, or a hyphen
_MAX_WORD = 15.0  # heights of a letter; wider blobs are frames and rules
_MIN_INK = 0.1  # share of a blob's box that is ink; letters lie above 0.2, frames below 0.05
_MAX_BLANK = 2.0  # heights of a letter between letters of one strip; columns are further apart
_MAX_HEIGHT = 2.6  # heights of a letter; what is taller is no single line
_MARKS = 0.5  # heights of a letter above and below, where marks and descenders stand
_SIDES = 0.5  # heights of a letter to the left and right, where full stops stand
_SPACING = 1.2  # heights of a letter between the strips of a sheet
_CELLS_A_LINE = 20  # so many digits read as well as a few


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """A run of letters of one line.

    Attributes:
        box: Around its letters, pixels of the page.
        letters: Left, right, top and bottom of each letter, shape (letters, 4), the same.
        blobs: Numbers of its letters in `Ink.labels`.
    """

    box: Box
    letters: np.ndarray
    blobs: np.ndarray

    @property
    def middles(self) -> np.ndarray:
        """Column of the middle of each letter, pixels of the page, shape (letters,)."""
        middles: np.ndarray = self.letters[:, :2].mean(axis=1)
        return middles


@dataclass(frozen=True, slots=True)
class Sheet:
    """Strips set below each other.

    Attributes:
        image: Grey, uint8.
        factor: Pixels of the sheet per pixel of the page.
        places: Per strip its left and top edge on the sheet, pixels of the sheet, and on the page,
            pixels of the page: what of the page is shown there.
        bottoms: Where each strip ends on the sheet.
    """

    image: np.ndarray
    factor: float
    places: tuple[tuple[int, int, int, int], ...]
    bottoms: tuple[int, ...]

    def on_page(self, box: Box) -> tuple[int, Box]:
        """The strip that a box of the sheet lies on, and its place on the page."""
        middle = (box.top + box.bottom) / 2
        number = next((n for n, end in enumerate(self.bottoms) if middle < end), -1)
        left, top, page_left, page_top = self.places[number]
        sides = (
            (box.left - left) / self.factor + page_left,
            (box.top - top) / self.factor + page_top,
            (box.right - left) / self.factor + page_left,
            (box.bottom - top) / self.factor + page_top,
        )
        return number % len(self.places), Box(*(max(0, round(side)) for side in sides))


@dataclass(frozen=True, slots=True)
class Cells:
    """Strips of a letter or two set beside each other: below each other they are read as no text.

    Attributes:
        image: Grey, uint8.
        factor: Pixels of the image per pixel of the page.
        boxes: Per strip where it stands on the image.
        corners: Per strip its left and top edge on the page, pixels of the page.
    """

    image: np.ndarray
    factor: float
    boxes: tuple[Box, ...]
    corners: tuple[tuple[int, int], ...]

    def on_page(self, box: Box) -> tuple[int, Box] | None:
        """The strip under a box of the image, and its place on the page; None for several."""
        met = [n for n, own in enumerate(self.boxes) if _overlap(own, box)]
        if len(met) != 1:
            return None
        own, (left, top) = self.boxes[met[0]], self.corners[met[0]]
        sides = (
            (box.left - own.left) / self.factor + left,
            (box.top - own.top) / self.factor + top,
            (box.right - own.left) / self.factor + left,
            (box.bottom - own.top) / self.factor + top,
        )
        return met[0], Box(*(max(0, round(side)) for side in sides))


def find_strips(ink: Ink) -> list[Strip]:
    """The runs of letters on a page, from the top down."""
    height = ink.letter_height_px * ink.scale
    if not ink.n_letters:
        return []
    is_letter = _full_letters(ink)
    reach = max(1, int(_MAX_BLANK * height))
    runs = is_letter[ink.labels].astype(np.uint8)
    runs = cv2.dilate(runs, np.ones((1, reach), dtype=np.uint8))
    count, labels = cv2.connectedComponents(runs, connectivity=4)
    numbers = np.flatnonzero(is_letter[1:])
    boxes = ink.boxes[numbers]
    first_row = boxes[:, 1]
    # Any pixel of a letter tells its run; its top row has one.
    columns = [
        left + int(np.argmax(ink.labels[top, left : left + width] == number + 1))
        for number, (left, top, width, _, _) in zip(numbers.tolist(), boxes.tolist(), strict=True)
    ]
    owner = labels[first_row, columns]
    order = np.argsort(owner, kind="stable")
    edges = np.searchsorted(owner[order], np.arange(1, count + 1))
    strips = [
        _strip(ink, numbers[order[start:end]])
        for start, end in zip(edges, [*edges[1:], len(order)], strict=True)
        if end > start
    ]
    tallest = _MAX_HEIGHT * ink.letter_height_px
    return sorted(
        (strip for strip in strips if strip.box.height_px <= tallest),
        key=lambda strip: (strip.box.top, strip.box.left),
    )


def _full_letters(ink: Ink) -> np.ndarray:
    """Whether each label is letters rather than marks or rules, bool, shape (labels,).

    Bold letters and those of a coarse scan run into each other, so a blob may be a whole word.
    """
    height = ink.letter_height_px * ink.scale
    wide, tall, area = ink.boxes[:, 2], ink.boxes[:, 3], ink.boxes[:, 4]
    of_line = (tall >= _MIN_LETTER * height) & (tall <= _MAX_HEIGHT * height)
    dense = (wide <= _MAX_WORD * height) & (area >= _MIN_INK * wide * tall)
    return np.concatenate(([False], of_line & dense))


def _strip(ink: Ink, numbers: np.ndarray) -> Strip:
    left, top, width, tall, _ = ink.boxes[numbers].T / ink.scale
    return _strip_of(np.stack((left, left + width, top, top + tall), axis=1), numbers + 1)


def _strip_of(letters: np.ndarray, blobs: np.ndarray) -> Strip:
    left, top = letters[:, 0].min(), letters[:, 2].min()
    right, bottom = letters[:, 1].max(), letters[:, 3].max()
    return Strip(Box(int(left), int(top), int(right) + 1, int(bottom) + 1), letters, blobs)


def cut(strip: Strip, left: float, right: float) -> Strip:
    """The letters of a strip whose middles lie between two columns; all where none do."""
    inside = (strip.middles >= left) & (strip.middles <= right)
    return _strip_of(strip.letters[inside], strip.blobs[inside]) if inside.any() else strip


def merge(strips: Sequence[Strip]) -> Strip:
    """Several strips, at least one, as one."""
    if len(strips) == 1:
        return strips[0]
    letters = np.concatenate([strip.letters for strip in strips])
    return _strip_of(letters, np.concatenate([strip.blobs for strip in strips]))


def set_sheet(grey: np.ndarray, ink: Ink, strips: Sequence[Strip], factor: float) -> Sheet:
    """Set strips below each other on white.

    Args:
        grey: Page, uint8, shape (height, width).
        ink: Its ink.
        strips: At least one.
        factor: Pixels of the sheet per pixel of the page, > 0.
    """
    paper = int(np.percentile(grey[::8, ::8], 70))
    spacing = max(4, int(_SPACING * ink.letter_height_px * factor))
    pieces = list(_pieces(grey, ink, strips, factor, paper))
    width = max(piece.shape[1] for piece, _, _ in pieces) + 2 * spacing
    image = np.full(
        (sum(p.shape[0] + spacing for p, _, _ in pieces) + spacing, width), paper, np.uint8
    )
    places: list[tuple[int, int, int, int]] = []
    bottoms: list[int] = []
    top = spacing
    for piece, page_left, page_top in pieces:
        tall, wide = piece.shape
        image[top : top + tall, spacing : spacing + wide] = piece
        places.append((spacing, top, page_left, page_top))
        bottoms.append(top + tall + spacing // 2)
        top += tall + spacing
    return Sheet(image, factor, tuple(places), tuple(bottoms))


def set_cells(grey: np.ndarray, ink: Ink, strips: Sequence[Strip], factor: float) -> Cells:
    """Set short strips beside each other on white, in lines; the arguments are as for sheets."""
    paper = int(np.percentile(grey[::8, ::8], 70))
    spacing = max(4, int(_SPACING * ink.letter_height_px * factor))
    pieces = list(_pieces(grey, ink, strips, factor, paper))
    wide = max(piece.shape[1] for piece, _, _ in pieces) + spacing
    tall = max(piece.shape[0] for piece, _, _ in pieces) + spacing
    n_lines = -(-len(pieces) // _CELLS_A_LINE)
    n_columns = min(len(pieces), _CELLS_A_LINE)
    image = np.full((n_lines * tall + spacing, n_columns * wide + spacing), paper, np.uint8)
    boxes: list[Box] = []
    for number, (piece, _, _) in enumerate(pieces):
        line, column = divmod(number, _CELLS_A_LINE)
        left, top = spacing + column * wide, spacing + line * tall
        box = Box(left, top, left + piece.shape[1], top + piece.shape[0])
        image[box.top : box.bottom, box.left : box.right] = piece
        boxes.append(box)
    return Cells(image, factor, tuple(boxes), tuple((left, top) for _, left, top in pieces))


def _overlap(one: Box, other: Box) -> bool:
    return min(one.right, other.right) > max(one.left, other.left) and min(
        one.bottom, other.bottom
    ) > max(one.top, other.top)


def _pieces(
    grey: np.ndarray, ink: Ink, strips: Sequence[Strip], factor: float, paper: int
) -> Iterator[tuple[np.ndarray, int, int]]:
    """What is shown of each strip, and its left and top edge on the page."""
    height = ink.letter_height_px
    for strip in strips:
        beside, above = int(_SIDES * height), int(_MARKS * height)
        left, top = max(0, strip.box.left - beside), max(0, strip.box.top - above)
        right, bottom = strip.box.right + beside, strip.box.bottom + above
        piece = grey[top:bottom, left:right].copy()
        piece[_foreign(ink, strip, (left, top), piece.shape)] = paper
        size = (max(1, round(piece.shape[1] * factor)), max(1, round(piece.shape[0] * factor)))
        method = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
        yield cv2.resize(piece, size, interpolation=method).astype(np.uint8), left, top


def _foreign(ink: Ink, strip: Strip, corner: tuple[int, int], shape: tuple[int, ...]) -> np.ndarray:
    """Where letters of other strips stand on a piece of the page, bool, of the piece's shape."""
    left, top = corner
    rows = slice(int(top * ink.scale), int(np.ceil((top + shape[0]) * ink.scale)))
    columns = slice(int(left * ink.scale), int(np.ceil((left + shape[1]) * ink.scale)))
    labels = ink.labels[rows, columns]
    is_letter = _full_letters(ink)
    is_letter[strip.blobs] = False
    foreign = cv2.dilate(is_letter[labels].astype(np.uint8), np.ones((3, 3), dtype=np.uint8))
    own = np.isin(labels, strip.blobs)
    foreign[own] = 0
    return cv2.resize(foreign, (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST) > 0
