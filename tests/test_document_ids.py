"""Numbers of documents are repaired inside their grammar, and nothing else is taken for one."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.errors import ResourceError
from vnrepair.records import apply_edits
from vnrepair.restore.channel import Channel, load_channel
from vnrepair.restore.document_ids import IdGrammar
from vnrepair.restore.lexicon import find_dictionaries

FOLDER = find_dictionaries()
GRAMMAR = IdGrammar(FOLDER)
ENG, VIE, BARE = (
    load_channel(FOLDER, name) for name in ("tesseract-eng", "tesseract-vie", "undiacritised")
)
MIN_LOG_ODDS = 1.0


def _repaired(text: str, channel: Channel = ENG, min_log_odds: float = MIN_LOG_ODDS) -> str:
    return apply_edits(text, GRAMMAR.repair(text, channel, min_log_odds))


@pytest.mark.parametrize(
    ("garbled", "meant"),
    [
        ("1211/Qb-UBND", "1211/QĐ-UBND"),
        ("04-KH/BCP", "04-KH/BCĐ"),
        ("439/QD-UBND", "439/QĐ-UBND"),
        ("07-QD/HU", "07-QĐ/HU"),
        ("26-Qb/PU", "26-QĐ/ĐU"),
        ("59/2023/ND-CP", "59/2023/NĐ-CP"),
        ("8/QD-TTg", "8/QĐ-TTg"),
        ("08/QD-TIg", "08/QĐ-TTg"),
        ("112/TB-HDND", "112/TB-HĐND"),
        ("31/NQ-HPND", "31/NQ-HĐND"),
        ("45 /QD-UBND", "45 /QĐ-UBND"),
        ("512/QD-\nUBND", "512/QĐ-\nUBND"),
        ("Căn cứ Nghị định số 30/2020/ND-CP ngày", "Căn cứ Nghị định số 30/2020/NĐ-CP ngày"),
        ("52/QP-UBND", "52/QĐ-UBND"),
        ("97/2025/QDB-UBND", "97/2025/QĐ-UBND"),
        ("32/2023/QD-UEND", "32/2023/QĐ-UBND"),
        ("(số 17/QD-BYT, số 18/QD-BYT)", "(số 17/QĐ-BYT, số 18/QĐ-BYT)"),
    ],
)
def test_a_garbled_id_is_repaired(garbled: str, meant: str) -> None:
    assert _repaired(garbled) == meant


RIGHT = (
    "56/KH-UBND",
    "1211/QĐ-UBND",
    "04-KH/BCĐ",
    "59/2023/NĐ-CP",
    "08/2021/TT-BTC",
    "18/TTr-UBND",
    "77-CTr/TU",
    "20-NQ/TW",
    "102/BC-UBMTTQ",
    "45/HD-SNV",  # HD is a guideline, not a misread HĐ
    "12/CT-TTg",
    "345/UBND-VP",
    "số 512/QĐ-\nUBND ngày 3",
)

NEGATIVES = (
    "",
    "không có số hiệu nào",
    "3/4 dân số",
    "24/7",
    "15/3/2024",
    "ngày 15-3-2024",
    "số 05/2020 của Bộ",
    "12/12A Trần Phú",
    "56/kh-ubnd",
    "km 12 + 500",
    "1.250.000 đồng/hộ",
    "2020-2025",
    "QD-UBND",
    "a12/QD-UBND",
    "1234567/QD-UBND",
)


@pytest.mark.parametrize("text", RIGHT)
@pytest.mark.parametrize("channel", [ENG, VIE], ids=["eng", "vie"])
def test_a_right_id_is_found_and_stays(text: str, channel: Channel) -> None:
    assert len(GRAMMAR.repair(text, channel, MIN_LOG_ODDS)) == 1
    assert _repaired(text, channel) == text


@pytest.mark.parametrize("text", NEGATIVES)
@pytest.mark.parametrize("channel", [ENG, VIE, BARE], ids=["eng", "vie", "bare"])
def test_what_is_no_id_is_left_alone(text: str, channel: Channel) -> None:
    assert _repaired(text, channel) == text


def test_a_number_that_lost_its_blank_is_freed_where_words_may_hold_figures() -> None:
    freed = GRAMMAR.repair("theo s6181/QD-UBND ngay", ENG, MIN_LOG_ODDS, is_ruined=True)
    assert [edit.after for edit in freed] == ["số181/QĐ-UBND"]
    kept = GRAMMAR.repair("theo s6181/QĐ-UBND ngay", VIE, MIN_LOG_ODDS)
    assert [edit.after for edit in kept] == ["s6181/QĐ-UBND"]


@pytest.mark.parametrize("channel", [ENG, VIE, BARE], ids=["eng", "vie", "bare"])
def test_a_figure_among_the_letters_of_a_symbol_stays(channel: Channel) -> None:
    for text in ("12/QĐ-U8BND", "12/QĐ-U1BND", "5/NQ-HĐN0"):
        assert _repaired(text, channel) == text


def test_only_the_first_symbol_names_a_kind() -> None:
    assert _repaired("7/TT-BQP") == "7/TT-BQP"
    assert _repaired("12/BC-QP") == "12/BC-QP"


def test_an_id_is_reported_even_where_it_is_right() -> None:
    (edit,) = GRAMMAR.repair("Kế hoạch số 56/KH-UBND của xã", ENG, MIN_LOG_ODDS)
    assert (edit.before, edit.after, edit.cause) == ("56/KH-UBND", "56/KH-UBND", "restore/id")
    assert edit.log_odds == 0.0


def test_a_change_says_how_much_likelier_it_is() -> None:
    (edit,) = GRAMMAR.repair("số 1211/Qb-UBND", ENG, MIN_LOG_ODDS)
    assert (edit.start, edit.before, edit.after) == (3, "1211/Qb-UBND", "1211/QĐ-UBND")
    assert edit.log_odds >= MIN_LOG_ODDS


def test_a_high_bar_keeps_what_is_a_symbol_of_capitals() -> None:
    assert _repaired("439/QD-UBND", min_log_odds=1e6) == "439/QD-UBND"


_noise = st.text(alphabet="QĐDbNPCUBKHTXốa'", max_size=6)
_ids = st.builds(
    lambda number, year, marks, symbols: (
        number + year + "".join(mark + symbol for mark, symbol in zip(marks, symbols, strict=False))
    ),
    st.from_regex(r"[0-9]{1,7}", fullmatch=True),
    st.sampled_from(["", "/2021", "/1999", "/3"]),
    st.lists(st.sampled_from(["/", "-", " / ", "-\n", "/ ", "[", "|"]), max_size=4),
    st.lists(st.one_of(_noise, st.sampled_from(["QĐ", "Qb", "UBND", "K1", "4D"])), max_size=4),
)
_texts = st.lists(st.one_of(_ids, _noise, st.sampled_from(["số", "ngày 3/4", "\n"]))).map(" ".join)
_channels = st.sampled_from([ENG, VIE, BARE])
_odds = st.sampled_from([0.0, 1.0, 6.0])


@given(_texts, _channels, _odds)
def test_the_number_of_an_id_never_changes(
    text: str, channel: Channel, min_log_odds: float
) -> None:
    for edit in GRAMMAR.repair(text, channel, min_log_odds):
        number = "".join(
            itertools.takewhile(lambda char: char.isdigit() or char == "/", edit.before)
        )
        digits = number.rstrip("/")
        assert digits
        assert edit.after.startswith(digits)


@given(_texts, _channels, _odds)
def test_digits_never_change(text: str, channel: Channel, min_log_odds: float) -> None:
    def digits(text: str) -> str:
        return "".join(filter(str.isdigit, text))

    for edit in GRAMMAR.repair(text, channel, min_log_odds):
        assert digits(edit.after) == digits(edit.before)


@given(_texts, _channels)
def test_edits_replay_and_keep_line_ends(text: str, channel: Channel) -> None:
    edits = GRAMMAR.repair(text, channel, MIN_LOG_ODDS)
    after = apply_edits(text, edits)
    assert after.count("\n") == text.count("\n")
    assert all(one.end <= other.start for one, other in itertools.pairwise(edits))


@given(_ids, _channels)
def test_repairing_twice_is_repairing_once(text: str, channel: Channel) -> None:
    once = _repaired(text, channel)
    assert _repaired(once, channel) == once


@pytest.mark.parametrize("row", ["UBND", "UBND\tmany", "UBND\t", "UBND\t1.5", ""])
def test_a_damaged_row_of_the_symbols_is_refused_and_the_file_named(
    tmp_path: Path, row: str
) -> None:
    (tmp_path / "id_symbols.tsv").write_text(f"symbol\tcount\nKH\t9\n{row}\n", encoding="utf-8")
    with pytest.raises(ResourceError, match=r"id_symbols\.tsv: damaged.*install"):
        IdGrammar(tmp_path)
