"""A choice is weighed against the other candidates of its slot, its neighbours fixed."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.restore.decode import Choice, Slot, Weights
from vnrepair.restore.lexicon import LOWER, find_dictionaries, load_lexicon
from vnrepair.restore.manifest import load_language_model
from vnrepair.restore.posterior import Placed, judge, surroundings

FOLDER = find_dictionaries()
LEXICON, MODEL = load_lexicon(FOLDER), load_language_model(FOLDER)
WEIGHTS = Weights(language_model=1.0, case=0.0, word_bonus=0.0)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(LEXICON.index[word] for word in text.split())


def _placed(
    candidates: str, chosen: int, before: str = "", after: str = "", keep: int = 0
) -> Placed:
    words = np.array(_numbers(candidates), dtype=np.int32)
    slot = Slot(
        words,
        np.full(len(words), -1, dtype=np.int32),
        np.full(len(words), LOWER, dtype=np.int8),
        np.zeros(len(words), dtype=np.float32),
    )
    choice = Choice(0, chosen, joined=False)
    return Placed(slot, keep, choice, _numbers(before), _numbers(after))


def test_what_fits_its_neighbours_is_surer_than_what_does_not() -> None:
    right, wrong = judge(
        [
            _placed("dân dẫn dần", 0, "ủy ban nhân", "xã tổ chức", keep=1),
            _placed("dân dẫn dần", 1, "ủy ban nhân", "xã tổ chức", keep=0),
        ],
        LEXICON,
        MODEL,
        WEIGHTS,
    )
    assert right.probability > 0.9 > 0.1 > wrong.probability
    assert right.log_odds > 0 > wrong.log_odds
    assert wrong.runner_up == 0
    assert right.runner_up in (1, 2)


def test_probabilities_of_all_choices_sum_to_one() -> None:
    candidates = "hoạch hoặc hoạt hoài"
    found = judge(
        [_placed(candidates, index, "kế", "phát triển") for index in range(4)],
        LEXICON,
        MODEL,
        WEIGHTS,
    )
    assert sum(item.probability for item in found) == pytest.approx(1.0, abs=1e-5)


def test_words_behind_decide_too() -> None:
    (alone,) = judge([_placed("nhân nhằn", 1)], LEXICON, MODEL, WEIGHTS)
    (followed,) = judge([_placed("nhân nhằn", 1, after="dân")], LEXICON, MODEL, WEIGHTS)
    assert followed.log_odds < alone.log_odds


def test_what_is_kept_has_even_odds_with_itself() -> None:
    (found,) = judge([_placed("dân dẫn", 0)], LEXICON, MODEL, WEIGHTS)
    assert found.log_odds == pytest.approx(0.0)


def test_a_single_candidate_is_certain() -> None:
    (found,) = judge([_placed("dân", 0)], LEXICON, MODEL, WEIGHTS)
    assert (found.probability, found.runner_up, found.log_odds) == (1.0, -1, 0.0)


def test_nothing_chosen_gives_no_judgement() -> None:
    assert judge([], LEXICON, MODEL, WEIGHTS) == []


@given(st.lists(st.lists(st.integers(4, 99), min_size=1, max_size=2), min_size=1, max_size=7))
def test_surroundings_are_the_three_nearest_words_on_each_side(paths: list[list[int]]) -> None:
    for place in range(len(paths)):
        before, after = surroundings(paths, place)
        assert list(before) == list(itertools.chain(*paths[:place]))[-3:]
        assert list(after) == list(itertools.chain(*paths[place + 1 :]))[:3]
