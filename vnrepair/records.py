"""The frozen records that flow through the house: words of a page, edits, documents.

All text is NFC. Spans are half-open code-point offsets. Boxes are half-open pixel ranges of the
source image, origin top left. Confidences lie in 0.0-1.0, None where nobody gave one. Log
probabilities and log odds are natural logarithms (nats).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vnrepair.errors import ConfigError

__all__ = [
    "BLOCK_KINDS",
    "SCHEMA_VERSION",
    "Alternative",
    "Block",
    "Box",
    "Document",
    "Edit",
    "Evidence",
    "Hypothesis",
    "Page",
    "PageResult",
    "Reading",
    "Repaired",
    "Word",
    "apply_edits",
    "output_spans",
]

SCHEMA_VERSION = 1
"""Of the records as JSON; raised when a field goes or changes its meaning, not for a new one."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the source image, in pixels, right and bottom exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    def __post_init__(self) -> None:
        """Refuse a box that is inside out."""
        if self.right < self.left or self.bottom < self.top:
            raise ValueError(f"box with negative size: {self}")

    @property
    def width_px(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height_px(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top


BLOCK_KINDS = (
    "letterhead-left",
    "letterhead-right",
    "title",
    "body",
    "table",
    "footnote",
    "recipients",
    "signature",
    "header",
    "footer",
    "page-number",
    "stamp",
)
"""What a block of a page may be, as official documents are made up."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a page whose lines belong together.

    Attributes:
        kind: One of `BLOCK_KINDS`.
        box: Around its words, pixels of the source image.
    """

    kind: str
    box: Box


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What another reading made of a place on the page.

    Attributes:
        text: NFC, without white space.
        confidence: 0.0-1.0, as the engine gave it.
    """

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the page says about a span of the text that was read from it.

    Attributes:
        start: First code point of the span in the NFC text.
        end: One past its last code point.
        confidence: Of the engine in what it read there, 0.0-1.0.
        others: What other readings of the same place were.
    """

    start: int
    end: int
    confidence: float
    others: tuple[Hypothesis, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """One word as the OCR engine read it.

    Attributes:
        text: What was read, NFC, without white space.
        box: Where it stands on the source image.
        confidence: 0.0-1.0, or None where the source gives none (a PDF text layer).
        block: Index of the layout block, counted from 0 in reading order.
        line: Index of the line on the page, counted from 0 in reading order.
        others: What other readings of the page made of this word, where they differ.
    """

    text: str
    box: Box
    confidence: float | None
    block: int
    line: int
    others: tuple[Hypothesis, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it was read, before any repair.

    Attributes:
        number: 1-based page number in the source.
        width_px: Width of the source image.
        height_px: Height of the source image.
        dpi: Resolution, pixels per inch; None when the file gives none.
        words: Words in reading order.
        rotation_deg: Clockwise turn that brought the page upright: 0, 90, 180 or 270.
        skew_deg: Lean of the text lines that was taken out, degrees, counter-clockwise positive.
        warnings: What a person should know, such as "no text found".
        steps: Names of the preprocessing steps that changed the page, in order.
        blocks: The layout blocks in reading order; `Word.block` counts them.
        dropped: What the engine made of stamps, signatures and specks, in its order; no part of
            the text.
        origin: "ocr", or "text-layer" for the words that a PDF brought along.
        error: Why the page could not be read; None for a page that was.
        error_kind: Name of the error's class, such as "ImageError"; None likewise.
    """

    number: int
    width_px: int
    height_px: int
    dpi: float | None
    words: tuple[Word, ...]
    rotation_deg: int = 0
    skew_deg: float = 0.0
    warnings: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    dropped: tuple[Word, ...] = ()
    origin: str = "ocr"
    error: str | None = None
    error_kind: str | None = None

    @property
    def text(self) -> str:
        """The words line by line, a blank line between blocks, no line end at the end."""
        return "".join(gap + word.text for gap, word in self._spaced())

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What the page says of the words in `text`; nothing of those without a confidence."""
        found: list[Evidence] = []
        end = 0
        for gap, word in self._spaced():
            start = end + len(gap)
            end = start + len(word.text)
            if word.confidence is not None and start < end:
                found.append(Evidence(start, end, word.confidence, word.others))
        return tuple(found)

    def _spaced(self) -> Iterator[tuple[str, Word]]:
        """The words, each with the white space that stands before it in `text`."""
        previous: Word | None = None
        for word in self.words:
            if previous is None:
                gap = ""
            elif word.line == previous.line:
                gap = " "
            else:
                gap = "\n" if word.block == previous.block else "\n\n"
            yield gap, word
            previous = word


@dataclass(frozen=True, slots=True)
class Edit:
    """One change, which can be explained and undone.

    Attributes:
        start: First code point of the span in the NFC input.
        end: One past its last code point.
        before: The text of the span, `input[start:end]`.
        after: What replaced it.
        cause: Stage and reason, such as "restore/channel", "restore/id" or "normalise/spacing".
        log_odds: How much likelier `after` is than `before`, nats; 0.0 for a rule.
        probability: That `after` is right, 0.0-1.0, calibrated; None for a rule.
        runner_up: What it would have been otherwise, which may be `before`; None for a rule, and
            where nothing else was possible.
        runner_up_odds: How much likelier `after` is than `runner_up`, nats; negative where the
            wording of the whole sentence outweighed the neighbours.
    """

    start: int
    end: int
    before: str
    after: str
    cause: str
    log_odds: float = 0.0
    probability: float | None = None
    runner_up: str | None = None
    runner_up_odds: float | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """One thing that a token may have been.

    Attributes:
        text: How it would be written.
        probability: That it is right, 0.0-1.0, calibrated.
        log_odds: What the models hold of it against what was chosen, nats, before calibration; 0.0
            for the choice itself. Above 0.0 where the choice stands for another reason: the wording
            of the whole sentence, or the odds that a change must reach.
    """

    text: str
    probability: float
    log_odds: float


@dataclass(frozen=True, slots=True)
class Reading:
    """How one token was read, and what else it may have been.

    Attributes:
        start: First code point of the token in the NFC input.
        end: One past its last code point.
        observed: What stood there, `source[start:end]`.
        chosen: What stands in the output.
        probability: That `chosen` is right, 0.0-1.0, calibrated.
        alternatives: `chosen` first, then the others by falling probability, all distinct. Their
            probabilities sum to at most 1; what is missing is for what nobody thought of.
        cause: Why it was chosen: as for an `Edit`, "restore/kept" for what was read and right, or
            "restore/margin" for what was kept because nothing beat it by enough.
        output_start: First code point of the token in the output.
        output_end: One past its last code point there.
    """

    start: int
    end: int
    observed: str
    chosen: str
    probability: float
    alternatives: tuple[Alternative, ...]
    cause: str
    output_start: int = 0
    output_end: int = 0


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text after repair, with every change that led to it.

    Attributes:
        text: The repaired text, NFC. `apply_edits(source, edits)` equals it.
        edits: Non-overlapping changes in order of their start.
        log_prob: Log probability of the chosen hypothesis, nats; 0.0 for rule stages.
        profile: The channel that explained the text, such as "tesseract-eng"; "" for rule stages.
        reason: Why that profile was chosen, for a person.
        source: The NFC input that the spans of `edits` point into.
        flags: Tokens that a person should look at, in order of their start.
    """

    text: str
    edits: tuple[Edit, ...]
    log_prob: float = 0.0
    profile: str = ""
    reason: str = ""
    source: str = field(default="", repr=False)
    flags: tuple[Reading, ...] = ()

    def output_span(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of `source` stands in `text`; see `output_spans`."""
        return next(output_spans(self.edits, [(start, end)]))


@dataclass(frozen=True, slots=True)
class PageResult:
    """One page through all stages.

    Attributes:
        page: What OCR read; None when the source is a text file.
        restored: The restorer's result on `page.text` (or on the text of the file).
        normalised: The normaliser's result on `restored.text`.
    """

    page: Page | None
    restored: Repaired
    normalised: Repaired

    @property
    def text(self) -> str:
        """The finished text of the page."""
        return self.normalised.text


@dataclass(frozen=True, slots=True)
class Document:
    """A whole source after repair.

    Attributes:
        source: The file it came from.
        pages: One result per page, in order; one for a text file.
        warnings: What a person should know, each naming its page.
    """

    source: Path
    pages: tuple[PageResult, ...]
    warnings: tuple[str, ...] = ()

    @property
    def raw_text(self) -> str:
        """What was read, before repair; pages are divided by a form feed."""
        return "\n\f".join(result.restored.source for result in self.pages)

    @property
    def text(self) -> str:
        """The finished text; pages are divided by a form feed."""
        return "\n\f".join(result.text for result in self.pages)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Replay edits on the text that they were made for.

    Args:
        text: The NFC input that the spans point into.
        edits: Non-overlapping edits, in order of their start.

    Returns:
        The text with every span replaced.

    Raises:
        ConfigError: An edit overlaps its predecessor, or does not find its `before` in the text.
    """
    parts: list[str] = []
    done = 0
    for edit in edits:
        if edit.start < done or text[edit.start : edit.end] != edit.before:
            raise ConfigError(
                f"edit {edit} does not fit the text: pass the NFC text that it was made for"
            )
        parts += (text[done : edit.start], edit.after)
        done = edit.end
    parts.append(text[done:])
    return "".join(parts)


def output_spans(
    edits: Iterable[Edit], spans: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Where spans of the input of edits stand in their output.

    Args:
        edits: Non-overlapping edits, in order of their start.
        spans: Spans of the input, in order of their start; they may overlap.

    Yields:
        For each span the one that holds what became of it. A span that ends inside an edit is
        widened to the whole replacement, as nobody knows which part of it came from where.

    >>> edits = [Edit(0, 2, "Ké", "Kế", ""), Edit(3, 6, "ab-", "xyz-", "")]
    >>> list(output_spans(edits, [(0, 2), (4, 5), (7, 9)]))
    [(0, 2), (3, 7), (8, 10)]
    """
    ordered = tuple(edits)
    begin, shift = 0, 0  # edits before `begin` lie in front of all spans to come
    for start, end in spans:
        while begin < len(ordered) and ordered[begin].end <= start:
            shift += _growth(ordered[begin])
            begin += 1
        first, last = start + shift, end + shift
        place, inner = begin, shift
        while place < len(ordered) and ordered[place].start < end:
            edit = ordered[place]
            first = min(first, edit.start + inner)
            inner += _growth(edit)
            last = max(end, edit.end) + inner
            place += 1
        yield first, last


def _growth(edit: Edit) -> int:
    return len(edit.after) - len(edit.before)
