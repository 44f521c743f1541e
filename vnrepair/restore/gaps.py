"""Words that were read without the blank between them: `tong,ket` for `tổng kết`.

OCR sees a speck between two words as a mark and loses the blank beside it. Whether the mark was
one depends on the words: what is said together has none in between.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from vnrepair.records import Edit
from vnrepair.restore.decisions import Decisions
from vnrepair.restore.language_model import UNKNOWN_WORD, NgramLanguageModel
from vnrepair.restore.segments import Chosen
from vnrepair.restore.tokenise import Kind, Token

__all__ = ["gap_edits", "neighbours"]

MIN_PULL_NATS = 3.0
"""Nats by which a word must be likelier behind its predecessor than anywhere."""
SPECKS, PAUSES = frozenset(",:"), frozenset(",;")
"""A full stop is none in front of a small letter."""
MIN_WORD_CHARS = 2

Written = tuple[Token, int]


def neighbours(chosen: Chosen, decisions: Decisions) -> Iterator[tuple[Written, Written]]:
    """Tokens that follow each other without a blank, with the words that are written for them."""
    words, seconds = chosen.placed.words, chosen.placed.seconds
    for row in range(1, len(chosen.position)):
        token = chosen.token(row)
        if token.glued and not chosen.joined[row]:
            before, own = decisions.written[row - 1], decisions.written[row]
            last = seconds[before] if seconds[before] >= 0 else words[before]
            yield (chosen.token(row - 1), int(last)), (token, int(words[own]))


def gap_edits(
    neighbours: Iterable[tuple[Written, Written]], model: NgramLanguageModel
) -> list[Edit]:
    """Blanks that are missing between words.

    Args:
        neighbours: Pairs of tokens that follow each other, each with the number of the word that
            is written for it.
        model: Tells what is said together.

    Returns:
        Edits of the marks between the tokens.
    """
    edits: list[Edit] = []
    for (one, first), (other, second) in neighbours:
        mark = one.trail + other.lead
        if not other.glued or len(mark) != 1 or min(first, second) <= UNKNOWN_WORD:
            continue
        words = all(t.kind is Kind.WORD and len(t.text) >= MIN_WORD_CHARS for t in (one, other))
        if not words or not other.text[:1].islower():
            continue
        if mark == "." or (mark in SPECKS and _pull(model, first, second) >= MIN_PULL_NATS):
            edits.append(Edit(one.end, other.start, mark, " ", "restore/split"))
        elif mark in PAUSES:
            edits.append(Edit(one.end, other.start, mark, mark + " ", "restore/split"))
    return edits


def _pull(model: NgramLanguageModel, first: int, second: int) -> float:
    """Log P(second | first) / P(second), nats."""
    state = np.array([[first]], dtype=np.uint64)
    word = np.array([[second]], dtype=np.int64)
    return float(model.log_prob(state, word)[0, 0, 0] - model.unigram_log_prob[second])
