"""A file of named numpy arrays that is opened by mapping it into memory. No pickle, no parsing.

Layout: eight bytes of magic with the format version, the length of a JSON header (uint64, little
endian), the header, then the arrays, each at a multiple of 64 bytes. The header holds free
metadata and, per array, its type, shape and offset. Little endian throughout.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vnrepair.errors import ResourceError

__all__ = ["load_arrays", "pack_arrays"]

MAGIC = b"VNRARR\x00\x01"
ALIGNMENT = 64
ALLOWED_TYPES = frozenset({"u1", "<u2", "<u4", "<u8", "i1", "<i2", "<i4", "<f4", "|u1", "|i1"})


def pack_arrays(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, object]) -> bytes:
    """The bytes of a file; equal input gives equal bytes.

    Args:
        arrays: Plain numeric arrays by name.
        meta: What JSON can hold.
    """
    plain = {
        name: np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        for name, array in sorted(arrays.items())
    }
    entries: dict[str, dict[str, object]] = {}
    offset = 0
    for name, array in plain.items():
        offset = -(-offset // ALIGNMENT) * ALIGNMENT
        entries[name] = {"dtype": array.dtype.str, "shape": array.shape, "offset": offset}
        offset += array.nbytes
    header = json.dumps({"meta": dict(meta), "arrays": entries}, sort_keys=True).encode()
    start = -(-(len(MAGIC) + 8 + len(header)) // ALIGNMENT) * ALIGNMENT
    image = bytearray(start + offset)
    image[: len(MAGIC)] = MAGIC
    image[len(MAGIC) : len(MAGIC) + 8] = len(header).to_bytes(8, "little")
    image[len(MAGIC) + 8 : len(MAGIC) + 8 + len(header)] = header
    for name, array in plain.items():
        at = start + int(str(entries[name]["offset"]))
        image[at : at + array.nbytes] = array.tobytes()
    return bytes(image)


def load_arrays(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Map a file into memory, read-only.

    Returns:
        The arrays by name, and the metadata.

    Raises:
        ResourceError: The file is missing, cut short, or not of this format and version.
    """
    advice = "install vnrepair again, or rebuild it with `vnrepair learn build`"
    try:
        # A plain view: the memmap class adds its own cost to every look-up.
        data = np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))
    except (OSError, ValueError) as error:
        raise ResourceError(f"{path}: cannot be opened ({error}); {advice}") from error
    prefix = len(MAGIC) + 8
    if data[: len(MAGIC)].tobytes() != MAGIC:
        raise ResourceError(f"{path}: not a model file of this version; {advice}")
    length = int.from_bytes(data[len(MAGIC) : prefix].tobytes(), "little")
    try:
        header = json.loads(data[prefix : prefix + length].tobytes())
        start = -(-(prefix + length) // ALIGNMENT) * ALIGNMENT
        arrays: dict[str, NDArray[Any]] = {}
        for name, entry in header["arrays"].items():
            if entry["dtype"] not in ALLOWED_TYPES:
                raise ValueError(f"array {name} is of type {entry['dtype']}")
            dtype, shape = np.dtype(entry["dtype"]), tuple(entry["shape"])
            at, size = start + entry["offset"], dtype.itemsize * math.prod(shape)
            arrays[name] = data[at : at + size].view(dtype).reshape(shape)
        meta: dict[str, Any] = header["meta"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ResourceError(f"{path}: damaged ({error}); {advice}") from error
    return arrays, meta
