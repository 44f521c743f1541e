"""The early reading: its answer is used where no step changes the page, and ends where one does."""

import dataclasses
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tests.printed import BODY, lean, print_lines
from vnrepair.config import DEFAULTS, ScanConfig
from vnrepair.errors import EngineFailedError
from vnrepair.records import Word
from vnrepair.scan import reader
from vnrepair.scan.early import EarlyReading
from vnrepair.scan.ocr import PROGRAM_VARIABLE, recognise
from vnrepair.scan.page import SourcePage
from vnrepair.scan.reader import read_source_page

LATE = dataclasses.replace(DEFAULTS.scan, reads_early=False)


@pytest.fixture
def slow_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = Path(shutil.copy(Path(__file__).with_name("engines") / "slow.sh", tmp_path))
    program.chmod(0o755)
    monkeypatch.setenv(PROGRAM_VARIABLE, str(program))


def source(image: np.ndarray) -> SourcePage:
    return SourcePage(1, image, 200.0, bilevel=False)


@pytest.mark.parametrize("degrees", [0.0, 3.0])
def test_the_result_is_the_same_with_and_without(degrees: float) -> None:
    page = source(lean(print_lines(BODY[:4]), degrees))
    assert read_source_page(page, DEFAULTS.scan) == read_source_page(page, LATE)


@pytest.mark.parametrize(("degrees", "calls"), [(0.0, 1), (3.0, 2)])
def test_a_page_that_needs_no_step_is_read_once(
    degrees: float, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, ...]] = []

    def count(image: np.ndarray, *_arguments: object, **_options: object) -> tuple[Word, ...]:
        seen.append(image.shape)
        return ()

    monkeypatch.setattr(reader, "recognise", count)
    monkeypatch.setattr(reader, "_n_cores", lambda: 2)
    steps = ScanConfig(steps=("deskew",))
    read_source_page(source(lean(print_lines(BODY), degrees)), steps)
    assert len(seen) == calls


@pytest.mark.usefixtures("slow_engine")
def test_a_reading_that_is_called_off_ends_at_once_and_takes_its_program_along() -> None:
    begun = threading.Event()

    def read(called_off: threading.Event) -> tuple[Word, ...]:
        begun.set()
        return recognise(
            np.full((60, 60), 255, np.uint8), "vie", timeout_s=600, called_off=called_off
        )

    with EarlyReading(read) as early:
        begun.wait()
        early.call_off()
        with pytest.raises(EngineFailedError, match="called off"):
            early.words()


def test_leaving_the_block_waits_for_the_reading_to_end() -> None:
    ended = threading.Event()

    def read(called_off: threading.Event) -> tuple[Word, ...]:
        called_off.wait()
        time.sleep(0.05)
        ended.set()
        return ()

    with EarlyReading(read):
        pass
    assert ended.is_set()


def test_what_the_reading_raised_is_raised_to_who_asks() -> None:
    def read(_called_off: threading.Event) -> tuple[Word, ...]:
        raise EngineFailedError("broken")

    with EarlyReading(read) as early, pytest.raises(EngineFailedError, match="broken"):
        early.words()


def test_a_failure_of_a_reading_that_nobody_needs_is_no_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = print_lines(BODY)
    leaning = lean(page, 3.0)

    def read(image: np.ndarray, *_arguments: object, **_options: object) -> tuple[Word, ...]:
        if image.shape == leaning.shape and (image == leaning).all():
            raise EngineFailedError("the untouched page is too much for me")
        return ()

    monkeypatch.setattr(reader, "recognise", read)
    assert not read_source_page(source(leaning), ScanConfig(steps=("deskew",))).words


def test_on_one_core_a_page_is_read_once_its_steps_are_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_arguments: object) -> None:
        raise AssertionError("read early")

    monkeypatch.setattr(reader, "EarlyReading", fail)
    monkeypatch.setattr(reader, "_n_cores", lambda: 1)
    assert read_source_page(source(print_lines(BODY[:1])), ScanConfig(steps=())).words
