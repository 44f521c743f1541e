"""What the lines between head and foot are: title, text or footnote, and where a block ends."""

from collections.abc import Sequence
from itertools import pairwise

from vnrepair.scan.lines import Line, Sheet
from vnrepair.scan.phrases import (
    has_note_mark,
    is_capitals,
    motto_start,
    names_document,
    opens_text,
)

__all__ = ["count_footnote_lines", "count_title_lines", "starts_block", "usual_pitch"]

_MOST_TITLE_LINES = 14  # decrees with long names take ten
_MIN_LETTERS = 4  # fewer make no line of a title
_TITLE_SHARE = 0.5  # a title without a letterhead begins in the upper half of the page
_TITLE_STEP = 1.8  # within a title, in usual steps; capitals may stand further below
_FULL_WIDTH = 0.9  # of the text: a title's line that was wrapped
_SMALL = 0.88  # of the usual word: footnotes are set two or three points smaller than the text
_FOOTNOTE_SHARE = 0.5  # they stand in the lower half
_LINE_STEP = 1.5  # heights of a word from line to line, where there is but one
_NEW_BLOCK = 1.45  # of the usual distance from line to line
_INDENT = 1.0  # a line begins a paragraph from so many heights right of the text's edge on


def count_title_lines(sheet: Sheet, lines: Sequence[Line], *, follows_head: bool) -> int:
    """How many of the first lines are the title: "KẾ HOẠCH", and below it of what.

    Args:
        sheet: Measures of the page.
        lines: In reading order, without letterhead and edges.
        follows_head: A letterhead stands above them.
    """
    start = next((at for at, line in enumerate(lines) if not _is_speck(line)), len(lines))
    if start == len(lines) or not _begins_title(sheet, lines[start], follows_head=follows_head):
        return 0
    axis = lines[start].axis
    pitch = usual_pitch(sheet, lines)
    end = start + 1
    while end < len(lines) and end - start < _MOST_TITLE_LINES:
        line, upper = lines[end], lines[end - 1]
        step = line.middle - upper.middle
        is_near = -upper.height < step <= _TITLE_STEP * pitch or is_capitals(line.words)
        if not is_near or opens_text(line.words):
            break
        is_centred = sheet.is_set_in(line) or sheet.is_set_in(line, axis)
        if not is_centred and not _is_wrapped(sheet, lines, end, pitch):
            break
        end += 1
    return end


def count_footnote_lines(sheet: Sheet, lines: Sequence[Line]) -> int:
    """How many of the last lines are footnotes: small, and the first with a mark of its own."""
    start = len(lines)
    while start > 0 and _is_small(sheet, lines[start - 1]):
        start -= 1
    while start < len(lines) and not has_note_mark(lines[start].words):
        start += 1
    if start in (0, len(lines)) or lines[start].top < _FOOTNOTE_SHARE * sheet.height_px:
        return 0
    return len(lines) - start


def starts_block(sheet: Sheet, upper: Line, lower: Line, pitch: float) -> bool:
    """Whether a blank line belongs between two lines of text.

    Args:
        sheet: Measures of the page.
        upper: A line.
        lower: The one read after it.
        pitch: The usual distance from line to line, pixels.
    """
    if lower.middle < upper.middle - upper.height:
        return True  # the next column
    if lower.middle - upper.middle <= _NEW_BLOCK * pitch:
        return False
    # A sentence that goes on is one paragraph, however far down: a stamp or a fold lies between.
    goes_on = lower.words[0].text[:1].islower() and not _is_indented(sheet, lower)
    return not goes_on


def usual_pitch(sheet: Sheet, lines: Sequence[Line]) -> float:
    """Distance from the middle of a line to that of the next one in a paragraph, pixels.

    The lower third of all distances: half of them may lead to another paragraph.
    """
    steps = sorted(
        lower.middle - upper.middle
        for upper, lower in pairwise(lines)
        if lower.middle > upper.middle + sheet.word_height / 2
    )
    return steps[len(steps) // 3] if steps else _LINE_STEP * sheet.word_height


def _begins_title(sheet: Sheet, line: Line, *, follows_head: bool) -> bool:
    if opens_text(line.words):
        return False
    if follows_head and names_document(line.words):
        return sheet.is_set_in(line, line.axis)  # on whatever axis: nothing else stands here
    if not sheet.is_set_in(line):
        return False
    if names_document(line.words) or motto_start(line.words) is not None:
        return True
    is_high = follows_head or line.bottom < _TITLE_SHARE * sheet.height_px
    return is_high and is_capitals(line.words)


def _is_wrapped(sheet: Sheet, lines: Sequence[Line], at: int, pitch: float) -> bool:
    """Whether a line fills the width and a centred one goes on with it."""
    line = lines[at]
    if line.right - line.left < _FULL_WIDTH * sheet.text.width or _is_indented(sheet, line):
        return False
    below = lines[at + 1] if at + 1 < len(lines) else None
    if below is None or below.middle - line.middle > _TITLE_STEP * pitch:
        return False
    return not opens_text(below.words) and (
        sheet.is_set_in(below) or _is_wrapped(sheet, lines, at + 1, pitch)
    )


def _is_speck(line: Line) -> bool:
    """Whether a line is too short to be anything: dots, or a scrap of a stamp or rule."""
    return sum(char.isalnum() for char in line.text) < _MIN_LETTERS


def _is_indented(sheet: Sheet, line: Line) -> bool:
    return line.left > sheet.text.left + _INDENT * sheet.word_height


def _is_small(sheet: Sheet, line: Line) -> bool:
    return not line.is_solid or line.height <= _SMALL * sheet.word_height
