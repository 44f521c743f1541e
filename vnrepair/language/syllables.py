"""Vietnamese syllables: onset, rime and tone, and which combinations the orthography has.

The tables hold written forms. `qu` and `gi` are onsets (`quốc` is qu + ôc), the i of `gi` may be
the rime's too (`gì` is gi + i, `giếng` is gi + iêng). Loanwords in Vietnamese spelling (`boong`,
`buýt`, `tuýp`) are in; names of other languages of the country (`Đắk`, `Krông`) are not.

Source:
    Decision 240/QĐ of 1984 on Vietnamese spelling; Hoàng Phê (ed.), "Từ điển tiếng Việt".
"""

import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from vnrepair.language.letters import (
    Letter,
    Tone,
    compose_letter,
    split_letter,
    strip_tones,
)

__all__ = [
    "ONSETS",
    "RIMES",
    "Syllable",
    "ToneStyle",
    "compose_syllable",
    "is_valid_syllable",
    "split_syllable",
    "tone_index",
]


def _table(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ONSETS = ("", *_table("b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"))
"""Every written onset; the empty one first."""

# One line per nucleus. The rare ones are here with the word that has them.
_PLAIN_RIMES = _table("""
a ac ach ai am an ang anh ao ap at au ay
ăc ăm ăn ăng ăp ăt
âc âm ân âng âp ât âu ây
e ec em en eng eo ep et
ê êch êm ên ênh êp êt êu
i ia ich im in inh ip it iu
iêc iêm iên iêng iêp iêt iêu
o oc oi om on ong op ot
oong ooc
ô ôc ôi ôm ôn ông ôp ôt
ơ ơi ơm ơn ơp ơt
u ua uc ui um un ung up ut
uôc uôi uôm uôn uông uôt
ư ưa ưc ưi ưm ưn ưng ưt ưu
ươc ươi ươm ươn ương ươp ươt ươu
y
""")
# uya: khuya; uyu: khuỷu; uyn: tuyn; uyp: tuýp; oap: ngoáp; oao: ngoáo; oem: ngoém; uêu: nguều
_GLIDE_RIMES = _table("""
oa oac oach oai oam oan oang oanh oao oap oat oay
oăc oăm oăn oăng oăt
oe oec oem oen oeo oet
uâng uân uât uây
uê uêch uênh uêu
uơ
uy uya uych uyn uynh uyp uyt uyu
uyên uyêt
""")
# After qu, whose u is the glide; the y forms beside the i forms: quýt and quít.
_QU_RIMES = _table("""
a ac ach ai am an ang anh ao ap at au ay
ăc ăm ăn ăng ăp ăt
âc âm ân âng ât âu ây
e ec en eng eo ep et
ê êch ên ênh êt êu
i ich inh ip it iu
y ych ynh yt yên yêt
ơ ơi ơn ơt
ôc
""")
_INITIAL_RIMES = _table("yêm yên yêng yêt yêu")  # iê without an onset

RIMES = tuple(dict.fromkeys(_PLAIN_RIMES + _GLIDE_RIMES + _QU_RIMES + _INITIAL_RIMES))
"""Every written rime, without tone."""

_FRONT_VOWELS = ("e", "ê", "i")
_Y_ONSETS = ("", *_table("b d h k l m n nh ph r s t th v x"))
_STOP_CODAS = ("c", "ch", "p", "t")
_STOP_TONES = frozenset({Tone.ACUTE, Tone.DOT})
_OPEN_GLIDES = ("oa", "oe", "uy")


class ToneStyle(Enum):
    """Where the mark stands in open oa, oe and uy; elsewhere both styles agree."""

    OLD = "old"  # hòa, khỏe, thủy: official documents
    NEW = "new"  # hoà, khoẻ, thuỷ: schoolbooks


@dataclass(frozen=True, slots=True)
class Syllable:
    """One syllable taken apart; lower case, NFC.

    Attributes:
        onset: The consonants before the vowel, one of `ONSETS`.
        rime: The rest without tone, one of `RIMES`.
        tone: The tone.
    """

    onset: str
    rime: str
    tone: Tone = Tone.LEVEL

    @property
    def is_valid(self) -> bool:
        """Whether Vietnamese orthography has this combination."""
        if (self.onset, self.rime) == ("gi", "ia"):
            return self.tone is Tone.DOT  # only giặt gịa: otherwise gia is gi + a
        if self.rime.endswith(_STOP_CODAS) and self.tone not in _STOP_TONES:
            return False
        return (self.onset, self.rime) in _SPELLING_OF


def _is_spelt(onset: str, rime: str) -> bool:
    """Whether the spelling rules let this rime stand behind this onset."""
    if onset == "qu":
        return rime in _QU_RIMES
    if onset == "gi":
        # giêng is gi + iêng and giu is gi + u, so these rimes are not left to be spelt otherwise.
        taken = rime in ("ia", "iu", "y") or (rime.startswith("ê") and rime != "ê")
        return rime in _PLAIN_RIMES + _GLIDE_RIMES and not taken
    if rime in _INITIAL_RIMES:
        return onset == ""
    if rime == "y":
        return onset in _Y_ONSETS
    if rime not in _PLAIN_RIMES:
        return rime in _GLIDE_RIMES and onset not in ("c", "k", "gh", "ngh")
    front = rime.startswith(_FRONT_VOWELS)
    if onset in ("k", "gh", "ngh"):
        return front
    if onset in ("c", "g", "ng"):
        return not front
    return onset != "" or not rime.startswith("iê")


def _join(onset: str, rime: str) -> str:
    return onset + rime[1:] if onset == "gi" and rime.startswith("i") else onset + rime


_SPELLING_OF = {
    (onset, rime): _join(onset, rime)
    for onset in ONSETS
    for rime in RIMES
    if _is_spelt(onset, rime)
}
_PARTS_OF = {spelling: parts for parts, spelling in _SPELLING_OF.items()}


def tone_index(onset: str, rime: str, style: ToneStyle = ToneStyle.OLD) -> int:
    """Which letter of the written syllable carries the tone mark.

    Args:
        onset: One of `ONSETS`.
        rime: One of `RIMES`.
        style: Decides only for open oa, oe, uy.

    Returns:
        Index into the written syllable, 0-based.
    """
    nucleus = rime.rstrip("bcdghklmnpqrstvx")
    marked = [i for i, char in enumerate(nucleus) if not char.isascii()]
    if marked:
        index = marked[-1]  # ươ and uyê: the last letter with a quality mark
    elif len(nucleus) == 2:
        new_style = rime in _OPEN_GLIDES and style is ToneStyle.NEW
        index = 1 if rime != nucleus or new_style else 0
    else:
        index = len(nucleus) // 2
    return len(_join(onset, rime)) - len(rime) + index


def compose_syllable(syllable: Syllable, style: ToneStyle = ToneStyle.OLD) -> str:
    """Write a syllable: the inverse of `split_syllable`.

    Args:
        syllable: Must be valid.
        style: Where the mark stands in open oa, oe, uy.

    Returns:
        Lower case, NFC.

    Raises:
        ValueError: Vietnamese has no such syllable.

    >>> compose_syllable(Syllable("gi", "iêng", Tone.ACUTE))
    'giếng'
    """
    if not syllable.is_valid:
        raise ValueError(f"Vietnamese has no such syllable: {syllable}")
    spelling = _join(syllable.onset, syllable.rime)
    index = tone_index(syllable.onset, syllable.rime, style)
    return spelling[:index] + _with_tone(spelling[index], syllable.tone) + spelling[index + 1 :]


def _with_tone(character: str, tone: Tone) -> str:
    letter = split_letter(character)
    assert letter is not None
    return compose_letter(Letter(letter.base, letter.quality, tone))


@lru_cache(maxsize=1 << 15)
def split_syllable(text: str) -> Syllable | None:
    """Take one written syllable apart.

    Args:
        text: One syllable in any case and normal form, its tone marked in the old or new style.

    Returns:
        The parts in lower case, or None when Vietnamese has no such syllable.

    >>> split_syllable("Quốc")
    Syllable(onset='qu', rime='ôc', tone=<Tone.ACUTE: '́'>)
    """
    written = unicodedata.normalize("NFC", text).lower()
    if written == "gịa":
        return Syllable("gi", "ia", Tone.DOT)
    spelling = strip_tones(written)
    parts = _PARTS_OF.get(spelling)
    if parts is None:
        return None
    toned = [i for i, char in enumerate(written) if char != spelling[i]]
    if not toned:
        syllable = Syllable(*parts)
    elif len(toned) == 1 and toned[0] in {tone_index(*parts, style) for style in ToneStyle}:
        letter = split_letter(written[toned[0]])
        assert letter is not None
        syllable = Syllable(*parts, letter.tone)
    else:
        return None
    return syllable if syllable.is_valid else None


def is_valid_syllable(text: str) -> bool:
    """Whether the orthography has this syllable, in any case and normal form.

    >>> [is_valid_syllable(text) for text in ("nghiêng", "NGHIÊNG", "ngiêng", "tat", "tạt")]
    [True, True, False, False, True]
    """
    return split_syllable(text) is not None
