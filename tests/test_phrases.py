"""Fixed phrases are known by their base letters, also where they were read badly."""

from collections.abc import Callable, Sequence

import pytest

from tests.typewriter import typed
from vnrepair.records import Word
from vnrepair.scan import phrases

KNOWN: dict[str, tuple[Callable[[Sequence[Word]], object], tuple[str, ...], tuple[str, ...]]] = {
    "recipients": (
        phrases.begins_recipients,
        ("Nơi nhận:", "Noi nhdn:", "ơi nhận:", "Nơinhận: CHỦ TỊCH", "NƠI NHẬN"),
        ("Thời hạn vay là 17 tháng", "ban nhân dân xã", "Người nhận tiền", "Nơi sinh: Vạc", "Mới"),
    ),
    "the last recipient": (
        phrases.lists_recipients,
        ("- Lưu: VT.", "Lưu VT, TC", "~ Lưu: VT", "Nơi nhận:"),
        ("nộp lưu hồ sơ", "- Như trên;", "Lâu nay"),
    ),
    "signatures": (
        phrases.signs,
        (
            "TM. ỦY BAN NHÂN DÂN",
            "KT. GIÁM ĐỐC",
            "T/M ĐẢNG ỦY",
            "CHU TICH",
            "Người khai",
            "THƯ KÝ.",
            "BÊN GIAO",
        ),
        (
            "Trồng cây",
            "tm ủy ban",
            "Vạc",
            "người khai báo",
            "Đoàn Bá Khang",
            "TM",
            "Bến Lá, mùa gặt",
        ),
    ),
    "numbers of documents": (
        phrases.numbers_document,
        ("Số: 31/TB-PYT", "So: 31/TB-PYT", "Số 18-NQ/ĐU", "'Số:#f40 /TB-QL"),
        ("Số nhà 14 phố Chợ", "Ngày sinh: 3", "UBND HUYỆN BÌNH LỤC"),
    ),
    "dates": (
        lambda words: phrases.date_start(words) is not None,
        ("Hà Nội, ngày 3 tháng 7 năm 2021", "Vạc, ngay .,&.. tháng + nam 2024"),
        ("Thứ hai, ngày 3/7/2021", "hằng ngày, thôn đọc loa", "tháng 7 năm 2021"),
    ),
    "kinds of documents": (
        phrases.names_document,
        ("QUYẾT ĐỊNH", "THONG BAO", "TH0NG BÁO", "GIẤY MỜI HỌP", "ĐƠN XIN NGHỈ PHÉP"),
        ("Quyết định này", "THÔN BA", "CHỦ TỊCH", "BÁC"),
    ),
    "addresses": (
        phrases.addresses_somebody,
        ("Kính gửi: Các thôn", "Kinh gui: Cac thon"),
        ("Kính mời", "Kinh phí", "gửi kèm"),
    ),
    "stamps of arrival": (
        phrases.notes_arrival,
        (
            "CÔNG VĂN ĐẾN",
            "ĐẾN Giờ: 8",
            "CONG VAN DEN",
            "ĐẾNSÈ 2",
            "CÔNG THÔNG TÍN ĐIỄN TỬ CHINH PHỦ",
        ),
        ("công việc đến", "Đến hẹn lại", "CÔNG AN HUYỆN", "DENTIMEX"),
    ),
    "the gazette": (
        phrases.mentions_gazette,
        ("CÔNG BÁO/Số 31 + 32/Ngày 08-01-2018", "CONG BAO/So 5"),
        ("công báo tỉnh", "THÔNG CÁO SỐ 5", "CÔNG TRÌNH 5"),
    ),
    "first lines of a text": (
        phrases.opens_text,
        ("Căn cứ Luật", "I. MỤC ĐÍCH", "1. Thời gian", "a) Các thôn", "Kính gửi: ai", "đ) nếu"),
        ("CĂN CỨ THÀNH LẬP", "Về việc", "2021", "Phú Khê năm 2024"),
    ),
}
YES = [(name, row) for name, (_, rows, _) in KNOWN.items() for row in rows]
NO = [(name, row) for name, (_, _, rows) in KNOWN.items() for row in rows]


@pytest.mark.parametrize(("name", "row"), YES)
def test_a_phrase_is_known_for_what_it_is(name: str, row: str) -> None:
    assert KNOWN[name][0](typed((row,)))


@pytest.mark.parametrize(("name", "row"), NO)
def test_other_wording_is_not_taken_for_it(name: str, row: str) -> None:
    assert not KNOWN[name][0](typed((row,)))


def test_the_motto_begins_after_what_stands_left_of_it() -> None:
    row = "UBND XÃ VẠC   CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    assert phrases.motto_start(typed((row,))) == 3


def test_no_motto_is_found_where_there_is_none() -> None:
    assert phrases.motto_start(typed(("Cộng đồng dân cư thôn Vạc",))) is None
