"""Names and unknown words of clean texts become a dictionary that a person can read and use."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from vnrepair.cli import app
from vnrepair.errors import InputError
from vnrepair.learn.terms import MAX_WEIGHT, collect_terms, terms_to_tsv
from vnrepair.restore.lexicon import find_dictionaries, load_lexicon
from vnrepair.restore.term_files import read_dictionary

TEXT = """Theo ông Kpă Y Pơn, Chủ tịch xã, thôn đã họp. Hôm nay Kpă Y Pơn về thăm.
Bà Trần Thị Mót và ông Kpă Y Pơn cùng dự. Trần Thị Mót phát biểu.
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Nhà máy dùng glixerol. Kho còn glixerol, 12 thùng, số 56/KH-UBND.
"""


def _collect(text: str, min_count: int = 2) -> dict[str, int]:
    found = collect_terms([text], load_lexicon(find_dictionaries()), min_count)
    return {item.term.phrase: item.count for item in found}


def test_names_and_unknown_words_are_found_with_their_counts() -> None:
    found = _collect(TEXT)
    assert found["Kpă Y Pơn"] == 3
    assert found["Trần Thị Mót"] == 1 + 1
    assert found["Kpă"] == found["Pơn"] == 3
    assert found["glixerol"] == 2


def test_words_that_only_begin_a_sentence_headings_and_ids_are_left_out() -> None:
    found = _collect(TEXT, 1)
    assert not {"Theo", "Hôm", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "56/KH-UBND"} & found.keys()
    assert not any(phrase.startswith(("Theo ", "Hôm ", "Kho ")) for phrase in found)


def test_punctuation_and_line_ends_divide_names() -> None:
    assert "Kpă Y Pơn Trần" not in _collect("Kpă Y Pơn, Trần Mót\nKpă Y\nPơn", 1)


def test_rare_terms_are_left_out() -> None:
    assert "Trần Thị Mót" not in _collect(TEXT, 3)


def test_weights_grow_with_counts_up_to_a_limit() -> None:
    lexicon = load_lexicon(find_dictionaries())
    often = collect_terms(["glixerol " * 50 + "benzylat " * 2 + "nhà " * 100_000], lexicon)
    weights = {item.term.phrase: item.term.weight for item in often}
    assert weights == {"glixerol": 5.0, "benzylat": 0.2}
    alone = collect_terms(["glixerol glixerol"], lexicon)
    assert alone[0].term.weight == MAX_WEIGHT


def test_texts_without_words_are_refused() -> None:
    with pytest.raises(InputError, match="no words in these texts"):
        _collect(" \n ...")


def test_the_file_is_a_dictionary(tmp_path: Path) -> None:
    found = collect_terms([TEXT], load_lexicon(find_dictionaries()))
    path = tmp_path / "names.tsv"
    path.write_text(terms_to_tsv(found), encoding="utf-8")
    assert read_dictionary(path) == tuple(item.term for item in found)


def test_the_command_writes_what_restore_takes(tmp_path: Path) -> None:
    clean, names = tmp_path / "clean.txt", tmp_path / "names.tsv"
    clean.write_text(TEXT, encoding="utf-8")
    done = CliRunner().invoke(app, ["learn", "terms", str(clean), "-o", str(names)])
    assert (done.exit_code, done.stdout) == (0, "")
    done = CliRunner().invoke(
        app, ["restore", "-", "--dictionary", str(names)], input="Ong Kpa Y Pon da ky\n"
    )
    assert done.stdout == "Ông Kpă Y Pơn đã ký\n"
