"""What a PDF page is made of: its images, and whether anything stands beside them.

A page of a PDF is looked at before it is rendered: images that are too large to be decoded are
found by their header, and a page that is one scanned image is known as such. The objects inside
form objects count like those of the page; a page of endless objects is looked at in part.
"""

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

__all__ = ["PageContent", "PlacedImage", "survey_page"]

_MAX_OBJECTS = 20_000  # a second's work; scans have a few, a page of a book some hundreds
_MAX_DEPTH = 8  # forms within forms; signing programs nest three deep
_SCAN_COVER = 0.85  # of the page's area under images: scanners leave at most a margin
_WHOLE = 0.98  # of the page's area under one image that is the page
_MAX_LOOKED_AT_PX = 1_000_000_000  # of a larger one, which is refused later, no more is asked
_BITS_OF_GREY = (1, 8)

_Matrix = np.ndarray


@dataclass(frozen=True, slots=True)
class PlacedImage:
    """An image where it stands on a page.

    Attributes:
        width_px: Its columns.
        height_px: Its rows.
        width_pt: How wide it is drawn, points of 1/72 inch.
        height_pt: How tall it is drawn, likewise.
        cover: Share of the page's area under it, 0-1.
        bits_per_pixel: 1 for bilevel, 8 for grey, 24 for colour; 0 when unknown.
    """

    width_px: int
    height_px: int
    width_pt: float
    height_pt: float
    cover: float
    bits_per_pixel: int

    @property
    def scale(self) -> float:
        """Pixels per point, of the finer direction; 0.0 for an image without extent."""
        if not (self.width_pt > 0 and self.height_pt > 0):
            return 0.0
        return max(self.width_px / self.width_pt, self.height_px / self.height_pt)


@dataclass(frozen=True, slots=True)
class PageContent:
    """The parts of a page.

    Attributes:
        images: In the order of drawing.
        n_texts: Text objects that are seen; text without ink, over a scan, is none of these.
        n_paths: Lines, rectangles, and letters that were turned into outlines.
    """

    images: tuple[PlacedImage, ...]
    n_texts: int
    n_paths: int

    @property
    def is_scan(self) -> bool:
        """Whether images lie under the whole page, in one piece or in strips."""
        return sum(image.cover for image in self.images) >= _SCAN_COVER

    @property
    def scan_scale(self) -> float | None:
        """Pixels per point of the finest image of a scan; None for a page that is none."""
        if not self.is_scan:
            return None
        large = max(image.cover for image in self.images)
        # A stamp may be finer than the page that it was put on: it does not count.
        return max(image.scale for image in self.images if image.cover > large / 4) or None

    @property
    def scan_size_px(self) -> tuple[int, int] | None:
        """Columns and rows of the finest image under the whole page, as it is stored; or None."""
        whole = [image for image in self.images if image.cover >= _WHOLE]
        if not whole:
            return None
        finest = max(whole, key=lambda image: image.scale)
        return finest.width_px, finest.height_px

    @property
    def is_grey(self) -> bool:
        """Whether the page is one image without colour and nothing else."""
        alone = len(self.images) == 1 and not self.n_texts and not self.n_paths
        return alone and self.images[0].bits_per_pixel in _BITS_OF_GREY


def survey_page(page: pdfium.PdfPage) -> PageContent:
    """Look at the objects of a page; nothing is decoded."""
    frame = _page_frame(page)
    images: list[PlacedImage] = []
    n_texts = n_paths = 0
    for number, (item, matrix) in enumerate(_objects(page)):
        if number == _MAX_OBJECTS:
            break
        kind = pdfium_c.FPDFPageObj_GetType(item)
        if kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            images.append(_place(item, page, matrix, frame))
        elif kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            mode = pdfium_c.FPDFTextObj_GetTextRenderMode(item)
            n_texts += mode != pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE
        elif kind == pdfium_c.FPDF_PAGEOBJ_PATH:
            n_paths += 1
    return PageContent(tuple(images), n_texts, n_paths)


def _objects(page: pdfium.PdfPage) -> Iterator[tuple[Any, _Matrix]]:
    """Every object that draws, with the map from its own units to those of the page."""
    for index in range(pdfium_c.FPDFPage_CountObjects(page)):
        yield from _within(pdfium_c.FPDFPage_GetObject(page, index), np.eye(3), 0)


def _within(item: Any, outer: _Matrix, depth: int) -> Iterator[tuple[Any, _Matrix]]:  # noqa: ANN401 - a pointer
    matrix = outer @ _matrix(item)
    if pdfium_c.FPDFPageObj_GetType(item) != pdfium_c.FPDF_PAGEOBJ_FORM:
        yield item, matrix
    elif depth < _MAX_DEPTH:
        for index in range(pdfium_c.FPDFFormObj_CountObjects(item)):
            yield from _within(pdfium_c.FPDFFormObj_GetObject(item, index), matrix, depth + 1)


def _matrix(item: Any) -> _Matrix:  # noqa: ANN401 - a pointer
    found = pdfium_c.FS_MATRIX()
    if not pdfium_c.FPDFPageObj_GetMatrix(item, ctypes.byref(found)):
        return np.eye(3)
    rows = ((found.a, found.c, found.e), (found.b, found.d, found.f), (0.0, 0.0, 1.0))
    return np.array(rows, dtype=float)


def _place(
    item: Any,  # noqa: ANN401 - a pointer
    page: pdfium.PdfPage,
    matrix: _Matrix,
    frame: tuple[float, float, float, float],
) -> PlacedImage:
    """An image drawn as the unit square under a map."""
    width_px, height_px = ctypes.c_uint(), ctypes.c_uint()
    pdfium_c.FPDFImageObj_GetImagePixelSize(item, ctypes.byref(width_px), ctypes.byref(height_px))
    facts = pdfium_c.FPDF_IMAGEOBJ_METADATA()
    if width_px.value * height_px.value <= _MAX_LOOKED_AT_PX:
        pdfium_c.FPDFImageObj_GetImageMetadata(item, page, ctypes.byref(facts))
    x, y, _ = matrix @ np.array([[0, 1, 0, 1], [0, 0, 1, 1], [1, 1, 1, 1]], dtype=float)
    left, bottom, right, top = frame
    wide = max(0.0, min(right, float(x.max())) - max(left, float(x.min())))
    tall = max(0.0, min(top, float(y.max())) - max(bottom, float(y.min())))
    area = (right - left) * (top - bottom)
    return PlacedImage(
        width_px.value,
        height_px.value,
        math.hypot(matrix[0, 0], matrix[1, 0]),
        math.hypot(matrix[0, 1], matrix[1, 1]),
        wide * tall / area if area > 0 else 0.0,
        int(facts.bits_per_pixel),
    )


def _page_frame(page: pdfium.PdfPage) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of what is shown of the page, in its own units."""
    found = pdfium_c.FS_RECTF()
    pdfium_c.FPDF_GetPageBoundingBox(page, ctypes.byref(found))
    return found.left, found.bottom, found.right, found.top
