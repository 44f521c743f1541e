"""Garbled text becomes Vietnamese, right text stays, and every result explains itself."""

import functools
import itertools
import json
import pickle
import threading
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import any_text, vietnamese_text
from vnrepair.config import PROFILES, RestoreConfig
from vnrepair.errors import ResourceError
from vnrepair.language.letters import skeleton
from vnrepair.records import Repaired, apply_edits
from vnrepair.restore import lattice
from vnrepair.restore.restorer import Restorer, restore, restore_and_explain

Case = dict[str, Any]
_FOLDER = Path(__file__).parent / "cases"


def _read(name: str) -> list[Case]:
    cases: list[Case] = json.loads((_FOLDER / name).read_text(encoding="utf-8"))
    return cases


POSITIVE, NEGATIVE = _read("restore.json"), _read("negative.json")
KNOWN_FAILURES = _read("known-failures.json")
GARBLED_PAGE = "\n".join(case["input"] for case in POSITIVE if "tesseract" in case["origin"])


@functools.cache
def _restorer(profile: str = "auto") -> Restorer:
    return Restorer(RestoreConfig(profile=profile))


def _label(case: Case) -> str:
    return str(case["label"])


@pytest.mark.parametrize("case", POSITIVE, ids=_label)
def test_a_garbled_text_is_repaired(case: Case) -> None:
    assert restore(case["input"]) == case["expected"]


@pytest.mark.parametrize("case", NEGATIVE, ids=_label)
def test_a_right_text_stays_byte_for_byte(case: Case) -> None:
    result = restore_and_explain(case["input"])
    assert result.text == case["expected"] == case["input"]
    assert result.edits == ()


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=pytest.mark.xfail(strict=True)) for case in KNOWN_FAILURES],
    ids=_label,
)  # fmt: skip
def test_a_known_failure_still_fails(case: Case) -> None:
    assert restore(case["input"]) == case["expected"]


@pytest.mark.parametrize(
    ("name", "cases", "expect"),
    [
        ("restore", POSITIVE, "pass"),
        ("negative", NEGATIVE, "pass"),
        ("known-failures", KNOWN_FAILURES, "fail"),
    ],
)
def test_cases_are_whole_and_told_apart(name: str, cases: list[Case], expect: str) -> None:
    assert len({case["label"] for case in cases}) == len(cases), name
    for case in cases:
        assert case.keys() == {"label", "origin", "input", "expected", "expect"}
        assert case["expect"] == expect
        assert unicodedata.is_normalized("NFC", case["expected"])
        assert case["input"].count("\n") == case["expected"].count("\n")


@pytest.mark.parametrize("case", POSITIVE, ids=_label)
def test_restoring_twice_is_restoring_once(case: Case) -> None:
    once = restore(case["input"])
    assert restore(once) == once


# Laws.


def _holds(text: str, result: Repaired) -> None:
    """What is true of every result."""
    assert result.source == unicodedata.normalize("NFC", text)
    assert apply_edits(result.source, result.edits) == result.text
    assert all(edit.before != edit.after for edit in result.edits)
    assert all(edit.cause.startswith("restore/") for edit in result.edits)
    assert result.text.count("\n") == text.count("\n")
    assert result.profile in PROFILES
    assert result.reason


_mixed = st.lists(
    st.one_of(
        any_text,
        st.sampled_from([c["input"] for c in POSITIVE + NEGATIVE]),
        st.text(alphabet="aeoudPĐ6&@1¢é'’/-_—.,:!?()“” \n", max_size=20),
    ),
    max_size=3,
).map(" ".join)


@given(_mixed, st.sampled_from(PROFILES))
@settings(max_examples=120)
def test_edits_replay_and_lines_stay(text: str, profile: str) -> None:
    _holds(text, _restorer(profile).restore(text))


@given(st.text(max_size=60))
@settings(max_examples=120)
def test_any_text_is_taken(text: str) -> None:
    _holds(text, restore_and_explain(text))


@pytest.mark.parametrize("case", POSITIVE[::6] + NEGATIVE[::4], ids=_label)
def test_the_plain_call_is_the_text_of_the_explained_one(case: Case) -> None:
    assert restore(case["input"]) == restore_and_explain(case["input"]).text


@given(vietnamese_text, st.sampled_from(PROFILES))
@settings(max_examples=60)
def test_normal_forms_give_one_result(text: str, profile: str) -> None:
    composed = _restorer(profile).restore(unicodedata.normalize("NFC", text))
    assert _restorer(profile).restore(unicodedata.normalize("NFD", text)) == composed
    assert unicodedata.is_normalized("NFC", composed.text)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


_marked_lines = [case["expected"] for case in POSITIVE + NEGATIVE]
_numbers = st.from_regex(r"[0-9]{1,4}([.,/:-][0-9]{1,3}){0,2}%?", fullmatch=True)


@given(st.lists(st.one_of(st.sampled_from(_marked_lines), _numbers), max_size=5).map(" ".join))
@settings(max_examples=60)
def test_digits_never_change_in_text_with_marks(text: str) -> None:
    assert _digits(_restorer("tesseract-vie").restore(text).text) == _digits(text)


@given(vietnamese_text)
@settings(max_examples=60)
def test_bare_text_keeps_its_skeleton(text: str) -> None:
    bare = skeleton(unicodedata.normalize("NFC", text))
    assert skeleton(_restorer("undiacritised").restore(bare).text) == skeleton(
        unicodedata.normalize("NFC", bare)
    )


# Protection inside garbled text.

PROTECTED = (
    "15/3/2024",
    "08:30",
    "1.250.000",
    "12,5%",
    "0912",
    "024.3825.1234",
    "2021-2025",
    "vanphong@binhkhe.gov.vn",
    "https://binhkhe.gov.vn/tin-tuc?id=12&x=3",
    "https://x.vn/2023/59-ND-CP.html",
    "https://x.vn/12/QD",
    "www.longbinh.vn/ke-hoach",
    "bao-cao.docx",
    "56/KH-UBND",
    "III",
    "XIV",
)


@pytest.mark.parametrize("protected", PROTECTED)
@pytest.mark.parametrize(
    "frame",
    ["Ké hoach thuc hién {} cua Uy ban nhan dan x4", "ke hoach thuc hien {} cua xa", "của {} và"],
    ids=["garbled", "bare", "marked"],
)
def test_what_is_no_word_stays_inside_any_text(protected: str, frame: str) -> None:
    assert restore(frame.format(protected)).split()[-2 if "và" in frame else 4] == protected


# Size and odd input.


def test_an_empty_text_stays_empty() -> None:
    result = restore_and_explain("")
    assert (result.text, result.edits, result.log_prob) == ("", (), 0.0)


_SENTENCE = "Ké hoach thuc hién quy ché dan chu & co s& nam 2024."
_REPAIRED = "Kế hoạch thực hiện quy chế dân chủ ở cơ sở năm 2024."


def test_a_long_line_is_repaired_as_its_sentences_are() -> None:
    assert restore(" ".join([_SENTENCE] * 1000)) == " ".join([_REPAIRED] * 1000)


def test_a_long_line_without_punctuation_keeps_its_tokens() -> None:
    line = " ".join(["hoach"] * 5_000)
    assert skeleton(restore(line, RestoreConfig(profile="undiacritised"))) == line


def test_a_line_of_a_megabyte_is_repaired_between_what_it_must_keep() -> None:
    blob = " https://vidu.vn/" + "a1B2" * 2500 + " "
    assert restore(blob.join([_SENTENCE] * 101)) == blob.join([_REPAIRED] * 101)


def test_a_word_of_a_megabyte_stays() -> None:
    text = "hoạch thực hiện " + "x" * 1_000_000
    assert restore(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "\0",
        "a\0b\0c",
        "\x1b[31mđỏ\x1b[0m",
        "\ufffd\ufffe\uffff",
        "\u200b\u200d\ufeff",
        "👩‍👩‍👧‍👦 🇻🇳",
        "\u0300\u0323\u031b",
        "a" + "\u0323" * 500,
        "ﷺ" * 50,
        "\U00020000\U000e0001",
        "(((((((((",
        "&&&&&&& @@@@ ¢¢¢ |||| ____ ~~~~",
        "------/////-----",
        "\r\r\n\n\u2028\u2029\x85",
    ],
    ids=ascii,
)
@pytest.mark.parametrize("profile", PROFILES)
def test_garbage_never_fails(text: str, profile: str) -> None:
    _holds(text, _restorer(profile).restore(text))


# What a result says.


def test_an_edit_says_what_where_why_and_how_surely() -> None:
    result = restore_and_explain("Ké hoach thuc hién quy ché dan chu & co s& theo 1211/Qb-UBND")
    by_word = {edit.before: edit for edit in result.edits}
    assert by_word["Ké"].after == "Kế"
    assert by_word["Ké"].start == 0
    assert by_word["Ké"].cause == "restore/channel"
    assert by_word["1211/Qb-UBND"].cause == "restore/id"
    assert all(edit.log_odds >= 0.0 for edit in result.edits)
    assert result.log_prob < 0.0


@pytest.mark.parametrize(
    ("text", "profile", "reason"),
    [
        ("Ké hoach thuc hién quy ché dan chu & co s&", "tesseract-eng", "stray characters"),
        ("Uy ban nhan dan xa Béng Hai ban hanh quyét dinh", "tesseract-eng", "stray characters"),
        (GARBLED_PAGE, "tesseract-eng", "stray characters"),
        ("Uy ban nhan dan xa to chuc hoi nghi tong ket", "undiacritised", "lack marks"),
        ("CONG HOA XA HOI CHU NGHIA VIET NAM", "undiacritised", "lack marks"),
        ("hom nay troi dep qua", "undiacritised", "lack marks"),
        ("Ủy ban nhân dân xã tổ chức hội nghị", "tesseract-vie", "Vietnamese"),
        ("Kế hoạch thực hiện quy chê dân chủ", "tesseract-vie", "Vietnamese"),
        ("The committee will meet on Tuesday at noon", "tesseract-vie", "could be bare Vietnamese"),
        ("12/3 4,5", "tesseract-vie", "no words"),
        ("", "tesseract-vie", "no words"),
    ],
)
def test_a_text_tells_how_it_was_garbled(text: str, profile: str, reason: str) -> None:
    result = restore_and_explain(text)
    assert result.profile == profile
    assert reason in result.reason


def test_a_profile_that_is_asked_for_is_taken() -> None:
    result = restore_and_explain("Kế hoạch năm", RestoreConfig(profile="undiacritised"))
    assert (result.profile, result.reason) == ("undiacritised", "asked for")


def test_a_bar_that_nothing_clears_leaves_the_words() -> None:
    text = "Ké hoach thuc hién quy ché"
    assert restore(text, RestoreConfig(min_log_odds=1e6)) == text


def test_the_order_of_calls_makes_no_difference() -> None:
    texts = [case["input"] for case in POSITIVE[:20]]
    one, other = Restorer(), Restorer()
    forward = [one.restore(text) for text in texts]
    backward = [other.restore(text) for text in reversed(texts)]
    assert forward == backward[::-1]


def _in_threads(shared: Restorer, texts: list[str], threads: int) -> list[list[str]]:
    """What each thread makes of the texts, all at the same time."""
    results: dict[int, list[str]] = {}

    def work(number: int) -> None:
        results[number] = [shared.restore(text).text for text in texts]

    running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return [results.get(number, []) for number in range(threads)]


def test_two_threads_give_what_one_gives() -> None:
    texts = [case["input"] for case in POSITIVE[::3] + NEGATIVE[::3]]
    alone = [restore(text) for text in texts]
    assert _in_threads(Restorer(), texts, 2) == [alone, alone]


def test_threads_do_not_take_words_from_each_other_when_memory_is_freed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [case["input"] for case in POSITIVE[:24]]
    alone = [restore(text) for text in texts]
    monkeypatch.setattr(lattice, "MAX_CACHED", 10)
    assert _in_threads(Restorer(), texts, 3) == [alone, alone, alone]


def test_a_restorer_can_be_sent_to_another_process() -> None:
    text = POSITIVE[0]["input"]
    copy: Restorer = pickle.loads(pickle.dumps(_restorer()))
    assert copy.restore(text) == _restorer().restore(text)


def test_a_folder_without_dictionaries_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="manifest"):
        restore("Ké hoach", RestoreConfig(dictionaries=tmp_path))


@pytest.mark.parametrize("text", ["e\n!, x\n", "Ké hoach thuc hién\n\ne\n!, x\n", "phuong\r\n!, x"])
def test_marks_of_the_next_line_leave_the_line_end(text: str) -> None:
    config = RestoreConfig(profile="tesseract-eng")
    assert restore(text, config).count("\n") == text.count("\n")


def test_flags_never_overlap() -> None:
    flags = restore_and_explain("ngày 12/3/F2024 6", RestoreConfig(profile="tesseract-eng")).flags
    assert all(one.end <= other.start for one, other in itertools.pairwise(flags))
