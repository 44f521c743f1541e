"""The static map answers with the value of every key, and hardly ever for a key it never saw."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.errors import ResourceError
from vnrepair.restore.bloomier import build_bloomier_map

_KEYS = st.lists(st.integers(0, 2**64 - 1), unique=True, max_size=200)


@given(_KEYS, st.sampled_from(["u1", "u2"]), st.integers(0, 2**32))
def test_every_key_gives_its_value(numbers: list[int], kind: str, seed: int) -> None:
    keys = np.array(numbers, dtype=np.uint64)
    top = np.iinfo(kind).max + 1
    values = np.random.default_rng(seed).integers(0, top, len(keys)).astype(kind)
    found, got = build_bloomier_map(keys, values).get(keys)
    assert found.all()
    assert got.dtype == values.dtype
    np.testing.assert_array_equal(got, values)


def test_a_large_map_gives_every_value_and_rejects_what_it_never_saw() -> None:
    rng = np.random.default_rng(5)
    keys = rng.choice(2**40, 100_000, replace=False).astype(np.uint64)
    values = rng.integers(0, 256, len(keys)).astype(np.uint8)
    table = build_bloomier_map(keys, values)
    found, got = table.get(keys)
    assert found.all()
    np.testing.assert_array_equal(got, values)
    # Two million absent keys: 30.5 false yeses expected; 60 is more than five deviations away.
    absent = np.arange(2_000_000, dtype=np.uint64) + np.uint64(2**41)
    strangers, _ = table.get(absent)
    assert strangers.sum() <= 60


def test_keys_of_any_shape_are_looked_up_at_once() -> None:
    keys = np.arange(12, dtype=np.uint64)
    table = build_bloomier_map(keys, (keys * 3).astype(np.uint8))
    found, got = table.get(keys.reshape(3, 2, 2))
    assert found.shape == got.shape == (3, 2, 2)
    np.testing.assert_array_equal(got.ravel(), keys * 3)


def test_a_map_without_keys_finds_nothing() -> None:
    table = build_bloomier_map(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.uint8))
    found, _ = table.get(np.arange(1, 1000, dtype=np.uint64))
    assert not found.any()


def test_a_map_of_one_key_finds_it() -> None:
    key = np.array([7], dtype=np.uint64)
    table = build_bloomier_map(key, np.array([200], dtype=np.uint8))
    found, got = table.get(np.arange(100, dtype=np.uint64))
    assert np.flatnonzero(found).tolist() == [7]
    assert got[7] == 200


def test_equal_keys_raise() -> None:
    keys = np.array([1, 2, 2, 3], dtype=np.uint64)
    with pytest.raises(ResourceError, match="distinct"):
        build_bloomier_map(keys, np.zeros(4, dtype=np.uint8))


def test_the_same_keys_build_the_same_map() -> None:
    keys = np.arange(1000, dtype=np.uint64) * np.uint64(977)
    values = (keys % np.uint64(251)).astype(np.uint8)
    one, other = build_bloomier_map(keys, values), build_bloomier_map(keys.copy(), values.copy())
    assert one.seed == other.seed
    np.testing.assert_array_equal(one.fingerprints, other.fingerprints)
    np.testing.assert_array_equal(one.values, other.values)
