"""The one door to the compiled inner loops of restore/, which lie in `native/`.

The loops that take most of the time (candidate search, n-gram look-up, beam search, weighing of
choices) exist twice: in numpy, in the modules that this one serves, and in C. The C is used where
the extension was built when the package was installed; where no compiler was at hand the numpy
code does the same work, several times slower. Tests hold the two against each other.

`VNREPAIR_NO_KERNEL=1` in the environment leaves the extension aside.
"""

import logging
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    from vnrepair.restore import _kernel
except ImportError:
    _kernel = None  # type: ignore[assignment]

__all__ = [
    "DocumentArrays",
    "ModelArrays",
    "TreeArrays",
    "decode",
    "is_built",
    "is_compiled",
    "log_prob",
    "search",
    "weigh",
]

SWITCH = "VNREPAIR_NO_KERNEL"

ModelArrays = tuple[NDArray[Any] | int, ...]
"""Unigrams and their back-offs, the two tables of the quantiser, then fingerprints, values and
seed of each map; see `NgramLanguageModel.arrays`."""
TreeArrays = tuple[NDArray[Any] | int, ...]
"""Letter tree and emissions; see `CandidateSearch`."""
DocumentArrays = tuple[tuple[NDArray[Any], ...], float, float] | None
"""Arrays, share and back-off weight of a `DocumentCache`, or None."""

_logger = logging.getLogger(__name__)
_use_compiled = _kernel is not None and os.environ.get(SWITCH, "") in ("", "0")
if not _use_compiled:
    _logger.debug("no compiled kernel: restoring with numpy, which is several times slower")


def is_built() -> bool:
    """Whether the extension is there, used or not."""
    return _kernel is not None


def is_compiled() -> bool:
    """Whether the functions of this module may be called."""
    return _use_compiled


def log_prob(
    model: ModelArrays, states: NDArray[np.uint64], words: NDArray[np.integer[Any]]
) -> NDArray[np.float32]:
    """Log P(word | state) for every state with every word of its row.

    Args:
        model: The language model.
        states: Packed contexts, shape (rows, states).
        words: Word numbers, shape (rows, words).

    Returns:
        Nats, shape (rows, states, words).

    Raises:
        ValueError: A word number is not of the model.
    """
    result = np.empty((len(states), states.shape[1], words.shape[1]), dtype=np.float32)
    _kernel.log_prob(
        model,
        np.ascontiguousarray(states, dtype=np.uint64),
        np.ascontiguousarray(words, dtype=np.int64),
        len(states),
        result,
    )
    return result


def search(
    tree: TreeArrays,
    observed: tuple[NDArray[Any], ...],
    seen: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]],
    limits: tuple[float, int],
    word_share: float,
    half_seen: float,
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8], NDArray[np.float32]]:
    """What observed words may have been.

    Args:
        tree: Letter tree and emissions.
        observed: Characters of each word, shape (words,); per place in each word, one more than
            it has characters, the numbers of the emissions of nought to three characters, -1 for
            none, shape (places, 4); the bound on what is left, nats, shape (places,); and that for
            small letters and for capitals, shape (places, 2).
        seen: Where the rows of each word start and the end, shape (words + 1,); then word number,
            case pattern and probability that the word table gives, shape (rows,) each.
        limits: Nats of reach, and states kept per word and step.
        word_share: Most that the word table counts, 0-1.
        half_seen: A word seen so often has half its full share.

    Returns:
        Where the candidates of each word start and the end, shape (words + 1,); then their word
        numbers, case patterns and log probabilities, likeliest first, shape (candidates,) each.

    Raises:
        ValueError: The arrays do not fit each other.
    """
    edges, words, patterns, scores = _kernel.search(
        tree, observed, seen, limits[0], limits[1], word_share, half_seen
    )
    return (
        np.frombuffer(edges, dtype=np.int32),
        np.frombuffer(words, dtype=np.int32),
        np.frombuffer(patterns, dtype=np.int8),
        np.frombuffer(scores, dtype=np.float32),
    )


def decode(
    model: ModelArrays,
    case: tuple[NDArray[np.float32], NDArray[np.float32]],
    weights: tuple[float, float, float],
    document: DocumentArrays,
    slots: tuple[NDArray[Any], ...],
    sentences: tuple[NDArray[Any], ...],
    width: int,
) -> tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.float32]]:
    """The best path through every lattice.

    Args:
        model: The language model.
        case: Log probabilities of case and of its transitions, as in `Lexicon`.
        weights: Of the language model, of case, and nats per word.
        document: What the document is known to say.
        slots: Where the candidates of each slot start and the end, int32, shape (slots + 1,);
            words, int32; seconds, int32; patterns, int8; local scores, float32.
        sentences: Where the tokens of each sentence start and the end, int32, shape
            (sentences + 1,); slot of each token, int32; slot that joins it with the token before,
            or -1, int32; whether a sentence may start there, bool.
        width: Hypotheses kept per position.

    Returns:
        Chosen candidate of each token, -1 where the next token was joined with it, shape
        (tokens,); whether it was joined with the one before, shape (tokens,); log probability of
        each path, nats, shape (sentences,), without meaning for sentences without tokens.

    Raises:
        ValueError: The arrays do not fit each other.
    """
    edges, slot = sentences[:2]
    choice = np.empty(len(slot), dtype=np.int32)
    joined = np.zeros(len(slot), dtype=np.bool_)
    log_probs = np.zeros(len(edges) - 1, dtype=np.float32)
    case = (np.ascontiguousarray(case[0]), np.ascontiguousarray(case[1]))
    _kernel.decode(
        model, case, weights, document, slots, sentences, width, (choice, joined, log_probs)
    )
    return choice, joined, log_probs


def weigh(
    model: ModelArrays, document: DocumentArrays, placed: tuple[NDArray[np.int64], ...]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Log P of every candidate and of the words that follow it.

    Args:
        model: The language model.
        document: What the document is known to say.
        placed: Words and second words of all candidates, where those of each choice start and
            the end, and three words before and behind each choice, -1 for none; all int64.

    Returns:
        Nats per candidate, with and without what the document says.

    Raises:
        ValueError: The arrays do not fit each other.
    """
    wording = np.empty(len(placed[0]), dtype=np.float32)
    plain = np.empty_like(wording)
    _kernel.weigh(
        model, document, tuple(np.ascontiguousarray(part) for part in placed), wording, plain
    )
    return wording, plain
