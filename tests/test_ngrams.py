"""Counts are what a hand counts, and the model is a probability that a slow oracle shares."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles import Gram, PlainNgrams, count_plainly
from vnrepair.errors import ConfigError
from vnrepair.learn.ngrams import NgramCounts, NgramModel, count_ngrams, estimate

START, WORDS = 0, 24
NO_BUDGET = (0, 10_000, 10_000, 10_000)

# 0 starts a sentence, as the encoder of the corpus writes it; the last is long enough for order 4.
_SENTENCES = st.lists(
    st.lists(st.integers(4, 9), min_size=1, max_size=7), min_size=1, max_size=12
).map(lambda sentences: [e for words in [*sentences, [4, 5, 6, 7]] for e in (START, *words)])
_PARTS = st.lists(st.tuples(_SENTENCES, st.integers(1, 3)), min_size=1, max_size=3)
Parts = Sequence[tuple[Sequence[int], int]]


def _arrays(parts: Parts) -> list[tuple[np.ndarray, int]]:
    return [(np.array(ids, dtype=np.uint16), weight) for ids, weight in parts]


def _gram(key: int, order: int) -> Gram:
    return tuple(int(key) >> 16 * (order - 1 - place) & 0xFFFF for place in range(order))


def _counts(parts: Parts, order: int = 4) -> list[NgramCounts]:
    return [count_ngrams(_arrays(parts), n, START) for n in range(1, order + 1)]


def _estimate(parts: Parts, min_raw: Sequence[int]) -> list[NgramModel]:
    return estimate(_counts(parts, len(min_raw)), WORDS, START, min_raw, NO_BUDGET)


class _Asked:
    """A model of arrays, asked one n-gram at a time."""

    def __init__(self, models: Sequence[NgramModel]) -> None:
        self.prob: dict[Gram, float] = {}
        self.backoff: dict[Gram, float] = {}
        for order, model in enumerate(models, start=1):
            for key, prob, backoff in zip(
                model.keys, model.log_prob, model.log_backoff, strict=True
            ):
                self.prob[_gram(key, order)] = float(prob)
                self.backoff[_gram(key, order)] = float(backoff)

    def log_prob(self, context: Gram, word: int) -> float:
        if (*context, word) in self.prob:
            return self.prob[*context, word]
        return self.backoff.get(context, 0.0) + self.log_prob(context[1:], word)


def _contexts(parts: Parts) -> list[Gram]:
    """Contexts that the corpus holds, and some that it does not."""
    seen = [gram for n in (1, 2, 3) for gram in count_plainly(parts, n, START)]
    return [(), (START,), (20,), (4, 20), (20, 4), (5, 20, 4), *seen]


def test_counts_are_what_a_hand_counts() -> None:
    # Sentences `4 5 4 5` and `5`, in a corpus of weight 3; `4 5` in one of weight 1.
    parts = (([0, 4, 5, 4, 5, 0, 5], 3), ([0, 4, 5], 1))
    one, two, three, four = _counts(parts)
    assert [_gram(key, 1) for key in one.keys] == [(4,), (5,)]
    assert one.raw.tolist() == [3, 4]
    assert one.weighted.tolist() == [2 * 3 + 1, 3 * 3 + 1]
    # (5, 0) is no bigram: nothing reaches over the start of a sentence.
    assert [_gram(key, 2) for key in two.keys] == [(0, 4), (0, 5), (4, 5), (5, 4)]
    assert two.raw.tolist() == [2, 1, 3, 1]
    assert two.weighted.tolist() == [4, 3, 7, 3]
    assert [_gram(key, 3) for key in three.keys] == [(0, 4, 5), (4, 5, 4), (5, 4, 5)]
    assert three.raw.tolist() == [2, 1, 1]
    assert [_gram(key, 4) for key in four.keys] == [(0, 4, 5, 4), (4, 5, 4, 5)]


@given(_PARTS)
def test_counts_equal_those_of_a_plain_dictionary(parts: Parts) -> None:
    for order, counts in enumerate(_counts(parts), start=1):
        raw = {_gram(k, order): int(n) for k, n in zip(counts.keys, counts.raw, strict=True)}
        heavy = {_gram(k, order): int(n) for k, n in zip(counts.keys, counts.weighted, strict=True)}
        assert raw == count_plainly(parts, order, START)
        assert heavy == count_plainly(parts, order, START, weighted=True)
        assert (np.diff(counts.keys.astype(np.int64)) > 0).all()


@pytest.mark.parametrize("order", [0, 5])
def test_an_order_that_does_not_fit_is_refused(order: int) -> None:
    with pytest.raises(ConfigError, match=str(order)):
        count_ngrams([(np.zeros(3, dtype=np.uint16), 1)], order, START)


@given(_PARTS, st.sampled_from([(1, 1, 1, 1), (1, 2, 2, 2), (1, 1, 3, 2)]))
@settings(max_examples=40)
def test_probabilities_equal_those_of_the_oracle(parts: Parts, min_raw: Sequence[int]) -> None:
    model, oracle = _Asked(_estimate(parts, min_raw)), PlainNgrams(parts, 4, WORDS, START, min_raw)
    for context in _contexts(parts):
        for word in (START, 3, 4, 5, 9, WORDS - 1):
            assert model.log_prob(context, word) == pytest.approx(
                oracle.log_prob(context, word), abs=2e-4
            )


@given(_PARTS, st.sampled_from([(1, 1, 1, 1), (1, 2, 2, 2), (1, 1, 1), (1, 2)]))
@settings(max_examples=40)
def test_every_context_seen_or_not_sums_to_one(parts: Parts, min_raw: Sequence[int]) -> None:
    model = _Asked(_estimate(parts, min_raw))
    for context in _contexts(parts):
        short = context[-(len(min_raw) - 1) :]
        mass = sum(math.exp(model.log_prob(short, word)) for word in range(WORDS))
        assert mass == pytest.approx(1.0, abs=1e-4)


@given(_PARTS)
@settings(max_examples=40)
def test_nothing_seen_only_once_is_kept(parts: Parts) -> None:
    for order, model in enumerate(_estimate(parts, (1, 2, 2, 2)), start=1):
        if order > 1:
            raw = count_plainly(parts, order, START)
            assert all(raw[_gram(key, order)] >= 2 for key in model.keys)


@given(_PARTS)
@settings(max_examples=40)
def test_an_ngram_is_kept_only_with_its_context_and_its_suffix(parts: Parts) -> None:
    models = _estimate(parts, (1, 1, 2, 1))
    for order, (shorter, longer) in enumerate(itertools.pairwise(models), start=2):
        mask = np.uint64((1 << 16 * (order - 1)) - 1)
        assert np.isin(longer.keys >> np.uint64(16), shorter.keys).all()
        # A bigram's suffix is a word, and every word has a probability.
        assert np.isin(longer.keys & mask, shorter.keys).all()


def _book() -> list[tuple[list[int], int]]:
    rng = np.random.default_rng(3)
    events: list[int] = []
    for _ in range(300):
        events += [START, *np.minimum(rng.geometric(0.25, rng.integers(2, 9)) + 3, 12).tolist()]
    return [(events, 2)]


def test_a_budget_is_kept_and_the_sums_stay_one() -> None:
    parts = _book()
    budget = (0, 30, 40, 50)
    models = estimate(_counts(parts), WORDS, START, (1, 1, 1, 1), budget)
    assert [len(model.keys) for model in models][1:] == list(budget)[1:]
    asked = _Asked(models)
    for context in _contexts(parts):
        mass = sum(math.exp(asked.log_prob(context[-3:], word)) for word in range(WORDS))
        assert mass == pytest.approx(1.0, abs=1e-4)


def test_a_word_that_was_never_met_has_a_small_probability() -> None:
    model = _Asked(_estimate(_book(), (1, 1, 1, 1)))
    assert -20.0 < model.log_prob((4, 5), WORDS - 1) < model.log_prob((4, 5), 4)


def test_what_follows_often_is_likelier_than_what_follows_seldom() -> None:
    # `4 5` ten times, `4 6` twice, and 6 is the commoner word elsewhere.
    events = [START, 4, 5] * 10 + [START, 4, 6] * 2 + [START, 7, 6, START, 8, 6, START, 9, 6] * 5
    model = _Asked(_estimate([(events, 1)], (1, 1, 1)))
    assert model.log_prob((START, 4), 5) > model.log_prob((START, 4), 6)
    assert model.log_prob((), 6) > model.log_prob((), 5)


def test_a_heavy_corpus_is_heard_in_the_lower_orders_too() -> None:
    plain, own = [0, 4, 5, 0, 4, 6, 0, 4, 6, 0, 4, 5] * 3, [0, 7, 8, 0, 7, 8, 0, 9, 8]
    light, heavy = (_Asked(_estimate([(plain, 1), (own, w)], (1, 2, 2, 2))) for w in (1, 10))
    assert heavy.log_prob((), 8) > light.log_prob((), 8)
    # What both corpora weigh beside others does not change what they say of their own contexts.
    assert heavy.log_prob((7,), 8) == pytest.approx(light.log_prob((7,), 8), abs=0.2)


def test_an_order_without_ngrams_is_empty() -> None:
    parts = [([START, 4, 5, START, 4], 1)]
    *_, top = _estimate(parts, (1, 1, 1, 1))
    assert len(top.keys) == 0
    assert math.isfinite(_Asked(_estimate(parts, (1, 1, 1, 1))).log_prob((START, 4), 5))


def test_the_same_corpus_gives_the_same_model() -> None:
    one, other = _estimate(_book(), (1, 2, 2, 2)), _estimate(_book(), (1, 2, 2, 2))
    for first, second in zip(one, other, strict=True):
        np.testing.assert_array_equal(first.keys, second.keys)
        np.testing.assert_array_equal(first.log_prob, second.log_prob)
        np.testing.assert_array_equal(first.log_backoff, second.log_backoff)


def test_progress_names_every_order() -> None:
    told: list[str] = []
    estimate(_counts(_book()), WORDS, START, (1, 1, 1, 1), NO_BUDGET, told.append)
    assert [message[-1] for message in told] == ["1", "2", "3", "4"]
