"""What was read beside what came out: the changes of all stages as one list, and line by line.

The restorer's edits point into what was read, the normaliser's into what the restorer made of it.
Here both become changes between the first text and the last, so that one table can show them.
"""

import bisect
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vnrepair.explained import visible
from vnrepair.records import Edit, PageResult, Reading, output_spans

__all__ = ["Change", "Flag", "Piece", "Row", "find_changes", "find_flags", "line_up"]


@dataclass(frozen=True, slots=True)
class Change:
    """A place where the finished text differs from what was read, or was changed back and forth.

    Attributes:
        start: First code point of the span in what was read.
        end: One past its last code point.
        output_start: First code point of what stands there in the finished text.
        output_end: One past its last code point.
        edits: What made it, the restorer's before the normaliser's; at least one.
    """

    start: int
    end: int
    output_start: int
    output_end: int
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """A token that a person should look at, and where it stands in the finished text."""

    output_start: int
    output_end: int
    reading: Reading


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text of a line.

    Attributes:
        text: As a person can see it: blanks at the edges of a change are signs.
        kind: "" for text that stayed, "changed", or "flagged" for what is to be looked at.
        edits: What changed it; empty where it stayed.
    """

    text: str
    kind: str = ""
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A line that was read, beside what became of it.

    Attributes:
        number: Counted from 1 in what was read.
        read: The line in pieces.
        repaired: What stands in the finished text in its place.
    """

    number: int
    read: tuple[Piece, ...]
    repaired: tuple[Piece, ...]

    @property
    def is_changed(self) -> bool:
        """Whether a stage changed something in it."""
        return any(piece.edits for piece in (*self.read, *self.repaired))

    @property
    def is_flagged(self) -> bool:
        """Whether a person should look at something in it."""
        return any(piece.kind == "flagged" for piece in self.repaired)


@dataclass(slots=True)
class _Group:
    """Edits of both stages whose places in the text between the stages overlap."""

    start: int
    end: int
    restoring: list[Edit]
    normalising: list[Edit]


def find_changes(result: PageResult) -> tuple[Change, ...]:
    """The edits of both stages as changes between what was read and the finished text.

    Returns:
        Changes in order of their start; none overlap. Edits of the two stages that touch the same
        letters are one change.
    """
    changes: list[Change] = []
    grown_before = grown_after = 0  # by the edits in front, of the first stage and of the second
    for group in _groups(result.restored.edits, result.normalised.edits):
        start, output_start = group.start - grown_before, group.start + grown_after
        grown_before += _growth(group.restoring)
        grown_after += _growth(group.normalising)
        end, output_end = group.end - grown_before, group.end + grown_after
        edits = (*group.restoring, *group.normalising)
        changes.append(Change(start, end, output_start, output_end, edits))
    return tuple(changes)


def find_flags(result: PageResult) -> tuple[Flag, ...]:
    """The restorer's flags with their places in the finished text."""
    flags = result.restored.flags
    spans = ((flag.output_start, flag.output_end) for flag in flags)
    places = output_spans(result.normalised.edits, spans)
    return tuple(Flag(*place, flag) for place, flag in zip(places, flags, strict=True))


def line_up(result: PageResult) -> tuple[Row, ...]:
    """The text that was read and the finished text, line by line side by side."""
    read, repaired = result.restored.source, result.text
    if not read and not repaired:
        return ()
    rows = _Rows()
    flags = find_flags(result)
    done = 0
    for change in find_changes(result):
        rows.add_same(repaired, done, change.output_start, flags)
        before = read[change.start : change.end]
        after = repaired[change.output_start : change.output_end]
        is_flagged = any(_among(flags, change.output_start, change.output_end))
        rows.add_change(before, after, change.edits, is_flagged=is_flagged)
        done = change.output_end
    rows.add_same(repaired, done, len(repaired), flags)
    return rows.close()


class _Rows:
    """Lines that are being filled from left to right."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._number = 1
        self._read: list[Piece] = []
        self._repaired: list[Piece] = []

    def add_same(self, text: str, start: int, end: int, flags: Sequence[Flag]) -> None:
        """Text that stayed as it was, with what is flagged in it."""
        for piece, is_flagged in _cut(text, start, end, flags):
            for place, part in enumerate(piece.split("\n")):
                if place:
                    self._break(1)
                if part:
                    shown = _printable(part)
                    self._read.append(Piece(shown))
                    self._repaired.append(Piece(shown, "flagged" if is_flagged else ""))

    def add_change(
        self, before: str, after: str, edits: tuple[Edit, ...], *, is_flagged: bool
    ) -> None:
        """Text that was changed; line ends in it are shown as signs."""
        self._read.append(Piece(visible(before) if before else "", "changed", edits))
        kind = "flagged" if is_flagged else "changed"
        self._repaired.append(Piece(visible(after) if after else "", kind, edits))
        if "\n" in before:
            self._break(before.count("\n"))

    def close(self) -> tuple[Row, ...]:
        """All lines, the last one included."""
        self._break(1)
        return tuple(self._rows)

    def _break(self, n_lines: int) -> None:
        self._rows.append(Row(self._number, tuple(self._read), tuple(self._repaired)))
        self._number += n_lines
        self._read, self._repaired = [], []


def _groups(restoring: Iterable[Edit], normalising: Iterable[Edit]) -> Iterator[_Group]:
    """The edits by their places in the text between the stages, in order."""
    found: list[_Group] = []
    grown = 0
    for edit in restoring:
        start = edit.start + grown
        found.append(_Group(start, start + len(edit.after), [edit], []))
        grown += _growth((edit,))
    found += (_Group(edit.start, edit.end, [], [edit]) for edit in normalising)
    found.sort(key=lambda group: (group.start, group.end))
    current: _Group | None = None
    for group in found:
        if current is not None and group.start < current.end:
            current.end = max(current.end, group.end)
            current.restoring += group.restoring
            current.normalising += group.normalising
            continue
        if current is not None:
            yield current
        current = group
    if current is not None:
        yield current


def _printable(text: str) -> str:
    """The text with what cannot be seen, or turns the text around it, as signs; blanks stay."""
    return "".join(char if char.isprintable() else visible(char) for char in text)


def _growth(edits: Iterable[Edit]) -> int:
    return sum(len(edit.after) - len(edit.before) for edit in edits)


def _among(flags: Sequence[Flag], start: int, end: int) -> Iterator[Flag]:
    """The flags that touch a span of the finished text."""
    first = bisect.bisect_right(flags, start, key=lambda flag: flag.output_end)
    return itertools.takewhile(
        lambda flag: flag.output_start < end, itertools.islice(flags, first, None)
    )


def _cut(text: str, start: int, end: int, flags: Sequence[Flag]) -> Iterator[tuple[str, bool]]:
    """A span of a text cut where flags begin and end, each piece with whether it is flagged."""
    for flag in _among(flags, start, end):
        yield text[start : flag.output_start], False
        stop = min(flag.output_end, end)
        yield text[max(start, flag.output_start) : stop], True
        start = stop
    yield text[start:end], False
