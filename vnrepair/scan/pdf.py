"""PDF files, page by page: the text that a page brings along, or the page rendered by PDFium.

A page whose text layer is good is read from it and never rendered at full size. That holds for the
layer of a scanner, too, but such a one must be nearly free of words that cannot be. Any other page
comes as an image: a scan at the resolution that it was scanned with, so that no pixel is resampled,
and everything else at `ScanConfig.pdf_dpi`.

PDFium does not heed `/UserUnit`: pages that measure in larger units come as small as their numbers
say, which changes their resolution and not their text.
"""

import contextlib
import math
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from vnrepair.config import ScanConfig
from vnrepair.errors import ImageError
from vnrepair.records import Page
from vnrepair.scan.layer_quality import find_fault, take_census
from vnrepair.scan.layout import lay_out
from vnrepair.scan.page import SourcePage
from vnrepair.scan.pdf_content import PageContent, survey_page
from vnrepair.scan.raster import DPI_RANGE, check_pixels
from vnrepair.scan.text_layer import TextLayer, misses_print, read_text_layer

__all__ = ["count_pages", "read_page"]

_POINTS_PER_INCH = 72
_MIN_DPI = 100  # of a page too large for `pdf_dpi`: below it, marks have too few pixels
_SCAN_DPI = (150, 600)  # what scanners are set to; typed text over a coarser image needs finer ones
_SNAP = 0.01  # A4 in whole points is 595 x 842, a third of a per cent off
_GLANCE_PX = 1200  # longer side of a page rendered to see where its print is; letters have 8 px
_FEW_TOKENS = 8  # the line of a digital signature, not the page's text
_LITTLE_COVER = 0.02  # of the page under images: a logo or a seal holds no text to be missed
_MANY_PATHS = 200  # rules of a table are fewer; letters turned into outlines are more

_pdfium_lock = threading.Lock()  # PDFium may not be called from two threads at once


@dataclass(frozen=True, slots=True)
class _Size:
    """How large a page is rendered.

    Attributes:
        width_px: Columns.
        height_px: Rows.
        dpi: Pixels per inch; None where the page claims what no paper is.
        is_native: These are the pixels of the scan that the page is.
        warnings: What a person should know of it.
    """

    width_px: int
    height_px: int
    dpi: float | None
    is_native: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Whether a text layer is used, and what a person should know of that."""

    is_used: bool
    warnings: tuple[str, ...] = ()


def count_pages(path: Path, config: ScanConfig) -> int:  # noqa: ARG001
    """Pages of a PDF, 1 or more.

    Raises:
        ImageError: The file is broken, encrypted or without pages.
    """
    with _opened(path) as document:
        return len(document)


def read_page(path: Path, number: int, config: ScanConfig) -> SourcePage | Page:
    """Read one page from its text layer, or render it on white.

    Args:
        path: A PDF.
        number: Page to read, counted from 1.
        config: Resolution, limits, and what text layers are good for.

    Returns:
        The finished page where its text layer is used, else its image: grey where the page is one
        image without colour, else BGR.

    Raises:
        ImageError: The page is broken, holds an image with more than `config.max_pixels`, or is too
            large to be rendered within these at 100 dpi.
    """
    with _opened(path, number) as document:
        page = document[number - 1]
        content = survey_page(page)
        for image in content.images:
            check_pixels(path, number, (image.width_px, image.height_px), config)
        size = _plan_size(page, content, config)
        check_pixels(path, number, (size.width_px, size.height_px), config)
        warnings = size.warnings
        if config.text_layer != "ignore":
            layer = read_text_layer(page, (size.width_px, size.height_px))
            verdict = _judge(layer, page, content, config)
            if verdict.is_used:
                return _page_of_layer(layer, number, size)
            warnings += verdict.warnings
        pixels = _render(
            page, (size.width_px, size.height_px), grey=content.is_grey, smooth=not size.is_native
        )
    bilevel = content.is_grey and bool(np.isin(pixels, (0, 255)).all())
    return SourcePage(number, pixels, size.dpi, bilevel, warnings=warnings)


def _plan_size(page: pdfium.PdfPage, content: PageContent, config: ScanConfig) -> _Size:
    """The size that keeps a scan's own pixels, or that `pdf_dpi` asks for, within the limits."""
    width_pt, height_pt = page.get_size()
    scale = config.pdf_dpi / _POINTS_PER_INCH
    native = content.scan_scale
    low, high = _SCAN_DPI
    if native and (not content.n_texts or low <= native * _POINTS_PER_INCH <= high):
        scale = native
    warnings: tuple[str, ...] = ()
    excess = width_pt * scale * height_pt * scale / config.max_pixels
    if excess > 1 and scale / math.sqrt(excess) * _POINTS_PER_INCH >= _MIN_DPI:
        # One pixel less a side, as rounding must not bring it over the limit again.
        asked, scale = scale, scale / math.sqrt(excess) - 1 / min(width_pt, height_pt)
        warnings = (
            f"rendered at {scale * _POINTS_PER_INCH:.0f} dpi instead of "
            f"{asked * _POINTS_PER_INCH:.0f}, as it is {width_pt / _POINTS_PER_INCH:.0f} x "
            f"{height_pt / _POINTS_PER_INCH:.0f} inches large",
        )
    dpi = scale * _POINTS_PER_INCH
    low, high = DPI_RANGE
    is_native = scale == native
    width_px, height_px = round(width_pt * scale), round(height_pt * scale)
    if is_native:
        width_px, height_px = _snap((width_px, height_px), content.scan_size_px)
    return _Size(
        width_px, height_px, round(dpi, 2) if low <= dpi <= high else None, is_native, warnings
    )


def _snap(size_px: tuple[int, int], scan_px: tuple[int, int] | None) -> tuple[int, int]:
    """The size of the scan itself, where paper sizes in whole points differ from it by a little."""
    for target in (scan_px, scan_px and scan_px[::-1]):  # the page may be turned
        if target and all(
            abs(side - wanted) <= _SNAP * wanted + 1
            for side, wanted in zip(size_px, target, strict=True)
        ):
            return target
    return size_px


def _judge(
    layer: TextLayer, page: pdfium.PdfPage, content: PageContent, config: ScanConfig
) -> _Verdict:
    """Whether a page is read from its layer.

    A few words over a scan, such as the line that a digital signature adds, are no text layer, and
    neither is a typed header over a scanned body: nobody needs to be told.
    """
    if not layer.words or config.text_layer == "keep":
        return _Verdict(is_used=bool(layer.words))
    census = take_census(word.text for word in layer.words)
    if content.is_scan and census.latin < _FEW_TOKENS:
        return _Verdict(is_used=False)
    fault = find_fault(census, is_scan=content.is_scan)
    if fault is not None:
        return _Verdict(False, (f"its text layer was not used: {fault}",))
    if sum(image.cover for image in content.images) < _LITTLE_COVER and (
        content.n_paths < _MANY_PATHS
    ):
        return _Verdict(is_used=True)
    factor = _GLANCE_PX / max(layer.width_px, layer.height_px)
    size = (max(1, round(layer.width_px * factor)), max(1, round(layer.height_px * factor)))
    return _Verdict(is_used=not misses_print(layer, _render(page, size, grey=True)))


def _page_of_layer(layer: TextLayer, number: int, size: _Size) -> Page:
    words, blocks = lay_out(layer.words, *layer.upright_size_px)
    return Page(
        number=number,
        width_px=size.width_px,
        height_px=size.height_px,
        dpi=size.dpi,
        words=layer.on_page(words),
        blocks=layer.on_page(blocks),
        rotation_deg=90 * layer.quarter_turns,
        warnings=size.warnings,
        origin="text-layer",
    )


def _render(
    page: pdfium.PdfPage, size_px: tuple[int, int], *, grey: bool, smooth: bool = True
) -> np.ndarray:
    """The page at exactly this size.

    Args:
        page: An open page.
        size_px: Width and height.
        grey: One channel instead of blue, green and red.
        smooth: Interpolate images. A scan at its own size needs none, and a bilevel one, whose page
            may be a fraction of a pixel larger than it, stays bilevel without.
    """
    kind = pdfium_c.FPDFBitmap_Gray if grey else pdfium_c.FPDFBitmap_BGR
    flags = pdfium_c.FPDF_ANNOT | (0 if smooth else pdfium_c.FPDF_RENDER_NO_SMOOTHIMAGE)
    bitmap = pdfium.PdfBitmap.new_native(*size_px, kind)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, *size_px)
        pdfium_c.FPDF_RenderPageBitmap(bitmap, page, 0, 0, *size_px, 0, flags)
        pixels = bitmap.to_numpy()
        # A copy: the pixels belong to PDFium and go with the bitmap.
        return np.array(pixels.reshape(pixels.shape[:2]) if grey else pixels, order="C")
    finally:
        bitmap.close()


@contextlib.contextmanager
def _opened(path: Path, page: int | None = None) -> Iterator[pdfium.PdfDocument]:
    """The document, for one thread at a time; what goes wrong inside becomes an ImageError."""
    place = f"{path}, page {page}" if page else f"{path}"
    with _pdfium_lock:
        try:
            document = pdfium.PdfDocument(path)
            try:
                yield document
            finally:
                document.close()
        except pdfium.PdfiumError as error:
            if page is None and _loads(path):
                raise ImageError(f"{path} is a PDF without pages: export it again") from error
            if "password" in str(error).lower() or "security" in str(error).lower():
                raise ImageError(
                    f"{place}: the PDF is encrypted; remove its password, for example with "
                    "`qpdf --decrypt --password=... in.pdf out.pdf`"
                ) from error
            raise ImageError(
                f"{place}: the PDF is broken or truncated ({error}); export or copy it again"
            ) from error
        except OSError as error:
            raise ImageError(f"{place}: cannot be read ({error})") from error
        except MemoryError as error:
            raise ImageError(f"{place}: too large for the memory; lower scan.pdf_dpi") from error


def _loads(path: Path) -> bool:
    """Whether PDFium itself takes a file that pypdfium2 refused: then it lacks pages.

    The reason that pypdfium2 gives for such a file is that of the failure before, of another file.
    """
    document = pdfium_c.FPDF_LoadDocument(os.fsencode(path) + b"\0", None)
    if not document:
        return False
    pdfium_c.FPDF_CloseDocument(document)
    return True
