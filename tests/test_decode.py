"""A wide beam finds the path that trying all paths finds."""

import dataclasses
import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles import all_paths, path_score
from vnrepair.learn.ngrams import count_ngrams, estimate
from vnrepair.restore.decode import Choice, Sentence, Slot, Weights, decode
from vnrepair.restore.language_model import (
    START_WORD,
    NgramLanguageModel,
    pack_language_model,
    unpack_language_model,
)
from vnrepair.restore.lexicon import (
    PATTERNS,
    START_PATTERN,
    Lexicon,
    find_dictionaries,
    load_lexicon,
)

WORDS = 10
WIDE = 5_000


@functools.cache
def _lexicon() -> Lexicon:
    """The decoder looks at numbers of words and at case only, so any statistics of case will do."""
    rng = np.random.default_rng(1)
    case = np.log(rng.dirichlet(np.ones(PATTERNS), size=(2, WORDS))).astype(np.float32)
    ratio = rng.normal(0, 1, (START_PATTERN + 1, PATTERNS)).astype(np.float32)
    real = load_lexicon(find_dictionaries())
    return dataclasses.replace(real, log_case=case, log_case_ratio=ratio)


@functools.cache
def _model() -> NgramLanguageModel:
    """A language in which three words together decide the next, so that long contexts matter."""
    rng = np.random.default_rng(4)
    habit = rng.integers(4, WORDS, (WORDS, WORDS, WORDS))
    events: list[int] = []
    for _ in range(800):
        words = [START_WORD, *rng.integers(4, WORDS, 2).tolist()]
        for _ in range(5):
            usual = int(habit[tuple(words[-3:])])
            words.append(usual if rng.random() < 0.9 else int(rng.integers(4, WORDS)))
        events += words
    parts = [(np.array(events, dtype=np.uint16), 1)]
    counts = [count_ngrams(parts, order, START_WORD) for order in (1, 2, 3, 4)]
    models = estimate(counts, WORDS, START_WORD, (1, 1, 1, 1), (0, 10**6, 10**6, 10**6))
    packed = pack_language_model([(m.keys, m.log_prob, m.log_backoff) for m in models])
    return unpack_language_model(packed)


@st.composite
def _slots(draw: st.DrawFn, most: int = 3) -> Slot:
    size = draw(st.integers(1, most))
    words = st.lists(st.integers(1, WORDS - 1), min_size=size, max_size=size)
    # One candidate in three reads the token as two words.
    second = st.sampled_from([-1, -1, *range(4, 8)])
    return Slot(
        np.array(draw(words), dtype=np.int32),
        np.array(draw(st.lists(second, min_size=size, max_size=size)), dtype=np.int32),
        np.array(
            draw(st.lists(st.integers(0, PATTERNS - 1), min_size=size, max_size=size)),
            dtype=np.int8,
        ),
        np.array(
            draw(st.lists(st.floats(-9, 0, width=32), min_size=size, max_size=size)),
            dtype=np.float32,
        ),
    )


@st.composite
def _sentences(draw: st.DrawFn) -> Sentence:
    slots = draw(st.lists(_slots(), min_size=1, max_size=5))
    breaks = draw(st.lists(st.booleans(), min_size=len(slots), max_size=len(slots)))
    joins = {position: draw(_slots(2)) for position in range(1, len(slots)) if draw(st.booleans())}
    return Sentence(tuple(slots), tuple(breaks), joins)


_weights = st.builds(
    Weights,
    language_model=st.sampled_from([0.0, 0.7, 1.0, 1.6]),
    case=st.sampled_from([0.0, 0.5, 1.0]),
    word_bonus=st.sampled_from([0.0, 0.4, 2.0]),
)


@given(st.lists(_sentences(), min_size=1, max_size=3), _weights)
@settings(max_examples=60)
def test_a_wide_beam_equals_trying_all_paths(sentences: list[Sentence], weights: Weights) -> None:
    found = decode(sentences, _lexicon(), _model(), weights, WIDE)
    for sentence, path in zip(sentences, found, strict=True):
        scores = {
            choices: path_score(sentence, choices, _lexicon(), _model(), weights)
            for choices in all_paths(sentence)
        }
        assert path.choices in scores
        assert path.log_prob == pytest.approx(max(scores.values()), abs=2e-3)
        # Two paths may be equally good; then either may be found.
        assert scores[path.choices] == pytest.approx(max(scores.values()), abs=2e-3)


def _open_sentence(rng: np.random.Generator, size: int) -> Sentence:
    """Tokens that could be three words each, as far as the channel can tell."""
    none, lower = np.full(3, -1, dtype=np.int32), np.zeros(3, dtype=np.int8)
    local = np.zeros(3, dtype=np.float32)
    slots = tuple(
        Slot(rng.choice(np.arange(4, WORDS), 3).astype(np.int32), none, lower, local)
        for _ in range(size)
    )
    return Sentence(slots, (False,) * size)


def test_words_far_apart_decide_together() -> None:
    # Hypotheses may only be merged when the words that the model still sees are the same.
    rng, weights = np.random.default_rng(8), Weights(1.0, 0.0, 0.0)
    sentences = [_open_sentence(rng, 5) for _ in range(10)]
    found = decode(sentences, _lexicon(), _model(), weights, WIDE)
    for sentence, path in zip(sentences, found, strict=True):
        best = max(
            path_score(sentence, choices, _lexicon(), _model(), weights)
            for choices in all_paths(sentence)
        )
        assert path.log_prob == pytest.approx(best, abs=2e-3)


@given(st.lists(_sentences(), min_size=1, max_size=4), _weights, st.sampled_from([1, 3, WIDE]))
@settings(max_examples=40)
def test_sentences_decoded_together_come_out_as_alone(
    sentences: list[Sentence], weights: Weights, width: int
) -> None:
    together = decode(sentences, _lexicon(), _model(), weights, width)
    for sentence, path in zip(sentences, together, strict=True):
        (alone,) = decode([sentence], _lexicon(), _model(), weights, width)
        assert path.log_prob == pytest.approx(alone.log_prob, abs=2e-3)


@given(_sentences(), _weights, st.sampled_from([1, 2, 4]))
@settings(max_examples=60)
def test_a_narrow_beam_gives_a_path_with_its_own_score_and_no_better_one(
    sentence: Sentence, weights: Weights, width: int
) -> None:
    (path,) = decode([sentence], _lexicon(), _model(), weights, width)
    (best,) = decode([sentence], _lexicon(), _model(), weights, WIDE)
    own = path_score(sentence, path.choices, _lexicon(), _model(), weights)
    assert path.log_prob == pytest.approx(own, abs=2e-3)
    assert path.log_prob <= best.log_prob + 2e-3


@given(_sentences())
@settings(max_examples=40)
def test_choices_cover_every_token_once(sentence: Sentence) -> None:
    (path,) = decode([sentence], _lexicon(), _model(), Weights(1.0, 0.5, 0.0), 8)
    covered: list[int] = []
    for choice in path.choices:
        covered += [choice.position - 1] * choice.joined + [choice.position]
    assert covered == list(range(len(sentence.slots)))


def test_without_models_the_channel_decides() -> None:
    slot = Slot(
        np.array([4, 5, 6], dtype=np.int32),
        np.full(3, -1, dtype=np.int32),
        np.zeros(3, dtype=np.int8),
        np.array([-3.0, -1.0, -2.0], dtype=np.float32),
    )
    sentence = Sentence((slot, slot), (False, False))
    (path,) = decode([sentence], _lexicon(), _model(), Weights(0.0, 0.0, 0.0), 4)
    assert path.choices == (Choice(0, 1, joined=False), Choice(1, 1, joined=False))
    assert path.log_prob == pytest.approx(-2.0)


def test_a_sentence_without_tokens_has_an_empty_path() -> None:
    empty = Sentence((), ())
    (path,) = decode([empty], _lexicon(), _model(), Weights(1.0, 0.5, 0.0), 4)
    assert path.choices == ()
    assert decode([], _lexicon(), _model(), Weights(1.0, 0.5, 0.0), 4) == []
