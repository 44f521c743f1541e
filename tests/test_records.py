"""Edits replay, and spans of their input are found again in their output."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.errors import ConfigError
from vnrepair.records import Edit, Repaired, apply_edits, output_spans

_texts = st.text(alphabet="abcé \n", min_size=1, max_size=40)


@st.composite
def _edited(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """A text with edits that do not overlap, in order."""
    text = draw(_texts)
    borders = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    edits: list[Edit] = []
    for start, end in zip(borders[::2], borders[1::2], strict=False):
        after = draw(st.text(alphabet="xyz", max_size=4))
        edits.append(Edit(start, end, text[start:end], after, "test"))
    return text, edits


@given(_edited(), st.data())
def test_a_span_outside_all_edits_holds_the_same_text_in_the_output(
    edited: tuple[str, list[Edit]], data: st.DataObject
) -> None:
    text, edits = edited
    done = apply_edits(text, edits)
    free = [0, *(border for edit in edits for border in (edit.start, edit.end)), len(text)]
    spans = list(zip(free[::2], free[1::2], strict=True))
    assert [done[a:b] for a, b in output_spans(edits, spans)] == [text[a:b] for a, b in spans]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    (first, last), *_ = output_spans(edits, [(start, end)])
    assert 0 <= first <= last <= len(done)


@given(_edited())
def test_the_span_of_an_edit_holds_its_replacement(edited: tuple[str, list[Edit]]) -> None:
    text, edits = edited
    done = apply_edits(text, edits)
    spans = output_spans(edits, [(edit.start, edit.end) for edit in edits])
    assert [done[a:b] for a, b in spans] == [edit.after for edit in edits]


@given(_edited(), st.data())
def test_many_spans_are_found_as_each_alone(
    edited: tuple[str, list[Edit]], data: st.DataObject
) -> None:
    text, edits = edited
    places = st.integers(0, len(text))
    spans = sorted(
        (min(pair), max(pair)) for pair in data.draw(st.lists(st.tuples(places, places)))
    )
    together = list(output_spans(edits, spans))
    repaired = Repaired(apply_edits(text, edits), tuple(edits), source=text)
    assert together == [repaired.output_span(*span) for span in spans]


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ((0, 2), (0, 2)),  # before everything
        ((3, 5), (3, 7)),  # the edit itself: `cd` became `wxyz`
        ((4, 5), (3, 7)),  # inside it
        ((2, 4), (2, 7)),  # over its start
        ((4, 7), (3, 9)),  # over its end
        ((5, 5), (7, 7)),  # nothing, right behind it
        ((3, 3), (3, 3)),  # nothing, right before it
        ((0, 8), (0, 10)),  # all
    ],
)
def test_spans_that_an_edit_cuts_are_widened_to_the_whole_replacement(
    span: tuple[int, int], expected: tuple[int, int]
) -> None:
    text, edits = "ab cd ef", [Edit(3, 5, "cd", "wxyz", "test")]
    assert apply_edits(text, edits) == "ab wxyz ef"
    assert list(output_spans(edits, [span])) == [expected]


def test_edits_that_do_not_fit_the_text_are_refused() -> None:
    with pytest.raises(ConfigError, match="does not fit"):
        apply_edits("abc", [Edit(0, 1, "b", "x", "test")])
    with pytest.raises(ConfigError, match="does not fit"):
        apply_edits("abc", [Edit(0, 2, "ab", "x", ""), Edit(1, 2, "b", "y", "")])
