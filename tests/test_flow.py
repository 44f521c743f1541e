"""Lines come one below the other, and a line that was torn is one again."""

import dataclasses
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.typewriter import PAGE, as_read, pieces, typed
from vnrepair.records import Box, Word
from vnrepair.scan.flow import in_flow, join_torn
from vnrepair.scan.lines import Line, Sheet, group_lines

TEXT = (
    "Hợp tác xã chuẩn bị bao tải, cọc tre và đá hộc trước mùa mưa; kinh phí",
    "mua vật tư lấy từ nguồn thủy lợi phí được cấp bù trong năm. Các thôn cử",
    "người trực ở những đoạn kênh đã nứt, báo về xã ngay khi nước lên nhanh.",
    "Trạm y tế lo thuốc và hóa chất xử lý nước sau lũ, phối hợp với trường",
)


def sheet(words: Sequence[Word]) -> Sheet:
    return Sheet.of(group_lines(words), *PAGE)


def torn(rows: Sequence[str], seam: int, lost: Sequence[int] = ()) -> list[Word]:
    """A page with a fold: Tesseract reads what is left of it, then what is right of it.

    Args:
        rows: The lines.
        seam: The fold, pixels.
        lost: Rows whose first word right of the fold is gone.
    """
    words = typed(rows)
    left = [word for word in words if word.box.left < seam]
    right = [dataclasses.replace(word, block=1, line=word.line + 100) for word in words[:]]
    right = [word for word in right if word.box.left >= seam]
    for row in lost:
        right.remove(next(word for word in right if word.line == row + 100))
    return left + right


def texts(lines: Sequence[Line]) -> list[str]:
    return [line.text for line in lines]


def test_lines_that_a_fold_has_torn_are_joined() -> None:
    assert texts(join_torn(sheet(torn(TEXT, 400)))) == list(TEXT)


def test_lines_that_lost_a_word_in_the_fold_are_joined_with_the_others() -> None:
    joined = texts(join_torn(sheet(torn(TEXT, 400, lost=[1]))))
    assert joined == [TEXT[0], TEXT[1].replace(" phí", ""), *TEXT[2:]]


def test_columns_with_a_gutter_are_not_joined() -> None:
    rows = [f"dòng trái thứ {n} kể về đò     dòng phải thứ {n} kể về bến" for n in range(6)]
    page = sheet(as_read(sorted(pieces(rows), key=lambda piece: piece[0].box.left)))
    assert join_torn(page) == page.lines


def test_lines_one_below_the_other_are_not_joined() -> None:
    page = sheet(typed(TEXT))
    assert join_torn(page) == page.lines


def test_an_upper_line_that_was_read_late_comes_before_the_lower_ones() -> None:
    lines = group_lines(typed(TEXT))
    assert in_flow([*lines[1:], lines[0]]) == (3, 0, 1, 2)


def test_columns_keep_their_order_even_where_the_right_one_was_read_first() -> None:
    rows = [f"trái {n}          phải {n}" for n in range(4)]
    columns = sorted(pieces(rows), key=lambda piece: -piece[0].box.left)
    lines = group_lines(as_read(columns))
    assert in_flow(lines) == tuple(range(8))


_LINES = st.lists(
    st.builds(
        lambda left, top, width, height: Line.of(
            [Word("từ", Box(left, top, left + width, top + height), None, 0, 0)]
        ),
        left=st.integers(0, 500),
        top=st.integers(0, 500),
        width=st.integers(0, 300),
        height=st.integers(0, 60),
    ),
    max_size=30,
)


@given(_LINES)
def test_every_line_comes_once(lines: list[Line]) -> None:
    assert sorted(in_flow(lines)) == list(range(len(lines)))


@given(_LINES)
def test_lines_in_order_stay_so(lines: list[Line]) -> None:
    ordered = [lines[index] for index in in_flow(lines)]
    assert in_flow(ordered) == tuple(range(len(lines)))


@given(_LINES)
def test_of_two_lines_in_one_column_the_upper_comes_first(lines: list[Line]) -> None:
    order = in_flow(lines)
    for place, index in enumerate(order):
        for later in order[place + 1 :]:
            upper, lower = lines[later], lines[index]
            share = min(upper.right, lower.right) - max(upper.left, lower.left)
            is_above = upper.bottom < lower.top
            assert not (is_above and share >= max(upper.height, lower.height, 1))


@given(_LINES.filter(bool))
def test_joining_keeps_every_word(lines: list[Line]) -> None:
    joined = join_torn(Sheet.of(lines, *PAGE))
    assert sum(len(line.words) for line in joined) == len(lines)
