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
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CALIBRATIONS",
    "LEADS",
    "PAGE_PRIOR",
    "WITNESSED",
    "Calibration",
    "Outcome",
    "calibrate",
    "find_calibration",
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
        trust: For each outcome what a nat of trust in what was read adds to the log odds, see
            `evidence.Trust`; empty where nothing is known of how surely words were read.
    """

    curves: Mapping[Outcome, tuple[float, ...]]
    page: tuple[float, float, float]
    reach: float
    trust: Mapping[Outcome, float] = field(default_factory=dict)


CALIBRATIONS: Mapping[str, Calibration] = {
    "tesseract-eng": Calibration(
        curves={
            Outcome.KEPT: (-0.27, 0.16, 0.69, 1.5, 2.25, 3.34, 5.43, 6.64),
            Outcome.CHANGED: (-0.77, -0.39, 0.23, 0.94, 1.65, 2.74, 5.02, 5.54),
            Outcome.UNKNOWN: (-1.72, -0.2, 2.25),
            Outcome.HELD: (-3.03, -0.86),
            Outcome.ALONE: (2.17,),
            Outcome.PAIRED: (0.45,),
        },
        page=(0.978, -0.694, -2.627),
        reach=0.93,
    ),
    "tesseract-vie": Calibration(
        curves={
            Outcome.KEPT: (-1.31, -0.1, 1.05, 2.17, 3.08, 4.54, 6.81, 6.81),
            Outcome.CHANGED: (-0.66, -0.04, 0.6, 1.23, 1.87, 3.1, 3.94, 3.94),
            Outcome.UNKNOWN: (-1.71, -0.06, 1.22),
            Outcome.HELD: (-3.07, -0.87),
            Outcome.ALONE: (2.01,),
            Outcome.PAIRED: (0.0,),
        },
        page=(0.881, -2.266, -9.144),
        reach=0.77,
    ),
    "undiacritised": Calibration(
        curves={
            Outcome.KEPT: (-0.95, -0.26, 0.54, 1.38, 2.07, 3.46, 5.53, 8.12),
            Outcome.CHANGED: (-1.08, -0.31, 0.56, 1.55, 2.33, 3.86, 5.7, 7.98),
            Outcome.UNKNOWN: (-1.31, 0.83, 5.03),
            Outcome.HELD: (-3.0, -1.21),
            Outcome.ALONE: (2.64,),
            Outcome.PAIRED: (0.0,),
        },
        page=(0.988, -0.443, -1.766),
        reach=0.86,
    ),
}


WITNESSED: Mapping[str, Calibration] = {
    "tesseract-vie": Calibration(
        curves={
            Outcome.KEPT: (0.57, 0.57, 0.81, 1.78, 2.77, 4.31, 5.56, 7.15),
            Outcome.CHANGED: (0.47, 0.69, 1.0, 1.39, 1.96, 3.17, 3.68, 3.68),
            Outcome.UNKNOWN: (0.91, 2.23, 3.8),
            Outcome.HELD: (-3.71, -0.11),
            Outcome.ALONE: (6.03,),
            Outcome.PAIRED: (0.0,),
        },
        page=(0.911, -0.672, -2.45),
        reach=0.72,
        trust={
            Outcome.KEPT: 0.33,
            Outcome.CHANGED: 0.44,
            Outcome.UNKNOWN: 1.39,
            Outcome.HELD: 0.2,
            Outcome.ALONE: 2.01,
        },
    ),
}
"""The same where the page says how surely its words were read: `fit_calibration --readings`."""


def find_calibration(profile: str, *, is_witnessed: bool) -> Calibration:
    """The constants of a profile.

    Args:
        profile: Its name.
        is_witnessed: Whether the page said how surely the words were read.
    """
    if is_witnessed and profile in WITNESSED:
        return WITNESSED[profile]
    return CALIBRATIONS[profile]


def calibrate(
    calibration: Calibration,
    outcome: NDArray[np.int8],
    lead: NDArray[np.float32],
    trust: FloatArray,
) -> FloatArray:
    """How likely the tokens of a page are right.

    Args:
        calibration: The constants.
        outcome: What became of each token, see `Outcome`; shape (tokens,).
        lead: What is written against the best other candidate, nats, infinite where there is none;
            the same shape.
        trust: In what was read, nats, see `evidence.Trust`; 0.0 where nothing is known; the same
            shape.

    Returns:
        0-1, the same shape.
    """
    log_odds = np.zeros(len(outcome))
    for kind, curve in calibration.curves.items():
        rows = np.flatnonzero(outcome == kind)
        log_odds[rows] = np.interp(lead[rows], LEADS[kind], curve)
        log_odds[rows] += calibration.trust.get(kind, 0.0) * trust[rows]
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
