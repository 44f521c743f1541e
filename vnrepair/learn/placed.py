"""What typesetting makes: lines, rules and blanks with their places on a page.

All places are millimetres from the top left of an A4 page.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vnrepair.learn.pages import PageStyle, PrintedLine, place_words

__all__ = ["Blank", "PlacedLine", "Rule", "TypesetPage", "what_it_says"]

_BLANK = re.compile(r"[.…_]{4,}")
"""A blank of a form; three dots are an ellipsis."""


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line and the room that it stands in: left end, width and base line in millimetres."""

    line: PrintedLine
    style: PageStyle
    left_mm: float
    width_mm: float
    baseline_mm: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin straight line between two points, millimetres from the top left of the page."""

    left_mm: float
    top_mm: float
    right_mm: float
    bottom_mm: float


@dataclass(frozen=True, slots=True)
class Blank:
    """A place to write on: its left end, base line and width, millimetres."""

    left_mm: float
    baseline_mm: float
    width_mm: float


@dataclass(frozen=True, slots=True)
class TypesetPage:
    """One finished page.

    Attributes:
        style: Fonts, body size and resolution.
        lines: Everything printed, in reading order.
        rules: Everything drawn.
        blocks: The text: per block its printed lines, in reading order.
        seal_mm: Middle of the seal, (x, y); None for a page without signature.
    """

    style: PageStyle
    lines: tuple[PlacedLine, ...]
    rules: tuple[Rule, ...]
    blocks: tuple[tuple[str, ...], ...]
    seal_mm: tuple[float, float] | None

    @property
    def blanks(self) -> tuple[Blank, ...]:
        """Where something is to be filled in: rows of dots or of underscores."""
        return tuple(blank for placed in self.lines for blank in _find_blanks(placed))

    @property
    def text(self) -> str:
        """The ground truth: one printed line a line, a blank line between blocks."""
        return "\n\n".join("\n".join(block) for block in self.blocks)


def what_it_says(line: PrintedLine) -> str:
    """The text of a line without blanks to fill in: dots and underscores say nothing."""
    return " ".join(word.text for word in line.words if not _BLANK.fullmatch(word.text))


def _find_blanks(placed: PlacedLine) -> Iterator[Blank]:
    """Blanks of a line, at the places where `draw_line` puts their words."""
    for word, left_mm, width_mm in place_words(
        placed.line, placed.style, left_mm=placed.left_mm, width_mm=placed.width_mm
    ):
        if _BLANK.fullmatch(word.text):
            yield Blank(left_mm, placed.baseline_mm, width_mm)
