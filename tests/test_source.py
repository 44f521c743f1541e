"""Every page of a file comes whole, or an error names the file and the next step."""

import os
import re
import struct
import sys
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from tests.tiffs import TiffPage, write_tiff
from vnrepair.config import ScanConfig
from vnrepair.errors import ConfigError, ImageError
from vnrepair.scan import raster
from vnrepair.scan.page import SourcePage
from vnrepair.scan.source import FileKind, open_source, tell_kind

CONFIG = ScanConfig()
NOISE = np.random.default_rng(7).integers(0, 256, (120, 90), dtype=np.uint8)
BILEVEL = Image.fromarray(np.where(NOISE > 127, 255, 0).astype(np.uint8)).convert("1")


def grey() -> Image.Image:
    """A new image each time: Pillow leaves the options of one saving on the image."""
    return Image.fromarray(NOISE)


def read(path: Path, config: ScanConfig = CONFIG) -> list[SourcePage]:
    pages = list(open_source(path, config))
    assert all(isinstance(page, SourcePage) for page in pages)
    return cast(list[SourcePage], pages)


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif"])
def test_lossless_grey_images_come_pixel_for_pixel(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"page.{suffix}"
    grey().save(path)
    (page,) = read(path)
    assert np.array_equal(page.image, NOISE)
    assert (page.number, page.bilevel) == (1, False)


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_lossy_images_come_at_their_size(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"page.{suffix}"
    grey().save(path)
    (page,) = read(path)
    assert page.image.shape[:2] == NOISE.shape
    assert page.image.dtype == np.uint8


def test_colours_come_as_bgr(tmp_path: Path) -> None:
    Image.new("RGB", (3, 2), (10, 20, 30)).save(tmp_path / "page.png")
    (page,) = read(tmp_path / "page.png")
    assert page.image[0, 0].tolist() == [30, 20, 10]


def test_transparent_pixels_become_white_paper(tmp_path: Path) -> None:
    Image.new("RGBA", (3, 2), (0, 0, 0, 0)).save(tmp_path / "page.png")
    (page,) = read(tmp_path / "page.png")
    assert (page.image == 255).all()


def test_a_transparent_palette_colour_becomes_white_paper(tmp_path: Path) -> None:
    image = Image.new("P", (3, 2), 0)
    image.putpalette([0, 0, 0] * 256)
    image.save(tmp_path / "page.png", transparency=0)
    (page,) = read(tmp_path / "page.png")
    assert (page.image == 255).all()


def test_sixteen_bits_are_scaled_and_not_cut(tmp_path: Path) -> None:
    deep = np.array([[0, 257, 32_896, 65_535]], dtype=np.uint16)
    Image.fromarray(deep).save(tmp_path / "page.png")
    (page,) = read(tmp_path / "page.png")
    assert page.image.tolist() == [[0, 1, 128, 255]]


def test_cmyk_becomes_bgr(tmp_path: Path) -> None:
    Image.new("CMYK", (16, 16), (0, 0, 0, 0)).save(tmp_path / "page.jpg")
    (page,) = read(tmp_path / "page.jpg")
    assert page.image.shape == (16, 16, 3)
    assert (page.image > 250).all()


@pytest.mark.parametrize(
    ("name", "options"),
    [("page.tif", {"compression": "group4"}), ("page.tif", {}), ("page.png", {})],
)
def test_bilevel_images_are_known_as_such(
    tmp_path: Path, name: str, options: dict[str, str]
) -> None:
    BILEVEL.save(tmp_path / name, **options)
    (page,) = read(tmp_path / name)
    assert page.bilevel
    assert np.array_equal(page.image > 127, np.asarray(BILEVEL))


def test_all_pages_of_a_tiff_come_in_order_with_their_resolution(tmp_path: Path) -> None:
    pages = [Image.new("L", (40, 30), level) for level in (10, 120, 240)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:], dpi=(300, 300))
    found = read(tmp_path / "a.tif")
    assert [int(page.image[0, 0]) for page in found] == [10, 120, 240]
    assert [page.number for page in found] == [1, 2, 3]
    assert found[0].dpi == 300


def test_all_pages_of_a_scanned_pdf_come_at_the_resolution_of_the_scan(tmp_path: Path) -> None:
    grey().save(tmp_path / "a.pdf", save_all=True, append_images=[grey()], resolution=200)
    pages = read(tmp_path / "a.pdf", ScanConfig(pdf_dpi=144))
    assert [page.image.shape for page in pages] == [NOISE.shape] * 2
    assert [page.dpi for page in pages] == [pytest.approx(200, abs=0.1)] * 2


def test_only_the_pages_asked_for_are_decoded(tmp_path: Path) -> None:
    pages = [Image.new("L", (40, 30), level) for level in (10, 120, 240)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    found = read(tmp_path / "a.tif", ScanConfig(pages="2-", max_pages=2))
    assert [(page.number, int(page.image[0, 0])) for page in found] == [(2, 120), (3, 240)]


def test_a_page_that_is_not_there_names_the_file_and_its_pages(tmp_path: Path) -> None:
    grey().save(tmp_path / "a.png")
    with pytest.raises(ConfigError, match=r"a\.png: page 2 is asked for, but the file has 1 page"):
        open_source(tmp_path / "a.png", ScanConfig(pages="1-2"))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("zero_is_white", [False, True])
def test_white_is_white_whatever_number_stands_for_it(
    tmp_path: Path, dtype: type[np.unsignedinteger[Any]], zero_is_white: bool
) -> None:
    paper: np.ndarray = np.full((4, 6), 0 if zero_is_white else np.iinfo(dtype).max, dtype=dtype)
    (tmp_path / "a.tif").write_bytes(write_tiff([TiffPage(paper, zero_is_white)]))
    (page,) = read(tmp_path / "a.tif")
    assert (page.image == 255).all()


def test_each_page_of_a_tiff_is_turned_by_its_own_tag(tmp_path: Path) -> None:
    pixels = np.zeros((4, 6), dtype=np.uint8)
    pixels[0, 0] = 255
    pages = [TiffPage(pixels, orientation=way, dpi=(204, 98)) for way in (1, 3, 6, 8)]
    (tmp_path / "a.tif").write_bytes(write_tiff(pages))
    found = read(tmp_path / "a.tif")
    corners = [tuple(np.argwhere(page.image == 255)[0].tolist()) for page in found]
    assert corners == [(0, 0), (3, 5), (0, 3), (5, 0)]
    # Pixels twice as tall as wide lie down with the page.
    assert [page.dpi for page in found] == [98, 98, 204, 204]
    assert [page.pixel_aspect for page in found] == pytest.approx(
        [98 / 204, 98 / 204, 204 / 98, 204 / 98]
    )


def test_resolutions_that_contradict_each_other_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(write_tiff([TiffPage(NOISE, dpi=(600, 72))]))
    (page,) = read(tmp_path / "a.tif")
    assert (page.dpi, page.pixel_aspect) == (None, 1.0)


@pytest.mark.parametrize("loops_to", [0, 1, 2])
def test_pages_that_lead_back_to_one_another_are_read_once(tmp_path: Path, loops_to: int) -> None:
    (tmp_path / "a.tif").write_bytes(write_tiff([TiffPage(NOISE)] * 3, loops_to=loops_to))
    assert [page.number for page in read(tmp_path / "a.tif")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({256: 2_000_000_000}, "2,000,000,000 x 120 pixels, the limit"),
        ({273: 4_000_000_000}, "beyond the end of the file"),
        ({259: 60_000}, "broken or truncated"),
    ],
)
def test_pages_around_a_broken_one_are_read(
    tmp_path: Path, tags: dict[int, int], message: str
) -> None:
    pages = [TiffPage(NOISE), TiffPage(NOISE, tags=tags), TiffPage(NOISE)]
    (tmp_path / "a.tif").write_bytes(write_tiff(pages))
    source = open_source(tmp_path / "a.tif", CONFIG)
    assert len(source) == 3
    with pytest.raises(ImageError, match=f"a\\.tif, page 2: .*{message}"):
        source.read(2)
    for number in (1, 3):
        page = source.read(number)
        assert isinstance(page, SourcePage)
        assert np.array_equal(page.image, NOISE)


def test_a_tiff_whose_next_page_cannot_be_found_says_so_at_that_page(tmp_path: Path) -> None:
    whole = write_tiff([TiffPage(NOISE), TiffPage(NOISE)])
    second = whole.rindex(struct.pack("<HHII", 256, 4, 1, NOISE.shape[1])) - 2
    (tmp_path / "a.tif").write_bytes(whole[: second + 1])
    source = open_source(tmp_path / "a.tif", CONFIG)
    assert isinstance(source.read(1), SourcePage)
    assert len(source) == 2
    with pytest.raises(ImageError, match=r"a\.tif, page 2"):
        source.read(2)


@pytest.mark.parametrize("size", [(1, 1), (40_000, 9), (9, 40_000)])
def test_tiny_and_narrow_pages_come_as_they_are(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("1", size).save(tmp_path / "a.tif", compression="group4")
    (page,) = read(tmp_path / "a.tif")
    assert page.image.shape == size[::-1]


@pytest.mark.parametrize(
    ("orientation", "corner"), [(1, (0, 0)), (3, (1, 1)), (6, (0, 1)), (8, (1, 0))]
)
def test_photographs_are_turned_as_the_camera_noted(
    tmp_path: Path, orientation: int, corner: tuple[int, int]
) -> None:
    pixels = np.full((32, 48), 255, dtype=np.uint8)
    pixels[:16, :16] = 0  # a dark corner, top left as it was stored
    image = Image.fromarray(pixels)
    exif = image.getexif()
    exif[0x0112] = orientation
    image.save(tmp_path / "a.jpg", exif=exif, quality=95)
    (page,) = read(tmp_path / "a.jpg")
    rows, columns = (-1 if side else 0 for side in corner)
    assert page.image[rows, columns] < 50
    assert (page.image < 50).mean() < 0.25
    assert page.image.shape == ((32, 48) if orientation in (1, 3) else (48, 32))


def test_the_resolution_comes_from_the_header_unless_it_is_nonsense(tmp_path: Path) -> None:
    grey().save(tmp_path / "a.png", dpi=(200, 200))
    grey().save(tmp_path / "b.png", dpi=(1, 1))
    grey().save(tmp_path / "c.png")
    dpi = [read(tmp_path / name)[0].dpi for name in ("a.png", "b.png", "c.png")]
    assert dpi == [pytest.approx(200, abs=0.1), None, None]


def test_the_content_tells_the_type_and_not_the_name(tmp_path: Path) -> None:
    grey().save(tmp_path / "page.txt", format="PNG")
    grey().save(tmp_path / "page.png", format="PDF")
    assert tell_kind(tmp_path / "page.txt") is FileKind.IMAGE
    assert tell_kind(tmp_path / "page.png") is FileKind.PDF
    assert len(read(tmp_path / "page.txt")) == 1


def test_a_text_that_begins_like_a_bitmap_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("BM là chữ đầu của một câu dài hơn hai mươi sáu chữ.")
    assert tell_kind(tmp_path / "a.txt") is FileKind.OTHER


def test_a_text_that_mentions_the_signature_of_a_pdf_is_a_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Tệp bắt đầu bằng %PDF-1.4 là một tệp PDF.\n" * 50, encoding="utf-8")
    assert tell_kind(path) is FileKind.OTHER


@pytest.mark.parametrize(
    "before", [b"", b"\xef\xbb\xbf", b" \r\n", b"\x1b%-12345X@PJL\n", b"\0" * 9]
)
def test_a_pdf_after_blanks_or_junk_is_a_pdf(tmp_path: Path, before: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(before + b"%PDF-1.4\n1 0 obj")
    assert tell_kind(path) is FileKind.PDF


def test_pages_are_decoded_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.new("L", (40, 30), 10).save(path, save_all=True, append_images=[grey()])
    pages = iter(open_source(path, CONFIG))
    assert next(pages).number == 1
    path.write_bytes(b"")  # what was not read yet is gone: it was not held in memory
    with pytest.raises(ImageError, match=re.escape(str(path))):
        next(pages)


def png_with_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def test_a_huge_image_is_refused_by_its_header(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png_with_header(60_000, 60_000))
    with pytest.raises(ImageError, match=r"a\.png.*60,000 x 60,000.*scan\.max_pixels"):
        open_source(tmp_path / "a.png", CONFIG)


def test_a_huge_later_page_is_refused_when_it_is_reached(tmp_path: Path) -> None:
    Image.new("L", (10, 10)).save(
        tmp_path / "a.tif", save_all=True, append_images=[Image.new("L", (100, 100))]
    )
    pages = iter(open_source(tmp_path / "a.tif", ScanConfig(max_pixels=5000)))
    assert next(pages).number == 1
    with pytest.raises(ImageError, match=r"a\.tif, page 2"):
        next(pages)


def test_an_image_above_the_default_limit_of_pillow_is_read_when_ours_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    grey().save(tmp_path / "a.png")
    assert len(read(tmp_path / "a.png")) == 1
    assert Image.MAX_IMAGE_PIXELS == 100


def test_too_many_pages_are_refused(tmp_path: Path) -> None:
    grey().save(tmp_path / "a.tif", save_all=True, append_images=[grey(), grey()])
    with pytest.raises(ImageError, match=r"3 pages, the limit is 2.*scan\.max_pages"):
        open_source(tmp_path / "a.tif", ScanConfig(max_pages=2))


def test_too_many_bytes_are_refused(tmp_path: Path) -> None:
    grey().save(tmp_path / "a.bmp")
    with pytest.raises(ImageError, match=r"the limit is 1,000.*scan\.max_file_bytes"):
        open_source(tmp_path / "a.bmp", ScanConfig(max_file_bytes=1000))


def test_a_float_image_is_refused(tmp_path: Path) -> None:
    Image.new("F", (8, 8)).save(tmp_path / "a.tif")
    with pytest.raises(ImageError, match=r"a\.tif, page 1: .*floating point.*save it with 8"):
        read(tmp_path / "a.tif")


def _fax_with_flipped_bits(path: Path, compression: str) -> None:
    coarse = BILEVEL.resize((BILEVEL.width * 9, BILEVEL.height * 9))  # long runs, as on paper
    coarse.save(path, compression=compression)
    with Image.open(path) as image:
        assert isinstance(image, TiffImagePlugin.TiffImageFile)
        start, length = image.tag_v2[273][0], image.tag_v2[279][0]
    data = bytearray(path.read_bytes())
    for at in range(start + 40, start + length - 40, 50):
        data[at] ^= 0x5A
    path.write_bytes(data)


@pytest.mark.parametrize("compression", ["group3", "group4"])
def test_a_damaged_fax_page_is_refused_and_libtiff_keeps_quiet(
    tmp_path: Path, compression: str, capfd: pytest.CaptureFixture[str]
) -> None:
    _fax_with_flipped_bits(tmp_path / "a.tif", compression)
    with pytest.raises(ImageError, match=r"a\.tif, page 1: .*rows cannot be decoded.*again"):
        read(tmp_path / "a.tif")
    assert capfd.readouterr().err == ""


def test_a_fax_page_is_read_without_a_standard_error_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    BILEVEL.save(tmp_path / "a.tif", compression="group4")
    monkeypatch.setattr(sys, "__stderr__", None)
    assert len(read(tmp_path / "a.tif")) == 1


def _save_with_directory_first(path: Path) -> None:
    """A TIFF as scanners write it: what stands at the end is pixels."""
    height, width = NOISE.shape
    tags = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8 + 2 + 9 * 12 + 4),
        (277, 3, 1),
        (278, 4, height),
        (279, 4, width * height),
    ]
    rows = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + rows + bytes(4)
    path.write_bytes(head + NOISE.tobytes())


WRITERS: dict[str, Callable[[Path], None]] = {
    "a.png": lambda path: grey().save(path),
    "a.jpg": lambda path: grey().save(path),
    "a.webp": lambda path: grey().save(path),
    "a.bmp": lambda path: grey().save(path),
    "a.tif": _save_with_directory_first,
    "g4.tif": lambda path: BILEVEL.save(path, compression="group4"),
    "a.pdf": lambda path: grey().save(path),
}


@pytest.mark.parametrize("name", WRITERS)
def test_whole_files_are_read(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    assert len(read(tmp_path / name)) == 1


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("share", [0.3, 0.8])
def test_truncated_files_raise_and_never_give_half_a_page(
    tmp_path: Path, name: str, share: float
) -> None:
    path = tmp_path / name
    WRITERS[name](path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ImageError, match=re.escape(str(path))):
        read(path)


ENCRYPTED_PDF = b"""%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >> endobj
4 0 obj << /Filter /Standard /V 1 /R 2 /P -4
/O <0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20>
/U <2102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20> >> endobj
trailer << /Root 1 0 R /Encrypt 4 0 R /ID [<00> <00>] >>
%%EOF
"""

PDF_WITHOUT_PAGES = b"""%PDF-1.4
1 0 obj
<</Type/Catalog/Pages 2 0 R>>
endobj
2 0 obj
<</Type/Pages/Kids[]/Count 0>>
endobj
xref
0 3
0000000000 65535 f\x20
0000000009 00000 n\x20
0000000054 00000 n\x20
trailer <</Size 3 /Root 1 0 R >>
startxref
100
%%EOF
"""


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.png", b"", "is empty"),
        ("empty.pdf", b"", "is empty"),
        ("empty", b"", "is empty"),
        ("text.png", b"only words here", "no image that can be read"),
        ("text.pdf", b"only words here", "broken"),
        ("text.txt", b"only words here", "neither an image nor a PDF.*vnrepair restore"),
        ("noise.bin", NOISE.tobytes(), "neither an image nor a PDF"),
        ("nopages.tif", b"II*\0\x08\0\0\0\0\0\0\0\0\0", "broken"),
        ("noheader.tif", b"II*\0\xff\xff\0\0", "broken"),
        ("header.webp", b"RIFF\0\0\0\0WEBPVP8 ", "no image that can be read|broken"),
        ("nopages.pdf", PDF_WITHOUT_PAGES, "without pages"),
        ("broken.pdf", b"%PDF-1.7\nnothing follows", "broken"),
        ("locked.pdf", ENCRYPTED_PDF, "encrypted.*password"),
        ("picture.gif", b"GIF89a" + bytes(40), "a GIF image: save it as"),
        ("letter.docx", b"PK\x03\x04" + bytes(40), "office document"),
        ("book.djvu", b"AT&TFORM" + bytes(40), "DjVu"),
        ("header.png", b"\x89PNG\r\n\x1a\n", "broken"),
        ("header.jpg", b"\xff\xd8\xff\xe0" + bytes(30), "broken"),
    ],
)
def test_what_cannot_be_read_says_so_and_names_the_file(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ImageError, match=re.escape(str(path)) + f".*{message}"):
        read(path)
    assert path.read_bytes() == content


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"nowhere\.png: no such file: check the name$"):
        open_source(tmp_path / "nowhere.png", CONFIG)
    advice = f"{tmp_path}: is a folder: name the files in it, such as {tmp_path}/*.png"
    with pytest.raises(ImageError, match=f"^{re.escape(advice)}$"):
        open_source(tmp_path, CONFIG)


def test_a_pipe_is_no_file_to_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ImageError, match="no regular file"):
        open_source(tmp_path / "pipe.png", CONFIG)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    grey().save(path)
    path.chmod(0)
    with pytest.raises(ImageError, match=r"a\.png may not be read"):
        open_source(path, CONFIG)


def test_files_that_are_open_at_once_leave_the_filters_of_warnings_alone(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    Image.new("L", (9, 9)).save(path)
    before = list(warnings.filters)
    first, second = raster._opened(path, 1), raster._opened(path, 1)
    first.__enter__()
    second.__enter__()  # as in another thread
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert list(warnings.filters) == before
