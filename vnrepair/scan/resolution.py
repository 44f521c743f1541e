"""How fine a page is, and square pixels for the steps that follow.

A fax in standard mode has twice as many pixels to the inch across as down; every step and Tesseract
take pixels for square. Where the file says nothing of its resolution, or what cannot be, the size
of the letters tells it well enough for Tesseract, which lays out a page by it.
"""

import dataclasses

import cv2
import numpy as np

from vnrepair.scan.ink import find_ink
from vnrepair.scan.page import PageImage, SourcePage, as_grey

__all__ = ["estimate_dpi", "to_page_image"]

_MAX_ASPECT = 1.15  # a fax in fine mode has 1.04; up to there nothing reads worse
_MIN_LETTERS = 20  # fewer do not tell the size of the text
_DPI_PER_LETTER_PX = 11.0  # letters of 13 points, the size of official documents, have 20 px at 220
_ESTIMATES_DPI = (70, 600)  # Tesseract takes none below; above it lays out pages wrongly
# Resolutions that programs write when they do not know; scanners are set to others.
_DOUBTFUL_DPI = (120.0, 600.0)
_LETTER_PT = (3.5, 14.0)  # heights of letters that text may have: type of 7 to 28 points


def to_page_image(page: SourcePage) -> PageImage:
    """The page as the preprocessing steps take it: pixels square, resolution known if possible.

    Args:
        page: As the file gives it.

    Returns:
        Its very pixels where they are square; else stretched along the coarser axis. A bilevel page
        stays one, its pixels repeated: Tesseract reads that as well as smooth edges. `to_source`
        leads back.
    """
    image = PageImage(page.image, page.dpi, page.bilevel)
    aspect = page.pixel_aspect
    if not 1 / _MAX_ASPECT <= aspect <= _MAX_ASPECT:
        image = _square(image, aspect)
    if image.dpi is None or not _DOUBTFUL_DPI[0] < image.dpi < _DOUBTFUL_DPI[1]:
        image = dataclasses.replace(image, dpi=estimate_dpi(image.image, image.dpi))
    return image


def estimate_dpi(image: np.ndarray, claimed: float | None = None) -> float | None:
    """Resolution of a page by the size of its letters.

    Args:
        image: Page, uint8, grey or BGR.
        claimed: What the file says, pixels per inch; it stands where letters of its text would be
            of a usual size.

    Returns:
        Pixels per inch; `claimed` for a page with hardly any letters.
    """
    ink = find_ink(as_grey(image))
    if ink.n_letters < _MIN_LETTERS:
        return claimed
    if claimed is not None:
        low, high = _LETTER_PT
        if low <= ink.letter_height_px / claimed * 72 <= high:
            return claimed
    low, high = _ESTIMATES_DPI
    return min(max(_DPI_PER_LETTER_PX * ink.letter_height_px, low), high)


def _square(page: PageImage, aspect: float) -> PageImage:
    """The page with its coarser axis stretched: pixels are `aspect` times as wide as tall."""
    across, down = (aspect, 1.0) if aspect > 1 else (1.0, 1 / aspect)
    size = (round(page.width_px * across), round(page.height_px * down))
    method = cv2.INTER_NEAREST if page.bilevel else cv2.INTER_CUBIC
    image = cv2.resize(page.image, size, interpolation=method).astype(np.uint8)
    moved = page.moved(image, np.diag([size[0] / page.width_px, size[1] / page.height_px, 1.0]))
    dpi = None if page.dpi is None else page.dpi * down
    return dataclasses.replace(moved, dpi=dpi)
