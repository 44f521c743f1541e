"""Slow and plain versions of what the library does fast, to check it against."""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

import numpy as np

from vnrepair.restore.decode import Choice, Sentence, Slot, Weights
from vnrepair.restore.language_model import START_STATE, NgramLanguageModel, next_state
from vnrepair.restore.lexicon import OTHER, START_PATTERN, Lexicon


def unit_price(_expected: Hashable, _found: Hashable) -> float:
    return 1.0


def full_matrix_cost(
    reference: Sequence[Hashable],
    hypothesis: Sequence[Hashable],
    substitution_cost: Callable[[Hashable, Hashable], float] = unit_price,
) -> float:
    """Least cost of an alignment, by the textbook recurrence over every pair of prefixes."""
    costs = [[0.0] * (len(hypothesis) + 1) for _ in range(len(reference) + 1)]
    for row in range(len(reference) + 1):
        for column in range(len(hypothesis) + 1):
            ways = []
            if row:
                ways.append(costs[row - 1][column] + 1)
            if column:
                ways.append(costs[row][column - 1] + 1)
            if row and column:
                expected, found = reference[row - 1], hypothesis[column - 1]
                price = 0.0 if expected == found else substitution_cost(expected, found)
                ways.append(costs[row - 1][column - 1] + price)
            costs[row][column] = min(ways, default=0.0)
    return costs[-1][-1]


Gram = tuple[int, ...]


class PlainNgrams:
    """Interpolated modified Kneser-Ney over dictionaries of tuples, in back-off form.

    Written from the formulas of Chen and Goodman 1998; what is dropped gives its probability back
    to the shorter context, so that every context sums to one.
    """

    def __init__(
        self,
        parts: Sequence[tuple[Sequence[int], int]],
        order: int,
        words: int,
        start: int,
        min_raw: Sequence[int],
    ) -> None:
        self.words, self.start = words, start
        self.raw = [count_plainly(parts, n, start) for n in range(1, order + 1)]
        self.weighted = [count_plainly(parts, n, start, weighted=True) for n in range(1, order + 1)]
        self.prob: dict[Gram, float] = self._unigrams(self._adjusted(1))
        self.backoff: dict[Gram, float] = {}
        for n in range(2, order + 1):
            self._add_order(n, self._adjusted(n), self._seen(n), min_raw[n - 1])

    def log_prob(self, context: Gram, word: int) -> float:
        """Log P(word | context), by backing off until the n-gram is listed."""
        if (*context, word) in self.prob:
            return math.log(self.prob[*context, word])
        return math.log(self.backoff.get(context, 1.0)) + self.log_prob(context[1:], word)

    def _adjusted(self, n: int) -> Mapping[Gram, int]:
        if n == len(self.raw):
            return self.weighted[n - 1]
        return {
            gram: self.weighted[n - 1][gram]
            if gram[0] == self.start
            else sum(
                round(self.weighted[n][longer] / self.raw[n][longer])
                for longer in self.raw[n]
                if longer[1:] == gram
            )
            for gram in self.raw[n - 1]
        }

    def _seen(self, n: int) -> Mapping[Gram, int]:
        if n == len(self.raw):
            return self.raw[n - 1]
        before: dict[Gram, set[int]] = defaultdict(set)
        for gram in self.raw[n]:
            before[gram[1:]].add(gram[0])
        return {
            gram: self.raw[n - 1][gram] if gram[0] == self.start else len(before[gram])
            for gram in self.raw[n - 1]
        }

    def _unigrams(self, adjusted: Mapping[Gram, int]) -> dict[Gram, float]:
        total = sum(adjusted.values())
        left = 0.5 * len(adjusted) / self.words
        return {
            (word,): (max(adjusted.get((word,), 0) - 0.5, 0.0) + left) / total
            for word in range(self.words)
        }

    def _add_order(
        self, n: int, adjusted: Mapping[Gram, int], seen: Mapping[Gram, int], min_raw: int
    ) -> None:
        discounts = plain_discounts(seen)
        followers: dict[Gram, list[Gram]] = defaultdict(list)
        for gram in adjusted:
            followers[gram[:-1]].append(gram)
        new: dict[Gram, float] = {}
        for context, grams in followers.items():
            total = sum(adjusted[gram] for gram in grams)
            taken = {
                gram: discounts[min(seen[gram], 3)] * adjusted[gram] / max(seen[gram], 1)
                for gram in grams
            }
            for gram in grams:
                listed = context in self.prob and gram[1:] in self.prob
                if self.raw[n - 1][gram] >= min_raw and listed:
                    lower = math.exp(self.log_prob(gram[1:-1], gram[-1]))
                    new[gram] = (adjusted[gram] - taken[gram]) / total + (
                        sum(taken.values()) / total * lower
                    )
        for context, grams in followers.items():
            kept = [gram for gram in grams if gram in new]
            if kept:
                lower = sum(math.exp(self.log_prob(gram[1:-1], gram[-1])) for gram in kept)
                self.backoff[context] = (1 - sum(new[gram] for gram in kept)) / (1 - lower)
        self.prob |= new


def count_plainly(
    parts: Sequence[tuple[Sequence[int], int]], n: int, start: int, *, weighted: bool = False
) -> Counter[Gram]:
    """N-grams in which the sentence start stands at the front or nowhere."""
    counts: Counter[Gram] = Counter()
    for ids, weight in parts:
        for place in range(len(ids) - n + 1):
            gram = tuple(ids[place : place + n])
            if start not in (gram if n == 1 else gram[1:]):
                counts[gram] += weight if weighted else 1
    return counts


def plain_discounts(adjusted: Mapping[Gram, int]) -> tuple[float, float, float, float]:
    """What modified Kneser-Ney takes from counts of 0, 1, 2 and 3 or more."""
    n = Counter(adjusted.values())
    if not all(n[k] for k in (1, 2, 3, 4)):
        return (0.0, 0.5, 0.75, 0.9)
    y = n[1] / (n[1] + 2 * n[2])
    found = (k - (k + 1) * y * n[k + 1] / n[k] for k in (1, 2, 3))
    limits = ((0.05, 0.95), (0.1, 1.9), (0.15, 2.85))
    one, two, more = (min(max(d, low), high) for d, (low, high) in zip(found, limits, strict=True))
    return (0.0, one, two, more)


def all_paths(sentence: Sentence) -> Iterator[tuple[Choice, ...]]:
    """Every way through a lattice."""
    size = len(sentence.slots)

    def onward(position: int) -> Iterator[tuple[Choice, ...]]:
        if position == size:
            yield ()
            return
        steps = [
            (Choice(position, index, joined=False), position + 1)
            for index in range(len(sentence.slots[position].words))
        ]
        if position + 1 in sentence.joins:
            steps += [
                (Choice(position + 1, index, joined=True), position + 2)
                for index in range(len(sentence.joins[position + 1].words))
            ]
        for step, after in steps:
            for rest in onward(after):
                yield (step, *rest)

    return onward(0)


def path_score(
    sentence: Sentence,
    path: Sequence[Choice],
    lexicon: Lexicon,
    model: NgramLanguageModel,
    weights: Weights,
) -> float:
    """The score of one path, word by word, from the definition."""

    def wording(state: np.uint64, word: int) -> float:
        return float(model.log_prob(np.array([[state]]), np.array([[word]]))[0, 0, 0])

    def after(state: np.uint64, word: int) -> np.uint64:
        return np.uint64(next_state(np.array([state]), np.array([word]))[0])

    score, state, before = 0.0, START_STATE, START_PATTERN
    for choice in path:
        slot: Slot = (sentence.joins if choice.joined else sentence.slots)[choice.position]
        first = choice.position == (1 if choice.joined else 0)
        soft = sentence.soft_breaks[choice.position] and not first and not choice.joined
        word, second = int(slot.words[choice.index]), int(slot.seconds[choice.index])
        pattern = int(slot.patterns[choice.index])
        said = wording(state, word)
        if soft:
            said = max(said, wording(START_STATE, word) + math.log(0.5))
        state = after(state, word)
        if second >= 0:
            said += wording(state, second)
            state = after(state, second)
        score += weights.language_model * said + float(slot.local[choice.index])
        score += weights.word_bonus * (1 + (second >= 0))
        if pattern != OTHER:
            case = lexicon.log_case[int(first or soft), word, pattern]
            score += weights.case * float(case + lexicon.log_case_ratio[before, pattern])
        before = pattern
    return score


def mass_of_alignments(
    observed: str, intended: str, letters: Mapping[str, Mapping[str, float]], most: int = 3
) -> float:
    """P(observed | intended) as a sum over every way to cut the observed word into emissions."""
    total = 0.0
    for cuts in itertools.product(range(most + 1), repeat=len(intended)):
        if sum(cuts) == len(observed):
            mass, place = 1.0, 0
            for letter, length in zip(intended, cuts, strict=True):
                emitted = observed[place : place + length]
                log_prob = letters.get(letter, {letter: 0.0}).get(emitted)
                mass *= 0.0 if log_prob is None else math.exp(log_prob)
                place += length
            total += mass
    return total
