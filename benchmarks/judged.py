"""Texts to judge restored words on, and whether each word is right.

Held-out lines as Tesseract read them from rendered pages, as they were printed, and without their
marks; and documents with their truth. What `calibration` measures and `fit_calibration` fits.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.corpora import documents
from benchmarks.garbled import LANGUAGES, group_pages
from benchmarks.tokens import pair_lines
from vnrepair import InputError, Reading, Restorer, align
from vnrepair.align import Operation
from vnrepair.document.textfile import read_text
from vnrepair.language.letters import skeleton
from vnrepair.language.tones import fold_tone_style
from vnrepair.learn.corpus import corpus_files, sample_lines
from vnrepair.learn.pairs import LinePair
from vnrepair.records import Evidence
from vnrepair.restore.tokenise import Kind, tokenise

__all__ = [
    "JudgedText",
    "find_right",
    "judge_text",
    "texts_of_corpus",
    "texts_of_pairs",
    "texts_of_seeds",
    "words_of",
]


@dataclass(frozen=True, slots=True)
class JudgedText:
    """A text to restore, with what it should become.

    Attributes:
        kind: Texts of one kind are judged together.
        profile: What to restore it with.
        observed: The text.
        truth: What it should become, line for line.
        evidence: What the page says of `observed`, where it was read from one.
    """

    kind: str
    profile: str
    observed: str
    truth: str
    evidence: tuple[Evidence, ...] = ()


def find_right(text: str, truth: str, readings: Iterable[Reading]) -> list[bool]:
    """Whether each reading of a restored text stands in the truth as well.

    Args:
        text: The restored text.
        truth: What it should be, with as many lines.
        readings: Readings of the text.

    Returns:
        One claim per reading: all its words are among those that an alignment of the line with the
        truth leaves in place.
    """
    is_right = np.zeros(len(text) + 1, dtype=np.bool_)
    is_core = np.zeros(len(text) + 1, dtype=np.bool_)
    offset = 0
    for line, expected in pair_lines(text, truth):
        ours, theirs = (
            [token for token in tokenise(side) if token.kind is not Kind.PUNCTUATION]
            for side in (line, expected)
        )
        found, wanted = ([fold_tone_style(token.text) for token in side] for side in (ours, theirs))
        for token in ours:
            is_core[offset + token.start : offset + token.end] = True
        for step in align(wanted, found).steps:
            if step.operation is Operation.EQUAL:
                for token in ours[step.hypothesis_start : step.hypothesis_end]:
                    is_right[offset + token.start : offset + token.end] = True
        offset += len(line) + 1
    claims: list[bool] = []
    for reading in readings:
        span = slice(reading.output_start, reading.output_end)
        claims.append(bool(is_core[span].any() and is_right[span][is_core[span]].all()))
    return claims


def words_of(readings: Iterable[Reading]) -> list[Reading]:
    """The readings that are of words, not of document ids in doubt."""
    return [reading for reading in readings if reading.cause != "restore/id"]


def judge_text(text: JudgedText, restorer: Restorer) -> tuple[list[float], list[bool]]:
    """Restore a text: the probability of each word, and whether it is right."""
    readings = words_of(restorer.n_best(text.observed, 1, text.evidence))
    restored = restorer.restore(text.observed, text.evidence).text
    return [r.probability for r in readings], find_right(restored, text.truth, readings)


def texts_of_pairs(pairs: Iterable[LinePair]) -> Iterator[JudgedText]:
    """Pages as they were read in each language, and as they were printed."""
    for page in group_pages(pairs):
        observed = "\n".join(pair.observed for pair in page)
        truth = unicodedata.normalize("NFC", "\n".join(pair.intended for pair in page))
        profile = f"tesseract-{page[0].language}"
        yield JudgedText(f"{profile}, read", profile, observed, truth)
        if page[0].language == LANGUAGES[-1]:
            yield JudgedText(f"{profile}, as printed", profile, truth, truth)


def texts_of_corpus(corpus: Path, lines: int, seed: int) -> Iterator[JudgedText]:
    """Held-out lines without their marks, each document of one register.

    Args:
        corpus: Folder of `*.txt` or `*.txt.xz`.
        lines: Lines per register.
        seed: Another seed draws other lines.
    """
    for path in corpus_files(corpus):
        for truth in documents(sample_lines([path], {}, lines, seed, held_out=True)):
            yield JudgedText("undiacritised", "undiacritised", skeleton(truth), truth)


def texts_of_seeds(folder: Path) -> Iterator[JudgedText]:
    """Real garbled documents with their truth.

    Raises:
        InputError: There is none.
    """
    truths = sorted(folder.glob("*.truth.txt"))
    garbled = [path.with_name(path.name.replace(".truth.", ".ocr.")) for path in truths]
    if not any(path.is_file() for path in garbled):
        raise InputError(f"{folder}: no NAME.ocr.txt beside a NAME.truth.txt there")
    for path, truth in zip(garbled, truths, strict=True):
        if path.is_file():
            yield JudgedText("documents, read", "auto", read_text(path), read_text(truth))
