"""Run all benchmarks and print their figures as Markdown, for the README.

Each runs in its own process and leaves its figures as JSON in `--out` (`out/benchmarks` unless it
is given); with `--table-only` the tables are made from what lies there. What needs data that is not
named is left out, and the table says so. The pages that `garbled` prints are measured again by
`calibration` and `ablation`. `--write-readme` puts the tables into README.md, between its two
markers. `tune` and `fit_calibration` are no measurements and do not run here.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import ROOT, SAMPLES, make_parser, run, say
from benchmarks.report import ROWS, Figures, ablation_table, describe_machine, put_between_markers
from vnrepair import InputError
from vnrepair.atomic import write_text_atomic

__all__ = ["RUNS", "Run", "main"]

PAGES = 24
"""Pages to print: twelve are too few to compare faces and profiles."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a benchmark.

    Attributes:
        name: Of the run, and of its JSON file.
        module: The benchmark that runs.
        needs: Option without which it cannot run; "" for none.
        takes: Options that are passed on where they are given.
        fixed: Arguments that are always passed; `{pairs}` stands for the table of line pairs.
    """

    name: str
    module: str
    needs: str = ""
    takes: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()

    def command(self, options: argparse.Namespace) -> str:
        """What a reader types to get the same figures."""
        given = [name for name in self.takes if name == self.needs or getattr(options, name)]
        parts = [f"python -m benchmarks.{self.module}", *(f"--{n} {n.upper()}" for n in given)]
        parts += (part.format(pairs="PAIRS").replace(f"{ROOT}/", "") for part in self.fixed)
        return " ".join(parts)


RUNS = (
    Run("seeds", "seeds", "seeds", ("seeds",)),
    Run("samples", "seeds", fixed=("--seeds", str(SAMPLES))),
    Run(
        *("garbled", "garbled", "corpus", ("corpus",)),
        fixed=("--pages", str(PAGES), "--write-pairs", "{pairs}"),
    ),
    Run("bare", "bare", "corpus", ("corpus",)),
    Run("registers", "registers"),
    Run("harm", "harm", "corpus", ("corpus",)),
    Run("calibration", "calibration", "corpus", ("seeds",), fixed=("--pairs", "{pairs}")),
    Run("speed", "speed", takes=("seeds",)),
    Run("pages", "pages", takes=("scans",)),
    Run("damage", "damage"),
    Run("ablation", "ablation", "corpus", ("seeds",), fixed=("--pairs", "{pairs}")),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what can run, print the tables; exit code 1 when a benchmark reported a failure."""
    parser = make_parser("run_all", __doc__)
    for name in ("seeds", "corpus", "scans"):
        parser.add_argument(f"--{name}", type=Path, help=f"see the benchmarks that take --{name}")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "benchmarks")
    names = [item.name for item in RUNS]
    parser.add_argument("--only", nargs="*", choices=names, default=names, metavar="NAME")
    parser.add_argument("--table-only", action="store_true", help="run nothing")
    parser.add_argument("--write-readme", action="store_true", help="put the tables into README.md")
    options = parser.parse_args(arguments)
    failed: list[str] = []
    if not options.table_only:
        options.out.mkdir(parents=True, exist_ok=True)
        chosen = [item for item in RUNS if item.name in options.only and _can_run(item, options)]
        failed = [item.name for item in chosen if not _run(item, options)]
    # All that was ever measured into the folder is shown, so that one run can be done again.
    found = {item.name: _read(options.out / f"{item.name}.json") for item in RUNS}
    body = "\n".join(_lines(found, options)) + "\n"
    sys.stdout.write(body)
    if options.json is not None:
        write_text_atomic(options.json, json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    if options.write_readme:
        readme = ROOT / "README.md"
        text = readme.read_text(encoding="utf-8")
        write_text_atomic(readme, put_between_markers(text, body))
    if failed:
        say(f"reported a failure: {', '.join(failed)}")
    return int(bool(failed))


def _can_run(item: Run, options: argparse.Namespace) -> bool:
    return not item.needs or getattr(options, item.needs) is not None


def _run(item: Run, options: argparse.Namespace) -> bool:
    """Run one benchmark, its tables on stderr; whether it was content."""
    target = options.out / f"{item.name}.json"
    target.unlink(missing_ok=True)
    say(f"running {item.command(options)}")
    command = [sys.executable, "-m", f"benchmarks.{item.module}", *_arguments(item, options)]
    command += ["--json", str(target.resolve())]
    return subprocess.run(command, stdout=sys.stderr, check=False, cwd=ROOT).returncode == 0


def _arguments(item: Run, options: argparse.Namespace) -> Iterator[str]:
    for name in (*item.takes, "dictionaries"):
        path = getattr(options, name)
        if path is not None:
            yield from (f"--{name}", str(path.resolve()))
    pairs = str((options.out / "pairs.tsv").resolve())
    yield from (part.format(pairs=pairs) for part in item.fixed)


def _lines(found: Mapping[str, Figures | None], options: argparse.Namespace) -> Iterator[str]:
    """The tables, and below them where they were measured."""
    yield "| what | vnrepair | beside it | command |"
    yield "|---|---|---|---|"
    for item in RUNS:
        figures = found[item.name]
        if item.name not in ROWS:
            continue
        command = f"`{item.command(options)}`"
        if figures is None:
            why = "failed or not run" if _can_run(item, options) else "not measured"
            yield f"| {item.name} | {why} | | {command} |"
            continue
        for row in ROWS[item.name](figures):
            yield f"| {row.what} | {row.ours} | {row.beside} | {command} |"
            command = "the same"
    measured = [figures for figures in found.values() if figures is not None]
    yield ""
    yield from dict.fromkeys(describe_machine(figures) for figures in measured)
    ablation = found["ablation"]
    if ablation is not None:
        yield ""
        yield "What each part is worth: the same texts restored without it."
        yield ""
        yield from ablation_table(ablation)


def _read(path: Path) -> Figures | None:
    """The figures of a run, None where there are none."""
    if not path.is_file():
        return None
    try:
        figures: Figures = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: no figures ({error}); run the benchmark again") from error
    return figures


if __name__ == "__main__":
    run(main)
