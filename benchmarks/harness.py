"""What every benchmark shares: arguments, tables on stdout, JSON, the machine it ran on."""

import argparse
import dataclasses
import functools
import hashlib
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.table import Table

from vnrepair import Rate, RestoreConfig, Score, VnRepairError
from vnrepair.atomic import write_text_atomic
from vnrepair.restore.lexicon import find_dictionaries

__all__ = [
    "ROOT",
    "SAMPLES",
    "Machine",
    "add_up",
    "describe_machine",
    "dictionaries_folder",
    "emit",
    "format_rate",
    "make_parser",
    "make_table",
    "restore_config",
    "run",
    "say",
]

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
# A pipe has no width; tables in it are laid out for this one unless COLUMNS says otherwise.
_PIPE_COLUMNS = 160


@dataclass(frozen=True, slots=True)
class Machine:
    """Where figures were measured; no figure of speed means anything without it.

    Attributes:
        processor: Its name, or the architecture where the system does not tell.
        cores: Cores that this process may use.
        load: Processes that wanted to run in the last minute; None where the system does not tell.
            Above `cores`, timings are pessimistic.
        system: Operating system and Python.
        dictionaries: First twelve digits of the sha256 of the manifest: which models were measured.
    """

    processor: str
    cores: int
    load: float | None
    system: str
    dictionaries: str


def describe_machine(dictionaries: Path | None = None) -> Machine:
    """The machine and the models of this run."""
    manifest = dictionaries_folder(dictionaries) / "manifest.json"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Machine(
        processor=_processor(),
        cores=cores or 1,
        load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        system=f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        dictionaries=hashlib.sha256(manifest.read_bytes()).hexdigest()[:12],
    )


def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        for line in listing.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def dictionaries_folder(chosen: Path | None) -> Path:
    """The folder of models that is measured."""
    return chosen or find_dictionaries()


def make_parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """An argument parser with the options that all benchmarks have.

    Args:
        name: Module name of the benchmark.
        description: Its docstring.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument(
        "--dictionaries", type=Path, metavar="DIR", help="models to measure instead of our own"
    )
    return parser


def restore_config(options: argparse.Namespace, profile: str = "auto") -> RestoreConfig:
    """The restorer's options that the arguments ask for."""
    return RestoreConfig(profile=profile, dictionaries=options.dictionaries)


def make_table(title: str, *columns: str, left: int = 1) -> Table:
    """A table whose first `left` columns are text and whose others are figures."""
    table = Table(
        title=title, title_justify="left", caption_justify="left", box=None, pad_edge=False
    )
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index < left else "right", overflow="fold")
    return table


def format_rate(rate: Rate, digits: int = 2) -> str:
    """A rate with its counts, such as "1.25 % (5/400)"; "-" for nothing of nothing."""
    if not rate.length:
        return "-"
    return f"{100 * rate.rate:.{digits}f} % ({rate.errors}/{rate.length})"


def emit(
    tables: Sequence[Table], figures: Mapping[str, object], options: argparse.Namespace
) -> None:
    """Print the tables on stdout and write the figures where `--json` says, with the machine.

    Args:
        tables: For a person.
        figures: Records, numbers, texts and collections of these.
        options: What `make_parser` parsed.
    """
    machine = describe_machine(options.dictionaries)
    console = _console()
    for table in tables:
        console.print(table)
        console.print()
    console.print(
        f"{machine.processor}, {machine.cores} cores, load {machine.load}; {machine.system}; "
        f"dictionaries {machine.dictionaries}"
    )
    if options.json is not None:
        plain = _to_plain({"machine": machine, **figures})
        text = json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False)
        write_text_atomic(options.json, text + "\n")


@functools.cache
def _console() -> Console:
    # What is printed comes from documents: brackets and colons in it are no markup.
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PIPE_COLUMNS
    return Console(width=width, markup=False, emoji=False, highlight=False)


def _to_plain(value: object) -> object:
    """What JSON can hold: a rate keeps its counts, and an infinite one is null."""
    if isinstance(value, Rate):
        finite = value.length > 0 or value.errors == 0
        rate = value.rate if finite else None
        return {"errors": value.errors, "length": value.length, "rate": rate}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, Mapping):
        return {str(key): _to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_plain(item) for item in value]
    return value if isinstance(value, (int, float, str, type(None))) else str(value)


def say(message: str) -> None:
    """One line of progress on stderr."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


def run(main: Callable[[], int]) -> NoReturn:
    """End the program with what `main` returns, or with the exit code of its error."""
    try:
        code = main()
    except VnRepairError as error:
        say(f"error: {error}")
        code = error.exit_code
    raise SystemExit(code)


def add_up(scores: Sequence[Score]) -> Score:
    """Micro average: errors and lengths of all scores added up."""
    return sum(scores, start=Score())
