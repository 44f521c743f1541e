"""Run all benchmarks and print one Markdown table for the README.

Each runs in its own process and leaves its figures as JSON in `--out` (`out/benchmarks` unless it
is given); with `--table-only` the table is made from what lies there. What needs data that is not
named is left out, and the table says so. `tune` is no measurement and does not run here.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, make_parser, run, say
from vnrepair import InputError
from vnrepair.atomic import write_text_atomic

__all__ = ["BENCHMARKS", "Benchmark", "main"]

Figures = dict[str, Any]
Row = tuple[str, str]
"""What was measured, and the result."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark and what the table takes from it.

    Attributes:
        name: Module name.
        needs: Option without which it cannot run; "" for none.
        takes: Options that it takes where they are given.
        rows: Makes table rows of its JSON.
    """

    name: str
    needs: str
    takes: tuple[str, ...]
    rows: Callable[[Figures], Iterator[Row]]


def _percent(rate: Figures, digits: int = 2) -> str:
    """A rate from JSON, with its counts."""
    share = "-" if rate["rate"] is None else f"{100 * rate['rate']:.{digits}f} %"
    return f"{share} ({rate['errors']:,}/{rate['length']:,})"


def _short(rate: Figures) -> str:
    return "-" if rate["rate"] is None else f"{100 * rate['rate']:.2f} %"


def _rows_of_seeds(figures: Figures) -> Iterator[Row]:
    for item in figures["garbled"]:
        raw, restored = item["raw"], item["restored"]
        for measure in ("cer", "wer"):
            result = f"{_short(raw[measure])} → {_percent(restored[measure])}"
            yield f"garbled `{item['name']}`: {measure.upper()} before → after", result
    altered = {item["name"]: item["altered"] for item in figures["clean"]}
    digits = sum(item["numbers"]["errors"] for item in figures["clean"])
    shares = ", ".join(_percent(rate) for rate in altered.values())
    yield "correct documents: tokens altered; numbers changed", f"{shares}; {digits}"


def _rows_of_bare(figures: Figures) -> Iterator[Row]:
    for group in figures["groups"]:
        ours, pyvi = group["ours"], group["pyvi"]
        cells = f"{100 * ours['right'] / ours['total']:.2f} %"
        cells += f" ({100 * ours['folded'] / ours['total']:.2f} % with hoà = hòa)"
        if (fresh := group["fresh"])["total"]:
            cells += f", {100 * fresh['right'] / fresh['total']:.2f} % of fresh lines"
        if pyvi:
            cells += f"; pyvi {100 * pyvi['right'] / pyvi['total']:.2f} %"
            cells += f" ({100 * pyvi['caseless'] / pyvi['total']:.2f} % without case)"
        yield f"bare text, {group['name']}: of {ours['total']:,} syllables right", cells


def _rows_of_harm(figures: Figures) -> Iterator[Row]:
    total = figures["total"]
    result = f"{_percent(total['altered'], 3)}; {total['digits']['errors']}"
    yield "correct held-out text: tokens altered; digits changed", result
    yield "the same: tokens altered in fresh lines", _percent(total["fresh"], 3)
    yield "the same: altered again by a second pass", _percent(total["unstable"], 3)


def _rows_of_speed(figures: Figures) -> Iterator[Row]:
    for result in figures["results"]:
        name = result["name"]
        speeds = " / ".join(f"{result[kind]:,.0f}" for kind in ("first", "another", "again"))
        yield f"{name}, one core: tokens/s on first / another / same document", speeds
        memory = f"{result['load_s']:.2f} s; {result['peak_mib']:.0f} MiB"
        yield f"{name}: load; peak memory", memory
    yield "size of `dictionaries/`", f"{figures['dictionaries_bytes'] / 1e6:.1f} MB"


def _rows_of_pages(figures: Figures) -> Iterator[Row]:
    for folder, found in figures["folders"].items():
        total, pages = found["total"], found["pages"]
        plain, repaired = total["plain"]["cer"], total["repaired"]["cer"]
        result = f"{_percent(plain)} → {_percent(repaired)}"
        yield f"{len(pages)} pages of {folder}/: CER of `tesseract -l vie` → repair", result
        yield "the same: seconds", f"{total['plain_s']:.0f} → {total['repair_s']:.0f}"
    worse = figures["worse"]
    yield "pages worse than plain Tesseract", ", ".join(worse) if worse else "none"


def _rows_of_garbled(figures: Figures) -> Iterator[Row]:
    for result in figures["results"]:
        if result["style"] == "all":
            before, after = result["before"], result["after"]
            what = f"rendered pages, `-l {result['language']}`, {result['lines']:,} lines"
            for measure in ("cer", "wer"):
                cells = f"{_short(before[measure])} → {_percent(after[measure])}"
                yield f"{what}: {measure.upper()}", cells


BENCHMARKS = (
    Benchmark("seeds", "seeds", ("seeds",), _rows_of_seeds),
    Benchmark("bare", "corpus", ("corpus",), _rows_of_bare),
    Benchmark("harm", "corpus", ("corpus",), _rows_of_harm),
    Benchmark("speed", "", ("seeds",), _rows_of_speed),
    Benchmark("pages", "", ("scans",), _rows_of_pages),
    Benchmark("garbled", "corpus", ("corpus",), _rows_of_garbled),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what can run, print the table; exit code 1 when a benchmark reported a failure."""
    parser = make_parser("run_all", __doc__)
    for name in ("seeds", "corpus", "scans"):
        parser.add_argument(f"--{name}", type=Path, help=f"see the benchmarks that take --{name}")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "benchmarks")
    names = [benchmark.name for benchmark in BENCHMARKS]
    parser.add_argument("--only", nargs="*", choices=names, default=names, metavar="NAME")
    parser.add_argument("--table-only", action="store_true", help="run nothing")
    options = parser.parse_args(arguments)
    chosen = [benchmark for benchmark in BENCHMARKS if benchmark.name in options.only]
    failed: list[str] = []
    if not options.table_only:
        options.out.mkdir(parents=True, exist_ok=True)
        failed = [one.name for one in chosen if _can_run(one, options) and not _run(one, options)]
    found = {one.name: _read(options.out / f"{one.name}.json") for one in chosen}
    sys.stdout.write("\n".join(_lines(chosen, found, options)) + "\n")
    if options.json is not None:
        write_text_atomic(options.json, json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    if failed:
        say(f"reported a failure: {', '.join(failed)}")
    return int(bool(failed))


def _can_run(benchmark: Benchmark, options: argparse.Namespace) -> bool:
    return not benchmark.needs or getattr(options, benchmark.needs) is not None


def _run(benchmark: Benchmark, options: argparse.Namespace) -> bool:
    """Run one benchmark, its tables on stderr; whether it was content."""
    target = options.out / f"{benchmark.name}.json"
    target.unlink(missing_ok=True)
    arguments = _arguments(benchmark, options)
    say(f"running benchmarks.{benchmark.name}")
    command = [sys.executable, "-m", f"benchmarks.{benchmark.name}", *arguments]
    command += ["--json", str(target.resolve())]
    return subprocess.run(command, stdout=sys.stderr, check=False, cwd=ROOT).returncode == 0


def _arguments(benchmark: Benchmark, options: argparse.Namespace) -> list[str]:
    given = {name: getattr(options, name) for name in (*benchmark.takes, "dictionaries")}
    pairs = ((f"--{name}", str(path.resolve())) for name, path in given.items() if path)
    return [part for pair in pairs for part in pair]


def _lines(
    chosen: Sequence[Benchmark], found: dict[str, Figures | None], options: argparse.Namespace
) -> Iterator[str]:
    """The Markdown table, and below it where it was measured."""
    yield "| what | result | command |"
    yield "|---|---|---|"
    places: dict[str, None] = {}
    for benchmark in chosen:
        figures = found[benchmark.name]
        command = f"python -m benchmarks.{benchmark.name}"
        command += "".join(
            f" --{name} {name.upper()}"
            for name in benchmark.takes
            if name == benchmark.needs or getattr(options, name)
        )
        if figures is None:
            why = "failed or not run" if _can_run(benchmark, options) else "not measured"
            yield f"| {benchmark.name} | {why} | `{command}` |"
            continue
        yield from (
            f"| {what} | {result} | `{command}` |" for what, result in benchmark.rows(figures)
        )
        machine = figures["machine"]
        places[
            f"Measured on {machine['processor']}, {machine['cores']} cores; {machine['system']}; "
            f"dictionaries {machine['dictionaries']}."
        ] = None
    yield ""
    yield from places


def _read(path: Path) -> Figures | None:
    """The figures of a benchmark, None where there are none."""
    if not path.is_file():
        return None
    try:
        figures: Figures = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: no figures ({error}); run the benchmark again") from error
    return figures


if __name__ == "__main__":
    run(main)
