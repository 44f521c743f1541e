"""A sheet of paper in a picture: its corners, its true shape, and the map that lays it flat."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Points", "Sheet", "lay_flat"]

Points = NDArray[np.float64]
"""(x, y) of points, or of one, in the last axis."""

_ISO_RATIO = math.sqrt(2)  # A4, A5 and A3 alike
_NEAR_ISO = 0.12  # the ratio of the sides of a tilted sheet is measured to 5 to 10 %
_FOCAL_LENGTH = (0.4, 3.0)  # in longer sides of the picture; telephones have 0.7 to 2.2
_PARALLEL = 1e-4  # product of how much both pairs of sides converge; less is chance


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of paper in a picture.

    Attributes:
        corners: (x, y) of its corners, clockwise from the one at the top left, shape (4, 2), pixels
            of the picture; a corner may lie a little outside of it.
        width_px: Width of the sheet laid flat, at least as long as either of its level sides.
        height_px: Height of the sheet laid flat.
    """

    corners: Points
    width_px: int
    height_px: int

    @property
    def forward(self) -> Points:
        """3 x 3 projective map from the picture to the flat sheet."""
        width, height = self.width_px, self.height_px
        flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
        matrix = cv2.getPerspectiveTransform(self.corners.astype(np.float32), flat)
        return np.asarray(matrix, dtype=np.float64)


def lay_flat(corners: Points, width_px: int, height_px: int) -> Sheet:
    """The sheet with given corners: the ratio of paper, and no side made shorter.

    Args:
        corners: (x, y) of its corners, clockwise from the one at the top left, shape (4, 2).
        width_px: Width of the picture.
        height_px: Height of the picture.
    """
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    wide, tall = max(sides[0], sides[2]), max(sides[1], sides[3])
    ratio = _true_ratio(corners, width_px, height_px)
    for paper in (_ISO_RATIO, 1 / _ISO_RATIO):
        if abs(ratio / paper - 1) < _NEAR_ISO:
            ratio = paper
    if tall < wide * ratio:
        tall = wide * ratio
    else:
        wide = tall / ratio
    return Sheet(corners, round(wide), round(tall))


def _true_ratio(corners: Points, width_px: int, height_px: int) -> float:
    """Height over width of the rectangle that a camera sees as four corners.

    The camera looks at the middle of the picture, with square pixels. Where opposite sides are all
    but parallel, the picture does not tell its focal length, and the sides are taken as they are.

    Source:
        Zhang and He 2007, "Whiteboard scanning and image enhancement", Digital Signal Processing
        17(2), equations 11, 12, 20 and 21.
    """
    centred = corners - (width_px / 2, height_px / 2)
    m1, m2, m4, m3 = np.column_stack(
        [centred, np.ones(4)]
    )  # theirs: top, then bottom, each from left
    k2 = np.cross(m1, m4) @ m3 / (np.cross(m2, m4) @ m3)
    k3 = np.cross(m1, m4) @ m2 / (np.cross(m3, m4) @ m2)
    n2, n3 = k2 * m2 - m1, k3 * m3 - m1
    across, down = np.linalg.norm(n2[:2]), np.linalg.norm(n3[:2])
    plain = float(down / across)
    if abs(n2[2] * n3[2]) < _PARALLEL:
        return plain
    low, high = _FOCAL_LENGTH
    focal_squared = -float(n2[:2] @ n3[:2]) / float(n2[2] * n3[2])
    if not low**2 <= focal_squared / max(width_px, height_px) ** 2 <= high**2:
        return plain
    flat = np.array([1.0, 1.0, focal_squared])
    return math.sqrt(float(n3**2 @ flat) / float(n2**2 @ flat))
