"""What the English model of Tesseract does beside misreading letters, and rules that undo it.

Dashes, strokes, quotes and specks, and marks of letters that ended up behind their word. In: text
or tokens; out: edits, or tokens that are cut or marked anew.
"""

import dataclasses
from collections.abc import Container

import regex

from vnrepair.records import Edit
from vnrepair.restore.tokenise import Kind, Token

__all__ = [
    "FALSE_ENDINGS",
    "as_figure",
    "is_fixed",
    "mark_edits",
    "with_false_ending",
]

FALSE_ENDINGS = frozenset("?!*°")
"""Marks that OCR makes of the hook or horn of a last letter."""


MARKS = {"—": "–", "—-": "–", "_-": "-"}
"""What lone marks were, three times in four or more, on the training pages of the channel."""
_LONE_MARK = regex.compile(r"(?<!\S)(?:—-?|_-)(?!\S)")
_STRAY_STROKE = regex.compile(r"(?<!\S)_+(?=\p{L})")
_SPECK = regex.compile(r"[ \t]*(?<!\S)[‘’'`~^°©®|_]{1,2}(?!\S)")
"""Chunks of one or two marks that no text has alone: specks, and the edges of the sheet."""
_CLOSING_SIGN = regex.compile(r"(?<=[\p{L}\d]) ?(?:[™®]+| ”)(?=[.,;:)]*(?!\S))")
_SINGLE_QUOTE = regex.compile(
    r"(?<!\S)[(“\"]?\K[‘'](?=\p{L})|(?<=[\p{L}\d])[‘'’](?=[.,;:)]*(?!\S))"
)
_BULLET = regex.compile(r"(?m)^[ \t]*[-+–](?P<blank>[ \t]*)(?=\p{L}\p{L})")
MIN_BULLETS, BULLET_SHARE = 5, 0.8
"""So many dashes in front of lines, and this share of all, with a blank behind them are a habit."""

FIGURE_TRAILS = frozenset({"", ",", ";", "."})
UNITS = frozenset({"m2", "m3", "km2", "cm2", "cm3", "dm2", "A0", "A1", "A2", "A3", "A4", "A5"})
"""Codes that are written so in every kind of text: measures and sheet sizes."""


def mark_edits(source: str) -> list[Edit]:
    """Marks that the English model misreads, or makes of specks.

    Args:
        source: NFC text.

    Returns:
        Edits in no order; some may overlap edits of words, which come first.
    """
    edits = [
        Edit(match.start(), match.end(), match.group(), MARKS[match.group()], "restore/mark")
        for match in _LONE_MARK.finditer(source)
    ]
    edits += [
        Edit(match.start(), match.end(), match.group(), "", "restore/mark")
        for match in _STRAY_STROKE.finditer(source)
    ]
    start = 0
    for line in source.split("\n"):
        found = (*_speck_edits(line), *_closing_quote_edits(line), *_single_quote_edits(line))
        edits += (
            dataclasses.replace(edit, start=start + edit.start, end=start + edit.end)
            for edit in found
        )
        start += len(line) + 1
    return edits + _bullet_edits(source)


def _speck_edits(line: str) -> list[Edit]:
    """Marks that stand alone; bars that divide a table are none."""
    is_table = line.count("|") > 1
    return [
        Edit(match.start(), match.end(), match.group(), "", "restore/mark")
        for match in _SPECK.finditer(line)
        if not (is_table and "|" in match.group())
    ]


def _closing_quote_edits(line: str) -> list[Edit]:
    """Closing quotes that were read as a trademark, or with a blank in front of them."""
    edits: list[Edit] = []
    for match in _CLOSING_SIGN.finditer(line):
        before = line[: match.start()]
        if before.count("“") > before.count("”"):
            edits.append(Edit(match.start(), match.end(), match.group(), "”", "restore/mark"))
    return edits


def _single_quote_edits(line: str) -> list[Edit]:
    """Single quotes that nothing opens or closes in their line: specks beside a word."""
    found = list(_SINGLE_QUOTE.finditer(line))
    opening = sum(not m.start() or line[m.start() - 1] in ' \t(“"' for m in found)
    if opening not in (0, len(found)):
        return []
    return [Edit(m.start(), m.end(), m.group(), "", "restore/mark") for m in found]


def _bullet_edits(source: str) -> list[Edit]:
    """Blanks behind the dashes of a list, where nearly all dashes of the text have one."""
    bullets = list(_BULLET.finditer(source))
    tight = [match for match in bullets if not match["blank"]]
    if len(bullets) - len(tight) < max(MIN_BULLETS, BULLET_SHARE * len(bullets)):
        return []
    spans = [(match.end() - 1, match.end()) for match in tight]
    return [Edit(a, b, source[a:b], source[a:b] + " ", "restore/mark") for a, b in spans]


def with_false_ending(
    token: Token, following: Token, readings: Container[str] = frozenset()
) -> Token:
    """Take a mark that cannot end a sentence into the word, whose hook or horn it may have been.

    Args:
        token: A token.
        following: The one behind it.
        readings: What words are known to come out as, such as `ct?` for `cứ`.
    """
    mark, rest = token.trail[:1], token.trail[1:]
    if token.kind not in (Kind.WORD, Kind.CODE) or mark not in FALSE_ENDINGS:
        return token
    # No sentence ends in front of a small letter or a figure, and none with a mark and a comma.
    goes_on = following.line == token.line and not following.lead
    starts = following.text[:1]
    is_inside = starts.islower() or starts.isdigit() or token.text + mark in readings
    is_inside |= len(following.text) > 1 and token.text.isupper() and following.text.isupper()
    if (not rest and goes_on and is_inside) or rest in {",", ";"}:
        return dataclasses.replace(token, text=token.text + mark, trail=rest)
    return token


def is_fixed(token: Token, previous: Token | None) -> bool:
    """Whether a token is a unit, or counts a list item, such as `a)` or `1l.` for `11.`."""
    if len(token.text) == 1 and token.text.isalpha():
        return token.trail.startswith(")")
    if token.text in UNITS:
        return True
    starts_line = previous is None or previous.line != token.line
    is_short = token.kind is Kind.CODE and len(token.text) <= 3
    return starts_line and is_short and token.trail[:1] in {".", ")"}


def as_figure(token: Token, previous: Token) -> Token:
    """Mark a lone digit inside a line; those that count list items or end a phrase are numbers."""
    # What looks most like a word, `ở`, may stand before a mark too.
    marks = FIGURE_TRAILS if token.text == "6" else {""}
    alone = token.kind is Kind.NUMBER and len(token.text) == 1 and not token.lead
    follows = previous.kind is Kind.WORD and previous.line == token.line and not token.glued
    if alone and follows and token.trail in marks:
        return dataclasses.replace(token, kind=Kind.FIGURE)
    return token
