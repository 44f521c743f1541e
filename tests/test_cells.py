"""Single digits below each other, which were read as no text, are set beside each other."""

from hypothesis import given
from hypothesis import strategies as st

from tests.printed import Run, print_runs
from vnrepair.records import Box
from vnrepair.scan.ink import find_ink
from vnrepair.scan.pieces import allot, unread_column
from vnrepair.scan.strips import find_strips, set_cells

NUMBERS = [Run(str(row + 1), 0.12, 1.5 * row) for row in range(7)]
NAMES = [Run("Mai Thị Sen trồng khoai tây", 0.3, 1.5 * row) for row in range(7)]
PAGE = print_runs([*NUMBERS, *NAMES])
INK = find_ink(PAGE)
PIECES = allot(find_strips(INK), [])
CELLS = unread_column(PIECES)
SET = set_cells(PAGE, INK, [cell.strip for cell in CELLS], 0.75)


def test_the_numbers_of_the_rows_are_found_and_nothing_else() -> None:
    assert len(CELLS) == len(NUMBERS)
    assert all(cell.strip.box.right < 0.2 * PAGE.shape[1] for cell in CELLS)


def test_two_lone_letters_are_no_column() -> None:
    page = print_runs([*NUMBERS[:2], *NAMES])
    assert unread_column(allot(find_strips(find_ink(page)), [])) == []


@given(st.integers(0, len(CELLS) - 1))
def test_a_word_on_a_cell_comes_back_to_its_place(number: int) -> None:
    place = SET.on_page(SET.boxes[number])
    assert place is not None
    found, box = place
    own = CELLS[number].strip.box
    assert found == number
    assert box.left <= own.left
    assert box.right >= own.right - 1
    assert box.top <= own.top
    assert box.bottom >= own.bottom - 1


def test_a_word_across_two_cells_belongs_to_none() -> None:
    first, second = SET.boxes[:2]
    assert SET.on_page(Box(first.left, first.top, second.right, second.bottom)) is None
