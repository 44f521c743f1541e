"""Which words may have been meant: whole-word candidates for many observed words at once.

The search walks the letter tree of the lexicon beside the observed characters. A state is (observed
word, tree node, case pattern, characters consumed); one step consumes one intended letter and
nought to three observed characters. All words of a text take the step together as arrays. A bound
on the best that the remaining characters can still give prunes what cannot come near the best
explanation.

Source:
    Lexicon-tree search of Ney and Ortmanns 2000, "Progress in dynamic programming search for
    LVCSR"; the bound is the heuristic of A* (Hart, Nilsson and Raphael 1968).
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vnrepair.restore.channel import HALF_SEEN, MAX_EMITTED, Channel
from vnrepair.restore.lexicon import LOWER, OTHER, TITLE, UPPER, Lexicon, case_pattern

__all__ = ["CandidateSearch", "Candidates"]

MAX_OBSERVED_CHARS = 14
MAX_INTENDED_LETTERS = 10
NARROW = (11.0, 64, 1024)
WIDE = (14.0, 300, 192)
"""Nats by which an explanation may be worse than the best conceivable one, states kept per
observed word and step, and words searched together, which bounds the memory. Words that the
narrow search does not explain well get the wide one."""
POOR_NATS, POOR_NATS_PER_CHAR = 2.0, 0.7
LOOKAHEAD_WEIGHT = 0.7
_IMPOSSIBLE = np.float32(-1e4)

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What one observed word may have been.

    Attributes:
        words: Word numbers, int32, shape (n,).
        patterns: Case patterns, int8, shape (n,).
        log_channel: Log P(observed | word in that case), nats, float32, shape (n,).
    """

    words: NDArray[np.int32]
    patterns: NDArray[np.int8]
    log_channel: FloatArray


NO_CANDIDATES = Candidates(np.empty(0, np.int32), np.empty(0, np.int8), np.empty(0, np.float32))


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


class CandidateSearch:
    """Finds candidates in a lexicon through a channel.

    Args:
        lexicon: Where words come from.
        channel: How they come out.
    """

    def __init__(self, lexicon: Lexicon, channel: Channel) -> None:
        self._lexicon = lexicon
        self._channel = channel
        self._lookahead = _lookahead(lexicon)
        number = {letter: index for index, letter in enumerate(lexicon.letters)}
        by_emission: dict[str, tuple[list[tuple[int, float]], list[tuple[int, float]]]] = {}
        for intended, emissions in channel.letters.items():
            letter = number.get(intended.lower())
            if letter is None:
                continue
            upper = int(intended.isupper())
            for emitted, log_prob in emissions.items():
                by_emission.setdefault(emitted, ([], []))[upper].append((letter, log_prob))
        self._emissions = {emitted: index for index, emitted in enumerate(sorted(by_emission))}
        # Row 2e holds the lower-case letters that emit e, row 2e + 1 the capitals.
        # Each row is sorted, likeliest first, so that a state takes only what it can afford.
        rows = [
            sorted(row, key=lambda item: (-item[1], item[0]))
            for emitted in sorted(by_emission)
            for row in by_emission[emitted]
        ]
        self._row_start = np.concatenate(([0], np.cumsum([len(row) for row in rows])))
        flat = [item for row in rows for item in row]
        self._row_letter = np.array([item[0] for item in flat], dtype=np.int64)
        self._row_score = np.array([item[1] for item in flat], dtype=np.float32)
        owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        self._affordable = np.stack(
            [
                np.bincount(owner, weights=self._row_score >= -nats, minlength=len(rows))
                for nats in range(int(WIDE[0]) + 2)
            ],
            axis=1,
        ).astype(np.int64)
        self._best_of = {
            emitted: max((p for row in by_emission[emitted] for _, p in row), default=-np.inf)
            for emitted in by_emission
        }
        # How often (word, pattern) was seen in training, for the mixture of the two tables.
        self._totals = np.zeros((len(lexicon.words), OTHER), dtype=np.float32)
        for intended, total in channel.totals.items():
            word, pattern = lexicon.index.get(intended.lower(), -1), case_pattern(intended)
            if word >= 0 and pattern != OTHER:
                self._totals[word, pattern] += total

    def search(self, observed: Sequence[str], *, wide: bool = True) -> list[Candidates]:
        """Candidates for each observed word.

        Args:
            observed: Distinct words, tone marks in the style of the lexicon.
            wide: Search again, and wider, for words that are not explained well.

        Returns:
            One record per word, best channel score first; empty where nothing explains it.
        """
        results = [NO_CANDIDATES] * len(observed)
        short = [i for i, word in enumerate(observed) if 0 < len(word) <= MAX_OBSERVED_CHARS]
        for limits in (NARROW, WIDE) if wide else (NARROW,):
            for start in range(0, len(short), limits[2]):
                block = short[start : start + limits[2]]
                found = self._walk([observed[i] for i in block], limits[0], limits[1])
                for place, candidates in zip(block, found, strict=True):
                    results[place] = candidates
            short = [i for i in short if _is_poor(observed[i], results[i])]
        return results

    def _walk(self, observed: list[str], reach: float, most: int) -> list[Candidates]:
        lengths = np.array([len(word) for word in observed], dtype=np.int64)
        emission, bound = self._prepare(observed, lengths)
        count = len(observed)
        states = _States(
            np.repeat(np.arange(count), 3),
            np.zeros(3 * count, dtype=np.int64),
            np.tile(np.array([LOWER, TITLE, UPPER]), count),
            np.zeros(3 * count, dtype=np.int64),
            np.zeros(3 * count, dtype=np.float32),
        )
        finished: list[_States] = []
        for depth in range(MAX_INTENDED_LETTERS):
            states = self._step(states, depth, lengths, emission, bound, reach)
            states = _prune(_merge(states), bound, self._lookahead, most)
            if not len(states.word):
                break
            ends = self._lexicon.word_at[states.node]
            done = (states.consumed == lengths[states.word]) & (ends >= 0)
            # One capital letter is TITLE; it need not stand twice.
            done &= (states.pattern != UPPER) | (depth > 0)
            if done.any():
                whole = states.take(done)
                finished.append(
                    _States(
                        whole.word,
                        ends[done].astype(np.int64),
                        whole.pattern,
                        whole.consumed,
                        whole.score,
                    )
                )
        return self._collect(observed, finished)

    def _prepare(self, observed: list[str], lengths: IntArray) -> tuple[IntArray, FloatArray]:
        """Emission numbers, shape (words, positions, 4), and the bound, (words, positions)."""
        positions = int(lengths.max()) + 1
        emission = np.full((len(observed), positions, MAX_EMITTED + 1), -1, dtype=np.int64)
        bound = np.full((len(observed), positions), _IMPOSSIBLE, dtype=np.float32)
        known, best_of = self._emissions, self._best_of
        nothing = known.get("", -1)
        for row, word in enumerate(observed):
            size = len(word)
            bound[row, size] = 0.0
            emission[row, : size + 1, 0] = nothing
            limits = [-1e4] * size + [0.0]
            for start in range(size - 1, -1, -1):
                for length in range(1, min(MAX_EMITTED, size - start) + 1):
                    piece = word[start : start + length]
                    code = known.get(piece)
                    if code is not None:
                        emission[row, start, length] = code
                        value = best_of[piece] + limits[start + length]
                        if value > limits[start]:
                            limits[start] = value
            bound[row, : size + 1] = limits
        return emission, bound

    def _step(
        self,
        states: _States,
        depth: int,
        lengths: IntArray,
        emission: IntArray,
        bound: FloatArray,
        reach: float,
    ) -> _States:
        """Consume one intended letter in every state."""
        capital = (states.pattern == UPPER) | ((states.pattern == TITLE) & (depth == 0))
        grown: list[_States] = []
        for taken in range(MAX_EMITTED + 1):
            end = states.consumed + taken
            inside = np.flatnonzero(end <= lengths[states.word])
            code = emission[states.word[inside], states.consumed[inside], taken]
            known = code >= 0
            inside, code = inside[known], code[known]
            row = 2 * code + capital[inside]
            word = states.word[inside]
            slack = reach + states.score[inside] + bound[word, end[inside]] - bound[word, 0]
            level = np.clip(np.ceil(slack), -1, self._affordable.shape[1] - 2).astype(np.int64)
            first, size = self._row_start[row], self._affordable[row, np.maximum(level, 0)]
            size = np.where(level < 0, 0, size)
            source = np.repeat(inside, size)
            if not len(source):
                continue
            place = np.arange(len(source)) - np.repeat(np.cumsum(size) - size, size)
            place += np.repeat(first, size)
            child = self._lexicon.children[states.node[source], self._row_letter[place]]
            real = np.flatnonzero(child >= 0)
            source, place = source[real], place[real]
            word, consumed = states.word[source], end[source]
            score = states.score[source] + self._row_score[place]
            near = score + bound[word, consumed] >= bound[word, 0] - reach
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

    def _collect(self, observed: list[str], finished: list[_States]) -> list[Candidates]:
        """Join what the search found with the word table, and sort it by observed word."""
        rows: list[_States] = list(finished)
        extra: list[tuple[int, int, int, float]] = []
        for row, word_seen in enumerate(observed):
            for intended, count in self._channel.words.get(word_seen, ()):
                word, pattern = (
                    self._lexicon.index.get(intended.lower(), -1),
                    case_pattern(intended),
                )
                if word >= 0 and pattern != OTHER:
                    total = float(self._totals[word, pattern])
                    part = self._channel.word_share / (total + HALF_SEEN)
                    extra.append((row, word, pattern, part * count))
        if not rows and not extra:
            return [NO_CANDIDATES] * len(observed)
        found = _concatenate(rows)
        seen = self._totals[found.node, found.pattern]
        share = self._channel.word_share * seen / (seen + HALF_SEEN)
        mass: NDArray[np.float64] = (1.0 - share) * np.exp(found.score.astype(np.float64))
        key = (found.word << 24) | (found.node << 4) | found.pattern
        if extra:
            numbers = np.array([item[:3] for item in extra], dtype=np.int64)
            keys = (numbers[:, 0] << 24) | (numbers[:, 1] << 4) | numbers[:, 2]
            seen_mass = np.array([item[3] for item in extra])
            key, mass = np.concatenate((key, keys)), np.concatenate((mass, seen_mass))
        key, back = np.unique(key, return_inverse=True)
        mass = np.bincount(back, weights=mass).astype(np.float64)
        row, word, pattern = key >> 24, (key >> 4) & 0xFFFFF, key & 0xF
        score: FloatArray = np.log(mass).astype(np.float32)
        edges = np.searchsorted(row, np.arange(len(observed) + 1))
        results: list[Candidates] = []
        for first, last in itertools.pairwise(edges):
            order = first + np.argsort(-score[first:last], kind="stable")
            results.append(
                Candidates(
                    word[order].astype(np.int32),
                    pattern[order].astype(np.int8),
                    score[order],
                )
            )
        return results


def _lookahead(lexicon: Lexicon) -> FloatArray:
    """Log probability of the commonest word under each node, so that common words survive pruning.

    Source:
        Language-model look-ahead, Ortmanns, Ney and Eiden 1996, ICSLP.
    """
    share = np.log((lexicon.counts + 0.5) / (lexicon.counts.sum() + 1.0))
    best = np.where(lexicon.word_at >= 0, share[lexicon.word_at], -np.inf)
    parents, _ = np.nonzero(lexicon.children >= 0)
    children = lexicon.children[lexicon.children >= 0]
    # A child has a higher number than its parent, so the last children come first.
    order = np.argsort(-children, kind="stable")
    for parent, child in zip(parents[order].tolist(), children[order].tolist(), strict=True):
        if best[child] > best[parent]:
            best[parent] = best[child]
    result: FloatArray = (LOOKAHEAD_WEIGHT * best).astype(np.float32)
    return result


def _is_poor(observed: str, found: Candidates) -> bool:
    best = found.log_channel[0] if len(found.words) else -np.inf
    return bool(best < -POOR_NATS - POOR_NATS_PER_CHAR * len(observed))


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


def _prune(states: _States, bound: FloatArray, lookahead: FloatArray, most: int) -> _States:
    """Keep the most promising states of each observed word; `states` are sorted by word."""
    word = states.word
    if not len(word):
        return states
    edge = np.flatnonzero(np.concatenate(([True], word[1:] != word[:-1])))
    sizes = np.diff(np.append(edge, len(word)))
    crowded = np.repeat(sizes > most, sizes)
    if not crowded.any():
        return states
    rows = np.flatnonzero(crowded)
    hope = states.score[rows] + bound[word[rows], states.consumed[rows]]
    hope += lookahead[states.node[rows]]
    # One sort by word, then by falling hope, which spans far less than the step between words.
    order = rows[np.argsort(word[rows] * 4096.0 - np.clip(hope, -2000.0, 0.0), kind="stable")]
    many = sizes[sizes > most]
    rank = np.arange(len(rows)) - np.repeat(np.cumsum(many) - many, many)
    crowded[order[rank < most]] = False
    return states.take(~crowded)
