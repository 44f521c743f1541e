"""The order of lines of which nothing is known but where they stand.

Tesseract's order is believed, but for one thing that holds in every layout: of two lines one above
the other, the upper is read first. Lines that break it are moved, as few and as little as can be.

Source:
    Breuel 2003, "High performance document layout analysis", SDIUT: the first of its two rules of
    reading order. Its second one, left columns first, guesses where tables and forms are read.
"""

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vnrepair.scan.lines import Line, Sheet, is_solid

__all__ = ["in_flow", "join_torn"]

_MAX_TEAR = 0.8  # between the pieces of a torn line, in heights of a word: no gutter is so narrow
_MAX_SEAM = 4.0  # what a fold may cost of a line, in heights of a word
_SAME_SEAM = 2.0  # from gap to gap along a seam, which may lean, in heights of a word
_TORN_SHARE = 0.5  # of the gaps along it that are narrow
_MIN_SHARED = 0.5  # of the smaller height: how far lines may overlap and be one above the other
_MIN_COMMON = 1.0  # what they have in common from left to right, in heights of the smaller line


@dataclass(frozen=True, slots=True)
class _Gap:
    """Between two lines side by side: their indices, its middle and width, pixels."""

    left: int
    right: int
    x: float
    width: float


def in_flow(lines: Sequence[Line]) -> tuple[int, ...]:
    """Indices of lines in reading order.

    Args:
        lines: In Tesseract's order.

    Returns:
        A permutation, the identity where no line stands below one that comes after it.
    """
    if len(lines) < 2:
        return tuple(range(len(lines)))
    precedes = _precedes(lines)
    if not np.tril(precedes).any():  # nothing that comes later must be read before
        return tuple(range(len(lines)))
    waiting = precedes.sum(axis=0)
    ready = [int(index) for index in np.flatnonzero(waiting == 0)]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        index = heapq.heappop(ready)
        order.append(index)
        for follower in np.flatnonzero(precedes[index]):
            waiting[follower] -= 1
            if waiting[follower] == 0:
                heapq.heappush(ready, int(follower))
    return tuple(order)


def join_torn(sheet: Sheet) -> tuple[Line, ...]:
    """Lines in Tesseract's order, those in one piece again that it has torn into two blocks.

    A fold, a bend or a shadow down the page makes Tesseract see two columns where there is one. The
    pieces lie no further apart than words do, but for the lines that lost a word at the seam: most
    of the gaps along a seam are narrow where it is none between columns.
    """
    seams = _seams(sheet, _neighbours(sheet))
    follower: dict[int, int] = {}
    for seam in seams:
        narrow = [gap for gap in seam if gap.width <= _MAX_TEAR * sheet.word_height]
        is_tear = len(narrow) >= _TORN_SHARE * len(seam)
        follower |= {gap.left: gap.right for gap in (seam if is_tear else narrow)}
    lines = []
    followers = set(follower.values())
    for index in range(len(sheet.lines)):
        if index in followers:
            continue
        pieces = [index]
        while pieces[-1] in follower:
            pieces.append(follower[pieces[-1]])
        words = [word for piece in pieces for word in sheet.lines[piece].words]
        lines.append(sheet.lines[index] if len(pieces) == 1 else Line.of(words))
    return tuple(lines)


def _neighbours(sheet: Sheet) -> Iterator[_Gap]:
    """Of each line, the gap to the next one on its right, if that is not far off."""
    overlap, reach = _MAX_TEAR * sheet.word_height, _MAX_SEAM * sheet.word_height
    by_left = sorted(range(len(sheet.lines)), key=lambda index: sheet.lines[index].left)
    lefts = [sheet.lines[index].left for index in by_left]
    taken: set[int] = set()
    for index in sorted(by_left, key=lambda index: sheet.lines[index].right):
        line = sheet.lines[index]
        near = slice(
            bisect_left(lefts, line.right - overlap), bisect_right(lefts, line.right + reach)
        )
        for other in by_left[near]:
            right = sheet.lines[other]
            if right.left > line.left and other not in taken and _meet(line, right):
                taken.add(other)
                yield _Gap(index, other, (right.left + line.right) / 2, right.left - line.right)
                break


def _meet(left: Line, right: Line) -> bool:
    """Whether the last word of a line and the first of another stand on one base line.

    The words at the seam tell it, as long lines may lean or bend.
    """
    one = max(left.words, key=lambda word: (is_solid(word), word.box.right)).box
    other = min(right.words, key=lambda word: (not is_solid(word), word.box.left)).box
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > _MIN_SHARED * min(one.height_px, other.height_px)


def _seams(sheet: Sheet, gaps: Iterable[_Gap]) -> list[list[_Gap]]:
    """Gaps that lie below one another."""
    seams: list[list[_Gap]] = []
    for gap in sorted(gaps, key=lambda gap: gap.x):
        if seams and gap.x - seams[-1][-1].x <= _SAME_SEAM * sheet.word_height:
            seams[-1].append(gap)
        else:
            seams.append([gap])
    return seams


def _precedes(lines: Sequence[Line]) -> np.ndarray:
    """Whether the line of a row stands above the line of a column: boolean, (n, n), no circles."""
    left, right, top, bottom = (
        np.array([getattr(line, side) for line in lines])
        for side in ("left", "right", "top", "bottom")
    )
    middle, height = (top + bottom) / 2, np.maximum(bottom - top, 1.0)
    smaller = np.minimum(height[:, None], height[None, :])
    shared = np.minimum(bottom[:, None], bottom[None, :]) - np.maximum(top[:, None], top[None, :])
    common = np.minimum(right[:, None], right[None, :]) - np.maximum(left[:, None], left[None, :])
    is_above = (middle[:, None] < middle[None, :]) & (shared < _MIN_SHARED * smaller)
    return np.asarray(is_above & (common >= _MIN_COMMON * smaller))
