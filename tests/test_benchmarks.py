"""What the benchmarks count with: intervals, stripped texts, models without a part."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.ablation import PARTS, Setup, truncate, without_names
from benchmarks.intervals import bootstrap_share
from benchmarks.registers import TEXTS, VARIANTS, measure_set, read_pieces, strip_half
from tests.strategies import any_text, vietnamese_text
from vnrepair.config import RestoreConfig
from vnrepair.errors import InputError
from vnrepair.language.letters import skeleton
from vnrepair.restore.language_model import START_STATE, NgramLanguageModel, next_state
from vnrepair.restore.lexicon import find_dictionaries
from vnrepair.restore.models import Models, load_models
from vnrepair.restore.restorer import Restorer


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models(find_dictionaries())


def _log_prob(model: NgramLanguageModel, words: list[int]) -> float:
    """Log probability of the last word behind the others, nats."""
    state = np.array([START_STATE])
    for word in words[:-1]:
        state = next_state(state, np.array([word]))
    return float(model.log_prob(state[None, :], np.array([[words[-1]]]))[0, 0, 0])


def test_the_interval_of_texts_that_are_alike_is_a_point() -> None:
    found = bootstrap_share([9, 9, 9], [10, 10, 10])
    assert found is not None
    assert (found.low, found.high) == (0.9, 0.9)


def test_the_interval_of_two_texts_reaches_from_one_to_the_other() -> None:
    # Each is drawn twice with a chance of 1/4, far more often than 1 in 40.
    found = bootstrap_share([0, 10], [10, 10])
    assert found is not None
    assert (found.low, found.high) == (0.0, 1.0)


@pytest.mark.parametrize(("hits", "totals"), [([], []), ([3], [4]), ([3, 0], [4, 0])])
def test_too_few_texts_have_no_interval(hits: list[int], totals: list[int]) -> None:
    assert bootstrap_share(hits, totals) is None


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=2, max_size=30))
def test_the_interval_holds_the_share(counts: list[tuple[int, int]]) -> None:
    totals = [hits + wrong for hits, wrong in counts]
    hits = [hits for hits, _ in counts]
    found = bootstrap_share(hits, totals, confidence=0.9999)
    assert found is not None
    shares = [hit / total for hit, total in zip(hits, totals, strict=True)]
    assert min(shares) - 1e-9 <= found.low <= found.high <= max(shares) + 1e-9


@given(any_text)
def test_stripping_half_of_the_marks_keeps_everything_else(text: str) -> None:
    stripped = strip_half(text)
    assert skeleton(stripped) == skeleton(text)
    assert re.findall(r"\s+", stripped) == re.findall(r"\s+", text)


def test_stripping_half_strips_about_half_and_always_the_same() -> None:
    text = " ".join(["được"] * 1_000)
    stripped = strip_half(text).split()
    assert 400 < stripped.count("duoc") < 600
    assert set(stripped) == {"duoc", "được"}
    assert strip_half(text).split() == stripped


@pytest.mark.parametrize("name", ["business", "everyday", "literature", "official"])
def test_the_own_texts_are_there_and_long_enough(name: str) -> None:
    pieces = read_pieces(TEXTS)[name]
    words = [word for piece in pieces for word in piece.split()]
    assert len(pieces) >= 10
    assert len(words) >= 2_500
    assert sum(skeleton(word) != word for word in words) > 0.6 * len(words)
    assert len(set(pieces)) == len(pieces)


def test_a_folder_without_texts_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no \*\.txt there"):
        read_pieces(tmp_path)


def test_wrong_words_are_counted_with_their_place(models: Models) -> None:
    piece = "Người dân cần biết thủ tục Xyzú."
    restorer = Restorer(RestoreConfig(profile="undiacritised"), models=models)
    result = measure_set("few", [piece, piece], VARIANTS[0], restorer)
    assert result.ours.total == 14
    wrong = {word.expected: word for word in result.wrong}
    assert wrong["Xyzú."].count == 2
    assert wrong["Xyzú."].context == "biết thủ tục Xyzú."
    assert sum(word.count for word in result.wrong) == result.ours.total - result.ours.folded


@given(vietnamese_text)
def test_a_model_of_its_own_order_is_the_model(text: str) -> None:
    models = load_models(find_dictionaries())
    model, index = models.language_model, models.lexicon.index
    words = [index.get(word, 3) for word in text.lower().split()][:6]
    if words:
        assert _log_prob(truncate(model, model.order), words) == _log_prob(model, words)


def test_a_model_of_order_one_knows_no_context(models: Models) -> None:
    model, index = truncate(models.language_model, 1), models.lexicon.index
    alone = float(model.unigram_log_prob[index["dân"]])
    for before in ("nhân", "ăn", "tiếng"):
        assert _log_prob(model, [index[before], index["dân"]]) == pytest.approx(alone)


def test_longer_ngrams_are_forgotten_one_order_at_a_time(models: Models) -> None:
    index = models.lexicon.index
    words = [index[word] for word in ("ủy", "ban", "nhân", "dân")]
    by_order = [_log_prob(truncate(models.language_model, n), words) for n in (1, 2, 3, 4)]
    assert by_order == sorted(by_order)  # a set phrase: each word of context makes it likelier
    assert len(set(by_order)) > 2


def test_a_lexicon_without_names_still_knows_them(models: Models) -> None:
    poorer = without_names(models.lexicon)
    assert poorer.index is models.lexicon.index
    kept, whole = (int((lexicon.word_at >= 0).sum()) for lexicon in (poorer, models.lexicon))
    assert 0 < kept < whole
    assert models.lexicon.index["được"] in poorer.word_at


def test_every_part_changes_something_and_leaves_the_whole_alone(models: Models) -> None:
    setup = Setup(RestoreConfig(), models)
    for part in PARTS:
        changed = part.change(setup)
        if part.name == "everything":
            assert changed is setup
        else:
            assert changed.config != setup.config or changed.models is not setup.models
    assert len({part.name for part in PARTS}) == len(PARTS)
    assert setup.models is models
    assert math.isfinite(models.settings["tesseract-eng"].min_id_odds)
