"""Alignment: least cost by the oracle, steps that rebuild the other side, and its refusals."""

from collections.abc import Hashable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles import full_matrix_cost
from vnrepair.align import MAX_WEIGHTED_CELLS, Alignment, Operation, Step, align, distance
from vnrepair.errors import ConfigError

# Few distinct units, so that ties and repeats are the rule.
LETTERS = st.text(alphabet="aăâ ", max_size=12)
SYLLABLES = st.lists(st.sampled_from(["kế", "hoạch", "ke", ""]), max_size=10)
NUMBERS = st.lists(st.integers(-3, 3), max_size=12)
PAIRS = st.one_of(*(st.tuples(side, side) for side in (LETTERS, SYLLABLES, NUMBERS)))


def price(expected: Hashable, found: Hashable) -> float:
    """Asymmetric, with prices under, at and over that of a deletion and an insertion together."""
    return {("a", "ă"): 0.25, ("ă", "a"): 0.75, ("a", "â"): 2.0, ("â", "a"): 2.5}.get(
        (str(expected), str(found)), 1.0
    )


def rebuild(
    alignment: Alignment, reference: Sequence[Hashable], hypothesis: Sequence[Hashable]
) -> list[Hashable]:
    """The hypothesis, from the units of the reference that are said to be equal and its own."""
    units: list[Hashable] = []
    for step in alignment.steps:
        if step.operation is Operation.EQUAL:
            units += reference[step.reference_start : step.reference_end]
        else:
            units += hypothesis[step.hypothesis_start : step.hypothesis_end]
    return units


def check_steps(
    alignment: Alignment, reference: Sequence[Hashable], hypothesis: Sequence[Hashable]
) -> None:
    assert rebuild(alignment, reference, hypothesis) == list(hypothesis)
    row = column = 0
    for step in alignment.steps:
        assert (step.reference_start, step.hypothesis_start) == (row, column)
        row, column = step.reference_end, step.hypothesis_end
        for left, right in step.pairs:
            assert (reference[left] == hypothesis[right]) is (step.operation is Operation.EQUAL)
    assert (row, column) == (len(reference), len(hypothesis))
    assert all(len(step) > 0 for step in alignment.steps)
    assert all(one.operation is not other.operation for one, other in pairwise(alignment.steps))


@given(PAIRS)
def test_cost_is_what_the_full_matrix_says(
    pair: tuple[Sequence[Hashable], Sequence[Hashable]],
) -> None:
    alignment = align(*pair)
    assert alignment.cost == full_matrix_cost(*pair)
    assert alignment.cost == alignment.errors == distance(*pair)


@given(PAIRS)
def test_steps_cover_both_sides_and_rebuild_the_hypothesis(
    pair: tuple[Sequence[Hashable], Sequence[Hashable]],
) -> None:
    check_steps(align(*pair), *pair)


@given(LETTERS, LETTERS)
def test_weighted_cost_is_what_the_full_matrix_says(reference: str, hypothesis: str) -> None:
    alignment = align(reference, hypothesis, price)
    assert alignment.cost == pytest.approx(full_matrix_cost(reference, hypothesis, price))
    check_steps(alignment, reference, hypothesis)


@given(LETTERS, LETTERS)
def test_weighted_steps_add_up_to_the_cost(reference: str, hypothesis: str) -> None:
    alignment = align(reference, hypothesis, price)
    total = 0.0
    for step in alignment.steps:
        if step.operation is Operation.SUBSTITUTE:
            total += sum(price(reference[left], hypothesis[right]) for left, right in step.pairs)
        elif step.operation is not Operation.EQUAL:
            total += len(step)
    assert total == pytest.approx(alignment.cost)


@given(SYLLABLES)
def test_a_sequence_aligns_with_itself_as_one_equal_run(units: list[str]) -> None:
    length = len(units)
    expected = (Step(Operation.EQUAL, 0, length, 0, length),) if units else ()
    assert align(units, units) == Alignment(expected, 0.0)


def test_kitten_becomes_sitting_by_two_substitutions_and_an_insertion() -> None:
    # kitten → sitten → sittin → sitting: the example of the Levenshtein distance everywhere.
    alignment = align("kitten", "sitting")
    assert alignment.steps == (
        Step(Operation.SUBSTITUTE, 0, 1, 0, 1),
        Step(Operation.EQUAL, 1, 4, 1, 4),
        Step(Operation.SUBSTITUTE, 4, 5, 4, 5),
        Step(Operation.EQUAL, 5, 6, 5, 6),
        Step(Operation.INSERT, 6, 6, 6, 7),
    )
    counts = [alignment.count(operation) for operation in Operation]
    assert dict(zip(Operation, counts, strict=True)) == {
        Operation.EQUAL: 4,
        Operation.SUBSTITUTE: 2,
        Operation.DELETE: 0,
        Operation.INSERT: 1,
    }


def test_a_dear_substitution_becomes_a_deletion_and_an_insertion() -> None:
    # Substituting costs 5, deleting and inserting 1 + 1.
    alignment = align("x", "y", lambda _expected, _found: 5.0)
    assert alignment.cost == 2.0
    assert alignment.count(Operation.SUBSTITUTE) == 0


def test_units_with_one_hash_are_still_different() -> None:
    assert hash(-1) == hash(-2)
    assert distance([-1], [-2]) == align([-1], [-2]).cost == 1


def test_a_string_aligns_with_a_list_of_its_letters() -> None:
    assert align("tiếng", list("tiếng")).errors == 0


def test_a_hundred_thousand_units_are_aligned_exactly() -> None:
    # Every unit is unique, so each of the 100 replaced, 10 lost and 1 added units is one error.
    reference = list(range(100_000))
    hypothesis: list[int] = [-unit if unit % 1000 == 7 else unit for unit in reference]
    del hypothesis[50_100:50_110]
    hypothesis.append(-1)
    alignment = align(reference, hypothesis)
    assert distance(reference, hypothesis) == 111
    assert [alignment.count(operation) for operation in Operation] == [99_890, 100, 10, 1]


def test_weighted_alignment_refuses_what_would_take_minutes() -> None:
    side = "a" * (int(MAX_WEIGHTED_CELLS**0.5) + 1)
    with pytest.raises(ConfigError, match="align shorter pieces"):
        align(side, side, price)


@pytest.mark.parametrize("bad", [-0.5, float("nan")])
def test_a_price_below_zero_is_refused(bad: float) -> None:
    with pytest.raises(ConfigError, match="'a' by 'b'"):
        align("a", "b", lambda _expected, _found: bad)
