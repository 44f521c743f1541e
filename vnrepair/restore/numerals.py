"""What lists and headings count with, repaired by the order in which one counts.

Roman numbers whose strokes were read as figures, bars or other letters, and the point `đ)` that
lost its stroke. In: text; out: edits.

Source:
    Parts are counted with Roman numbers and points with the letters of the Vietnamese alphabet:
    Decree 30/2020/NĐ-CP on clerical work, Annex I.
"""

import regex

from vnrepair.records import Edit
from vnrepair.restore.tokenise import is_roman_number

__all__ = ["item_edits", "numeral_edits"]

_STROKES = str.maketrans("1l|!{}TLJ", "IIIIIIIII")
_FIGURE = "[IVX1l|!TJ]"
_HEADING = regex.compile(
    rf"(?m)^[ \t]*[‘'*]?\K(?=[1l|!TJ]*[IVX]){_FIGURE}{{2,5}}(?=[.-][ \t])"
    r"|^[ \t]*\K[|!l]{1,3}(?=\.[ \t])"
)
"""In front of a heading: `I1.`, `|.`, `lll.`"""
_MIXED = regex.compile(
    r"(?<![\p{L}\d./-])(?:(?=[1l|!]*[IVX])(?=[IVX]*[1l|!])[IVX1l|!]{3,6}|Il)(?![\p{L}\d/-])"
)
"""Three characters or more, some of which only Roman numbers have, others their strokes: `XX1`;
and two that no word is spelt with."""
_COUNTED = (
    r"ph[uy]\W? ?l[uy]c|ch[uvw]+?[o’']*ng|ph[aé4]n|m[uy]c|qu[yv]|th[utư]+|kho[aádé]|lo[ae]i|h[ad]ng"
)
_BEHIND_COUNTED = regex.compile(
    rf"(?i:(?<![\p{{L}}\d])(?:{_COUNTED})) \K(?=[1l|!{{}}TLJ]*[IVX])[IVX1l|!{{}}TLJ]{{2,5}}"
    r"(?![\p{L}\d/-])"
)
"""Behind what is counted with them, garbled or not: phụ lục, chương, phần, mục, quý, thứ, khóa,
loại, hạng."""
_ITEM = regex.compile(r"(?m)^[ \t]*(?P<letter>[a-zđ©])(?P<end>[)}\]])(?=[ \t]|$)")
_COUNTED_LINE = regex.compile(r"(?m)^[ \t]*[“\"]?(?P<number>\d{1,2})(?P<end>[.,])(?=[ \t]+\p{Lu})")


def numeral_edits(source: str) -> list[Edit]:
    """Roman numbers that were misread.

    Args:
        source: NFC text.

    Returns:
        Edits in order, none overlapping.

    >>> [(edit.before, edit.after) for edit in numeral_edits("I1. Nhiem vu; Phu luc IT")]
    [('I1', 'II'), ('IT', 'II')]
    """
    found: dict[int, Edit] = {}
    for pattern in (_HEADING, _BEHIND_COUNTED, _MIXED):
        for match in pattern.finditer(source):
            before, start = match.group(), match.start()
            numeral = before.translate(_STROKES)
            is_number = numeral == "I" or is_roman_number(numeral)
            if is_number and numeral != before:
                found.setdefault(
                    start, Edit(start, match.end(), before, numeral, "restore/numeral")
                )
    return [found[start] for start in sorted(found)]


def item_edits(source: str) -> list[Edit]:
    """What counts the points and lines of lists, where it breaks the order of counting.

    A second `d)` is `đ)`; `b}` is `b)` and `©)` is `c)`; `4,` behind a line `3.` is `4.`.

    Args:
        source: NFC text.

    Returns:
        Edits in order.
    """
    edits: list[Edit] = []
    previous = ""
    for match in _ITEM.finditer(source):
        letter = "c" if match["letter"] == "©" else match["letter"]
        if letter == previous == "d":
            letter = "đ"
        previous = letter
        edits.append(_item_edit(match, 1, letter + ")"))
    number = 0
    for match in _COUNTED_LINE.finditer(source):
        follows = int(match["number"]) == number + 1
        if match["end"] == "." or follows:
            number = int(match["number"])
            edits.append(_item_edit(match, 1, match["number"] + "."))
    return sorted(
        (edit for edit in edits if edit.before != edit.after), key=lambda edit: edit.start
    )


def _item_edit(match: regex.Match[str], group: int, after: str) -> Edit:
    start, end = match.start(group), match.end("end")
    return Edit(start, end, match.string[start:end], after, "restore/numeral")
