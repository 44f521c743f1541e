"""The page flow: scan, restore, normalise. The one place where the stages meet.

In: an image, a PDF or a text file, told apart by content. Out: `Page` records as they were read,
or a `Document` with every change of every stage.
"""

import contextlib
import dataclasses
import functools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vnrepair.config import DEFAULTS, RepairConfig, RestoreConfig
from vnrepair.document.normalise import normalise_and_explain
from vnrepair.document.textfile import read_text
from vnrepair.errors import EngineError, EngineFailedError, EngineTimeoutError, ImageError
from vnrepair.records import Document, Page, PageResult, Repaired, apply_edits
from vnrepair.restore.fluency import Fluency
from vnrepair.restore.lexicon import find_dictionaries
from vnrepair.restore.models import load_models
from vnrepair.restore.restorer import restore_and_explain
from vnrepair.restore.term_spans import TermFinder, without_touching
from vnrepair.scan.join import Judge
from vnrepair.scan.observer import NOBODY, Observer
from vnrepair.scan.ocr import check_engine
from vnrepair.scan.page import SourcePage
from vnrepair.scan.reader import read_source_page
from vnrepair.scan.source import FileKind, Source, open_source, tell_kind

__all__ = ["load_judge", "read_page", "read_pages", "repair", "repair_image", "repair_page"]


_VIETNAMESE = frozenset({"vie", "script/Vietnamese"})
_READ_WITH_VIETNAMESE = "the page was read with Vietnamese language data"


def read_pages(
    path: Path | str, config: RepairConfig = DEFAULTS, observer: Observer = NOBODY
) -> Iterator[Page]:
    """Read the pages of an image or PDF, without any repair of the text.

    Args:
        path: PNG, JPEG, TIFF (all its pages), WebP, BMP or PDF; told by content.
        config: Its section `scan` is used.
        observer: Is shown each page on its way.

    Yields:
        Pages as they are read; one is in memory at a time. A page that cannot be decoded or that
        Tesseract failed on has no words, and says why in `error` and `warnings`.

    Raises:
        ImageError: The file is no image or PDF, broken, encrypted or beyond a limit; or none of its
            pages can be read: then the error of the first is raised.
        EngineError: Tesseract is missing or lacks the language; or as before.
        ConfigError: A preprocessing step is not known, or a page that is asked for is not there.
    """
    source = open_source(Path(path), config.scan)
    if source.kind is FileKind.IMAGE:  # a PDF may bring all of its text along
        check_engine(config.scan.language)
    held: list[Page] = []  # pages that failed before one could be read
    first_error: ImageError | EngineError | None = None
    any_was_read = False
    for number in source.numbers:
        try:
            held.append(_read_numbered(source, number, config, observer))
            any_was_read = True
        except (ImageError, EngineFailedError, EngineTimeoutError) as error:
            if isinstance(error, EngineError):
                check_engine(config.scan.language)  # raises where it would fail on every page
            first_error = first_error or error
            held.append(_failed_page(source.path, number, error))
        if any_was_read:
            yield from held
            held.clear()
    if first_error is not None and not any_was_read:
        raise first_error


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
        return read_source_page(_page_of_pixels(image), config.scan, judge=load_judge(config))
    source = open_source(Path(image), config.scan)
    if len(source) > 1:
        raise ImageError(f"{image} has {len(source)} pages: read it with read_pages")
    return _read_numbered(source, source.numbers[0], config, NOBODY)


def repair(
    path: Path | str, config: RepairConfig = DEFAULTS, observer: Observer = NOBODY
) -> Document:
    """Turn a scan or a garbled text file into correct text.

    Args:
        path: An image, a PDF or a text file; told by content. It is only read.
        config: Options of all stages.
        observer: Is shown each page on its way and what became of it.

    Returns:
        One result per page; a text file is one. A page on which no text is found, or that cannot be
        read while others can, is empty and has a warning.

    Raises:
        ImageError: An image or PDF that is broken, encrypted or beyond a limit.
        TextError: Neither that nor text in UTF-8.
        EngineError: Tesseract is missing, lacks the language, or failed on every page.
        ResourceError: A dictionary file is missing, altered or of another version.
        ConfigError: A preprocessing step is not known.
    """
    path = Path(path)
    if tell_kind(path) is FileKind.OTHER:
        restored = restore_and_explain(read_text(path), config.restore)
        normalised = _normalise(restored.text, config)
        result = PageResult(None, restored, normalised)
        observer.repaired(result)
        return Document(source=path, pages=(result,))
    results = tuple(_repair_pages(path, config, observer))
    warnings = tuple(
        f"page {result.page.number}: {warning}"
        for result in results
        if result.page is not None
        for warning in result.page.warnings
    )
    return Document(source=path, pages=results, warnings=warnings)


def _repair_pages(path: Path, config: RepairConfig, observer: Observer) -> Iterator[PageResult]:
    """The pages of a file, each repaired as soon as it is read."""
    for page in read_pages(path, config, observer):
        result = repair_page(page, config)
        observer.repaired(result)
        yield result


def repair_page(page: Page, config: RepairConfig = DEFAULTS) -> PageResult:
    """Restore and normalise the text of a page that was read.

    Raises:
        ResourceError: A dictionary file is missing, altered or of another version.
    """
    options = config.restore if page.origin == "text-layer" else _restore_config(config)
    restored = restore_and_explain(page.text, options, page.evidence)
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


def _read_numbered(source: Source, number: int, config: RepairConfig, observer: Observer) -> Page:
    """Decode one page of a file and read it, unless it comes with its words."""
    decoded = source.read(number)
    if isinstance(decoded, Page):
        observer.finished(decoded)
        return decoded
    with _naming(source.path, number):
        page = read_source_page(decoded, config.scan, observer, load_judge(config))
    return dataclasses.replace(page, warnings=(*decoded.warnings, *page.warnings))


def _failed_page(path: Path, number: int, error: ImageError | EngineError) -> Page:
    """An empty page that says why it is so."""
    reason = str(error).removeprefix(f"{path}, page {number}: ")
    return Page(
        number=number,
        width_px=0,
        height_px=0,
        dpi=None,
        words=(),
        warnings=(f"could not be read: {reason}",),
        error=reason,
        error_kind=type(error).__name__,
    )


@contextlib.contextmanager
def _naming(path: Path, number: int) -> Iterator[None]:
    """Put the file and the page before what went wrong with the page's pixels."""
    try:
        yield
    except (ImageError, EngineFailedError, EngineTimeoutError) as error:
        raise type(error)(f"{path}, page {number}: {error}") from error


def load_judge(config: RepairConfig) -> Judge | None:
    """What tells the better of two readings; None where there is one reading, or another language.

    Raises:
        ResourceError: A dictionary file is missing, altered or of another version.
    """
    languages = config.scan.language.split("+")
    if not config.scan.second_readings or not _VIETNAMESE.intersection(languages):
        return None
    return _load_fluency(config.restore.dictionaries or find_dictionaries()).weigh


@functools.lru_cache(maxsize=2)
def _load_fluency(dictionaries: Path) -> Fluency:
    models = load_models(dictionaries)
    return Fluency(models.lexicon, models.language_model)


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
