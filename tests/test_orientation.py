"""Marks above letters tell which side is up; only a page that leaves doubt is read for a trial."""

import functools
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.printed import BODY, lean, print_lines
from vnrepair.config import ScanConfig
from vnrepair.errors import EngineTimeoutError
from vnrepair.learn.damage import Damage, apply_damage
from vnrepair.scan import orientation
from vnrepair.scan.ink import find_ink
from vnrepair.scan.orientation import count_marks, find_quarter_turns

CONFIG = ScanConfig()


@functools.cache
def page() -> np.ndarray:
    return print_lines((*BODY, "") * 4)


def damaged(damage: Damage) -> np.ndarray:
    return apply_damage(page(), damage, np.random.default_rng(4))


def table() -> np.ndarray:
    result = page().copy()
    for row in range(20, result.shape[0], 130):
        cv2.line(result, (60, row), (result.shape[1] - 60, row), 0, 3)
    for column in (60, 700, result.shape[1] - 60):
        cv2.line(result, (column, 20), (column, result.shape[0] - 20), 0, 3)
    return result


def with_lines_sideways() -> np.ndarray:
    """Two lines along the right edge, as beside a seal or a wide table."""
    note = np.rot90(print_lines(BODY[:2]))[: page().shape[0]]
    result = np.pad(page(), ((0, 0), (0, note.shape[1])), constant_values=255)
    result[: note.shape[0], -note.shape[1] :] = note
    return result


PAGES: dict[str, Callable[[], np.ndarray]] = {
    "clean": page,
    "crooked": lambda: lean(np.pad(page(), 120, constant_values=255), 8.0),
    "fax": lambda: damaged(Damage(noise=20, speckle=3, threshold=135)),
    "shadow": lambda: damaged(Damage(shadow=0.7, noise=6, paper=0.9)),
    "blurred": lambda: damaged(Damage(blur_px=1.5, noise=8, jpeg_quality=30)),
    "low resolution": lambda: print_lines(BODY * 4, dpi=110),
    "capitals": lambda: print_lines([line.upper() for line in BODY * 4], size_pt=11),
    "table": table,
    "two lines sideways": with_lines_sideways,
}


@pytest.fixture
def _no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("the page was read for a trial")

    monkeypatch.setattr(orientation, "recognise", refuse)


@pytest.mark.usefixtures("_no_reading")
@pytest.mark.parametrize("make", PAGES.values(), ids=PAGES.keys())
def test_an_upright_page_is_known_without_a_reading(make: Callable[[], np.ndarray]) -> None:
    assert find_quarter_turns(make(), CONFIG) == 0


@pytest.mark.usefixtures("_no_reading")
@pytest.mark.parametrize("quarters", [1, 3])
@pytest.mark.parametrize("make", PAGES.values(), ids=PAGES.keys())
def test_a_sideways_page_is_known_without_a_reading(
    make: Callable[[], np.ndarray], quarters: int
) -> None:
    sideways = np.ascontiguousarray(np.rot90(make(), quarters))
    assert find_quarter_turns(sideways, CONFIG) == quarters


@pytest.mark.parametrize("make", PAGES.values(), ids=PAGES.keys())
def test_a_page_upside_down_has_its_marks_below(make: Callable[[], np.ndarray]) -> None:
    upright = make()
    turned = np.ascontiguousarray(np.rot90(upright, 2))
    above, below = (count_marks(find_ink(image)).deviations for image in (upright, turned))
    assert above > 2
    assert below < -2


def test_the_ink_of_a_page_may_be_given() -> None:
    assert find_quarter_turns(page(), CONFIG, find_ink(page())) == 0


def test_a_trial_reading_that_fails_leaves_the_page_as_it_lies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise EngineTimeoutError("too slow")

    monkeypatch.setattr(orientation, "recognise", fail)
    assert find_quarter_turns(np.ascontiguousarray(page()[::-1, ::-1]), CONFIG) == 0
