"""Sentences with their lattices, and what was chosen in them.

In: tokens and the lattice builder; out: segments for the decoder, and after it all choices as
arrays, with what they stand between.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vnrepair.restore.decode import decoded_of
from vnrepair.restore.evidence import PageEvidence, Witness
from vnrepair.restore.lattice import LatticeBuilder, WordSlot
from vnrepair.restore.paths import Decoded, Lattices, Path, Sentence, Slot, pack
from vnrepair.restore.posterior import CONTEXT_WORDS, Placed
from vnrepair.restore.tokenise import Token, ends_sentence

__all__ = ["Chosen", "Segment", "choices_in", "choices_of", "divide", "make_segment"]

LONG_SENTENCE = 60
"""Words after which a sentence is cut at the next comma or line end, at twice as many anywhere."""

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Tokens that are decoded together."""

    tokens: tuple[Token, ...]
    slots: tuple[WordSlot, ...]
    joins: dict[int, WordSlot]
    sentence: Sentence
    witnesses: tuple[Witness | None, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """All choices of some segments, in order; a row is a choice, each field of shape (rows,).

    Attributes:
        segments: What was chosen in.
        number: Index of the segment, int64.
        position: Index of the token in it, of the later one where two were joined, int64.
        joined: Whether the token was joined with its predecessor, bool.
        placed: The candidates and surroundings. Where tokens were joined, the candidates are both
            as they were read, and the word that joins them.
    """

    segments: tuple[Segment, ...]
    number: IntArray
    position: IntArray
    joined: NDArray[np.bool_]
    placed: Placed

    def token(self, row: int) -> Token:
        """The token of a choice, the later one where two were joined."""
        return self.segments[int(self.number[row])].tokens[int(self.position[row])]

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Of the engine in the word of each choice, 0.0-1.0; not a number where none is known."""
        rows = zip(self.number.tolist(), self.position.tolist(), strict=True)
        found = np.full(len(self.number), np.nan)
        if not any(any(segment.witnesses) for segment in self.segments):
            return found
        for row, (number, position) in enumerate(rows):
            witness = self.segments[number].witnesses[position]
            if witness is not None:
                found[row] = witness.confidence
        return found

    def spans(self, rows: NDArray[np.intp]) -> list[tuple[int, int]]:
        """The code points that the choices of some rows cover."""
        found: list[tuple[int, int]] = []
        columns = (self.number[rows], self.position[rows], self.joined[rows])
        for number, position, joined in zip(*(c.tolist() for c in columns), strict=True):
            tokens = self.segments[number].tokens
            found.append((tokens[position - joined].start, tokens[position].end))
        return found

    def sequences(self, posterior: NDArray[np.float32]) -> Iterator[tuple[list[int], list[float]]]:
        """Per segment the words that were chosen and how sure each is, as `build_cache` takes."""
        placed = self.placed
        words, owner = _flatten(placed.words[placed.chosen], placed.seconds[placed.chosen])
        sure = posterior[owner]
        edges = np.flatnonzero(np.diff(self.number[owner])) + 1
        for some, how_sure in zip(np.split(words, edges), np.split(sure, edges), strict=True):
            yield some.tolist(), how_sure.tolist()


def choices_of(segments: Sequence[Segment], paths: Sequence[Path]) -> Chosen:
    """All choices of all paths with what they stand between."""
    lattices = pack([segment.sentence for segment in segments])
    return choices_in(segments, lattices, decoded_of(lattices, paths))


def choices_in(segments: Sequence[Segment], lattices: Lattices, decoded: Decoded) -> Chosen:
    """All choices with what they stand between.

    Args:
        segments: What was decoded.
        lattices: Their sentences, packed.
        decoded: What was chosen in these.
    """
    tokens = np.flatnonzero(decoded.choice >= 0)
    starts = lattices.starts.astype(np.int64)
    number = np.searchsorted(starts, tokens, side="right") - 1
    position, joined = tokens - starts[number], decoded.joined[tokens]
    slot = np.where(joined, lattices.join[tokens], lattices.slot[tokens])
    first, chosen = lattices.edges[slot].astype(np.int64), decoded.choice[tokens].astype(np.int64)
    sizes = np.diff(lattices.edges)[slot].astype(np.int64)
    pairs = np.flatnonzero(joined)
    sizes[pairs] = 2
    edges = np.append(0, np.cumsum(sizes))
    # The rows of each slot, one slot behind the other; those of joined tokens are written over.
    rows = np.arange(edges[-1]) + np.repeat(first - edges[:-1], sizes)
    rows = np.minimum(rows, max(len(lattices.words) - 1, 0))
    words, seconds = lattices.words[rows].astype(np.int64), lattices.seconds[rows].astype(np.int64)
    patterns, local = lattices.patterns[rows].astype(np.int64), lattices.local[rows]
    for row, index in zip(pairs.tolist(), chosen[pairs].tolist(), strict=True):
        two = _against_parts(segments[number[row]], int(position[row]), index)
        here = slice(edges[row], edges[row + 1])
        words[here], seconds[here] = two.words, two.seconds
        patterns[here], local[here] = two.patterns, two.local
    chosen[pairs] = 1
    keep = _kept_of(segments, lattices)[tokens]
    keep[pairs] = 0
    chosen, keep = edges[:-1] + chosen, np.where(keep >= 0, edges[:-1] + keep, -1)
    before, after = _neighbours(words[chosen], seconds[chosen], number)
    placed = Placed(words, seconds, patterns, local, edges, chosen, keep, before, after)
    return Chosen(tuple(segments), number, position, joined, placed)


def _kept_of(segments: Sequence[Segment], lattices: Lattices) -> IntArray:
    """Per token the candidate of its slot that leaves it as it is, -1 for none."""
    kept = (slot.keep for segment in segments for slot in segment.slots)
    return np.fromiter(kept, dtype=np.int64, count=len(lattices.slot))


def _against_parts(segment: Segment, position: int, index: int) -> Slot:
    """A slot of two candidates: both observed words kept, and the one that joins them."""
    one, other = segment.slots[position - 1], segment.slots[position]
    joined = segment.joins[position].slot
    return Slot(
        np.array([one.slot.words[one.keep], joined.words[index]], dtype=np.int32),
        np.array([other.slot.words[other.keep], -1], dtype=np.int32),
        np.array([one.slot.patterns[one.keep], joined.patterns[index]], dtype=np.int8),
        np.array(
            [one.slot.local[one.keep] + other.slot.local[other.keep], joined.local[index]],
            dtype=np.float32,
        ),
    )


def _neighbours(words: IntArray, seconds: IntArray, number: IntArray) -> tuple[IntArray, IntArray]:
    """The words before and behind each choice of a segment, shape (rows, 3) each.

    Args:
        words: What was chosen, shape (rows,).
        seconds: The second word of a split, -1 for none, shape (rows,).
        number: The segment of each choice, shape (rows,).
    """
    flat, owner = _flatten(words, seconds)
    segment = number[owner]
    steps = np.arange(CONTEXT_WORDS)
    rows = np.arange(len(words))
    sides = (
        np.searchsorted(owner, rows)[:, None] - CONTEXT_WORDS + steps,
        np.searchsorted(owner, rows, side="right")[:, None] + steps,
    )
    found: list[IntArray] = []
    for places in sides:
        inside = (places >= 0) & (places < len(flat))
        places = np.where(inside, places, 0)
        inside &= segment[places] == number[:, None]
        found.append(np.where(inside, flat[places], -1))
    return found[0], found[1]


def _flatten(words: IntArray, seconds: IntArray) -> tuple[IntArray, IntArray]:
    """First and second words in one row, as they follow each other, and the choice of each."""
    both = np.stack((words, seconds), axis=1).ravel()
    owner = np.repeat(np.arange(len(words)), 2)
    return both[both >= 0], owner[both >= 0]


def divide(tokens: list[Token]) -> Iterator[list[Token]]:
    """Divide tokens at sentence ends, blank lines, and in sentences without end."""
    current: list[Token] = []
    for index, token in enumerate(tokens):
        if current and token.line > current[-1].line + 1:
            yield current
            current = []
        current.append(token)
        is_last = index == len(tokens) - 1
        if is_last or ends_sentence(token.trail) or _is_cut(current, tokens[index + 1]):
            yield current
            current = []


def _is_cut(tokens: list[Token], following: Token) -> bool:
    """Whether a sentence without end is cut here, so that many can be decoded side by side."""
    if len(tokens) < LONG_SENTENCE:
        return False
    pauses = "," in tokens[-1].trail or following.line != tokens[-1].line
    return pauses or len(tokens) >= 2 * LONG_SENTENCE


def make_segment(
    tokens: list[Token], builder: LatticeBuilder, evidence: PageEvidence | None = None
) -> Segment:
    """The lattice of a sentence whose tokens the builder has prepared.

    Args:
        tokens: Of the sentence.
        builder: Makes the slots.
        evidence: What the page says of the text.
    """
    witnesses = tuple(map(evidence.of, tokens)) if evidence else (None,) * len(tokens)
    slots = tuple(map(builder.slot, tokens, witnesses))
    joins: dict[int, WordSlot] = {}
    for position in range(1, len(tokens)):
        if not (slots[position - 1].is_poor or slots[position].is_poor):
            continue  # the commonest case by far
        joined = builder.joined(tokens[position - 1], tokens[position])
        if joined is not None:
            joins[position] = joined
    soft = tuple(
        position > 0 and tokens[position].line != tokens[position - 1].line
        for position in range(len(tokens))
    )
    sentence = Sentence(
        tuple(slot.slot for slot in slots),
        soft,
        {position: slot.slot for position, slot in joins.items()},
    )
    return Segment(tuple(tokens), slots, joins, sentence, witnesses)
