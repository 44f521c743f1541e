r"""Read the source of a sample document: a small markup that a person can write and read.

In: a UTF-8 text file. Out: a `Source` record: settings, and blocks of paragraphs of styled words.

```
@font Tinos                  settings come first: font, size, dpi, spacing, seal
@size 14
@seal ỦY BAN NHÂN DÂN XÃ AN BÌNH
## letterhead-left           a block: letterhead-left, letterhead-right, title, body, recipients,
ỦY BAN NHÂN DÂN              signature, footnote, or page for a page break
**XÃ AN BÌNH**               **bold**, *italic*, ***both***; \* is a star
---                          a rule
## body
A paragraph is one line here; it is wrapped on the page.
# I. MỤC ĐÍCH                a heading; `^` centres, `>` sets right, `~` takes the indent away
| TT | Nội dung |            a table; the row of dashes makes the first row bold
|---|---|
| 1 | Chuẩn bị sách |
```

A word has one face, that of its first letter. The settings: `font` names a family of
`learn.fonts`, `size` is in points, `spacing` is the distance of lines over the size, `seal` is the
text round the seal and `seal_lines` what stands in its middle, with `/` between its lines. The seal
is drawn only on stamped pages and is no part of the truth. Neither are words of four or more dots
or underscores: the blanks of a form, to be filled in by hand.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from vnrepair.errors import TextError
from vnrepair.learn.fonts import Face
from vnrepair.learn.pages import StyledWord

__all__ = ["BLOCKS", "Block", "Paragraph", "ParagraphKind", "Source", "parse_source", "read_source"]

BLOCKS = (
    "letterhead-left",
    "letterhead-right",
    "title",
    "body",
    "recipients",
    "signature",
    "footnote",
    "page",
)
Setting = str | float | int | tuple[str, ...]
_SETTINGS: dict[str, Callable[[str], Setting]] = {
    "font": str,
    "size": float,
    "dpi": int,
    "spacing": float,
    "seal": str,
    "seal_lines": lambda value: tuple(line.strip() for line in value.split("/")),
}
_MARKS = re.compile(r"\\\*|\*{1,3}|\s+|[^*\\\s]+|\\")
_DASHES = re.compile(r"\|(\s*-{3,}\s*\|)+")


class ParagraphKind(Enum):
    """What a line of the source becomes; the value is its prefix in the markup."""

    BODY = ""
    HEADING = "#"
    CENTRED = "^"
    RIGHT = ">"
    FLUSH = "~"
    TABLE_ROW = "|"
    RULE = "---"
    SPACE = " "


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of the source.

    Attributes:
        kind: What it becomes.
        words: Its words; empty for a rule, a space and a table row.
        cells: The words of each cell of a table row; empty for all else.
    """

    kind: ParagraphKind
    words: tuple[StyledWord, ...] = ()
    cells: tuple[tuple[StyledWord, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the document: its name, one of `BLOCKS`, and its paragraphs."""

    name: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A parsed source file.

    Attributes:
        font: Name of a font family.
        size: Size of the body, points.
        dpi: Pixels per inch of the page images.
        spacing: Distance of base lines over the size.
        seal: Text round the seal; "" for a seal without text.
        seal_lines: What stands in its middle, line by line; nothing for a star.
        blocks: The parts in the order of the file.
    """

    font: str = "Tinos"
    size: float = 14.0
    dpi: int = 300
    spacing: float = 1.3
    seal: str = ""
    seal_lines: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = field(default=())


def read_source(path: Path) -> Source:
    """Read and parse a source file.

    Raises:
        TextError: It cannot be read, is not UTF-8, or breaks the markup; the message names the
            file and the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TextError(f"{path}: not a readable UTF-8 text file ({error})") from error
    return parse_source(text, name=str(path))


def parse_source(text: str, name: str = "source") -> Source:
    """Parse the markup described at the top of this module.

    Args:
        text: The source.
        name: What messages call it.

    Raises:
        TextError: It breaks the markup; the message names the line.
    """
    settings: dict[str, Setting] = {}
    blocks: list[tuple[str, list[Paragraph]]] = []
    for number, line in enumerate(unicodedata.normalize("NFC", text).splitlines(), start=1):
        where = f"{name}:{number}"
        if line.startswith("## "):
            title = line[3:].strip()
            if title not in BLOCKS:
                raise TextError(f"{where}: unknown block {title!r}; known: {', '.join(BLOCKS)}")
            blocks.append((title, []))
        elif blocks:
            blocks[-1][1].append(_parse_line(line, where))
        elif line.startswith("@"):
            settings |= _parse_setting(line[1:], where)
        elif line.strip():
            raise TextError(f"{where}: text before the first block: open one with `## body`")
    parts = tuple(Block(title, _finish(paragraphs)) for title, paragraphs in blocks)
    return Source(blocks=parts, **settings)  # type: ignore[arg-type]  # _SETTINGS gives the types


def _parse_setting(line: str, where: str) -> dict[str, Setting]:
    key, _, value = line.partition(" ")
    if key not in _SETTINGS:
        raise TextError(f"{where}: unknown setting @{key}; known: {', '.join(_SETTINGS)}")
    try:
        return {key: _SETTINGS[key](value.strip())}
    except ValueError as error:
        raise TextError(f"{where}: @{key} needs a number, not {value.strip()!r}") from error


def _parse_line(line: str, where: str) -> Paragraph:
    text = line.strip()
    if not text:
        return Paragraph(ParagraphKind.SPACE)
    if text == ParagraphKind.RULE.value:
        return Paragraph(ParagraphKind.RULE)
    if text.startswith("|"):
        if not text.endswith("|") or len(text) < 2:
            raise TextError(f"{where}: a table row must end with `|`")
        cells = tuple(tuple(_styled(cell, where)) for cell in text[1:-1].split("|"))
        return Paragraph(ParagraphKind.TABLE_ROW, cells=cells)
    prefix, _, rest = text.partition(" ")
    if rest and prefix in ("#", "^", ">", "~"):
        words = tuple(_styled(rest, where))
        return Paragraph(ParagraphKind(prefix), words)
    return Paragraph(ParagraphKind.BODY, tuple(_styled(text, where)))


def _styled(text: str, where: str) -> Iterator[StyledWord]:
    """Words with the faces that stars around them ask for."""
    stars = 0
    word, face = "", Face.REGULAR
    for token in _MARKS.findall(text):
        if token[0] == "*":
            if stars and len(token) != stars:
                raise TextError(f"{where}: {token} does not close {'*' * stars}")
            stars = 0 if stars else len(token)
        elif token.isspace():
            if word:
                yield StyledWord(word, face)
            word = ""
        else:
            if not word:
                face = (Face.REGULAR, Face.ITALIC, Face.BOLD, Face.BOLD_ITALIC)[stars]
            word += "*" if token == r"\*" else token
    if stars:
        raise TextError(f"{where}: {'*' * stars} is opened and not closed")
    if word:
        yield StyledWord(word, face)


def _finish(paragraphs: list[Paragraph]) -> tuple[Paragraph, ...]:
    """Make table heads bold, drop their dashes, and drop blank lines at both ends of a block."""
    finished: list[Paragraph] = []
    for paragraph in paragraphs:
        if finished and _is_dashes(paragraph) and finished[-1].cells:
            head = finished.pop().cells
            bold = tuple(tuple(StyledWord(word.text, Face.BOLD) for word in cell) for cell in head)
            finished.append(Paragraph(ParagraphKind.TABLE_ROW, cells=bold))
        else:
            finished.append(paragraph)
    while finished and finished[-1].kind is ParagraphKind.SPACE:
        finished.pop()
    while finished and finished[0].kind is ParagraphKind.SPACE:
        finished.pop(0)
    return tuple(finished)


def _is_dashes(paragraph: Paragraph) -> bool:
    """Whether a row is the line of dashes below the head of a table."""
    row = "|" + "".join(" ".join(word.text for word in cell) + "|" for cell in paragraph.cells)
    return bool(_DASHES.fullmatch(row))
