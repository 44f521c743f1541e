"""The lines of a page as records, and how large things are on it: what the layout stage measures.

In: words with Tesseract's block and line numbers. Out: `Line` and `Sheet` records. Nothing here
knows what a line says.
"""

import dataclasses
import math
import statistics
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vnrepair.records import Word

__all__ = ["Line", "Row", "Sheet", "Strip", "blanks", "group_lines", "is_solid"]

_LONG_LINE = 0.75  # of the widest line: such lines reach from margin to margin, or nearly
_MIN_SHARING, _SHARING = 3, 0.2  # long lines, in number and share, that end at a margin
_CENTRED = 0.06  # a line whose middle is this near to the text's, in its widths, is centred
_MIN_INSET = 0.04  # and it keeps off both margins, in widths of the text. Nearer to them,
_LONG_CENTRED, _LONG_INSET = 0.01, 0.008  # only what keeps off both by the same is centred
_PAGE_CENTRED = (
    0.03  # where nobody knows the margins: near to the middle of the page, in its widths
)
_LONG_WORD = 4  # letters; upright, such a word is wider than high in every font
_MARK = "Lm"  # modifier letters: marks that stand alone, such as a circumflex without its letter
_WIDE_GAP = 1.7  # a blank is wide from so many usual spaces of its line on


@dataclass(frozen=True, slots=True)
class Strip:
    """A stretch from left to right, pixels."""

    left: float
    right: float

    @property
    def width(self) -> float:
        """From side to side; negative when there is none."""
        return self.right - self.left

    @property
    def middle(self) -> float:
        """Between the sides."""
        return (self.left + self.right) / 2

    def within(self, other: "Strip") -> "Strip":
        """What both have in common; its width is negative where that is nothing."""
        return Strip(max(self.left, other.left), min(self.right, other.right))


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand side by side.

    Attributes:
        words: At least one, as they are read.
        left: Leftmost pixel; specks that were read as dots and dashes do not count.
        right: One past the rightmost, likewise.
        top: Median of the tops of the words, so that one tall blot does not raise it.
        bottom: Median of their bottoms.
    """

    words: tuple[Word, ...]
    left: float
    right: float
    top: float
    bottom: float

    @classmethod
    def of(cls, words: Iterable[Word]) -> "Line":
        """A line of at least one word. Where there is nothing but specks, they are measured."""
        words = tuple(words)
        solid = [word for word in words if is_solid(word)] or words
        return cls(
            words,
            float(min(word.box.left for word in solid)),
            float(max(word.box.right for word in solid)),
            float(statistics.median(word.box.top for word in solid)),
            float(statistics.median(word.box.bottom for word in solid)),
        )

    @property
    def middle(self) -> float:
        """Half way down."""
        return (self.top + self.bottom) / 2

    @property
    def axis(self) -> float:
        """Half way from left to right."""
        return (self.left + self.right) / 2

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    @property
    def text(self) -> str:
        """The words, a blank between them."""
        return " ".join(word.text for word in self.words)

    @property
    def is_solid(self) -> bool:
        """Whether there is more than specks: any figure, or more than one letter."""
        found = [char for word in self.words if is_solid(word) for char in word.text]
        return any(char.isdigit() for char in found) or sum(map(str.isalpha, found)) > 1

    def cut(self, x: float) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
        """The words that begin left of an x, and the others."""
        left = tuple(word for word in self.words if word.box.left < x)
        right = tuple(word for word in self.words if word.box.left >= x)
        return left, right

    def is_beside(self, other: "Line") -> bool:
        """Whether two lines stand side by side rather than one above the other."""
        shared = min(self.bottom, other.bottom) - max(self.top, other.top)
        return shared > 0.5 * min(self.height, other.height)


def group_lines(words: Iterable[Word]) -> tuple[Line, ...]:
    """The lines of a page in Tesseract's order."""
    grouped: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        grouped.setdefault((word.block, word.line), []).append(word)
    return tuple(Line.of(line) for line in grouped.values())


def is_solid(word: Word) -> bool:
    """Whether a word is more than the dot, dash or mark that a speck or a rule may be read as."""
    return any(char.isalnum() and unicodedata.category(char) != _MARK for char in word.text)


def blanks(line: Line) -> list[Strip]:
    """What is blank before, between and after the words of a line; the outer two are endless."""
    rights = [-math.inf, *(float(word.box.right) for word in line.words)]
    lefts = [*(float(word.box.left) for word in line.words), math.inf]
    return [Strip(right, left) for right, left in zip(rights, lefts, strict=True)]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Lines of a page, and the measures of the whole page.

    Attributes:
        lines: In Tesseract's order; at least one.
        from_top: Indices of `lines` by their tops.
        extent: From the leftmost to the rightmost word.
        text: From margin to margin, as the long lines have it; `extent` where they tell no margins.
        has_margins: Whether they do.
        word_height: Of the usual word, pixels.
        width_px: Width of the page.
        height_px: Height of the page.
    """

    lines: tuple[Line, ...]
    from_top: tuple[int, ...]
    extent: Strip
    text: Strip
    has_margins: bool
    word_height: float
    width_px: int
    height_px: int

    @classmethod
    def of(cls, lines: Sequence[Line], width_px: int, height_px: int) -> "Sheet":
        """Measure a page of at least one line."""
        extent = Strip(min(line.left for line in lines), max(line.right for line in lines))
        heights = [word.box.height_px for line in lines for word in line.words]
        word_height = max(1.0, float(statistics.median(heights)))
        text = _text_area(lines, word_height)
        return cls(
            lines=tuple(lines),
            from_top=_by_top(lines),
            extent=extent,
            text=text or extent,
            has_margins=text is not None,
            word_height=word_height,
            width_px=width_px,
            height_px=height_px,
        )

    @property
    def is_upright(self) -> bool:
        """Whether the lines run across: most words of some letters are wider than they are high."""
        words = [w for line in self.lines for w in line.words if len(w.text) >= _LONG_WORD]
        tall = sum(word.box.height_px > word.box.width_px for word in words)
        return not words or tall < len(words) / 2

    def holding(self, lines: Sequence[Line]) -> "Sheet":
        """The same page, measured as before, with other lines."""
        return dataclasses.replace(self, lines=tuple(lines), from_top=_by_top(lines))

    def without(self, taken: Iterable[int]) -> "Sheet":
        """The same page less the lines of some indices."""
        gone = set(taken)
        return self.holding([line for index, line in enumerate(self.lines) if index not in gone])

    def is_centred(self, left: float, right: float) -> bool:
        """Whether what stands from left to right has the middle of the text as its own."""
        off = abs((left + right) / 2 - self.text.middle)
        return off < _CENTRED * self.text.width

    def is_set_in(self, line: Line, axis: float | None = None) -> bool:
        """Whether a line is centred and keeps off both margins, as lines of a title do.

        Args:
            line: Any line.
            axis: What it is centred on; None for the middle of the text, or of the page.
        """
        width = self.text.width
        inset = min(line.left - self.text.left, self.text.right - line.right)
        off = abs(line.axis - (self.text.middle if axis is None else axis))
        if inset >= _MIN_INSET * width and axis is not None:
            return off < _CENTRED * width
        if inset >= _MIN_INSET * width:
            return self.is_centred(line.left, line.right) or self._is_on_page_middle(line)
        if inset >= _LONG_INSET * width:
            return off < _LONG_CENTRED * width
        return not self.has_margins and self._is_on_page_middle(line)

    def _is_on_page_middle(self, line: Line) -> bool:
        off = abs(line.axis - self.width_px / 2)
        return off < _PAGE_CENTRED * self.width_px

    def is_wide(self, line: Line, place: int) -> bool:
        """Whether the blank before a word is wider than the line's usual spaces."""
        spaces = [strip.width for strip in blanks(line)]
        others = spaces[1:place] + spaces[place + 1 : -1]
        usual = statistics.median(others) if others else self.word_height
        return spaces[place] >= _WIDE_GAP * usual

    def widest_gap(self, line: Line) -> Strip | None:
        """The widest blank between words of a line, if it may divide columns."""
        if len(line.words) < 2:
            return None
        strips = blanks(line)
        place = max(range(1, len(line.words)), key=lambda index: strips[index].width)
        return strips[place] if self.is_wide(line, place) else None

    def rows(self) -> tuple["Row", ...]:
        """Lines that stand side by side as one, from the top."""
        rows: list[list[int]] = []
        for index in sorted(range(len(self.lines)), key=lambda index: self.lines[index].middle):
            line = self.lines[index]
            if rows and all(_is_next_to(self.lines[other], line) for other in rows[-1]):
                rows[-1].append(index)
            else:
                rows.append([index])
        return tuple(Row.of(self.lines, indices) for indices in rows)


@dataclass(frozen=True, slots=True)
class Row:
    """Lines side by side.

    Attributes:
        line: All of their words, from left to right.
        indices: Of the lines, in their sheet.
    """

    line: Line
    indices: tuple[int, ...]

    @classmethod
    def of(cls, lines: Sequence[Line], indices: Sequence[int]) -> "Row":
        """The lines of some indices as one."""
        ordered = sorted(indices, key=lambda index: lines[index].left)
        return cls(
            Line.of([word for index in ordered for word in lines[index].words]), tuple(ordered)
        )


def _is_next_to(line: Line, other: Line) -> bool:
    return line.is_beside(other) and (line.right <= other.left or other.right <= line.left)


def _by_top(lines: Sequence[Line]) -> tuple[int, ...]:
    return tuple(sorted(range(len(lines)), key=lambda index: lines[index].top))


def _text_area(lines: Sequence[Line], word_height: float) -> Strip | None:
    """The outermost edges that several of the long lines have in common; None without such."""
    widest = max(line.right - line.left for line in lines)
    long = [line for line in lines if line.right - line.left >= _LONG_LINE * widest]
    left = _common_edge([line.left for line in long], word_height)
    right = _common_edge([-line.right for line in long], word_height)
    return None if left is None or right is None else Strip(left, -right)


def _common_edge(edges: Sequence[float], tolerance: float) -> float | None:
    """The lowest of numbers near which there are several more."""
    least = max(_MIN_SHARING, _SHARING * len(edges))
    for edge in sorted(edges):
        near = [other for other in edges if edge <= other <= edge + tolerance]
        if len(near) >= least:
            return statistics.median(near)
    return None
