"""Damaged pages: plain `tesseract -l vie` beside `repair`, by kind of damage, in one run.

Pages are made from the recipes of `benchmarks.recipes`, in a folder that goes away afterwards.
Plain means the untouched file, one call, page segmentation 3 and no reading order of ours. Seconds
are compared on the same page one after the other, so that the load of the machine meets both.
Exits with 1 when a goal is missed or a page is worse than with plain Tesseract.

    python -m benchmarks.damage                              the table
    python -m benchmarks.damage --only fax shadow --pages 6  some kinds, more pages
    python -m benchmarks.damage --ablation                   and what each step is worth
    python -m benchmarks.damage --tuning --write DIR         pages to look at and to improve with
"""

import argparse
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from benchmarks.damaged import HELD_OUT, TUNING, make_page, write_page, write_pages
from benchmarks.harness import emit, make_parser, make_table, restore_config, run, say
from benchmarks.page_memory import Peaks, measure_peaks, write_a3_page
from benchmarks.pages import PageFigures, measure_page, total
from benchmarks.recipes import KINDS
from benchmarks.step_ablation import StepWorth, ablation_table, measure_steps
from vnrepair import InputError, RepairConfig, restore

__all__ = ["GOALS", "Goal", "Kind", "main", "measure_kinds", "reach_goals", "without_blanks"]

GOOD = ("clean-300", "clean-200", "clean-bilevel")
"""Kinds without damage: the others are what the mean is taken of."""

SEED = 70_417
_BLANK = re.compile(r"(?:[.…_]\s?){4,}")
_WORSE = 0.002
"""A page or a kind is worse than plain when its CER is higher by more than 0.2 points."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The pages of a kind of damage, and all of them as one."""

    name: str
    pages: tuple[PageFigures, ...]
    all: PageFigures


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that must not be exceeded.

    Attributes:
        what: What is measured.
        limit: The highest value that is good.
        found: What was measured; None where nothing of the kind was.
        unit: "%" for shares, which are kept as 0-1, or another unit.
    """

    what: str
    limit: float
    found: float | None
    unit: str = "%"

    @property
    def is_missed(self) -> bool:
        """Whether it was measured and is too high."""
        return self.found is not None and self.found > self.limit


GOALS: Mapping[str, float] = {
    "red-stamp": 0.01,
    "upside-down": 0.01,
    "fax": 0.03,
    "shadow": 0.008,
    "photograph": 0.02,
}
"""Highest CER of single kinds."""
_MEAN_CER, _GOOD_CER = 0.01, 0.002
_GOOD_TIME, _TIME = 1.3, 2.0
_MEMORY_MIB = 1024.0


def measure_kinds(
    kinds: Sequence[str],
    pages: int,
    *,
    seed: int,
    sources: tuple[Path, ...],
    config: RepairConfig,
    folder: Path,
) -> Iterator[Kind]:
    """Make the pages of each kind in a folder and read them both ways."""
    for kind in kinds:
        found = []
        for number in range(1, pages + 1):
            page = make_page(kind, number, seed=seed, sources=sources)
            say(f"reading {page.name}")
            paths = write_page(page, folder)
            found.append(measure_page(*paths, config, without_blanks))
        yield Kind(kind, tuple(found), total(kind, found))


def without_blanks(text: str) -> str:
    """A text without the dots and lines on which a form is filled in.

    Nobody who types a form copies them dot by dot; a reader neither gains nor loses by them.
    """
    return _BLANK.sub(" ", text)


def reach_goals(kinds: Sequence[Kind], peaks: Peaks | None) -> tuple[Goal, ...]:
    """The goals, with what was measured."""
    by_name = {kind.name: kind.all for kind in kinds}
    damaged = [kind.all for kind in kinds if kind.name not in GOOD]
    good = [kind.all for kind in kinds if kind.name in GOOD]
    mean = sum(item.repaired.cer.rate for item in damaged) / len(damaged) if damaged else None
    goals = [Goal("CER, mean of the kinds of damage", _MEAN_CER, mean)]
    for name, limit in GOALS.items():
        found = by_name[name].repaired.cer.rate if name in by_name else None
        goals.append(Goal(f"CER, {name}", limit, found))
    if good:
        together = total("good", good)
        goals.append(Goal("CER, good pages", _GOOD_CER, together.repaired.cer.rate))
        goals.append(Goal("time, good pages", _GOOD_TIME, _slower(together), "x plain"))
    everything = total("all", [kind.all for kind in kinds])
    goals.append(Goal("time, all pages", _TIME, _slower(everything), "x plain"))
    if peaks is not None:
        goals.append(Goal("memory, A3 at 400 dpi", _MEMORY_MIB, peaks.together_mib, "MiB"))
    return tuple(goals)


def _slower(figures: PageFigures) -> float:
    return figures.repair_s / figures.plain_s


def find_worse(items: Sequence[PageFigures]) -> tuple[PageFigures, ...]:
    """Pages or kinds whose CER is more than 0.2 points above that of plain Tesseract."""
    return tuple(item for item in items if item.repaired.cer.rate > item.plain.cer.rate + _WORSE)


def _kinds_table(kinds: Sequence[Kind]) -> Table:
    columns = ("kind", "pages", "plain CER", "read CER", "CER", "plain WER", "WER", "plain bag")
    table = make_table("Kinds of damage", *columns, "bag", "plain lost", "lost", "x", "")
    for kind in kinds:
        found = kind.all
        table.add_row(
            kind.name, str(len(kind.pages)), *_cells(found), _mark(bool(find_worse([found])))
        )
    for name, chosen in (
        ("mean of damage", [kind.all for kind in kinds if kind.name not in GOOD]),
        ("mean of good", [kind.all for kind in kinds if kind.name in GOOD]),
    ):
        if chosen:
            means = [sum(column) / len(chosen) for column in zip(*map(_rates, chosen), strict=True)]
            cells = [_percent(mean) for mean in means]
            table.add_row(name, "", *cells, f"{_slower(total(name, chosen)):.2f}", "")
    table.caption = (
        "CER and WER in reading order, errors by lengths; read: before restoring; bag: letters of "
        "words without partner, in whatever order; lost: words without partner; x: seconds of "
        "repair over seconds of plain"
    )
    return table


def _rates(figures: PageFigures) -> tuple[float, ...]:
    plain, read, repaired = figures.plain, figures.read, figures.repaired
    rates = (plain.cer, read.cer, repaired.cer, plain.wer, repaired.wer)
    bags = (figures.plain_bag, figures.bag)
    return (
        *(rate.rate for rate in rates),
        *(bag.cer.rate for bag in bags),
        *(bag.lost.rate for bag in bags),
    )


def _cells(figures: PageFigures) -> tuple[str, ...]:
    return (*map(_percent, _rates(figures)), f"{_slower(figures):.2f}")


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _mark(is_bad: bool, word: str = "WORSE") -> Text:
    return Text(word if is_bad else "", style="bold red")


def _pages_table(title: str, pages: Sequence[PageFigures]) -> Table:
    columns = ("page", "plain CER", "read CER", "CER", "plain WER", "WER", "plain bag", "bag")
    table = make_table(title, *columns, "plain lost", "lost", "x", "steps that changed it")
    table.columns[-1].justify = "left"
    for page in pages:
        table.add_row(page.name, *_cells(page), ", ".join(page.steps))
    return table


def _goals_table(goals: Sequence[Goal]) -> Table:
    table = make_table("Goals", "goal", "at most", "measured", "")
    for goal in goals:
        limit, found = (
            "-"
            if value is None
            else _percent(value)
            if goal.unit == "%"
            else f"{value:.2f} {goal.unit}"
            for value in (goal.limit, goal.found)
        )
        table.add_row(goal.what, limit, found, _mark(goal.is_missed, "MISSED"))
    return table


def _memory_table(plain: Peaks, ours: Peaks) -> Table:
    columns = ("read by", "our process", "Tesseract", "both at once")
    table = make_table("Peak memory of an A3 page at 400 dpi, MiB", *columns)
    for name, peaks in (("plain Tesseract", plain), ("repair", ours)):
        figures = (peaks.own_mib, peaks.engine_mib, peaks.together_mib)
        table.add_row(name, *(f"{figure:.0f}" for figure in figures))
    return table


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = make_parser("damage", __doc__)
    parser.add_argument("--pages", type=int, default=3, metavar="N", help="of each kind (3)")
    parser.add_argument("--only", nargs="+", choices=KINDS, metavar="KIND", default=list(KINDS))
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument(
        "--tuning", action="store_true", help="documents to improve with, not the held-out ones"
    )
    parser.add_argument(
        "--write", type=Path, metavar="DIR", help="write the pages, measure nothing"
    )
    parser.add_argument("--ablation", action="store_true", help="also without each of the steps")
    parser.add_argument("--no-memory", action="store_true", help="leave peak memory out")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; exit code 1 when a goal is missed or a page is worse than with plain Tesseract."""
    options = _parse(arguments)
    if options.pages < 1:
        raise InputError(f"--pages {options.pages}: name at least one page of each kind")
    sources = TUNING if options.tuning else HELD_OUT
    made = {"seed": options.seed, "sources": sources}
    if options.write is not None:
        write_pages(options.write, kinds=options.only, pages=options.pages, **made)
        return 0
    config = RepairConfig(restore=restore_config(options))
    restore("Tải mô hình trước khi đo.", config.restore)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kinds = list(
            measure_kinds(options.only, options.pages, config=config, folder=folder, **made)
        )
        plain_peaks = peaks = None
        if not options.no_memory:
            page = write_a3_page(folder, seed=options.seed)
            plain_peaks, peaks = (
                measure_peaks(page, plain=plain, dictionaries=options.dictionaries)
                for plain in (True, False)
            )
        steps: tuple[StepWorth, ...] = ()
        if options.ablation:
            steps = measure_steps(
                folder, {kind.name: kind.pages for kind in kinds}, config, without_blanks
            )
    return _report(kinds, plain_peaks, peaks, steps, options)


def _report(
    kinds: Sequence[Kind],
    plain_peaks: Peaks | None,
    peaks: Peaks | None,
    steps: Sequence[StepWorth],
    options: argparse.Namespace,
) -> int:
    """Print all tables; 1 when something is not as it should be."""
    pages = [page for kind in kinds for page in kind.pages]
    worse = find_worse(pages)
    goals = reach_goals(kinds, peaks)
    tables = [_pages_table("Pages", pages), _kinds_table(kinds)]
    if worse:
        tables.append(_pages_table("Worse than plain by more than 0.2 points", worse))
    if plain_peaks is not None and peaks is not None:
        tables.append(_memory_table(plain_peaks, peaks))
    if steps:
        tables.append(ablation_table(steps))
    tables.append(_goals_table(goals))
    figures = {
        "kinds": kinds,
        "worse": [page.name for page in worse],
        "memory": {"plain": plain_peaks, "repair": peaks},
        "steps": steps,
        "goals": goals,
    }
    emit(tables, figures, options)
    return int(bool(worse) or any(goal.is_missed for goal in goals))


if __name__ == "__main__":
    run(main)
