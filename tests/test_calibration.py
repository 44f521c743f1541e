"""What the models hold becomes what is true: monotone, inside 0 and 1, told by the page."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.config import PROFILES
from vnrepair.restore.calibration import (
    CALIBRATIONS,
    LEADS,
    PAGE_PRIOR,
    WITNESSED,
    Calibration,
    Outcome,
    calibrate,
    find_calibration,
    log_share_wrong,
)

_profiles = st.sampled_from(sorted(CALIBRATIONS))
_outcomes = st.sampled_from(list(Outcome))
_leads = st.floats(-30, 30) | st.just(float("inf"))


def _calibrate(
    profile: str, tokens: list[tuple[Outcome, float]], trust: float | None = None
) -> list[float]:
    outcome = np.array([token[0] for token in tokens], dtype=np.int8)
    lead = np.array([token[1] for token in tokens], dtype=np.float32)
    calibration = find_calibration(profile, is_witnessed=trust is not None)
    trusts = np.full(len(tokens), trust or 0.0)
    found: list[float] = calibrate(calibration, outcome, lead, trusts).tolist()
    return found


def _all_constants() -> list[Calibration]:
    return [*CALIBRATIONS.values(), *WITNESSED.values()]


def test_every_profile_has_constants_of_the_right_shape() -> None:
    assert {*CALIBRATIONS, "auto"} == set(PROFILES)
    assert set(WITNESSED) <= set(CALIBRATIONS)
    for calibration in _all_constants():
        assert set(calibration.curves) == set(LEADS) == set(Outcome)
        for kind, curve in calibration.curves.items():
            assert len(curve) == len(LEADS[kind])
            assert list(LEADS[kind]) == sorted(set(LEADS[kind]))
        assert 0.0 <= calibration.reach <= 1.0
        assert all(slope >= 0.0 for slope in calibration.trust.values())


@given(_profiles, st.lists(st.tuples(_outcomes, _leads), max_size=50))
def test_probabilities_lie_between_nought_and_one(
    profile: str, tokens: list[tuple[Outcome, float]]
) -> None:
    found = _calibrate(profile, tokens)
    assert len(found) == len(tokens)
    assert all(0.0 < probability < 1.0 for probability in found)


@given(_profiles, _outcomes, st.lists(st.floats(-30, 30), min_size=2, max_size=20))
def test_a_greater_lead_is_never_a_worse_sign(
    profile: str, outcome: Outcome, leads: list[float]
) -> None:
    found = _calibrate(profile, [(outcome, lead) for lead in sorted(leads)])
    assert all(one <= other + 1e-12 for one, other in itertools.pairwise(found))


@given(st.sampled_from(sorted(WITNESSED)), _outcomes, _leads, st.floats(-5, 5), st.floats(0, 5))
def test_what_was_read_more_surely_is_never_less_likely_right(
    profile: str, outcome: Outcome, lead: float, trust: float, more: float
) -> None:
    (less_sure,) = _calibrate(profile, [(outcome, lead)], trust)
    (surer,) = _calibrate(profile, [(outcome, lead)], trust + more)
    assert less_sure <= surer + 1e-12


def test_a_profile_that_nothing_is_known_of_keeps_its_own_constants() -> None:
    assert find_calibration("undiacritised", is_witnessed=True) is CALIBRATIONS["undiacritised"]
    assert find_calibration("tesseract-vie", is_witnessed=False) is CALIBRATIONS["tesseract-vie"]


@pytest.mark.parametrize("profile", sorted(CALIBRATIONS))
def test_on_a_page_in_doubt_every_token_is_worth_less(profile: str) -> None:
    token = (Outcome.CHANGED, 6.0)
    sure = _calibrate(profile, [token] * 200)
    doubtful = _calibrate(profile, [token] * 100 + [(Outcome.CHANGED, 0.0)] * 100)
    assert doubtful[0] < sure[0]


@pytest.mark.parametrize("profile", sorted(CALIBRATIONS))
def test_what_nothing_beat_by_enough_is_no_sure_thing(profile: str) -> None:
    held, kept = _calibrate(profile, [(Outcome.HELD, -2.0), (Outcome.KEPT, 8.0)])
    assert held < 0.5 < 0.95 < kept


def test_the_share_of_a_page_is_drawn_towards_an_average_one() -> None:
    wrong, tokens = PAGE_PRIOR
    assert log_share_wrong(np.empty(0)) == pytest.approx(np.log(wrong / tokens))
    # Even odds: half of 1,000 tokens are expected to be wrong.
    expected = np.log((500 + wrong) / (1000 + tokens))
    assert log_share_wrong(np.zeros(1000)) == pytest.approx(expected)
