"""Where a text holds given terms exactly: what the user asked to keep stays as it stands there.

In: terms and a text, both NFC; out: spans of code points, and tokens and edits that leave them
alone. Case counts, words are whole, and any white space may stand between the words of a term.
"""

import dataclasses
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

import regex

from vnrepair.records import Edit
from vnrepair.restore.tokenise import Kind, Token

__all__ = ["TermFinder", "keep_tokens", "spans_inside", "without_touching"]

Spans = Sequence[tuple[int, int]]

_CHUNK = regex.compile(r"\S+")
_PIECE = regex.compile(r"\w+|[^\w\s]")  # a term begins where a word or a mark begins
_INNER_END = regex.compile(r"(?<=\w)(?=\w)")


class TermFinder:
    """Finds many terms at once, in a time that hardly depends on how many they are.

    Args:
        terms: NFC with single blanks, as the options bring them to; each at least one character.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        self._terms = frozenset(terms)
        lengths: dict[str, set[int]] = {}
        for term in self._terms:
            first = _PIECE.match(term)
            assert first is not None, f"{term!r} was not cleaned"
            lengths.setdefault(first.group(), set()).add(len(term))
        # The longest term that begins with a piece is tried first.
        self._lengths = {piece: sorted(found, reverse=True) for piece, found in lengths.items()}

    def find(self, text: str) -> list[tuple[int, int]]:
        """Spans of the terms in a text.

        Args:
            text: NFC text.

        Returns:
            Half-open spans in order; none overlaps another, the first and longest is taken.
        """
        if not self._terms:
            return []
        chunks = list(_CHUNK.finditer(text))
        plain = " ".join(chunk.group() for chunk in chunks)
        # Where each chunk starts in `plain`.
        starts: list[int] = [0, *accumulate(chunk.end() - chunk.start() + 1 for chunk in chunks)]

        def place(position: int) -> int:
            """The offset in `text` of a character of a chunk."""
            chunk = bisect_right(starts, position) - 1
            offset: int = chunks[chunk].start() - starts[chunk]
            return offset + position

        return [(place(start), place(end - 1) + 1) for start, end in self._find_plain(plain)]

    def _find_plain(self, plain: str) -> Iterator[tuple[int, int]]:
        """Spans in a text with single blanks."""
        done = 0
        for piece in _PIECE.finditer(plain):
            start = piece.start()
            if start < done:
                continue
            for length in self._lengths.get(piece.group(), ()):
                end = start + length
                if end > len(plain):
                    continue  # a shorter slice may be another term
                if plain[start:end] in self._terms and not _INNER_END.match(plain, end):
                    yield start, end
                    done = end
                    break


def spans_inside(spans: Spans, start: int, end: int) -> list[tuple[int, int]]:
    """The spans that touch a piece of a text, counted from the start of the piece.

    Args:
        spans: In order, none overlapping another.
        start: First code point of the piece.
        end: One past its last.
    """
    first = bisect_right(spans, start, key=lambda span: span[1])
    last = bisect_left(spans, end, key=lambda span: span[0])
    return [(left - start, right - start) for left, right in spans[first:last]]


def keep_tokens(tokens: Iterable[Token], spans: Spans) -> Iterator[Token]:
    """Tokens of which those that lie in a span, in part or whole, are kept as they are."""
    if not spans:
        yield from tokens
        return
    place = 0
    for token in tokens:
        while place < len(spans) and spans[place][1] <= token.start:
            place += 1
        is_inside = place < len(spans) and spans[place][0] < token.end
        is_word = token.kind in (Kind.WORD, Kind.CODE)
        yield dataclasses.replace(token, kind=Kind.KEPT) if is_inside and is_word else token


def without_touching(edits: Iterable[Edit], spans: Spans) -> list[Edit]:
    """The edits that change nothing inside a span."""
    if not spans:
        return list(edits)
    return [edit for edit in edits if not spans_inside(spans, edit.start, edit.end)]
