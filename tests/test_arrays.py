"""A file of arrays comes back as it was packed, and anything else is refused by name."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vnrepair.errors import ResourceError
from vnrepair.restore.arrays import load_arrays, pack_arrays

_ARRAYS: dict[str, NDArray[Any]] = {
    "bytes": np.arange(7, dtype=np.uint8),
    "table": np.arange(6, dtype=np.int32).reshape(2, 3) - 3,
    "probabilities": np.array([0.25, -1.5], dtype=np.float32),
    "keys": np.array([2**63, 1], dtype=np.uint64),
    "nothing": np.empty(0, dtype=np.uint16),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.bin"
    path.write_bytes(pack_arrays(_ARRAYS, {"order": 4}))
    return path


def test_arrays_and_metadata_come_back(file: Path) -> None:
    arrays, meta = load_arrays(file)
    assert meta == {"order": 4}
    assert arrays.keys() == _ARRAYS.keys()
    for name, array in _ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=5),
        st.lists(st.integers(0, 2**16 - 1), max_size=40),
        max_size=4,
    ),
    st.sampled_from(["u2", ">u2", "u4", "u8"]),
)
def test_any_names_and_byte_orders_come_back(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, list[int]], kind: str
) -> None:
    path = tmp_path_factory.mktemp("arrays") / "model.bin"
    path.write_bytes(pack_arrays({k: np.array(v, dtype=kind) for k, v in content.items()}, {}))
    arrays, _ = load_arrays(path)
    assert {name: array.tolist() for name, array in arrays.items()} == content


def test_the_same_arrays_pack_to_the_same_bytes_whatever_their_order() -> None:
    turned = dict(reversed(_ARRAYS.items()))
    assert pack_arrays(_ARRAYS, {"a": 1, "b": 2}) == pack_arrays(turned, {"b": 2, "a": 1})


def test_loaded_arrays_cannot_be_written(file: Path) -> None:
    arrays, _ = load_arrays(file)
    with pytest.raises(ValueError, match="read-only"):
        arrays["bytes"][0] = 1


def _refused(path: Path) -> None:
    with pytest.raises(ResourceError, match=path.name):
        load_arrays(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    _refused(tmp_path / "model.bin")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    _refused(tmp_path)


def test_a_truncated_file_is_refused_wherever_it_ends(file: Path) -> None:
    whole = file.read_bytes()
    # The last array alone is padded by nothing, so every cut loses something.
    for size in (0, 1, 7, 8, 12, 16, 40, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])
        _refused(file)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 4096, b"%PDF-1.7\n" + b"x" * 200, "Kế hoạch số 56".encode() * 20],
    ids=["empty", "zeros", "PDF", "text"],
)
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    _refused(path)


def test_another_format_version_is_refused(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[7] += 1
    file.write_bytes(data)
    _refused(file)


@given(st.binary(max_size=120))
def test_garbage_behind_the_magic_is_refused(
    tmp_path_factory: pytest.TempPathFactory, garbage: bytes
) -> None:
    path = tmp_path_factory.mktemp("arrays") / "garbage.bin"
    path.write_bytes(pack_arrays({}, {})[:8] + garbage)
    _refused(path)


@pytest.mark.parametrize(
    "header",
    [
        [],
        {},
        {"meta": {}},
        {"meta": {}, "arrays": []},
        {"meta": {}, "arrays": {"a": 3}},
        {"meta": {}, "arrays": {"a": {"dtype": "O", "shape": [1], "offset": 0}}},
        {"meta": {}, "arrays": {"a": {"dtype": "<f8", "shape": [1], "offset": 0}}},
        {"meta": {}, "arrays": {"a": {"dtype": "<u4", "shape": [1000], "offset": 0}}},
        {"meta": {}, "arrays": {"a": {"dtype": "<u4", "shape": [1], "offset": 10**9}}},
        {"meta": {}, "arrays": {"a": {"dtype": "<u4", "shape": ["x"], "offset": 0}}},
    ],
    ids=json.dumps,
)
def test_a_header_that_says_what_cannot_be_is_refused(tmp_path: Path, header: object) -> None:
    text = json.dumps(header).encode()
    path = tmp_path / "model.bin"
    magic = pack_arrays({}, {})[:8]
    path.write_bytes(magic + len(text).to_bytes(8, "little") + text + b"\0" * 256)
    _refused(path)
