"""Candidate search by numpy: what `kernel.search` does in C, for many observed words at once.

A state is (observed word, tree node, case pattern, characters consumed); one step consumes one
intended letter and nought to three observed characters. All words take the step together as
arrays. A bound on the best that the remaining characters can still give prunes what cannot come
near the best explanation.

Source:
    Lexicon-tree search of Ney and Ortmanns 2000, "Progress in dynamic programming search for
    LVCSR"; the bound is the heuristic of A* (Hart, Nilsson and Raphael 1968).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vnrepair.restore.channel import HALF_SEEN, MAX_EMITTED
from vnrepair.restore.lexicon import LOWER, TITLE, UPPER
from vnrepair.restore.search_tables import Observed, SearchTables

__all__ = ["MAX_INTENDED_LETTERS", "walk"]

MAX_INTENDED_LETTERS = 10

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _States:
    """Search states, one row each."""

    word: IntArray
    node: IntArray
    pattern: IntArray
    consumed: IntArray
    score: FloatArray

    def take(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> "_States":
        """The chosen rows."""
        return _States(
            self.word[chosen],
            self.node[chosen],
            self.pattern[chosen],
            self.consumed[chosen],
            self.score[chosen],
        )


class _Walk:
    """One search: its tables, the observed words, and how far it looks."""

    def __init__(self, tables: SearchTables, observed: Observed, reach: float) -> None:
        self.tables, self.reach = tables, reach
        self.lengths = observed.lengths.astype(np.int64)
        self.start = np.cumsum(self.lengths + 1) - self.lengths - 1
        self.codes, self.bounds = observed.codes, observed.bounds
        self.case_bounds = observed.case_bounds

    def bound(self, word: IntArray, consumed: IntArray | int) -> FloatArray:
        """The best that the rest of observed words can score."""
        result: FloatArray = self.bounds[self.start[word] + consumed]
        return result

    def begin(self) -> _States:
        """Three states for each word, one for each way to write capitals."""
        count = len(self.lengths)
        nothing = np.zeros(3 * count, dtype=np.int64)
        return _States(
            np.repeat(np.arange(count), 3),
            nothing,
            np.tile(np.array([LOWER, TITLE, UPPER]), count),
            nothing,
            np.zeros(3 * count, dtype=np.float32),
        )

    def step(self, states: _States, depth: int) -> _States:
        """Consume one intended letter in every state."""
        capital = (states.pattern == UPPER) | ((states.pattern == TITLE) & (depth == 0))
        first_bound = self.bound(states.word, 0)
        grown: list[_States] = []
        for taken in range(MAX_EMITTED + 1):
            end = states.consumed + taken
            inside = np.flatnonzero(end <= self.lengths[states.word])
            word = states.word[inside]
            code = self.codes[self.start[word] + states.consumed[inside], taken].astype(np.int64)
            inside, word, code = inside[code >= 0], word[code >= 0], code[code >= 0]
            left = states.score[inside] + self.bound(word, end[inside]) - first_bound[inside]
            source, place = self._afford(inside, 2 * code + capital[inside], left + self.reach)
            letter = self.tables.row_letter[place]
            child = self.tables.lexicon.children[states.node[source], letter]
            real = np.flatnonzero(child >= 0)
            source, place = source[real], place[real]
            word, consumed = states.word[source], end[source]
            score = states.score[source] + self.tables.row_score[place]
            # What follows is written as the pattern says: small letters, or all capitals.
            rest = (states.pattern[source] == UPPER).astype(np.int64)
            left_over = self.case_bounds[self.start[word] + consumed, rest]
            near = score + left_over >= first_bound[source] - self.reach
            source = source[near]
            grown.append(
                _States(
                    word[near],
                    child[real][near].astype(np.int64),
                    states.pattern[source],
                    consumed[near],
                    score[near],
                )
            )
        return _concatenate(grown)

    def _afford(
        self, states: IntArray, row: IntArray, slack: FloatArray
    ) -> tuple[IntArray, IntArray]:
        """Each state with each emission of its row that costs no more than its slack, rounded up.

        Returns:
            States and places in the table of emissions.
        """
        affordable = self.tables.affordable
        level = np.clip(np.ceil(slack), 0, affordable.shape[1] - 1).astype(np.int64)
        size = np.where(slack < 0, 0, affordable[row, level])
        place = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
        place += np.repeat(self.tables.row_start[row].astype(np.int64), size)
        return np.repeat(states, size), place


def walk(
    tables: SearchTables, observed: Observed, reach: float, most: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8], FloatArray]:
    """What observed words may have been.

    Args:
        tables: Letter tree, emissions and word table.
        observed: At least one word.
        reach: Nats by which an explanation may be worse than the best conceivable one.
        most: States kept per observed word and step.

    Returns:
        Where the candidates of each word start, and the end, shape (words + 1,); then their word
        numbers, case patterns and log probabilities, likeliest first, shape (candidates,) each.
    """
    search = _Walk(tables, observed, reach)
    states, finished = search.begin(), [_concatenate(())]
    for depth in range(MAX_INTENDED_LETTERS):
        states = _merge(search.step(states, depth))
        hope = search.bound(states.word, states.consumed) + tables.lookahead[states.node]
        states = _prune(states, states.score + hope, most)
        if not len(states.word):
            break
        done = states.consumed == search.lengths[states.word]
        done &= tables.lexicon.word_at[states.node] >= 0
        # One capital letter is TITLE; it need not stand twice.
        done &= (states.pattern != UPPER) | (depth > 0)
        finished.append(states.take(done))
    return _collect(tables, observed, _concatenate(finished))


def _collect(
    tables: SearchTables, observed: Observed, found: _States
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8], FloatArray]:
    """Join what the search found with the word table, and sort it by observed word."""
    count = len(observed.lengths)
    number = tables.lexicon.word_at[found.node].astype(np.int64)
    seen = tables.totals[number, found.pattern]
    share = tables.word_share * seen / (seen + HALF_SEEN)
    mass = (1.0 - share) * np.exp(found.score.astype(np.float64))
    seen_row = np.repeat(np.arange(count), np.diff(observed.seen_edges))
    key = _key(found.word, number, found.pattern)
    seen_key = _key(seen_row, observed.seen_words, observed.seen_patterns)
    key, back = np.unique(np.concatenate((key, seen_key)), return_inverse=True)
    total = np.bincount(back, np.concatenate((mass, observed.seen_mass)), len(key))
    score: FloatArray = np.log(total).astype(np.float32)
    order = np.lexsort((-score, key >> 24))
    edges = np.searchsorted(key >> 24, np.arange(count + 1)).astype(np.int32)
    word, pattern = (key >> 4) & 0xFFFFF, key & 0xF
    return edges, word[order].astype(np.int32), pattern[order].astype(np.int8), score[order]


def _key(
    row: NDArray[np.integer], word: NDArray[np.integer], pattern: NDArray[np.integer]
) -> IntArray:
    """Observed word, word and case pattern as one number, which sorts as they do."""
    key: IntArray = (row.astype(np.int64) << 24) | (word.astype(np.int64) << 4) | pattern
    return key


def _concatenate(parts: Sequence[_States]) -> _States:
    if not parts:
        none = np.empty(0, dtype=np.int64)
        return _States(none, none, none, none, np.empty(0, dtype=np.float32))
    return _States(
        np.concatenate([part.word for part in parts]),
        np.concatenate([part.node for part in parts]),
        np.concatenate([part.pattern for part in parts]),
        np.concatenate([part.consumed for part in parts]),
        np.concatenate([part.score for part in parts]),
    )


def _merge(states: _States) -> _States:
    """Join states that only differ in how they got there; their probabilities add up."""
    key = (states.word << 36) | (states.node << 8) | (states.consumed << 2) | states.pattern
    order = np.argsort(key, kind="stable")
    key = key[order]
    if not len(key):
        return states
    edge = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    score = np.logaddexp.reduceat(states.score[order], edge)
    first = order[edge]
    return _States(
        states.word[first],
        states.node[first],
        states.pattern[first],
        states.consumed[first],
        score.astype(np.float32),
    )


def _prune(states: _States, hope: FloatArray, most: int) -> _States:
    """Keep the most hopeful states of each observed word; `states` are sorted by word."""
    word = states.word
    if not len(word):
        return states
    edge = np.flatnonzero(np.concatenate(([True], word[1:] != word[:-1])))
    sizes = np.diff(np.append(edge, len(word)))
    crowded = np.repeat(sizes > most, sizes)
    if not crowded.any():
        return states
    rows = np.flatnonzero(crowded)
    order = rows[np.lexsort((-hope[rows], word[rows]))]
    many = sizes[sizes > most]
    rank = np.arange(len(rows)) - np.repeat(np.cumsum(many) - many, many)
    crowded[order[rank < most]] = False
    return states.take(~crowded)
