"""TIFF files for tests, tag by tag: what scanners and faxes write and Pillow does not."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

_LONG, _RATIONAL = 4, 5


@dataclass(frozen=True, slots=True)
class TiffPage:
    """Uncompressed pixels, and tags beyond those that tell their shape.

    Attributes:
        pixels: uint8 or uint16, shape (height, width).
        zero_is_white: Photometric interpretation 0.
        orientation: As in EXIF, 1-8.
        dpi: Across and down; None for none.
        tags: Whole-numbered tags that override the others.
    """

    pixels: np.ndarray
    zero_is_white: bool = False
    orientation: int = 1
    dpi: tuple[int, int] | None = None
    tags: Mapping[int, int] = field(default_factory=dict)


def write_tiff(pages: Sequence[TiffPage], *, loops_to: int | None = None) -> bytes:
    """A little-endian TIFF; the last page's link leads back to the page `loops_to`."""
    out = bytearray(b"II*\0" + bytes(4))
    link, starts = 4, []
    for page in pages:
        data_at = len(out)
        out += page.pixels.astype(page.pixels.dtype.newbyteorder("<")).tobytes()
        out += bytes(len(out) % 2)
        starts.append(len(out))
        struct.pack_into("<I", out, link, len(out))
        link = _append_directory(out, page, data_at)
    if loops_to is not None:
        struct.pack_into("<I", out, link, starts[loops_to])
    return bytes(out)


def _append_directory(out: bytearray, page: TiffPage, data_at: int) -> int:
    """Put the tags of a page behind the rest; the place of the link to the next page comes back."""
    height, width = page.pixels.shape
    numbers = {
        256: width,
        257: height,
        258: 8 * page.pixels.itemsize,
        259: 1,
        262: 0 if page.zero_is_white else 1,
        273: data_at,
        274: page.orientation,
        277: 1,
        278: height,
        279: page.pixels.nbytes,
        **page.tags,
    }
    rationals = {} if page.dpi is None else dict(zip((282, 283), page.dpi, strict=True))
    entries = len(numbers) + len(rationals) + bool(rationals)
    behind = len(out) + 2 + 12 * entries + 4
    if rationals:
        numbers[296] = 2  # inches
    rows: list[bytes] = []
    extra = bytearray()
    for tag, number in numbers.items():
        rows.append(struct.pack("<HHII", tag, _LONG, 1, number))
    for tag, number in rationals.items():
        rows.append(struct.pack("<HHII", tag, _RATIONAL, 1, behind + len(extra)))
        extra += struct.pack("<II", number, 1)
    out += struct.pack("<H", entries) + b"".join(
        sorted(rows, key=lambda row: struct.unpack_from("<H", row))
    )
    link = len(out)
    out += bytes(4) + extra
    return link
