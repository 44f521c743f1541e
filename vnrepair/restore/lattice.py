"""Tokens to lattices: what each observed word, or pair of words, may have been.

Slots are made once per distinct word and kept, as a text repeats its words; missing ones are made
together, since the search works on many words at once.
"""

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from vnrepair.language.letters import skeleton
from vnrepair.language.tones import fold_tone_style
from vnrepair.restore.candidates import Candidates, CandidateSearch
from vnrepair.restore.channel import Channel, ruin_channel
from vnrepair.restore.decode import Slot
from vnrepair.restore.evidence import TRUSTS, Witness, Witnesses
from vnrepair.restore.language_model import (
    CODE_WORD,
    MAX_WORDS,
    NUMBER_WORD,
    UNKNOWN_WORD,
    NgramLanguageModel,
)
from vnrepair.restore.lexicon import (
    LOWER,
    OTHER,
    TITLE,
    UPPER,
    Lexicon,
    apply_pattern,
    case_pattern,
)
from vnrepair.restore.posterior import Placed
from vnrepair.restore.profiles import ProfileSettings
from vnrepair.restore.slots import KeptWord, PairReading, SlotMaker
from vnrepair.restore.strangers import Strangers, unknown_cost
from vnrepair.restore.tokenise import Kind, Token, is_roman_number

__all__ = ["LatticeBuilder", "WordSlot"]

POOR_NATS_PER_CHAR, POOR_NATS = 0.9, 1.5
"""A word explained worse than this may be two words, or half of one."""
RUIN_NATS, RUIN_NATS_PER_CHAR = 3.0, 1.0
"""A word explained worse than this was ruined by more than misread letters."""
RUINED_NATS = 4.0
"""What it costs to take a word for ruined."""
MIN_RUIN_CHARS = 4
PIECES_KEPT = 3
PAIRS_KEPT = 6
MIN_SPLIT_CHARS = 4
MAX_CACHED = 30_000
"""Slots that are remembered, about 3 kB each with what was searched for them: a process that has
restored any amount of text stays below 300 MB."""
MAX_CODE_DIGITS = 2
IDENTITY_FLOOR_NATS = -12.0
FIGURE_NATS = -2.3  # one digit of ten
_INNER = frozenset(",.;:'’*_~")

_KEPT_WORD = {
    Kind.NUMBER: NUMBER_WORD,
    Kind.FIGURE: NUMBER_WORD,
    Kind.DOCUMENT_ID: CODE_WORD,
    Kind.ADDRESS: CODE_WORD,
    Kind.CODE: CODE_WORD,
}
_WITNESSED_KINDS = frozenset({Kind.WORD, Kind.CODE, Kind.FIGURE})
"""What may be a word that was misread; the rest stays whatever the page says."""


@dataclass(frozen=True, slots=True, eq=False)
class WordSlot:
    """A slot with what stands behind its numbers.

    Attributes:
        slot: For the decoder.
        keep: Index of the candidate that leaves the observed word as it is; -1 for joined words.
        observed: The observed word.
        is_poor: Whether no single candidate explains it well.
    """

    slot: Slot
    keep: int
    observed: str
    is_poor: bool


class LatticeBuilder:
    """Makes slots for one profile.

    Args:
        lexicon: The words.
        channel: How they come out.
        model: Ranks candidates by how common they are.
        settings: Of the profile.
        max_candidates: Candidates kept per slot.
        first_own: Words with this number or a higher one are the user's own.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        channel: Channel,
        model: NgramLanguageModel,
        settings: ProfileSettings,
        max_candidates: int,
        first_own: int = MAX_WORDS,
    ) -> None:
        self.channel = channel
        self._lexicon, self._model = lexicon, model
        self._settings = settings
        self._maker = SlotMaker(lexicon, model, settings.weights, max_candidates)
        self._search = CandidateSearch(lexicon, channel)
        self._ruin_search: CandidateSearch | None = None
        if settings.repairs_codes:  # nearly every such text holds a word that needs it
            self._ruin_search = CandidateSearch(lexicon, ruin_channel(channel))
        self._strangers = Strangers(lexicon, settings.unknown_nats, first_own)
        # Whole tokens get the wide search, parts and joins the narrow one: never the other's.
        self._found: dict[str, Candidates] = {}
        self._glimpsed: dict[str, Candidates] = {}
        self._pieces: dict[str, list[_Piece]] = {}
        # The English model of Tesseract knows no tone marks: `soé` is no other style of `sóe`.
        self._fold = _as_it_is if settings.repairs_codes else fold_tone_style
        self._slots: dict[tuple[str, Kind], WordSlot] = {}
        self._witnesses: Witnesses | None = None
        if channel.name in TRUSTS:
            self._witnesses = Witnesses(lexicon, TRUSTS[channel.name], self._fold)
        self._witnessed: dict[tuple[str, Kind, Witness], WordSlot] = {}
        self._joined: dict[str, WordSlot | None] = {}

    def prepare(self, tokens: Sequence[Token]) -> None:
        """Make the slots that the tokens need and that are not there yet."""
        if len(self._slots) + len(self._joined) + len(self._witnessed) > MAX_CACHED:
            for cache in (self._found, self._glimpsed, self._pieces, self._slots, self._joined):
                cache.clear()
            self._witnessed.clear()
        fresh = {(t.text, t.kind): None for t in tokens if (t.text, t.kind) not in self._slots}
        searched = [key for key in fresh if self._is_searched(*key)]
        self._look_up(self._fold(text) for text, _ in searched)
        poor = [
            text for text, kind in searched if self._is_poor(text) and len(text) >= MIN_SPLIT_CHARS
        ]
        # What explains a part, or two words as one, explains it well or not at all.
        self._look_up(
            (piece for text in poor for pair in _divisions(self._fold(text)) for piece in pair),
            wide=False,
        )
        for text, kind in fresh.keys() - set(searched):
            self._slots[text, kind] = self._make_fixed(text, kind)
        self._make_searched(searched)
        wanted = [
            one.text + other.text
            for one, other in itertools.pairwise(tokens)
            if self._may_join(one, other) and one.text + other.text not in self._joined
        ]
        self._look_up((self._fold(text) for text in wanted), wide=False)
        for text in wanted:
            self._joined[text] = self._make_joined(text)

    def slot(self, token: Token, witness: Witness | None = None) -> WordSlot:
        """The slot of a token that was prepared.

        Args:
            token: A token.
            witness: What the page says of it.
        """
        plain = self._slots[token.text, token.kind]
        if witness is None or self._witnesses is None or token.kind not in _WITNESSED_KINDS:
            return plain
        key = token.text, token.kind, witness
        slot = self._witnessed.get(key)
        if slot is None:
            weighed = self._witnesses.weigh(plain.slot, plain.keep, token.text, witness)
            slot = self._witnessed[key] = dataclasses.replace(plain, slot=weighed)
        return slot

    def joined(self, one: Token, other: Token) -> WordSlot | None:
        """The slot of two neighbours read as one word, if that is worth considering."""
        return self._joined.get(one.text + other.text) if self._may_join(one, other) else None

    def writing(self, slot: Slot | Placed, index: int) -> str:
        """The text of a candidate, by its index in a slot or among those of many slots."""
        pattern = int(slot.patterns[index])
        numbers = [int(slot.words[index])]
        if slot.seconds[index] >= 0:
            numbers.append(int(slot.seconds[index]))
        parts: list[str] = []
        for number in numbers:
            word = self._lexicon.words[number]
            word = self._lexicon.writing.get(word, word)
            # A capital at the front of a glued pair belongs to its first word alone.
            parts.append(apply_pattern(word, LOWER if parts and pattern == TITLE else pattern))
        return " ".join(parts)

    def _is_searched(self, text: str, kind: Kind) -> bool:
        if kind is Kind.WORD:
            # Among marked text a Roman number or an abbreviation is hardly a ruined word.
            return self._settings.repairs_codes or not (
                is_roman_number(text) or (text.isupper() and self._is_abbreviation(text))
            )
        digits = sum(c.isdigit() for c in text)
        return (
            self._settings.repairs_codes
            and digits <= MAX_CODE_DIGITS
            and (kind is Kind.CODE or (kind is Kind.FIGURE and text in self.channel.words))
        )

    def _is_abbreviation(self, text: str) -> bool:
        """Whether capitals without a vowel or with too many consonants spell no syllable."""
        return len(text) > 1 and skeleton(text).lower() not in self._lexicon.bare_syllables

    def _look_up(self, words: Iterable[str], *, wide: bool = True) -> None:
        known = self._found if wide else self._glimpsed
        missing = sorted({word for word in words if word not in known})
        for word, found in zip(missing, self._search.search(missing, wide=wide), strict=True):
            known[word] = found
        if wide and self._ruin_search is not None:
            ruins = [w for w in missing if len(w) >= MIN_RUIN_CHARS and _is_ruin(w, known[w])]
            for word, found in zip(ruins, self._ruin_search.search(ruins), strict=True):
                known[word] = _merged(known[word], found)

    def _is_poor(self, text: str) -> bool:
        if not self._settings.repairs_codes:
            return False
        folded = self._fold(text)
        if folded.lower() in self._lexicon.index:
            return False
        found = self._found[folded].log_channel
        return not len(found) or found[0] < -POOR_NATS - POOR_NATS_PER_CHAR * len(text)

    def _may_join(self, one: Token, other: Token) -> bool:
        if one.line != other.line or one.trail or other.lead or other.glued:
            return False
        if one.kind is not Kind.WORD or other.kind is not Kind.WORD:
            return False
        return (
            self._slots[one.text, one.kind].is_poor or self._slots[other.text, other.kind].is_poor
        )

    def _make_fixed(self, text: str, kind: Kind) -> WordSlot:
        """The slot of a token that stays as it is."""
        word = _KEPT_WORD.get(kind, UNKNOWN_WORD)
        if kind is Kind.KEPT:  # it says what it says to its neighbours
            word = self._lexicon.index.get(fold_tone_style(text).lower(), UNKNOWN_WORD)
        return WordSlot(_single(word, 0.0), 0, text, is_poor=False)

    def _make_searched(self, keys: Sequence[tuple[str, Kind]]) -> None:
        """Make the slots of words for which candidates were looked up."""
        words = [self._fold(text) for text, _ in keys]
        found = [self._strangers.weigh(word, self._found[word]) for word in words]
        poor = [self._is_poor(text) for text, _ in keys]
        kept: list[KeptWord] = []
        pairs: list[Sequence[PairReading]] = []
        for (text, kind), is_poor in zip(keys, poor, strict=True):
            folded = self._fold(text)
            number = self._lexicon.index.get(folded.lower(), -1) if kind is Kind.WORD else -1
            if number >= 0:
                kept.append(KeptWord(number, case_pattern(folded)))
            else:
                kept.append(KeptWord(_KEPT_WORD.get(kind, UNKNOWN_WORD), OTHER))
            splits = is_poor and len(folded) >= MIN_SPLIT_CHARS
            pairs.append(self._pairs(folded) if splits else ())
        slots = self._maker.make(
            found, pairs, kept, lambda row: self._keep_cost(words[row], keys[row][1])
        )
        for (text, kind), slot, is_poor in zip(keys, slots, poor, strict=True):
            self._slots[text, kind] = WordSlot(slot, 0, text, is_poor)

    def _keep_cost(self, folded: str, kind: Kind) -> float:
        """Log P of the observed word as one that the lexicon does not hold in this case."""
        if kind is Kind.WORD and folded.lower() in self._lexicon.index:
            own = self.channel.letter_log_prob(folded, folded)
            return max(own, IDENTITY_FLOOR_NATS)
        if kind is Kind.FIGURE:
            return FIGURE_NATS
        if kind is not Kind.WORD:
            base, each = self._settings.code_nats
            return -(base + each * len(folded))
        return unknown_cost(folded, self._settings.unknown_nats)

    def _pairs(self, folded: str) -> list[PairReading]:
        """Readings of one observed word as two words that were glued together."""
        rows: list[tuple[float, PairReading]] = []
        for left, right in _divisions(folded):
            for one in self._likely_pieces(left):
                for other in self._likely_pieces(right):
                    # A candidate has one case: `GlobalGAP` is no `Global` glued to `gặp`.
                    if other.pattern != LOWER and not one.pattern == other.pattern == UPPER:
                        continue
                    if (
                        self._strangers.is_foreign[one.word]
                        and self._strangers.is_foreign[other.word]
                    ):
                        continue  # `classroom` is a word of another language
                    local = one.local + other.local
                    rank = local + 0.5 * (one.commonness + other.commonness)
                    local += self.channel.log_join
                    rows.append((rank, PairReading(one.word, other.word, one.pattern, local)))
        rows.sort(key=lambda row: (row[0], row[1].word, row[1].second), reverse=True)
        return [reading for _, reading in rows[:PAIRS_KEPT]]

    def _likely_pieces(self, text: str) -> "list[_Piece]":
        """The likeliest words of a part of an observed word."""
        if text not in self._pieces:
            found = self._glimpsed[text]
            common = self._model.unigram_log_prob[found.words]
            best = np.argsort(-(found.log_channel + common), kind="stable")[:PIECES_KEPT]
            columns = (found.words, found.patterns, found.log_channel, common)
            rows = zip(*(column[best].tolist() for column in columns), strict=True)
            self._pieces[text] = [_Piece(*row) for row in rows]
        return self._pieces[text]

    def _make_joined(self, text: str) -> WordSlot | None:
        found = self._glimpsed[self._fold(text)]
        if not len(found.words):
            return None
        best = self._maker.favourites(found)[:PAIRS_KEPT]
        slot = Slot(
            found.words[best],
            np.full(len(best), -1, dtype=np.int32),
            found.patterns[best],
            found.log_channel[best] + np.float32(self.channel.log_split),
        )
        return WordSlot(slot, -1, text, is_poor=False)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What a part of an observed word may have been; `commonness` is log P(word), nats."""

    word: int
    pattern: int
    local: float
    commonness: float


def _is_ruin(observed: str, found: Candidates) -> bool:
    best = found.log_channel[0] if len(found.words) else -np.inf
    return bool(best < -RUIN_NATS - RUIN_NATS_PER_CHAR * len(observed))


def _merged(found: Candidates, ruined: Candidates) -> Candidates:
    """Candidates of two channels; where both have one, the better explanation counts."""
    words = np.concatenate((found.words, ruined.words))
    patterns = np.concatenate((found.patterns, ruined.patterns))
    score = np.concatenate((found.log_channel, ruined.log_channel - np.float32(RUINED_NATS)))
    order = np.argsort(-score, kind="stable")
    _, first = np.unique(words[order].astype(np.int64) * 4 + patterns[order], return_index=True)
    order = order[np.sort(first)]
    return Candidates(words[order], patterns[order], score[order])


def _as_it_is(text: str) -> str:
    return text


def _single(word: int, local: float) -> Slot:
    return Slot(
        np.array([word], dtype=np.int32),
        np.array([-1], dtype=np.int32),
        np.array([OTHER], dtype=np.int8),
        np.array([local], dtype=np.float32),
    )


def _divisions(text: str) -> list[tuple[str, str]]:
    """Ways to see two words in one, a stray mark between them left out."""
    ways: list[tuple[str, str]] = []
    for place in range(1, len(text)):
        left, right = text[:place], text[place:]
        if right[0] in _INNER and len(right) > 1:
            ways.append((left, right[1:]))
        elif 2 <= place <= len(text) - 2:
            ways.append((left, right))
    return ways
