"""A slot holds the observed word first, then the likeliest candidates, each once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.restore.candidates import Candidates
from vnrepair.restore.lexicon import LOWER, OTHER, find_dictionaries, load_lexicon
from vnrepair.restore.manifest import load_language_model
from vnrepair.restore.paths import Sentence, Slot, Weights, pack
from vnrepair.restore.slots import KeptWord, PairReading, SlotMaker

FOLDER = find_dictionaries()
LEXICON, MODEL = load_lexicon(FOLDER), load_language_model(FOLDER)
WEIGHTS = Weights(language_model=1.0, case=0.5, word_bonus=0.0)


def _maker(most: int) -> SlotMaker:
    return SlotMaker(LEXICON, MODEL, WEIGHTS, most)


@st.composite
def _candidates(draw: st.DrawFn) -> Candidates:
    keys = st.tuples(st.integers(4, len(LEXICON.words) - 1), st.integers(0, OTHER - 1))
    chosen = draw(st.lists(keys, max_size=8, unique=True))
    scores = draw(st.lists(st.floats(-9, 0, width=16), min_size=len(chosen), max_size=len(chosen)))
    words, patterns = np.array(chosen, dtype=np.int64).reshape(-1, 2).T
    return Candidates(
        words.astype(np.int32), patterns.astype(np.int8), np.array(scores, dtype=np.float32)
    )


_words = st.builds(KeptWord, st.integers(0, len(LEXICON.words) - 1), st.integers(0, OTHER))


@given(st.lists(st.tuples(_candidates(), _words), max_size=5), st.integers(1, 6))
def test_the_observed_word_comes_first_and_the_rest_by_rank(
    rows: list[tuple[Candidates, KeptWord]], most: int
) -> None:
    maker = _maker(most)
    found, kept = [row[0] for row in rows], [row[1] for row in rows]
    slots = maker.make(found, [()] * len(rows), kept, lambda _: -20.0)
    assert len(slots) == len(rows)
    for slot, some, own in zip(slots, found, kept, strict=True):
        assert (slot.words[0], slot.patterns[0]) == (own.word, own.pattern)
        assert len(slot.words) <= most + 1
        keys = list(zip(slot.words.tolist(), slot.patterns.tolist(), strict=True))
        assert len(set(keys)) == len(keys)
        wanted = [
            (int(some.words[i]), int(some.patterns[i]))
            for i in maker.favourites(some)
            if (some.words[i], some.patterns[i]) != (own.word, own.pattern)
        ]
        assert keys[1:] == wanted[:most]


def _single(word: str, score: float) -> Candidates:
    return Candidates(
        np.array([LEXICON.index[word]], dtype=np.int32),
        np.array([LOWER], dtype=np.int8),
        np.array([score], dtype=np.float32),
    )


def test_an_observed_word_among_the_candidates_keeps_their_score_and_costs_nothing_to_ask() -> None:
    def never(row: int) -> float:
        raise AssertionError(row)

    kept = KeptWord(LEXICON.index["dân"], LOWER)
    (slot,) = _maker(3).make([_single("dân", -1.5)], [()], [kept], never)
    assert slot.words.tolist() == [kept.word]
    assert slot.local.tolist() == [-1.5]


def test_a_reading_as_two_words_competes_with_single_words() -> None:
    first, second = LEXICON.index["tổng"], LEXICON.index["kết"]
    pair = PairReading(first, second, LOWER, -0.5)
    kept = KeptWord(LEXICON.index["dân"], OTHER)
    (slot,) = _maker(2).make([_single("tổng", -60.0)], [[pair]], [kept], lambda _: -9.0)
    assert slot.words.tolist() == [kept.word, first, first]
    assert slot.seconds.tolist() == [-1, second, -1]
    assert slot.local.tolist() == pytest.approx([-9.0, -0.5, -60.0])


def test_no_words_make_no_slots() -> None:
    assert _maker(3).make([], [], [], lambda _: 0.0) == []


def _slot(*words: int) -> Slot:
    size = len(words)
    return Slot(
        np.array(words, dtype=np.int32),
        np.full(size, -1, dtype=np.int32),
        np.zeros(size, dtype=np.int8),
        np.zeros(size, dtype=np.float32),
    )


def test_a_slot_that_comes_again_is_packed_once() -> None:
    one, other, both = _slot(5, 6), _slot(7), _slot(8, 9, 10)
    sentences = [
        Sentence((one, other), (False, False), {1: both}),
        Sentence((), ()),
        Sentence((one,), (True,)),
    ]
    lattices = pack(sentences)
    assert lattices.starts.tolist() == [0, 2, 2, 3]
    assert lattices.edges.tolist() == [0, 2, 3, 6]
    assert lattices.words.tolist() == [5, 6, 7, 8, 9, 10]
    assert lattices.slot.tolist() == [0, 1, 0]
    assert lattices.join.tolist() == [-1, 2, -1]
    assert lattices.soft.tolist() == [False, False, True]
