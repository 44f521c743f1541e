"""Fit the constants of `vnrepair/restore/calibration.py` on held-out line pairs.

    python -m benchmarks.garbled --corpus CORPUS --pages 40 --seed 51001 --write-pairs out/fit.tsv
    python -m benchmarks.fit_calibration --corpus CORPUS --seed 51001 --pairs out/fit.tsv
    python -m benchmarks.fit_calibration --readings out/readings.jsonl

Pages are restored as `benchmarks.calibration` restores them, and every word is right or wrong. A
logistic regression on straight-line pieces of the lead gives the curves of the outcomes, drawn
towards smooth and rising ones where words are few; a second one gives the constants of the page. It
takes each page whole and again in short pieces, as users give pages and sentences; for
`tesseract-vie` also the pages as they were printed, as correct text is what that profile meets
most. From readings with confidences (`benchmarks.evidence`) come the constants of `WITNESSED`, with
what trust in a reading adds. Nothing is written: what is printed goes into the module by hand.
Judge it by `benchmarks.calibration` with pages of another seed.
"""

import argparse
import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from benchmarks.evidence import read_readings, texts_of_readings
from benchmarks.harness import make_parser, restore_config, run, say
from benchmarks.judged import (
    JudgedText,
    find_right,
    texts_of_corpus,
    texts_of_pairs,
    words_of,
)
from vnrepair import ConfigError, Reading, Restorer
from vnrepair.language.tones import fold_tone_style
from vnrepair.learn.pairs import read_pairs
from vnrepair.restore import restorer as restorer_module
from vnrepair.restore.calibration import LEADS, Calibration, Outcome, log_share_wrong
from vnrepair.restore.decisions import Decisions, decide
from vnrepair.restore.evidence import weigh_confidences
from vnrepair.restore.segments import Chosen

__all__ = [
    "Words",
    "fit_curves",
    "fit_logistic",
    "fit_page",
    "fit_witnessed",
    "main",
    "observe",
    "print_constants",
]

PRIOR_WORDS = 0.5
"""How firmly the log odds of a lead are drawn towards their starting value."""
SMOOTHNESS = 6.0
"""How firmly a curve is drawn towards a straight one."""
LEVEL_NATS = 0.5
"""What a nat of lead is worth to begin with."""
PIECE_WORDS = 25
"""Length of the short pieces."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Words:
    """Words of pages, each field of shape (words,).

    Attributes:
        page: Number of the page.
        outcome: See `Outcome`.
        lead: Nats; infinite where there was nothing else.
        right: 1.0 for right, 0.0 for wrong.
        reached: Whether the right reading was among the candidates; meant for wrong words.
        trust: In what was read, nats, see `vnrepair.restore.evidence`; 0.0 where nothing is known.
    """

    page: NDArray[np.int64]
    outcome: NDArray[np.int8]
    lead: FloatArray
    right: FloatArray
    reached: FloatArray
    trust: FloatArray


def observe(texts: Sequence[JudgedText], restorer: Restorer) -> Words:
    """Restore texts and note what became of each word."""
    pages: list[int] = []
    outcomes: list[int] = []
    leads: list[float] = []
    right: list[bool] = []
    reached: list[bool] = []
    trust: list[float] = []
    for number, text in enumerate(texts):
        kept: list[tuple[Chosen, Decisions]] = []

        def spy(
            chosen: Chosen, *rest: object, kept: list[tuple[Chosen, Decisions]] = kept
        ) -> Decisions:
            kept.append((chosen, decide(chosen, *rest)))  # type: ignore[arg-type]
            return kept[-1][1]

        with patch.object(restorer_module, "decide", spy):
            found = restorer.n_best(text.observed, 64, text.evidence)
        readings = words_of(found)
        restored = restorer.restore(text.observed, text.evidence).text
        right += find_right(restored, text.truth, readings)
        reached += _find_reached(text.truth, readings)
        pages += [number] * len(readings)
        for chosen, decisions in kept:
            outcomes += decisions.outcome[decisions.is_word].tolist()
            leads += decisions.lead[decisions.is_word].tolist()
            nats = weigh_confidences(text.profile, chosen.confidence)
            trust += nats[decisions.is_word].tolist()
    return Words(
        np.array(pages),
        np.array(outcomes, dtype=np.int8),
        np.array(leads),
        np.array(right, dtype=np.float64),
        np.array(reached, dtype=np.float64),
        np.array(trust, dtype=np.float64),
    )


def _add(*parts: Words) -> Words:
    """Words of several sets of pages."""
    pages: list[NDArray[np.int64]] = []
    first = 0
    for part in parts:
        pages.append(part.page + first)
        first += int(part.page.max()) + 1
    fields = ("outcome", "lead", "right", "reached", "trust")
    columns = (np.concatenate([getattr(part, name) for part in parts]) for name in fields)
    return Words(np.concatenate(pages), *columns)


def _cut(words: Words) -> Words:
    """The same words on pages of a few words each."""
    page = np.empty_like(words.page)
    first = 0
    for number in np.unique(words.page):
        rows = np.flatnonzero(words.page == number)
        page[rows] = first + np.arange(len(rows)) // PIECE_WORDS
        first = int(page[rows[-1]]) + 1
    return dataclasses.replace(words, page=page)


def _find_reached(truth: str, readings: Sequence[Reading]) -> list[bool]:
    """Whether an alternative of each reading that was not chosen is a word of the truth.

    That it stands at the same place is not asked: of a page's words few are candidates by chance.
    """
    words = {fold_tone_style(word.strip(".,;:()“”\"'")) for word in truth.split()}
    return [
        any(fold_tone_style(other.text) in words for other in reading.alternatives[1:])
        for reading in readings
    ]


def _pieces(words: Words) -> FloatArray:
    """How much each lead of each outcome counts for a word, shape (words, leads of all)."""
    columns: list[FloatArray] = []
    for kind, leads in LEADS.items():
        is_kind = words.outcome == kind
        for index in range(len(leads)):
            corner = np.zeros(len(leads))
            corner[index] = 1.0
            columns.append(np.where(is_kind, np.interp(words.lead, leads, corner), 0.0))
    return np.stack(columns, axis=1)


def fit_curves(words: Words) -> dict[Outcome, tuple[float, ...]]:
    """The log odds of being right at the leads of each outcome."""
    start, stiffness = _expected_curves()
    return _curves(fit_logistic(_pieces(words), words.right, start, stiffness))


def fit_witnessed(
    words: Words,
) -> tuple[dict[Outcome, tuple[float, ...]], dict[Outcome, float]]:
    """The same, and what a nat of trust adds to them, for words of which the page says something.

    Returns:
        The curves, and the slopes of the trust by outcome, none below 0.0.
    """
    kinds = list(LEADS)
    start, stiffness = _expected_curves()
    size = len(start)
    trust = [np.where(words.outcome == kind, words.trust, 0.0) for kind in kinds]
    columns = np.concatenate((_pieces(words), np.stack(trust, axis=1)), axis=1)
    both = PRIOR_WORDS * np.eye(size + len(kinds))
    both[:size, :size] = stiffness
    values = fit_logistic(columns, words.right, np.append(start, np.zeros(len(kinds))), both)
    slopes = np.maximum(np.round(values[size:], 2), 0.0).tolist()
    return _curves(values[:size]), dict(zip(kinds, slopes, strict=True))


def _expected_curves() -> tuple[FloatArray, FloatArray]:
    """What curves are drawn towards, and how firmly, as `fit_logistic` takes them."""
    start = np.concatenate([LEVEL_NATS * np.array(leads) for leads in LEADS.values()])
    stiffness = PRIOR_WORDS * np.eye(len(start))
    first = 0
    for leads in LEADS.values():
        for index in range(1, len(leads) - 1):
            before, after = leads[index] - leads[index - 1], leads[index + 1] - leads[index]
            bend = np.zeros(len(start))
            bend[first + index - 1 : first + index + 2] = (
                1 / before,
                -1 / before - 1 / after,
                1 / after,
            )
            stiffness += SMOOTHNESS * np.outer(bend, bend)
        first += len(leads)
    return start, stiffness


def _curves(values: FloatArray) -> dict[Outcome, tuple[float, ...]]:
    """The curves of all outcomes from their values one behind the other."""
    curves: dict[Outcome, tuple[float, ...]] = {}
    for kind, leads in LEADS.items():
        curve, values = values[: len(leads)], values[len(leads) :]
        # Chance makes a curve fall where words are few; a greater lead is never a worse sign.
        curves[kind] = tuple(np.maximum.accumulate(np.round(curve, 2)).tolist())
    return curves


def fit_page(
    words: Words,
    curves: dict[Outcome, tuple[float, ...]],
    trust: Mapping[Outcome, float] = MappingProxyType({}),
) -> tuple[float, float, float]:
    """The constants of the page, given those of the curves and of the trust."""
    log_odds = np.zeros(len(words.page))
    for kind, curve in curves.items():
        rows = words.outcome == kind
        log_odds[rows] = np.interp(words.lead[rows], LEADS[kind], curve)
        log_odds[rows] += trust.get(kind, 0.0) * words.trust[rows]
    share = np.zeros(len(words.page))
    for page in np.unique(words.page):
        share[words.page == page] = log_share_wrong(log_odds[words.page == page])
    columns = np.stack((log_odds, share, np.ones(len(share))), axis=1)
    start = np.array([1.0, 0.0, 0.0])
    scale, slope, offset = fit_logistic(columns, words.right, start, np.zeros((3, 3))).tolist()
    return round(scale, 3), round(slope, 3), round(offset, 3)


def fit_logistic(
    columns: FloatArray, right: FloatArray, start: FloatArray, stiffness: FloatArray
) -> FloatArray:
    """Logistic regression by Newton's method, drawn towards `start`.

    Args:
        columns: What is known of each word, shape (words, n).
        right: 1.0 for right, 0.0 for wrong, shape (words,).
        start: First guess, shape (n,).
        stiffness: Of what draws the weights back to it, positive semidefinite, shape (n, n).

    Returns:
        The weights, shape (n,).
    """

    def loss(weights: FloatArray) -> float:
        log_odds = columns @ weights
        pull = weights - start
        fit = np.logaddexp(0.0, np.where(right > 0, -log_odds, log_odds)).sum()
        return float(fit + pull @ stiffness @ pull / 2)

    weights = start.copy()
    best = loss(weights)
    for _ in range(100):
        probability = 1.0 / (1.0 + np.exp(-(columns @ weights)))
        slope = columns.T @ (right - probability) - stiffness @ (weights - start)
        spread = columns * (probability * (1 - probability))[:, None]
        step = np.linalg.lstsq(columns.T @ spread + stiffness, slope, rcond=None)[0]
        while (now := loss(weights + step)) > best and np.abs(step).max() > 1e-9:
            step /= 2
        if best - now < 1e-9:
            break
        weights, best = weights + step, now
    return weights


def print_constants(profile: str, calibration: Calibration) -> None:
    """Constants as they stand in the module."""
    print(f'    "{profile}": Calibration(')
    print("        curves={")
    for kind, curve in calibration.curves.items():
        values = ", ".join(f"{value}" for value in curve) + ("," if len(curve) == 1 else "")
        print(f"            Outcome.{kind.name}: ({values}),")
    print("        },")
    print(f"        page={calibration.page},")
    print(f"        reach={calibration.reach:.2f},")
    if calibration.trust:
        print("        trust={")
        for kind, slope in calibration.trust.items():
            print(f"            Outcome.{kind.name}: {slope},")
        print("        },")
    print("    ),")


def _fit_readings(texts: Sequence[JudgedText], options: argparse.Namespace) -> None:
    """Fit and print the constants for pages that say how surely their words were read."""
    for profile in sorted({text.profile for text in texts}):
        own = [text for text in texts if text.profile == profile]
        say(f"restoring {len(own)} pages as {profile}, with evidence")
        words = observe(own, Restorer(restore_config(options, profile)))
        curves, trust = fit_witnessed(words)
        page = fit_page(_add(words, _cut(words)), curves, trust)
        is_wrong = words.right < 1
        reach = float(words.reached[is_wrong].mean()) if is_wrong.any() else math.nan
        print_constants(profile, Calibration(curves, page, reach, trust))


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit every profile and print the constants."""
    parser = make_parser("fit_calibration", __doc__)
    parser.add_argument("--corpus", type=Path, help="folder of *.txt or *.txt.xz")
    parser.add_argument("--lines", type=int, default=160, help="bare held-out lines per register")
    parser.add_argument("--seed", type=int, default=51_001, help="of the bare lines")
    parser.add_argument("--pairs", type=Path, nargs="+", help="tables of line pairs")
    parser.add_argument(
        "--readings", type=Path, nargs="+", help="readings with confidences, see `evidence`"
    )
    options = parser.parse_args(arguments)
    if options.readings is not None:
        pages = [page for path in options.readings for page in read_readings(path)]
        _fit_readings(list(texts_of_readings(pages)), options)
        return 0
    if options.corpus is None or options.pairs is None:
        raise ConfigError("name --corpus and --pairs, or --readings alone")
    texts = [text for path in options.pairs for text in texts_of_pairs(read_pairs(path))]
    texts += texts_of_corpus(options.corpus, options.lines, options.seed)
    for profile in ("tesseract-eng", "tesseract-vie", "undiacritised"):
        restorer = Restorer(restore_config(options, profile))
        own = [text for text in texts if text.profile == profile]
        damaged = [text for text in own if text.observed != text.truth]
        say(f"restoring {len(own)} pages as {profile}")
        words = observe(damaged, restorer)
        curves = fit_curves(words)
        printed = [text for text in own if text.observed == text.truth]
        every = _add(words, observe(printed, restorer)) if printed else words
        page = fit_page(_add(every, _cut(every)), curves)
        is_wrong = words.right < 1
        reach = float(words.reached[is_wrong].mean()) if is_wrong.any() else math.nan
        print_constants(profile, Calibration(curves, page, reach))
    return 0


if __name__ == "__main__":
    run(main)
