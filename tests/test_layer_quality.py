"""A text layer is believed when its words can be what the page says, and only then."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.printed import BODY
from vnrepair.language.letters import skeleton
from vnrepair.scan.layer_quality import find_fault, take_census

VIETNAMESE = " ".join(BODY)
ENGLISH = (
    "The committee met on Tuesday to discuss the plan for the new bridge. No one in the room had "
    "seen the final figures, and the chairman said that it was too soon to vote. He then asked the "
    "engineers to come back in a week with more data on the cost of the work."
)
FRENCH = (
    "Le conseil municipal s'est réuni mardi pour examiner le projet de pont. Personne dans la "
    "salle n'avait encore vu les chiffres définitifs, et le président a déclaré qu'il était trop "
    "tôt pour voter."
)
GERMAN = (
    "Der Gemeinderat beriet über die Pläne für die neue Brücke. Niemand kannte die endgültigen "
    "Zahlen, und der Vorsitzende hielt es für zu früh, darüber abzustimmen."
)
CHINESE = "会议 讨论 了 新桥 的 计划 没有人 看过 最终 数字 主席 说 现在 投票 还 太早"
FIGURES = "1.250.000 32% 14/02/2024 - 3,5 +84 (12) 7.000 9:30 № 15 = 20 / 4 10x12"
CODES = "Số: 15/TB-UBND, 04-KH/BCĐ, QĐ-TTg, NĐ-CP, TT-BTC, HĐND&UBND, PCCC, BHXH, CMND."

_TCVN3 = dict(
    zip("àảãáạâấầẩậăằắẵêếềểễệôốồổộơờớợưừứựđđ", "µ¶·¸¹©ÊÇÈË¨»¾½ªÕÒÓÔÖ«èåæé¬êíîìõø÷®®", strict=True)
)


def to_tcvn3(text: str) -> str:
    return "".join(_TCVN3.get(char, char) for char in text)


def to_vni(text: str) -> str:
    """A base letter and its marks as one Latin letter each, as VNI fonts have it."""
    marks = dict(zip("\u0300\u0301\u0309\u0303\u0323\u0302\u0306\u031b", "øùûõïâêö", strict=True))
    return "".join(marks.get(char, char) for char in unicodedata.normalize("NFD", text))


def shift(text: str) -> str:
    """Glyph numbers taken for letters, as where a font has lost its table."""
    return "".join(char if char.isspace() else chr(ord(char) - 29) for char in text)


def read_as_english(text: str) -> str:
    """What an engine with English data makes of most Vietnamese letters."""
    kept = dict.fromkeys("áàâéèêóòôíúý")
    return "".join(char if char in kept else skeleton(char) for char in text)


@pytest.mark.parametrize("is_scan", [True, False])
@pytest.mark.parametrize(
    "text", [VIETNAMESE, VIETNAMESE.upper(), ENGLISH, FRENCH, GERMAN, f"{VIETNAMESE} {CODES}"]
)
def test_text_as_people_write_it_is_believed(text: str, is_scan: bool) -> None:
    assert find_fault(take_census(text.split()), is_scan=is_scan) is None


@pytest.mark.parametrize("text", ["", "Phụ lục", FIGURES, CHINESE, CODES, "Trang 2", "• – …"])
def test_little_text_of_a_typed_page_is_believed(text: str) -> None:
    assert find_fault(take_census(text.split()), is_scan=False) is None


@pytest.mark.parametrize(
    ("garble", "message"),
    [
        (read_as_english, "marks|no Vietnamese"),
        (skeleton, "lacks the marks"),
        (to_tcvn3, "codes"),
        (to_vni, "codes"),
        (shift, "codes"),
        (lambda text: text.encode().decode("cp1252", "replace"), "codes"),
        (lambda text: text.replace(" ", " \ue012\ue044\ue07f "), "codes"),
        (lambda text: " ".join("(cid:12)(cid:7)" for _ in text.split()), "codes"),
        (lambda text: " ".join("\ufffd" * len(word) for word in text.split()), "codes"),
    ],
    ids=["eng", "bare", "tcvn3", "vni", "shifted", "cp1252", "private", "cid", "unmapped"],
)
@pytest.mark.parametrize("is_scan", [True, False])
def test_garbled_text_is_told_apart(
    garble: Callable[[str], str], message: str, is_scan: bool
) -> None:
    words = unicodedata.normalize("NFC", garble(VIETNAMESE)).split()
    fault = find_fault(take_census(words), is_scan=is_scan)
    assert fault is not None
    assert any(part in fault for part in message.split("|"))


def test_a_reading_with_some_errors_is_believed_of_an_author_and_not_of_an_engine() -> None:
    words = VIETNAMESE.split()
    words[3::25] = ["nghĩêp"] * len(words[3::25])  # one word in twenty-five cannot be
    assert find_fault(take_census(words), is_scan=False) is None
    fault = find_fault(take_census(words), is_scan=True)
    assert fault is not None
    assert "no Vietnamese" in fault


def test_foreign_words_in_a_vietnamese_page_do_not_condemn_it() -> None:
    text = f"{VIETNAMESE} Nguyễn Văn Bình, giám đốc Microsoft Windows, gửi thư tới info@abc.vn"
    assert find_fault(take_census(text.split()), is_scan=True) is None


@given(st.lists(st.text(max_size=12), max_size=40))
def test_counts_are_parts_of_one_another(words: list[str]) -> None:
    census = take_census(words)
    assert 0 <= census.strange <= census.tokens <= len(words)
    assert 0 <= census.marked <= census.valid <= census.shaped <= census.latin
    assert max(census.accented, census.voiced) <= census.latin
