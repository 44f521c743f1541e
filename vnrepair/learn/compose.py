"""Turn corpus text into pages as offices print them: faces, headings, capitals, letterheads.

In: paragraphs of any length and a random generator. Out: `PrintedLine` records of one page, and
the `PageStyle` they are set in. Everything that is drawn at random comes from the generator, so
the same seed gives the same page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vnrepair.learn.fonts import Face, FontFamily
from vnrepair.learn.pages import Alignment, PageStyle, PrintedLine, StyledWord, wrap

__all__ = ["PAGE_KINDS", "compose_page", "random_style"]

# Kinds of page and how often they come. Italic and bold are misread in their own ways, so they
# get pages of their own; "document" has the parts of an official document.
PAGE_KINDS = {"text": 0.50, "document": 0.32, "italic": 0.11, "bold": 0.07}

UPPER_SHARE = 0.05
"""Share of paragraphs that open with a heading in capitals."""
TITLE_SHARE = 0.012
"""Share of paragraphs that open with a heading In Title Case."""

_BODIES = (
    "ỦY BAN NHÂN DÂN",
    "UỶ BAN NHÂN DÂN",
    "HỘI ĐỒNG NHÂN DÂN",
    "SỞ NỘI VỤ",
    "ĐẢNG ỦY PHƯỜNG",
    "BAN CHỈ ĐẠO",
    "PHÒNG GIÁO DỤC VÀ ĐÀO TẠO",
)
_LEVELS = ("TỈNH", "THỊ XÃ", "HUYỆN", "PHƯỜNG", "XÃ", "THÀNH PHỐ")
_PLACES = ("AN BÌNH", "PHỔ THẠNH", "ĐỨC HÒA", "BẾN TRE", "KỲ SƠN", "GÒ DẦU", "MỸ ĐỨC", "TỨ KỲ")
_KINDS = ("QĐ", "KH", "BC", "TB", "CV", "NQ", "TTr", "CT", "GM", "BB", "HD", "CTr", "ĐA", "PA")
_OFFICES = ("UBND", "HĐND", "BCĐ", "ĐU", "SNV", "VP", "MTTQ", "STC", "SGDĐT", "TU", "BTC", "TTg")
_TITLES = (
    "QUYẾT ĐỊNH",
    "KẾ HOẠCH",
    "BÁO CÁO",
    "THÔNG BÁO",
    "TỜ TRÌNH",
    "NGHỊ QUYẾT",
    "CHỈ THỊ",
    "BIÊN BẢN",
    "CÔNG VĂN",
    "CHƯƠNG TRÌNH",
    "HƯỚNG DẪN",
)
_SIGNERS = (
    "TM. ỦY BAN NHÂN DÂN",
    "KT. CHỦ TỊCH",
    "PHÓ CHỦ TỊCH",
    "CHỦ TỊCH",
    "TL. CHỦ TỊCH",
    "CHÁNH VĂN PHÒNG",
    "GIÁM ĐỐC",
    "KT. GIÁM ĐỐC",
    "PHÓ GIÁM ĐỐC",
    "THƯ KÝ",
    "CHỦ TỌA",
)
_RECIPIENTS = (
    "- Như Điều 3;",
    "- Như trên;",
    "- TT. Đảng ủy, HĐND;",
    "- CT, các PCT UBND;",
    "- UBMTTQ và các đoàn thể;",
    "- Các thành viên BCĐ;",
    "- Lưu: VT.",
    "- Lưu: VT, NC.",
    "- Trưởng các tổ dân phố;",
)
_SECTIONS = ("I.", "II.", "III.", "IV.", "V.", "VI.")
_ITEMS = ("1.", "2.", "3.", "4.", "a)", "b)", "c)", "d)", "đ)", "-", "+", "1.1.", "2.3.", "Điều 1.")


@dataclass(frozen=True, slots=True)
class _Faces:
    """The faces of a page: what most of its text has, and what stands out in it."""

    body: Face
    emphasis: Face
    heading: Face


_FACES = {
    "text": _Faces(Face.REGULAR, Face.ITALIC, Face.BOLD),
    "document": _Faces(Face.REGULAR, Face.ITALIC, Face.BOLD),
    "italic": _Faces(Face.ITALIC, Face.REGULAR, Face.BOLD_ITALIC),
    "bold": _Faces(Face.BOLD, Face.BOLD_ITALIC, Face.BOLD),
}


def random_style(families: Sequence[FontFamily], rng: np.random.Generator) -> PageStyle:
    """A page style as offices have them: mostly 13 or 14 points, mostly 200 or 300 dpi.

    Args:
        families: Fonts to choose from, each by its share; at least one.
        rng: What decides.
    """
    shares = np.array([family.share for family in families])
    family = families[int(rng.choice(len(families), p=shares / shares.sum()))]
    return PageStyle(
        family=family,
        size_pt=float(rng.choice([11, 12, 13, 14], p=[0.12, 0.2, 0.34, 0.34])),
        dpi=int(rng.choice([150, 200, 240, 300], p=[0.12, 0.45, 0.08, 0.35])),
        line_spacing=float(rng.uniform(1.12, 1.55)),
        margin_left_mm=float(rng.uniform(22, 35)),
        margin_right_mm=float(rng.uniform(12, 22)),
        margin_top_mm=float(rng.uniform(8, 20)),
    )


def compose_page(
    paragraphs: Sequence[str], style: PageStyle, rng: np.random.Generator, *, kind: str
) -> list[PrintedLine]:
    """Set paragraphs as one page of a kind.

    Args:
        paragraphs: Text without line ends; white space divides words.
        style: The page, which decides where lines break.
        rng: What decides about headings, emphasis and capitals.
        kind: A key of `PAGE_KINDS`.

    Returns:
        The printed lines from top to bottom, blank lines included.
    """
    faces = _FACES[kind]
    is_document = kind == "document"
    lines = list(_letterhead(rng)) if is_document else []
    for paragraph in paragraphs:
        lines += _set_paragraph(paragraph.split(), faces, style, rng, is_document=is_document)
    if is_document:
        lines += _foot(rng)
    return lines


def _set_paragraph(
    words: list[str],
    faces: _Faces,
    style: PageStyle,
    rng: np.random.Generator,
    *,
    is_document: bool,
) -> Iterator[PrintedLine]:
    """A paragraph, at times with its first words split off as a heading."""
    boost = 3.0 if is_document else 1.0
    draw = rng.random()
    if draw < (UPPER_SHARE + TITLE_SHARE) * boost:
        length = int(rng.integers(3, 16))
        heading = " ".join(words[:length]).rstrip(",;:.")
        is_upper = draw < UPPER_SHARE * boost
        heading = heading.upper() if is_upper else heading.title()
        number = [str(rng.choice(_SECTIONS))] if is_document and rng.random() < 0.5 else []
        alignment = Alignment.CENTRE if rng.random() < 0.4 else Alignment.LEFT
        face = faces.heading if rng.random() < 0.75 else faces.body
        yield from wrap(
            [StyledWord(word, face) for word in [*number, *heading.split()]],
            style,
            alignment=alignment,
        )
        words = words[length:]
    elif is_document and rng.random() < 0.4:
        words = [*str(rng.choice(_ITEMS)).split(), *words]
    indent_mm = float(rng.choice([0.0, 10.0, 12.7]))
    alignment = Alignment.JUSTIFIED if rng.random() < 0.8 else Alignment.LEFT
    styled = _choose_faces(words, faces, rng)
    yield from wrap(styled, style, alignment=alignment, indent_mm=indent_mm)


def _choose_faces(
    words: Sequence[str], faces: _Faces, rng: np.random.Generator
) -> list[StyledWord]:
    """The body face, at times another for the whole paragraph or for a run of words in it."""
    draw = rng.random()
    if draw < 0.07:
        return [StyledWord(word, faces.heading) for word in words]
    if draw < 0.16:
        return [StyledWord(word, faces.emphasis) for word in words]
    start = end = 0
    if draw < 0.26 and words:
        start = int(rng.integers(0, len(words)))
        end = start + int(rng.integers(1, 13))
    run = faces.emphasis if draw < 0.22 else faces.heading
    return [
        StyledWord(word, run if start <= index < end else faces.body)
        for index, word in enumerate(words)
    ]


def _line(text: str, face: Face, alignment: Alignment = Alignment.CENTRE) -> PrintedLine:
    return PrintedLine(tuple(StyledWord(word, face) for word in text.split()), alignment)


def _letterhead(rng: np.random.Generator) -> Iterator[PrintedLine]:
    """The head of an official document, its two columns below each other, and a title."""
    number = int(rng.integers(1, 3000))
    year = int(rng.integers(2005, 2027))
    day, month = int(rng.integers(1, 32)), int(rng.integers(1, 13))
    office = str(rng.choice(_OFFICES))
    yield _line(str(rng.choice(_BODIES)), Face.BOLD)
    yield _line(f"{rng.choice(_LEVELS)} {rng.choice(_PLACES)}", Face.BOLD)
    yield _line(f"Số: {number:02d}/{rng.choice(_KINDS)}-{office}", Face.REGULAR)
    yield _line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", Face.BOLD)
    yield _line("Độc lập - Tự do - Hạnh phúc", Face.BOLD)
    yield _line(f"ngày {day:02d} tháng {month} năm {year}", Face.ITALIC, Alignment.RIGHT)
    yield PrintedLine(())
    yield _line(str(rng.choice(_TITLES)), Face.BOLD)


def _foot(rng: np.random.Generator) -> Iterator[PrintedLine]:
    """Signature and recipients."""
    yield PrintedLine(())
    for signer in rng.choice(_SIGNERS, size=2, replace=False):
        yield _line(str(signer), Face.BOLD, Alignment.RIGHT)
    yield _line("Nơi nhận:", Face.BOLD_ITALIC, Alignment.LEFT)
    for recipient in rng.choice(_RECIPIENTS, size=4, replace=False):
        yield _line(str(recipient), Face.REGULAR, Alignment.LEFT)
