"""The words that the restorer may write, with how often and in which case Vietnamese writes them.

`find_dictionaries` is the one place that knows where the data files lie; `load_lexicon` reads the
readable table of words and lays it out as arrays: a letter tree for the search of candidates and
log probabilities of case.
"""

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vnrepair.errors import ResourceError
from vnrepair.language.letters import skeleton
from vnrepair.language.syllables import is_valid_syllable
from vnrepair.restore.language_model import SPECIAL_WORDS

__all__ = [
    "LOWER",
    "OTHER",
    "PATTERNS",
    "START_PATTERN",
    "TITLE",
    "UPPER",
    "Lexicon",
    "apply_pattern",
    "case_pattern",
    "find_dictionaries",
    "load_lexicon",
]

LOWER, TITLE, UPPER, OTHER = range(4)
"""Case patterns: `học`, `Học`, `HỌC`, and any other (`TTg`)."""
PATTERNS = 4
START_PATTERN = 4
"""Stands for "no word before" in the table of case transitions."""

_PRIOR_CASE = np.array([0.75, 0.18, 0.05, 0.02])
_PRIOR_WEIGHT = 2.0


def case_pattern(word: str) -> int:
    """LOWER, TITLE (a single capital letter included), UPPER or OTHER."""
    if word.islower():
        return LOWER
    if word[:1].isupper() and (len(word) == 1 or word[1:].islower()):
        return TITLE
    return UPPER if word.isupper() else OTHER


def apply_pattern(word: str, pattern: int) -> str:
    """Write a lower-case word in a case pattern; OTHER leaves it."""
    if pattern == TITLE:
        return word[:1].upper() + word[1:]
    return word.upper() if pattern == UPPER else word


def find_dictionaries() -> Path:
    """The folder of data files that came with this copy of vnrepair.

    Raises:
        ResourceError: There is none.
    """
    package = Path(__file__).resolve().parents[1]
    # In a wheel the folder lies inside the package, in a checkout beside it.
    for folder in (package / "dictionaries", package.parent / "dictionaries"):
        if (folder / "manifest.json").is_file():
            return folder
    raise ResourceError(
        f"no dictionaries beside {package}: install vnrepair again, or make them with "
        "`vnrepair learn build --corpus DIR --out dictionaries`"
    )


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Words by number, as the language model numbers them.

    Attributes:
        words: Lower-case forms; `SPECIAL_WORDS` first.
        index: Number of each form.
        writing: For words with two styles of tone marks, the commoner writing (`hoà` or `hòa`).
        counts: Occurrences in the corpora, int64, shape (words,).
        log_case: Log P(pattern | word) inside a sentence and at its start, float32,
            shape (2, words, 4).
        log_case_ratio: Log P(pattern | pattern before) - log P(pattern), float32, shape (5, 4).
        letters: The letters of the tree, in order of their number.
        children: The tree: node under a node by letter, -1 for none; int32, shape (nodes, letters).
        bare_syllables: Skeletons of all Vietnamese syllables among the words.
        word_at: Word that ends at a node, -1 for none; int32, shape (nodes,).
    """

    words: tuple[str, ...]
    index: dict[str, int]
    writing: dict[str, str]
    counts: NDArray[np.int64]
    log_case: NDArray[np.float32]
    log_case_ratio: NDArray[np.float32]
    letters: str
    children: NDArray[np.int32]
    word_at: NDArray[np.int32]
    bare_syllables: frozenset[str]


def load_lexicon(folder: Path) -> Lexicon:
    """Read `words.tsv` and `case_transitions.tsv`.

    Raises:
        ResourceError: A file is missing or damaged.
    """
    return _load_lexicon(folder.resolve())


@functools.lru_cache(maxsize=4)
def _load_lexicon(folder: Path) -> Lexicon:
    rows = read_table(folder / "words.tsv")
    words = SPECIAL_WORDS + tuple(row[0] for row in rows)
    numbers = np.zeros((len(words), 9), dtype=np.int64)
    transitions = np.zeros((START_PATTERN + 1, PATTERNS))
    try:
        if rows:
            cells = np.array([[int(cell) for cell in row[2:11]] for row in rows], dtype=np.int64)
            numbers[len(SPECIAL_WORDS) :] = cells.reshape(len(rows), 9)
        for before, pattern, count in read_table(folder / "case_transitions.tsv"):
            transitions[int(before), int(pattern)] = int(count)
    except (ValueError, IndexError) as error:
        raise ResourceError(
            f"{folder}: words.tsv or case_transitions.tsv is damaged ({error}); "
            "install vnrepair again"
        ) from error
    by_place = numbers[:, 1:].reshape(-1, 2, PATTERNS).transpose(1, 0, 2)
    # Abbreviations and names hardly change their case, so their counts are trusted sooner.
    weight = np.array([1.0 if is_valid_syllable(word) else 0.1 for word in words])
    share = by_place + _PRIOR_WEIGHT * weight[:, None] * _PRIOR_CASE
    log_case = np.log(share / share.sum(axis=2, keepdims=True)).astype(np.float32, order="C")
    smooth = transitions + 10.0 * _PRIOR_CASE
    ratio = smooth / smooth.sum(axis=1, keepdims=True)
    overall = smooth.sum(axis=0) / smooth.sum()
    letters, children, word_at = _build_tree(words)
    return Lexicon(
        words,
        {word: number for number, word in enumerate(words)},
        {row[0]: row[1] for row in rows if row[1]},
        numbers[:, 0],
        log_case,
        np.log(ratio / overall).astype(np.float32),
        letters,
        children,
        word_at,
        frozenset(
            skeleton(word) for word in words[len(SPECIAL_WORDS) :] if is_valid_syllable(word)
        ),
    )


def read_table(path: Path) -> list[list[str]]:
    """Rows of a tab-separated table, without its header and comment lines (`# ...`).

    Raises:
        ResourceError: The file is missing or not UTF-8.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            plain = (line for line in stream if not line.startswith("# "))
            reader = csv.reader(plain, delimiter="\t", quoting=csv.QUOTE_NONE)
            return list(reader)[1:]
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ResourceError(f"{path}: cannot be read ({reason}); install vnrepair again") from error


def _build_tree(words: tuple[str, ...]) -> tuple[str, NDArray[np.int32], NDArray[np.int32]]:
    """Letters, children and words of the letter tree over all words but the special ones."""
    real = words[len(SPECIAL_WORDS) :]
    letters = "".join(sorted(set().union(*real))) if real else ""
    number = {letter: index for index, letter in enumerate(letters)}
    nodes: dict[str, int] = {"": 0}
    edges: list[tuple[int, int, int]] = []
    ends: list[tuple[int, int]] = []
    for word_number, word in enumerate(real, start=len(SPECIAL_WORDS)):
        node = nodes.get(word)
        if node is None:
            parent = 0
            for length in range(1, len(word) + 1):
                prefix = word[:length]
                node = nodes.get(prefix)
                if node is None:
                    node = nodes[prefix] = len(nodes)
                    edges.append((parent, number[word[length - 1]], node))
                parent = node
        ends.append((nodes[word], word_number))
    children = np.full((len(nodes), max(len(letters), 1)), -1, dtype=np.int32)
    if edges:
        parents, labels, targets = np.array(edges).T
        children[parents, labels] = targets
    word_at = np.full(len(nodes), -1, dtype=np.int32)
    if ends:
        places, owners = np.array(ends).T
        word_at[places] = owners
    return letters, children, word_at
