"""What happens to a whole document between printer and file: marks, damage, scale, turn.

In: printed pages. Out: page images as a scanner delivers them. Samples name a `Treatment` from
`TREATMENTS`, or a TOML file that describes one.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from vnrepair.errors import ConfigError
from vnrepair.learn import lamp, wear
from vnrepair.learn.damage import NO_DAMAGE, Damage, Image, apply_damage
from vnrepair.learn.marking import MARKS, PrintedPage, put_marks
from vnrepair.learn.marks import turn
from vnrepair.learn.photograph import photograph

__all__ = [
    "SCENES",
    "TREATMENTS",
    "PrintedPage",
    "Treatment",
    "find_treatment",
    "treat",
    "treat_page",
]

SCENES: Mapping[str, Callable[[Image, np.random.Generator], Image]] = {
    "side-light": lamp.shade_side,
    "gutter": lamp.shade_gutter,
    "hand": lamp.shade_hand,
    "desk": photograph,
    "copier": wear.copy_askew,
    "glass": wear.lay_on_glass,
    "fax-rows": wear.halve_rows,
}
"""Where a page lies when its picture is taken, and in which light."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """Everything that happens to a document between printer and file.

    Attributes:
        damage: What printer, copier and scanner do.
        marks: What is on the paper besides print, in order: names of `MARKS`.
        scene: Where it lies and what light falls on it, in order: names of `SCENES`.
        turn_deg: How the page lay on the scanner: turned clockwise by 0, 90, 180 or 270.
        scale: Resolution of the scan over the resolution of the print, 0.2-1.
    """

    damage: Damage = NO_DAMAGE
    marks: tuple[str, ...] = ()
    scene: tuple[str, ...] = ()
    turn_deg: int = 0
    scale: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what cannot be done."""
        for what, names, known in (("marks", self.marks, MARKS), ("scene", self.scene, SCENES)):
            unknown = set(names) - set(known)
            if unknown:
                raise ConfigError(f"unknown {what} {sorted(unknown)}; known: {', '.join(known)}")
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
        placed, scene = (tuple(options.pop(key, ())) for key in ("marks", "scene"))
        return Treatment(damage=damage, marks=placed, scene=scene, **options)
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
    return tuple(
        treat_page(
            page, pages[(number + 1) % len(pages)], how, np.random.default_rng((seed, number))
        )
        for number, page in enumerate(pages)
    )


def treat_page(
    page: PrintedPage, back: PrintedPage, how: Treatment, rng: np.random.Generator
) -> Image:
    """Let a treatment happen to one page.

    Args:
        page: The page.
        back: What is printed on its back.
        how: The treatment.
        rng: Decides everything that is random.

    Returns:
        The page image: grey, or BGR where a coloured mark is on the paper or the scene has colours.
    """
    image = put_marks(page, how.marks, back.image, rng) if how.marks else page.image
    if how.scale < 1:
        size = (round(image.shape[1] * how.scale), round(image.shape[0] * how.scale))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    for name in how.scene:
        image = SCENES[name](image, rng)
    return turn(apply_damage(image, how.damage, rng), how.turn_deg)
