"""Strips of a page with what was read of them, and the way back into the reading.

In: strips, and the words of a first reading in Tesseract's order. Out: pieces, each a strip with
its words; and, once pieces were read again, all words of the page in order.
"""

import dataclasses
import math
from collections.abc import Iterator, Sequence

import numpy as np

from vnrepair.records import Box, Word
from vnrepair.scan.strips import Strip, cut, merge

__all__ = ["Piece", "allot", "put_back", "unread_column"]

SURE = 0.9
"""Confidence of a word below which it is read again: of the words of damaged pages above it hardly
one in 300 is wrong, of those below it every third. At 0.8 a fifth more of the errors stayed."""
BESIDE = 2
"""Words on either side that are read along with a doubted one."""
TALL = 1.5
"""Heights of a strip above which a box is no word of it."""
MOST = 0.7
"""Share of the words of a piece above which all of it is read again."""
MIN_UNREAD_LETTERS = 3
"""Fewer letters beside each other and outside all words are rather specks."""

MIN_CELLS = 3
"""So many of them below each other are a column of a table: its numbers, read as no text at all."""
_IN_LINE = 0.7
"""Heights of a letter between the middles of such cells; a wider digit is centred on them."""


@dataclasses.dataclass(slots=True)
class Piece:
    """A strip with its words.

    Attributes:
        strip: The ink.
        first: What the first reading made of it.
        second: What another one did.
    """

    strip: Strip
    first: list[Word]
    second: list[Word]

    @property
    def is_unsure(self) -> bool:
        """Whether it was read badly, or not at all."""
        sure_lines = {word.line for word in self.first if not _is_doubted(word)}
        if len(sure_lines) > 1:
            return False  # lines that lean, or a picture: no strip of one line
        return any(map(_is_doubted, self.first)) or self._is_unread

    @property
    def parts(self) -> "list[Piece]":
        """What is to be read again of an unsure piece: doubted words with some beside them."""
        words = sorted(self.first, key=lambda word: word.box.left)
        if self._is_unread or len({word.line for word in words}) > 1:
            return [self]
        doubted = [index for index, word in enumerate(words) if _is_doubted(word)]
        spans = list(_spans(doubted, len(words)))
        if sum(end - start for start, end in spans) > MOST * len(words):
            return [self]
        return [self._part(words, start, end) for start, end in spans]

    @property
    def shown(self) -> Strip:
        """The strip as wide as its words: hyphens and full stops at its ends are no letters."""
        box = self.strip.box
        low = [word.box for word in self.first if word.box.height_px <= TALL * box.height_px]
        left = min((other.left for other in low), default=box.left)
        right = max((other.right for other in low), default=box.right)
        wide = Box(min(left, box.left), box.top, max(right, box.right), box.bottom)
        return dataclasses.replace(self.strip, box=wide)

    @property
    def _is_unread(self) -> bool:
        """Whether letters beside each other lie outside all words."""
        middles = np.sort(self.strip.middles)
        covered = np.zeros(len(middles), dtype=np.bool_)
        for word in self.first:
            covered |= (middles >= word.box.left) & (middles <= word.box.right)
        runs = np.split(covered, np.flatnonzero(np.diff(covered)) + 1)
        return any(len(run) >= MIN_UNREAD_LETTERS and not run[0] for run in runs)

    def _part(self, words: Sequence[Word], start: int, end: int) -> "Piece":
        left = words[start].box.left if start else -math.inf
        right = words[end - 1].box.right if end < len(words) else math.inf
        return Piece(cut(self.strip, left, right), list(words[start:end]), [])


def _is_doubted(word: Word) -> bool:
    return (word.confidence or 0.0) < SURE


def _spans(doubted: Sequence[int], n_words: int) -> Iterator[tuple[int, int]]:
    """Ranges of words around the doubted ones, those that touch made one."""
    start = end = -1
    for index in doubted:
        if start >= 0 and index - BESIDE > end:
            yield start, end
            start = -1
        start = max(0, index - BESIDE) if start < 0 else start
        end = min(n_words, index + BESIDE + 1)
    if start >= 0:
        yield start, end


def allot(strips: Sequence[Strip], words: Sequence[Word]) -> list[Piece]:
    """The strips with the words that lie on them; a word belongs to the one it covers most.

    Strips of one line that share a word (`412/` and `TTYT-KSBT`, set wide apart) become one.
    """
    if not strips:
        return []
    boxes = np.array([(s.box.left, s.box.top, s.box.right, s.box.bottom) for s in strips])
    owner = list(range(len(strips)))
    best: list[int] = []
    for word in words:
        wide = np.minimum(boxes[:, 2], word.box.right) - np.maximum(boxes[:, 0], word.box.left)
        tall = np.minimum(boxes[:, 3], word.box.bottom) - np.maximum(boxes[:, 1], word.box.top)
        common = np.maximum(wide, 0) * np.maximum(tall, 0)
        most = int(np.argmax(common))
        best.append(most if common[most] > 0 else -1)
        height = boxes[:, 3] - boxes[:, 1]
        for other in np.flatnonzero((wide > height / 2) & (tall > height / 2)).tolist():
            if most != other and _share_a_line(strips[most], strips[other]):
                owner = [owner[most] if root == owner[other] else root for root in owner]
    groups: dict[int, list[Strip]] = {}
    for one, root in zip(strips, owner, strict=True):
        groups.setdefault(root, []).append(one)
    pieces = {root: Piece(merge(group), [], []) for root, group in groups.items()}
    for word, strip in zip(words, best, strict=True):
        if strip >= 0:
            pieces[owner[strip]].first.append(word)
    return list(pieces.values())


def _share_a_line(one: Strip, other: Strip) -> bool:
    common = min(one.box.bottom, other.box.bottom) - max(one.box.top, other.box.top)
    return 2 * common > min(one.box.height_px, other.box.height_px)


def unread_column(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces of a letter or two of which nothing was read, several below each other."""
    lone = [piece for piece in pieces if not piece.first and _n_letters(piece) < MIN_UNREAD_LETTERS]
    middles = np.array([piece.strip.letters[:, :2].mean() for piece in lone])
    return [
        piece
        for piece, middle in zip(lone, middles, strict=True)
        if (abs(middles - middle) <= _IN_LINE * piece.strip.box.height_px).sum() >= MIN_CELLS
    ]


def _n_letters(piece: Piece) -> int:
    return len(piece.strip.letters)


def put_back(
    words: Sequence[Word], pieces: Sequence[Piece], joined: Sequence[Sequence[Word]]
) -> Iterator[Word]:
    """All words in the order of the first reading, those of a piece where most of it stood."""
    owned = {id(word) for piece in pieces for word in piece.first}
    homes = [_home(piece) for piece in pieces]
    replaced = {
        id(home): [dataclasses.replace(word, block=home.block, line=home.line) for word in new]
        for home, new in zip(homes, joined, strict=True)
        if home is not None
    }
    after = _new_lines(words, pieces, joined)
    yield from after.get(-1, ())
    for index, word in enumerate(words):
        if id(word) in replaced:
            yield from replaced[id(word)]
        elif id(word) not in owned:
            yield word
        yield from after.get(index, ())


def _home(piece: Piece) -> Word | None:
    """The word of the first reading in whose place those of a piece go: the first of its line.

    A stain over several lines may have been read as a word of any of them; the surest words tell.
    """
    weights: dict[int, float] = {}
    for word in piece.first:
        weight = len(word.text) * (word.confidence or 0.0)
        weights[word.line] = weights.get(word.line, 0.0) + weight
    if not weights:
        return None
    line = max(weights, key=lambda number: weights[number])
    return next(word for word in piece.first if word.line == line)


def _new_lines(
    words: Sequence[Word], pieces: Sequence[Piece], joined: Sequence[Sequence[Word]]
) -> dict[int, list[Word]]:
    """Lines that only the second reading found, by the index of the word that they follow."""
    after: dict[int, list[Word]] = {}
    block = max((word.block for word in words), default=-1)
    line = max((word.line for word in words), default=-1)
    for piece, new in zip(pieces, joined, strict=True):
        if piece.first or not new:
            continue
        block, line = block + 1, line + 1
        numbered = [dataclasses.replace(word, block=block, line=line) for word in new]
        after.setdefault(_line_above(words, piece.strip), []).extend(numbered)
    return after


def _line_above(words: Sequence[Word], strip: Strip) -> int:
    """Index of the last word of the line above a strip; -1 where there is none."""
    above = [
        index
        for index, word in enumerate(words)
        if word.box.bottom <= (strip.box.top + strip.box.bottom) / 2
        and word.box.left < strip.box.right
        and word.box.right > strip.box.left
    ]
    if not above:
        return -1
    nearest = max(above, key=lambda index: words[index].box.bottom)
    line = words[nearest].line
    return max(index for index, word in enumerate(words) if word.line == line)
