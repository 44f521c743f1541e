"""How a text was garbled: the profiles, their weights, and how a text tells its own.

The weights were chosen on rendered pages of held-out corpus text (see benchmarks/README.md), not
on any document that quality is reported on.
"""

import dataclasses
import math
from collections.abc import Container, Sequence
from dataclasses import dataclass

import regex

from vnrepair.language.letters import skeleton
from vnrepair.language.syllables import is_valid_syllable
from vnrepair.restore.decode import Weights
from vnrepair.restore.tokenise import Kind, Token

__all__ = [
    "PROFILE_SETTINGS",
    "ProfileSettings",
    "detect_profile",
    "for_half_marked",
    "share_of_lost_marks",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSettings:
    """What a profile sets.

    Attributes:
        weights: Of language model, case and words.
        min_log_odds: Nats by which a change must beat the observed word.
        min_name_odds: The same for words capitalised inside a sentence, which may be names.
        min_marked_odds: The same for words that carry Vietnamese marks.
        witnessed_odds: `min_log_odds` and `min_name_odds` for words of which the page says how
            surely they were read, as that is in the odds by then; None for no other ones.
        unknown_nats: Cost of keeping a word that no lexicon knows: base of a lower-case word, base
            of a capitalised one, and so much for each plain letter.
        code_nats: Cost of keeping a mixture of letters and digits: a base and so much a character.
        repairs_codes: Whether `1a`, `x3` or a lone `6` may have been words, and words may have been
            split or glued.
        min_id_odds: Nats by which a listed symbol of a document id must beat an unknown one.
        adapts: Whether a second pass uses what the first found the document to say.
        beam: Hypotheses kept per position.
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
    beam: int = 8
    min_marked_odds: float = 0.0
    witnessed_odds: tuple[float, float] | None = None
    word_share: float = 0.7


PROFILE_SETTINGS = {
    "tesseract-eng": ProfileSettings(
        weights=Weights(language_model=1.2, case=0.6, word_bonus=0.2),
        min_log_odds=0.0,
        min_name_odds=0.0,
        unknown_nats=(6.0, 2.0, 2.0),
        code_nats=(7.0, 3.5),
        repairs_codes=True,
        min_id_odds=1.0,
        beam=12,
    ),
    "tesseract-vie": ProfileSettings(
        weights=Weights(language_model=1.0, case=0.5, word_bonus=0.0),
        min_log_odds=4.0,
        min_name_odds=7.0,
        unknown_nats=(0.0, 0.0, 0.5),
        code_nats=(0.0, 0.0),
        repairs_codes=False,
        min_id_odds=6.0,
        witnessed_odds=(2.0, 4.0),
    ),
    "undiacritised": ProfileSettings(
        weights=Weights(language_model=1.0, case=0.3, word_bonus=0.0),
        min_log_odds=0.0,
        min_name_odds=0.0,
        unknown_nats=(4.0, 2.0, 1.6),
        code_nats=(0.0, 0.0),
        repairs_codes=False,
        min_id_odds=0.5,
        # Nothing in bare text is surer than the rest, so it teaches little of itself.
        adapts=False,
        beam=32,
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
MIN_LOST_SHARE = 0.05
"""Above this share of words that lost their marks, a text was not read with marks, but typed by
somebody who sets them now and then."""
STRIPPED_SHARE = 1 / 3
"""So many distinct words with marks are no syllables without them (`học`, `trước`, `giúp`): 0.33 to
0.36 in laws, news, encyclopedia and conversation."""
MIN_PARTLY_LOST_NATS = 6.0
"""In such a text a word that has marks hardly lost any: one in four hundred."""
MIN_WORDS = 3
ENOUGH_WORDS = 10
"""The English model reads é in every fifth word or so: in so many words it shows itself."""

# The English model of Tesseract knows one letter with a mark, é, and these strangers.
_OWN_MARK = regex.compile(r"[^\P{Latin}a-zA-ZéÉ]")
_ACUTE_E = regex.compile(r"[éÉ]")
_SURE_RUIN = regex.compile(r"[éÉ¢¥€§]|^[&@]$|(?<=\p{Ll})&|&(?=\p{Ll})")
_RUIN = regex.compile(r"[éÉ¢&@¥§£€|\\{}\[\]<>=+*#~^%$©®°¡¿«»\d]")


def detect_profile(
    tokens: Sequence[Token], bare_syllables: frozenset[str], borrowed: Container[str] = ()
) -> tuple[str, str]:
    """Tell how a text was garbled.

    Args:
        tokens: The tokens of the text.
        bare_syllables: Lower-case skeletons of all Vietnamese syllables.
        borrowed: Lower-case words that texts hold as they stand, borrowed ones too (`top`, `set`).

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
    stripped = {word for word in set(bare) if _is_stripped(word, bare_syllables, borrowed)}
    lost = share_of_lost_marks(tokens, bare_syllables, borrowed)
    # One word with a capital may be a name.
    has_lost = len(stripped) > 1 or any(word.islower() for word in stripped)
    if marked >= MARKED_SHARE and has_lost and lost >= MIN_LOST_SHARE:
        return "undiacritised", f"{marked:.0%} of the words carry marks, others lost theirs"
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
    if marked >= SOME_MARKS_SHARE and not stripped:
        return "tesseract-vie", f"{marked:.0%} of the words carry marks, and none has lost its own"
    return "undiacritised", f"{1 - marked:.0%} of the words lack marks and few are ruined"


def share_of_lost_marks(
    tokens: Sequence[Token], bare_syllables: frozenset[str], borrowed: Container[str] = ()
) -> float:
    """Of the distinct words of a text that have marks by right, the share that came without them.

    Args:
        tokens: The tokens of the text.
        bare_syllables: Lower-case skeletons of all Vietnamese syllables.
        borrowed: Lower-case words that texts hold as they stand.

    Returns:
        An estimate, above 0 to 1: 1 where no word carries marks, near 0 in a correct text.
    """
    words = {t.text.lower() for t in tokens if t.kind is Kind.WORD and not t.text.isupper()}
    marked = sum(_OWN_MARK.search(word) is not None for word in words)
    stripped = sum(_is_stripped(word, bare_syllables, borrowed) for word in words)
    # Half a word more: a short text in which none was seen may yet hold one.
    lost = (stripped + 0.5) / STRIPPED_SHARE
    return lost / (lost + marked)


def _is_stripped(word: str, bare_syllables: frozenset[str], borrowed: Container[str]) -> bool:
    """Whether a word can only be a syllable that lost its marks, as `hoc` and `truoc`."""
    lower = word.lower()
    is_plain = word.isascii() and not word.isupper() and lower in bare_syllables
    return is_plain and not is_valid_syllable(lower) and lower not in borrowed


def for_half_marked(settings: ProfileSettings, lost: float) -> ProfileSettings:
    """Settings for a text in which only some words lost their marks.

    A bare word stands for itself, or for a marked word in the share in which those lost theirs; the
    channel was trained on texts that lost all of them, so the odds are asked of each change.

    Args:
        settings: For a text without any marks.
        lost: See `share_of_lost_marks`.
    """
    if lost > 1 - SOME_MARKS_SHARE:
        return settings
    return dataclasses.replace(
        settings,
        min_log_odds=max(settings.min_log_odds, -math.log(lost)),
        min_marked_odds=MIN_PARTLY_LOST_NATS,
        adapts=True,
    )
