"""P(intended): the n-gram model of Vietnamese wording, asked for whole arrays at a time.

Words are numbers of the lexicon; a context is up to three of them packed into 48 bits, the latest
lowest. Case and punctuation are no part of the model: sentences and clauses end with `.;:!?`, and
numbers and codes are one word each.

Source:
    Back-off form of interpolated modified Kneser-Ney (Chen and Goodman 1998), quantised as in
    Federico and Bertoldi 2006, "How many bits are needed to store probabilities for phrase-based
    translation?", WMT.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vnrepair.errors import ResourceError
from vnrepair.restore import kernel
from vnrepair.restore.bloomier import BloomierMap, build_bloomier_map

__all__ = [
    "CODE_WORD",
    "MAX_WORDS",
    "NUMBER_WORD",
    "SPECIAL_WORDS",
    "START_STATE",
    "START_WORD",
    "UNKNOWN_WORD",
    "NgramLanguageModel",
    "next_state",
    "pack_language_model",
    "unpack_language_model",
]

SPECIAL_WORDS: Final = ("<s>", "<num>", "<code>", "<unk>")
START_WORD, NUMBER_WORD, CODE_WORD, UNKNOWN_WORD = range(4)
MAX_WORDS: Final = 1 << 16
"""Numbers that a packed context can tell apart."""
START_STATE: Final = np.uint64(START_WORD)
"""The context at the start of a sentence."""

PROB_STEP_NATS = 0.07  # 256 steps reach down to -17.9 nats
BACKOFF_STEP_NATS, BACKOFF_FLOOR_NATS = 0.04, -8.2  # 256 steps from -8.2 to 2.0 nats

_16 = np.uint64(16)
_WORD = np.uint64(0xFFFF)
_THREE_WORDS = np.uint64(0xFFFF_FFFF_FFFF)
_MASKS = (_WORD, np.uint64(0xFFFF_FFFF), _THREE_WORDS)
_PROBS = (-PROB_STEP_NATS * np.arange(256)).astype(np.float32)
_BACKOFFS = (BACKOFF_FLOOR_NATS + BACKOFF_STEP_NATS * np.arange(256)).astype(np.float32)


def next_state(state: NDArray[np.uint64], word: NDArray[Any]) -> NDArray[np.uint64]:
    """The context after one more word; shapes broadcast."""
    return ((state << _16) | word.astype(np.uint64)) & _THREE_WORDS


@dataclass(frozen=True, slots=True)
class NgramLanguageModel:
    """The model as it is queried.

    Attributes:
        unigram_log_prob: float32, shape (words,), nats.
        unigram_backoff: float32, shape (words,), nats.
        maps: Bloomier maps of order 2, 3 and (optionally) 4; values hold the quantised log
            probability in the low byte and, below the highest order, the back-off in the high one.
    """

    unigram_log_prob: NDArray[np.float32]
    unigram_backoff: NDArray[np.float32]
    maps: tuple[BloomierMap, ...]

    @property
    def order(self) -> int:
        """The n of the n-grams."""
        return len(self.maps) + 1

    def log_prob(
        self, states: NDArray[np.uint64], words: NDArray[np.integer[Any]]
    ) -> NDArray[np.float32]:
        """Log P(word | state) for every state with every word of its row.

        Args:
            states: Packed contexts, shape (rows, states).
            words: Word numbers, shape (rows, words).

        Returns:
            Nats, float32, shape (rows, states, words).
        """
        if kernel.is_compiled():
            return kernel.log_prob(self.arrays, states, words)
        shape = (states.shape[0], states.shape[1], words.shape[1])
        last = (states & _WORD).astype(np.intp)
        result: NDArray[np.float32] = np.empty(shape, dtype=np.float32)
        np.add(
            self.unigram_log_prob[words][:, None, :],
            self.unigram_backoff[last][:, :, None],
            out=result,
        )
        flat = result.reshape(-1)
        contexts = np.broadcast_to(states[:, :, None], shape).reshape(-1)
        word = np.broadcast_to(words.astype(np.uint64)[:, None, :], shape).reshape(-1)
        alive = np.arange(result.size)
        known = np.ones(states.shape, dtype=np.bool_)
        for index, table in enumerate(self.maps):
            if index:
                # An n-gram is listed only where its longest beginning and ending are, so what
                # follows an unlisted context is not looked up, and each order asks for fewer.
                if index > 1:
                    known &= self.maps[index - 2].get((states >> _16) & _MASKS[index - 1])[0]
                listed, value = self.maps[index - 1].get(states & _MASKS[index])
                known &= listed
                result += np.where(known, _BACKOFFS[value >> 8], np.float32(0.0))[:, :, None]
                alive = alive[np.broadcast_to(known[:, :, None], shape).reshape(-1)[alive]]
            found, value = table.get(((contexts[alive] & _MASKS[index]) << _16) | word[alive])
            alive = alive[found]
            flat[alive] = _PROBS[value[found] & 0xFF]
        return result

    @property
    def arrays(self) -> kernel.ModelArrays:
        """What the compiled kernel is given of the model."""
        arrays: list[NDArray[Any] | int] = [self.unigram_log_prob, self.unigram_backoff]
        arrays += [_PROBS, _BACKOFFS]
        for table in self.maps:
            arrays += [table.fingerprints, table.values, table.seed]
        return tuple(arrays)


def pack_language_model(
    orders: list[tuple[NDArray[np.uint64], NDArray[np.float32], NDArray[np.float32]]],
) -> dict[str, NDArray[Any]]:
    """Arrays of a model for `arrays.pack_arrays`.

    Args:
        orders: Per order from 1: keys, log probabilities and log back-off weights, nats.
    """
    _, unigram, backoff = orders[0]
    packed: dict[str, NDArray[Any]] = {"p1": unigram, "b1": backoff}
    for order, (keys, log_prob, log_backoff) in enumerate(orders[1:], start=2):
        value = np.clip(np.rint(-log_prob / PROB_STEP_NATS), 0, 255).astype(np.uint16)
        if order < len(orders):
            weight = np.rint((log_backoff - BACKOFF_FLOOR_NATS) / BACKOFF_STEP_NATS)
            value |= np.clip(weight, 0, 255).astype(np.uint16) << 8
            table = build_bloomier_map(keys, value)
        else:
            table = build_bloomier_map(keys, value.astype(np.uint8))
        packed[f"f{order}"], packed[f"v{order}"] = table.fingerprints, table.values
        packed[f"s{order}"] = np.array([table.seed], dtype=np.uint32)
    return packed


def unpack_language_model(arrays: Mapping[str, NDArray[Any]]) -> NgramLanguageModel:
    """The model from the arrays that `pack_language_model` made.

    Raises:
        ResourceError: An array is missing.
    """
    try:
        maps = tuple(
            BloomierMap(arrays[f"f{n}"], arrays[f"v{n}"], int(arrays[f"s{n}"][0]))
            for n in (2, 3, 4)
            if n < 4 or "f4" in arrays
        )
        return NgramLanguageModel(arrays["p1"], arrays["b1"], maps)
    except KeyError as error:
        raise ResourceError(
            f"language model without array {error}; install vnrepair again"
        ) from error
