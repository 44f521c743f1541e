"""Claims about training pairs: pages read by the real Tesseract and put beside what they say."""

import itertools
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from vnrepair.errors import ConfigError, InputError
from vnrepair.learn.pairs import (
    LinePair,
    PageReport,
    align_lines,
    main,
    make_page,
    make_pairs,
    read_pairs,
    write_pairs,
)

PARAGRAPHS = [
    "Hội phụ nữ phường đã vận động hội viên giữ gìn vệ sinh ngõ xóm vào sáng thứ bảy hằng tuần.",
    "Tổ trưởng tổ dân phố có trách nhiệm báo cáo kết quả thực hiện trước ngày 25 hằng tháng.",
    "Nhà văn hóa mở cửa đến 21 giờ, trừ những ngày có mưa bão hoặc mất điện kéo dài.",
    "Các hộ ở gần bờ kênh cần chuẩn bị áo phao và đèn pin trước mùa nước nổi.",
]


def error_rate(pairs: list[LinePair]) -> float:
    errors = sum(Levenshtein.distance(pair.observed, pair.intended) for pair in pairs)
    return errors / sum(len(pair.intended) for pair in pairs)


@pytest.fixture(scope="module")
def pairs() -> list[LinePair]:
    return list(make_pairs(PARAGRAPHS * 2, ("eng", "vie"), seed=11, jobs=1))


def test_both_languages_read_the_same_page(pairs: list[LinePair]) -> None:
    eng, vie = (
        {pair.intended for pair in pairs if pair.language == language}
        for language in ("eng", "vie")
    )
    assert len(eng & vie) >= 4


def test_eng_loses_marks_and_vie_keeps_them(pairs: list[LinePair]) -> None:
    eng = [pair for pair in pairs if pair.language == "eng"]
    vie = [pair for pair in pairs if pair.language == "vie"]
    assert error_rate(vie) < 0.1 < error_rate(eng) < 0.4


def test_the_same_seed_gives_the_same_pairs_with_any_number_of_jobs(pairs: list[LinePair]) -> None:
    assert list(make_pairs(PARAGRAPHS * 2, ("eng", "vie"), seed=11, jobs=2)) == pairs


def test_another_seed_gives_another_page() -> None:
    first, again, other = (make_page(PARAGRAPHS, seed, 0) for seed in (1, 1, 2))
    assert np.array_equal(first.image, again.image)
    assert first.lines == again.lines
    assert not np.array_equal(first.image, other.image)


def test_every_page_is_reported() -> None:
    reports: list[PageReport] = []
    found = list(make_pairs(PARAGRAPHS, "vie", seed=3, jobs=1, on_page=reports.append))
    assert [(report.done, report.pages) for report in reports] == [(1, 1)]
    assert reports[0].found == len(found) <= reports[0].printed


def test_lines_that_no_font_of_ours_can_draw_are_left_out() -> None:
    assert list(make_pairs(["漢字", "Привет", ""], jobs=1)) == []


def test_decomposed_text_is_printed_composed(pairs: list[LinePair]) -> None:
    decomposed = [unicodedata.normalize("NFD", paragraph) for paragraph in PARAGRAPHS * 2]
    assert list(make_pairs(decomposed, ("eng", "vie"), seed=11, jobs=1)) == pairs


def test_impossible_numbers_of_jobs_are_refused() -> None:
    with pytest.raises(ConfigError, match="jobs"):
        list(make_pairs(PARAGRAPHS, jobs=0))


def test_alignment_skips_what_was_invented_and_what_was_lost() -> None:
    intended = ["Kính gửi các hộ dân", "Nơi nhận:", "Tổ trưởng tổ dân phố"]
    observed = ["~ | .", "Kinh giri cac hé dan", "T6 trudng t6 dan phé"]
    assert align_lines(observed, intended) == [(1, 0), (2, 2)]


@given(st.lists(st.sampled_from(PARAGRAPHS), max_size=6))
def test_alignment_of_equal_texts_is_the_identity(lines: list[str]) -> None:
    assert align_lines(lines, lines) == [(index, index) for index in range(len(lines))]


@given(
    st.lists(st.text("abc ", max_size=8), max_size=7),
    st.lists(st.text("abc ", max_size=8), max_size=7),
)
def test_alignment_never_crosses(observed: list[str], intended: list[str]) -> None:
    pairs = align_lines(observed, intended)
    assert all(a < c and b < d for (a, b), (c, d) in itertools.pairwise(pairs))


def test_the_file_has_a_header_and_a_row_per_pair(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    pair = LinePair('co "s&', 'cơ "sở', "italic Tinos", "eng")
    assert write_pairs([pair, pair], path) == 2
    row = 'co "s&\tcơ "sở\titalic Tinos\teng\n'
    assert path.read_text(encoding="utf-8") == ("observed\tintended\tstyle\tlanguage\n" + row + row)


def test_what_was_written_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    pairs = [LinePair('co "s&', 'cơ "sở', "italic", "eng"), LinePair("#1", "#1", "bold", "vie")]
    write_pairs(pairs, path)
    assert list(read_pairs(path)) == pairs


def test_a_file_that_is_no_table_of_pairs_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.tsv"
    path.write_text("a\tb\n1\t2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"other\.tsv"):
        list(read_pairs(path))


def test_a_missing_file_of_lines_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing, out = tmp_path / "missing.txt", tmp_path / "out.tsv"
    assert main(["--lines", str(missing), "--out", str(out)]) == 3
    assert "missing.txt" in capsys.readouterr().err
    assert not out.exists()
