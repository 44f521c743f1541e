"""What the page says of its words, weighed: how far to trust what was read, and what else was.

In: evidence about spans of a text and the slot of a token; out: a slot in which the observed word
scores more where the engine was sure of it and less where it was not, and in which other readings
of the same place are candidates.

An engine's confidence is no probability. What it is worth was counted on rendered and damaged pages
that were read as pages are: of the words with such a confidence, how many were right. The odds of
that beside the odds of all words are what the confidence adds, as a second witness beside the
letters.

Source:
    Word confidence as a likelihood ratio beside the score of the words: Evermann and Woodland 2000,
    "Large vocabulary decoding and confidence estimation using word posterior probabilities",
    ICASSP.
"""

import dataclasses
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vnrepair.errors import ConfigError
from vnrepair.records import Evidence, Hypothesis
from vnrepair.restore.language_model import UNKNOWN_WORD
from vnrepair.restore.lexicon import OTHER, Lexicon, case_pattern
from vnrepair.restore.paths import Slot
from vnrepair.restore.tokenise import Kind, Token, split_chunk

__all__ = [
    "TRUSTS",
    "PageEvidence",
    "Trust",
    "Witness",
    "Witnesses",
    "check_evidence",
    "weigh_confidences",
]


@dataclass(frozen=True, slots=True)
class Trust:
    """What the evidence of a page is worth to a profile.

    Attributes:
        confidences: Confidences at which `nats` are given, rising; straight lines between them,
            level beyond.
        nats: Log odds that a word with such a confidence is right, beside those of all words.
        unknown_nats: The same for a word that no lexicon knows: seldom right unless read surely.
        capital_nats: The same for a known word in capitals, of which the engine is less sure.
    """

    confidences: tuple[float, ...]
    nats: tuple[float, ...]
    unknown_nats: tuple[float, ...]
    capital_nats: tuple[float, ...]

    def weigh(
        self, confidence: float, *, is_known: bool = True, in_capitals: bool = False
    ) -> float:
        """Log odds that a word which was read so surely is right, beside those of all words."""
        if not is_known:
            nats = self.unknown_nats
        else:
            nats = self.capital_nats if in_capitals else self.nats
        return float(np.interp(confidence, self.confidences, nats))


TRUSTS: Mapping[str, Trust] = {
    "tesseract-eng": Trust(
        confidences=(0.5, 0.7, 0.8, 0.9, 0.93, 0.96, 0.97),
        nats=(-3.4, -3.1, -2.3, -0.6, 0.5, 1.2, 2.4),
        unknown_nats=(-3.4, -3.1, -2.3, -0.6, 0.5, 1.2, 2.4),
        capital_nats=(-3.4, -3.1, -2.3, -0.6, 0.5, 1.2, 2.4),
    ),
    "tesseract-vie": Trust(
        confidences=(0.2, 0.5, 0.75, 0.88, 0.915, 0.935, 0.955, 0.965, 0.972),
        nats=(-4.6, -3.5, -2.6, -2.0, -1.4, -0.3, 0.0, 1.8, 3.5),
        unknown_nats=(-15.0, -12.0, -10.0, -8.0, -4.0, 0.0, 2.0, 2.0, 3.5),
        capital_nats=(-4.6, -3.5, -2.6, -0.9, 0.5, 0.7, 0.8, 1.8, 3.5),
    ),
}
"""Counted on pages of held-out lines, of every kind of damage that `learn` knows: 91,000 words read
once with the Vietnamese model, of which 5 % were wrong, and 23,000 with the English one. Profiles
that are not here make nothing of evidence. Of 142,000 words on pages whose unsure words were read
twice 3 % were wrong, and the figures still held but for capitals: read with 0.90 to 0.93, one in a
hundred was wrong (20 of 1,984), of other words one in ten."""


def weigh_confidences(profile: str, confidences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Trust in words that were read with these confidences, nats.

    Args:
        profile: Names the trust.
        confidences: 0.0-1.0, not a number where none is known.

    Returns:
        Nats, the same shape; 0.0 where nothing is known.
    """
    trust = TRUSTS.get(profile)
    if trust is None:
        return np.zeros(len(confidences))
    found = np.interp(confidences, trust.confidences, trust.nats)
    return np.where(np.isnan(confidences), 0.0, found)


def check_evidence(source: str, evidence: Sequence[Evidence]) -> None:
    """Make sure that evidence fits a text.

    Args:
        source: The NFC text.
        evidence: What is said about it.

    Raises:
        ConfigError: A span is empty, overlaps its predecessor or ends behind the text, or a
            confidence lies outside 0.0-1.0.
    """
    done = 0
    for one in evidence:
        if not done <= one.start < one.end <= len(source):
            raise ConfigError(
                f"evidence for {one.start}-{one.end} of a text of {len(source)} characters: give "
                "spans of the NFC text, in order, none overlapping another"
            )
        confidences = (one.confidence, *(other.confidence for other in one.others))
        if not all(0.0 <= confidence <= 1.0 for confidence in confidences):
            raise ConfigError(f"confidence of {source[one.start : one.end]!r}: give 0.0 to 1.0")
        done = one.end


@dataclass(frozen=True, slots=True)
class Witness:
    """What the page says of one token.

    Attributes:
        confidence: Of the engine in the word that the token is of, 0.0-1.0.
        others: What other readings have in its place, without the marks around it.
    """

    confidence: float
    others: tuple[Hypothesis, ...] = ()


class PageEvidence:
    """Evidence by place.

    Args:
        source: The NFC text that the spans point into.
        evidence: Spans in order, none overlapping another.
    """

    def __init__(self, source: str = "", evidence: Sequence[Evidence] = ()) -> None:
        self._source, self._evidence = source, evidence
        self._starts = [one.start for one in evidence]

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._evidence)

    def inside(self, start: int, end: int) -> "PageEvidence":
        """What is said of a piece of the text, with places that count from its start."""
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        shifted = [
            dataclasses.replace(one, start=one.start - start, end=one.end - start)
            for one in self._evidence[first:last]
        ]
        return PageEvidence(self._source[start:end], shifted)

    def at(self, place: int) -> Evidence | None:
        """What is said of the word that holds a code point."""
        index = bisect_right(self._starts, place) - 1
        if index < 0 or self._evidence[index].end <= place:
            return None
        return self._evidence[index]

    def of(self, token: Token) -> Witness | None:
        """What is said of a token."""
        one = self.at(token.start)
        if one is None:
            return None
        if not one.others:
            return Witness(one.confidence)
        return Witness(one.confidence, tuple(self._in_place_of(token, one)))

    def _in_place_of(self, token: Token, one: Evidence) -> Iterator[Hypothesis]:
        """The cores of other readings at the place of a token of a word with several."""
        pieces = split_chunk(self._source[one.start : one.end])
        offsets = [offset for offset, *_ in pieces]
        if token.start - one.start not in offsets:
            return
        place = offsets.index(token.start - one.start)
        for other in one.others:
            parts = split_chunk(other.text)
            # Readings that divide the word elsewhere do not say which part stands for which.
            if len(parts) == len(pieces) and parts[place][2] is Kind.WORD:
                yield Hypothesis(parts[place][1], other.confidence)


class Witnesses:
    """Weighs slots by what the page says of their tokens.

    Args:
        lexicon: The words.
        trust: What evidence is worth.
        fold: Brings a word to the spelling of the lexicon.
    """

    def __init__(self, lexicon: Lexicon, trust: Trust, fold: Callable[[str], str]) -> None:
        self._lexicon, self._trust, self._fold = lexicon, trust, fold

    def weigh(self, slot: Slot, keep: int, observed: str, witness: Witness) -> Slot:
        """A slot with the evidence in its scores.

        Args:
            slot: The candidates for a token.
            keep: Index of the one that leaves it as it is.
            observed: The token.
            witness: What the page says of it.

        Returns:
            The same candidates in the same order; those that only other readings have stand behind.
        """
        local = slot.local.astype(np.float64)
        if any(c.isalpha() for c in observed):  # of a lone mark, the letters know nothing
            is_known = bool(slot.words[keep] > UNKNOWN_WORD)
            local[keep] += self._trust.weigh(
                witness.confidence,
                is_known=is_known,
                in_capitals=len(observed) > 1 and observed.isupper(),
            )
        added: dict[tuple[int, int], float] = {}
        for other in witness.others:
            number, pattern = self._find(other.text)
            if number < 0 or any(c.isdigit() for c in observed):
                continue  # no reading but the page itself says what a digit is
            # A word that was read as itself: the letters cost nothing, its confidence counts.
            score = self._trust.weigh(other.confidence)
            is_other = (slot.words == number) & (slot.patterns == pattern) & (slot.seconds < 0)
            rows = np.flatnonzero(is_other)
            if keep in rows:
                continue
            if len(rows):
                local[rows] = np.maximum(local[rows], score)
            else:
                added[number, pattern] = max(score, added.get((number, pattern), -np.inf))
        words, patterns = [w for w, _ in added], [p for _, p in added]
        return Slot(
            np.append(slot.words, np.array(words, dtype=np.int32)),
            np.append(slot.seconds, np.full(len(added), -1, dtype=np.int32)),
            np.append(slot.patterns, np.array(patterns, dtype=np.int8)),
            np.append(local, [*added.values()]).astype(np.float32),
        )

    def _find(self, text: str) -> tuple[int, int]:
        """Number and case pattern of a word; -1 where the lexicon cannot write it so."""
        folded = self._fold(text)
        pattern = case_pattern(folded)
        return (-1 if pattern == OTHER else self._lexicon.index.get(folded.lower(), -1)), pattern
