"""What lists and headings count with, repaired by the order in which one counts.

Roman numbers whose strokes were read as figures, bars or other letters, and the point `đ)` that
lost its stroke. In: text; out: edits.

Source:
    Parts are counted with Roman numbers and points with the letters of the Vietnamese alphabet:
    Decree 30/2020/NĐ-CP on clerical work, Annex I.
"""

import regex

from vnrepair.records import Edit
from vnrepair.restore.evidence import PageEvidence
from vnrepair.restore.tokenise import is_roman_number

__all__ = ["heading_edits", "item_edits", "numeral_edits"]

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

_ROMAN_HEADING = regex.compile(r"(?m)^[ \t]*\K(?P<number>[GIVXHL]{1,5})\.(?=[ \t])")
_MERGED_STROKES = str.maketrans({"H": "II", "L": "I"})
_UNITS = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_ORDER = tuple("X" * (number // 10) + _UNITS[number % 10] for number in range(40))
UNSURE = 0.95
"""Confidence below which a heading may be another one: of `II.` for `III.` all 16 were read so."""


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


def heading_edits(source: str, evidence: PageEvidence) -> list[Edit]:
    """Roman numbers of headings that lost a stroke, where the order of counting tells.

    The Vietnamese model of Tesseract reads `III.` as `II.` (13 times of 18 on rendered pages, and
    never as itself) and `II.` as `H.` or `IL.`.

    Args:
        source: NFC text.
        evidence: What the page says of it; headings that were read surely stay.

    Returns:
        Edits in order, none overlapping.
    """
    edits: list[Edit] = []
    last, before = 0, ""
    for match in _ROMAN_HEADING.finditer(source):
        said = evidence.at(match.start("number"))
        number, before, previous = match["number"], match["number"], before
        if number in {"G", "L"} or (number, previous) == ("H", "G"):
            continue  # a list by letters, or an initial
        following = _ORDER[last + 1] if last + 1 < len(_ORDER) else ""
        is_next = number.translate(_MERGED_STROKES) == following
        is_repeated = last > 1 and number == _ORDER[last]
        lost_stroke = is_repeated and number.endswith("I") and number + "I" == following
        if said is not None and said.confidence < UNSURE and (is_next or lost_stroke):
            if number != following:
                start, end = match.span("number")
                edits.append(Edit(start, end, number, following, "restore/numeral"))
            number = following
        last = _ORDER.index(number) if number in _ORDER else last
    return edits


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
