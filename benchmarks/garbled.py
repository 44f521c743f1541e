"""Held-out lines printed, damaged, misread by the real Tesseract and restored: errors by style.

The pages are made as the training pages are (`vnrepair.learn.pairs.make_pairs`), from lines that no
model has seen and from another seed. Each is read with `-l eng` and with `-l vie`, and restored
with the profile of that language. Lines whose reading was not found again are left out, so what
Tesseract loses whole is not measured here.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from benchmarks.harness import emit, format_rate, make_parser, make_table, restore_config, run, say
from benchmarks.tokens import pair_lines
from vnrepair import ConfigError, Restorer, Score, ScoreConfig, score
from vnrepair.learn.corpus import corpus_files, sample_lines
from vnrepair.learn.pairs import LinePair, PageReport, make_pairs, read_pairs, write_pairs

__all__ = ["StyleResult", "group_pages", "main", "make_held_out_pairs", "measure"]

LANGUAGES = ("eng", "vie")
LINES_PER_PAGE = 34
"""Corpus lines that fill a page and a little more."""
SEED = 900_001
STYLES = ("regular", "italic", "bold", "bold-italic", "capitals")
_FOLDED = ScoreConfig(fold_tone_style=True)


@dataclass(frozen=True, slots=True)
class StyleResult:
    """What restoring did to the lines of one style.

    Attributes:
        language: The Tesseract language data that read them.
        style: The face they were printed in, "capitals" for lines in capitals of any face, or
            "all".
        lines: How many.
        before: Score as read, `hoà` and `hòa` being one.
        after: Score as restored, the same way.
    """

    language: str
    style: str
    lines: int
    before: Score
    after: Score


def make_held_out_pairs(corpus: Path, pages: int, seed: int, jobs: int) -> Iterator[LinePair]:
    """Print held-out lines on pages and read them in both languages.

    Args:
        corpus: Folder of `*.txt` or `*.txt.xz`.
        pages: How many to print.
        seed: Must be another than that of the training pages, which is small.
        jobs: Tesseract processes at a time.
    """
    files = corpus_files(corpus)
    lines = sample_lines(files, {}, pages * LINES_PER_PAGE, seed, held_out=True)

    def report(page: PageReport) -> None:
        say(f"page {page.done} of {page.pages}: {page.found} of {page.printed} lines found")

    yield from make_pairs(lines, LANGUAGES, seed, jobs, pages, report)


def group_pages(pairs: Iterable[LinePair]) -> Iterator[list[LinePair]]:
    """The lines of one page in one language, together as they were read.

    Neighbouring pairs belong together when what describes their page is the same: all of the style
    but the face in front.
    """
    for _, group in itertools.groupby(pairs, lambda p: (p.language, p.style.partition(" ")[2])):
        yield list(group)


def measure(pairs: Iterable[LinePair], restorers: dict[str, Restorer]) -> list[StyleResult]:
    """Restore pages and score their lines.

    Args:
        pairs: Lines in page order.
        restorers: For each language the one that restores it.

    Returns:
        Per language a result for each style and one for all lines.
    """
    scores: dict[tuple[str, str], list[tuple[Score, Score]]] = {}
    for page in group_pages(pairs):
        language = page[0].language
        observed = "\n".join(pair.observed for pair in page)
        restored = restorers[language].restore(observed).text
        for pair, (read, line) in zip(page, pair_lines(observed, restored), strict=True):
            both = (
                score(pair.intended, read, _FOLDED),
                score(pair.intended, line, _FOLDED),
            )
            for style in (_style(pair), "all"):
                scores.setdefault((language, style), []).append(both)
    return [
        StyleResult(
            language,
            style,
            len(found),
            sum((before for before, _ in found), start=Score()),
            sum((after for _, after in found), start=Score()),
        )
        for language in LANGUAGES
        for style in (*STYLES, "all")
        if (found := scores.get((language, style)))
    ]


def _style(pair: LinePair) -> str:
    return "capitals" if pair.intended.isupper() else pair.style.partition(" ")[0]


def _table(results: Sequence[StyleResult]) -> Table:
    columns = ("read with", "style", "lines", "CER before", "CER", "WER before", "WER", "numbers")
    table = make_table("Rendered held-out lines, tone-mark style folded", *columns, left=2)
    for result in results:
        rates = (result.before.cer, result.after.cer, result.before.wer, result.after.wer)
        table.add_row(
            result.language,
            result.style,
            str(result.lines),
            *(format_rate(rate) for rate in rates),
            f"{result.before.digits.errors} → {result.after.digits.errors}",
            end_section=result.style == "all",
        )
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Make pages of held-out lines, or take those of a table, and measure."""
    parser = make_parser("garbled", __doc__)
    parser.add_argument("--corpus", type=Path, help="folder of *.txt or *.txt.xz")
    parser.add_argument("--pages", type=int, default=12, help="pages to print")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--jobs", type=int, default=2, help="Tesseract processes at a time")
    parser.add_argument("--pairs", type=Path, help="table of line pairs to measure instead")
    parser.add_argument("--write-pairs", type=Path, metavar="FILE", help="keep the pairs, as TSV")
    options = parser.parse_args(arguments)
    if (options.corpus is None) == (options.pairs is None):
        raise ConfigError("name either --corpus, to print pages, or --pairs, a table of lines")
    if options.pairs is not None:
        pairs = list(read_pairs(options.pairs))
    else:
        made = make_held_out_pairs(options.corpus, options.pages, options.seed, options.jobs)
        pairs = list(made)
    if options.write_pairs is not None:
        write_pairs(pairs, options.write_pairs)
    restorers = {
        language: Restorer(restore_config(options, f"tesseract-{language}"))
        for language in LANGUAGES
    }
    results = measure(pairs, restorers)
    emit([_table(results)], {"results": results}, options)
    return 0


if __name__ == "__main__":
    run(main)
