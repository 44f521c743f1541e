"""Is a token that is given 90 % right nine times in ten? Reliability of the probabilities.

Held-out lines are printed, damaged and misread as in `garbled`, and restored with the profile of
their language, or come as they were printed (`as printed`). Held-out lines of every register lose
their marks (`undiacritised`). Every word of the output is found again in what it should be, and is
right or wrong; the probability that it was given is held against that. Styles of tone marks are one
(`hoà` = `hòa`), as in `garbled`; punctuation, numbers and ids are not judged.

The expected calibration error is the mean distance between the probability that tokens were given
and the share of them that is right, over 15 bins that hold equally many tokens each.

Source:
    Reliability diagrams and expected calibration error: Guo, Pleiss, Sun and Weinberger 2017, "On
    calibration of modern neural networks", ICML. Brier 1950, "Verification of forecasts expressed
    in terms of probability", Monthly Weather Review.
"""

import itertools
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from benchmarks.diagram import Curve, draw_reliability
from benchmarks.garbled import SEED, make_held_out_pairs
from benchmarks.harness import emit, make_parser, make_table, restore_config, run, say
from benchmarks.judged import (
    JudgedText,
    judge_text,
    texts_of_corpus,
    texts_of_pairs,
    texts_of_seeds,
)
from vnrepair import ConfigError, Restorer
from vnrepair.atomic import write_text_atomic
from vnrepair.learn.pairs import read_pairs

__all__ = ["Bin", "Calibration", "Flagging", "assess", "main"]

MASS_BINS = 15
WIDTH_BINS = 20
MIN_DRAWN = 20
"""Bins with fewer tokens are not drawn: their share right is chance."""
THRESHOLDS = (0.5, 0.7, 0.8, 0.9, 0.95)

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """Tokens that were given about the same probability.

    Attributes:
        low: Least probability of the bin.
        high: Where the next one begins.
        tokens: How many.
        probability: Mean of what they were given.
        right: Share of them that is right, 0-1.
    """

    low: float
    high: float
    tokens: int
    probability: float
    right: float


@dataclass(frozen=True, slots=True)
class Flagging:
    """What flagging the tokens below a threshold would do.

    Attributes:
        threshold: Tokens with a smaller probability are flagged.
        flagged: Tokens.
        wrong: Wrong tokens among them.
        tokens: All tokens.
        all_wrong: All wrong tokens.
    """

    threshold: float
    flagged: int
    wrong: int
    tokens: int
    all_wrong: int

    @property
    def precision(self) -> float | None:
        """Share of the flagged tokens that is wrong."""
        return self.wrong / self.flagged if self.flagged else None

    @property
    def recall(self) -> float | None:
        """Share of the wrong tokens that is flagged."""
        return self.wrong / self.all_wrong if self.all_wrong else None


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far probabilities can be believed on texts of one kind.

    Attributes:
        kind: Of the texts.
        tokens: Words that were judged.
        wrong: Those that came out wrong.
        expected_wrong: How many should be, by their probabilities.
        ece: Expected calibration error, 15 bins of equally many tokens.
        ece_width: The same over 20 bins of equal width.
        brier: Mean squared distance between probability and truth.
        bins: The reliability diagram, bins of equal width; empty ones are left out.
        flags: What thresholds for flags would do.
    """

    kind: str
    tokens: int
    wrong: int
    expected_wrong: float
    ece: float
    ece_width: float
    brier: float
    bins: tuple[Bin, ...]
    flags: tuple[Flagging, ...]


def assess(kind: str, probability: FloatArray, right: BoolArray) -> Calibration:
    """Hold probabilities against the truth.

    Args:
        kind: Of the texts.
        probability: That a token is right, 0-1, shape (tokens,).
        right: Whether it is, the same shape.
    """
    count = len(probability)
    order = np.argsort(probability, kind="stable")
    by_mass = [
        _make_bin(probability[part], right[part], 0.0, 1.0)
        for part in np.array_split(order, min(MASS_BINS, max(count, 1)))
        if len(part)
    ]
    edges = np.linspace(0, 1, WIDTH_BINS + 1)
    place = np.minimum((probability * WIDTH_BINS).astype(np.int64), WIDTH_BINS - 1)
    by_width = [
        _make_bin(probability[place == i], right[place == i], float(low), float(high))
        for i, (low, high) in enumerate(itertools.pairwise(edges))
        if (place == i).any()
    ]
    flags = [
        Flagging(
            threshold,
            int((probability < threshold).sum()),
            int(((probability < threshold) & ~right).sum()),
            count,
            int((~right).sum()),
        )
        for threshold in THRESHOLDS
    ]
    return Calibration(
        kind,
        count,
        int((~right).sum()),
        float((1 - probability).sum()),
        _mean_gap(by_mass),
        _mean_gap(by_width),
        float(((probability - right) ** 2).mean()) if count else 0.0,
        tuple(by_width),
        tuple(flags),
    )


def _make_bin(probability: FloatArray, right: BoolArray, low: float, high: float) -> Bin:
    return Bin(low, high, len(right), float(probability.mean()), float(right.mean()))


def _mean_gap(bins: Sequence[Bin]) -> float:
    """Mean distance of probability and share right, each token counting the same."""
    tokens = sum(item.tokens for item in bins)
    return sum(item.tokens * abs(item.probability - item.right) for item in bins) / max(tokens, 1)


def _tables(results: Sequence[Calibration]) -> Iterator[Table]:
    figures = ("tokens", "wrong", "expected wrong", "ECE", "ECE, width", "Brier")
    table = make_table("Are the probabilities to be believed?", "text", *figures)
    for result in results:
        table.add_row(
            result.kind,
            f"{result.tokens:,}",
            f"{100 * result.wrong / max(result.tokens, 1):.2f} %",
            f"{100 * result.expected_wrong / max(result.tokens, 1):.2f} %",
            *(f"{value:.4f}" for value in (result.ece, result.ece_width, result.brier)),
        )
    table.caption = (
        f"ECE: {MASS_BINS} bins of equally many tokens; ECE, width: {WIDTH_BINS} bins of equal "
        "width"
    )
    yield table
    columns = ("text", "given", "tokens", "mean probability", "right")
    table = make_table("Reliability diagram", *columns, left=2)
    for result in results:
        for item in result.bins:
            table.add_row(
                result.kind,
                f"{item.low:.2f}-{item.high:.2f}",
                f"{item.tokens:,}",
                f"{100 * item.probability:.1f} %",
                f"{100 * item.right:.1f} %",
                end_section=item is result.bins[-1],
            )
    yield table
    columns = ("text", "flagged below", "tokens flagged", "of them wrong", "of all wrong ones")
    table = make_table("Flags: what a person would look at, and what that would find", *columns)
    for result in results:
        for flag in result.flags:
            table.add_row(
                result.kind,
                f"{flag.threshold:g}",
                f"{100 * flag.flagged / max(flag.tokens, 1):.2f} % ({flag.flagged})",
                *(_percent(share) for share in (flag.precision, flag.recall)),
                end_section=flag is result.flags[-1],
            )
    yield table


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"


def _gather(options: Namespace) -> Iterator[JudgedText]:
    """The texts that the arguments ask for.

    Raises:
        ConfigError: They ask for none.
    """
    if options.corpus is None and options.pairs is None and options.seeds is None:
        raise ConfigError("nothing to judge: name --corpus or --pairs, --seeds, or all of them")
    if options.pairs is not None:
        yield from texts_of_pairs(read_pairs(options.pairs))
    elif options.corpus is not None:
        made = make_held_out_pairs(options.corpus, options.pages, options.seed, options.jobs)
        yield from texts_of_pairs(made)
    if options.corpus is not None:
        yield from texts_of_corpus(options.corpus, options.lines, options.seed)
    if options.seeds is not None:
        yield from texts_of_seeds(options.seeds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge pages, documents, or both."""
    parser = make_parser("calibration", __doc__)
    parser.add_argument("--corpus", type=Path, help="folder of *.txt or *.txt.xz")
    parser.add_argument("--lines", type=int, default=100, help="bare held-out lines per register")
    parser.add_argument("--pages", type=int, default=24, help="pages to print")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--jobs", type=int, default=2, help="Tesseract processes at a time")
    parser.add_argument("--pairs", type=Path, help="table of line pairs; then none are printed")
    parser.add_argument("--seeds", type=Path, help="folder of documents, as for seeds")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the diagram there")
    options = parser.parse_args(arguments)
    texts = list(_gather(options))
    restorers = {
        profile: Restorer(restore_config(options, profile))
        for profile in {text.profile for text in texts}
    }
    judged: dict[str, tuple[list[float], list[bool]]] = {}
    for text in texts:
        if text.kind not in judged:
            say(f"restoring {text.kind}")
        probability, right = judge_text(text, restorers[text.profile])
        known = judged.setdefault(text.kind, ([], []))
        known[0].extend(probability)
        known[1].extend(right)
    results = [
        assess(kind, np.array(given), np.array(claims, dtype=np.bool_))
        for kind, (given, claims) in judged.items()
    ]
    if options.svg is not None:
        curves = [
            Curve(
                result.kind,
                [(b.probability, b.right) for b in result.bins if b.tokens >= MIN_DRAWN],
            )
            for result in results
        ]
        write_text_atomic(options.svg, draw_reliability(curves))
    emit(list(_tables(results)), {"results": results}, options)
    return 0


if __name__ == "__main__":
    run(main)
