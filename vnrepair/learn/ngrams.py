"""Token numbers to an n-gram language model. Second stage of learn/: counts in, model arrays out.

An n-gram is one unsigned 64-bit number, sixteen bits a word, so counting is sorting: no table of
strings ever stands in memory, and the result does not depend on the order of anything.

Source:
    Chen and Goodman 1998, "An empirical study of smoothing techniques for language modeling"
    (interpolated modified Kneser-Ney); Seymore and Rosenfeld 1996, "Scalable backoff language
    models" (pruning by weighted difference).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vnrepair.errors import ConfigError

__all__ = ["NgramCounts", "NgramModel", "count_ngrams", "estimate"]

WORD_BITS = np.uint64(16)
MAX_WORDS = 1 << 16

Keys = NDArray[np.uint64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NgramCounts:
    """Counts of one order.

    Attributes:
        keys: Sorted distinct n-grams.
        raw: How often the corpora hold each.
        weighted: The same with each corpus multiplied by its weight.
    """

    keys: Keys
    raw: Counts
    weighted: Counts


@dataclass(frozen=True, slots=True)
class NgramModel:
    """A back-off model of one order: what is kept of it.

    Attributes:
        keys: Sorted n-grams.
        log_prob: Natural logarithm of P(last word | the others), float32.
        log_backoff: Natural logarithm of the weight left for words not listed after this n-gram.
    """

    keys: Keys
    log_prob: NDArray[np.float32]
    log_backoff: NDArray[np.float32]


def _grams(ids: NDArray[np.uint16], order: int, start: int) -> Keys:
    """Every n-gram of a sequence; none reaches over a sentence start except at its own front."""
    usable = len(ids) - order + 1
    if usable <= 0:
        return np.empty(0, dtype=np.uint64)
    keys = np.zeros(usable, dtype=np.uint64)
    keep = np.ones(usable, dtype=bool)
    for position in range(order):
        part = ids[position : position + usable]
        keys = (keys << WORD_BITS) | part.astype(np.uint64)
        if position or order == 1:
            keep &= part != start
    return keys[keep]


def _unique(keys: Keys) -> tuple[Keys, Counts]:
    """Sorted distinct keys with counts; sorts in place to spare memory."""
    keys.sort()
    if not len(keys):
        return keys, np.empty(0, dtype=np.int64)
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    return keys[first], np.diff(np.append(first, len(keys)))


def count_ngrams(
    parts: Sequence[tuple[NDArray[np.uint16], int]], order: int, start: int
) -> NgramCounts:
    """Count the n-grams of weighted corpora.

    Args:
        parts: Word numbers of each corpus and its whole-number weight, >= 1.
        order: Words per n-gram, 1-4.
        start: The number of the sentence start.

    Raises:
        ConfigError: An order that does not fit into 64 bits.
    """
    if not 1 <= order <= 4:
        raise ConfigError(f"n-grams of order {order} do not fit: choose 1 to 4")
    keys, raw = _unique(np.concatenate([_grams(ids, order, start) for ids, _ in parts]))
    weighted = raw.copy()
    for ids, weight in parts:
        if weight != 1:
            some, counts = _unique(_grams(ids, order, start))
            weighted[np.searchsorted(keys, some)] += (weight - 1) * counts
    return NgramCounts(keys, raw, weighted)


def _discounts(adjusted: Counts) -> NDArray[np.float64]:
    """Modified Kneser-Ney discounts for counts of one, two, three and more."""
    n = [int(np.count_nonzero(adjusted == k)) for k in range(1, 5)]
    if min(n) == 0:
        return np.array([0.5, 0.75, 0.9])
    y = n[0] / (n[0] + 2 * n[1])
    found = [k - (k + 1) * y * n[k] / n[k - 1] for k in (1, 2, 3)]
    return np.clip(found, [0.05, 0.1, 0.15], [0.95, 1.9, 2.85])


def _find(table: Keys, keys: Keys) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Where keys stand in a sorted table, and whether they do."""
    at = np.minimum(np.searchsorted(table, keys), max(len(table) - 1, 0))
    return (table[at] == keys) if len(table) else np.zeros(len(keys), dtype=bool), at


def _effective(models: Sequence[NgramModel], keys: Keys, order: int) -> NDArray[np.float64]:
    """Log P of n-grams of an order under models that may have pruned them."""
    model = models[order - 1]
    found, at = _find(model.keys, keys)
    result = model.log_prob[at].astype(np.float64)
    missing = np.flatnonzero(~found)
    if order > 1 and len(missing):
        rest = keys[missing]
        lower = _effective(models, rest & np.uint64((1 << 16 * (order - 1)) - 1), order - 1)
        context = models[order - 2]
        known, place = _find(context.keys, rest >> WORD_BITS)
        result[missing] = lower + np.where(known, context.log_backoff[place], 0.0)
    return result


def estimate(
    counts: Sequence[NgramCounts],
    words: int,
    start: int,
    min_raw: Sequence[int],
    budget: Sequence[int],
    progress: Callable[[str], None] | None = None,
) -> list[NgramModel]:
    """Estimate an interpolated modified Kneser-Ney model and prune it to a size.

    Args:
        counts: Counts of order 1, 2, ...; the unigrams need not name every word.
        words: Size of the vocabulary; every word gets a probability.
        start: Number of the sentence start, which is only ever a context.
        min_raw: Per order, the raw count below which an n-gram is dropped.
        budget: Per order, how many n-grams are kept at most.
        progress: Told what is being done.

    Returns:
        One model per order.
    """
    top = len(counts)
    models: list[NgramModel] = []
    for order in range(1, top + 1):
        if progress is not None:
            progress(f"estimating order {order}")
        current = counts[order - 1]
        seen, adjusted = current.raw, current.weighted
        if order < top:
            seen, adjusted = _continuations(current, counts[order], order, start)
        discounts = _discounts(seen)
        if order > 1 and not len(current.keys):
            models.append(_nothing())
            continue
        if order == 1:
            models.append(_unigrams(current.keys, adjusted, words, start))
            continue
        # What a heavy corpus showed once was seen once: it gives up as large a share of its weight.
        weight = adjusted / np.maximum(seen, 1)
        taken = np.where(seen > 0, discounts[np.clip(seen, 1, 3) - 1] * weight, 0.0)
        contexts = current.keys >> WORD_BITS
        edge = np.flatnonzero(np.concatenate(([True], contexts[1:] != contexts[:-1])))
        total = np.add.reduceat(adjusted, edge).astype(np.float64)
        left = np.add.reduceat(taken, edge)
        group = np.repeat(np.arange(len(edge)), np.diff(np.append(edge, len(contexts))))
        mask = np.uint64((1 << 16 * (order - 1)) - 1)
        safe_total = np.maximum(total, 1e-9)
        keep = current.raw >= min_raw[order - 1]
        keep &= _find(models[-1].keys, contexts)[0]
        if order > 2:
            keep &= _find(models[-1].keys, current.keys & mask)[0]
        chosen = np.flatnonzero(keep)
        own = group[chosen]
        lower = _effective(models, current.keys[chosen] & mask, order - 1)
        prob = (np.maximum(adjusted[chosen] - taken[chosen], 0.0) / safe_total[own]) + (
            left[own] / safe_total[own]
        ) * np.exp(lower)
        prob = np.clip(prob, 1e-12, 1.0)
        if len(chosen) > budget[order - 1]:
            gain = current.weighted[chosen] * (
                np.log(prob) - lower - np.log(np.clip(left[own] / safe_total[own], 1e-9, 1.0))
            )
            best = np.sort(np.argsort(-gain, kind="stable")[: budget[order - 1]])
            chosen, prob, lower = chosen[best], prob[best], lower[best]
        models.append(
            NgramModel(
                current.keys[chosen],
                np.log(prob).astype(np.float32),
                np.zeros(len(chosen), dtype=np.float32),
            )
        )
        models[-2] = _with_backoff(models[-2], models[-1], prob, lower)
    return models


def _nothing() -> NgramModel:
    """The model of an order that the corpora do not reach."""
    none = np.empty(0, dtype=np.float32)
    return NgramModel(np.empty(0, dtype=np.uint64), none, none)


def _continuations(
    current: NgramCounts, longer: NgramCounts, order: int, start: int
) -> tuple[Counts, Counts]:
    """Distinct words before each n-gram, plainly and by weight.

    A word before counts as much as the corpora that show it weigh on average, so that a small,
    heavy corpus is heard in the lower orders too. N-grams at a sentence start keep their own count.
    """
    suffixes = longer.keys & np.uint64((1 << 16 * order) - 1)
    by_suffix = np.argsort(suffixes, kind="stable")
    suffixes = suffixes[by_suffix]
    weights = np.rint(longer.weighted / longer.raw).astype(np.int64)[by_suffix]
    edge = np.flatnonzero(np.concatenate(([True], suffixes[1:] != suffixes[:-1])))
    seen = np.zeros(len(current.keys), dtype=np.int64)
    adjusted = np.zeros(len(current.keys), dtype=np.int64)
    if len(suffixes):
        found, at = _find(suffixes[edge], current.keys)
        seen[found] = np.diff(np.append(edge, len(suffixes)))[at[found]]
        adjusted[found] = np.add.reduceat(weights, edge)[at[found]]
    first = (current.keys >> np.uint64(16 * (order - 1))) == np.uint64(start)
    return np.where(first, current.raw, seen), np.where(first, current.weighted, adjusted)


def _unigrams(keys: Keys, adjusted: Counts, words: int, start: int) -> NgramModel:
    """Continuation unigrams over the whole vocabulary, smoothed with the uniform distribution."""
    counts = np.zeros(words, dtype=np.float64)
    counts[keys.astype(np.intp)] = adjusted
    counts[start] = 0.0
    discount = 0.5
    left = discount * np.count_nonzero(counts)
    prob = (np.maximum(counts - discount, 0.0) + left / words) / max(counts.sum(), 1.0)
    return NgramModel(
        np.arange(words, dtype=np.uint64),
        np.log(np.clip(prob, 1e-12, 1.0)).astype(np.float32),
        np.zeros(words, dtype=np.float32),
    )


def _with_backoff(
    shorter: NgramModel, longer: NgramModel, prob: NDArray[np.float64], lower: NDArray[np.float64]
) -> NgramModel:
    """Give contexts the weight that the kept longer n-grams leave."""
    found, at = _find(shorter.keys, longer.keys >> WORD_BITS)
    place = at[found]
    size = len(shorter.keys)
    seen = np.bincount(place, weights=prob[found], minlength=size)
    covered = np.bincount(place, weights=np.exp(lower[found]), minlength=size)
    weight = np.clip(1.0 - seen, 1e-4, 1.0) / np.clip(1.0 - covered, 1e-4, 1.0)
    return NgramModel(
        shorter.keys,
        shorter.log_prob,
        np.log(np.clip(weight, 1e-6, 10.0)).astype(np.float32),
    )
