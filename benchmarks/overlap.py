"""Which held-out lines say what the training text says too, so that figures can leave them out.

A line is kept from training, but its words may stand in another line or another corpus as well:
laws quote each other and are reprinted. Such a line is no test of what the models make of new text.
A line counts as repeated when any 13 words in a row of it stand in the training share, case and
white space aside; a shorter line when the training share has that very line.

Source:
    Overlap of 13 words: Brown et al. 2020, "Language models are few-shot learners", appendix C.
"""

from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vnrepair.learn.corpus import corpus_files, is_held_out, read_lines

__all__ = ["RUN_WORDS", "find_repeated"]

RUN_WORDS = 13
_CHUNK_WORDS = 3_000_000
"""Training words hashed together; bounds the memory to some 100 MB."""

# Odd constants of the finaliser of SplitMix64 (Steele, Lea, Flood 2014); they scatter the runs.
_SHIFT = np.uint64(0x9E3779B97F4A7C15)
_SPREAD = np.uint64(0xBF58476D1CE4E5B9)

Hashes = NDArray[np.uint64]


def find_repeated(corpus: Path, lines: Sequence[str]) -> list[bool]:
    """Tell for each held-out line whether the training share holds it too.

    Args:
        corpus: Folder of `*.txt` or `*.txt.xz`; all of it is read, at some million words a second.
        lines: Held-out lines.

    Returns:
        One value per line. A false yes has odds of one in some 10^12 a line.
    """
    words = [line.lower().split() for line in lines]
    # Zero is every word that no held-out line has, and the border between lines.
    numbers: dict[str, int] = {}
    for word in (word for line in words for word in line):
        numbers.setdefault(word, len(numbers) + 1)
    runs = [_runs(numbers[word] for word in line) for line in words]
    whole = {" ".join(line): False for line in words if len(line) < RUN_WORDS}
    wanted = np.unique(np.concatenate(runs)) if runs else np.empty(0, dtype=np.uint64)
    met = np.zeros(len(wanted), dtype=np.bool_)
    chunk = array("I")
    for path in corpus_files(corpus):
        name = path.name.split(".")[0]
        for number, line in enumerate(read_lines(path)):
            if is_held_out(name, number):
                continue
            parts = line.lower().split()
            if len(parts) < RUN_WORDS:
                text = " ".join(parts)
                if text in whole:
                    whole[text] = True
                continue
            chunk.extend(numbers.get(word, 0) for word in parts)
            chunk.append(0)
            if len(chunk) > _CHUNK_WORDS:
                _mark(chunk, wanted, met)
                del chunk[:]
    _mark(chunk, wanted, met)
    return [
        bool(met[np.searchsorted(wanted, own)].any()) if len(own) else whole[" ".join(line)]
        for line, own in zip(words, runs, strict=True)
    ]


def _runs(numbers: Iterable[int]) -> Hashes:
    """A hash of every run of words, in order."""
    words = np.fromiter(numbers, dtype=np.uint64)
    size = max(0, len(words) - RUN_WORDS + 1)
    hashes = np.zeros(size, dtype=np.uint64)
    for place in range(RUN_WORDS):
        hashes = (hashes * _SHIFT) ^ (words[place : place + size] * _SPREAD)
    return hashes


def _mark(chunk: Iterable[int], wanted: Hashes, met: NDArray[np.bool_]) -> None:
    """Note which of the wanted runs a chunk of training text holds."""
    if not len(wanted):
        return
    found = _runs(chunk)
    place = np.minimum(np.searchsorted(wanted, found), len(wanted) - 1)
    met[place[wanted[place] == found]] = True
