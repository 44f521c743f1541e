"""The terminal's side of the command line: streams, output files, tables of edits, progress.

Results go to stdout or the file of `-o`; everything else (errors, warnings, explanations, progress)
goes to stderr, so that a pipe carries the result alone. All streams are UTF-8 whatever the locale.
"""

import dataclasses
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from vnrepair.atomic import write_pieces_atomic, write_text_atomic
from vnrepair.document.textfile import decode_text, read_text
from vnrepair.errors import ConfigError
from vnrepair.records import SCHEMA_VERSION, Repaired
from vnrepair.streams import read_stdin

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress

__all__ = [
    "STANDARD_STREAM",
    "check_output",
    "is_folder",
    "is_long",
    "make_folder",
    "narrate",
    "print_error",
    "print_explanation",
    "print_note",
    "print_table",
    "print_warning",
    "read_input",
    "record_to_json",
    "track",
    "write_output",
    "write_pieces",
]

STANDARD_STREAM = Path("-")

LONG_BYTES = 4_000_000
"""A thousand pages: longer texts are worked on block by block."""

# /dev/stdout may lead to a file that is appended to: it is written to and never replaced.
_NAMES_OF_STDOUT = (STANDARD_STREAM, Path("/dev/stdout"))

# A pipe has no width; tables in it are laid out for this one unless COLUMNS says otherwise.
_PIPE_COLUMNS = 120


def read_input(path: Path) -> str:
    """Read a text file, or stdin where the path is `-`.

    Raises:
        InputError: It cannot be read or is not text; the message names it.
    """
    if path == STANDARD_STREAM:
        return decode_text(read_stdin(), "stdin")
    return read_text(path)


def is_long(path: Path) -> bool:
    """Whether an input is a file that is better read piece by piece."""
    try:
        return path.is_file() and path.stat().st_size > LONG_BYTES
    except OSError:
        return False


def check_output(output: Path | None, inputs: Iterable[Path]) -> None:
    """Refuse an output before any work is done for it.

    Raises:
        ConfigError: The output is a folder or one of the inputs, its folder does not exist, or no
            file can have its name.
    """
    if output is None or output == STANDARD_STREAM:
        return
    _check_parent(output)
    try:
        is_taken = output.is_dir()
    except OSError as error:  # above all a name that is too long
        raise ConfigError(
            f"{output}: cannot be written ({error.strerror}): name another file"
        ) from error
    if is_taken:
        raise ConfigError(f"{output}: is a folder: name a file in it")
    if any(_is_same_file(output, path) for path in inputs):
        raise ConfigError(f"{output}: is an input, which stays as it is: name another file")


def make_folder(folder: Path) -> None:
    """Make the folder for several outputs, where there is none yet; not the folders above it.

    Raises:
        ConfigError: A file stands in its place, the folder above it does not exist, or it cannot be
            made.
    """
    if is_folder(folder):
        return
    _check_parent(folder)
    try:
        folder.mkdir(exist_ok=True)
    except FileExistsError as error:
        raise ConfigError(f"{folder}: is a file, not a folder: name another place") from error
    except OSError as error:
        reason = f"cannot be made ({error.strerror})"
        raise ConfigError(f"{folder}: {reason}: name another place") from error


def is_folder(path: Path) -> bool:
    """Whether a folder is there; a name that none can have is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _check_parent(output: Path) -> None:
    if not is_folder(output.parent):
        raise ConfigError(f"{output}: the folder {output.parent} does not exist: make it first")


def _is_same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False  # one of them does not exist


def write_output(text: str, output: Path | None) -> None:
    """Write a result to its file, whole or not at all, or to stdout.

    Raises:
        InputError: The file cannot be written there.
    """
    if output is None or output in _NAMES_OF_STDOUT:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        write_text_atomic(output, text)


def write_pieces(pieces: Iterable[str], output: Path | None) -> None:
    """Write a long result as it is made: its file whole or not at all, or stdout.

    Raises:
        InputError: The file cannot be written there.
    """
    if output is None or output in _NAMES_OF_STDOUT:
        for piece in pieces:
            sys.stdout.write(piece)
        sys.stdout.flush()
    else:
        write_pieces_atomic(output, (piece.encode("utf-8") for piece in pieces))


def record_to_json(record: object) -> str:
    """A frozen record, or a plain value, as one line of JSON; paths become strings.

    A record begins with the version of its schema, see docs/json.md, and its numbers have four
    decimals. Bytes of a file name that are not UTF-8 are escaped as Python's half surrogates, so
    that the line is valid UTF-8 and `json.loads` gives the name back.
    """

    def unpack(value: object) -> object:
        if isinstance(value, Path):  # in the C locale, Python does not decode names as UTF-8
            return os.fsencode(value).decode("utf-8", "surrogateescape")
        return str(value)

    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        record = {"schema_version": SCHEMA_VERSION} | _shorten(dataclasses.asdict(record))
    line = json.dumps(record, ensure_ascii=False, allow_nan=False, default=unpack) + "\n"
    return line.encode("utf-8", "backslashreplace").decode("utf-8")


def _shorten(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """The same value without digits of numbers that mean nothing."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _shorten(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shorten(item) for item in value]
    return value


def print_error(message: str) -> None:
    """One line on stderr that says what is wrong."""
    sys.stderr.write(f"vnrepair: error: {_one_line(message)}\n")


def print_note(message: str) -> None:
    """One line on stderr that says what was done besides the result."""
    sys.stderr.write(f"vnrepair: {_one_line(message)}\n")


def print_warning(message: str) -> None:
    """One line on stderr that says what a person should know."""
    sys.stderr.write(f"vnrepair: warning: {_one_line(message)}\n")


def _one_line(message: str) -> str:
    return " ".join(message.split())


def _console(stream: TextIO) -> "Console":
    from rich.console import Console

    piped = not stream.isatty() and "COLUMNS" not in os.environ
    # What is printed comes from documents: brackets and colons in it are no markup.
    return Console(
        file=stream,
        width=_PIPE_COLUMNS if piped else None,
        markup=False,
        emoji=False,
        highlight=False,
    )


def print_table(table: "RenderableType") -> None:
    """A table as the result, on stdout."""
    console = _console(sys.stdout)
    with console.capture() as capture:  # rich would end the program itself where writing fails
        console.print(table)
    write_output(capture.get(), None)


def print_explanation(
    name: str, results: Sequence[tuple[str, Repaired]], *, edits: bool, flags: bool
) -> None:
    """Explain on stderr what was done and what to look at, for a person.

    Args:
        name: Where the text came from.
        results: Pairs of place ("page 2, ", or "" where there is but one page) and result.
        edits: Show every change.
        flags: Show every flag; otherwise say how many there are.
    """
    from rich.text import Text

    from vnrepair import explained

    console = _console(sys.stderr)
    for note in dict.fromkeys(
        f"read as {result.profile}: {result.reason}" for _, result in results if result.profile
    ):
        console.print(Text(note))
    doubts = sum(len(result.flags) for _, result in results)
    if edits:
        if any(result.edits for _, result in results):
            console.print(Text(explained.CHANGES_LEGEND))
            console.print(Text(f"Changes in {name}:"), explained.make_changes_table(results))
        else:
            console.print(Text(f"No changes in {name}."))
    if flags and doubts:
        console.print(Text(explained.FLAGS_LEGEND))
        console.print(Text(f"To look at in {name}:"), explained.make_flags_table(results))
    elif flags:
        console.print(Text(f"Nothing to look at in {name}."))
    elif doubts:
        console.print(Text(f"{doubts} to look at: --flags shows them."))


@contextmanager
def track(action: str) -> Iterator[Callable[[int, int, str], None]]:
    """Show progress on stderr while the block runs, where a person looks at it.

    Yields:
        A function that is told (done, total, what is at work now); until then a clock runs.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _total, _name: None
        return
    with _progress_bar() as bar:
        task = bar.add_task(action, total=None)

        def update(done: int, total: int, name: str) -> None:
            description = f"{action} {done + 1} of {total}: {name}"
            bar.update(task, completed=done, total=total, description=description)

        yield update


@contextmanager
def narrate() -> Iterator[Callable[[str], None]]:
    """Say on stderr what is being done: over one another on a terminal, else line by line.

    Yields:
        A function that is told what begins now.
    """
    if not sys.stderr.isatty():

        def write_line(message: str) -> None:
            sys.stderr.write(f"{message}\n")
            sys.stderr.flush()

        yield write_line
        return
    with _progress_bar() as bar:
        task = bar.add_task("starting", total=None)
        yield lambda message: bar.update(task, description=message)


def _progress_bar() -> "Progress":
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        console=_console(sys.stderr),
        transient=True,
    )
