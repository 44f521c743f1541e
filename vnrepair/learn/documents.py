"""Make a sample: the source of a document becomes a damaged page image and its ground truth.

In: a source file (markup in `learn.markup`), the name of a treatment, a seed. Out: images as PNG,
JPEG, TIFF or PDF, and beside them the truth. The same source, treatment and seed give the same
files, byte for byte.

    python -m vnrepair.learn.documents plan.txt --out samples --damage fax --seed 7 --format pdf
"""

import argparse
import io
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw

from vnrepair.atomic import write_bytes_atomic
from vnrepair.errors import ConfigError, VnRepairError
from vnrepair.learn.damage import Image
from vnrepair.learn.markup import read_source
from vnrepair.learn.pages import GreyImage, blank_page, draw_line
from vnrepair.learn.treatments import TREATMENTS, PrintedPage, Treatment, find_treatment, treat
from vnrepair.learn.typeset import TypesetPage, typeset
from vnrepair.records import Page
from vnrepair.scan.ocr import recognise

__all__ = ["FORMATS", "draw_page", "encode_pages", "make_sample", "print_page"]

FORMATS = ("png", "jpg", "tiff", "pdf")
PAGE_BREAK = "\n\f"
_RULE_MM = 0.22


def draw_page(page: TypesetPage) -> GreyImage:
    """A typeset page as the printer leaves it: A4, grey, uint8, 0 black to 255 white."""
    style = page.style
    image = blank_page(style)
    canvas = ImageDraw.Draw(image)
    for placed in page.lines:
        draw_line(
            canvas,
            placed.line,
            placed.style,
            baseline_mm=placed.baseline_mm,
            left_mm=placed.left_mm,
            width_mm=placed.width_mm,
        )
    for rule in page.rules:
        ends = [(rule.left_mm, rule.top_mm), (rule.right_mm, rule.bottom_mm)]
        points = [(style.to_px(x), style.to_px(y)) for x, y in ends]
        canvas.line(points, fill=0, width=max(1, round(style.to_px(_RULE_MM))))
    return np.asarray(image, dtype=np.uint8)


def print_page(page: TypesetPage, seal_text: str, seal_lines: tuple[str, ...] = ()) -> PrintedPage:
    """Draw a page, with what is needed to stamp it.

    Args:
        page: The typeset page.
        seal_text: What stands round the seal.
        seal_lines: What stands in its middle; nothing for a star.
    """
    style = page.style
    seal_px = None
    if page.seal_mm is not None:
        seal_px = (style.to_px(page.seal_mm[0]), style.to_px(page.seal_mm[1]))
    blanks_px = tuple(
        (style.to_px(blank.left_mm), style.to_px(blank.baseline_mm), style.to_px(blank.width_mm))
        for blank in page.blanks
    )
    return PrintedPage(
        image=draw_page(page),
        dpi=style.dpi,
        family=style.family,
        seal_px=seal_px,
        seal_text=seal_text,
        seal_lines=seal_lines,
        blanks_px=blanks_px,
    )


def make_sample(
    source_file: Path,
    folder: Path,
    *,
    name: str | None = None,
    how: Treatment = TREATMENTS["clean"],
    seed: int = 0,
    file_format: str = "png",
    ocr_language: str | None = None,
) -> tuple[Path, ...]:
    """Write a sample: image, truth and, if asked for, what plain Tesseract reads.

    A document of several pages becomes one PDF or TIFF, or one PNG or JPEG per page, each with a
    truth of its own and `-1`, `-2` and so on in its name.

    Args:
        source_file: The markup.
        folder: Where the files go.
        name: First part of the file names; None for that of the source.
        how: What happens to the pages.
        seed: Decides everything that is random.
        file_format: One of `FORMATS`.
        ocr_language: Tesseract language data for `NAME.ocr.txt`; None for no such file.

    Returns:
        The files, images first.

    Raises:
        TextError: The source cannot be read or breaks the markup.
        ConfigError: The format or the font is unknown.
        InputError: A file cannot be written.
        EngineError: Tesseract was asked for and could not do its work.
    """
    if file_format not in FORMATS:
        raise ConfigError(f"unknown format {file_format!r}: choose one of {', '.join(FORMATS)}")
    source = read_source(source_file)
    pages = typeset(source)
    images = treat([print_page(page, source.seal, source.seal_lines) for page in pages], how, seed)
    dpi = round(source.dpi * how.scale)
    stem = name or source_file.stem
    if file_format in ("png", "jpg") and len(pages) > 1:
        groups = [(f"{stem}-{number}", [number - 1]) for number in range(1, len(pages) + 1)]
    else:
        groups = [(stem, list(range(len(pages))))]
    contents: dict[Path, bytes] = {}
    for part, numbers in groups:
        chosen = [images[number] for number in numbers]
        contents[folder / f"{part}.{file_format}"] = encode_pages(chosen, file_format, dpi)
        truth = PAGE_BREAK.join(pages[number].text for number in numbers)
        contents[folder / f"{part}.truth.txt"] = f"{truth}\n".encode()
        if ocr_language:
            read = PAGE_BREAK.join(_read(image, ocr_language, dpi) for image in chosen)
            contents[folder / f"{part}.ocr.txt"] = f"{read}\n".encode()
    for path, content in contents.items():
        write_bytes_atomic(path, content)
    return tuple(contents)


def _read(image: Image, language: str, dpi: int) -> str:
    words = recognise(image, language, dpi=dpi)
    return Page(1, image.shape[1], image.shape[0], float(dpi), words).text


def encode_pages(
    images: Sequence[Image], file_format: str, dpi: int, quality: int | None = None
) -> bytes:
    """Images as the bytes of one file, without anything that changes from run to run.

    Args:
        images: Pages, grey or BGR; black and white ones become one-bit pages.
        file_format: One of `FORMATS`; the first page alone where it holds only one.
        dpi: Resolution that the file names.
        quality: Of JPEG and of the pictures in a PDF, 1-95; None for a usual one.
    """
    pictures = [_picture(image) for image in images]
    is_bilevel = all(picture.mode == "1" for picture in pictures)
    if not is_bilevel:  # fax codes are for files that hold nothing else
        pictures = [p.convert("L") if p.mode == "1" else p for p in pictures]
    buffer = io.BytesIO()
    first, rest = pictures[0], pictures[1:]
    if file_format == "png":
        first.save(buffer, "PNG", optimize=is_bilevel, dpi=(dpi, dpi))
    elif file_format == "jpg":
        grey = first.convert("L") if first.mode == "1" else first
        grey.save(buffer, "JPEG", quality=quality or 82, dpi=(dpi, dpi))
    elif file_format == "tiff":
        compression = "group4" if is_bilevel else "tiff_lzw"
        first.save(
            buffer,
            "TIFF",
            compression=compression,
            dpi=(dpi, dpi),
            save_all=True,
            append_images=rest,
        )
    else:
        epoch = time.gmtime(0)
        first.save(
            buffer,
            "PDF",
            resolution=dpi,
            save_all=True,
            append_images=rest,
            **({} if is_bilevel else {"quality": quality or 80}),  # refused for fax codes
            creationDate=epoch,
            modDate=epoch,
        )
    return buffer.getvalue()


def _picture(image: Image) -> PillowImage.Image:
    """The array for Pillow: RGB, grey, or one bit where there is only black and white."""
    if image.ndim == 3:
        return PillowImage.fromarray(np.ascontiguousarray(image[..., ::-1]))
    picture = PillowImage.fromarray(image)
    is_bilevel = bool(np.isin(np.unique(image), (0, 255)).all())
    return picture.convert("1", dither=PillowImage.Dither.NONE) if is_bilevel else picture


def main(arguments: Sequence[str] | None = None) -> int:
    """Make one sample from the command line."""
    parser = argparse.ArgumentParser(prog="python -m vnrepair.learn.documents")
    parser.add_argument("source", type=Path, help="markup file")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument("--name", help="first part of the file names; default: the source's")
    parser.add_argument(
        "--damage", default="clean", help=f"a .toml file, or one of {', '.join(TREATMENTS)}"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--format", default="png", choices=FORMATS)
    parser.add_argument("--ocr", metavar="LANGUAGE", help="also write what Tesseract reads")
    options = parser.parse_args(arguments)
    try:
        files = make_sample(
            options.source,
            options.out,
            name=options.name,
            how=find_treatment(options.damage),
            seed=options.seed,
            file_format=options.format,
            ocr_language=options.ocr,
        )
    except VnRepairError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    sys.stdout.writelines(f"{file}\n" for file in files)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
