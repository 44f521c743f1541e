"""Whether the text that a PDF page brought along is worth more than reading the page again.

In come the words of the layer, out goes what is wrong with them. A layer may be what the author
typed, the good or bad reading of a scanner, or codes of a font that mean nothing outside it
(TCVN3, VNI). Nobody says which, so the words themselves are looked at: Vietnamese syllables obey
strict rules, and hardly any garbling leaves most of them standing. Pages in other languages obey
none of these rules and are told by that.
"""

import dataclasses
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from vnrepair.language.letters import Tone, skeleton
from vnrepair.language.syllables import ONSETS, RIMES, Syllable, compose_syllable, is_valid_syllable

__all__ = ["LayerCensus", "find_fault", "take_census"]

_MIN_TOKENS = 8  # fewer words than a line has tell nothing of a language
_MAX_STRANGE_SHARE = 0.12  # typed pages stay below 0.02, the codes of TCVN3 lie above 0.4
_MIN_SHAPED_SHARE = 0.62  # Vietnamese, garbled or not: 0.8 to 1.0; English and French: below 0.45
_MIN_MARKED_SHARE = 0.3  # Vietnamese: 0.8 to 0.95; read with English language data: below 0.15
_MIN_VALID_SHARE = 0.92  # of typed pages nearly all words are; names of other languages are not
_MIN_VALID_SHARE_SCANNED = 0.985  # over a scan; Tesseract's own Vietnamese readings: 0.99, 1.0

# Of a text that is no Vietnamese: French has accents on 0.2 of its words, the codes of VNI on 0.9;
# a third of the words of shifted codes lacks vowels.
_MAX_ACCENTED_SHARE = 0.5
_MIN_VOICED_SHARE = 0.85

_TOKEN_TRIM = re.compile(r"^[^\w(]+|[^\w)]+$")
_CID = re.compile(r"\(cid:\d+\)")
# Letters, perhaps with points, hyphens, slashes or apostrophes between: `CT-TTg`, `Th.S`, `don't`.
_PLAIN = re.compile(r"[^\W\d_]+(?:[-–./'’&+][^\W\d_]+)*\.?")
_LETTERS = re.compile(r"[^\W\d_]+")
_HAS_INNER_ODDITY = re.compile(r"[^\W\d_][^\w\s./\-–—:,;@&+'’()\"“”…%]+[^\W_]|[^\W\d_]\d+[^\W\d_]")
_LATIN_1_ODDITIES = frozenset("µ¸¹·«»®¬¦§¨©ª­¯°±²³´¶º¼½¾¿×÷¢£¤¥")


@dataclass(frozen=True, slots=True)
class LayerCensus:
    """Counts of the words of a layer.

    Attributes:
        tokens: Words with a letter in them, or with a code that is none.
        strange: Of those, words with codes that stand for nothing, or with signs amid letters.
        latin: Runs of Latin letters in the others, two letters or more.
        accented: Of those, runs with more than the letters a to z.
        voiced: Of those, runs with a vowel.
        shaped: Of those, runs that would be a Vietnamese syllable with other marks.
        valid: Of the shaped, those that are one as they stand.
        marked: Of the valid, those with a mark.
    """

    tokens: int
    strange: int
    latin: int
    accented: int
    voiced: int
    shaped: int
    valid: int
    marked: int


def take_census(words: Iterable[str]) -> LayerCensus:
    """Count what the words of a layer are.

    Args:
        words: NFC, without white space.
    """
    counts: Counter[str] = Counter()
    for word in words:
        token = _TOKEN_TRIM.sub("", word)
        if _is_strange(word):
            counts.update(("tokens", "strange"))
        elif any(char.isalpha() for char in token):
            counts["tokens"] += 1
            for run in _LETTERS.findall(token):
                if len(run) > 1 and _is_latin(run) and not (run.isupper() and _is_code(token)):
                    counts.update(_classes(run))
    return LayerCensus(**{item.name: counts[item.name] for item in dataclasses.fields(LayerCensus)})


def _classes(run: str) -> Iterator[str]:
    """The counts of a census that a run of Latin letters belongs to."""
    base = skeleton(run).lower()
    yield "latin"
    if not run.isascii():
        yield "accented"
    if any(char in "aeiouy" for char in base):
        yield "voiced"
    if base in _syllable_skeletons():
        yield "shaped"
        if is_valid_syllable(run):
            yield "valid"
            if not run.isascii():
                yield "marked"


def find_fault(census: LayerCensus, *, is_scan: bool) -> str | None:
    """What is wrong with a layer, for a person; None where it may be taken as it is.

    Args:
        census: Of its words.
        is_scan: The page is an image with the layer over it: some engine read it, and must have
            read it well to be believed.
    """
    if census.tokens and census.strange > _MAX_STRANGE_SHARE * census.tokens:
        return "its codes do not stand for letters"
    if census.latin < _MIN_TOKENS:
        return "it holds too few words to be judged" if is_scan else None
    if census.shaped < _MIN_SHAPED_SHARE * census.latin:
        return _find_foreign_fault(census)
    if census.marked < _MIN_MARKED_SHARE * census.shaped:
        return "it lacks the marks of Vietnamese"
    needed = _MIN_VALID_SHARE_SCANNED if is_scan else _MIN_VALID_SHARE
    if census.valid < needed * census.shaped:
        return "many of its words are no Vietnamese"
    return None


def _find_foreign_fault(census: LayerCensus) -> str | None:
    """What is wrong with a layer that is no Vietnamese: another language, or codes like letters."""
    accented = census.accented > _MAX_ACCENTED_SHARE * census.latin
    if accented or census.voiced < _MIN_VOICED_SHARE * census.latin:
        return "its codes do not stand for letters"
    return None


def _is_strange(word: str) -> bool:
    """Whether a word holds what no text holds: unmapped codes, or signs amid its letters."""
    if _CID.search(word) or _HAS_INNER_ODDITY.search(word):
        return True
    if any(unicodedata.category(char) in ("Cc", "Co", "Cn", "Cs") for char in word):
        return True
    if "\N{REPLACEMENT CHARACTER}" in word:
        return True
    return any(char in _LATIN_1_ODDITIES for char in word) and any(map(str.isalpha, word))


def _is_latin(run: str) -> bool:
    return all("LATIN" in unicodedata.name(char, "") for char in run)


def _is_code(token: str) -> bool:
    """Whether a token in capitals is an abbreviation or a document number, such as `KH-UBND`."""
    return not _PLAIN.fullmatch(token) or any(char in "-/.&" for char in token[:-1])


@cache
def _syllable_skeletons() -> frozenset[str]:
    """Base letters of every syllable that the orthography has."""
    syllables = (Syllable(onset, rime, Tone.ACUTE) for onset in ONSETS for rime in RIMES)
    return frozenset(
        skeleton(compose_syllable(syllable)) for syllable in syllables if syllable.is_valid
    )
