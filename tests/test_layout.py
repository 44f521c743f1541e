"""A page is read in the order of a person, and its parts get their names, however it was torn."""

import dataclasses
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.typewriter import PAGE, as_read, pieces, show, shown, typed
from vnrepair.records import BLOCK_KINDS, Box, Hypothesis, Page, Word
from vnrepair.scan.layout import lay_out

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "cases" / "layout.json").read_text(encoding="utf-8")
)
LABELS = [case["label"] for case in CASES]
NOTICE: list[str] = CASES[0]["rows"]

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


def read(rows: Sequence[str]) -> str:
    """The text of a typed page in reading order."""
    return text(lay_out(typed(rows), *PAGE)[0])


def text(words: Sequence[Word]) -> str:
    return Page(1, 1000, 1000, None, tuple(words)).text


@pytest.mark.parametrize("case", CASES, ids=LABELS)
def test_a_page_read_across_its_columns_falls_into_its_parts(case: dict[str, Any]) -> None:
    assert shown(typed(case["rows"])) == case["blocks"]


@pytest.mark.parametrize("case", CASES, ids=LABELS)
def test_a_page_read_column_by_column_from_the_right_falls_into_the_same(
    case: dict[str, Any],
) -> None:
    torn = sorted(pieces(case["rows"]), key=lambda piece: -piece[0].box.left)
    assert shown(as_read(torn)) == case["blocks"]


@given(st.sampled_from(CASES), st.randoms(use_true_random=False))
def test_whatever_order_the_pieces_of_a_page_come_in_it_is_read_the_same(
    case: dict[str, Any], random: Any
) -> None:
    torn = pieces(case["rows"])
    random.shuffle(torn)
    assert shown(as_read(torn)) == case["blocks"]


@pytest.mark.parametrize("case", CASES, ids=LABELS)
def test_what_is_in_order_stays_as_it_is(case: dict[str, Any]) -> None:
    once, blocks = lay_out(typed(case["rows"]), *PAGE)
    again, same_blocks = lay_out(once, *PAGE)
    assert show(again, same_blocks) == show(once, blocks)


def test_recipients_are_found_by_their_last_line_when_the_first_is_lost() -> None:
    foot = ("", ".                                      TRƯỞNG PHÒNG", *FOOT[2:])
    assert read(BODY + foot).endswith(".\n- Như trên;\n- Lưu: VT.\n\nTRƯỞNG PHÒNG\nĐoàn Bá Khang")


def test_the_last_recipient_is_known_without_its_dash() -> None:
    foot = ("", "- Như trên;                            TRƯỞNG PHÒNG", "Lưu: VT.", FOOT[4])
    assert read(BODY + foot).endswith("- Như trên;\nLưu: VT.\n\nTRƯỞNG PHÒNG\nĐoàn Bá Khang")


def test_specks_read_as_dots_do_not_close_the_gutter() -> None:
    head = (LETTERHEAD[0][:21] + "  ` " + LETTERHEAD[0][25:], *LETTERHEAD[1:])
    assert read((*head, " " * 25 + ".", *BODY)).startswith(
        "UBND HUYỆN BÌNH LỤC `\nPHÒNG Y TẾ\nSố: 31/TB-PYT\n"
    )


def test_a_signature_that_begins_above_the_recipients_comes_after_them() -> None:
    foot = ("", "                                     TM. ỦY BAN NHÂN DÂN", *FOOT[1:])
    assert read(BODY + foot).endswith(
        "- Lưu: VT.\n\nTM. ỦY BAN NHÂN DÂN\nTRƯỞNG PHÒNG\nĐoàn Bá Khang"
    )


def test_the_last_line_of_the_text_is_no_recipient_though_it_leaves_the_gutter_free() -> None:
    rows = (*BODY, "Mời bà con đến.                        ,", *FOOT[1:])
    assert "Mời bà con đến. ,\n\nNơi nhận:" in read(rows)


def test_a_narrow_gutter_is_followed() -> None:
    head = (
        "HỘI CỰU CHIẾN BINH HUYỆN NGA SƠN   CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "         XÃ NGA TIẾN                  Độc lập - Tự do - Hạnh phúc",
    )
    assert read(head).startswith("HỘI CỰU CHIẾN BINH HUYỆN NGA SƠN\nXÃ NGA TIẾN\n\nCỘNG HÒA")


def test_a_date_without_a_place_closes_the_right_column_too() -> None:
    head = ("   Số: 31/TB-PYT                                ngày 3 tháng 7 năm 2021", *BODY)
    assert read(head).startswith("Số: 31/TB-PYT\n\nngày 3 tháng 7 năm 2021\n\nPhòng Y tế mời")


def test_those_who_sign_a_receipt_side_by_side_are_read_row_by_row() -> None:
    rows = (
        "                     BIÊN LAI THU TIỀN",
        *BODY,
        "",
        "Người nộp tiền                          Người thu tiền",
        "Lương Hữu Xuân                          Ngô Mỹ Yến",
    )
    assert read(rows).endswith("Người nộp tiền Người thu tiền\nLương Hữu Xuân Ngô Mỹ Yến")


def test_two_parties_that_sign_a_contract_are_read_one_after_the_other() -> None:
    rows = (
        "                     HỢP ĐỒNG MUA BÁN",
        *BODY,
        "",
        "  ĐẠI DIỆN BÊN A                          ĐẠI DIỆN BÊN B",
        "      Chủ tịch                               Giám đốc",
        "",
        "  Lương Hữu Xuân                            Ngô Mỹ Yến",
    )
    assert read(rows).endswith(
        "ĐẠI DIỆN BÊN A\nChủ tịch\nLương Hữu Xuân\n\nĐẠI DIỆN BÊN B\nGiám đốc\nNgô Mỹ Yến"
    )


ENTERED = (
    "",
    "Vào sổ cấp bằng:                        HIỆU TRƯỞNG",
    "- Số: 58;",
    "- Quyển: 02.",
    "                                       Đoàn Bá Khang",
)


@pytest.mark.parametrize("head", [LETTERHEAD, ()], ids=["letterhead", "none"])
def test_the_number_that_a_certificate_is_entered_under_comes_before_the_signature(
    head: Sequence[str],
) -> None:
    assert read((*head, *BODY, *ENTERED)).endswith(
        "Vào sổ cấp bằng:\n- Số: 58;\n- Quyển: 02.\n\nHIỆU TRƯỞNG\nĐoàn Bá Khang"
    )


def test_so_it_does_where_no_two_lines_of_the_foot_stand_on_one_height() -> None:
    foot = (ENTERED[1][:16], " " * 40 + "HIỆU TRƯỞNG", *ENTERED[2:])
    words = [
        dataclasses.replace(
            word,
            box=dataclasses.replace(word.box, top=word.box.top - 26, bottom=word.box.bottom - 26),
        )
        if word.text in ("HIỆU", "TRƯỞNG")
        else word
        for word in typed((*BODY, "", *foot))
    ]
    assert text(lay_out(words, *PAGE)[0]).endswith(
        "Vào sổ cấp bằng:\n- Số: 58;\n- Quyển: 02.\n\nHIỆU TRƯỞNG\nĐoàn Bá Khang"
    )


def test_a_remark_below_the_signature_is_not_read_before_it() -> None:
    rows = (*LETTERHEAD, *BODY, "", *(" " * 39 + name for name in ("HIỆU TRƯỞNG", "Đoàn Bá Khang")))
    assert read((*rows, "Bản này có hai trang.")).endswith(
        "HIỆU TRƯỞNG\nĐoàn Bá Khang\nBản này có hai trang."
    )


@pytest.mark.parametrize("speck", ["ˆ", "l", "|", "."])
def test_a_speck_between_the_columns_of_a_letterhead_leaves_them_apart(speck: str) -> None:
    first = f"{LETTERHEAD[0][:26]}{speck}{LETTERHEAD[0][27:]}"
    kinds = [kind for kind, _ in shown(typed((first, *LETTERHEAD[1:], *BODY)))]
    assert kinds[:2] == ["letterhead-left", "letterhead-right"]
    got = read((first, *LETTERHEAD[1:], *BODY))
    assert "PHÒNG Y TẾ\nSố: 31/TB-PYT\n\n" in got


@pytest.mark.parametrize("speck", ["ˆ", "l", "|", "."])
def test_a_speck_that_was_read_as_a_line_leaves_them_apart(speck: str) -> None:
    head = (LETTERHEAD[0], " " * 30 + speck, *LETTERHEAD[1:])
    kinds = [kind for kind, _ in shown(typed((*head, *BODY)))]
    assert kinds == ["letterhead-left", "letterhead-right", "body"]


def test_a_paragraph_that_was_torn_in_two_stays_one() -> None:
    rows = [row for row in BODY if row]
    torn = [dataclasses.replace(word, block=word.line) for word in typed(rows)]
    assert "\n\n" not in text(lay_out(torn, *PAGE)[0])


def test_a_blank_line_on_the_page_is_one_in_the_text() -> None:
    verses = ("Con đò gác mái nằm nghiêng", "chiều rơi một vạt nắng hiền")
    assert read((*verses, "", "Em ngồi hong tóc bên đê", "gió đưa mùi rạ bốn bề")) == (
        "\n".join(verses) + "\n\nEm ngồi hong tóc bên đê\ngió đưa mùi rạ bốn bề"
    )


def test_a_sentence_that_goes_on_below_a_gap_is_not_torn() -> None:
    rows = (*BODY, "", "", "Xã lo xe đưa đón những nhà ở xa trạm, hẹn ở đầu cầu lúc bảy giờ,", "",
            "ai đến muộn thì đi chuyến sau.")  # fmt: skip
    assert "bảy giờ,\nai đến muộn" in read(rows)


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
    "a table of contents": (
        "                    MỤC LỤC",
        "",
        "Lời nói đầu ......................................... 3",
        "Chương I. Đất và nước của vùng cao .................. 17",
        "Phụ lục: lịch tiêm phòng trong năm .................. 87",
    ),
    "many columns of figures": (
        "Thôn     T1    T2    T3    T4    T5    T6    T7",
        "Vạc      39    78    63    12    91    48    10",
        "Cồn Lũy  66    25    38    25    86    64    11",
        "Đông     34    11    27    97    80    50    12",
    ),
    "two columns without a phrase": (
        "Bên A: ông Tư              Bên B: bà Sáu",
        "Địa chỉ: Cần Giờ           Địa chỉ: Củ Chi",
    ),
    "labels that hang in the margin": (
        "Hỏi:      Khi nào thì tiêm mũi thứ hai, thưa bác sĩ, và có phải nhịn ăn",
        "          không, vì cháu nhà tôi hay đói sớm?",
        "Đáp:      Bốn tuần sau mũi đầu; cháu cứ ăn như mọi hôm, chỉ đừng no quá",
        "          ngay trước giờ tiêm. Nếu cháu sốt thì hoãn lại một tuần rồi mới",
        "          đến, và nhớ mang theo sổ. Trạm mở cửa cả ngày, buổi trưa vẫn có",
        "          người trực ở phòng ngoài để ghi tên và đo nhiệt độ cho các cháu.",
    ),
    "advice that begins like the last recipient": (
        *BODY,
        "Lưu ý: trẻ đang sốt thì không tiêm, gia đình báo với y tá để hẹn lại ngày khác.",
        "Mọi thắc mắc xin gọi số máy ghi ở cuối sổ tiêm của cháu, giờ nào cũng có người.",
    ),
    "advice in the middle of a form": (
        *BODY,
        "Thời hạn đóng góp là hai tuần,         Ban nhân dân thôn",
        "Lưu giữ biên lai cho đến cuối năm.",
        *BODY,
    ),
    "recipients alone": (*BODY, "", "Nơi nhận:", "- Như trên;", "- Lưu: VT."),
    "labels and values": (
        "Họ và tên chủ hộ:            Lò Văn Ún",
        "Ngày sinh:                   03/02/1974",
        "Số đầu bò hiện có:           11 con",
    ),
    "a few words": ("Hết.",),
    "plain lines": BODY,
}


@pytest.mark.parametrize("rows", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_other_pages_keep_their_order(rows: Sequence[str]) -> None:
    words = typed(rows)
    assert [word.text for word in lay_out(words, *PAGE)[0]] == [word.text for word in words]


OFFICIAL = frozenset(("letterhead-left", "letterhead-right", "stamp", "signature"))


@pytest.mark.parametrize("rows", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_other_pages_get_no_parts_of_official_ones(rows: Sequence[str]) -> None:
    kinds = {block.kind for block in lay_out(typed(rows), *PAGE)[1]}
    assert not kinds & OFFICIAL


def test_columns_of_running_text_are_read_one_after_the_other_as_tesseract_does() -> None:
    rows = [f"dòng trái số {n} kể về đò      dòng phải số {n} kể về bến" for n in range(8)]
    columns = as_read(sorted(pieces(rows), key=lambda piece: piece[0].box.left))
    assert [word.text for word in lay_out(columns, *PAGE)[0]] == [word.text for word in columns]


def sideways(words: Sequence[Word]) -> list[Word]:
    return [
        dataclasses.replace(
            word,
            box=Box(word.box.top, 1000 - word.box.right, word.box.bottom, 1000 - word.box.left),
        )
        for word in words
    ]


def test_lines_read_sideways_keep_their_order() -> None:
    words = sideways(typed(LETTERHEAD + BODY + FOOT))
    ordered, blocks = lay_out(words, *PAGE)
    assert [word.text for word in ordered] == [word.text for word in words]
    assert [block.kind for block in blocks] == ["body"]


def test_lines_read_from_right_to_left_keep_their_order() -> None:
    words = [
        dataclasses.replace(
            word,
            box=Box(900 - word.box.right, word.box.top, 900 - word.box.left, word.box.bottom),
        )
        for word in typed(BODY)
    ]
    assert [word.text for word in lay_out(words, *PAGE)[0]] == [word.text for word in words]


def test_a_page_without_words_has_no_blocks() -> None:
    assert lay_out((), *PAGE) == ((), ())


def test_one_word_is_a_block_of_text() -> None:
    (word,) = typed(("Hết.",))
    words, (block,) = lay_out((word,), *PAGE)
    assert words == (word,)
    assert (block.kind, block.box) == ("body", word.box)


def test_words_in_one_and_the_same_place_are_all_kept() -> None:
    words = [
        Word(str(number), Box(100, 100, 180, 124), 0.5, number % 3, number) for number in range(9)
    ]
    assert [word.text for word in lay_out(words, *PAGE)[0]] == [word.text for word in words]


_PHRASES = """
    Nơi nhận: Lưu - cộng hòa xã hội chủ nghĩa việt nam tin ngày tháng năm Số: 31/TB-PYT ĐẾN CHỦ
    TỊCH TM. 12 CÔNG BÁO THÔNG | . 1 Kính gửi:
"""
_TEXTS = st.sampled_from(_PHRASES.split())
_PAGES = st.lists(
    st.builds(
        lambda text, left, top, size, height, line: Word(
            text,
            Box(left, top, left + size, top + height),
            0.7,
            line // 3,
            line,
            (Hypothesis("khác", 0.4),),
        ),
        text=_TEXTS,
        left=st.integers(0, 900),
        top=st.integers(0, 1500),
        size=st.integers(0, 90),
        height=st.integers(0, 40),
        line=st.integers(0, 16),
    ),
    max_size=60,
)


def _kept(word: Word) -> Word:
    return dataclasses.replace(word, block=0, line=0)


@settings(max_examples=300)
@given(_PAGES)
def test_no_word_is_lost_changed_or_doubled(words: list[Word]) -> None:
    assert Counter(map(_kept, lay_out(words, *PAGE)[0])) == Counter(map(_kept, words))


@settings(max_examples=300)
@given(_PAGES)
def test_blocks_and_lines_count_from_nought_without_gaps(words: list[Word]) -> None:
    ordered, blocks = lay_out(words, *PAGE)
    for numbers in ([w.line for w in ordered], [w.block for w in ordered]):
        assert numbers == sorted(numbers)
        assert set(numbers) == set(range(len(set(numbers))))
    assert len({(w.block, w.line) for w in ordered}) == len({w.line for w in ordered})
    assert len(blocks) == len({w.block for w in ordered})


@given(_PAGES)
def test_every_block_has_a_known_kind_and_is_as_large_as_its_words(words: list[Word]) -> None:
    ordered, blocks = lay_out(words, *PAGE)
    for number, block in enumerate(blocks):
        boxes = [word.box for word in ordered if word.block == number]
        assert block.kind in BLOCK_KINDS
        assert block.box == Box(
            min(box.left for box in boxes),
            min(box.top for box in boxes),
            max(box.right for box in boxes),
            max(box.bottom for box in boxes),
        )
