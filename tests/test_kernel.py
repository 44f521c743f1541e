"""The compiled loops compute what the numpy ones do, and bad arrays never reach them."""

import functools
import itertools
import multiprocessing
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.test_candidates import GARBLES
from tests.test_restorer import GARBLED_PAGE, POSITIVE
from vnrepair.restore import kernel, posterior, tree_walk
from vnrepair.restore.adapt import DocumentCache, build_cache
from vnrepair.restore.candidates import NARROW, WIDE, CandidateSearch, _lay_out
from vnrepair.restore.channel import HALF_SEEN, load_channel
from vnrepair.restore.decode import decode_all
from vnrepair.restore.language_model import START_STATE, next_state
from vnrepair.restore.lexicon import OTHER, find_dictionaries, load_lexicon
from vnrepair.restore.manifest import load_language_model
from vnrepair.restore.paths import Lattices, Sentence, Slot, Weights, pack
from vnrepair.restore.posterior import Placed
from vnrepair.restore.restorer import Restorer
from vnrepair.restore.search_tables import SearchTables

FOLDER = find_dictionaries()
LEXICON, MODEL = load_lexicon(FOLDER), load_language_model(FOLDER)
WORDS = len(LEXICON.words)
WEIGHTS = Weights(language_model=1.0, case=0.5, word_bonus=0.2)
TOLERANCE = 1e-4

needs_kernel = pytest.mark.skipif(
    not kernel.is_compiled(), reason="the kernel was not built: no compiler at installation"
)


@contextmanager
def _numpy_alone() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "is_compiled", lambda: False)
        yield


def _numbers(text: str) -> list[int]:
    return [LEXICON.index[word] for word in text.lower().split() if word in LEXICON.index]


# Wording that the model knows beside words at random, so that every order is asked for.
REAL_WORDS = [number for case in POSITIVE for number in _numbers(case["expected"])]
_word = st.one_of(st.sampled_from(REAL_WORDS), st.integers(0, WORDS - 1))
_place = st.integers(0, len(REAL_WORDS) - 4)


@st.composite
def _runs(draw: st.DrawFn) -> list[int]:
    """Four words that follow each other, in a text or nowhere."""
    if draw(st.booleans()):
        start = draw(_place)
        return REAL_WORDS[start : start + 4]
    return draw(st.lists(_word, min_size=4, max_size=4))


@st.composite
def _slots(draw: st.DrawFn, real: int | None = None) -> Slot:
    words = draw(st.lists(_word, min_size=1, max_size=6))
    if real is not None:
        words.append(real)
    size = len(words)
    second = st.one_of(st.just(-1), st.just(-1), _word)
    column = functools.partial(st.lists, min_size=size, max_size=size)
    return Slot(
        np.array(words, dtype=np.int32),
        np.array(draw(column(second)), dtype=np.int32),
        np.array(draw(column(st.integers(0, OTHER))), dtype=np.int8),
        np.array(draw(column(st.floats(-12, 0, width=16))), dtype=np.float32),
    )


@st.composite
def _sentences(draw: st.DrawFn) -> Sentence:
    start = draw(_place)
    size = draw(st.integers(0, 8))
    real = REAL_WORDS[start : start + size]
    slots = tuple(draw(_slots(word)) for word in real)
    joins = {at: draw(_slots()) for at in range(1, len(slots)) if draw(st.booleans())}
    return Sentence(slots, tuple(draw(st.booleans()) for _ in slots), joins)


@functools.cache
def _document() -> DocumentCache:
    cache = build_cache([(REAL_WORDS, [1.0] * len(REAL_WORDS))], WORDS)
    assert cache is not None
    return cache


_documents = st.sampled_from([False, True]).map(lambda known: _document() if known else None)


def _states(runs: list[list[int]], known: int) -> NDArray[np.uint64]:
    """The contexts after the last few of three words, START before them."""
    states = np.full(len(runs), START_STATE)
    for at in range(3 - known, 3):
        states = next_state(states, np.array([run[at] for run in runs]))
    return states


@needs_kernel
@given(st.lists(_runs(), min_size=1, max_size=12), st.integers(0, 3))
def test_log_probabilities_are_those_of_numpy(runs: list[list[int]], known: int) -> None:
    states = _states(runs, known)[:, None]
    words = np.array([run[3:] + REAL_WORDS[:5] for run in runs])
    with _numpy_alone():
        expected = MODEL.log_prob(states, words)
    assert MODEL.log_prob(states, words) == pytest.approx(expected, abs=TOLERANCE)


@functools.cache
def _tables(profile: str) -> SearchTables:
    return SearchTables(LEXICON, load_channel(FOLDER, profile))


Found = list[dict[tuple[int, int], float]]


def _found(
    result: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8], NDArray[np.float32]],
) -> Found:
    edges, words, patterns, scores = (column.tolist() for column in result)
    return [
        dict(zip(zip(words[a:b], patterns[a:b], strict=True), scores[a:b], strict=True))
        for a, b in itertools.pairwise(edges)
    ]


def _search_both(profile: str, observed: list[str], limits: tuple[float, int]) -> list[Found]:
    tables = _tables(profile)
    rows = tables.prepare(observed)
    compiled = kernel.search(
        _lay_out(tables),
        (rows.lengths, rows.codes, rows.bounds, rows.case_bounds),
        (rows.seen_edges, rows.seen_words, rows.seen_patterns, rows.seen_mass),
        limits,
        tables.word_share,
        HALF_SEEN,
    )
    return [_found(compiled), _found(tree_walk.walk(tables, rows, *limits))]


NEAR_NATS = 5.0
"""Far behind the best, the limits of the search decide, where the two round differently."""


def _likely(found: dict[tuple[int, int], float]) -> dict[tuple[int, int], float]:
    best = max(found.values(), default=0.0)
    return {key: score for key, score in found.items() if score > best - NEAR_NATS}


@needs_kernel
@pytest.mark.parametrize("limits", [NARROW[:2], WIDE[:2]], ids=["narrow", "wide"])
@pytest.mark.parametrize("profile", list(GARBLES))
def test_candidates_of_real_words_are_those_of_numpy(
    profile: str, limits: tuple[float, int]
) -> None:
    compiled, plain = _search_both(profile, list(GARBLES[profile]), limits)
    assert any(plain)
    for one, other in zip(compiled, plain, strict=True):
        assert _likely(one) == pytest.approx(_likely(other), abs=TOLERANCE)


_garble = st.text(alphabet="aeioudđhnctgéàếưvr&6@1'.ĐHN", min_size=1, max_size=3)


@needs_kernel
@given(st.lists(_garble, min_size=1, max_size=3), st.sampled_from(list(GARBLES)))
@settings(max_examples=20)
def test_scores_of_any_words_are_those_of_numpy(observed: list[str], profile: str) -> None:
    reach, margin = 20.0, 12.0
    compiled, plain = _search_both(profile, observed, (reach, 100_000))
    bounds = [_bound(profile, word) for word in observed]
    for one, other, bound in zip(compiled, plain, bounds, strict=True):
        # With so many states only the reach limits the search: what is well inside is whole.
        clear = {key for key, score in other.items() if score > bound - reach + margin}
        assert clear <= one.keys()
        for key in clear:
            assert one[key] == pytest.approx(other[key], abs=TOLERANCE)


def _bound(profile: str, word: str) -> float:
    """The best conceivable score of an observed word."""
    return float(_tables(profile).prepare([word]).bounds[0])


@needs_kernel
@given(st.lists(_sentences(), max_size=4), st.sampled_from([1, 2, 8, 60]), _documents)
@settings(max_examples=40)
def test_paths_are_those_of_numpy(
    sentences: list[Sentence], width: int, document: DocumentCache | None
) -> None:
    lattices = pack(sentences)
    compiled = decode_all(lattices, LEXICON, MODEL, WEIGHTS, width, document)
    with _numpy_alone():
        plain = decode_all(lattices, LEXICON, MODEL, WEIGHTS, width, document)
    assert compiled.log_probs == pytest.approx(plain.log_probs, abs=20 * TOLERANCE)
    for number in np.flatnonzero(np.diff(lattices.starts)):
        some = slice(lattices.starts[number], lattices.starts[number + 1])
        if not np.array_equal(compiled.choice[some], plain.choice[some]):
            # Equally good candidates: either is right, and both must score the same.
            _assert_tie(lattices, int(number), width)


def _assert_tie(lattices: Lattices, number: int, width: int) -> None:
    slots = lattices.sentences[number].slots + tuple(lattices.sentences[number].joins.values())
    rows = [tuple(zip(s.words, s.seconds, s.patterns, s.local, strict=True)) for s in slots]
    twins = any(len(set(row)) < len(row) for row in rows)
    assert twins or width < 8


@needs_kernel
@given(st.lists(st.tuples(_runs(), _runs(), _slots()), min_size=1, max_size=6), _documents)
def test_choices_weigh_what_they_weigh_in_numpy(
    places: list[tuple[list[int], list[int], Slot]], document: DocumentCache | None
) -> None:
    sizes = [len(slot.words) for _, _, slot in places]
    edges = np.cumsum([0, *sizes])
    placed = Placed(
        np.concatenate([slot.words for _, _, slot in places]).astype(np.int64),
        np.concatenate([slot.seconds for _, _, slot in places]).astype(np.int64),
        np.concatenate([slot.patterns for _, _, slot in places]).astype(np.int64),
        np.concatenate([slot.local for _, _, slot in places]),
        edges,
        edges[:-1],
        edges[:-1],
        np.array([run[:3] for run, _, _ in places]),
        np.array([run[:3] for _, run, _ in places]),
    )
    compiled = posterior.judge(placed, LEXICON, MODEL, WEIGHTS, document)
    with _numpy_alone():
        plain = posterior.judge(placed, LEXICON, MODEL, WEIGHTS, document)
    assert compiled.scores == pytest.approx(plain.scores, abs=10 * TOLERANCE)
    assert compiled.plain_scores == pytest.approx(plain.plain_scores, abs=10 * TOLERANCE)


def test_a_whole_page_comes_out_as_with_numpy() -> None:
    with _numpy_alone():
        expected = Restorer().restore(GARBLED_PAGE)
    found = Restorer().restore(GARBLED_PAGE)
    assert found.text == expected.text
    assert [edit.after for edit in found.edits] == [edit.after for edit in expected.edits]


# Whatever comes in, the loops never leave their arrays.

_ONE = Slot(
    np.array([5], dtype=np.int32),
    np.array([-1], dtype=np.int32),
    np.array([0], dtype=np.int8),
    np.array([0.0], dtype=np.float32),
)


def _decode_slot(words: int, seconds: int, pattern: int) -> None:
    slot = Slot(
        np.array([words], dtype=np.int32),
        np.array([seconds], dtype=np.int32),
        np.array([pattern], dtype=np.int8),
        np.array([0.0], dtype=np.float32),
    )
    decode_all(pack([Sentence((_ONE, slot), (False, False))]), LEXICON, MODEL, WEIGHTS, 2)


def _decode_number(number: int) -> None:
    good = pack([Sentence((_ONE, _ONE), (False, False))])
    kernel.decode(
        MODEL.arrays,
        (LEXICON.log_case, LEXICON.log_case_ratio),
        (1.0, 1.0, 0.0),
        None,
        (good.edges, good.words, good.seconds, good.patterns, good.local),
        (good.starts, np.array([0, number], dtype=np.int32), good.join, good.soft),
        2,
    )


BAD_CALLS: dict[str, Callable[[], object]] = {
    "a word beyond the model": lambda: MODEL.log_prob(
        np.array([[0]], dtype=np.uint64), np.array([[WORDS]])
    ),
    "a word below nought": lambda: MODEL.log_prob(
        np.array([[0]], dtype=np.uint64), np.array([[-1]])
    ),
    "a context beyond the model": lambda: MODEL.log_prob(
        np.array([[65_535]], dtype=np.uint64), np.array([[5]])
    ),
    "a candidate beyond the model": lambda: _decode_slot(WORDS, -1, 0),
    "a second word beyond the model": lambda: _decode_slot(5, WORDS, 0),
    "an unknown case": lambda: _decode_slot(5, -1, 9),
    "a slot that is not there": lambda: _decode_number(1),
    "a model that is cut short": lambda: kernel.log_prob(
        MODEL.arrays[:6], np.array([[0]], dtype=np.uint64), np.array([[5]])
    ),
}


@needs_kernel
@pytest.mark.parametrize("call", BAD_CALLS.values(), ids=list(BAD_CALLS))
def test_numbers_out_of_range_are_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        call()


@needs_kernel
def test_arrays_of_another_type_are_refused() -> None:
    arrays = (np.zeros(WORDS, dtype=np.float64), *MODEL.arrays[1:])
    with pytest.raises(TypeError, match="8 bytes where 4"):
        kernel.log_prob(arrays, np.array([[0]], dtype=np.uint64), np.array([[5]]))


@needs_kernel
def test_a_long_observed_word_is_refused() -> None:
    rows = _tables("tesseract-eng").prepare(["x" * 15])
    with pytest.raises(ValueError, match="lengths"):
        kernel.search(
            _lay_out(_tables("tesseract-eng")),
            (rows.lengths, rows.codes, rows.bounds, rows.case_bounds),
            (rows.seen_edges, rows.seen_words, rows.seen_patterns, rows.seen_mass),
            (5.0, 10),
            0.5,
            HALF_SEEN,
        )


# The switch, and many workers.


@pytest.mark.parametrize(("value", "compiled"), [("1", False), ("0", True), ("", True)])
def test_the_environment_leaves_the_kernel_aside(value: str, compiled: bool) -> None:
    program = "from vnrepair.restore import kernel; print(kernel.is_compiled())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {kernel.SWITCH: value},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(compiled and kernel.is_built())


_forks = pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="needs fork"
)
# Newer Pythons warn of any fork beside threads, those of numerical libraries too.
_silently = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


def needs_fork(test: Callable[[], None]) -> Callable[[], None]:
    return _forks(_silently(test))


TEXTS = [case["input"] for case in POSITIVE if len(case["input"]) > 20][:16]


def _restore_all(restorer: Restorer) -> list[str]:
    return [restorer.restore(text).text for text in TEXTS]


def test_threads_that_share_a_restorer_give_what_one_gives() -> None:
    expected = _restore_all(Restorer())
    shared = Restorer()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: shared.restore(text).text, TEXTS * 4))
    assert found == expected * 4


def test_a_pickled_copy_gives_what_the_original_gives() -> None:
    restorer = Restorer()
    assert _restore_all(pickle.loads(pickle.dumps(restorer))) == _restore_all(restorer)


@needs_fork
def test_forked_workers_share_the_models_of_their_parent() -> None:
    restorer = Restorer()
    expected = _restore_all(restorer)
    context = multiprocessing.get_context("fork")
    parent_end, child_end = context.Pipe(duplex=False)
    worker = context.Process(target=lambda: child_end.send(_restore_all(restorer)))
    worker.start()
    assert parent_end.poll(120), "the worker is stuck"
    assert parent_end.recv() == expected
    worker.join(60)
    assert worker.exitcode == 0


@needs_fork
def test_a_fork_in_the_middle_of_another_thread_s_work_does_not_block_the_child() -> None:
    restorer = Restorer()
    context = multiprocessing.get_context("fork")
    parent_end, child_end = context.Pipe(duplex=False)
    worker = context.Process(target=lambda: child_end.send(restorer.restore(TEXTS[0]).text))
    with restorer._lock:  # as a thread holds it that looks words up
        worker.start()
    assert parent_end.poll(120), "the worker waits for a lock that nobody frees"
    assert parent_end.recv() == restorer.restore(TEXTS[0]).text
    worker.join(60)


def test_a_search_does_not_depend_on_what_was_searched_before() -> None:
    search = CandidateSearch(LEXICON, load_channel(FOLDER, "tesseract-eng"))
    observed = list(GARBLES["tesseract-eng"])
    first = search.search(observed)
    search.search(observed[::-1], wide=False)
    for one, other in zip(first, search.search(observed), strict=True):
        assert one.words.tolist() == other.words.tolist()
        assert one.log_channel.tolist() == other.log_channel.tolist()
