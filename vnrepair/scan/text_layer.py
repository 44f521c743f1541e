"""The text that a PDF page brings along, as words with boxes, and whether to believe it.

In comes an open page, out go words in pixels of the page as it would be rendered, line by line as
an OCR engine gives them, so that the layout stage need not know where they came from. They have no
confidence: nobody read them.
"""

import ctypes
import dataclasses
import itertools
import math
import statistics
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from vnrepair.records import Block, Box, Word
from vnrepair.scan.ink import find_ink
from vnrepair.scan.lean import letter_points, measure_lean
from vnrepair.scan.page import turn

__all__ = ["TextLayer", "misses_print", "read_text_layer"]

_MAX_CHARS = 500_000  # a book's worth on one page; what is beyond is no page of text
_HYPHENS = "\x02\N{SOFT HYPHEN}"  # PDFium's sign for a hyphen at a line end, and Unicode's
_UNMAPPED = "\N{REPLACEMENT CHARACTER}"
_DEVICE_SCALE = 64  # sub-pixels in which PDFium's whole-numbered coordinates are asked for

_SAMPLED_CHARS = 200  # that tell the direction of reading
_SAME_LINE = 0.5  # shared height of two words of a line, of the lower one's
_BACKWARDS = 0.5  # heights by which a word may begin before the end of its neighbour on the line
_BLOCK_GAP = 0.8  # blank between lines, in heights of a line, that divides blocks
_MAX_UPWARD_SHARE = 0.3  # of line ends that jump up; above it the order of drawing says nothing

_MARGIN = 0.35  # around a word's box, in its heights: marks and descenders stick out
_MIN_MISSED_LETTERS = 40  # a stamp or a logo beside the text holds fewer
_MAX_MISSED_SHARE = 0.25  # of the letters on the page that stand in no word
_LINES_SHARPNESS_RATIO = 2.0  # along lines to across: 4 and above for text, near 1 for photographs
_PAPER = 255


_Boxed = TypeVar("_Boxed", Word, Block)


@dataclass(frozen=True, slots=True)
class TextLayer:
    """The text of a page, turned upright where it runs sideways on the page.

    Attributes:
        words: Line by line, boxes in pixels of the upright page.
        quarter_turns: Clockwise turns that bring the page upright, 0-3.
        width_px: Of the page as it is shown, before any turn.
        height_px: Likewise.
    """

    words: tuple[Word, ...]
    quarter_turns: int
    width_px: int
    height_px: int

    @property
    def upright_size_px(self) -> tuple[int, int]:
        """Width and height of the upright page, which the boxes of `words` lie on."""
        size = (self.width_px, self.height_px)
        return size[::-1] if self.quarter_turns % 2 else size

    def on_page(self, items: Iterable[_Boxed]) -> tuple[_Boxed, ...]:
        """Words or blocks of the upright page with their boxes on the page as it is shown."""
        back = np.linalg.inv(turn(self.quarter_turns, self.width_px, self.height_px))
        return tuple(dataclasses.replace(item, box=_move(item.box, back)) for item in items)


@dataclass(frozen=True, slots=True)
class _Char:
    """A character and its box, left, top, right and bottom in pixels."""

    text: str
    box: tuple[float, float, float, float]


@dataclass(slots=True)
class _Line:
    """Words on one level.

    Attributes:
        words: In the order of drawing.
        top: Upper end of the highest of them.
        bottom: Lower end of the lowest.
    """

    words: list[Word]
    top: int
    bottom: int

    @classmethod
    def begin(cls, word: Word) -> "_Line":
        """A line of one word."""
        return cls([word], word.box.top, word.box.bottom)

    def add(self, word: Word) -> None:
        """Go on with a word."""
        self.words.append(word)
        self.top = min(self.top, word.box.top)
        self.bottom = max(self.bottom, word.box.bottom)

    @property
    def height_px(self) -> int:
        """From top to bottom, 1 or more."""
        return max(1, self.bottom - self.top)

    def is_level_with(self, box: Box) -> bool:
        """Whether a box stands on the level of this line."""
        shared = min(self.bottom, box.bottom) - max(self.top, box.top)
        return shared >= _SAME_LINE * max(1, min(self.height_px, box.height_px))


def read_text_layer(page: pdfium.PdfPage, size_px: tuple[int, int]) -> TextLayer:
    """The words of a page's text layer, line by line.

    Args:
        page: An open page; its rotation and crop box are heeded.
        size_px: Width and height of the page as it would be rendered.

    Returns:
        Words with text in NFC, without confidence; a code that stands for nothing is U+FFFD. What
        lies outside the visible page is left out. Lines follow each other as they were drawn,
        unless that is no order at all, else from the top down; each line from left to right.
    """
    width, height = size_px
    textpage = page.get_textpage()
    try:
        to_pixels = _to_pixels(page, size_px)
        turns = _quarter_turns(textpage, to_pixels)
        to_upright = (turn(turns, width, height) @ np.vstack((to_pixels, (0, 0, 1))))[:2]
        upright_size = (height, width) if turns % 2 else (width, height)
        words = [
            word
            for chars in _divide(_characters(textpage, to_upright))
            if (word := _make_word(chars, upright_size)) is not None
        ]
    finally:
        textpage.close()
    return TextLayer(tuple(_number(_order_lines(_gather_lines(words)))), turns, width, height)


def misses_print(layer: TextLayer, grey: np.ndarray) -> bool:
    """Whether much of what is printed on a page stands in no word of its layer.

    Ink counts that has the size of letters and lies in lines: photographs and drawings do not.

    Args:
        layer: The text.
        grey: The page rendered at any size, uint8, shape (height, width).
    """
    ink = find_ink(_without(layer, grey))
    known = sum(len(word.text) for word in layer.words)
    if ink.n_letters < max(_MIN_MISSED_LETTERS, _MAX_MISSED_SHARE * (ink.n_letters + known)):
        return False
    x, y = letter_points(ink)
    level, upright = measure_lean(x, y).sharpness, measure_lean(y, -x).sharpness
    return max(level, upright) > _LINES_SHARPNESS_RATIO * min(level, upright)


def _without(layer: TextLayer, grey: np.ndarray) -> np.ndarray:
    """The page with paper in place of the words of its layer."""
    height, width = grey.shape
    bare = grey.copy()
    x_scale, y_scale = width / layer.width_px, height / layer.height_px
    for word in layer.on_page(layer.words):
        margin = _MARGIN * min(word.box.height_px, word.box.width_px)
        left, right = (word.box.left - margin) * x_scale, (word.box.right + margin) * x_scale
        top, bottom = (word.box.top - margin) * y_scale, (word.box.bottom + margin) * y_scale
        rows = slice(max(0, math.floor(top)), math.ceil(bottom))
        bare[rows, max(0, math.floor(left)) : math.ceil(right)] = _PAPER
    return bare


def _move(box: Box, by: np.ndarray) -> Box:
    """The upright box around a box after a turn by quarters."""
    x, y, _ = by @ np.array([[box.left, box.right], [box.top, box.bottom], [1, 1]], dtype=float)
    return Box(round(min(x)), round(min(y)), round(max(x)), round(max(y)))


def _quarter_turns(textpage: pdfium.PdfTextPage, to_pixels: np.ndarray) -> int:
    """Clockwise turns after which most of the text runs from left to right."""
    n_chars = min(textpage.count_chars(), _MAX_CHARS)
    votes = [0, 0, 0, 0]
    for index in range(0, n_chars, max(1, n_chars // _SAMPLED_CHARS)):
        angle = pdfium_c.FPDFText_GetCharAngle(textpage, index)
        if angle >= 0:  # it is -1 where there is none
            right, down = to_pixels[:, :2] @ (math.cos(angle), math.sin(angle))
            votes[-round(math.atan2(down, right) / (math.pi / 2)) % 4] += 1
    return votes.index(max(votes))


def _to_pixels(page: pdfium.PdfPage, size_px: tuple[int, int]) -> np.ndarray:
    """2 x 3 map from the page's own units to pixels, whose y axis points down."""
    width, height = size_px
    x, y = ctypes.c_int(), ctypes.c_int()
    corners = []
    for point in ((0.0, 0.0), (100.0, 0.0), (0.0, 100.0)):
        pdfium_c.FPDF_PageToDevice(
            page,
            0,
            0,
            width * _DEVICE_SCALE,
            height * _DEVICE_SCALE,
            0,
            *point,
            ctypes.byref(x),
            ctypes.byref(y),
        )
        corners.append(np.array([x.value, y.value], dtype=float) / _DEVICE_SCALE)
    origin, right, up = corners
    return np.column_stack(((right - origin) / 100, (up - origin) / 100, origin))


def _characters(textpage: pdfium.PdfTextPage, to_pixels: np.ndarray) -> Iterator[_Char | None]:
    """The characters in the order of drawing; None for a blank between words."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    places = tuple(ctypes.byref(side) for side in (left, right, bottom, top))
    half = ""  # of a character beyond U+FFFF, which PDFium gives in two
    for index in range(min(textpage.count_chars(), _MAX_CHARS)):
        code = pdfium_c.FPDFText_GetUnicode(textpage, index)
        if 0xD800 <= code < 0xDC00:
            half = chr(code)
            continue
        char = _join_halves(half, code)
        half = ""
        if char.isspace() or pdfium_c.FPDFText_IsGenerated(textpage, index) == 1:
            yield None
            continue
        pdfium_c.FPDFText_GetCharBox(textpage, index, *places)
        x, y = to_pixels @ np.array(
            [[left.value, right.value], [bottom.value, top.value], [1.0, 1.0]]
        )
        yield _Char(char, (float(min(x)), float(min(y)), float(max(x)), float(max(y))))


def _join_halves(half: str, code: int) -> str:
    if code == 0 or code > 0x10FFFF:
        return _UNMAPPED
    char = chr(code)
    if char in _HYPHENS:
        return "-"
    if half and 0xDC00 <= code < 0xE000:
        return (half + char).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _UNMAPPED if 0xD800 <= code < 0xE000 else char


def _divide(chars: Iterator[_Char | None]) -> Iterator[list[_Char]]:
    """Words: characters between blanks, and between jumps to another place."""
    word: list[_Char] = []
    for char in chars:
        if char is None or (word and _jumps(word[-1], char)):
            if word:
                yield word
            word = []
        if char is not None:
            word.append(char)
    if word:
        yield word


def _jumps(before: _Char, after: _Char) -> bool:
    """Whether a character stands where the one before it cannot have led."""
    height = max(before.box[3] - before.box[1], after.box[3] - after.box[1], 1.0)
    down = max(after.box[1] - before.box[3], before.box[1] - after.box[3])
    return down > height or after.box[0] < before.box[0] - 2 * height


def _make_word(chars: Sequence[_Char], size_px: tuple[int, int]) -> Word | None:
    """A word of these characters; None where it is empty or outside the page."""
    text = unicodedata.normalize("NFC", "".join(char.text for char in chars))
    sides = np.array([char.box for char in chars])
    width, height = size_px
    left, top = np.floor(sides[:, :2].min(axis=0))
    right, bottom = np.ceil(sides[:, 2:].max(axis=0))
    if right <= 0 or bottom <= 0 or left >= width or top >= height:
        return None
    box = Box(max(int(left), 0), max(int(top), 0), min(int(right), width), min(int(bottom), height))
    return Word(text, box, None, 0, 0)


def _gather_lines(words: Sequence[Word]) -> list[_Line]:
    """Words that were drawn one behind the other on one level."""
    lines: list[_Line] = []
    for word in words:
        line = lines[-1] if lines else None
        if line is not None and line.is_level_with(word.box):
            reach = line.words[-1].box.right - _BACKWARDS * line.height_px
            if word.box.left >= reach:
                line.add(word)
                continue
        lines.append(_Line.begin(word))
    return lines


def _order_lines(lines: list[_Line]) -> list[_Line]:
    """The lines as they were drawn, or from the top down where that order is none."""
    upward = sum(after.bottom <= before.top for before, after in itertools.pairwise(lines))
    if upward <= _MAX_UPWARD_SHARE * max(1, len(lines) - 1):
        return lines
    words = sorted(
        (word for line in lines for word in line.words),
        key=lambda word: (word.box.top + word.box.bottom, word.box.left),
    )
    levels: list[_Line] = []
    for word in words:
        if levels and levels[-1].is_level_with(word.box):
            levels[-1].add(word)
        else:
            levels.append(_Line.begin(word))
    for level in levels:
        level.words.sort(key=lambda word: word.box.left)
    return levels


def _number(lines: Sequence[_Line]) -> Iterator[Word]:
    """The words with their blocks and lines counted from 0."""
    usual = statistics.median(line.height_px for line in lines) if lines else 1.0
    block = 0
    for number, line in enumerate(lines):
        if number:
            before = lines[number - 1]
            gap = line.top - before.bottom
            block += not (-usual < gap <= _BLOCK_GAP * usual)
        for word in line.words:
            yield dataclasses.replace(word, block=block, line=number)
