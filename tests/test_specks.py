"""Dust goes, the dots and hooks of letters stay; dotted lines go, dots of sentences stay."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.printed import BODY, Run, print_lines, print_runs
from vnrepair.learn.damage import Damage, apply_damage
from vnrepair.scan.ink import find_ink
from vnrepair.scan.leaders import find_leaders, remove_leaders
from vnrepair.scan.specks import remove_specks

LISTED = ("1. Số: 15; ngày: 2/9.", "a) Cụ thể: mọi việc, mỗi hộ, từng người.")


@functools.cache
def page() -> np.ndarray:
    return print_lines((*LISTED, "", *BODY, "", *BODY))


def bilevel(grey: np.ndarray) -> np.ndarray:
    return np.where(grey > 140, 255, 0).astype(np.uint8)


def dusty(speckle: float, page: np.ndarray) -> np.ndarray:
    return apply_damage(page, Damage(speckle=speckle), np.random.default_rng(5))


@pytest.mark.parametrize("is_bilevel", [True, False])
@pytest.mark.parametrize("speckle", [3, 12, 25])
def test_most_dust_goes_and_no_letter_with_it(speckle: float, is_bilevel: bool) -> None:
    clean = bilevel(page()) if is_bilevel else page()
    before = dusty(speckle, clean)
    if is_bilevel:
        before = bilevel(before)
    after = remove_specks(before, bilevel=is_bilevel)
    assert after is not None
    added = (before < 100) & (clean > 200)
    assert (after[added] < 100).mean() < 0.25
    printed = (clean < 100) & (before < 100)
    assert (after[printed] > 128).mean() < 0.002


def test_dots_larger_than_the_dust_stay_in_the_thick_of_it() -> None:
    clean = bilevel(print_lines((*LISTED, "", *BODY), dpi=300))
    before = clean.copy()
    rng = np.random.default_rng(3)
    for row, column in zip(
        rng.integers(0, clean.shape[0] - 2, 4000),
        rng.integers(0, clean.shape[1] - 2, 4000),
        strict=True,
    ):
        before[row : row + 2, column : column + 2] = 0
    after = remove_specks(before, bilevel=True)
    assert after is not None
    assert (after[clean == 0] != 0).mean() < 0.001


def dusty_corner() -> np.ndarray:
    """A blank strip as wide as the page with much dust at one end."""
    strip = np.full((400, page().shape[1]), 255, dtype=np.uint8)
    strip[:150, :150] = dusty(40, strip[:150, :150])
    return strip


CLEAN_PAGES = {
    "grey": page,
    "bilevel": lambda: bilevel(page()),
    "300 dpi": lambda: print_lines(BODY, dpi=300),
    "100 dpi, bilevel": lambda: bilevel(print_lines(BODY, dpi=100)),
    "a smudge": lambda: np.vstack([page(), dusty_corner()]),
    "dotted lines": lambda: print_lines([line + " " + "." * 40 for line in BODY]),
    "blank": lambda: np.full((500, 400), 255, dtype=np.uint8),
    "a pixel": lambda: np.zeros((1, 1), dtype=np.uint8),
}


@pytest.mark.parametrize("make", CLEAN_PAGES.values(), ids=CLEAN_PAGES.keys())
def test_a_page_without_dust_is_left_alone(make: functools.partial[np.ndarray]) -> None:
    image = make()
    assert remove_specks(image, bilevel=bool(np.isin(image, (0, 255)).all())) is None


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.floats(2, 30))
def test_a_bilevel_page_stays_bilevel_and_only_loses_ink(seed: int, speckle: float) -> None:
    small = bilevel(print_lines(BODY[:4], dpi=150))
    damage = Damage(speckle=speckle, threshold=140)
    before = apply_damage(small, damage, np.random.default_rng(seed))
    after = remove_specks(before, bilevel=True)
    if after is not None:
        assert np.isin(after, (0, 255)).all()
        assert (after >= before).all()


# Dotted lines


@pytest.mark.parametrize("dpi", [100, 150, 200, 300])
def test_a_dotted_line_goes_and_the_words_around_it_stay(dpi: int) -> None:
    runs = [Run("Họ và tên:", 0.12, 0), Run("." * 50, 0.3, 0), Run("Nam/nữ:", 0.75, 0)]
    rest = [Run(line, 0.12, row) for row, line in enumerate(BODY, start=1)]
    without = print_runs([run for run in (*runs, *rest) if "..." not in run.text], dpi=dpi)
    after = remove_leaders(print_runs([*runs, *rest], dpi=dpi))
    assert after is not None
    assert (after[without < 100] > 128).mean() < 0.002
    assert ((after < 128) & (without > 200)).sum() < 10


@pytest.mark.parametrize(
    "text",
    [
        "Khoan... đã.",
        "v.v... và 3.500.000 đồng",
        "1. 2. 3. 4. 5. 6. 7.",
        "ị ị ị ị ị ị ị ị",
        "ïïïïïï",
    ],
)
def test_other_dots_are_no_dotted_line(text: str) -> None:
    page = print_lines([text, *BODY])
    assert not find_leaders(find_ink(page)).any()
    assert remove_leaders(page) is None
