"""What stands beside vnrepair in the tables: pyvi on bare text, plain Tesseract on pages."""

from pathlib import Path
from typing import Protocol

from vnrepair import ConfigError, Page, ScanConfig
from vnrepair.scan.ocr import recognise
from vnrepair.scan.page import SourcePage
from vnrepair.scan.source import open_source

__all__ = ["AddAccents", "load_pyvi", "read_plainly"]


class AddAccents(Protocol):
    """A restorer of bare text: text in, text with marks out."""

    def __call__(self, text: str, /) -> str:
        """Put the marks in."""


def load_pyvi() -> AddAccents | None:
    """`pyvi.ViUtils.add_accents`, line by line, or None where pyvi is not installed.

    It predicts a mark for each character from its neighbours, so tokens stay where they are. Where
    it fails on a line (some predictions fit no letter), the line stays bare: its words count as
    wrong, not as missing.
    """
    try:
        from pyvi import ViUtils
    except ImportError:
        return None

    def add_accents(text: str) -> str:
        lines: list[str] = []
        for line in text.split("\n"):
            try:
                lines.append(str(ViUtils.add_accents(line)) if line.strip() else line)
            except KeyError:
                lines.append(line)
        return "\n".join(lines)

    return add_accents


def read_plainly(path: Path, language: str = "vie") -> str:
    """What Tesseract alone makes of the untouched pages of a file.

    No preprocessing and no reading order of ours: `tesseract -l vie --psm 3`, at the resolution
    that the file gives.

    Raises:
        ImageError: The file cannot be read.
        EngineError: Tesseract is missing or failed.
        ConfigError: No language is named.
    """
    if not language:
        raise ConfigError("name the language data to read with, such as vie")
    # Text layers are ignored, so every page comes as an image.
    source = open_source(path, ScanConfig(language=language, text_layer="ignore"))
    texts: list[str] = []
    for page in source:
        if isinstance(page, SourcePage):
            height, width = page.image.shape[:2]
            words = recognise(page.image, language, page_segmentation=3, dpi=page.dpi)
            texts.append(Page(page.number, width, height, page.dpi, words).text)
    return "\n\f".join(texts)
