"""Files in which users give terms of their own: dictionaries, and lists of what has to stay.

In: UTF-8 text files; out: `Term` records, or plain strings. The format is for people with a
spreadsheet or an editor, see docs/user-dictionaries.md; an error names file, line and remedy.
"""

import math
from collections.abc import Iterator
from pathlib import Path

from vnrepair.config import RestoreConfig, Term
from vnrepair.errors import ConfigError, TextError

__all__ = ["MAX_FILE_BYTES", "MAX_TERMS", "gather_terms", "read_dictionary", "read_keep_file"]

MAX_FILE_BYTES = 8_000_000
MAX_TERMS = 20_000
"""Terms of one restorer, all files together: a longer list says little of any one document, and
each new word takes one of the 65,536 numbers that the language model can tell apart."""

_HEADERS = frozenset({("phrase",), ("phrase", "weight"), ("phrase", "weight", "note")})


def gather_terms(config: RestoreConfig) -> tuple[Term, ...]:
    """All terms of a configuration, each phrase once, the last weight given for it counting.

    Raises:
        TextError: See `read_dictionary`.
        ConfigError: There are more than `MAX_TERMS`.
    """
    terms: dict[str, Term] = {}
    for path in config.user_dictionaries:
        terms.update((term.phrase, term) for term in read_dictionary(path))
    terms.update((term.phrase, term) for term in config.terms)
    if len(terms) > MAX_TERMS:
        raise ConfigError(
            f"{len(terms):,} terms in all dictionaries of the user: give at most {MAX_TERMS:,}, "
            "those that your documents hold"
        )
    return tuple(terms.values())


def read_dictionary(path: Path) -> tuple[Term, ...]:
    """Read a user's dictionary: on each line a phrase and, behind tabs, perhaps weight and note.

    Args:
        path: The file. Empty lines, lines that begin with `#`, and a header with the names of the
            columns (`phrase`, `weight`, `note`) are skipped, and so are the notes.

    Raises:
        TextError: The file cannot be read or is no such table; the message names the line.
    """
    terms: list[Term] = []
    for number, line in _lines(path):
        cells = [cell.strip() for cell in line.rstrip("\t").split("\t")]
        if not terms and tuple(cell.lower() for cell in cells) in _HEADERS:
            continue
        if len(terms) == MAX_TERMS:
            raise TextError(
                f"{path}:{number}: more than {MAX_TERMS:,} terms: make the list shorter"
            )
        if len(cells) > 3:
            raise TextError(
                f"{path}:{number}: {len(cells)} columns: write phrase, weight and note, with a tab "
                "between them"
            )
        try:
            terms.append(Term(cells[0], _weight(cells[1]) if len(cells) > 1 else 1.0))
        except ConfigError as error:
            raise TextError(f"{path}:{number}: {error}") from error
    return tuple(terms)


def read_keep_file(path: Path) -> tuple[str, ...]:
    """Read terms that have to stay as they are, one on each line; `#` begins a comment line.

    Raises:
        TextError: The file cannot be read or a line is no term; the message names the line.
    """
    kept: list[str] = []
    for number, line in _lines(path):
        try:
            kept += RestoreConfig(keep=(line,)).keep
        except ConfigError as error:
            raise TextError(f"{path}:{number}: {error}") from error
    return tuple(kept)


def _weight(cell: str) -> float:
    try:
        # A spreadsheet in Vietnamese writes 0,5.
        weight = float(cell.replace(",", ".")) if cell else 1.0
    except ValueError as error:
        raise ConfigError(
            f"the weight {cell!r} is no number: write one such as 1 or 2.5, or leave it out"
        ) from error
    if not math.isfinite(weight):
        raise ConfigError(f"the weight {cell!r} is no finite number: write one such as 1 or 2.5")
    return weight


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers from 1."""
    text = _read(path)
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise TextError(f"{path}: no such file: check the name") from error
    except IsADirectoryError as error:
        raise TextError(f"{path}: is a folder: name a file in it") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise TextError(f"{path}: cannot be read ({reason}): check the path") from error
    if len(data) > MAX_FILE_BYTES:
        raise TextError(f"{path}: larger than {MAX_FILE_BYTES:,} bytes: make the list shorter")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TextError(
            f"{path}:{line}: not UTF-8 (byte {error.start}): save the file as UTF-8 text"
        ) from error
