"""Specks of a damaged page that were read as marks, told by how unsurely they were read.

In: a text and what its page says of each word; out: edits. The Vietnamese model of Tesseract reads
marks well, so a mark is no speck by what it is; but the engine is seldom sure of a speck. Each rule
below says how often it was right and wrong on rendered and damaged pages whose unsure words were
read twice (mostly fax, low resolution, stamps and specks); a tie is a mark of a word that is wrong
either way. None touches what was read surely, so that a clean page comes back as it is. Letters and
digits are never touched.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import regex

from vnrepair.language.syllables import is_valid_syllable
from vnrepair.records import Edit
from vnrepair.restore.evidence import PageEvidence

__all__ = ["speck_edits"]

NOT_SURE, UNSURE, DOUBTED, HARDLY_READ = 0.96, 0.93, 0.9, 0.8
"""Confidences below which a rule applies. Tesseract gives 0.96 and more to most right words of its
Vietnamese model; of those one in 150 is wrong, of those at 0.9 one in eight."""
SURE = 1.0
"""Of what the page says nothing about: no rule applies."""

LONG_DASH = "—"
_CHUNK = regex.compile(r"\S+")
_LONE = regex.compile(r"['‘’`´ˆ^¬_®\"‹›:.,;—~-]{1,2}")
_LIST_MARKS = frozenset({"-", "--", "—", "——", "—-", "-—", "~", "~-"})
_LINE_FRONTS = {"~": "-", "~-": "-", "—": "–", "©)": "c)", "€)": "c)"}
_PAUSE = regex.compile(r"(?<=(?P<word>\p{L}*\p{Ll}))[:.]$")
_COUNTED = frozenset({"điều", "khoản", "điểm", "số", "ngày", "tháng", "năm", "mục", "chương"})
"""A mark behind them was a number."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What stands between white space, where, and how surely it was read."""

    text: str
    start: int
    confidence: float

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def speck_edits(source: str, evidence: PageEvidence) -> list[Edit]:
    """Marks that are no marks, and marks that were misread.

    Args:
        source: NFC text.
        evidence: What the page says of it; where it says nothing, nothing is done.

    Returns:
        Edits in no order, none overlapping.
    """
    edits: list[Edit] = []
    start = 0
    for line in source.split("\n") if evidence else ():
        chunks = [
            _chunk(match.group(), start + match.start(), evidence)
            for match in _CHUNK.finditer(line)
        ]
        edits += _edits_of(chunks, source)
        edits += filter(None, itertools.starmap(_misread_pause, itertools.pairwise(chunks)))
        start += len(line) + 1
    return edits


def _chunk(text: str, start: int, evidence: PageEvidence) -> _Chunk:
    said = evidence.at(start)
    return _Chunk(text, start, SURE if said is None else said.confidence)


def _edits_of(chunks: list[_Chunk], source: str) -> Iterator[Edit]:
    """The edits of the lone marks of one line of the text."""
    front = 0  # chunks from the start of the line that are taken out
    for index, chunk in enumerate(chunks):
        if chunk.confidence >= UNSURE:
            continue
        if index == 0 and chunk.text in _LINE_FRONTS:
            # 49:0; what `~` stood for is a hyphen or a longer dash.
            yield _edit(chunk.start, chunk.text, _LINE_FRONTS[chunk.text])
        elif chunk.text == LONG_DASH and chunk.confidence < DOUBTED and index < len(chunks) - 1:
            yield _edit(chunk.start, LONG_DASH, "–")  # inside a line 13:0
        elif _is_speck(chunks, index):
            is_front = index == front
            front += is_front
            # The blank that divides it from its neighbour goes, too.
            start = chunk.start if is_front else chunks[index - 1].end
            end = chunks[index + 1].start if is_front and index + 1 < len(chunks) else chunk.end
            yield _edit(start, source[start:end], "")


def _misread_pause(one: _Chunk, following: _Chunk) -> Edit | None:
    """A colon or full stop in front of a small letter, which is none or a comma."""
    match = _PAUSE.search(one.text)
    if match is None or not following.text[:1].islower():
        return None
    place, mark, word = one.start + match.start(), match.group(), match["word"].lower()
    if one.confidence < (HARDLY_READ if mark == "." else DOUBTED):
        return _edit(place, mark, "")  # a full stop 10:0, a colon 10:1
    # A comma that lost its tail: 60:3. Abbreviations are no syllables: `tr.`, `kg.`.
    is_comma = mark == "." and len(word) > 1 and is_valid_syllable(word)
    return _edit(place, mark, ",") if is_comma and one.confidence < NOT_SURE else None


def _is_speck(chunks: list[_Chunk], index: int) -> bool:
    """Whether marks that stand alone are none: 25:2, counting what no mark stands for as right."""
    chunk = chunks[index]
    if chunk.confidence >= DOUBTED or not _LONE.fullmatch(chunk.text):
        return False
    if index and chunks[index - 1].text.lower() in _COUNTED:
        return False
    return index == len(chunks) - 1 or chunk.text not in _LIST_MARKS


def _edit(start: int, before: str, after: str) -> Edit:
    return Edit(start, start + len(before), before, after, "restore/mark")
