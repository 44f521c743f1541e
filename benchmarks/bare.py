"""Marks for text typed without them: how many syllables come out right, per register.

Held-out corpus lines lose every mark (`vnrepair.language.letters.skeleton`) and are restored with
the profile `undiacritised`; pyvi does the same work beside it. Tokens that hold a letter count;
they are compared whole, with their case and the punctuation around them.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from benchmarks.corpora import GROUPS, Register, documents, draw_registers
from benchmarks.harness import emit, make_parser, make_table, restore_config, run, say
from benchmarks.rivals import AddAccents, load_pyvi
from benchmarks.tokens import pair_lines, pair_tokens
from vnrepair import Restorer
from vnrepair.language.letters import skeleton
from vnrepair.language.tones import fold_tone_style

__all__ = [
    "RegisterResult",
    "Tally",
    "format_share",
    "is_compared",
    "main",
    "measure_register",
    "restore_and_tally",
    "tally_text",
]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many syllables came out right.

    Attributes:
        right: Equal to the truth.
        folded: Equal when `hoà` and `hòa` are one.
        caseless: Equal when case is one as well.
        total: Tokens of the truth that hold a letter.
        ragged_lines: Lines that came out with another number of tokens, compared by alignment.
        seconds: Time spent restoring.
    """

    right: int = 0
    folded: int = 0
    caseless: int = 0
    total: int = 0
    ragged_lines: int = 0
    seconds: float = 0.0

    def __add__(self, other: "Tally") -> "Tally":
        """Both together: the micro average."""
        return Tally(
            self.right + other.right,
            self.folded + other.folded,
            self.caseless + other.caseless,
            self.total + other.total,
            self.ragged_lines + other.ragged_lines,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True, slots=True)
class RegisterResult:
    """What one register, or a group of them, gave.

    Attributes:
        name: Of the register or the group.
        group: The group that it belongs to.
        lines: Held-out lines.
        bare: Without any restoring: syllables that carry no mark are right already.
        ours: By vnrepair.
        fresh: The part of `ours` on lines that the training share does not hold as well.
        pyvi: By pyvi; None where it is not installed.
    """

    name: str
    group: str
    lines: int
    bare: Tally
    ours: Tally
    fresh: Tally
    pyvi: Tally | None


def is_compared(token: str) -> bool:
    """Whether a token of the truth counts: it does where it holds a letter."""
    return any(map(str.isalpha, token))


def tally_text(truth: str, found: str, seconds: float = 0.0) -> Tally:
    """Compare a restored text with its truth, line by line."""
    tally = Tally(seconds=seconds)
    for expected, line in pair_lines(truth, found):
        ragged = len(expected.split()) != len(line.split())
        pairs = [pair for pair in pair_tokens(expected, line) if is_compared(pair[0])]
        folded = [(fold_tone_style(left), fold_tone_style(right)) for left, right in pairs]
        tally += Tally(
            sum(left == right for left, right in pairs),
            sum(left == right for left, right in folded),
            sum(left.lower() == right.lower() for left, right in folded),
            len(pairs),
            int(ragged),
        )
    return tally


def restore_and_tally(
    truth: str, stripped: str, restore: Callable[[str], str]
) -> tuple[str, Tally]:
    """Restore a stripped text and compare it with its truth; the text, and what came out right."""
    start = time.perf_counter()
    restored = restore(stripped)
    return restored, tally_text(truth, restored, time.perf_counter() - start)


def measure_register(
    register: Register, restorer: Restorer, pyvi: AddAccents | None
) -> RegisterResult:
    """Take the marks off a register and put them back."""
    bare, ours, fresh, theirs = Tally(), Tally(), Tally(), Tally()
    for lines in (register.repeated, register.fresh):
        for truth in documents(lines):
            stripped = skeleton(truth)
            bare += tally_text(truth, stripped)
            _, tally = restore_and_tally(truth, stripped, lambda text: restorer.restore(text).text)
            ours += tally
            if lines is register.fresh:
                fresh += tally
            if pyvi is not None:
                theirs += restore_and_tally(truth, stripped, pyvi)[1]
    return RegisterResult(
        register.name,
        register.group,
        len(register.repeated) + len(register.fresh),
        bare,
        ours,
        fresh,
        theirs if pyvi is not None else None,
    )


def add_results(name: str, results: Sequence[RegisterResult]) -> RegisterResult:
    """Registers together, each syllable counting the same."""
    theirs = [result.pyvi for result in results if result.pyvi is not None]
    return RegisterResult(
        name,
        name,
        sum(result.lines for result in results),
        sum((result.bare for result in results), start=Tally()),
        sum((result.ours for result in results), start=Tally()),
        sum((result.fresh for result in results), start=Tally()),
        sum(theirs, start=Tally()) if theirs else None,
    )


def _groups(results: Sequence[RegisterResult]) -> Iterator[RegisterResult]:
    for group in GROUPS:
        members = [result for result in results if result.group == group]
        if members:
            yield add_results(group, members)
    yield add_results("all", results)


def _table(title: str, results: Iterable[RegisterResult]) -> Table:
    columns = ("text", "lines", "syllables", "bare", "right", "folded", "ragged")
    rivals = ("fresh", "right", "pyvi", "caseless", "ragged")
    table = make_table(title, *columns, *rivals)
    for result in results:
        ours, pyvi = result.ours, result.pyvi
        cells = [format_share(count, ours) for count in (ours.right, ours.folded)]
        rival = ["-", "-", "-"]
        if pyvi is not None:
            shares = (format_share(count, pyvi) for count in (pyvi.right, pyvi.caseless))
            rival = [*shares, str(pyvi.ragged_lines)]
        table.add_row(
            result.name,
            f"{result.lines:,}",
            f"{ours.total:,}",
            format_share(result.bare.right, ours),
            *cells,
            str(ours.ragged_lines),
            f"{result.fresh.total:,}",
            format_share(result.fresh.right, result.fresh),
            *rival,
        )
    table.caption = (
        "folded: hoà = hòa; caseless: folded, and case left out; ragged: lines with another number "
        "of tokens; fresh: syllables of lines that share no 13 words in a row with training text"
    )
    return table


def format_share(count: int, tally: Tally) -> str:
    """A share of the tokens of a tally, such as "97.53 %"; "-" for nothing of nothing."""
    return f"{100 * count / tally.total:.2f} %" if tally.total else "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the registers of a corpus folder."""
    parser = make_parser("bare", __doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of *.txt or *.txt.xz")
    parser.add_argument("--lines", type=int, default=300, help="held-out lines per register")
    parser.add_argument("--seed", type=int, default=20_001)
    parser.add_argument("--only", nargs="*", default=(), metavar="REGISTER")
    parser.add_argument("--no-pyvi", action="store_true", help="do not run pyvi beside it")
    options = parser.parse_args(arguments)
    registers = draw_registers(options.corpus, options.lines, options.seed, options.only)
    restorer = Restorer(restore_config(options, "undiacritised"))
    pyvi = None if options.no_pyvi else load_pyvi()
    results: list[RegisterResult] = []
    for register in registers:
        say(f"restoring {register.name}")
        results.append(measure_register(register, restorer, pyvi))
    groups = list(_groups(results))
    tables = [
        _table("Bare text restored: syllables right, per register", results),
        _table("The same, registers of one kind together", groups),
    ]
    emit(tables, {"registers": results, "groups": groups}, options)
    return 0


if __name__ == "__main__":
    run(main)
