"""What happens to a whole document between printer and file: marks, damage, scale, turn.

In: printed pages. Out: page images as a scanner delivers them. Samples name a `Treatment` from
`TREATMENTS`, or a TOML file that describes one.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from vnrepair.errors import ConfigError
from vnrepair.learn import marks
from vnrepair.learn.damage import NO_DAMAGE, Damage, Image, apply_damage
from vnrepair.learn.fonts import FontFamily
from vnrepair.learn.pages import GreyImage

__all__ = ["TREATMENTS", "PrintedPage", "Treatment", "find_treatment", "treat"]

_MARKS = ("seal", "stamp-blue", "stamp-black", "fold", "show-through")
_SHOW_THROUGH = 0.2


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """A page as the printer leaves it, and what a clerk needs to know to stamp it.

    Attributes:
        image: Grey page.
        dpi: Its resolution, pixels per inch.
        family: Fonts for the text of stamps.
        seal_px: Middle of the seal, (x, y); None for the usual place of a page without signature.
        seal_text: What stands round the seal.
    """

    image: GreyImage
    dpi: int
    family: FontFamily
    seal_px: tuple[float, float] | None = None
    seal_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """Everything that happens to a document between printer and file.

    Attributes:
        damage: What printer, copier and scanner do.
        marks: What is on the paper besides print, in order: seal, stamp-blue, stamp-black, fold,
            show-through.
        turn_deg: How the page lay on the scanner: turned clockwise by 0, 90, 180 or 270.
        scale: Resolution of the scan over the resolution of the print, 0.2-1.
    """

    damage: Damage = NO_DAMAGE
    marks: tuple[str, ...] = ()
    turn_deg: int = 0
    scale: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what cannot be done."""
        unknown = set(self.marks) - set(_MARKS)
        if unknown:
            raise ConfigError(f"unknown marks {sorted(unknown)}; known: {', '.join(_MARKS)}")
        if self.turn_deg not in (0, 90, 180, 270):
            raise ConfigError(f"turn_deg is {self.turn_deg}: choose 0, 90, 180 or 270")
        if not 0.2 <= self.scale <= 1:
            raise ConfigError(f"scale is {self.scale}: choose 0.2 to 1")


_MILD = Damage(ink=0.15, blur_px=0.6, noise=3.0, skew_deg=0.3, paper=0.98, jpeg_quality=88)
_OFFICE = Damage(
    ink=0.3, fade=0.12, blur_px=1.0, noise=8.0, skew_deg=-0.9, paper=0.94, jpeg_quality=60
)
_PHOTO = Damage(
    blur_px=1.1, noise=9.0, skew_deg=2.1, shadow=0.55, paper=0.86, jpeg_quality=45, fade=0.1
)

TREATMENTS: dict[str, Treatment] = {
    "clean": Treatment(),
    "mild": Treatment(damage=_MILD),
    "office": Treatment(damage=_OFFICE),
    "faint": Treatment(
        damage=Damage(ink=-0.55, fade=0.5, patchy=0.25, blur_px=0.8, noise=7.0, skew_deg=0.5)
    ),
    "bold-ink": Treatment(damage=Damage(ink=1.0, blur_px=1.5, noise=5.0, threshold=150)),
    "fax": Treatment(
        damage=Damage(
            blur_px=0.7, noise=22.0, skew_deg=0.8, speckle=2.5, patchy=0.15, threshold=135
        ),
        scale=0.5,
    ),
    "lowres": Treatment(damage=replace(_OFFICE, blur_px=1.2, ink=0.2), scale=0.36),
    "photo": Treatment(damage=_PHOTO),
    "shadow": Treatment(damage=replace(_MILD, shadow=0.7, paper=0.92, noise=6.0)),
    "bleed": Treatment(damage=_MILD, marks=("show-through",)),
    "stamp": Treatment(damage=_MILD, marks=("seal",)),
    "stamp-blue": Treatment(damage=_MILD, marks=("stamp-blue",)),
    "stamp-black": Treatment(damage=_OFFICE, marks=("stamp-black",)),
    "fold": Treatment(damage=_OFFICE, marks=("fold",)),
    "speckle": Treatment(damage=replace(_OFFICE, speckle=9.0, jpeg_quality=None)),
    "jpeg": Treatment(damage=replace(_MILD, jpeg_quality=12)),
    "rotated-90": Treatment(damage=_MILD, turn_deg=90),
    "rotated-180": Treatment(damage=_MILD, turn_deg=180),
    "rotated-270": Treatment(damage=_MILD, turn_deg=270),
}
"""Treatments by name, as the samples use them; pixel sizes are meant for 300 dpi."""


def find_treatment(name: str) -> Treatment:
    """A treatment by its name, or from a TOML file with fields of `Treatment`.

    Raises:
        ConfigError: Neither such a name nor such a file exists, or the file says what cannot be.
    """
    if name in TREATMENTS:
        return TREATMENTS[name]
    path = Path(name)
    if path.suffix != ".toml":
        raise ConfigError(
            f"unknown damage {name!r}: name a .toml file, or one of {', '.join(TREATMENTS)}"
        )
    try:
        options = tomllib.loads(path.read_text(encoding="utf-8"))
        damage = Damage(**options.pop("damage", {}))
        placed = tuple(options.pop("marks", ()))
        return Treatment(damage=damage, marks=placed, **options)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
        raise ConfigError(f"{path}: not a readable treatment ({error})") from error


def treat(pages: Sequence[PrintedPage], how: Treatment, seed: int) -> tuple[Image, ...]:
    """Let a treatment happen to the pages of a document.

    Args:
        pages: At least one page; the next one, or the first, is printed on the back of each.
        how: The treatment.
        seed: Decides everything that is random.

    Returns:
        One image per page: grey, or BGR where a coloured mark is on the paper.
    """
    images = []
    for number, page in enumerate(pages):
        rng = np.random.default_rng((seed, number))
        image = page.image
        if how.marks:
            image = _mark(page, how.marks, pages[(number + 1) % len(pages)].image, rng)
        if how.scale < 1:
            size = (round(image.shape[1] * how.scale), round(image.shape[0] * how.scale))
            image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        images.append(marks.turn(apply_damage(image, how.damage, rng), how.turn_deg))
    return tuple(images)


def _mark(
    page: PrintedPage, names: Sequence[str], back: GreyImage, rng: np.random.Generator
) -> Image:
    """Put marks on a page; it stays grey where none of them has a colour."""
    image = _as_bgr(page.image)
    height, width = page.image.shape
    for name in names:
        if name == "seal":
            middle = page.seal_px or (width * 0.62, height * 0.66)
            image = marks.press_seal(image, middle, page.seal_text, page.family, page.dpi, rng)
        elif name == "stamp-blue":
            lines, middle = ("ĐÃ NHẬN", "Ngày 03 tháng 6"), (width * 0.66, height * 0.36)
            image = marks.press_stamp(image, middle, lines, marks.BLUE, page.family, page.dpi, rng)
        elif name == "stamp-black":
            # An arrival stamp stands below the number of the document, on the left.
            lines, middle = ("CÔNG VĂN ĐẾN", "Số: 418"), (width * 0.26, height * 0.175)
            image = marks.press_stamp(image, middle, lines, marks.BLACK, page.family, page.dpi, rng)
        elif name == "fold":
            image = marks.fold(image, float(rng.uniform(0.42, 0.58)), rng)
        elif back.shape == page.image.shape:
            image = marks.show_through(image, _as_bgr(back), _SHOW_THROUGH)
    is_coloured = {"seal", "stamp-blue"} & set(names)
    return image if is_coloured else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def _as_bgr(image: GreyImage) -> Image:
    return np.repeat(image[..., None], 3, axis=2)
