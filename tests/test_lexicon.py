"""The table of words becomes a letter tree and statistics of case, and damage is told by name."""

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import written_syllables
from vnrepair.errors import ResourceError
from vnrepair.language.syllables import is_valid_syllable
from vnrepair.language.tones import fold_tone_style
from vnrepair.restore.language_model import SPECIAL_WORDS
from vnrepair.restore.lexicon import (
    LOWER,
    OTHER,
    START_PATTERN,
    TITLE,
    UPPER,
    Lexicon,
    apply_pattern,
    case_pattern,
    find_dictionaries,
    load_lexicon,
)

HEADER = (
    "word\twriting\tcount\tinside_lower\tinside_title\tinside_upper\tinside_other"
    "\tfirst_lower\tfirst_title\tfirst_upper\tfirst_other\n"
)
TRANSITIONS = "before\tpattern\tcount\n0\t0\t900\n1\t1\t50\n2\t2\t80\n4\t1\t70\n"


def _write(folder: Path, words: str, transitions: str = TRANSITIONS) -> Path:
    (folder / "words.tsv").write_text(HEADER + words, encoding="utf-8")
    (folder / "case_transitions.tsv").write_text(transitions, encoding="utf-8")
    return folder


@pytest.fixture
def lexicon(tmp_path: Path) -> Lexicon:
    return load_lexicon(
        _write(
            tmp_path,
            "của\t\t1000\t990\t5\t5\t0\t0\t0\t0\t0\n"
            "hòa\thoà\t90\t30\t60\t0\t0\t0\t0\t0\t0\n"
            "hòan\t\t2\t2\t0\t0\t0\t0\t0\t0\t0\n"
            "ubnd\t\t80\t0\t0\t80\t0\t0\t0\t0\t0\n"
            "kính\t\t70\t10\t0\t0\t0\t0\t60\t0\t0\n",
        )
    )


@pytest.fixture(scope="module")
def real() -> Lexicon:
    return load_lexicon(find_dictionaries())


@pytest.mark.parametrize(
    ("word", "pattern"),
    [
        ("học", LOWER),
        ("đ", LOWER),
        ("Học", TITLE),
        ("Đ", TITLE),
        ("HỌC", UPPER),
        ("TTg", OTHER),
        ("họC", OTHER),
        ("6", OTHER),
        ("", OTHER),
    ],
)
def test_a_word_has_a_case_pattern(word: str, pattern: int) -> None:
    assert case_pattern(word) == pattern


@given(written_syllables)
def test_a_pattern_puts_the_case_back(word: str) -> None:
    composed = unicodedata.normalize("NFC", word)
    assert apply_pattern(composed.lower(), case_pattern(composed)) == composed


def test_words_are_numbered_behind_the_special_ones(lexicon: Lexicon) -> None:
    assert lexicon.words == (*SPECIAL_WORDS, "của", "hòa", "hòan", "ubnd", "kính")
    assert [lexicon.index[word] for word in lexicon.words] == list(range(len(lexicon.words)))
    assert lexicon.counts[4:].tolist() == [1000, 90, 2, 80, 70]
    assert lexicon.writing == {"hòa": "hoà"}


def _walk(lexicon: Lexicon, word: str) -> int:
    """The word that the letter tree finds, -1 for none."""
    node = 0
    for letter in word:
        if letter not in lexicon.letters:
            return -1
        node = int(lexicon.children[node, lexicon.letters.index(letter)])
        if node < 0:
            return -1
    return int(lexicon.word_at[node])


def test_the_tree_leads_to_every_word_and_to_no_other(lexicon: Lexicon) -> None:
    for number, word in enumerate(lexicon.words[4:], start=4):
        assert _walk(lexicon, word) == number
    assert [_walk(lexicon, word) for word in ("", "hò", "hòang", "x", "ubn", "<s>")] == [-1] * 6


def test_the_tree_that_comes_along_leads_to_every_word(real: Lexicon) -> None:
    assert all(_walk(real, word) == number for number, word in enumerate(real.words) if number > 3)


def test_log_case_is_a_probability_that_follows_the_counts(lexicon: Lexicon) -> None:
    np.testing.assert_allclose(np.exp(lexicon.log_case).sum(axis=2), 1.0, rtol=1e-5)
    inside, first = lexicon.log_case
    number = lexicon.index
    assert inside[number["của"]].argmax() == LOWER
    assert inside[number["hòa"]].argmax() == TITLE
    assert inside[number["ubnd"]].argmax() == UPPER
    assert first[number["kính"]].argmax() == TITLE


def test_the_ratio_favours_what_follows(lexicon: Lexicon) -> None:
    ratio = lexicon.log_case_ratio
    assert ratio.shape == (START_PATTERN + 1, 4)
    assert ratio[UPPER].argmax() == UPPER
    assert ratio[START_PATTERN].argmax() == TITLE


def test_an_empty_table_is_a_lexicon_without_words(tmp_path: Path) -> None:
    lexicon = load_lexicon(_write(tmp_path, ""))
    assert lexicon.words == SPECIAL_WORDS
    assert _walk(lexicon, "a") == -1


def test_comment_lines_are_skipped(tmp_path: Path) -> None:
    lexicon = load_lexicon(_write(tmp_path, "# of places\nhuế\t\t3\t0\t3\t0\t0\t0\t0\t0\t0\n"))
    assert lexicon.words[4:] == ("huế",)


@pytest.mark.parametrize("name", ["words.tsv", "case_transitions.tsv"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    _write(tmp_path, "")
    (tmp_path / name).unlink()
    with pytest.raises(ResourceError, match=name):
        load_lexicon(tmp_path)


@pytest.mark.parametrize(
    ("words", "transitions"),
    [
        ("của\t\tmany\t1\t1\t1\t1\t1\t1\t1\t1\n", TRANSITIONS),
        ("của\t\t12\n", TRANSITIONS),
        ("", "before\tpattern\tcount\n0\t0\tx\n"),
        ("", "before\tpattern\tcount\n9\t9\t1\n"),
        ("", "before\tpattern\tcount\n1\n"),
    ],
    ids=["a word for a count", "cells missing", "no number", "no such pattern", "one cell"],
)
def test_a_damaged_table_is_refused(tmp_path: Path, words: str, transitions: str) -> None:
    with pytest.raises(ResourceError, match=tmp_path.name):
        load_lexicon(_write(tmp_path, words, transitions))


def test_a_table_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, "")
    (tmp_path / "words.tsv").write_bytes(HEADER.encode() + "của".encode("utf-16"))
    with pytest.raises(ResourceError, match=r"words\.tsv"):
        load_lexicon(tmp_path)


def test_the_lexicon_that_comes_along_holds_the_common_syllables(real: Lexicon) -> None:
    text = (
        "của và các những một người trong không được cho với này đã là có ở để về ủy ban nhân dân "
        "huyện xã phường kế hoạch quyết định thông báo nghị quyết trường học bệnh viện tiếng việt "
        "yêu thương đường thủy quốc gia khuya nghiêng xoong hươu"
    )
    assert [word for word in text.split() if word not in real.index] == []
    assert all(word == word.lower() for word in real.words)
    assert all(unicodedata.is_normalized("NFC", word) for word in real.words)
    assert all(fold_tone_style(word) == word for word in real.words)
    assert sum(is_valid_syllable(word) for word in real.words) > 4_000


@given(st.sampled_from(["văn", "phòng", "việt"]), st.sampled_from([LOWER, TITLE, UPPER]))
def test_common_words_may_stand_in_any_case(word: str, pattern: int) -> None:
    lexicon = load_lexicon(find_dictionaries())
    assert lexicon.log_case[0, lexicon.index[word], pattern] > -12.0
