"""A text tells how it was garbled, and says why it is thought so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import any_text
from vnrepair.config import PROFILES
from vnrepair.language.letters import skeleton
from vnrepair.restore.profiles import (
    PROFILE_SETTINGS,
    detect_profile,
    for_half_marked,
    share_of_lost_marks,
)
from vnrepair.restore.tokenise import tokenise

_SYLLABLES = (
    "ủy ban nhân dân xã tổ chức hội nghị kế hoạch thực hiện quy chế dân chủ ở cơ sở năm của và "
    "các thôn báo cáo kết quả trước ngày tháng cộng hòa chủ nghĩa việt nam hôm nay trời đẹp "
    "quá cô lan mua cá tôm rau cho con để ăn the to can"
)
BARE = frozenset(skeleton(word) for word in _SYLLABLES.split())


def _detect(text: str) -> tuple[str, str]:
    return detect_profile(list(tokenise(text)), BARE)


@pytest.mark.parametrize(
    ("text", "profile", "reason"),
    [
        ("Ké hoach thuc hién quy ché dan chu", "tesseract-eng", "stray characters"),
        ("Uy ban nhan dan x4 t6 chic héi nghi", "tesseract-eng", "stray characters"),
        ("Ủy ban nhân dân xã tổ chức hội nghị", "tesseract-vie", "Vietnamese"),
        ("Ủy ban nhan dân xã tổ chưc hội nghi", "tesseract-vie", "Vietnamese"),
        ("Uy ban nhan dan xa to chuc hoi nghi", "undiacritised", "lack marks"),
        ("CONG HOA XA HOI CHU NGHIA VIET NAM", "undiacritised", "lack marks"),
        ("The weather is lovely for walking today", "tesseract-vie", "could be bare Vietnamese"),
        ("Wikipedia ist ein freies Nachschlagewerk", "tesseract-vie", "could be bare Vietnamese"),
        ("Москва Париж Лондон Мадрид", "tesseract-vie", "could be bare Vietnamese"),
        ("12/3/2024; 4,5 %; 56/KH-UBND", "tesseract-vie", "no words"),
        ("", "tesseract-vie", "no words"),
    ],
)
def test_a_text_has_a_profile_and_a_reason(text: str, profile: str, reason: str) -> None:
    found, why = _detect(text)
    assert found == profile
    assert reason in why


def test_numbers_ids_and_addresses_are_no_evidence() -> None:
    plain = "Uy ban nhan dan xa to chuc hoi nghi"
    framed = f"56/KH-UBND 15/3/2024 {plain} https://é.vn/?a=1&b={{}} an@b.vn 1.000"
    assert _detect(framed) == _detect(plain)


def test_one_foreign_name_ruins_no_text() -> None:
    assert _detect("Ủy ban nhân dân xã tổ chức hội nghị của São Paulo")[0] == "tesseract-vie"


def test_the_order_of_words_makes_no_difference() -> None:
    words = ["Ké", "hoach", "thuc", "hién", "quy", "ché", "dan", "chu", "Ủy", "ban"]
    assert _detect(" ".join(words)) == _detect(" ".join(reversed(words)))


@given(st.one_of(any_text, st.text(alphabet="aàéđĐ&@1 ă\n", max_size=40)))
def test_every_text_gets_a_profile_that_exists(text: str) -> None:
    profile, reason = _detect(text)
    assert profile in PROFILE_SETTINGS
    assert reason


def test_every_profile_has_its_settings() -> None:
    assert set(PROFILE_SETTINGS) == set(PROFILES) - {"auto"}
    for settings in PROFILE_SETTINGS.values():
        assert settings.weights.language_model > 0
        assert settings.min_log_odds >= 0
        assert settings.min_id_odds > 0
        assert 0 <= settings.word_share < 1


def test_text_with_marks_is_changed_less_readily_than_ruined_text() -> None:
    marked, ruined = PROFILE_SETTINGS["tesseract-vie"], PROFILE_SETTINGS["tesseract-eng"]
    assert marked.min_log_odds > ruined.min_log_odds
    assert not marked.repairs_codes


# Texts of which some words lost their marks.


@pytest.mark.parametrize(
    ("text", "profile", "reason"),
    [
        ("Ủy ban nhân dân xã thuc hiện quy chế", "undiacritised", "others lost theirs"),
        ("Ủy ban nhân dân xã Thuc hiện quy chế", "tesseract-vie", "Vietnamese"),
        ("Ủy ban nhân dân xã Thuc hiện quy chế Truoc", "undiacritised", "others lost theirs"),
        ("Ủy ban nhân dân xã hop tổ chức hội nghị", "tesseract-vie", "Vietnamese"),
        ("Lan mua cho con ăn rau ngay", "tesseract-vie", "none has lost its own"),
        ("Lan mua cho con ăn truoc ngay", "undiacritised", "lack marks"),
    ],
)
def test_words_that_can_only_be_stripped_tell_half_marked_text(
    text: str, profile: str, reason: str
) -> None:
    found, why = _detect(text)
    assert found == profile
    assert reason in why


def _lost(text: str, borrowed: frozenset[str] = frozenset()) -> float:
    return share_of_lost_marks(list(tokenise(text)), BARE, borrowed)


def test_the_share_of_lost_marks_grows_with_the_words_that_lost_them() -> None:
    marked = "ủy ban nhân dân xã tổ chức hội nghị kế hoạch thực hiện quy chế"
    texts = (marked, f"{marked} truoc", f"{marked} truoc cac", "truoc cac thon")
    shares = [_lost(text) for text in texts]
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.15
    assert shares[-1] == 1.0


def test_borrowed_words_have_lost_nothing() -> None:
    assert _lost("xã tổ chức cac", frozenset({"cac"})) == _lost("xã tổ chức")


def test_a_text_without_marks_is_asked_for_nothing_more() -> None:
    plain = PROFILE_SETTINGS["undiacritised"]
    assert for_half_marked(plain, 1.0) == plain


@given(st.floats(0.01, 0.9))
def test_the_fewer_words_lost_their_marks_the_more_is_asked_of_a_change(lost: float) -> None:
    plain = PROFILE_SETTINGS["undiacritised"]
    half = for_half_marked(plain, lost)
    assert half.min_log_odds > for_half_marked(plain, min(0.94, lost * 1.1)).min_log_odds
    assert half.min_marked_odds > plain.min_marked_odds
    assert half.weights == plain.weights
