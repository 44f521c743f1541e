"""Text to tokens, without losing a character. First stage of restore/: str in, tokens out.

A chunk (what stands between white space) is opening punctuation, one or more cores joined by
`-` or `/`, and closing punctuation. Only cores are ever repaired. What must come back byte for
byte (numbers, dates, e-mails, addresses on the web) is told from words here, and so are the
numbers of official documents (`56/KH-UBND`), which are repaired by their grammar alone.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import regex

from vnrepair.language.letters import skeleton

__all__ = [
    "Kind",
    "Token",
    "core_kind",
    "ends_sentence",
    "is_roman_number",
    "split_chunk",
    "tokenise",
]

OPENING = "\"“”„‘’'`«‹([{<*•·_–—-+=~#™°º®©§"
CLOSING = "\"“”„‘’'`»›)]}>*•·_–—-+=~#.,;:!?…%™°º®©/"
APOSTROPHES = frozenset("'’")
ROMAN_WORDS = frozenset({"VI", "XI"})
"""Roman numbers that are also words, as in `VI PHẠM`."""
MAX_WORD_CHARS = 100
"""Longer chunks are no words of any language; they are kept as they are."""
SENTENCE_END = frozenset(".;!?…")


class Kind(Enum):
    """What a core is, and so what may be done to it."""

    WORD = "word"  # letters and what OCR makes of them: repaired through the channel
    NUMBER = "number"  # digits and their separators: kept
    DOCUMENT_ID = "document id"  # 56/KH-UBND: repaired inside its grammar
    ADDRESS = "address"  # URL, e-mail, file name: kept
    CODE = "code"  # letters and digits mixed otherwise: kept
    PUNCTUATION = "punctuation"  # kept
    KEPT = "kept"  # a word that the user asked to leave as it is
    FIGURE = "figure"  # a lone digit among words, which OCR may have made of a short word

    __hash__ = object.__hash__  # each member is one object, and tokens are looked up by it


@dataclass(frozen=True, slots=True)
class Token:
    """One core with the punctuation around it.

    Attributes:
        start: Code-point offset of the core in the text.
        text: The core.
        kind: What it is.
        lead: Punctuation glued in front.
        trail: Punctuation glued behind, the joining `-` or `/` included.
        glued: Whether the token follows its predecessor without white space.
        line: Index of the text line, counted from 0.
    """

    start: int
    text: str
    kind: Kind
    lead: str
    trail: str
    glued: bool
    line: int

    @property
    def end(self) -> int:
        """One past the last code point of the core."""
        return self.start + len(self.text)


_ADDRESS = regex.compile(
    r"(?:https?://|ftp://|www\.)\S+"
    r"|[\w.+-]++@[\w-]+(?:\.[\w-]+)+"
    r"|[\w-]+(?:\.[\w-]+)*\.(?:vn|com|org|net|gov|edu|info|html?|pdf|docx?|xlsx?)(?:/\S*)?"
    r"|[\w-]+\.(?:txt|csv|log|json|xml|py|js|exe|zip|rar|jpe?g|png|gif|mp[34]|pptx?)"
    r"|(?-i:/[a-z][a-z0-9_.-]+(?:/[\w.-]{2,})+)|[a-z]:\\\S+"  # folders, of Unix and of Windows
    r"|\w+(?:[._]\w+)+\(\S*|\w+\(\w+(?:[._]\w+)+|\w+\([\"']\S+",  # calls in code
    regex.IGNORECASE,
)
_NUMBER = regex.compile(r"[+-]?\d+(?:[.,:/x×–-]\d+)*(?:[.,]\d+)?%?°?")
# A number, then symbols of letters joined by / or -: 56/KH-UBND, 01/2023/QĐ-UBND, 04-KH/BCĐ.
_DOCUMENT_ID = regex.compile(
    r"\d[\d./–-]*[/–-]+\p{L}[\p{L}\d']*(?:[-–/.]+[\p{L}\d']+)*[-–/]*"
    r"|\p{Lu}[\p{L}']{1,7}(?:[-–/][\p{L}\d']{2,10})+[-–/]*"
)
_ROMAN = regex.compile(r"(?=[IVX]{2})X{0,3}(?:I[VX]|V?I{0,3})")
_DIGIT = regex.compile(r"\d")
# Between words stands a hyphen or slash, or a full stop or comma that lost its blank (`TP.Huế`).
_JOINED = regex.compile(r"[-–/]+|(?<=\p{L}\p{L})[.,;:](?=\p{L}\p{L})")


# Words joined by slashes, some of whose letters OCR may have read as figures: d6éng/ngudi.
_SLASHED = regex.compile(r"\p{Ll}[\p{L}]*\d?\p{L}*(?:/\p{Ll}\p{L}*\d?\p{L}*)+")
# Capitals that may be a syllable that lost its marks; two letters may be an abbreviation.
_CAPITALS = regex.compile(
    r"(?=\p{Lu}{3})(?:NGH?|GH|GI|KH|QU|[CNPT]H|TR|[BCDĐGHKLMNPRSTVX])?[AEIOUY]{1,3}(?:CH|NG|NH|[CMNPT])?"
)


def _is_slashed_words(core: str) -> bool:
    """Whether a chunk with slashes is words (`đồng/người`, `DONG/NGUOI`) and no document id."""
    if "/" not in core:
        return False
    pieces = core.split("/")
    if _SLASHED.fullmatch(core):
        return all(len(piece) > 1 for piece in pieces)
    return core.isupper() and all(_CAPITALS.fullmatch(skeleton(piece)) for piece in pieces)


def is_roman_number(core: str) -> bool:
    """Whether a core reads as a Roman number from II to XXXIX."""
    return _ROMAN.fullmatch(core) is not None


@functools.lru_cache(maxsize=32768)
def core_kind(core: str) -> Kind:
    """What a chunk without its outer punctuation is."""
    if len(core) > MAX_WORD_CHARS:
        return Kind.ADDRESS
    if _ADDRESS.fullmatch(core):
        return Kind.ADDRESS
    if _NUMBER.fullmatch(core) or (is_roman_number(core) and core not in ROMAN_WORDS):
        return Kind.NUMBER
    has_digit = _DIGIT.search(core) is not None
    if _DOCUMENT_ID.fullmatch(core) and (has_digit or core.upper() == core):
        return Kind.DOCUMENT_ID
    return Kind.CODE if has_digit else Kind.WORD


@functools.lru_cache(maxsize=65536)
def split_chunk(chunk: str) -> tuple[tuple[int, str, Kind, str, str], ...]:
    """Divide a chunk into (offset, core, kind, lead, trail), never empty.

    A chunk of punctuation alone is one PUNCTUATION token, so nothing of the text is lost.
    """
    body = chunk.lstrip(OPENING)
    lead = chunk[: len(chunk) - len(body)]
    core = body.rstrip(CLOSING)
    if body[len(core) : len(core) + 1] in APOSTROPHES and core and APOSTROPHES.isdisjoint(lead):
        core = body[: len(core) + 1]  # no quote was opened: OCR reads the horn of ư and ơ so
    if not core:
        return ((0, chunk, Kind.PUNCTUATION, "", ""),)
    trail = body[len(core) :]
    if trail.startswith(("-", "–")) and core_kind(core) is Kind.DOCUMENT_ID:
        core, trail = core + trail[0], trail[1:]  # an id broken at the end of a line
    kind = core_kind(core)
    offset = len(lead)
    is_joined = kind is Kind.WORD and _JOINED.search(core) is not None
    if not is_joined and not (kind is not Kind.ADDRESS and _is_slashed_words(core)):
        return ((offset, core, kind, lead, trail),)
    pieces: list[tuple[int, str, Kind, str, str]] = []
    position = 0
    for joint in _JOINED.finditer(core):
        piece = core[position : joint.start()]
        if piece:
            pieces.append((offset + position, piece, core_kind(piece), lead, joint.group()))
            lead = ""
        else:
            lead += joint.group()
        position = joint.end()
    if position < len(core):
        piece = core[position:]
        pieces.append((offset + position, piece, core_kind(piece), lead, trail))
    elif pieces:
        pieces[-1] = (*pieces[-1][:4], pieces[-1][4] + trail)
    return tuple(pieces) or ((0, chunk, Kind.PUNCTUATION, "", ""),)


def ends_sentence(trail: str) -> bool:
    """Whether punctuation behind a core closes a sentence or clause for the language model."""
    return not SENTENCE_END.isdisjoint(trail)


_CHUNK = regex.compile(r"[^\s]+")


def tokenise(text: str) -> Iterator[Token]:
    r"""All tokens of a text, in order.

    Args:
        text: NFC text; lines end in `\n`.

    Yields:
        Tokens; white space and the punctuation in `lead` and `trail` are all that lies between.

    >>> [token.text for token in tokenise("Số: 56/KH-UBND, ngày 15/3/2024.")]
    ['Số', '56/KH-UBND', 'ngày', '15/3/2024']
    """
    offset = 0
    for number, line in enumerate(text.split("\n")):
        for match in _CHUNK.finditer(line):
            glued = False
            for start, core, kind, lead, trail in split_chunk(match.group()):
                yield Token(offset + match.start() + start, core, kind, lead, trail, glued, number)
                glued = True
        offset += len(line) + 1
