"""How text lines lie on a page: their lean, and how sharply they stand out."""

from dataclasses import dataclass

import numpy as np

from vnrepair.scan.ink import Ink

__all__ = ["Lean", "lean_of", "letter_points", "measure_lean", "profile"]

_MIN_LETTERS = 20  # about one line; fewer lie in any direction
_MAX_POINTS = 20_000  # as many as the angle needs; more do not make it any truer
_COARSE_DEG = 0.5  # half of what blurs a profile of letters over the width of a page
_FINE_DEG = 0.05


@dataclass(frozen=True, slots=True)
class Lean:
    """The direction in which ink lies in lines.

    Attributes:
        degrees: Counter-clockwise positive.
        sharpness: How sharply lines stand out, >= 0; comparable between directions of one page.
    """

    degrees: float
    sharpness: float


def lean_of(ink: Ink, limit_deg: float = 15.0) -> float:
    """Angle by which the text lines of a page lean.

    Args:
        ink: Blobs of the page.
        limit_deg: Largest angle looked for, degrees, 0 < limit_deg <= 45.

    Returns:
        Degrees, counter-clockwise positive; 0.0 for a page with hardly any letters.
    """
    if ink.n_letters < _MIN_LETTERS:
        return 0.0
    return measure_lean(*letter_points(ink), limit_deg).degrees


def letter_points(ink: Ink, max_points: int = _MAX_POINTS) -> tuple[np.ndarray, np.ndarray]:
    """Columns and rows of pixels of letters, in pixels of `ink.labels`.

    Args:
        ink: Blobs of the page.
        max_points: Of more pixels, so many are drawn by lot, always the same ones. The fewer they
            are, the less the sharpest direction stands out.
    """
    y, x = np.nonzero(ink.letter_mask)
    if len(x) > max_points:
        chosen = np.random.default_rng(0).choice(len(x), max_points, replace=False)
        x, y = x[chosen], y[chosen]
    return x, y


def profile(x: np.ndarray, y: np.ndarray, degrees: float) -> np.ndarray:
    """Points per pixel row of a page whose lines lean by an angle, from the top down."""
    angle = np.radians(degrees)
    rows = y * np.cos(angle) + x * np.sin(angle)
    counts: np.ndarray = np.bincount((rows - rows.min()).astype(np.intp)).astype(float)
    return counts


def measure_lean(x: np.ndarray, y: np.ndarray, limit_deg: float = 15.0) -> Lean:
    """The lean at which the profile of the points is sharpest.

    Args:
        x: Columns of ink pixels, at least one.
        y: Their rows, counted downwards.
        limit_deg: Largest lean looked for, degrees, 0 < limit_deg <= 45.

    Returns:
        The lean, to a twentieth of a degree.

    Source:
        Postl 1986, "Detection of linear oblique structures and skew scan in digitized documents",
        ICPR: squared differences of neighbouring rows of the projection profile.
    """

    def sharpness(degrees: float) -> float:
        return float(np.square(np.diff(profile(x, y, degrees))).sum()) / len(x) ** 2

    steps = round(limit_deg / _COARSE_DEG)
    # Sorted by size, so that a tie goes to the smaller lean.
    coarse = sorted((step * _COARSE_DEG for step in range(-steps, steps + 1)), key=abs)
    centre = max(coarse, key=sharpness)
    reach = round(_COARSE_DEG / _FINE_DEG)
    fine = sorted((centre + step * _FINE_DEG for step in range(-reach, reach + 1)), key=abs)
    best = max(fine, key=sharpness)
    return Lean(min(max(best, -limit_deg), limit_deg), sharpness(best))
