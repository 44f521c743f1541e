"""Tone-mark placement, old (`hòa`, `khỏe`, `thủy`) and new (`hoà`, `khoẻ`, `thuỷ`).

The styles differ only in syllables that end in oa, oe or uy. `qu` is an onset, so `quý` has one
spelling, and so have closed rimes (`hoàn`, `thuyền`). In comes text in any normal form, out goes
NFC.
"""

import re
import unicodedata

from vnrepair.language.letters import VIETNAMESE_LETTERS, strip_tones
from vnrepair.language.syllables import ToneStyle, compose_syllable, split_syllable

__all__ = ["ToneStyle", "fold_tone_style", "place_tone", "restyle_tones"]


def _toned(base: str) -> str:
    """Every toned form of a vowel, in both cases."""
    forms = [char for char in VIETNAMESE_LETTERS if strip_tones(char).lower() == base]
    return "".join(sorted(char for char in forms if strip_tones(char) != char))


_ANY_CASE = {base: base + base.upper() for base in "oauey"}
# Only these words can change; all others are passed over at the speed of the pattern.
_OPEN_GLIDE_WORD = re.compile(
    r"(?<!\w)[^\W\d_]{0,3}(?:"
    + "|".join(
        f"[{_toned(first)}][{_ANY_CASE[second]}]|[{_ANY_CASE[first]}][{_toned(second)}]"
        for first, second in ("oa", "oe", "uy")
    )
    + r")(?!\w)"
)


def place_tone(syllable: str, style: ToneStyle) -> str:
    """Write one syllable with its tone mark where the style wants it.

    Args:
        syllable: One syllable in any case and normal form.
        style: The style to write.

    Returns:
        NFC, the case of every letter position kept; anything else than a syllable unchanged.

    >>> place_tone("HOÀ", ToneStyle.OLD), place_tone("quý", ToneStyle.NEW)
    ('HÒA', 'quý')
    """
    written = unicodedata.normalize("NFC", syllable)
    parts = split_syllable(written)
    if parts is None:
        return written
    placed = compose_syllable(parts, style)
    return "".join(
        new.upper() if old.isupper() else new for old, new in zip(written, placed, strict=True)
    )


def restyle_tones(text: str, style: ToneStyle) -> str:
    """Bring every tone mark in a text to one style.

    Args:
        text: Any text. NFC text keeps its length and its skeleton.
        style: The style to write.

    Returns:
        NFC text. Words that are not Vietnamese syllables stay as they are.

    >>> restyle_tones("Toà Hoà giải, quý hoá", ToneStyle.OLD)
    'Tòa Hòa giải, quý hóa'
    """
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text)

    def place(match: re.Match[str]) -> str:
        start, end = match.span()
        before, after = composed[start - 1 : start], composed[end : end + 1]
        # Beside a foreign combining mark the match is only a piece of a letter.
        if any(unicodedata.combining(char) for char in before + after):
            return match[0]
        return place_tone(match[0], style)

    return _OPEN_GLIDE_WORD.sub(place, composed)


def fold_tone_style(text: str) -> str:
    """Bring a text to the old style, that of official documents, so that spellings compare equal.

    >>> fold_tone_style("hoà") == fold_tone_style("hòa")
    True
    """
    return restyle_tones(text, ToneStyle.OLD)
