"""The likeliest wording of many sentences: the best paths through their lattices of candidates.

The search is done by the compiled kernel, or by numpy where that was not built; `beam` says how.
"""

from collections.abc import Sequence

import numpy as np

from vnrepair.restore import beam, kernel
from vnrepair.restore.adapt import DocumentCache
from vnrepair.restore.language_model import NgramLanguageModel
from vnrepair.restore.lexicon import Lexicon
from vnrepair.restore.paths import (
    Choice,
    Decoded,
    Lattices,
    Path,
    Sentence,
    Slot,
    Weights,
    pack,
)

__all__ = [
    "Choice",
    "Path",
    "Sentence",
    "Slot",
    "Weights",
    "decode",
    "decode_all",
    "decoded_of",
    "paths_of",
]


def decode(
    sentences: Sequence[Sentence],
    lexicon: Lexicon,
    model: NgramLanguageModel,
    weights: Weights,
    width: int,
    cache: DocumentCache | None = None,
) -> list[Path]:
    """Find the best path through each lattice; see `decode_all`.

    Returns:
        One path per sentence, in order.
    """
    lattices = pack(sentences)
    return paths_of(lattices, decode_all(lattices, lexicon, model, weights, width, cache))


def decode_all(
    lattices: Lattices,
    lexicon: Lexicon,
    model: NgramLanguageModel,
    weights: Weights,
    width: int,
    cache: DocumentCache | None = None,
) -> Decoded:
    """Find the best path through each lattice.

    Args:
        lattices: Sentences; every slot has at least one candidate.
        lexicon: Gives the case statistics.
        model: Gives P(word | context).
        weights: How much each counts.
        width: Hypotheses kept per position. The result is exact when it is wide enough.
        cache: What the document is known to say, from an earlier pass.
    """
    if not kernel.is_compiled():
        paths = beam.search(lattices.sentences, lexicon, model, weights, width, cache)
        return decoded_of(lattices, paths)
    choice, joined, log_probs = kernel.decode(
        model.arrays,
        (lexicon.log_case, lexicon.log_case_ratio),
        (weights.language_model, weights.case, weights.word_bonus),
        None if cache is None else cache.arrays,
        (lattices.edges, lattices.words, lattices.seconds, lattices.patterns, lattices.local),
        (lattices.starts, lattices.slot, lattices.join, lattices.soft),
        width,
    )
    return Decoded(choice, joined, log_probs)


def paths_of(lattices: Lattices, decoded: Decoded) -> list[Path]:
    """The paths of all sentences, choice by choice."""
    paths: list[Path] = []
    chosen, joined = decoded.choice.tolist(), decoded.joined.tolist()
    for number, log_prob in enumerate(decoded.log_probs.tolist()):
        start, end = lattices.starts[number : number + 2].tolist()
        choices = tuple(
            Choice(place - start, chosen[place], joined[place])
            for place in range(start, end)
            if chosen[place] >= 0
        )
        paths.append(Path(choices, log_prob))
    return paths


def decoded_of(lattices: Lattices, paths: Sequence[Path]) -> Decoded:
    """The paths of all sentences as arrays."""
    choice = np.full(len(lattices.slot), -1, dtype=np.int32)
    joined = np.zeros(len(lattices.slot), dtype=np.bool_)
    for start, path in zip(lattices.starts.tolist(), paths, strict=False):
        for one in path.choices:
            choice[start + one.position] = one.index
            joined[start + one.position] = one.joined
    log_probs = np.array([path.log_prob for path in paths], dtype=np.float32)
    return Decoded(choice, joined, log_probs)
