"""Words that are none: what Tesseract makes of signatures, seals, specks and handwriting.

Such garbage gives itself away by several signs at once: the engine doubts it on a page that it
reads well, it is spelt as nothing is, and it stands alone, lies on a pen stroke, has the wrong
size, or fills a line with its like. One sign is never enough, but for upright strokes that stand
alone: misread words are doubted and misspelt too, and a later stage mends those. A right word that
is dropped costs more than a wrong one that stays.
"""

import re
import statistics
from collections.abc import Iterator, Sequence

import numpy as np

from vnrepair.language.syllables import is_valid_syllable
from vnrepair.records import Box, Word
from vnrepair.scan.page import as_grey
from vnrepair.scan.scribbles import find_scribbles

__all__ = ["drop_garbage", "trusted_confidence"]

_GOOD_PAGE = (
    0.85  # median confidence of a page that the engine reads well; on others doubt is no sign
)
_MIN_WORDS = 12  # fewer tell neither how well the page is read nor how large its words are
_SURE = 0.6  # confidence at which a word is never dropped; right words are nearly all above it
_DOUBTED = 0.35  # confidence below which words were wrong four times in five on damaged pages
_GARBLED_LINE = 0.35  # mean confidence of lines in which hardly a letter was right
_MIN_GARBLED = 3  # words that make such a line; two may be a misread name
_MAX_RIGHT_SHARE = 0.25  # of a garbled line's words that are spelt rightly, by chance
_FLAT = 0.33  # of the page's usual word height: too low for a letter, even for a superscript
_TALL = 1.6  # usual word heights; a taller box may hold print, two lines of it read as one
_UPRIGHT = 0.4  # width over height of the box of an upright stroke
_GAP = 1.5  # usual word heights between words that do not belong together
_ON_STROKE = 0.5  # share of a word's box that lies on a scribble

_NUMBER = re.compile(r"\d{1,4}(?:[.,/:-]\d{1,4})*%?|[IVXLC]{1,5}|[a-zđ]\)", re.IGNORECASE)
_EDGES = re.compile(r"^[^\w]+|[^\w]+$")


def drop_garbage(
    words: Sequence[Word], image: np.ndarray
) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """Tell the words of a page from what was read out of marks that are no print.

    Args:
        words: Of one page in reading order, boxes in pixels of `image`.
        image: The page as Tesseract was given it, uint8, grey or BGR.

    Returns:
        The words to keep and those to drop, both in their order. Pages that are read badly all
        over, or hold hardly any words, keep everything.
    """
    confidences = [word.confidence for word in words if word.confidence is not None]
    if len(confidences) < _MIN_WORDS or statistics.median(confidences) < _GOOD_PAGE:
        return tuple(words), ()
    heights = [word.box.height_px for word in words if trusted_confidence(word) >= _SURE]
    usual_px = statistics.median(heights)
    if all(trusted_confidence(word) >= _SURE and not _is_rule(word) for word in words):
        return tuple(words), ()
    scribbles = tuple(scribble.box for scribble in find_scribbles(as_grey(image)))
    garbage = {
        index
        for line in _lines(words)
        for index in _garbage_of([(index, words[index]) for index in line], usual_px, scribbles)
    }
    kept = tuple(word for index, word in enumerate(words) if index not in garbage)
    return kept, tuple(words[index] for index in sorted(garbage))


def _garbage_of(
    line: Sequence[tuple[int, Word]], usual_px: float, scribbles: Sequence[Box]
) -> Iterator[int]:
    """Which words of a line are garbage."""
    words = [word for _, word in line]
    is_garbled = _is_garbled(words)
    alone = all(trusted_confidence(word) < _SURE for word in words)
    for place, (index, word) in enumerate(line):
        if _is_rule(word):
            yield index
        if _is_rule(word) or trusted_confidence(word) >= _SURE:
            continue
        beside = [*words[max(place - 1, 0) : place], *words[place + 1 : place + 2]]
        if is_garbled or _is_flat(word, usual_px):
            yield index
        elif any(_is_beside(word, other, _GAP * usual_px) for other in beside):
            continue  # print goes on here: a misread word rather than none
        elif (
            trusted_confidence(word) < _DOUBTED
            and not _is_spelt(word.text)
            and (
                _is_symbol(word)
                or (len(line) == 1 and word.box.height_px < _TALL * usual_px)
                or (alone and _is_on(scribbles, word))
            )
        ):
            yield index


def _lines(words: Sequence[Word]) -> Iterator[list[int]]:
    """Indices of the words of each line."""
    line: list[int] = []
    for index, word in enumerate(words):
        if line and word.line != words[line[-1]].line:
            yield line
            line = []
        line.append(index)
    if line:
        yield line


def _is_garbled(line: Sequence[Word]) -> bool:
    """Whether a line of several words is handwriting, or print of the other side."""
    if len(line) < _MIN_GARBLED or statistics.fmean(map(trusted_confidence, line)) >= _GARBLED_LINE:
        return False
    return sum(_is_spelt(word.text) for word in line) <= _MAX_RIGHT_SHARE * len(line)


def _is_flat(word: Word, usual_px: float) -> bool:
    """Whether a box is too low for the letters that were read from it."""
    return any(map(str.isalnum, word.text)) and word.box.height_px < _FLAT * usual_px


def _is_beside(word: Word, other: Word, gap_px: float) -> bool:
    """Whether a word that was read with confidence stands near, as the next word of a line does."""
    left, right = sorted((word.box, other.box), key=lambda box: box.left)
    return trusted_confidence(other) >= _SURE and right.left - left.right < gap_px


def _is_rule(word: Word) -> bool:
    """Whether a word is the border of a table's cell; print has no upright strokes on their own."""
    return not word.text.strip("|") and word.box.width_px <= _UPRIGHT * word.box.height_px


def _is_symbol(word: Word) -> bool:
    return not any(map(str.isalnum, word.text))


def _is_spelt(text: str) -> bool:
    """Whether a word is a Vietnamese syllable or a number, up to the marks around it."""
    core = _EDGES.sub("", text)
    if _NUMBER.fullmatch(core):
        return True
    return len(core) >= 2 and is_valid_syllable(core)


def _is_on(scribbles: Sequence[Box], word: Word) -> bool:
    """Whether most of a word's box lies on a scribble."""
    box = word.box
    for other in scribbles:
        width = min(box.right, other.right) - max(box.left, other.left)
        height = min(box.bottom, other.bottom) - max(box.top, other.top)
        if max(width, 0) * max(height, 0) > _ON_STROKE * box.width_px * box.height_px:
            return True
    return False


def trusted_confidence(word: Word) -> float:
    """Of the engine, 0-1; a word whose source gives none is trusted."""
    return 1.0 if word.confidence is None else word.confidence
