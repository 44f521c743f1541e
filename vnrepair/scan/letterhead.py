"""The head of an official document, in two columns.

Issuing body and number stand on the left, motto, place and date on the right.

The national motto tells where the right column is; where the scan has cut it off, the place and
date beside the number do. The gutter between the columns is followed upwards and downwards until
a line crosses it, or a title or an address begins.
"""

import dataclasses
from collections.abc import Callable

from vnrepair.scan.columns import Columns, follow_gutter, split_at
from vnrepair.scan.lines import Line, Sheet, Strip, is_solid
from vnrepair.scan.phrases import (
    addresses_somebody,
    date_start,
    motto_start,
    names_document,
    numbers_document,
)

__all__ = ["find_letterhead"]

_HEAD_SHARE = 0.4  # a letterhead begins within this share of the lines from the top
_MIN_HEAD_LINES = 4  # but that of a short page takes more of it
_WIDEST_GUTTER = 6.0  # looked at where nothing stands beside the motto, in word heights
_STICKS_OUT = 2.0  # what begins so many word heights left of the text is a stamp in the margin


def find_letterhead(sheet: Sheet) -> Columns | None:
    """The two columns of a letterhead; None where there is none or nothing stands on its left."""
    by_motto = _find(sheet, _gutter_beside_motto)
    if by_motto is not None:
        return by_motto
    rows = sheet.rows()
    by_date = _find(sheet.holding([row.line for row in rows]), _gutter_beside_date)
    if by_date is None:
        return None
    taken = frozenset(index for at in by_date.taken for index in rows[at].indices)
    return dataclasses.replace(by_date, taken=taken)


def _find(sheet: Sheet, find: Callable[[Sheet, Line], Strip | None]) -> Columns | None:
    """The columns on both sides of the first gutter that is found from the top."""
    n_lines = max(_MIN_HEAD_LINES, int(len(sheet.lines) * _HEAD_SHARE))
    for place in range(min(n_lines, len(sheet.lines))):
        gutter = find(sheet, sheet.lines[sheet.from_top[place]])
        if gutter is not None:
            start, end, gutter = follow_gutter(sheet, place, gutter, _End(sheet, place))
            columns = split_at(sheet, sheet.from_top[start:end], gutter.middle)
            return None if columns is None else _without_stamps(sheet, columns)
    return None


def _gutter_beside_motto(sheet: Sheet, line: Line) -> Strip | None:
    first = motto_start(line.words)
    if first is None:
        return None
    right = float(line.words[first].box.left)
    before = [float(word.box.right) for word in line.words[:first] if is_solid(word)]
    before += [
        other.right for other in sheet.lines if other.right <= right and other.is_beside(line)
    ]
    return Strip(max(before, default=right - _WIDEST_GUTTER * sheet.word_height), right)


def _gutter_beside_date(sheet: Sheet, line: Line) -> Strip | None:
    """The gap of a line that holds a number on the left and a date on the right."""
    gap = sheet.widest_gap(line)
    if gap is None:
        return None
    left, right = line.cut(gap.middle)
    is_head = left and right and numbers_document(left) and date_start(right) is not None
    return gap if is_head else None


class _End:
    """Tells where the columns end below the line that they were found by."""

    def __init__(self, sheet: Sheet, place: int) -> None:
        self._sheet = sheet
        words = sheet.lines[sheet.from_top[place]].words
        self._is_dated = date_start(words) is not None

    def __call__(self, line: Line, gutter: Strip) -> bool:
        left, right = (Line.of(side) if side else None for side in line.cut(gutter.middle))
        if addresses_somebody(line.words) or (right and addresses_somebody(right.words)):
            return True
        if right is None or not right.is_solid:
            return left is not None and names_document(left.words)
        if self._is_dated or names_document(right.words):
            return True  # nothing stands below the place and date
        self._is_dated = date_start(right.words) is not None
        return not self._is_dated and self._sheet.is_centred(right.left, right.right)


def _without_stamps(sheet: Sheet, columns: Columns) -> Columns | None:
    """The columns less what a stamp in the margin has put below the number."""
    numbered = next(
        (at for at, line in enumerate(columns.left) if numbers_document(line.words)), None
    )
    if numbered is None:
        return columns
    margin = sheet.text.left - _STICKS_OUT * sheet.word_height
    kept = len(columns.left)
    for at in range(numbered + 1, len(columns.left)):
        if columns.left[at].left < margin:
            kept = at
            break
    if kept == len(columns.left):
        return columns
    limit = columns.left[kept].top
    given_back = {index for index in columns.taken if sheet.lines[index].top >= limit}
    return split_at(
        sheet,
        [index for index in sheet.from_top if index in columns.taken - given_back],
        columns.middle,
    )
