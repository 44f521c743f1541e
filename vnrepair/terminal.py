"""The terminal's side of the command line: streams, output files, tables of edits, progress.

Results go to stdout or the file of `-o`; everything else (errors, warnings, explanations, progress)
goes to stderr, so that a pipe carries the result alone. All streams are UTF-8 whatever the locale.
"""

import dataclasses
import json
import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from vnrepair.atomic import write_text_atomic
from vnrepair.document.textfile import decode_text, read_text
from vnrepair.errors import ConfigError
from vnrepair.records import Edit, Repaired
from vnrepair.streams import read_stdin

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress

__all__ = [
    "STANDARD_STREAM",
    "check_output",
    "format_odds",
    "make_folder",
    "narrate",
    "print_edits",
    "print_error",
    "print_note",
    "print_table",
    "print_warning",
    "read_input",
    "record_to_json",
    "track",
    "write_output",
]

STANDARD_STREAM = Path("-")

# /dev/stdout may lead to a file that is appended to: it is written to and never replaced.
_NAMES_OF_STDOUT = (STANDARD_STREAM, Path("/dev/stdout"))

# A pipe has no width; tables in it are laid out for this one unless COLUMNS says otherwise.
_PIPE_COLUMNS = 120

_LEGEND = (
    "250× = the new reading is 250 times likelier; ? = below 10×, look at these first; "
    "rule = always done"
)


def read_input(path: Path) -> str:
    """Read a text file, or stdin where the path is `-`.

    Raises:
        InputError: It cannot be read or is not text; the message names it.
    """
    if path == STANDARD_STREAM:
        return decode_text(read_stdin(), "stdin")
    return read_text(path)


def check_output(output: Path | None, inputs: Iterable[Path]) -> None:
    """Refuse an output before any work is done for it.

    Raises:
        ConfigError: The output is a folder or one of the inputs, or its folder does not exist.
    """
    if output is None or output == STANDARD_STREAM:
        return
    _check_parent(output)
    if output.is_dir():
        raise ConfigError(f"{output}: is a folder: name a file in it")
    if any(_is_same_file(output, path) for path in inputs):
        raise ConfigError(f"{output}: is the input, which stays as it is: name another file")


def make_folder(folder: Path) -> None:
    """Make the folder for several outputs, where there is none yet; not the folders above it.

    Raises:
        ConfigError: A file stands in its place, the folder above it does not exist, or it cannot be
            made.
    """
    if folder.is_dir():
        return
    _check_parent(folder)
    try:
        folder.mkdir(exist_ok=True)
    except FileExistsError as error:
        raise ConfigError(f"{folder}: is a file, not a folder: name another place") from error
    except OSError as error:
        reason = f"cannot be made ({error.strerror})"
        raise ConfigError(f"{folder}: {reason}: name another place") from error


def _check_parent(output: Path) -> None:
    if not output.parent.is_dir():
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


def record_to_json(record: object) -> str:
    """A frozen record, or a plain value, as one line of JSON; paths become strings.

    Bytes of a file name that are not UTF-8 are escaped as Python's half surrogates, so that the
    line is valid UTF-8 and `json.loads` gives the name back.
    """

    def unpack(value: object) -> object:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return dataclasses.asdict(value)
        if isinstance(value, Path):  # in the C locale, Python does not decode names as UTF-8
            return os.fsencode(value).decode("utf-8", "surrogateescape")
        return str(value)

    line = json.dumps(record, ensure_ascii=False, allow_nan=False, default=unpack) + "\n"
    return line.encode("utf-8", "backslashreplace").decode("utf-8")


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


def print_edits(name: str, results: Sequence[tuple[str, Repaired]]) -> None:
    """Explain every change on stderr, for a person who need not read Vietnamese.

    Args:
        name: Where the text came from.
        results: Pairs of place ("page 2, ", or "" where there is but one page) and result.
    """
    from rich.table import Table
    from rich.text import Text

    table = Table("where", "before", "after", "why")
    table.add_column("times likelier", justify="right")
    notes = dict.fromkeys(
        f"read as {result.profile}: {result.reason}" for _, result in results if result.profile
    )
    for place, result in results:
        for line, edit in _number_lines(result):
            cells = (f"{place}line {line}", _visible(edit.before), _visible(edit.after))
            likelier = format_odds(edit.log_odds)
            table.add_row(*(Text(cell) for cell in (*cells, edit.cause, likelier)))
    console = _console(sys.stderr)
    for note in notes:
        console.print(Text(note))
    if not table.row_count:
        console.print(Text(f"No changes in {name}."))
        return
    console.print(Text(_LEGEND))
    console.print(Text(f"Changes in {name}:"), table)


def _number_lines(result: Repaired) -> Iterator[tuple[int, Edit]]:
    """Every edit with the 1-based line of the input that it starts in."""
    line, done = 1, 0
    for edit in result.edits:
        line += result.source.count("\n", done, edit.start)
        done = edit.start
        yield line, edit


def _visible(text: str) -> str:
    """Show white space at the edges, and what cannot be seen, as signs or code points."""
    if not text:
        return "(nothing)"
    signs = {"\n": "⏎", "\t": "⇥", "\f": "␌"}
    shown = "".join(
        signs.get(char, char if char.isprintable() else f"U+{ord(char):04X}") for char in text
    )
    inner = shown.strip(" ")
    if not inner:
        return "␣" * len(shown)
    left, right = len(shown) - len(shown.lstrip(" ")), len(shown) - len(shown.rstrip(" "))
    return "␣" * left + inner + "␣" * right


def format_odds(log_odds: float) -> str:
    """How many times likelier a replacement is than what was observed, to two digits.

    Args:
        log_odds: How much likelier the replacement is, nats; 0.0 stands for a rule.

    Returns:
        A number such as "250×", with a question mark before it where it is below 10, or "rule".

    >>> format_odds(5.5), format_odds(40.0), format_odds(1.1), format_odds(0.0)
    ('240×', '10^17×', '? 3×', 'rule')
    """
    if log_odds == 0.0:
        return "rule"
    if math.isinf(log_odds):
        return "∞×" if log_odds > 0 else "? 0×"
    exponent = log_odds / math.log(10)
    if exponent >= 6:
        return f"10^{exponent:.0f}×"
    if exponent <= -3:
        return f"? 10^{exponent:.0f}×"
    ratio = 10**exponent
    if ratio < 9.95:  # what is shown as 10 is not below 10
        return f"? {ratio:.2g}×"
    return f"{round(ratio, 1 - math.floor(exponent)):,.0f}×"


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
