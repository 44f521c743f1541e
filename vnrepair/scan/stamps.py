"""Red stamps: lightened by their colour, with the black letters under them kept."""

import cv2
import numpy as np

from vnrepair.scan.ink import estimate_background

__all__ = ["lighten_red_ink"]

_MIN_REDNESS = 45  # grey levels by which red must exceed green and blue on white paper
_SHARE_RANGE = (0.0005, 0.15)  # of the page: less is no stamp, more is a red page
_BLACK_IN_RED = 165  # in the red channel, red ink is lighter than this and black ink is darker


def lighten_red_ink(bgr: np.ndarray) -> np.ndarray | None:
    """A grey page without red ink, or None where there is no red stamp.

    In the red channel red ink is as light as paper, while black ink is dark in all channels.

    Args:
        bgr: Page, uint8, shape (height, width, 3).

    Returns:
        uint8, shape (height, width): luminance, and near red ink the stretched red channel.
    """
    channels = [
        cv2.divide(channel, np.maximum(estimate_background(channel), 1), scale=255)
        for channel in cv2.split(bgr)
    ]
    blue, green, red = channels  # on white paper, whatever the lamp's colour
    redness = cv2.subtract(red, cv2.max(blue, green))
    is_red = (redness > _MIN_REDNESS).astype(np.uint8)
    low, high = _SHARE_RANGE
    if not low <= float(is_red.mean()) <= high:
        return None
    near = cv2.dilate(is_red, np.ones((5, 5), dtype=np.uint8)) > 0
    stretched = np.minimum(red.astype(np.uint16) * 255 // _BLACK_IN_RED, 255).astype(np.uint8)
    luminance = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    paper = estimate_background(luminance)
    lightened = cv2.multiply(stretched, paper, scale=1 / 255)
    return np.where(near, np.maximum(lightened, luminance), luminance).astype(np.uint8)
