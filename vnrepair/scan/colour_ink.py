"""Coloured ink beside black ink: what each laid on the paper, by the light that is missing.

Inks on paper multiply: what a pixel lets through is the paper times what each ink lets through, so
their optical densities add up. A coloured ink is nearly clear in one channel, its light channel:
red ink in red, blue ink in blue. What is dark there as well was black before the stamp came.

Source:
    Beer-Lambert law; Ruifrok and Johnston 2001, "Quantification of histochemical staining by color
    deconvolution", Analytical and Quantitative Cytology and Histology 23(4), for two inks at once.
"""

import cv2
import numpy as np

from vnrepair.scan.ink import estimate_background

__all__ = [
    "CHANNELS",
    "coloured_pixels",
    "densities",
    "estimate_paper",
    "page_blackness",
    "without_ink",
]

CHANNELS = (0, 1, 2)
"""Blue, green and red: each is the light channel of the inks of its colour."""

_MIN_CHROMA = 0.16  # density between lightest and darkest channel; paper and black stay below 0.1
_MAX_LIGHT_SHARE = 0.72  # of the density in the darkest channel; black ink has 0.85 and more there
_USUAL_BLACKNESS = 1.6  # density of fresh print: a fifth of the light, its pale rims counted in
_MIN_BLACKNESS = 0.35  # density of the palest print that Tesseract still reads
_PALE_SHARE, _DARK_SHARE = 0.2, 0.5  # of the print's density: below a ghost, above it a letter
_PURE_CHROMA_PERCENTILE = 60  # coloured pixels above it lie in the stroke's middle, not on its rim
_LIGHTNESS = np.array([0.1, 0.6, 0.3], dtype=np.float32)  # what each channel adds to lightness
_THICKEST_PERCENTILE = 90  # of the ink's density; above it lies the print under it
_MAX_SPILL = 2.0  # a light channel's part in an ink's chroma; more is black ink with a tinge


def densities(bgr: np.ndarray, paper: np.ndarray | None = None) -> np.ndarray:
    """Natural optical density over the paper, per channel.

    Args:
        bgr: Page or a piece of it, uint8, shape (height, width, 3).
        paper: The light on its paper, uint8, same shape; None to estimate it.

    Returns:
        float32, same shape, >= 0; 0.0 for paper, 2.3 where a tenth of the light comes back. The
        colour of lamp and paper is divided out, whatever it is from place to place.
    """
    if paper is None:
        paper = estimate_paper(bgr)
    # One grey level is added: the darkest pixel of a scan is not infinitely black.
    logarithms = np.log(np.arange(1, 257, dtype=np.float32))
    missing: np.ndarray = logarithms[paper] - logarithms[bgr]
    return np.asarray(np.maximum(missing, 0, out=missing))


def estimate_paper(bgr: np.ndarray) -> np.ndarray:
    """The light on the paper, channel by channel, uint8 of the same shape."""
    return np.dstack([estimate_background(channel) for channel in cv2.split(bgr)])


def coloured_pixels(density: np.ndarray, light: int) -> np.ndarray:
    """Where ink lies that is clear in one channel and dark in another.

    A purple ink is clear in red and in blue, and is found in both.

    Args:
        density: As `densities` gives it.
        light: The channel that the ink is clear in, one of `CHANNELS`.

    Returns:
        uint8, shape (height, width), 1 for such ink.
    """
    clear = density[:, :, light]
    dark = _darkest(density)
    is_ink = (dark - clear > _MIN_CHROMA) & (clear < _MAX_LIGHT_SHARE * dark)
    return np.asarray(is_ink, dtype=np.uint8)


def page_blackness(density: np.ndarray) -> float:
    """Density of the black print of a page, in its lightest channel.

    Args:
        density: Of the page at full resolution; every sixteenth row of it is enough.
    """
    blue, green, red = (density[:, :, channel] for channel in CHANNELS)
    black = np.minimum(np.minimum(blue, green), red)
    print_ = black[black > _MIN_BLACKNESS / 2]
    if print_.size < 100:  # pixels; nothing printed that could be measured
        return _USUAL_BLACKNESS
    # Half of what is dark at all is the rim of a stroke.
    return min(max(float(np.percentile(print_, 60)), _MIN_BLACKNESS), _USUAL_BLACKNESS)


def without_ink(
    density: np.ndarray, light: int, blackness: float, where: np.ndarray
) -> np.ndarray | None:
    """Density of the black ink alone at pixels with a coloured ink.

    Args:
        density: Of a piece of the page at full resolution.
        light: The channel that the coloured ink is clear in.
        blackness: Of the black print, as `page_blackness` gives it.
        where: True for pixels with the ink, shape (height, width).

    Returns:
        float32, shape (height, width), meaningful where `where` holds: 0.0 for paper; None where
        the ink is clearer in another channel, or black with a tinge.
    """
    clear = density[:, :, light]
    chroma = _darkest(density) - clear
    pure = where & (chroma > _MIN_CHROMA)
    if not pure.any():
        return None
    strong = pure & (chroma >= np.percentile(chroma[pure], _PURE_CHROMA_PERCENTILE))
    usual = np.median(density[strong], axis=0)
    if usual.argmin() != light:
        return None
    # How dark the ink itself is in its light channel, for each bit of colour that it shows. The
    # median is that of the ink alone: stamps lie mostly beside the letters.
    spill = float(np.median(clear[strong] / chroma[strong]))
    if spill > _MAX_SPILL:
        return None
    # Where JPEG let colour run into a letter, the letter shows more of it than there is ink. Ink
    # cannot take more light than it does where it is thickest.
    thickest = float(np.percentile(clear[strong], _THICKEST_PERCENTILE))
    black = clear - np.minimum(spill * chroma, thickest)
    # JPEG keeps lightness sharper than colour: what is darker than the ink is at its thickest has
    # black ink under it, whatever its colour has become.
    lightness = density @ _LIGHTNESS
    thickest = float(np.percentile(lightness[strong], _THICKEST_PERCENTILE))
    black = np.maximum(black, lightness - thickest - _PALE_SHARE * blackness)
    share = (black / blackness - _PALE_SHARE) / (_DARK_SHARE - _PALE_SHARE)
    share = np.clip(share, 0, 1)
    # Smoothly from ghost to letter, so that strokes keep their soft edge.
    share = share * share * (3 - 2 * share)
    return np.asarray(share * np.maximum(black, 0), dtype=np.float32)


def _darkest(density: np.ndarray) -> np.ndarray:
    """Density of the darkest channel; `max` along the short axis takes ten times as long."""
    blue, green, red = (density[:, :, channel] for channel in CHANNELS)
    return np.asarray(np.maximum(np.maximum(blue, green), red))
