"""Peak memory of reading one page: of this process, of the Tesseract that it starts, of both.

    python -m benchmarks.page_memory PAGE              what `repair` needs, as JSON, in MiB
    python -m benchmarks.page_memory PAGE --plain      what plain Tesseract needs

A process of its own for each figure: peaks never go down. Linux only: a thread looks into `/proc`
while the page is read. `getrusage` would not do, because it counts for a child what its parent had
in memory when it started it.
"""

import argparse
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.damaged import make_page
from benchmarks.harness import ROOT, dictionaries_folder, run
from benchmarks.rivals import read_plainly
from vnrepair import EngineError, RepairConfig, RestoreConfig, repair
from vnrepair.atomic import write_bytes_atomic
from vnrepair.learn.documents import encode_pages

__all__ = ["Peaks", "main", "measure_peaks", "watch_memory", "write_a3_page"]

_KIB_PER_MIB = 1024
_DPI = 400
_LOOK_EVERY_S = 0.005  # Tesseract is at its peak for tenths of a second
_MEMORY = re.compile(r"^(VmHWM|VmRSS):\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Peaks:
    """Most memory that was in use at once, MiB.

    Attributes:
        own_mib: By the process with our code, the models and the page.
        engine_mib: By the largest of the Tesseract processes.
        together_mib: By all of them at the same time.
    """

    own_mib: float
    engine_mib: float
    together_mib: float


def write_a3_page(folder: Path, *, seed: int) -> Path:
    """Two stamped pages side by side, A3 at 400 dpi, in colour: 31 million pixels."""
    size = (round(210 / 25.4 * _DPI), round(297 / 25.4 * _DPI))
    halves = [
        cv2.resize(make_page("red-stamp", number, seed=seed).image, size) for number in (1, 2)
    ]
    path = folder / "a3.jpg"
    sheet = np.concatenate(halves, axis=1).astype(np.uint8)
    write_bytes_atomic(path, encode_pages([sheet], "jpg", _DPI, 80))
    return path


def measure_peaks(page: Path, *, plain: bool, dictionaries: Path | None) -> Peaks:
    """Peaks of a fresh process that reads a page.

    Raises:
        EngineError: It failed; the message says how it ended.
    """
    command = [sys.executable, "-m", "benchmarks.page_memory", str(page.resolve())]
    command += ["--plain"] if plain else []
    command += ["--dictionaries", str(dictionaries_folder(dictionaries).resolve())]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise EngineError(f"{page}: the measurement of memory failed: {done.stderr.strip()}")
    return Peaks(**json.loads(done.stdout))


def watch_memory(work: Callable[[], object]) -> Peaks:
    """Peaks of this process and of its children while something is done."""
    done = threading.Event()
    engine = together = 0.0

    def look() -> None:
        nonlocal engine, together
        while not done.wait(_LOOK_EVERY_S):
            children = [_memory(child) for child in _children()]
            engine = max([engine, *(peak for peak, _ in children)])
            now = _memory("self")[1] + sum(resident for _, resident in children)
            together = max(together, now)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    own = _memory("self")[0]
    return Peaks(own, engine, max(own, together))


def _children() -> list[str]:
    """Process ids of what this process started, from any of its threads.

    A child that is not yet the program it will be has the memory of its parent, and no part in it.
    """
    lists = Path("/proc/self/task").glob("*/children")
    started = [child for path in lists for child in path.read_text(encoding="ascii").split()]
    ours = _command("self")
    return [child for child in started if _command(child) not in (b"", ours)]


def _command(process: str) -> bytes:
    """The command line of a process; nothing when it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def _memory(process: str) -> tuple[float, float]:
    """Peak and present memory of a process, MiB; nothing when it has ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0, 0.0
    found = {name: int(kib) / _KIB_PER_MIB for name, kib in _MEMORY.findall(status)}
    return found.get("VmHWM", 0.0), found.get("VmRSS", 0.0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read one page and print the peaks of this process and of its children."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page_memory", description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("--plain", action="store_true", help="Tesseract alone")
    parser.add_argument("--dictionaries", type=Path)
    options = parser.parse_args(arguments)
    config = RepairConfig(restore=RestoreConfig(dictionaries=options.dictionaries))
    read = read_plainly if options.plain else lambda page: repair(page, config)
    peaks = watch_memory(lambda: read(options.page))
    sys.stdout.write(json.dumps(asdict(peaks)) + "\n")
    return 0


if __name__ == "__main__":
    run(main)
