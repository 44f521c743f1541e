"""What the page says of its words weighs: surely read words stay, other readings may stand in."""

import dataclasses
import functools
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import vietnamese_text
from vnrepair.config import RestoreConfig
from vnrepair.errors import ConfigError
from vnrepair.pipeline import repair_page
from vnrepair.records import Box, Evidence, Hypothesis, Page, Word, apply_edits
from vnrepair.restore import kernel
from vnrepair.restore.evidence import (
    TRUSTS,
    PageEvidence,
    Witness,
    check_evidence,
    weigh_confidences,
)
from vnrepair.restore.restorer import Restorer, restore_and_explain
from vnrepair.restore.tokenise import tokenise

SURE, UNSURE = 0.97, 0.5
Others = Mapping[str, Sequence[tuple[str, float]]]


@functools.cache
def _restorer(profile: str = "tesseract-vie") -> Restorer:
    return Restorer(RestoreConfig(profile=profile))


def _evidence(
    text: str, unsure: Mapping[str, float] | None = None, others: Others | None = None
) -> list[Evidence]:
    """Evidence for all words of a text, which are surely read but for those that are named."""
    return [
        Evidence(
            match.start(),
            match.end(),
            (unsure or {}).get(match.group(), SURE),
            tuple(Hypothesis(*other) for other in (others or {}).get(match.group(), ())),
        )
        for match in re.finditer(r"\S+", text)
    ]


def _repair(text: str, unsure: Mapping[str, float], others: Others | None = None) -> str:
    return _restorer().restore(text, _evidence(text, unsure, others)).text


def test_a_word_that_was_read_unsurely_changes_by_less() -> None:
    text = "Hội viên góp vỗn trồng rừng."
    assert _repair(text, {}) == _restorer().restore(text).text == text
    assert _repair(text, {"vỗn": UNSURE}) == "Hội viên góp vốn trồng rừng."


def test_the_odds_of_a_change_fall_with_the_confidence_of_what_was_read() -> None:
    text = "Những nhà ở xa trục đường chính sẽ nhận cây ăn quá thay thế."
    odds: list[float] = []
    for confidence in (0.1, 0.5, 0.8, 0.9, 0.93, 0.96, 0.97):
        (edit,) = _restorer().restore(text, _evidence(text, {"quá": confidence})).edits
        assert (edit.before, edit.after) == ("quá", "quả")
        odds.append(edit.log_odds)
    assert odds == sorted(odds, reverse=True)
    assert odds[0] - odds[-1] > 4.0


def test_a_name_in_capitals_stays_where_a_small_word_would_change() -> None:
    text = "UBND THỊ XÃ GIA NGHI"
    unsure = dict.fromkeys(text.split(), 0.9)  # what capitals mostly get, right as they are
    assert _restorer().restore(text).text == _repair(text, unsure) == text
    assert _repair("UỶ BAN NHẦN DÂN XÃ", {"NHẦN": 0.9}) == "UỶ BAN NHÂN DÂN XÃ"


def test_another_reading_of_the_place_becomes_a_candidate() -> None:
    text = "Ông Lưu Đình Phục được bầu làm tổ trưởng."
    assert _repair(text, {"Phục": 0.9}) == text
    repaired = _repair(text, {"Phục": 0.9}, {"Phục": [("Phúc", 0.96)]})
    assert repaired == "Ông Lưu Đình Phúc được bầu làm tổ trưởng."


def test_another_reading_reaches_what_no_letters_explain_and_marks_stay() -> None:
    text = "Hội viên góp xqzn, trồng rừng."
    found = _repair(text, {"xqzn,": UNSURE}, {"xqzn,": [("vốn", 0.9)]})
    assert found == "Hội viên góp vốn, trồng rừng."


def test_another_reading_stands_in_for_its_part_of_a_word_of_several() -> None:
    text = "Đường từ TP.Huệ ra Quảng Trị bị ngập."
    found = _repair(text, {"TP.Huệ": 0.6}, {"TP.Huệ": [("TP.Huế", 0.95)]})
    assert found == "Đường từ TP.Huế ra Quảng Trị bị ngập."


def test_a_reading_that_divides_the_word_elsewhere_says_nothing() -> None:
    text = "từ TP.Huệ ra"
    (one, *_), evidence = (
        [token for token in tokenise(text) if token.text == "Huệ"],
        PageEvidence(text, [Evidence(3, 9, 0.6, (Hypothesis("TPHuế", 0.9),))]),
    )
    assert evidence.of(one) == Witness(0.6)


def test_digits_stay_however_unsurely_they_were_read() -> None:
    text = "Thời hạn đăng ký chậm nhất là ngày 28 tháng 2 năm 2024."
    others = {"28": [("23", SURE)], "2": [("là", SURE)], "2024.": [("2021.", SURE)]}
    assert _repair(text, {"28": 0.0, "2": 0.0, "2024.": 0.0}, others) == text


def test_terms_to_keep_stay_whatever_the_page_says() -> None:
    text = "Chị Thơn Sí bán bánh mì ở đầu ngõ."
    evidence = _evidence(text, {"Thơn": 0.1, "Sí": 0.1}, {"Sí": [("Sĩ", SURE)]})
    kept = Restorer(RestoreConfig(profile="tesseract-vie", keep=("Thơn Sí",)))
    assert kept.restore(text, evidence).text == text


def test_a_sentence_of_another_language_stays_whatever_other_readings_say() -> None:
    text = "The quick brown fox jumps over the lazy dog."
    assert _repair(text, {"the": UNSURE}, {"the": [("thế", SURE)]}) == text


@settings(max_examples=25, deadline=None)
@given(vietnamese_text, st.data())
def test_whatever_the_page_says_the_edits_replay_and_the_lines_stay(
    text: str, data: st.DataObject
) -> None:
    source = restore_and_explain(text).source
    evidence = [
        dataclasses.replace(
            one,
            confidence=data.draw(st.floats(0, 1)),
            others=tuple(data.draw(st.lists(_hypotheses, max_size=2))),
        )
        for one in _evidence(source)
    ]
    result = _restorer().restore(text, evidence)
    assert apply_edits(result.source, result.edits) == result.text
    assert result.text.count("\n") == source.count("\n")
    digits = [c for c in source if c.isdigit()]
    assert [c for c in result.text if c.isdigit()] == digits


_hypotheses = st.builds(
    Hypothesis,
    st.sampled_from(["là", "Huế", "12", "“và", "kế-hoạch", "|", "UBND"]),
    st.floats(0, 1),
)


@pytest.mark.skipif(not kernel.is_compiled(), reason="there is no kernel to compare with")
def test_the_kernel_and_numpy_make_the_same_of_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Hội viên góp vỗn trồng rừng . Ông Lưu Đình Phục được bầu làm tổ trưởng."
    evidence = _evidence(text, {"vỗn": 0.5, ".": 0.2}, {"Phục": [("Phúc", 0.96)]})
    compiled = _restorer().restore(text, evidence)
    monkeypatch.setattr(kernel, "_use_compiled", False)
    plain = Restorer(RestoreConfig(profile="tesseract-vie")).restore(text, evidence)
    assert plain.text == compiled.text
    assert [(e.start, e.after, e.cause) for e in plain.edits] == [
        (e.start, e.after, e.cause) for e in compiled.edits
    ]


def test_what_is_known_of_the_page_makes_a_reading_surer_or_less_sure() -> None:
    text = "Phường hỗ trợ xe chở đất và dụng cụ làm vườn."
    by_confidence = [
        _restorer().n_best(text, 1, _evidence(text, {"đất": confidence}))[5]
        for confidence in (0.1, 0.6, 0.9, 0.97)
    ]
    assert {reading.chosen for reading in by_confidence} == {"đất"}
    probabilities = [reading.probability for reading in by_confidence]
    assert probabilities == sorted(probabilities)
    assert probabilities[0] < 0.95 < 0.99 < probabilities[-1]


def test_evidence_of_a_later_block_has_its_place_there() -> None:
    right = "Mỗi hộ góp tiền để mua giống và thuê người chăm sóc.\n" * 40
    text = right + "Hội viên góp vỗn trồng rừng."
    small = Restorer(RestoreConfig(profile="tesseract-vie", block_chars=1000))
    assert small.restore(text, _evidence(text)).text == text
    (edit,) = small.restore(text, _evidence(text, {"vỗn": UNSURE})).edits
    assert (edit.start, edit.after) == (text.index("vỗn"), "vốn")


def test_odds_that_the_user_asks_for_hold_with_evidence_too() -> None:
    text = "Hội viên góp vỗn trồng rừng."
    strict = Restorer(RestoreConfig(profile="tesseract-vie", min_log_odds=40.0))
    assert strict.restore(text, _evidence(text, {"vỗn": UNSURE})).text == text


@pytest.mark.parametrize(
    "evidence",
    [
        [Evidence(0, 0, 0.5)],
        [Evidence(0, 9, 0.5)],
        [Evidence(-1, 2, 0.5)],
        [Evidence(0, 3, 0.5), Evidence(2, 5, 0.5)],
        [Evidence(4, 5, 0.5), Evidence(0, 3, 0.5)],
        [Evidence(0, 3, 1.5)],
        [Evidence(0, 3, float("nan"))],
        [Evidence(0, 3, 0.5, (Hypothesis("là", -0.1),))],
    ],
)
def test_evidence_that_does_not_fit_the_text_is_refused(evidence: list[Evidence]) -> None:
    with pytest.raises(ConfigError):
        check_evidence("học bài", evidence)


@pytest.mark.parametrize("profile", sorted(TRUSTS))
def test_trust_rises_with_confidence(profile: str) -> None:
    trust = TRUSTS[profile]
    assert list(trust.confidences) == sorted(set(trust.confidences))
    for nats in (trust.nats, trust.unknown_nats, trust.capital_nats):
        assert len(nats) == len(trust.confidences)
        assert list(nats) == sorted(nats)


def test_nothing_is_made_of_what_is_not_known() -> None:
    assert weigh_confidences("tesseract-vie", np.array([np.nan])).tolist() == [0.0]
    assert weigh_confidences("undiacritised", np.array([0.1])).tolist() == [0.0]
    text = "Toi di hoc o truong lang."
    bare = _restorer("undiacritised")
    assert bare.restore(text, _evidence(text)).text == bare.restore(text).text


def test_a_page_hands_its_evidence_on() -> None:
    text = "Hội viên góp vỗn trồng rừng ."
    sure = [_word(word, 0, 0, SURE) for word in text.split()]
    page = Page(1, 10, 10, None, tuple(sure))
    assert repair_page(page).restored.text == text
    unsure = [dataclasses.replace(w, confidence=UNSURE) if w.text in "vỗn." else w for w in sure]
    page = Page(1, 10, 10, None, tuple(unsure))
    assert repair_page(page).restored.text == "Hội viên góp vốn trồng rừng"


def test_a_text_layer_says_nothing_of_its_words() -> None:
    page = Page(1, 10, 10, None, (_word("vỗn", 0, 0, None), _word("rừng", 0, 0, None)))
    assert page.evidence == ()


def _word(text: str, block: int, line: int, confidence: float | None) -> Word:
    return Word(text, Box(0, 0, 1, 1), confidence, block, line)


@given(
    st.lists(
        st.tuples(
            st.text("abcđế", min_size=1, max_size=4),
            st.integers(0, 2),
            st.integers(0, 2),
            st.none() | st.floats(0, 1),
        ),
        max_size=12,
    )
)
def test_the_evidence_of_a_page_points_at_its_words(
    rows: list[tuple[str, int, int, float | None]],
) -> None:
    words = tuple(_word(*row) for row in rows)
    page = Page(1, 10, 10, None, words)
    said = [word for word in words if word.confidence is not None]
    assert [page.text[one.start : one.end] for one in page.evidence] == [w.text for w in said]
    assert [one.confidence for one in page.evidence] == [word.confidence for word in said]
    check_evidence(page.text, page.evidence)
