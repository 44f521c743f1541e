"""What printing, copying and scanning do to a clean page, as numbers that can be repeated.

In: a clean page, grey or BGR. Out: a page of the same shape after `Damage`, step by step in the
order in which paper meets them: ink, optics, feed, lamp, sensor, threshold, compression.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vnrepair.errors import ConfigError, ImageError

__all__ = ["NO_DAMAGE", "Damage", "Image", "apply_damage", "random_damage"]

Image = NDArray[np.uint8]
"""A page: uint8, 0 black to 255 white, grey (height, width) or BGR (height, width, 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """How a page suffers; the defaults leave it as it is.

    Attributes:
        ink: Strokes grown (up to 1.0: a whole pixel all round) or thinned (down to -1.0).
        fade: Share of the ink's blackness that is lost, 0-0.9.
        patchy: Share of the ink that is lost in spots, as an old printer does, 0-1.
        blur_px: Standard deviation of the blur, pixels, 0-10.
        scale: Resolution that the copy keeps, 0.2-1; the page is brought back to its size.
        skew_deg: Lean of the lines, degrees, counter-clockwise positive, -15 to 15.
        shadow: Darkness of the deepest shadow, 0-0.9.
        paper: Brightness of the paper, 0.5-1.
        noise: Standard deviation of the sensor's noise, grey levels, 0-80.
        speckle: Dust specks per square centimetre of a 200-dpi page, 0-50.
        threshold: Grey level below which a bilevel scanner sees black, 1-254; None for grey.
        jpeg_quality: 5-95; None for no compression.
    """

    ink: float = 0.0
    fade: float = 0.0
    patchy: float = 0.0
    blur_px: float = 0.0
    scale: float = 1.0
    skew_deg: float = 0.0
    shadow: float = 0.0
    paper: float = 1.0
    noise: float = 0.0
    speckle: float = 0.0
    threshold: int | None = None
    jpeg_quality: int | None = None

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        ranges = {
            "ink": (-1, 1),
            "fade": (0, 0.9),
            "patchy": (0, 1),
            "blur_px": (0, 10),
            "scale": (0.2, 1),
            "skew_deg": (-15, 15),
            "shadow": (0, 0.9),
            "paper": (0.5, 1),
            "noise": (0, 80),
            "speckle": (0, 50),
            "threshold": (1, 254),
            "jpeg_quality": (5, 95),
        }
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise ConfigError(f"damage {name} is {value}: choose {low} to {high}")


NO_DAMAGE = Damage()


def apply_damage(image: Image, damage: Damage, rng: np.random.Generator) -> Image:
    """A page after printing, copying and scanning.

    Args:
        image: Clean page, uint8, 0 black to 255 white, grey (height, width) or BGR
            (height, width, 3).
        damage: What happens to it.
        rng: Where noise, specks and shadows fall.

    Returns:
        A new image of the same shape and type.

    Raises:
        ImageError: `image` is no such array, or is empty.
    """
    is_page = image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)
    if not is_page or image.dtype != np.uint8 or image.size == 0:
        raise ImageError(
            f"cannot damage an array of {image.dtype} with shape {image.shape}: "
            "pass uint8, (height, width) or (height, width, 3), not empty"
        )
    page = _spread_ink(image.copy(), damage.ink)
    page = _lose_ink(page, damage, rng)
    page = _soften(page, damage)
    page = _turn(page, damage.skew_deg)
    page = _light_and_noise(page, damage, rng)
    if damage.speckle:
        _add_specks(page, damage.speckle, rng)
    if damage.threshold is not None:
        page = _binarise(page, damage.threshold)
    if damage.jpeg_quality is not None:
        page = _compress(page, damage.jpeg_quality)
    return page


def _spread_ink(page: Image, ink: float) -> Image:
    """Grow or thin the strokes by part of a pixel, as a blend of the page and its eroded self."""
    if not ink:
        return page
    # Erosion takes the darkest neighbour, so on dark print it grows the strokes.
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    changed = cv2.erode(page, cross) if ink > 0 else cv2.dilate(page, cross)
    return cv2.addWeighted(changed, abs(ink), page, 1 - abs(ink), 0).astype(np.uint8)


def _lose_ink(page: Image, damage: Damage, rng: np.random.Generator) -> Image:
    """Pale print everywhere, and spots where the ink is missing."""
    if damage.fade:
        page = (255 - (255 - page.astype(np.float32)) * (1 - damage.fade)).astype(np.uint8)
    if damage.patchy:
        height, width = page.shape[:2]
        grain = rng.random((height // 3 + 1, width // 3 + 1), dtype=np.float32)
        spots = np.asarray(cv2.resize(cv2.GaussianBlur(grain, (0, 0), 1.0), (width, height)))
        lost = spots > np.quantile(spots[::8, ::8], 1 - 0.4 * damage.patchy)
        page[lost] = np.maximum(page[lost], 190)
    return page


def _soften(page: Image, damage: Damage) -> Image:
    """Blur, then the loss of a coarse copy."""
    if damage.blur_px:
        page = cv2.GaussianBlur(page, (0, 0), damage.blur_px).astype(np.uint8)
    if damage.scale < 1:
        height, width = page.shape[:2]
        small_size = (max(1, round(width * damage.scale)), max(1, round(height * damage.scale)))
        small = cv2.resize(page, small_size, interpolation=cv2.INTER_AREA)
        page = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    return page


def _turn(page: Image, skew_deg: float) -> Image:
    """Turn the page about its middle; what comes into view is white."""
    if not skew_deg:
        return page
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), skew_deg, 1.0)
    turned = cv2.warpAffine(
        page, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255, 255, 255)
    )
    return np.asarray(turned, dtype=np.uint8)


def _light_and_noise(page: Image, damage: Damage, rng: np.random.Generator) -> Image:
    """Grey paper, a shadow that deepens to one side, and the noise of the sensor."""
    if damage.paper == 1 and not damage.shadow and not damage.noise:
        return page
    light = page.astype(np.float32) * damage.paper
    height, width = page.shape[:2]
    if damage.shadow:
        angle = rng.uniform(0, 2 * np.pi)
        across = np.linspace(-1, 1, width, dtype=np.float32) * np.float32(np.cos(angle))
        down = np.linspace(-1, 1, height, dtype=np.float32) * np.float32(np.sin(angle))
        depth = np.clip((across[None, :] + down[:, None]) / 1.4, 0, 1) ** 1.5
        dimmed = 1 - damage.shadow * depth
        light *= dimmed if light.ndim == 2 else dimmed[..., None]
    if damage.noise:
        light += rng.standard_normal(light.shape, dtype=np.float32) * damage.noise
    return np.asarray(np.clip(light, 0, 255), dtype=np.uint8)


def _add_specks(page: Image, per_square_cm: float, rng: np.random.Generator) -> None:
    """Dust in place: dark specks of one to three pixels, now and then a white one in the ink."""
    height, width = page.shape[:2]
    count = int(per_square_cm * height * width / (200 / 2.54) ** 2)
    rows = rng.integers(0, height, count)
    columns = rng.integers(0, width, count)
    sizes = rng.integers(1, 4, count)
    greys = np.where(rng.random(count) < 0.8, rng.integers(0, 90, count), 255)
    for row, column, size, grey in zip(rows, columns, sizes, greys, strict=True):
        page[row : row + size, column : column + size] = grey


def _binarise(page: Image, threshold: int) -> Image:
    """Black and white only, by the brightness of each pixel."""
    grey = page if page.ndim == 2 else cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    bilevel = np.where(grey < threshold, 0, 255).astype(np.uint8)
    return bilevel if page.ndim == 2 else np.repeat(bilevel[..., None], 3, axis=2)


def _compress(page: Image, quality: int) -> Image:
    """A round trip through JPEG."""
    encoded = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED), dtype=np.uint8)


def random_damage(rng: np.random.Generator, severity: float) -> Damage:
    """Damage of an office scanner, drawn at random.

    Args:
        rng: What decides.
        severity: 0 for next to nothing, 1 for a page that is just legible.

    Raises:
        ConfigError: `severity` is out of 0-1.
    """
    if not 0 <= severity <= 1:
        raise ConfigError(f"severity is {severity}: choose 0 to 1")
    damage = Damage(
        ink=float(rng.uniform(-0.5, 0.7)) * (0.4 + 0.6 * severity),
        fade=float(rng.uniform(0, 0.55)) * severity,
        blur_px=float(rng.uniform(0.2, 0.5 + 1.1 * severity)),
        scale=float(1 - rng.uniform(0, 0.45) * severity),
        skew_deg=float(np.clip(rng.normal(0, 0.25 + 0.9 * severity), -3, 3)),
        paper=float(1 - rng.uniform(0, 0.14)),
        noise=float(rng.uniform(0, 4 + 22 * severity)),
        jpeg_quality=int(rng.integers(round(70 - 45 * severity), 93)),
    )
    if rng.random() < 0.15 + 0.35 * severity:
        damage = replace(damage, shadow=float(rng.uniform(0, 0.55) * severity))
    if rng.random() < 0.4 * severity:
        damage = replace(damage, speckle=float(rng.uniform(0, 6 * severity)))
    if rng.random() < 0.25:
        damage = replace(damage, patchy=float(rng.uniform(0, 0.6) * severity))
    if rng.random() < 0.2:
        # A bilevel scanner: near the middle of ink and paper, so that letters keep their shape.
        middle = 255 * damage.paper * (1 - 0.4 * damage.shadow) * (1 + damage.fade) / 2
        level = int(np.clip(middle * rng.uniform(0.85, 1.15), 60, 225))
        damage = replace(damage, threshold=level, jpeg_quality=None)
    return damage
