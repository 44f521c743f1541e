"""Which side of a page is up.

Lines lie level or upright: a profile tells. Up from down: Vietnamese carries far more marks above
its letters than dots below them, so a count of small blobs tells. Where the count says "turned" or
nothing clear, a strip of the page is read both ways and the better reading decides; where that is
not clear either, the page stays as it is.
"""

import math
from dataclasses import dataclass

import numpy as np

from vnrepair.config import ScanConfig
from vnrepair.errors import EngineFailedError, EngineTimeoutError
from vnrepair.scan.ink import Ink, find_ink
from vnrepair.scan.lean import letter_points, measure_lean
from vnrepair.scan.ocr import recognise

__all__ = ["count_marks", "find_quarter_turns"]

_MIN_LETTERS = 60  # about three lines; below that, counts are accidents
_MIN_SHARPNESS_RATIO = 1.6  # real pages lie at 3 and above, either way
_MAX_POINTS = 60_000  # with fewer, chance makes blurred lines nearly as sharp one way as the other
_CLEARLY_UPRIGHT = 2.0  # standard deviations by which marks above outnumber those below
# The same, either way. Of some sixty upright pages, forms with blanks to fill in came lowest, at
# -1.8; three times as many blanks would bring them to -3.
_BEYOND_DOUBT = 5.0
_MIN_READING_RATIO = 1.5  # how much better the other way must read
_TRIAL_SHARE = 0.2  # of the time for a page that one trial reading of a strip may take
_STRIP_LINES = 6.0  # height of the strip that is read, in lines
_LINE_IN_LETTERS = 3.0  # distance of lines in heights of letters


@dataclass(frozen=True, slots=True)
class MarkCount:
    """Small blobs above and below letters."""

    above: int
    below: int

    @property
    def deviations(self) -> float:
        """Standard deviations from an even split; positive on an upright page."""
        return (self.above - self.below) / max(1.0, math.sqrt(self.above + self.below))


def find_quarter_turns(grey: np.ndarray, config: ScanConfig, ink: Ink | None = None) -> int:
    """Clockwise quarter turns that bring a page upright.

    Args:
        grey: Page, uint8, shape (height, width).
        config: Language and time limit for the trial reading, which clear pages do without.
        ink: Blobs of the page, where they are known already.

    Returns:
        0-3; 0 for a page with few letters and where nothing is clear.
    """
    ink = ink or find_ink(grey)
    if ink.n_letters < _MIN_LETTERS:
        return 0
    x, y = letter_points(ink, _MAX_POINTS)
    level, upright = measure_lean(x, y), measure_lean(y, -x)
    if level.sharpness * _MIN_SHARPNESS_RATIO >= upright.sharpness:
        if count_marks(ink).deviations >= _CLEARLY_UPRIGHT:
            return 0
        return 2 if _reads_better(grey, ink, 2, 0, config) else 0
    # Sideways. Marks say which of the two turns it is; where they are few, the reading decides.
    turned = np.ascontiguousarray(np.rot90(grey, -1))
    ink = find_ink(turned)
    deviations = count_marks(ink).deviations
    first, second = (1, 3) if deviations >= 0 else (3, 1)
    if abs(deviations) >= _BEYOND_DOUBT:
        return first
    other = (second - 1) % 4
    own = (first - 1) % 4
    return second if _reads_better(turned, ink, other, own, config) else first


def count_marks(ink: Ink) -> MarkCount:
    """Count the small blobs that stand close above and close below a letter."""
    sizes = np.maximum(ink.boxes[:, 2], ink.boxes[:, 3])
    height = ink.letter_height_px * ink.scale
    small = ~ink.letters & (sizes >= 0.12 * height) & (sizes < 0.75 * height)
    small &= ink.boxes[:, 4] >= 0.015 * height**2
    left, top, width, tall, _ = ink.boxes[small].T
    x = left + width // 2
    is_letter = np.concatenate(([False], ink.letters))
    rows = ink.labels.shape[0]
    letter_above = np.zeros(len(x), dtype=bool)
    letter_below = np.zeros(len(x), dtype=bool)
    for step in range(1, max(2, int(0.45 * height)) + 1):
        letter_above |= is_letter[ink.labels[np.maximum(top - step, 0), x]]
        letter_below |= is_letter[ink.labels[np.minimum(top + tall - 1 + step, rows - 1), x]]
    return MarkCount(
        above=int((letter_below & ~letter_above).sum()),
        below=int((letter_above & ~letter_below).sum()),
    )


def _reads_better(grey: np.ndarray, ink: Ink, turns: int, than: int, config: ScanConfig) -> bool:
    """Whether a strip of the page reads clearly better after one turn than after another.

    A reading that takes too long or fails tells nothing: the page stays as the marks say.
    """
    strip = _busiest_strip(grey, ink)
    try:
        return _reading(strip, turns, config) > _MIN_READING_RATIO * _reading(strip, than, config)
    except (EngineTimeoutError, EngineFailedError):
        return False


def _busiest_strip(grey: np.ndarray, ink: Ink) -> np.ndarray:
    """Some lines across the page, where most letters are."""
    tall = int(_STRIP_LINES * _LINE_IN_LETTERS * ink.letter_height_px)
    if tall >= grey.shape[0]:
        return grey
    per_row = ink.letter_mask.sum(axis=1, dtype=float)
    window = max(1, int(tall * ink.scale))
    sums = np.convolve(per_row, np.ones(window), mode="valid")
    top = int(np.argmax(sums) / ink.scale)
    return grey[top : top + tall]


def _reading(strip: np.ndarray, turns: int, config: ScanConfig) -> float:
    """How well a strip reads: letters read, each weighted by the square of its confidence."""
    words = recognise(
        np.ascontiguousarray(np.rot90(strip, -turns)),
        config.language,
        page_segmentation=6,  # one block: no search for columns, and no turning on its own
        timeout_s=_TRIAL_SHARE * config.timeout_s,
    )
    return sum(len(word.text) * (word.confidence or 0.0) ** 2 for word in words)
