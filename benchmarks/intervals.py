"""How far a measured share may lie from the true one, as only so many texts were looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Interval", "bootstrap_share"]

RESAMPLES = 2_000
_SEED = 1


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds of a share.

    Attributes:
        low: Lower bound, 0-1.
        high: Upper bound, 0-1.
    """

    low: float
    high: float


def bootstrap_share(
    hits: Sequence[int], totals: Sequence[int], confidence: float = 0.95
) -> Interval | None:
    """Percentile bootstrap interval of `sum(hits) / sum(totals)`.

    Whole texts are drawn again, not words: words of one text are right or wrong together.

    Args:
        hits: What was right, per text.
        totals: What was looked at, per text; same length.
        confidence: Share of the resampled figures that lie inside, above 0 and below 1.

    Returns:
        The interval; None for fewer than two texts, or when nothing was looked at.

    Source:
        Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13; for word error
        rates: Bisani and Ney 2004, "Bootstrap estimates for confidence intervals in ASR performance
        evaluation", ICASSP.
    """
    right, length = np.asarray(hits, dtype=np.int64), np.asarray(totals, dtype=np.int64)
    if len(right) < 2 or not length.all():
        return None
    drawn = np.random.default_rng(_SEED).integers(len(right), size=(RESAMPLES, len(right)))
    shares = right[drawn].sum(axis=1) / length[drawn].sum(axis=1)
    tail = (1 - confidence) / 2
    low, high = np.quantile(shares, [tail, 1 - tail])
    return Interval(float(low), float(high))
