"""What a pen leaves on a page: signatures, and blanks that were filled in by hand.

In and out: a page, uint8 BGR, shape (height, width, 3), before the damage of the scanner. The
strokes say nothing: they have the run, the width and the ink of handwriting, and no letters, so
that whatever a reader makes of them is wrong.

Source:
    Strokes are splines through a few points: Catmull and Rom 1974, "A class of local interpolating
    splines", Computer Aided Geometric Design.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from vnrepair.learn.damage import Image
from vnrepair.learn.marks import lay_ink

__all__ = ["BLACK_INK", "BLUE_INK", "sign", "write_by_hand"]

BLUE_INK = (150, 52, 30)
BLACK_INK = (48, 40, 40)
"""Colours of pens, BGR."""

_MM_PER_INCH = 25.4
_BALL_PEN_MM = (0.3, 0.5)
_GEL_PEN_MM = (0.4, 0.85)  # what people sign with, pressed down
_STEPS = 20  # points of a curve between two of its knots: no corner is seen at 300 dpi

Points = NDArray[np.float64]


def sign(
    page: Image,
    middle_px: tuple[float, float],
    dpi: int,
    colour: tuple[int, int, int],
    rng: np.random.Generator,
    width_mm: float = 52.0,
) -> Image:
    """Sign a page: some steep loops that get smaller, and a flourish through or below them.

    Args:
        page: BGR page.
        middle_px: Middle of the signature, (x, y); parts outside the page are cut off.
        dpi: Pixels per inch.
        colour: Ink, BGR.
        rng: The run of the pen.
        width_mm: How wide the signature is, about, > 0.
    """
    knots = np.concatenate([_loops(rng), _flourish(rng)])
    knots -= (knots.min(axis=0) + knots.max(axis=0)) / 2
    knots *= width_mm / np.ptp(knots[:, 0]) * dpi / _MM_PER_INCH
    angle = math.radians(rng.uniform(-14, 4))  # signatures rise to the right
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    nib_px = rng.uniform(*_GEL_PEN_MM) * dpi / _MM_PER_INCH
    return _draw(page, [_curve(knots @ turn + middle_px)], nib_px, colour)


def _loops(rng: np.random.Generator) -> Points:
    """Up-strokes and down-strokes, leaning right; the first is the tallest."""
    knots = [(0.0, 0.25)]
    x, height = 0.0, rng.uniform(0.75, 1.0)
    for number in range(int(rng.integers(4, 8))):
        lean = 0.35 * height
        knots.append((x + lean, -height + rng.uniform(-0.08, 0.08)))
        knots.append((x + 0.5 * lean - 0.12, -height * rng.uniform(0.55, 0.8)))
        x += rng.uniform(0.16, 0.34) + (0.2 if number == 0 else 0.0)
        knots.append((x, rng.uniform(0.05, 0.3)))
        height = max(0.18, height * rng.uniform(0.5, 0.95))
    return np.array(knots)


def _flourish(rng: np.random.Generator) -> Points:
    """The last stroke: back below the name and out to the right."""
    end = rng.uniform(1.6, 2.3)
    return np.array(
        [
            (end * 0.8, 0.1),
            (end * 0.5, rng.uniform(0.35, 0.6)),
            (-0.2, rng.uniform(0.3, 0.55)),
            (end * 0.4, rng.uniform(0.1, 0.3)),
            (end + 0.4, rng.uniform(-0.35, 0.1)),
        ]
    )


def write_by_hand(
    page: Image,
    left_px: float,
    baseline_px: float,
    width_px: float,
    dpi: int,
    colour: tuple[int, int, int],
    rng: np.random.Generator,
) -> Image:
    """Fill a blank with what looks like words in a running hand.

    Args:
        page: BGR page.
        left_px: Where the writing begins.
        baseline_px: The line that it stands on, more or less.
        width_px: Room for it, > 0; a narrow blank gets one short word.
        dpi: Pixels per inch; small letters are about 2.2 mm high.
        colour: Ink, BGR.
        rng: The run of the pen.
    """
    height = rng.uniform(1.9, 2.5) * dpi / _MM_PER_INCH
    strokes: list[Points] = []
    # Few answers fill their line.
    x, end = left_px + 0.5 * height, left_px + width_px * rng.uniform(0.5, 0.95)
    while x + 1.5 * height < end:
        letters = min(int(rng.integers(2, 6)), int((end - x) / (0.75 * height)))
        word = _word(max(2, letters), rng) * height
        strokes.append(_curve(word + np.array((x, baseline_px))))
        x += float(np.ptp(word[:, 0])) + height * rng.uniform(0.7, 1.1)
        if rng.random() < 0.7:  # a mark above the word
            top = np.array([(0.0, 0.0), (0.2, -0.18), (0.42, rng.uniform(-0.1, 0.05))]) * height
            place = (x - height * rng.uniform(1.6, 2.2), baseline_px - height * 1.3)
            strokes.append(_curve(top + place))
    nib_px = rng.uniform(*_BALL_PEN_MM) * dpi / _MM_PER_INCH
    return _draw(page, strokes, nib_px, colour) if strokes else page


def _word(letters: int, rng: np.random.Generator) -> Points:
    """Knots of joined letters on a base line of 0, one unit high; some reach up or down."""
    knots = [(0.0, 0.0)]
    x = 0.0
    for _ in range(letters):
        reach = rng.choice([1.0, 1.0, 1.0, 1.9])
        drop = rng.choice([0.0, 0.0, 0.0, 0.8])
        knots.append((x + 0.38, -reach * rng.uniform(0.85, 1.1)))
        knots.append((x + 0.16, -0.5 * reach))
        knots.append((x + 0.36, drop + rng.uniform(-0.08, 0.08)))
        x += rng.uniform(0.6, 1.05)
        knots.append((x, rng.uniform(-0.45, -0.1)))
    return np.array(knots)


def _curve(knots: Points) -> Points:
    """A smooth line through all knots but the doubled ends."""
    padded = np.concatenate([knots[:1], knots, knots[-1:]])
    before, start, end, after = (padded[k : len(padded) - 3 + k] for k in range(4))
    share = np.linspace(0, 1, _STEPS, endpoint=False)[None, :, None]
    before, start, end, after = (part[:, None, :] for part in (before, start, end, after))
    curve = 0.5 * (
        2 * start
        + (end - before) * share
        + (2 * before - 5 * start + 4 * end - after) * share**2
        + (3 * start - before - 3 * end + after) * share**3
    )
    return np.concatenate([curve.reshape(-1, 2), knots[-1:]])


def _draw(page: Image, curves: list[Points], nib_px: float, colour: tuple[int, int, int]) -> Image:
    """Lay the curves on the page: where the pen runs fast, the line is thin and pale."""
    every = np.concatenate(curves)
    room = 2 + round(2 * nib_px)
    corner = np.floor(every.min(axis=0)).astype(int) - room
    size = np.ceil(every.max(axis=0)).astype(int) + room - corner
    mask = np.zeros((int(size[1]), int(size[0])), dtype=np.float32)
    for curve in curves:
        speed = np.hypot(*np.diff(curve, axis=0).T)
        # A blunt relation is enough: half the width at thrice the usual speed.
        slow = 1 / (1 + 0.35 * speed / max(float(np.median(speed)), 1e-6))
        slow = np.convolve(slow, np.full(9, 1 / 9), mode="same")
        sixteenths = np.round((curve - corner) * 16).astype(int)
        for start, end, share in zip(sixteenths, sixteenths[1:], slow, strict=False):
            width = max(1, round(nib_px * (0.45 + 0.75 * float(share))))
            ink = 0.72 + 0.28 * float(share)
            cv2.line(mask, start.tolist(), end.tolist(), ink, width, cv2.LINE_8, 4)
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.6), dtype=np.float32)
    return lay_ink(page, soft, (int(corner[0]), int(corner[1])), colour)
