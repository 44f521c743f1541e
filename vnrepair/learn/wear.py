"""What use and copying do to a sheet: creases, punch holes, yellow paper, black edges.

In and out: a page, uint8, BGR, or for what the scanner does, grey or BGR; every function gives a
new page.
"""

import cv2
import numpy as np

from vnrepair.learn.damage import Image

__all__ = ["age", "copy_askew", "crease", "halve_rows", "lay_on_glass", "punch"]

_MM_PER_INCH = 25.4
_OLD_PAPER = (168, 214, 232)
"""Acid paper after some decades, BGR."""


def crease(page: Image, rng: np.random.Generator) -> Image:
    """A sheet that was folded in four for an envelope: two creases that cross.

    Along a crease the paper is worn: the ink is gone in places, and what stands up is lit on one
    side and dark on the other.
    """
    for axis in (0, 1):
        page = _crease_across(page, axis, rng)
    return page


def _crease_across(page: Image, axis: int, rng: np.random.Generator) -> Image:
    """One crease: across the page (axis 0) or down it (axis 1)."""
    upright = page if axis == 0 else np.ascontiguousarray(page.transpose(1, 0, 2))
    height, width = upright.shape[:2]
    # Hands fold a sheet in the middle, give or take a finger, and seldom quite straight.
    middle, slope = rng.uniform(0.46, 0.54) * height, rng.uniform(-0.006, 0.006)
    wander = np.cumsum(rng.normal(0, 0.06, width)) + slope * (np.arange(width) - width / 2)
    distance = np.arange(height)[:, None] - middle - wander[None, :]
    distance = distance.astype(np.float32)
    unit = max(height, width) / 2300  # a pixel at 200 dpi
    lit = np.exp(-((distance - 2 * unit) ** 2) / (2 * (2.2 * unit) ** 2))
    dark = np.exp(-((distance + 2 * unit) ** 2) / (2 * (2.8 * unit) ** 2))
    slopes = np.where(distance < 0, np.exp(np.minimum(distance, 0) / (70 * unit)), 0)
    worn = np.exp(-(distance**2) / (2 * (1.3 * unit) ** 2))
    rubbed = rng.random((height // 3 + 1, width // 3 + 1)).astype(np.float32)
    worn *= cv2.resize(rubbed, (width, height)) > 0.45
    paper = 255 - (255 - upright.astype(np.float32)) * (1 - 0.75 * worn[..., None])
    light = 1 + 0.05 * lit - 0.42 * dark - 0.13 * slopes
    folded = (paper * light[..., None]).clip(0, 255).astype(np.uint8)
    return folded if axis == 0 else np.ascontiguousarray(folded.transpose(1, 0, 2))


def punch(page: Image, dpi: int, rng: np.random.Generator) -> Image:
    """Two holes for a binder at the left edge; the lid of the scanner behind them is dark."""
    punched = page.copy()
    height = page.shape[0]
    for side in (-1, 1):
        # ISO 838: holes of 6 mm, 80 mm apart, 12 mm from the edge.
        x = (12 + rng.normal(0, 0.7)) * dpi / _MM_PER_INCH
        y = height / 2 + side * 40 * dpi / _MM_PER_INCH + rng.normal(0, 2)
        radius = 3 * dpi / _MM_PER_INCH
        grey = int(rng.integers(15, 60))
        centre = (round(x), round(y))
        cv2.circle(punched, centre, round(radius), (grey, grey, grey), -1, cv2.LINE_AA)
    return punched


def age(page: Image, rng: np.random.Generator) -> Image:
    """Yellow paper with stains, browner towards its edges; the ink turns brown with it."""
    height, width = page.shape[:2]
    cloudy = np.zeros((height, width), dtype=np.float32)
    for cells, share in ((4, 0.5), (12, 0.3), (40, 0.2)):
        coarse = rng.random((cells * 3 // 2, cells)).astype(np.float32)
        cloud = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        cloudy += np.float32(share) * np.asarray(cloud, dtype=np.float32)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    brown = np.maximum(np.abs(x), np.abs(y)) ** 6 * 0.5 + cloudy * 0.45
    shade = 1 - brown[..., None] * np.array((0.42, 0.24, 0.16), dtype=np.float32)
    ink = page.astype(np.float32) / 255
    ink = 1 - (1 - ink) * 0.86
    return np.asarray((ink * shade * np.array(_OLD_PAPER)).clip(0, 255), dtype=np.uint8)


def lay_on_glass(page: Image, rng: np.random.Generator) -> Image:
    """A scanner's glass larger than the sheet: the white of the lid around it.

    Whatever turns the picture afterwards cuts off lid and no text.
    """
    height, width = page.shape[:2]
    lid = int(rng.integers(244, 253))
    right, below = round(width * 0.12), round(height * 0.05)
    sides = (below, below, right, right)
    laid = cv2.copyMakeBorder(page, *sides, cv2.BORDER_CONSTANT, value=(lid, lid, lid))
    return np.asarray(laid, dtype=np.uint8)


def halve_rows(page: Image, rng: np.random.Generator) -> Image:  # noqa: ARG001
    """A fax in its standard mode: half as many rows as columns to the inch, each row sent twice."""
    height, width = page.shape[:2]
    half = cv2.resize(page, (width, height // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(half, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def copy_askew(page: Image, rng: np.random.Generator) -> Image:
    """A copy of a sheet that lay askew under an open lid: black where the glass was bare.

    The edges of the sheet are a ragged line, as a copier's toner leaves them.
    """
    height, width = page.shape[:2]
    angle, scale = float(rng.uniform(0.3, 1.1) * rng.choice([-1, 1])), 0.965
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
    turn[:, 2] += rng.uniform(-0.012, 0.012, 2) * np.array((width, height))
    whole = np.full((height, width), 255, dtype=np.uint8)
    edge = cv2.GaussianBlur(cv2.warpAffine(whole, turn, (width, height)), (0, 0), width / 1100)
    grain = rng.normal(0, 45, (height // 2 + 1, width // 2 + 1)).astype(np.float32)
    # Where the soft edge is neither paper nor glass, grain decides.
    torn = edge.astype(np.float32) + np.where(
        (edge > 10) & (edge < 245), cv2.resize(grain, (width, height)), 0
    )
    share = cv2.GaussianBlur((torn > 128).astype(np.float32), (0, 0), 0.8)
    black = rng.integers(8, 34, (height, width)).astype(np.float32)
    seen = cv2.warpAffine(page, turn, (width, height), borderValue=(255, 255, 255))
    if page.ndim == 3:
        share, black = share[..., None], black[..., None]
    return np.asarray(seen * share + black * (1 - share), dtype=np.uint8)
