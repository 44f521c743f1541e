"""One page from pixels to words: preprocess, Tesseract, reading order, back to the source."""

import dataclasses
import functools
import os
import statistics
import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np

from vnrepair.config import ScanConfig
from vnrepair.errors import EngineFailedError, EngineTimeoutError
from vnrepair.records import Page, Word
from vnrepair.scan.early import EarlyReading
from vnrepair.scan.garbage import drop_garbage
from vnrepair.scan.join import Judge
from vnrepair.scan.layout import lay_out
from vnrepair.scan.observer import NOBODY, Observer
from vnrepair.scan.ocr import recognise
from vnrepair.scan.page import PageImage, SourcePage
from vnrepair.scan.preprocess import run_steps
from vnrepair.scan.resolution import to_page_image
from vnrepair.scan.second import look_again
from vnrepair.scan.writing import erase_writing, find_writing

__all__ = ["NO_TEXT_WARNING", "read_source_page"]

NO_TEXT_WARNING = "no text found: the page is blank, or too damaged to read"
_LOW_CONFIDENCE = 0.6  # mean below which pages turned out to be mostly wrong
_NO_PRINT = 0.5  # median below which there was no print at all; the worst faxes lie above 0.8
_MUCH_WRITTEN = 8  # words; a form. What lies beside fewer is doubted, and so read again anyway
_MAX_NAMED = 5  # numbers that a warning names
_FEW_WORDS, _NO_WORD = 3, 0.8  # of so few words the median is an accident: they must be read surely


def read_source_page(
    page: SourcePage,
    config: ScanConfig,
    observer: Observer = NOBODY,
    judge: Judge | None = None,
) -> Page:
    """Read the words of a page.

    Args:
        page: One page of a file.
        config: Steps, language and limits.
        observer: Is shown the page, every step, every reading, and what came out.
        judge: Weighs wordings where two readings differ; without it the page is read once.

    Returns:
        Words in reading order, boxes in pixels of `page.image`. A page on which nothing is found
        has no words and a warning.

    Raises:
        ConfigError: `config.steps` names an unknown step.
        ImageError: The page is too large for Tesseract.
        EngineError: Tesseract is missing, lacks the language, failed or took too long.
    """
    height_px, width_px = page.image.shape[:2]
    observer.begun(page)
    prepared, read, written, doubts = _read(page, config, observer, judge)
    found, dropped = _sift(read, prepared.grey)
    # In order first: columns are told apart on the upright page.
    ordered, laid_out = lay_out(found, prepared.width_px, prepared.height_px)
    in_source = functools.partial(prepared.box_in_source, width_px=width_px, height_px=height_px)
    words = tuple(dataclasses.replace(word, box=in_source(word.box)) for word in ordered)
    dropped = tuple(
        dataclasses.replace(word, box=in_source(word.box)) for word in (*dropped, *written)
    )
    blocks = tuple(dataclasses.replace(block, box=in_source(block.box)) for block in laid_out)
    result = Page(
        number=page.number,
        width_px=width_px,
        height_px=height_px,
        dpi=page.dpi,
        words=words,
        rotation_deg=prepared.rotation_deg,
        skew_deg=prepared.skew_deg,
        warnings=(*_warnings(words, dropped), *doubts),
        steps=prepared.steps,
        blocks=blocks,
        dropped=dropped,
    )
    observer.finished(result)
    return result


def _read(
    page: SourcePage, config: ScanConfig, observer: Observer, judge: Judge | None
) -> tuple[PageImage, tuple[Word, ...], tuple[Word, ...], tuple[str, ...]]:
    """The prepared page, its words in Tesseract's order, what was read of handwriting, warnings.

    What was unsure was read twice. A page of which only that failed is still a page.
    """
    end_s = time.monotonic() + config.timeout_s
    prepared, found = _read_once(page, config, observer)
    observer.was_read("first", found, prepared)
    if judge is None or not config.second_readings:
        return prepared, found, (), ()
    written: tuple[Word, ...] = ()
    try:
        writing = find_writing(page.image, prepared, found)
        if writing is not None:
            erased = erase_writing(prepared.grey, writing)
            without = dataclasses.replace(prepared, image=erased)
            again = tuple(word for word in found if word not in writing.words)
            if len(writing.words) > _MUCH_WRITTEN:
                again = _recognise(without, config, timeout_s=_left_s(end_s))
                observer.was_read("without handwriting", again, without)
            prepared, found, written = without, again, writing.words
        left_s = _left_s(end_s)
        found = look_again(prepared, found, config, judge, timeout_s=left_s, observer=observer)
    except EngineTimeoutError:
        why = f"the page took more than {config.timeout_s:g} s, see scan.timeout_s"
    except EngineFailedError as error:
        why = str(error)
    else:
        return prepared, found, written, ()
    return prepared, found, written, (f"what is unsure was not read once more: {why}",)


def _left_s(end_s: float) -> float:
    """Seconds until then.

    Raises:
        EngineTimeoutError: There are none.
    """
    left_s = end_s - time.monotonic()
    if left_s <= 0:
        raise EngineTimeoutError("no time is left")
    return left_s


def _read_once(
    page: SourcePage, config: ScanConfig, observer: Observer
) -> tuple[PageImage, tuple[Word, ...]]:
    """The prepared page and its words; the reading begins beside the steps if there is room."""
    source = to_page_image(page)
    if not (config.reads_early and _n_cores() > 1):
        prepared = run_steps(source, config, observer.stepped)
        return prepared, _recognise(prepared, config)

    def watch(name: str, after: PageImage) -> None:
        if after is not source:
            early.call_off()
        observer.stepped(name, after)

    with EarlyReading(functools.partial(_recognise, source, config)) as early:
        prepared = run_steps(source, config, watch)
        if prepared is source:
            return prepared, early.words()
    return prepared, _recognise(prepared, config)


def _n_cores() -> int:
    """Cores that this process may use; it may have been given fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _recognise(
    page: PageImage,
    config: ScanConfig,
    called_off: threading.Event | None = None,
    *,
    timeout_s: float | None = None,
) -> tuple[Word, ...]:
    return recognise(
        page.image,
        config.language,
        page_segmentation=config.page_segmentation,
        timeout_s=config.timeout_s if timeout_s is None else timeout_s,
        dpi=page.dpi,
        called_off=called_off,
    )


def _sift(words: tuple[Word, ...], grey: np.ndarray) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """The words that are print, and those made of anything else: all, where nothing is."""
    least = _NO_WORD if len(words) < _FEW_WORDS else _NO_PRINT
    if words and statistics.median(word.confidence or 0.0 for word in words) < least:
        return (), words
    return drop_garbage(words, grey)


def _warnings(words: Sequence[Word], dropped: Sequence[Word]) -> tuple[str, ...]:
    """What a person should know before trusting the page."""
    if not words and dropped:
        confidence = statistics.fmean(word.confidence or 0.0 for word in dropped)
        return (
            f"no text found: {len(dropped)} shapes looked like words, but were read with a mean "
            f"confidence of only {confidence:.0%}; the page is a picture, handwriting, in another "
            "script, or too damaged to read",
        )
    if not words:
        return (NO_TEXT_WARNING,)
    confidence = statistics.fmean(word.confidence or 0.0 for word in words)
    found = list(_disputed_figures(words))
    if confidence < _LOW_CONFIDENCE:
        found.append(
            f"read with a mean confidence of only {confidence:.0%}: compare it with the page"
        )
    return tuple(found)


def _disputed_figures(words: Sequence[Word]) -> Iterator[str]:
    """A warning of the numbers that two readings made different ones of: no rule can tell which."""
    pairs = [
        f"{word.text} or {other.text}"
        for word in words
        for other in word.others
        if _digits(word.text) and _digits(other.text) and _digits(word.text) != _digits(other.text)
    ]
    if pairs:
        rest = f" and {len(pairs) - _MAX_NAMED} more" if len(pairs) > _MAX_NAMED else ""
        yield f"numbers read in two ways, compare them: {', '.join(pairs[:_MAX_NAMED])}{rest}"


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdecimal())
