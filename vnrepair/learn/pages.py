"""Typeset lines on a page: words in their faces become a clean grey image.

In: `PrintedLine` records (one printed line each) and a `PageStyle`. Out: a page as a printer
would leave it, before any damage: uint8, shape (height, width), 0 black to 255 white.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vnrepair.errors import ConfigError
from vnrepair.learn.fonts import Face, FontFamily, load_font

__all__ = [
    "A4_HEIGHT_MM",
    "A4_WIDTH_MM",
    "Alignment",
    "GreyImage",
    "PageStyle",
    "PrintedLine",
    "StyledWord",
    "blank_page",
    "draw_line",
    "line_width_mm",
    "place_words",
    "render_lines",
    "wrap",
]

GreyImage = NDArray[np.uint8]

MM_PER_INCH = 25.4
POINTS_PER_INCH = 72.0
A4_WIDTH_MM = 210.0
A4_HEIGHT_MM = 297.0


class Alignment(Enum):
    """Where a line stands between the margins."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"
    JUSTIFIED = "justified"


@dataclass(frozen=True, slots=True)
class StyledWord:
    """A word and the face it is printed in; the text holds no white space."""

    text: str
    face: Face


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line as it stands on paper.

    Attributes:
        words: From left to right; none for a blank line.
        alignment: Where they stand between the margins.
        indent_mm: Distance of the first word from the left margin, >= 0.
    """

    words: tuple[StyledWord, ...]
    alignment: Alignment = Alignment.LEFT
    indent_mm: float = 0.0

    @property
    def text(self) -> str:
        """The words with one space between them."""
        return " ".join(word.text for word in self.words)

    @property
    def face(self) -> Face:
        """The face that most of its words have."""
        faces = [word.face for word in self.words] or [Face.REGULAR]
        return max(Face, key=faces.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStyle:
    """How a page is set.

    Attributes:
        family: The fonts.
        size_pt: Size of the letters, points of 1/72 inch, 4-72; offices use 13 or 14.
        dpi: Pixels per inch of the image, 50-1200.
        line_spacing: Distance of base lines over the size of the letters, 0.9-4.
        margin_left_mm: Blank paper on the left, >= 0.
        margin_right_mm: Blank paper on the right, >= 0.
        margin_top_mm: Blank paper above the first line and below the last, >= 0.
    """

    family: FontFamily
    size_pt: float = 13.0
    dpi: int = 300
    line_spacing: float = 1.35
    margin_left_mm: float = 30.0
    margin_right_mm: float = 18.0
    margin_top_mm: float = 20.0

    def __post_init__(self) -> None:
        """Refuse a page that cannot be set."""
        if not 4 <= self.size_pt <= 72:
            raise ConfigError(f"size_pt is {self.size_pt}: choose 4 to 72 points")
        if not 50 <= self.dpi <= 1200:
            raise ConfigError(f"dpi is {self.dpi}: choose 50 to 1200")
        if not 0.9 <= self.line_spacing <= 4:
            raise ConfigError(f"line_spacing is {self.line_spacing}: choose 0.9 to 4")
        margins = (self.margin_left_mm, self.margin_right_mm, self.margin_top_mm)
        if min(margins) < 0 or self.text_width_mm < self.size_mm:
            raise ConfigError(f"margins of {margins} mm leave no room for text")

    @property
    def font_px(self) -> float:
        """Size of the letters in pixels."""
        return self.size_pt * self.dpi / POINTS_PER_INCH

    @property
    def size_mm(self) -> float:
        """Size of the letters in millimetres."""
        return self.size_pt * MM_PER_INCH / POINTS_PER_INCH

    @property
    def line_step_mm(self) -> float:
        """Distance from one base line to the next."""
        return self.size_mm * self.line_spacing

    @property
    def text_width_mm(self) -> float:
        """Room between the margins."""
        return A4_WIDTH_MM - self.margin_left_mm - self.margin_right_mm

    def to_px(self, length_mm: float) -> float:
        """Millimetres as pixels of this page."""
        return length_mm * self.dpi / MM_PER_INCH

    def font(self, face: Face) -> ImageFont.FreeTypeFont:
        """The loaded font of a face at the size of this page."""
        return load_font(self.family.file(face), self.font_px)


def wrap(
    words: Iterable[StyledWord],
    style: PageStyle,
    *,
    alignment: Alignment = Alignment.JUSTIFIED,
    indent_mm: float = 0.0,
    width_mm: float | None = None,
) -> Iterator[PrintedLine]:
    """Break a paragraph into printed lines, as many words on each as go.

    A word wider than the page stands alone on its line. The last line of a justified paragraph
    is flush left.

    Args:
        words: The paragraph.
        style: The page it goes on.
        alignment: How its lines stand.
        indent_mm: Indent of its first line, >= 0.
        width_mm: Room for a line, > 0; None for all between the margins.

    Yields:
        The lines in order.
    """
    room_px = style.to_px(style.text_width_mm if width_mm is None else width_mm)
    line: list[StyledWord] = []
    used_px = style.to_px(indent_mm)
    line_indent_mm = indent_mm
    for word in words:
        font = style.font(word.face)
        gap_px = font.getlength(" ") if line else 0.0
        width_px = font.getlength(word.text)
        if line and used_px + gap_px + width_px > room_px:
            yield PrintedLine(tuple(line), alignment, line_indent_mm)
            line, used_px, gap_px, line_indent_mm = [], 0.0, 0.0, 0.0
        line.append(word)
        used_px += gap_px + width_px
    if line:
        last = Alignment.LEFT if alignment is Alignment.JUSTIFIED else alignment
        yield PrintedLine(tuple(line), last, line_indent_mm)


def line_width_mm(line: PrintedLine, style: PageStyle) -> float:
    """Width of the words of a line with plain spaces between them, millimetres."""
    fonts = [style.font(word.face) for word in line.words]
    letters_px = sum(
        font.getlength(word.text) for font, word in zip(fonts, line.words, strict=True)
    )
    gaps_px = sum(font.getlength(" ") for font in fonts[1:])
    return (letters_px + gaps_px) / style.dpi * MM_PER_INCH


def render_lines(lines: Sequence[PrintedLine], style: PageStyle) -> GreyImage:
    """Set lines below each other on a white page.

    Args:
        lines: The lines from top to bottom; a line too wide for the page is cut at its edge.
        style: The page. Its height follows from the number of lines.

    Returns:
        Grey image, uint8, 0 black to 255 white, as wide as A4 at `style.dpi`.
    """
    step_mm = style.line_step_mm
    image = blank_page(style, 2 * style.margin_top_mm + step_mm * max(len(lines), 1))
    canvas = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        baseline_mm = style.margin_top_mm + number * step_mm + style.size_mm
        draw_line(canvas, line, style, baseline_mm=baseline_mm)
    return np.asarray(image, dtype=np.uint8)


def blank_page(style: PageStyle, height_mm: float = A4_HEIGHT_MM) -> Image.Image:
    """A white grey-scale page, as wide as A4."""
    size = (round(style.to_px(A4_WIDTH_MM)), round(style.to_px(height_mm)))
    return Image.new("L", size, 255)


def draw_line(
    canvas: ImageDraw.ImageDraw,
    line: PrintedLine,
    style: PageStyle,
    *,
    baseline_mm: float,
    left_mm: float | None = None,
    width_mm: float | None = None,
) -> None:
    """Print a line, its words where its alignment puts them.

    Args:
        canvas: The page.
        line: What to print.
        style: Fonts, size and resolution.
        baseline_mm: Distance of its base line from the top of the page.
        left_mm: Left end of the room it stands in; None for the left margin.
        width_mm: Width of that room; None for all between the margins.
    """
    for word, start_px, _ in _place(line, style, left_mm, width_mm):
        place = (start_px, style.to_px(baseline_mm))
        canvas.text(place, word.text, fill=0, font=style.font(word.face), anchor="ls")


def place_words(
    line: PrintedLine,
    style: PageStyle,
    *,
    left_mm: float | None = None,
    width_mm: float | None = None,
) -> Iterator[tuple[StyledWord, float, float]]:
    """Where `draw_line` puts the words of a line.

    Yields:
        The word, its left end and its width, millimetres.
    """
    for word, left_px, width_px in _place(line, style, left_mm, width_mm):
        yield word, left_px / style.dpi * MM_PER_INCH, width_px / style.dpi * MM_PER_INCH


def _place(
    line: PrintedLine, style: PageStyle, left_mm: float | None, width_mm: float | None
) -> Iterator[tuple[StyledWord, float, float]]:
    """Words with their left ends and widths in pixels."""
    if not line.words:
        return
    start_mm = (style.margin_left_mm if left_mm is None else left_mm) + line.indent_mm
    room_mm = (style.text_width_mm if width_mm is None else width_mm) - line.indent_mm
    spare_px = style.to_px(room_mm - line_width_mm(line, style))
    left_px, stretch_px = style.to_px(start_mm), 0.0
    if line.alignment is Alignment.CENTRE:
        left_px += spare_px / 2
    elif line.alignment is Alignment.RIGHT:
        left_px += spare_px
    elif line.alignment is Alignment.JUSTIFIED:
        stretch_px = spare_px / max(len(line.words) - 1, 1)
    for position, word in enumerate(line.words):
        font = style.font(word.face)
        if position:
            left_px += font.getlength(" ") + stretch_px
        width_px = font.getlength(word.text)
        yield word, left_px, width_px
        left_px += width_px
