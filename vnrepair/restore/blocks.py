"""Long texts in pieces: blocks that are restored one after the other, which bounds the memory.

In: a text, or a stream of its pieces; out: blocks with their tokens, cut behind a line end where
there is one. What is found in a block has places that count from its start; `shift` moves it.
"""

import dataclasses
import itertools
import operator
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from vnrepair.records import Edit, Reading
from vnrepair.restore.tokenise import Token, tokenise

__all__ = ["Block", "cut", "cut_stream", "look_ahead", "shift"]

_Spanned = TypeVar("_Spanned", Edit, Reading)
# All fields behind the span; much faster than dataclasses.replace.
_REST = {
    kind: operator.attrgetter(*(field.name for field in dataclasses.fields(kind)[2:]))
    for kind in (Edit, Reading)
}


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A piece of a text.

    Attributes:
        start: Code-point offset in the text.
        text: NFC.
        tokens: Of the piece, with places that count from its start.
    """

    start: int
    text: str
    tokens: tuple[Token, ...]


def cut(source: str, size: int, start: int = 0) -> Iterator[Block]:
    """Cut an NFC text behind a line end, else a blank, else anywhere.

    Args:
        source: The text.
        size: Most characters of a block, > 0.
        start: Where the text begins in a longer one.
    """
    for at, text in _cut(source, size):
        yield Block(start + at, text, tuple(tokenise(text)))


def cut_stream(pieces: Iterable[str], size: int) -> Iterator[Block]:
    """The blocks that `cut` makes of a text, in any normal form, from pieces of it."""
    start, raw, ready = 0, "", ""
    for piece in pieces:
        raw += piece
        # A mark of the next piece may belong to the last letter of this one, but to no white space.
        end = max(raw.rfind("\n"), raw.rfind(" ")) + 1
        ready += unicodedata.normalize("NFC", raw[:end])
        raw = raw[end:]
        *whole, last = [*_cut(ready, size)] or [(0, "")]  # more of the last one may come
        for at, text in whole:
            yield Block(start + at, text, tuple(tokenise(text)))
        start, ready = start + last[0], last[1]
    yield from cut(ready + unicodedata.normalize("NFC", raw), size, start)


def _cut(source: str, size: int) -> Iterator[tuple[int, str]]:
    start = 0
    while len(source) - start > size:
        end = start + size
        for mark in ("\n", " "):
            found = source.rfind(mark, start, end)
            if found > start:
                end = found + 1
                break
        yield start, source[start:end]
        start = end
    if start < len(source):
        yield start, source[start:]


def look_ahead(blocks: Iterator[Block], chars: int) -> tuple[list[Token], Iterator[Block]]:
    """The tokens of the first blocks, which hold at least so many characters, and all blocks."""
    head: list[Block] = []
    for block in blocks:
        head.append(block)
        chars -= len(block.text)
        if chars <= 0:
            break
    return [token for block in head for token in block.tokens], itertools.chain(head, blocks)


def shift(records: list[_Spanned], by: int) -> list[_Spanned]:
    """Records of a block with places that count from the start of the text."""
    if not by or not records:
        return records
    kind = type(records[0])
    rest = _REST[kind]
    return [kind(record.start + by, record.end + by, *rest(record)) for record in records]
