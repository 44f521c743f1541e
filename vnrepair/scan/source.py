"""Files in, page images out: PNG, JPEG, TIFF, WebP, BMP and PDF.

The type is told from the content, never from the name. Limits are checked on the header, before
anything is decoded, and one page is in memory at a time. A page comes whole or not at all: a
truncated file raises, it never gives a page that is grey from the middle on, and neither does a fax
page with codes that cannot be. A page of a PDF whose text layer is good comes read already.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from vnrepair.config import ScanConfig
from vnrepair.errors import ConfigError, ImageError
from vnrepair.page_ranges import parse_page_ranges, select_pages
from vnrepair.records import Page
from vnrepair.scan import pdf, raster
from vnrepair.scan.page import SourcePage

__all__ = ["FileKind", "Source", "open_source", "tell_kind"]

_HEAD_BYTES = 1024  # a PDF may carry this much before its signature
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_BMP_HEADER_SIZES = tuple(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))
_FOREIGN = (
    (b"GIF8", "a GIF image"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 image"),
    (b"AT&TFORM", "a DjVu document"),
    (b"PK\x03\x04", "an office document (DOCX, ODT) or a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an office document (DOC)"),
    (b"{\\rtf", "an RTF document"),
)
_IMAGE_SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".webp", ".bmp")
)


class FileKind(Enum):
    """What a file is."""

    IMAGE = "image"
    PDF = "PDF"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was checked, whose pages are decoded one by one.

    Attributes:
        path: The file.
        kind: IMAGE or PDF.
        numbers: Of the pages asked for, counted from 1, rising; 1 to `config.max_pages` of them.
        config: Limits, and how the pages of a PDF are read.
    """

    path: Path
    kind: FileKind
    numbers: tuple[int, ...]
    config: ScanConfig

    def __len__(self) -> int:
        """How many pages are asked for."""
        return len(self.numbers)

    def __iter__(self) -> Iterator[SourcePage | Page]:
        """Decode page after page; `ImageError` at the page that cannot be decoded."""
        return map(self.read, self.numbers)

    def read(self, number: int) -> SourcePage | Page:
        """Decode one page.

        Args:
            number: One of `numbers`.

        Returns:
            The page as an image, or with its words where its PDF brings good ones along.

        Raises:
            ImageError: The page cannot be decoded or is beyond a limit; the message begins with the
                file and the page.
        """
        if self.kind is FileKind.PDF:
            return pdf.read_page(self.path, number, self.config)
        return raster.read_page(self.path, number, self.config)


def tell_kind(path: Path) -> FileKind:
    """What a file is, by its first bytes.

    A file that is no image but is named like one, such as an empty `scan.png`, counts as what it
    claims to be, so that opening it says what is wrong.

    Raises:
        ImageError: The file is missing, no regular file, not readable, or a document of a known
            kind that cannot be read here.
    """
    head = _read_head(path)
    if _is_pdf(head):
        return FileKind.PDF
    if _is_image(head):
        return FileKind.IMAGE
    for signature, name in _FOREIGN:
        if head.startswith(signature):
            raise ImageError(
                f"{path} is {name}: save it as PDF, PNG or TIFF (or as text) and pass that"
            )
    if path.suffix.lower() in _IMAGE_SUFFIXES:
        return FileKind.IMAGE
    return FileKind.PDF if path.suffix.lower() == ".pdf" else FileKind.OTHER


def open_source(path: Path, config: ScanConfig) -> Source:
    """Check a file and count its pages.

    Args:
        path: An image or a PDF.
        config: Limits on bytes, pages and pixels, `pdf_dpi`, and the `pages` asked for.

    Raises:
        ConfigError: The file does not have a page that is asked for.
        ImageError: The file is missing, no regular file, unreadable, neither image nor PDF, empty,
            broken, encrypted, or beyond a limit. Pages are not decoded yet: one that turns out
            broken raises when it is reached.
    """
    kind = tell_kind(path)
    size = path.stat().st_size
    if size == 0:
        raise ImageError(f"{path} is empty: scan or copy it again")
    if size > config.max_file_bytes:
        raise ImageError(
            f"{path} has {size:,} bytes, the limit is {config.max_file_bytes:,}: split it, or "
            "raise scan.max_file_bytes"
        )
    if kind is FileKind.OTHER:
        raise ImageError(
            f"{path} is neither an image nor a PDF: pass PNG, JPEG, TIFF, WebP, BMP or PDF here, "
            "and text to `vnrepair restore`"
        )
    n_pages = (pdf if kind is FileKind.PDF else raster).count_pages(path, config)
    numbers = _select_pages(path, n_pages, config)
    if len(numbers) > config.max_pages:
        raise ImageError(
            f"{path} has {len(numbers)} pages, the limit is {config.max_pages}: split it, choose "
            "some of them with scan.pages, or raise scan.max_pages"
        )
    return Source(path, kind, numbers, config)


def _select_pages(path: Path, n_pages: int, config: ScanConfig) -> tuple[int, ...]:
    if config.pages is None:
        return tuple(range(1, n_pages + 1))
    try:
        return select_pages(parse_page_ranges(config.pages), n_pages)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def _is_pdf(head: bytes) -> bool:
    """Whether the signature comes first, or after junk; a text may well mention `%PDF-`."""
    before, signature, _ = head.partition(b"%PDF-")
    if not signature:
        return False
    return not before.removeprefix(codecs.BOM_UTF8).strip() or not _is_text(head)


def _is_text(head: bytes) -> bool:
    """Whether the first bytes of a file are UTF-8 without control characters."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)  # the last letter may be cut
    except UnicodeDecodeError:
        return False
    return not any(char < " " and char not in "\t\n\f\r" for char in text)


def _is_image(head: bytes) -> bool:
    if head.startswith(_SIGNATURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return True
    # "BM" alone may begin a text; the size of the header that follows it may not.
    return head.startswith(b"BM") and head[14:18] in _BMP_HEADER_SIZES


def _read_head(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise ImageError(f"{path}: is a folder: name the files in it, such as {path}/*.png")
        if path.exists() and not path.is_file():
            raise ImageError(f"{path} is no regular file: copy its content into one")
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except FileNotFoundError as error:
        raise ImageError(f"{path}: no such file: check the name") from error
    except PermissionError as error:
        raise ImageError(f"{path} may not be read: change its permissions") from error
    except (OSError, ValueError) as error:
        raise ImageError(f"{path} cannot be read ({error})") from error
