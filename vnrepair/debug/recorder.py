"""One page on its way: what each station made of it, written as pictures and kept as notes."""

import dataclasses
import re
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from vnrepair.debug.describe import (
    blocks_of,
    mean_confidence,
    turn_upright,
    view_blocks,
    view_text,
    view_words,
)
from vnrepair.debug.pictures import Picture, draw_blocks, draw_words, fit, write_picture
from vnrepair.debug.views import PageView, StepView
from vnrepair.explained import describe_probability
from vnrepair.records import Page, PageResult, Word
from vnrepair.scan.page import PageImage, SourcePage, as_grey

__all__ = ["Clock", "PageRecorder", "mark_failed", "view_without_images"]

_THUMBNAIL_PX = 480  # twice the size of a card, for screens with fine pixels
_MIN_CHANGED_LEVELS = 8  # grey levels: less cannot be seen


class Clock:
    """Measures what the page flow takes; while a picture is written it stands still."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    def lap(self) -> float:
        """Seconds since the clock was started."""
        return time.perf_counter() - self._since

    def start(self) -> None:
        """Count from now."""
        self._since = time.perf_counter()


class PageRecorder:
    """Takes down what is told of one page, and writes its pictures as they come.

    One scaled copy of the page is in memory, and its source while the page flow has it, too.

    Args:
        folder: Exists; pictures go there.
        page: As the file gives it.
        seconds: How long it took to decode.
    """

    def __init__(self, folder: Path, page: SourcePage, seconds: float) -> None:
        self._folder = folder
        self._start = self._last = PageImage(page.image, page.dpi, page.bilevel)
        self._small = fit(page.image)
        self._steps: list[StepView] = []
        self._times = [("decoding", seconds)]
        self._source = write_picture(folder, "00-source", self._small)
        self._thumbnail = write_picture(folder, "thumb", fit(page.image, _THUMBNAIL_PX))
        notes = (_size(self._start), _colours(self._start), _dpi(self._start))
        self._steps.append(StepView("source", "source", notes, seconds, self._source))

    def step(self, name: str, image: PageImage, seconds: float) -> None:
        """A preprocessing step is done."""
        before = self._last
        self._last = image
        picture: Picture | None = None
        notes: tuple[str, ...] = ()
        if image is not before and image.steps[-1:] == (name,):
            if image.steps[:-1] != before.steps:
                before = self._start  # another list of steps begins with the source again
            picture = self._write(name, fit(image.image))
            notes = _differences(before, image)
        self._steps.append(StepView(name, "step", notes, seconds, picture))
        self._times.append((name, seconds))

    def reading(self, name: str, words: Sequence[Word], image: PageImage, seconds: float) -> None:
        """A reading is done."""
        drawn = draw_words(fit(image.image), words, image.width_px)
        confidence = mean_confidence(words)
        notes = [f"{len(words):,} words"]
        if confidence is not None:
            notes.append(f"mean confidence {describe_probability(confidence)}")
        picture = self._write(f"read-{name}", drawn)
        self._steps.append(StepView(f"reading: {name}", "reading", tuple(notes), seconds, picture))
        self._times.append((f"reading: {name}", seconds))

    def words(self, seconds: float) -> None:
        """The words stand in order."""
        self._times.append(("putting in order", seconds))

    def close(self, file: str, result: PageResult, seconds: float) -> PageView:
        """All stages are done; the drawings of words and blocks are written.

        Args:
            file: Name of the file, for a person.
            result: Of the page.
            seconds: How long the last stages took.
        """
        view = view_without_images(file, result, self._times, seconds)
        page = result.page
        if page is None:
            return view
        turns = page.rotation_deg // 90
        upright = np.ascontiguousarray(np.rot90(self._small, -turns))
        width, height = page.width_px, page.height_px
        if turns % 2:
            width, height = height, width
        return dataclasses.replace(
            view,
            steps=tuple(self._steps),
            width_px=width,
            height_px=height,
            sheet=write_picture(self._folder, "upright", upright) if turns else self._source,
            drawings=self._draw(page, upright, width),
            thumbnail=self._thumbnail,
            words=view_words(result),
        )

    def break_off(self, file: str, number: int) -> PageView:
        """What was seen of a page that came to no end.

        Args:
            file: Name of the file, for a person.
            number: Of the page.
        """
        return PageView(
            file=file,
            number=number,
            steps=tuple(self._steps),
            width_px=self._start.width_px,
            height_px=self._start.height_px,
            sheet=self._source,
            thumbnail=self._thumbnail,
            times=tuple(self._times),
        )

    def _draw(self, page: Page, upright: np.ndarray, width_px: int) -> tuple[Picture, ...]:
        """The words and the blocks on the upright page, whose width is that of the source."""
        turned = [
            dataclasses.replace(word, box=turn_upright(word.box, page)) for word in page.words
        ]
        words = draw_words(upright, turned, width_px)
        outlines = [
            dataclasses.replace(block, box=turn_upright(block.box, page))
            for block in blocks_of(page)
        ]
        blocks = draw_blocks(upright, outlines, width_px)
        return (
            write_picture(self._folder, "words", words),
            write_picture(self._folder, "blocks", blocks),
        )

    def _write(self, name: str, image: np.ndarray) -> Picture:
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        return write_picture(self._folder, f"{len(self._steps):02d}-{slug}", image)


def view_without_images(
    file: str, result: PageResult, times: Sequence[tuple[str, float]], seconds: float
) -> PageView:
    """A text file, a page whose words came with the file, or one that could not be decoded.

    Args:
        file: Its name, for a person.
        result: Of the page or text.
        times: Pairs of what was done before and seconds.
        seconds: How long the last stages took.
    """
    page = result.page
    if page is not None and page.error is not None:
        return mark_failed(PageView(file, page.number), page)
    text = view_text(result)
    all_times = (*times, ("repairing the text", seconds))
    facts = (
        *(() if page is None else _facts(page)),
        ("Changed", f"{text.n_changes:,}"),
        ("To look at", f"{text.n_flags:,}"),
        ("Time", f"{sum(seconds for _, seconds in all_times):.1f} s"),
    )
    if page is None:
        return PageView(file, None, facts, text=text, times=all_times)
    return PageView(
        file,
        page.number,
        facts,
        warnings=page.warnings,
        blocks=view_blocks(page),
        text=text,
        times=all_times,
    )


def mark_failed(view: PageView, page: Page) -> PageView:
    """A page that could not be read, with what is known of the reason."""
    reason = page.error or ""
    others = tuple(warning for warning in page.warnings if reason not in warning)
    return dataclasses.replace(view, error=reason, warnings=others)


def _facts(page: Page) -> tuple[tuple[str, str], ...]:
    confidence = mean_confidence(page.words)
    facts = [
        ("Size", f"{page.width_px:,} × {page.height_px:,} px"),
        ("Resolution", "not given" if page.dpi is None else f"{page.dpi:.0f} dpi"),
        ("Turned", f"{page.rotation_deg}°"),
        ("Skew", f"{page.skew_deg:.1f}°"),
        ("Words", f"{len(page.words):,}"),
        ("Confidence", "–" if confidence is None else f"{confidence:.0%}"),
    ]
    if page.origin != "ocr":
        facts.append(("Words from", page.origin))
    return tuple(facts)


def _differences(before: PageImage, after: PageImage) -> tuple[str, ...]:
    """What a step did, as far as it shows."""
    notes: list[str] = []
    turned = (after.rotation_deg - before.rotation_deg) % 360
    if turned:
        notes.append(f"turned {turned}° clockwise")
    levelled = after.skew_deg - before.skew_deg
    if levelled:
        notes.append(f"levelled by {levelled:+.2f}°")
    if after.image.shape[:2] != before.image.shape[:2]:
        notes.append(f"now {_size(after)}")
    if _colours(after) != _colours(before):
        notes.append(f"now {_colours(after)}")
    if _dpi(after) != _dpi(before):
        notes.append(f"now {_dpi(after)}")
    if after.image.shape[:2] == before.image.shape[:2]:
        share = _changed_share(before.image, after.image)
        amount = "less than 0.1%" if share < 0.001 else f"{share:.1%}"
        notes.append(f"{amount} of pixels changed")
    return tuple(notes)


def _changed_share(one: np.ndarray, other: np.ndarray) -> float:
    """Share of the pixels whose grey differs so that it can be seen, 0-1."""
    return float(np.mean(cv2.absdiff(as_grey(one), as_grey(other)) >= _MIN_CHANGED_LEVELS))


def _size(image: PageImage) -> str:
    return f"{image.width_px:,} × {image.height_px:,} px"


def _colours(image: PageImage) -> str:
    if image.bilevel:
        return "black and white"
    return "grey" if image.image.ndim == 2 else "colour"


def _dpi(image: PageImage) -> str:
    return "no dpi given" if image.dpi is None else f"{image.dpi:.0f} dpi"
