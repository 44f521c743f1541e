"""A page as a telephone sees it: lying on a desk, seen from an angle, in the light of a room.

In: a page, uint8, grey or BGR. Out: a BGR photograph of about as many pixels, the whole sheet in
it, on a desk that is darker than paper. Blur, noise and compression are left to `Damage`.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from vnrepair.learn.damage import Image
from vnrepair.learn.lamp import shine

__all__ = ["photograph"]

_DESKS = ((62, 92, 128), (88, 84, 80), (48, 62, 84), (120, 128, 132), (60, 52, 46))
"""Wood, grey cloth, dark wood, pale laminate, black: mean colours, BGR."""
_WARM = (0.86, 0.95, 1.0)  # a room's lamp, against the white that paper was printed for
_TILT = 0.085
"""How far a corner may be off the rectangle, as a share of the side: about 25 degrees of tilt."""


def photograph(page: Image, rng: np.random.Generator) -> Image:
    """Lay a page on a desk and take its picture from above, at an angle.

    Args:
        page: The sheet, any size.
        rng: The desk, the place of the camera, the light.

    Returns:
        BGR, a tenth larger than the page each way; every corner of the sheet is in the picture.
    """
    sheet = page if page.ndim == 3 else np.repeat(page[..., None], 3, axis=2)
    height, width = sheet.shape[:2]
    size = (round(width * 1.1), round(height * 1.1))
    onto = cv2.getPerspectiveTransform(
        np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32),
        _corners(size, rng),
    )
    picture = _desk(size, rng)
    # The sheet casts a thin shadow on the desk, away from the lamp.
    whole = np.full((height, width), 255, dtype=np.uint8)
    covered = np.asarray(cv2.warpPerspective(whole, onto, size, flags=cv2.INTER_AREA))
    offset = rng.uniform(-1, 1, 2) * width / 160
    moved = cv2.warpAffine(covered, np.array([[1, 0, offset[0]], [0, 1, offset[1]]]), size)
    fallen = cv2.GaussianBlur(moved, (0, 0), width / 140).astype(np.float32) / np.float32(255)
    picture = shine(picture, np.asarray(1 - 0.6 * fallen, np.float32))
    seen = cv2.warpPerspective(sheet, onto, size, flags=cv2.INTER_CUBIC)
    share = cv2.GaussianBlur(covered, (0, 0), 0.8).astype(np.float32)[..., None] / 255
    laid = picture * (1 - share) + seen * share
    return shine(np.asarray(laid * np.array(_WARM), dtype=np.uint8), _room_light(size, rng))


def _corners(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Where the corners of the sheet come to lie, clockwise from the top left."""
    width, height = size
    edge = 0.025
    # The camera stands below the foot of the sheet or beside it: one side is shorter.
    near = rng.uniform(0.3, 1.0, 2) * _TILT
    shrink = np.zeros((4, 2))
    shrink[rng.choice([[0, 1], [3, 2]]), 0] = [near[0], -near[0]]
    shrink[rng.choice([[0, 3], [1, 2]]), 1] = [near[1] * 0.6, -near[1] * 0.6]
    square = np.array([(edge, edge), (1 - edge, edge), (1 - edge, 1 - edge), (edge, 1 - edge)])
    loose = rng.uniform(-0.012, 0.012, (4, 2))
    return np.asarray((square + shrink + loose) * (width, height), dtype=np.float32)


def _desk(size: tuple[int, int], rng: np.random.Generator) -> Image:
    """A desk with some grain, its colour one of a few."""
    width, height = size
    colour = np.array(_DESKS[int(rng.integers(len(_DESKS)))], dtype=np.float32)
    streaks = rng.normal(0, 1, (height // 6 + 1, width // 90 + 2)).astype(np.float32)
    grain = np.asarray(cv2.resize(streaks, size, interpolation=cv2.INTER_CUBIC))
    if rng.random() < 0.5:
        grain = np.asarray(cv2.resize(np.ascontiguousarray(streaks.T), size))
    desk = colour * (1 + 0.07 * grain[..., None])
    return np.asarray(desk.clip(0, 255), dtype=np.uint8)


def _room_light(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Brightest somewhere above the sheet, falling off to the far corner; darker at the edges."""
    x, y = np.meshgrid(
        np.linspace(0, 1, size[0] // 8, dtype=np.float32),
        np.linspace(0, 1, size[1] // 8, dtype=np.float32),
    )
    lamp = rng.uniform(0, 1, 2).astype(np.float32)
    distance = np.hypot(x - lamp[0], y - lamp[1])
    vignette = np.hypot(x - 0.5, y - 0.5) ** 2
    depth = np.float32(rng.uniform(0.3, 0.5))
    return np.asarray((0.97 - depth * distance / 1.2 - 0.15 * vignette).clip(0.2, 1), np.float32)
