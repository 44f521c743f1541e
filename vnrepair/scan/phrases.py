"""Fixed wordings of official documents, known even where they were read badly.

Everything is compared by base letters, in lower case, as likeness and not as equality: a motto
without its marks is a motto still.

Source:
    Decree 30/2020/ND-CP on clerical work, appendix I: parts and layout of documents; appendix III:
    kinds of documents.
"""

import re
from collections.abc import Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from vnrepair.language.letters import skeleton
from vnrepair.records import Word

__all__ = [
    "addresses_somebody",
    "begins_recipients",
    "date_start",
    "has_note_mark",
    "is_capitals",
    "is_page_number",
    "letters",
    "likeness",
    "lists_recipients",
    "mentions_gazette",
    "motto_start",
    "names_document",
    "notes_arrival",
    "numbers_document",
    "opens_text",
    "signs",
]

_MOTTOES = (
    "cong hoa xa hoi chu nghia viet nam",
    "doc lap tu do hanh phuc",
    "dang cong san viet nam",
)
_RECIPIENTS = "noi nhan"
_KEPT_BY = "luu"
_ARRIVED = "cong van den"
_PORTAL = "cong thong tin dien tu chinh phu"
"""The government's portal, over whose stamp of arrival laws and decrees are published."""
_MOST_BEHIND = 2  # letters that a rule or the next line of the stamp may leave behind "ĐẾN"
_ADDRESSED = "kinh gui"
_GAZETTE = "cong bao"
_DOCUMENTS = (
    "nghi quyet",
    "quyet dinh",
    "chi thi",
    "quy che",
    "quy dinh",
    "thong cao",
    "thong bao",
    "huong dan",
    "chuong trinh",
    "ke hoach",
    "phuong an",
    "de an",
    "du an",
    "bao cao",
    "bien ban",
    "to trinh",
    "hop dong",
    "cong dien",
    "ban ghi nho",
    "ban thoa thuan",
    "giay uy quyen",
    "giay moi",
    "giay gioi thieu",
    "giay nghi phep",
    "phieu gui",
    "phieu chuyen",
    "phieu bao",
    "nghi dinh",
    "thong tu",
    "luat",
    "phap lenh",
    "phu luc",
    "ket luan",
    "don xin",
    "don de nghi",
    "danh sach",
    "muc luc",
)
_ON_BEHALF = frozenset(("tm", "kt", "tl", "tuq", "q", "ql"))
"""How a signature says for whom: on behalf of, in place of, by order of, by proxy, acting."""
_SIGNERS = (
    "chu tich",
    "pho chu tich",
    "thu tuong",
    "pho thu tuong",
    "bo truong",
    "thu truong",
    "tong giam doc",
    "giam doc",
    "pho giam doc",
    "cuc truong",
    "vu truong",
    "chi cuc truong",
    "truong phong",
    "pho truong phong",
    "truong ban",
    "pho truong ban",
    "truong khoa",
    "truong thon",
    "hieu truong",
    "pho hieu truong",
    "vien truong",
    "chanh van phong",
    "pho chanh van phong",
    "chanh an",
    "bi thu",
    "pho bi thu",
    "thu truong don vi",
    "dai dien",
    "nguoi khai",
    "nguoi lam don",
    "nguoi viet don",
    "nguoi lap",
    "nguoi nop",
    "nguoi thu",
    "nguoi nhan",
    "nguoi ban giao",
    "ke toan",
    "thu quy",
    "thu ky",
    "chu tri",
    "chu toa",
    "xac nhan cua",
    "ky ghi ro ho ten",
)
_PARTY = "ben"
"""Of a contract, in capitals over its signature: "BÊN A", "BÊN GIAO"."""
_OPENINGS = ("can cu", "kinh gui", "theo de nghi", "xet de nghi", "thuc hien", "hom nay", "toi ten")
_MIN_RATIO = 72.0  # of fuzz.ratio, 0-100: holds for text read without Vietnamese language data
_SHORT_RATIO = 80.0  # for phrases of a word or two, which come near to other words more easily
_NAME_RATIO = 88.0  # for capitals, in which names of places and bodies are set, too
_NUMBER = re.compile(r"\bso\b.{0,12}/|/[a-z]{2,5}\b", re.IGNORECASE)
_POINT = re.compile(r"^\W{0,2}([IVXLl1]{1,4}|\d{1,2}|[a-zđ])\s?[.)]$")
_PAGE_NUMBER = re.compile(
    r"^[-\s~_\u2013\u2014]{0,3}((trang|page)\W{0,2})?(\d{1,4}(\s?/\s?\d{1,4})?|[ivxlc]{1,6})"
    r"[-\s~_\u2013\u2014]{0,3}$",
    re.IGNORECASE,
)
_NOTE_MARKS = ("*", "(", "[", "\N{SUPERSCRIPT ONE}", "\N{SUPERSCRIPT TWO}", "\N{SUPERSCRIPT THREE}")
_CAPITALS = 0.7  # share of the letters: names in capitals hold a small word now and then
_MIN_LETTERS = 4  # to tell capitals from an abbreviation


def letters(text: str) -> str:
    """Base letters of a text in lower case, nothing else."""
    return "".join(char for char in skeleton(text).lower() if char.isalpha())


def likeness(words: Sequence[Word], phrase: str) -> float:
    """How much words look like a phrase of base letters, 0-100."""
    return fuzz.ratio(" ".join(filter(None, (letters(word.text) for word in words))), phrase)


_MAX_MOTTO_WORDS = 30  # the longest has nine; torn letters make more of them


def motto_start(words: Sequence[Word]) -> int | None:
    """Index of the word at which the national motto begins, if the words end with it."""
    if words[-1].box.left < words[0].box.left:
        return None  # read sideways or from right to left: no place for columns
    first = max(0, len(words) - _MAX_MOTTO_WORDS)
    ratios = {
        at: max(likeness(words[at:], motto) for motto in _MOTTOES)
        for at in range(first, len(words))
    }
    best = max(ratios.values())
    if best < _MIN_RATIO:
        return None
    return max(at for at, ratio in ratios.items() if ratio == best)  # specks stay outside


def date_start(words: Sequence[Word]) -> int | None:
    """Index of "ngày" where the words are a place and date: "Hà Nội, ngày 3 tháng 7 năm 2021"."""
    plain = [letters(word.text) for word in words]
    for at, word in enumerate(plain):
        if word == "ngay" and {"thang", "nam"} & set(plain[at + 1 : at + 6]):
            return at
    return None


def lists_recipients(words: Sequence[Word]) -> bool:
    """Whether a line begins with "Nơi nhận" (recipients), or with "Lưu" (kept by) and its dash."""
    return begins_recipients(words) or (
        letters(words[0].text) == _KEPT_BY
        or (not letters(words[0].text) and len(words) > 1 and letters(words[1].text) == _KEPT_BY)
    )


def notes_arrival(words: Sequence[Word]) -> bool:
    """Whether words are of a stamp of arrival: "CÔNG VĂN ĐẾN", "ĐẾN Giờ: ..."."""
    first = words[:3]
    return (
        (is_capitals(first) and likeness(first, _ARRIVED) >= _NAME_RATIO)
        or (is_capitals(words) and likeness(words, _PORTAL) >= _SHORT_RATIO)
        or any(word.text.isupper() and _is_arrived(letters(word.text)) for word in first)
    )


def begins_recipients(words: Sequence[Word]) -> bool:
    """Whether a line begins with "Nơi nhận" (recipients)."""
    plain = [letters(word.text) for word in words[:2]]
    parts = _RECIPIENTS.split()
    # Word by word: "Người nhận" and "Thời hạn" come near to it as a whole.
    if len(plain) > 1 and all(
        Levenshtein.distance(*pair) <= 1 for pair in zip(plain, parts, strict=True)
    ):
        return not words[0].text[:1].islower() or words[1].text.endswith(":")
    return Levenshtein.distance(plain[0], "".join(parts)) <= 1


def numbers_document(words: Sequence[Word]) -> bool:
    """Whether words give the number of a document: "Số: 31/TB-PYT"."""
    return _NUMBER.search(skeleton(" ".join(word.text for word in words))) is not None


def addresses_somebody(words: Sequence[Word]) -> bool:
    """Whether a line begins with "Kính gửi" (to)."""
    return likeness(words[:2], _ADDRESSED) >= _SHORT_RATIO


def mentions_gazette(words: Sequence[Word]) -> bool:
    """Whether a line is the running head of the official gazette, "CÔNG BÁO/Số 5 + 6"."""
    plain = " ".join(letters(part) for word in words for part in word.text.split("/"))
    return is_capitals(words[:3]) and fuzz.partial_ratio(_GAZETTE, plain) >= _SHORT_RATIO


def names_document(words: Sequence[Word]) -> bool:
    """Whether a line in capitals begins with a kind of document, such as "QUYẾT ĐỊNH"."""
    return is_capitals(words) and any(_begins(words, kind, _NAME_RATIO) for kind in _DOCUMENTS)


def signs(words: Sequence[Word]) -> bool:
    """Whether words stand over a signature: "TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "Người khai"."""
    first = words[0].text
    if len(words) > 1 and first.isupper() and letters(first) in _ON_BEHALF:
        return True
    if letters(first[:2]) == "tm" and first.isupper() and "/" in first:
        return True  # T/M, as the Party writes it
    if len(words) > 1 and first.isupper() and letters(first) == _PARTY:
        return True
    return words[0].text[:1].isupper() and any(_begins(words, signer) for signer in _SIGNERS)


def opens_text(words: Sequence[Word]) -> bool:
    """Whether a line begins as the first of a text does: "Căn cứ", "Kính gửi", "I.", "1."."""
    if _POINT.match(words[0].text):
        return True
    return not is_capitals(words) and any(_begins(words, opening) for opening in _OPENINGS)


def has_note_mark(words: Sequence[Word]) -> bool:
    """Whether a line begins as a footnote does: with a number, a star or a bracket."""
    return words[0].text[:1].isdigit() or words[0].text.startswith(_NOTE_MARKS)


def is_page_number(text: str) -> bool:
    """Whether a line is nothing but a page number: "3", "- 3 -", "Trang 3/12", "iv"."""
    return _PAGE_NUMBER.match(text.strip()) is not None


def is_capitals(words: Sequence[Word]) -> bool:
    """Whether words are written in capitals."""
    found = [char for word in words for char in word.text if char.isalpha()]
    return len(found) >= _MIN_LETTERS and (
        sum(char.isupper() for char in found) >= _CAPITALS * len(found)
    )


def _is_arrived(plain: str) -> bool:
    return plain.startswith("den") and len(plain) <= len("den") + _MOST_BEHIND


def _begins(words: Sequence[Word], phrase: str, least: float = _SHORT_RATIO) -> bool:
    return likeness(words[: phrase.count(" ") + 1], phrase) >= least
