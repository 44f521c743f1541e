"""The sheet in a photograph: where its four sides are, and how to lay it flat.

A telephone sees the sheet on a desk, from an angle. Print is smoothed away first; what is then calm
around the middle of the picture is paper, and the sharp step at which it ends is the side of the
sheet, whether the desk is darker, brighter or patterned. Each side is then measured again, across
its whole length. A flat scan has no such sides, and its frames and panels have paper on both sides
of their lines: where anything is not clear, there is no sheet, and the page stays as it is.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from vnrepair.scan.ink import estimate_background, find_ink
from vnrepair.scan.page import as_grey
from vnrepair.scan.sheet import Points, Sheet, lay_flat
from vnrepair.scan.shrink import shrink

__all__ = ["find_sheet"]

_SIDE_PX = 600  # of the analysed picture: the sides of a sheet are sharp to a pixel, letters vanish
_PRINT_PX = 15  # wider than the gaps within a line of text and the strokes of a heading
_STEPS = (10.0, 6.0, 16.0)  # grey levels per pixel at which calm ends; pale desks need a low one
_AREA_SHARE = (0.25, 0.985)  # of the picture that the sheet fills
_MAX_CORNER_OFF = 0.06  # of the picture's side by which a corner may lie outside of it
_CORNER_DEG = (60.0, 120.0)  # a picture taken at 45 degrees stays within
_MIN_SIDE_RATIO = 0.55  # of opposite sides; a picture taken flatter than that cannot be read anyway
_MAX_OFF_PX = 2.0  # by which a point of a straight side may be off; sheets curl a little
_MIN_SUPPORT = 0.7  # of a side that must lie on its line; thumbs and folds take the rest
_MIN_OUTLINE = 0.5  # of the outline on one side, before it is known where that side ends
_REACH_PX = 5  # across a side: how far off the first line may be, and where sheet and desk are seen
_MIN_CONTRAST = 12.0  # levels of one channel between sheet and desk beside a side
_MAX_LETTERS_OUTSIDE = 0.02  # of all letters; more are a page's own, around a panel or a picture
_SHADOW_SHARE = 0.02  # of a side: the sheet's own shadow on the desk breaks into blobs
_DARK_DESK = 0.7  # brightness below which the ground is no paper, in that of the sheet
_MIN_CORRECTION = 0.006  # of a side: what lies straighter is flat already (0.35 degrees)


@dataclass(frozen=True, slots=True)
class _Line:
    """A straight line: a point on it, and its direction, of length one."""

    point: Points
    along: Points

    def cross(self, other: "_Line") -> Points | None:
        """Where two lines meet; None where they hardly do."""
        normal = np.array([-other.along[1], other.along[0]])
        slope = float(normal @ self.along)
        if abs(slope) < 0.2:
            return None
        return np.asarray(
            self.point + self.along * float(normal @ (other.point - self.point)) / slope
        )


def find_sheet(image: np.ndarray) -> Sheet | None:
    """The sheet in a photograph, or None where the picture shows nothing but the sheet.

    At most one side may lie outside of the picture.

    Args:
        image: Picture, uint8, BGR (height, width, 3) or grey (height, width).
    """
    height, width = image.shape[:2]
    small = shrink(image, _SIDE_PX)
    if min(small.shape[:2]) < 8 * _PRINT_PX:
        return None
    smooth = _without_print(small)
    slope = _slope(smooth)
    for step in _STEPS:
        calm = _calm_middle(slope < step)
        if calm is None:
            continue
        corners = _find_corners(calm, smooth)
        if corners is None:
            continue
        corners = (corners + 0.5) * (width / small.shape[1], height / small.shape[0])
        if _is_upright(corners) or _has_print_outside(image, corners):
            return None
        return lay_flat(corners, width, height)
    return None


def _without_print(small: np.ndarray) -> np.ndarray:
    """The picture without letters."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_PRINT_PX, _PRINT_PX))
    # The desk goes on beyond the picture; a narrow strip of it must not pass for print.
    edge = _PRINT_PX
    wide = cv2.copyMakeBorder(small, edge, edge, edge, edge, cv2.BORDER_REPLICATE)
    closed = np.asarray(cv2.morphologyEx(wide, cv2.MORPH_CLOSE, kernel), np.uint8)
    return np.asarray(cv2.medianBlur(closed[edge:-edge, edge:-edge].copy(), 5), np.uint8)


def _slope(smooth: np.ndarray) -> np.ndarray:
    """Grey levels per pixel by which the steepest channel changes."""
    soft = cv2.GaussianBlur(smooth, (0, 0), 1.0)
    across = cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    down = cv2.Sobel(soft, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    steep = np.asarray(cv2.magnitude(across, down))
    return steep if steep.ndim == 2 else np.asarray(steep.max(axis=2))


def _calm_middle(calm: np.ndarray) -> np.ndarray | None:
    """The calm region that holds most of the middle of the picture, 1 inside.

    None where there is none, and where it reaches all ends of the picture.
    """
    height, width = calm.shape
    kernel = np.ones((3, 3), dtype=np.uint8)
    # Narrowed by a pixel, so that a gap in a side does not let the desk in.
    core = cv2.erode(calm.astype(np.uint8), kernel, borderValue=1)
    n_regions, regions, stats, _ = cv2.connectedComponentsWithStats(core, connectivity=4)
    middle = regions[height // 4 : height - height // 4, width // 4 : width - width // 4]
    counts = np.bincount(middle.ravel(), minlength=n_regions)[1:]
    if not counts.any():
        return None
    best = int(counts.argmax()) + 1
    if stats[best][2] >= width and stats[best][3] >= height:
        return None
    return cv2.dilate((regions == best).astype(np.uint8), kernel).astype(np.uint8)


def _find_corners(calm: np.ndarray, smooth: np.ndarray) -> Points | None:
    """Corners of the sheet around a calm region, clockwise from the top left."""
    height, width = calm.shape
    colour = smooth if smooth.ndim == 3 else cv2.cvtColor(smooth, cv2.COLOR_GRAY2BGR)
    smooth = np.asarray(colour, np.float32)
    outline = _outline(calm)
    lines = [_fit_side(points, smooth, outward) for points, outward in outline]
    missing = [number for number, line in enumerate(lines) if line is None]
    if len(missing) > 1 or any(_is_in_sight(*outline[number], calm) for number in missing):
        return None
    for number in missing:
        lines[number] = _end_of_picture(lines, number, width, height)
    if any(line is None for line in lines):
        return None
    top, right, bottom, left = (line for line in lines if line is not None)
    crossings = [left.cross(top), top.cross(right), right.cross(bottom), bottom.cross(left)]
    if any(point is None for point in crossings):
        return None
    corners = np.array(crossings)
    return corners if _could_be_sheet(corners, width, height) else None


def _outline(calm: np.ndarray) -> list[tuple[Points, Points]]:
    """First points of a region from the top, right, bottom and left, each with the way outwards.

    Points at the end of the picture are left out: the sheet goes on there.
    """
    height, width = calm.shape
    columns = np.flatnonzero(calm.any(axis=0))
    rows = np.flatnonzero(calm.any(axis=1))
    first_row, last_row = calm.argmax(axis=0), height - 1 - calm[::-1].argmax(axis=0)
    first_column, last_column = calm.argmax(axis=1), width - 1 - calm[:, ::-1].argmax(axis=1)
    sides = [
        (np.stack([columns, first_row[columns]], axis=1), (0, -1), first_row[columns] > 1),
        (np.stack([last_column[rows], rows], axis=1), (1, 0), last_column[rows] < width - 2),
        (np.stack([columns, last_row[columns]], axis=1), (0, 1), last_row[columns] < height - 2),
        (np.stack([first_column[rows], rows], axis=1), (-1, 0), first_column[rows] > 1),
    ]
    return [(points[inner].astype(float), np.array(way, float)) for points, way, inner in sides]


def _fit_side(points: Points, smooth: np.ndarray, outward: Points) -> _Line | None:
    """The straight side of a sheet along some points of its outline; None where there is none."""
    if not _is_in_sight(points, outward, smooth):
        return None
    # The ends of the outline may belong to its neighbours, where these lean.
    first = _common_line(points, _MIN_OUTLINE)
    if first is None:
        return None
    line, points = first
    steepest = _steepest_points(line, points, smooth, outward)
    second = _common_line(steepest, _MIN_SUPPORT)
    return second[0] if second is not None and _divides(*second, smooth, outward) else None


def _is_in_sight(points: Points, outward: Points, picture: np.ndarray) -> bool:
    """Whether a side of the outline lies within the picture for at least half of its length."""
    height, width = picture.shape[:2]
    return bool(len(points) >= _MIN_OUTLINE * (width if outward[1] else height))


def _common_line(points: Points, min_share: float) -> tuple[_Line, Points] | None:
    """The line on which most of the points lie, and those points; None where too few do.

    Source:
        Fischler and Bolles 1981, "Random sample consensus", CACM 24(6); with regular pairs in place
        of random ones, so that a picture always gives the same line.
    """
    chosen = points[np.linspace(0, len(points) - 1, 41).astype(int)]
    starts, ends = (chosen[index] for index in np.triu_indices(len(chosen), 8))
    along = ends - starts
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    normals = np.stack([-along[:, 1], along[:, 0]], axis=1)
    off = np.abs(normals @ points.T - (normals * starts).sum(axis=1, keepdims=True))
    best = int((off < _MAX_OFF_PX).sum(axis=1).argmax())
    on_line = off[best] < _MAX_OFF_PX
    if on_line.mean() < min_share:
        return None
    x, y, left, top = cv2.fitLine(points[on_line], cv2.DIST_L2, 0, 0.01, 0.01).ravel().tolist()
    return _Line(np.array([left, top]), np.array([x, y])), points[on_line]


def _steepest_points(line: _Line, points: Points, smooth: np.ndarray, outward: Points) -> Points:
    """Where, across a first guess of a side, the picture changes most."""
    normal = _normal(line, outward)
    feet = line.point + np.outer((points - line.point) @ line.along, line.along)
    offsets = np.arange(-_REACH_PX, _REACH_PX + 0.6, 0.5)
    seen = _sample(smooth, feet[:, None] + offsets[:, None] * normal)
    change = np.abs(seen[:, 2:] - seen[:, :-2]).max(axis=2)
    return np.asarray(feet + offsets[1:-1][change.argmax(axis=1)][:, None] * normal)


def _divides(line: _Line, points: Points, smooth: np.ndarray, outward: Points) -> bool:
    """Whether the colour on one side of a line differs from that on the other."""
    normal = _normal(line, outward)
    inside, outside = (
        np.median(_sample(smooth, points + offset * normal), axis=0)
        for offset in (-_REACH_PX, _REACH_PX)
    )
    return bool(np.abs(inside - outside).max() >= _MIN_CONTRAST)


def _normal(line: _Line, outward: Points) -> Points:
    """Across a line, pointing outwards."""
    normal = np.array([-line.along[1], line.along[0]])
    return normal if normal @ outward > 0 else -normal


def _sample(smooth: np.ndarray, points: Points) -> np.ndarray:
    """Colours at points between pixels, shape of the points with channels for x and y."""
    x, y = np.moveaxis(points.astype(np.float32), -1, 0)
    if x.ndim == 1:
        return _sample(smooth, points[:, None])[:, 0]
    mode = cv2.BORDER_REPLICATE
    return np.asarray(cv2.remap(smooth, x, y, cv2.INTER_LINEAR, borderMode=mode))


def _end_of_picture(
    lines: list[_Line | None], number: int, width: int, height: int
) -> _Line | None:
    """A line in place of a side that lies outside of the picture, parallel to its opposite.

    Nothing that the picture shows of the sheet lies beyond it.
    """
    opposite, before, after = lines[number - 2], lines[number - 1], lines[(number + 1) % 4]
    if opposite is None or before is None or after is None:
        return None
    along = np.array([1.0, 0.0] if number % 2 == 0 else [0.0, 1.0])
    end = np.array([(0, 0), (width - 1, 0), (0, height - 1), (0, 0)][number], dtype=float)
    border = _Line(end, along)
    met = [border.cross(before), border.cross(after)]
    outward = np.array([(0, -1), (1, 0), (0, 1), (-1, 0)][number], dtype=float)
    normal = _normal(opposite, outward)
    ends = [point for point in met if point is not None]
    return (
        _Line(max(ends, key=lambda point: float(normal @ point)), opposite.along) if ends else None
    )


def _could_be_sheet(corners: Points, width: int, height: int) -> bool:
    """Whether four corners are those of a rectangle that a camera may see."""
    low, high = _AREA_SHARE
    area = cv2.contourArea(corners.astype(np.float32)) / (width * height)
    off = max(float(-corners.min()), *(corners.max(axis=0) - (width, height)).tolist())
    if not low <= area <= high or off > _MAX_CORNER_OFF * max(width, height):
        return False
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(sides, axis=1)
    turns = np.degrees(np.arctan2(sides[:, 1], sides[:, 0]))
    inner = 180 - (np.roll(turns, -1) - turns) % 360
    if inner.min() < _CORNER_DEG[0] or inner.max() > _CORNER_DEG[1]:
        return False
    ratios = lengths[:2] / lengths[2:]
    return bool(min(ratios.min(), 1 / ratios.max()) >= _MIN_SIDE_RATIO)


def _is_upright(corners: Points) -> bool:
    """Whether the sides are level and upright already, as on a flat scan."""
    sides = np.abs(np.roll(corners, -1, axis=0) - corners)
    return bool((sides.min(axis=1) / sides.max(axis=1)).max() < _MIN_CORRECTION)


def _has_print_outside(image: np.ndarray, corners: Points) -> bool:
    """Whether there are letters around the "sheet": it is a panel or a picture on a page then."""
    grey = as_grey(image)
    ink = find_ink(grey)
    if not ink.n_letters:
        return True
    left, top, width, height, _ = ink.boxes[ink.letters].T
    middles = np.stack([left + width / 2, top + height / 2, np.full(len(left), ink.scale)])
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=np.float32)
    onto = cv2.getPerspectiveTransform(corners.astype(np.float32), unit)
    x, y, w = onto @ (middles / ink.scale)
    x, y = x / w, y / w
    outside = (np.minimum(x, y) < -_SHADOW_SHARE) | (np.maximum(x, y) > 1 + _SHADOW_SHARE)
    # The grain of dark wood looks like print, but the ground under it is no paper.
    ground = cv2.resize(estimate_background(grey), ink.labels.shape[::-1])
    levels = ground[(top + height // 2), (left + width // 2)]
    on_paper = levels > _DARK_DESK * np.median(levels[~outside])
    return float((outside & on_paper).mean()) > _MAX_LETTERS_OUTSIDE
