"""Light that falls on a page unevenly: a gutter, a lamp on one side, the shadow of a hand.

In and out: a page, uint8, grey (height, width) or BGR (height, width, 3). Light is a share of the
full brightness for every pixel, and multiplies the page.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from vnrepair.learn.damage import Image

__all__ = ["shade_gutter", "shade_hand", "shade_side", "shine"]

Light = NDArray[np.float32]
_COARSE = 8
"""Light changes slowly: it is reckoned on every eighth pixel and enlarged."""


def shine(page: Image, light: Light) -> Image:
    """A page under a light of 0-1, shape as the page's or smaller."""
    if light.shape != page.shape[:2]:
        light = np.asarray(cv2.resize(light, page.shape[1::-1], interpolation=cv2.INTER_LINEAR))
    lit = page.astype(np.float32) * (light if page.ndim == 2 else light[..., None])
    return np.asarray(lit.clip(0, 255), dtype=np.uint8)


def shade_gutter(page: Image, rng: np.random.Generator) -> Image:
    """A page of a bound volume: it bends away from the glass at the spine and darkens there."""
    x, _ = _grid(page)
    if rng.random() < 0.5:
        x = 1 - x
    reach, depth = np.float32(rng.uniform(0.10, 0.16)), np.float32(rng.uniform(0.6, 0.75))
    spine = 1 - depth * np.exp(-((x / reach) ** 1.5))
    return shine(page, np.asarray(spine * (1 - 0.06 * x), dtype=np.float32))


def shade_side(page: Image, rng: np.random.Generator) -> Image:
    """A lamp on one side only: the light falls off steadily to well below half."""
    x, y = _grid(page)
    angle = rng.uniform(0, 2 * math.pi)
    across = (x - 0.5) * np.float32(math.cos(angle)) + (y - 0.5) * np.float32(math.sin(angle))
    share = ((across + 0.6) / 1.2).clip(0, 1)
    depth = np.float32(rng.uniform(0.55, 0.7))
    return shine(page, np.asarray(1 - depth * share**1.4, dtype=np.float32))


def shade_hand(page: Image, rng: np.random.Generator) -> Image:
    """The shadow of a hand and a telephone: a dark shape with soft edges from one side."""
    height, width = (max(2, side // _COARSE) for side in page.shape[:2])
    shadow = np.zeros((height, width), dtype=np.float32)
    middle = np.array([rng.uniform(0.45, 0.8) * width, rng.uniform(0.4, 0.7) * height])
    size = width * rng.uniform(0.22, 0.3)
    angle = float(rng.uniform(-25, 25))
    phone = cv2.boxPoints((middle.tolist(), (size, 1.9 * size), angle))
    cv2.fillConvexPoly(shadow, phone.astype(np.int32), 1.0)
    corner = np.array([width * 1.05, height * 1.05])
    cv2.line(
        shadow,
        middle.astype(int).tolist(),
        corner.astype(int).tolist(),
        1.0,
        max(1, round(size * 0.7)),
        cv2.LINE_8,
    )
    for finger in range(4):
        tip = middle + np.array((-0.55, (finger - 1.2) * 0.42)) * size
        cv2.line(
            shadow,
            middle.astype(int).tolist(),
            tip.astype(int).tolist(),
            1.0,
            max(1, round(size * 0.2)),
        )
    # Two lamps: a sharper shadow within a softer one.
    soft = cv2.GaussianBlur(shadow, (0, 0), width / 16)
    sharp = cv2.GaussianBlur(shadow, (0, 0), width / 70)
    depth = rng.uniform(0.5, 0.62)
    return shine(page, (1 - depth * (0.45 * soft + 0.55 * sharp)).astype(np.float32))


def _grid(page: Image) -> tuple[Light, Light]:
    """Shares of the width and of the height, 0-1, on a coarse grid of the page."""
    height, width = (max(2, side // _COARSE) for side in page.shape[:2])
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return x.astype(np.float32), y.astype(np.float32)
