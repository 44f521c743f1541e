"""Columns of letterheads and feet are read one after the other; everything else as it came."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.records import Box, Page, Word
from vnrepair.scan.layout import order_words

CHAR = 10  # width of a letter and of a space, pixels
HEIGHT = 24
PITCH = 40


def printed(rows: Sequence[str], pitch: int = PITCH) -> tuple[Word, ...]:
    """Words as Tesseract gives them for a page in a typewriter's raster, a row a line."""
    words = []
    for number, row in enumerate(rows):
        column = 0
        for piece in row.split(" "):
            if piece:
                left, top = column * CHAR, number * pitch
                box = Box(left, top, left + len(piece) * CHAR - 2, top + HEIGHT)
                words.append(Word(piece, box, 0.9, block=0, line=number))
            column += len(piece) + 1
    return tuple(words)


def text(words: Sequence[Word]) -> str:
    return Page(1, 1000, 1000, None, tuple(words)).text


LETTERHEAD = (
    " UBND HUYỆN BÌNH LỤC           CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "    PHÒNG Y TẾ                    Độc lập - Tự do - Hạnh phúc",
    "   Số: 31/TB-PYT                Bình Lục, ngày 3 tháng 7 năm 2021",
)
BODY = (
    "",
    "   Phòng Y tế mời bà con đến trạm xá tiêm phòng cho trẻ em dưới hai tuổi",
    "vào sáng thứ năm, mang theo sổ và giấy hẹn của lần trước.",
)
FOOT = (
    "",
    "Nơi nhận:                              TRƯỞNG PHÒNG",
    "- Như trên;",
    "- Lưu: VT.",
    "                                       Đoàn Bá Khang",
)


def test_the_left_column_of_a_letterhead_comes_before_the_right() -> None:
    assert text(order_words(printed(LETTERHEAD + BODY))) == (
        "UBND HUYỆN BÌNH LỤC\nPHÒNG Y TẾ\nSố: 31/TB-PYT\n\n"
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n"
        "Bình Lục, ngày 3 tháng 7 năm 2021\n\n"
        "Phòng Y tế mời bà con đến trạm xá tiêm phòng cho trẻ em dưới hai tuổi\n"
        "vào sáng thứ năm, mang theo sổ và giấy hẹn của lần trước."
    )


def test_recipients_come_before_the_signature() -> None:
    read = text(order_words(printed(BODY + FOOT)))
    assert read.endswith(
        "của lần trước.\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n\nTRƯỞNG PHÒNG\nĐoàn Bá Khang"
    )


def test_recipients_are_found_by_their_last_line_when_the_first_is_lost() -> None:
    foot = ("", ".                                      TRƯỞNG PHÒNG", *FOOT[2:])
    read = text(order_words(printed(BODY + foot)))
    assert read.endswith(".\n- Như trên;\n- Lưu: VT.\n\nTRƯỞNG PHÒNG\nĐoàn Bá Khang")


def test_the_last_recipient_is_known_without_its_dash() -> None:
    foot = ("", "- Như trên;                            TRƯỞNG PHÒNG", "Lưu: VT.", FOOT[4])
    read = text(order_words(printed(BODY + foot)))
    assert read.endswith("- Như trên;\nLưu: VT.\n\nTRƯỞNG PHÒNG\nĐoàn Bá Khang")


def test_specks_read_as_dots_do_not_close_the_gutter() -> None:
    head = (LETTERHEAD[0][:21] + "  ` " + LETTERHEAD[0][25:], *LETTERHEAD[1:])
    read = text(order_words(printed((*head, " " * 25 + ".", *BODY))))
    assert read.startswith("UBND HUYỆN BÌNH LỤC `\nPHÒNG Y TẾ\nSố: 31/TB-PYT\n")


def test_a_signature_that_begins_above_the_recipients_comes_after_them() -> None:
    foot = ("", "                                     TM. ỦY BAN NHÂN DÂN", *FOOT[1:])
    read = text(order_words(printed(BODY + foot)))
    assert read.endswith("- Lưu: VT.\n\nTM. ỦY BAN NHÂN DÂN\nTRƯỞNG PHÒNG\nĐoàn Bá Khang")


def test_a_motto_without_marks_is_known_too() -> None:
    head = (
        " UBND HUYEN BINH LUC           CONG HOA XA HOI CHU NGHIA VIET NAM",
        "    PHONG Y TE                    Dac lap - Tu do - Hanh phic",
    )
    assert text(order_words(printed(head))).startswith("UBND HUYEN BINH LUC\nPHONG Y TE\n")


def test_a_narrow_gutter_is_followed() -> None:
    head = (
        "HỘI CỰU CHIẾN BINH HUYỆN NGA SƠN   CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "         XÃ NGA TIẾN                  Độc lập - Tự do - Hạnh phúc",
    )
    assert text(order_words(printed(head))).startswith(
        "HỘI CỰU CHIẾN BINH HUYỆN NGA SƠN\nXÃ NGA TIẾN\n\nCỘNG HÒA"
    )


def test_the_subject_under_the_number_stays_in_the_left_column() -> None:
    head = (
        *LETTERHEAD,
        "V/v mời tiêm phòng",
        "cho trẻ em",
    )
    columns = text(order_words(printed(head + BODY))).split("\n\n")
    assert columns[0].endswith("Số: 31/TB-PYT\nV/v mời tiêm phòng\ncho trẻ em")


def test_a_title_in_the_middle_stays_below_both_columns() -> None:
    title = ("                               THÔNG BÁO",)
    ordered = text(order_words(printed(LETTERHEAD + title + BODY)))
    assert "năm 2021\n\nTHÔNG BÁO\n" in ordered


UNTOUCHED = {
    "a motto over the whole width": (
        "          CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "             Độc lập - Tự do - Hạnh phúc",
        *BODY,
    ),
    "a table": (
        "STT   Họ và tên            Số tiền",
        "1     Lê Thị Mơ            200.000",
        "2     Phan Văn Quyết       350.000",
    ),
    "two columns without a phrase": (
        "Bên A: ông Tư              Bên B: bà Sáu",
        "Địa chỉ: Cần Giờ           Địa chỉ: Củ Chi",
    ),
    "advice that begins like the last recipient": (
        *BODY,
        "Lưu ý: trẻ đang sốt thì không tiêm, gia đình báo với y tá để hẹn lại ngày khác.",
        "Mọi thắc mắc xin gọi số máy ghi ở cuối sổ tiêm của cháu, giờ nào cũng có người.",
    ),
    "recipients alone": (*BODY, "", "Nơi nhận:", "- Như trên;", "- Lưu: VT."),
    "plain lines": BODY,
}


@pytest.mark.parametrize("rows", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_other_pages_keep_their_order(rows: Sequence[str]) -> None:
    words = printed(rows)
    assert [word.text for word in order_words(words)] == [word.text for word in words]


def test_lines_read_sideways_keep_their_order() -> None:
    words = tuple(
        Word(
            word.text,
            Box(word.box.top, 1000 - word.box.right, word.box.bottom, 1000 - word.box.left),
            word.confidence,
            word.block,
            word.line,
        )
        for word in printed(LETTERHEAD + BODY + FOOT)
    )
    assert [word.text for word in order_words(words)] == [word.text for word in words]


def test_a_page_without_words_stays_empty() -> None:
    assert order_words(()) == ()


_TEXTS = st.sampled_from(
    ["Nơi", "nhận:", "Lưu", "-", "cộng", "hòa", "xã", "hội", "chủ", "nghĩa", "việt", "nam", "tin"]
)
_PAGES = st.lists(
    st.builds(
        lambda text, left, top, size, line: Word(
            text, Box(left, top, left + size, top + HEIGHT), None, line // 3, line
        ),
        text=_TEXTS,
        left=st.integers(0, 900),
        top=st.integers(0, 900),
        size=st.integers(0, 90),
        line=st.integers(0, 12),
    ),
    max_size=40,
)


@given(_PAGES)
def test_no_word_is_lost_moved_or_doubled(words: list[Word]) -> None:
    ordered = order_words(words)
    assert Counter((w.text, w.box) for w in ordered) == Counter((w.text, w.box) for w in words)


@given(_PAGES)
def test_blocks_and_lines_count_from_nought_without_gaps(words: list[Word]) -> None:
    ordered = order_words(words)
    for numbers in ([w.line for w in ordered], [w.block for w in ordered]):
        assert numbers == sorted(numbers)
        assert set(numbers) == set(range(len(set(numbers))))
    assert len({(w.block, w.line) for w in ordered}) == len({w.line for w in ordered})
