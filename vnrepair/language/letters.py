"""Vietnamese letters: base letter, quality mark, tone mark, and the way back.

In comes text in any normal form, out goes NFC. The alphabet has 29 letters: twelve vowels, which
carry one of six tones each, and seventeen consonants; f, j, w and z are foreign to it.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

__all__ = [
    "CONSONANTS",
    "VIETNAMESE_LETTERS",
    "VOWELS",
    "Letter",
    "Quality",
    "Tone",
    "compose_letter",
    "has_mark",
    "is_vietnamese_letter",
    "skeleton",
    "split_letter",
    "strip_tones",
]


class Tone(Enum):
    """One of the six tones; the value is its combining mark, empty for the level tone."""

    LEVEL = ""  # ngang
    GRAVE = "\N{COMBINING GRAVE ACCENT}"  # huyền
    HOOK = "\N{COMBINING HOOK ABOVE}"  # hỏi
    TILDE = "\N{COMBINING TILDE}"  # ngã
    ACUTE = "\N{COMBINING ACUTE ACCENT}"  # sắc
    DOT = "\N{COMBINING DOT BELOW}"  # nặng


class Quality(Enum):
    """What makes ă â ê ô ơ ư đ letters of their own; the value is the combining mark.

    The stroke of đ has no canonical decomposition in Unicode; its value only stands for it.
    """

    NONE = ""
    BREVE = "\N{COMBINING BREVE}"
    CIRCUMFLEX = "\N{COMBINING CIRCUMFLEX ACCENT}"
    HORN = "\N{COMBINING HORN}"
    STROKE = "\N{COMBINING SHORT STROKE OVERLAY}"


CONSONANTS = "bcdđghklmnpqrstvx"
VOWELS = "aăâeêioôơuưy"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter taken apart.

    Attributes:
        base: The letter under all marks, a-z or A-Z; it carries the case (`Đ` has base `D`).
        quality: The mark that makes it another letter of the alphabet.
        tone: The tone mark; always `Tone.LEVEL` for consonants.
    """

    base: str
    quality: Quality = Quality.NONE
    tone: Tone = Tone.LEVEL

    @property
    def is_upper(self) -> bool:
        """Whether the letter is a capital."""
        return self.base.isupper()


def _compose(base: str, quality: Quality, tone: Tone) -> str:
    if quality is Quality.STROKE:
        return "Đ" if base.isupper() else "đ"
    # NFC sorts the marks itself: circumflex before dot below and after it give the same ệ.
    return unicodedata.normalize("NFC", base + quality.value + tone.value)


_PLAIN_VOWELS = "aeiouy"
_QUALITY_BASES = {Quality.BREVE: "a", Quality.CIRCUMFLEX: "aeo", Quality.HORN: "ou"}


def _all_letters() -> dict[str, Letter]:
    parts = [(base, Quality.NONE, tone) for base in _PLAIN_VOWELS for tone in Tone]
    for quality, bases in _QUALITY_BASES.items():
        parts += [(base, quality, tone) for base in bases for tone in Tone]
    parts += [(base, Quality.NONE, Tone.LEVEL) for base in CONSONANTS if base != "đ"]
    parts.append(("d", Quality.STROKE, Tone.LEVEL))
    parts += [(base.upper(), quality, tone) for base, quality, tone in parts]
    return {_compose(*part): Letter(*part) for part in parts}


_LETTER_OF = _all_letters()
_CHARACTER_OF = {letter: character for character, letter in _LETTER_OF.items()}

VIETNAMESE_LETTERS = frozenset(_LETTER_OF)
"""All 29 letters in both cases, the vowels in all six tones: 178 code points."""

_TO_SKELETON = {ord(char): ord(letter.base) for char, letter in _LETTER_OF.items()}
_TO_LEVEL = {
    ord(char): ord(_CHARACTER_OF[Letter(letter.base, letter.quality)])
    for char, letter in _LETTER_OF.items()
}
_MARKED = re.compile(f"[{''.join(sorted(c for c in VIETNAMESE_LETTERS if not c.isascii()))}]")


def split_letter(character: str) -> Letter | None:
    """Take one letter apart.

    Args:
        character: One letter, composed or decomposed.

    Returns:
        Its parts, or None for everything that is not one letter of the Vietnamese alphabet.

    >>> split_letter("Ệ") == Letter("E", Quality.CIRCUMFLEX, Tone.DOT)
    True
    """
    letter = _LETTER_OF.get(character)
    if letter is None and len(character) > 1:
        letter = _LETTER_OF.get(unicodedata.normalize("NFC", character))
    return letter


def compose_letter(letter: Letter) -> str:
    """Put one letter together: the inverse of `split_letter`.

    Returns:
        One code point, NFC.

    Raises:
        ValueError: The alphabet has no such letter, such as b with a tone or i with a horn.
    """
    try:
        return _CHARACTER_OF[letter]
    except KeyError:
        raise ValueError(
            f"no letter of the Vietnamese alphabet has these parts: {letter}"
        ) from None


def is_vietnamese_letter(character: str) -> bool:
    """Whether this is one letter of the Vietnamese alphabet, in either case and any normal form."""
    return split_letter(character) is not None


def has_mark(text: str) -> bool:
    """Whether any letter in the text carries a Vietnamese quality or tone mark.

    >>> has_mark("quy che"), has_mark("quy chế"), has_mark("Dürer")
    (False, True, False)
    """
    return not text.isascii() and _MARKED.search(unicodedata.normalize("NFC", text)) is not None


def skeleton(text: str) -> str:
    """The text's base letters, case kept; whatever is not a Vietnamese letter stays.

    Args:
        text: Any text. NFC text keeps its length, so that offsets hold in both.

    Returns:
        NFC text. A letter under a mark foreign to Vietnamese (`ê` with a macron) stays as it is.

    >>> skeleton("Đường Nguyễn Huệ, số 12")
    'Duong Nguyen Hue, so 12'
    """
    return _translate(text, _TO_SKELETON)


def strip_tones(text: str) -> str:
    """The text without tone marks; quality marks stay.

    Args:
        text: Any text. NFC text keeps its length, so that offsets hold in both.

    Returns:
        NFC text.

    >>> strip_tones("Đường Nguyễn Huệ")
    'Đương Nguyên Huê'
    """
    return _translate(text, _TO_LEVEL)


def _translate(text: str, table: dict[int, int]) -> str:
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text)
    translated = composed.translate(table)
    if unicodedata.is_normalized("NFC", translated):
        return translated
    # A bared letter would now join the foreign mark behind it (ê + macron: ē): leave these alone.
    followers = composed[1:] + " "
    return "".join(
        char if unicodedata.combining(follower) else char.translate(table)
        for char, follower in zip(composed, followers, strict=True)
    )
