"""The words of a corpus, counted under one form, with the cases that they were written in."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from vnrepair.learn.corpus import BREAK, CODE, NUMBER, SPECIAL_TYPES, TokenStream
from vnrepair.learn.vocabulary import (
    MIN_OTHER_COUNT,
    MIN_SYLLABLE_COUNT,
    Vocabulary,
    build_vocabulary,
)
from vnrepair.restore.language_model import (
    CODE_WORD,
    NUMBER_WORD,
    SPECIAL_WORDS,
    START_WORD,
    UNKNOWN_WORD,
)
from vnrepair.restore.lexicon import LOWER, OTHER, START_PATTERN, TITLE, UPPER


def _stream(sentences: Sequence[str], times: int = 1) -> TokenStream:
    """What the encoder makes of sentences, `#` for a number and `$` for a code."""
    types = {name: number for number, name in enumerate(SPECIAL_TYPES)}
    special = {"#": NUMBER, "$": CODE}
    events: list[int] = []
    for sentence in [*sentences] * times:
        events.append(BREAK)
        for word in sentence.split():
            events.append(special.get(word) or types.setdefault(word, len(types)))
    return TokenStream(tuple(types), (("a", np.array(events, dtype=np.int32)),), Counter())


def _number(vocabulary: Vocabulary, word: str) -> int:
    return vocabulary.words.index(word)


def test_special_words_stand_first_and_the_rest_by_falling_count() -> None:
    vocabulary = build_vocabulary(_stream(["xã ta có", "xã có", "xã"], 10))
    assert vocabulary.words == (*SPECIAL_WORDS, "xã", "có", "ta")
    assert vocabulary.counts[4:].tolist() == [30, 20, 10]


def test_seldom_words_are_left_out_and_strangers_sooner() -> None:
    sentences = (
        ["xã"] * MIN_SYLLABLE_COUNT
        + ["thôn"] * (MIN_SYLLABLE_COUNT - 1)
        + ["WTO"] * MIN_OTHER_COUNT
        + ["GDP"] * (MIN_OTHER_COUNT - 1)
    )
    vocabulary = build_vocabulary(_stream(sentences))
    assert set(vocabulary.words[4:]) == {"xã", "wto"}


def test_extra_forms_are_taken_whatever_their_count() -> None:
    vocabulary = build_vocabulary(_stream(["Kbang"]), ["Kbang", "Hoà", "Lạ"])
    assert set(vocabulary.words[4:]) == {"kbang", "hòa", "lạ"}
    assert vocabulary.counts[_number(vocabulary, "lạ")] == 0


def test_what_is_not_of_letters_is_no_word() -> None:
    assert build_vocabulary(_stream(["l'xã x&y"], 50)).words == SPECIAL_WORDS


def test_types_are_mapped_to_words() -> None:
    stream = _stream(["Xã # xã $ qzx"], 10)
    vocabulary = build_vocabulary(stream)
    number = {name: int(vocabulary.word_of_type[i]) for i, name in enumerate(stream.types)}
    assert number["<s>"] == START_WORD
    assert number["<num>"] == NUMBER_WORD
    assert number["<code>"] == CODE_WORD
    assert number["Xã"] == number["xã"] == _number(vocabulary, "xã")
    assert number["qzx"] == UNKNOWN_WORD


def test_cases_are_counted_apart_for_the_start_of_a_sentence() -> None:
    vocabulary = build_vocabulary(_stream(["Xã ta", "ta Xã XÃ", "xã xÃ"], 10))
    word = _number(vocabulary, "xã")
    inside = dict.fromkeys((LOWER, TITLE, UPPER, OTHER), 10) | {LOWER: 0}
    assert vocabulary.cases[word].tolist() == [inside[p] for p in (LOWER, TITLE, UPPER, OTHER)]
    assert vocabulary.initial[word].tolist() == [10, 10, 0, 0]
    assert vocabulary.counts[word] == vocabulary.cases[word].sum() + vocabulary.initial[word].sum()


def test_both_styles_of_tone_marks_are_one_word_with_its_commoner_writing() -> None:
    vocabulary = build_vocabulary(_stream(["hoà hoà hòa thủy thủy thuỷ"], 5))
    assert set(vocabulary.words[4:]) == {"hòa", "thủy"}
    assert vocabulary.counts[4:].tolist() == [15, 15]
    assert vocabulary.writing == {"hòa": "hoà"}


def test_transitions_count_which_case_follows_which() -> None:
    vocabulary = build_vocabulary(_stream(["Ủy BAN nhân", "XÃ # ta"], 10))
    moves = vocabulary.transitions
    assert moves.shape == (START_PATTERN + 1, 4)
    assert moves[START_PATTERN].tolist() == [0, 10, 10, 0]
    assert moves[TITLE].tolist() == [0, 0, 10, 0]
    assert moves[UPPER].tolist() == [10, 0, 0, 10]  # a number is of no case
    assert moves[OTHER].tolist() == [10, 0, 0, 0]


def test_a_corpus_without_words_has_the_special_words_only() -> None:
    vocabulary = build_vocabulary(_stream(["# $"]))
    assert vocabulary.words == SPECIAL_WORDS
    assert vocabulary.counts[[NUMBER_WORD, CODE_WORD]].tolist() == [1, 1]
