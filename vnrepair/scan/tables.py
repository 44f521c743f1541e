"""Tables: rows of three or more cells with the same gutters between them, read row by row.

Rules are not looked at: Tesseract sees the page without them, or takes them for strokes. Blank
strips that run down through several rows tell the columns. Columns of running text have such
strips, too, but their lines are filled with words from edge to edge.
"""

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vnrepair.records import Word
from vnrepair.scan.lines import Line, Sheet, Strip, is_solid

__all__ = ["Table", "find_tables"]

_MIN_GUTTERS = 2  # two columns may be anything: a form, a dialogue, two who sign
_MIN_ROWS = 3  # with a cell in three columns or more
_SEED_GAP = 1.0  # a blank that may be a gutter, in heights of a word
_MIN_GUTTER = 0.4  # what is left of it after all rows, in heights of a word
_USUAL_SPACE, _GUTTER_RATIO = 0.45, 1.3  # it is wider than usual spaces, which are no wider
_MAX_BLANK = 3.5  # between rows, in heights of a word
_CELL_LEADING = 0.7  # between lines of one cell, in heights of a word
_STROKE = 0.3  # narrower than so many of its heights, a single character may be a rule
_FULL = 0.85  # of its column: a cell that fills it
_MOST_FULL = 0.6  # share of full cells beyond which columns of several words are running text
_LINED_COLUMNS, _LINED_CELLS = 0.75, 0.7  # shares of what stands in line: columns, their cells
_RUNNING_WORDS = 3.0  # mean words of a cell from which on it may be


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        rows: Its lines from the top, the words of each from left to right.
        taken: Indices, in the sheet, of the lines that they are made of.
    """

    rows: tuple[Line, ...]
    taken: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the page, and the blanks in it that may be gutters."""

    line: Line
    indices: tuple[int, ...]
    blanks: tuple[Strip, ...]

    @property
    def n_cells(self) -> int:
        return len(self.blanks) + 1


def find_tables(sheet: Sheet) -> tuple[Table, ...]:
    """The tables of a page, from the top."""
    least = _SEED_GAP * sheet.word_height
    rows = [_Row(row.line, row.indices, tuple(_gaps(row.line, least))) for row in sheet.rows()]
    tables: list[Table] = []
    done = 0
    for place, row in enumerate(rows):
        if place < done or row.n_cells <= _MIN_GUTTERS:
            continue
        start, end, gutters = _grow(sheet, rows, place, done)
        start, end = _trim(sheet, rows, start, end, gutters)
        if _is_table(sheet, rows[start:end], gutters):
            taken = frozenset(index for row in rows[start:end] for index in row.indices)
            tables.append(Table(tuple(row.line for row in rows[start:end]), taken))
            done = end
    return tuple(tables)


def _gaps(line: Line, least: float) -> Iterator[Strip]:
    """Blanks between the words of a line that are wide enough, strokes of rules left out."""
    words = _printed(line)
    right = words[0].box.right if words else 0
    for word in words[1:]:
        if word.box.left - right >= least:
            yield Strip(float(right), float(word.box.left))
        right = max(right, word.box.right)


def _printed(line: Line) -> list[Word]:
    """The words that are no strokes of rules, from left to right."""
    words = [
        word
        for word in line.words
        if is_solid(word)
        and (len(word.text) > 1 or word.box.width_px >= _STROKE * word.box.height_px)
    ]
    return sorted(words, key=lambda word: word.box.left)


def _grow(
    sheet: Sheet, rows: Sequence[_Row], place: int, done: int
) -> tuple[int, int, tuple[Strip, ...]]:
    """The rows above and below one through which at least two of its gutters go."""
    gutters = rows[place].blanks
    start, end = place, place + 1
    while end < len(rows) and _are_near(sheet, rows[end - 1], rows[end]):
        narrower = _narrow(sheet, gutters, rows[end].line)
        if len(narrower) < _MIN_GUTTERS or _runs_on(rows[end], gutters):
            break
        gutters, end = narrower, end + 1
    while start > done and _are_near(sheet, rows[start - 1], rows[start]):
        narrower = _narrow(sheet, gutters, rows[start - 1].line)
        if len(narrower) < _MIN_GUTTERS or _runs_on(rows[start - 1], gutters):
            break
        gutters, start = narrower, start - 1
    return start, end, gutters


def _runs_on(row: _Row, gutters: Sequence[Strip]) -> bool:
    """Whether a row goes through several columns with no wide blank: a line of text."""
    return not row.blanks and len(_cells(row.line, gutters)) > 1


def _are_near(sheet: Sheet, upper: _Row, lower: _Row) -> bool:
    return lower.line.top - upper.line.bottom <= _MAX_BLANK * sheet.word_height


def _narrow(sheet: Sheet, gutters: Sequence[Strip], line: Line) -> tuple[Strip, ...]:
    """What the words of a line leave of gutters; those that they cross are gone."""
    words = _printed(line)
    if not words:
        return tuple(gutters)
    rights = [-math.inf, *(float(word.box.right) for word in words)]
    lefts = [*(float(word.box.left) for word in words), math.inf]
    spaces = [Strip(right, left) for right, left in zip(rights, lefts, strict=True)]
    usual = statistics.median([space.width for space in spaces[1:-1]] or [0.0])
    least = max(_MIN_GUTTER, _GUTTER_RATIO * min(usual / sheet.word_height, _USUAL_SPACE))
    kept = []
    for gutter in gutters:
        space = max(spaces, key=lambda space: gutter.within(space).width)
        strip = gutter.within(space)
        if strip.width >= _MIN_GUTTER * sheet.word_height and (
            space.width >= least * sheet.word_height
        ):
            kept.append(strip)
    return tuple(kept)


def _trim(
    sheet: Sheet, rows: Sequence[_Row], start: int, end: int, gutters: Sequence[Strip]
) -> tuple[int, int]:
    """The range without the lines at either end that leave the gutters free by chance."""
    while start < end and not rows[start].blanks:
        start += 1
    while start < end and not (
        rows[end - 1].blanks or _goes_on_in_cell(sheet, rows[end - 2], rows[end - 1], gutters)
    ):
        end -= 1
    return start, end


def _goes_on_in_cell(sheet: Sheet, upper: _Row, lower: _Row, gutters: Sequence[Strip]) -> bool:
    """Whether a row is the second line of one cell, not of the first, which is a line's begin."""
    blank = lower.line.top - upper.line.bottom
    cells = _cells(lower.line, gutters)
    return len(cells) == 1 and 0 not in cells and blank < _CELL_LEADING * sheet.word_height


def _cells(line: Line, gutters: Sequence[Strip]) -> set[int]:
    """The columns that a line has words in."""
    return {_column(word, gutters) for word in _printed(line)}


def _column(word: Word, gutters: Sequence[Strip]) -> int:
    middle = (word.box.left + word.box.right) / 2
    return sum(middle > gutter.middle for gutter in gutters)


def _is_table(sheet: Sheet, rows: Sequence[_Row], gutters: Sequence[Strip]) -> bool:
    """Whether rows are enough, their cells in line, and not the lines of running text."""
    if sum(len(_cells(row.line, gutters)) > _MIN_GUTTERS for row in rows) < _MIN_ROWS:
        return False
    columns: dict[int, list[Strip]] = {}
    n_words = []
    for row in rows:
        for column, words in _split(row.line, gutters):
            span = Strip(float(words[0].box.left), float(words[-1].box.right))
            columns.setdefault(column, []).append(span)
            n_words.append(len(words))
    is_running = statistics.fmean(n_words) >= _RUNNING_WORDS
    in_line = sum(_are_in_line(spans, sheet.word_height) for spans in columns.values())
    return in_line >= _LINED_COLUMNS * len(columns) and not (is_running and _are_full(columns))


def _are_in_line(spans: Sequence[Strip], tolerance: float) -> bool:
    """Whether most cells of a column share their left edge, right edge or middle."""
    for edge in ("left", "right", "middle"):
        values = [float(getattr(span, edge)) for span in spans]
        middle = statistics.median(values)
        near = sum(abs(value - middle) <= tolerance for value in values)
        if near >= _LINED_CELLS * len(values):
            return True
    return False


def _are_full(columns: Mapping[int, Sequence[Strip]]) -> bool:
    """Whether most cells reach from edge to edge of their column, as lines of text do."""
    full = []
    for spans in columns.values():
        width = max(span.right for span in spans) - min(span.left for span in spans)
        full += [span.width >= _FULL * width for span in spans]
    return sum(full) > _MOST_FULL * len(full)


def _split(line: Line, gutters: Sequence[Strip]) -> Iterator[tuple[int, list[Word]]]:
    """The words of each cell of a row, with its column."""
    cells: dict[int, list[Word]] = {}
    for word in _printed(line):
        cells.setdefault(_column(word, gutters), []).append(word)
    yield from cells.items()
