"""PDF files, page by page, rendered by PDFium."""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from vnrepair.config import ScanConfig
from vnrepair.errors import ImageError
from vnrepair.scan.page import SourcePage
from vnrepair.scan.raster import check_pixels

__all__ = ["count_pages", "read_page"]

_POINTS_PER_INCH = 72

_pdfium_lock = threading.Lock()  # PDFium may not be called from two threads at once


def count_pages(path: Path, config: ScanConfig) -> int:  # noqa: ARG001
    """Pages of a PDF, 1 or more.

    Raises:
        ImageError: The file is broken, encrypted or without pages.
    """
    with _opened(path) as document:
        return len(document)


def read_page(path: Path, number: int, config: ScanConfig) -> SourcePage:
    """Render one page at `config.pdf_dpi`, in colour, on white.

    Args:
        path: A PDF.
        number: Page to render, counted from 1.
        config: Resolution and limits.

    Raises:
        ImageError: The page is broken, or its pixels would be beyond `config.max_pixels`.
    """
    scale = config.pdf_dpi / _POINTS_PER_INCH
    with _opened(path, number) as document:
        page = document[number - 1]
        width, height = (round(side * scale) for side in page.get_size())
        check_pixels(path, number, (width, height), config)
        pixels = page.render(scale=scale).to_numpy()
        # A copy: the pixels belong to PDFium and go when the document is closed.
        image = np.array(pixels[:, :, :3], order="C")
    return SourcePage(number, image, float(config.pdf_dpi), bilevel=False)


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


def _loads(path: Path) -> bool:
    """Whether PDFium itself takes a file that pypdfium2 refused: then it lacks pages.

    The reason that pypdfium2 gives for such a file is that of the failure before, of another file.
    """
    document = pdfium_c.FPDF_LoadDocument(os.fsencode(path) + b"\0", None)
    if not document:
        return False
    pdfium_c.FPDF_CloseDocument(document)
    return True
