"""Two readings of a page made one, word by word.

In: the words of a first and of a second reading of the same page, boxes in the same pixels, and a
judge of wordings. Out: the words of the first reading, some of them replaced, dropped or added to.
Where both agree nothing changes but that the word is surer. Where they differ, the engine's
confidence and the judge decide, and a change must be clearly better, so that a second reading may
well be the worse of the two and does no harm.

Source:
    Fiscus 1997, "A post-processing system to yield reduced word error rates: Recognizer Output
    Voting Error Reduction (ROVER)", ASRU; boxes take the place of its alignment by time.
"""

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vnrepair.records import Hypothesis, Word

__all__ = ["Judge", "join_lines", "join_readings"]

Judge = Callable[[Sequence[str]], Sequence[float]]
"""Log probability of each of some texts as wording, nats; 0.0 for an empty one."""

CONFIDENCE_WEIGHT = 1.0
"""Nats per letter and nat of the engine's own log odds."""
CHAR_NATS = 2.5
"""For each letter or digit that is read, not left out: about what the judge takes for one."""
MARGIN_NATS = 3.0
"""By which a second reading must be better."""
CONTEXT_WORDS = 3
ROUNDS = 2
_LIST_MARKS = frozenset("-–+•")  # print as letters are, where they stand alone
_LONGEST_RUN = 3  # of one sign; amounts of money have three noughts in a row
_CONFIDENCES = (0.05, 0.97)  # beyond these, the engine's confidence says no more
_SAME_LINE = 0.5  # share of the lower word's height that two words of one line have in common
_SAME_PLACE = 0.3  # share of the narrower word's width that readings of one place have in common
_MAX_GAP = 4.0  # usual heights of a word between a word of the second reading and its line
_COLUMN_GAP = 3.0  # heights of a word; wider blanks divide columns
_TALLEST = 2.0  # usual heights of a word; taller ones cover several lines and are none


@dataclass(slots=True)
class _Place:
    """A place of a line with what each reading made of it: one word, several or none."""

    first: list[Word]
    second: list[Word]
    takes_second: bool = False

    @property
    def chosen(self) -> list[Word]:
        """What is thought right so far."""
        return self.second if self.takes_second else self.first


def join_readings(first: Sequence[Word], second: Sequence[Word], judge: Judge) -> tuple[Word, ...]:
    """Take from a second reading of a page what is better than in the first.

    Args:
        first: Words in reading order, `line` numbered.
        second: Words of another reading in any order, boxes in the pixels of the first.
        judge: Weighs wordings.

    Returns:
        The words of the first reading in their order; those that come from the second have block
        and line of their place. Words read in two ways carry the other reading in `others`.
    """
    lines = _lines(first)
    joined = join_lines(list(zip(lines, _assign(lines, second), strict=True)), judge)
    return tuple(
        dataclasses.replace(word, block=line[0].block, line=line[0].line)
        for line, words in zip(lines, joined, strict=True)
        for word in words
    )


def join_lines(
    readings: Sequence[tuple[Sequence[Word], Sequence[Word]]], judge: Judge
) -> list[tuple[Word, ...]]:
    """Join two readings line by line, where it is known what of the second belongs to which line.

    Args:
        readings: Per line, or piece of one, the words of the first and of the second reading.
        judge: Weighs wordings.

    Returns:
        The words of each line, with the block and line that their own reading gave them.
    """
    lines = [_divide(first, second) for first, second in readings]
    _settle(lines, judge)
    return [tuple(_words_of(places)) for places in lines]


def _lines(words: Sequence[Word]) -> list[tuple[Word, ...]]:
    found: dict[int, list[Word]] = {}
    for word in words:
        found.setdefault(word.line, []).append(word)
    return [tuple(line) for line in found.values()]


def _assign(lines: Sequence[Sequence[Word]], second: Sequence[Word]) -> list[list[Word]]:
    """The words of the second reading by the line of the first that they stand in."""
    beside: list[list[Word]] = [[] for _ in lines]
    if not lines or not second:
        return beside
    boxes = _boxes(word for line in lines for word in line)
    owner = np.array([index for index, line in enumerate(lines) for _ in line])
    usual = float(np.median(boxes[:, 3] - boxes[:, 1]))
    boxes, owner = (rows[boxes[:, 3] - boxes[:, 1] <= _TALLEST * usual] for rows in (boxes, owner))
    for word, (left, top, right, bottom) in zip(second, _boxes(second).tolist(), strict=True):
        if not len(boxes) or bottom - top > _TALLEST * usual:
            continue
        common = np.minimum(boxes[:, 3], bottom) - np.maximum(boxes[:, 1], top)
        heights = np.minimum(boxes[:, 3] - boxes[:, 1], bottom - top)
        gap = np.maximum(np.maximum(boxes[:, 0] - right, left - boxes[:, 2]), 0)
        gap[common < _SAME_LINE * np.maximum(heights, 1)] = np.inf
        nearest = int(np.argmin(gap - 1e-3 * common))
        if gap[nearest] <= _MAX_GAP * usual:
            beside[int(owner[nearest])].append(word)
    return beside


def _boxes(words: Iterable[Word]) -> np.ndarray:
    rows = [(w.box.left, w.box.top, w.box.right, w.box.bottom) for w in words]
    return np.array(rows, dtype=float).reshape(-1, 4)


def _divide(line: Sequence[Word], other: Sequence[Word]) -> list[_Place]:
    """A line cut into places, from left to right, each with what both readings made of it."""
    marked = [(word, True) for word in line] + [(word, False) for word in other]
    marked.sort(key=lambda pair: (pair[0].box.left, pair[0].box.right))
    places: list[_Place] = []
    left = right = 0
    for word, is_first in marked:
        overlap = min(right, word.box.right) - word.box.left
        narrower = min(right - left, word.box.width_px)
        if not places or overlap < _SAME_PLACE * max(narrower, 1):
            places.append(_Place([], []))
            left = right = word.box.left
        (places[-1].first if is_first else places[-1].second).append(word)
        right = max(right, word.box.right)
    return [part for place in places for part in _parts(place)]


def _parts(place: _Place) -> list[_Place]:
    """A place cut further: word by word where both readings have as many, or one has none."""
    if not place.second:
        return [_Place([one], []) for one in place.first]
    if not place.first:
        return [_Place([], [other]) for other in place.second]
    if len(place.first) != len(place.second):
        return [place]
    return [_Place([one], [other]) for one, other in zip(place.first, place.second, strict=True)]


def _settle(lines: Sequence[Sequence[_Place]], judge: Judge) -> None:
    """Decide every dispute with its neighbours as context; the second time those are right."""
    disputes = [
        (places, column)
        for places in lines
        for column, place in enumerate(places)
        if _text(place.first) != _text(place.second)
    ]
    for _ in range(ROUNDS):
        texts: list[str] = []
        for places, column in disputes:
            before, after = _around(places, column)
            for words in (places[column].first, places[column].second):
                texts.append(" ".join(filter(None, (before, _text(words), after))))
        nats = judge(texts)
        gains = (
            _gain(places[column], nats[2 * index], nats[2 * index + 1])
            for index, (places, column) in enumerate(disputes)
        )
        for (places, column), gain in zip(disputes, list(gains), strict=True):
            places[column].takes_second = gain > MARGIN_NATS


def _around(places: Sequence[_Place], column: int) -> tuple[str, str]:
    """What is read before and behind a place; another column of the page is no context."""
    before = _near(places[index].chosen for index in range(column, -1, -1))
    after = _near(places[index].chosen for index in range(column, len(places)))
    return " ".join(word.text for word in reversed(before)), " ".join(word.text for word in after)


def _near(runs: Iterator[Sequence[Word]]) -> list[Word]:
    """The next few words in one direction, up to a gap as wide as between columns.

    Args:
        runs: The words of the place itself, then those of the places that follow.
    """
    near: list[Word] = []
    last = next(iter(next(runs)), None)
    for run in runs:
        for word in run:
            if last is not None and _gap(last, word) > _COLUMN_GAP * word.box.height_px:
                return near
            near.append(word)
            last = word
        if len(near) >= CONTEXT_WORDS:
            break
    return near[:CONTEXT_WORDS]


def _gap(one: Word, other: Word) -> int:
    """Pixels between two words of a line."""
    return max(one.box.left, other.box.left) - min(one.box.right, other.box.right)


def _gain(place: _Place, first: float, second: float) -> float:
    """Nats by which the second reading is better."""
    return second - first + _evidence(place.second) - _evidence(place.first)


def _evidence(words: Sequence[Word]) -> float:
    """What the page itself says for words: how surely they were read, and that something stands."""
    total = 0.0
    for word in words:
        low, high = _CONFIDENCES
        confidence = min(max(0.5 if word.confidence is None else word.confidence, low), high)
        solid = 1 if word.text in _LIST_MARKS else _n_solid(word.text)
        odds = math.log(confidence / (1 - confidence))
        total += CHAR_NATS * solid + CONFIDENCE_WEIGHT * odds * max(len(word.text), 1)
    return total


def _n_solid(text: str) -> int:
    """Letters and digits; a long run of one, such as a row of boxes is read as, counts as three."""
    runs = (len(list(run)) for char, run in itertools.groupby(text) if char.isalnum())
    return sum(min(length, _LONGEST_RUN) for length in runs)


def _words_of(places: Sequence[_Place]) -> Iterator[Word]:
    """The words of a line as they go on."""
    for place in places:
        rivals = place.first if place.takes_second else place.second
        is_even = len(place.chosen) == len(rivals)
        for index, word in enumerate(place.chosen):
            yield _beside(word, rivals[index]) if is_even else word


def _beside(word: Word, rival: Word) -> Word:
    """A word that another reading agrees with, or with what that made of it."""
    if word.text == rival.text:
        confidence = max(word.confidence or 0.0, rival.confidence or 0.0)
        return dataclasses.replace(word, confidence=confidence)
    other = Hypothesis(rival.text, rival.confidence or 0.0)
    return dataclasses.replace(word, others=(*word.others, other))


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)
