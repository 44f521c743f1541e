"""A second look at what the first reading was not sure of.

In: the prepared page and the words of its first reading. Out: the words after other readings were
joined with the first. Strips that were read badly, or not at all, are set below each other on a
sheet and read at another size: the recogniser sees other pixels and errs elsewhere, and the layout
analysis, which takes neighbouring columns for one line, has nothing to go wrong with. Where much is
unsure, the whole page is read at that size, too. The time that Tesseract takes goes by the text it
sees, so a page that was read well costs next to nothing.
"""

import dataclasses
import time
from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from vnrepair.config import ScanConfig
from vnrepair.records import Box, Word
from vnrepair.scan.join import Judge, join_lines, join_readings
from vnrepair.scan.observer import NOBODY, Observer
from vnrepair.scan.ocr import recognise
from vnrepair.scan.page import PageImage, identity, scaling
from vnrepair.scan.pieces import Piece, allot, put_back, unread_column
from vnrepair.scan.strips import find_strips, set_cells, set_sheet

__all__ = ["look_again"]

MAX_STRIPS = 400
"""More are no page of text; a dense one has about 150."""
DOUBTED = 0.8
"""Confidence below which every second word of a damaged page is wrong: how many there are tells how
good the page is."""
GOOD = 0.02
"""Share of doubted words below which they are read again with their neighbours only, which takes
half of the time. On other pages whole strips come out better: a tenth of the errors."""
BAD = 0.05
"""Share of doubted words from which the whole page is read once more: fax, grain, coarse scans."""
SURE_CELL = 0.6
"""Confidence from which a word is taken for a cell of which nothing was read before: nine of ten
digits have it, specks and strokes of a pen hardly ever."""
_SMALL_LETTER_PX = 15.0
"""Smaller letters gain by being enlarged, larger ones by being made smaller."""
_SMALLER, _LARGER = 0.75, 1.5
_ONE_BLOCK = 6  # Tesseract's --psm for text in one column
_MAX_SIDE_PX = 30_000  # Tesseract refuses images beyond 32,767


def look_again(
    page: PageImage,
    words: Sequence[Word],
    config: ScanConfig,
    judge: Judge,
    *,
    timeout_s: float,
    observer: Observer = NOBODY,
) -> tuple[Word, ...]:
    """Read the unsure parts of a page once more and take what is better.

    Args:
        page: The prepared page.
        words: Its first reading in Tesseract's order; boxes in pixels of `page`.
        config: Language and page segmentation.
        judge: Weighs wordings.
        timeout_s: Seconds that all of it may take, > 0; what is not begun by then is left out.
        observer: Is shown each reading.

    Returns:
        The words with those of other readings in their places; the same where nothing is unsure.

    Raises:
        EngineError: Tesseract failed or took too long.
    """
    pieces = allot(find_strips(page.ink), words)
    cells = unread_column(pieces)
    unsure = [piece for piece in pieces if piece.is_unsure]
    if not (unsure or cells) or len(pieces) > MAX_STRIPS:
        return tuple(words)
    doubted = sum((word.confidence or 0.0) < DOUBTED for word in words) / max(len(words), 1)
    if doubted < GOOD:
        unsure = [part for piece in unsure for part in piece.parts]
    factor = _LARGER if page.ink.letter_height_px < _SMALL_LETTER_PX else _SMALLER
    again = _Again(page, factor, config, observer, time.monotonic() + timeout_s)
    if unsure:
        again.read_sheet(unsure)
    if cells:
        again.read_cells(cells)
    joined = join_lines([(piece.first, piece.second) for piece in unsure], judge)
    joined += [tuple(cell.second) for cell in cells]  # where nothing was read, nothing disagrees
    result = tuple(put_back(words, [*unsure, *cells], joined))
    return result if doubted < BAD else join_readings(result, again.read_whole(), judge)


@dataclasses.dataclass(frozen=True, slots=True)
class _Again:
    """Readings of a page at another size; none is begun after `end_s`, or of too large an image."""

    page: PageImage
    factor: float
    config: ScanConfig
    observer: Observer
    end_s: float

    def read_sheet(self, pieces: Sequence[Piece]) -> None:
        """Set pieces on a sheet and give each the words that are read of it."""
        page = self.page
        sheet = set_sheet(page.grey, page.ink, [piece.shown for piece in pieces], self.factor)
        shown = PageImage(sheet.image, to_source=identity())
        for word in self._read(shown, "unsure lines", _ONE_BLOCK):
            number, box = sheet.on_page(word.box)
            pieces[number].second.append(dataclasses.replace(word, box=box))

    def read_cells(self, pieces: Sequence[Piece]) -> None:
        """Set the numbers of a table's rows beside each other and give each what is read of it."""
        page = self.page
        cells = set_cells(page.grey, page.ink, [piece.strip for piece in pieces], self.factor)
        shown = PageImage(cells.image, to_source=identity())
        for word in self._read(shown, "unread cells", _ONE_BLOCK):
            place = cells.on_page(word.box)
            if place is not None and (word.confidence or 0.0) >= SURE_CELL:
                number, box = place
                pieces[number].second.append(dataclasses.replace(word, box=box))

    def read_whole(self) -> list[Word]:
        """The words of the whole page, boxes in its pixels."""
        page, factor = self.page, self.factor
        size = (max(1, round(page.width_px * factor)), max(1, round(page.height_px * factor)))
        method = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
        resized = cv2.resize(page.grey, size, interpolation=method).astype(np.uint8)
        shown = dataclasses.replace(page.moved(resized, scaling(factor)), bilevel=False)
        found = self._read(shown, "another size", self.config.page_segmentation)
        return list(_resized(found, 1 / factor))

    def _read(self, shown: PageImage, name: str, page_segmentation: int) -> tuple[Word, ...]:
        left_s = self.end_s - time.monotonic()
        if left_s <= 0 or max(shown.image.shape) > _MAX_SIDE_PX:
            return ()
        found = recognise(
            shown.image,
            self.config.language,
            page_segmentation=page_segmentation,
            timeout_s=left_s,
        )
        self.observer.was_read(name, found, shown)
        return found


def _resized(words: Sequence[Word], factor: float) -> Iterator[Word]:
    for word in words:
        sides = (word.box.left, word.box.top, word.box.right, word.box.bottom)
        yield dataclasses.replace(word, box=Box(*(round(side * factor) for side in sides)))
