"""Expectation maximisation finds the confusions that a text was garbled with."""

import functools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import written_syllables
from vnrepair.learn.channel import (
    ChannelTables,
    TokenPairs,
    align_chunks,
    collect_token_pairs,
    train_channel,
)

_TEXT = (
    "hoa quả bờ kênh mùa mưa làm vườn cây xanh thôn xóm đồi núi ruộng bậc thang lúa nương "
    "chợ phiên trẻ em học chữ nhà sàn bếp lửa tiếng khèn mận trắng đào phai"
)
_WORDS = _TEXT.split()


def _garbled(word: str, rng: np.random.Generator) -> str:
    """ơ comes out as `o'` half of the time, ê as é always, m as `rn` once in four times."""
    parts = []
    for letter in word:
        if letter == "ê":
            parts.append("é")
        elif letter == "ơ":
            parts.append("o'" if rng.random() < 0.5 else "ơ")
        elif letter == "m":
            parts.append("rn" if rng.random() < 0.25 else "m")
        else:
            parts.append(letter)
    return "".join(parts)


@functools.cache
def _trained() -> ChannelTables:
    rng = np.random.default_rng(2)
    words = Counter[tuple[str, str]]()
    for word in (*_WORDS, "sơn", "chơn", "hơn", "cơm", "kên", "mên", "êm", "tên"):
        for _ in range(60):
            words[_garbled(word, rng), word] += 1
    return train_channel(TokenPairs(words, splits=5, joins=2, total=1998, endings=Counter()))


@pytest.mark.parametrize(
    ("intended", "observed", "share"),
    [("ê", "é", 1.0), ("ơ", "o'", 0.5), ("ơ", "ơ", 0.5), ("m", "rn", 0.25), ("m", "m", 0.75)],
)
def test_a_known_confusion_is_recovered(intended: str, observed: str, share: float) -> None:
    # The table keeps back a few per cent for what other scanners do.
    assert _trained().letters[intended][observed] == pytest.approx(share, abs=0.1)


def test_letters_that_were_read_right_stay_right() -> None:
    letters = _trained().letters
    assert all(letters[letter][letter] > 0.85 for letter in "nhcđu")


def test_every_row_is_nearly_a_probability() -> None:
    for letter, row in _trained().letters.items():
        assert all(0.0 < value <= 1.0 for value in row.values())
        assert all(len(emitted) <= 3 for emitted in row)
        assert 0.9 < sum(row.values()) < 1.1, letter


def test_a_letter_that_was_never_read_right_may_still_be() -> None:
    # Letters with one base lend each other what they keep: `ỵ` was seen once, as `y`.
    words = Counter({("y", "y"): 50, ("ý", "ý"): 50, ("ỳ", "ỳ"): 40, ("ky", "kỵ"): 1})
    tables = train_channel(TokenPairs(words, 0, 0, 141, Counter()))
    assert tables.letters["ỵ"]["ỵ"] > 0.1


def test_events_are_counted_with_one_more_of_each() -> None:
    tables = _trained()
    assert tables.log_split == pytest.approx(math.log(6 / 2000))
    assert tables.log_join == pytest.approx(math.log(3 / 2000))


def test_the_word_table_holds_what_was_met_twice() -> None:
    words = Counter({("co", "có"): 3, ("cd", "có"): 1, ("&", "ở"): 2})
    tables = train_channel(TokenPairs(words, 0, 0, 6, Counter()))
    assert tables.words == Counter({("co", "có"): 3, ("&", "ở"): 2})
    assert tables.word_totals["có"] == 4


def test_no_pairs_give_empty_tables() -> None:
    tables = train_channel(collect_token_pairs([]))
    assert tables.letters == {}
    assert tables.words == Counter()
    assert math.isfinite(tables.log_split)


def test_training_twice_gives_the_same_tables() -> None:
    words = Counter({("Ké", "Kế"): 4, ("hoach", "hoạch"): 3, ("s&", "sở"): 2, ("1a", "là"): 1})
    turned = Counter(dict(reversed(words.items())))
    one = train_channel(TokenPairs(words, 1, 1, 10, Counter()))
    other = train_channel(TokenPairs(turned, 1, 1, 10, Counter()))
    assert one.letters == other.letters


@pytest.mark.parametrize(
    ("observed", "intended", "pairs"),
    [
        ("Ké hoach nam", "Kế hoạch năm", [("Ké", "Kế"), ("hoach", "hoạch"), ("nam", "năm")]),
        ("Ké ho ach nam", "Kế hoạch năm", [("Ké", "Kế"), ("ho ach", "hoạch"), ("nam", "năm")]),
        ("Kéhoach nam", "Kế hoạch năm", [("Kéhoach", "Kế hoạch"), ("nam", "năm")]),
        ("Ké vvvvvvvv hoach", "Kế hoạch", [("Ké", "Kế"), ("vvvvvvvv", ""), ("hoach", "hoạch")]),
        ("Ké nam", "Kế hoạch năm", [("Ké", "Kế"), ("", "hoạch"), ("nam", "năm")]),
        ("", "Kế hoạch", [("", "Kế"), ("", "hoạch")]),
        ("Ké", "", [("Ké", "")]),
        ("", "", []),
    ],
)
def test_chunks_are_paired_split_and_joined(
    observed: str, intended: str, pairs: list[tuple[str, str]]
) -> None:
    assert align_chunks(observed.split(), intended.split()) == pairs


@given(
    st.lists(st.text("abàư&1", min_size=1, max_size=5), max_size=7),
    st.lists(st.text("abàư", min_size=1, max_size=5), max_size=7),
)
def test_an_alignment_holds_every_chunk_once_and_in_order(
    observed: list[str], intended: list[str]
) -> None:
    pairs = align_chunks(observed, intended)
    assert " ".join(seen for seen, _ in pairs if seen).split() == observed
    assert " ".join(meant for _, meant in pairs if meant).split() == intended


@given(st.lists(written_syllables, min_size=1, max_size=8))
def test_equal_lines_pair_chunk_by_chunk(words: list[str]) -> None:
    assert align_chunks(words, words) == [(word, word) for word in words]


def test_lines_give_word_pairs_splits_and_joins() -> None:
    pairs = collect_token_pairs(
        [
            ("Ké hoach, s6 12", "Kế hoạch, số 12"),
            ("thuc hi én", "thực hiện"),
            ("cua nhandan", "của nhân dân"),
        ]
    )
    assert pairs.words == Counter(
        {
            ("Ké", "Kế"): 1,
            ("hoach", "hoạch"): 1,
            ("s6", "số"): 1,
            ("thuc", "thực"): 1,
            ("cua", "của"): 1,
        }
    )
    assert (pairs.splits, pairs.joins, pairs.total) == (1, 1, 9)
    assert pairs.endings[",", ","] == 1


def test_a_false_ending_belongs_to_the_letter_that_it_was_read_from() -> None:
    pairs = collect_token_pairs([("tu? van", "tử vấn")])
    assert pairs.words["tu?", "tử"] == 1


def test_tone_marks_are_counted_in_one_style() -> None:
    pairs = collect_token_pairs([("hoà binh", "hoà bình")])
    assert ("hòa", "hòa") in pairs.words


def test_what_has_nothing_in_common_is_no_pair() -> None:
    assert collect_token_pairs([("xyzw", "nhân")]).words == Counter()


def test_numbers_are_not_learned() -> None:
    assert collect_token_pairs([("12 34", "12 84")]).words == Counter()
