"""Marks put back into texts that were written for this benchmark: four registers, all unseen.

The texts in `benchmarks/registers/` are no part of any corpus and stand nowhere else, so no model
has counted them. Each loses its marks and is restored: *bare* loses all of them and is restored
with the profile `undiacritised`; *half* loses those of a random half of its words and is restored
as any user's text is, with the profile `auto`. Words count that hold a letter, with the case and
the punctuation that they stand in.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from benchmarks.bare import Tally, format_share, is_compared, restore_and_tally, tally_text
from benchmarks.harness import ROOT, emit, make_parser, make_table, restore_config, run, say
from benchmarks.intervals import Interval, bootstrap_share
from benchmarks.rivals import AddAccents, load_pyvi
from benchmarks.tokens import pair_lines, pair_tokens
from vnrepair import InputError, Restorer
from vnrepair.document.textfile import read_text
from vnrepair.language.letters import skeleton
from vnrepair.language.tones import fold_tone_style

__all__ = [
    "TEXTS",
    "SetResult",
    "Variant",
    "WrongWord",
    "main",
    "measure_set",
    "read_pieces",
    "strip_half",
]

TEXTS = ROOT / "benchmarks" / "registers"
SHOWN_ERRORS = 40
CONTEXT_WORDS = 3
_SEED = 50_001


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to lose marks.

    Attributes:
        name: "bare" or "half".
        profile: The profile that it is restored with.
        strip: Takes marks off a text, line ends and blanks kept.
        is_bare: Whether no mark is left, as a rival that takes bare text only needs it.
    """

    name: str
    profile: str
    strip: Callable[[str], str]
    is_bare: bool


@dataclass(frozen=True, slots=True)
class WrongWord:
    """A word that came out wrong, and how often.

    Attributes:
        expected: The word of the truth.
        found: What came out.
        count: How often.
        context: The words around its first place in the truth.
    """

    expected: str
    found: str
    count: int
    context: str


@dataclass(frozen=True, slots=True)
class SetResult:
    """What one text set gave.

    Attributes:
        name: The register.
        variant: How it lost its marks.
        pieces: Texts in it, restored one by one.
        lines: Lines in it.
        stripped: Before restoring: words that carry no mark are right already.
        ours: By vnrepair.
        interval: Of our share of right words, 95 %, pieces drawn again.
        pyvi: By pyvi; None where it is not installed or the text is not bare.
        wrong: Our errors, commonest first.
    """

    name: str
    variant: str
    pieces: int
    lines: int
    stripped: Tally
    ours: Tally
    interval: Interval | None
    pyvi: Tally | None
    wrong: tuple[WrongWord, ...]


def read_pieces(folder: Path) -> dict[str, list[str]]:
    """The text sets of a folder.

    Args:
        folder: Holds `REGISTER.txt`, a sentence or paragraph a line, a blank line between pieces.

    Returns:
        For each register its pieces.

    Raises:
        InputError: There is no such file.
        TextError: A file cannot be read.
    """
    paths = sorted(folder.glob("*.txt"))
    if not paths:
        raise InputError(f"{folder}: no *.txt there")
    return {path.stem: read_text(path).strip("\n").split("\n\n") for path in paths}


def strip_half(text: str) -> str:
    """A text without the marks of about half of its words, which are drawn with a fixed seed."""
    rng = random.Random(_SEED)
    return re.sub(r"\S+", lambda m: skeleton(m[0]) if rng.random() < 0.5 else m[0], text)


VARIANTS = (
    Variant("bare", "undiacritised", skeleton, is_bare=True),
    Variant("half", "auto", strip_half, is_bare=False),
)


def measure_set(
    name: str,
    pieces: Sequence[str],
    variant: Variant,
    restorer: Restorer,
    pyvi: AddAccents | None = None,
) -> SetResult:
    """Take marks off a text set and put them back.

    Args:
        name: Of the register.
        pieces: Its texts, each restored by itself.
        variant: How they lose marks.
        restorer: Of the profile of the variant.
        pyvi: What restores the same beside it.
    """
    stripped, theirs = Tally(), Tally()
    ours: list[Tally] = []
    restored: list[str] = []
    for truth in pieces:
        observed = variant.strip(truth)
        stripped += tally_text(truth, observed)
        text, tally = restore_and_tally(truth, observed, lambda text: restorer.restore(text).text)
        ours.append(tally)
        restored.append(text)
        if pyvi is not None and variant.is_bare:
            theirs += restore_and_tally(truth, observed, pyvi)[1]
    return SetResult(
        name,
        variant.name,
        len(pieces),
        sum(len(truth.split("\n")) for truth in pieces),
        stripped,
        sum(ours, start=Tally()),
        bootstrap_share([tally.folded for tally in ours], [tally.total for tally in ours]),
        theirs if theirs.total else None,
        tuple(_rank_errors(zip(pieces, restored, strict=True))),
    )


def _rank_errors(texts: Iterable[tuple[str, str]]) -> Iterator[WrongWord]:
    """The wrong words of texts beside their truths, commonest first."""
    counts: Counter[tuple[str, str]] = Counter()
    contexts: dict[tuple[str, str], str] = {}
    for truth, text in texts:
        for expected, found in pair_lines(truth, text):
            pairs = pair_tokens(expected, found)
            for at, (left, right) in enumerate(pairs):
                if is_compared(left) and fold_tone_style(left) != fold_tone_style(right):
                    around = pairs[max(0, at - CONTEXT_WORDS) : at + CONTEXT_WORDS + 1]
                    counts[left, right] += 1
                    contexts.setdefault((left, right), " ".join(word for word, _ in around))
    for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield WrongWord(*key, count, contexts[key])


def _table(results: Sequence[SetResult]) -> Table:
    columns = ("marks lost", "register", "texts", "words", "as stripped", "right", "95 % interval")
    rivals = ("caseless", "words/s", "pyvi", "caseless")
    table = make_table("Own texts restored: words right", *columns, *rivals, left=2)
    for result in results:
        ours, pyvi, bounds = result.ours, result.pyvi, result.interval
        table.add_row(
            result.variant,
            result.name,
            str(result.pieces),
            f"{ours.total:,}",
            format_share(result.stripped.folded, result.stripped),
            format_share(ours.folded, ours),
            f"{100 * bounds.low:.2f}-{100 * bounds.high:.2f} %" if bounds else "-",
            format_share(ours.caseless, ours),
            f"{ours.total / ours.seconds:,.0f}" if ours.seconds else "-",
            format_share(pyvi.folded, pyvi) if pyvi else "-",
            format_share(pyvi.caseless, pyvi) if pyvi else "-",
        )
    table.caption = "hoà = hòa everywhere; caseless: case left out as well; interval: texts redrawn"
    return table


def _error_tables(results: Sequence[SetResult]) -> Iterator[Table]:
    for result in results:
        wrong = sum(word.count for word in result.wrong)
        title = f"{result.name}, {result.variant}: {len(result.wrong)} kinds of {wrong} errors"
        table = make_table(title, "times", "text says", "restored", "around it", left=4)
        for word in result.wrong[:SHOWN_ERRORS]:
            cells = (str(word.count), word.expected, word.found, word.context)
            table.add_row(*(Text(cell) for cell in cells))
        yield table


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the text sets of a folder."""
    parser = make_parser("registers", __doc__)
    parser.add_argument("--texts", type=Path, default=TEXTS, help="folder of REGISTER.txt")
    parser.add_argument("--only", nargs="*", default=(), metavar="REGISTER")
    parser.add_argument("--errors", action="store_true", help="print the commonest wrong words")
    parser.add_argument("--no-pyvi", action="store_true", help="do not run pyvi beside it")
    options = parser.parse_args(arguments)
    sets: Mapping[str, list[str]] = read_pieces(options.texts)
    if unknown := sorted(set(options.only) - sets.keys()):
        raise InputError(f"{options.texts}: no {unknown[0]}.txt; there are {', '.join(sets)}")
    pyvi = None if options.no_pyvi else load_pyvi()
    results: list[SetResult] = []
    for variant in VARIANTS:
        restorer = Restorer(restore_config(options, variant.profile))
        restorer.restore("ngay")  # so that no text pays for what is loaded on first use
        for name in options.only or sets:
            say(f"restoring {name}, {variant.name}")
            results.append(measure_set(name, sets[name], variant, restorer, pyvi))
    tables = [_table(results), *(_error_tables(results) if options.errors else ())]
    emit(tables, {"results": results}, options)
    return 0


if __name__ == "__main__":
    run(main)
