"""What the English model of Tesseract does beside misreading letters, and rules that undo it.

Dashes and strokes, Roman numbers in front of headings, and marks of letters that ended up behind
their word. In: text or tokens; out: edits, or tokens that are cut or marked anew.
"""

import dataclasses

import regex

from vnrepair.records import Edit
from vnrepair.restore.tokenise import Kind, Token, is_roman_number

__all__ = [
    "FALSE_ENDINGS",
    "as_figure",
    "is_fixed",
    "mark_edits",
    "numeral_edits",
    "with_false_ending",
]

FALSE_ENDINGS = frozenset("?!*°")
"""Marks that OCR makes of the hook or horn of a last letter."""


MARKS = {"—": "–", "—-": "–", "_-": "-"}
"""What lone marks were, three times in four or more, on the training pages of the channel."""
_LONE_MARK = regex.compile(r"(?<!\S)(?:—-?|_-)(?!\S)")
_RUINED_NUMERAL = regex.compile(r"(?m)^[ \t]*\K(?=[1l|!]*[IVX])[IVX1l|!]{2,5}(?=\.[ \t])")
_STROKES = str.maketrans("1l|!", "IIII")
_STRAY_STROKE = regex.compile(r"(?<!\S)_+(?=\p{L})")
UNITS = frozenset({"m2", "m3", "km2", "cm2", "cm3", "dm2", "A0", "A1", "A2", "A3", "A4", "A5"})
"""Codes that are written so in every kind of text: measures and sheet sizes."""


def mark_edits(source: str) -> list[Edit]:
    """Lone dashes, and strokes in front of words, that the English model misreads."""
    edits = [
        Edit(match.start(), match.end(), match.group(), MARKS[match.group()], "restore/mark")
        for match in _LONE_MARK.finditer(source)
    ]
    edits += [
        Edit(match.start(), match.end(), match.group(), "", "restore/mark")
        for match in _STRAY_STROKE.finditer(source)
    ]
    return edits


def numeral_edits(source: str) -> list[Edit]:
    """Roman numbers in front of headings, whose strokes were read as figures, bars or small l."""
    edits: list[Edit] = []
    for match in _RUINED_NUMERAL.finditer(source):
        numeral = match.group().translate(_STROKES)
        if is_roman_number(numeral) and numeral != match.group():
            edits.append(
                Edit(match.start(), match.end(), match.group(), numeral, "restore/numeral")
            )
    return edits


def with_false_ending(token: Token, following: Token) -> Token:
    """Take a mark that cannot end a sentence into the word, whose hook or horn it may have been."""
    if (
        token.kind in (Kind.WORD, Kind.CODE)
        and len(token.trail) == 1
        and token.trail in FALSE_ENDINGS
        and following.line == token.line
        and not following.lead
        and following.text[:1].islower()
    ):
        return dataclasses.replace(token, text=token.text + token.trail, trail="")
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
    alone = token.kind is Kind.NUMBER and len(token.text) == 1 and not token.lead + token.trail
    if alone and previous.line == token.line and previous.kind is Kind.WORD and not token.glued:
        return dataclasses.replace(token, kind=Kind.FIGURE)
    return token
