"""What evidence of the page is worth: damaged pages, restored without and with confidences.

    python -m benchmarks.evidence --corpus CORPUS --pages 264 --write-readings out/readings.jsonl
    python -m benchmarks.evidence --readings out/readings.jsonl

Held-out lines are composed into pages, damaged as the treatments of `vnrepair.learn` say or at
random, and read as every page is: all preprocessing, second readings of what is unsure. The first
table says what restoring makes of them without and with the evidence, by treatment; the second what
a confidence is worth, which is where the constants of `vnrepair/restore/evidence.py` come from.
Lines whose reading was not found again are left out. `fit_calibration --readings` fits the
probabilities.
"""

import dataclasses
import json
import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from benchmarks.harness import emit, format_rate, make_parser, make_table, restore_config, run, say
from benchmarks.judged import JudgedText
from benchmarks.tokens import pair_lines, pair_tokens
from vnrepair import (
    ConfigError,
    InputError,
    Rate,
    RepairConfig,
    Restorer,
    ScanConfig,
    ScoreConfig,
    score,
)
from vnrepair.atomic import write_text_atomic
from vnrepair.language.tones import fold_tone_style
from vnrepair.learn.compose import PAGE_KINDS, compose_page, random_style
from vnrepair.learn.corpus import corpus_files, sample_lines
from vnrepair.learn.damage import Image, apply_damage, random_damage
from vnrepair.learn.fonts import find_families
from vnrepair.learn.pages import PrintedLine, render_lines
from vnrepair.learn.pairs import align_lines
from vnrepair.learn.treatments import TREATMENTS, PrintedPage, treat
from vnrepair.pipeline import load_judge
from vnrepair.records import Evidence, Hypothesis
from vnrepair.scan.page import SourcePage
from vnrepair.scan.reader import read_source_page

__all__ = [
    "ReadPage",
    "ReadWord",
    "count_trust",
    "main",
    "measure",
    "read_readings",
    "texts_of_readings",
]

LINES_PER_PAGE = 13
"""Corpus lines that fill half a page: twice as many pages, and damages, in the same time."""
SEED = 77_123
RANDOM = "random"
_RANDOM_SEVERITY = (1.5, 1.8)
"""Beta distribution of the severity of random damage: harder than that of the training pages."""
_DPI = {"fax": 300, "lowres": 300}
"""Treatments that bring the resolution down themselves; the others get 200 dpi, as offices use."""
_EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 1.01)
_FOLDED = ScoreConfig(fold_tone_style=True)


@dataclass(frozen=True, slots=True)
class ReadWord:
    """What the page says of a word, see `vnrepair.records.Word`."""

    text: str
    confidence: float
    others: tuple[Hypothesis, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A damaged page and its reading.

    Attributes:
        treatment: Its name, or "random".
        language: The Tesseract language data that read it.
        truth: What was printed, line by line.
        words: Of each line that was read, its words.
    """

    treatment: str
    language: str
    truth: tuple[str, ...]
    words: tuple[tuple[ReadWord, ...], ...]


@dataclass(frozen=True, slots=True)
class Gain:
    """What restoring did to the pages of one treatment.

    Attributes:
        treatment: Its name, or "all".
        pages: How many.
        read: Character error rate as read.
        without: The same, restored without evidence.
        with_evidence: The same, restored with it.
        harmed_without: Words that were right and are not, of all words, without evidence.
        harmed: The same with it.
    """

    treatment: str
    pages: int
    read: Rate
    without: Rate
    with_evidence: Rate
    harmed_without: Rate
    harmed: Rate


def read_damaged_pages(
    corpus: Path, pages: int, seed: int, config: RepairConfig
) -> Iterator[ReadPage]:
    """Print held-out lines on pages, damage these, and read them as every page is read.

    Args:
        corpus: Folder of `*.txt` or `*.txt.xz`.
        pages: How many; every second one is damaged at random, the others by treatment in turn.
        seed: Decides everything that is random.
        config: How they are read.
    """
    judge = load_judge(config)
    files = corpus_files(corpus)
    lines = sample_lines(files, {}, pages * LINES_PER_PAGE, seed, held_out=True)
    for index in range(min(pages, len(lines) // LINES_PER_PAGE)):
        own = lines[index * LINES_PER_PAGE : (index + 1) * LINES_PER_PAGE]
        treatment, printed, source = _make_page(own, seed, index)
        page = read_source_page(source, config.scan, judge=judge)
        rows: dict[int, list[ReadWord]] = defaultdict(list)
        for word in page.words:
            rows[word.line].append(ReadWord(word.text, word.confidence or 0.0, word.others))
        say(f"page {index + 1} of {pages}: {treatment}, {len(page.words)} words")
        yield ReadPage(treatment, config.scan.language, printed, tuple(map(tuple, rows.values())))


def _make_page(
    paragraphs: Sequence[str], seed: int, index: int
) -> tuple[str, tuple[str, ...], SourcePage]:
    """One damaged page: what was done to it, the lines that it says, its pixels."""
    rng = np.random.default_rng((seed, index))
    names = [name for name, how in TREATMENTS.items() if not how.turn_deg]
    treatment = RANDOM if index % 2 else names[index // 2 % len(names)]
    style = random_style(find_families(), rng)
    if treatment != RANDOM:
        style = dataclasses.replace(style, dpi=_DPI.get(treatment, 200))
    kind = str(rng.choice(list(PAGE_KINDS), p=list(PAGE_KINDS.values())))
    lines: list[PrintedLine] = compose_page(paragraphs, style, rng, kind=kind)
    image: Image = render_lines(lines, style)
    dpi = style.dpi
    if treatment == RANDOM:
        image = apply_damage(image, random_damage(rng, float(rng.beta(*_RANDOM_SEVERITY))), rng)
    else:
        how = TREATMENTS[treatment]
        (image,) = treat([PrintedPage(image, dpi, style.family)], how, index)
        dpi = round(dpi * how.scale)
    bilevel = image.ndim == 2 and bool(np.isin(image, (0, 255)).all())
    source = SourcePage(number=1, image=image, dpi=dpi, bilevel=bilevel)
    return treatment, tuple(line.text for line in lines if line.words), source


def write_readings(pages: Sequence[ReadPage], path: Path) -> None:
    """Write pages, each a line of JSON."""
    rows = (json.dumps(dataclasses.asdict(page), ensure_ascii=False) + "\n" for page in pages)
    write_text_atomic(path, "".join(rows))


def read_readings(path: Path) -> list[ReadPage]:
    """Read what `write_readings` wrote.

    Raises:
        InputError: The file is missing or holds something else.
    """
    pages: list[ReadPage] = []
    try:
        for row in path.read_text(encoding="utf-8").splitlines():
            fields = json.loads(row)
            words = tuple(tuple(map(_read_word, line)) for line in fields["words"])
            truth = tuple(fields["truth"])
            pages.append(ReadPage(fields["treatment"], fields["language"], truth, words))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: no readings of pages ({error})") from error
    return pages


def _read_word(fields: dict[str, Any]) -> ReadWord:
    others = tuple(Hypothesis(**other) for other in fields["others"])
    return ReadWord(fields["text"], fields["confidence"], others)


def texts_of_readings(pages: Sequence[ReadPage]) -> Iterator[JudgedText]:
    """Pages as texts with their evidence: the lines whose reading was found again."""
    for page in pages:
        read = [" ".join(word.text for word in line) for line in page.words]
        pairs = align_lines(read, page.truth)
        evidence: list[Evidence] = []
        end = -1
        for number, _ in pairs:
            for word in page.words[number]:
                start = end + 1  # behind a blank or a line end
                end = start + len(word.text)
                evidence.append(Evidence(start, end, word.confidence, word.others))
        observed = "\n".join(read[number] for number, _ in pairs)
        truth = "\n".join(page.truth[number] for _, number in pairs)
        profile = f"tesseract-{page.language}"
        truth = unicodedata.normalize("NFC", truth)
        if observed:
            yield JudgedText(page.treatment, profile, observed, truth, tuple(evidence))


def measure(texts: Sequence[JudgedText], restorers: dict[str, Restorer]) -> list[Gain]:
    """Restore texts without and with their evidence; the last row is all of them."""
    rows: dict[str, list[list[Rate]]] = defaultdict(list)
    for text in texts:
        restorer = restorers[text.profile]
        plain = restorer.restore(text.observed).text
        helped = restorer.restore(text.observed, text.evidence).text
        rates = [score(text.truth, one, _FOLDED).cer for one in (text.observed, plain, helped)]
        rates += [_harmed(text, plain), _harmed(text, helped)]
        rows[text.kind].append(rates)
        rows["all"].append(rates)
    names = sorted(rows.keys() - {"all"}) + ["all"] * ("all" in rows)
    return [
        Gain(name, len(rows[name]), *map(_add_up, zip(*rows[name], strict=True))) for name in names
    ]


def _add_up(rates: Sequence[Rate]) -> Rate:
    return sum(rates, start=Rate(0, 0))


def _harmed(text: JudgedText, restored: str) -> Rate:
    """Words that were right and are no more, of all words of lines that kept their number."""
    harmed = words = 0
    lines = zip(
        pair_lines(text.truth, text.observed), pair_lines(text.truth, restored), strict=True
    )
    for (truth, read), (_, written) in lines:
        if len(read.split()) != len(written.split()):
            continue
        pairs = [(wanted, found) for wanted, found in pair_tokens(truth, read) if found]
        for (wanted, found), now in zip(pairs, written.split(), strict=True):
            words += 1
            is_same = fold_tone_style(wanted) == fold_tone_style(found)
            harmed += is_same and fold_tone_style(now) != fold_tone_style(wanted)
    return Rate(harmed, words)


def count_trust(
    texts: Sequence[JudgedText], *, in_capitals: bool = False
) -> list[tuple[float, Rate, float]]:
    """What confidences are worth.

    Args:
        texts: Texts with their evidence.
        in_capitals: Whether only words in capitals are shown.

    Returns:
        For each range of confidence its lower edge, the share of words that were wrong, and the log
        odds of being right beside those of all words, nats.
    """
    wrong, total = np.zeros((2, len(_EDGES))), np.zeros((2, len(_EDGES)))
    for text in texts:
        confidences = iter(text.evidence)
        for truth, read in pair_lines(text.truth, text.observed):
            for wanted, found in pair_tokens(truth, read):
                if found:
                    place = np.searchsorted(_EDGES, next(confidences).confidence, side="right") - 1
                    is_capital = int(len(found) > 1 and found.isupper())
                    total[is_capital, place] += 1
                    wrong[is_capital, place] += wanted != found
    everywhere = math.log((total.sum() - wrong.sum() + 0.5) / (wrong.sum() + 0.5))
    rows = slice(1, 2) if in_capitals else slice(0, 2)
    shown, shown_wrong = total[rows].sum(axis=0), wrong[rows].sum(axis=0)
    return [
        (
            edge,
            Rate(int(bad), int(every)),
            math.log((every - bad + 0.5) / (bad + 0.5)) - everywhere,
        )
        for edge, bad, every in zip(_EDGES, shown_wrong, shown, strict=True)
        if every
    ]


def _tables(
    gains: Sequence[Gain], trusts: Mapping[str, Sequence[tuple[float, Rate, float]]]
) -> list[Table]:
    columns = ("damage", "pages", "CER read", "without", "with", "harm without", "harm")
    table = make_table("Damaged pages, restored without and with evidence", *columns)
    for gain in gains:
        rates = (gain.read, gain.without, gain.with_evidence, gain.harmed_without, gain.harmed)
        table.add_row(gain.treatment, str(gain.pages), *map(format_rate, rates))
    worth = make_table("What a confidence is worth", "words", "from", "words wrong", "nats")
    for name, trust in trusts.items():
        for edge, rate, nats in trust:
            worth.add_row(name, f"{edge:.2f}", format_rate(rate), f"{nats:+.1f}")
    return [table, worth]


def main(arguments: Sequence[str] | None = None) -> int:
    """Read damaged pages, or take recorded readings, and measure."""
    parser = make_parser("evidence", __doc__)
    parser.add_argument("--corpus", type=Path, help="folder of *.txt or *.txt.xz")
    parser.add_argument("--pages", type=int, default=44, help="pages to print and read")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--language", default="vie", choices=("vie", "eng"))
    parser.add_argument("--readings", type=Path, nargs="+", help="recorded readings instead")
    parser.add_argument("--write-readings", type=Path, metavar="FILE", help="record the readings")
    options = parser.parse_args(arguments)
    if (options.corpus is None) == (options.readings is None):
        raise ConfigError("name either --corpus, to print pages, or --readings, recorded ones")
    if options.readings is not None:
        pages = [page for path in options.readings for page in read_readings(path)]
    else:
        config = RepairConfig(scan=ScanConfig(language=options.language))
        pages = list(read_damaged_pages(options.corpus, options.pages, options.seed, config))
    if options.write_readings is not None:
        write_readings(pages, options.write_readings)
    texts = list(texts_of_readings(pages))
    profiles = {text.profile for text in texts}
    restorers = {name: Restorer(restore_config(options, name)) for name in profiles}
    gains = measure(texts, restorers)
    trusts = {"all": count_trust(texts), "in capitals": count_trust(texts, in_capitals=True)}
    emit(_tables(gains, trusts), {"gains": gains, "trust": trusts}, options)
    return 0


if __name__ == "__main__":
    run(main)
