"""How sure a choice is: every candidate of a token scored in its place, the neighbours fixed.

The decoder gives one best path. Here each choice is weighed against the other candidates of its
slot in the window of words that the language model can see; a softmax over these scores is the
probability that the token is right, and the difference to the observed word is the log odds that
an edit carries.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vnrepair.restore.adapt import DocumentCache
from vnrepair.restore.decode import Choice, Slot, Weights
from vnrepair.restore.language_model import START_STATE, NgramLanguageModel, next_state
from vnrepair.restore.lexicon import OTHER, Lexicon

__all__ = ["Judgement", "Placed", "judge", "surroundings"]

CONTEXT_WORDS = 3
"""Words before and after a token that its odds look at, as many as the model's context."""

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A choice with its surroundings.

    Attributes:
        slot: The slot it was made in.
        keep: Index of the candidate that leaves the observed word; -1 where there is none.
        choice: What was chosen.
        before: Up to three words before it, latest last.
        after: Up to three words behind it.
    """

    slot: Slot
    keep: int
    choice: Choice
    before: tuple[int, ...]
    after: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """How sure a choice is.

    Attributes:
        probability: Of the chosen candidate among those of its slot, 0-1.
        runner_up: Index of the likeliest other candidate, -1 where there is none.
        log_odds: Chosen against observed, nats; against the runner-up where the observed word
            is no candidate.
    """

    probability: float
    runner_up: int
    log_odds: float


def surroundings(paths_words: Sequence[Sequence[int]], place: int) -> tuple[tuple[int, ...], ...]:
    """Words before and after the choice at `place`, given the words of all choices of a path."""
    before = [
        word for words in paths_words[max(0, place - CONTEXT_WORDS) : place] for word in words
    ]
    after = [word for words in paths_words[place + 1 : place + 1 + CONTEXT_WORDS] for word in words]
    return tuple(before[-CONTEXT_WORDS:]), tuple(after[:CONTEXT_WORDS])


def judge(
    placed: Sequence[Placed],
    lexicon: Lexicon,
    model: NgramLanguageModel,
    weights: Weights,
    cache: DocumentCache | None = None,
) -> list[Judgement]:
    """Weigh choices against the other candidates of their slots.

    Args:
        placed: Choices with their surroundings.
        lexicon: Gives the case statistics.
        model: Gives P(word | context).
        weights: How much each counts.
        cache: What the document is known to say.

    Returns:
        One judgement per choice.
    """
    if not placed:
        return []
    sizes = np.array([len(item.slot.words) for item in placed])
    owner = np.repeat(np.arange(len(placed)), sizes)
    edges = np.concatenate(([0], np.cumsum(sizes)))
    states = np.full(len(placed), START_STATE)
    after = np.full((len(placed), CONTEXT_WORDS), -1, dtype=np.int64)
    context = np.full((len(placed), CONTEXT_WORDS), -1, dtype=np.int64)
    for row, item in enumerate(placed):
        context[row, : len(item.before)] = item.before
        after[row, : len(item.after)] = item.after
    for column in context.T:
        known = column >= 0
        states = np.where(known, next_state(states, np.where(known, column, 0)), states)
    words = np.concatenate([item.slot.words for item in placed]).astype(np.int64)
    seconds = np.concatenate([item.slot.seconds for item in placed]).astype(np.int64)
    patterns = np.concatenate([item.slot.patterns for item in placed]).astype(np.int64)
    local = np.concatenate([item.slot.local for item in placed])
    runs = np.concatenate((words[:, None], seconds[:, None], after[owner]), axis=1)
    wording = _window_log_prob(model, cache, runs, states[owner])
    case = np.where(patterns == OTHER, 0.0, lexicon.log_case[0, words, patterns])
    score = local + weights.language_model * wording + weights.case * case
    score += weights.word_bonus * (1 + (seconds >= 0))
    results: list[Judgement] = []
    for row, item in enumerate(placed):
        results.append(_judge_one(score[edges[row] : edges[row + 1]], item))
    return results


def _judge_one(score: NDArray[np.float64], item: Placed) -> Judgement:
    chosen = item.choice.index
    top = float(score.max())
    probability = float(np.exp(score[chosen] - top) / np.exp(score - top).sum())
    if len(score) == 1:
        return Judgement(probability, -1, 0.0)
    others = score.copy()
    others[chosen] = -np.inf
    runner_up = int(others.argmax())
    rival = item.keep if item.keep >= 0 else runner_up
    return Judgement(probability, runner_up, float(score[chosen] - score[rival]))


def _window_log_prob(
    model: NgramLanguageModel,
    cache: DocumentCache | None,
    runs: NDArray[np.int64],
    states: NDArray[np.uint64],
) -> FloatArray:
    """Log P of runs of words, shape (n, length), after contexts; -1 stands for no word."""
    total: FloatArray = np.zeros(len(runs), dtype=np.float32)
    for column in runs.T:
        rows = np.flatnonzero(column >= 0)
        if len(rows):
            word = column[rows]
            value = model.log_prob(states[rows, None], word[:, None])
            if cache is not None:
                value = cache.mix(value, states[rows, None], word[:, None])
            total[rows] += value[:, 0, 0]
            states = states.copy()
            states[rows] = next_state(states[rows], word)
    return total
