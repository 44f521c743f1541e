"""Each page of a PDF is read from its text where that is good, and comes as an image otherwise."""

import re
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pdfs import A4, PdfPage, Picture, Text, paragraph, write_pdf
from tests.printed import BODY, print_lines
from vnrepair.config import ScanConfig
from vnrepair.errors import ConfigError, ImageError
from vnrepair.language.letters import skeleton
from vnrepair.records import Page
from vnrepair.scan.page import SourcePage
from vnrepair.scan.source import open_source

CONFIG = ScanConfig()
BODY_TEXT = "\n".join(BODY)
SCAN = np.full((1754, 1240), 255, dtype=np.uint8)  # A4 at 150 dpi
_LINES = print_lines(dpi=150)
SCAN[250 : 250 + _LINES.shape[0], : _LINES.shape[1]] = _LINES[:, :1240]
BARE = [skeleton(line) for line in BODY]
ENGLISH = (
    "The committee met on Tuesday to discuss the plan for the new bridge.",
    "No one in the room had seen the final figures before the meeting began.",
)


def read(path: Path, config: ScanConfig = CONFIG) -> list[SourcePage | Page]:
    return list(open_source(path, config))


def read_one(tmp_path: Path, page: PdfPage, config: ScanConfig = CONFIG) -> SourcePage | Page:
    (found,) = read(write_pdf(tmp_path / "a.pdf", [page]), config)
    return found


def text_of(page: SourcePage | Page) -> str:
    assert isinstance(page, Page)
    assert page.origin == "text-layer"
    return "\n".join(line for line in page.text.split("\n") if line)


# Pages that are taken from their text


@pytest.mark.parametrize("lines", [BODY, ENGLISH, ("Phụ lục II",)])
def test_a_typed_page_is_read_from_its_text(tmp_path: Path, lines: Sequence[str]) -> None:
    page = read_one(tmp_path, PdfPage(paragraph(lines)))
    assert text_of(page) == "\n".join(lines)
    assert isinstance(page, Page)
    assert (page.number, page.dpi, page.warnings, page.rotation_deg) == (1, 300.0, (), 0)
    assert (page.width_px, page.height_px) == (2479, 3508)
    assert {word.confidence for word in page.words} == {None}


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (50.0, 300.0, 545.0, 800.0)])
def test_boxes_hold_the_ink_of_their_words_however_the_page_lies(
    tmp_path: Path, rotation: int, crop: tuple[float, float, float, float] | None
) -> None:
    described = PdfPage(paragraph(BODY), rotation=rotation, crop=crop)
    page = read_one(tmp_path, described)
    image = read_one(tmp_path, described, replace(CONFIG, text_layer="ignore"))
    assert isinstance(page, Page)
    assert isinstance(image, SourcePage)
    assert text_of(page) == BODY_TEXT
    assert page.rotation_deg == -rotation % 360
    assert (page.height_px, page.width_px) == image.image.shape[:2]
    dark = image.image.min(axis=2) < 128
    outside = dark.copy()
    for word in page.words:
        box = word.box
        assert dark[box.top : box.bottom, box.left : box.right].any()
        outside[box.top : box.bottom, box.left : box.right] = False
    assert outside.sum() < 0.01 * dark.sum()


def test_words_outside_the_crop_box_are_not_there(tmp_path: Path) -> None:
    page = read_one(tmp_path, PdfPage(paragraph(BODY), crop=(0, 842 - 170, 595, 842)))
    assert text_of(page) == "\n".join(BODY[:3])


def test_lines_drawn_in_no_order_are_read_from_the_top(tmp_path: Path) -> None:
    drawn = paragraph(BODY)
    page = read_one(tmp_path, PdfPage([drawn[place] for place in (6, 3, 0, 5, 1, 7, 2, 4)]))
    assert text_of(page) == BODY_TEXT


def test_a_line_drawn_in_pieces_is_one_line(tmp_path: Path) -> None:
    pieces = [Text("Số:", 70, 100), Text("15/TB-UBND", 100, 100), *paragraph(BODY)]
    assert text_of(read_one(tmp_path, PdfPage(pieces))).startswith("Số: 15/TB-UBND\n")


def test_decomposed_letters_come_out_composed(tmp_path: Path) -> None:
    page = read_one(tmp_path, PdfPage([Text("Tiê\u0301ng Viê\u0323t", 70, 100)]))
    assert text_of(page) == "Tiếng Việt"


def test_a_good_reading_that_lies_over_a_scan_is_used(tmp_path: Path) -> None:
    items: list[Text | Picture] = [Picture(SCAN), *paragraph(BODY, top=130, hidden=True)]
    page = read_one(tmp_path, PdfPage(items))
    assert text_of(page) == BODY_TEXT
    assert isinstance(page, Page)
    assert (page.width_px, page.height_px) == (1240, 1754)  # those of the scan


def test_a_logo_beside_the_text_does_not_matter(tmp_path: Path) -> None:
    logo = np.kron(np.random.default_rng(1).integers(0, 2, (5, 5)), np.ones((9, 9)))
    items: list[Text | Picture] = [
        *paragraph(BODY),
        Picture((255 * logo).astype(np.uint8), (70, 30, 130, 90)),
    ]
    assert text_of(read_one(tmp_path, PdfPage(items))) == BODY_TEXT


def test_a_photograph_beside_the_text_does_not_matter(tmp_path: Path) -> None:
    grain = np.random.default_rng(2).integers(0, 256, (200, 267, 3), dtype=np.uint8)
    photo = np.asarray(Image.fromarray(grain).resize((800, 600), Image.Resampling.BICUBIC))
    items: list[Text | Picture] = [*paragraph(BODY), Picture(photo, (70, 300, 540, 650))]
    assert text_of(read_one(tmp_path, PdfPage(items))) == BODY_TEXT


# Pages that are read anew


def test_a_scan_comes_pixel_for_pixel_and_stays_bilevel(tmp_path: Path) -> None:
    bilevel = np.where(SCAN > 127, 255, 0).astype(np.uint8)
    page = read_one(tmp_path, PdfPage([Picture(bilevel)]))
    assert isinstance(page, SourcePage)
    assert page.bilevel
    assert page.dpi == pytest.approx(150, abs=0.2)
    assert page.image.shape == SCAN.shape
    assert (page.image != bilevel).mean() < 0.01  # PDFium may show a row twice


def test_a_colour_scan_keeps_its_colours(tmp_path: Path) -> None:
    colour = np.repeat(SCAN[:, :, None], 3, axis=2)
    colour[:100] = (200, 30, 20)
    page = read_one(tmp_path, PdfPage([Picture(colour)]))
    assert isinstance(page, SourcePage)
    assert page.image[50, 50].tolist() == [200, 30, 20]


@pytest.mark.parametrize(
    "hidden", [(), ("Ký bởi: Nguyễn Văn Bình", "Ngày ký: 14/02/2024"), ("Trang 1",)]
)
def test_a_scan_with_a_line_of_text_is_no_text_page(tmp_path: Path, hidden: Sequence[str]) -> None:
    page = read_one(tmp_path, PdfPage([Picture(SCAN), *paragraph(hidden, top=40)]))
    assert isinstance(page, SourcePage)
    assert page.warnings == ()


def test_a_typed_header_over_a_scanned_body_does_not_hide_the_body(tmp_path: Path) -> None:
    below = Picture(SCAN[200:800], (0, 100, 595, 388))
    page = read_one(tmp_path, PdfPage([*paragraph(BODY[:1], top=60), below]))
    assert isinstance(page, SourcePage)
    assert page.image.shape == (3508, 2479, 3)
    assert page.warnings == ()


@pytest.mark.parametrize("hidden", [True, False])
def test_a_garbled_layer_is_told_and_the_page_rendered(tmp_path: Path, hidden: bool) -> None:
    page = read_one(tmp_path, PdfPage([Picture(SCAN), *paragraph(BARE, hidden=hidden)]))
    assert isinstance(page, SourcePage)
    assert page.warnings == ("its text layer was not used: it lacks the marks of Vietnamese",)


def test_glyphs_without_letters_are_no_text(tmp_path: Path) -> None:
    codes = tuple(range(2000, 2060))
    page = read_one(tmp_path, PdfPage([Text("", 40, 100 + 20 * k, codes=codes) for k in range(9)]))
    assert isinstance(page, SourcePage)


def test_a_blank_page_is_an_image(tmp_path: Path) -> None:
    page = read_one(tmp_path, PdfPage())
    assert isinstance(page, SourcePage)
    assert (page.image == 255).all()


def test_pages_of_one_file_are_told_one_by_one(tmp_path: Path) -> None:
    pages = [PdfPage(paragraph(BODY)), PdfPage([Picture(SCAN)]), PdfPage(paragraph(BARE))]
    path = write_pdf(tmp_path / "a.pdf", pages)
    kinds = {
        use: [type(page) for page in read(path, ScanConfig(text_layer=use))]
        for use in ("auto", "ignore", "keep")
    }
    assert kinds == {
        "auto": [Page, SourcePage, SourcePage],
        "ignore": [SourcePage] * 3,
        "keep": [Page, SourcePage, Page],
    }


# Sizes and limits


def test_a_page_too_large_for_its_resolution_comes_coarser_with_a_warning(tmp_path: Path) -> None:
    config = ScanConfig(max_pixels=4_000_000, text_layer="ignore")
    page = read_one(tmp_path, PdfPage(paragraph(BODY)), config)
    assert isinstance(page, SourcePage)
    height, width = page.image.shape[:2]
    assert 3_900_000 < height * width <= 4_000_000
    assert page.dpi == pytest.approx(203, abs=1)
    (warning,) = page.warnings
    assert re.fullmatch("rendered at 203 dpi instead of 300, as it is 8 x 12 inches large", warning)


def test_a_page_too_large_at_any_resolution_is_refused(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [PdfPage(size=(14_000.0, 14_000.0))])
    with pytest.raises(ImageError, match=r"a\.pdf, page 1: .*scan\.max_pixels"):
        read(path)


def test_a_scan_whose_page_claims_to_be_huge_keeps_its_pixels(tmp_path: Path) -> None:
    page = read_one(tmp_path, PdfPage([Picture(SCAN)], size=(12_400.0, 17_540.0)))
    assert isinstance(page, SourcePage)
    assert page.image.shape == SCAN.shape
    assert page.dpi is None


def pdf_with_image_bomb(side: int) -> bytes:
    """A page with a black image of `side` by `side` pixels, a thousandth of that in bytes."""
    pixels = zlib.compress(bytes(1000))
    return b"""%%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R
/Resources<</XObject<</I 5 0 R>>>>>> endobj
4 0 obj <</Length 27>> stream
595 0 0 842 0 0 cm /I Do
endstream endobj
5 0 obj <</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray
/BitsPerComponent 8/Filter/FlateDecode/Length %d>> stream
%b
endstream endobj
trailer <</Root 1 0 R>>
%%%%EOF
""" % (side, side, len(pixels), pixels)


def test_an_image_too_large_to_be_decoded_is_refused_by_its_header(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf_with_image_bomb(60_000))
    with pytest.raises(ImageError, match=r"a\.pdf, page 1: 60,000 x 60,000 pixels, the limit"):
        read(tmp_path / "a.pdf")


def test_a_file_of_endless_pages_is_refused_at_once_but_some_of_them_can_be_had(
    tmp_path: Path,
) -> None:
    count = 5_000
    kids = b" ".join(b"%d 0 R" % number for number in range(3, count + 3))
    leaf = b"%d 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>> endobj\n"
    path = tmp_path / "a.pdf"
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n"
        + b"2 0 obj <</Type/Pages/Count %d/Kids[%b]>> endobj\n" % (count, kids)
        + b"".join(leaf % number for number in range(3, count + 3))
        + b"trailer <</Root 1 0 R>>\n%%EOF\n"
    )
    with pytest.raises(ImageError, match=r"5000 pages, the limit is 2000.*scan\.pages"):
        open_source(path, CONFIG)
    assert open_source(path, ScanConfig(pages="4999-")).numbers == (4999, 5000)
    with pytest.raises(ConfigError, match=r"a\.pdf: page 5001 is asked for.*has 5000 pages"):
        open_source(path, ScanConfig(pages="5001"))


def test_a_page_of_a_lying_count_is_refused_when_it_is_reached(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [PdfPage(paragraph(BODY))])
    path.write_bytes(path.read_bytes().replace(b"/Count 1", b"/Count 3"))
    source = open_source(path, CONFIG)
    assert isinstance(source.read(1), Page)
    if len(source) > 1:
        with pytest.raises(ImageError, match=r"a\.pdf, page 3"):
            source.read(3)


def test_a_file_with_a_broken_table_of_objects_is_read(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [PdfPage(paragraph(BODY))])
    path.write_bytes(path.read_bytes().replace(b"startxref", b"startxxxx"))
    (page,) = read(path)
    assert text_of(page) == BODY_TEXT


def test_the_size_of_a_page_is_that_of_the_paper(tmp_path: Path) -> None:
    page = read_one(tmp_path, PdfPage(size=A4), ScanConfig(pdf_dpi=72))
    assert isinstance(page, SourcePage)
    assert page.image.shape == (842, 595, 3)
