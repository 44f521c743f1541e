"""Unicode steps of the normaliser: code points that look right but are not.

Each step takes NFC text and returns edits of it. Nothing here changes what a reader sees, save
that odd spaces become plain ones.
"""

import re
import unicodedata

from vnrepair.records import Edit

__all__ = [
    "drop_invisible",
    "fold_compatibility_forms",
    "fold_d_with_stroke",
    "fold_foreign_look_alikes",
    "recompose",
]

_CAUSE = "normalise/unicode"

# Soft hyphen, zero-width space, bidirectional marks, word joiner, byte order mark; and the joiners,
# which are needed only behind symbols (emoji) and behind letters of Arabic and Indic scripts.
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+"
    "|(?<![\u0600-\u109f\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]+"
)

_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_LIGATURES = {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl"}
_FULLWIDTH = "\uff01-\uff5e"  # the forms of ! to ~
_CJK = "\u2e80-\u2fff\u3001-\u9fff\uac00-\ud7a3"
# Fullwidth forms beside Chinese, Japanese or Korean text belong to it.
_COMPATIBILITY = re.compile(
    f"[{_SPACES}{''.join(_LIGATURES)}]|(?<![{_FULLWIDTH}{_CJK}])[{_FULLWIDTH}]++(?![{_CJK}])"
)

# A word with its combining marks, which a look-alike may carry uncomposed.
_WORD = re.compile("(?:[^\\W\\d_]|[\u0300-\u036f])+")
_CYRILLIC = dict(zip("АВЕІЈКМНОРЅСТУХаеіјорѕсухһԁ", "ABEIJKMHOPSCTYXaeijopscyxhd", strict=True))
_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo", strict=True))
_LATIN_OF = _CYRILLIC | _GREEK
_HAS_LOOK_ALIKE = re.compile(f"[{''.join(_LATIN_OF)}]")
_FOREIGN = re.compile("[\u0370-\u052f\u1f00-\u1fff]")

# Eth and African D share their capital with Đ on paper.
_D_WITH_STROKE = {"Ð": "Đ", "Ɖ": "Đ", "ð": "đ", "ɖ": "đ"}
_HAS_D_WITH_STROKE = re.compile(f"[{''.join(_D_WITH_STROKE)}]")


def drop_invisible(text: str) -> list[Edit]:
    """Remove what no reader sees: zero-width characters, soft hyphens, byte order marks."""
    if text.isascii():
        return []
    return [Edit(*m.span(), m[0], "", _CAUSE) for m in _INVISIBLE.finditer(text)]


def fold_compatibility_forms(text: str) -> list[Edit]:
    """Plain spaces for odd ones, plain letters for fullwidth forms and ligatures such as `ﬁ`."""
    if text.isascii():
        return []
    return [Edit(*m.span(), m[0], _plain(m[0]), _CAUSE) for m in _COMPATIBILITY.finditer(text)]


def _plain(form: str) -> str:
    if form in _LIGATURES:
        return _LIGATURES[form]
    if form.isspace():
        return " "
    return "".join(chr(ord(char) - 0xFF01 + ord("!")) for char in form)


def fold_foreign_look_alikes(text: str) -> list[Edit]:
    """Latin letters for Cyrillic and Greek ones inside Latin words.

    A word without a Latin letter, or with a foreign letter that looks like none, is left alone.
    """
    edits: list[Edit] = []
    for word in _words_with(_HAS_LOOK_ALIKE, text):
        foreign = [char for char in word[0] if _FOREIGN.match(char)]
        letters = sum(char.isalpha() for char in word[0])
        if len(foreign) < letters and all(char in _LATIN_OF for char in foreign):
            edits += [
                Edit(at, at + 1, text[at], _LATIN_OF[text[at]], _CAUSE)
                for at in range(*word.span())
                if text[at] in _LATIN_OF
            ]
    return edits


def fold_d_with_stroke(text: str) -> list[Edit]:
    """`Đ` for eth and African D where Vietnamese has it: at a word's start and among capitals.

    Inside words (`Sigurður`) and as a phonetic sign (`ð` without a vowel behind it) they stay.
    """
    edits: list[Edit] = []
    for word in _words_with(_HAS_D_WITH_STROKE, text):
        for match in _HAS_D_WITH_STROKE.finditer(word[0]):
            at, char = match.start(), match[0]
            before_vowel = unicodedata.normalize("NFD", word[0][at + 1 : at + 2])[:1] in "aeiouyư"
            starts_word = at == 0 and (char.isupper() or (at + 1 < len(word[0]) and before_vowel))
            if starts_word or (char.isupper() and word[0].isupper()):
                start = word.start() + at
                edits.append(Edit(start, start + 1, char, _D_WITH_STROKE[char], _CAUSE))
    return edits


def recompose(text: str) -> list[Edit]:
    """NFC again, where a step before brought a letter and a combining mark together."""
    if unicodedata.is_normalized("NFC", text):
        return []
    edits: list[Edit] = []
    start = 0
    for line in text.split("\n"):  # no composition reaches over a line end
        composed = unicodedata.normalize("NFC", line)
        if composed != line:
            edits.append(_narrow(start, line, composed))
        start += len(line) + 1
    return edits


def _words_with(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    if text.isascii() or not pattern.search(text):
        return []
    return [word for word in _WORD.finditer(text) if pattern.search(word[0])]


def _narrow(start: int, before: str, after: str) -> Edit:
    """The edit without the ends that both texts share."""
    shorter = min(len(before), len(after))
    head = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    limit = shorter - head
    tail = next((i for i in range(limit) if before[-1 - i] != after[-1 - i]), limit)
    return Edit(
        start + head,
        start + len(before) - tail,
        before[head : len(before) - tail],
        after[head : len(after) - tail],
        _CAUSE,
    )
