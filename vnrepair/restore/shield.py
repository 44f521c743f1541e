"""What is kept from repair before anything is decoded, and marks that are read into words.

In: the tokens of a block; out: tokens of which those that must stay are codes to the decoder.
"""

import dataclasses
from collections.abc import Container, Sequence

from vnrepair.restore.stray_marks import as_figure, is_fixed, with_false_ending
from vnrepair.restore.tokenise import Kind, Token, ends_sentence

__all__ = ["keep_foreign", "shield"]

MIN_FOREIGN_WORDS, FOREIGN_SHARE = 5, 0.4
"""So many plain words, of which fewer than this share could be Vietnamese, are another language."""
_END = (1 << 60, 1 << 60)


def shield(
    tokens: Sequence[Token], taken: Sequence[tuple[int, int]], readings: Container[str] | None
) -> list[Token]:
    """Make codes of what must stay, and drop lone punctuation.

    Args:
        tokens: Of one block, in order.
        taken: Spans of document ids and the like, in order, whose tokens are codes.
        readings: What words are known to come out as, where marks and figures may be parts of
            words; None where they are what they are.

    Returns:
        The tokens that are decoded; lone marks that end a sentence are behind their predecessor.
    """
    shielded: list[Token] = []
    spans = iter([*taken, _END])
    start, end = next(spans)
    for token in tokens:
        while token.start >= end:
            start, end = next(spans)
        if token.kind is not Kind.PUNCTUATION:
            previous = shielded[-1] if shielded else None
            is_kept = start <= token.start < end or is_fixed(token, previous)
            shielded.append(_as_code(token) if is_kept else token)
            if previous is not None and readings is not None:
                shielded[-2] = with_false_ending(previous, token, readings)
                shielded[-1] = as_figure(shielded[-1], shielded[-2])
        elif shielded and ends_sentence(token.text):
            last = shielded[-1]
            # The blank tells that these marks do not stand directly behind the word.
            shielded[-1] = dataclasses.replace(last, trail=f"{last.trail} {token.text}")
    return shielded


def keep_foreign(tokens: list[Token], bare_syllables: Container[str]) -> list[Token]:
    """Keep a sentence that is clean and can hardly be Vietnamese, such as a line of English.

    Args:
        tokens: Of one sentence.
        bare_syllables: Lower-case skeletons of all Vietnamese syllables.
    """
    words = [token.text for token in tokens if token.kind is Kind.WORD and len(token.text) > 1]
    if len(words) < MIN_FOREIGN_WORDS or not all(w.isascii() and w.isalpha() for w in words):
        return tokens
    known = sum(word.lower() in bare_syllables for word in words)
    return tokens if known >= FOREIGN_SHARE * len(words) else [_as_code(t) for t in tokens]


def _as_code(token: Token) -> Token:
    return dataclasses.replace(token, kind=Kind.DOCUMENT_ID)
