"""A choice is weighed against the other candidates of its slot, its neighbours fixed."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.restore.adapt import build_cache
from vnrepair.restore.decode import Choice, Path, Sentence, Slot, Weights
from vnrepair.restore.lattice import WordSlot
from vnrepair.restore.lexicon import LOWER, find_dictionaries, load_lexicon
from vnrepair.restore.manifest import load_language_model
from vnrepair.restore.posterior import Judgements, Placed, judge, scores_without_context
from vnrepair.restore.segments import Chosen, Segment, choices_of
from vnrepair.restore.tokenise import Kind, Token

FOLDER = find_dictionaries()
LEXICON, MODEL = load_lexicon(FOLDER), load_language_model(FOLDER)
WEIGHTS = Weights(language_model=1.0, case=0.0, word_bonus=0.0)


def _numbers(text: str) -> list[int]:
    return [LEXICON.index[word] for word in text.split()]


def _token(start: int) -> Token:
    return Token(start, "x", Kind.WORD, "", "", glued=False, line=0)


def _segment(slots: list[Slot], joins: dict[int, Slot] | None = None) -> Segment:
    """A sentence whose tokens are one character long; candidate 0 is what was read."""
    joined = (
        {place: WordSlot(slot, -1, "xx", is_poor=False) for place, slot in joins.items()}
        if (joins)
        else {}
    )
    return Segment(
        tuple(_token(2 * i) for i in range(len(slots))),
        tuple(WordSlot(slot, 0, "x", is_poor=False) for slot in slots),
        joined,
        Sentence(tuple(slots), (False,) * len(slots), joins or {}),
    )


def _slot(numbers: list[int], seconds: list[int] | None = None) -> Slot:
    return Slot(
        np.array(numbers, dtype=np.int32),
        np.array(seconds or [-1] * len(numbers), dtype=np.int32),
        np.full(len(numbers), LOWER, dtype=np.int8),
        np.zeros(len(numbers), dtype=np.float32),
    )


def _choose(
    candidates: str, chosen: int, before: str = "", after: str = "", keep: int = 0
) -> Placed:
    """A row for the words before, for the choice, and for the words behind; the latter certain."""
    slots = [_slot([number]) for number in _numbers(before)]
    slots.append(_slot(_numbers(candidates)))
    slots += [_slot([number]) for number in _numbers(after)]
    place = len(_numbers(before))
    choices = [Choice(i, chosen if i == place else 0, joined=False) for i in range(len(slots))]
    placed = choices_of([_segment(slots)], [Path(tuple(choices), 0.0)]).placed
    kept = placed.keep.copy()
    kept[place] = placed.edges[place] + keep
    return dataclasses.replace(placed, keep=kept)


def _judge(placed: Placed, row: int) -> tuple[float, int, float, float]:
    """Posterior, runner-up inside its slot, log odds and lead of a row."""
    found = judge(placed, LEXICON, MODEL, WEIGHTS)
    runner_up = int(found.runner_up[row])
    inside = runner_up - int(placed.edges[row]) if runner_up >= 0 else -1
    return (
        float(found.posterior[row]),
        inside,
        float(found.log_odds[row]),
        float(found.lead[row]),
    )


def test_what_fits_its_neighbours_is_surer_than_what_does_not() -> None:
    context = ("ủy ban nhân", "xã tổ chức")
    right = _judge(_choose("dân dẫn dần", 0, *context, keep=1), 3)
    wrong = _judge(_choose("dân dẫn dần", 1, *context, keep=0), 3)
    assert right[0] > 0.9 > 0.1 > wrong[0]
    assert right[2] > 0 > wrong[2]
    assert wrong[1] == 0
    assert right[1] in (1, 2)


def test_probabilities_of_all_choices_sum_to_one() -> None:
    candidates = "hoạch hoặc hoạt hoài"
    found = [_judge(_choose(candidates, i, "kế", "phát triển"), 1)[0] for i in range(4)]
    assert sum(found) == pytest.approx(1.0, abs=1e-5)


def test_words_behind_decide_too() -> None:
    alone = _judge(_choose("nhân nhằn", 1), 0)
    followed = _judge(_choose("nhân nhằn", 1, after="dân"), 0)
    assert followed[2] < alone[2]


def test_what_is_kept_has_even_odds_with_itself_and_leads_the_others() -> None:
    _, _, log_odds, lead = _judge(_choose("dân dẫn", 0), 0)
    assert log_odds == pytest.approx(0.0)
    assert lead > 0


def test_a_single_candidate_is_certain() -> None:
    assert _judge(_choose("dân", 0), 0) == (1.0, -1, 0.0, np.inf)


def test_the_lead_is_the_gap_to_the_runner_up() -> None:
    placed = _choose("dân dẫn dần", 0, "nhân", keep=2)
    found = judge(placed, LEXICON, MODEL, WEIGHTS)
    row = 1
    gap = found.scores[placed.chosen[row]] - found.scores[found.runner_up[row]]
    assert found.lead[row] == pytest.approx(gap)
    assert found.lead[row] <= found.log_odds[row]


def test_nothing_chosen_gives_no_judgement() -> None:
    placed = choices_of([], []).placed
    found = judge(placed, LEXICON, MODEL, WEIGHTS)
    assert all(len(getattr(found, field.name)) == 0 for field in dataclasses.fields(Judgements))


def test_without_its_neighbours_the_commoner_word_wins() -> None:
    placed = _choose("dân dần", 0, "ủy ban nhân")
    alone = scores_without_context(placed, LEXICON, MODEL, WEIGHTS)
    expected = MODEL.unigram_log_prob[_numbers("dân dần")]
    assert alone[-2:] == pytest.approx(expected)


def test_what_the_document_says_stands_apart_from_the_rest() -> None:
    placed = _choose("sơn sớm", 0, "bình")
    plain = judge(placed, LEXICON, MODEL, WEIGHTS)
    assert plain.plain_scores is plain.scores
    cache = build_cache([(_numbers("bình sơn"), [1.0, 1.0])] * 50, len(LEXICON.words))
    found = judge(placed, LEXICON, MODEL, WEIGHTS, cache)
    assert found.plain_scores == pytest.approx(plain.scores, abs=1e-4)
    assert found.log_odds[1] == 0.0
    assert found.lead[1] > plain.lead[1]


_words = st.integers(4, 99)


@given(
    st.lists(
        st.lists(st.lists(_words, min_size=1, max_size=2), min_size=1, max_size=7),
        min_size=1,
        max_size=3,
    )
)
def test_surroundings_are_the_three_nearest_words_of_the_sentence(
    sentences: list[list[list[int]]],
) -> None:
    segments = [_segment([_slot(w[:1], w[1:] or None) for w in sentence]) for sentence in sentences]
    paths = [
        Path(tuple(Choice(i, 0, joined=False) for i in range(len(sentence))), 0.0)
        for sentence in sentences
    ]
    chosen = choices_of(segments, paths)
    row = 0
    for number, sentence in enumerate(sentences):
        for place in range(len(sentence)):
            before = [word for word in chosen.placed.before[row].tolist() if word >= 0]
            after = [word for word in chosen.placed.after[row].tolist() if word >= 0]
            assert before == list(itertools.chain(*sentence[:place]))[-3:]
            assert after == list(itertools.chain(*sentence[place + 1 :]))[:3]
            assert (chosen.number[row], chosen.position[row]) == (number, place)
            row += 1
    posterior = np.linspace(0, 1, row, dtype=np.float32)
    found = list(chosen.sequences(posterior))
    assert [words for words, _ in found] == [list(itertools.chain(*s)) for s in sentences]
    assert [len(sure) for _, sure in found] == [len(words) for words, _ in found]


def test_joined_tokens_are_weighed_against_both_as_they_were_read() -> None:
    one, other, whole = _numbers("ho ạch hoạch")
    segment = _segment([_slot([one]), _slot([other])], {1: _slot([whole])})
    chosen = choices_of([segment], [Path((Choice(1, 0, joined=True),), 0.0)])
    assert _rows(chosen) == [([one, whole], [other, -1], 1, 0)]
    assert chosen.spans(np.array([0])) == [(0, 3)]


def _rows(chosen: Chosen) -> list[tuple[list[int], list[int], int, int]]:
    placed = chosen.placed
    return [
        (
            placed.words[a:b].tolist(),
            placed.seconds[a:b].tolist(),
            int(placed.chosen[row] - a),
            int(placed.keep[row] - a),
        )
        for row, (a, b) in enumerate(itertools.pairwise(placed.edges.tolist()))
    ]
