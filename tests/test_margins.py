"""Page numbers, running heads and feet, footnotes and stamps stand around the text, not in it."""

from collections.abc import Sequence

import pytest

from tests.typewriter import HEIGHT, PAGE, PITCH, TOP, Blocks, show, typed
from vnrepair.scan.layout import lay_out

TEXT = (
    "   Hợp tác xã chuẩn bị bao tải, cọc tre và đá hộc trước mùa mưa; kinh phí",
    "mua vật tư lấy từ nguồn thủy lợi phí được cấp bù trong năm. Các thôn cử",
    "người trực ở những đoạn kênh đã nứt, báo về xã ngay khi nước lên nhanh.",
    "   Trạm y tế lo thuốc và hóa chất xử lý nước sau lũ, phối hợp với trường",
    "học nhắc các em không ra suối tắm khi trời mưa. Mọi việc xong trước hè.",
)


def shown(rows: Sequence[str], small: Sequence[int] = ()) -> Blocks:
    """The blocks of a page that ends half a row below its last row."""
    height_px = TOP + len(rows) * PITCH + HEIGHT
    return show(*lay_out(typed(rows, small=small), PAGE[0], height_px))


def lines(rows: Sequence[str]) -> list[str]:
    return [" ".join(row.split()) for row in rows]


LONG = TEXT * 6
"""So long that its first and last rows stand at the ends of the page."""


@pytest.mark.parametrize("number", ["2", "- 2 -", "ii", "Trang 2/5", "– 2 –"])
def test_a_page_number_above_the_text_comes_first(number: str) -> None:
    assert shown((" " * 34 + number, "", *LONG)) == [
        ["page-number", [number]],
        ["body", lines(LONG)],
    ]


@pytest.mark.parametrize("number", ["2", "- 2 -", "Trang 2/5"])
def test_a_page_number_below_the_text_comes_last(number: str) -> None:
    assert shown((*LONG, "", " " * 34 + number)) == [
        ["body", lines(LONG)],
        ["page-number", [number]],
    ]


@pytest.mark.parametrize(
    "row",
    ["3.", "2 con bò", "Tháng 2", "năm 2021.", "b)", "12.500.000"],
)
def test_what_is_more_or_less_than_a_number_is_text(row: str) -> None:
    assert shown((row, "", *LONG))[0][0] in ("body", "title")


def test_a_page_number_that_was_read_in_the_middle_of_the_text_goes_to_the_top() -> None:
    words = typed((" " * 34 + "2", "", *LONG))
    ordered, blocks = lay_out([*words[1:30], words[0], *words[30:]], *PAGE)
    assert show(ordered, blocks)[0] == ["page-number", ["2"]]


def test_a_number_close_above_the_text_belongs_to_it() -> None:
    assert [kind for kind, _ in shown(("12", *LONG))] == ["body"]


def test_a_small_running_head_and_foot_frame_the_text() -> None:
    rows = (
        "Thứ Ba, ngày 5 tháng 11",
        "",
        *LONG,
        "",
        "Tòa soạn ở số 7 phố Chợ Mới, điện thoại 1900 00",
    )
    assert [kind for kind, _ in shown(rows, small=(0, len(rows) - 1))] == [
        "header",
        "body",
        "footer",
    ]


def test_the_first_line_of_a_text_in_its_own_size_is_no_head() -> None:
    assert [kind for kind, _ in shown(("Sáng nay mưa to, nước lên.", "", *LONG))] == [
        "body",
        "body",
    ]


def test_small_print_with_a_mark_below_the_text_is_a_footnote() -> None:
    notes = (
        "1 Khoản này được sửa đổi theo khoản 2 Điều 1 của thông tư mới ban hành,",
        "áp dụng từ mùa lũ năm nay.",
    )
    rows = (*LONG, "", *notes)
    small = range(len(rows) - len(notes), len(rows))
    assert shown(rows, small) == [["body", lines(LONG)], ["footnote", lines(notes)]]


def test_numbered_paragraphs_in_the_size_of_the_text_are_no_footnotes() -> None:
    rows = (*LONG, "", "1 Khoản này được sửa đổi theo khoản 2 Điều 1 của thông tư mới ban hành,")
    assert all(kind == "body" for kind, _ in shown(rows))


def test_several_lines_of_small_print_without_a_mark_are_text() -> None:
    rows = (*LONG, "", "Ảnh chụp kênh Nà Pán sau trận lũ,", "người trong ảnh là ông Hồ Văn Ún.")
    small = range(len(rows) - 2, len(rows))
    assert all(kind == "body" for kind, _ in shown(rows, small))


STAMPED = (
    "   CÔNG VĂN ĐẾN",
    "   Số: 2217                           THÔNG BÁO",
    "   Ngày 26/3                  Về việc nạo vét kênh mương",
    "",
    *("          " + row for row in TEXT * 3),
)


def test_a_stamp_of_arrival_does_not_come_between_the_words_of_a_title() -> None:
    assert shown(STAMPED)[:2] == [
        ["stamp", ["CÔNG VĂN ĐẾN", "Số: 2217", "Ngày 26/3"]],
        ["title", ["THÔNG BÁO", "Về việc nạo vét kênh mương"]],
    ]


def test_a_stamp_with_gaps_between_its_own_words_is_cut_off_whole() -> None:
    rows = (STAMPED[0], "   Số:    22                          THÔNG BÁO", *STAMPED[2:])
    assert shown(rows)[:2] == [
        ["stamp", ["CÔNG VĂN ĐẾN", "Số: 22", "Ngày 26/3"]],
        ["title", ["THÔNG BÁO", "Về việc nạo vét kênh mương"]],
    ]


def test_second_lines_of_indented_paragraphs_are_no_stamp() -> None:
    """Most lines are first lines, indented, and make a margin that the others stick out of."""
    paragraphs = (
        "     - Trạm y tế cân đo cho trẻ vào sáng thứ ba của tuần đầu mỗi tháng,",
        "mẹ mang theo sổ.",
    )
    head = (
        "UBND HUYỆN BÌNH LỤC           CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "    PHÒNG Y TẾ                    Độc lập - Tự do - Hạnh phúc",
        "",
    )
    found = shown((*head, *paragraphs * 5))
    assert [kind for kind, _ in found] == ["letterhead-left", "letterhead-right", "body"]
    assert found[-1][1] == lines(paragraphs * 5)


def test_text_that_begins_left_of_the_margin_is_no_stamp_though_something_has_arrived() -> None:
    rows = ("CÔNG VĂN ĐẾN", "", *("     " + row for row in TEXT * 3), *TEXT[1:3])
    assert "stamp" not in [kind for kind, _ in shown(rows)]


def test_what_hangs_in_the_margin_of_a_page_without_a_letterhead_is_no_stamp() -> None:
    rows = tuple(row.replace("CÔNG VĂN ĐẾN", "LỜI NGƯỜI XƯA") for row in STAMPED)
    assert "stamp" not in [kind for kind, _ in shown(rows)]
