"""What stands around the text and not in it: page numbers, running heads and feet, and stamps.

The first row and the last row of a page are looked at, if a blank sets them apart. A stamp of
arrival is a heap of short lines that begin left of the margin which the long lines keep.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from vnrepair.records import Word
from vnrepair.scan.lines import Line, Row, Sheet, blanks
from vnrepair.scan.phrases import (
    has_note_mark,
    is_page_number,
    mentions_gazette,
    motto_start,
    notes_arrival,
)

__all__ = ["Edges", "cut_stamps", "find_edges"]

_TOP_SHARE = 0.1  # of the page's height: heads and numbers stand above it,
_BOTTOM_SHARE = 0.9  # and feet below it
_APART = 0.8  # blank between them and the text, in heights of a word,
_APART_RATIO = 1.5  # and in usual blanks between lines
_SMALL = 0.88  # of the usual word: print that is smaller than the text
_MIN_SMALL_WORDS = 3  # fewer may be small for want of tall letters
_NAME_SHARE = 0.4  # of the text, from the left
_MIN_LINES = 3  # a page with fewer has no edges, only text
_STICKS_OUT = 2.0  # what begins so many word heights left of the text is none of it
_TEXT_OUTSIDE = 0.6  # what begins in the margin and reaches beyond this share of the text is text
_MOST_OUTSIDE = 1  # of such lines: a line of text that was read on from one of a stamp
_MAX_STAMP = 0.35  # a stamp ends within this share of the text's width
_STAMP_GAP = 1.0  # between a stamp and the line beside it, in heights of a word
_STAMP_LEADING = 1.5  # between lines of one stamp, in heights of a word
_STAMP_SPACE = 0.4  # between a stamp that is known and what was read on beside it
_STAMPED_SHARE = 0.5  # stamps of arrival stand in the upper half


@dataclass(frozen=True, slots=True)
class Edges:
    """Rows around the text, each with its kind: page-number, header or footer.

    Attributes:
        above: From the top.
        below: From the top.
    """

    above: tuple[tuple[str, Row], ...] = ()
    below: tuple[tuple[str, Row], ...] = ()

    @property
    def taken(self) -> frozenset[int]:
        """The indices of all their lines."""
        return frozenset(index for _, row in (*self.above, *self.below) for index in row.indices)


def find_edges(sheet: Sheet) -> Edges:
    """Page numbers, heads and feet of a page."""
    rest = [index for index in sheet.from_top if sheet.lines[index].is_solid]
    if len(rest) < _MIN_LINES:
        return Edges()
    least = _least_blank(sheet, rest)
    above: list[tuple[str, Row]] = []
    below: list[tuple[str, Row]] = []
    while True:
        row, others = _row_of(sheet, rest, min(rest, key=lambda index: sheet.lines[index].middle))
        kind = _head_kind(sheet, row, others, least)
        if kind is None:
            break
        above.append((kind, Row.of(sheet.lines, row)))
        rest = others
    while True:
        row, others = _row_of(sheet, rest, max(rest, key=lambda index: sheet.lines[index].middle))
        kind = _foot_kind(sheet, row, others, least)
        if kind is None:
            break
        below.insert(0, (kind, Row.of(sheet.lines, row)))
        rest = others
    return Edges(tuple(above), tuple(below))


def cut_stamps(sheet: Sheet) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Take a stamp of arrival in the left margin away from the lines.

    Only what says "ĐẾN" (arrived) is one: where most paragraphs are indented and short, their
    second lines begin left of the others and end early, as a stamp does.

    Args:
        sheet: The lines below the letterhead.

    Returns:
        The lines without it, and what was taken, from the top.
    """
    if not sheet.has_margins or (
        sum(_is_text_outside(sheet, line) for line in sheet.lines) > _MOST_OUTSIDE
    ):
        return sheet.lines, ()
    ends = {index: _outside(sheet, line) for index, line in enumerate(sheet.lines)}
    seeds = [Line.of(sheet.lines[index].words[:at]) for index, at in ends.items() if at]
    if not any(notes_arrival(seed.words) for seed in seeds):
        return sheet.lines, ()
    kept: list[Line] = []
    stamps: list[Line] = []
    for index, line in enumerate(sheet.lines):
        at = max(ends[index], _within_stamp(sheet, line, seeds))
        if at:
            stamps.append(Line.of(line.words[:at]))
        if at < len(line.words):
            kept.append(Line.of(line.words[at:]))
    return tuple(kept), tuple(sorted(stamps, key=lambda line: line.middle))


def _least_blank(sheet: Sheet, indices: Sequence[int]) -> float:
    """The least blank that sets a row apart, pixels."""
    lines = [sheet.lines[index] for index in indices]
    usual = [
        lower.top - upper.bottom for upper, lower in pairwise(lines) if lower.top > upper.bottom
    ]
    ratio = _APART_RATIO * statistics.median(usual) if usual else 0.0
    return max(_APART * sheet.word_height, ratio)


def _row_of(sheet: Sheet, indices: Sequence[int], one: int) -> tuple[list[int], list[int]]:
    """The indices of the lines beside one of them, from left to right, and the others."""
    row = [i for i in indices if i == one or sheet.lines[i].is_beside(sheet.lines[one])]
    others = [index for index in indices if index not in row]
    return sorted(row, key=lambda index: sheet.lines[index].left), others


def _head_kind(sheet: Sheet, row: Sequence[int], below: Sequence[int], least: float) -> str | None:
    lines = [sheet.lines[index] for index in row]
    bottom = max(line.bottom for line in lines)
    if not below or bottom > _TOP_SHARE * sheet.height_px:
        return None
    first = min((sheet.lines[index] for index in below), key=lambda line: line.top)
    if first.top - bottom < least:
        return None
    if all(is_page_number(line.text) for line in lines):
        return "page-number"
    if any(mentions_gazette(_after_number(line)) for line in lines):
        return "header"
    is_text = any(motto_start(line.words) is not None for line in lines)
    return "header" if not is_text and _is_running(sheet, lines, first) else None


def _foot_kind(sheet: Sheet, row: Sequence[int], above: Sequence[int], least: float) -> str | None:
    lines = [sheet.lines[index] for index in row]
    top = min(line.top for line in lines)
    if not above or top < _BOTTOM_SHARE * sheet.height_px:
        return None
    last = max((sheet.lines[index] for index in above), key=lambda line: line.bottom)
    if top - last.bottom < least:
        return None
    if all(is_page_number(line.text) for line in lines):
        return "page-number"
    return "footer" if _is_running(sheet, lines, last) else None


def _is_running(sheet: Sheet, lines: Sequence[Line], next_to: Line) -> bool:
    """Whether a row looks like a running head or foot.

    It has a page number at one end, or it is small, and what is next to it is not.
    """
    ends = (lines[0].words[0].text, lines[-1].words[-1].text)
    is_spread = len(lines) > 1 or sheet.widest_gap(lines[0]) is not None
    if is_spread and any(is_page_number(end) and end.isdigit() for end in ends):
        return True
    small = _SMALL * sheet.word_height
    n_words = sum(len(line.words) for line in lines)
    # On the right alone stands the name under a signature.
    is_wide = lines[0].left < sheet.text.left + _NAME_SHARE * sheet.text.width
    return (
        n_words >= _MIN_SMALL_WORDS
        and is_wide
        and max(line.height for line in lines) <= small
        and next_to.height > small
        and not has_note_mark(lines[0].words)
    )


def _after_number(line: Line) -> tuple[Word, ...]:
    return line.words[1:] if len(line.words) > 1 and line.words[0].text.isdigit() else line.words


def _is_text_outside(sheet: Sheet, line: Line) -> bool:
    """Whether a line runs from left of the margin without a gap to the right: it is none."""
    if not _sticks_out(sheet, line):
        return False
    gap = sheet.widest_gap(line)
    left = line.right if gap is None or gap.width < _STAMP_GAP * sheet.word_height else gap.left
    return left > sheet.text.left + _TEXT_OUTSIDE * sheet.text.width


def _sticks_out(sheet: Sheet, line: Line) -> bool:
    return line.left < sheet.text.left - _STICKS_OUT * sheet.word_height


def _outside(sheet: Sheet, line: Line) -> int:
    """How many first words of a line stand in the margin, up to a gap: a line of a stamp."""
    if not _sticks_out(sheet, line) or line.middle > _STAMPED_SHARE * sheet.height_px:
        return 0
    limit = sheet.text.left + _MAX_STAMP * sheet.text.width
    for at, strip in enumerate(blanks(line)[1:], start=1):
        if strip.left > limit:
            return 0
        if strip.width >= _STAMP_GAP * sheet.word_height:
            return at
    return 0


def _within_stamp(sheet: Sheet, line: Line, seeds: Sequence[Line]) -> int:
    """How many first words of a line lie where other lines have shown a stamp to be."""
    near = _STAMP_LEADING * sheet.word_height
    beside = [seed for seed in seeds if seed.top - near < line.middle < seed.bottom + near]
    if not beside:
        return 0
    right = max(seed.right for seed in seeds)
    at = sum((word.box.left + word.box.right) / 2 < right for word in line.words)
    if at == 0 or line.left > right:
        return 0
    if at == len(line.words):
        return at
    gap = blanks(line)[at].width
    begins_text = abs(line.words[at].box.left - sheet.text.left) <= sheet.word_height
    is_gap = gap >= _STAMP_SPACE * sheet.word_height
    return at if is_gap and (begins_text or sheet.is_wide(line, at)) else 0
