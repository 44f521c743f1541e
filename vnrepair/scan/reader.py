"""One page from pixels to words: preprocess, Tesseract, reading order, back to the source."""

import dataclasses
from collections.abc import Sequence

from vnrepair.config import ScanConfig
from vnrepair.records import Page, Word
from vnrepair.scan.layout import order_words
from vnrepair.scan.ocr import recognise
from vnrepair.scan.page import SourcePage
from vnrepair.scan.preprocess import preprocess

__all__ = ["NO_TEXT_WARNING", "read_source_page"]

NO_TEXT_WARNING = "no text found: the page is blank, or too damaged to read"
_LOW_CONFIDENCE = 0.6  # mean below which pages turned out to be mostly wrong


def read_source_page(page: SourcePage, config: ScanConfig) -> Page:
    """Read the words of a page.

    Args:
        page: One page of a file.
        config: Steps, language and limits.

    Returns:
        Words in reading order, boxes in pixels of `page.image`. A page on which nothing is found
        has no words and a warning.

    Raises:
        ConfigError: `config.steps` names an unknown step.
        ImageError: The page is too large for Tesseract.
        EngineError: Tesseract is missing, lacks the language, failed or took too long.
    """
    height_px, width_px = page.image.shape[:2]
    prepared = preprocess(page, config)
    found = recognise(
        prepared.image,
        config.language,
        page_segmentation=config.page_segmentation,
        timeout_s=config.timeout_s,
        dpi=prepared.dpi,
    )
    # In order first: columns are told apart on the upright page.
    words = tuple(
        dataclasses.replace(word, box=prepared.box_in_source(word.box, width_px, height_px))
        for word in order_words(found)
    )
    return Page(
        number=page.number,
        width_px=width_px,
        height_px=height_px,
        dpi=page.dpi,
        words=words,
        rotation_deg=prepared.rotation_deg,
        skew_deg=prepared.skew_deg,
        warnings=_warnings(words),
        steps=prepared.steps,
    )


def _warnings(words: Sequence[Word]) -> tuple[str, ...]:
    """What a person should know before trusting the page."""
    if not words:
        return (NO_TEXT_WARNING,)
    confidence = sum(word.confidence or 0.0 for word in words) / len(words)
    if confidence < _LOW_CONFIDENCE:
        return (f"read with a mean confidence of only {confidence:.0%}: compare it with the page",)
    return ()
