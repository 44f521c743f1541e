"""Which words may have been meant: whole-word candidates for many observed words at once.

The search walks the letter tree of the lexicon beside the observed characters; `tree_walk` says
how. It is done by the compiled kernel, or by numpy where that was not built. What the word table
of the channel knows of a whole word is added.
"""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vnrepair.restore import kernel, tree_walk
from vnrepair.restore.channel import HALF_SEEN, Channel
from vnrepair.restore.lexicon import Lexicon
from vnrepair.restore.search_tables import SearchTables

__all__ = ["CandidateSearch", "Candidates"]

MAX_OBSERVED_CHARS = 14
NARROW = (12.0, 200, 128)
WIDE = (16.0, 600, 48)
"""Nats by which an explanation may be worse than the best conceivable one, states kept per
observed word and step, and words searched together, which bounds the memory. Words that the
narrow search does not explain well get the wide one."""
POOR_NATS, POOR_NATS_PER_CHAR = 2.0, 0.7


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What one observed word may have been.

    Attributes:
        words: Word numbers, int32, shape (n,).
        patterns: Case patterns, int8, shape (n,).
        log_channel: Log P(observed | word in that case), nats, float32, shape (n,).
    """

    words: NDArray[np.int32]
    patterns: NDArray[np.int8]
    log_channel: NDArray[np.float32]


NO_CANDIDATES = Candidates(np.empty(0, np.int32), np.empty(0, np.int8), np.empty(0, np.float32))


class CandidateSearch:
    """Finds candidates in a lexicon through a channel.

    Args:
        lexicon: Where words come from.
        channel: How they come out.
    """

    def __init__(self, lexicon: Lexicon, channel: Channel) -> None:
        self._tables = SearchTables(lexicon, channel)
        self._tree = _lay_out(self._tables) if kernel.is_compiled() else None

    def search(self, observed: Sequence[str], *, wide: bool = True) -> list[Candidates]:
        """Candidates for each observed word.

        Args:
            observed: Distinct words, tone marks in the style of the lexicon.
            wide: Search again, and wider, for words that are not explained well.

        Returns:
            One record per word, best channel score first; empty where nothing explains it.
        """
        results = [NO_CANDIDATES] * len(observed)
        short = [i for i, word in enumerate(observed) if 0 < len(word) <= MAX_OBSERVED_CHARS]
        for limits in (NARROW, WIDE) if wide else (NARROW,):
            for start in range(0, len(short), limits[2]):
                block = short[start : start + limits[2]]
                found = self._find([observed[i] for i in block], limits[0], limits[1])
                for place, candidates in zip(block, found, strict=True):
                    results[place] = candidates
            short = [i for i in short if _is_poor(observed[i], results[i])]
        return results

    def _find(self, observed: Sequence[str], reach: float, most: int) -> list[Candidates]:
        tables = self._tables
        rows = tables.prepare(observed)
        if self._tree is None:
            edges, words, patterns, scores = tree_walk.walk(tables, rows, reach, most)
        else:
            edges, words, patterns, scores = kernel.search(
                self._tree,
                (rows.lengths, rows.codes, rows.bounds, rows.case_bounds),
                (rows.seen_edges, rows.seen_words, rows.seen_patterns, rows.seen_mass),
                (reach, most),
                tables.word_share,
                HALF_SEEN,
            )
        return [
            Candidates(words[first:last], patterns[first:last], scores[first:last])
            for first, last in itertools.pairwise(edges.tolist())
        ]


def _lay_out(tables: SearchTables) -> kernel.TreeArrays:
    """The tables as the compiled search takes them: the letter tree by its edges."""
    rows, letters = len(tables.row_start) - 1, tables.lexicon.children.shape[1]
    owner = np.repeat(np.arange(rows), np.diff(tables.row_start))
    emission = np.zeros((rows, letters), dtype=np.float32)
    np.add.at(emission, (owner, tables.row_letter), np.exp(tables.row_score))
    return (
        *_lay_out_tree(tables.lexicon),
        tables.lexicon.word_at,
        np.exp(tables.lookahead),
        letters,
        emission,
        tables.totals,
    )


@functools.lru_cache(maxsize=4)
def _lay_out_tree(lexicon: Lexicon) -> tuple[NDArray[np.int32], ...]:
    """Per node where its children start, and the end; the children; their letters."""
    children = lexicon.children
    parents, letters = np.nonzero(children >= 0)
    edges = np.searchsorted(parents, np.arange(len(children) + 1))
    return edges.astype(np.int32), children[parents, letters], letters.astype(np.int32)


def _is_poor(observed: str, found: Candidates) -> bool:
    best = found.log_channel[0] if len(found.words) else -np.inf
    return bool(best < -POOR_NATS - POOR_NATS_PER_CHAR * len(observed))
