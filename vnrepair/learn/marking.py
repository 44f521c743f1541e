"""Marks by name: what a clerk, a signer and time leave on a printed page.

In: a `PrintedPage`, which knows where its seal and its blanks are. Out: a page image, BGR or, where
no mark has a colour, grey. `learn.marks`, `learn.pen` and `learn.wear` draw; here is decided where
on the page, in which ink and with which words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from vnrepair.learn import marks, pen, wear
from vnrepair.learn.damage import Image
from vnrepair.learn.fonts import FontFamily
from vnrepair.learn.pages import MM_PER_INCH, GreyImage

__all__ = ["MARKS", "PrintedPage", "put_marks"]

_SHOW_THROUGH = 0.2
_STRONG_SHOW_THROUGH = 0.42
"""Thin paper, printed black on its back: the mirrored letters stand out, and are still paler."""


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """A page as the printer leaves it, and what a clerk needs to know to stamp it.

    Attributes:
        image: Grey page.
        dpi: Its resolution, pixels per inch.
        family: Fonts for the text of stamps.
        seal_px: Middle of the seal, (x, y); None for the usual place of a page without signature.
        seal_text: What stands round the seal.
        seal_lines: What stands in its middle; nothing for a star.
        blanks_px: Where something is to be filled in by hand: left end, base line, width.
    """

    image: GreyImage
    dpi: int
    family: FontFamily
    seal_px: tuple[float, float] | None = None
    seal_text: str = ""
    seal_lines: tuple[str, ...] = ()
    blanks_px: tuple[tuple[float, float, float], ...] = ()

    def at(self, across: float, down: float) -> tuple[float, float]:
        """A place by its shares of the width and the height, (x, y) in pixels."""
        height, width = self.image.shape
        return width * across, height * down

    @property
    def seal_place_px(self) -> tuple[float, float]:
        """Where the seal belongs, on a page without signature too."""
        return self.seal_px or self.at(0.62, 0.66)

    @property
    def signature_place_px(self) -> tuple[float, float]:
        """Where the pen goes: right of the middle of the seal and across its edge."""
        x, y = self.seal_place_px
        return x + 21 * self.dpi / MM_PER_INCH, y


MarkMaker = Callable[[Image, PrintedPage, GreyImage, np.random.Generator], Image]
"""Takes the page with all marks so far (BGR), the print, the back of the sheet, what decides."""


def _press_seal_at(across: float | None, down: float = 0.0) -> MarkMaker:
    """The seal in its own place, or at shares of the width and the height."""

    def press(
        image: Image,
        page: PrintedPage,
        back: GreyImage,  # noqa: ARG001
        rng: np.random.Generator,
    ) -> Image:
        place = page.seal_place_px if across is None else page.at(across, down)
        return marks.press_seal(
            image, place, page.seal_text, page.family, page.dpi, rng, page.seal_lines
        )

    return press


def _press_stamp_at(
    across: float, down: float, lines: tuple[str, ...], colour: tuple[int, int, int]
) -> MarkMaker:
    """A framed stamp at shares of the width and the height."""

    def press(
        image: Image,
        page: PrintedPage,
        back: GreyImage,  # noqa: ARG001
        rng: np.random.Generator,
    ) -> Image:
        place = page.at(across, down)
        return marks.press_stamp(image, place, lines, colour, page.family, page.dpi, rng)

    return press


def _sign_in(colour: tuple[int, int, int]) -> MarkMaker:
    """A signature over the signature block."""

    def draw(
        image: Image,
        page: PrintedPage,
        back: GreyImage,  # noqa: ARG001
        rng: np.random.Generator,
    ) -> Image:
        return pen.sign(image, page.signature_place_px, page.dpi, colour, rng)

    return draw


def _fill_in(
    image: Image,
    page: PrintedPage,
    back: GreyImage,  # noqa: ARG001
    rng: np.random.Generator,
) -> Image:
    """Handwriting in every blank; on a page without any, a remark in the top margin."""
    x, y = page.at(0.5, 0.045)
    blanks = page.blanks_px or ((x, y, 0.4 * page.image.shape[1]),)
    for left, baseline, width in blanks:
        image = pen.write_by_hand(image, left, baseline, width, page.dpi, pen.BLUE_INK, rng)
    return image


def _show_through(strength: float) -> MarkMaker:
    """The print of the back; a back of another shape shows nothing."""

    def show(
        image: Image,
        page: PrintedPage,  # noqa: ARG001
        back: GreyImage,
        rng: np.random.Generator,  # noqa: ARG001
    ) -> Image:
        if back.shape != image.shape[:2]:
            return image
        return marks.show_through(image, _as_bgr(back), strength)

    return show


_RECEIVED = ("ĐÃ NHẬN", "Ngày 03 tháng 6")
_ARRIVED = ("CÔNG VĂN ĐẾN", "Số: 418")
_ARRIVED_LONG = ("CÔNG VĂN ĐẾN", "Số: 1067", "Ngày: 15/8")
_URGENT = ("KHẨN",)
_COPIED = ("SAO Y BẢN CHÍNH",)

MARKS: Mapping[str, MarkMaker] = {
    "seal": _press_seal_at(None),
    "seal-on-text": _press_seal_at(0.42, 0.36),
    "seal-at-edge": _press_seal_at(0.985, 0.5),
    "stamp-red": _press_stamp_at(0.27, 0.165, _ARRIVED_LONG, marks.RED),
    "stamp-urgent": _press_stamp_at(0.30, 0.235, _URGENT, marks.RED),
    "stamp-blue": _press_stamp_at(0.66, 0.36, _RECEIVED, marks.BLUE),
    "stamp-copied": _press_stamp_at(0.45, 0.30, _COPIED, marks.BLUE),
    # An arrival stamp stands below the number of the document, on the left.
    "stamp-black": _press_stamp_at(0.26, 0.175, _ARRIVED, marks.BLACK),
    "stamp-black-on-text": _press_stamp_at(0.58, 0.42, _COPIED, marks.BLACK),
    "signature": _sign_in(pen.BLUE_INK),
    "signature-black": _sign_in(pen.BLACK_INK),
    "handwriting": _fill_in,
    "fold": lambda image, _page, _back, rng: marks.fold(image, float(rng.uniform(0.42, 0.58)), rng),
    "crease": lambda image, _page, _back, rng: wear.crease(image, rng),
    "holes": lambda image, page, _back, rng: wear.punch(image, page.dpi, rng),
    "yellow": lambda image, _page, _back, rng: wear.age(image, rng),
    "show-through": _show_through(_SHOW_THROUGH),
    "show-through-strong": _show_through(_STRONG_SHOW_THROUGH),
}
"""What may be on paper besides print; offices press the seal over the signature line."""

_COLOURED = frozenset(
    {
        *("seal", "seal-on-text", "seal-at-edge", "stamp-red", "stamp-urgent"),
        *("stamp-blue", "stamp-copied", "signature", "handwriting", "yellow"),
    }
)
"""Marks for which a scan is made in colour; a page with none of them is scanned in grey."""


def put_marks(
    page: PrintedPage, names: Sequence[str], back: GreyImage, rng: np.random.Generator
) -> Image:
    """Put marks on a page, in order.

    Args:
        page: The printed page.
        names: Keys of `MARKS`.
        back: What is printed on the other side.
        rng: How the marks fall.

    Returns:
        BGR, or grey where none of the marks has a colour.
    """
    image = _as_bgr(page.image)
    for name in names:
        image = MARKS[name](image, page, back, rng)
    if _COLOURED.isdisjoint(names):
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    return image


def _as_bgr(image: GreyImage) -> Image:
    return np.repeat(image[..., None], 3, axis=2)
