"""How well short texts read as Vietnamese, so that readings of one place can be compared.

The channel plays no part: what is asked is not what a text may have been, but whether it can be
what a page says. Text in, log probabilities out.
"""

from collections.abc import Sequence

import numpy as np

from vnrepair.language.tones import fold_tone_style
from vnrepair.restore.language_model import (
    CODE_WORD,
    NUMBER_WORD,
    START_STATE,
    UNKNOWN_WORD,
    NgramLanguageModel,
    next_state,
)
from vnrepair.restore.lexicon import OTHER, Lexicon, case_pattern
from vnrepair.restore.tokenise import Kind, Token, tokenise

__all__ = ["Fluency"]

UNKNOWN_NATS_PER_CHAR = 2.0
"""Of a word that no lexicon knows, beside the model's own P(unknown): its letters must be spelt."""
UNLIKELY_CASE_NATS = 4.0
"""Of a capital inside a word, `khOản`: nobody writes so."""
PUNCTUATION_NATS = 1.5
"""Of a mark that texts use, behind a word or as brackets around it."""
SYMBOL_NATS = 5.0
"""Of any other mark, and of marks without a word."""
_USUAL = {
    "lead": frozenset('(“"-–+'),
    "trail": frozenset('.,;:)!?”"/-–…'),
    "alone": frozenset("-–+/"),
}


class Fluency:
    """Weighs texts by an n-gram model; threads may share it.

    Args:
        lexicon: The words that the model knows.
        model: P(word | words before).
    """

    def __init__(self, lexicon: Lexicon, model: NgramLanguageModel) -> None:
        self._lexicon = lexicon
        self._model = model

    def weigh(self, texts: Sequence[str]) -> list[float]:
        """Log probability of each text, nats; 0.0 for an empty one.

        Args:
            texts: Some words each, NFC; a text need not begin or end with a sentence.
        """
        tokens = [list(tokenise(text)) for text in texts]
        totals = np.array([sum(map(_spelling_nats, row)) for row in tokens], dtype=np.float64)
        width = max(map(len, tokens), default=0)
        words = np.full((len(texts), width), -1, dtype=np.int64)
        for row, found in enumerate(tokens):
            numbers = [self._number(token) for token in found]
            words[row, : len(numbers)] = numbers
            unknown = (t for t, n in zip(found, numbers, strict=True) if n == UNKNOWN_WORD)
            totals[row] -= UNKNOWN_NATS_PER_CHAR * sum(len(token.text) for token in unknown)
        states = np.full(len(texts), START_STATE)
        for column in range(width):
            rows = np.flatnonzero(words[:, column] >= 0)
            here = words[rows, column]
            found_nats = self._model.log_prob(states[rows, None], here[:, None])
            totals[rows] += found_nats[:, 0, 0]
            states[rows] = next_state(states[rows], here)
        return [float(total) for total in totals]

    def _number(self, token: Token) -> int:
        if token.kind is Kind.NUMBER:
            return NUMBER_WORD
        if token.kind is Kind.WORD:
            return self._lexicon.index.get(fold_tone_style(token.text).lower(), UNKNOWN_WORD)
        return CODE_WORD


def _spelling_nats(token: Token) -> float:
    """Log probability of a token's marks and capitals, whatever the word is."""
    if token.kind is Kind.PUNCTUATION:
        return _marks_nats(token.text, "alone")
    nats = _marks_nats(token.lead, "lead") + _marks_nats(token.trail, "trail")
    if token.kind is Kind.WORD and case_pattern(token.text) == OTHER:
        nats -= UNLIKELY_CASE_NATS
    return nats


def _marks_nats(marks: str, place: str) -> float:
    usual = _USUAL[place]
    return -sum(PUNCTUATION_NATS if mark in usual else SYMBOL_NATS for mark in marks)
