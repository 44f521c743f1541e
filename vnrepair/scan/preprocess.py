"""Page images in, page images out that Tesseract reads better: a list of steps.

A step is a function of one signature. It looks at the page first and returns it as it came when it
has nothing to do: a clean page passes through all of them untouched and is then read as Tesseract
alone would read it. A step keeps book of how the new pixels lie on the source.
"""

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np

from vnrepair.config import ScanConfig
from vnrepair.errors import ConfigError
from vnrepair.scan.clean import (
    estimate_noise,
    even_light,
    has_light_print,
    light_ratio,
    remove_specks,
    smooth,
)
from vnrepair.scan.ink import find_ink
from vnrepair.scan.lean import letter_points, measure_lean
from vnrepair.scan.orientation import find_quarter_turns
from vnrepair.scan.page import PageImage, SourcePage, rotation, scaling, turn
from vnrepair.scan.stamps import lighten_red_ink

__all__ = ["STEPS", "Step", "Watch", "estimate_skew", "preprocess"]

Step = Callable[[PageImage, ScanConfig], PageImage]
Watch = Callable[[str, PageImage], None]
"""Is told the name of each step that ran and the page after it."""

_MIN_LETTERS = 20  # fewer tell neither the lean nor the size of the text
_MIN_SKEW_DEG = 0.5  # Tesseract reads smaller leans as well as none
_MAX_LIGHT_RATIO = 0.8  # below it, one threshold for the page loses text in the shadow
_MAX_NOISE = 12.0  # grey levels; up to there Tesseract reads as well as without noise
_SMALLEST_LETTER_PX = 11.0  # below it (120 dpi) marks have too few pixels for Tesseract
_LARGEST_LETTER_PX = 34.0  # above it (370 dpi) reading gets slower and no better
_BEST_LETTER_PX = 20.0  # letters of 13 points at 220 dpi


def preprocess(page: SourcePage, config: ScanConfig, watch: Watch | None = None) -> PageImage:
    """Run the steps of the configuration, in its order.

    Args:
        page: One page of a file.
        config: `steps` names the steps; the trial readings use `language` and `timeout_s`.
        watch: Is shown the page after each step, changed or not.

    Raises:
        ConfigError: A step is not known.
        EngineError: A trial reading of the orientation step failed.
    """
    unknown = [name for name in config.steps if name not in STEPS]
    if unknown:
        raise ConfigError(
            f"scan.steps names the unknown step {unknown[0]!r}: choose from {', '.join(STEPS)}"
        )
    result = PageImage(page.image, page.dpi, page.bilevel)
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
    ink = find_ink(grey)
    if ink.n_letters < _MIN_LETTERS:
        return 0.0
    return measure_lean(*letter_points(ink), limit_deg).degrees


def _grey(page: PageImage, config: ScanConfig) -> PageImage:  # noqa: ARG001
    """Take red stamps out by their colour; a page without them keeps its colours."""
    if page.image.ndim == 2:
        return page
    lightened = lighten_red_ink(page.image)
    return page if lightened is None else dataclasses.replace(page, image=lightened)


def _orientation(page: PageImage, config: ScanConfig) -> PageImage:
    """Turn the page upright."""
    turns = find_quarter_turns(_as_grey(page.image), config)
    if turns == 0:
        return page
    upright = np.ascontiguousarray(np.rot90(page.image, -turns))
    moved = page.moved(upright, turn(turns, page.width_px, page.height_px))
    return dataclasses.replace(moved, rotation_deg=(page.rotation_deg + 90 * turns) % 360)


def _shadow(page: PageImage, config: ScanConfig) -> PageImage:  # noqa: ARG001
    """Even out the light of a page that is darker in one place than in another.

    A page with light print on dark ground stays as it is: Tesseract reads such print by itself.
    """
    grey = _as_grey(page.image)
    if page.bilevel or light_ratio(grey) > _MAX_LIGHT_RATIO or has_light_print(grey):
        return page
    return dataclasses.replace(page, image=even_light(grey))


def _denoise(page: PageImage, config: ScanConfig) -> PageImage:  # noqa: ARG001
    """Take off dust, and the noise of the sensor where it is strong."""
    grey = _as_grey(page.image)
    cleaned = remove_specks(grey)
    if cleaned is None and estimate_noise(grey) <= _MAX_NOISE:
        return page
    cleaned = grey if cleaned is None else cleaned
    if estimate_noise(cleaned) > _MAX_NOISE:
        return dataclasses.replace(page, image=smooth(cleaned), bilevel=False)
    return dataclasses.replace(page, image=cleaned)


def _deskew(page: PageImage, config: ScanConfig) -> PageImage:  # noqa: ARG001
    """Turn the page so that its lines lie level."""
    skew_deg = estimate_skew(_as_grey(page.image))
    if abs(skew_deg) < _MIN_SKEW_DEG:
        return page
    # Lines that lean counter-clockwise come level by a clockwise turn.
    forward = rotation(skew_deg, page.width_px, page.height_px)
    forward, size = _fit(forward, page.width_px, page.height_px)
    level = cv2.warpAffine(
        page.image,
        forward[:2],
        size,
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=_paper_colour(page.image),
    )
    moved = page.moved(level.astype(np.uint8), forward)
    return dataclasses.replace(moved, skew_deg=page.skew_deg + skew_deg, bilevel=False)


def _scale(page: PageImage, config: ScanConfig) -> PageImage:  # noqa: ARG001
    """Bring very small and very large letters to the size that Tesseract reads best."""
    ink = find_ink(_as_grey(page.image))
    height = ink.letter_height_px
    if ink.n_letters < _MIN_LETTERS or _SMALLEST_LETTER_PX <= height <= _LARGEST_LETTER_PX:
        return page
    factor = _BEST_LETTER_PX / height
    size = (round(page.width_px * factor), round(page.height_px * factor))
    method = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    image = cv2.resize(page.image, size, interpolation=method).astype(np.uint8)
    dpi = None if page.dpi is None else page.dpi * factor
    return dataclasses.replace(page.moved(image, scaling(factor)), dpi=dpi, bilevel=False)


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "grey": _grey,
        "orientation": _orientation,
        "shadow": _shadow,
        "denoise": _denoise,
        "deskew": _deskew,
        "scale": _scale,
    }
)


def _as_grey(image: np.ndarray) -> np.ndarray:
    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.uint8)


def _paper_colour(image: np.ndarray) -> tuple[float, ...]:
    """The most usual bright value of each channel: what a turned page is framed with."""
    small = image[::8, ::8].reshape(-1, 1 if image.ndim == 2 else 3)
    return tuple(float(value) for value in np.percentile(small, 70, axis=0))


def _fit(forward: np.ndarray, width_px: int, height_px: int) -> tuple[np.ndarray, tuple[int, int]]:
    """The map moved, and the page grown, so that no corner is cut off."""
    corners = np.array([[0, width_px, 0, width_px], [0, 0, height_px, height_px], [1, 1, 1, 1]])
    x, y, _ = forward @ corners
    shift = np.eye(3)
    shift[:2, 2] = -x.min(), -y.min()
    return shift @ forward, (int(np.ceil(np.ptp(x))), int(np.ceil(np.ptp(y))))
