"""Reading order: the two columns of a letterhead and of a foot, one after the other.

Tesseract reads a letterhead line by line across both columns, `UBND HUYỆN ... CỘNG HÒA XÃ HỘI ...`,
and the foot likewise, `Nơi nhận: ... TRƯỞNG PHÒNG`. Official documents are set so by decree, so
fixed phrases tell where the columns are: the national motto stands in the right one, "Nơi nhận"
(recipients) and "Lưu" (kept by) in the left. The gutter beside the phrase is followed upwards and
downwards until a line crosses it. Without a phrase Tesseract's order stays: tables are read row by
row.

Source:
    Decree 30/2020/ND-CP on clerical work, appendix I: layout of administrative documents.
"""

import dataclasses
import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from vnrepair.language.letters import skeleton
from vnrepair.records import Word

__all__ = ["order_words"]

_Line = tuple[Word, ...]

_MOTTOES = (
    "cong hoa xa hoi chu nghia viet nam",
    "doc lap tu do hanh phuc",
    "dang cong san viet nam",
)
_RECIPIENTS = "noi nhan"
_KEPT_BY = "luu"
_MIN_RATIO = 72.0  # of fuzz.ratio, 0-100: holds for text read without Vietnamese language data
_MIN_GUTTER = 0.6  # narrowest gutter, in heights of a word,
_MIN_GAP_RATIO = 1.7  # and in usual spaces of the line that it divides
_MAX_LEADING = 2.6  # widest blank between lines of one column, in heights of a word
_HEAD_SHARE = 0.4  # a letterhead begins within this share of the lines from the top,
_FOOT_SHARE = 0.4  # and recipients end after this share of them
_RIGHT_COLUMN = 0.4  # lines above the recipients that begin beyond this share of the width sign
_CENTRED = 0.06  # a line whose middle is this near to the page's, in page widths, is a title


@dataclass(frozen=True, slots=True)
class _Strip:
    """A blank upright strip, pixels."""

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


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a page in Tesseract's order, and how large things are on it."""

    lines: tuple[_Line, ...]
    from_top: tuple[int, ...]
    extent: _Strip
    word_height: float

    @classmethod
    def of(cls, words: Sequence[Word]) -> "_Lines":
        """Group the words of a page, at least one."""
        grouped: dict[tuple[int, int], list[Word]] = {}
        for word in words:
            grouped.setdefault((word.block, word.line), []).append(word)
        lines = tuple(tuple(line) for line in grouped.values())
        return cls(
            lines=lines,
            from_top=tuple(sorted(range(len(lines)), key=lambda index: _top(lines[index]))),
            extent=_Strip(
                min(word.box.left for word in words), max(word.box.right for word in words)
            ),
            word_height=statistics.median(word.box.height_px for word in words),
        )

    def narrow(self, gutter: _Strip, line: _Line) -> _Strip | None:
        """What is left of a gutter beside or between the words of a line; None if they cross it."""
        line = tuple(word for word in line if _is_solid(word))
        if not line:
            return gutter  # specks read as dots and dashes may lie anywhere
        strips = [
            _Strip(max(gutter.left, strip.left), min(gutter.right, strip.right))
            for strip in _blanks(line)
        ]
        place = max(range(len(strips)), key=lambda index: strips[index].width)
        if strips[place].width < _MIN_GUTTER * self.word_height:
            return None
        divides = 0 < place < len(strips) - 1
        if divides:
            return strips[place] if self._is_wide(line, place) else None
        return None if self._is_centred(line) else strips[place]

    def follow(self, place: int, gutter: _Strip) -> tuple[int, int, _Strip]:
        """How far a gutter goes up and down from a line: a range of `from_top`, and what is left.

        Args:
            place: Index in `from_top` of the line that the gutter was found in.
            gutter: The strip beside its words or between them.
        """
        reach = _MAX_LEADING * self.word_height
        start, end = place, place + 1
        bottom = _bottom(self.lines[self.from_top[place]])
        for index in self.from_top[end:]:
            line = self.lines[index]
            narrower = self.narrow(gutter, line)
            if narrower is None or _top(line) - bottom > reach:
                break
            gutter, bottom, end = narrower, max(bottom, _bottom(line)), end + 1
        top = _top(self.lines[self.from_top[place]])
        for index in reversed(self.from_top[:place]):
            line = self.lines[index]
            narrower = self.narrow(gutter, line)
            if narrower is None or top - _bottom(line) > reach:
                break
            gutter, top, start = narrower, _top(line), start - 1
        return start, end, gutter

    def widest_gap(self, line: _Line) -> _Strip | None:
        """The widest blank between words of a line, if it may divide columns."""
        if len(line) < 2:
            return None
        blanks = _blanks(line)
        place = max(range(1, len(line)), key=lambda index: blanks[index].width)
        return blanks[place] if self._is_wide(line, place) else None

    def _is_wide(self, line: _Line, place: int) -> bool:
        """Whether the blank before a word is wider than the line's usual spaces."""
        spaces = [strip.width for strip in _blanks(line)]
        others = spaces[1:place] + spaces[place + 1 : -1]
        usual = statistics.median(others) if others else self.word_height
        return spaces[place] >= _MIN_GAP_RATIO * usual

    def _is_centred(self, line: _Line) -> bool:
        middle = (line[0].box.left + line[-1].box.right) / 2
        return abs(middle - self.extent.middle) < _CENTRED * self.extent.width


@dataclass(frozen=True, slots=True)
class _Columns:
    """Lines that stand in two columns, from the top, and the x between them."""

    indices: tuple[int, ...]
    middle: float


def order_words(words: Sequence[Word]) -> tuple[Word, ...]:
    """Words in reading order, blocks and lines numbered anew from 0.

    Args:
        words: Words of one page as Tesseract gives them, line by line from left to right.

    Returns:
        The same words; only `block` and `line` differ, and the order where columns were mixed.
    """
    ordered = tuple(words)
    for find in (_find_letterhead, _find_foot):
        if ordered:
            page = _Lines.of(ordered)
            columns = find(page)
            lines = page.lines if columns is None else _one_after_the_other(page, columns)
            ordered = tuple(_renumbered(lines))
    return ordered


def _find_letterhead(page: _Lines) -> _Columns | None:
    """The lines around the national motto; None where nothing stands to its left."""
    for place, index in enumerate(page.from_top[: max(4, int(len(page.lines) * _HEAD_SHARE))]):
        line = page.lines[index]
        first = _motto_start(line)
        if first is None:
            continue
        before = [word.box.right for word in line[:first] if _is_solid(word)]
        gutter = _Strip(float(max(before, default=page.extent.left)), float(line[first].box.left))
        start, end, gutter = page.follow(place, gutter)
        return _columns(page, page.from_top[start:end], gutter)
    return None


def _find_foot(page: _Lines) -> _Columns | None:
    """The lines of the recipients and the signature; None where nothing stands to their right."""
    for place in reversed(range(int(len(page.lines) * _FOOT_SHARE), len(page.lines))):
        line = page.lines[page.from_top[place]]
        if not _lists_recipients(line):
            continue
        beside = _Strip(float(line[-1].box.right), page.extent.right)
        gutter = page.widest_gap(line) or beside
        start, end, gutter = page.follow(place, gutter)
        signs_from = max(gutter.middle, page.extent.left + _RIGHT_COLUMN * page.extent.width)
        while start < place and page.lines[page.from_top[start]][-1].box.left < signs_from:
            start += 1  # the end of the body, which leaves the gutter free by chance
        return _columns(page, page.from_top[start:end], gutter)
    return None


def _columns(page: _Lines, indices: Sequence[int], gutter: _Strip) -> _Columns | None:
    """The lines as columns, if there are words on both sides of the gutter."""
    sides = {word.box.left < gutter.middle for index in indices for word in page.lines[index]}
    return _Columns(tuple(indices), gutter.middle) if len(sides) == 2 else None


def _motto_start(line: _Line) -> int | None:
    """Index of the word at which the national motto begins, if the line ends with it."""
    if line[-1].box.left < line[0].box.left:
        return None  # read sideways or from right to left: no place for columns
    ratios = [max(_ratio(line[start:], motto) for motto in _MOTTOES) for start in range(len(line))]
    best = max(ratios)
    if best < _MIN_RATIO:
        return None
    return max(start for start, ratio in enumerate(ratios) if ratio == best)  # specks stay outside


def _lists_recipients(line: _Line) -> bool:
    """Whether a line begins with "Nơi nhận", or with "Lưu" after its dash."""
    if _ratio(line[:2], _RECIPIENTS) >= _MIN_RATIO:
        return True
    return any(_letters(word.text) == _KEPT_BY for word in line[:2])


def _ratio(words: Sequence[Word], phrase: str) -> float:
    """Likeness to a phrase by base letters alone, 0-100."""
    return fuzz.ratio(" ".join(filter(None, (_letters(word.text) for word in words))), phrase)


def _is_solid(word: Word) -> bool:
    """Whether a word is more than the dot or dash that a speck may be read as."""
    return any(char.isalnum() for char in word.text)


def _letters(text: str) -> str:
    return "".join(char for char in skeleton(text).lower() if char.isalpha())


def _blanks(line: _Line) -> list[_Strip]:
    """What is blank before, between and after the words of a line."""
    rights = [-math.inf, *(float(word.box.right) for word in line)]
    lefts = [*(float(word.box.left) for word in line), math.inf]
    return [_Strip(right, left) for right, left in zip(rights, lefts, strict=True)]


def _top(line: _Line) -> float:
    return statistics.fmean(word.box.top for word in line)


def _bottom(line: _Line) -> float:
    return statistics.fmean(word.box.bottom for word in line)


def _one_after_the_other(page: _Lines, columns: _Columns) -> list[_Line]:
    """The lines with those in columns split, the left column first, each a block of its own."""
    lowest = min(word.block for line in page.lines for word in line)
    halves: list[_Line] = []
    for number, is_left in enumerate((True, False)):
        for index in columns.indices:
            half = tuple(
                dataclasses.replace(word, block=lowest - 2 + number)
                for word in page.lines[index]
                if (word.box.left < columns.middle) is is_left
            )
            if half:
                halves.append(half)
    first = min(columns.indices)
    after = [
        page.lines[index] for index in range(first, len(page.lines)) if index not in columns.indices
    ]
    return [*page.lines[:first], *halves, *after]


def _renumbered(lines: Iterable[_Line]) -> Iterator[Word]:
    """Blocks and lines counted from 0 in the order given; a block that comes back is a new one."""
    block, previous = -1, None
    for number, line in enumerate(lines):
        if line[0].block != previous:
            block, previous = block + 1, line[0].block
        for word in line:
            yield dataclasses.replace(word, block=block, line=number)
