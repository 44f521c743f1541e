"""Word gaps of justified text that stand above each other are no gutter: nothing is ever cut there.

Pages are set, not printed: boxes of words come from the typesetter, so that hundreds of paragraphs
in many fonts and sizes cost no reading.
"""

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

import vnrepair.learn
from vnrepair.learn.fonts import find_families
from vnrepair.learn.markup import parse_source
from vnrepair.learn.pages import place_words
from vnrepair.learn.placed import PlacedLine, TypesetPage
from vnrepair.learn.typeset import typeset
from vnrepair.records import Box, Word
from vnrepair.scan.layout import lay_out

DPI = 300
SIZE_PX = (2480, 3508)
TALL, LOW, BELOW = 0.72, 0.53, 0.2  # heights of letters over the base line and below it, in sizes
RIVER_LINES = 3  # lines one above the other that make a river
RIVER_PX = 3

HEAD = """## letterhead-left
UBND HUYỆN BÌNH LỤC
**PHÒNG Y TẾ**
Số: 31/TB-PYT
## letterhead-right
**CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM**
**Độc lập - Tự do - Hạnh phúc**
*Bình Lục, ngày 3 tháng 7 năm 2021*
## title
**THÔNG BÁO**
"""
FEET = {
    "none": "",
    "recipients": """## recipients
***Nơi nhận:***
- Như trên;
- Lưu: VT.
## signature
**GIÁM ĐỐC**


**Đoàn Bá Khang**
""",
    "two parties": """## recipients
**ĐẠI DIỆN BÊN A**
**Chủ tịch**


**Ngô Văn Tám**
## signature
**ĐẠI DIỆN BÊN B**
**Giám đốc**


**Lê Thị Hoa**
""",
    "minutes": """## recipients
**THƯ KÝ**


**Ngô Văn Tám**
## signature
**CHỦ TỌA**


**Lê Thị Hoa**
""",
    "a certificate": """## recipients
Vào sổ đăng ký:
- Số: 58;
- Quyển: 02.
## signature
**HIỆU TRƯỞNG**


**Lê Thị Hoa**
""",
}


@functools.cache
def paragraphs() -> tuple[str, ...]:
    """Texts of one to five lines."""
    folder = Path(vnrepair.learn.__file__).parent / "texts"
    lines = (folder / "official.txt").read_text(encoding="utf-8").split("\n")
    return tuple(line.replace("*", "") for line in lines if 60 < len(line) < 420)


@st.composite
def pages(draw: st.DrawFn) -> TypesetPage:
    """First pages of documents: plain, bold or listed paragraphs, with or without head and foot."""
    chosen = draw(st.lists(st.sampled_from(paragraphs()), min_size=2, max_size=6))
    mark = draw(st.sampled_from(("", "- ", "{}. ")))
    face = draw(st.sampled_from(("", "", "", "**")))
    lines = [f"{mark.format(n)}{face}{text}{face}" for n, text in enumerate(chosen, start=1)]
    font = draw(st.sampled_from([family.name for family in find_families()]))
    size = draw(st.sampled_from((11, 12, 12.5, 13, 14, 18)))
    head = draw(st.sampled_from(("", HEAD)))
    foot = FEET[draw(st.sampled_from(sorted(FEET)))]
    body = "\n".join(lines)
    source = parse_source(f"@font {font}\n@size {size}\n@dpi {DPI}\n{head}## body\n{body}\n{foot}")
    found = typeset(source)
    assume(len(found) == 1)
    return found[0]


def boxes(placed: PlacedLine) -> Iterator[Word]:
    """The words of a set line, as high as their letters are."""
    scale, size_mm = DPI / 25.4, placed.style.size_mm
    for word, left_mm, width_mm in place_words(
        placed.line, placed.style, left_mm=placed.left_mm, width_mm=placed.width_mm
    ):
        is_tall = any(char.isupper() or char in "bdđfhklt0123456789" for char in word.text)
        over_mm = size_mm * (TALL if is_tall else LOW)
        below_mm = size_mm * (BELOW if any(char in "gpqy,;" for char in word.text) else 0)
        box = Box(
            round(left_mm * scale),
            round((placed.baseline_mm - over_mm) * scale),
            round((left_mm + width_mm) * scale),
            round((placed.baseline_mm + below_mm) * scale),
        )
        yield Word(word.text, box, 0.9, block=0, line=0)


def rows(page: TypesetPage) -> list[list[Word]]:
    """What stands on one base line, from left to right, rows from the top."""
    found: dict[float, list[Word]] = {}
    for placed in page.lines:
        found.setdefault(round(placed.baseline_mm), []).extend(boxes(placed))
    return [sorted(found[y], key=lambda word: word.box.left) for y in sorted(found)]


def numbered(blocks: Sequence[Sequence[Sequence[Word]]]) -> list[Word]:
    """Lines in blocks, as Tesseract gives them."""
    lines = [(number, line) for number, block in enumerate(blocks) for line in block]
    return [
        dataclasses.replace(word, block=block, line=number)
        for number, (block, line) in enumerate(lines)
        for word in line
    ]


def torn(lines: Sequence[Sequence[Word]]) -> list[list[list[Word]]]:
    """Lines in two blocks, left and right, wherever a river runs through three or more of them."""
    blocks: list[list[list[Word]]] = []
    at = 0
    while at < len(lines):
        end, x = max((_river(lines, at, gap) for gap in _gaps(lines[at])), default=(at, 0.0))
        if end - at < RIVER_LINES:
            blocks.append([list(lines[at])])
            at += 1
            continue
        blocks.append([[word for word in line if word.box.left < x] for line in lines[at:end]])
        blocks.append([[word for word in line if word.box.left >= x] for line in lines[at:end]])
        at = end
    return blocks


def _gaps(line: Sequence[Word]) -> list[tuple[int, int]]:
    return [(one.box.right, other.box.left) for one, other in pairwise(line)]


def _river(lines: Sequence[Sequence[Word]], at: int, gap: tuple[int, int]) -> tuple[int, float]:
    """One past the last line that a gap goes through, and the middle of what is left of it."""
    left, right = gap
    for end in range(at + 1, len(lines)):
        common = [(max(left, start), min(right, stop)) for start, stop in _gaps(lines[end])]
        common = [(start, stop) for start, stop in common if stop - start >= RIVER_PX]
        if not common:
            return end, (left + right) / 2
        left, right = common[0]
    return len(lines), (left + right) / 2


def said(page: TypesetPage) -> list[str]:
    return page.text.split()


def read(words: Sequence[Word]) -> list[str]:
    return [word.text for word in lay_out(words, *SIZE_PX)[0]]


@settings(max_examples=80, deadline=None)
@given(pages())
def test_a_page_read_line_by_line_comes_out_as_it_was_set(page: TypesetPage) -> None:
    assert read(numbered([rows(page)])) == said(page)


@settings(max_examples=40, deadline=None)
@given(pages(), st.floats(-0.008, 0.008))
def test_so_does_a_page_whose_lines_lean_by_half_a_degree(page: TypesetPage, slope: float) -> None:
    leaning = [
        dataclasses.replace(
            word,
            box=dataclasses.replace(
                word.box,
                top=word.box.top + 20 + round(slope * word.box.left),
                bottom=word.box.bottom + 20 + round(slope * word.box.left),
            ),
        )
        for word in numbered([rows(page)])
    ]
    assert read(leaning) == said(page)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(paragraphs()), min_size=2, max_size=6), st.sampled_from((12, 13)))
def test_text_that_was_torn_along_its_rivers_is_whole_again(texts: list[str], size: int) -> None:
    body = "\n".join(texts)
    page = typeset(parse_source(f"@font Arimo\n@size {size}\n@dpi {DPI}\n## body\n{body}"))[0]
    assert read(numbered(torn(rows(page)))) == said(page)


def test_rivers_are_there_to_be_torn_along() -> None:
    body = "\n".join(paragraphs()[:40])
    found = typeset(parse_source(f"@font Arimo\n@size 12.5\n@dpi {DPI}\n## body\n{body}"))
    assert any(len(block) >= RIVER_LINES for page in found for block in torn(rows(page)))
