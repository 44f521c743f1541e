"""Each step mends one damage, keeps book of the way back, and leaves good pages alone."""

import dataclasses
import functools
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.printed import BODY, Run, font, lean, print_lines, print_runs
from vnrepair.config import ScanConfig
from vnrepair.errors import ConfigError
from vnrepair.learn.damage import Damage, apply_damage
from vnrepair.records import Box
from vnrepair.scan.clean import estimate_noise, has_light_print, light_ratio
from vnrepair.scan.ink import find_ink
from vnrepair.scan.ocr import recognise
from vnrepair.scan.page import PageImage, SourcePage, identity, rotation, scaling, turn
from vnrepair.scan.preprocess import STEPS, estimate_skew, preprocess
from vnrepair.scan.stamps import lift_coloured_marks

CONFIG = ScanConfig()


@functools.cache
def clean_page() -> np.ndarray:
    return print_lines((*BODY, "", *BODY))


def damaged(damage: Damage, page: np.ndarray | None = None) -> np.ndarray:
    source = clean_page() if page is None else page
    return apply_damage(source, damage, np.random.default_rng(5))


def prepared(image: np.ndarray, *steps: str, dpi: float | None = None) -> PageImage:
    bilevel = image.ndim == 2 and bool(np.isin(image, (0, 255)).all())
    config = dataclasses.replace(CONFIG, steps=steps or CONFIG.steps)
    return preprocess(SourcePage(1, image, dpi, bilevel), config)


def text_of(image: np.ndarray) -> str:
    return " ".join(word.text for word in recognise(image, "vie"))


WHOLE_TEXT = " ".join(BODY * 2)


# Good pages


GOOD_PAGES = {
    "clean": clean_page,
    "bilevel": lambda: np.where(clean_page() > 140, 255, 0).astype(np.uint8),
    "300 dpi": lambda: print_lines(BODY, dpi=300),
    "colour": lambda: cv2.cvtColor(clean_page(), cv2.COLOR_GRAY2BGR).astype(np.uint8),
    "blank": lambda: np.full((800, 600), 255, dtype=np.uint8),
    "black": lambda: np.zeros((800, 600), dtype=np.uint8),
    "one pixel": lambda: np.full((1, 1), 128, dtype=np.uint8),
    "two words": lambda: print_lines(["Hết trang."]),
    "a hair of skew": lambda: lean(clean_page(), 0.2),
    "faint grain": lambda: damaged(Damage(noise=5)),
}


@pytest.mark.parametrize("make", GOOD_PAGES.values(), ids=GOOD_PAGES.keys())
def test_good_pages_pass_through_untouched(make: functools.partial[np.ndarray]) -> None:
    image = make()
    result = prepared(image)
    assert result.image is image
    assert result.steps == ()
    assert np.array_equal(result.to_source, identity())
    assert (result.rotation_deg, result.skew_deg) == (0, 0.0)


def test_an_unknown_step_is_named_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"'sharpen'.*deskew"):
        prepared(clean_page(), "grey", "sharpen")


def test_only_the_steps_of_the_configuration_run() -> None:
    crooked = lean(clean_page(), 4.0)
    assert prepared(crooked, "grey", "shadow").image is crooked


def test_the_default_steps_are_known() -> None:
    assert set(CONFIG.steps) <= STEPS.keys()


# Deskew


@pytest.mark.parametrize("degrees", [-14.6, -7.35, -2.1, -0.6, 0.0, 0.9, 3.3, 8.75, 14.2])
def test_the_lean_of_lines_is_measured_to_a_tenth_of_a_degree(degrees: float) -> None:
    assert estimate_skew(lean(clean_page(), degrees)) == pytest.approx(degrees, abs=0.1)


def test_the_lean_is_measured_on_a_dusty_page_in_the_shadow() -> None:
    page = damaged(Damage(skew_deg=-3.2, shadow=0.6, noise=12, speckle=8))
    assert estimate_skew(page) == pytest.approx(-3.2, abs=0.1)


def test_a_page_with_hardly_any_letters_has_no_lean() -> None:
    assert estimate_skew(lean(print_lines(["Hết trang."]), 5.0)) == 0.0


@pytest.mark.parametrize("degrees", [-9.0, 5.0])
def test_a_crooked_page_is_read_as_the_straight_one(degrees: float) -> None:
    crooked = lean(np.pad(clean_page(), 150, constant_values=255), degrees)
    result = prepared(crooked)
    assert result.steps == ("deskew",)
    assert result.skew_deg == pytest.approx(degrees, abs=0.1)
    assert text_of(result.image) == WHOLE_TEXT


def test_no_corner_of_a_crooked_page_is_cut_off() -> None:
    page = clean_page().copy()
    page[:8, :8] = 0
    result = prepared(lean(page, 0.0), "deskew")
    crooked = prepared(lean(page, 6.0), "deskew")
    assert crooked.height_px > result.height_px
    assert crooked.width_px > result.width_px


# Orientation


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
@pytest.mark.parametrize("dpi", [150, 300])
def test_every_side_up_is_found(quarters: int, dpi: int) -> None:
    upright = print_lines(BODY[:5], dpi=dpi)
    turned = np.ascontiguousarray(np.rot90(upright, quarters))
    result = prepared(turned)
    assert result.rotation_deg == 90 * quarters
    assert np.array_equal(result.image, upright)


def test_a_crooked_page_upside_down_is_turned_and_straightened() -> None:
    page = np.ascontiguousarray(np.rot90(lean(clean_page(), 2.0), 2))
    result = prepared(page)
    assert result.steps == ("orientation", "deskew")
    assert result.rotation_deg == 180
    assert text_of(result.image) == WHOLE_TEXT


def test_a_page_with_few_letters_is_not_turned() -> None:
    page = np.ascontiguousarray(np.rot90(print_lines(["Trang 2", "Hết"]), 2))
    assert prepared(page).image is page


def test_a_page_of_rules_and_boxes_is_not_turned() -> None:
    page = np.full((900, 700), 255, dtype=np.uint8)
    for row in range(100, 800, 60):
        page[row : row + 3, 80:620] = 0
    for column in range(80, 640, 90):
        page[100:763, column : column + 3] = 0
    assert prepared(page).image is page


# Stamps


def stamped() -> tuple[np.ndarray, np.ndarray]:
    """A page under a red stamp, and which pixels are stamp and not letter."""
    grey = clean_page()
    page = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    seal = np.zeros(grey.shape, dtype=np.uint8)
    cv2.circle(seal, (700, 260), 130, 255, 9)
    cv2.circle(seal, (700, 260), 85, 255, 4)
    for x in range(610, 790, 30):
        cv2.line(seal, (x, 230), (x + 14, 290), 255, 7)
    red = np.array([60, 50, 215], dtype=np.uint8)
    inked = np.minimum(page, red)
    return np.where(seal[:, :, None] > 0, inked, page), (seal > 0) & (grey > 200)


def test_a_red_stamp_goes_and_the_letters_under_it_stay() -> None:
    page, stamp = stamped()
    result = prepared(page)
    assert result.steps == ("grey",)
    assert result.image[stamp].min() > 200
    assert result.image[clean_page() < 60].max() < 120
    assert text_of(result.image) == WHOLE_TEXT
    assert text_of(page) != WHOLE_TEXT


def test_a_red_stamp_under_yellow_light_goes_too() -> None:
    page, stamp = stamped()
    yellow = (page * np.array([0.7, 0.92, 1.0])).astype(np.uint8)
    result = prepared(yellow, "grey")
    assert result.image[stamp].min() > 150


def test_black_on_white_holds_no_stamp_even_in_colour() -> None:
    page = cv2.cvtColor(clean_page(), cv2.COLOR_GRAY2BGR).astype(np.uint8)
    assert lift_coloured_marks(page) is None


def test_red_paper_is_no_stamp() -> None:
    page = np.full((400, 300, 3), (60, 50, 215), dtype=np.uint8)
    page[100:120, 50:250] = 0
    assert lift_coloured_marks(page) is None


# Shadow, dust, noise


def test_a_shadow_is_evened_out() -> None:
    dark = damaged(Damage(shadow=0.75, paper=0.9))
    result = prepared(dark)
    assert result.steps == ("shadow",)
    assert light_ratio(dark) < 0.6
    assert light_ratio(result.image) > 0.95
    assert text_of(result.image) == WHOLE_TEXT


def coloured(
    page: np.ndarray, ground: tuple[int, int, int], letters: tuple[int, int, int]
) -> np.ndarray:
    """A grey page in colour, blue first: white becomes the ground, black the letters."""
    share = page[:, :, None] / 255
    mixed: np.ndarray = np.rint(share * ground + (1 - share) * letters).astype(np.uint8)
    return mixed


def page_with_bar() -> np.ndarray:
    bar = coloured(print_lines(BODY[:1]), ground=(20, 20, 140), letters=(255, 255, 255))
    return np.vstack([bar, cv2.cvtColor(print_lines(BODY[1:]), cv2.COLOR_GRAY2BGR)])


LIGHT_ON_DARK = {
    "white on blue": lambda: coloured(print_lines(), (160, 70, 0), (255, 255, 255)),
    "dark screen": lambda: coloured(print_lines(dpi=100), (40, 30, 30), (230, 230, 230)),
    "heading in a dark red bar": page_with_bar,
}


@pytest.mark.parametrize("make", LIGHT_ON_DARK.values(), ids=LIGHT_ON_DARK.keys())
def test_light_print_on_dark_ground_is_no_shadow(make: Callable[[], np.ndarray]) -> None:
    page = make()
    assert light_ratio(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY).astype(np.uint8)) < 0.8
    assert prepared(page, "shadow").image is page


def test_a_heading_in_a_dark_bar_is_read_with_the_page_below() -> None:
    assert text_of(prepared(page_with_bar()).image) == " ".join(BODY)


@pytest.mark.parametrize("damage", [Damage(shadow=0.6, noise=45), Damage(shadow=0.9, speckle=8)])
def test_dark_print_in_a_deep_shadow_is_no_light_print(damage: Damage) -> None:
    assert not has_light_print(damaged(damage))


def test_the_narrow_shadow_of_a_fold_is_evened_out() -> None:
    page = clean_page()
    depth = 0.7 * np.exp(-(((np.arange(page.shape[1]) - 830) / 60) ** 2))
    folded = (page * (1 - depth)).astype(np.uint8)
    assert prepared(folded, "shadow").steps == ("shadow",)


def test_dust_goes_and_letters_with_their_marks_stay() -> None:
    page = np.where(clean_page() > 140, 255, 0).astype(np.uint8)
    dusty = damaged(Damage(speckle=20, threshold=140), page)
    result = prepared(dusty)
    assert "denoise" in result.steps
    added = ((result.image < 128) & (page > 128)).sum()
    assert added < 0.35 * ((dusty < 128) & (page > 128)).sum()
    lost = ((result.image > 128) & (page < 128)).sum()
    assert lost < 0.02 * (page < 128).sum()


def test_strong_noise_is_smoothed() -> None:
    noisy = damaged(Damage(noise=45))
    result = prepared(noisy)
    assert result.steps == ("denoise",)
    assert estimate_noise(result.image) < 0.3 * estimate_noise(noisy)


@pytest.mark.parametrize("sigma", [3.0, 10.0])
def test_noise_is_measured_in_grey_levels(sigma: float) -> None:
    paper = np.full((400, 400), 128.0) + np.random.default_rng(1).normal(0, sigma, (400, 400))
    assert estimate_noise(np.rint(paper).astype(np.uint8)) == pytest.approx(sigma, rel=0.15)


# Scale


def test_the_height_of_letters_follows_the_resolution() -> None:
    heights = [find_ink(print_lines(BODY, dpi=dpi)).letter_height_px for dpi in (150, 300)]
    assert heights[1] / heights[0] == pytest.approx(2.0, rel=0.12)


@pytest.mark.parametrize(("dpi", "grows"), [(70, True), (600, False)])
def test_tiny_and_huge_letters_are_brought_to_size(dpi: int, grows: bool) -> None:
    page = print_lines(BODY, dpi=dpi)
    result = prepared(page, dpi=float(dpi))
    assert result.steps == ("scale",)
    assert (result.width_px > page.shape[1]) is grows
    assert result.dpi is not None
    assert result.dpi / dpi == pytest.approx(result.width_px / page.shape[1], rel=0.01)


@pytest.mark.parametrize("size", [(5200, 6100), (400, 29_000)])
def test_no_page_is_enlarged_beyond_what_can_be_read(size: tuple[int, int]) -> None:
    height, width = size
    fine = print_lines(BODY[:3], dpi=70)
    page = np.full(size, 255, dtype=np.uint8)
    for top in range(0, height - fine.shape[0], fine.shape[0]):
        for left in range(0, width - fine.shape[1], fine.shape[1]):
            page[top : top + fine.shape[0], left : left + fine.shape[1]] = fine
    scaled = STEPS["scale"](PageImage(page), ScanConfig())
    assert scaled.width_px * scaled.height_px <= max(32_100_000, page.size)
    assert max(scaled.image.shape) <= 30_000


# Negatives


def test_white_print_on_black_is_read_as_black_on_white() -> None:
    page = print_lines(BODY)
    turned = prepared(255 - page, "negative")
    assert turned.steps == ("negative",)
    assert (turned.image == page).all()


def test_the_colours_of_a_negative_are_turned_too() -> None:
    page = np.repeat(print_lines(BODY)[:, :, None], 3, axis=2)
    assert (prepared(255 - page, "negative").image == page).all()


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda page: page, id="a page"),
        pytest.param(lambda page: page // 4, id="a page in the dark"),
        pytest.param(lambda page: np.pad(page, page.shape[0]), id="a sheet on a dark table"),
        pytest.param(np.zeros_like, id="nothing"),
    ],
)
def test_dark_pictures_of_pages_are_no_negatives(make: Callable[[np.ndarray], np.ndarray]) -> None:
    assert prepared(np.asarray(make(print_lines(BODY))), "negative").steps == ()


# The way back


FORWARD = {
    "turned": lambda w, h: turn(1, w, h),
    "upside down": lambda w, h: turn(2, w, h),
    "turned thrice": lambda w, h: turn(3, w, h),
    "leaning": lambda w, h: rotation(7.3, w, h),
    "scaled": lambda w, h: scaling(2.5),  # noqa: ARG005
}


@given(
    st.lists(st.sampled_from(sorted(FORWARD)), max_size=5),
    st.floats(0, 500),
    st.floats(0, 500),
)
def test_points_find_their_way_back_through_any_chain_of_maps(
    names: list[str], x: float, y: float
) -> None:
    page = PageImage(np.zeros((300, 200), dtype=np.uint8))
    point = np.array([x, y, 1.0])
    for name in names:
        forward = FORWARD[name](page.width_px, page.height_px)
        page, point = page.moved(page.image, forward), forward @ point
    assert page.to_source @ point == pytest.approx(np.array([x, y, 1.0]), abs=1e-6)


@given(st.integers(0, 3), st.integers(1, 60), st.integers(1, 60), st.data())
def test_a_turn_maps_boxes_as_it_moves_pixels(
    quarters: int, width: int, height: int, data: st.DataObject
) -> None:
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    right = data.draw(st.integers(left + 1, width))
    bottom = data.draw(st.integers(top + 1, height))
    source = np.zeros((height, width), dtype=np.uint8)
    source[top:bottom, left:right] = 1
    turned = np.ascontiguousarray(np.rot90(source, -quarters))
    rows, columns = np.nonzero(turned)
    seen = Box(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    page = PageImage(source).moved(turned, turn(quarters, width, height))
    assert page.box_in_source(seen, width, height) == Box(left, top, right, bottom)


@given(
    st.floats(-45, 45),
    st.floats(0.2, 5),
    st.integers(0, 150),
    st.integers(0, 250),
    st.integers(0, 50),
)
def test_boxes_come_back_inside_the_source(
    degrees: float, factor: float, left: int, top: int, size: int
) -> None:
    page = PageImage(np.zeros((300, 200), dtype=np.uint8))
    page = page.moved(page.image, rotation(degrees, 200, 300) @ scaling(factor))
    box = page.box_in_source(Box(left, top, left + size, top + size), 200, 300)
    assert 0 <= box.left <= box.right <= 200
    assert 0 <= box.top <= box.bottom <= 300


def test_words_of_a_crooked_page_upside_down_are_boxed_where_they_stand() -> None:
    lines = [Run(line, 0.12, row) for row, line in enumerate((*BODY, *BODY))]
    upright = lean(print_runs(lines), -3.0)
    source = np.ascontiguousarray(np.rot90(upright, 2))
    page = prepared(source)
    height, width = source.shape
    words = recognise(page.image, "vie")
    last = next(word for word in words if word.text.startswith("trí"))
    box = page.box_in_source(last.box, width, height)
    # Measured by hand on the upright page: where the word is printed, turned as the page was.
    before = font(13 * 200 / 72).getlength(BODY[-1].split("trí")[0])
    x, y = 0.12 * width + before, (7 + 1) * 1.5 * 13 * 200 / 72
    point = np.linalg.inv(rotation(-3.0, width, height)) @ [x, y, 1.0]
    x, y = width - point[0], height - point[1]
    assert box.right == pytest.approx(x, abs=12)
    assert box.bottom == pytest.approx(y, abs=25)
