"""The page images that flow through the scan stage, and the way back to the source's pixels."""

import dataclasses
from dataclasses import dataclass, field
from typing import cast

import cv2
import numpy as np

from vnrepair.records import Box
from vnrepair.scan.ink import Ink, find_ink

__all__ = ["PageImage", "SourcePage", "as_grey", "identity", "rotation", "scaling", "turn"]


def as_grey(image: np.ndarray) -> np.ndarray:
    """The luminance of an image, uint8, grey or BGR; a grey one as it is."""
    if image.ndim == 2:
        return image
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def identity() -> np.ndarray:
    """The map that leaves every point where it is."""
    return np.eye(3)


def scaling(factor: float) -> np.ndarray:
    """The map that multiplies both coordinates by a factor."""
    return np.diag([factor, factor, 1.0])


def turn(quarter_turns: int, width_px: int, height_px: int) -> np.ndarray:
    """The map of a page that is turned clockwise by quarters.

    Args:
        quarter_turns: 0-3.
        width_px: Width before the turn.
        height_px: Height before the turn.
    """
    width, height = float(width_px), float(height_px)
    rows = (
        ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        ((0, -1, height), (1, 0, 0), (0, 0, 1)),
        ((-1, 0, width), (0, -1, height), (0, 0, 1)),
        ((0, 1, 0), (-1, 0, width), (0, 0, 1)),
    )
    return np.array(rows[quarter_turns % 4], dtype=float)


def rotation(degrees: float, width_px: int, height_px: int) -> np.ndarray:
    """The map of a page turned clockwise around its middle, its size kept.

    Args:
        degrees: Clockwise, as seen on the page, whose y axis points down.
        width_px: Width of the page.
        height_px: Height of the page.
    """
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    x, y = width_px / 2, height_px / 2
    return np.array(
        [
            [cosine, -sine, x - cosine * x + sine * y],
            [sine, cosine, y - sine * x - cosine * y],
            [0.0, 0.0, 1.0],
        ]
    )


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One page as the file gives it, turned as its EXIF data says.

    Attributes:
        number: 1-based page number in the file.
        image: uint8, grey (height, width) or BGR (height, width, 3), 0 black to 255 white.
        dpi: Pixels per inch, from top to bottom; None when the file gives none.
        bilevel: Every pixel is black or white.
        pixel_aspect: How many times as wide as tall a pixel is; 0.5 for a fax with 204 pixels per
            inch across and 102 down.
        warnings: What a person should know of how the page came about.
    """

    number: int
    image: np.ndarray
    dpi: float | None
    bilevel: bool
    pixel_aspect: float = 1.0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page on its way through the preprocessing steps.

    Attributes:
        image: uint8, grey or BGR.
        dpi: Pixels per inch; None when unknown.
        bilevel: Every pixel is black or white.
        rotation_deg: Clockwise turn made so far: 0, 90, 180 or 270.
        skew_deg: Lean of the lines taken out so far, degrees, counter-clockwise positive.
        to_source: 3 x 3 projective map from points of `image` to points of the source image, as
            homogeneous coordinates.
        steps: Names of the steps that changed the page.
    """

    image: np.ndarray
    dpi: float | None = None
    bilevel: bool = False
    rotation_deg: int = 0
    skew_deg: float = 0.0
    to_source: np.ndarray = field(default_factory=identity)
    steps: tuple[str, ...] = ()
    _found: dict[str, np.ndarray | Ink] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def grey(self) -> np.ndarray:
        """The luminance of `image`, uint8, shape (height, width); computed once."""
        if "grey" not in self._found:
            self._found["grey"] = as_grey(self.image)
        return cast(np.ndarray, self._found["grey"])

    @property
    def ink(self) -> Ink:
        """What is printed on `image`; found once, for all steps that look at the same pixels."""
        if "ink" not in self._found:
            self._found["ink"] = find_ink(self.grey)
        return cast(Ink, self._found["ink"])

    @property
    def height_px(self) -> int:
        """Rows."""
        return int(self.image.shape[0])

    @property
    def width_px(self) -> int:
        """Columns."""
        return int(self.image.shape[1])

    def moved(self, image: np.ndarray, forward: np.ndarray) -> "PageImage":
        """The page with another image, whose points come from this one's by a projective map.

        Args:
            image: The new pixels.
            forward: 3 x 3 map from points of the old image to points of the new one.
        """
        return dataclasses.replace(
            self, image=image, to_source=self.to_source @ np.linalg.inv(forward)
        )

    def box_in_source(self, box: Box, width_px: int, height_px: int) -> Box:
        """The smallest upright box of the source image around a box of this one.

        Args:
            box: Pixels of `image`.
            width_px: Width of the source image, to which the box is clipped.
            height_px: Height of the source image.
        """
        corners = np.array(
            [
                [box.left, box.right, box.left, box.right],
                [box.top, box.top, box.bottom, box.bottom],
                [1, 1, 1, 1],
            ],
            dtype=float,
        )
        x, y, w = self.to_source @ corners
        x, y = x / w, y / w
        left, right = np.clip([np.floor(x.min() + 1e-6), np.ceil(x.max() - 1e-6)], 0, width_px)
        top, bottom = np.clip([np.floor(y.min() + 1e-6), np.ceil(y.max() - 1e-6)], 0, height_px)
        return Box(int(left), int(top), max(int(right), int(left)), max(int(bottom), int(top)))
