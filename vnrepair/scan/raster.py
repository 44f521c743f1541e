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
from PIL import ExifTags, Image, ImageOps, TiffImagePlugin, UnidentifiedImageError

from vnrepair.config import ScanConfig
from vnrepair.errors import ImageError
from vnrepair.scan.page import SourcePage

__all__ = ["DPI_RANGE", "check_pixels", "count_pages", "read_page"]

DPI_RANGE = (30, 4800)
"""Pixels per inch; outside, a header is thought to be wrong and the resolution unknown."""

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP")
_MAX_ASPECT = 4.0  # faxes in standard mode have 2.1; beyond, one of two resolutions is wrong
_MAX_FRAMES = 100_000  # of a TIFF, counted one by one: a minute's work on a file made to annoy
_SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that swap width and height
_TIFF_CHUNKS = ((273, 279), (324, 325))  # tags: offsets and byte counts of strips, of tiles

_FAX_ERROR = "Fax"  # how libtiff begins a line about a damaged Group 3 or Group 4 row
_STDERR = 2

_pillow_lock = threading.Lock()
_stderr_lock = threading.Lock()
_quiet_lock = threading.Lock()
_quiet = contextlib.ExitStack()  # holds the filters as they were
_n_quiet = 0  # files that are open


def count_pages(path: Path, config: ScanConfig) -> int:
    """Pages of a TIFF, 1 for other formats, whose further frames are previews and animations.

    A page of a TIFF whose header is broken counts; what is behind it counts where it can be found.

    Raises:
        ImageError: The first header cannot be read, the size of an only page is beyond
            `config.max_pixels`, or there are more than 100,000 pages.
    """
    with _opened(path, 1) as image:
        n_pages = _count_frames(image, path) if image.format == "TIFF" else 1
        if n_pages == 1:
            check_pixels(path, 1, image.size, config)
        return n_pages


def _count_frames(image: Image.Image, path: Path) -> int:
    """Frames of a TIFF up to the last whose header can be found."""
    number, n_broken = 1, 0
    while number <= _MAX_FRAMES:
        try:
            image.seek(number)
            n_broken = 0
        except EOFError:
            break
        except Exception:  # as of `_opened`; it is told again when the page is read
            n_broken += 1
            if n_broken > 1:  # the links themselves are broken, not the page
                break
        number += 1
    else:
        raise ImageError(f"{path} has more than {_MAX_FRAMES:,} pages: split it")
    image.seek(0)
    return number


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
        across, down = _dpi(image)
        _check_tiff_is_whole(image, path)
        _load(image)
        array, bilevel = _to_array(ImageOps.exif_transpose(image))
        if _is_negative(image):
            array = 255 - array
    aspect = down / across if across and down else 1.0
    return SourcePage(number, array, down, bilevel, pixel_aspect=aspect)


def check_pixels(path: Path, page: int, size: tuple[int, int], config: ScanConfig) -> None:
    """Refuse a page that is empty or too large, before it is decoded.

    Raises:
        ImageError: The size, (width, height) in pixels, is not in 1 to `config.max_pixels`.
    """
    width, height = size
    if width < 1 or height < 1:
        raise ImageError(f"{path}, page {page}: it has no pixels; scan or copy it again")
    if width * height > config.max_pixels:
        raise ImageError(
            f"{path}, page {page}: {width:,} x {height:,} pixels, the limit is "
            f"{config.max_pixels:,} in all; scale it down, or raise scan.max_pixels"
        )


@contextlib.contextmanager
def _opened(path: Path, page: int) -> Iterator[Image.Image]:
    """The image at a page, its header read; what goes wrong until it is closed is an ImageError."""
    try:
        # Warnings tell of odd metadata; a page that is not whole raises.
        with _without_warnings(), path.open("rb") as file:
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
def _without_warnings() -> Iterator[None]:
    """No warnings as long as any file is open.

    Their filters belong to the process: two threads that each put back what they found there, one
    after the other, would leave them changed for good.
    """
    global _n_quiet
    with _quiet_lock:
        if _n_quiet == 0:
            _quiet.enter_context(warnings.catch_warnings(action="ignore"))
        _n_quiet += 1
    try:
        yield
    finally:
        with _quiet_lock:
            _n_quiet -= 1
            if _n_quiet == 0:
                _quiet.close()


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


def _is_negative(image: Image.Image) -> bool:
    """Whether 0 stands for white in a TIFF of 16 bits, which Pillow heeds for fewer bits only."""
    if not (isinstance(image, TiffImagePlugin.TiffImageFile) and image.mode.startswith("I")):
        return False
    return bool(image.tag_v2.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0)


def _load(image: Image.Image) -> None:
    """Decode the pixels, and refuse those that libtiff could not decode.

    At a fax code that cannot be, libtiff prints a line on the standard error output, fills the row
    with something and reports success. What it prints is the only sign.
    """
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        image.load()
        return
    # Pillow looks at the size of a TIFF once more when it is decoded.
    if sys.__stderr__ is None:
        with _without_pillow_limit():
            image.load()
        return
    with _captured_stderr() as captured, _without_pillow_limit():
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


def _dpi(image: Image.Image) -> tuple[float | None, float | None]:
    """Pixels per inch across and down, as the page will lie; None where the header tells none."""
    try:
        across, down = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None, None
    low, high = DPI_RANGE
    if not (low <= across <= high and low <= down <= high):
        return None, None
    if not 1 / _MAX_ASPECT <= across / down <= _MAX_ASPECT:
        return None, None
    sideways = image.getexif().get(ExifTags.Base.Orientation) in _SIDEWAYS
    return (down, across) if sideways else (across, down)


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
