"""Set a document in the layout of the decree on clerical work, page by page.

In: a `Source`. Out: `TypesetPage` records: lines with their places in millimetres, rules, the
place of the seal, and the text in reading order, block by block.

Source:
    Decree 30/2020/NĐ-CP on clerical work, appendix I: A4, margins, the two columns of the
    letterhead, the sizes of its lines, `Nơi nhận` beside the signature, page numbers centred at
    the top from the second page on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, zip_longest

from vnrepair.errors import ConfigError
from vnrepair.learn.fonts import Face, find_families
from vnrepair.learn.markup import Block, Paragraph, ParagraphKind, Source
from vnrepair.learn.pages import (
    A4_HEIGHT_MM,
    Alignment,
    PageStyle,
    PrintedLine,
    StyledWord,
    line_width_mm,
    wrap,
)
from vnrepair.learn.placed import PlacedLine, Rule, TypesetPage, what_it_says

__all__ = ["PlacedLine", "Rule", "TypesetPage", "typeset"]

_TOP_MM = 20.0
_BOTTOM_MM = A4_HEIGHT_MM - 20.0
_PAGE_NUMBER_MM = 13.0
_INDENT_MM = 12.7
_PARAGRAPH_GAP_MM = 1.6
_CELL_PADDING_MM = 1.5
_LEFT_COLUMN = 0.4
"""Share of the text width that the left letterhead column and the recipients take."""


def typeset(source: Source) -> tuple[TypesetPage, ...]:
    """Lay a document out on as many pages as it needs.

    Raises:
        ConfigError: The font is unknown or not installed, or a size is out of range.
        ResourceError: No font that holds Vietnamese is installed.
    """
    setter = _Setter(_page_style(source))
    blocks = list(source.blocks)
    while blocks:
        block = blocks.pop(0)
        beside = blocks[0].name if blocks else ""
        if block.name == "page":
            setter.new_page()
        elif (block.name, beside) in {
            ("letterhead-left", "letterhead-right"),
            ("recipients", "signature"),
        }:
            setter.set_columns(block, blocks.pop(0))
        elif block.name in ("body", "title"):
            setter.set_block(block)
        elif block.name == "footnote":
            setter.set_footnote(block)
        else:
            setter.set_columns(*_alone(block))
    return setter.finish()


def _alone(block: Block) -> tuple[Block, Block]:
    """A block of two columns whose other column is missing."""
    empty = Block("", ())
    is_left = block.name in ("letterhead-left", "recipients")
    return (block, empty) if is_left else (empty, block)


def _page_style(source: Source) -> PageStyle:
    families = {family.name: family for family in find_families()}
    if source.font not in families:
        raise ConfigError(f"font {source.font!r} is not installed; found: {', '.join(families)}")
    return PageStyle(
        family=families[source.font],
        size_pt=source.size,
        dpi=source.dpi,
        line_spacing=source.spacing,
    )


@dataclass(slots=True)
class _Setter:
    """Puts blocks on pages from top to bottom; `finish` gives the pages."""

    style: PageStyle
    pages: list[TypesetPage] = field(default_factory=list)
    lines: list[PlacedLine] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    blocks: list[list[str]] = field(default_factory=list)
    seal_mm: tuple[float, float] | None = None
    y_mm: float = _TOP_MM

    def finish(self) -> tuple[TypesetPage, ...]:
        if self.lines or not self.pages:
            self._close_page()
        return tuple(self.pages)

    def new_page(self) -> None:
        self._close_page()
        self.lines, self.rules, self.blocks, self.seal_mm = [], [], [], None
        self.y_mm = _TOP_MM
        number = PrintedLine(
            (StyledWord(str(len(self.pages) + 1), Face.REGULAR),), Alignment.CENTRE
        )
        self.blocks.append([])
        self._put(number, self.style, baseline_mm=_PAGE_NUMBER_MM)

    def _close_page(self) -> None:
        blocks = tuple(tuple(block) for block in self.blocks if block)
        page = TypesetPage(self.style, tuple(self.lines), tuple(self.rules), blocks, self.seal_mm)
        self.pages.append(page)

    def set_block(self, block: Block) -> None:
        """A title or body: over the full width, broken wherever the page ends."""
        self.blocks.append([])
        is_title = block.name == "title"
        if is_title:
            self.y_mm += self.style.line_step_mm * 0.6
        rows: list[Paragraph] = []
        for paragraph in block.paragraphs:
            if paragraph.kind is ParagraphKind.TABLE_ROW:
                rows.append(paragraph)
                continue
            self._set_table(rows)
            rows = []
            if is_title:
                self._set_title_paragraph(paragraph)
            else:
                self._set_paragraph(paragraph)
        self._set_table(rows)
        if is_title:
            self.y_mm += self.style.line_step_mm * 0.5

    def set_footnote(self, block: Block) -> None:
        """Small print below a short rule, at the foot of the text as far as it has come."""
        self.blocks.append([])
        left_mm = self.style.margin_left_mm
        self.y_mm += self.style.line_step_mm * 0.4
        self.rules.append(Rule(left_mm, self.y_mm, left_mm + 50, self.y_mm))
        small = replace(self.style, size_pt=max(4.0, self.style.size_pt - 3), line_spacing=1.2)
        for paragraph in block.paragraphs:
            for line in wrap(paragraph.words, small):
                self._advance(line, small)

    def _set_paragraph(self, paragraph: Paragraph) -> None:
        kind = paragraph.kind
        if kind is ParagraphKind.SPACE:
            self.y_mm += self.style.line_step_mm / 2
            return
        words = paragraph.words
        alignment, indent_mm = Alignment.JUSTIFIED, _INDENT_MM
        if kind is ParagraphKind.HEADING:
            words = tuple(StyledWord(word.text, _bold(word.face)) for word in words)
        elif kind is ParagraphKind.CENTRED:
            alignment, indent_mm = Alignment.CENTRE, 0.0
        elif kind is ParagraphKind.RIGHT:
            alignment, indent_mm = Alignment.RIGHT, 0.0
        elif kind is ParagraphKind.FLUSH:
            indent_mm = 0.0
        for line in wrap(words, self.style, alignment=alignment, indent_mm=indent_mm):
            self._advance(line)
        self.y_mm += _PARAGRAPH_GAP_MM

    def _set_title_paragraph(self, paragraph: Paragraph) -> None:
        if paragraph.kind is ParagraphKind.RULE:
            middle_mm = self.style.margin_left_mm + self.style.text_width_mm / 2
            self.rules.append(
                Rule(middle_mm - 22, self.y_mm + 2.0, middle_mm + 22, self.y_mm + 2.0)
            )
            self.y_mm += 3.2
            return
        for line in wrap(paragraph.words, self.style, alignment=Alignment.CENTRE):
            self._advance(line)

    def _advance(self, line: PrintedLine, style: PageStyle | None = None) -> None:
        """Put a line below the last one, on a new page when this one is full."""
        style = style or self.style
        if self.y_mm + style.line_step_mm > _BOTTOM_MM:
            self.new_page()
            self.blocks.append([])
        self.y_mm += style.line_step_mm
        self._put(line, style, baseline_mm=self.y_mm)

    def _put(
        self,
        line: PrintedLine,
        style: PageStyle,
        *,
        baseline_mm: float,
        left_mm: float | None = None,
        width_mm: float | None = None,
    ) -> None:
        left_mm = style.margin_left_mm if left_mm is None else left_mm
        width_mm = style.text_width_mm if width_mm is None else width_mm
        self.lines.append(PlacedLine(line, style, left_mm, width_mm, baseline_mm))
        self._say(line)

    def _say(self, *lines: PrintedLine) -> None:
        """Printed lines as one line of the truth; blanks to fill in say nothing."""
        said = " ".join(filter(None, map(what_it_says, lines)))
        if said:
            self.blocks[-1].append(said)

    def set_columns(self, left: Block, right: Block) -> None:
        """Two blocks side by side: a letterhead, or recipients and signature; never broken."""
        is_foot = "recipients" in (left.name, right.name) or "signature" in (left.name, right.name)
        text_mm = self.style.text_width_mm
        left_mm, split_mm = self.style.margin_left_mm, text_mm * _LEFT_COLUMN
        if is_foot:
            small = replace(self.style, size_pt=max(4.0, self.style.size_pt - 2), line_spacing=1.15)
            left_alignment, right_style = Alignment.LEFT, self.style
        else:
            small = right_style = self._letterhead_style(right, text_mm - split_mm)
            left_alignment = Alignment.CENTRE
        columns = (
            _Column(left, small, left_alignment, left_mm, split_mm - 2),
            _Column(right, right_style, Alignment.CENTRE, left_mm + split_mm, text_mm - split_mm),
        )
        start_mm = self.y_mm + (self.style.line_step_mm * 0.5 if is_foot else 0.0)
        if start_mm + max(column.height_mm for column in columns) > _BOTTOM_MM and self.lines:
            self.new_page()
            start_mm = self.y_mm
        for column in columns:
            self.blocks.append([])
            for part, y_mm in column.place(start_mm):
                if isinstance(part, Rule):
                    self.rules.append(part)
                else:
                    self._put(
                        part,
                        column.style,
                        baseline_mm=y_mm,
                        left_mm=column.left_mm,
                        width_mm=column.width_mm,
                    )
        if right.name == "signature":
            # The seal covers about a third of the signature, on its left.
            middle_mm = columns[1].left_mm + columns[1].width_mm * 0.34
            self.seal_mm = (middle_mm, start_mm + columns[1].height_mm * 0.62)
        self.y_mm = start_mm + max(column.height_mm for column in columns)

    def _letterhead_style(self, right: Block, width_mm: float) -> PageStyle:
        """A size at which the national motto's lines fit their column, 13 points at most."""
        size_pt = min(13.0, self.style.size_pt)
        style = replace(self.style, size_pt=size_pt, line_spacing=1.2)
        widths = [
            line_width_mm(PrintedLine(paragraph.words), style) for paragraph in right.paragraphs
        ]
        widest_mm = max(widths, default=0.0)
        if widest_mm <= width_mm:
            return style
        return replace(style, size_pt=max(4.0, size_pt * 0.99 * width_mm / widest_mm))

    def _set_table(self, rows: Sequence[Paragraph]) -> None:
        """A ruled table over the full width; a row never breaks between pages."""
        if not rows:
            return
        widths_mm = _column_widths(rows, self.style.text_width_mm)
        style = replace(self.style, size_pt=max(4.0, self.style.size_pt - 1), line_spacing=1.2)
        self.y_mm += 2.0
        for row in rows:
            cells = [
                list(
                    wrap(
                        cell,
                        style,
                        alignment=Alignment.LEFT,
                        width_mm=width_mm - 2 * _CELL_PADDING_MM,
                    )
                )
                for cell, width_mm in zip(row.cells, widths_mm, strict=False)
            ]
            height_mm = max(map(len, cells)) * style.line_step_mm + 2 * _CELL_PADDING_MM
            if self.y_mm + height_mm > _BOTTOM_MM:
                self.new_page()
                self.blocks.append([])
            self._set_row(cells, widths_mm, style, height_mm)
        self.y_mm += 3.0

    def _set_row(
        self,
        cells: list[list[PrintedLine]],
        widths_mm: Sequence[float],
        style: PageStyle,
        height_mm: float,
    ) -> None:
        """Cells side by side in their frames; as text, a printed line runs across all cells."""
        top_mm, bottom_mm = self.y_mm, self.y_mm + height_mm
        edges_mm = list(accumulate(widths_mm, initial=style.margin_left_mm))
        first_mm, last_mm = edges_mm[0], edges_mm[-1]
        self.rules += [Rule(x_mm, top_mm, x_mm, bottom_mm) for x_mm in edges_mm]
        self.rules += [Rule(first_mm, y_mm, last_mm, y_mm) for y_mm in (top_mm, bottom_mm)]
        baseline_mm = top_mm + _CELL_PADDING_MM + style.size_mm * 0.95
        for across in zip_longest(*cells):
            for line, left_mm, width_mm in zip(across, edges_mm, widths_mm, strict=False):
                if line is not None:
                    room_mm = width_mm - 2 * _CELL_PADDING_MM
                    start_mm = left_mm + _CELL_PADDING_MM
                    self.lines.append(PlacedLine(line, style, start_mm, room_mm, baseline_mm))
            self._say(*(line for line in across if line is not None))
            baseline_mm += style.line_step_mm
        self.y_mm = bottom_mm


@dataclass(frozen=True, slots=True)
class _Column:
    """One of two blocks that stand side by side."""

    block: Block
    style: PageStyle
    alignment: Alignment
    left_mm: float
    width_mm: float

    @property
    def height_mm(self) -> float:
        return max((y_mm for _, y_mm in self.place(0.0)), default=0.0) + 2.0

    def place(self, start_mm: float) -> Iterator[tuple[PrintedLine | Rule, float]]:
        """Lines and rules with their base lines, from `start_mm` down."""
        y_mm = start_mm
        last_width_mm = self.width_mm / 2
        for paragraph in self.block.paragraphs:
            if paragraph.kind is ParagraphKind.RULE:
                # Below the motto the rule is as long as its line; below the issuer about half.
                share = 1.0 if self.block.name == "letterhead-right" else 0.45
                middle_mm = self.left_mm + self.width_mm / 2
                half_mm = last_width_mm * share / 2
                rule_mm = y_mm + 2.0
                yield Rule(middle_mm - half_mm, rule_mm, middle_mm + half_mm, rule_mm), rule_mm
                y_mm += 2.8
            elif paragraph.kind is ParagraphKind.SPACE:
                y_mm += self.style.line_step_mm if self.block.name == "signature" else 0.0
            else:
                for line in wrap(
                    paragraph.words, self.style, alignment=self.alignment, width_mm=self.width_mm
                ):
                    y_mm += self.style.line_step_mm
                    last_width_mm = line_width_mm(line, self.style)
                    yield line, y_mm


def _bold(face: Face) -> Face:
    return Face.BOLD_ITALIC if face in (Face.ITALIC, Face.BOLD_ITALIC) else Face.BOLD


def _column_widths(rows: Sequence[Paragraph], width_mm: float) -> list[float]:
    """Widths in proportion to the longest cell of each column, none below a tenth of the widest."""
    columns = max(len(row.cells) for row in rows)
    longest = [
        max(
            sum(len(word.text) + 1 for word in row.cells[column])
            for row in rows
            if column < len(row.cells)
        )
        for column in range(columns)
    ]
    floor = max(6.0, max(longest) * 0.1)
    weights = [min(max(float(length), floor), 40.0) for length in longest]
    return [width_mm * weight / sum(weights) for weight in weights]
