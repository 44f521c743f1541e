"""A lexicon with more words: numbers appended, arrays grown, the letter tree with new branches.

In: a lexicon and words with their writing; out: a copy that holds them. A word is expected in the
case that it was given in, and less readily in others.
"""

import dataclasses
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from vnrepair.restore.lexicon import LOWER, OTHER, PATTERNS, TITLE, UPPER, Lexicon, case_pattern

__all__ = ["extend_lexicon"]

# P(pattern) of a new word that was given in lower case, with a capital, in capitals, or mixed.
# The writing of a mixed one holds its capitals, so the patterns stand for it as it is.
_CASES = {
    LOWER: np.log([0.80, 0.16, 0.03, 0.01]),
    TITLE: np.log([0.02, 0.90, 0.07, 0.01]),
    UPPER: np.log([0.01, 0.02, 0.96, 0.01]),
}
_MIXED_CAPITAL = np.log([0.01, 0.97, 0.01, 0.01])
_MIXED_SMALL = np.log([0.97, 1e-9, 0.02, 0.01])
_STARTING = np.log([0.05, 0.91, 0.03, 0.01])
"""The same of a lower-case word at the start of a sentence."""


def extend_lexicon(
    lexicon: Lexicon,
    index: dict[str, int],
    news: dict[str, str],
    counts: NDArray[np.float64],
    bare: set[str],
) -> Lexicon:
    """The lexicon with new words behind its own; none of its numbers changes.

    Args:
        lexicon: Stays as it is.
        index: Number of each form, the new ones included.
        news: New forms in the order of their numbers, with the writing of each.
        counts: How often each new one is expected, per word of text, shape (new words,).
        bare: Skeletons that may be met in place of words with marks.
    """
    letters, children, word_at = _extend_tree(lexicon, index, news)
    rows = [_log_case(writing) for writing in news.values()]
    log_case = np.array(rows, dtype=np.float32).reshape(len(rows), 2, PATTERNS).transpose(1, 0, 2)
    return dataclasses.replace(
        lexicon,
        words=lexicon.words + tuple(news),
        index=index,
        writing=lexicon.writing
        | {word: text for word, text in news.items() if _is_own(word, text)},
        counts=np.concatenate(
            (lexicon.counts, np.ceil(counts * lexicon.counts.sum()).astype(np.int64))
        ),
        log_case=np.ascontiguousarray(np.concatenate((lexicon.log_case, log_case), axis=1)),
        letters=letters,
        children=children,
        word_at=word_at,
        bare_syllables=lexicon.bare_syllables | bare,
    )


def _is_own(word: str, text: str) -> bool:
    """Whether case patterns alone do not make the writing of a word from it."""
    return case_pattern(text) == OTHER or text.lower() != word


def _log_case(writing: str) -> NDArray[np.float64]:
    """Log P(pattern) of a new word inside a sentence and at its start, shape (2, 4)."""
    pattern = case_pattern(writing)
    if pattern == OTHER:
        row = _MIXED_CAPITAL if writing[:1].isupper() else _MIXED_SMALL
        return np.stack((row, row))
    return np.stack((_CASES[pattern], _STARTING if pattern == LOWER else _CASES[pattern]))


def _extend_tree(
    lexicon: Lexicon, index: dict[str, int], news: Iterable[str]
) -> tuple[str, NDArray[np.int32], NDArray[np.int32]]:
    """Letters, children and words of the tree with branches for new words."""
    seen = set(lexicon.letters)
    letters = lexicon.letters + "".join(sorted({c for word in news for c in word} - seen))
    number = {letter: place for place, letter in enumerate(letters)}
    nodes = len(lexicon.children)
    grown: dict[tuple[int, int], int] = {}
    ends: list[tuple[int, int]] = []
    old_letters = lexicon.children.shape[1]
    for word in news:
        node = 0
        for letter in word:
            edge = node, number[letter]
            known = node < nodes and edge[1] < old_letters
            child = int(lexicon.children[edge]) if known else -1
            node = child if child >= 0 else grown.setdefault(edge, nodes + len(grown))
        ends.append((node, index[word]))
    size = nodes + len(grown)
    children = np.full((size, max(len(letters), 1)), -1, dtype=np.int32)
    children[:nodes, :old_letters] = lexicon.children
    word_at = np.full(size, -1, dtype=np.int32)
    word_at[:nodes] = lexicon.word_at
    for (node, place), child in grown.items():
        children[node, place] = child
    for node, word_number in ends:
        word_at[node] = word_number
    return letters, children, word_at
