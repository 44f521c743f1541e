"""Specks of a damaged page that were read as marks, told by how unsurely they were read.

In: a text and what its page says of each word; out: edits. The Vietnamese model of Tesseract reads
marks well, so a mark is no speck by what it is; but the engine is seldom sure of a speck. Each rule
below says how often it was right and wrong on rendered and damaged pages (mostly fax, low
resolution, stamps and specks), and none touches what was read surely, so that a clean page comes
back as it is. Letters and digits are never touched.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import regex

from vnrepair.records import Edit, Hypothesis
from vnrepair.restore.evidence import PageEvidence
from vnrepair.restore.term_spans import without_touching

__all__ = ["speck_edits"]

UNSURE, DOUBTED, HARDLY_READ = 0.93, 0.9, 0.8
"""Confidences below which a rule applies. Tesseract gives 0.96 to most right words of its
Vietnamese model; of those above 0.93 one in a hundred is wrong, of those at 0.9 one in four."""
SURE = 1.0
"""Of what the page says nothing about: no rule applies."""

LONG_DASH = "—"
_CHUNK = regex.compile(r"\S+")
_LONE = regex.compile(r"['‘’`´ˆ^¬_®\"‹›:.,;—~-]{1,2}")
_LIST_MARKS = frozenset({"-", "--", "—", "——", "—-", "-—", "~", "~-"})
_LINE_FRONTS = {"~": "-", "~-": "-", "—": "–", "©)": "c)", "€)": "c)"}
_FRONT = regex.compile(r"[:!.;?¿›=^`_¬]+(?=\p{L})")
_COLON_OR_STOP = regex.compile(r"(?<=\p{Ll})[:.]$")
_OTHER_END = regex.compile(r"(?<=\p{Ll})[?!^*=+]$")


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What stands between white space, where, how surely it was read, and what else it may be."""

    text: str
    start: int
    confidence: float
    others: tuple[Hypothesis, ...]

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def speck_edits(source: str, evidence: PageEvidence) -> list[Edit]:
    """Marks that are no marks, and marks of lists that were misread.

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
        found = [*_edits_of(chunks, source)]
        taken = [(edit.start, edit.end) for edit in sorted(found, key=lambda edit: edit.start)]
        edits += found
        edits += without_touching(itertools.chain.from_iterable(map(_outvoted, chunks)), taken)
        start += len(line) + 1
    return edits


def _chunk(text: str, start: int, evidence: PageEvidence) -> _Chunk:
    said = evidence.at(start)
    if said is None:
        return _Chunk(text, start, SURE, ())
    return _Chunk(text, start, said.confidence, said.others)


def _edits_of(chunks: list[_Chunk], source: str) -> Iterator[Edit]:
    """The edits of one line of the text."""
    front = 0  # chunks from the start of the line that are taken out
    for index, chunk in enumerate(chunks):
        if chunk.confidence >= UNSURE:
            continue
        if index == 0 and chunk.text in _LINE_FRONTS:
            # `~` was a dash 24 times, another mark 5; `—` a shorter dash 9:0; `©)` was `c)` 9:0.
            yield _edit(chunk.start, chunk.text, _LINE_FRONTS[chunk.text])
        elif chunk.text == LONG_DASH and chunk.confidence < DOUBTED and index < len(chunks) - 1:
            yield _edit(chunk.start, LONG_DASH, "–")  # inside a line 8:0
        elif _is_speck(chunk, is_last=index == len(chunks) - 1):
            is_front = index == front
            front += is_front
            # The blank that divides it from its neighbour goes, too.
            start = chunk.start if is_front else chunks[index - 1].end
            end = chunks[index + 1].start if is_front and index + 1 < len(chunks) else chunk.end
            yield _edit(start, source[start:end], "")
        elif match := _FRONT.match(chunk.text):  # 40:1
            yield _edit(chunk.start, match.group(), "")
    for one, other in itertools.pairwise(chunks):
        # A pause in front of a small letter: a colon or full stop 60:8, another mark 20:1.
        if other.text[:1].islower() and (
            (one.confidence < DOUBTED and (match := _COLON_OR_STOP.search(one.text)))
            or (one.confidence < HARDLY_READ and (match := _OTHER_END.search(one.text)))
        ):
            yield _edit(one.start + match.start(), match.group(), "")


def _outvoted(chunk: _Chunk) -> Iterator[Edit]:
    """Marks at the edges of a word that a surer reading of it does not have: 28:1."""
    for other in chunk.others:
        if not any(c.isalnum() for c in other.text):
            continue
        before, found, behind = chunk.text.partition(other.text)
        is_core = not any(c.isalnum() for c in before + behind)
        if found and is_core and other.text != chunk.text and other.confidence > chunk.confidence:
            if before:
                yield _edit(chunk.start, before, "")
            if behind:
                yield _edit(chunk.end - len(behind), behind, "")
            return


def _is_speck(chunk: _Chunk, *, is_last: bool) -> bool:
    """Whether marks that stand alone are none: 115:1, counting what no mark stands for as right."""
    if chunk.confidence >= DOUBTED or not _LONE.fullmatch(chunk.text):
        return False
    return is_last or chunk.text not in _LIST_MARKS


def _edit(start: int, before: str, after: str) -> Edit:
    return Edit(start, start + len(before), before, after, "restore/mark")
