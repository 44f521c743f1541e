"""Two columns side by side: a gutter is followed up and down from the line that shows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vnrepair.scan.lines import Line, Sheet, Strip, blanks, is_solid

__all__ = ["Columns", "follow_gutter", "split_at"]

_MIN_GUTTER = 0.6  # narrowest gutter, in heights of a word
_MAX_LEADING = 2.6  # widest blank between lines of one column, in heights of a word


@dataclass(frozen=True, slots=True)
class Columns:
    """Two columns of lines.

    Attributes:
        left: Lines of the left one, from the top.
        right: Lines of the right one, from the top.
        taken: Indices, in the sheet, of the lines that they are made of.
        middle: The x between them.
    """

    left: tuple[Line, ...]
    right: tuple[Line, ...]
    taken: frozenset[int]
    middle: float

    @property
    def bottom(self) -> float:
        """Of the lowest line."""
        return max(line.bottom for line in (*self.left, *self.right))


def follow_gutter(
    sheet: Sheet, place: int, gutter: Strip, ends_at: Callable[[Line, Strip], bool]
) -> tuple[int, int, Strip]:
    """How far a gutter goes up and down from a line.

    Args:
        sheet: The lines.
        place: Index in `from_top` of the line that shows the gutter.
        gutter: The strip beside its words or between them.
        ends_at: Whether a line below, through which the gutter would go, is no part of the columns.

    Returns:
        A range of `from_top`, first and one past the last, and what is left of the gutter.
    """
    reach = _MAX_LEADING * sheet.word_height
    start, end = place, place + 1
    bottom = sheet.lines[sheet.from_top[place]].bottom
    for index in sheet.from_top[end:]:
        line = sheet.lines[index]
        narrower = _narrow(sheet, gutter, line)
        if narrower is None or line.top - bottom > reach or ends_at(line, narrower):
            break
        gutter, bottom, end = narrower, max(bottom, line.bottom), end + 1
    top = sheet.lines[sheet.from_top[place]].top
    for index in reversed(sheet.from_top[:place]):
        line = sheet.lines[index]
        narrower = _narrow(sheet, gutter, line)
        if narrower is None or top - line.bottom > reach:
            break
        gutter, top, start = narrower, line.top, start - 1
    return start, end, gutter


def split_at(sheet: Sheet, indices: Sequence[int], x: float) -> Columns | None:
    """Lines as two columns; None where one side is empty."""
    left: list[Line] = []
    right: list[Line] = []
    for index in indices:
        for side, words in zip((left, right), sheet.lines[index].cut(x), strict=True):
            if words:
                side.append(Line.of(words))
    if not left or not right:
        return None
    return Columns(tuple(left), tuple(right), frozenset(indices), x)


def _narrow(sheet: Sheet, gutter: Strip, line: Line) -> Strip | None:
    """What is left of a gutter beside or between the words of a line; None if they cross it."""
    words = tuple(word for word in line.words if is_solid(word))
    if not line.is_solid:
        return gutter  # specks, read as dots, dashes or a letter, may lie anywhere
    solid = Line.of(words)
    strips = [gutter.within(strip) for strip in blanks(solid)]
    place = max(range(len(strips)), key=lambda index: strips[index].width)
    if strips[place].width < _MIN_GUTTER * sheet.word_height:
        return None
    if 0 < place < len(strips) - 1:
        return strips[place] if sheet.is_wide(solid, place) else None
    return None if sheet.is_centred(solid.left, solid.right) else strips[place]
