"""How fast restoring is on one core: load, tokens a second, peak memory; pyvi beside it.

Every figure comes from a fresh process with one thread, and is the median of several such
processes. vnrepair gets garbled text, which is its work, once with its compiled kernel and once
with numpy alone; pyvi gets what the pages really say with the marks taken off, which is all that
it can work on. Words that were met before are remembered, so four speeds are told apart: the first
document of a process, another document after other ones, the same document again, and a long text
of mixed lines. A second table shows how time and memory grow with the length of a text.
"""

import argparse
import dataclasses
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

# Nothing of vnrepair or numpy at the top: a worker starts here, and loading them is what it times.

__all__ = ["SpeedResult", "main"]

GARBLED, TRUTH = ".ocr.txt", ".truth.txt"
OURS, PLAIN, PYVI = "vnrepair", "vnrepair, numpy", "pyvi"
LONG_BYTES = 200_000
SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
FIRST_WORDS = "Ké hoach thuc hién quy ché dan chi"
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
_ROOT = Path(__file__).resolve().parent.parent
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Timing:
    """What one fresh process measured.

    Attributes:
        load_s: Importing, loading the models, and restoring a first few words.
        first_s: The first document.
        again_s: The same document once more.
        cpu_share: Processor seconds by clock seconds while restoring: over 1.0 would mean that more
            than one core worked, far below it that the machine was busy with something else.
        peak_bytes: Most memory that the process held.
    """

    load_s: float
    first_s: float
    again_s: float
    cpu_share: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class SpeedResult:
    """Medians over processes of one restorer.

    Attributes:
        name: Of the restorer.
        tokens: Tokens of the document, divided at white space.
        load_s: Importing, loading the models, and restoring a first few words.
        first: Tokens a second on the first document of a process.
        another: Tokens a second on this document after other ones.
        again: Tokens a second on a document that was restored before.
        long: Tokens a second on a long text, after other documents.
        peak_mib: Most memory that a process held, MiB.
        cpu_share: See `Timing`.
    """

    name: str
    tokens: int
    load_s: float
    first: float
    another: float
    again: float
    long: float
    peak_mib: float
    cpu_share: float


@dataclass(frozen=True, slots=True)
class GrowthResult:
    """What restoring a text of some length takes, after another document.

    Attributes:
        size_bytes: Of the text, UTF-8.
        tokens: Divided at white space.
        seconds: To restore it, block by block.
        peak_mib: Most memory that the process held, MiB.
    """

    size_bytes: int
    tokens: int
    seconds: float
    peak_mib: float


def _work(restorer: str, document: Path, before: Path | None, dictionaries: Path | None) -> Timing:
    """The task of a worker: load, restore `before` if there is one, then the document twice."""
    start = time.perf_counter()
    if restorer == PYVI:
        from pyvi import ViUtils

        def restore(text: str) -> None:
            for line in text.splitlines():
                with suppress(KeyError):  # some of its predictions fit no letter
                    ViUtils.add_accents(line)
    else:
        from vnrepair import RestoreConfig, Restorer

        loaded = Restorer(RestoreConfig(dictionaries=dictionaries))

        def restore(text: str) -> None:
            for _ in loaded.restore_stream([text]):  # what it says is let go, as a writer does
                pass

    restore(FIRST_WORDS)
    load_s = time.perf_counter() - start
    if before is not None:
        restore(before.read_text(encoding="utf-8"))
    text = document.read_text(encoding="utf-8")
    cpu = time.process_time()
    start = time.perf_counter()
    restore(text)
    middle = time.perf_counter()
    if len(text) <= LONG_BYTES // 2:
        restore(text)
    end = time.perf_counter()
    cpu_share = (time.process_time() - cpu) / (end - start)
    return Timing(load_s, middle - start, end - middle, cpu_share, _peak_bytes())


def _peak_bytes() -> int:
    """Most memory that this process held.

    Linux hands `ru_maxrss` on from the process that started this one, so what the system says of
    this one alone comes first.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _spawn(restorer: str, document: Path, before: Path | None, dictionaries: Path | None) -> Timing:
    """Run the worker in a fresh process with one thread."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.speed",
        "--worker",
        restorer,
        str(document.resolve()),
    ]
    if before is not None:
        command += ["--before", str(before.resolve())]
    if dictionaries is not None:
        command += ["--dictionaries", str(dictionaries.resolve())]
    done = subprocess.run(
        command,
        cwd=_ROOT,
        env=os.environ
        | dict.fromkeys(_THREAD_VARIABLES, "1")
        | {"VNREPAIR_NO_KERNEL": str(int(restorer == PLAIN))},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return Timing(**json.loads(done.stdout))


def measure(name: str, texts: "_Texts", repeats: int, dictionaries: Path | None) -> SpeedResult:
    """Time one restorer in fresh processes.

    Args:
        name: `OURS`, `PLAIN` or `PYVI`.
        texts: What it restores.
        repeats: Processes of each sort; the median counts.
        dictionaries: Models; None for our own.
    """
    cold = [_spawn(name, texts.document, None, dictionaries) for _ in range(repeats)]
    warm = [_spawn(name, texts.document, texts.before, dictionaries) for _ in range(repeats)]
    long = [_spawn(name, texts.long, texts.before, dictionaries) for _ in range(repeats)]
    tokens, long_tokens = _count_tokens(texts.document), _count_tokens(texts.long)
    every = cold + warm
    return SpeedResult(
        name,
        tokens,
        statistics.median(timing.load_s for timing in every),
        tokens / statistics.median(timing.first_s for timing in cold),
        tokens / statistics.median(timing.first_s for timing in warm),
        tokens / statistics.median(timing.again_s for timing in every),
        long_tokens / statistics.median(timing.first_s for timing in long),
        statistics.median(timing.peak_bytes for timing in long) / _MIB,
        statistics.median(timing.cpu_share for timing in every),
    )


def measure_growth(
    document: Path, before: Path, repeats: int, dictionaries: Path | None
) -> GrowthResult:
    """Time one text, the median of fresh processes."""
    timings = [_spawn(OURS, document, before, dictionaries) for _ in range(repeats)]
    return GrowthResult(
        document.stat().st_size,
        _count_tokens(document),
        statistics.median(timing.first_s for timing in timings),
        statistics.median(timing.peak_bytes for timing in timings) / _MIB,
    )


def _count_tokens(path: Path) -> int:
    with path.open(encoding="utf-8") as stream:
        return sum(len(line.split()) for line in stream)


def main(arguments: Sequence[str] | None = None) -> int:
    """Time vnrepair with its kernel and without, and pyvi where it is installed."""
    from benchmarks.harness import SAMPLES, dictionaries_folder, emit, make_parser, say
    from benchmarks.long_text import write_long_text

    parser = make_parser("speed", __doc__)
    parser.add_argument("--seeds", type=Path, help="folder with *.ocr.txt to time instead")
    parser.add_argument("--repeats", type=int, default=5, help="fresh processes per figure")
    parser.add_argument("--no-pyvi", action="store_true", help="do not run pyvi beside it")
    parser.add_argument(
        "--largest",
        type=int,
        default=1_000_000,
        metavar="BYTES",
        help="how far the growth table goes, up to 100,000,000; from 1 MB on one process a row",
    )
    options = parser.parse_args(arguments)
    results: list[SpeedResult] = []
    growth: list[GrowthResult] = []
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for name in (OURS, PLAIN, PYVI):
            if name == PYVI and (options.no_pyvi or find_spec("pyvi") is None):
                continue
            say(f"timing {name}")
            texts = _write_texts(name, options.seeds, SAMPLES, scratch)
            results.append(measure(name, texts, options.repeats, options.dictionaries))
        for size in (size for size in SIZES if size <= options.largest):
            say(f"timing {size:,} bytes")
            document = scratch / "growing.txt"
            write_long_text(document, _read_all(options.seeds or SAMPLES, OURS), size)
            repeats = options.repeats if size < 1_000_000 else 1
            before = scratch / f"{OURS}-1.txt"
            growth.append(measure_growth(document, before, repeats, options.dictionaries))
    ratios = _ratios(results)
    size = sum(
        file.stat().st_size
        for file in dictionaries_folder(options.dictionaries).iterdir()
        if file.is_file()
    )
    table = _table(results, ratios, options.repeats)
    table.caption = f"dictionaries: {size / 1e6:.1f} MB; first, another, again, long: tokens/s"
    figures = {
        "results": results,
        "ratios": ratios,
        "growth": growth,
        "dictionaries_bytes": size,
    }
    emit([table, _growth_table(growth)], figures, options)
    return 0


@dataclass(frozen=True, slots=True)
class _Texts:
    """Files that one restorer works on: the text that is timed, other text, and a long text."""

    document: Path
    before: Path
    long: Path


def _write_texts(name: str, seeds: Path | None, samples: Path, scratch: Path) -> _Texts:
    """Write what one restorer works on: pyvi needs bare text, ours garbled text."""
    from benchmarks.long_text import write_long_text
    from vnrepair import InputError
    from vnrepair.language.letters import skeleton

    own = _read_all(samples, name)
    parts = (_read_all(seeds, name), own) if seeds else (own[1::2], own[::2])
    files = [scratch / f"{name}-{index}.txt" for index in range(3)]
    for file, part in zip(files, parts, strict=False):
        if not part:
            raise InputError(f"{seeds or samples}: no pairs of *{GARBLED} and *{TRUTH} there")
        text = "\n\n".join(part)
        file.write_text(skeleton(text) if name == PYVI else text, encoding="utf-8")
    lines = [skeleton(text) if name == PYVI else text for text in parts[0] + own]
    write_long_text(files[2], lines, LONG_BYTES, misread=name != PYVI)
    return _Texts(*files)


def _read_all(folder: Path, name: str) -> list[str]:
    """Garbled texts for vnrepair, their truths for pyvi."""
    garbled = sorted(folder.glob(f"*{GARBLED}"))
    if name == PYVI:
        garbled = [path.with_name(path.name.replace(GARBLED, TRUTH)) for path in garbled]
    return [path.read_text(encoding="utf-8") for path in garbled]


def _ratios(results: Sequence[SpeedResult]) -> dict[str, float]:
    """How many times as fast the first restorer is as pyvi, per kind of speed."""
    by_name = {result.name: result for result in results}
    if PYVI not in by_name:
        return {}
    ours, theirs = by_name[OURS], by_name[PYVI]
    return {kind: getattr(ours, kind) / getattr(theirs, kind) for kind in _KINDS}


_KINDS = ("first", "another", "again", "long")


def _table(results: Sequence[SpeedResult], ratios: Mapping[str, float], repeats: int) -> "Table":
    from benchmarks.harness import make_table

    columns = ("restorer", "tokens", "load s", *_KINDS, "peak MiB", "cpu share")
    table = make_table(f"Restoring on one core, median of {repeats} fresh processes", *columns)
    for result in results:
        table.add_row(
            result.name,
            f"{result.tokens:,}",
            f"{result.load_s:.2f}",
            *(f"{getattr(result, kind):,.0f}" for kind in _KINDS),
            f"{result.peak_mib:,.0f}",
            f"{result.cpu_share:.2f}",
        )
    if ratios:
        table.add_row("by pyvi's", "", "", *(f"{ratios[kind]:.2f} x" for kind in _KINDS), "", "")
    return table


def _growth_table(growth: Sequence[GrowthResult]) -> "Table":
    from benchmarks.harness import make_table

    columns = ("text", "tokens", "s", "ms a kB", "tokens/s", "peak MiB")
    table = make_table("Growth with the length of a text, restored block by block", *columns)
    for row in growth:
        table.add_row(
            f"{row.size_bytes / 1000:,.0f} kB",
            f"{row.tokens:,}",
            f"{row.seconds:,.3f}",
            f"{1e6 * row.seconds / row.size_bytes:.2f}",
            f"{row.tokens / row.seconds:,.0f}",
            f"{row.peak_mib:,.0f}",
        )
    return table


def _worker_main(arguments: Sequence[str]) -> int:
    """Print a `Timing` as JSON; only this program calls it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed --worker")
    parser.add_argument("restorer")
    parser.add_argument("document", type=Path)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--dictionaries", type=Path)
    options = parser.parse_args(arguments)
    timing = _work(options.restorer, options.document, options.before, options.dictionaries)
    sys.stdout.write(json.dumps(dataclasses.asdict(timing)) + "\n")
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        raise SystemExit(_worker_main(sys.argv[2:]))
    from benchmarks.harness import run

    run(main)
