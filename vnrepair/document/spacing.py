"""Spacing steps of the normaliser: blanks inside lines and blank lines between them.

Each step takes text and returns edits of it that only take white space away. Lines of a table,
that is two or more in a row (blank lines aside) with a gap of three blanks or a tab between words,
keep their blanks, because these hold the columns; only what trails them goes.
"""

import re
from collections.abc import Iterator

from vnrepair.records import Edit

__all__ = ["collapse_blanks", "drop_blank_lines", "tighten_punctuation", "trim_lines"]

_CAUSE = "normalise/spacing"

_GAP = re.compile(r"(?<=\S)(?:   |\t| \t|  \t)[ \t]*(?=\S)")
_TRAILING = re.compile(r"(?<![ \t])[ \t]+(?=[\n\r\f]|\Z)")
_LEADING = re.compile(r"(?:\A|(?<=[\n\r\f]))[ \t]+")
_RUN = re.compile(r"(?: [ \t]+|\t[ \t]*)(?=[^ \t\n\r\f])")
_BLANK_LINES = re.compile(r"(?:\A|(?<=\n))\n{2,}")

# One blank before a closing sign. A point that begins an ellipsis, an extension or a number
# (` ...`, ` .vn`, ` .5`) and a sign between digits (`1 : 5`) do not close; brackets left open to be
# filled in (`( )`) and smileys stay.
_BEFORE_CLOSING = re.compile(
    r"""[ ](?:
      (?<=[^\s(\[“«,;:.!?…-][ ])(?=(?:[.,]|[!?]+)(?:[\s)\]”"]|\Z)|[;:](?:\s|\Z))
    | (?<=[^\s(\[“«:;=][ ])(?=[)\]])
    | (?<=[^\s(\[“«][ ])(?=”(?:[\s.,;:!?)\]]|\Z))
    )""",
    re.VERBOSE,
)
_AFTER_OPENING = re.compile(
    r"""[ ](?:
      (?<=[(\[][ ])(?<![:;=][(\[][ ])
    | (?<=[\s(\[]“[ ])
    | (?<=\A“[ ])
    )(?=[^\s)\]”»])""",
    re.VERBOSE,
)
_QUOTE_WINDOW_CHARS = 2_000  # how far back a quotation may have begun


def trim_lines(text: str) -> list[Edit]:
    """Remove blanks at the ends of lines, and the indentation of lines outside tables."""
    edits = [_delete(match) for match in _TRAILING.finditer(text)]
    for start, end in _prose(text):
        edits += [_delete(match) for match in _LEADING.finditer(text, start, end)]
    # A line of blanks alone is both indentation and trailing.
    return sorted(set(edits), key=lambda edit: edit.start)


def collapse_blanks(text: str) -> list[Edit]:
    """One blank for each run of blanks inside a line outside tables."""
    return [
        Edit(*match.span(), match[0], " ", _CAUSE)
        for start, end in _prose(text)
        for match in _RUN.finditer(text, start, end)
    ]


def tighten_punctuation(text: str) -> list[Edit]:
    """No blank before closing signs nor after opening ones, outside tables and numbers."""
    edits: list[Edit] = []
    for start, end in _prose(text):
        closing = _BEFORE_CLOSING.finditer(text, start, end)
        edits += [_delete(match) for match in closing if _closes(text, match.start())]
        edits += [_delete(match) for match in _AFTER_OPENING.finditer(text, start, end)]
    return sorted(set(edits), key=lambda edit: edit.start)


def drop_blank_lines(text: str) -> list[Edit]:
    """One blank line for each run of blank lines."""
    return [
        Edit(match.start(), match.end() - 1, match[0][1:], "", _CAUSE)
        for match in _BLANK_LINES.finditer(text)
    ]


def _delete(match: re.Match[str]) -> Edit:
    return Edit(*match.span(), match[0], "", _CAUSE)


def _closes(text: str, blank: int) -> bool:
    """Whether the sign behind this blank belongs to what stands before it."""
    sign = text[blank + 1]
    if sign == "”":  # only when the last quotation mark was an opening one
        window = max(0, blank - _QUOTE_WINDOW_CHARS)
        return text.rfind("“", window, blank) > text.rfind("”", window, blank)
    if sign in ".,:;" and text[blank - 1].isdigit():
        return not text[blank + 2 : blank + 4].lstrip(" \t")[:1].isdigit()
    return True


def _prose(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the lines that are not of a table, neighbours joined, line ends included."""
    if not _GAP.search(text):
        yield 0, len(text)
        return
    begin = start = 0
    for line, in_table in _table_lines(text):
        end = min(start + len(line) + 1, len(text))
        if in_table:
            if begin < start:
                yield begin, start
            begin = end
        start = end
    if begin < len(text):
        yield begin, len(text)


def _table_lines(text: str) -> Iterator[tuple[str, bool]]:
    """Every line with whether it belongs to a table."""
    lines = text.split("\n")
    filled = [i for i, line in enumerate(lines) if line.strip()]
    has_gap = [_GAP.search(lines[i]) is not None for i in filled]
    rows = {
        i
        for place, i in enumerate(filled)
        if has_gap[place]
        and any(has_gap[max(0, place - 1) : place] + has_gap[place + 1 : place + 2])
    }
    return ((line, i in rows) for i, line in enumerate(lines))
