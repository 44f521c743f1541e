"""Which legacy Vietnamese encoding a file is in, told from the words that it makes.

In come bytes that are not UTF-8, out goes a name for the message. Nothing is converted here: these
encodings share their bytes, and a wrong guess would ruin a document silently.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from vnrepair.language.syllables import is_valid_syllable

__all__ = ["LegacyEncoding", "detect_legacy_encoding"]


@dataclass(frozen=True, slots=True)
class LegacyEncoding:
    """An encoding that is recognised.

    Attributes:
        name: What people call it.
        advice: How to convert a file; `{path}` stands for its name.
    """

    name: str
    advice: str


# The upper half of each table, from 0xA1 (TCVN3) and 0x80 (VISCII); "·" is no letter.
_TCVN3_FROM_A1 = (
    "ĂÂÊÔƠƯĐăâêôơưđẰ·····àảãáạẲằẳẵắẴẮ"
    "ẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔ"
    "ỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)
_VISCII_FROM_80 = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ"
    "ÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡư"
    "àáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
_TCVN3 = {0xA1 + i: char for i, char in enumerate(_TCVN3_FROM_A1)}
_VISCII = {0x80 + i: char for i, char in enumerate(_VISCII_FROM_80)}
# VNI for Windows writes a base letter and then its marks as one Latin letter: `Vieät` is Việt.
_VNI_MARKS = {
    "ø": "\u0300",
    "ù": "\u0301",
    "û": "\u0309",
    "õ": "\u0303",
    "ï": "\u0323",
    "â": "\u0302",
    "à": "\u0302\u0300",
    "á": "\u0302\u0301",
    "å": "\u0302\u0309",
    "ã": "\u0302\u0303",
    "ä": "\u0302\u0323",
    "ê": "\u0306",
    "è": "\u0306\u0300",
    "é": "\u0306\u0301",
    "ú": "\u0306\u0309",
    "ü": "\u0306\u0303",
    "ë": "\u0306\u0323",
}
_VNI_LETTERS = {"ñ": "đ", "ö": "ư", "ô": "ơ", "î": "ỵ", "æ": "ỉ", "ó": "ĩ", "ò": "ị"}
_VNI = str.maketrans(
    _VNI_MARKS
    | _VNI_LETTERS
    | {key.upper(): mark for key, mark in _VNI_MARKS.items()}
    | {key.upper(): letter.upper() for key, letter in _VNI_LETTERS.items()}
)


def _decode_utf8(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")


def _decode_tcvn3(data: bytes) -> str:
    return data.decode("latin-1").translate(_TCVN3)


def _decode_viscii(data: bytes) -> str:
    return data.decode("latin-1").translate(_VISCII)


def _decode_vni(data: bytes) -> str:
    return data.decode("cp1252", errors="replace").translate(_VNI)


def _decode_windows_1258(data: bytes) -> str:
    return data.decode("cp1258", errors="replace")


_ICONV = "iconv -f {codec} -t UTF-8 {{path}} > converted.txt"
_DECODERS: tuple[tuple[LegacyEncoding, Callable[[bytes], str]], ...] = (
    (LegacyEncoding("UTF-8 with damaged bytes", "Ask for a fresh copy of {path}"), _decode_utf8),
    (
        LegacyEncoding(
            "TCVN3 (ABC)", f"Convert it first, e.g. with: {_ICONV.format(codec='TCVN5712-1')}"
        ),
        _decode_tcvn3,
    ),
    (
        LegacyEncoding(
            "VNI (VNI-Win)", "Convert {path} to UTF-8 first, e.g. with the toolkit of UniKey"
        ),
        _decode_vni,
    ),
    (
        LegacyEncoding(
            "windows-1258", f"Convert it first, e.g. with: {_ICONV.format(codec='CP1258')}"
        ),
        _decode_windows_1258,
    ),
    (
        LegacyEncoding("VISCII", f"Convert it first, e.g. with: {_ICONV.format(codec='VISCII')}"),
        _decode_viscii,
    ),
)
# A right table makes nearly every word a syllable; names and foreign words leave room for less.
_MIN_VALID_SHARE = 0.6
_MIN_VALID_WORDS = 2  # a single byte is a letter in every table
_SAMPLE_BYTES = 1 << 16
# Short texts may read as valid syllables in two tables (nhân as nhõn); these words decide then.
_FREQUENT = frozenset(
    re.findall(
        r"\w+",
        """
        và của các được có là không người những một năm với để đã này về từ đến định tại việc thì
        sẽ phải ở số bộ nhà nước hội công cộng dân nhân xã tỉnh huyện phường thành phố đồng ủy hành
        chính quyền quản lý kế hoạch thông báo điều luật nghị quyết họp ngày tháng kính gửi đề độc
        lập hạnh phúc hòa chủ nghĩa việt tổ chức thực hiện
        """,
    )
)
_WORD = re.compile(r"(?:[^\W\d_]|\N{REPLACEMENT CHARACTER})+")


def detect_legacy_encoding(data: bytes) -> LegacyEncoding | None:
    """Name the encoding in which these bytes read as Vietnamese.

    Args:
        data: Bytes that are not valid UTF-8; the first 64 KiB behind the first byte over 0x7F are
            looked at.

    Returns:
        The encoding with the most valid and frequent syllables among its words with a letter
        outside ASCII; None when fewer than 60 % of these, or only one word, are valid.
    """
    first = next((i for i, byte in enumerate(data) if byte > 0x7F), 0)
    start = max(data.rfind(b" ", 0, first), data.rfind(b"\n", 0, first)) + 1
    sample = data[start : start + _SAMPLE_BYTES]
    readings = [(*_judge(decode(sample)), encoding) for encoding, decode in _DECODERS]
    valid, _, encoding = max(readings, key=lambda reading: reading[0] + reading[1])
    return encoding if valid >= _MIN_VALID_SHARE else None


def _judge(text: str) -> tuple[float, float]:
    """Shares of valid and of frequent syllables among the words with a letter outside ASCII.

    Both are 0 when too few words are valid to tell.
    """
    folded = unicodedata.normalize("NFC", text).lower()
    words = [word for word in _WORD.findall(folded) if not word.isascii()]
    valid = sum(map(is_valid_syllable, words))
    if valid < _MIN_VALID_WORDS:
        return 0.0, 0.0
    return valid / len(words), sum(word in _FREQUENT for word in words) / len(words)
