"""A document's own words become a probability that is mixed into the language model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.restore.adapt import MAX_SHARE, DocumentCache, build_cache
from vnrepair.restore.language_model import SPECIAL_WORDS, START_STATE, next_state

WORDS = 12
UNIFORM = -np.log(WORDS)

_sentences = st.lists(
    st.lists(
        st.tuples(st.integers(0, WORDS - 1), st.sampled_from([0.2, 0.95, 1.0])),
        min_size=1,
        max_size=6,
    ).map(lambda pairs: ([word for word, _ in pairs], [sure for _, sure in pairs])),
    max_size=6,
)


def _mixed(cache: DocumentCache, *context: int) -> np.ndarray:
    """P of every word after a context, over a language model that knows nothing."""
    state = np.array([[START_STATE]])
    for word in context:
        state = next_state(state, np.array([[word]]))
    wording = np.full((1, 1, WORDS), UNIFORM, dtype=np.float32)
    mixed: np.ndarray = np.exp(cache.mix(wording, state, np.arange(WORDS)[None, :]))[0, 0]
    return mixed


@given(_sentences)
def test_the_mixture_stays_a_probability(
    sentences: list[tuple[list[int], list[float]]],
) -> None:
    cache = build_cache(sentences, WORDS)
    if cache is not None:
        assert 0.0 < cache.share < MAX_SHARE
        for context in ((), (4,), (5, 6), (3,)):
            assert _mixed(cache, *context).sum() == pytest.approx(1.0, abs=1e-5)


def test_what_the_document_says_becomes_likelier_where_it_said_it() -> None:
    cache = build_cache([([4, 5, 6], [1.0, 1.0, 1.0])] * 5, WORDS)
    assert cache is not None
    after = _mixed(cache, 4)
    assert after.argmax() == 5
    assert after[5] > 1 / WORDS > after[7]
    assert _mixed(cache)[4] > _mixed(cache)[6]


def test_a_longer_document_weighs_more() -> None:
    short, long = (build_cache([([4, 5], [1.0, 1.0])] * times, WORDS) for times in (2, 200))
    assert short is not None
    assert long is not None
    assert short.share < long.share


def test_unsure_words_say_nothing() -> None:
    assert build_cache([([4, 5, 6], [0.3, 0.5, 0.2])], WORDS) is None
    assert build_cache([], WORDS) is None


def test_numbers_and_unknown_words_say_nothing() -> None:
    special = list(range(len(SPECIAL_WORDS)))
    assert build_cache([(special, [1.0] * len(special))], WORDS) is None
