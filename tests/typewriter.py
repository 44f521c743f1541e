"""Pages in a typewriter's raster: rows of text become words with boxes, as Tesseract gives them."""

import dataclasses
import re
from collections.abc import Collection, Sequence
from itertools import groupby

from vnrepair.records import Block, Box, Word
from vnrepair.scan.layout import lay_out

CHAR = 10  # width of a letter and of a blank, pixels
HEIGHT = 24
PITCH = 40
LEFT, TOP = 90, 80  # of the first letter
PAGE = (930, 1600)  # width and height of the page

_COLUMN_GAP = re.compile(" {3,}")

Blocks = list[list[object]]
"""Kind and lines of each block, as the cases in JSON have it."""


def typed(rows: Sequence[str], *, small: Collection[int] = (), pitch: int = PITCH) -> list[Word]:
    """The words of a page, a row a line, all in one block.

    Args:
        rows: Each line as typed; an empty one leaves a blank.
        small: Rows that are set in smaller print.
        pitch: Pixels from row to row.
    """
    words = []
    for number, row in enumerate(rows):
        height = HEIGHT * 7 // 10 if number in small else HEIGHT
        for piece in re.finditer(r"\S+", row):
            left, right = (LEFT + column * CHAR for column in piece.span())
            top = TOP + number * pitch
            box = Box(left, top, right - 2, top + height)
            words.append(Word(piece.group(), box, 0.9, block=0, line=number))
    return words


def pieces(rows: Sequence[str]) -> list[list[Word]]:
    """The words of a page cut at every gap of three blanks, as if Tesseract had seen columns."""
    whole = typed(rows)
    cut: list[list[Word]] = []
    for number, line in groupby(whole, key=lambda word: word.line):
        starts = {LEFT + gap.end() * CHAR for gap in _COLUMN_GAP.finditer(rows[number])}
        for word in line:
            if not cut or cut[-1][0].line != number or word.box.left in starts:
                cut.append([])
            cut[-1].append(word)
    return cut


def as_read(parts: Sequence[Sequence[Word]]) -> list[Word]:
    """Pieces of lines in the order in which Tesseract read them, each in a block of its own."""
    return [
        dataclasses.replace(word, block=number, line=number)
        for number, part in enumerate(parts)
        for word in part
    ]


def shown(words: Sequence[Word]) -> Blocks:
    """The blocks of a page after `lay_out`: kind, and lines as text."""
    ordered, blocks = lay_out(words, *PAGE)
    return show(ordered, blocks)


def show(ordered: Sequence[Word], blocks: Sequence[Block]) -> Blocks:
    """Blocks as kinds and lines of text."""
    found: Blocks = []
    for number, inside in groupby(ordered, key=lambda word: word.block):
        lines = [
            " ".join(word.text for word in line)
            for _, line in groupby(inside, key=lambda word: word.line)
        ]
        found.append([blocks[number].kind, lines])
    return found
