"""A file goes on after a bad page and says which failed; a file of bad pages only is an error."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pdfs import PdfPage, paragraph, write_pdf
from tests.printed import BODY, print_lines
from tests.tiffs import TiffPage, write_tiff
from vnrepair.config import RepairConfig, ScanConfig
from vnrepair.errors import (
    EngineFailedError,
    EngineNotFoundError,
    ImageError,
    LanguagePackError,
)
from vnrepair.pipeline import read_page, read_pages, repair
from vnrepair.records import Page
from vnrepair.scan.ocr import PROGRAM_VARIABLE

ENGINES = Path(__file__).parent / "engines"
GOOD = TiffPage(np.full((60, 90), 255, dtype=np.uint8))
TRUNCATED = TiffPage(GOOD.pixels, tags={273: 4_000_000_000})
HUGE = TiffPage(GOOD.pixels, tags={256: 2_000_000_000})
DISLIKED = TiffPage(GOOD.pixels[:40])
PLAIN = RepairConfig(scan=ScanConfig(steps=()))


@pytest.fixture
def moody_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that fails on low pages and reads one word on the others."""
    install(tmp_path, "moody", monkeypatch)


def install(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "engine"
    folder.mkdir(exist_ok=True)
    program = Path(shutil.copy(ENGINES / f"{name}.sh", folder))
    program.chmod(0o755)
    monkeypatch.setenv(PROGRAM_VARIABLE, str(program))
    return program


def write(tmp_path: Path, *pages: TiffPage) -> Path:
    path = tmp_path / "a.tif"
    path.write_bytes(write_tiff(pages))
    return path


def outline(pages: list[Page]) -> list[tuple[int, str, str | None]]:
    return [(page.number, page.text, page.error_kind) for page in pages]


@pytest.mark.usefixtures("moody_engine")
@pytest.mark.parametrize("bad", [TRUNCATED, HUGE, DISLIKED])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_pages_around_a_bad_one_are_read(tmp_path: Path, bad: TiffPage, place: int) -> None:
    pages = [GOOD, GOOD]
    pages.insert(place, bad)
    found = list(read_pages(write(tmp_path, *pages), PLAIN))
    kind = "EngineFailedError" if bad is DISLIKED else "ImageError"
    assert outline(found) == [
        (number, "", kind) if number == place + 1 else (number, "xin", None) for number in (1, 2, 3)
    ]
    failed = found[place]
    assert failed.error
    assert "a.tif" not in failed.error  # who looks at the page knows its file
    assert failed.warnings == (f"could not be read: {failed.error}",)


@pytest.mark.usefixtures("moody_engine")
def test_a_document_has_an_empty_page_and_a_warning_for_a_bad_one(tmp_path: Path) -> None:
    document = repair(write(tmp_path, GOOD, DISLIKED, TRUNCATED, GOOD), PLAIN)
    assert [result.text for result in document.pages] == ["xin", "", "", "xin"]
    assert document.text == "xin\n\f\n\f\n\fxin"
    bad = [warning for warning in document.warnings if "could not be read" in warning]
    assert [warning.split(": ")[:2] for warning in bad] == [
        ["page 2", "could not be read"],
        ["page 3", "could not be read"],
    ]
    assert "too few rows for my taste" in bad[0]


@pytest.mark.usefixtures("moody_engine")
@pytest.mark.parametrize(
    ("pages", "error", "message"),
    [
        ((TRUNCATED,), ImageError, "page 1: .*beyond the end"),
        ((DISLIKED,), EngineFailedError, "page 1: .*too few rows"),
        ((TRUNCATED, DISLIKED), ImageError, "page 1: .*beyond the end"),
        ((DISLIKED, HUGE), EngineFailedError, "page 1: .*too few rows"),
    ],
)
def test_a_file_of_bad_pages_raises_the_first_error(
    tmp_path: Path,
    pages: tuple[TiffPage, ...],
    error: type[Exception],
    message: str,
) -> None:
    path = write(tmp_path, *pages)
    for call in (repair, lambda path, config: list(read_pages(path, config))):
        with pytest.raises(error, match=rf"a\.tif, {message}"):
            call(path, PLAIN)


@pytest.mark.usefixtures("moody_engine")
def test_of_the_pages_asked_for_one_must_be_read(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD, DISLIKED)
    config = RepairConfig(scan=ScanConfig(steps=(), pages="2"))
    with pytest.raises(EngineFailedError, match="page 2: "):
        repair(path, config)
    with pytest.raises(EngineFailedError, match="page 2: "):
        read_page(path, config)


def test_what_is_wrong_with_the_engine_itself_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, TRUNCATED, GOOD)
    with pytest.raises(LanguagePackError):
        repair(path, RepairConfig(scan=ScanConfig(language="xxl")))
    monkeypatch.setenv(PROGRAM_VARIABLE, "/nowhere/tesseract")
    with pytest.raises(EngineNotFoundError):
        repair(path, PLAIN)


def test_typed_pages_need_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROGRAM_VARIABLE, "/nowhere/tesseract")
    path = write_pdf(tmp_path / "a.pdf", [PdfPage(paragraph(BODY))])
    document = repair(path)
    assert document.text.replace("\n\n", "\n") == "\n".join(BODY)
    page = document.pages[0].page
    assert page is not None
    assert (page.origin, page.warnings) == ("text-layer", ())
    with pytest.raises(EngineNotFoundError):
        repair(path, RepairConfig(scan=ScanConfig(text_layer="ignore")))


def test_a_note_of_the_source_is_a_warning_of_the_page(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [PdfPage(paragraph(["Uy ban nhan dan xa"] * 4))])
    (page,) = read_pages(path)
    assert page.origin == "ocr"
    assert page.warnings[0].startswith("its text layer was not used: ")
    assert len(page.words) == 4 * 5


# The command line


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "vnrepair", *map(str, arguments)]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), capture_output=True, encoding="utf-8", timeout=120, check=False
    )


@pytest.mark.usefixtures("moody_engine")
@pytest.mark.parametrize(("bad", "code"), [(TRUNCATED, 3), (DISLIKED, 5)])
@pytest.mark.parametrize("verb", ["repair", "ocr"])
def test_the_command_writes_what_there_is_and_ends_with_the_code_of_the_failure(
    tmp_path: Path, verb: str, bad: TiffPage, code: int
) -> None:
    path = write(tmp_path, GOOD, bad)
    done = run(verb, path, "-o", tmp_path / "a.txt", *config_without_steps(tmp_path))
    assert done.returncode == code
    assert (tmp_path / "a.txt").read_text() == "xin\n\f\n" if verb == "repair" else "xin\n\f"
    assert f"vnrepair: warning: {path}: page 2: could not be read: " in done.stderr
    assert "error:" not in done.stderr


def config_without_steps(tmp_path: Path) -> tuple[str, str]:
    path = tmp_path / "plain.toml"
    path.write_text("[scan]\nsteps = []\n")
    return "--config", str(path)


@pytest.mark.usefixtures("moody_engine")
def test_the_record_says_what_went_wrong(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD, DISLIKED)
    done = run("ocr", path, "--json", *config_without_steps(tmp_path))
    good, bad = map(json.loads, done.stdout.splitlines())
    assert (good["error"], good["error_kind"]) == (None, None)
    assert "too few rows for my taste" in bad["error"]
    assert (bad["error_kind"], bad["words"]) == ("EngineFailedError", [])


def test_pages_and_the_use_of_text_layers_are_options(tmp_path: Path) -> None:
    lines = ["Trang thứ nhất", "Trang thứ hai", "Trang thứ ba"]
    path = write_pdf(tmp_path / "a.pdf", [PdfPage(paragraph([line] * 3)) for line in lines])
    done = run("repair", path, "--pages", "1,3-")
    assert done.stdout.split("\f")[1].splitlines()[0] == "Trang thứ ba"
    assert done.stdout.count("\f") == 1
    origins = {
        option: json.loads(run("ocr", path, "--json", "--pages", "2", option).stdout)["origin"]
        for option in ("--skip-text", "--force-ocr")
    }
    assert origins == {"--skip-text": "text-layer", "--force-ocr": "ocr"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--pages", "9"), "page 9 is asked for, but the file has 1 page"),
        (("--pages", "3-1"), "scan.pages"),
        (("--force-ocr", "--skip-text"), "give one of them"),
    ],
)
def test_options_that_cannot_be_met_are_refused(
    tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    Image.fromarray(GOOD.pixels).save(tmp_path / "a.png")
    done = run("repair", tmp_path / "a.png", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals are not sent there")
def test_a_run_that_is_asked_to_end_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = install(tmp_path, "stubborn", monkeypatch)
    folder = tmp_path / "temporary"
    folder.mkdir()
    Image.fromarray(print_lines(BODY[:2])).save(tmp_path / "a.png")
    with subprocess.Popen(
        command("repair", tmp_path / "a.png", "-o", tmp_path / "a.txt"),
        env={**os.environ, "TMPDIR": str(folder)},
        stderr=subprocess.PIPE,
    ) as process:
        noted = program.with_suffix(".sh.pid")
        while not (noted.exists() and noted.read_text().strip()):
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (143, b"")
    assert list(folder.iterdir()) == []
    assert not (tmp_path / "a.txt").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(noted.read_text()), 0)
