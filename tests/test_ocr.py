"""Tesseract is called once a page, and only what it really read comes back."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytesseract
import pytest
from PIL import Image

from tests.printed import BODY, print_lines
from vnrepair.errors import (
    EngineError,
    EngineFailedError,
    EngineNotFoundError,
    EngineTimeoutError,
    ImageError,
    LanguagePackError,
)
from vnrepair.scan.ocr import (
    PROGRAM_VARIABLE,
    check_engine,
    engine_version,
    find_engine,
    recognise,
)

ENGINES = Path(__file__).parent / "engines"
BLANK = np.full((60, 300), 255, dtype=np.uint8)

UseEngine = Callable[[str], Path]


@pytest.fixture
def use_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UseEngine:
    """Put a stand-in into the place of Tesseract."""

    def use(name: str) -> Path:
        program = Path(shutil.copy(ENGINES / f"{name}.sh", tmp_path))
        program.chmod(0o755)
        monkeypatch.setenv(PROGRAM_VARIABLE, str(program))
        return program

    return use


def test_printed_lines_are_read_word_for_word() -> None:
    words = recognise(print_lines(), "vie", dpi=200)
    lines: dict[int, list[str]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word.text)
    assert tuple(" ".join(line) for line in lines.values()) == BODY
    assert sorted(lines) == list(range(len(BODY)))


def test_boxes_hold_the_ink_of_their_words() -> None:
    page = print_lines()
    outside = page.copy()
    for word in recognise(page, "vie"):
        box = word.box
        assert (page[box.top : box.bottom, box.left : box.right] < 128).any()
        outside[box.top : box.bottom, box.left : box.right] = 255
    assert (outside < 128).sum() < 0.01 * (page < 128).sum()


def test_confidences_lie_between_nothing_and_one() -> None:
    confidences = [word.confidence for word in recognise(print_lines(), "vie")]
    assert all(value is not None and 0.0 <= value <= 1.0 for value in confidences)
    assert min(value for value in confidences if value is not None) > 0.5


def test_a_blank_page_has_no_words() -> None:
    assert recognise(BLANK, "vie") == ()


def test_grey_and_colour_arrays_of_one_page_are_read_alike() -> None:
    page = print_lines(BODY[:2])
    colour = np.repeat(page[:, :, None], 3, axis=2)
    assert recognise(page, "vie") == recognise(colour, "vie")


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((10, 10)),
        np.zeros((10, 10, 4), dtype=np.uint8),
        np.zeros((0, 10), dtype=np.uint8),
        np.zeros(10, dtype=np.uint8),
        np.zeros((10, 40_000), dtype=np.uint8),
    ],
    ids=["floats", "four channels", "no rows", "one dimension", "too wide"],
)
def test_arrays_that_are_no_page_are_refused(image: np.ndarray) -> None:
    with pytest.raises(ImageError):
        recognise(image, "vie")


def test_the_version_is_a_number() -> None:
    assert int(engine_version().split(".")[0]) >= 4


def test_a_missing_program_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(
        EngineNotFoundError, match="apt-get install tesseract-ocr tesseract-ocr-vie"
    ):
        recognise(BLANK, "vie")


def test_a_program_named_in_vain_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROGRAM_VARIABLE, "/nowhere/tesseract")
    with pytest.raises(EngineNotFoundError, match="/nowhere/tesseract"):
        find_engine()


def test_a_file_that_is_no_program_cannot_be_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "tesseract"
    program.write_bytes(b"\x00\x01")
    program.chmod(0o755)
    monkeypatch.setenv(PROGRAM_VARIABLE, str(program))
    with pytest.raises(EngineError, match="tesseract"):
        recognise(BLANK, "vie")


@pytest.mark.parametrize("language", ["xxl", "vie+xxl"])
def test_missing_language_data_is_named(language: str) -> None:
    with pytest.raises(LanguagePackError, match=r"'xxl'.*tesseract-ocr-xxl"):
        recognise(BLANK, language)


def test_language_data_that_is_installed_passes_the_check() -> None:
    check_engine("vie+eng")


def test_an_old_version_is_refused(use_engine: UseEngine) -> None:
    use_engine("old_version")
    with pytest.raises(EngineFailedError, match=r"3\.04.*4 or later"):
        engine_version()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bad_utf8", "not UTF-8"),
        ("broken_row", "row 2"),
        ("crash", "exit code -11"),
        ("empty_output", "no table"),
        ("no_output", "gave no result"),
        ("no_table", "just text"),
        ("out_of_memory", "exit code -9 .*memory"),
        ("wrong_exit_code", "exit code 1: Error during processing"),
    ],
)
def test_a_failing_engine_is_an_error_and_never_an_empty_page(
    use_engine: UseEngine, name: str, message: str
) -> None:
    use_engine(name)
    with pytest.raises(EngineFailedError, match=message):
        recognise(BLANK, "vie")


def test_a_slow_engine_is_ended(use_engine: UseEngine) -> None:
    use_engine("slow")
    with pytest.raises(EngineTimeoutError, match=r"0\.2 s.*timeout_s"):
        recognise(BLANK, "vie", timeout_s=0.2)


def test_an_engine_that_will_not_end_is_killed_and_leaves_no_zombie(use_engine: UseEngine) -> None:
    program = use_engine("stubborn")
    with pytest.raises(EngineTimeoutError):
        recognise(BLANK, "vie", timeout_s=0.5)
    number = int(program.with_suffix(".sh.pid").read_text())
    with pytest.raises(ProcessLookupError):  # a zombie would still be there
        os.kill(number, 0)


@pytest.mark.parametrize("name", ["wrong_exit_code", "bad_utf8", "slow", "arguments"])
def test_nothing_is_left_in_the_folder_for_temporary_files(
    use_engine: UseEngine, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    use_engine(name)
    try:
        recognise(BLANK, "vie", timeout_s=0.5)
    except EngineError:
        assert name != "arguments"
    assert list(folder.iterdir()) == []


def test_an_engine_that_finds_nothing_is_believed(use_engine: UseEngine) -> None:
    use_engine("blank_page")
    assert recognise(BLANK, "vie") == ()


def test_odd_words_are_cleaned_and_counted_without_gaps(use_engine: UseEngine) -> None:
    use_engine("odd_words")
    words = recognise(BLANK, "vie")
    assert [(word.text, word.confidence, word.block, word.line) for word in words] == [
        ('"môt', 0.955, 0, 0),
        ("hai", None, 0, 0),
        ("ba", None, 0, 0),
        ("bốn", 1.0, 1, 1),
    ]
    assert (words[-1].box.left, words[-1].box.right) == (30, 300)


def test_the_options_reach_the_engine(use_engine: UseEngine) -> None:
    use_engine("arguments")
    (word,) = recognise(BLANK, "vie+eng", page_segmentation=6, dpi=199.6)
    assert "-lvie+eng" in word.text
    assert "--psm6" in word.text
    assert "--dpi200" in word.text


def test_without_a_resolution_the_engine_estimates_it(use_engine: UseEngine) -> None:
    use_engine("arguments")
    (word,) = recognise(BLANK, "vie")
    assert "dpi" not in word.text


def test_the_engine_uses_one_thread_and_our_environment_stays(
    use_engine: UseEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_THREAD_LIMIT", raising=False)
    use_engine("threads")
    assert [word.text for word in recognise(BLANK, "vie")] == ["1"]
    assert "OMP_THREAD_LIMIT" not in os.environ


def test_a_thread_limit_of_the_user_wins(
    use_engine: UseEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_THREAD_LIMIT", "3")
    use_engine("threads")
    assert [word.text for word in recognise(BLANK, "vie")] == ["3"]


def test_others_may_use_pytesseract_beside_us_without_a_limit_of_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", find_engine())
    page = Image.fromarray(print_lines(BODY[:1]))
    assert pytesseract.image_to_string(page, lang="vie").split() == BODY[0].split()
    with pytest.raises(RuntimeError, match="timeout"):
        pytesseract.image_to_string(page, lang="vie", timeout=0.001)
