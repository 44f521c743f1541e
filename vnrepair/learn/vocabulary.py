"""Which words the language model and the lexicon know, and in which case they are written.

A word is counted under its lower-case form with tone marks in one style (`hoà` as `hòa`).
Vietnamese syllables enter early; what is no syllable (abbreviations, foreign words) must be
met more often.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vnrepair.language.syllables import is_valid_syllable
from vnrepair.language.tones import fold_tone_style
from vnrepair.learn.corpus import BREAK, CODE, NUMBER, TokenStream
from vnrepair.restore.language_model import (
    CODE_WORD,
    NUMBER_WORD,
    SPECIAL_WORDS,
    START_WORD,
    UNKNOWN_WORD,
)
from vnrepair.restore.lexicon import OTHER, PATTERNS, START_PATTERN, case_pattern

__all__ = ["Vocabulary", "build_vocabulary"]

MIN_SYLLABLE_COUNT = 4
MIN_OTHER_COUNT = 30
MAX_WORDS = 40_000


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words and how corpus tokens map to them.

    Attributes:
        words: Forms by number; `SPECIAL_WORDS` stand first, the rest by falling count.
        counts: Occurrences, int64, shape (words,).
        cases: Occurrences inside a sentence by case pattern, int64, shape (words, 4).
        initial: The same for the first word of a sentence.
        writing: Commonest lower-case writing of words with more than one style of tone marks,
            where it is not the form itself (`hoà` for `hòa`).
        transitions: How often a case pattern follows another inside a sentence, int64, shape
            (5, 4); row 4 is the start of a sentence.
        word_of_type: Word number of each type of the token stream, uint16.
    """

    words: tuple[str, ...]
    counts: NDArray[np.int64]
    cases: NDArray[np.int64]
    initial: NDArray[np.int64]
    writing: dict[str, str]
    transitions: NDArray[np.int64]
    word_of_type: NDArray[np.uint16]


def build_vocabulary(stream: TokenStream, extra: Sequence[str] = ()) -> Vocabulary:
    """Choose the words.

    Args:
        stream: The corpora.
        extra: Forms that are taken whatever their count (places, abbreviations).
    """
    size = len(stream.types)
    inside = np.zeros(size, dtype=np.int64)
    first = np.zeros(size, dtype=np.int64)
    for _, events in stream.parts:
        if not len(events):
            continue
        after_break = np.concatenate(([True], events[:-1] == BREAK))
        first += np.bincount(events[after_break], minlength=size)
        inside += np.bincount(events[~after_break], minlength=size)
    forms = [fold_tone_style(word.lower()) for word in stream.types]
    total: dict[str, int] = {}
    for index in range(len((BREAK, NUMBER, CODE)), size):
        if forms[index].isalpha():
            total[forms[index]] = total.get(forms[index], 0) + int(inside[index] + first[index])
    wanted = {fold_tone_style(word.lower()) for word in extra}
    ranked = sorted(
        (
            form
            for form, count in total.items()
            if form in wanted
            or count >= (MIN_SYLLABLE_COUNT if is_valid_syllable(form) else MIN_OTHER_COUNT)
        ),
        key=lambda form: (-total[form], form),
    )
    ranked = ranked[: MAX_WORDS - len(SPECIAL_WORDS)]
    words = SPECIAL_WORDS + tuple(ranked) + tuple(sorted(wanted - set(ranked)))
    number = {word: index for index, word in enumerate(words)}
    word_of_type = np.array([number.get(form, UNKNOWN_WORD) for form in forms], dtype=np.uint16)
    word_of_type[[BREAK, NUMBER, CODE]] = (START_WORD, NUMBER_WORD, CODE_WORD)
    cases = np.zeros((len(words), PATTERNS), dtype=np.int64)
    initial = np.zeros_like(cases)
    writings: dict[str, dict[str, int]] = {}
    patterns = np.full(size, OTHER, dtype=np.int64)
    for index in range(len((BREAK, NUMBER, CODE)), size):
        word = int(word_of_type[index])
        if word == UNKNOWN_WORD:
            continue
        written = stream.types[index]
        patterns[index] = case_pattern(written)
        cases[word, patterns[index]] += inside[index]
        initial[word, patterns[index]] += first[index]
        styles = writings.setdefault(forms[index], {})
        styles[written.lower()] = styles.get(written.lower(), 0) + int(inside[index] + first[index])
    counts = np.bincount(word_of_type, weights=inside + first, minlength=len(words))
    commonest = {
        form: max(sorted(styles), key=lambda item: styles[item])
        for form, styles in writings.items()
        if len(styles) > 1
    }
    return Vocabulary(
        words,
        counts.astype(np.int64),
        cases,
        initial,
        {form: style for form, style in commonest.items() if style != form},
        _transitions(stream, patterns),
        word_of_type,
    )


def _transitions(stream: TokenStream, patterns: NDArray[np.int64]) -> NDArray[np.int64]:
    patterns = patterns.copy()
    patterns[BREAK] = START_PATTERN
    size = START_PATTERN + 1
    pairs = np.zeros(size * size, dtype=np.int64)
    for _, events in stream.parts:
        written = patterns[events]
        pairs += np.bincount(written[:-1] * size + written[1:], minlength=size * size)
    return pairs.reshape(size, size)[:, :START_PATTERN]
