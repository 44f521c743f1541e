"""Tokens carry every character of the text, at its place, and say what may be done to it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import any_text
from vnrepair.restore.tokenise import Kind, Token, ends_sentence, split_chunk, tokenise

_KINDS = {
    Kind.WORD: (
        "học",
        "HỌC",
        "Ké",
        "hoach",
        "s&",
        "&",
        "quy-tắc",
        "TTg",
        "Nguyễn",
        "iPhone",
        "đ",
        "I",  # one letter, hardly a Roman number
        "VI",  # `VI PHẠM`
        "XI",
    ),
    Kind.NUMBER: (
        "0",
        "12",
        "007",
        "15/3/2024",
        "15-3-2024",
        "1.250.000",
        "3,14",
        "99%",
        "12,5%",
        "37°",
        "-4",
        "+84",
        "08:30",
        "08:30:15",
        "2020-2025",
        "2020–2025",
        "1x2",
        "3×4",
        "II",
        "IV",
        "XIV",
        "XXXIX",
    ),
    Kind.DOCUMENT_ID: (
        "56/KH-UBND",
        "1211/QĐ-UBND",
        "04-KH/BCĐ",
        "59/2023/NĐ-CP",
        "01/2023/TT-BTC",
        "439/QD-UBND",
        "1211/Qb-UBND",
        "26-QĐ/HU",
        "UBND-VP",
        "UBMTTQ/BTT",
    ),
    Kind.ADDRESS: (
        "https://vnrepair.vn/a,b?c=1&d=2",
        "http://x.vn",
        "www.longbinh.gov.vn",
        "longbinh.gov.vn",
        "vanphong.xa@longbinh.gov.vn",
        "a@b.vn",
        "bao-cao.docx",
        "mau_01.pdf",
    ),
    Kind.CODE: ("1a", "x3", "A4", "co6", "B12", "5G", "COVID19", "m2", "4n", "0d"),
    Kind.PUNCTUATION: ("-", "...", "–", "*", "“”", "//", "•", "(…)", ".,;", "%"),
}


@pytest.mark.parametrize(
    ("text", "kind"),
    [(text, kind) for kind, texts in _KINDS.items() for text in texts],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_chunk_without_outer_punctuation_has_a_kind(text: str, kind: Kind) -> None:
    assert {token.kind for token in tokenise(text)} == {kind}


def _rebuilt(text: str, tokens: list[Token]) -> str:
    """The tokens with what lies between them."""
    parts: list[str] = []
    done = 0
    for token in tokens:
        parts += (text[done : token.start], token.text)
        done = token.end
    return "".join(parts) + text[done:]


@given(any_text)
def test_tokens_and_what_lies_between_are_the_text(text: str) -> None:
    tokens = list(tokenise(text))
    assert all(text[token.start : token.end] == token.text != "" for token in tokens)
    assert all(one.end <= other.start for one, other in itertools.pairwise(tokens))
    assert _rebuilt(text, tokens) == text


@given(any_text)
def test_between_tokens_lie_only_white_space_and_their_own_punctuation(text: str) -> None:
    done = 0
    for token in tokenise(text):
        gap = text[done : token.start]
        assert gap.endswith(token.lead)
        assert gap.removesuffix(token.lead).strip() == ""
        assert text.startswith(token.trail, token.end)
        done = token.end + len(token.trail)
    assert text[done:].strip() == ""


@given(any_text)
def test_a_line_index_counts_the_line_ends_before_a_token(text: str) -> None:
    assert all(token.line == text.count("\n", 0, token.start) for token in tokenise(text))


@given(st.text(alphabet="aĂ9./-–(\"'@,", min_size=1, max_size=12))
def test_glued_tokens_follow_without_white_space(text: str) -> None:
    first, *rest = tokenise(text)
    assert not first.glued
    assert all(token.glued for token in rest)


@given(st.text(min_size=1, max_size=20).filter(lambda text: not any(map(str.isspace, text))))
def test_a_chunk_is_never_without_a_piece(chunk: str) -> None:
    pieces = split_chunk(chunk)
    assert pieces
    assert all(chunk[offset : offset + len(core)] == core for offset, core, *_ in pieces)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(“dân vận khéo”).", [("(“", "dân", ""), ("", "vận", ""), ("", "khéo", "”).")]),
        ("xã/phường-thôn;", [("", "xã", "/"), ("", "phường", "-"), ("", "thôn", ";")]),
        ("- Như trên;", [("", "-", ""), ("", "Như", ""), ("", "trên", ";")]),
        ("1. Mục đích", [("", "1", "."), ("", "Mục", ""), ("", "đích", "")]),
        ("*Ghi chú*", [("*", "Ghi", ""), ("", "chú", "*")]),
        ("(56/KH-UBND)", [("(", "56/KH-UBND", ")")]),
        ("$", [("", "$", "")]),
        ("d6éng/ngudi", [("", "d6éng", "/"), ("", "ngudi", "")]),
        ("DONG/NGUOI;", [("", "DONG", "/"), ("", "NGUOI", ";")]),
        ("UBND/HĐND", [("", "UBND/HĐND", "")]),
        ("QĐ/TU", [("", "QĐ/TU", "")]),
        ("a/b1", [("", "a/b1", "")]),
        ("(/mẫu", [("(/", "mẫu", "")]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_punctuation_stands_beside_its_core(
    text: str, expected: list[tuple[str, str, str]]
) -> None:
    assert [(t.lead, t.text, t.trail) for t in tokenise(text)] == expected


def test_an_apostrophe_behind_a_core_belongs_to_it_unless_a_quote_was_opened() -> None:
    assert [token.text for token in tokenise("tu' 'tu' tu’")] == ["tu'", "tu", "tu’"]


def test_an_id_broken_at_the_end_of_a_line_keeps_its_mark() -> None:
    assert [token.text for token in tokenise("số 56/KH-\nUBND")] == ["số", "56/KH-", "UBND"]


@pytest.mark.parametrize("trail", [".", ";", "!", "?", "…", "”.", "!)"])
def test_a_closing_mark_ends_a_sentence(trail: str) -> None:
    assert ends_sentence(trail)


@pytest.mark.parametrize("trail", ["", ",", ":", "-", "/", "”", ")"])
def test_other_marks_do_not_end_a_sentence(trail: str) -> None:
    assert not ends_sentence(trail)
