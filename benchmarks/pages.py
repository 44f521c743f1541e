"""Pages: plain `tesseract -l vie` beside `repair`, errors and seconds, page by page.

Plain means the untouched image, one call, page segmentation 3 and no reading order of ours. The
pages are those of samples/ and, with `--scans`, those of another folder of `NAME.jpg|png|...` with
`NAME.truth.txt`. Exits with 1 when `repair` leaves more wrong characters on a page than plain
Tesseract does.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from benchmarks.harness import (
    SAMPLES,
    add_up,
    emit,
    format_rate,
    make_parser,
    make_table,
    restore_config,
    run,
    say,
)
from benchmarks.rivals import read_plainly
from benchmarks.unordered import Unordered, score_unordered
from vnrepair import InputError, RepairConfig, Score, repair, score
from vnrepair.document.textfile import read_text
from vnrepair.evaluate.gate import find_cases

__all__ = ["PageFigures", "main", "measure_page", "read_truth", "total"]

_TEXT_SUFFIX = ".txt"
_BLOCK_MARK = "## "
_FILLED_IN = ("⟦", "⟧")


@dataclass(frozen=True, slots=True)
class PageFigures:
    """One file of pages.

    Attributes:
        name: File name.
        plain: Score of plain Tesseract.
        read: Score of what we read, before restoring: what preprocessing and reading order gave.
        repaired: Score of `repair`.
        plain_bag: Plain Tesseract's words against those of the truth, in whatever order.
        bag: The same for `repair`.
        plain_s: Seconds of plain Tesseract, decoding the image included.
        repair_s: Seconds of `repair`, decoding the image included, models loaded.
        steps: Preprocessing steps that changed one of its pages.
        rereads: Whether a second reading said something else of any word.
    """

    name: str
    plain: Score
    read: Score
    repaired: Score
    plain_bag: Unordered
    bag: Unordered
    plain_s: float
    repair_s: float
    steps: tuple[str, ...] = ()
    rereads: bool = False

    @property
    def is_worse(self) -> bool:
        """Whether a person would have been better off with Tesseract alone."""
        return self.repaired.cer.errors > self.plain.cer.errors


def read_truth(path: Path) -> str:
    """A ground truth as plain text.

    Lines `## block` name a block of the page and are no text of it. Lines with `⟦ ⟧` were filled
    in by hand; they are left out, so that what any reader makes of them counts as inserted, for
    plain Tesseract and for us alike.
    """
    return "\n".join(
        line
        for line in read_text(path).split("\n")
        if not line.startswith(_BLOCK_MARK) and not any(mark in line for mark in _FILLED_IN)
    )


def measure_page(
    source: Path, truth: Path, config: RepairConfig, fold: Callable[[str], str] = str
) -> PageFigures:
    """Read a file both ways and score both.

    Args:
        source: The pages.
        truth: What they say.
        config: Options of `repair`.
        fold: Is applied to all texts before they are compared: what shall make no difference.
    """
    reference = fold(read_truth(truth))
    start = time.perf_counter()
    plain = read_plainly(source)
    middle = time.perf_counter()
    document = repair(source, config)
    end = time.perf_counter()
    plain, raw, repaired = map(fold, (plain, document.raw_text, document.text))
    pages = [result.page for result in document.pages if result.page is not None]
    return PageFigures(
        name=source.name,
        plain=score(reference, plain),
        read=score(reference, raw),
        repaired=score(reference, repaired),
        plain_bag=score_unordered(reference, plain),
        bag=score_unordered(reference, repaired),
        plain_s=middle - start,
        repair_s=end - middle,
        steps=tuple(dict.fromkeys(step for page in pages for step in page.steps)),
        rereads=any(word.others for page in pages for word in page.words),
    )


def total(name: str, pages: Sequence[PageFigures]) -> PageFigures:
    """Several pages as one: errors, lengths and seconds added up."""
    return PageFigures(
        name=name,
        plain=add_up([page.plain for page in pages]),
        read=add_up([page.read for page in pages]),
        repaired=add_up([page.repaired for page in pages]),
        plain_bag=sum((page.plain_bag for page in pages), start=Unordered()),
        bag=sum((page.bag for page in pages), start=Unordered()),
        plain_s=sum(page.plain_s for page in pages),
        repair_s=sum(page.repair_s for page in pages),
    )


def _find_pages(folder: Path, only: Sequence[str]) -> Iterator[tuple[Path, Path]]:
    for name, (source, truth) in find_cases(folder).items():
        if source.suffix != _TEXT_SUFFIX and (not only or any(part in name for part in only)):
            yield source, truth


def _table(title: str, pages: Sequence[PageFigures], everything: PageFigures) -> Table:
    columns = ("page", "plain CER", "read CER", "CER", "plain WER", "WER", "plain bag")
    table = make_table(title, *columns, "bag", "plain s", "s", "x", "")
    for page in (*pages, everything):
        table.add_row(
            page.name,
            *(format_rate(rate) for rate in (page.plain.cer, page.read.cer, page.repaired.cer)),
            *(f"{100 * rate.rate:.2f} %" for rate in (page.plain.wer, page.repaired.wer)),
            *(f"{100 * rate.rate:.2f} %" for rate in (page.plain_bag.cer, page.bag.cer)),
            *(f"{seconds:.1f}" for seconds in (page.plain_s, page.repair_s)),
            f"{page.repair_s / page.plain_s:.1f}",
            Text("WORSE", style="bold red") if page.is_worse else "",
        )
    rates = [
        (page.plain.cer, page.repaired.cer, page.plain_bag.cer, page.bag.cer) for page in pages
    ]
    means = [sum(rate.rate for rate in column) / len(pages) for column in zip(*rates, strict=True)]
    table.caption = (
        f"mean CER of the pages: plain {means[0]:.2%}, repaired {means[1]:.2%}; bag, letters of "
        f"words without partner in whatever order: plain {means[2]:.2%}, repaired {means[3]:.2%}"
    )
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the pages; exit code 1 when one is worse than plain Tesseract."""
    parser = make_parser("pages", __doc__)
    parser.add_argument("--scans", type=Path, help="another folder of pages with truth")
    parser.add_argument("--no-samples", action="store_true", help="leave samples/ out")
    parser.add_argument("--only", nargs="*", default=(), help="parts of file names to take")
    options = parser.parse_args(arguments)
    folders = [] if options.no_samples else [SAMPLES]
    folders += [options.scans] if options.scans else []
    config = RepairConfig(restore=restore_config(options))
    tables: list[Table] = []
    figures: dict[str, object] = {}
    worse: list[str] = []
    for folder in folders:
        pages: list[PageFigures] = []
        for source, truth in _find_pages(folder, options.only):
            say(f"reading {source.name}")
            pages.append(measure_page(source, truth, config))
        if not pages:
            continue
        everything = total("all, errors by lengths", pages)
        tables.append(_table(f"Pages of {folder.name}", pages, everything))
        figures[folder.name] = {"pages": pages, "total": everything}
        worse += [page.name for page in pages if page.is_worse]
    if not tables:
        raise InputError("no page to measure: check --scans and --only")
    emit(tables, {"folders": figures, "worse": worse}, options)
    return int(bool(worse))


if __name__ == "__main__":
    run(main)
