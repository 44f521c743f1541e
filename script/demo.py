"""Repair every sample: what it was, what it became, and what plain Tesseract makes of it.

Prints a table of error rates and one line of each sample before and after; writes the repaired
texts to out/demo/. Exits with 1 when a garbled text got worse, or when a page has more errors
than plain `tesseract -l vie` makes on the same page.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import pypdfium2
import pytesseract
from PIL import Image, ImageSequence
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

import vnrepair

ROOT = Path(__file__).resolve().parent.parent
TRUTH = ".truth.txt"
GARBLED = ".ocr.txt"
PDF_DPI = 300
SHOWN_CHARS = 150


@dataclass(frozen=True, slots=True)
class Result:
    """One sample and its scores.

    Attributes:
        name: File name of the sample.
        raw: Score before repair: the garbled text, or what our own OCR read.
        plain: Score of `tesseract -l vie` on the untouched page; None for a garbled text.
        repaired: Score after repair.
        before: A line before repair.
        after: The same line after it.
        truth: The line of the truth that is most like it.
    """

    name: str
    raw: vnrepair.Score
    plain: vnrepair.Score | None
    repaired: vnrepair.Score
    before: str
    after: str
    truth: str

    @property
    def is_worse(self) -> bool:
        """Whether a person would have been better off without us."""
        rival = self.plain or self.raw
        return self.repaired.cer.errors > rival.cer.errors


def find_samples(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Every page and garbled text that has a truth, with that truth."""
    for truth in sorted(folder.glob(f"*{TRUTH}")):
        stem = truth.name.removesuffix(TRUTH)
        for source in sorted(folder.glob(f"{stem}.*")):
            if source != truth:
                yield source, truth


def read_plainly(page: Path) -> str:
    """What `tesseract -l vie` makes of a page without any help."""
    return "\n\f".join(
        pytesseract.image_to_string(image, lang="vie").rstrip("\n\f") for image in _images(page)
    )


def _images(page: Path) -> Iterator[Image.Image]:
    if page.suffix == ".pdf":
        with pypdfium2.PdfDocument(page) as pdf:
            for sheet in pdf:
                yield sheet.render(scale=PDF_DPI / 72).to_pil()
        return
    with Image.open(page) as image:
        for frame in ImageSequence.Iterator(image):
            yield frame.copy()


def pick_line(before: str, after: str) -> tuple[str, str]:
    """The line that repair changed most, before and after; the first long one if none changed."""
    old, new = before.splitlines(), after.splitlines()
    pairs = list(zip(old, new, strict=False)) if len(old) == len(new) else [("", after)]

    def change(pair: tuple[str, str]) -> float:
        return (1 - SequenceMatcher(None, *pair).ratio()) * len(pair[1])

    best = max(pairs, key=change, default=("", ""))
    if best[0] == best[1]:
        best = next((pair for pair in pairs if len(pair[1]) > 60), best)
    return best[0][:SHOWN_CHARS], best[1][:SHOWN_CHARS]


def judge(source: Path, truth: Path, out: Path, plain: str | None) -> Result:
    """Repair one sample, write the result, and score it."""
    reference = truth.read_text(encoding="utf-8")
    document = vnrepair.repair(source)
    (out / f"{source.stem}.repaired.txt").write_text(document.text + "\n", encoding="utf-8")
    before, after = pick_line(document.raw_text, document.text)
    return Result(
        name=source.name,
        raw=vnrepair.score(reference, document.raw_text),
        plain=None if plain is None else vnrepair.score(reference, plain),
        repaired=vnrepair.score(reference, document.text),
        before=before,
        after=after,
        truth=max(
            reference.splitlines(),
            key=lambda line: SequenceMatcher(None, line, after).ratio(),
            default="",
        )[:SHOWN_CHARS],
    )


def rates(result: Result) -> tuple[str, ...]:
    """The cells of a table row behind the name."""
    colour = "red" if result.is_worse else "green"
    return (
        f"{result.raw.cer.rate:.2%}",
        f"{result.raw.wer.rate:.2%}",
        f"{result.plain.cer.rate:.2%}" if result.plain else "",
        f"[{colour}]{result.repaired.cer.rate:.2%}[/]",
        f"{result.repaired.wer.rate:.2%}",
    )


def add_up(name: str, results: list[Result]) -> Result:
    """All results as one: errors and lengths added up."""
    nothing = vnrepair.Score()
    plain = [result.plain for result in results if result.plain]
    return Result(
        name=name,
        raw=sum((result.raw for result in results), start=nothing),
        plain=sum(plain, start=nothing) if plain else None,
        repaired=sum((result.repaired for result in results), start=nothing),
        before="",
        after="",
        truth="",
    )


def show(results: list[Result], console: Console) -> None:
    """The table of error rates, and the lines below it."""
    table = Table(
        title="Error rates: characters (CER) and syllables (WER)",
        caption="read: the garbled text, or what our own scan stage read; plain: the CER of "
        "`tesseract -l vie` on the untouched page",
    )
    table.add_column("sample", no_wrap=True)
    for heading in ("CER read", "WER read", "CER plain", "CER repaired", "WER repaired"):
        table.add_column(heading, justify="right")
    for result in results:
        table.add_row(result.name, *rates(result))
    table.add_section()
    for kind, chosen in (
        ("all garbled texts", [result for result in results if not result.plain]),
        ("all pages", [result for result in results if result.plain]),
    ):
        if chosen:
            table.add_row(kind, *rates(add_up(kind, chosen)))
    for result in results:
        console.print(f"[bold]{escape(result.name)}[/]", highlight=False)
        console.print(f"  before  {escape(result.before)}", highlight=False, soft_wrap=True)
        console.print(f"  after   {escape(result.after)}", highlight=False, soft_wrap=True)
        console.print(f"  truth   {escape(result.truth)}", highlight=False, soft_wrap=True)
    console.print(table)


def main() -> int:
    """Run over all samples; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--samples", type=Path, default=ROOT / "samples")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "demo")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    console = Console(width=None if sys.stdout.isatty() else 110)

    samples = list(find_samples(options.samples))
    # Plain Tesseract runs beside the repair, so that two cores are busy.
    with ThreadPoolExecutor(max_workers=max(1, (os.cpu_count() or 2) // 2)) as pool:
        plain = [
            None if source.name.endswith(GARBLED) else pool.submit(read_plainly, source)
            for source, _ in samples
        ]
        results = [
            judge(source, truth, options.out, future.result() if future else None)
            for (source, truth), future in track(
                list(zip(samples, plain, strict=True)),
                description="Repairing",
                console=Console(stderr=True),
            )
        ]
    show(results, console)
    console.print(f"Repaired texts: {options.out}/", highlight=False, soft_wrap=True)
    worse = [result.name for result in results if result.is_worse]
    if worse:
        console.print(f"[red]Worse than before: {', '.join(worse)}[/]", soft_wrap=True)
    return 1 if worse else 0


if __name__ == "__main__":
    raise SystemExit(main())
