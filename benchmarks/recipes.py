"""Recipes of damage by kind: what happens to a page, at which resolution, in which kind of file."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vnrepair.learn.damage import NO_DAMAGE, Damage
from vnrepair.learn.treatments import Treatment

__all__ = ["KINDS", "Recipe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one page is made.

    Attributes:
        how: What happens to it, but for the resolution.
        dpi: Resolution of the scan, 50-300.
        suffix: Of the file: png, jpg, tiff or pdf.
        quality: Of JPEG, 1-95.
        of: What the page must be: "letter" (a signed page with no blanks), "letterhead", "table" or
            "form" (with blanks to fill in).
    """

    how: Treatment
    dpi: int = 200
    suffix: str = "jpg"
    quality: int = 75
    of: str = "letter"


_OFFICE = Damage(ink=0.15, blur_px=0.55, noise=3.0, skew_deg=0.2, paper=0.97)
_WORN = Damage(ink=0.2, fade=0.1, blur_px=0.7, noise=6.0, skew_deg=-0.4, paper=0.94)
_CAMERA = Damage(blur_px=0.9, noise=6.0)
_FAX = Damage(ink=0.25, blur_px=0.6, noise=11.0, speckle=1.6, patchy=0.02, threshold=142)


def _recipe(
    damage: Damage = _OFFICE,
    *,
    marks: tuple[str, ...] = (),
    scene: tuple[str, ...] = (),
    turn_deg: int = 0,
    dpi: int = 200,
    suffix: str = "jpg",
    quality: int = 75,
    of: str = "letter",
    **changes: float | int,
) -> Recipe:
    """A recipe whose damage is a usual one with some changes."""
    changed = replace(damage, **changes)  # type: ignore[arg-type]  # Damage checks them
    how = Treatment(damage=changed, marks=marks, scene=scene, turn_deg=turn_deg)
    return Recipe(how=how, dpi=dpi, suffix=suffix, quality=quality, of=of)


KINDS: Mapping[str, tuple[Recipe, ...]] = {
    "clean-300": (
        _recipe(NO_DAMAGE, dpi=300, suffix="png"),
        _recipe(dpi=300, quality=85),
        _recipe(dpi=300, suffix="pdf", quality=80),
    ),
    "clean-200": (
        _recipe(quality=85),
        _recipe(NO_DAMAGE, suffix="png"),
        _recipe(suffix="pdf", quality=80),
    ),
    "clean-bilevel": (
        _recipe(dpi=300, suffix="tiff", threshold=150),
        _recipe(dpi=300, suffix="png", threshold=135),
        _recipe(dpi=300, suffix="pdf", threshold=165),
    ),
    "red-stamp": (
        _recipe(marks=("seal", "signature")),
        _recipe(marks=("seal-on-text", "stamp-red", "seal")),
        _recipe(marks=("seal-at-edge", "stamp-urgent", "seal", "signature-black"), dpi=150),
    ),
    "blue-stamp": (
        _recipe(marks=("stamp-blue", "stamp-copied")),
        _recipe(marks=("stamp-copied", "stamp-blue", "seal")),
        _recipe(marks=("stamp-blue",), dpi=150),
    ),
    "black-stamp": (
        _recipe(marks=("stamp-black", "stamp-black-on-text")),
        _recipe(marks=("stamp-black-on-text",), suffix="tiff", threshold=140, dpi=300),
        _recipe(marks=("stamp-black",), dpi=150),
    ),
    "signature": (
        _recipe(marks=("signature",)),
        _recipe(marks=("signature-black",)),
        _recipe(marks=("seal", "signature-black")),
    ),
    "handwriting": (
        _recipe(marks=("handwriting", "signature"), of="form"),
        _recipe(marks=("handwriting",), of="form"),
        _recipe(marks=("handwriting", "signature-black"), of="form", dpi=300, quality=60),
    ),
    "skew-small": (
        _recipe(skew_deg=1.0),
        _recipe(skew_deg=-1.4),
        _recipe(skew_deg=0.7, suffix="tiff", threshold=150),
    ),
    "skew-3": (
        _recipe(scene=("glass",), skew_deg=3.0),
        _recipe(scene=("glass",), skew_deg=-2.6),
        _recipe(scene=("glass",), skew_deg=3.6, suffix="tiff", threshold=150),
    ),
    "skew-8": (
        _recipe(scene=("glass",), skew_deg=8.0),
        _recipe(scene=("glass",), skew_deg=-5.0),
        _recipe(scene=("glass",), skew_deg=-7.4),
    ),
    "shadow": (
        _recipe(scene=("side-light",), noise=5.0),
        _recipe(scene=("gutter",), noise=5.0),
        _recipe(scene=("side-light", "hand"), noise=5.0, quality=50),
    ),
    "fax": (
        _recipe(_FAX, suffix="tiff", skew_deg=0.6),
        _recipe(_FAX, suffix="tiff", scene=("fax-rows",), noise=8.0, speckle=1.0),
        _recipe(_FAX, suffix="tiff", threshold=115, skew_deg=-0.8),
    ),
    "low-dpi": (
        _recipe(dpi=120),
        _recipe(dpi=100, quality=85, blur_px=0.4),
        _recipe(_WORN, dpi=110, blur_px=0.5),
    ),
    "jpeg-15": (
        _recipe(quality=15),
        _recipe(_WORN, dpi=150, quality=15, blur_px=0.4),
        _recipe(dpi=250, quality=12),
    ),
    "bleed-through": (
        _recipe(marks=("show-through-strong",)),
        _recipe(_WORN, marks=("yellow", "show-through-strong")),
        _recipe(_WORN, marks=("show-through-strong",), dpi=150),
    ),
    "photograph": (
        _recipe(_CAMERA, scene=("desk",)),
        _recipe(_CAMERA, scene=("desk",), quality=60, noise=8.0),
        _recipe(_CAMERA, scene=("hand", "desk"), marks=("seal", "signature")),
    ),
    "fold": (
        _recipe(_WORN, marks=("crease",)),
        _recipe(_WORN, marks=("fold",)),
        _recipe(_WORN, marks=("crease", "signature"), dpi=150),
    ),
    "rotated-90": (
        _recipe(turn_deg=90),
        _recipe(_WORN, turn_deg=90, skew_deg=1.5),
        _recipe(turn_deg=90, suffix="tiff", threshold=150),
    ),
    "upside-down": (
        _recipe(turn_deg=180),
        _recipe(_WORN, turn_deg=180, skew_deg=-1.2),
        _recipe(turn_deg=180, suffix="pdf", marks=("seal", "signature")),
    ),
    "rotated-270": (
        _recipe(turn_deg=270),
        _recipe(_WORN, turn_deg=270, marks=("seal",)),
        _recipe(turn_deg=270, suffix="tiff", threshold=150, dpi=300),
    ),
    "letterhead": (
        _recipe(_WORN, of="letterhead"),
        _recipe(_WORN, of="letterhead", dpi=150),
        _recipe(_WORN, of="letterhead", marks=("stamp-red",)),
    ),
    "table": (
        _recipe(_WORN, of="table"),
        _recipe(of="table", suffix="tiff", threshold=150),
        _recipe(_WORN, of="table", skew_deg=1.2),
    ),
    "form": (
        _recipe(_WORN, of="form"),
        _recipe(of="form", suffix="tiff", threshold=150, dpi=300),
        _recipe(of="form", marks=("signature",)),
    ),
    "border-holes": (
        _recipe(_WORN, scene=("copier",), marks=("holes",)),
        _recipe(_WORN, scene=("copier",), marks=("holes",), suffix="tiff", threshold=140),
        _recipe(_WORN, marks=("holes",), skew_deg=0.8),
    ),
    "faint": (
        _recipe(ink=-0.4, fade=0.55, patchy=0.2, noise=5.0),
        _recipe(ink=-0.5, fade=0.65, noise=4.0),
        _recipe(ink=-0.2, fade=0.5, patchy=0.3, dpi=250, suffix="tiff", threshold=200),
    ),
    "bold-ink": (
        _recipe(ink=1.0, blur_px=1.0, suffix="tiff", threshold=150, dpi=250),
        _recipe(ink=0.9, blur_px=0.9),
        _recipe(ink=0.7, blur_px=0.8, suffix="tiff", threshold=170),
    ),
    "yellowed": (
        _recipe(_WORN, marks=("yellow",)),
        _recipe(_WORN, marks=("yellow", "crease"), fade=0.25),
        _recipe(_WORN, marks=("yellow", "holes", "seal")),
    ),
    "speckle": (
        _recipe(_WORN, speckle=9.0, suffix="png"),
        _recipe(_WORN, speckle=7.0, suffix="tiff", threshold=140, dpi=250),
        _recipe(_WORN, speckle=14.0),
    ),
    "mixed": (
        _recipe(_WORN, marks=("seal", "signature"), scene=("side-light",), skew_deg=1.1),
        _recipe(_WORN, marks=("holes", "stamp-red"), turn_deg=180, skew_deg=-1.6),
        _recipe(_WORN, marks=("show-through", "seal", "signature"), dpi=150, quality=50),
    ),
}
"""Kinds of damage by name; pages of a kind take its recipes in turn. Pixel sizes are meant for the
resolution of the scan."""
