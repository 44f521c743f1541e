"""Marks that the page was not sure of: specks go, commas get their tails, what is sure stays."""

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import vietnamese_text
from vnrepair.records import Evidence, apply_edits
from vnrepair.restore.evidence import PageEvidence
from vnrepair.restore.specks import speck_edits

SURE = 0.97


def _mend(text: str, unsure: Mapping[str, float]) -> str:
    evidence = [
        Evidence(match.start(), match.end(), unsure.get(match.group(), SURE))
        for match in re.finditer(r"\S+", text)
    ]
    edits = speck_edits(text, PageEvidence(text, evidence))
    return apply_edits(text, sorted(edits, key=lambda edit: edit.start))


@pytest.mark.parametrize(
    ("text", "unsure", "expected"),
    [
        ("Cán bộ thôn. xã cùng họp", {"thôn.": 0.92}, "Cán bộ thôn, xã cùng họp"),
        ("Trồng lúa. ngô và khoai", {"lúa.": 0.95}, "Trồng lúa, ngô và khoai"),
        ("Mưa lớn. kéo dài", {"lớn.": 0.7}, "Mưa lớn kéo dài"),
        ("Mưa lớn: kéo dài", {"lớn:": 0.85}, "Mưa lớn kéo dài"),
        ("Mỗi hộ ^ góp tiền", {"^": 0.4}, "Mỗi hộ góp tiền"),
        ("' Mỗi hộ góp tiền", {"'": 0.4}, "Mỗi hộ góp tiền"),
        ("Mỗi hộ góp tiền .", {".": 0.4}, "Mỗi hộ góp tiền"),
        ("~ Mỗi hộ góp tiền", {"~": 0.8}, "- Mỗi hộ góp tiền"),
        ("©) Mỗi hộ góp tiền", {"©)": 0.8}, "c) Mỗi hộ góp tiền"),
        ("Từ thôn Đông — thôn Đoài", {"—": 0.8}, "Từ thôn Đông – thôn Đoài"),
    ],
)
def test_marks_that_were_read_unsurely_are_mended(
    text: str, unsure: dict[str, float], expected: str
) -> None:
    assert _mend(text, unsure) == expected


@pytest.mark.parametrize(
    ("text", "unsure"),
    [
        ("Cán bộ thôn. xã cùng họp", {}),
        ("Cán bộ thôn. Xã cùng họp", {"thôn.": 0.5}),
        ("Mỗi bao 50 kg. gạo", {"kg.": 0.92}),
        ("Xem tr. sau", {"tr.": 0.92}),
        ("Điểm a. khoản này", {"a.": 0.92}),
        ("Cụ thể: mỗi hộ một cây", {"thể:": 0.92}),
        ("Theo Điều ^ của quy định", {"^": 0.4}),
        ("Mỗi hộ ^ góp tiền", {}),
        ("- Mỗi hộ góp tiền", {"-": 0.4}),
        ("Mỗi hộ - mỗi người", {"-": 0.4}),
        ("~ Mỗi hộ góp tiền", {}),
    ],
)
def test_other_marks_stay(text: str, unsure: dict[str, float]) -> None:
    assert _mend(text, unsure) == text


def test_where_the_page_says_nothing_nothing_is_done() -> None:
    assert speck_edits("~ Mưa lớn. kéo dài ^", PageEvidence()) == []


@given(vietnamese_text, st.data())
def test_letters_digits_and_lines_stay_however_unsurely_they_were_read(
    text: str, data: st.DataObject
) -> None:
    words = set(text.split())
    mended = _mend(text, {word: data.draw(st.floats(0, 1)) for word in sorted(words)})
    assert [c for c in mended if c.isalnum()] == [c for c in text if c.isalnum()]
    assert mended.count("\n") == text.count("\n")
