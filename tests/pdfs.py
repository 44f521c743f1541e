"""PDF files for tests, written with PDFium itself: typed pages, scans, scans with hidden text."""

import ctypes
import functools
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from vnrepair.learn.fonts import Face, find_families

A4 = (595.0, 842.0)
"""Width and height of a page, points."""


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text: what it says, where its base line begins (points from the top left)."""

    text: str
    left: float
    top: float
    size: float = 13
    hidden: bool = False
    codes: tuple[int, ...] = ()  # glyph numbers instead of letters


@dataclass(frozen=True, slots=True)
class Picture:
    """An image, and the box it is drawn in (points from the top left); None for the whole page."""

    pixels: np.ndarray
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class PdfPage:
    """What stands on a page, in the order of drawing."""

    items: Sequence[Text | Picture] = ()
    size: tuple[float, float] = A4
    rotation: int = 0
    crop: tuple[float, float, float, float] | None = None


def paragraph(lines: Iterable[str], *, top: float = 120, hidden: bool = False) -> list[Text]:
    """Lines below one another from the left margin."""
    return [Text(line, 70, top + 20 * row, hidden=hidden) for row, line in enumerate(lines)]


def write_pdf(path: Path, pages: Sequence[PdfPage]) -> Path:
    """Write a file with these pages."""
    document = pdfium.PdfDocument.new()
    data = _font_file()
    buffer = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
    font = pdfium_c.FPDFText_LoadFont(
        document, buffer, len(data), pdfium_c.FPDF_FONT_TRUETYPE, True
    )
    for described in pages:
        page = document.new_page(*described.size)
        for item in described.items:
            if isinstance(item, Text):
                made = _text_object(document, font, item, described.size[1])
                pdfium_c.FPDFPage_InsertObject(page, made)
            else:
                page.insert_obj(_image_object(document, item, described.size))
        page.gen_content()
        if described.crop is not None:
            page.set_cropbox(*described.crop)
        page.set_rotation(described.rotation)
        page.close()
    document.save(path)
    document.close()
    return path


@functools.cache
def _font_file() -> bytes:
    (tinos,) = (family for family in find_families() if family.name == "Tinos")
    return Path(tinos.file(Face.REGULAR)).read_bytes()


def _text_object(document: pdfium.PdfDocument, font: Any, text: Text, height: float) -> Any:
    made = pdfium_c.FPDFPageObj_CreateTextObj(document, font, text.size)
    if text.codes:
        codes = (ctypes.c_uint32 * len(text.codes))(*text.codes)
        pdfium_c.FPDFText_SetCharcodes(made, codes, len(text.codes))
    else:
        wide = unicodedata.normalize("NFC", text.text).encode("utf-16-le") + b"\0\0"
        units = (ctypes.c_ushort * (len(wide) // 2)).from_buffer_copy(wide)
        pdfium_c.FPDFText_SetText(made, units)
    if text.hidden:
        mode = pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE
        pdfium_c.FPDFTextObj_SetTextRenderMode(made, mode)
    pdfium_c.FPDFPageObj_Transform(made, 1, 0, 0, 1, text.left, height - text.top)
    return made


def _image_object(
    document: pdfium.PdfDocument, picture: Picture, size: tuple[float, float]
) -> pdfium.PdfImage:
    pixels = np.ascontiguousarray(picture.pixels)
    bitmap = pdfium.PdfBitmap.new_native(
        pixels.shape[1],
        pixels.shape[0],
        pdfium_c.FPDFBitmap_Gray if pixels.ndim == 2 else pdfium_c.FPDFBitmap_BGR,
    )
    bitmap.to_numpy().reshape(pixels.shape)[:] = pixels
    image = pdfium.PdfImage.new(document)
    image.set_bitmap(bitmap)
    left, top, right, bottom = picture.box or (0, 0, *size)
    image.set_matrix(
        pdfium.PdfMatrix().scale(right - left, bottom - top).translate(left, size[1] - bottom)
    )
    return image
