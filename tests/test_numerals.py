"""Roman numbers and the point `đ)` are repaired by how one counts; all else stays."""

import itertools

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.records import Edit, Evidence, apply_edits
from vnrepair.restore.evidence import PageEvidence
from vnrepair.restore.numerals import heading_edits, item_edits, numeral_edits


def _counted(text: str) -> str:
    return apply_edits(text, numeral_edits(text))


@pytest.mark.parametrize(
    ("observed", "meant"),
    [
        ("I1. Muc tiéu", "II. Muc tiéu"),
        ("  Il. Muc tiéu", "  II. Muc tiéu"),
        ("|. Muc tiéu", "I. Muc tiéu"),
        ("lll. Td chuc", "III. Td chuc"),
        ("‘TV. Td chuc", "‘IV. Td chuc"),
        ("Phu luc IT kém theo", "Phu luc II kém theo"),
        ("Chuong JV quy dinh", "Chuong IV quy dinh"),
        ("Quy IL nam nay", "Quy II nam nay"),
        ('Dai hoi lan tht XX1"', 'Dai hoi lan tht XXI"'),
        ("ky hop X1II", "ky hop XIII"),
    ],
)
def test_strokes_become_roman_figures_where_something_is_counted(observed: str, meant: str) -> None:
    assert _counted(observed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "1. Muc tiéu",
        "11. Muc tiéu",
        "Phu luc 1 kém theo",
        "phuong V1 va V2",
        "tuyén X1",
        "VI PHAM hanh chinh",
        "chuong trinh IT",
        "56/KH-UBND",
        "lit nuoc",
        "I. Muc tiéu",
        "Khoan 1l Diéu 5",
    ],
)
def test_what_may_be_something_else_stays(text: str) -> None:
    assert numeral_edits(text) == []


@given(st.text(alphabet="IVX1l|! .\nabTJ", max_size=60))
def test_edits_of_numerals_fit_and_do_not_overlap(text: str) -> None:
    edits = numeral_edits(text)
    assert all(one.end <= other.start for one, other in itertools.pairwise(edits))
    assert numeral_edits(apply_edits(text, edits)) == []


def test_a_second_point_d_is_the_point_that_lost_its_stroke() -> None:
    text = "c) Mot\nd) Hai\nd) Ba\ne) Bon"
    assert item_edits(text) == [Edit(14, 16, "d)", "đ)", "restore/numeral")]


@pytest.mark.parametrize(
    ("observed", "meant"),
    [
        ("a) Mot\nb} Hai\n©) Ba", "a) Mot\nb) Hai\nc) Ba"),
        ("3. Mot\n4, Hai\n5. Ba", "3. Mot\n4. Hai\n5. Ba"),
    ],
)
def test_marks_behind_what_counts_are_those_of_the_list(observed: str, meant: str) -> None:
    assert apply_edits(observed, item_edits(observed)) == meant


@pytest.mark.parametrize(
    "text",
    [
        "tai khoan 3,\n4, Dieu 7",
        "2. Mot\n4, Hai",
        "(a} va [b]",
        "c) Mot\nd) Hai\ne) Ba",
        "d) Hai\nđ) Ba\ne) Bon",
        "d) Hai\nc) Mot\nd) Hai",
    ],
)
def test_points_in_order_stay(text: str) -> None:
    assert item_edits(text) == []


def _headed(text: str, confidence: float = 0.8) -> str:
    """A text whose headings were read with this confidence, with their numbers in order."""
    words = regex.finditer(r"\S+", text)
    evidence = PageEvidence(text, [Evidence(m.start(), m.end(), confidence) for m in words])
    return apply_edits(text, heading_edits(text, evidence))


@pytest.mark.parametrize(
    ("observed", "meant"),
    [
        ("I. Mục đích\nH. Nội dung\nII. Kinh phí", "I. Mục đích\nII. Nội dung\nIII. Kinh phí"),
        ("I. Mục đích\nIL. Nội dung", "I. Mục đích\nII. Nội dung"),
        ("VI. Thi đua\nVI. Khen thưởng", "VI. Thi đua\nVII. Khen thưởng"),
    ],
)
def test_headings_get_their_lost_strokes_back(observed: str, meant: str) -> None:
    assert _headed(observed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "I. Mục đích\nII. Nội dung\nIII. Kinh phí\nIV. Thời gian",
        "II. Nội dung\nI. Mục đích",
        "I. Mục đích\nI. Nội dung",  # two documents on one page, or none knows
        "I. Mục đích\nG. Gạo\nH. Hoa quả",
        "IV. Kinh phí\nIV. Thời gian",  # `IIII` is no number
        "L. Nguyên Phong\nV. Hoàng",
        "V. Kinh phí\nV. Kinh phí, tiếp theo",  # of `VI`, no stroke was seen to be lost
    ],
)
def test_headings_that_break_no_order_stay(text: str) -> None:
    assert _headed(text) == text


def test_headings_that_were_read_surely_stay() -> None:
    text = "I. Mục đích\nII. Nội dung\nII. Nội dung, tiếp theo"
    assert _headed(text, 0.97) == text
    assert heading_edits(text, PageEvidence()) == []
