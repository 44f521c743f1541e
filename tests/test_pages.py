"""Claims about fonts, set pages and their damage."""

import unicodedata
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vnrepair.errors import ConfigError, ImageError, ResourceError
from vnrepair.learn import marks
from vnrepair.learn.compose import PAGE_KINDS, compose_page, random_style
from vnrepair.learn.damage import NO_DAMAGE, Damage, Image, apply_damage, random_damage
from vnrepair.learn.fonts import (
    MARKED_LETTERS,
    Face,
    find_families,
    holds_vietnamese,
    load_font,
)
from vnrepair.learn.pages import (
    Alignment,
    PageStyle,
    PrintedLine,
    StyledWord,
    line_width_mm,
    render_lines,
    wrap,
)

SENTENCE = "Ủy ban nhân dân phường tổ chức họp tổ dân phố để lấy ý kiến về quỹ khuyến học năm nay."
STYLE = PageStyle(family=find_families()[0], size_pt=12, dpi=100)
WORDS = st.lists(
    st.builds(
        StyledWord,
        st.text(alphabet="aăâđêọửỷ.;3", min_size=1, max_size=9),
        st.sampled_from(list(Face)),
    ),
    max_size=60,
)
SEEDS = st.integers(0, 2**32 - 1)


def styled(text: str, face: Face = Face.REGULAR) -> tuple[StyledWord, ...]:
    return tuple(StyledWord(word, face) for word in text.split())


def page_of(*lines: str, colour: bool = False) -> Image:
    image = render_lines([PrintedLine(styled(line)) for line in lines], STYLE)
    return np.repeat(image[..., None], 3, axis=2) if colour else image


def test_vietnamese_has_134_letters_that_carry_a_mark() -> None:
    assert len(set(MARKED_LETTERS)) == 134
    assert unicodedata.is_normalized("NFC", MARKED_LETTERS)
    assert not any(letter.isascii() for letter in MARKED_LETTERS)


def test_every_face_of_every_family_draws_all_letters_differently() -> None:
    for family in find_families():
        for face in Face:
            font = load_font(family.file(face), 48)
            shapes = {bytes(font.getmask(letter)) for letter in MARKED_LETTERS}
            assert len(shapes) == 134, (family.name, face)


def test_the_times_like_family_comes_first_and_weighs_most() -> None:
    families = find_families()
    assert families[0].name == "Tinos"
    assert families[0].share > sum(family.share for family in families[1:])


def test_a_font_without_vietnamese_is_found_out() -> None:
    liberation = Path("/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf")
    if not liberation.is_file():
        pytest.skip("Liberation is not installed")
    assert not holds_vietnamese(liberation)


def test_no_font_at_all_is_an_error_that_names_the_package(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="fonts-croscore"):
        find_families([tmp_path])


def test_a_file_that_is_no_font_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"not a font")
    with pytest.raises(ResourceError, match=r"broken\.ttf"):
        holds_vietnamese(broken)


@given(words=WORDS, indent_mm=st.sampled_from([0.0, 12.7]))
@settings(deadline=None, max_examples=40)
def test_wrapping_keeps_every_word_and_stays_between_the_margins(
    words: list[StyledWord], indent_mm: float
) -> None:
    lines = list(wrap(words, STYLE, indent_mm=indent_mm))
    assert [word for line in lines for word in line.words] == words
    assert all(
        len(line.words) == 1
        or line.indent_mm + line_width_mm(line, STYLE) <= STYLE.text_width_mm + 1e-6
        for line in lines
    )
    assert all(line.indent_mm == 0 for line in lines[1:])


@pytest.mark.parametrize("alignment", list(Alignment))
def test_ink_stands_where_the_alignment_puts_it(alignment: Alignment) -> None:
    image = render_lines([PrintedLine(styled("dân chủ"), alignment)], STYLE)
    columns = np.flatnonzero((image < 128).any(axis=0))
    left, right = columns[0], image.shape[1] - 1 - columns[-1]
    left_margin, right_margin = (
        STYLE.to_px(mm) for mm in (STYLE.margin_left_mm, STYLE.margin_right_mm)
    )
    at_left, at_right = abs(left - left_margin) < 3, abs(right - right_margin) < 3
    expected = {
        Alignment.LEFT: (True, False),
        Alignment.RIGHT: (False, True),
        Alignment.CENTRE: (False, False),
        Alignment.JUSTIFIED: (True, True),
    }
    assert (at_left, at_right) == expected[alignment]


def test_a_page_without_lines_is_white() -> None:
    assert (render_lines([], STYLE) == 255).all()
    assert (render_lines([PrintedLine(())], STYLE) == 255).all()


@pytest.mark.parametrize(
    "wrong", [{"size_pt": 3}, {"dpi": 49}, {"line_spacing": 0.5}, {"margin_left_mm": 200}]
)
def test_a_page_that_cannot_be_set_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        PageStyle(family=find_families()[0], **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", PAGE_KINDS)
def test_composing_is_repeatable_and_keeps_the_body_text(kind: str) -> None:
    def compose() -> tuple[PageStyle, list[PrintedLine]]:
        rng = np.random.default_rng(5)
        style = random_style(find_families(), rng)
        return style, compose_page([SENTENCE] * 12, style, rng, kind=kind)

    first, second = compose(), compose()
    assert first == second
    printed = " ".join(line.text for line in first[1]).casefold()
    assert printed.count("lấy ý kiến về quỹ khuyến học năm nay.") == 12


def test_italic_and_bold_pages_are_mostly_in_their_face() -> None:
    for kind, face in (("italic", Face.ITALIC), ("bold", Face.BOLD), ("text", Face.REGULAR)):
        lines = compose_page([SENTENCE] * 40, STYLE, np.random.default_rng(1), kind=kind)
        faces = [line.face for line in lines]
        assert faces.count(face) > len(faces) / 2


@given(seed=SEEDS, severity=st.floats(0, 1), colour=st.booleans())
@settings(deadline=None, max_examples=30)
def test_damage_keeps_shape_and_type_and_repeats(seed: int, severity: float, colour: bool) -> None:
    page = page_of(SENTENCE, colour=colour)
    before = page.copy()

    def damaged() -> Image:
        rng = np.random.default_rng(seed)
        return apply_damage(page, random_damage(rng, severity), rng)

    result = damaged()
    assert result.shape == page.shape
    assert result.dtype == np.uint8
    assert np.array_equal(result, damaged())
    assert np.array_equal(page, before)


@given(seed=SEEDS, threshold=st.integers(1, 254))
@settings(deadline=None, max_examples=10)
def test_a_bilevel_scan_is_black_and_white_only(seed: int, threshold: int) -> None:
    damage = Damage(noise=30, blur_px=1, threshold=threshold)
    result = apply_damage(page_of(SENTENCE), damage, np.random.default_rng(seed))
    assert set(np.unique(result)) <= {0, 255}


def test_no_damage_leaves_the_page_as_it_is() -> None:
    page = page_of(SENTENCE)
    assert np.array_equal(apply_damage(page, NO_DAMAGE, np.random.default_rng(0)), page)


EACH_DAMAGE = {
    "ink": 0.6,
    "fade": 0.4,
    "patchy": 0.5,
    "blur_px": 1.0,
    "scale": 0.5,
    "skew_deg": 2.0,
    "shadow": 0.5,
    "paper": 0.9,
    "noise": 9.0,
    "speckle": 5.0,
    "threshold": 90,
    "jpeg_quality": 30,
}


def test_every_damage_is_covered_below() -> None:
    assert {field.name for field in fields(Damage)} == set(EACH_DAMAGE)


@pytest.mark.parametrize("name", EACH_DAMAGE)
def test_each_damage_changes_the_page(name: str) -> None:
    page = page_of(SENTENCE, SENTENCE)
    damage = replace(NO_DAMAGE, **{name: EACH_DAMAGE[name]})  # type: ignore[arg-type]
    assert not np.array_equal(apply_damage(page, damage, np.random.default_rng(0)), page)


@pytest.mark.parametrize("name", EACH_DAMAGE)
def test_impossible_damage_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        replace(NO_DAMAGE, **{name: 1000})


def test_ink_spreads_and_thins() -> None:
    page, rng = page_of(SENTENCE), np.random.default_rng(0)
    dark = [
        int((255 - apply_damage(page, Damage(ink=ink), rng)).sum(dtype=np.int64))
        for ink in (-0.8, 0.0, 0.8)
    ]
    assert dark == sorted(set(dark))


@pytest.mark.parametrize(
    "image",
    [np.zeros((5, 5), np.float32), np.zeros((5, 5, 4), np.uint8), np.zeros((0, 5), np.uint8)],
)
def test_what_is_no_page_is_refused(image: Image) -> None:
    with pytest.raises(ImageError):
        apply_damage(image, NO_DAMAGE, np.random.default_rng(0))


def test_a_severity_out_of_range_is_refused() -> None:
    with pytest.raises(ConfigError, match="severity"):
        random_damage(np.random.default_rng(0), 1.5)


def test_a_red_seal_leaves_the_letters_below_it_dark() -> None:
    page = page_of(*[SENTENCE] * 12, colour=True)
    middle = (page.shape[1] / 2, page.shape[0] / 2)
    family = find_families()[0]
    sealed = marks.press_seal(page, middle, "XÃ AN BÌNH", family, 100, np.random.default_rng(3))
    blue, red = sealed[..., 0].astype(int), sealed[..., 2].astype(int)
    assert (red - blue).max() > 60
    assert (sealed <= page).all()


@pytest.mark.parametrize("middle", [(0.0, 0.0), (1e4, 1e4), (-1e4, 5.0)])
def test_a_stamp_at_or_past_the_edge_is_cut_off(middle: tuple[float, float]) -> None:
    page = page_of(SENTENCE, colour=True)
    family = find_families()[0]
    rng = np.random.default_rng(0)
    stamped = marks.press_stamp(page, middle, ("ĐẾN", "Số: 7"), marks.BLUE, family, 100, rng)
    assert stamped.shape == page.shape


def test_four_quarter_turns_are_none() -> None:
    page = page_of(SENTENCE)
    turned = page
    for _ in range(4):
        turned = marks.turn(turned, 90)
    assert np.array_equal(turned, page)
    assert np.array_equal(marks.turn(page, 90), np.rot90(page, -1))
    assert np.array_equal(marks.turn(marks.turn(page, 270), 90), page)


def test_folds_and_the_other_side_only_darken() -> None:
    page = page_of(SENTENCE, colour=True)
    rng = np.random.default_rng(0)
    assert (marks.fold(page, 0.5, rng) <= page).all()
    assert (marks.show_through(page, page, 0.3) <= page).all()
    assert np.array_equal(marks.show_through(page, page, 0.0), page)
