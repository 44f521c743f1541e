"""The three standard streams, such that no state of theirs can end in a traceback or half a result.

Python's own streams fail in ways that a program has to know: unbuffered ones drop what the system
did not take at once, closed ones are None, and a reader that went away is told by an exception that
the libraries between turn into exit code 1. The streams here are UTF-8 whatever the locale, write
everything or say that they cannot, and stderr, which holds no result, never fails at all.
"""

import os
import sys
from collections.abc import Callable
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import TYPE_CHECKING

from vnrepair.errors import InputError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["EXIT_BROKEN_PIPE", "open_streams", "read_stdin", "silence_stdout"]

EXIT_BROKEN_PIPE = 141
"""What a shell reports for a program that wrote into a closed pipe: 128 + SIGPIPE."""

_STDIN, _STDOUT, _STDERR = range(3)


class _ResultFile(FileIO):
    """Stdout without a buffer: an error on purpose where the result cannot be written."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            silence_stdout()
            # No OSError: typer and rich would take that for their own and exit with 1.
            raise SystemExit(EXIT_BROKEN_PIPE) from None
        except OSError as error:
            silence_stdout()
            raise InputError(
                f"stdout: cannot be written ({error.strerror}): send the result elsewhere"
            ) from error


class _NoteFile(FileIO):
    """Stderr without a buffer: what nobody can read is dropped, as it must not cost the result."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def open_streams() -> None:
    """Put streams that are UTF-8 and write everything in the place of Python's own.

    File names come out byte for byte as they came in. A stream that the caller closed is opened on
    the null device, the wrong way round for stdin and stdout: whoever uses it is told so, and no
    file that is opened later takes its number.
    """
    for number, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
        if stream is None:
            _occupy(number, os.O_WRONLY if number != _STDOUT else os.O_RDONLY)
    if sys.stdin is None:
        sys.stdin = TextIOWrapper(os.fdopen(_STDIN, "rb", closefd=False), encoding="utf-8")
    sys.stdout = _rebuild(sys.stdout, _STDOUT, _ResultFile)
    sys.stderr = _rebuild(sys.stderr, _STDERR, _NoteFile)
    if os.environ.get("COLUMNS", "").strip("0") == "":
        os.environ.pop("COLUMNS", None)  # in a terminal without width, tables and help are empty


def _occupy(number: int, flags: int) -> None:
    descriptor = os.open(os.devnull, flags)
    if descriptor == number:
        os.set_inheritable(descriptor, True)
    else:
        os.dup2(descriptor, number)
        os.close(descriptor)


def _rebuild(
    stream: object, number: int, kind: Callable[..., _ResultFile | _NoteFile]
) -> TextIOWrapper:
    if isinstance(stream, TextIOWrapper):
        stream.flush()
        if os.name == "nt":  # a console of Windows is no file
            stream.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
            return stream
    return TextIOWrapper(
        BufferedWriter(kind(number, "wb", closefd=False)),
        encoding="utf-8",
        errors="surrogateescape",
        newline="",
        line_buffering=True,
    )


def silence_stdout() -> None:
    """Send the rest of stdout nowhere: it failed once, and Python would flush it again at exit."""
    _occupy(_STDOUT, os.O_WRONLY)


def read_stdin() -> bytes:
    """Everything that stdin holds.

    Raises:
        InputError: It is closed or cannot be read.
    """
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise InputError(
            f"stdin: cannot be read ({error.strerror}): name a file or pipe text in"
        ) from error
