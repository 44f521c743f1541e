"""Page image in, words out: the only place that calls Tesseract.

One call a page. What the program prints is believed only after it was checked: a page of rubbish,
an empty file or a wrong exit code raises an error and never becomes an empty page.

The program is `$VNREPAIR_TESSERACT` where that is set, else `tesseract` on the PATH; it is a
choice per process, because pytesseract keeps the program's name in a module global. Whatever ends
the wait for it, time or a signal that Python handles, ends the program too and takes the temporary
image away.
"""

import contextlib
import functools
import math
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
import unicodedata
from collections import ChainMap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytesseract.pytesseract as engine
from PIL import Image

from vnrepair.errors import (
    EngineFailedError,
    EngineNotFoundError,
    EngineTimeoutError,
    ImageError,
    LanguagePackError,
)
from vnrepair.records import Box, Word

__all__ = ["PROGRAM_VARIABLE", "check_engine", "engine_version", "find_engine", "recognise"]

PROGRAM_VARIABLE = "VNREPAIR_TESSERACT"
_PROBE_TIMEOUT_S = 30.0
_MAX_SIDE_PX = 32_767  # Tesseract's INT16_MAX: it refuses wider or taller images
_OLDEST_VERSION = (4, 0)  # the first with the line recogniser that reads Vietnamese marks
_HEADER = (
    "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"
)
_WORD_LEVEL = 5
_POLL_S = 0.05  # how soon a reading that was called off ends
_KILLED = -9  # by signal: how the operating system ends a program when the memory is used up
_INSTALL_HINT = (
    "install it with `apt-get install tesseract-ocr tesseract-ocr-vie` on Debian or Ubuntu, "
    "`brew install tesseract tesseract-lang` on macOS; elsewhere see "
    "https://tesseract-ocr.github.io/tessdoc/Installation.html. A program that is not on the PATH "
    f"is named by the environment variable {PROGRAM_VARIABLE}"
)

_thread = threading.local()  # `called_off`: the event that ends the readings of a thread


def find_engine() -> str:
    """Path of the Tesseract program.

    Raises:
        EngineNotFoundError: There is none.
    """
    name = os.environ.get(PROGRAM_VARIABLE) or "tesseract"
    path = shutil.which(name)
    if path is None:
        raise EngineNotFoundError(f"the Tesseract program {name!r} was not found: {_INSTALL_HINT}")
    return path


def engine_version() -> str:
    """Version of the Tesseract program, such as "5.3.0".

    Raises:
        EngineNotFoundError: There is no such program, or it cannot be started.
        EngineTimeoutError: It does not answer.
        EngineFailedError: It answers, but not as Tesseract 4 or later.
    """
    program = find_engine()
    return _probe_version(program, _stamp(program))


def check_engine(language: str) -> None:
    """Make sure that Tesseract runs and has its language data, before pages are queued up for it.

    Args:
        language: Names as for `-l`, such as "vie" or "vie+eng".

    Raises:
        LanguagePackError: The data of a language is not installed.
        EngineNotFoundError: The program is missing.
        EngineTimeoutError: The program does not answer.
        EngineFailedError: The program is not Tesseract 4 or later.
    """
    program = find_engine()
    _check_languages(program, _stamp(program), language, os.environ.get("TESSDATA_PREFIX"))


def recognise(
    image: np.ndarray,
    language: str,
    *,
    page_segmentation: int = 3,
    timeout_s: float = 120.0,
    dpi: float | None = None,
    called_off: threading.Event | None = None,
) -> tuple[Word, ...]:
    """Read the words of one page.

    Args:
        image: Page as uint8, grey (height, width) or BGR (height, width, 3).
        language: Tesseract language data, such as "vie" or "vie+eng".
        page_segmentation: Tesseract's --psm, 1 or 3-13.
        timeout_s: Seconds after which the program is ended, > 0 to 86,400.
        dpi: Resolution to tell Tesseract, pixels per inch; None lets it estimate.
        called_off: Ends the program once another thread sets it; the reading then fails.

    Returns:
        Words in Tesseract's order, boxes in pixels of `image`; empty for a page without text.

    Raises:
        ImageError: `image` is no such array, or wider or taller than 32,767 pixels.
        LanguagePackError: The language data is not installed.
        EngineNotFoundError: The program is missing.
        EngineTimeoutError: It took longer than `timeout_s`.
        EngineFailedError: It crashed, or printed what cannot be read.
    """
    picture = _as_picture(image)
    check_engine(language)
    options = f"--psm {page_segmentation} -c tessedit_create_tsv=1"
    if dpi is not None:
        options += f" --dpi {min(max(round(dpi), 70), 2400)}"  # the range that Tesseract accepts
    _thread.called_off = called_off
    try:
        table = _run(picture, language, options, timeout_s)
    finally:
        _thread.called_off = None
    height, width = image.shape[:2]
    return tuple(_words(_rows(table), width, height))


def _as_picture(image: np.ndarray) -> Image.Image:
    """The image, whose colours Pillow takes as RGB."""
    colour = image.ndim == 3 and image.shape[2] == 3
    if image.dtype != np.uint8 or not (colour or image.ndim == 2) or 0 in image.shape:
        raise ImageError(
            f"cannot read an array of {image.dtype} with shape {image.shape}: "
            "pass uint8, (height, width) or (height, width, 3)"
        )
    if max(image.shape[:2]) > _MAX_SIDE_PX:
        raise ImageError(
            f"a page of {image.shape[1]} x {image.shape[0]} pixels is beyond Tesseract, which "
            f"takes {_MAX_SIDE_PX} a side: scale it down or cut it"
        )
    return Image.fromarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB) if colour else image)


def _run(picture: Image.Image, language: str, options: str, timeout_s: float) -> str:
    """Call the program through pytesseract and turn all that can go wrong into our errors."""
    engine.tesseract_cmd = program = find_engine()
    try:
        # A folder of our own goes whatever happens. Uncompressed, as PNG costs half a second.
        with tempfile.TemporaryDirectory(prefix="vnrepair-") as folder:
            image, base = Path(folder, "page.ppm"), Path(folder, "table")
            picture.save(image, "PPM")
            engine.run_tesseract(str(image), str(base), "tsv", language, options, timeout=timeout_s)
            return base.with_suffix(".tsv").read_text(encoding="utf-8")
    except engine.TesseractError as error:
        is_killed = error.status == _KILLED
        complaint = _shorten(error.message)
        raise EngineFailedError(
            f"{program} ended with exit code {error.status}"
            f"{' (killed, perhaps for want of memory)' if is_killed else ''}"
            f"{f': {complaint}' if complaint else ''}; try the page with the tesseract program "
            "itself"
        ) from error
    except RuntimeError as error:  # pytesseract's way to say that the time is over
        raise EngineTimeoutError(
            f"{program} did not finish the page in {timeout_s:g} s: raise scan.timeout_s or scale "
            "the page down"
        ) from error
    except UnicodeDecodeError as error:
        raise EngineFailedError(f"{program} printed what is not UTF-8 ({error})") from error
    except OSError as error:  # cannot be started, no room for the temporary image, no output file
        raise EngineFailedError(
            f"{program} gave no result ({error}): is it Tesseract, and is there room in the "
            "folder for temporary files?"
        ) from error


@contextlib.contextmanager
def _until_done(
    process: "subprocess.Popen[bytes]", seconds: float | None = None
) -> Iterator[bytes]:
    """Wait for the program, and give what it says on its standard error output.

    Stands in for pytesseract's own manager, after which a stubborn program stays behind as a
    zombie, and any that is at work when an exception ends the wait works on. Here whatever ends
    the wait (time, Ctrl-C, a signal that Python handles, a reading called off) ends the program.
    Others who use pytesseract in this process get what they are used to: no `seconds` is no limit,
    and a `RuntimeError` says that the time is over.
    """
    end_s = time.monotonic() + seconds if seconds else math.inf
    called_off = getattr(_thread, "called_off", None)
    with process:
        try:
            while True:
                left_s = end_s - time.monotonic()
                wait_s = left_s if called_off is None else min(left_s, _POLL_S)
                try:
                    limit_s = None if wait_s == math.inf else max(wait_s, 0.0)
                    complaint = process.communicate(timeout=limit_s)[1]
                    break
                except subprocess.TimeoutExpired as error:
                    if left_s <= wait_s:
                        raise RuntimeError("Tesseract process timeout") from error
                    if called_off is not None and called_off.is_set():
                        raise EngineFailedError("called off") from None
        except BaseException:
            process.kill()
            raise
    yield complaint


# pytesseract's own switches are module globals: what programs are given, and how they are waited
# for. Processes beat threads on a folder of pages: Tesseract's own threads gain little on one page
# and fight over the cores as soon as two pages run. What the user set in the environment wins, and
# the environment of this process stays as it is.
engine.environ = ChainMap(os.environ, {"OMP_THREAD_LIMIT": "1"})
engine.timeout_manager = _until_done


@dataclass(frozen=True, slots=True)
class _Row:
    """One word of Tesseract's table; `line` is its block, paragraph and line number."""

    block: int
    line: tuple[int, int, int]
    left: float
    top: float
    width: float
    height: float
    confidence: float
    text: str


def _rows(table: str) -> Iterator[_Row]:
    """The word rows of Tesseract's table.

    Cells are not quoted: a word may hold a quotation mark. Lines end at a line feed alone: a word
    may hold what `str.splitlines` takes for a line end.
    """
    header, *lines = table.replace("\r\n", "\n").split("\n")
    if header != _HEADER:
        raise EngineFailedError(
            f"Tesseract printed no table of words but {_shorten(header)!r}: version 4 or later "
            "is needed"
        )
    for number, line in enumerate(lines, start=2):
        if not line:
            continue
        cells = line.split("\t", 11)
        try:
            level, _, block, paragraph, line_number, _ = (int(cell) for cell in cells[:6])
            left, top, width, height, confidence = (float(cell) for cell in cells[6:11])
        except ValueError as error:
            raise EngineFailedError(
                f"Tesseract's table cannot be read at row {number}, {_shorten(line)!r} ({error})"
            ) from error
        if level == _WORD_LEVEL:
            text = cells[11] if len(cells) > 11 else ""
            key = (block, paragraph, line_number)
            yield _Row(block, key, left, top, width, height, confidence, text)


def _words(rows: Iterator[_Row], width_px: int, height_px: int) -> Iterator[Word]:
    """Words with text, blocks and lines counted from 0 without gaps."""
    blocks: dict[int, int] = {}
    lines: dict[tuple[int, int, int], int] = {}
    for row in rows:
        text = _clean(row.text)
        if not text:
            continue  # Tesseract marks a picture by a word of blanks
        left, right = _clip(row.left, row.width, width_px)
        top, bottom = _clip(row.top, row.height, height_px)
        percent = row.confidence
        confidence = min(percent / 100, 1.0) if percent >= 0 else None  # NaN is not >= 0 either
        block = blocks.setdefault(row.block, len(blocks))
        line = lines.setdefault(row.line, len(lines))
        yield Word(text, Box(left, top, right, bottom), confidence, block, line)


def _clip(start: float, length: float, limit: int) -> tuple[int, int]:
    """A half-open range within the image."""
    if not (abs(start) < 1e6 and 0 <= length < 1e6):
        raise EngineFailedError(f"Tesseract printed an impossible box ({start}, {length})")
    first = min(max(int(start), 0), limit)
    return first, min(max(int(start + length), first), limit)


def _clean(text: str) -> str:
    """The word in NFC without white space, control characters and NULs."""
    kept = (char for char in text if not char.isspace() and unicodedata.category(char) != "Cc")
    return unicodedata.normalize("NFC", "".join(kept))


def _shorten(text: str) -> str:
    return " ".join(text.split())[:300]


def _stamp(program: str) -> int:
    """Changes when the program is replaced, so that answers about the old one are forgotten."""
    return Path(program).stat().st_mtime_ns


@functools.lru_cache(maxsize=8)
def _probe_version(program: str, stamp: int) -> str:  # noqa: ARG001
    """Version that the program gives; an answer is remembered, an error is not."""
    output = _probe(program, "--version")
    found = re.search(r"tesseract v?(\d+)\.(\d+)(\.\d+)?", output)
    if found is None or (int(found[1]), int(found[2])) < _OLDEST_VERSION:
        raise EngineFailedError(
            f"{program} calls itself {_shorten(output)!r}: Tesseract 4 or later is needed; "
            + _INSTALL_HINT
        )
    return f"{found[1]}.{found[2]}{found[3] or ''}"


@functools.lru_cache(maxsize=32)
def _check_languages(program: str, stamp: int, language: str, data_folder: str | None) -> None:
    """Raise where language data is missing: the program itself only warns about the second one."""
    _probe_version(program, stamp)
    installed = set(_probe(program, "--list-langs").split())
    missing = [name for name in language.split("+") if name.lstrip("~") not in installed]
    if missing:
        packages = " ".join(f"tesseract-ocr-{name.replace('_', '-')}" for name in missing)
        place = f" (data folder {data_folder})" if data_folder else ""
        raise LanguagePackError(
            f"Tesseract has no language data for {', '.join(map(repr, missing))}{place}: install "
            f"it with `apt-get install {packages}` on Debian or Ubuntu, or put the .traineddata "
            "file into Tesseract's data folder"
        )


def _probe(program: str, question: str) -> str:
    """What the program answers to a question about itself."""
    try:
        answer = subprocess.run(
            [program, question],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PROBE_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineTimeoutError(
            f"{program} {question} did not answer in {_PROBE_TIMEOUT_S:g} s: is it Tesseract?"
        ) from error
    except OSError as error:
        raise EngineNotFoundError(
            f"{program} cannot be started ({error}): {_INSTALL_HINT}"
        ) from error
    output = answer.stdout.decode("utf-8", errors="replace")
    if answer.returncode != 0:
        raise EngineFailedError(
            f"{program} {question} ended with exit code {answer.returncode}: {_shorten(output)}"
        )
    return output
