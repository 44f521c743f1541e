"""Tables are told by their gutters and read row by row; running text in columns is no table."""

from collections.abc import Sequence

import pytest

from tests.typewriter import PAGE, as_read, pieces, typed
from vnrepair.records import Word
from vnrepair.scan.lines import Sheet, group_lines
from vnrepair.scan.tables import find_tables

TABLE = (
    "TT   Họ và tên             Chức vụ            Ghi chú",
    "1    Nguyễn Khắc Hưng      Phó chủ tịch       Trưởng đoàn",
    "2    Lý Thị Tâm            Công chức địa      Thư ký",
    "                           chính",
    "3    Hoàng Trung Tá        Trưởng thôn        Từ tháng 5",
    "     Tổng cộng             3 người",
)
ROWS = [" ".join(row.split()) for row in TABLE]
ABOVE = "   Đoàn kiểm tra gồm những người có tên dưới đây, làm việc từ tháng tư:"
BELOW = "   Các thôn có tuyến kênh đi qua cử người dẫn đường cho đoàn kiểm tra."


def tables(words: Sequence[Word]) -> list[list[str]]:
    page = Sheet.of(group_lines(words), *PAGE)
    return [[row.text for row in table.rows] for table in find_tables(page)]


def test_a_table_ends_where_the_text_begins() -> None:
    rows = (ABOVE, "", *TABLE, "", BELOW)
    assert tables(typed(rows)) == [ROWS]


def test_a_table_that_was_read_column_by_column_is_read_row_by_row() -> None:
    rows = (ABOVE, "", *TABLE, "", BELOW)
    by_column = sorted(pieces(rows), key=lambda piece: piece[0].box.left)
    assert tables(as_read(by_column)) == [ROWS]


def test_rules_that_were_read_as_strokes_are_no_words_of_the_cells() -> None:
    ruled = [row.replace("     T", "  |  T").replace("     C", "  |  C") for row in TABLE[:3]]
    ruled += TABLE[4:5]
    assert len(tables(typed(ruled))) == 1


def test_two_tables_with_text_between_them_are_two() -> None:
    assert tables(typed((*TABLE, "", BELOW, "", *TABLE))) == [ROWS, ROWS]


NO_TABLES = {
    "running text": (ABOVE, BELOW, ABOVE, BELOW),
    "two columns": ("Họ và tên:      Lò Văn Ún", "Ngày sinh:      03/02/1974", "Thôn:      Vạc"),
    "two rows": TABLE[:2],
    "three columns of running text": tuple(
        f"cột một dòng số {n} hết     cột hai dòng số {n} hết     cột ba dòng số {n} hết"
        for n in range(8)
    ),
    "gaps that do not lie below one another": (
        "Một gì đó     ở đây     và ở kia nữa",
        "Hai thì lại khác    một chút rồi    sang đây",
        "Ba cũng    chẳng ra hàng nào cả     đâu",
        "Bốn thế này mà thôi     nhé     bạn",
    ),
}


@pytest.mark.parametrize("rows", NO_TABLES.values(), ids=NO_TABLES.keys())
def test_other_things_are_no_tables(rows: Sequence[str]) -> None:
    assert tables(typed(rows)) == []
