"""Every decision says why, how surely, and what it would have been otherwise."""

import functools
import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import any_text
from vnrepair import ConfigError, Reading, Repaired, RestoreConfig, Restorer, apply_edits, n_best
from vnrepair.config import PROFILES
from vnrepair.explained import CAUSES
from vnrepair.language.tones import fold_tone_style
from vnrepair.restore.explain import doubtful_ids
from vnrepair.restore.tokenise import tokenise

_CASES = Path(__file__).parent / "cases"
_SAMPLES = Path(__file__).parent.parent / "samples"


def _read(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((_CASES / name).read_text(encoding="utf-8"))
    return cases


POSITIVE, NEGATIVE = _read("restore.json"), _read("negative.json")
_texts = st.lists(
    st.one_of(
        any_text,
        st.sampled_from([case["input"] for case in POSITIVE + NEGATIVE]),
        st.text(alphabet="aeoudPĐ6&@1¢é'’/-_—.,:!?()“” \n", max_size=20),
    ),
    max_size=3,
).map(" ".join)


@functools.cache
def _restorer(profile: str = "auto", **options: Any) -> Restorer:
    return Restorer(RestoreConfig(profile=profile, **options))


# Laws.


def _check_readings(readings: Sequence[Reading], result: Repaired, n: int) -> None:
    """What is true of all readings of a text."""
    places = [(reading.start, reading.end) for reading in readings]
    assert places == sorted(places)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(places))
    for reading in readings:
        texts = [other.text for other in reading.alternatives]
        probabilities = [other.probability for other in reading.alternatives]
        assert 1 <= len(texts) <= n
        assert texts[0] == reading.chosen
        assert probabilities[0] == reading.probability
        assert probabilities == sorted(probabilities, reverse=True)
        assert len({fold_tone_style(text) for text in texts}) == len(texts)
        assert all(0.0 <= probability <= 1.0 for probability in probabilities)
        assert sum(probabilities) <= 1.0 + 1e-9
        assert reading.alternatives[0].log_odds == 0.0
        assert reading.cause in CAUSES
        assert result.source[reading.start : reading.end] == reading.observed
        assert result.text[reading.output_start : reading.output_end] == reading.chosen


@given(_texts, st.sampled_from(PROFILES), st.integers(1, 6))
@settings(max_examples=120)
def test_the_best_reading_of_every_word_is_what_restore_writes(
    text: str, profile: str, n: int
) -> None:
    restorer = _restorer(profile)
    result, readings = restorer.restore(text), restorer.n_best(text, n)
    _check_readings(readings, result, n)
    changed = {(edit.start, edit.end): edit for edit in result.edits}
    for reading in readings:
        edit = changed.get((reading.start, reading.end))
        if edit is not None and edit.probability is not None:
            assert (reading.chosen, reading.cause) == (edit.after, edit.cause)
            assert reading.probability == edit.probability


@given(_texts, st.sampled_from(PROFILES))
@settings(max_examples=120)
def test_flags_are_readings_in_doubt(text: str, profile: str) -> None:
    result = _restorer(profile).restore(text)
    _check_readings(result.flags, result, 4)
    readings = {
        (r.start, r.end, r.chosen, r.probability): r for r in _restorer(profile).n_best(text)
    }
    for flag in result.flags:
        assert (flag.start, flag.end, flag.chosen, flag.probability) in readings
        assert flag.probability < 0.9 or flag.cause == "restore/margin"


@given(_texts, st.sampled_from(PROFILES))
@settings(max_examples=120)
def test_edits_say_how_surely_and_what_else(text: str, profile: str) -> None:
    result = _restorer(profile).restore(text)
    assert apply_edits(result.source, result.edits) == result.text
    for edit in result.edits:
        assert edit.cause in CAUSES
        assert (edit.runner_up is None) == (edit.runner_up_odds is None)
        if edit.probability is not None:
            assert 0.0 < edit.probability < 1.0
            assert edit.runner_up != edit.after
            assert edit.runner_up_odds is not None
            assert edit.runner_up_odds <= edit.log_odds + 1e-4


@given(_texts)
@settings(max_examples=40)
def test_a_lower_bar_flags_a_part_of_what_a_higher_one_does(text: str) -> None:
    few, many = (
        {(flag.start, flag.end) for flag in _restorer(flag_below=bar).restore(text).flags}
        for bar in (0.5, 1.0)
    )
    assert few <= many
    assert _restorer(flag_below=0.0).restore(text).flags == ()


def test_where_all_is_flagged_every_word_is() -> None:
    text = "Ké hoach thuc hién quy ché dan chu & co s&"
    result = _restorer(flag_below=1.0).restore(text)
    assert [flag.observed for flag in result.flags] == text.split()


# Blocks: a text is decoded in pieces, and nobody can tell.


def test_readings_of_a_long_text_count_from_its_start() -> None:
    line = "Uy ban nhan dan xa to chuc hoi nghi tong ket nam 2024.\n"
    restorer = _restorer(block_chars=1000)
    readings, result = restorer.n_best(line * 60, 2), restorer.restore(line * 60)
    _check_readings(readings, result, 2)
    assert len(readings) == 60 * 12
    assert {reading.observed for reading in readings} == set(line.split()[:-1])


# Causes.


@pytest.mark.parametrize(
    ("text", "profile", "change", "cause"),
    [
        # `hoạch` is the commonest word that `hoach` may be.
        ("Ké hoach thuc hién quy ché", "auto", "hoach hoạch", "restore/channel"),
        # By itself `nhan` is rather `nhận`; behind `ủy ban` it is `nhân`.
        ("Uy ban nhan dan xa", "undiacritised", "nhan nhân", "restore/wording"),
        ("theo 1211/Qb-UBND cua", "tesseract-eng", "1211/Qb-UBND 1211/QĐ-UBND", "restore/id"),
        ("Il. Nhiém vu trong tam", "tesseract-eng", "Il II", "restore/numeral"),
        ("don vi — xa", "tesseract-eng", "— –", "restore/mark"),
        ("hoi nghi tongket nam", "tesseract-eng", "tongket tổng_kết", "restore/split"),
    ],
)
def test_an_edit_says_what_decided(text: str, profile: str, change: str, cause: str) -> None:
    observed, chosen = change.replace("_", " ").split(" ", 1)
    (edit,) = (e for e in _restorer(profile).restore(text).edits if e.before == observed)
    assert (edit.after, edit.cause) == (chosen, cause)


def test_what_a_document_says_elsewhere_decides_and_is_named() -> None:
    clear = "Ủy ban nhân dân xã Kha Lạc báo cáo. Xã Kha Lạc có ba thôn. " * 12
    garbled = "Uy ban nhan dan xa Kha Lac bao cao."
    edits = _restorer("undiacritised").restore(clear + garbled).edits
    assert [edit.cause for edit in edits if edit.after == "Lạc"] == ["restore/document"]
    alone = _restorer("undiacritised").restore(garbled).edits
    assert "restore/document" not in {edit.cause for edit in alone}


def test_every_cause_is_explained_in_the_manual() -> None:
    manual = Path(__file__).parent.parent / "docs" / "architecture.md"
    text = manual.read_text(encoding="utf-8")
    assert [cause for cause in CAUSES if f"| `{cause}` |" not in text] == []


# What stays because nothing beat it by enough.


def test_below_the_odds_that_are_asked_for_what_was_read_stays_and_is_flagged() -> None:
    text = "Ké hoach thuc hién quy ché"
    strict = _restorer(min_log_odds=1e6)
    result = strict.restore(text)
    assert (result.text, result.edits) == (text, ())
    held = [flag for flag in result.flags if flag.cause == "restore/margin"]
    assert [flag.observed for flag in held] == ["Ké", "hoach", "thuc", "hién", "ché"]
    assert all(flag.chosen == flag.observed for flag in held)
    assert all(flag.probability < 0.5 for flag in held)
    assert [flag.alternatives[1].text for flag in held] == ["Kế", "hoạch", "thực", "hiện", "chế"]


# Ids.


def test_an_id_of_which_nothing_can_be_made_is_flagged() -> None:
    text = "Thuc hién Céng van s6 5282/Q-BCA va 1211/QD-UBND cua Uy ban nhan dan tinh"
    flags = [
        flag for flag in _restorer("tesseract-eng").restore(text).flags if "/" in flag.observed
    ]
    assert [(flag.observed, flag.cause) for flag in flags] == [("5282/Q-BCA", "restore/id")]


@pytest.mark.parametrize("text", ["COVID-19", "MiG-31", "TP-HCM", "15/3/2024", "24/24h", "m/s"])
def test_codes_and_numbers_are_no_doubtful_ids(text: str) -> None:
    assert doubtful_ids([], tokenise(text), bool) == []


# Right text: nothing to look at, or hardly anything.


def test_right_text_has_hardly_any_flags() -> None:
    flags = {case["label"]: _restorer().restore(case["input"]).flags for case in NEGATIVE}
    words = sum(len(case["input"].split()) for case in NEGATIVE)
    assert sum(map(len, flags.values())) < words / 50
    assert sum(bool(found) for found in flags.values()) < len(NEGATIVE) / 10


@pytest.mark.parametrize(
    "text",
    [
        "Le président a été réélu après une campagne très animée",
        "SELECT name, COUNT(*) FROM users WHERE age > 3 AND city IS NOT NULL",
        "HĐND, UBND, MTTQ, BCĐ, CCHC, TTHC",
        "def tokenise(text: str) -> list[str]: return text.split()",
    ],
)
def test_code_and_other_languages_are_not_flagged_word_by_word(text: str) -> None:
    result = _restorer().restore(text)
    assert (result.text, result.flags) == (text, ())


def test_numbers_codes_and_addresses_are_neither_read_nor_flagged() -> None:
    text = "15/3/2024 08:30 1.250.000 12,5% a.b@c.vn https://a.vn/x 0912.345.678 56/KH-UBND III"
    assert _restorer("tesseract-eng", flag_below=1.0).restore(text).flags == ()
    assert _restorer("tesseract-eng").n_best(text) == ()


# Asking for it.


def test_n_best_is_public_and_gives_as_many_as_asked_for() -> None:
    readings = n_best("Uy ban nhan dan xa", 3)
    assert [reading.chosen for reading in readings] == ["Ủy", "ban", "nhân", "dân", "xã"]
    assert all(len(reading.alternatives) == 3 for reading in readings)
    assert n_best("") == ()


def test_fewer_than_one_alternative_is_refused() -> None:
    with pytest.raises(ConfigError, match="1 alternative or more"):
        n_best("Uy ban", 0)


@pytest.mark.parametrize("bar", [-0.1, 1.1])
def test_an_impossible_bar_for_flags_is_refused(bar: float) -> None:
    with pytest.raises(ConfigError, match="flag_below"):
        RestoreConfig(flag_below=bar)


# How good the flags are, on the project's own pages.


def test_flagged_words_are_wrong_far_more_often_than_others() -> None:
    flagged, others, flagged_wrong, others_wrong, expected_wrong = 0, 0, 0, 0, 0.0
    for path in sorted(_SAMPLES.glob("*.ocr.txt")):
        observed = path.read_text(encoding="utf-8")
        truth = path.with_name(path.name.replace(".ocr.", ".truth.")).read_text(encoding="utf-8")
        known = {fold_tone_style(token.text) for token in tokenise(truth)}
        result = _restorer().restore(observed)
        in_doubt = {flag.start for flag in result.flags}
        for reading in _restorer().n_best(observed, 1):
            is_wrong = any(fold_tone_style(t.text) not in known for t in tokenise(reading.chosen))
            expected_wrong += 1 - reading.probability
            if reading.start in in_doubt:
                flagged, flagged_wrong = flagged + 1, flagged_wrong + is_wrong
            else:
                others, others_wrong = others + 1, others_wrong + is_wrong
    assert flagged < 0.2 * others
    assert flagged_wrong / flagged > 10 * others_wrong / others
    assert 0.5 * (flagged_wrong + others_wrong) < expected_wrong
