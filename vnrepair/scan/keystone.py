"""Lines of text that converge, as on a photograph in which the sheet fills the picture.

Where no side of the sheet is in sight, its lines still tell how it lies: level lines that lean more
and more from the top of the page to its foot meet in one point beside it. Moving that point to
infinity makes the lines parallel again; their common lean is left to the deskew.
"""

import itertools
import math

import numpy as np

from vnrepair.scan.ink import Ink
from vnrepair.scan.lean import letter_points, measure_lean

__all__ = ["find_convergence", "parallel"]

_N_BANDS = 7  # each some lines high, so that its lean is measured to a tenth of a degree
_MIN_BANDS = 4  # with text; a line through three leans may be chance
_MIN_LETTERS = 250  # of a page: seven bands of a line or more
_MIN_BAND_SHARE = 0.05  # of the letters, for the lean of a band to be worth something
_MAX_BAND_DEG = 6.0  # lean of a band against the page's; photographs stay below 4
_OFF_BASE_DEG = 0.2  # by which bands may be cut askew and still hold whole lines
_MIN_SPREAD_DEG = (
    1.2  # between first and last band; flat scans stay below 0.6, and that much reads well
)
_MAX_MISFIT_DEG = 0.35  # of a band; one band may be a photograph or a stamp, and is left out
_MAX_MISFIT = 0.12  # of the spread: slopes of steep lines change faster than their leans
_MAX_NARROWING = 0.35  # of the page: more is no photograph that could be read


def find_convergence(ink: Ink) -> float:
    """How fast the slope of text lines changes down the page.

    Args:
        ink: Blobs of a page whose lines lie about level.

    Returns:
        Change of the slope of lines per pixel row of the page; positive where lines meet on the
        left. 0.0 where lines are parallel, and where nothing is clear.
    """
    if ink.n_letters < _MIN_LETTERS:
        return 0.0
    x, y = letter_points(ink)
    height, width = ink.labels.shape
    x, y = x - width / 2, y - height / 2
    base_deg = measure_lean(x, y).degrees
    middles, leans = _band_leans(x, y, base_deg)
    if len(leans) and abs(float(np.median(leans)) - base_deg) > _OFF_BASE_DEG:
        # One band has the sharpest lines, and the page was cut into bands by its lean.
        middles, leans = _band_leans(x, y, float(np.median(leans)))
    return _change_of_slope(middles, leans) * ink.scale


def _band_leans(x: np.ndarray, y: np.ndarray, base_deg: float) -> tuple[np.ndarray, np.ndarray]:
    """The lean of text in bands across the page that lean by a given angle.

    Returns:
        Where each band with enough text crosses the middle of the page, in rows, and its lean in
        degrees.
    """
    base = math.radians(base_deg)
    level_x = x * math.cos(base) - y * math.sin(base)
    level_y = x * math.sin(base) + y * math.cos(base)
    rows = level_y / math.cos(base)
    edges = np.linspace(rows.min(), rows.max() + 1, _N_BANDS + 1)
    middles, leans = [], []
    for top, bottom in itertools.pairwise(edges):
        chosen = (rows >= top) & (rows < bottom)
        if chosen.sum() >= _MIN_BAND_SHARE * len(x):
            lean = measure_lean(level_x[chosen], level_y[chosen], _MAX_BAND_DEG)
            middles.append(float(np.mean(rows[chosen])))
            leans.append(base_deg + lean.degrees)
    return np.array(middles), np.array(leans)


def _change_of_slope(middles: np.ndarray, leans: np.ndarray) -> float:
    """Slope of a straight line through the leans of bands, 0.0 where they lie on none.

    Source:
        Sen 1968, "Estimates of the regression coefficient based on Kendall's tau", JASA 63: the
        median of the slopes between pairs.
    """
    if len(middles) < _MIN_BANDS:
        return 0.0
    first, second = np.triu_indices(len(middles), 1)
    change = float(np.median((leans[second] - leans[first]) / (middles[second] - middles[first])))
    misfits = np.abs(leans - change * middles - np.median(leans - change * middles))
    spread = abs(change) * float(np.ptp(middles))
    on_line = misfits <= max(_MAX_MISFIT_DEG, _MAX_MISFIT * spread)
    if spread < _MIN_SPREAD_DEG or on_line.sum() < max(_MIN_BANDS, len(middles) - 1):
        return 0.0
    middles, leans = middles[on_line], leans[on_line]
    slopes = -np.tan(np.radians(leans))  # rows are counted downwards, leans upwards
    return float(np.polyfit(middles, slopes, 1)[0])


def parallel(change: float, width_px: int, height_px: int) -> np.ndarray | None:
    """The map after which lines that converge are parallel; the middle of the page stays.

    Args:
        change: Of the slope of lines per pixel row, as `find_convergence` gives it.
        width_px: Width of the page.
        height_px: Height of the page.

    Returns:
        3 x 3 projective map; None where there is nothing to do, and where it would have to stretch
        the page beyond reason.
    """
    if change == 0.0 or abs(change) * width_px / 2 > _MAX_NARROWING:
        return None
    # A line of slope s + change * v through (0, v) meets all others in (-1 / change, -s / change),
    # which the third row sends to infinity.
    middle = np.array([[1, 0, -width_px / 2], [0, 1, -height_px / 2], [0, 0, 1]])
    bend = np.array([[1.0, 0, 0], [0, 1, 0], [change, 0, 1]])
    forward: np.ndarray = np.linalg.inv(middle) @ bend @ middle
    return forward
