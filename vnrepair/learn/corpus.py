"""Corpus text to arrays of token numbers. First stage of learn/: xz files in, events out.

Lines stream one at a time, so memory is bounded by the tokens (four bytes each) and the table of
distinct tokens. A share of the lines, taken in blocks so that neighbours stay together, is held
out of every count: it is what quality is measured on.
"""

import heapq
import lzma
import unicodedata
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vnrepair.errors import InputError
from vnrepair.restore.tokenise import Kind, ends_sentence, split_chunk

__all__ = [
    "BREAK",
    "CODE",
    "HELD_OUT_BLOCK",
    "NUMBER",
    "TokenStream",
    "corpus_files",
    "encode_corpus",
    "is_held_out",
    "read_lines",
    "sample_lines",
]

# Events that are no words; they stand first in every table of types.
BREAK, NUMBER, CODE = 0, 1, 2
SPECIAL_TYPES = ("<s>", "<num>", "<code>")

HELD_OUT_BLOCK, HELD_OUT_OF = 400, 100
"""Neighbouring lines that are held out or counted together; one block of so many is held out."""
SMALL_CORPORA = {"administrative": (100, 20), "legal_codes": (100, 25)}
"""The same for corpora of which no block of the usual size would be drawn."""
MAX_CACHED_CHUNKS = 4_000_000
MIN_SAMPLED_CHARS, MAX_SAMPLED_CHARS = 4, 600


def corpus_files(corpus: Path) -> tuple[Path, ...]:
    """Text files of a corpus folder, `*.txt` and `*.txt.xz`, by name.

    Raises:
        InputError: The folder is missing or holds no such file.
    """
    files = tuple(sorted(p for p in corpus.glob("*.txt*") if p.suffix in (".txt", ".xz")))
    if not files:
        raise InputError(f"{corpus}: no *.txt or *.txt.xz file there; name a folder of UTF-8 text")
    return files


def read_lines(path: Path) -> Iterator[str]:
    """Lines of one corpus file, NFC, without line ends.

    Raises:
        InputError: The file is not xz or not UTF-8.
    """
    opener: Callable[..., object] = lzma.open if path.suffix == ".xz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as stream:  # type: ignore[attr-defined]
            for line in stream:
                yield unicodedata.normalize("NFC", line.rstrip("\n"))
    except (UnicodeDecodeError, lzma.LZMAError, EOFError, OSError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text ({error})") from error


def is_held_out(name: str, line_number: int) -> bool:
    """Whether a line is kept from counting, to measure on.

    Args:
        name: Name of the corpus file without its endings.
        line_number: Counted from 0.
    """
    size, of = SMALL_CORPORA.get(name, (HELD_OUT_BLOCK, HELD_OUT_OF))
    block = f"{name}:{line_number // size}".encode()
    return zlib.crc32(block) % of == 0


@dataclass(frozen=True, slots=True)
class TokenStream:
    """A corpus as numbers.

    Attributes:
        types: Distinct tokens as written (cased); the first three are break, number and code.
        parts: Per file: its name and its events, int32, each an index into `types`.
        ids: Distinct document ids (`56/KH-UBND`), each counted once per distinct chunk.
    """

    types: tuple[str, ...]
    parts: tuple[tuple[str, NDArray[np.int32]], ...]
    ids: Counter[str]


class _Encoder(dict[str, tuple[int, ...]]):
    """Chunk to events; what it has not met it works out."""

    def __init__(self) -> None:
        super().__init__()
        self.types: dict[str, int] = {name: i for i, name in enumerate(SPECIAL_TYPES)}
        self.ids: Counter[str] = Counter()

    def __missing__(self, chunk: str) -> tuple[int, ...]:
        events: list[int] = []
        for _, core, kind, _, trail in split_chunk(chunk):
            if kind is Kind.WORD:
                events.append(self.types.setdefault(core, len(self.types)))
            elif kind is Kind.NUMBER:
                events.append(NUMBER)
            elif kind is not Kind.PUNCTUATION:
                events.append(CODE)
                if kind is Kind.DOCUMENT_ID:
                    self.ids[core] += 1
            if ends_sentence(core if kind is Kind.PUNCTUATION else trail):
                events.append(BREAK)
        result = tuple(events)
        if len(self) < MAX_CACHED_CHUNKS:
            self[chunk] = result
        return result


def encode_corpus(
    files: Sequence[Path],
    names: Sequence[str] = (),
    progress: Callable[[str, int], None] | None = None,
    *,
    whole: Sequence[Path] = (),
) -> TokenStream:
    """Count out the training share of a corpus as numbers.

    Args:
        files: What `corpus_files` gives.
        names: Names of places and people, which make one more part, called "names".
        whole: Files of which nothing is held out.
        progress: Called now and then with the file's name and the lines read of it.

    Raises:
        InputError: A file cannot be read.
    """
    encoder = _Encoder()
    parts: list[tuple[str, NDArray[np.int32]]] = []
    for path in (*files, *whole):
        name = path.name.split(".")[0]
        events = array("i")
        for number, line in enumerate(read_lines(path)):
            if path not in whole and is_held_out(name, number):
                continue
            events.append(BREAK)
            for chunk in line.split():
                events.extend(encoder[chunk])
            if progress is not None and number % 10_000 == 0:
                progress(path.name, number)
        parts.append((name, np.frombuffer(events, dtype=np.int32)))
    events = array("i")
    for line in names:
        events.append(BREAK)
        for chunk in line.split():
            events.extend(encoder[chunk])
    if names:
        parts.append(("names", np.frombuffer(events, dtype=np.int32)))
    return TokenStream(tuple(encoder.types), tuple(parts), encoder.ids)


def sample_lines(
    files: Sequence[Path], shares: dict[str, float], total: int, seed: int, *, held_out: bool
) -> list[str]:
    """Draw corpus lines, the same ones for the same arguments.

    Args:
        files: What `corpus_files` gives.
        shares: Weight of each corpus by name; a corpus that is not named weighs 1.0.
        total: Lines to draw, over all corpora.
        seed: Another seed draws other lines.
        held_out: Draw from the held-out share instead of the training share.

    Returns:
        Lines in random order; fewer than `total` where a corpus is too small.
    """
    names = [path.name.split(".")[0] for path in files]
    whole = sum(shares.get(name, 1.0) for name in names)
    drawn: list[tuple[int, str]] = []
    for path, name in zip(files, names, strict=True):
        wanted = round(total * shares.get(name, 1.0) / whole)
        # The lines with the smallest hashes are a random sample that no order of reading changes.
        heap: list[tuple[int, str]] = []
        for number, line in enumerate(read_lines(path)):
            if len(line) < MIN_SAMPLED_CHARS or is_held_out(name, number) is not held_out:
                continue
            rank = zlib.crc32(f"{seed}:{name}:{number}".encode())
            if len(heap) < wanted:
                heapq.heappush(heap, (-rank, line[:MAX_SAMPLED_CHARS]))
            elif heap and rank < -heap[0][0]:
                heapq.heapreplace(heap, (-rank, line[:MAX_SAMPLED_CHARS]))
        drawn += heap
    drawn.sort(key=lambda item: (zlib.crc32(f"{seed}:{item[1]}".encode()), item[1]))
    return [line for _, line in drawn]
