"""Reading order: the two columns of a letterhead and of a foot, one after the other.

Tesseract reads a letterhead line by line across both columns, `UBND HUYỆN ... CỘNG HÒA XÃ HỘI ...`,
and the foot likewise, `Nơi nhận: ... TRƯỞNG PHÒNG`. Official documents are set so by decree, so
fixed phrases tell where the columns are: the national motto stands in the right one, "Nơi nhận"
(recipients) in the left. The gutter beside the phrase is followed upwards and downwards until a
line crosses it. Without a phrase Tesseract's order stays: tables are read row by row.

Source:
    Decree 30/2020/ND-CP on clerical work, appendix I: layout of administrative documents.
"""

import dataclasses
from collections.abc import Iterable, Sequence
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
_MIN_RATIO = 72.0  # of fuzz.ratio, 0-100: holds for text read without Vietnamese language data
_MIN_GUTTER = 1.0  # narrowest gutter, in heights of a word; spaces between words are narrower
_MAX_LEADING = 2.6  # widest blank between lines of one column, in heights of a word
_HEAD_SHARE = 0.4  # a letterhead begins within this share of the lines from the top,
_FOOT_SHARE = 0.4  # and recipients begin after this share of them


@dataclass(frozen=True, slots=True)
class _Gutter:
    """The blank strip between two columns, pixels."""

    left: float
    right: float

    def narrowed(self, line: _Line, min_width_px: float) -> "_Gutter | None":
        """What is left of the strip beside the words of a line; None where they cross it."""
        edges = [-1.0, *(float(word.box.right) for word in line)]
        starts = [*(float(word.box.left) for word in line), float("inf")]
        strips = (
            _Gutter(max(self.left, edge), min(self.right, start))
            for edge, start in zip(edges, starts, strict=True)
        )
        widest = max(strips, key=lambda strip: strip.right - strip.left)
        return widest if widest.right - widest.left >= min_width_px else None

    @property
    def middle(self) -> float:
        """Between the columns."""
        return (self.left + self.right) / 2


def order_words(words: Sequence[Word]) -> tuple[Word, ...]:
    """Words in reading order, blocks and lines numbered anew from 0.

    Args:
        words: Words of one page as Tesseract gives them, line by line from left to right.

    Returns:
        The same words; only `block` and `line` differ, and the order where columns were mixed.
    """
    lines = _lines(words)
    height = _typical_height(words)
    for find in (_find_letterhead, _find_foot):
        region = find(lines, height)
        if region is not None:
            lines = _read_columns(lines, *region)
    return tuple(_renumbered(lines))


def _lines(words: Iterable[Word]) -> list[_Line]:
    """The words of each line, lines in order of their first word."""
    lines: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        lines.setdefault((word.block, word.line), []).append(word)
    return [tuple(line) for line in lines.values()]


def _typical_height(words: Sequence[Word]) -> float:
    heights = sorted(word.box.height_px for word in words)
    return float(heights[len(heights) // 2]) if heights else 0.0


def _top(line: _Line) -> float:
    return sum(word.box.top for word in line) / len(line)


def _bottom(line: _Line) -> float:
    return sum(word.box.bottom for word in line) / len(line)


def _find_letterhead(lines: Sequence[_Line], height: float) -> tuple[list[int], float] | None:
    """Indices of the letterhead's lines and the x of its gutter; None without two columns."""
    order = sorted(range(len(lines)), key=lambda index: _top(lines[index]))
    for place, index in enumerate(order[: max(4, int(len(order) * _HEAD_SHARE))]):
        first = _motto_start(lines[index])
        if first is None:
            continue
        motto = lines[index][first:]
        gutter = _Gutter(
            float(lines[index][first - 1].box.right) if first else 0.0, float(motto[0].box.left)
        )
        start, end, gutter = _follow(lines, order, place, gutter, height)
        region = order[start:end]
        return (region, gutter.middle) if _has_both_sides(lines, region, gutter) else None
    return None


def _find_foot(lines: Sequence[_Line], height: float) -> tuple[list[int], float] | None:
    """Indices of the foot's lines and the x of its gutter; None without two columns."""
    order = sorted(range(len(lines)), key=lambda index: _top(lines[index]))
    right_edge = max((word.box.right for line in lines for word in line), default=0)
    for place in reversed(range(int(len(order) * _FOOT_SHARE), len(order))):
        line = lines[order[place]]
        if not _is_like(line[:2], _RECIPIENTS):
            continue
        left = float(line[min(1, len(line) - 1)].box.right)
        gutter = _Gutter(left, float(line[2].box.left) if len(line) > 2 else float(right_edge))
        start, end, gutter = _follow(lines, order, place, gutter, height)
        # Above the recipients only lines of the signature belong to the foot, not the body.
        while start < place and any(
            lines[index][0].box.left < gutter.middle for index in order[start:place]
        ):
            start += 1
        region = order[start:end]
        return (region, gutter.middle) if _has_both_sides(lines, region, gutter) else None
    return None


def _motto_start(line: _Line) -> int | None:
    """Index of the word at which the national motto begins, if the line ends with it."""
    if line[-1].box.left < line[0].box.left:
        return None  # read sideways or from right to left: no place for columns
    ratios = [max(_ratio(line[start:], motto) for motto in _MOTTOES) for start in range(len(line))]
    best = max(ratios)
    return ratios.index(best) if best >= _MIN_RATIO else None


def _is_like(words: Sequence[Word], phrase: str) -> bool:
    return _ratio(words, phrase) >= _MIN_RATIO


def _ratio(words: Sequence[Word], phrase: str) -> float:
    """Likeness to a phrase by base letters alone, 0-100."""
    text = skeleton(" ".join(word.text for word in words)).lower()
    letters = " ".join("".join(char for char in text if char.isalpha() or char == " ").split())
    return fuzz.ratio(letters, phrase)


def _follow(
    lines: Sequence[_Line], order: Sequence[int], place: int, gutter: _Gutter, height: float
) -> tuple[int, int, _Gutter]:
    """How far the gutter goes from a line upwards and downwards: a range of `order`."""
    min_width = _MIN_GUTTER * height
    end = place + 1
    bottom = _bottom(lines[order[place]])
    while end < len(order):
        line = lines[order[end]]
        narrower = gutter.narrowed(line, min_width)
        if narrower is None or _top(line) - bottom > _MAX_LEADING * height:
            break
        gutter, bottom, end = narrower, max(bottom, _bottom(line)), end + 1
    start, top = place, _top(lines[order[place]])
    while start > 0:
        line = lines[order[start - 1]]
        narrower = gutter.narrowed(line, min_width)
        if narrower is None or top - _bottom(line) > _MAX_LEADING * height:
            break
        gutter, top, start = narrower, _top(line), start - 1
    return start, end, gutter


def _has_both_sides(lines: Sequence[_Line], region: Iterable[int], gutter: _Gutter) -> bool:
    sides = {word.box.left < gutter.middle for index in region for word in lines[index]}
    return len(sides) == 2


def _read_columns(lines: Sequence[_Line], region: Sequence[int], middle: float) -> list[_Line]:
    """The lines with those of the region split at the gutter, left column first."""
    left, right = (
        [
            part
            for index in region
            if (part := tuple(w for w in lines[index] if (w.box.left < middle) is is_left))
        ]
        for is_left in (True, False)
    )
    chosen = set(region)
    # New block numbers below all others, so that each column becomes a block of its own.
    lowest = min(word.block for line in lines for word in line)
    columns = [
        tuple(dataclasses.replace(word, block=lowest - 2 + number) for word in line)
        for number, column in enumerate((left, right))
        for line in column
    ]
    first = min(region)
    before = [lines[index] for index in range(first)]
    after = [lines[index] for index in range(first, len(lines)) if index not in chosen]
    return [*before, *columns, *after]


def _renumbered(lines: Iterable[_Line]) -> Iterable[Word]:
    """Blocks and lines counted from 0 in the order given; a block that comes back is a new one."""
    block, previous = -1, None
    for number, line in enumerate(lines):
        if line[0].block != previous:
            block, previous = block + 1, line[0].block
        for word in line:
            yield dataclasses.replace(word, block=block, line=number)
