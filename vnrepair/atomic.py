"""Files that are there whole or not at all.

Every output of vnrepair goes through here: the bytes are written to a temporary file in the same
folder, forced to disk and then renamed over the target, so that a killed run leaves either the old
file or the new one. Whether a target may be overwritten is the caller's matter.
"""

import os
import secrets
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from vnrepair.errors import InputError

__all__ = ["write_bytes_atomic", "write_pieces_atomic", "write_text_atomic"]


def write_text_atomic(path: Path, text: str) -> None:
    """Write a text file, UTF-8 with LF line ends, whole or not at all.

    Args:
        path: The target. An existing file keeps its permissions; a link keeps pointing to it.
        text: What it shall hold, byte for byte after encoding.

    Raises:
        InputError: The file cannot be written there, or the text is not Unicode; the message says
            why.
        BrokenPipeError: As of `write_bytes_atomic`.
    """
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(f"{path}: the text cannot be written as UTF-8 ({error})") from error
    write_bytes_atomic(path, data)


def write_bytes_atomic(path: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Args:
        path: The target. An existing file keeps its permissions; a link keeps pointing to it.
            Pipes and devices, such as /dev/fd/3, cannot be renamed over and are written to.
        data: What it shall hold.

    Raises:
        InputError: The file cannot be written there; the message says why.
        BrokenPipeError: The target is a pipe whose reader has gone.
    """
    write_pieces_atomic(path, (data,))


def write_pieces_atomic(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file whole or not at all, piece by piece as they are made.

    Args:
        path: As of `write_bytes_atomic`.
        pieces: What it shall hold, one behind the other. Where making one raises, the file stays
            as it was.

    Raises:
        InputError: The file cannot be written there; the message says why.
        BrokenPipeError: The target is a pipe whose reader has gone.
    """
    try:
        mode = path.stat().st_mode if path.exists() else None
        if mode is not None and stat.S_ISDIR(mode):
            raise InputError(f"{path}: is a folder: name a file in it")
        if mode is not None and not stat.S_ISREG(mode):
            with path.open("wb") as handle:  # the path itself: what it leads to may have no name
                handle.writelines(pieces)
        else:
            _replace(path.resolve(), pieces, None if mode is None else stat.S_IMODE(mode))
    except BrokenPipeError:
        raise
    except (OSError, RuntimeError) as error:  # resolve() raises RuntimeError on a loop of links
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path}: cannot be written ({reason}): name another place") from error


def _replace(target: Path, pieces: Iterable[bytes], mode: int | None) -> None:
    """Put a new file with this content in the place of the target."""
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    # 0o666 less the umask, as any program that makes a file; tempfile would leave 0o600.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.writelines(pieces)
            handle.flush()
            os.fsync(descriptor)
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
