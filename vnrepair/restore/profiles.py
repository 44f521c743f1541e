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

MARKED_SHARE = 0.40
"""Above this share of words with Vietnamese marks the text was typed or read with them; in correct
Vietnamese it lies near 0.7."""
SOME_MARKS_SHARE = 0.05
"""Below it, marks are stray."""
RUINED_SHARE = 0.03
"""Above this share of words with look-alike characters, OCR ruined the text."""
SYLLABLE_SHARE = 0.5
"""Below this share of words that could be bare Vietnamese syllables, the text is another
language."""
MIN_WORDS = 3
ENOUGH_WORDS = 10
"""The English model reads é in every fifth word or so: in so many words it shows itself."""

# The English model of Tesseract knows one letter with a mark, é, and these strangers.
_OWN_MARK = regex.compile(r"[^\P{Latin}a-zA-ZéÉ]")
_ACUTE_E = regex.compile(r"[éÉ]")
_SURE_RUIN = regex.compile(r"[éÉ¢¥€§]|^[&@]$|(?<=\p{Ll})&|&(?=\p{Ll})")
_RUIN = regex.compile(r"[éÉ¢&@¥§£€|\\{}\[\]<>=+*#~^%$©®°¡¿«»\d]")


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
    if not any(len(word) > 1 and word.isalpha() for word in words):
        return "tesseract-vie", "no words to judge by"
    total = len(words)
    bare = [word for word in words if not _OWN_MARK.search(word)]
    marked = 1 - len(bare) / total
    if marked >= MARKED_SHARE:
        return "tesseract-vie", f"{marked:.0%} of the words carry Vietnamese marks"
    ruined = sum(_RUIN.search(word) is not None for word in bare) / total
    if total >= ENOUGH_WORDS and not any(_SURE_RUIN.search(word) for word in bare):
        ruined = 0.0  # figures in words alone are names and units: G5, 50km, covid19
    known = sum(skeleton(word).lower() in bare_syllables for word in words) / total
    acute = [skeleton(word).lower() in bare_syllables for word in bare if _ACUTE_E.search(word)]
    # Words with é that would be syllables without it come from OCR, not from French or Spanish.
    is_garbled = bool(acute) and sum(acute) >= len(acute) / 2 and len(acute) / total >= RUINED_SHARE
    if known < SYLLABLE_SHARE and not is_garbled:
        return "tesseract-vie", f"only {known:.0%} of the words could be bare Vietnamese"
    if ruined >= RUINED_SHARE and (marked < SOME_MARKS_SHARE or ruined > marked):
        return "tesseract-eng", f"{ruined:.0%} of the words hold stray characters or the letter é"
    return "undiacritised", f"{1 - marked:.0%} of the words lack marks and few are ruined"
