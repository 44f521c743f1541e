"""Pictures of a page for a person: scaled to a screen, with words and blocks drawn on them."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from vnrepair.atomic import write_bytes_atomic
from vnrepair.records import Block, Box, Word
from vnrepair.scan.page import turn

__all__ = [
    "MAX_SIDE_PX",
    "SURE",
    "UNSURE",
    "Picture",
    "confidence_class",
    "draw_blocks",
    "draw_words",
    "fit",
    "turn_box",
    "write_picture",
]

MAX_SIDE_PX = 2000
"""Larger pictures are scaled down: print at 170 dpi on A4, so that a hundred pages stay handy."""

SURE = 0.9
"""Words read with less confidence are looked at twice; as `RestoreConfig.flag_below`."""
UNSURE = 0.6
"""Words read with less are mostly wrong."""

_JPEG_QUALITY = 88  # the lowest at which thin strokes show no halo
_COLOURS = {  # BGR; told apart by lightness as well, for eyes that do not tell red from green
    "sure": (140, 130, 40),
    "fair": (30, 150, 230),
    "poor": (50, 40, 205),
    "none": (170, 120, 90),
}
_BLOCK_COLOURS = ((150, 100, 20), (40, 110, 190), (90, 140, 60), (150, 70, 140))
_FILL = 0.22  # opacity of an unsure word's box: the letters under it stay readable
_FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was written.

    Attributes:
        name: Of its file, in the folder of the page.
        width_px: As shown.
        height_px: As shown.
    """

    name: str
    width_px: int
    height_px: int


def confidence_class(confidence: float | None) -> str:
    """How sure the engine was of a word: "sure", "fair" or "poor"; "none" where nobody said."""
    if confidence is None:
        return "none"
    if confidence >= SURE:
        return "sure"
    return "fair" if confidence >= UNSURE else "poor"


def fit(image: np.ndarray, side_px: int = MAX_SIDE_PX) -> np.ndarray:
    """The image with its longer side brought down to a length; smaller ones as they are.

    Args:
        image: uint8, grey (height, width) or BGR (height, width, 3).
        side_px: Longest side of the result.
    """
    height, width = image.shape[:2]
    factor = side_px / max(height, width)
    if factor >= 1:
        return image
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def turn_box(box: Box, quarter_turns: int, width_px: int, height_px: int) -> Box:
    """Where a box of a page stands when the page is turned clockwise by quarters.

    Args:
        box: Pixels of the page before the turn.
        quarter_turns: 0-3.
        width_px: Width of the page before the turn.
        height_px: Its height.
    """
    corners = np.array([[box.left, box.right], [box.top, box.bottom], [1, 1]], dtype=float)
    x, y, _ = turn(quarter_turns, width_px, height_px) @ corners
    return Box(int(x.min()), int(y.min()), int(x.max()), int(y.max()))


def draw_words(image: np.ndarray, words: Sequence[Word], width_px: int) -> np.ndarray:
    """The words' boxes on a page, coloured by confidence.

    Args:
        image: The page, scaled; it is copied.
        words: With boxes in pixels of the page before it was scaled.
        width_px: Width of that page.

    Returns:
        BGR, the shape of `image`.
    """
    canvas = _in_colour(image)
    boxes = [
        (_scaled(word.box, canvas, width_px), confidence_class(word.confidence)) for word in words
    ]
    tinted = canvas.copy()
    for box, kind in boxes:
        if kind in ("fair", "poor"):
            cv2.rectangle(tinted, *_corners(box), _COLOURS[kind], cv2.FILLED)
    canvas = cv2.addWeighted(tinted, _FILL, canvas, 1 - _FILL, 0).astype(np.uint8)
    for box, kind in boxes:
        thickness = 1 if kind in ("sure", "none") else 2
        cv2.rectangle(canvas, *_corners(box), _COLOURS[kind], thickness)
    return canvas


def draw_blocks(image: np.ndarray, blocks: Sequence[Block], width_px: int) -> np.ndarray:
    """The blocks of a page with number and kind, in reading order from 1.

    Args:
        image: As for `draw_words`.
        blocks: In reading order, boxes as for `draw_words`.
        width_px: As for `draw_words`.
    """
    canvas = _in_colour(image)
    scale = max(canvas.shape[:2]) / MAX_SIDE_PX
    for (number, block), colour in zip(
        enumerate(blocks, start=1), itertools.cycle(_BLOCK_COLOURS), strict=False
    ):
        box = _scaled(block.box, canvas, width_px)
        cv2.rectangle(canvas, *_corners(box), colour, 2)
        _draw_label(canvas, f"{number} {block.kind}", box, colour, max(0.35, 0.8 * scale))
    return canvas


def write_picture(folder: Path, stem: str, image: np.ndarray) -> Picture:
    """Write an image as PNG or JPEG, whichever is smaller: print is the one, photographs the other.

    Args:
        folder: Where to.
        stem: Name without suffix.
        image: uint8, grey or BGR.

    Raises:
        InputError: The file cannot be written there.
    """
    height, width = image.shape[:2]
    jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()
    png = cv2.imencode(".png", image)[1].tobytes()
    suffix, data = min((".png", png), (".jpg", jpeg), key=lambda choice: len(choice[1]))
    write_bytes_atomic(folder / (stem + suffix), data)
    return Picture(stem + suffix, width, height)


def _draw_label(
    canvas: np.ndarray, text: str, box: Box, colour: tuple[int, int, int], size: float
) -> None:
    """White letters on a bar of the colour, above the box or, at the edge of the page, in it."""
    (width, height), below = cv2.getTextSize(text, _FONT, size, 1)
    margin = below // 2 + 1
    bottom = box.top if box.top >= height + below + 2 * margin else box.top + height + 2 * margin
    left = max(0, min(box.left, canvas.shape[1] - width - 2 * margin))
    corner = (left + width + 2 * margin, bottom)
    cv2.rectangle(canvas, (left, bottom - height - 2 * margin), corner, colour, cv2.FILLED)
    place = (left + margin, bottom - margin)
    cv2.putText(canvas, text, place, _FONT, size, (255, 255, 255), 1, cv2.LINE_AA)


def _in_colour(image: np.ndarray) -> np.ndarray:
    """A copy with three channels."""
    if image.ndim == 3:
        return image.copy()
    return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR).astype(np.uint8)


def _scaled(box: Box, canvas: np.ndarray, width_px: int) -> Box:
    factor = canvas.shape[1] / width_px
    sides = (box.left, box.top, box.right, box.bottom)
    return Box(*(round(side * factor) for side in sides))


def _corners(box: Box) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last pixel of a box, as OpenCV draws rectangles."""
    return (box.left, box.top), (max(box.left, box.right - 1), max(box.top, box.bottom - 1))
