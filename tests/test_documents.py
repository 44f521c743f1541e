"""Claims about sample documents: markup, layout, treatments, files."""

from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image as PillowImage
from rapidfuzz.distance import Levenshtein

from vnrepair.errors import ConfigError, TextError
from vnrepair.learn.documents import FORMATS, encode_pages, main, make_sample
from vnrepair.learn.fonts import Face
from vnrepair.learn.markup import ParagraphKind, parse_source
from vnrepair.learn.treatments import TREATMENTS, PrintedPage, find_treatment, treat
from vnrepair.learn.typeset import typeset

LETTER = """\
@dpi 150
@seal XÃ TÂN LẬP
## letterhead-left
ỦY BAN NHÂN DÂN
**XÃ TÂN LẬP**
---
Số: 12/TB-UBND
## letterhead-right
**CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM**
**Độc lập - Tự do - Hạnh phúc**
---
*Tân Lập, ngày 08 tháng 4 năm 2022*
## title
**THÔNG BÁO**
**Về lịch tiêm phòng cho gia súc**
---
## body
Ủy ban nhân dân xã thông báo lịch tiêm phòng cho *trâu, bò* như sau:
# 1. Thời gian
| TT | Thôn | Ngày |
|---|---|---|
| 1 | Thôn Đông | 12/4/2022 |
## recipients
***Nơi nhận:***
- Các thôn;
- Lưu: VT.
## signature
**CHỦ TỊCH**


**Phạm Văn Thắng**
"""

TRUTH = """\
ỦY BAN NHÂN DÂN
XÃ TÂN LẬP
Số: 12/TB-UBND

CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Tân Lập, ngày 08 tháng 4 năm 2022

THÔNG BÁO
Về lịch tiêm phòng cho gia súc

Ủy ban nhân dân xã thông báo lịch tiêm phòng cho trâu, bò như sau:
1. Thời gian
TT Thôn Ngày
1 Thôn Đông 12/4/2022

Nơi nhận:
- Các thôn;
- Lưu: VT.

CHỦ TỊCH
Phạm Văn Thắng
"""


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_text(LETTER, encoding="utf-8")
    return path


def test_the_truth_is_in_reading_order(letter: Path, tmp_path: Path) -> None:
    files = make_sample(letter, tmp_path)
    assert [file.name for file in files] == ["letter.png", "letter.truth.txt"]
    assert files[1].read_text(encoding="utf-8") == TRUTH


def test_tesseract_reads_every_line_of_a_clean_page(letter: Path, tmp_path: Path) -> None:
    make_sample(letter, tmp_path, ocr_language="vie")
    read = (tmp_path / "letter.ocr.txt").read_text(encoding="utf-8")
    # Word order differs, because Tesseract reads across the two columns; the words do not.
    expected, found = sorted(TRUTH.split()), sorted(read.split())
    assert Levenshtein.normalized_distance(expected, found) < 0.15


@pytest.mark.parametrize("file_format", FORMATS)
def test_the_same_seed_gives_the_same_bytes(letter: Path, tmp_path: Path, file_format: str) -> None:
    contents = []
    for run in ("first", "second"):
        folder = tmp_path / run
        folder.mkdir()
        files = make_sample(
            letter, folder, how=TREATMENTS["stamp"], seed=9, file_format=file_format
        )
        contents.append([file.read_bytes() for file in files])
    assert contents[0] == contents[1]


def test_a_fax_is_one_bit_and_a_sealed_page_has_colour(letter: Path, tmp_path: Path) -> None:
    for name, mode in (("fax", "1"), ("stamp", "RGB"), ("office", "L")):
        (file, _) = make_sample(letter, tmp_path, name=name, how=TREATMENTS[name])
        with PillowImage.open(file) as picture:
            assert picture.mode == mode


def test_long_documents_break_into_numbered_pages(tmp_path: Path) -> None:
    source = tmp_path / "long.txt"
    body = "\n".join(f"Điều {number}. Mỗi hộ trồng một cây xanh." for number in range(1, 60))
    source.write_text(f"@dpi 72\n## body\n{body}\n", encoding="utf-8")
    pages = typeset(parse_source(source.read_text(encoding="utf-8")))
    assert len(pages) >= 2
    assert [page.blocks[0] for page in pages[1:]] == [
        (str(number),) for number in range(2, len(pages) + 1)
    ]
    printed = [line for page in pages for block in page.blocks for line in block]
    assert [line for line in printed if line.startswith("Điều")] == body.splitlines()

    pdf, truth = make_sample(source, tmp_path, file_format="pdf")
    assert len(pypdfium2.PdfDocument(pdf)) == len(pages)
    assert truth.read_text(encoding="utf-8").count("\n\f") == len(pages) - 1
    names = [file.name for file in make_sample(source, tmp_path)]
    assert names[:2] == ["long-1.png", "long-1.truth.txt"]
    assert len(names) == 2 * len(pages)


def test_a_table_row_reads_across_its_cells() -> None:
    cell = "một hai ba bốn năm sáu bảy tám chín mười mười một mười hai mười ba mười bốn"
    (page,) = typeset(parse_source(f"## body\n| {cell} | {cell} |\n| x | y |\n"))
    (block,) = page.blocks
    assert block[-1] == "x y"
    assert " ".join(block[:-1]).split() != [*cell.split(), *cell.split()]
    assert sorted(" ".join(block[:-1]).split()) == sorted([*cell.split(), *cell.split()])
    printed = [line.line.text for line in page.lines]
    assert " ".join(printed) == " ".join(block)


def test_faces_follow_the_stars() -> None:
    source = parse_source(r"## body" + "\n" + r"a *b c* **d** ***e*** 2 \* 3")
    (paragraph,) = source.blocks[0].paragraphs
    assert [(word.text, word.face) for word in paragraph.words] == [
        ("a", Face.REGULAR),
        ("b", Face.ITALIC),
        ("c", Face.ITALIC),
        ("d", Face.BOLD),
        ("e", Face.BOLD_ITALIC),
        ("2", Face.REGULAR),
        ("*", Face.REGULAR),
        ("3", Face.REGULAR),
    ]


def test_prefixes_choose_the_kind_of_paragraph() -> None:
    lines = "# a\n^ b\n> c\n~ d\n---\n\n- e\n+ f"
    kinds = [item.kind for item in parse_source("## body\n" + lines).blocks[0].paragraphs]
    assert kinds == [
        ParagraphKind.HEADING,
        ParagraphKind.CENTRED,
        ParagraphKind.RIGHT,
        ParagraphKind.FLUSH,
        ParagraphKind.RULE,
        ParagraphKind.SPACE,
        ParagraphKind.BODY,
        ParagraphKind.BODY,
    ]


@pytest.mark.parametrize(
    ("markup", "message"),
    [
        ("text first", "x:1: text before the first block"),
        ("## appendix", "x:1: unknown block 'appendix'"),
        ("@colour red", "x:1: unknown setting @colour"),
        ("@size large", "x:1: @size needs a number"),
        ("## body\n*open", r"x:2: \* is opened and not closed"),
        ("## body\n**a*", r"x:2: \* does not close \*\*"),
        ("## body\n| a | b", "x:2: a table row must end"),
    ],
)
def test_broken_markup_names_the_line(markup: str, message: str) -> None:
    with pytest.raises(TextError, match=message):
        parse_source(markup, name="x")


def test_an_unknown_font_is_refused() -> None:
    with pytest.raises(ConfigError, match="Comic"):
        typeset(parse_source("@font Comic\n## body\na"))


@pytest.mark.parametrize("name", TREATMENTS)
def test_every_treatment_repeats_and_turns_as_it_says(name: str) -> None:
    (page,) = typeset(parse_source("@dpi 72\n## body\nHọp thôn vào tối thứ bảy."))
    image = np.full((90, 60), 255, dtype=np.uint8)
    image[40:44, 10:50] = 0
    printed = PrintedPage(image, 72, page.style.family, seal_text="XÃ TÂN LẬP")
    how = TREATMENTS[name]
    (first,), (second,) = (treat([printed], how, seed=2) for _ in range(2))
    assert np.array_equal(first, second)
    is_sideways = how.turn_deg in (90, 270)
    assert (first.shape[0] < first.shape[1]) == is_sideways


def test_a_treatment_can_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('turn_deg = 90\nmarks = ["fold"]\n[damage]\nnoise = 4.0\n', encoding="utf-8")
    how = find_treatment(str(path))
    assert (how.turn_deg, how.marks, how.damage.noise) == (90, ("fold",), 4.0)


@pytest.mark.parametrize("text", ["nonsense", "[damage]\nsmell = 3", "turn_deg = 45", "dirt = 1"])
def test_a_broken_treatment_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError):
        find_treatment(str(path))


def test_an_unknown_treatment_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="fax"):
        find_treatment("wet")


def test_the_command_writes_nothing_for_broken_markup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "broken.txt"
    source.write_text("## nowhere\n", encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    assert main([str(source), "--out", str(out)]) == 3
    assert "broken.txt:1" in capsys.readouterr().err
    assert not list(out.iterdir())


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("quality", [None, 40])
def test_every_kind_of_page_goes_into_every_format(file_format: str, quality: int | None) -> None:
    grey = np.full((60, 40), 99, dtype=np.uint8)
    bilevel = np.where(np.eye(60, 40, dtype=bool), 0, 255).astype(np.uint8)
    colour = np.full((60, 40, 3), (20, 99, 200), dtype=np.uint8)
    for pages in ([grey], [bilevel], [colour], [bilevel, grey, colour]):
        assert len(encode_pages(pages, file_format, 200, quality)) > 100
