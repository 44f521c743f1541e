"""The one command that makes `dictionaries/`: corpora in, models with a manifest out.

Everything that is random is seeded and nothing depends on the clock or the machine, so the same
corpora, fonts and Tesseract give the same bytes.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vnrepair.errors import InputError
from vnrepair.language.syllables import is_valid_syllable
from vnrepair.language.tones import fold_tone_style
from vnrepair.learn.channel import collect_token_pairs, train_channel
from vnrepair.learn.corpus import TokenStream, corpus_files, encode_corpus, sample_lines
from vnrepair.learn.fonts import find_families
from vnrepair.learn.ngrams import NgramCounts, count_ngrams, estimate
from vnrepair.learn.pairs import make_pairs, read_pairs, write_pairs
from vnrepair.learn.tables import bare_channel_tables, channel_tables, word_tables
from vnrepair.learn.vocabulary import Vocabulary, build_vocabulary
from vnrepair.restore.arrays import pack_arrays
from vnrepair.restore.language_model import START_WORD, pack_language_model
from vnrepair.restore.manifest import FORMAT_VERSION, LANGUAGE_MODEL_FILE
from vnrepair.scan.ocr import engine_version

__all__ = ["build"]

CORPUS_WEIGHTS = {"administrative": 10, "legal_documents": 2, "legal_mixed": 2, "names": 2}
"""What a count in a corpus is worth; the heavy ones are nearest to the documents of users."""
TEXT_WEIGHT = 12
"""The same for texts of one's own: they are few, and written because the corpora lack their kind.
They are counted twice, so that what they say only once is kept as well."""
PAGE_SHARES = {
    "administrative": 4.0,
    "legal_documents": 4.0,
    "legal_mixed": 2.0,
    "legal_phapdien": 1.5,
    "legal_codes": 0.5,
    "agency_news": 1.5,
    "news_baomoi": 2.0,
    "web_mixed": 1.5,
}
"""Shares of the corpora in the text of training pages."""
LINES_PER_PAGE = 34
MIN_RAW = (1, 2, 2, 2)
"""An n-gram that the corpora hold only once is never kept."""
BUDGET = (0, 1_250_000, 4_200_000, 3_100_000)
ABBREVIATIONS_FILE = "abbreviations.tsv"
MIN_ABBREVIATION_CHARS = 3

Progress = Callable[[str], None]


def build(
    corpus: Path,
    out: Path,
    *,
    names: Path | None = None,
    texts: Path | None = None,
    pairs: Path | None = None,
    pages: int = 900,
    jobs: int = 2,
    seed: int = 1,
    progress: Progress | None = None,
) -> None:
    """Count, render, read, train, and write the dictionaries.

    Args:
        corpus: Folder of `*.txt` or `*.txt.xz`, UTF-8, a sentence or paragraph a line.
        out: Folder for the dictionaries; written whole or not at all, file by file.
        names: Folder with `place_names.tsv` and `given_names.tsv`, and `abbreviations.tsv` where
            there is one, or None.
        texts: Folder of texts of one's own, files as in `corpus`, or None. They weigh much more,
            and none of their lines are held out.
        pairs: Table of line pairs that is read instead of rendering pages, where it exists, and
            written where it does not; None keeps no pairs.
        pages: Training pages to render and read, each with both language models.
        jobs: Tesseract processes at a time.
        seed: Another seed draws other lines and damages.
        progress: Told what is being done.

    Raises:
        InputError: The corpus cannot be read.
        EngineError: Tesseract or a language pack is missing.
    """
    say = progress or (lambda message: None)  # noqa: ARG005
    files = corpus_files(corpus)
    listed = _names(names) if names is not None else []
    say(f"reading {len(files)} corpora")
    own = corpus_files(texts) if texts is not None else ()
    stream = encode_corpus(
        files, listed, lambda name, lines: say(f"reading {name}: {lines} lines"), whole=own
    )
    if not any(len(events) and events.any() for _, events in stream.parts):
        raise InputError(f"{corpus}: its files hold no text outside the held-out share")
    extra = _syllables(stream, own)
    extra += _abbreviations(names) if names is not None else []
    vocabulary = build_vocabulary(stream, extra)
    outputs = word_tables(vocabulary, stream.ids)
    events_read = sum(len(events) for _, events in stream.parts)
    outputs[LANGUAGE_MODEL_FILE], sizes = _language_model(stream, vocabulary, own, say)
    del stream
    readings = _readings(files, pairs, pages, jobs, seed, say)
    for language, found in readings.items():
        say(f"training the channel of {language}")
        token_pairs = collect_token_pairs(found, marks_are_tones=language != "eng")
        outputs |= channel_tables(f"tesseract-{language}", train_channel(token_pairs))
    outputs |= bare_channel_tables()
    options = "".join(
        f" --{name} DIR" for name, given in (("names", names), ("texts", texts)) if given
    )
    manifest = {
        "format_version": FORMAT_VERSION,
        "command": "vnrepair learn build --corpus DIR --out DIR"
        f"{options} --pages {pages} --seed {seed}",
        "corpora": {path.name: _sha256(path.read_bytes()) for path in files},
        "names": {path.name: _sha256(path.read_bytes()) for path in _name_files(names)},
        "texts": {path.name: _sha256(path.read_bytes()) for path in own},
        "tesseract": engine_version(),
        "fonts": [family.name for family in find_families()],
        "corpus_weights": CORPUS_WEIGHTS | {_name(path): 2 * TEXT_WEIGHT for path in own},
        "events": events_read,
        "ngrams": sizes,
        "line_pairs": {language: len(found) for language, found in readings.items()},
        "licence": "figures counted from texts; see README.md in this folder",
        "files": {
            name: {"bytes": len(data), "sha256": _sha256(data)}
            for name, data in sorted(outputs.items())
        },
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    outputs["manifest.json"] = text.encode()
    write_folder(out, outputs)


def write_folder(out: Path, outputs: dict[str, bytes]) -> None:
    """Write files beside their names first, then rename all; the manifest comes last."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".build-") as scratch:
        for name, data in outputs.items():
            with (Path(scratch) / name).open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        for name in sorted(outputs, key=lambda item: item == "manifest.json"):
            (Path(scratch) / name).replace(out / name)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _name_files(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    files = [folder / "place_names.tsv", folder / "given_names.tsv"]
    abbreviations = folder / ABBREVIATIONS_FILE
    return [*files, abbreviations] if abbreviations.is_file() else files


def _name(path: Path) -> str:
    return path.name.split(".")[0]


def _language_model(
    stream: TokenStream, vocabulary: Vocabulary, own: Sequence[Path], say: Progress
) -> tuple[bytes, list[int]]:
    """The packed language model, and how many n-grams of each order it holds."""
    texts = {_name(path) for path in own}
    parts: list[tuple[NDArray[np.uint16], int]] = []
    for name, events in stream.parts:
        words = vocabulary.word_of_type[events]
        if name in texts:
            parts += [(words, TEXT_WEIGHT)] * 2
        else:
            parts.append((words, CORPUS_WEIGHTS.get(name, 1)))
    counts: list[NgramCounts] = []
    for order in range(1, len(BUDGET) + 1):
        say(f"counting {order}-grams")
        counts.append(count_ngrams(parts, order, START_WORD))
    models = estimate(counts, len(vocabulary.words), START_WORD, MIN_RAW, BUDGET, say)
    sizes = [len(model.keys) for model in models]
    say("packing the language model")
    arrays = pack_language_model([(m.keys, m.log_prob, m.log_backoff) for m in models])
    return pack_arrays(arrays, {"ngrams": sizes}), sizes


def _readings(
    files: Sequence[Path], pairs: Path | None, pages: int, jobs: int, seed: int, say: Progress
) -> dict[str, list[tuple[str, str]]]:
    """Observed and intended text of the lines of training pages, by language of Tesseract."""
    if pairs is None or not pairs.exists():
        lines = sample_lines(files, PAGE_SHARES, pages * LINES_PER_PAGE, seed, held_out=False)
        say(f"rendering and reading {pages} pages")
        made = make_pairs(lines, ("eng", "vie"), seed, jobs, pages=pages)
        if pairs is not None:
            write_pairs(made, pairs)
            made = read_pairs(pairs)
    else:
        made = read_pairs(pairs)
    by_language: dict[str, list[tuple[str, str]]] = {"eng": [], "vie": []}
    for number, pair in enumerate(made):
        if pair.language not in by_language:
            raise InputError(f"{pairs}: pairs of language {pair.language!r}; known: eng, vie")
        by_language[pair.language].append((pair.observed, pair.intended))
        if number % 1000 == 0:
            say(f"{number} lines of pages read, of about {2 * 45 * pages}")
    return by_language


def _syllables(stream: TokenStream, own: Sequence[Path]) -> list[str]:
    """Vietnamese syllables of texts of one's own, known however seldom they stand there."""
    texts = {_name(path) for path in own}
    parts = (events for name, events in stream.parts if name in texts)
    types = {int(event) for events in parts for event in np.unique(events)}
    words = (stream.types[number].lower() for number in sorted(types))
    return [word for word in words if is_valid_syllable(fold_tone_style(word))]


def _abbreviations(folder: Path) -> list[str]:
    """Abbreviations of three letters and more, which enter the vocabulary whatever their count."""
    path = folder / ABBREVIATIONS_FILE
    if not path.is_file():
        return []
    try:
        rows = [row.split("\t")[0] for row in path.read_text(encoding="utf-8").splitlines()[1:]]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    return [row for row in rows if len(row) >= MIN_ABBREVIATION_CHARS and row.isalpha()]


def _names(folder: Path) -> list[str]:
    """Place names with what they lie in, and given names, as lines of text."""
    lines: list[str] = []
    places, given, *_ = _name_files(folder)
    try:
        for row in places.read_text(encoding="utf-8").splitlines():
            _, name, parent = [*row.split("\t"), "", ""][:3]
            lines.append(f"{name}, {parent}" if parent else name)
        for row in given.read_text(encoding="utf-8").splitlines():
            lines.append(row.split("\t")[0])
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{folder}: needs place_names.tsv and given_names.tsv, UTF-8 ({error})"
        ) from error
    return lines
