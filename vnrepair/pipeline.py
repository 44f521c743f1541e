"""The page flow: scan, restore, normalise. The one place where the stages meet.

In: an image, a PDF or a text file, told apart by content. Out: `Page` records as they were read,
or a `Document` with every change of every stage.
"""

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vnrepair.config import DEFAULTS, RepairConfig, RestoreConfig
from vnrepair.document.normalise import normalise_and_explain
from vnrepair.document.textfile import read_text
from vnrepair.errors import EngineFailedError, EngineTimeoutError, ImageError
from vnrepair.records import Document, Page, PageResult, Repaired, apply_edits
from vnrepair.restore.restorer import restore_and_explain
from vnrepair.restore.term_spans import TermFinder, without_touching
from vnrepair.scan.ocr import check_engine
from vnrepair.scan.page import SourcePage
from vnrepair.scan.reader import read_source_page
from vnrepair.scan.source import FileKind, open_source, tell_kind

__all__ = ["read_page", "read_pages", "repair", "repair_image", "repair_page"]


_READ_WITH_VIETNAMESE = "the page was read with Vietnamese language data"


def read_pages(path: Path | str, config: RepairConfig = DEFAULTS) -> Iterator[Page]:
    """Read the pages of an image or PDF, without any repair of the text.

    Args:
        path: PNG, JPEG, TIFF (all its pages), WebP, BMP or PDF; told by content.
        config: Its section `scan` is used.

    Yields:
        Pages as they are read; one is in memory at a time.

    Raises:
        ImageError: The file is no image or PDF, broken, encrypted or beyond a limit.
        EngineError: Tesseract is missing, lacks the language, failed or took too long.
        ConfigError: A preprocessing step is not known.
    """
    source = open_source(Path(path), config.scan)
    check_engine(config.scan.language)  # before a long file is decoded for nothing
    for source_page in source:
        with _naming(source.path, source_page.number):
            page = read_source_page(source_page, config.scan)
        yield page


def read_page(image: Path | str | np.ndarray, config: RepairConfig = DEFAULTS) -> Page:
    """Read one page: preprocessing, OCR, reading order.

    Args:
        image: A file with one page, or pixels: uint8, grey (height, width) or BGR
            (height, width, 3).
        config: Its section `scan` is used.

    Raises:
        ImageError: As of `read_pages`; a file with several pages; an array of another kind.
        EngineError: Tesseract is missing, lacks the language, failed or took too long.
    """
    if isinstance(image, np.ndarray):
        return read_source_page(_page_of_pixels(image), config.scan)
    source = open_source(Path(image), config.scan)
    if len(source) > 1:
        raise ImageError(f"{image} has {len(source)} pages: read it with read_pages")
    source_page = next(iter(source))
    with _naming(source.path, source_page.number):
        return read_source_page(source_page, config.scan)


def repair(path: Path | str, config: RepairConfig = DEFAULTS) -> Document:
    """Turn a scan or a garbled text file into correct text.

    Args:
        path: An image, a PDF or a text file; told by content. It is only read.
        config: Options of all stages.

    Returns:
        One result per page; a text file is one. A page on which no text is found is empty and has
        a warning.

    Raises:
        ImageError: An image or PDF that is broken, encrypted or beyond a limit.
        TextError: Neither that nor text in UTF-8.
        EngineError: Tesseract is missing, lacks the language, failed or took too long.
        ResourceError: A dictionary file is missing, altered or of another version.
        ConfigError: A preprocessing step is not known.
    """
    path = Path(path)
    if tell_kind(path) is FileKind.OTHER:
        restored = restore_and_explain(read_text(path), config.restore)
        normalised = _normalise(restored.text, config)
        return Document(source=path, pages=(PageResult(None, restored, normalised),))
    results = tuple(repair_page(page, config) for page in read_pages(path, config))
    warnings = tuple(
        f"page {result.page.number}: {warning}"
        for result in results
        if result.page is not None
        for warning in result.page.warnings
    )
    return Document(source=path, pages=results, warnings=warnings)


def repair_page(page: Page, config: RepairConfig = DEFAULTS) -> PageResult:
    """Restore and normalise the text of a page that was read.

    Raises:
        ResourceError: A dictionary file is missing, altered or of another version.
    """
    options = _restore_config(config)
    restored = restore_and_explain(page.text, options)
    if options is not config.restore:
        restored = dataclasses.replace(restored, reason=_READ_WITH_VIETNAMESE)
    return PageResult(page, restored, _normalise(restored.text, config))


def _normalise(text: str, config: RepairConfig) -> Repaired:
    """Normalise a restored text but for what the user asked to keep."""
    result = normalise_and_explain(text, config.normalise)
    kept = TermFinder(config.restore.keep).find(result.source)
    edits = tuple(without_touching(result.edits, kept))
    return dataclasses.replace(result, text=apply_edits(result.source, edits), edits=edits)


def repair_image(image: Path | str | np.ndarray, config: RepairConfig = DEFAULTS) -> PageResult:
    """Read and repair one page, given as a file or as pixels.

    Args:
        image: As for `read_page`.
        config: Options of all stages.

    Raises:
        ImageError: As of `read_page`.
        EngineError: Tesseract is missing, lacks the language, failed or took too long.
        ResourceError: A dictionary file is missing, altered or of another version.
    """
    return repair_page(read_page(image, config), config)


@contextlib.contextmanager
def _naming(path: Path, number: int) -> Iterator[None]:
    """Put the file and the page before what went wrong with the page's pixels."""
    try:
        yield
    except (ImageError, EngineFailedError, EngineTimeoutError) as error:
        raise type(error)(f"{path}, page {number}: {error}") from error


def _restore_config(config: RepairConfig) -> RestoreConfig:
    """The restorer's options; the channel of a page read here is known and need not be guessed."""
    if config.restore.profile != "auto" or config.scan.language.split("+")[0] != "vie":
        return config.restore
    return dataclasses.replace(config.restore, profile="tesseract-vie")


def _page_of_pixels(image: np.ndarray) -> SourcePage:
    colour = image.ndim == 3 and image.shape[2] == 3
    if image.dtype != np.uint8 or not (colour or image.ndim == 2) or 0 in image.shape:
        raise ImageError(
            f"cannot read an array of {image.dtype} with shape {image.shape}: pass uint8, "
            "grey (height, width) or BGR (height, width, 3)"
        )
    bilevel = image.ndim == 2 and bool(np.isin(image, (0, 255)).all())
    return SourcePage(number=1, image=image, dpi=None, bilevel=bilevel)
