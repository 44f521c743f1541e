"""What the calibration is measured and fitted with."""

import dataclasses
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.calibration import assess, main
from benchmarks.diagram import Curve, draw_reliability
from benchmarks.fit_calibration import Words, fit_curves, fit_logistic, fit_page
from benchmarks.judged import JudgedText, find_right, judge_text, texts_of_pairs
from vnrepair import ConfigError, Reading, RestoreConfig, Restorer
from vnrepair.learn.pairs import LinePair
from vnrepair.restore.calibration import LEADS, Outcome


def _reading(text: str, word: str) -> Reading:
    start = text.index(word)
    end = start + len(word)
    return Reading(start, end, word, word, 0.5, (), "restore/kept", start, end)


def test_a_word_is_right_where_the_truth_has_it_in_its_place() -> None:
    text = "Kế hoạch, thực hiên\nquy chế của xã"
    truth = "Kế hoạch thực hiện\nquy chế xã"
    words = ("Kế", "hoạch", "thực", "hiên", "quy", "của", "xã")
    readings = [_reading(text, word) for word in words]
    assert find_right(text, truth, readings) == [True, True, True, False, True, False, True]


def test_styles_of_tone_marks_are_one() -> None:
    assert find_right("hoà bình", "hòa bình", [_reading("hoà bình", "hoà")]) == [True]


def test_a_reading_of_two_words_is_right_when_both_are() -> None:
    whole = _reading("tổng kêt năm", "tổng kêt")
    assert find_right("tổng kêt năm", "tổng kết năm", [whole]) == [False]


def test_figures_of_a_known_case() -> None:
    probability = np.array([0.95] * 10 + [0.55] * 10)
    right = np.array([True] * 9 + [False] + [True] * 4 + [False] * 6)
    found = assess("x", probability, right)
    assert (found.tokens, found.wrong) == (20, 7)
    assert found.expected_wrong == pytest.approx(10 * 0.05 + 10 * 0.45)
    # Two bins of ten: |0.95 - 0.9| and |0.55 - 0.4|.
    assert found.ece_width == pytest.approx((0.05 + 0.15) / 2)
    assert found.brier == pytest.approx((9 * 0.05**2 + 0.95**2 + 4 * 0.45**2 + 6 * 0.55**2) / 20)
    at = {flag.threshold: flag for flag in found.flags}
    assert (at[0.9].flagged, at[0.9].precision, at[0.9].recall) == (10, 6 / 10, 6 / 7)
    assert (at[0.5].flagged, at[0.5].precision, at[0.5].recall) == (0, None, 0.0)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60))
def test_errors_of_calibration_lie_between_nought_and_one(
    tokens: list[tuple[float, bool]],
) -> None:
    probability = np.array([token[0] for token in tokens])
    right = np.array([token[1] for token in tokens], dtype=np.bool_)
    found = assess("x", probability, right)
    assert 0.0 <= found.ece <= 1.0 + 1e-9
    assert 0.0 <= found.ece_width <= 1.0 + 1e-9
    assert 0.0 <= found.brier <= 1.0
    assert sum(item.tokens for item in found.bins) == len(tokens)


def test_one_page_gives_what_was_read_and_what_was_printed() -> None:
    pairs = [
        LinePair("Ké hoach", "Kế hoạch", "regular x", "eng"),
        LinePair("Kế hoach", "Kế hoạch", "regular x", "vie"),
    ]
    assert list(texts_of_pairs(pairs)) == [
        JudgedText("tesseract-eng, read", "tesseract-eng", "Ké hoach", "Kế hoạch"),
        JudgedText("tesseract-vie, read", "tesseract-vie", "Kế hoach", "Kế hoạch"),
        JudgedText("tesseract-vie, as printed", "tesseract-vie", "Kế hoạch", "Kế hoạch"),
    ]


def test_a_text_is_judged_word_by_word() -> None:
    text = JudgedText("x", "undiacritised", "Uy ban nhan dan xa", "Ủy ban nhân dân thôn")
    restorer = Restorer(RestoreConfig(profile="undiacritised"))
    probability, right = judge_text(text, restorer)
    assert right == [True, True, True, True, False]
    assert len(probability) == 5


def test_nothing_to_judge_is_refused() -> None:
    with pytest.raises(ConfigError, match="nothing to judge"):
        main([])


# Fitting.


def test_a_logistic_regression_finds_the_odds_that_made_the_data() -> None:
    # Of four words three are right without the sign, and one with it: odds of 3 and of 1/3.
    columns = np.array([[1.0, 0.0]] * 4 + [[1.0, 1.0]] * 4)
    right = np.array([1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    weights = fit_logistic(columns, right, np.zeros(2), np.zeros((2, 2)))
    assert weights == pytest.approx([np.log(3), -2 * np.log(3)], abs=1e-4)


def _words(pages: int, seed: int) -> Words:
    """Words that are right with the odds of half their lead, on pages of two kinds."""
    rng = np.random.default_rng(seed)
    size = 400 * pages
    page = np.repeat(np.arange(pages), 400)
    lead = rng.uniform(-1, 12, size)
    log_odds = 0.5 * lead - np.where(page % 2, 2.0, 0.0)
    right = (rng.random(size) < 1 / (1 + np.exp(-log_odds))).astype(np.float64)
    outcome = np.full(size, Outcome.CHANGED, dtype=np.int8)
    return Words(page, outcome, lead, right, np.zeros(size), np.zeros(size))


def test_fitted_curves_rise_and_follow_the_data() -> None:
    curves = fit_curves(_words(40, 1))
    assert set(curves) == set(LEADS)
    for kind, curve in curves.items():
        assert len(curve) == len(LEADS[kind])
        assert list(curve) == sorted(curve)
    # Between the two kinds of pages: half the lead, less nought or two.
    changed = dict(zip(LEADS[Outcome.CHANGED], curves[Outcome.CHANGED], strict=True))
    assert 0.5 < changed[5.0] < 2.5


def test_the_constants_of_the_page_make_doubtful_pages_worse() -> None:
    """On every second page leads are small, and words are worse than their leads say."""
    words = _words(40, 2)
    is_bad = words.page % 2 == 1
    lead = np.where(is_bad, words.lead / 3, words.lead)
    scale, slope, _ = fit_page(dataclasses.replace(words, lead=lead), fit_curves(words))
    assert scale > 0
    assert slope < -0.2


# The picture.


def test_the_diagram_is_svg_with_a_point_for_every_bin() -> None:
    curves = [Curve("a < b & c", [(0.1, 0.2), (0.9, 0.8)]), Curve("d", [(0.5, 0.5)])]
    root = ElementTree.fromstring(draw_reliability(curves))
    name = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f"{name}circle")) == 3
    assert "a < b & c" in {element.text for element in root.findall(f"{name}text")}
