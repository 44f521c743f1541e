"""Page images in, page images out that Tesseract reads better: a list of steps.

A step is a function of one signature. It looks at the page first and returns it as it came when it
has nothing to do: a clean page passes through all of them untouched and is then read as Tesseract
alone would read it. A step keeps book of how the new pixels lie on the source.

The order matters. The sheet of a photograph comes first: its sides show best against the desk, in
colour, and all that follows takes the page for flat. Coloured marks go while there is colour. What
is around the sheet goes before light and letters are measured, of which it is neither. Then the
page is brought upright, since all steps below look for level lines; light, bleed-through and dust
come before the lean, which is measured on clean letters. Rules and scribbles are told by lines that
lie level, and the scale comes last, so that every step before it has the pixels that were scanned.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np

from vnrepair.config import ScanConfig
from vnrepair.errors import ConfigError
from vnrepair.scan.bleed import remove_bleed
from vnrepair.scan.border import find_border, find_holes, paint
from vnrepair.scan.clean import (
    estimate_noise,
    even_light,
    has_light_print,
    light_ratio,
    smooth,
)
from vnrepair.scan.crossings import remove_crossing_lines
from vnrepair.scan.grids import remove_grids
from vnrepair.scan.ink import find_ink
from vnrepair.scan.leaders import remove_leaders
from vnrepair.scan.lean import lean_of
from vnrepair.scan.negative import is_negative
from vnrepair.scan.orientation import find_quarter_turns
from vnrepair.scan.page import PageImage, SourcePage, rotation, scaling, turn
from vnrepair.scan.perspective import find_sheet
from vnrepair.scan.resolution import to_page_image
from vnrepair.scan.scribbles import erase_scribbles
from vnrepair.scan.specks import remove_specks
from vnrepair.scan.stamps import lift_coloured_marks
from vnrepair.scan.warp import fitted, warp

__all__ = [
    "STEPS",
    "Step",
    "Watch",
    "estimate_skew",
    "preprocess",
    "run_steps",
]

Step = Callable[[PageImage, ScanConfig], PageImage]
Watch = Callable[[str, PageImage], None]
"""Is told the name of each step that ran and the page after it."""

_MIN_LETTERS = 20  # fewer tell neither the lean nor the size of the text
_MIN_SKEW_DEG = 0.5  # Tesseract reads smaller leans as well as none
_MAX_LIGHT_RATIO = 0.8  # below it, one threshold for the page loses text in the shadow
_MAX_NOISE = 18.0  # grey levels; up to there Tesseract reads grain as well as smoothed letters
_SMALLEST_LETTER_PX = 11.0  # below it (120 dpi) marks have too few pixels for Tesseract
_LARGEST_LETTER_PX = 48.0  # above it (500 dpi) reading gets slower and no better
_BEST_LETTER_PX = 20.0  # letters of 13 points at 220 dpi
_MAX_SCALED_PX = 32_000_000  # A3 at 400 dpi; beyond, small letters are specks, and cost minutes
_MAX_SCALED_SIDE_PX = 30_000  # Tesseract refuses images beyond 32,767


def preprocess(page: SourcePage, config: ScanConfig, watch: Watch | None = None) -> PageImage:
    """Prepare a page as a file gives it; see `run_steps`."""
    return run_steps(to_page_image(page), config, watch)


def run_steps(page: PageImage, config: ScanConfig, watch: Watch | None = None) -> PageImage:
    """Run the steps of the configuration, in its order.

    Args:
        page: The page.
        config: `steps` names the steps; the trial readings use `language` and `timeout_s`.
        watch: Is shown the page after each step, changed or not.

    Returns:
        The page after the last step; the very same object where no step had anything to do.

    Raises:
        ConfigError: A step is not known.
        EngineError: Tesseract is missing, or lacks the language, for a trial reading.
    """
    unknown = [name for name in config.steps if name not in STEPS]
    if unknown:
        raise ConfigError(
            f"scan.steps names the unknown step {unknown[0]!r}: choose from {', '.join(STEPS)}"
        )
    result = page
    for name in config.steps:
        before = result
        result = STEPS[name](before, config)
        if result is not before:
            result = dataclasses.replace(result, steps=(*before.steps, name))
        if watch is not None:
            watch(name, result)
    return result


def estimate_skew(grey: np.ndarray, limit_deg: float = 15.0) -> float:
    """Angle by which the text lines lean.

    Args:
        grey: Page, uint8, shape (height, width), 0 black to 255 white.
        limit_deg: Largest angle looked for, degrees, 0 < limit_deg <= 45.

    Returns:
        Degrees, counter-clockwise positive, in [-limit_deg, limit_deg]; 0.0 for a page with hardly
        any letters.
    """
    return lean_of(find_ink(grey), limit_deg)


def _negative(page: PageImage, config: ScanConfig) -> PageImage:  # noqa: ARG001
    """Turn white print on black into black on white."""
    if not is_negative(page.grey):
        return page
    return dataclasses.replace(page, image=255 - page.image)


def _grey(page: PageImage, config: ScanConfig) -> PageImage:  # noqa: ARG001
    """Take coloured stamps and signatures out; a page without them keeps its colours."""
    if page.image.ndim == 2:
        return page
    lifted = lift_coloured_marks(page.image)
    return page if lifted is None else dataclasses.replace(page, image=lifted)


def _orientation(page: PageImage, config: ScanConfig) -> PageImage:
    """Turn the page upright."""
    turns = find_quarter_turns(page.grey, config, page.ink)
    if turns == 0:
        return page
    upright = np.ascontiguousarray(np.rot90(page.image, -turns))
    moved = page.moved(upright, turn(turns, page.width_px, page.height_px))
    return dataclasses.replace(moved, rotation_deg=(page.rotation_deg + 90 * turns) % 360)


def _shadow(page: PageImage, config: ScanConfig) -> PageImage:  # noqa: ARG001
    """Even out the light of a page that is darker in one place than in another.

    A page with light print on dark ground stays as it is: Tesseract reads such print by itself.
    """
    grey = page.grey
    if page.bilevel or light_ratio(grey) > _MAX_LIGHT_RATIO or has_light_print(grey):
        return page
    return dataclasses.replace(page, image=even_light(grey))


def _bleed(page: PageImage, config: ScanConfig) -> PageImage:  # noqa: ARG001
    """Take off what shows through from the back of the paper."""
    if page.bilevel:
        return page
    cleaned = remove_bleed(page.grey)
    return page if cleaned is None else dataclasses.replace(page, image=cleaned)


def _denoise(page: PageImage, config: ScanConfig) -> PageImage:  # noqa: ARG001
    """Take off dust, and the noise of the sensor where it is strong."""
    grey = page.grey
    cleaned = remove_specks(grey, bilevel=page.bilevel)
    if cleaned is None and estimate_noise(grey) <= _MAX_NOISE:
        return page
    cleaned = grey if cleaned is None else cleaned
    if estimate_noise(cleaned) > _MAX_NOISE:
        return dataclasses.replace(page, image=smooth(cleaned), bilevel=False)
    return dataclasses.replace(page, image=cleaned)


def _perspective(page: PageImage, config: ScanConfig) -> PageImage:  # noqa: ARG001
    """Lay the sheet of a photograph flat; black and white comes from no camera."""
    sheet = None if page.bilevel else find_sheet(page.image)
    return page if sheet is None else warp(page, sheet.forward, (sheet.width_px, sheet.height_px))


def _border(page: PageImage, config: ScanConfig) -> PageImage:  # noqa: ARG001
    """Paint over what surrounds the sheet, and the holes in it."""
    parts = (find_border(page.grey), find_holes(page.grey))
    found = [where for where in parts if where is not None]
    if not found:
        return page
    return dataclasses.replace(page, image=paint(page.image, np.logical_or.reduce(found)))


def _deskew(page: PageImage, config: ScanConfig) -> PageImage:  # noqa: ARG001
    """Turn the page so that its lines lie level."""
    skew_deg = lean_of(page.ink)
    if abs(skew_deg) < _MIN_SKEW_DEG:
        return page
    # Lines that lean counter-clockwise come level by a clockwise turn.
    forward = rotation(skew_deg, page.width_px, page.height_px)
    level = warp(page, *fitted(forward, page.width_px, page.height_px))
    return dataclasses.replace(level, skew_deg=page.skew_deg + skew_deg)


def _scribbles(page: PageImage, config: ScanConfig) -> PageImage:  # noqa: ARG001
    """Erase what signatures and black seals leave between the lines of a level page."""
    erased = erase_scribbles(page.grey)
    return page if erased is None else dataclasses.replace(page, image=erased)


def _rules(page: PageImage, config: ScanConfig) -> PageImage:  # noqa: ARG001
    """Take out borders of columns, lines that run through the text, and dotted lines."""
    cleaned = grey = page.grey
    # Tables first: one rule of a table may stand in line with the text above it.
    for remove in (remove_grids, remove_crossing_lines, remove_leaders):
        without = remove(cleaned)
        cleaned = cleaned if without is None else without
    return page if cleaned is grey else dataclasses.replace(page, image=cleaned)


def _scale(page: PageImage, config: ScanConfig) -> PageImage:  # noqa: ARG001
    """Bring very small and very large letters to the size that Tesseract reads best."""
    ink = page.ink
    height = ink.letter_height_px
    if ink.n_letters < _MIN_LETTERS or _SMALLEST_LETTER_PX <= height <= _LARGEST_LETTER_PX:
        return page
    factor = min(_BEST_LETTER_PX / height, _largest_factor(page))
    if height < _SMALLEST_LETTER_PX and factor <= 1:
        return page
    size = (round(page.width_px * factor), round(page.height_px * factor))
    method = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    image = cv2.resize(page.image, size, interpolation=method).astype(np.uint8)
    dpi = None if page.dpi is None else page.dpi * factor
    return dataclasses.replace(page.moved(image, scaling(factor)), dpi=dpi, bilevel=False)


def _largest_factor(page: PageImage) -> float:
    """By how much a page can be enlarged at most; 1 or less for one that is large enough."""
    by_area = math.sqrt(_MAX_SCALED_PX / (page.width_px * page.height_px))
    return min(by_area, _MAX_SCALED_SIDE_PX / max(page.width_px, page.height_px))


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "negative": _negative,
        "perspective": _perspective,
        "grey": _grey,
        "border": _border,
        "orientation": _orientation,
        "shadow": _shadow,
        "bleed": _bleed,
        "denoise": _denoise,
        "deskew": _deskew,
        "rules": _rules,
        "scribbles": _scribbles,
        "scale": _scale,
    }
)
