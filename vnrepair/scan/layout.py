"""Reading order and the blocks of a page: what Tesseract read, as a person would read it out.

Tesseract reads a letterhead line by line across both columns, `UBND HUYỆN ... CỘNG HÒA XÃ HỘI ...`,
and the foot likewise, `Nơi nhận: ... TRƯỞNG PHÒNG`; a stamp in the margin comes between the words
of the title, a page number before a heading. Official documents are set so by decree, so what
belongs to such a page is looked for one after the other, from the outside to the inside: page
numbers and running heads, the letterhead, stamps in the margin, recipients and signature, tables,
title, footnotes. The rest is text, which keeps Tesseract's order but for lines that stand below
their followers.

In: words of one page in Tesseract's order. Out: the same words in reading order, and the blocks
that they make up.

Source:
    Decree 30/2020/ND-CP on clerical work, appendix I: layout of administrative documents.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from vnrepair.records import Block, Box, Word
from vnrepair.scan.block_kinds import (
    count_footnote_lines,
    count_title_lines,
    starts_block,
    usual_pitch,
)
from vnrepair.scan.columns import Columns
from vnrepair.scan.flow import in_flow, join_torn
from vnrepair.scan.foot import find_foot, find_recipients, find_signature
from vnrepair.scan.letterhead import find_letterhead
from vnrepair.scan.lines import Line, Sheet, group_lines
from vnrepair.scan.margins import cut_stamps, find_edges
from vnrepair.scan.phrases import date_start, is_capitals, signs
from vnrepair.scan.tables import find_tables

__all__ = ["lay_out"]

MAX_WORDS = 3000
"""A page with more is none of an office, which holds 600; it keeps the order it was read in, as the
search for columns and tables takes more than proportional time."""


_FLOWING = frozenset(("title", "body", "table", "footnote"))
"""Kinds whose lines come one by one and are gathered to blocks at the end."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Lines that belong together, in reading order; of flowing text a single line."""

    kind: str
    lines: tuple[Line, ...]

    @property
    def middle(self) -> float:
        """Half way down."""
        return (_top(self.lines) + _bottom(self.lines)) / 2


def lay_out(
    words: Sequence[Word], width_px: int, height_px: int
) -> tuple[tuple[Word, ...], tuple[Block, ...]]:
    """Put the words of a page in reading order and tell its blocks.

    Args:
        words: Words of one upright page as Tesseract gives them, line by line from left to right.
        width_px: Width of the page that the boxes of the words lie on.
        height_px: Its height.

    Returns:
        The same words in reading order; only `block` and `line` differ, both counted from 0. And
        the blocks that `block` counts, in reading order, each with one of `records.BLOCK_KINDS`
        and the box around its words.
    """
    lines = group_lines(words)
    if not lines:
        return (), ()
    sheet = Sheet.of(lines, width_px, height_px)
    if not sheet.is_upright or len(words) > MAX_WORDS:
        return _numbered(_as_read(lines))
    return _numbered(_gathered(sheet, _parts(sheet)))


def _parts(sheet: Sheet) -> list[_Part]:
    """The parts of a page in reading order, found from the outside to the inside."""
    head = find_letterhead(sheet)
    if head is not None:
        sheet = sheet.without(head.taken)
    edges = find_edges(sheet)
    before = [_Part(kind, (row.line,)) for kind, row in edges.above]
    after = [_Part(kind, (row.line,)) for kind, row in edges.below]
    lines, stamps = cut_stamps(sheet.without(edges.taken))
    sheet = sheet.holding(lines)
    foot, taken = _foot_parts(sheet, is_official=head is not None)
    sheet = sheet.without(taken)
    parts = _text_parts(sheet.holding(join_torn(sheet)), has_head=head is not None, foot=foot)
    if foot:
        parts = _insert(parts, foot, max(_bottom(part.lines) for part in foot))
    if stamps:
        parts = _insert(parts, [_Part("stamp", stamps)], _top(stamps))
    if head is not None:
        columns = [_Part("letterhead-left", head.left), _Part("letterhead-right", head.right)]
        parts = _insert(parts, columns, _top((*head.left, *head.right)))
    return [*before, *parts, *after]


def _foot_parts(sheet: Sheet, *, is_official: bool) -> tuple[list[_Part], frozenset[int]]:
    """Recipients and signature, and the indices of the lines that they are made of."""
    foot = find_foot(sheet)
    if foot is not None:
        parts = [_Part("recipients", foot.left), _Part("signature", foot.right)]
        return parts, foot.taken
    recipients = find_recipients(sheet)
    if recipients:
        return [_Part("recipients", _pick(sheet, recipients))], frozenset(recipients)
    signature = find_signature(sheet)
    if signature is None:
        return [], frozenset()
    columns = signature.columns
    if columns is None or not (is_official or _stand_apart(columns)):
        # Two who sign a receipt do so in rows that belong together.
        parts = [_Part("signature", signature.lines)]
    else:
        kind = "signature" if signs(columns.left[0].words) else "recipients"
        parts = [_Part(kind, columns.left), _Part("signature", columns.right)]
    return parts, signature.taken


def _stand_apart(columns: Columns) -> bool:
    """Whether two who sign do so each in a column, below a date or, as parties do, in capitals."""
    first = columns.right[0].words
    return date_start(first) is not None or (is_capitals(first) and signs(first))


def _text_parts(sheet: Sheet, *, has_head: bool, foot: Sequence[_Part]) -> list[_Part]:
    """Title, text, tables and footnotes, line by line in reading order."""
    table_of = {index: table for table in find_tables(sheet) for index in table.taken}
    lines: list[tuple[str, Line]] = []
    for index, line in enumerate(sheet.lines):
        table = table_of.get(index)
        if table is None:
            lines.append(("body", line))
        elif index == min(table.taken):
            lines += [("table", row) for row in table.rows]
    lines = [lines[index] for index in in_flow([line for _, line in lines])]
    head = [line for _, line in takewhile(lambda pair: pair[0] == "body", lines)]
    title = count_title_lines(sheet, head, follows_head=has_head)
    rest = lines[title:]
    last = [line for _, line in takewhile(lambda pair: pair[0] == "body", reversed(rest))]
    notes = 0 if foot else count_footnote_lines(sheet, last[::-1])
    kinds = [kind for kind, _ in lines]
    kinds[:title] = ["title"] * title
    kinds[len(kinds) - notes :] = ["footnote"] * notes
    return [_Part(kind, (line,)) for kind, (_, line) in zip(kinds, lines, strict=True)]


def _insert(parts: Sequence[_Part], others: Sequence[_Part], y: float) -> list[_Part]:
    """Parts with others put in behind the last one whose middle lies above a height."""
    place = max((at + 1 for at, part in enumerate(parts) if part.middle < y), default=0)
    return [*parts[:place], *others, *parts[place:]]


def _as_read(lines: Sequence[Line]) -> list[_Part]:
    """Tesseract's blocks, where lines do not run across the page and nothing is known of them."""
    blocks = groupby(lines, key=lambda line: line.words[0].block)
    return [_Part("body", tuple(block)) for _, block in blocks]


def _numbered(parts: Sequence[_Part]) -> tuple[tuple[Word, ...], tuple[Block, ...]]:
    """Blocks and lines counted from 0 in the order of the parts."""
    words: list[Word] = []
    blocks: list[Block] = []
    n_lines = 0
    for part in parts:
        first = len(words)
        for line in part.lines:
            words += [
                dataclasses.replace(word, block=len(blocks), line=n_lines) for word in line.words
            ]
            n_lines += 1
        blocks.append(Block(part.kind, _around(word.box for word in words[first:])))
    return tuple(words), tuple(blocks)


def _gathered(sheet: Sheet, parts: Sequence[_Part]) -> list[_Part]:
    """Lines of flowing text that belong to one block as one part."""
    body = [line for part in parts if part.kind == "body" for line in part.lines]
    pitch = usual_pitch(sheet, body)
    gathered: list[_Part] = []
    for part in parts:
        if gathered and _goes_on(sheet, gathered[-1], part, pitch):
            gathered[-1] = _Part(part.kind, (*gathered[-1].lines, *part.lines))
        else:
            gathered.append(part)
    return gathered


def _goes_on(sheet: Sheet, last: _Part, part: _Part, pitch: float) -> bool:
    """Whether a part belongs to the block of the one before it."""
    if last.kind != part.kind or part.kind not in _FLOWING:
        return False
    return part.kind != "body" or not starts_block(sheet, last.lines[-1], part.lines[0], pitch)


def _around(boxes: Iterable[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(
        *((box.left, box.top, box.right, box.bottom) for box in boxes), strict=True
    )
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def _pick(sheet: Sheet, indices: Iterable[int]) -> tuple[Line, ...]:
    return tuple(sheet.lines[index] for index in indices)


def _top(lines: Iterable[Line]) -> float:
    return min(line.top for line in lines)


def _bottom(lines: Iterable[Line]) -> float:
    return max(line.bottom for line in lines)
