"""Pixels become square before anything looks at the page, and Tesseract is told a likely dpi."""

import cv2
import numpy as np
import pytest

from tests.printed import BODY, print_lines
from vnrepair.config import ScanConfig
from vnrepair.records import Box
from vnrepair.scan.ocr import recognise
from vnrepair.scan.page import SourcePage
from vnrepair.scan.preprocess import preprocess
from vnrepair.scan.resolution import estimate_dpi, to_page_image

LINES = print_lines(dpi=204)


def fax(lines: np.ndarray = LINES) -> SourcePage:
    """The page as a fax machine sends it in standard mode: 204 by 98 dots per inch."""
    size = (lines.shape[1], round(lines.shape[0] * 98 / 204))
    coarse = cv2.resize(lines, size, interpolation=cv2.INTER_AREA)
    dots = np.where(coarse > 180, 255, 0).astype(np.uint8)
    return SourcePage(1, dots, 98.0, True, pixel_aspect=98 / 204)


def test_a_page_with_square_pixels_is_the_very_same() -> None:
    image = to_page_image(SourcePage(1, LINES, 204.0, False))
    assert image.image is LINES
    assert (image.dpi, image.bilevel, image.steps) == (204.0, False, ())
    assert np.array_equal(image.to_source, np.eye(3))


@pytest.mark.parametrize("aspect", [0.96, 1.04, 1.1])
def test_pixels_that_are_nearly_square_are_left_alone(aspect: float) -> None:
    page = SourcePage(1, LINES, 204.0, False, pixel_aspect=aspect)
    assert to_page_image(page).image is LINES


def test_a_fax_gets_its_height_back_and_stays_bilevel() -> None:
    image = to_page_image(fax())
    assert image.image.shape == LINES.shape
    assert image.dpi == pytest.approx(204, abs=0.5)
    assert image.bilevel
    assert set(np.unique(image.image)) == {0, 255}


def test_boxes_of_a_stretched_page_lie_on_the_dots_of_the_fax() -> None:
    source = fax()
    image = to_page_image(source)
    height, width = source.image.shape
    whole = Box(0, 0, image.width_px, image.height_px)
    assert image.box_in_source(whole, width, height) == Box(0, 0, width, height)
    half = Box(0, 0, image.width_px, image.height_px // 2)
    assert image.box_in_source(half, width, height).bottom == pytest.approx(height / 2, abs=1)


def test_a_page_with_wide_pixels_is_widened() -> None:
    page = SourcePage(1, LINES[:, ::2], 204.0, False, pixel_aspect=2.0)
    image = to_page_image(page)
    assert image.image.shape == (LINES.shape[0], 2 * LINES[:, ::2].shape[1])
    assert image.dpi == 204.0


def test_a_fax_reads_once_its_pixels_are_square() -> None:
    prepared = preprocess(fax(), ScanConfig(steps=()))
    words = [word.text for word in recognise(prepared.image, "vie", dpi=prepared.dpi)]
    wanted = " ".join(BODY).split()
    assert len(set(words) & set(wanted)) > 0.9 * len(set(wanted))


@pytest.mark.parametrize("dpi", [150, 300])
def test_an_unknown_resolution_is_told_by_the_letters(dpi: int) -> None:
    page = SourcePage(1, print_lines(dpi=dpi), None, False)
    assert to_page_image(page).dpi == pytest.approx(dpi, rel=0.25)


@pytest.mark.parametrize("claimed", [72.0, 96.0, 1200.0])
def test_a_resolution_that_the_letters_belie_is_not_passed_on(claimed: float) -> None:
    page = SourcePage(1, print_lines(dpi=300), claimed, False)
    assert to_page_image(page).dpi == pytest.approx(300, rel=0.25)


@pytest.mark.parametrize("dpi", [100, 600])
def test_an_odd_resolution_that_the_letters_bear_out_is_passed_on(dpi: int) -> None:
    assert to_page_image(SourcePage(1, print_lines(BODY[:4], dpi=dpi), dpi, False)).dpi == dpi


@pytest.mark.parametrize("claimed", [None, 72.0, 300.0])
def test_a_page_without_letters_tells_nothing(claimed: float | None) -> None:
    blank = np.full((600, 400, 3), 255, dtype=np.uint8)
    assert estimate_dpi(blank, claimed) == claimed
    assert to_page_image(SourcePage(1, blank, claimed, False)).dpi == claimed
