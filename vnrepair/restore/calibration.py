"""From what the models hold to what is true: the probability that a token of the output is right.

A softmax over the candidates of a token is too sure of itself: candidates are missing, the channel
is not the real one, and errors come in company. So what is written is told by its kind of outcome
and by its lead over the best other candidate, and a curve gives the log odds that such a token was
right on rendered pages. Then the page has its say: where many tokens are in doubt, the others are
worse than they look.

The constants are fitted by `python -m benchmarks.fit_calibration`; how well they hold on other
pages is what `python -m benchmarks.calibration` tells.

Source:
    Calibration by a map of the score: Platt 1999, "Probabilistic outputs for support vector
    machines", and Zadrozny and Elkan 2002, "Transforming classifier scores into accurate
    multiclass probability estimates", KDD.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CALIBRATIONS",
    "LEADS",
    "PAGE_PRIOR",
    "Calibration",
    "Outcome",
    "calibrate",
    "log_share_wrong",
]

FloatArray = NDArray[np.float64]


class Outcome(IntEnum):
    """What became of a token; each kind has its own curve."""

    KEPT = 0  # a known word that was read and is written
    CHANGED = 1  # one word for another
    UNKNOWN = 2  # a word of no lexicon, or a code, kept although there were candidates
    HELD = 3  # the best candidate did not beat what was read by the odds that a change needs
    ALONE = 4  # nothing but what was read was thought of
    PAIRED = 5  # two words joined, or one split


LEADS: Mapping[Outcome, tuple[float, ...]] = {
    Outcome.KEPT: (-1.0, 0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0),
    Outcome.CHANGED: (-1.0, 0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0),
    Outcome.UNKNOWN: (0.0, 4.0, 12.0),
    Outcome.HELD: (-6.0, 0.0),
    Outcome.ALONE: (0.0,),
    Outcome.PAIRED: (0.0,),
}
"""Leads, in nats, at which the curves are given; between them they are straight, beyond them
level."""
PAGE_PRIOR = (1.0, 100.0)
"""Wrong tokens, and tokens, that are added to those of a page, so that a few words are no page."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The constants of a profile.

    Attributes:
        curves: For each outcome the log odds of being right at its `LEADS`, nats.
        page: Log odds of a token on its page: first times what the curve gives, plus second times
            the log share of tokens that should be wrong on that page by the curves, plus third.
        reach: Of wrong tokens, the share whose right reading was among the candidates, 0-1.
    """

    curves: Mapping[Outcome, tuple[float, ...]]
    page: tuple[float, float, float]
    reach: float


CALIBRATIONS: Mapping[str, Calibration] = {
    "tesseract-eng": Calibration(
        curves={
            Outcome.KEPT: (-0.71, -0.05, 0.65, 1.46, 2.27, 3.44, 5.41, 6.15),
            Outcome.CHANGED: (-0.72, -0.39, 0.21, 0.97, 1.69, 2.99, 5.15, 5.41),
            Outcome.UNKNOWN: (-1.06, -0.19, 2.41),
            Outcome.HELD: (-2.94, -0.57),
            Outcome.ALONE: (2.5,),
            Outcome.PAIRED: (0.38,),
        },
        page=(0.975, -0.702, -2.679),
        reach=0.92,
    ),
    "tesseract-vie": Calibration(
        curves={
            Outcome.KEPT: (-2.05, -0.9, 0.31, 1.69, 2.94, 4.38, 6.57, 7.19),
            Outcome.CHANGED: (-0.36, 0.41, 1.17, 1.86, 2.54, 3.64, 4.02, 4.02),
            Outcome.UNKNOWN: (-2.01, 0.01, 1.17),
            Outcome.HELD: (-4.3, -1.53),
            Outcome.ALONE: (2.02,),
            Outcome.PAIRED: (0.0,),
        },
        page=(0.9, -2.314, -9.292),
        reach=0.78,
    ),
    "undiacritised": Calibration(
        curves={
            Outcome.KEPT: (-0.97, -0.25, 0.51, 1.33, 2.12, 3.36, 5.57, 8.16),
            Outcome.CHANGED: (-1.19, -0.38, 0.6, 1.59, 2.28, 3.84, 5.76, 8.04),
            Outcome.UNKNOWN: (-0.8, 0.98, 5.07),
            Outcome.HELD: (-3.0, -1.63),
            Outcome.ALONE: (2.64,),
            Outcome.PAIRED: (0.0,),
        },
        page=(0.991, -0.384, -1.541),
        reach=0.86,
    ),
}


def calibrate(profile: str, outcome: NDArray[np.int8], lead: NDArray[np.float32]) -> FloatArray:
    """How likely the tokens of a page are right.

    Args:
        profile: Whose constants to take.
        outcome: What became of each token, see `Outcome`; shape (tokens,).
        lead: What is written against the best other candidate, nats, infinite where there is none;
            the same shape.

    Returns:
        0-1, the same shape.
    """
    calibration = CALIBRATIONS[profile]
    log_odds = np.zeros(len(outcome))
    for kind, curve in calibration.curves.items():
        rows = np.flatnonzero(outcome == kind)
        log_odds[rows] = np.interp(lead[rows], LEADS[kind], curve)
    scale, slope, offset = calibration.page
    log_odds = scale * log_odds + slope * log_share_wrong(log_odds) + offset
    result: FloatArray = 1.0 / (1.0 + np.exp(-log_odds))
    return result


def log_share_wrong(log_odds: FloatArray) -> float:
    """Log of the share of tokens that should be wrong, a few tokens drawn towards an average page.

    Args:
        log_odds: Of being right, nats, for the tokens of a page.
    """
    wrong, tokens = PAGE_PRIOR
    expected = float((1.0 / (1.0 + np.exp(log_odds))).sum())
    return float(np.log((expected + wrong) / (len(log_odds) + tokens)))
