"""Candidates to slots, for many words at once: what is worth decoding of what the search found.

In: per observed word its candidates, readings of it as two words, and itself; out: a slot with the
observed word first and the likeliest of the others behind it.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vnrepair.restore.candidates import Candidates
from vnrepair.restore.decode import Slot, Weights
from vnrepair.restore.language_model import NgramLanguageModel
from vnrepair.restore.lexicon import Lexicon

__all__ = ["KeptWord", "PairReading", "SlotMaker"]

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class KeptWord:
    """The observed word as a candidate.

    Attributes:
        word: Its number.
        pattern: Its case pattern; OTHER leaves case out of the score.
    """

    word: int
    pattern: int


@dataclass(frozen=True, slots=True)
class PairReading:
    """An observed word read as two that were glued.

    Attributes:
        word: Number of the first word.
        second: Number of the second.
        pattern: Case pattern of the first.
        local: Log P(observed | the two), nats.
    """

    word: int
    second: int
    pattern: int
    local: float


@dataclass(frozen=True, slots=True, eq=False)
class SlotMaker:
    """Ranks candidates by channel, commonness and case.

    Attributes:
        lexicon: Gives the case statistics.
        model: Says how common words are.
        weights: How much each counts.
        most: Candidates kept beside the observed word.
    """

    lexicon: Lexicon
    model: NgramLanguageModel
    weights: Weights
    most: int

    def make(
        self,
        found: Sequence[Candidates],
        pairs: Sequence[Sequence[PairReading]],
        kept: Sequence[KeptWord],
        keep_cost: Callable[[int], float],
    ) -> list[Slot]:
        """One slot for each observed word, which stands first in it.

        Args:
            found: What the search found, per observed word.
            pairs: Its readings as two words.
            kept: The word as it was observed.
            keep_cost: Log P that the word comes out of itself, nats, by its index; asked for
                where it is not among its candidates.
        """
        if not found:
            return []
        every = _lay_out(found, pairs)
        keep_word = np.array([one.word for one in kept], dtype=np.int64)
        keep_pattern = np.array([one.pattern for one in kept], dtype=np.int64)
        is_kept = (every.words == keep_word[every.owner]) & (every.seconds < 0)
        is_kept &= every.patterns == keep_pattern[every.owner]
        keep_local = np.full(len(kept), np.nan, dtype=np.float32)
        keep_local[every.owner[is_kept]] = every.local[is_kept]
        for row in np.flatnonzero(np.isnan(keep_local)).tolist():
            keep_local[row] = keep_cost(row)
        order = self._choose(every, np.flatnonzero(~is_kept))
        sizes = np.bincount(every.owner[order], minlength=len(kept))
        starts = np.cumsum(sizes) - sizes

        def lay(own: NDArray[Any], rest: NDArray[Any]) -> NDArray[Any]:
            return np.insert(rest[order], starts, own)

        words = lay(keep_word, every.words).astype(np.int32)
        seconds = lay(np.full(len(kept), -1), every.seconds).astype(np.int32)
        patterns = lay(keep_pattern, every.patterns).astype(np.int8)
        local = lay(keep_local, every.local)
        edges = np.append(starts, len(order)) + np.arange(len(kept) + 1)
        return [
            Slot(words[a:b], seconds[a:b], patterns[a:b], local[a:b])
            for a, b in itertools.pairwise(edges.tolist())
        ]

    def favourites(self, found: Candidates) -> NDArray[np.intp]:
        """The indices of candidates, those first that the channel and the wording favour."""
        words, patterns = found.words.astype(np.int64), found.patterns.astype(np.int64)
        rank = self._rank(words, np.full(len(words), -1), patterns, found.log_channel)
        return np.argsort(-rank, kind="stable")

    def _choose(self, candidates: "_Candidates", rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """The rows worth decoding, slot by slot, favourites first."""
        some = candidates.take(rows)
        rank = self._rank(some.words, some.seconds, some.patterns, some.local)
        order = np.lexsort((-rank, some.owner))
        owner = some.owner[order]
        first = np.searchsorted(owner, owner)
        return rows[order[np.arange(len(owner)) - first < self.most]]

    def _rank(
        self, words: IntArray, seconds: IntArray, patterns: IntArray, local: FloatArray
    ) -> FloatArray:
        common, weights = self.model.unigram_log_prob, self.weights
        wording = common[words] + np.where(seconds >= 0, common[seconds], np.float32(0.0))
        case = self.lexicon.log_case[0, words, patterns]
        rank: FloatArray = local + np.float32(weights.language_model) * wording
        rank += np.float32(weights.case) * case
        return rank


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    """Candidates of many observed words, one behind the other; `owner` is the observed word."""

    owner: IntArray
    words: IntArray
    seconds: IntArray
    patterns: IntArray
    local: FloatArray

    def take(self, rows: NDArray[np.intp]) -> "_Candidates":
        return _Candidates(
            self.owner[rows],
            self.words[rows],
            self.seconds[rows],
            self.patterns[rows],
            self.local[rows],
        )


def _lay_out(found: Sequence[Candidates], pairs: Sequence[Sequence[PairReading]]) -> _Candidates:
    """All candidates one behind the other, the readings as two words at the end."""
    double = [(row, one) for row, ways in enumerate(pairs) for one in ways]
    single_owner = np.repeat(np.arange(len(found)), [len(one.words) for one in found])
    return _Candidates(
        np.append(single_owner, np.array([row for row, _ in double], dtype=np.int64)),
        _join([one.words for one in found], [one.word for _, one in double]),
        _join([np.full(len(single_owner), -1)], [one.second for _, one in double]),
        _join([one.patterns for one in found], [one.pattern for _, one in double]),
        np.concatenate(
            [one.log_channel for one in found]
            + [np.array([one.local for _, one in double], dtype=np.float32)]
        ),
    )


def _join(parts: Sequence[NDArray[np.integer[Any]]], rest: Sequence[int]) -> IntArray:
    return np.concatenate([*parts, np.array(rest, dtype=np.int64)]).astype(np.int64)
