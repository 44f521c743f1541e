"""The packed model answers as the estimated one does, within the width of its steps."""

import itertools
import math

import numpy as np
import pytest

from tests.oracles import Gram, PlainNgrams
from vnrepair.errors import ResourceError
from vnrepair.learn.ngrams import count_ngrams, estimate
from vnrepair.restore.arrays import load_arrays, pack_arrays
from vnrepair.restore.language_model import (
    CODE_WORD,
    NUMBER_WORD,
    SPECIAL_WORDS,
    START_STATE,
    START_WORD,
    UNKNOWN_WORD,
    NgramLanguageModel,
    next_state,
    pack_language_model,
    unpack_language_model,
)
from vnrepair.restore.lexicon import find_dictionaries, load_lexicon
from vnrepair.restore.manifest import load_language_model

WORDS, MIN_RAW = 20, (1, 1, 1, 1)
# Half a step of a probability, and half a step of each of three back-off weights.
TOLERANCE = 0.035 + 3 * 0.02 + 1e-3


def _corpus() -> list[tuple[list[int], int]]:
    rng = np.random.default_rng(11)
    events: list[int] = []
    for _ in range(200):
        words = np.minimum(rng.geometric(0.3, rng.integers(1, 8)) + 3, 14)
        events += [START_WORD, *words.tolist()]
    return [(events, 1)]


def _packed(order: int) -> dict[str, np.ndarray]:
    parts = [(np.array(ids, dtype=np.uint16), weight) for ids, weight in _corpus()]
    counts = [count_ngrams(parts, n, START_WORD) for n in range(1, order + 1)]
    models = estimate(counts, WORDS, START_WORD, MIN_RAW, (0, 10**6, 10**6, 10**6))
    return pack_language_model([(m.keys, m.log_prob, m.log_backoff) for m in models])


@pytest.fixture(scope="module", params=[3, 4])
def model(request: pytest.FixtureRequest) -> NgramLanguageModel:
    return unpack_language_model(_packed(request.param))


def _state(words: Gram) -> np.uint64:
    state = np.array([START_STATE])
    for word in words:
        state = next_state(state, np.array([word]))
    return np.uint64(state[0])


def _contexts() -> list[Gram]:
    pairs = list(itertools.product(range(4, 9), range(4, 9)))
    return [(), (4,), (15,), (15, 16, 17), *pairs, *((a, b, a) for a, b in pairs)]


def test_the_order_is_that_of_the_longest_ngrams(model: NgramLanguageModel) -> None:
    assert model.order == len(model.maps) + 1
    assert {unpack_language_model(_packed(order)).order for order in (3, 4)} == {3, 4}


def test_answers_equal_the_oracle_within_quantisation(model: NgramLanguageModel) -> None:
    oracle = PlainNgrams(_corpus(), model.order, WORDS, START_WORD, MIN_RAW)
    words = np.arange(3, WORDS)
    for context in _contexts():
        # Every context of a text began at the start of a sentence.
        whole = (START_WORD, *context)[-(model.order - 1) :]
        expected = [oracle.log_prob(whole, int(word)) for word in words]
        found = model.log_prob(np.array([[_state(context)]]), words[None, :])[0, 0]
        np.testing.assert_allclose(found, expected, atol=TOLERANCE)


def test_every_context_sums_nearly_to_one(model: NgramLanguageModel) -> None:
    words = np.arange(WORDS)[None, :]
    for context in _contexts():
        mass = np.exp(model.log_prob(np.array([[_state(context)]]), words)).sum()
        assert mass == pytest.approx(1.0, abs=0.1)


def test_many_states_and_words_are_answered_as_one_by_one(model: NgramLanguageModel) -> None:
    states = np.array(
        [[_state(c) for c in _contexts()[:6]], [_state(c) for c in _contexts()[6:12]]]
    )
    words = np.array([[4, 5, 19], [6, 3, 14]])
    together = model.log_prob(states, words)
    assert together.shape == (2, 6, 3)
    assert together.dtype == np.float32
    for row, column, place in np.ndindex(together.shape):
        alone = model.log_prob(states[row, column].reshape(1, 1), words[row, place].reshape(1, 1))
        assert together[row, column, place] == alone[0, 0, 0]


def test_a_state_is_the_last_three_words() -> None:
    assert _state((4, 5, 6, 7)) == _state((9, 5, 6, 7)) != _state((4, 5, 6))
    assert _state(()) == START_STATE


def test_states_and_words_broadcast() -> None:
    states = np.array([[_state((4,))], [_state((5,))]])
    after = next_state(states, np.array([[6, 7]]))
    assert after.tolist() == [[_state((4, 6)), _state((4, 7))], [_state((5, 6)), _state((5, 7))]]


def test_an_unknown_word_has_a_probability_in_every_context(model: NgramLanguageModel) -> None:
    for context in _contexts():
        value = model.log_prob(np.array([[_state(context)]]), np.array([[UNKNOWN_WORD]]))
        assert -20.0 < value[0, 0, 0] < 0.0


def test_a_packed_model_survives_its_file(
    tmp_path_factory: pytest.TempPathFactory, model: NgramLanguageModel
) -> None:
    path = tmp_path_factory.mktemp("model") / "language_model.bin"
    path.write_bytes(pack_arrays(_packed(model.order), {}))
    again = unpack_language_model(load_arrays(path)[0])
    states, words = np.array([[_state((4, 5))]]), np.arange(WORDS)[None, :]
    np.testing.assert_array_equal(again.log_prob(states, words), model.log_prob(states, words))


@pytest.mark.parametrize("name", ["p1", "b1", "f2", "v3", "s4"])
def test_a_model_without_an_array_is_refused(name: str) -> None:
    arrays = _packed(4)
    del arrays[name]
    with pytest.raises(ResourceError, match=name):
        unpack_language_model(arrays)


def test_the_special_words_stand_first() -> None:
    assert (START_WORD, NUMBER_WORD, CODE_WORD, UNKNOWN_WORD) == (0, 1, 2, 3)
    assert len(SPECIAL_WORDS) == 4


@pytest.mark.parametrize(
    ("likely", "unlikely"),
    [
        ("ủy ban nhân dân", "ủy ban nhàn dẫn"),
        ("cộng hòa xã hội chủ nghĩa việt nam", "cộng hòa xả hồi chú nghĩa việt nam"),
        ("luật tổ chức chính quyền địa phương", "luật tổ chúc chính quyến địa phường"),
        ("đề nghị các đơn vị báo cáo", "để nghĩ cac đớn vì bảo cao"),
    ],
)
def test_the_model_that_comes_along_knows_vietnamese(likely: str, unlikely: str) -> None:
    # Sentences, not single odds: any model of Vietnamese prefers the first.
    assert _log_prob(likely) > _log_prob(unlikely) + math.log(100)


def _log_prob(sentence: str) -> float:
    folder = find_dictionaries()
    model, lexicon = load_language_model(folder), load_lexicon(folder)
    state, total = np.array([[START_STATE]]), 0.0
    for word in sentence.split():
        number = np.array([[lexicon.index.get(word, UNKNOWN_WORD)]])
        total += float(model.log_prob(state, number)[0, 0, 0])
        state = next_state(state, number)
    return total
