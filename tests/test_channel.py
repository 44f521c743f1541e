"""The channel is a probability of readings: it sums over all alignments and mixes two tables."""

import math
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles import mass_of_alignments
from vnrepair.config import PROFILES
from vnrepair.errors import ResourceError
from vnrepair.restore.channel import Channel, load_channel, ruin_channel
from vnrepair.restore.lexicon import find_dictionaries

# A letter comes out as itself, as nothing, as another letter, or as two or three characters.
_LETTERS = {
    "a": {"a": 0.7, "": 0.1, "o": 0.1, "ab": 0.1},
    "b": {"b": 0.6, "aba": 0.2, "": 0.1, "o": 0.1},
}
LETTERS = {
    letter: {emitted: math.log(value) for emitted, value in row.items()}
    for letter, row in _LETTERS.items()
}
PLAIN = Channel("tiny", LETTERS, {}, {}, -7.0, -7.0)
# Of ten `ab`, six were read `ab`, three `o` and one in some way that was met once.
MIXED = Channel(
    "tiny", LETTERS, {"ab": (("ab", 6),), "o": (("ab", 3), ("b", 2))}, {"ab": 10, "b": 4}, -7, -7
)

_short = st.text(alphabet="abo", max_size=7)
_intended = st.text(alphabet="ab", max_size=4)


@given(_short, _intended)
def test_the_letter_table_sums_over_every_alignment(observed: str, intended: str) -> None:
    mass = mass_of_alignments(observed, intended, LETTERS)
    found = PLAIN.letter_log_prob(observed, intended)
    if mass == 0.0:
        assert found == -math.inf
    else:
        assert found == pytest.approx(math.log(mass))


@given(st.text(alphabet="ab", max_size=2), st.sampled_from([PLAIN, MIXED]))
def test_all_readings_of_a_word_sum_to_one_at_most(intended: str, channel: Channel) -> None:
    readings = ["".join(chars) for size in range(7) for chars in product("abo", repeat=size)]
    mass = sum(math.exp(channel.log_prob(observed, intended)) for observed in readings)
    assert mass <= 1.0 + 1e-9
    if intended != "ab" or channel is PLAIN:  # one reading of `ab` is not in the table
        assert mass > 0.8


def test_a_letter_without_a_row_comes_out_as_itself() -> None:
    assert PLAIN.letter_log_prob("ña", "ña") == pytest.approx(math.log(0.7))
    assert PLAIN.letter_log_prob("na", "ña") == -math.inf


def test_a_ruined_letter_may_come_out_as_anything_or_as_nothing() -> None:
    ruined = ruin_channel(MIXED)
    assert not ruined.words
    for observed in ("z", "}b", "a", "", "?"):
        assert ruined.letter_log_prob(observed, "ab") > -math.inf
    assert ruined.letter_log_prob("ab", "ab") > ruined.letter_log_prob("zb", "ab")
    for row in ruined.letters.values():
        assert sum(math.exp(value) for value in row.values()) == pytest.approx(1.0, abs=0.02)


def test_an_alignment_worked_out_by_hand() -> None:
    # `ab` from `ab`: a>a b>b, a>ab b>nothing; a>nothing leaves `ab`, which b cannot give.
    assert math.exp(PLAIN.letter_log_prob("ab", "ab")) == pytest.approx(0.7 * 0.6 + 0.1 * 0.1)


def test_the_word_table_is_mixed_in_by_how_often_a_word_was_seen() -> None:
    # `ab` was seen ten times, so its share is 0.7 * 10 / 20; 3 of 10 were read as `o`.
    share = 0.7 * 10 / 20
    letters = math.exp(PLAIN.letter_log_prob("o", "ab"))
    expected = (1 - share) * letters + share * 3 / 10
    assert math.exp(MIXED.log_prob("o", "ab")) == pytest.approx(expected)


def test_a_reading_that_both_tables_exclude_is_impossible() -> None:
    assert MIXED.log_prob("xyz", "ab") == -math.inf
    assert MIXED.log_prob("o" * 20, "a") == -math.inf


def test_a_reading_that_one_table_knows_is_possible() -> None:
    channel = Channel("tiny", LETTERS, {"&": (("a", 4),)}, {"a": 4}, -7.0, -7.0)
    assert channel.letter_log_prob("&", "a") == -math.inf
    assert math.exp(channel.log_prob("&", "a")) == pytest.approx(0.7 * 4 / 14)


def _write(folder: Path, letters: str, words: str = "") -> Path:
    (folder / "x.letters.tsv").write_text("intended\tobserved\tlog_prob\n" + letters, "utf-8")
    (folder / "x.words.tsv").write_text("intended\tobserved\tcount\n" + words, "utf-8")
    return folder


EVENTS = "<split>\t\t-7.5\n<join>\t\t-6.5\n"


def test_tables_are_read_as_a_person_wrote_them(tmp_path: Path) -> None:
    rows = EVENTS + 'ở\t&\t-1.00\nở\t\t-3.00\nb\t"\t-2.50\n'
    channel = load_channel(_write(tmp_path, rows, "ở\t\t9\nở\t&\t5\n"), "x")
    assert channel.name == "x"
    assert channel.letters == {"ở": {"&": -1.0, "": -3.0}, "b": {'"': -2.5}}
    assert channel.words == {"&": (("ở", 5),)}
    assert channel.totals == {"ở": 9}
    assert (channel.log_split, channel.log_join) == (-7.5, -6.5)


@pytest.mark.parametrize(
    ("letters", "words"),
    [
        ("a\ta\t-1\n", ""),
        (EVENTS + "a\ta\toften\n", ""),
        (EVENTS + "a\ta\n", ""),
        (EVENTS, "a\ta\tmany\n"),
        (EVENTS, "a\n"),
    ],
    ids=["no events", "no number", "two cells", "no count", "one cell"],
)
def test_a_damaged_table_is_refused(tmp_path: Path, letters: str, words: str) -> None:
    with pytest.raises(ResourceError, match=r"x\.(letters|words)\.tsv"):
        load_channel(_write(tmp_path, letters, words), "x")


@pytest.mark.parametrize("name", ["x.letters.tsv", "x.words.tsv"])
def test_a_missing_table_is_named(tmp_path: Path, name: str) -> None:
    (_write(tmp_path, EVENTS) / name).unlink()
    with pytest.raises(ResourceError, match=name):
        load_channel(tmp_path, "x")


_REAL = [name for name in PROFILES if name != "auto"]


@pytest.mark.parametrize("name", _REAL)
def test_a_profile_that_comes_along_is_nearly_a_probability(name: str) -> None:
    channel = load_channel(find_dictionaries(), name)
    for letter, row in channel.letters.items():
        assert all(len(emitted) <= 3 for emitted in row), letter
        # Look-alikes are added on top, so a row may exceed one, but not by much.
        assert 0.85 < sum(map(math.exp, row.values())) < 1.15, letter
    assert channel.log_split < -2
    assert channel.log_join < -2
    met = [intended for pairs in channel.words.values() for intended, _ in pairs]
    assert all(channel.totals[intended] > 0 for intended in met)


@pytest.mark.parametrize(
    ("name", "observed", "intended", "other"),
    [
        ("tesseract-eng", "Ké", "Kế", "Mế"),
        ("tesseract-eng", "thuc", "thực", "thác"),
        ("tesseract-eng", "s&", "sở", "sa"),
        ("tesseract-eng", "hoach", "hoạch", "thạch"),
        ("tesseract-eng", "Pang", "Đảng", "Quảng"),
        ("tesseract-vie", "hoạch", "hoạch", "hoách"),
        ("tesseract-vie", "đẫn", "dẫn", "chẫn"),
        ("undiacritised", "hoach", "hoạch", "hoài"),
        ("undiacritised", "duong", "đường", "tường"),
        ("undiacritised", "viêt", "việt", "viết dài"),
    ],
)
def test_a_near_word_explains_a_reading_better_than_a_far_one(
    name: str, observed: str, intended: str, other: str
) -> None:
    channel = load_channel(find_dictionaries(), name)
    assert channel.log_prob(observed, intended) > channel.log_prob(observed, other)
    assert math.isfinite(channel.log_prob(observed, intended))


def test_bare_text_never_comes_from_another_skeleton() -> None:
    channel = load_channel(find_dictionaries(), "undiacritised")
    assert channel.log_prob("duong", "vương") == -math.inf
    assert channel.log_prob("đương", "dương") == -math.inf
