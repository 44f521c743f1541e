"""What ends up on a page besides its print: seals, stamps, folds, the other side showing through.

In and out: a page, uint8 BGR, shape (height, width, 3), before the damage of the scanner. Every
function gives a new page. Ink is laid on by multiplication, as on paper, so that the letters below
a stamp stay visible.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from vnrepair.learn.damage import Image
from vnrepair.learn.fonts import Face, FontFamily, load_font

__all__ = [
    "BLACK",
    "BLUE",
    "RED",
    "fold",
    "lay_ink",
    "press_seal",
    "press_stamp",
    "show_through",
    "turn",
]

RED = (60, 40, 215)
BLUE = (175, 75, 40)
BLACK = (45, 40, 40)
"""Ink colours, BGR."""

_SEAL_RADIUS_MM = 17.5
_MM_PER_INCH = 25.4

Mask = NDArray[np.float32]


def press_seal(
    page: Image,
    middle_px: tuple[float, float],
    text: str,
    family: FontFamily,
    dpi: int,
    rng: np.random.Generator,
    lines: tuple[str, ...] = (),
) -> Image:
    """Press a round red seal with text along its rim, and a star or a name in its middle.

    Args:
        page: BGR page.
        middle_px: Middle of the seal, (x, y); parts outside the page are cut off.
        text: What stands along the rim, "" for nothing.
        family: Fonts of the text.
        dpi: Pixels per inch, which gives the seal its size of 35 mm.
        rng: How unevenly it is inked and how it is turned.
        lines: The name in its middle, at most four short lines; nothing for a star.
    """
    radius = _SEAL_RADIUS_MM * dpi / _MM_PER_INCH
    side = math.ceil(2 * radius) + 4
    mask = PillowImage.new("L", (side, side), 0)
    canvas = ImageDraw.Draw(mask)
    middle = side / 2
    for ring, width in ((1.0, 0.05), (0.62, 0.025)):
        reach = radius * ring
        box = (middle - reach, middle - reach, middle + reach, middle + reach)
        canvas.ellipse(box, outline=255, width=max(1, round(radius * width)))
    if lines:
        _write_inside(canvas, lines, family, middle, radius * 0.56)
    else:
        canvas.polygon(_star(middle, radius * 0.36), fill=255)
    _write_round(mask, text, load_font(family.file(Face.BOLD), radius * 0.24), radius * 0.79)
    mask = mask.rotate(float(rng.uniform(-25, 25)), resample=PillowImage.Resampling.BILINEAR)
    return _press(page, _opacity(mask), middle_px, RED, rng)


def press_stamp(
    page: Image,
    middle_px: tuple[float, float],
    lines: tuple[str, ...],
    colour: tuple[int, int, int],
    family: FontFamily,
    dpi: int,
    rng: np.random.Generator,
) -> Image:
    """Press a framed stamp with some lines of text, a little askew.

    Args:
        page: BGR page.
        middle_px: Middle of the stamp, (x, y); parts outside the page are cut off.
        lines: Its text, at least one line.
        colour: Ink, BGR.
        family: Fonts of the text.
        dpi: Pixels per inch; the letters are 13 points high.
        rng: How unevenly it is inked and how it is turned.
    """
    font = load_font(family.file(Face.BOLD), 13 * dpi / 72)
    step = 13 * dpi / 72 * 1.35
    width = round(max(font.getlength(line) for line in lines) + step)
    height = round(step * (len(lines) + 0.6))
    mask = PillowImage.new("L", (width, height), 0)
    canvas = ImageDraw.Draw(mask)
    canvas.rectangle((1, 1, width - 2, height - 2), outline=255, width=max(2, round(dpi / 75)))
    for number, line in enumerate(lines):
        canvas.text((width / 2, step * (number + 0.8)), line, fill=255, font=font, anchor="mm")
    angle = float(rng.uniform(-9, 9))
    mask = mask.rotate(angle, resample=PillowImage.Resampling.BILINEAR, expand=True)
    return _press(page, _opacity(mask), middle_px, colour, rng)


def _opacity(mask: PillowImage.Image) -> Mask:
    """A drawn mask as shares of ink, 0.0-1.0."""
    return np.asarray(mask, dtype=np.float32) / np.float32(255)


def _star(middle: float, radius: float) -> list[tuple[float, float]]:
    """The ten corners of a five-pointed star, point upwards."""
    corners = []
    for corner in range(10):
        reach = radius if corner % 2 == 0 else radius * 0.382
        angle = math.pi * corner / 5
        corners.append((middle + reach * math.sin(angle), middle - reach * math.cos(angle)))
    return corners


def _write_inside(
    canvas: ImageDraw.ImageDraw,
    lines: tuple[str, ...],
    family: FontFamily,
    middle: float,
    radius: float,
) -> None:
    """Write lines below each other so that their block fits into a circle."""
    size = 2 * radius / (1.25 * (len(lines) + 1))
    font = load_font(family.file(Face.BOLD), size)
    widest = max(font.getlength(line) for line in lines)
    # A block is as wide as a circle can hold when its diagonal is the diameter.
    room = 2 * math.sqrt(radius**2 - (0.5 * size * len(lines)) ** 2)
    font = load_font(family.file(Face.BOLD), size * min(1.0, room / widest))
    for number, line in enumerate(lines):
        y = middle + (number - (len(lines) - 1) / 2) * font.size * 1.25
        canvas.text((middle, y), line, fill=255, font=font, anchor="mm")


def _write_round(
    mask: PillowImage.Image, text: str, font: ImageFont.FreeTypeFont, radius: float
) -> None:
    """Write text clockwise along a circle, centred on its top, letter by letter."""
    middle = mask.width / 2
    widths = [font.getlength(letter) * 1.08 for letter in text]
    # Text longer than nine tenths of the circle is set closer.
    tightness = min(1.0, 2 * math.pi * radius * 0.9 / max(sum(widths), 1.0))
    angle = -sum(widths) * tightness / radius / 2
    size = round(font.size * 2.4)
    for letter, width in zip(text, widths, strict=True):
        angle += width * tightness / radius / 2
        tile = PillowImage.new("L", (size, size), 0)
        ImageDraw.Draw(tile).text((size / 2, size / 2), letter, fill=255, font=font, anchor="mm")
        tile = tile.rotate(-math.degrees(angle), resample=PillowImage.Resampling.BILINEAR)
        left = round(middle + radius * math.sin(angle) - size / 2)
        top = round(middle - radius * math.cos(angle) - size / 2)
        mask.paste(255, (left, top), tile)
        angle += width * tightness / radius / 2


def _press(
    page: Image,
    mask: Mask,
    middle_px: tuple[float, float],
    colour: tuple[int, int, int],
    rng: np.random.Generator,
) -> Image:
    """Lay ink on the page where the mask says, unevenly, as a stamp pad does."""
    height, width = mask.shape
    coarse = rng.uniform(0.45, 1.0, (height // 24 + 2, width // 24 + 2)).astype(np.float32)
    mask = mask * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    corner = round(middle_px[0] - width / 2), round(middle_px[1] - height / 2)
    return lay_ink(page, mask, corner, colour)


def lay_ink(
    page: Image, mask: Mask, corner_px: tuple[int, int], colour: tuple[int, int, int]
) -> Image:
    """Lay ink on a page: it multiplies what is there, as on paper.

    Args:
        page: BGR page.
        mask: Shares of ink, float32, 0-1, shape (height, width) of the inked place.
        corner_px: Where the top left of the mask comes to lie, (x, y); what is outside the page is
            cut off.
        colour: Ink, BGR.
    """
    left, top = corner_px
    cut_left, cut_top = max(0, -left), max(0, -top)
    mask = mask[cut_top : page.shape[0] - top, cut_left : page.shape[1] - left]
    stamped = page.copy()
    if mask.size == 0:
        return stamped
    top, left = top + cut_top, left + cut_left
    rows, columns = slice(top, top + mask.shape[0]), slice(left, left + mask.shape[1])
    ink = 1 - mask[..., None] * (1 - np.array(colour, dtype=np.float32) / 255)
    stamped[rows, columns] = (page[rows, columns] * ink).astype(np.uint8)
    return stamped


def fold(page: Image, at: float, rng: np.random.Generator) -> Image:
    """A horizontal fold: a dark crease, and paper that darkens towards it on one side.

    Args:
        page: BGR page.
        at: Height of the fold, 0 top to 1 bottom.
        rng: How the crease wanders.
    """
    height, width = page.shape[:2]
    wander = np.cumsum(rng.normal(0, 0.08, width)).astype(np.float32)
    distance = np.arange(height, dtype=np.float32)[:, None] - at * height - wander[None, :]
    reach = height / 12
    slope = np.where(distance < 0, np.exp(np.minimum(distance, 0) / reach), 0)
    crease = np.exp(-(distance**2) / (2 * (height / 1400) ** 2))
    light = 1 - 0.28 * slope - 0.38 * crease
    return np.asarray(page * light.clip(0, 1)[..., None], dtype=np.uint8)


def show_through(page: Image, other: Image, strength: float) -> Image:
    """The print of the other side, mirrored, blurred and pale.

    Args:
        page: BGR page.
        other: BGR page on its back, of the same shape.
        strength: Share of the back's blackness that comes through, 0-1.
    """
    back = cv2.GaussianBlur(other[:, ::-1], (0, 0), page.shape[1] / 1100)
    light = 1 - strength * (1 - back.astype(np.float32) / 255)
    return np.asarray(page * light, dtype=np.uint8)


def turn(page: Image, turn_deg: int) -> Image:
    """A page turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(page, k=-turn_deg // 90))
