"""Paper to Vietnamese: the stages meet here, and every kind of file finds its way."""

import dataclasses
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rapidfuzz.distance import Levenshtein

from tests.printed import BODY, Run, lean, print_lines, print_runs
from vnrepair.config import DEFAULTS, RepairConfig, RestoreConfig, ScanConfig
from vnrepair.errors import (
    EngineNotFoundError,
    EngineTimeoutError,
    ImageError,
    LanguagePackError,
    ResourceError,
    TextError,
)
from vnrepair.pipeline import read_page, read_pages, repair, repair_image, repair_page
from vnrepair.records import Page, apply_edits
from vnrepair.scan.ocr import PROGRAM_VARIABLE
from vnrepair.scan.reader import NO_TEXT_WARNING

BODY_TEXT = "\n".join(BODY)
LETTER = (
    Run("UBND XÃ ĐÔNG KHÊ", 0.10, 0),
    Run("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 0.45, 0),
    Run("Số: 15/TB-UBND", 0.13, 1),
    Run("Độc lập - Tự do - Hạnh phúc", 0.53, 1),
    *(Run(line, 0.12, row) for row, line in enumerate(BODY, start=4)),
    Run("Nơi nhận:", 0.12, 13),
    Run("CHỦ TỊCH", 0.65, 13),
    Run("- Như trên;", 0.12, 14),
    Run("- Lưu: VT.", 0.12, 15),
    Run("Hà Văn Chúc", 0.64, 16),
)
LETTER_TEXT = "\n".join(
    (
        "UBND XÃ ĐÔNG KHÊ\nSố: 15/TB-UBND\n",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n",
        f"{BODY_TEXT}\n",
        "Nơi nhận:\n- Như trên;\n- Lưu: VT.\n",
        "CHỦ TỊCH\nHà Văn Chúc",
    )
)


def assert_reads(text: str, expected: str) -> None:
    """Lines in their order; Tesseract may stumble over a letter and divide a block."""
    lines, wanted = ([line for line in side.split("\n") if line] for side in (text, expected))
    assert len(lines) == len(wanted)
    errors = sum(map(Levenshtein.distance, lines, wanted))
    assert errors <= 0.01 * len(expected)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Files of all kinds with the same words; nothing in the folder may change."""
    place = tmp_path_factory.mktemp("pages")
    letter, body = Image.fromarray(print_runs(LETTER)), Image.fromarray(print_lines())
    letter.save(place / "letter.png", dpi=(200, 200))
    body.save(place / "body.png", dpi=(200, 200))
    bilevel = [
        page.point(lambda level: 255 * (level > 140)).convert("1") for page in (letter, body)
    ]
    bilevel[0].save(
        place / "both.tif", save_all=True, append_images=bilevel[1:], compression="group4",
        dpi=(200, 200),
    )  # fmt: skip
    letter.save(place / "both.pdf", save_all=True, append_images=[body], resolution=200)
    Image.new("L", (800, 1000), 255).save(place / "blank.png")
    (place / "body.txt").write_text(BODY_TEXT, encoding="utf-8")
    before = {path: path.read_bytes() for path in place.iterdir()}
    yield place
    assert {path: path.read_bytes() for path in place.iterdir()} == before


# Reading


def test_a_letter_is_read_column_by_column(folder: Path) -> None:
    page = read_page(folder / "letter.png")
    assert_reads(page.text, LETTER_TEXT)
    assert (page.number, page.warnings, page.steps) == (1, (), ())
    assert page.dpi == pytest.approx(200, abs=0.1)


@pytest.mark.parametrize("name", ["both.tif", "both.pdf"])
def test_all_pages_are_read_in_order(folder: Path, name: str) -> None:
    pages = list(read_pages(folder / name))
    assert [page.number for page in pages] == [1, 2]
    for page, expected in zip(pages, (LETTER_TEXT, BODY_TEXT), strict=True):
        assert_reads(page.text, expected)


def test_pixels_are_read_as_a_file_is(folder: Path) -> None:
    pixels = np.asarray(Image.open(folder / "body.png"))
    assert read_page(pixels).text == read_page(folder / "body.png").text == BODY_TEXT


def test_boxes_of_a_page_that_was_turned_lie_on_the_source() -> None:
    upright = lean(np.pad(print_lines(), 80, constant_values=255), 2.5)
    source = np.ascontiguousarray(np.rot90(upright))
    page = read_page(source)
    assert page.rotation_deg == 90
    assert page.skew_deg == pytest.approx(2.5, abs=0.1)
    assert (page.width_px, page.height_px) == (source.shape[1], source.shape[0])
    assert page.text == BODY_TEXT
    uncovered = source.copy()
    for word in page.words:
        box = word.box
        assert (source[box.top : box.bottom, box.left : box.right] < 100).any()
        uncovered[box.top : box.bottom, box.left : box.right] = 255
    assert (uncovered < 100).sum() < 0.01 * (source < 100).sum()


def test_a_blank_page_is_empty_and_has_a_warning(folder: Path) -> None:
    page = read_page(folder / "blank.png")
    assert (page.words, page.text, page.warnings) == ((), "", (NO_TEXT_WARNING,))


def test_a_page_that_can_hardly_be_read_has_a_warning() -> None:
    scribble = np.random.default_rng(3).integers(0, 2, (40, 60), dtype=np.uint8)
    blots = np.kron(scribble, np.full((9, 7), 255, dtype=np.uint8)).astype(np.uint8)
    page = read_page(blots)
    assert len(page.warnings) == 1


def test_a_file_with_several_pages_is_no_single_page(folder: Path) -> None:
    with pytest.raises(ImageError, match=r"both\.tif has 2 pages.*read_pages"):
        read_page(folder / "both.tif")


def test_pixels_of_another_kind_are_refused() -> None:
    with pytest.raises(ImageError, match="float64"):
        read_page(np.zeros((4, 4)))


def test_missing_language_data_is_told_before_pages_are_decoded(folder: Path) -> None:
    config = RepairConfig(scan=ScanConfig(language="xxl"))
    with pytest.raises(LanguagePackError, match="xxl"):
        next(read_pages(folder / "both.pdf", config))


def test_a_missing_program_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROGRAM_VARIABLE, "/nowhere/tesseract")
    with pytest.raises(EngineNotFoundError):
        repair(folder / "letter.png")


def test_what_goes_wrong_with_a_page_names_the_file_and_the_page(folder: Path) -> None:
    config = RepairConfig(scan=ScanConfig(timeout_s=0.01))
    for call in (read_page, lambda path, config: next(read_pages(path, config)), repair):
        with pytest.raises(EngineTimeoutError, match=r"letter\.png, page 1: .*scan\.timeout_s"):
            call(folder / "letter.png", config)


def test_a_page_too_wide_for_the_program_is_named(tmp_path: Path) -> None:
    pages = [Image.new("L", (600, 400), 255), Image.new("L", (40_000, 9), 255)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    _, wide = read_pages(tmp_path / "a.tif")
    assert wide.error is not None
    assert wide.error.startswith("a page of 40000 x 9 pixels is beyond Tesseract")
    pages[1].save(tmp_path / "b.png")
    with pytest.raises(ImageError, match=r"^\S+b\.png, page 1: a page of"):
        repair(tmp_path / "b.png")


# Repairing


def test_a_clean_scan_comes_out_as_it_was_printed(folder: Path) -> None:
    document = repair(folder / "both.tif")
    assert_reads(document.text, f"{LETTER_TEXT}\n\f{BODY_TEXT}")
    assert document.text == "\n\f".join(result.text for result in document.pages)
    assert document.source == folder / "both.tif"
    assert document.warnings == ()


def test_a_page_read_by_the_vietnamese_data_is_taken_as_such(folder: Path) -> None:
    (result,) = repair(folder / "body.png").pages
    assert result.restored.profile == "tesseract-vie"


def test_pixels_are_repaired_as_a_file_is(folder: Path) -> None:
    pixels = np.asarray(Image.open(folder / "body.png"))
    assert repair_image(pixels).text == repair(folder / "body.png").text


def test_a_profile_of_the_user_is_kept(folder: Path) -> None:
    config = dataclasses.replace(DEFAULTS, restore=RestoreConfig(profile="tesseract-eng"))
    (result,) = repair(folder / "body.png", config).pages
    assert result.restored.profile == "tesseract-eng"


def test_a_page_read_by_the_wrong_data_gets_its_marks_back(folder: Path) -> None:
    config = RepairConfig(scan=ScanConfig(language="eng"))
    (result,) = repair(folder / "body.png", config).pages
    assert "tổ dân phố số 4 họp bàn việc trồng cây xanh" not in result.restored.source
    assert "tổ dân phố số 4 họp bàn việc trồng cây xanh" in result.text


def test_a_text_file_is_restored_without_any_page(folder: Path) -> None:
    document = repair(str(folder / "body.txt"))
    (result,) = document.pages
    assert result.page is None
    assert document.text == BODY_TEXT


def test_a_garbled_text_file_is_restored(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ké hoach thuc hién quy ché dan chu & co s&", encoding="utf-8")
    assert repair(tmp_path / "a.txt").text == "Kế hoạch thực hiện quy chế dân chủ ở cơ sở"


def test_decomposed_text_comes_out_composed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(unicodedata.normalize("NFD", BODY_TEXT), encoding="utf-8")
    assert repair(path).text == BODY_TEXT


@pytest.mark.parametrize("name", ["body.png", "letter.png", "body.txt"])
def test_every_change_of_every_stage_can_be_replayed(folder: Path, name: str) -> None:
    for result in repair(folder / name).pages:
        restored, normalised = result.restored, result.normalised
        assert apply_edits(restored.source, restored.edits) == restored.text
        assert apply_edits(restored.text, normalised.edits) == normalised.text
        if result.page is not None:
            assert restored.source == result.page.text


def test_warnings_name_their_page(tmp_path: Path) -> None:
    pages = [Image.fromarray(print_lines(BODY[:2])), Image.new("L", (600, 400), 255)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    document = repair(tmp_path / "a.tif")
    assert document.warnings == (f"page 2: {NO_TEXT_WARNING}",)
    assert document.pages[1].text == ""


def test_a_page_without_words_is_repaired_to_nothing() -> None:
    result = repair_page(Page(1, 10, 10, None, ()))
    assert (result.text, result.restored.edits, result.normalised.edits) == ("", (), ())


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.png", b"", ImageError),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0", ImageError),
        ("a.pdf", b"%PDF-1.4 broken", ImageError),
        ("a.png", "chữ, không phải ảnh".encode(), ImageError),
        ("a.docx", b"PK\x03\x04 and more", ImageError),
        ("a.txt", b"\xff\xd8\xff\xe0 a photograph with the wrong name", ImageError),
        ("a.txt", b"zero\0bytes\0\0\0", TextError),
        ("a.bin", bytes(range(128, 256)), TextError),
    ],
)
def test_bad_files_raise_and_name_themselves(
    tmp_path: Path, name: str, content: bytes, error: type[Exception]
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=name):
        repair(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_empty_text_file_gives_an_empty_document(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"")
    assert repair(tmp_path / "a.txt").text == ""


def test_missing_dictionaries_are_told(folder: Path, tmp_path: Path) -> None:
    config = RepairConfig(restore=RestoreConfig(dictionaries=tmp_path))
    with pytest.raises(ResourceError, match=str(tmp_path)):
        repair(folder / "body.txt", config)
