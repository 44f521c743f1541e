"""Render and damage the samples: sources in samples/source/ become pages, truths, garbled texts.

    .venv/bin/python script/make_samples.py                    all of them
    .venv/bin/python script/make_samples.py letter-vaccination only this one

The same sources, fonts and Tesseract give the same files, byte for byte. A garbled text is what
`tesseract -l eng` reads on a page of its own, which suffers less than the sample's page; its words
are put in the reading order of the truth, line for line, so that a score counts misread letters
and not the interleaved columns of a letterhead.
"""

import argparse
import io
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image as PillowImage

from vnrepair.atomic import write_bytes_atomic, write_text_atomic
from vnrepair.errors import VnRepairError
from vnrepair.learn.damage import Damage, Image
from vnrepair.learn.documents import PAGE_BREAK, print_page
from vnrepair.learn.markup import read_source
from vnrepair.learn.pages import MM_PER_INCH
from vnrepair.learn.treatments import TREATMENTS, Treatment, treat
from vnrepair.learn.typeset import PlacedLine, TypesetPage, typeset
from vnrepair.records import Word
from vnrepair.scan.ocr import recognise

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
SEED = 2025
PRINT_DPI = 300
X_HEIGHT = 0.35
"""Height of the middle of a word above its base line, as a share of the size of the letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one sample is made.

    Attributes:
        suffix: Of the page: .png, .jpg, .tif or .pdf.
        treatment: What happens to the page.
        dpi: Resolution of the scan; the page is printed at `PRINT_DPI` whatever it is, so that
            its lines break in the same places.
        quality: JPEG quality of the file, 1-95; nothing to a file without JPEG.
        garbled: Treatment of the page that `tesseract -l eng` reads, at `PRINT_DPI`; None for none.
    """

    suffix: str
    treatment: Treatment
    dpi: int = 200
    quality: int = 50
    garbled: Treatment | None = None


def _scan(**damage: float | int) -> Treatment:
    """A treatment by an office scanner; its pixel sizes are meant for 200 dpi."""
    return Treatment(damage=Damage(**damage))  # type: ignore[arg-type]


CLEAN, MILD, OFFICE = (
    Treatment(damage=replace(TREATMENTS[name].damage, jpeg_quality=None))
    for name in ("clean", "mild", "office")
)
# A milder line than the tool's own: a page that nobody can read measures nothing.
FAX = replace(
    TREATMENTS["fax"],
    damage=replace(TREATMENTS["fax"].damage, noise=12.0, speckle=1.5, patchy=0.08),
)

RECIPES = {
    "plan-grassroots-democracy": Recipe(suffix=".png", treatment=CLEAN, dpi=300, garbled=CLEAN),
    "decision-digital-team": Recipe(
        suffix=".jpg", treatment=replace(MILD, marks=("seal",)), garbled=MILD
    ),
    "letter-vaccination": Recipe(suffix=".png", treatment=FAX, dpi=150, garbled=OFFICE),
    "notice-school-enrolment": Recipe(
        suffix=".jpg",
        treatment=_scan(blur_px=0.7, noise=5, skew_deg=2.4, fade=0.1, paper=0.92),
    ),
    "report-administrative-reform": Recipe(
        suffix=".jpg",
        treatment=_scan(blur_px=0.6, noise=4, shadow=0.7, paper=0.9, skew_deg=0.3),
        garbled=CLEAN,
    ),
    "minutes-hamlet-road": Recipe(
        suffix=".png",
        treatment=_scan(blur_px=0.6, noise=30, speckle=6, skew_deg=-0.6, threshold=140),
    ),
    "invitation-scholarship": Recipe(
        suffix=".jpg", treatment=replace(MILD, turn_deg=180), garbled=MILD
    ),
    "directive-flood-season": Recipe(
        suffix=".pdf",
        treatment=_scan(ink=0.3, blur_px=0.7, noise=5, skew_deg=-0.9, paper=0.95),
        dpi=150,
        garbled=OFFICE,
    ),
    "submission-school-repair": Recipe(
        suffix=".jpg", treatment=_scan(blur_px=1.3, paper=0.97), quality=14, garbled=CLEAN
    ),
    "guideline-health-insurance": Recipe(
        suffix=".jpg", treatment=_scan(blur_px=0.7, noise=4, paper=0.95), dpi=110, quality=70
    ),
    "notice-land-tax": Recipe(
        suffix=".jpg", treatment=replace(MILD, marks=("show-through",)), garbled=OFFICE
    ),
    "programme-traffic-safety": Recipe(
        suffix=".tif", treatment=TREATMENTS["bold-ink"], dpi=300, garbled=MILD
    ),
}


def make_sample(name: str, recipe: Recipe, folder: Path) -> Iterator[Path]:
    """Write one sample.

    Yields:
        The files, page first.
    """
    source = replace(read_source(SAMPLES / "source" / f"{name}.txt"), dpi=PRINT_DPI)
    pages = typeset(source)
    treatment = replace(recipe.treatment, scale=recipe.dpi / PRINT_DPI)
    scans = scan_pages(pages, source.seal, treatment)
    scan = folder / f"{name}{recipe.suffix}"
    write_bytes_atomic(scan, encode(scans, recipe))
    yield scan
    truth = folder / f"{name}.truth.txt"
    write_text_atomic(truth, PAGE_BREAK.join(page.text for page in pages) + "\n")
    yield truth
    if recipe.garbled:
        garbled = folder / f"{name}.ocr.txt"
        write_text_atomic(garbled, garble(pages, source.seal, recipe.garbled) + "\n")
        yield garbled


def scan_pages(pages: Sequence[TypesetPage], seal: str, treatment: Treatment) -> tuple[Image, ...]:
    """Print the pages and let the treatment happen to them."""
    return treat([print_page(page, seal) for page in pages], treatment, SEED)


def encode(scans: Sequence[Image], recipe: Recipe) -> bytes:
    """Page images as one file, without anything that changes from run to run."""
    dpi = recipe.dpi
    is_bilevel = recipe.treatment.damage.threshold is not None
    first, *rest = (to_picture(scan, is_bilevel=is_bilevel) for scan in scans)
    buffer = io.BytesIO()
    options: dict[str, object]
    match recipe.suffix:
        case ".png":
            options = {"format": "PNG", "optimize": True, "dpi": (dpi, dpi)}
        case ".jpg":
            options = {"format": "JPEG", "quality": recipe.quality, "dpi": (dpi, dpi)}
        case ".tif":
            options = {"format": "TIFF", "compression": "group4", "dpi": (dpi, dpi)}
        case _:
            epoch = time.gmtime(0)
            options = {"format": "PDF", "quality": recipe.quality, "resolution": dpi}
            options |= {"creationDate": epoch, "modDate": epoch}
    if rest:
        options |= {"save_all": True, "append_images": rest}
    first.save(buffer, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def to_picture(scan: Image, *, is_bilevel: bool) -> PillowImage.Image:
    """An image array for Pillow: one bit, grey or RGB."""
    picture = PillowImage.fromarray(scan if scan.ndim == 2 else scan[..., ::-1].copy())
    return picture.convert("1", dither=PillowImage.Dither.NONE) if is_bilevel else picture


def garble(pages: Sequence[TypesetPage], seal: str, treatment: Treatment) -> str:
    """What `tesseract -l eng` reads, word by word where the truth has its lines."""
    return PAGE_BREAK.join(
        arrange(page, recognise(image, "eng", dpi=PRINT_DPI))
        for page, image in zip(pages, scan_pages(pages, seal, treatment), strict=True)
    )


def arrange(page: TypesetPage, words: Sequence[Word]) -> str:
    """Put words on the lines of a page on which they stand."""
    found: dict[PlacedLine, list[Word]] = {line: [] for line in page.lines}
    for word in words:
        found[nearest_line(page, word)].append(word)
    rest = iter(page.lines)
    return "\n\n".join(
        "\n".join(read_line(text, rest, found) for text in block) for block in page.blocks
    )


def nearest_line(page: TypesetPage, word: Word) -> PlacedLine:
    """The line on which a word stands, by the middle of its box."""
    x_mm = (word.box.left + word.box.right) / 2 / PRINT_DPI * MM_PER_INCH
    y_mm = (word.box.top + word.box.bottom) / 2 / PRINT_DPI * MM_PER_INCH

    def distance_mm(line: PlacedLine) -> float:
        beside_mm = max(line.left_mm - x_mm, x_mm - line.left_mm - line.width_mm, 0.0)
        return beside_mm + abs(line.baseline_mm - X_HEIGHT * line.style.size_mm - y_mm)

    return min(page.lines, key=distance_mm)


def read_line(text: str, lines: Iterator[PlacedLine], found: dict[PlacedLine, list[Word]]) -> str:
    """What was read of a line of the truth; a table row is several printed lines."""
    taken = [next(lines)]
    while " ".join(line.line.text for line in taken if line.line.words) != text:
        taken.append(next(lines))
    words = [word for line in taken for word in found[line]]
    return " ".join(word.text for word in sorted(words, key=lambda word: word.box.left))


def main() -> int:
    """Make the samples that are named, or all; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*RECIPES, []])
    parser.add_argument("--out", type=Path, default=SAMPLES)
    options = parser.parse_args()
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    try:
        for name in options.names or RECIPES:
            for path in make_sample(name, RECIPES[name], options.out):
                print(path)
    except VnRepairError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
