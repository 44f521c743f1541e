"""The foot of an official document: recipients on the left, beside the signature on the right.

"Nơi nhận" (recipients) and "Lưu" (kept by) tell where the left column is. Where neither is found,
the last lines of the page are a signature when they stand on its right, or on both sides of a wide
gap, and one of them says who signs: both sides, or in capitals the right one, beside which a
certificate has the number under which it was entered.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from vnrepair.scan.columns import Columns, follow_gutter, split_at
from vnrepair.scan.lines import Line, Row, Sheet, Strip, blanks, is_solid
from vnrepair.scan.phrases import (
    begins_recipients,
    date_start,
    is_capitals,
    lists_recipients,
    signs,
)

__all__ = ["Signature", "find_foot", "find_recipients", "find_signature"]

_FOOT_SHARE = 0.4  # recipients end after this share of the lines
_RIGHT_COLUMN = 0.4  # lines above the recipients that begin beyond this share of the width sign
_SIGNING_ROOM = 14.0  # room for the hand between post and name, in word heights: four lines, a seal
_MIN_SIGNERS_GAP = 2.0  # between two who sign side by side, in word heights
_MAX_SIGNERS_WIDTH = 0.5  # of the text: what one of them takes at most
_MOST_LINES = 12  # of a signature
_LIST_DASHES = ("-", "+", "~", "\N{EN DASH}", "\N{EM DASH}")


@dataclass(frozen=True, slots=True)
class Signature:
    """Lines at the end of a page over which and under which somebody signs.

    Attributes:
        lines: From the top; what stands side by side is one line.
        columns: The same as two columns, where two sign side by side.
        taken: Indices, in the sheet, of the lines that they are made of.
    """

    lines: tuple[Line, ...]
    columns: Columns | None
    taken: frozenset[int]


def find_foot(sheet: Sheet) -> Columns | None:
    """Recipients and signature as columns; None where nothing stands beside the recipients."""
    for place in reversed(range(int(len(sheet.lines) * _FOOT_SHARE), len(sheet.lines))):
        line = sheet.lines[sheet.from_top[place]]
        if not lists_recipients(line.words):
            continue
        gutter = sheet.widest_gap(line) or Strip(line.right, sheet.extent.right)
        start, end, gutter = follow_gutter(sheet, place, gutter, lambda _line, _gutter: False)
        start = _first_of_foot(sheet, start, place, gutter)
        columns = split_at(sheet, sheet.from_top[start:end], gutter.middle)
        return None if columns is None else _with_name(sheet, columns, end)
    return None


def _first_of_foot(sheet: Sheet, start: int, place: int, gutter: Strip) -> int:
    """Where the foot begins: the end of the body leaves its gutter free by chance."""
    lines = [sheet.lines[index] for index in sheet.from_top]
    for at in range(place, start - 1, -1):
        if begins_recipients(lines[at].words):
            while at > start and lines[at - 1].left >= gutter.middle:
                at -= 1  # a signature that begins above the recipients
            return at
    signs_from = max(gutter.middle, sheet.extent.left + _RIGHT_COLUMN * sheet.extent.width)
    while start < place and not (
        lines[start].text.startswith(_LIST_DASHES) or _last_left(lines[start]) >= signs_from
    ):
        start += 1
    return start


def find_recipients(sheet: Sheet) -> tuple[int, ...]:
    """Indices of the lines of recipients that stand alone, from the top."""
    for place in range(int(len(sheet.lines) * _FOOT_SHARE), len(sheet.lines)):
        if not begins_recipients(sheet.lines[sheet.from_top[place]].words):
            continue
        found = [sheet.from_top[place]]
        for index in sheet.from_top[place + 1 :]:
            if not sheet.lines[index].text.startswith(_LIST_DASHES):
                break
            found.append(index)
        return tuple(found)
    return ()


def find_signature(sheet: Sheet) -> Signature | None:
    """The signature that ends a page without recipients, or the two side by side."""
    rows = sheet.rows()
    found: list[Row] = []
    for row in reversed(rows):
        line = row.line
        is_one = _is_right(sheet, line) or _is_left(sheet, line)
        if line.is_solid and not is_one and _signers_gap(sheet, line) is None:
            break
        if found and found[0].line.top - line.bottom > _SIGNING_ROOM * sheet.word_height:
            break
        found.insert(0, row)
    found = found[_first_of_signature(sheet, [row.line for row in found]) :]
    lines = tuple(row.line for row in found)
    if len(lines) > _MOST_LINES or not any(_somebody_signs(sheet, line) for line in lines):
        return None
    columns = _two_columns(sheet, lines)
    if columns is None and any(_is_left(sheet, line) for line in lines):
        return None  # the last lines of a text, which are short by chance
    return Signature(lines, columns, frozenset(index for row in found for index in row.indices))


def _with_name(sheet: Sheet, columns: Columns, end: int) -> Columns:
    """The columns and, below them, what stands in the right one alone: a name under a seal."""
    right, taken = list(columns.right), set(columns.taken)
    for index in sheet.from_top[end:]:
        line = sheet.lines[index]
        is_near = line.top - right[-1].bottom < _SIGNING_ROOM * sheet.word_height
        if line.left < columns.middle or not is_near:
            break
        right.append(line)
        taken.add(index)
    return dataclasses.replace(columns, right=tuple(right), taken=frozenset(taken))


def _last_left(line: Line) -> float:
    """Where the last word of a line begins that is more than a speck."""
    return max((word.box.left for word in line.words if is_solid(word)), default=0)


def _is_left(sheet: Sheet, line: Line) -> bool:
    return line.right <= sheet.text.left + _MAX_SIGNERS_WIDTH * sheet.text.width


def _is_right(sheet: Sheet, line: Line) -> bool:
    return line.left >= sheet.text.left + _RIGHT_COLUMN * sheet.text.width


def _signers_gap(sheet: Sheet, line: Line) -> Strip | None:
    """The gap between two who sign side by side."""
    gap = sheet.widest_gap(line)
    if gap is None or gap.width < _MIN_SIGNERS_GAP * sheet.word_height:
        return None
    widest = max(gap.left - line.left, line.right - gap.right)
    return gap if widest <= _MAX_SIGNERS_WIDTH * sheet.text.width else None


def _first_of_signature(sheet: Sheet, lines: Sequence[Line]) -> int:
    """Which of the last lines of a page the signature begins with; their number if none."""
    starts = (at for at, line in enumerate(lines) if _begins_signature(sheet, line))
    start = next(starts, len(lines))
    if start == len(lines):
        return start
    # In smaller print than the right one, the left column may begin a little higher.
    top = lines[start].top
    while start > 0 and _is_left(sheet, lines[start - 1]):
        if not signs(lines[start - 1].words) and lines[start - 1].bottom <= top:
            break
        start -= 1
    return start


def _begins_signature(sheet: Sheet, line: Line) -> bool:
    """Whether a line on the right, or on both sides, is a date or says who signs."""
    if _is_left(sheet, line):
        return False
    return date_start(line.words) is not None or _somebody_signs(sheet, line)


def _somebody_signs(sheet: Sheet, line: Line) -> bool:
    gap = _signers_gap(sheet, line)
    sides = line.cut(gap.middle) if gap else (line.words,)
    if is_capitals(sides[-1]) and signs(sides[-1]):
        return True
    return any(signs(side) for side in sides) and all(
        signs(side) or date_start(side) is not None for side in sides
    )


def _two_columns(sheet: Sheet, lines: Sequence[Line]) -> Columns | None:
    """The lines as columns, where the gap of the first row goes through all of them."""
    gaps = (_signers_gap(sheet, line) for line in lines)
    gap = next(filter(None, gaps), None) or _gap_between(sheet, lines)
    if gap is None:
        return None
    for line in lines:
        strips = (gap.within(strip) for strip in blanks(line))
        gap = max(strips, key=lambda strip: strip.width)
        if gap.width <= 0:
            return None
    return split_at(sheet.holding(lines), range(len(lines)), gap.middle)


def _gap_between(sheet: Sheet, lines: Sequence[Line]) -> Strip | None:
    """The gap between two columns of which no lines stand on one height."""
    left = [line for line in lines if _is_left(sheet, line)]
    right = [line for line in lines if _is_right(sheet, line)]
    if not left or not right or left[0].top > right[-1].bottom:
        return None
    gap = Strip(max(line.right for line in left), min(line.left for line in right))
    return gap if gap.width >= _MIN_SIGNERS_GAP * sheet.word_height else None
