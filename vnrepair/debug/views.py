"""What the HTML page shows of a page: plain values that the templates need not think about."""

from dataclasses import dataclass

from vnrepair.debug.changes import Row
from vnrepair.debug.pictures import Picture
from vnrepair.records import Box

__all__ = ["BlockView", "PageView", "StepView", "TextView", "WordView"]


@dataclass(frozen=True, slots=True)
class StepView:
    """One station of a page on its way to the words.

    Attributes:
        label: What it was: the source, a preprocessing step or a reading.
        kind: "source", "step" or "reading".
        notes: What it did, in a few words each; empty for a step that left the page as it was.
        seconds: How long it took.
        picture: The page after it; None for a step that left the page as it was.
    """

    label: str
    kind: str
    notes: tuple[str, ...]
    seconds: float
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class WordView:
    """A word on the page.

    Attributes:
        box: Pixels of the source image, turned upright.
        classes: Of its confidence, and "changed" or "flagged" where it was.
        line: Number of its line in what was read, counted from 1.
        notes: Pairs of label and value, all that is known of it; what was read comes first.
    """

    box: Box
    classes: str
    line: int
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class BlockView:
    """A block of the page.

    Attributes:
        number: In reading order, counted from 1.
        kind: One of `BLOCK_KINDS`.
        box: Pixels of the source image.
        shown: The same, turned upright.
        n_lines: Lines of words in it.
        n_words: Words in it.
        confidence: Mean of its words; None where no word has one.
        opening: How it begins.
    """

    number: int
    kind: str
    box: Box
    shown: Box
    n_lines: int
    n_words: int
    confidence: float | None
    opening: str


@dataclass(frozen=True, slots=True)
class TextView:
    """The text of a page and what was done to it.

    Attributes:
        rows: Lines that were read beside the finished ones.
        n_changes: Places that a stage changed.
        n_flags: Tokens that a person should look at.
        reading: Which channel explained the text, and why; "" where nobody said.
    """

    rows: tuple[Row, ...]
    n_changes: int
    n_flags: int
    reading: str


@dataclass(frozen=True, slots=True)
class PageView:
    """All that is shown of one page of one file.

    Attributes:
        file: Name of the file, for a person.
        number: Of the page in the file; None for a text file.
        facts: Pairs of label and value.
        error: Why it could not be read; "" where it was.
        warnings: What a person should know.
        steps: The stations in their order.
        width_px: Width of the source image, turned upright; 0 where there is none.
        height_px: Its height.
        sheet: The page as the file gives it, turned upright.
        drawings: The page with words, and with blocks, drawn on it.
        thumbnail: For the overview.
        words: In reading order.
        blocks: In reading order.
        text: What was read, and what became of it.
        times: Pairs of what was done and seconds, in order.
    """

    file: str
    number: int | None
    facts: tuple[tuple[str, str], ...] = ()
    error: str = ""
    warnings: tuple[str, ...] = ()
    steps: tuple[StepView, ...] = ()
    width_px: int = 0
    height_px: int = 0
    sheet: Picture | None = None
    drawings: tuple[Picture, ...] = ()
    thumbnail: Picture | None = None
    words: tuple[WordView, ...] = ()
    blocks: tuple[BlockView, ...] = ()
    text: TextView | None = None
    times: tuple[tuple[str, float], ...] = ()

    @property
    def title(self) -> str:
        """How the page is called."""
        return "Text file" if self.number is None else f"Page {self.number}"

    @property
    def seconds(self) -> float:
        """All the time that it took."""
        return sum(seconds for _, seconds in self.times)
