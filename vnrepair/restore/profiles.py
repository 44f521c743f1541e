"""How a text was garbled: the profiles, their weights, and how a text tells its own.

The weights were chosen on rendered pages of held-out corpus text (see benchmarks/README.md), not
on any document that quality is reported on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from vnrepair.language.letters import skeleton
from vnrepair.restore.decode import Weights
from vnrepair.restore.tokenise import Kind, Token

__all__ = ["PROFILE_SETTINGS", "ProfileSettings", "detect_profile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSettings:
    """What a profile sets.

    Attributes:
        weights: Of language model, case and words.
        min_log_odds: Nats by which a change must beat the observed word.
        min_name_odds: The same for words capitalised inside a sentence, which may be names.
        unknown_nats: Cost of keeping a word that no lexicon knows: base of a lower-case word, base
            of a capitalised one, and so much for each plain letter.
        code_nats: Cost of keeping a mixture of letters and digits: a base and so much a character.
        repairs_codes: Whether `1a`, `x3` or a lone `6` may have been words, and words may have been
            split or glued.
        min_id_odds: Nats by which a listed symbol of a document id must beat an unknown one.
        adapts: Whether a second pass uses what the first found the document to say.
        word_share: Most that the word table of the channel counts beside its letter table.
    """

    weights: Weights
    min_log_odds: float
    min_name_odds: float
    unknown_nats: tuple[float, float, float]
    code_nats: tuple[float, float]
    repairs_codes: bool
    min_id_odds: float
    adapts: bool = True
    word_share: float = 0.7


PROFILE_SETTINGS = {
    "tesseract-eng": ProfileSettings(
        weights=Weights(language_model=1.0, case=0.5, word_bonus=0.2),
        min_log_odds=0.0,
        min_name_odds=0.0,
        unknown_nats=(6.0, 3.5, 2.2),
        code_nats=(7.0, 3.5),
        repairs_codes=True,
        min_id_odds=1.0,
    ),
    "tesseract-vie": ProfileSettings(
        weights=Weights(language_model=0.8, case=0.5, word_bonus=0.0),
        min_log_odds=2.5,
        min_name_odds=7.0,
        unknown_nats=(0.0, 0.0, 0.5),
        code_nats=(0.0, 0.0),
        repairs_codes=False,
        min_id_odds=6.0,
    ),
    "undiacritised": ProfileSettings(
        weights=Weights(language_model=1.0, case=0.3, word_bonus=0.0),
        min_log_odds=0.0,
        min_name_odds=0.0,
        unknown_nats=(4.0, 2.0, 1.6),
        code_nats=(0.0, 0.0),
        repairs_codes=False,
        min_id_odds=0.5,
    ),
}

MARKED_SHARE = 0.20
"""Above this share of words with marks that only Vietnamese has, the marks are mostly there;
in correct Vietnamese it lies near one half."""
RUINED_SHARE = 0.03
"""Above this share of words with foreign marks or look-alike characters, OCR ruined the text."""
SYLLABLE_SHARE = 0.5
"""Below this share of words that could be bare Vietnamese syllables, the text is another
language."""
MIN_WORDS = 3

# Letters that no western code page holds, so that the English model cannot have read them.
_VIETNAMESE_ONLY = regex.compile(r"[ăđĩũơưạ-ỹĂĐĨŨƠƯẠ-Ỹ]")
_RUIN = regex.compile(r"[éèêëàáâãäåòóôõöùúûüíìîïçñÿ¢&@¥§£€|\\{}\[\]<>=+*#~^%$©®°¡¿«»\d]")


def detect_profile(tokens: Sequence[Token], bare_syllables: frozenset[str]) -> tuple[str, str]:
    """Tell how a text was garbled.

    Args:
        tokens: The tokens of the text.
        bare_syllables: Lower-case skeletons of all Vietnamese syllables.

    Returns:
        The profile, and the reason in words.
    """
    words = [t.text for t in tokens if t.kind in (Kind.WORD, Kind.CODE) and len(t.text) > 1]
    if len(words) < MIN_WORDS:
        words = [t.text for t in tokens if t.kind in (Kind.WORD, Kind.CODE)]
    if not words:
        return "tesseract-vie", "no words to judge by"
    marked = sum(_VIETNAMESE_ONLY.search(word) is not None for word in words) / len(words)
    if marked >= MARKED_SHARE:
        return "tesseract-vie", f"{marked:.0%} of the words carry marks that only Vietnamese has"
    ruined = sum(
        _RUIN.search(word) is not None and _VIETNAMESE_ONLY.search(word) is None for word in words
    )
    known = sum(skeleton(word).lower() in bare_syllables for word in words) / len(words)
    if known < SYLLABLE_SHARE:
        return "tesseract-vie", f"only {known:.0%} of the words could be bare Vietnamese"
    if ruined / len(words) >= RUINED_SHARE:
        share = ruined / len(words)
        return "tesseract-eng", f"{share:.0%} of the words hold foreign marks or stray characters"
    return "undiacritised", f"{1 - marked:.0%} of the words lack marks and few are ruined"
