"""Handwriting in coloured ink: what a pen filled in on a page of black print.

Letters printed in a colour are read as well as black ones; what a pen wrote is read badly wherever
it is read at all. So colour and doubt together tell handwriting: words of coloured ink, most of
which the engine doubts, on a page whose black words it does not. The print beside it, which was
read as one word with it, is read well once the ink is gone.
"""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from vnrepair.records import Box, Word
from vnrepair.scan.colour_ink import CHANNELS, coloured_pixels, densities
from vnrepair.scan.garbage import trusted_confidence
from vnrepair.scan.ink import estimate_background
from vnrepair.scan.page import PageImage, identity, scaling
from vnrepair.scan.shapes import square

__all__ = ["Writing", "erase_writing", "find_writing"]

_MIN_WRITTEN = 3  # words; fewer are the rest of a stamp or a stain as often
_MIN_PRINTED = 12  # words of black print; fewer do not tell how well the page is read
_DOUBTED = 0.75  # confidence of a written word; right words are nearly all above it
_MOSTLY_DOUBTED = 0.6  # median confidence of the coloured words; of coloured print it is 0.9
_WELL_READ = 0.85  # median confidence of the black words, on all but the worst pages
_COLOURED = 0.65  # share of a word's ink; a colour scanner's fringes make up 0.6, pen ink 0.8
_DARK = 0.5  # optical density of ink; its pale rim has the colour of whatever is beside it
_SEARCH_SIDE_PX = 1200  # A4 at 100 dpi: pen strokes are two pixels wide
_STROKE_SIDE_PX = 3600  # A4 at 300 dpi: strokes in full; larger pages would take gigabytes
_FLAT = 0.4  # heights of a letter; higher than the dots and rules that people write on
_SPREAD_PX = 2  # around coloured pixels, where JPEG lets their colour run


@dataclass(frozen=True, slots=True, eq=False)
class Writing:
    """Handwriting on a page.

    Attributes:
        words: What was read of it.
        ink: Where it lies, uint8, 1 for its ink, shape (height, width) of the prepared page.
    """

    words: tuple[Word, ...]
    ink: np.ndarray


def find_writing(source: np.ndarray, page: PageImage, words: Sequence[Word]) -> Writing | None:
    """Find handwriting in coloured ink among the words of a page.

    Args:
        source: The page as its file gives it, uint8, grey or BGR: the prepared page may be grey.
        page: The prepared page.
        words: Read of it; boxes in its pixels.

    Returns:
        None where there is none, or its ink is as black as the print.
    """
    if source.ndim == 2 or sum(map(_is_doubted, words)) < _MIN_WRITTEN:
        return None
    # A reduced copy tells whether there is any; most pages have none.
    factor = min(1.0, _SEARCH_SIDE_PX / max(page.width_px, page.height_px))
    coloured, dark = _inks(source, page, factor)
    is_coloured = [_share(coloured & dark, dark, word.box, factor) >= _COLOURED for word in words]
    pairs = list(zip(words, is_coloured, strict=True))
    in_colour = [word for word, in_colour in pairs if in_colour]
    in_black = [word for word, in_colour in pairs if not in_colour]
    written = tuple(filter(_is_doubted, in_colour))
    if (
        len(written) < _MIN_WRITTEN
        or len(in_black) < _MIN_PRINTED
        or _usual_confidence(in_colour) >= _MOSTLY_DOUBTED
        or _usual_confidence(in_black) < _WELL_READ
    ):
        return None
    factor = min(1.0, _STROKE_SIDE_PX / max(page.width_px, page.height_px))
    coloured, dark = _inks(source, page, factor)
    print_ = (word for word, coloured_too in pairs if _is_print(word, coloured_too))
    letter_px = page.ink.letter_height_px * factor
    ink = _pen_ink(coloured, dark, letter_px) & (1 - _filled(print_, dark.shape, factor))
    in_words = _filled(in_black, dark.shape, factor)
    ink |= _remains(dark & (1 - ink) & (1 - in_words), ink, letter_px)
    size = (page.width_px, page.height_px)
    ink = cv2.resize(ink.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    return Writing(written, np.asarray(ink, dtype=np.uint8))


def erase_writing(grey: np.ndarray, writing: Writing) -> np.ndarray:
    """A grey page with paper where handwriting was, uint8, shape (height, width)."""
    paper = np.maximum(grey, estimate_background(grey))
    return np.where(writing.ink > 0, paper, grey).astype(np.uint8)


def _inks(source: np.ndarray, page: PageImage, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Where ink on the prepared page is coloured in its source, and where there is any at all.

    Args:
        source: The page as its file gives it, BGR.
        page: The prepared page.
        factor: Pixels of the answers per pixel of the prepared page, 0-1.

    Returns:
        uint8, 1 for coloured ink and for all dark ink.
    """
    image, to_image = (source, page.to_source) if page.image.ndim == 2 else (page.image, identity())
    if factor < 1:
        size = (max(1, round(side * factor)) for side in image.shape[1::-1])
        image = cv2.resize(image, tuple(size), interpolation=cv2.INTER_AREA)
        to_image = scaling(factor) @ to_image @ scaling(1 / factor)
    size_px = (round(page.width_px * factor), round(page.height_px * factor))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpPerspective(
        image, to_image, size_px, flags=flags, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8)
    density = densities(seen)
    coloured = np.bitwise_or.reduce([coloured_pixels(density, light) for light in CHANNELS])
    dark = (np.maximum.reduce(cv2.split(density)) > _DARK).astype(np.uint8)
    return coloured, dark


def _share(part: np.ndarray, whole: np.ndarray, box: Box, factor: float) -> float:
    """Of the pixels of `whole` in a box of the page, the share that `part` has."""
    place = _place(box, factor)
    return float(part[place].sum() / max(1, whole[place].sum()))


def _filled(words: Iterable[Word], shape: tuple[int, ...], factor: float) -> np.ndarray:
    """1 in the boxes of words, uint8; of `factor` pixels per pixel of the page."""
    mask = np.zeros(shape, dtype=np.uint8)
    for word in words:
        mask[_place(word.box, factor)] = 1
    return mask


def _place(box: Box, factor: float) -> tuple[slice, slice]:
    """Rows and columns of a box, `factor` pixels per pixel of the page."""
    top, bottom = int(box.top * factor), math.ceil(box.bottom * factor)
    left, right = int(box.left * factor), math.ceil(box.right * factor)
    return slice(top, bottom), slice(left, right)


def _pen_ink(coloured: np.ndarray, dark: np.ndarray, letter_px: float) -> np.ndarray:
    """1 where ink is coloured and what is around it as well, uint8; no fringes of black letters."""
    window = (max(3, round(letter_px)),) * 2
    shares = [cv2.blur(mask.astype(np.float32), window) for mask in (coloured & dark, dark)]
    is_pen = (coloured > 0) & (shares[0] >= _COLOURED * shares[1])
    return cv2.dilate(is_pen.astype(np.uint8), square(_SPREAD_PX)).astype(np.uint8)


def _remains(dark: np.ndarray, pen: np.ndarray, letter_px: float) -> np.ndarray:
    """1 at the pieces of dots and rules to write on that the pen left bare, uint8."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    touched = np.zeros(count, dtype=np.bool_)
    touched[labels[cv2.dilate(pen, square(round(letter_px))) > 0]] = True
    touched &= stats[:, cv2.CC_STAT_HEIGHT] <= _FLAT * letter_px
    touched[0] = False  # the paper
    return cv2.dilate(touched[labels].astype(np.uint8), square(_SPREAD_PX)).astype(np.uint8)


def _usual_confidence(words: Iterable[Word]) -> float:
    return statistics.median(map(trusted_confidence, words))


def _is_print(word: Word, in_colour: bool) -> bool:
    """Whether a word is surely printed; a loop of the pen may look like any one letter."""
    return not _is_doubted(word) and not (in_colour and len(word.text) == 1)


def _is_doubted(word: Word) -> bool:
    return trusted_confidence(word) < _DOUBTED
