"""What surrounds a sheet in its image, and the holes in it: black edges of a copier, desk, holes.

A border is a solid dark area that comes in from the end of the image and stops at a sharp step. A
shadow stops gradually; a printed bar carries light letters; a frame or a thick rule does not reach
the end of the image; letters at the margin are not solid. None of them is touched.
"""

import math
from collections.abc import Iterator

import cv2
import numpy as np

from vnrepair.scan.shrink import shrink

__all__ = ["find_border", "find_holes", "paint"]

_SIDE_PX = 1000  # of the analysed page: 3.4 px a millimetre, thin strokes keep a pixel
_LONG_SIDE_MM = 297.0  # most pages are A4; on others the measures below scale with the page
_DARK_SHARE = 0.55  # of the brightness of paper; what is lighter leaves no marks after reading
_SOLID_MM = 1.5  # thicker than strokes of body text; a border is solid over more than that
_MIN_LENGTH_MM = 20.0  # shorter ones may be letters that the end of the image cuts
_RAGGED_MM = 1.5  # by which torn paper and noise fray the edge of a border
_MIN_STEP = 0.25  # of the brightness of paper, at the inner edge of a border; shadows: below 0.1
_ALONG_PX = 25  # around a place at the edge, where its two sides are compared
_MAX_LIGHT_LETTERS = 8  # light blobs of the size of letters in a border: more are a printed heading
_LETTER_MM = (0.8, 12.0)
_MAX_STROKE_SHARE = 0.02  # of a border that is darker than its surroundings: more is print in shade
_MAX_BEYOND = 0.15  # of the page, from its end to a gutter: what the next page may show of itself
_HOLE_MM = (4.0, 9.0)  # punches make 5 to 8
_HOLE_FROM_EDGE_MM = 25.0  # middle of a hole from the edge, for a sheet that lies a little inside
_DISC_FILL = (0.9, 1.1)  # area of a blob over that of the ellipse in its box
_MAX_FLATNESS = 1.25  # longer over shorter side of a hole


def find_border(grey: np.ndarray) -> np.ndarray | None:
    """Where an image shows no paper along its ends.

    What lies between an end of the image and a dark gutter that runs along all of it belongs to
    the page beside, and counts as well.

    Args:
        grey: Page, uint8, shape (height, width).

    Returns:
        bool, of the shape of `grey`; None where there is no border.
    """
    small, per_mm = _reduced(grey)
    paper = _paper_level(small)
    dark = _dark(small, paper)
    if not _at_ends(dark).any():
        return None
    # Beyond the end of the image all is dark: a black line along it is solid, however thin.
    size = max(3, round(_SOLID_MM * per_mm)) | 1
    wide = cv2.copyMakeBorder(dark, size, size, size, size, cv2.BORDER_CONSTANT, value=1)
    kernel = np.ones((size, size), dtype=np.uint8)
    solid = cv2.morphologyEx(wide, cv2.MORPH_OPEN, kernel)[size:-size, size:-size]
    found = np.zeros(small.shape, dtype=bool)
    for area in _areas_at_ends(np.ascontiguousarray(solid)):
        if _is_border(area, small, paper, per_mm):
            found |= area
    if not found.any():
        return None
    reach = 2 * round(_RAGGED_MM * per_mm) + 1
    near = cv2.dilate(found.astype(np.uint8), np.ones((reach, reach), dtype=np.uint8))
    found |= (near > 0) & (dark > 0)
    for turns in range(4):  # each end in turn comes to lie on the left
        _add_beyond_gutter(np.rot90(found, turns))
    found = cv2.dilate(found.astype(np.uint8), np.ones((3, 3), dtype=np.uint8)) > 0
    return _enlarged(found, grey.shape)


def find_holes(grey: np.ndarray) -> np.ndarray | None:
    """Where a sheet is punched: dark, round, solid, alone, and close to an edge.

    Args:
        grey: Page, uint8, shape (height, width).

    Returns:
        bool, of the shape of `grey`; None where there is no hole.
    """
    small, per_mm = _reduced(grey)
    paper = _paper_level(small)
    height, width = small.shape
    _, labels, stats, _ = cv2.connectedComponentsWithStats(_dark(small, paper), connectivity=8)
    left, top, wide, tall, area = stats[1:].T
    shorter, longer = np.minimum(wide, tall), np.maximum(wide, tall)
    fill = area / (math.pi / 4 * wide * tall)
    x, y = left + wide / 2, top + tall / 2
    from_edge = np.minimum(np.minimum(x, width - x), np.minimum(y, height - y))
    round_blobs = (
        (shorter >= _HOLE_MM[0] * per_mm)
        & (longer <= _HOLE_MM[1] * per_mm)
        & (longer <= _MAX_FLATNESS * shorter)
        & (fill >= _DISC_FILL[0])
        & (fill <= _DISC_FILL[1])
        & (from_edge <= _HOLE_FROM_EDGE_MM * per_mm)
    )
    holes = np.zeros(small.shape, dtype=np.uint8)
    for number in (np.flatnonzero(round_blobs) + 1).tolist():
        if _is_alone(labels, number, stats[number], per_mm):
            holes[labels == number] = 1
    if not holes.any():
        return None
    return _enlarged(cv2.dilate(holes, np.ones((5, 5), dtype=np.uint8)) > 0, grey.shape)


def paint(image: np.ndarray, where: np.ndarray) -> np.ndarray:
    """The page with the colour of its paper in the places named.

    Args:
        image: Page, uint8, grey or BGR.
        where: bool, shape (height, width).
    """
    step = max(1, min(where.shape) // 200)
    rest = image[::step, ::step][~where[::step, ::step]]
    painted = image.copy()
    if len(rest):
        painted[where] = np.percentile(rest, 70, axis=0).astype(np.uint8)
    return painted


def _reduced(grey: np.ndarray) -> tuple[np.ndarray, float]:
    """The page small enough for analysis, and its pixels per millimetre if it is A4."""
    small = shrink(grey, _SIDE_PX)
    return small, max(small.shape) / _LONG_SIDE_MM


def _enlarged(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    size = (shape[1], shape[0])
    whole = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(whole > 0)


def _paper_level(small: np.ndarray) -> float:
    """Paper is the most of a page, and brighter than all that is on it."""
    return float(np.percentile(small[::4, ::4], 70))


def _dark(small: np.ndarray, paper: float) -> np.ndarray:
    return (small < _DARK_SHARE * paper).astype(np.uint8)


def _at_ends(mask: np.ndarray) -> np.ndarray:
    """The outermost rows and columns, one after another."""
    return np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])


def _areas_at_ends(solid: np.ndarray) -> Iterator[np.ndarray]:
    """Each solid area that reaches an end of the image, as a mask."""
    _, labels = cv2.connectedComponents(solid, connectivity=4)
    for number in np.unique(_at_ends(labels)):
        if number:
            yield labels == number


def _is_border(area: np.ndarray, small: np.ndarray, paper: float, per_mm: float) -> bool:
    """Whether a dark area at an end of the image is no shadow, no heading and no picture."""
    mask = area.astype(np.uint8)
    around = cv2.dilate(mask, np.ones((15, 15), dtype=np.uint8))
    beside = cv2.dilate(mask, np.ones((7, 7), dtype=np.uint8))
    ring = (around > beside) & (small >= _DARK_SHARE * paper)
    deep = cv2.erode(mask, np.ones((15, 15), dtype=np.uint8), borderValue=1) > 0
    inner = area & ~deep
    columns, rows = np.flatnonzero(area.any(axis=0)), np.flatnonzero(area.any(axis=1))
    length = max(np.ptp(columns), np.ptp(rows))
    if length < _MIN_LENGTH_MM * per_mm or not ring.any() or not inner.any():
        return False
    if _step(small, inner, ring) < _MIN_STEP * paper:
        return False
    low, high = (length * per_mm for length in _LETTER_MM)
    _, _, stats, _ = cv2.connectedComponentsWithStats(1 - mask, connectivity=8)
    sizes = np.maximum(stats[1:, 2], stats[1:, 3])
    if int(((sizes >= low) & (sizes <= high)).sum()) > _MAX_LIGHT_LETTERS:
        return False
    kernel = np.ones((9, 9), dtype=np.uint8)
    darker = cv2.morphologyEx(small, cv2.MORPH_BLACKHAT, kernel) > 0.15 * paper
    return not deep.any() or float(darker[deep].mean()) <= _MAX_STROKE_SHARE


def _step(small: np.ndarray, inner: np.ndarray, ring: np.ndarray) -> float:
    """How much brighter it is outside of an area than inside, at most of its edge."""
    means, weights = [], []
    for band in (inner, ring):
        weight = cv2.blur(band.astype(np.float32), (_ALONG_PX, _ALONG_PX))
        total = cv2.blur(np.where(band, small, 0).astype(np.float32), (_ALONG_PX, _ALONG_PX))
        means.append(total / np.maximum(weight, 1e-6))
        weights.append(weight)
    # A shadow may end at a sharp edge in one place, where the sheet does.
    edge = ring & (weights[0] > 0)
    return float(np.percentile((means[1] - means[0])[edge], 20)) if edge.any() else 0.0


def _add_beyond_gutter(found: np.ndarray) -> None:
    """Mark, in place, what lies left of a border that runs all the way down the image."""
    width = found.shape[1]
    limit = max(1, int(_MAX_BEYOND * width))
    near = found[:, :limit]
    if near.any(axis=1).all():
        # From the end to the last dark pixel of each row, within the limit.
        last = limit - 1 - near[:, ::-1].argmax(axis=1)
        found[np.arange(width)[None] <= last[:, None]] = True


def _is_alone(labels: np.ndarray, number: int, stats: np.ndarray, per_mm: float) -> bool:
    """Whether no other ink comes close to a blob."""
    left, top, width, height, _ = (int(value) for value in stats)
    gap = round(1.5 * per_mm)
    window = labels[max(top - gap, 0) : top + height + gap, max(left - gap, 0) : left + width + gap]
    return bool(np.isin(window, (0, number)).all())
