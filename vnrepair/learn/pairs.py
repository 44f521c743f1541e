"""Pairs of what Tesseract reads and what the page says, from pages made for the purpose.

In: corpus lines. They are composed into pages, rendered, damaged and read by the real Tesseract,
once per page and language. Out: one `LinePair` per printed line that was found again. The same
lines and seed give the same pages, byte for byte.
"""

import argparse
import csv
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist
from unidecode import unidecode

from vnrepair.atomic import write_text_atomic
from vnrepair.errors import ConfigError, InputError, TextError, VnRepairError
from vnrepair.learn.compose import PAGE_KINDS, compose_page, random_style
from vnrepair.learn.damage import apply_damage, random_damage
from vnrepair.learn.fonts import MARKED_LETTERS, find_families
from vnrepair.learn.pages import GreyImage, PrintedLine, render_lines
from vnrepair.scan.ocr import recognise

__all__ = [
    "LinePair",
    "PageReport",
    "TrainingPage",
    "align_lines",
    "make_page",
    "make_pairs",
    "read_pairs",
    "write_pairs",
]

LINES_PER_PAGE = 42
CHARS_PER_LINE = 80
MAX_PARAGRAPH_CHARS = LINES_PER_PAGE * CHARS_PER_LINE // 2
"""Longer paragraphs are cut, at a space, so that no page is one paragraph only."""
MIN_SIMILARITY = 0.6
"""Skeleton similarity (0-1) below which a reading does not count as one of its line."""

_SEVERITY = (1.3, 2.6)
"""Beta distribution of the severity of damage: mostly mild to medium, some pages hard."""

# What every font of ours can draw; a paragraph with anything else is left out.
_PRINTABLE = re.compile(rf"[ -~{MARKED_LETTERS}–—…“”‘’«»°§×•²³½]+")


@dataclass(frozen=True, slots=True)
class LinePair:
    """One printed line and its reading.

    Attributes:
        observed: What Tesseract read, NFC, words divided by one space.
        intended: What was printed, NFC, words divided by one space.
        style: Face, family, size, resolution and severity of damage, for a person and for counts.
        language: The Tesseract language data that read it.
    """

    observed: str
    intended: str
    style: str
    language: str


@dataclass(frozen=True, slots=True)
class TrainingPage:
    """A page as it was printed and as it was scanned.

    Attributes:
        lines: What it says, from top to bottom, blank lines included.
        image: Its damaged image, grey.
        dpi: Resolution, pixels per inch.
        style: Family, size, resolution, kind of page and severity of damage (0-1), for a person.
    """

    lines: tuple[PrintedLine, ...]
    image: GreyImage
    dpi: int
    style: str


@dataclass(frozen=True, slots=True)
class PageReport:
    """How far a run is, after each page.

    Attributes:
        done: Pages that are finished.
        pages: Pages of the whole run.
        printed: Lines printed on this page, times the languages that read it.
        found: Lines of these whose reading was found; the others yield no pair.
    """

    done: int
    pages: int
    printed: int
    found: int


def make_pairs(
    lines: Iterable[str],
    language: str | tuple[str, ...] = "eng",
    seed: int = 0,
    jobs: int = 2,
    pages: int | None = None,
    on_page: Callable[[PageReport], None] | None = None,
) -> Iterator[LinePair]:
    """Print lines on pages, read them back, and pair each reading with its line.

    Args:
        lines: Corpus paragraphs of any length, NFC; those that no font of ours can draw are left
            out.
        language: Tesseract language data, or several to read the same pages with, such as
            ("eng", "vie").
        seed: Decides everything that is random.
        jobs: Processes, >= 1; each runs one single-threaded Tesseract.
        pages: Stop after this many pages; None for as many as the lines fill.
        on_page: Called after each page, for progress and for the count of lines not found.

    Yields:
        Pairs in page order, whatever the number of jobs. Blank lines, and lines whose reading
        cannot be found, yield nothing.

    Raises:
        ConfigError: `jobs` is below 1.
        ResourceError: No font that holds Vietnamese is installed.
        EngineError: Tesseract is missing, lacks the language, or failed.
    """
    if jobs < 1:
        raise ConfigError(f"jobs is {jobs}: choose 1 or more")
    languages = (language,) if isinstance(language, str) else language
    find_families()  # so that a missing font is reported before any process starts
    batches = list(_split_into_pages(lines, pages))
    work = partial(_read_page_pairs, languages=languages, seed=seed)
    with _mapping(jobs) as run:
        for done, (pairs, printed) in enumerate(run(work, enumerate(batches)), start=1):
            if on_page:
                on_page(PageReport(done, len(batches), printed * len(languages), len(pairs)))
            yield from pairs


@contextmanager
def _mapping(jobs: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """A `map`: the plain one for one job, else one over processes that ends what is left."""
    if jobs == 1:
        yield map
        return
    # Fresh processes: forking one that has threads (OpenCV, progress bars) can hang.
    pool = ProcessPoolExecutor(max_workers=jobs, mp_context=get_context("spawn"))
    try:
        yield pool.map
    finally:
        pool.shutdown(cancel_futures=True)


def _split_into_pages(lines: Iterable[str], pages: int | None) -> Iterator[list[str]]:
    """Paragraphs that fill about one page each."""
    batch: list[str] = []
    used = made = 0
    for line in lines:
        if made == pages:
            return
        text = unicodedata.normalize("NFC", line).strip()
        if not _PRINTABLE.fullmatch(text):
            continue
        if len(text) > MAX_PARAGRAPH_CHARS:
            text = text[:MAX_PARAGRAPH_CHARS].rsplit(" ", 1)[0]
        batch.append(text)
        used += -(-len(text) // CHARS_PER_LINE)
        if used >= LINES_PER_PAGE:
            yield batch
            batch, used, made = [], 0, made + 1
    if batch and made != pages:
        yield batch


def make_page(paragraphs: Sequence[str], seed: int, index: int) -> TrainingPage:
    """Compose, render and damage one training page.

    Args:
        paragraphs: What it says.
        seed: The seed of the run.
        index: The number of the page in the run, from 0.
    """
    rng = np.random.default_rng((seed, index))
    style = random_style(find_families(), rng)
    kind = str(rng.choice(list(PAGE_KINDS), p=list(PAGE_KINDS.values())))
    lines = compose_page(paragraphs, style, rng, kind=kind)
    severity = float(rng.beta(*_SEVERITY))
    image = apply_damage(render_lines(lines, style), random_damage(rng, severity), rng)
    description = f"{style.family.name} {style.size_pt:g}pt {style.dpi}dpi {kind} {severity:.2f}"
    return TrainingPage(tuple(lines), image, style.dpi, description)


def _read_page_pairs(
    numbered: tuple[int, list[str]], languages: tuple[str, ...], seed: int
) -> tuple[list[LinePair], int]:
    """One page through all stages, the task of a worker: its pairs, and how many lines it has."""
    index, paragraphs = numbered
    page = make_page(paragraphs, seed, index)
    printed = [line for line in page.lines if line.words]
    pairs: list[LinePair] = []
    for language in languages:
        readings = _recognise_lines(page.image, language, page.dpi)
        pairs += [
            LinePair(
                readings[observed],
                printed[intended].text,
                f"{printed[intended].face.value} {page.style}",
                language,
            )
            for observed, intended in align_lines(readings, [line.text for line in printed])
        ]
    return pairs, len(printed)


def _recognise_lines(image: GreyImage, language: str, dpi: int) -> list[str]:
    """The lines that Tesseract reads, in its order."""
    lines: dict[int, list[str]] = {}
    for word in recognise(image, language, dpi=dpi):
        lines.setdefault(word.line, []).append(word.text)
    return [" ".join(words) for words in lines.values()]


def align_lines(
    observed: Sequence[str], intended: Sequence[str], min_similarity: float = MIN_SIMILARITY
) -> list[tuple[int, int]]:
    """Which reading belongs to which printed line, both in order from top to bottom.

    Args:
        observed: Readings; some may be missing, split or invented.
        intended: Printed lines.
        min_similarity: Least similarity of the skeletons for a match, 0-1.

    Returns:
        Pairs of indices (observed, intended), both increasing, of greatest total similarity.
    """
    if not observed or not intended:
        return []
    similarity = cdist(
        [_skeleton(line) for line in observed],
        [_skeleton(line) for line in intended],
        scorer=Indel.normalized_similarity,
        dtype=np.float32,
    )
    gain = np.where(similarity >= min_similarity, similarity, 0.0)
    rows, columns = gain.shape
    best = np.zeros((rows + 1, columns + 1))
    for row in range(rows):
        for column in range(columns):
            best[row + 1, column + 1] = max(
                best[row, column + 1], best[row + 1, column], best[row, column] + gain[row, column]
            )
    pairs = []
    row, column = rows, columns
    while row and column:
        if best[row, column] == best[row - 1, column]:
            row -= 1
        elif best[row, column] == best[row, column - 1]:
            column -= 1
        else:
            row, column = row - 1, column - 1
            pairs.append((row, column))
    return pairs[::-1]


def _skeleton(text: str) -> str:
    """Base letters in lower case: what a reading keeps even when it loses every mark."""
    return unidecode(text).lower()


def write_pairs(pairs: Iterable[LinePair], path: Path) -> int:
    """Write pairs as UTF-8 TSV with a header; the file appears when it is whole.

    Returns:
        The number of pairs.

    Raises:
        InputError: The file cannot be written there.
    """
    rows = ["observed\tintended\tstyle\tlanguage\n"]
    rows += (f"{p.observed}\t{p.intended}\t{p.style}\t{p.language}\n" for p in pairs)
    write_text_atomic(path, "".join(rows))
    return len(rows) - 1


def read_pairs(path: Path) -> Iterator[LinePair]:
    """Read what `write_pairs` wrote.

    Raises:
        InputError: The file is missing or is no table of pairs.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield LinePair(row["observed"], row["intended"], row["style"], row["language"])
    except (OSError, UnicodeDecodeError, KeyError) as error:
        raise InputError(f"{path}: no table of line pairs ({error})") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Make a file of pairs: `python -m vnrepair.learn.pairs --lines FILE --out pairs.tsv`."""
    parser = argparse.ArgumentParser(prog="python -m vnrepair.learn.pairs", description=__doc__)
    parser.add_argument("--lines", type=Path, required=True, help="UTF-8 text, a paragraph a line")
    parser.add_argument("--language", default="eng", help="eng, vie, or both as eng,vie")
    parser.add_argument("--pages", type=int, help="stop after this many pages")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True, help="TSV file to write")
    options = parser.parse_args(arguments)
    languages = tuple(options.language.split(","))
    try:
        lines = _read_lines(options.lines)
        pairs = make_pairs(lines, languages, options.seed, options.jobs, options.pages)
        count = write_pairs(pairs, options.out)
    except VnRepairError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    sys.stderr.write(f"{count} pairs in {options.out}\n")
    return 0


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TextError(f"{path}: not a readable UTF-8 text file ({error})") from error


if __name__ == "__main__":
    raise SystemExit(main())
