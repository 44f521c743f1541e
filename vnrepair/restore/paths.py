"""What the decoder takes and gives: slots of candidates, sentences of slots, paths through them.

A block of text has thousands of sentences, whose slots are few, as words come again. `pack` lays
them out as arrays, each slot once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Choice", "Decoded", "Lattices", "Path", "Sentence", "Slot", "Weights", "pack"]

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each model counts.

    Attributes:
        language_model: Exponent of P(words).
        case: Exponent of P(case patterns).
        word_bonus: Nats added per word, against the language model's liking of few words.
    """

    language_model: float
    case: float
    word_bonus: float


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """The candidates for one or two neighbouring observed tokens.

    Attributes:
        words: Word number, int32, shape (n,).
        seconds: Number of a second word where the token is read as two, else -1; int32.
        patterns: Case pattern of each candidate, int8; OTHER leaves case out of the score.
        local: Log P(observed | candidate) and all else that does not depend on neighbours, float32.
    """

    words: NDArray[np.int32]
    seconds: NDArray[np.int32]
    patterns: NDArray[np.int8]
    local: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Sentence:
    """A lattice to decode.

    Attributes:
        slots: One per token.
        soft_breaks: Whether a token starts a text line, so that a sentence may start there.
        joins: Slots that cover a token and its predecessor, by position of the later one.
    """

    slots: tuple[Slot, ...]
    soft_breaks: tuple[bool, ...]
    joins: dict[int, Slot] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen: candidate `index` of the slot that ends at `position`."""

    position: int
    index: int
    joined: bool


@dataclass(frozen=True, slots=True)
class Path:
    """The best hypothesis of a sentence."""

    choices: tuple[Choice, ...]
    log_prob: float


@dataclass(frozen=True, slots=True, eq=False)
class Lattices:
    """Sentences with their slots side by side; the candidates of a slot are a range of rows.

    Attributes:
        sentences: What was packed.
        edges: Where the candidates of each slot start, and the end; int32, shape (slots + 1,).
        words: Of all candidates, int32, shape (candidates,).
        seconds: The same.
        patterns: int8, the same.
        local: float32, the same.
        starts: Where the tokens of each sentence start, and the end; int32, shape
            (sentences + 1,).
        slot: The slot of each token, int32, shape (tokens,).
        join: The slot that reads a token and the one before as one word, -1 for none; the same.
        soft: Whether a sentence may start at a token, bool, shape (tokens,).
    """

    sentences: tuple[Sentence, ...]
    edges: NDArray[np.int32]
    words: NDArray[np.int32]
    seconds: NDArray[np.int32]
    patterns: NDArray[np.int8]
    local: FloatArray
    starts: NDArray[np.int32]
    slot: NDArray[np.int32]
    join: NDArray[np.int32]
    soft: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """The best paths through some lattices.

    Attributes:
        choice: What was chosen in the slot of each token, -1 where the next token was joined with
            it; int32, shape (tokens,).
        joined: Whether a token was joined with the one before, so that its choice is one of the
            slot of both; bool, shape (tokens,).
        log_probs: Of each path, nats, float32, shape (sentences,).
    """

    choice: NDArray[np.int32]
    joined: NDArray[np.bool_]
    log_probs: FloatArray


def pack(sentences: Sequence[Sentence]) -> Lattices:
    """Lay out sentences, each slot once."""
    numbers: dict[int, int] = {}
    slots: list[Slot] = []

    def number(slot: Slot) -> int:
        known = numbers.setdefault(id(slot), len(slots))
        if known == len(slots):
            slots.append(slot)
        return known

    own = [number(slot) for sentence in sentences for slot in sentence.slots]
    join = np.full(len(own), -1, dtype=np.int32)
    starts = _edges([len(sentence.slots) for sentence in sentences])
    for start, sentence in zip(starts.tolist(), sentences, strict=False):
        for position, slot in sentence.joins.items():
            join[start + position] = number(slot)
    return Lattices(
        tuple(sentences),
        _edges([len(slot.words) for slot in slots]),
        _concatenate([slot.words for slot in slots], np.int32),
        _concatenate([slot.seconds for slot in slots], np.int32),
        _concatenate([slot.patterns for slot in slots], np.int8),
        _concatenate([slot.local for slot in slots], np.float32),
        starts,
        np.array(own, dtype=np.int32),
        join,
        np.array([soft for one in sentences for soft in one.soft_breaks], dtype=np.bool_),
    )


def _edges(sizes: Sequence[int]) -> NDArray[np.int32]:
    return np.cumsum([0, *sizes]).astype(np.int32)


def _concatenate(parts: Sequence[NDArray[Any]], kind: Any) -> NDArray[Any]:  # noqa: ANN401
    return np.concatenate(parts) if parts else np.empty(0, dtype=kind)
