"""Specks go, quotes close, list dashes get their blank; marks that mean something stay."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.records import apply_edits
from vnrepair.restore.stray_marks import as_figure, mark_edits, with_false_ending
from vnrepair.restore.tokenise import Kind, tokenise


def _cleaned(text: str) -> str:
    return apply_edits(text, sorted(mark_edits(text), key=lambda edit: edit.start))


@pytest.mark.parametrize(
    ("observed", "meant"),
    [
        ("nguoi dan ~ tham gia", "nguoi dan tham gia"),
        ("nguoi dan ’", "nguoi dan"),
        ("nguoi dan |", "nguoi dan"),
        ("‘nguoi dan tham gia", "nguoi dan tham gia"),
        ("Chu‘ tich", "Chu tich"),
        ("“Doi moi ™. Td", "“Doi moi”. Td"),
        ("“Doi moi ”, va", "“Doi moi”, va"),
        ("vn _tham gia", "vn tham gia"),
        ("viéc — Td chuc", "viéc – Td chuc"),
    ],
)
def test_specks_and_ruined_quotes_are_undone(observed: str, meant: str) -> None:
    assert _cleaned(observed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "‘Doi moi’ va ‘sang tao’",
        "“Doi moi” va “sang tao”",
        "| STT | Noi dung |",
        "Vinamilk™ va ban",
        "- Td chuc",
        "a + b = c",
        "* Ghi chu",
        "5 °C",
        "“Doi moi” va ™",
    ],
)
def test_marks_that_mean_something_stay(text: str) -> None:
    assert mark_edits(text) == []


def test_a_dash_gets_the_blank_that_all_others_have() -> None:
    items = "- Mot viec\n" * 6
    assert _cleaned(items + "-Hai viec") == items + "- Hai viec"


def test_dashes_without_blanks_stay_where_that_is_the_habit() -> None:
    text = "-Mot viec\n" * 4 + "- Hai viec\n" * 4
    assert _cleaned(text) == text


@given(st.text(alphabet="ab ‘’“”™|~_-—\n.", max_size=80))
def test_edits_of_marks_never_overlap(text: str) -> None:
    edits = sorted(mark_edits(text), key=lambda edit: edit.start)
    assert all(one.end <= other.start for one, other in itertools.pairwise(edits))


@pytest.mark.parametrize(
    ("text", "first"),
    [("giit? trat tu", "giit?"), ("ct?, phé chuan", "ct?"), ("th? 2 tuan", "th?")],
)
def test_a_question_mark_that_ends_nothing_belongs_to_the_word(text: str, first: str) -> None:
    one, other, *_ = tokenise(text)
    assert with_false_ending(one, other).text == first


def test_a_reading_that_is_known_is_one_word_before_a_capital_too() -> None:
    one, other, *_ = tokenise("ct? Luat")
    assert with_false_ending(one, other) == one
    assert with_false_ending(one, other, {"ct?"}).text == "ct?"


def test_an_exclamation_mark_among_capitals_is_a_stroke() -> None:
    one, other, *_ = tokenise("TA! CHINH")
    assert with_false_ending(one, other).text == "TA!"


@pytest.mark.parametrize("text", ["viec gi? Toi", "viec gi?” Toi", "viec gi?\ntoi"])
def test_a_question_mark_that_ends_something_stays_behind(text: str) -> None:
    _, one, other, *_ = tokenise(text)
    assert with_false_ending(one, other) == one


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("nha 6 va", Kind.FIGURE),
        ("nha 6, cong", Kind.FIGURE),
        ("khoan 2, Dieu", Kind.NUMBER),
        ("nha 6. Cong", Kind.FIGURE),
        ("nha 6) Cong", Kind.NUMBER),
        ("nha 7. Cong", Kind.NUMBER),
        ("khoan 12 Dieu", Kind.NUMBER),
    ],
)
def test_only_a_lone_figure_inside_a_phrase_may_be_a_word(text: str, kind: Kind) -> None:
    one, other, *_ = tokenise(text)
    assert as_figure(other, one).kind is kind
