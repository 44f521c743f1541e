"""Beam search over lattices of candidates, by numpy: what `kernel.decode` does in C.

All sentences of a batch take each step together, as arrays of shape (sentences, hypotheses,
candidates). A hypothesis is the context of the language model, the case pattern of the last word
and a score; hypotheses with one context are recombined, the best few of the rest are kept.

Source:
    Viterbi decoding with a beam and recombination, Ney, Mergel, Noll and Paeseler 1992, "Data
    driven search organization for continuous speech recognition", IEEE Trans. Signal Processing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vnrepair.restore.adapt import DocumentCache
from vnrepair.restore.language_model import START_STATE, NgramLanguageModel, next_state
from vnrepair.restore.lexicon import OTHER, START_PATTERN, Lexicon
from vnrepair.restore.paths import Choice, Path, Sentence, Slot, Weights

__all__ = ["search"]

BATCH_SLOTS = 16_384
"""Positions decoded together; bounds the memory of a step."""
_NEVER = np.float32(-1e9)
_SOFT_BREAK = np.float32(np.log(0.5))
_RECENT = np.uint64(0xFFFF_FFFF)

FloatArray = NDArray[np.float32]


@dataclass(slots=True, eq=False)
class _Beam:
    """Hypotheses after a step, shape (sentences, width) each."""

    state: NDArray[np.uint64]
    pattern: NDArray[np.int64]
    score: FloatArray
    parent: NDArray[np.int64]
    choice: NDArray[np.int64]
    joined: NDArray[np.bool_]


def search(
    sentences: Sequence[Sentence],
    lexicon: Lexicon,
    model: NgramLanguageModel,
    weights: Weights,
    width: int,
    cache: DocumentCache | None = None,
) -> list[Path]:
    """The best path through each lattice; see `decode.decode_all` for the arguments."""
    scorer = _Scorer(lexicon, model, weights, cache)
    order = sorted(range(len(sentences)), key=lambda i: len(sentences[i].slots))
    results: list[Path] = [Path((), 0.0)] * len(sentences)
    batch: list[int] = []
    for index in order:
        size = len(sentences[index].slots)
        if not size:
            continue
        if batch and (len(batch) + 1) * size > BATCH_SLOTS:
            _decode_batch(batch, sentences, scorer, width, results)
            batch = []
        batch.append(index)
    if batch:
        _decode_batch(batch, sentences, scorer, width, results)
    return results


class _Scorer:
    """Scores of candidates after hypotheses: channel, wording and case together."""

    def __init__(
        self,
        lexicon: Lexicon,
        model: NgramLanguageModel,
        weights: Weights,
        cache: DocumentCache | None,
    ) -> None:
        self.weights = weights
        self._case, self._ratio = lexicon.log_case, lexicon.log_case_ratio
        self._model, self._cache = model, cache

    def wording(self, states: NDArray[np.uint64], words: NDArray[np.int64]) -> FloatArray:
        """Log P(word | state), the document's own words mixed in."""
        value = self._model.log_prob(states, words)
        return value if self._cache is None else self._cache.mix(value, states, words)

    def expand(
        self, beam: _Beam, padded: "_Padded", first: bool, soft: NDArray[np.bool_]
    ) -> tuple[FloatArray, NDArray[np.uint64]]:
        """Scores and next contexts, shape (sentences, width, candidates)."""
        weights = self.weights
        words = padded.words
        wording = self.wording(beam.state, words)
        if soft.any():
            fresh = self._model.log_prob(np.full((int(soft.sum()), 1), START_STATE), words[soft])
            wording[soft] = np.maximum(wording[soft], fresh + _SOFT_BREAK)
        states = next_state(beam.state[:, :, None], words[:, None, :])
        double = np.nonzero(padded.seconds >= 0)
        if len(double[0]):
            second = padded.seconds[double]
            after = states[double[0], :, double[1]]
            wording[double[0], :, double[1]] += self.wording(after, second[:, None])[:, :, 0]
            states[double[0], :, double[1]] = next_state(after, second[:, None])
        place = np.where(soft | first, 1, 0)
        case = self._case[place[:, None], words, padded.patterns]
        ratio = self._ratio[beam.pattern[:, :, None], padded.patterns[:, None, :]]
        cased = (padded.patterns != OTHER).astype(np.float32)
        score = beam.score[:, :, None] + np.float32(weights.language_model) * wording
        score += (padded.local + np.float32(weights.case) * case * cased)[:, None, :]
        score += np.float32(weights.case) * ratio * cased[:, None, :]
        return score, states


@dataclass(frozen=True, slots=True, eq=False)
class _Padded:
    """Slots of many sentences side by side, shape (sentences, candidates)."""

    words: NDArray[np.int64]
    seconds: NDArray[np.int64]
    patterns: NDArray[np.int64]
    local: FloatArray


def _pad(slots: Sequence[Slot | None], weights: Weights) -> _Padded:
    widest = max(len(slot.words) for slot in slots if slot is not None)
    shape = (len(slots), widest)
    words = np.zeros(shape, dtype=np.int64)
    seconds = np.full(shape, -1, dtype=np.int64)
    patterns = np.full(shape, OTHER, dtype=np.int64)
    local = np.full(shape, _NEVER, dtype=np.float32)
    for row, slot in enumerate(slots):
        if slot is not None:
            size = len(slot.words)
            words[row, :size] = slot.words
            seconds[row, :size] = slot.seconds
            patterns[row, :size] = slot.patterns
            local[row, :size] = slot.local
    local += np.float32(weights.word_bonus) * (1 + (seconds >= 0)).astype(np.float32)
    return _Padded(words, seconds, patterns, local)


def _decode_batch(
    batch: list[int],
    sentences: Sequence[Sentence],
    scorer: "_Scorer",
    width: int,
    results: list[Path],
) -> None:
    chosen = [sentences[index] for index in batch]
    lengths = np.array([len(sentence.slots) for sentence in chosen])
    start = _Beam(
        np.full((len(batch), 1), START_STATE),
        np.full((len(batch), 1), START_PATTERN, dtype=np.int64),
        np.zeros((len(batch), 1), dtype=np.float32),
        np.zeros((len(batch), 1), dtype=np.int64),
        np.zeros((len(batch), 1), dtype=np.int64),
        np.zeros((len(batch), 1), dtype=np.bool_),
    )
    beams: list[_Beam] = [start]
    # Sentences are sorted by length: those that still run are the last ones.
    for position in range(int(lengths.max())):
        first_row = int(np.searchsorted(lengths, position, side="right"))
        rows = chosen[first_row:]
        before = _tail(beams[-1], len(rows))
        soft = np.array([row.soft_breaks[position] and position > 0 for row in rows])
        padded = _pad([row.slots[position] for row in rows], scorer.weights)
        score, states = scorer.expand(before, padded, position == 0, soft)
        beam = _select(score, states, padded.patterns, before, width, joined=False)
        joins = [row.joins.get(position) for row in rows]
        some = np.array([i for i, slot in enumerate(joins) if slot is not None], dtype=np.intp)
        if len(some):
            earlier = _rows(_tail(beams[-2], len(rows)), some)
            padded = _pad([joins[i] for i in some], scorer.weights)
            nowhere = np.zeros(len(some), dtype=np.bool_)
            score, states = scorer.expand(earlier, padded, position == 1, nowhere)
            other = _select(score, states, padded.patterns, earlier, width, joined=True)
            beam = _join_beams(beam, other, some, width)
        beams.append(beam)
    for row, index in enumerate(batch):
        results[index] = _trace(beams, row - len(batch), int(lengths[row]))


def _tail(beam: _Beam, rows: int) -> _Beam:
    """The hypotheses of the last `rows` sentences."""
    return _rows(beam, np.arange(len(beam.score) - rows, len(beam.score)))


def _rows(beam: _Beam, rows: NDArray[np.intp]) -> _Beam:
    return _Beam(
        beam.state[rows],
        beam.pattern[rows],
        beam.score[rows],
        beam.parent[rows],
        beam.choice[rows],
        beam.joined[rows],
    )


def _select(
    score: FloatArray,
    states: NDArray[np.uint64],
    patterns: NDArray[np.int64],
    before: _Beam,
    width: int,
    *,
    joined: bool,
) -> _Beam:
    """Recombine hypotheses with one future, then keep the best `width` of each sentence."""
    rows, held, candidates = score.shape
    if held > 1:
        # Two hypotheses share their future under a candidate when the words that stay in the
        # context agree. The new word is the same, so comparing old contexts is enough.
        recent = before.state & _RECENT
        for later in range(1, held):
            for earlier in range(later):
                same = recent[:, later] == recent[:, earlier]
                if not same.any():
                    continue
                worse = score[same, later] <= score[same, earlier]
                loser = score[same]
                loser[:, later][worse] = _NEVER
                loser[:, earlier][~worse] = _NEVER
                score[same] = loser
    flat = score.reshape(rows, -1)
    keep = min(width, flat.shape[1])
    best = np.argpartition(-flat, keep - 1, axis=1)[:, :keep]
    order = np.argsort(-np.take_along_axis(flat, best, axis=1), axis=1, kind="stable")
    best = np.take_along_axis(best, order, axis=1)
    parent, choice = best // candidates, best % candidates
    return _Beam(
        np.take_along_axis(states.reshape(rows, -1), best, axis=1),
        np.take_along_axis(patterns, choice, axis=1),
        np.take_along_axis(flat, best, axis=1),
        parent,
        choice,
        np.full(best.shape, joined),
    )


def _join_beams(beam: _Beam, other: _Beam, rows: NDArray[np.intp], width: int) -> _Beam:
    """Let hypotheses that joined two tokens compete with the others of their sentences."""
    size = other.score.shape[1]
    missing = beam.score.shape[0]
    columns: list[NDArray[np.generic]] = []
    for name in ("state", "pattern", "parent", "choice", "joined"):
        own, added = getattr(beam, name), getattr(other, name)
        block = np.zeros((missing, size), dtype=own.dtype)
        block[rows] = added
        columns.append(np.concatenate((own, block), axis=1))
    block = np.full((missing, size), _NEVER, dtype=np.float32)
    block[rows] = other.score
    score = np.concatenate((beam.score, block), axis=1)
    best = np.argsort(-score, axis=1, kind="stable")[:, :width]
    state, pattern, parent, choice, joined = (
        np.take_along_axis(column, best, axis=1) for column in columns
    )
    return _Beam(
        state.astype(np.uint64),
        pattern.astype(np.int64),
        np.take_along_axis(score, best, axis=1),
        parent.astype(np.int64),
        choice.astype(np.int64),
        joined.astype(np.bool_),
    )


def _trace(beams: list[_Beam], row: int, length: int) -> Path:
    """Follow the best hypothesis of a sentence back to its start; `row` counts from the end."""
    step, held = length, 0
    log_prob = float(beams[length].score[row, 0])
    choices: list[Choice] = []
    while step:
        beam = beams[step]
        joined = bool(beam.joined[row, held])
        choices.append(Choice(step - 1, int(beam.choice[row, held]), joined))
        held = int(beam.parent[row, held])
        step -= 2 if joined else 1
    return Path(tuple(reversed(choices)), log_prob)
