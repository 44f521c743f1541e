"""Claims about what befalls a sheet: stamps, pens, wear, lamps, cameras, forms and footnotes."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vnrepair.errors import ConfigError, TextError
from vnrepair.learn import lamp, marks, pen, wear
from vnrepair.learn.damage import Damage, Image
from vnrepair.learn.documents import print_page
from vnrepair.learn.fonts import find_families
from vnrepair.learn.marking import MARKS, PrintedPage, put_marks
from vnrepair.learn.markup import parse_source
from vnrepair.learn.photograph import photograph
from vnrepair.learn.treatments import SCENES, Treatment, treat, treat_page
from vnrepair.learn.typeset import typeset

LETTER = """\
@dpi 75
@seal XÃ TÂN LẬP
@seal_lines HỢP TÁC XÃ / TÂN LẬP
## letterhead-left
**XÃ TÂN LẬP**
## body
Đề nghị các hộ nộp giấy tờ trước ngày 15 tháng 6 để xã kịp lập danh sách.
~ Họ tên: .................... Số nhà: ______ vân vân...
## footnote
(1) Kể cả hộ tạm trú.
## signature
**CHỦ TỊCH**


**Phạm Văn Thắng**
"""

seeds = st.integers(0, 10_000)


def _letter() -> PrintedPage:
    source = parse_source(LETTER)
    return print_page(typeset(source)[0], source.seal, source.seal_lines)


PAGE = _letter()
BLANK = np.full_like(PAGE.image, 255)
PAPER_BGR = np.full((300, 220, 3), 255, dtype=np.uint8)


def _rng(seed: int = 3) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", MARKS)
def test_every_mark_shows_repeats_and_keeps_the_size(name: str) -> None:
    first, second = (put_marks(PAGE, [name], PAGE.image, _rng()) for _ in range(2))
    assert np.array_equal(first, second)
    assert first.shape[:2] == PAGE.image.shape
    grey = first if first.ndim == 2 else cv2.cvtColor(first, cv2.COLOR_BGR2GRAY)
    assert not np.array_equal(grey, PAGE.image)


@pytest.mark.parametrize("name", [name for name in MARKS if name not in ("yellow", "crease")])
@settings(max_examples=3, deadline=None)
@given(seed=seeds)
def test_ink_and_shade_only_darken(name: str, seed: int) -> None:
    marked = put_marks(PAGE, [name], PAGE.image, _rng(seed))
    print_below = PAGE.image if marked.ndim == 2 else PAGE.image[..., None]
    assert (marked <= print_below).all()


@settings(max_examples=10, deadline=None)
@given(seed=seeds)
def test_letters_below_a_red_seal_stay_darker_than_the_seal(seed: int) -> None:
    marked = put_marks(PAGE, ["seal"], BLANK, _rng(seed)).max(axis=2)
    bare = put_marks(
        PrintedPage(BLANK, PAGE.dpi, PAGE.family, PAGE.seal_px, PAGE.seal_text),
        ["seal"],
        BLANK,
        _rng(seed),
    ).max(axis=2)
    ink = PAGE.image < 60
    assert marked[ink].max() <= 60
    assert bare.min() > 100


def test_a_seal_holds_a_star_or_a_name() -> None:
    (family, *_) = find_families()
    star, name = (
        marks.press_seal(PAPER_BGR, (110, 150), "XÃ", family, 150, _rng(), lines)
        for lines in ((), ("HỢP TÁC XÃ", "TÂN LẬP"))
    )
    differs = (star != name).any(axis=2)
    rows, columns = np.nonzero(differs)
    # Only within the inner ring: 0.62 of the radius of 17.5 mm.
    reach = 0.62 * 17.5 * 150 / 25.4
    assert differs.any()
    assert np.hypot(rows - 150, columns - 110).max() < reach


def test_ink_outside_the_page_is_cut_off() -> None:
    mask = np.ones((50, 50), dtype=np.float32)
    far = marks.lay_ink(PAPER_BGR, mask, (900, -900), marks.RED)
    assert np.array_equal(far, PAPER_BGR)
    corner = marks.lay_ink(PAPER_BGR, mask, (-40, -30), marks.RED)
    rows, columns = np.nonzero((corner < 255).any(axis=2))
    assert (rows.max(), columns.max()) == (19, 9)


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_handwriting_keeps_to_its_line(seed: int) -> None:
    written = pen.write_by_hand(PAPER_BGR, 30, 150, 160, 100, pen.BLUE_INK, _rng(seed))
    rows, columns = np.nonzero((written < 200).any(axis=2))
    tall = 2.5 * 100 / 25.4
    assert rows.min() > 150 - 3 * tall
    assert rows.max() < 150 + 2 * tall
    assert columns.min() >= 30
    assert columns.max() < 30 + 160 + tall


def test_a_blank_without_room_stays_blank() -> None:
    written = pen.write_by_hand(PAPER_BGR, 30, 150, 4, 100, pen.BLUE_INK, _rng())
    assert np.array_equal(written, PAPER_BGR)


def test_two_people_sign_differently_and_one_signature_is_joined() -> None:
    first, second = (
        pen.sign(PAPER_BGR, (110, 150), 75, pen.BLACK_INK, _rng(seed)) for seed in (1, 2)
    )
    assert not np.array_equal(first, second)
    strokes = (first.max(axis=2) < 220).astype(np.uint8)
    assert cv2.connectedComponents(strokes)[0] == 2  # the paper and one line


def test_blanks_are_printed_and_say_nothing() -> None:
    (page,) = typeset(parse_source(LETTER))
    assert "Họ tên: Số nhà: vân vân..." in page.text
    assert len(page.blanks) == 2
    for left, baseline, width in PAGE.blanks_px:
        row = PAGE.image[round(baseline) - 2 : round(baseline) + 3]
        assert row[:, round(left) : round(left + width)].min() < 128
        assert row[:, round(left + width) + 1 : round(left + width) + 3].min() > 200


def test_only_blanks_are_filled_in() -> None:
    filled = put_marks(PAGE, ["handwriting"], BLANK, _rng())
    rows = np.nonzero((filled != PAGE.image[..., None]).any(axis=(1, 2)))[0]
    baseline = PAGE.blanks_px[0][1]
    assert abs(rows.min() - baseline) < 30
    assert abs(rows.max() - baseline) < 20


def test_a_footnote_stands_below_a_rule_in_small_print() -> None:
    (page,) = typeset(parse_source(LETTER))
    (note,) = [line for line in page.lines if line.line.text.startswith("(1)")]
    (body, *_) = [line for line in page.lines if line.line.text.startswith("Đề nghị")]
    (rule,) = page.rules
    assert body.baseline_mm < rule.top_mm < note.baseline_mm
    assert note.style.size_pt < body.style.size_pt
    assert page.text.index("(1)") > page.text.index("vân vân")


def test_a_seal_needs_lines_of_text_not_a_number() -> None:
    assert parse_source("@seal_lines A / B C\n").seal_lines == ("A", "B C")
    with pytest.raises(TextError, match="unknown setting @seal_line"):
        parse_source("@seal_line A\n")


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("colours", [1, 3])
def test_every_scene_repeats_and_takes_grey_and_colour(name: str, colours: int) -> None:
    page = PAGE.image if colours == 1 else np.repeat(PAGE.image[..., None], 3, axis=2)
    first, second = (SCENES[name](page.copy(), _rng()) for _ in range(2))
    assert np.array_equal(first, second)
    assert first.dtype == np.uint8
    assert first.ndim in (page.ndim, 3)


@pytest.mark.parametrize("shade", [lamp.shade_side, lamp.shade_gutter, lamp.shade_hand])
@settings(max_examples=10, deadline=None)
@given(seed=seeds)
def test_a_shadow_darkens_some_of_the_page_and_not_all(
    shade: Callable[[Image, np.random.Generator], Image], seed: int
) -> None:
    lit = shade(PAPER_BGR, _rng(seed))
    assert lit.min() < 170
    assert lit.max() > 225
    assert lit.min() > 50  # print of 0 stays apart from paper


@settings(max_examples=10, deadline=None)
@given(seed=seeds)
def test_a_photograph_shows_the_whole_sheet_on_a_darker_desk(seed: int) -> None:
    sheet = np.full((400, 280), 245, dtype=np.uint8)
    picture = photograph(sheet, _rng(seed))
    assert picture.shape == (440, 308, 3)
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    edges = (grey[:3], grey[-3:], grey[:, :3], grey[:, -3:])
    assert max(float(edge.mean()) for edge in edges) < 0.75 * float(grey[180:260, 110:200].mean())


def test_a_photograph_sees_every_corner_of_the_sheet() -> None:
    sheet = np.full((400, 280, 3), 245, dtype=np.uint8)
    sheet[:12, :12] = sheet[-12:, :12] = sheet[:12, -12:] = sheet[-12:, -12:] = (0, 0, 200)
    for seed in range(8):
        picture = photograph(sheet, _rng(seed)).astype(int)
        red = (picture[..., 2] - picture[..., 1] > 60).astype(np.uint8)
        found = cv2.connectedComponentsWithStats(red)[2][1:]
        assert sum(area > 30 for *_, area in found) == 4


def test_punched_holes_stand_80_millimetres_apart() -> None:
    page = np.full((1169, 827, 3), 255, dtype=np.uint8)
    holes = (wear.punch(page, 100, _rng()).max(axis=2) < 128).astype(np.uint8)
    count, _, stats, middles = cv2.connectedComponentsWithStats(holes)
    assert count == 3
    assert abs(middles[2][1] - middles[1][1]) == pytest.approx(80 / 25.4 * 100, rel=0.15)
    assert stats[1:, cv2.CC_STAT_WIDTH] == pytest.approx(6 / 25.4 * 100, abs=2)
    assert middles[1:, 0].max() < 80


def test_a_copy_has_black_edges_and_a_white_middle() -> None:
    copy = wear.copy_askew(PAPER_BGR, _rng())
    edges = (copy[:2], copy[-2:], copy[:, :2], copy[:, -2:])
    assert all(np.median(edge) < 60 for edge in edges)
    assert copy[30:-30, 30:-30].min() > 250


def test_glass_around_the_sheet_keeps_its_corners_when_it_turns() -> None:
    sheet = np.zeros((300, 212), dtype=np.uint8)
    how = Treatment(damage=Damage(skew_deg=8), scene=("glass",))
    printed = PrintedPage(sheet, 72, PAGE.family)
    with_glass = treat_page(printed, printed, how, _rng())
    alone = treat_page(printed, printed, Treatment(damage=Damage(skew_deg=8)), _rng())
    whole = sheet.size
    assert (with_glass < 128).sum() == pytest.approx(whole, rel=0.01)
    assert (alone < 128).sum() < 0.97 * whole


def test_a_standard_fax_sends_each_row_twice() -> None:
    rows = wear.halve_rows(PAGE.image[:876], _rng())
    assert rows.shape == (876, PAGE.image.shape[1])
    assert np.array_equal(rows[0::2], rows[1::2])
    assert not np.array_equal(rows, PAGE.image[:876])


def test_old_paper_is_yellow_and_creases_cross() -> None:
    old = wear.age(PAPER_BGR, _rng()).astype(int)
    assert (old[..., 2] > old[..., 0]).all()
    folded: Image = wear.crease(PAPER_BGR, _rng())
    dark = folded.max(axis=2) < 210
    assert dark.any(axis=1).all()  # a crease from top to bottom
    assert dark.any(axis=0).all()  # and one across


def test_unknown_marks_and_scenes_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"unknown marks .*coffee"):
        Treatment(marks=("coffee",))
    with pytest.raises(ConfigError, match=r"unknown scene .*beach.*desk"):
        Treatment(scene=("beach",))


def test_a_page_alone_is_treated_as_in_its_document() -> None:
    how = Treatment(damage=Damage(noise=3), marks=("signature", "show-through"))
    (first, _) = treat([PAGE, PAGE], how, seed=5)
    alone = treat_page(PAGE, PAGE, how, np.random.default_rng((5, 0)))
    assert np.array_equal(first, alone)
