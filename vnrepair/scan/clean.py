"""Light and noise: what can be taken off a page without touching its letters."""

import cv2
import numpy as np

from vnrepair.scan.ink import background_thumbnail

__all__ = [
    "estimate_noise",
    "even_light",
    "has_light_print",
    "light_ratio",
    "smooth",
]

_PRINT_SIDE_PX = 1000  # strokes of print are still a pixel wide at it
_LIGHT_SIDE_PX = 480  # half a millimetre a pixel on A4
_STROKE_WINDOW_PX = 19  # 12 mm on A4: wider than the strokes of any heading
_RIM_PX = 7  # of a hard shadow, blurred by lens, JPEG and scaling; a bar keeps its inside
_NOISE_SAMPLE_PX = 500_000  # noise is the same everywhere; more pixels tell nothing new
_WINDOW_PX = 41  # wider than a line of text is high, so that its median is the ground
_MIN_STROKE_CONTRAST = 40  # grey levels between a stroke and its ground
_DARKEST_PAPER = 204  # only darker ground can carry print that is lighter
_MIN_STROKE_SHARE = 0.04  # of a window; print fills 10 to 25 %
_MIN_LIGHT_PRINT = (
    0.002  # of the page; shadows stay below 0.0015, a heading in a bar is above 0.005
)


def light_ratio(grey: np.ndarray) -> float:
    """Brightness of the darkest paper over that of the brightest, 0-1; 1.0 for even light."""
    dark, bright = np.percentile(background_thumbnail(grey), [3, 97])
    return float(dark / bright) if bright else 1.0


def has_light_print(grey: np.ndarray) -> bool:
    """True where dark or coloured ground carries lighter print: a bar, a dark screen, a photograph.

    A shadow dims the paper and leaves the print the darker of the two. Where strokes are lighter
    than the ground around them, the dark is printed: dividing it out would take them too.
    """
    factor = min(1.0, _PRINT_SIDE_PX / max(grey.shape))
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    ground = cv2.medianBlur(small, _WINDOW_PX)
    # On the rim of a shadow the ground is neither light nor dark, and half of it seems lighter.
    rim = cv2.morphologyEx(ground, cv2.MORPH_GRADIENT, np.ones((_RIM_PX, _RIM_PX), dtype=np.uint8))
    dark = (ground < _DARKEST_PAPER) & (rim < _MIN_STROKE_CONTRAST)
    lighter = dark & (cv2.subtract(small, ground) > _MIN_STROKE_CONTRAST)
    darker = dark & (cv2.subtract(ground, small) > _MIN_STROKE_CONTRAST)
    light, ink = (
        cv2.blur(strokes.astype(np.float32), (_WINDOW_PX, _WINDOW_PX))
        for strokes in (lighter, darker)
    )
    # Noise is lighter and darker than its ground alike; print is one of the two.
    return float(np.mean((light > _MIN_STROKE_SHARE) & (light > 2 * ink))) > _MIN_LIGHT_PRINT


def even_light(grey: np.ndarray) -> np.ndarray:
    """The page divided by the light on its paper, so that all paper is white."""
    return cv2.divide(grey, np.maximum(_estimate_light(grey), 1), scale=255).astype(np.uint8)


def _estimate_light(grey: np.ndarray) -> np.ndarray:
    """The light on the paper, to the millimetre: a shadow of a hand or a book has an edge.

    `estimate_background` is smoother, for measuring; divided by it, the rim of a hard shadow stays
    dark or turns white.
    """
    factor = min(1.0, _LIGHT_SIDE_PX / max(grey.shape))
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    window = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_STROKE_WINDOW_PX, _STROKE_WINDOW_PX))
    light = cv2.morphologyEx(small, cv2.MORPH_CLOSE, window, borderType=cv2.BORDER_REPLICATE)
    light = cv2.GaussianBlur(cv2.medianBlur(light, 5), (0, 0), 1.5)  # over what noise is left
    return cv2.resize(light, grey.shape[::-1], interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def estimate_noise(grey: np.ndarray) -> float:
    """Standard deviation of the noise of the sensor, grey levels, >= 0.

    Source:
        Immerkaer 1996, "Fast noise variance estimation", Computer Vision and Image Understanding
        64(2); with the median in place of the mean, so that print does not count as noise.
    """
    step = max(1, grey.size // _NOISE_SAMPLE_PX)
    bands = [grey[top : top + 3] for top in range(0, max(1, grey.shape[0] - 2), 3 * step)]
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
    # The middle row of each band of three is all that has its neighbours.
    response = [np.abs(cv2.filter2D(band, cv2.CV_32F, kernel)[len(band) // 2]) for band in bands]
    # 6 is the kernel's norm; 0.6745 the median of a standard normal's absolute value.
    return float(np.median(np.concatenate(response))) / 6 / 0.6745


def smooth(grey: np.ndarray) -> np.ndarray:
    """The page with the noise of the sensor taken down."""
    return cv2.GaussianBlur(grey, (0, 0), 1.0).astype(np.uint8)
