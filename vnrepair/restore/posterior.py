"""How sure choices are: every candidate of a token scored in its place, the neighbours fixed.

The decoder gives one best path. Here each choice is weighed against the other candidates of its
slot in the window of words that the language model can see; a softmax over these scores says how
likely the models hold the choice to be, and the difference to the observed word is the log odds
that an edit carries. All choices of a text are weighed together, as arrays. The models are too sure
of themselves: `calibration` turns what they hold into what is true.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vnrepair.restore import kernel
from vnrepair.restore.adapt import DocumentCache
from vnrepair.restore.decode import Weights
from vnrepair.restore.language_model import START_STATE, NgramLanguageModel, next_state
from vnrepair.restore.lexicon import OTHER, Lexicon

__all__ = ["CONTEXT_WORDS", "Judgements", "Placed", "judge", "scores_without_context"]

CONTEXT_WORDS = 3
"""Words before and after a token that its odds look at, as many as the model's context."""

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Choices with their candidates and surroundings; a row is a choice.

    The candidates of all slots stand one behind the other; `chosen` and `keep` are indices into
    that list, not into a slot.

    Attributes:
        words: Word number of each candidate, int64, shape (candidates,).
        seconds: Number of its second word, -1 for none; same type and shape.
        patterns: Its case pattern; same type and shape.
        local: What it scores without its neighbours and its words, float32, same shape.
        edges: Where the candidates of each row start, and the end; int64, shape (rows + 1,).
        chosen: What was chosen, int64, shape (rows,).
        keep: The candidate that leaves the observed word, -1 where there is none; the same.
        before: Words before the choice, latest last, -1 for none; int64, shape (rows, 3).
        after: Words behind it, nearest first, -1 for none; the same.
    """

    words: IntArray
    seconds: IntArray
    patterns: IntArray
    local: FloatArray
    edges: IntArray
    chosen: IntArray
    keep: IntArray
    before: IntArray
    after: IntArray

    @property
    def owner(self) -> IntArray:
        """The row of each candidate, shape (candidates,)."""
        return np.repeat(np.arange(len(self.chosen)), np.diff(self.edges))


@dataclass(frozen=True, slots=True, eq=False)
class Judgements:
    """How sure choices are; a row is a choice.

    Attributes:
        scores: Of each candidate in its place, nats, float32, shape (candidates,).
        plain_scores: The same without what the document itself says; the same array where nothing
            is known of the document.
        posterior: What the models hold the choice to be worth among its slot, 0-1, shape (rows,).
        runner_up: The likeliest other candidate, as an index like `Placed.chosen`; -1 for none.
        log_odds: Choice against the observed word, nats; against the runner-up where the observed
            word is no candidate; 0.0 where nothing else is. Shape (rows,).
        lead: Choice against the runner-up, nats; infinite where there is none. Shape (rows,).
    """

    scores: FloatArray
    plain_scores: FloatArray
    posterior: FloatArray
    runner_up: IntArray
    log_odds: FloatArray
    lead: FloatArray


def judge(
    placed: Placed,
    lexicon: Lexicon,
    model: NgramLanguageModel,
    weights: Weights,
    cache: DocumentCache | None = None,
) -> Judgements:
    """Weigh choices against the other candidates of their slots.

    Args:
        placed: Choices with their surroundings.
        lexicon: Gives the case statistics.
        model: Gives P(word | context).
        weights: How much each counts.
        cache: What the document is known to say.

    Returns:
        One row per choice.
    """
    if not len(placed.chosen):
        none = np.empty(0, dtype=np.float32)
        return Judgements(none, none, none, np.empty(0, dtype=np.int64), none, none)
    owner = placed.owner
    wording, plain = _window_log_prob(placed, owner, model, cache)
    fixed = _fixed_scores(placed, lexicon, weights)
    scores = fixed + np.float32(weights.language_model) * wording
    plain_scores = scores
    if plain is not wording:
        plain_scores = fixed + np.float32(weights.language_model) * plain
    return _compare(placed, owner, scores, plain_scores)


def scores_without_context(
    placed: Placed, lexicon: Lexicon, model: NgramLanguageModel, weights: Weights
) -> FloatArray:
    """What each candidate would score if nothing stood beside it, nats, shape (candidates,)."""
    alone = model.unigram_log_prob[placed.words]
    second = np.where(placed.seconds >= 0, model.unigram_log_prob[placed.seconds], np.float32(0.0))
    wording = np.float32(weights.language_model) * (alone + second)
    result: FloatArray = _fixed_scores(placed, lexicon, weights) + wording
    return result


def _fixed_scores(placed: Placed, lexicon: Lexicon, weights: Weights) -> FloatArray:
    """Channel, case and number of words: what does not depend on the neighbours."""
    case = lexicon.log_case[0, placed.words, placed.patterns]
    case = np.where(placed.patterns == OTHER, np.float32(0.0), case)
    bonus = np.float32(weights.word_bonus) * (1 + (placed.seconds >= 0)).astype(np.float32)
    result: FloatArray = placed.local + np.float32(weights.case) * case + bonus
    return result


def _compare(
    placed: Placed, owner: IntArray, scores: FloatArray, plain_scores: FloatArray
) -> Judgements:
    """The choice of each row against the others of its slot."""
    first, chosen = placed.edges[:-1], placed.chosen
    top = np.maximum.reduceat(scores, first)
    mass = np.add.reduceat(np.exp(scores - top[owner]), first)
    posterior = (np.exp(scores[chosen] - top) / mass).astype(np.float32)
    others = scores.copy()
    others[chosen] = -np.inf
    best = np.maximum.reduceat(others, first)
    is_alone = np.isneginf(best)
    places = np.where(others == best[owner], np.arange(len(scores)), len(scores))
    runner_up = np.where(is_alone, -1, np.minimum.reduceat(places, first))
    rival = np.where(placed.keep >= 0, placed.keep, runner_up)
    log_odds: FloatArray = np.where(is_alone, np.float32(0.0), scores[chosen] - scores[rival])
    return Judgements(scores, plain_scores, posterior, runner_up, log_odds, scores[chosen] - best)


def _window_log_prob(
    placed: Placed, owner: IntArray, model: NgramLanguageModel, cache: DocumentCache | None
) -> tuple[FloatArray, FloatArray]:
    """Log P of each candidate and of what follows it, with and without the document's own words.

    Args:
        placed: Candidates with their surroundings.
        owner: The row of each candidate.
        model: Gives P(word | context).
        cache: What the document is known to say.

    Returns:
        Two arrays of shape (candidates,), which are one where there is no cache.
    """
    if kernel.is_compiled():
        fields = (placed.words, placed.seconds, placed.edges, placed.before, placed.after)
        document = None if cache is None else cache.arrays
        with_cache, without = kernel.weigh(model.arrays, document, fields)
        return with_cache, without if cache is not None else with_cache
    states = np.full(len(placed.chosen), START_STATE)
    for column in placed.before.T:
        known = column >= 0
        states = np.where(known, next_state(states, np.where(known, column, 0)), states)
    states = states[owner]
    runs = np.concatenate(
        (placed.words[:, None], placed.seconds[:, None], placed.after[owner]), axis=1
    )
    total: FloatArray = np.zeros(len(runs), dtype=np.float32)
    plain = total if cache is None else total.copy()
    for column in runs.T:
        rows: NDArray[Any] = np.flatnonzero(column >= 0)
        if not len(rows):
            continue
        word = column[rows]
        value = model.log_prob(states[rows, None], word[:, None])
        if cache is not None:
            plain[rows] += value[:, 0, 0]
            value = cache.mix(value, states[rows, None], word[:, None])
        total[rows] += value[:, 0, 0]
        states = states.copy()
        states[rows] = next_state(states[rows], word)
    return total, plain
