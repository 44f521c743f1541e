"""Sentences with their lattices, and what was chosen in them.

In: tokens and the lattice builder; out: segments for the decoder, and after it every choice with
what it stands between.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vnrepair.restore.decode import Choice, Path, Sentence, Slot
from vnrepair.restore.lattice import LatticeBuilder, WordSlot
from vnrepair.restore.posterior import Placed, surroundings
from vnrepair.restore.tokenise import Token, ends_sentence

__all__ = ["Chosen", "Segment", "choices_of", "divide", "make_segment", "slot_of", "words_of"]

LONG_SENTENCE = 60
"""Words after which a sentence is cut at the next comma or line end, at twice as many anywhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Tokens that are decoded together."""

    tokens: tuple[Token, ...]
    slots: tuple[WordSlot, ...]
    joins: dict[int, WordSlot]
    sentence: Sentence


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """A choice in its segment."""

    segment: Segment
    choice: Choice
    placed: Placed


def choices_of(segments: list[Segment], paths: list[Path]) -> list[Chosen]:
    """All choices of all paths with what they stand between."""
    result: list[Chosen] = []
    for segment, path in zip(segments, paths, strict=True):
        words = [words_of(segment, choice) for choice in path.choices]
        for place, choice in enumerate(path.choices):
            before, after = surroundings(words, place)
            slot, keep = slot_of(segment, choice), 0
            placed = Placed(slot.slot, slot.keep, choice, before, after)
            if choice.joined:
                placed = Placed(_against_parts(segment, choice), keep, _SECOND, before, after)
            result.append(Chosen(segment, choice, placed))
    return result


_SECOND = Choice(0, 1, joined=True)


def _against_parts(segment: Segment, choice: Choice) -> Slot:
    """A slot of two candidates: both observed words kept, and the one that joins them."""
    one, other = segment.slots[choice.position - 1], segment.slots[choice.position]
    joined = segment.joins[choice.position].slot
    index = choice.index
    return Slot(
        np.array([one.slot.words[one.keep], joined.words[index]], dtype=np.int32),
        np.array([other.slot.words[other.keep], -1], dtype=np.int32),
        np.array([one.slot.patterns[one.keep], joined.patterns[index]], dtype=np.int8),
        np.array(
            [one.slot.local[one.keep] + other.slot.local[other.keep], joined.local[index]],
            dtype=np.float32,
        ),
    )


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


def slot_of(segment: Segment, choice: Choice) -> WordSlot:
    """The slot in which a choice was made."""
    return segment.joins[choice.position] if choice.joined else segment.slots[choice.position]


def words_of(segment: Segment, choice: Choice) -> list[int]:
    """The numbers of the one or two words that were chosen."""
    slot = slot_of(segment, choice).slot
    words = [int(slot.words[choice.index])]
    if slot.seconds[choice.index] >= 0:
        words.append(int(slot.seconds[choice.index]))
    return words


def make_segment(tokens: list[Token], builder: LatticeBuilder) -> Segment:
    """The lattice of a sentence whose tokens the builder has prepared."""
    slots = tuple(builder.slot(token) for token in tokens)
    joins: dict[int, WordSlot] = {}
    for position in range(1, len(tokens)):
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
    return Segment(tuple(tokens), slots, joins, sentence)
