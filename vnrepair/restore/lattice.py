"""Tokens to lattices: what each observed word, or pair of words, may have been.

Slots are made once per distinct word and kept, as a text repeats its words; missing ones are made
together, since the search works on many words at once.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vnrepair.language.letters import skeleton
from vnrepair.language.tones import fold_tone_style
from vnrepair.restore.candidates import Candidates, CandidateSearch
from vnrepair.restore.channel import Channel
from vnrepair.restore.decode import Slot
from vnrepair.restore.language_model import CODE_WORD, NUMBER_WORD, UNKNOWN_WORD, NgramLanguageModel
from vnrepair.restore.lexicon import LOWER, OTHER, TITLE, Lexicon, apply_pattern, case_pattern
from vnrepair.restore.profiles import ProfileSettings
from vnrepair.restore.tokenise import Kind, Token, is_roman_number

__all__ = ["LatticeBuilder", "WordSlot"]

POOR_NATS_PER_CHAR, POOR_NATS = 0.9, 1.5
"""A word explained worse than this may be two words, or half of one."""
PIECES_KEPT = 3
PAIRS_KEPT = 6
MIN_SPLIT_CHARS = 4
MAX_CACHED = 200_000
MAX_CODE_DIGITS = 2
IDENTITY_FLOOR_NATS = -12.0
FIGURE_NATS = -2.3  # one digit of ten
MIXED_CASE_NATS = 4.0
MARKED_FACTOR, STRAY_FACTOR = 1.8, 3.0
"""What a marked letter, or no letter, costs in an unknown word beside a plain letter."""
_INNER = frozenset(",.;:'’*_~")

_KEPT_WORD = {
    Kind.NUMBER: NUMBER_WORD,
    Kind.FIGURE: NUMBER_WORD,
    Kind.DOCUMENT_ID: CODE_WORD,
    Kind.ADDRESS: CODE_WORD,
    Kind.CODE: CODE_WORD,
}


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
    """

    def __init__(
        self,
        lexicon: Lexicon,
        channel: Channel,
        model: NgramLanguageModel,
        settings: ProfileSettings,
        max_candidates: int,
    ) -> None:
        self.channel = channel
        self._lexicon, self._model = lexicon, model
        self._settings, self._max = settings, max_candidates
        self._search = CandidateSearch(lexicon, channel)
        # Whole tokens get the wide search, parts and joins the narrow one: never the other's.
        self._found: dict[str, Candidates] = {}
        self._glimpsed: dict[str, Candidates] = {}
        # The English model of Tesseract knows no tone marks: `soé` is no other style of `sóe`.
        self._fold = _as_it_is if settings.repairs_codes else fold_tone_style
        self._slots: dict[tuple[str, Kind], WordSlot] = {}
        self._joined: dict[str, WordSlot | None] = {}

    def prepare(self, tokens: Sequence[Token]) -> None:
        """Make the slots that the tokens need and that are not there yet."""
        if len(self._slots) + len(self._joined) > MAX_CACHED:
            for cache in (self._found, self._glimpsed, self._slots, self._joined):
                cache.clear()
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
        for text, kind in fresh:
            self._slots[text, kind] = self._make(text, kind)
        wanted = [
            one.text + other.text
            for one, other in itertools.pairwise(tokens)
            if self._may_join(one, other) and one.text + other.text not in self._joined
        ]
        self._look_up((self._fold(text) for text in wanted), wide=False)
        for text in wanted:
            self._joined[text] = self._make_joined(text)

    def slot(self, token: Token) -> WordSlot:
        """The slot of a token that was prepared."""
        return self._slots[token.text, token.kind]

    def joined(self, one: Token, other: Token) -> WordSlot | None:
        """The slot of two neighbours read as one word, if that is worth considering."""
        return self._joined.get(one.text + other.text) if self._may_join(one, other) else None

    def writing(self, slot: Slot, index: int) -> str:
        """The text of a candidate."""
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

    def _make(self, text: str, kind: Kind) -> WordSlot:
        if not self._is_searched(text, kind):
            word = _KEPT_WORD.get(kind, UNKNOWN_WORD)
            return WordSlot(_single(word, 0.0), 0, text, is_poor=False)
        folded = self._fold(text)
        found = self._found[folded]
        poor = self._is_poor(text)
        words, patterns = found.words.astype(np.int64), found.patterns.astype(np.int64)
        local = found.log_channel
        seconds = np.full(len(words), -1, dtype=np.int64)
        number, pattern = self._lexicon.index.get(folded.lower(), -1), case_pattern(folded)
        keep_local = self._keep_cost(folded, kind)
        if kind is Kind.WORD and number >= 0:
            same = np.flatnonzero((words == number) & (patterns == pattern))
            keep_word, keep_pattern = number, pattern
            if len(same):
                keep_local = float(local[same[0]])
                rest = np.ones(len(words), dtype=bool)
                rest[same] = False
                words, patterns = words[rest], patterns[rest]
                local, seconds = local[rest], seconds[rest]
        else:
            keep_word, keep_pattern = _KEPT_WORD.get(kind, UNKNOWN_WORD), OTHER
        if poor and len(folded) >= MIN_SPLIT_CHARS:
            pair_words, pair_seconds, pair_patterns, pair_local = self._pairs(folded)
            words = np.concatenate((words, pair_words))
            seconds = np.concatenate((seconds, pair_seconds))
            patterns = np.concatenate((patterns, pair_patterns))
            local = np.concatenate((local, pair_local))
        best = self._best(words, patterns, local, seconds)
        slot = Slot(
            np.concatenate(([keep_word], words[best])).astype(np.int32),
            np.concatenate(([-1], seconds[best])).astype(np.int32),
            np.concatenate(([keep_pattern], patterns[best])).astype(np.int8),
            np.concatenate(([keep_local], local[best])).astype(np.float32),
        )
        return WordSlot(slot, 0, text, poor)

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
        lower, capital, each = self._settings.unknown_nats
        base = capital if folded[:1].isupper() else lower
        if case_pattern(folded) == OTHER:
            base += MIXED_CASE_NATS
        plain = sum(c.isascii() and c.isalpha() for c in folded)
        marked = sum(not c.isascii() and c.isalpha() for c in folded)
        stray = len(folded) - plain - marked
        # Names and foreign words are spelt with plain letters; what is not was hardly meant.
        return -(base + each * (plain + MARKED_FACTOR * marked + STRAY_FACTOR * stray))

    def _best(
        self,
        words: NDArray[np.int64],
        patterns: NDArray[np.int64],
        local: NDArray[np.float32],
        seconds: NDArray[np.int64] | None = None,
    ) -> NDArray[np.intp]:
        """The candidates that are worth decoding: the channel's and the wording's favourites."""
        weights = self._settings.weights
        rank = local + weights.language_model * self._model.unigram_log_prob[words]
        if seconds is not None:
            second = np.where(seconds >= 0, self._model.unigram_log_prob[seconds], 0.0)
            rank = rank + weights.language_model * second
        rank = rank + weights.case * self._lexicon.log_case[0, words, patterns]
        return np.argsort(-rank, kind="stable")[: self._max]

    def _pairs(
        self, folded: str
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Readings of one observed word as two words that were glued together."""
        rows: list[tuple[float, int, int, int]] = []
        for left, right in _divisions(folded):
            one, other = self._glimpsed[left], self._glimpsed[right]
            for a in self._likely_pieces(one):
                for b in self._likely_pieces(other):
                    score = float(one.log_channel[a] + other.log_channel[b])
                    first, second = int(one.words[a]), int(other.words[b])
                    prior = self._model.unigram_log_prob[[first, second]].sum() * 0.5
                    rows.append((score + float(prior), first, second, int(one.patterns[a])))
        rows.sort(reverse=True)
        rows = rows[:PAIRS_KEPT]
        local = np.array(
            [
                score
                - float(self._model.unigram_log_prob[[first, second]].sum() * 0.5)
                + self.channel.log_join
                for score, first, second, _ in rows
            ],
            dtype=np.float32,
        )
        numbers = np.array([row[1:] for row in rows], dtype=np.int64).reshape(-1, 3)
        return numbers[:, 0], numbers[:, 1], numbers[:, 2], local

    def _likely_pieces(self, found: Candidates) -> list[int]:
        rank = found.log_channel + self._model.unigram_log_prob[found.words]
        best: list[int] = np.argsort(-rank, kind="stable")[:PIECES_KEPT].tolist()
        return best

    def _make_joined(self, text: str) -> WordSlot | None:
        found = self._glimpsed[self._fold(text)]
        if not len(found.words):
            return None
        best = self._best(
            found.words.astype(np.int64), found.patterns.astype(np.int64), found.log_channel
        )
        best = best[:PAIRS_KEPT]
        slot = Slot(
            found.words[best],
            np.full(len(best), -1, dtype=np.int32),
            found.patterns[best],
            found.log_channel[best] + np.float32(self.channel.log_split),
        )
        return WordSlot(slot, -1, text, is_poor=False)


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
