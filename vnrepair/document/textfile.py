"""Text files in: bytes to NFC text with LF line ends, or an error that says what to do.

UTF-8 is the rule; a byte order mark is dropped, and one of UTF-16 or UTF-32 is believed. Nothing
else is guessed: a legacy encoding is named in the error and left to the user to convert.
"""

import codecs
import shlex
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from vnrepair.document.legacy import detect_legacy_encoding
from vnrepair.errors import TextError

__all__ = ["MAX_TEXT_BYTES", "decode_text", "read_pieces", "read_text"]

MAX_TEXT_BYTES = 256 * 1024 * 1024
"""Larger text files are refused; a thousand-page book is about 4 MB."""

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PAGE_ADVICE = "read it with `vnrepair repair`"
_OFFICE_ADVICE = "save it as UTF-8 plain text first"
_SIGNATURES = (
    (b"%PDF-", "a PDF file", _PAGE_ADVICE),
    (b"\x89PNG", "a PNG image", _PAGE_ADVICE),
    (b"\xff\xd8\xff", "a JPEG image", _PAGE_ADVICE),
    (b"II*\0", "a TIFF image", _PAGE_ADVICE),
    (b"MM\0*", "a TIFF image", _PAGE_ADVICE),
    (b"PK\x03\x04", "a ZIP archive or an office document", _OFFICE_ADVICE),
    (b"\xd0\xcf\x11\xe0", "an old office document", _OFFICE_ADVICE),
    (b"{\\rtf", "an RTF document", _OFFICE_ADVICE),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"\xfd7zXZ", "an xz archive", "unpack it first"),
)


def read_text(path: Path, *, max_bytes: int = MAX_TEXT_BYTES) -> str:
    """Read a whole text file.

    Args:
        path: The file; it is only read.
        max_bytes: Files with more bytes are refused, > 0.

    Returns:
        NFC text with LF line ends, see `decode_text`.

    Raises:
        TextError: No such file, a folder, not readable, too large, or not text in a supported
            encoding; the message names the file and the next step.
    """
    try:
        with path.open("rb") as handle:
            data = handle.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise TextError(f"{path}: no such file: check the name") from error
    except IsADirectoryError as error:
        raise TextError(f"{path}: is a folder: name the files in it") from error
    except PermissionError as error:
        raise TextError(f"{path}: no permission to read: ask for it or copy the file") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise TextError(f"{path}: cannot be read ({reason}): check the path") from error
    if len(data) > max_bytes:
        raise TextError(f"{path}: larger than {max_bytes:,} bytes: split it, or raise the limit")
    return decode_text(data, str(path))


def read_pieces(path: Path, *, piece_chars: int = 1 << 20) -> Iterator[str]:
    """Read a text file piece by piece; what is not plain UTF-8 is read whole.

    Args:
        path: The file; it is only read.
        piece_chars: Characters of each piece, > 0.

    Yields:
        Text with LF line ends, cut anywhere, and not brought to NFC: joined, the pieces are.

    Raises:
        TextError: As `read_text`, before the first piece.
    """
    if not _is_plain_utf8(path, piece_chars):
        yield read_text(path)
        return
    with path.open(encoding="utf-8-sig") as handle:
        while piece := handle.read(piece_chars):
            yield piece


def _is_plain_utf8(path: Path, piece_chars: int) -> bool:
    """Whether a whole file decodes and nothing speaks against its being text."""
    try:
        with path.open("rb") as raw:
            start = raw.read(8)
        if any(start.startswith(signature) for signature, _, _ in _SIGNATURES):
            return False
        with path.open(encoding="utf-8-sig") as handle:
            if path.stat().st_size > MAX_TEXT_BYTES:
                return False
            while piece := handle.read(piece_chars):
                if "\0" in piece:
                    return False
    except (OSError, ValueError):  # UnicodeDecodeError is a ValueError
        return False
    return True


def decode_text(data: bytes, name: str) -> str:
    r"""Turn the bytes of a text file into text.

    Args:
        data: All bytes of the file; none at all make an empty text.
        name: What the error calls the file.

    Returns:
        NFC text without byte order mark; CRLF and CR are LF, one for one.

    Raises:
        TextError: The bytes are not text in UTF-8 or in UTF-16 or UTF-32 with a byte order mark,
            or hold a NUL.

    >>> decode_text("Xã Tân Phú\r\n".encode(), "x.txt")
    'Xã Tân Phú\n'
    """
    for signature, kind, advice in _SIGNATURES:
        if data.startswith(signature):
            raise TextError(f"{name}: {kind}, not plain text: {advice}")
    codec = next((codec for mark, codec in _BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        raise TextError(_explain_failure(data, codec, error, name)) from error
    if "\0" in text:
        raise TextError(_explain_nul(text.encode("utf-8"), name))
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def _explain_failure(data: bytes, codec: str, error: UnicodeDecodeError, name: str) -> str:
    place = f"byte {error.start} (line {_line_of(data, error.start)})"
    if codec != "utf-8":
        label = codec.removesuffix("-sig").upper()
        return f"{name}: marked as {label}, but {place} is not: save it as UTF-8 again"
    if b"\0" in data:
        return _explain_nul(data, name)
    encoding = detect_legacy_encoding(data)
    if encoding is None:
        return f"{name}: not UTF-8 at {place}, in no encoding known here: save it as UTF-8 first"
    advice = encoding.advice.format(path=shlex.quote(name))
    return f"{name}: not UTF-8 at {place}; it looks like {encoding.name}. {advice}"


def _explain_nul(data: bytes, name: str) -> str:
    first = data.index(b"\0")
    place = f"NUL at byte {first} (line {_line_of(data, first)})"
    if data.count(b"\0") > len(data) // 4:
        return f"{name}: {place}; it may be UTF-16 without its mark: save it as UTF-8 first"
    return f"{name}: {place}: a binary or damaged file; remove the NULs if it is text"


def _line_of(data: bytes, offset: int) -> int:
    """1-based line of a byte offset."""
    return data.count(b"\n", 0, offset) + 1
