"""A static map from 64-bit keys to small numbers that does not store its keys.

Three hashes of a key name three cells; their exclusive-or gives a fingerprint and the value. A
key that is not in the map is told by its fingerprint, wrongly once in 65,536 times. The map takes
1.23 cells per key, has no pointers, can be memory-mapped, and answers whole arrays of keys at
once.

Source:
    Chazelle, Kilian, Rubinfeld, Tal 2004, "The Bloomier filter", SODA; for language models
    Talbot and Brants 2008, "Randomized language models via perfect hash functions", ACL.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vnrepair.errors import ResourceError

__all__ = ["BloomierMap", "build_bloomier_map"]

CELLS_PER_KEY = 1.23
"""Above 1.222 three hashes nearly always leave a solvable system (Molloy 2005)."""
MAX_SEEDS = 50

# Odd constants of the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_GOLDEN = 0x9E3779B97F4A7C15
_LOW_32 = np.uint64(0xFFFFFFFF)


def _mix(keys: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """SplitMix64 finaliser: every bit of the key reaches every bit of the hash."""
    x = keys + np.uint64((seed + 1) * _GOLDEN & 0xFFFFFFFFFFFFFFFF)
    x ^= x >> np.uint64(30)
    x *= _MIX_1
    x ^= x >> np.uint64(27)
    x *= _MIX_2
    x ^= x >> np.uint64(31)
    return x


def _slots(hashes: NDArray[np.uint64], third: int) -> tuple[NDArray[np.intp], ...]:
    """Three cells per hash, one in each third of the table; from the top bits, low bits, both."""
    size = np.uint64(third)
    high, low = hashes >> np.uint64(32), hashes & _LOW_32
    mixed = (hashes >> np.uint64(16)) & _LOW_32
    shift = np.uint64(32)
    return (
        ((high * size) >> shift).astype(np.intp),
        ((low * size) >> shift).astype(np.intp) + third,
        ((mixed * size) >> shift).astype(np.intp) + 2 * third,
    )


@dataclass(frozen=True, slots=True)
class BloomierMap:
    """The map as it is queried.

    Attributes:
        fingerprints: uint16, shape (3 * third,).
        values: uint8 or uint16, shape (3 * third,).
        seed: Which hash function it was built with.
    """

    fingerprints: NDArray[np.uint16]
    values: NDArray[np.unsignedinteger]
    seed: int

    def get(
        self, keys: NDArray[np.uint64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.unsignedinteger]]:
        """Look up keys.

        Args:
            keys: uint64, any shape.

        Returns:
            Whether each key is in the map (a false yes once in 65,536), and its value where it is.
        """
        hashes = _mix(keys, self.seed)
        a, b, c = _slots(hashes, len(self.values) // 3)
        prints = self.fingerprints
        found = (prints[a] ^ prints[b] ^ prints[c]) == hashes.astype(np.uint16)
        return found, self.values[a] ^ self.values[b] ^ self.values[c]


def build_bloomier_map(
    keys: NDArray[np.uint64], values: NDArray[np.unsignedinteger]
) -> BloomierMap:
    """Build the map for distinct keys.

    Args:
        keys: uint64, shape (n,), all different.
        values: uint8 or uint16, shape (n,).

    Raises:
        ResourceError: No seed gave a solvable system; the keys are not distinct.
    """
    third = max(2, int(len(keys) * CELLS_PER_KEY / 3) + 8)
    for seed in range(MAX_SEEDS):
        hashes = _mix(keys, seed)
        slots = np.stack(_slots(hashes, third), axis=1)
        order = _peel(slots, 3 * third)
        if order is not None:
            break
    else:
        raise ResourceError("no hash seed solves the map: are its keys distinct?")
    prints = np.zeros(3 * third, dtype=np.uint16)
    cells = np.zeros(3 * third, dtype=values.dtype)
    for members, own in reversed(order):
        triple = slots[members]
        for table, wanted in (
            (prints, hashes[members].astype(np.uint16)),
            (cells, values[members]),
        ):
            table[own] = 0
            table[own] = wanted ^ table[triple[:, 0]] ^ table[triple[:, 1]] ^ table[triple[:, 2]]
    return BloomierMap(prints, cells, seed)


def _peel(
    slots: NDArray[np.intp], cells: int
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]] | None:
    """Rounds of (keys, the cell that each has alone); None when a core is left over."""
    degree = np.bincount(slots.ravel(), minlength=cells)
    # The sum of the keys in a cell names its key once only one is left.
    sums = np.zeros(cells, dtype=np.int64)
    for column in range(3):
        np.add.at(sums, slots[:, column], np.arange(len(slots), dtype=np.int64))
    rounds: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
    left = len(slots)
    alone = np.flatnonzero(degree == 1)
    while len(alone):
        members, first = np.unique(sums[alone], return_index=True)
        own = alone[first]
        rounds.append((members, own))
        left -= len(members)
        touched = slots[members].ravel()
        np.subtract.at(degree, touched, 1)
        np.subtract.at(sums, touched, np.repeat(members, 3))
        touched = np.unique(touched)
        alone = touched[degree[touched] == 1]
    return rounds if left == 0 else None
