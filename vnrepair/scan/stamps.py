"""Stamps, seals and signatures in colour: found by their shape, lifted off by their colour.

Coloured ink alone does not make a stamp: headings, links and whole letters are printed in red or
blue. What gives a mark away is its size. A ring, a frame or the loops of a pen are one connected
stroke, much larger than a letter and nearly empty inside. What lies within such a mark in the same
ink belongs to it; all other coloured ink stays.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from vnrepair.records import Box
from vnrepair.scan.colour_ink import (
    CHANNELS,
    coloured_pixels,
    densities,
    estimate_paper,
    page_blackness,
    without_ink,
)
from vnrepair.scan.ink import find_ink
from vnrepair.scan.shapes import find_frame, find_rings, square

__all__ = ["ColourMark", "find_colour_marks", "lift_coloured_marks"]

_SEARCH_SIDE_PX = 1100  # A4 at 94 dpi: the ring of a seal is still two pixels wide
_SHARE_RANGE = (0.0003, 0.3)  # of the page: less is no stamp, more is a picture or coloured paper
_MAX_TINT = 0.3  # between the channels of the light on paper, in shares of the page's usual paper
_TINT_RIM_PX = 10  # around a printed area, pixels of the search: as far as its estimate is smooth
_USUAL_LETTER = 0.0085  # height of a letter over the longer side, on pages with hardly any
_MIN_LETTERS = 20  # fewer do not tell the size of the text
_MARK_WIDTH, _MARK_HEIGHT = 4.0, 2.2  # least size of a mark, in heights of a letter
_MAX_MARK = 0.5  # its largest side over the page's: a longer frame belongs to a table
_MAX_FILL = 0.35  # of its box; letters fill a third and more, solid areas all
_MAX_MARKS = 8  # more large strokes in one ink are a map, a drawing or ornate letters
_RULE_RATIO = 14.0  # a flatter stroke is a rule or an underline
_RULE_LENGTH, _RULE_THICKNESS = 2.5, 0.4  # of the side of a frame, in heights of a letter
_MAX_GROWTH = 3  # times that a mark takes in rules near it: a frame has four sides
_MARGIN = 0.6  # heights of a letter around a mark, for what the search left out of it
_SPREAD_PX = 2  # around coloured pixels, where JPEG lets their colour run
_CROSSING = 0.25  # heights of a letter from two inks within which they cross: half a pen stroke
_CROSSING_SHARE = 0.8  # of a blob of ink that lies there; a letter's reaches beyond
_CROSSING_HEIGHT = 0.8  # heights of a letter; larger blobs there may be letters all the same
_LEFT_OVER = 0.85  # of the paper's light; lighter pixels are as good as paper
_BLACKNESS_STEP = 16  # every sixteenth row tells how black the print is


@dataclass(frozen=True, slots=True)
class ColourMark:
    """A stamp or signature in coloured ink.

    Attributes:
        box: Around it, pixels of the page.
        light: Channel that its ink is clear in: 0 blue, 1 green, 2 red.
        zone: Where its ink lies, uint8, of the shape of `box` at reduced resolution.
    """

    box: Box
    light: int
    zone: np.ndarray


def lift_coloured_marks(bgr: np.ndarray) -> np.ndarray | None:
    """A grey page without coloured stamps and signatures, the black letters under them kept.

    Args:
        bgr: Page, uint8, shape (height, width, 3).

    Returns:
        uint8, shape (height, width), the luminance of the page, as light as paper where a mark was;
        None where there is no coloured mark.
    """
    search = _Search.of(bgr)
    marks = tuple(_marks(search))
    if not marks:
        return None
    blackness = page_blackness(densities(np.ascontiguousarray(bgr[::_BLACKNESS_STEP])))
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY).astype(np.uint8)
    inks = [_lift(mark, bgr, grey, search.paper, blackness) for mark in marks]
    letter_px = search.letter_px() * bgr.shape[0] / len(search.grey)
    for one, other in itertools.combinations(range(len(marks)), 2):
        if marks[one].light != marks[other].light:
            boxes = (marks[one].box, marks[other].box)
            _clear_crossing(grey, boxes, (inks[one], inks[other]), letter_px)
    return grey


def find_colour_marks(bgr: np.ndarray) -> tuple[ColourMark, ...]:
    """Stamps and signatures in coloured ink.

    Args:
        bgr: Page, uint8, shape (height, width, 3).

    Returns:
        The marks, ink by ink; a purple mark is found twice, as it is clear in two channels.
    """
    return tuple(_marks(_Search.of(bgr)))


@dataclass(frozen=True, slots=True)
class _Search:
    """A page reduced for the search.

    Attributes:
        size: Width and height of the page itself, pixels.
        paper: Light on its paper, uint8, shape (height, width, 3).
        density: Of the reduced page, float32, same shape.
        grey: The reduced page, uint8, shape (height, width).
    """

    size: tuple[int, int]
    paper: np.ndarray
    density: np.ndarray
    grey: np.ndarray

    @classmethod
    def of(cls, bgr: np.ndarray) -> "_Search":
        height, width = bgr.shape[:2]
        factor = min(1.0, _SEARCH_SIDE_PX / max(height, width))
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        small = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        paper = estimate_paper(small)
        grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.uint8)
        return cls((width, height), paper, densities(small, paper), grey)

    def on_paper(self) -> np.ndarray:
        """1 where ink lies on paper, uint8; 0 in and around areas printed in a colour.

        The light on such an area is taken for that of the paper, and its rim alone for ink.
        """
        paper = self.paper[::4, ::4]  # it is smooth
        share = paper / np.maximum(np.median(paper, axis=(0, 1)), 1)
        tinted = (np.ptp(share, axis=2) > _MAX_TINT).astype(np.uint8)
        size = (self.grey.shape[1], self.grey.shape[0])
        tinted = cv2.resize(tinted, size, interpolation=cv2.INTER_NEAREST).astype(np.uint8)
        return np.asarray(1 - cv2.dilate(tinted, square(_TINT_RIM_PX)), dtype=np.uint8)

    def letter_px(self) -> float:
        """Height of the letters, pixels of the reduced page, >= 1."""
        ink = find_ink(self.grey)
        usual = _USUAL_LETTER * max(self.grey.shape)
        return max(ink.letter_height_px if ink.n_letters >= _MIN_LETTERS else usual, 1.0)


def _marks(search: _Search) -> Iterator[ColourMark]:
    """The marks of a page, ink by ink."""
    height, width = search.density.shape[:2]
    across, down = search.size[0] / width, search.size[1] / height
    low, high = _SHARE_RANGE
    inks = {light: coloured_pixels(search.density, light) for light in CHANNELS}
    if all(float(ink.mean()) < low for ink in inks.values()):
        return
    on_paper = search.on_paper()
    inks = {light: np.asarray(ink & on_paper) for light, ink in inks.items()}
    inks = {light: ink for light, ink in inks.items() if low <= float(ink.mean()) <= high}
    letter_px = search.letter_px() if inks else 0.0
    for light, ink in inks.items():
        zone = _find_zone(ink, letter_px)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(zone, connectivity=8)
        for number in range(1, count):
            left, top, wide, tall = (int(value) for value in stats[number, :4])
            piece = labels[top : top + tall, left : left + wide] == number
            box = Box(
                int(left * across),
                int(top * down),
                min(math.ceil((left + wide) * across), search.size[0]),
                min(math.ceil((top + tall) * down), search.size[1]),
            )
            yield ColourMark(box, light, piece.astype(np.uint8))


def _find_zone(ink: np.ndarray, letter_px: float) -> np.ndarray:
    """1 where the ink of one colour belongs to marks: within the outline of each of them."""
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 3), dtype=np.uint8))
    strokes = _mark_strokes(joined, letter_px)
    outlines = [*strokes, *_mark_strokes(_joined_rules(joined, letter_px), letter_px)]
    zone = np.zeros_like(ink)
    if len(strokes) <= _MAX_MARKS:
        for outline in outlines:
            cv2.fillConvexPoly(zone, outline, 1)
    for x, y, radius in find_rings(np.where(zone > 0, 0, ink).astype(np.uint8), letter_px):
        cv2.circle(zone, (round(x), round(y)), round(radius), 1, cv2.FILLED)
    if not zone.any():
        return zone
    margin = square(round(_MARGIN * letter_px))
    return cv2.dilate(_grown(zone, joined, letter_px), margin)


def _mark_strokes(ink: np.ndarray, letter_px: float) -> list[np.ndarray]:
    """Outlines of the connected strokes that are too large and too empty for letters and rules.

    Returns:
        Per stroke its corners, int32, shape (corners, 2), as (x, y).
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    width, height, area = (stats[:, column].astype(float) for column in (2, 3, 4))
    longer, shorter = np.maximum(width, height), np.minimum(width, height)
    is_mark = (
        (longer >= _MARK_WIDTH * letter_px)
        & (shorter >= _MARK_HEIGHT * letter_px)
        & (longer <= _MAX_MARK * max(ink.shape))
        & (longer < _RULE_RATIO * shorter)
        & (area <= _MAX_FILL * width * height)
    )
    is_mark[0] = False  # the paper
    numbers = [int(number) for number in np.flatnonzero(is_mark)]
    return [_outline(labels, stats[number], number, letter_px) for number in numbers]


def _joined_rules(ink: np.ndarray, letter_px: float) -> np.ndarray:
    """The long thin strokes alone, joined where they nearly touch, as a frame's broken corners."""
    labels, is_rule = _rules(ink, letter_px)
    rules = is_rule[labels].astype(np.uint8)
    return cv2.morphologyEx(rules, cv2.MORPH_CLOSE, square(round(_MARGIN * letter_px)))


def _grown(zone: np.ndarray, ink: np.ndarray, letter_px: float) -> np.ndarray:
    """Zones with the long thin strokes that reach into them: the far sides of a faded frame."""
    labels, is_rule = _rules(ink, letter_px)
    margin = square(round(_MARGIN * letter_px))
    known = 0
    for _ in range(_MAX_GROWTH):
        reached = np.zeros(len(is_rule), dtype=bool)
        reached[labels[cv2.dilate(zone, margin) > 0]] = True
        reached &= is_rule
        if int(reached.sum()) == known:
            break
        known = int(reached.sum())
        rules = reached[labels].astype(np.uint8)
        _, marks, stats, _ = cv2.connectedComponentsWithStats(zone | rules, connectivity=8)
        for number in np.unique(marks[rules > 0]):
            sides = np.where(rules > 0, marks, 0)
            outline = _outline(sides, stats[number], int(number), letter_px)
            cv2.fillConvexPoly(zone, outline, 1)
    return zone


def _rules(ink: np.ndarray, letter_px: float) -> tuple[np.ndarray, np.ndarray]:
    """The connected strokes of an ink, and which are long and thin, shape (strokes,)."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    longer = np.maximum(stats[:, 2], stats[:, 3])
    is_rule = (longer >= _RULE_LENGTH * letter_px) & (
        stats[:, 4] <= _RULE_THICKNESS * letter_px * longer
    )
    is_rule[0] = False  # the paper
    return labels, is_rule


def _outline(labels: np.ndarray, stats: np.ndarray, number: int, letter_px: float) -> np.ndarray:
    """Corners of what a stroke encloses: its hull, or the whole frame where it is part of one."""
    left, top, width, height = stats[:4]
    piece = labels[top : top + height, left : left + width] == number
    points = np.argwhere(piece)[:, ::-1] + (left, top)
    frame = find_frame(points, letter_px)
    outline = cv2.convexHull(points.astype(np.int32)).reshape(-1, 2) if frame is None else frame
    return np.asarray(np.rint(outline), dtype=np.int32)


def _lift(
    mark: ColourMark, bgr: np.ndarray, grey: np.ndarray, paper: np.ndarray, blackness: float
) -> np.ndarray:
    """Write the page without a mark's ink into `grey`, never darker than it was.

    Returns:
        Where the ink was, uint8, of the size of the mark's box.
    """
    box = mark.box
    place = _place(box)
    light = _piece(paper, box, bgr.shape[:2])
    density = densities(np.ascontiguousarray(bgr[place]), light)
    zone = cv2.resize(mark.zone, (box.width_px, box.height_px), interpolation=cv2.INTER_NEAREST)
    ink = np.asarray(coloured_pixels(density, mark.light) & zone)
    where = cv2.dilate(ink, square(_SPREAD_PX)).astype(bool)
    black = without_ink(density, mark.light, blackness, where)
    if black is not None:
        luminance = cv2.cvtColor(light, cv2.COLOR_BGR2GRAY)
        lifted = np.maximum(luminance * np.exp(-black), grey[place])
        grey[place] = np.where(where, lifted, grey[place])
    return ink


def _clear_crossing(
    grey: np.ndarray, boxes: tuple[Box, Box], inks: tuple[np.ndarray, np.ndarray], letter_px: float
) -> None:
    """Take what is left where two inks cross: red over blue is as dark as black in all channels.

    A letter goes on beyond the crossing and stays.

    Args:
        grey: Page with both inks lifted, written to.
        boxes: Around the marks.
        inks: Where their ink was, uint8, each of the size of its box.
        letter_px: Height of a letter, pixels of the page.
    """
    one, other = boxes
    left, right = max(one.left, other.left), min(one.right, other.right)
    top, bottom = max(one.top, other.top), min(one.bottom, other.bottom)
    if left >= right or top >= bottom:
        return
    common = Box(left, top, right, bottom)
    pieces = [
        ink[top - box.top : bottom - box.top, left - box.left : right - box.left]
        for box, ink in zip(boxes, inks, strict=True)
    ]
    # Purple ink is found in two channels at the same pixels and crosses nothing.
    own = [piece & ~pieces[1 - number] for number, piece in enumerate(pieces)]
    reach = square(max(2, round(_CROSSING * letter_px)))
    near = np.bitwise_and(*(cv2.dilate(piece, reach) for piece in own))
    piece = grey[_place(common)]
    paper = int(np.percentile(piece, 90))
    dark = (piece < _LEFT_OVER * paper).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    crossing = np.bincount(labels.ravel(), weights=near.ravel(), minlength=count)
    left_over = (crossing > _CROSSING_SHARE * stats[:, 4]) & (
        np.maximum(stats[:, 2], stats[:, 3]) < _CROSSING_HEIGHT * letter_px
    )
    left_over[0] = False  # the paper
    erased = cv2.dilate(left_over[labels].astype(np.uint8), square(1)).astype(bool)
    piece[erased] = paper


def _place(box: Box) -> tuple[slice, slice]:
    return slice(box.top, box.bottom), slice(box.left, box.right)


def _piece(paper: np.ndarray, box: Box, shape: tuple[int, int]) -> np.ndarray:
    """The light on the paper in a box of the page, from its reduced estimate."""
    height, width = paper.shape[:2]
    down, across = height / shape[0], width / shape[1]
    top, left = int(box.top * down), int(box.left * across)
    bottom = max(math.ceil(box.bottom * down), top + 1)
    right = max(math.ceil(box.right * across), left + 1)
    small = np.ascontiguousarray(paper[top:bottom, left:right])
    return cv2.resize(small, (box.width_px, box.height_px), interpolation=cv2.INTER_LINEAR).astype(
        np.uint8
    )
