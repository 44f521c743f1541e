"""Print of the back that shows through the paper: paler than the page's own, and in its way.

What is printed on the page is about as dark as everything else that is printed on it, and so is
what shows through. Where the blobs of ink fall into two such kinds, the pale one goes.
"""

import cv2
import numpy as np

from vnrepair.scan.ink import ANALYSIS_SIDE_PX, estimate_background, find_ink

__all__ = ["remove_bleed"]

_MIN_LETTERS = 20  # of either kind; fewer are a smudge, or a heading in another colour
_FAINTEST = 20  # grey levels below the paper; fainter stains do not hurt the reading
_SIZES = (0.4, 3.0)  # in heights of a letter, as for letters
_PALE_PERCENTILE, _OWN_PERCENTILE = 99.0, 5.0  # where the two kinds end towards each other
_MIN_GAP = 30  # grey levels between the two; kinds of print of one page lie closer
_MAX_SHARE = 0.6  # of the depth of the page's own print; paper lets no more through
_MARGIN = 12  # grey levels above the pale kind; marks of the page's own letters are paler than they
_REACH = 0.4  # in heights of a letter: what is nearer lies across the text, not beside it
_MIN_ACROSS = 2.0  # pale ink across the text, in squared heights of a letter: that of ten letters
_DEPTHS = 64  # steps in which depths are told apart, of 4 grey levels each
_EDGE = 0.1  # in heights of a letter: the grey edge of a stroke, which stays with it


def remove_bleed(grey: np.ndarray) -> np.ndarray | None:
    """The page without what shows through from its back; None where nothing does.

    Args:
        grey: Page, uint8, shape (height, width), dark print on light paper.

    Returns:
        uint8 of the same shape; where the back showed through, the light on the paper around it.
    """
    ink = find_ink(grey)
    if ink.n_letters < _MIN_LETTERS:
        return None
    deepest = _deepest_bleed(grey, ink.letter_height_px)
    if deepest is None:
        return None
    paper = estimate_background(grey)
    own = (_depth(grey, paper) > deepest + _MARGIN).astype(np.uint8)
    edge = 2 * max(1, round(_EDGE * ink.letter_height_px)) + 1
    kept = cv2.dilate(own, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (edge, edge)))
    return np.where(kept > 0, grey, np.maximum(grey, paper))


def _deepest_bleed(grey: np.ndarray, height_px: float) -> float | None:
    """Grey levels below the paper that show-through reaches; None where there is none."""
    scale = min(1.0, ANALYSIS_SIDE_PX / max(grey.shape))
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    depth = _depth(small, estimate_background(small))
    depths = _depths_of_blobs(depth, height_px * scale)
    if len(depths) < 2 * _MIN_LETTERS:
        return None
    # Otsu's threshold on one depth per blob; grains, dots and noise have no say.
    split, _ = cv2.threshold(depths, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    pale, own = depths[depths <= split], depths[depths > split]
    if min(len(pale), len(own)) < _MIN_LETTERS:
        return None
    deepest = float(np.percentile(pale, _PALE_PERCENTILE))
    if np.percentile(own, _OWN_PERCENTILE) - deepest < _MIN_GAP:
        return None
    if deepest > _MAX_SHARE * np.median(own):
        return None
    return deepest if _lies_across(depth, deepest, height_px * scale) else None


def _depths_of_blobs(depth: np.ndarray, height_px: float) -> np.ndarray:
    """How dark the darkest pixel of every blob of the size of letters is, however pale; uint8."""
    dark = (cv2.GaussianBlur(depth, (0, 0), 0.8) > _FAINTEST).astype(np.uint8)
    n_labels, labels, boxes, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    sides = boxes[:, 2:4].max(axis=1)
    sides[0] = 0  # the paper
    low, high = _SIZES
    # Pixels by blob and depth; the last depth that a blob has is its deepest.
    inked = labels > 0
    pairs = labels[inked].astype(np.intp) * _DEPTHS + depth[inked] // (256 // _DEPTHS)
    has_depth = np.bincount(pairs, minlength=n_labels * _DEPTHS).reshape(n_labels, _DEPTHS) > 0
    deepest = (_DEPTHS - 1 - has_depth[:, ::-1].argmax(axis=1)) * (256 // _DEPTHS)
    chosen: np.ndarray = deepest[(sides > low * height_px) & (sides < high * height_px)]
    return chosen.astype(np.uint8)


def _lies_across(depth: np.ndarray, deepest: float, height_px: float) -> bool:
    """Whether pale ink lies on and between the letters of the page's own lines.

    Captions, watermarks beside the text and headings in another colour keep their distance.
    """
    own = (depth > deepest + _MARGIN).astype(np.uint8)
    edge, reach = (2 * max(1, round(share * height_px)) + 1 for share in (_EDGE, _REACH))
    with_edges = cv2.dilate(own, np.ones((edge, edge), dtype=np.uint8))
    near = cv2.dilate(own, np.ones((reach, reach), dtype=np.uint8))
    pale = (depth > _FAINTEST) & (near > with_edges)
    return float(pale.sum()) > _MIN_ACROSS * height_px**2


def _depth(grey: np.ndarray, paper: np.ndarray) -> np.ndarray:
    """Grey levels below the paper, the light evened out; uint8."""
    even = cv2.divide(grey, np.maximum(paper, 1), scale=255).astype(np.uint8)
    return cv2.bitwise_not(even).astype(np.uint8)
