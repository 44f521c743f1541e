"""Hypothesis strategies that several tests share: Vietnamese letters, syllables and text."""

import unicodedata

from hypothesis import strategies as st

from vnrepair.language.letters import VIETNAMESE_LETTERS, Tone
from vnrepair.language.syllables import ONSETS, RIMES, Syllable, ToneStyle, compose_syllable

__all__ = ["any_text", "letters", "syllables", "vietnamese_text", "written_syllables"]

letters = st.sampled_from(sorted(VIETNAMESE_LETTERS))

syllables = st.builds(
    Syllable, st.sampled_from(ONSETS), st.sampled_from(RIMES), st.sampled_from(Tone)
).filter(lambda syllable: syllable.is_valid)

_CASES = (str, str.upper, str.capitalize)
written_syllables = st.builds(
    lambda syllable, style, case: case(compose_syllable(syllable, style)),
    syllables,
    st.sampled_from(ToneStyle),
    st.sampled_from(_CASES),
)

# What stands between syllables, right and wrong, and what must be left alone.
_BETWEEN = (" ", " ", " ", ", ", " ,", " .", ". ", " : ", "\n", "\n\n\n", "  ", "    ", "\t", " (")
_ODD = (") ", "( ", " )", "“ ", " ”", "...", " … ", "-", "/", "\u00a0", "\u200b", "\u00ad", "\f")
_PIECES = (
    "12",
    "1.000,5",
    "08:30",
    "56/KH-UBND",
    "a@b.vn",
    "https://vnrepair.vn/a,b",
    "Ðức",
    "Vіệt",
)
_FOREIGN = (
    "а",
    "е\u0301",
    "Ð",
    "ð",
    "ﬁ",
    "Ａ",
    "１",
    "，",
    "ê\u0304",
    "\u0323",
    "?",
    "!",
    "]",
    "[",
)

vietnamese_text = st.lists(
    st.one_of(written_syllables, st.sampled_from(_BETWEEN + _ODD + _PIECES + _FOREIGN)), max_size=24
).map("".join)

any_text = st.one_of(st.text(max_size=40), vietnamese_text).flatmap(
    lambda text: st.sampled_from(
        [text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)]
    )
)
