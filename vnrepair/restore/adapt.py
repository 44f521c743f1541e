"""What a document says of itself: a small model of its own words helps to read its ruins.

A name that stands clearly in one place is likelier in every other place of the same document. The
first pass over a document gives words with their probabilities; the sure ones make a bigram cache
that is mixed into the language model for a second pass.

Source:
    Kuhn and De Mori 1990, "A cache-based natural language model for speech recognition", IEEE
    PAMI.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vnrepair.restore import kernel
from vnrepair.restore.language_model import SPECIAL_WORDS

__all__ = ["DocumentCache", "build_cache"]

MIN_PROBABILITY = 0.9
"""Surer words than this enter the cache."""
MAX_SHARE = 0.2
"""Weight of the cache beside the language model in a long document."""
HALF_WORDS = 100.0
"""In a document with so many sure words the cache has half its full weight."""
BACKOFF_WEIGHT = 3.0
"""Pseudo-counts of the cache's single words beside its pairs."""

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class DocumentCache:
    """Bigram counts of one document.

    Attributes:
        pairs: Sorted keys `previous << 16 | word`, uint64, shape (n,).
        pair_counts: Expected counts, float32, shape (n,).
        single: P(word) in the document, float32, shape (words,); 0 only for words in no pair.
        context_counts: Counts of each word as a context, float32, shape (words,).
        share: Weight of the cache in the mixture, 0-1.
    """

    pairs: NDArray[np.uint64]
    pair_counts: FloatArray
    single: FloatArray
    context_counts: FloatArray
    share: float

    @property
    def arrays(self) -> kernel.DocumentArrays:
        """What the compiled kernel is given of the cache."""
        arrays = (self.pairs, self.pair_counts, self.single, self.context_counts)
        return arrays, self.share, BACKOFF_WEIGHT

    def mix(
        self, wording: FloatArray, states: NDArray[np.uint64], words: NDArray[np.int64]
    ) -> FloatArray:
        """Mix the cache into log probabilities.

        Args:
            wording: Log P of the language model, shape (rows, states, words).
            states: Its contexts, shape (rows, states).
            words: Its words, shape (rows, words).

        Returns:
            Log P of the mixture, same shape.
        """
        previous = (states & np.uint64(0xFFFF)).astype(np.int64)
        keys = (previous[:, :, None] << 16 | words[:, None, :]).astype(np.uint64)
        at = np.minimum(np.searchsorted(self.pairs, keys), len(self.pairs) - 1)
        count = np.where(self.pairs[at] == keys, self.pair_counts[at], np.float32(0.0))
        weight = np.float32(BACKOFF_WEIGHT)
        cached = (count + weight * self.single[words][:, None, :]) / (
            self.context_counts[previous] + weight
        )[:, :, None]
        mixed = (1.0 - self.share) * np.exp(wording) + self.share * cached
        result: FloatArray = np.log(mixed).astype(np.float32)
        return result


def build_cache(
    sequences: Iterable[tuple[Sequence[int], Sequence[float]]], words: int
) -> DocumentCache | None:
    """Count the sure words of a document.

    Args:
        sequences: Per sentence its word numbers and the probability of each.
        words: Size of the vocabulary.

    Returns:
        The cache, or None when the document is too short to say anything.
    """
    pairs: dict[int, float] = {}
    single = np.zeros(words, dtype=np.float32)
    context = np.zeros(words, dtype=np.float32)
    total = 0
    for numbers, probabilities in sequences:
        previous, previous_sure = 0, True
        for word, probability in zip(numbers, probabilities, strict=True):
            sure = probability >= MIN_PROBABILITY and word >= len(SPECIAL_WORDS)
            if sure:
                single[word] += 1
                total += 1
                if previous_sure:
                    key = previous << 16 | word
                    pairs[key] = pairs.get(key, 0.0) + 1.0
                    context[previous] += 1
            previous, previous_sure = word, sure
    if not pairs:
        return None
    keys = np.array(sorted(pairs), dtype=np.uint64)
    counts = np.array([pairs[int(key)] for key in keys], dtype=np.float32)
    share = MAX_SHARE * total / (total + HALF_WORDS)
    return DocumentCache(keys, counts, single / np.float32(total), context, share)
