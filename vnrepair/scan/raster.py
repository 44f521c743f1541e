"""Image files, page by page, through Pillow: header first, pixels only after the limits held."""

import contextlib
import os
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, TiffImagePlugin, UnidentifiedImageError

from vnrepair.config import ScanConfig
from vnrepair.errors import ImageError
from vnrepair.scan.page import SourcePage

__all__ = ["check_pixels", "count_pages", "read_page"]

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP")
_DPI_RANGE = (30, 4800)  # outside it, a header is thought to be wrong and the resolution unknown
_TIFF_CHUNKS = ((273, 279), (324, 325))  # tags: offsets and byte counts of strips, of tiles

_FAX_ERROR = "Fax"  # how libtiff begins a line about a damaged Group 3 or Group 4 row
_STDERR = 2

_pillow_lock = threading.Lock()
_stderr_lock = threading.Lock()


def count_pages(path: Path, config: ScanConfig) -> int:
    """Pages of a TIFF, 1 for other formats, whose further frames are previews and animations.

    Raises:
        ImageError: The header cannot be read, or its size is beyond `config.max_pixels`.
    """
    with _opened(path, 1) as image:
        check_pixels(path, 1, image.size, config)
        return int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1


def read_page(path: Path, number: int, config: ScanConfig) -> SourcePage:
    """Decode one page.

    The file is opened anew for each page, because Pillow keeps decoded frames while it is open.

    Args:
        path: An image file.
        number: Page to read, counted from 1.
        config: Limits.

    Raises:
        ImageError: The page is broken, truncated or beyond `config.max_pixels`. Fax compression
            carries no checksum: damage that leaves a valid code goes unnoticed.
    """
    with _opened(path, number) as image:
        check_pixels(path, number, image.size, config)
        if image.mode == "F":
            raise ImageError(
                f"{path}, page {number}: its pixels are floating point numbers, which no page "
                "needs: save it with 8 or 16 bits a channel"
            )
        dpi = _dpi(image)
        _check_tiff_is_whole(image, path)
        _load(image)
        array, bilevel = _to_array(ImageOps.exif_transpose(image))
    return SourcePage(number, array, dpi, bilevel)


def check_pixels(path: Path, page: int, size: tuple[int, int], config: ScanConfig) -> None:
    """Refuse a page that is empty or too large, before it is decoded.

    Raises:
        ImageError: The size, (width, height) in pixels, is not in 1 to `config.max_pixels`.
    """
    width, height = size
    if width < 1 or height < 1:
        raise ImageError(f"{path}, page {page} has no pixels: scan or copy it again")
    if width * height > config.max_pixels:
        raise ImageError(
            f"{path}, page {page} has {width:,} x {height:,} pixels, the limit is "
            f"{config.max_pixels:,} in all: scale it down, or raise scan.max_pixels"
        )


@contextlib.contextmanager
def _opened(path: Path, page: int) -> Iterator[Image.Image]:
    """The image at a page, its header read; what goes wrong until it is closed is an ImageError."""
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")  # about odd metadata; a page that is not whole raises
            with _without_pillow_limit():
                image = Image.open(file, formats=_FORMATS)
                if page > 1:
                    image.seek(page - 1)
            yield image
    except UnidentifiedImageError as error:
        raise ImageError(
            f"{path} is no image that can be read: it is broken, or its name claims what it is "
            "not; scan or copy it again"
        ) from error
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError(f"{path}, page {page}: too large for the memory; scale it down") from error
    except Exception as error:  # decoders of damaged files raise nearly anything
        raise ImageError(
            f"{path}, page {page}: the image is broken or truncated ({error}); scan or copy it "
            "again"
        ) from error


@contextlib.contextmanager
def _without_pillow_limit() -> Iterator[None]:
    """`ScanConfig.max_pixels` rules here, not Pillow's own limit, which is a module global."""
    with _pillow_lock:
        limit = Image.MAX_IMAGE_PIXELS
        Image.MAX_IMAGE_PIXELS = None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _check_tiff_is_whole(image: Image.Image, path: Path) -> None:
    """Refuse a TIFF whose pixels lie beyond its end: libtiff fills them in without a word."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return
    size = path.stat().st_size
    for offsets_tag, counts_tag in _TIFF_CHUNKS:
        offsets = image.tag_v2.get(offsets_tag, ())
        counts = image.tag_v2.get(counts_tag, ())
        if any(start + length > size for start, length in zip(offsets, counts, strict=False)):
            raise ValueError("its pixels go on beyond the end of the file")


def _load(image: Image.Image) -> None:
    """Decode the pixels, and refuse those that libtiff could not decode.

    At a fax code that cannot be, libtiff prints a line on the standard error output, fills the row
    with something and reports success. What it prints is the only sign.
    """
    if not isinstance(image, TiffImagePlugin.TiffImageFile) or sys.__stderr__ is None:
        image.load()
        return
    with _captured_stderr() as captured:
        image.load()
    lines = captured.decode(errors="replace").splitlines(keepends=True)
    faults = [line for line in lines if line.startswith(_FAX_ERROR)]
    if faults:
        raise ValueError(f"{len(faults)} rows cannot be decoded, {faults[0].strip().rstrip('.')}")
    if lines:  # of another thread, or none of our business
        os.write(_STDERR, captured)


@contextlib.contextmanager
def _captured_stderr() -> Iterator[bytearray]:
    """What is written to the file descriptor of stderr, by C code too; there when the block ends.

    Descriptors belong to the process: a line that another thread prints meanwhile is captured too.
    """
    captured = bytearray()
    with _stderr_lock, tempfile.TemporaryFile() as file:
        kept = os.dup(_STDERR)
        os.dup2(file.fileno(), _STDERR)
        try:
            yield captured
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
            file.seek(0)
            captured += file.read()


def _dpi(image: Image.Image) -> float | None:
    """Pixels per inch from the header; None where it gives none or nonsense."""
    try:
        horizontal, vertical = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    low, high = _DPI_RANGE
    return vertical if low <= horizontal <= high and low <= vertical <= high else None


def _to_array(image: Image.Image) -> tuple[np.ndarray, bool]:
    """Pixels as grey or BGR uint8, and whether every one is black or white."""
    if image.mode == "1":
        return np.asarray(image, dtype=np.uint8) * np.uint8(255), True
    if image.mode.startswith("I"):
        return _from_16_bit(np.asarray(image)), False
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, "white")
        image.alpha_composite(layer)
    if image.mode != "L":
        return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1]), False
    grey = np.array(image)
    values = np.flatnonzero(np.bincount(grey.ravel(), minlength=256))
    return grey, bool(np.isin(values, (0, 255)).all())


def _from_16_bit(pixels: np.ndarray) -> np.ndarray:
    """Sixteen bits a pixel brought to eight; 65,535 becomes 255."""
    eight: np.ndarray = (np.clip(pixels, 0, 65_535) // 257).astype(np.uint8)
    return eight
