"""The held-out share of the corpora: text that no model has seen.

One block of 400 neighbouring lines in a hundred is kept out of every count and every training page
(`vnrepair.learn.corpus.is_held_out`). A corpus file is a register: text of one kind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import say
from benchmarks.overlap import find_repeated
from vnrepair import InputError
from vnrepair.learn.corpus import corpus_files, sample_lines

__all__ = ["GROUPS", "Register", "documents", "draw_registers"]

GROUPS = ("legal and administrative", "news", "encyclopedia", "other")
LINES_PER_DOCUMENT = 40
_GROUP_OF_PREFIX = {
    "legal": GROUPS[0],
    "administrative": GROUPS[0],
    "agency_news": GROUPS[1],
    "news": GROUPS[1],
    "wikipedia": GROUPS[2],
}


@dataclass(frozen=True, slots=True)
class Register:
    """Held-out lines of one corpus.

    Attributes:
        name: Name of the corpus file without its endings.
        group: One of `GROUPS`, by that name.
        repeated: Lines that the training share holds too, see `overlap`; in random order.
        fresh: All other lines, in random order.
    """

    name: str
    group: str
    repeated: tuple[str, ...]
    fresh: tuple[str, ...]


def draw_registers(corpus: Path, lines: int, seed: int, only: Sequence[str] = ()) -> list[Register]:
    """Draw held-out lines of every corpus.

    Args:
        corpus: Folder of `*.txt` or `*.txt.xz`.
        lines: Lines per corpus; fewer where the held-out share is smaller.
        seed: Another seed draws other lines.
        only: Names of corpora to take; all when empty.

    Returns:
        One register per corpus that has held-out lines, by name.

    Raises:
        InputError: The folder holds no corpus, or nothing of it is held out.
    """
    drawn: dict[str, list[str]] = {}
    for path in corpus_files(corpus):
        name = path.name.split(".")[0]
        if only and name not in only:
            continue
        say(f"drawing held-out lines of {name}")
        drawn[name] = sample_lines([path], {}, lines, seed, held_out=True)
        if not drawn[name]:
            say(f"{name} is too short: nothing of it is held out")
    if not any(drawn.values()):
        raise InputError(f"{corpus}: nothing to measure on; a corpus needs some 40,000 lines")
    say("looking for them in the training share")
    repeated = iter(find_repeated(corpus, [line for found in drawn.values() for line in found]))
    registers: list[Register] = []
    for name, found in drawn.items():
        halves: dict[bool, list[str]] = {True: [], False: []}
        for line in found:
            halves[next(repeated)].append(line)
        if found:
            registers.append(
                Register(name, _group(name), tuple(halves[True]), tuple(halves[False]))
            )
    return registers


def _group(name: str) -> str:
    found = (group for prefix, group in _GROUP_OF_PREFIX.items() if name.startswith(prefix))
    return next(found, GROUPS[3])


def documents(lines: Sequence[str], size: int = LINES_PER_DOCUMENT) -> Iterator[str]:
    """Texts of `size` lines each, a blank line between two so that no sentence runs on."""
    for start in range(0, len(lines), size):
        yield "\n\n".join(lines[start : start + size])
