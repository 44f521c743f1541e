"""What the candidate search looks things up in: emissions, word table, look-ahead.

Made once per lexicon and channel. `prepare` turns observed words into the arrays that both
searches take, the plain one (`tree_walk`) and the compiled one.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vnrepair.restore.channel import HALF_SEEN, MAX_EMITTED, Channel
from vnrepair.restore.lexicon import OTHER, Lexicon, case_pattern

__all__ = ["Observed", "SearchTables"]

LOOKAHEAD_WEIGHT = 0.7
MOST_NATS = 15
"""No emission costs more; see `learn.channel`."""
_IMPOSSIBLE = -1e4

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """Observed words, one behind the other. A word of n characters has n + 1 places.

    Attributes:
        lengths: Characters of each word, int32, shape (words,).
        codes: Numbers of the emissions of nought to three characters that start at each place, -1
            for none, int32, shape (places, 4).
        bounds: The best that the characters from a place on can score, nats, float32, shape
            (places,).
        case_bounds: The same where only small letters may stand for them, and where only capitals
            may, shape (places, 2).
        seen_edges: Where the rows of each word in the word table start, and the end, int32, shape
            (words + 1,).
        seen_words: Word number of each row, int32.
        seen_patterns: Its case pattern, int32.
        seen_mass: P(observed | word) by the word table, times its share, float64.
    """

    lengths: IntArray
    codes: IntArray
    bounds: FloatArray
    case_bounds: FloatArray
    seen_edges: IntArray
    seen_words: IntArray
    seen_patterns: IntArray
    seen_mass: NDArray[np.float64]


class SearchTables:
    """The channel by what comes out, and the letter tree by what is likely below.

    Row 2e holds the lower-case letters that come out as emission e, row 2e + 1 the capitals,
    likeliest first, so that a state of the search takes only what it can afford.

    Args:
        lexicon: Where words come from.
        channel: How they come out.

    Attributes:
        lexicon: As given.
        word_share: Most that the word table counts beside the letter table, 0-1.
        row_start: Where each row starts, and the end, int32, shape (2 * emissions + 1,).
        row_letter: Letters of all rows, int32.
        row_score: Log P(emission | letter), nats, float32.
        totals: How often each word was seen in training in each case pattern but OTHER, float32,
            shape (words, 3).
        lookahead: What the commonest word under each node counts, nats, float32, shape (nodes,).
    """

    def __init__(self, lexicon: Lexicon, channel: Channel) -> None:
        self.lexicon = lexicon
        self.word_share = channel.word_share
        self.lookahead = _lookahead(lexicon)
        self._words = channel.words
        codes, row, letter, score = _flatten(lexicon, channel)
        order = np.lexsort((letter, -score, row))
        sizes = np.bincount(row, minlength=2 * len(codes))
        self.row_start = np.append(0, np.cumsum(sizes)).astype(np.int32)
        self.row_letter = letter[order].astype(np.int32)
        self.row_score = score[order].astype(np.float32)
        best = np.full(len(sizes), -np.inf)
        best[sizes > 0] = self.row_score[self.row_start[:-1][sizes > 0]]
        # Per emission its number, and the likeliest small letter and capital that come out so.
        self._pieces = {
            emitted: (number, *pair)
            for (emitted, number), pair in zip(
                codes.items(), best.reshape(-1, 2).tolist(), strict=True
            )
        }
        self.totals = np.zeros((len(lexicon.words), OTHER), dtype=np.float32)
        for intended, total in channel.totals.items():
            word, pattern = lexicon.index.get(intended.lower(), -1), case_pattern(intended)
            if word >= 0 and pattern != OTHER:
                self.totals[word, pattern] += total

    @functools.cached_property
    def affordable(self) -> NDArray[np.int64]:
        """How many emissions of each row cost no more than so many nats, shape (rows, nats)."""
        rows = len(self.row_start) - 1
        owner = np.repeat(np.arange(rows), np.diff(self.row_start))
        within = [
            np.bincount(owner, self.row_score >= -nats, rows) for nats in range(MOST_NATS + 1)
        ]
        return np.stack(within, axis=1).astype(np.int64)

    def prepare(self, observed: Sequence[str]) -> Observed:
        """Look up the pieces of observed words, none of them empty."""
        codes: list[int] = []
        small: list[float] = []
        capital: list[float] = []
        either: list[float] = []
        for word in observed:
            self._add_pieces(word, codes, small, capital, either)
        seen = [row for place, word in enumerate(observed) for row in self._seen(place, word)]
        owner, words, patterns = (
            np.array([row[:3] for row in seen], dtype=np.int32).reshape(-1, 3).T
        )
        return Observed(
            np.array([len(word) for word in observed], dtype=np.int32),
            np.array(codes, dtype=np.int32).reshape(-1, MAX_EMITTED + 1),
            np.array(either, dtype=np.float32),
            np.stack((small, capital), axis=1).astype(np.float32),
            np.searchsorted(owner, np.arange(len(observed) + 1)).astype(np.int32),
            np.ascontiguousarray(words),
            np.ascontiguousarray(patterns),
            np.array([row[3] for row in seen], dtype=np.float64),
        )

    def _add_pieces(
        self,
        word: str,
        codes: list[int],
        small: list[float],
        capital: list[float],
        either: list[float],
    ) -> None:
        """Add the emission numbers of each place of a word, four each, and the three bounds."""
        known, size = self._pieces, len(word)
        lower, upper, best = ([_IMPOSSIBLE] * size + [0.0] for _ in range(3))
        nothing = known.get("", (-1,))[0]
        numbers = [nothing, -1, -1, -1] * (size + 1)
        for start in range(size - 1, -1, -1):
            for end in range(start + 1, min(start + MAX_EMITTED, size) + 1):
                piece = known.get(word[start:end])
                if piece is not None:
                    code, one, other = piece
                    numbers[(MAX_EMITTED + 1) * start + end - start] = code
                    lower[start] = max(lower[start], one + lower[end])
                    upper[start] = max(upper[start], other + upper[end])
                    best[start] = max(best[start], max(one, other) + best[end])
        codes += numbers
        small += lower
        capital += upper
        either += best

    def _seen(self, place: int, observed: str) -> list[tuple[int, int, int, float]]:
        """What the word table says of a word: (place, word, pattern, probability)."""
        rows: list[tuple[int, int, int, float]] = []
        for intended, count in self._words.get(observed, ()):
            word = self.lexicon.index.get(intended.lower(), -1)
            pattern = case_pattern(intended)
            if word >= 0 and pattern != OTHER:
                total = float(self.totals[word, pattern])
                rows.append((place, word, pattern, self.word_share / (total + HALF_SEEN) * count))
        return rows


def _flatten(
    lexicon: Lexicon, channel: Channel
) -> tuple[dict[str, int], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Every emission of every letter: numbers of the emissions; row, letter and log P of each."""
    number = {letter: index for index, letter in enumerate(lexicon.letters)}
    codes: dict[str, int] = {}
    code: list[int] = []
    upper: list[bool] = []
    letters: list[int] = []
    scores: list[float] = []
    for intended, emissions in channel.letters.items():
        letter = number.get(intended.lower())
        if letter is not None:
            code += [codes.setdefault(emitted, len(codes)) for emitted in emissions]
            upper += [intended.isupper()] * len(emissions)
            letters += [letter] * len(emissions)
            scores += emissions.values()
    rows = 2 * np.array(code, dtype=np.int64) + np.array(upper, dtype=np.int64)
    return codes, rows, np.array(letters, dtype=np.int64), np.array(scores)


@functools.lru_cache(maxsize=4)
def _lookahead(lexicon: Lexicon) -> FloatArray:
    """Log probability of the commonest word under each node, so that common words survive pruning.

    Source:
        Language-model look-ahead, Ortmanns, Ney and Eiden 1996, ICSLP.
    """
    share = np.log((lexicon.counts + 0.5) / (lexicon.counts.sum() + 1.0))
    best = np.where(lexicon.word_at >= 0, share[lexicon.word_at], -np.inf)
    parents, labels = np.nonzero(lexicon.children >= 0)
    children = lexicon.children[parents, labels]
    parent_of = np.zeros(len(best), dtype=np.int64)
    parent_of[children] = parents
    depth, above = np.zeros(len(best), dtype=np.int64), parent_of
    depth[children] = 1
    while above.any():
        depth += above > 0
        above = parent_of[above]
    for level in range(int(depth.max()), 0, -1):
        nodes = np.flatnonzero(depth == level)
        np.maximum.at(best, parent_of[nodes], best[nodes])
    result: FloatArray = (LOOKAHEAD_WEIGHT * best).astype(np.float32)
    return result
