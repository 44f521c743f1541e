"""Damaged pages from recipes: a document, printed, and then what the recipe does to it.

In: document sources (markup of `vnrepair.learn.markup`), the kind of damage, a seed. Out: the bytes
of a page's file, and what the page says. Nothing of it is kept: the same kind, number and seed give
the same bytes with the same fonts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import numpy as np

from benchmarks.harness import ROOT, SAMPLES
from benchmarks.recipes import KINDS, Recipe
from vnrepair import InputError
from vnrepair.atomic import write_bytes_atomic
from vnrepair.learn.damage import Image
from vnrepair.learn.documents import encode_pages, print_page
from vnrepair.learn.markup import read_source
from vnrepair.learn.treatments import PrintedPage, treat_page
from vnrepair.learn.typeset import typeset

__all__ = [
    "HELD_OUT",
    "TUNING",
    "DamagedPage",
    "make_page",
    "write_page",
    "write_pages",
]

HELD_OUT = (ROOT / "benchmarks" / "damage" / "held-out",)
"""Documents that are measured on; whoever improves reading does not look at them."""
TUNING = (ROOT / "benchmarks" / "damage" / "tuning", SAMPLES / "source")
"""Documents to improve reading with."""

_ANY_SEAL = "ỦY BAN NHÂN DÂN XÃ * TỈNH QUẢNG LỘC * "
_SHORTEST = 560  # characters: a signature on a page of its own measures little
_RULES_WITHOUT_TABLE = 12
_PRINT_DPI = 300  # whatever the scan has: lines break in the same places


@dataclass(frozen=True, slots=True)
class DamagedPage:
    """A page that was made.

    Attributes:
        name: Kind and number, such as "fax-2".
        image: Its pixels, grey or BGR.
        recipe: How it was made.
        truth: What it says, in reading order.
    """

    name: str
    image: Image
    recipe: Recipe
    truth: str

    @property
    def suffix(self) -> str:
        """Of its file."""
        return self.recipe.suffix

    def encode(self) -> bytes:
        """The bytes of its file."""
        return encode_pages([self.image], self.suffix, self.recipe.dpi, self.recipe.quality)


@dataclass(frozen=True, slots=True)
class _Print:
    """A printed page, what it says, and what it is (`Recipe.of`)."""

    page: PrintedPage
    text: str
    is_a: frozenset[str]


def make_page(
    kind: str, number: int, *, seed: int, sources: tuple[Path, ...] = HELD_OUT
) -> DamagedPage:
    """Make a page.

    Args:
        kind: A key of `KINDS`.
        number: Which page of its kind, from 1.
        seed: Decides the document and everything that is random.
        sources: Folders of document sources.

    Raises:
        InputError: The folders hold no source that the recipe can use.
        TextError: A source breaks the markup.
        ResourceError: No font that holds Vietnamese is installed.
    """
    recipe = KINDS[kind][(number - 1) % len(KINDS[kind])]
    prints = _prints(sources)
    fitting = [place for place, item in enumerate(prints) if recipe.of in item.is_a]
    if not fitting:
        folders = ", ".join(map(str, sources))
        raise InputError(f"{folders}: no source of a {recipe.of}")
    # The kind turns the order of the documents, so that each kind begins with another one.
    place = fitting[(crc32(kind.encode()) + seed + number) % len(fitting)]
    chosen, back = prints[place], prints[(place + 1) % len(prints)]
    how = replace(recipe.how, scale=recipe.dpi / _PRINT_DPI)
    rng = np.random.default_rng((seed, crc32(kind.encode()), number))
    image = treat_page(chosen.page, back.page, how, rng)
    return DamagedPage(f"{kind}-{number}", image, recipe, chosen.text)


@lru_cache(maxsize=4)
def _prints(sources: tuple[Path, ...]) -> tuple[_Print, ...]:
    """All pages of all documents of some folders, printed."""
    files = [file for folder in sources for file in sorted(folder.glob("*.txt"))]
    found: list[_Print] = []
    for file in files:
        source = replace(read_source(file), dpi=_PRINT_DPI)
        names = {block.name for block in source.blocks}
        seal = source.seal or _ANY_SEAL
        for number, page in enumerate(typeset(source)):
            if len(page.text) < _SHORTEST:
                continue
            kinds = {
                "form": bool(page.blanks),
                "letter": page.seal_mm is not None and not page.blanks,
                "letterhead": number == 0 and "letterhead-left" in names and not page.blanks,
                "table": len(page.rules) > _RULES_WITHOUT_TABLE,
            }
            is_a = frozenset(kind for kind, holds in kinds.items() if holds)
            found.append(_Print(print_page(page, seal, source.seal_lines), page.text, is_a))
    return tuple(found)


def write_pages(
    folder: Path,
    *,
    kinds: Sequence[str],
    pages: int,
    seed: int,
    sources: tuple[Path, ...] = HELD_OUT,
) -> tuple[Path, ...]:
    """Write pages and their truths, in the form of samples: `KIND-N.jpg`, `KIND-N.truth.txt`.

    Args:
        folder: Where they go; it is made if need be.
        kinds: Keys of `KINDS`.
        pages: How many of each kind.
        seed: As for `make_page`.
        sources: As for `make_page`.

    Returns:
        The page files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for kind in kinds:
        for number in range(1, pages + 1):
            page = make_page(kind, number, seed=seed, sources=sources)
            written.append(write_page(page, folder)[0])
    return tuple(written)


def write_page(page: DamagedPage, folder: Path) -> tuple[Path, Path]:
    """Write a page and its truth; returns both paths."""
    path, truth = folder / f"{page.name}.{page.suffix}", folder / f"{page.name}.truth.txt"
    write_bytes_atomic(path, page.encode())
    write_bytes_atomic(truth, f"{page.truth}\n".encode())
    return path, truth
