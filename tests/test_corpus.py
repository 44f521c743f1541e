"""Corpora stream in as numbers; the held-out share stays out, and lines are drawn repeatably."""

import lzma
from collections.abc import Sequence
from pathlib import Path

import pytest

from vnrepair.errors import InputError
from vnrepair.learn.corpus import (
    BREAK,
    CODE,
    HELD_OUT_BLOCK,
    NUMBER,
    SMALL_CORPORA,
    TokenStream,
    corpus_files,
    encode_corpus,
    is_held_out,
    read_lines,
    sample_lines,
)


def _write(folder: Path, name: str, lines: Sequence[str]) -> Path:
    path = folder / name
    data = "".join(line + "\n" for line in lines).encode()
    path.write_bytes(lzma.compress(data) if path.suffix == ".xz" else data)
    return path


def _kept_name() -> str:
    """A name whose first block of lines is counted."""
    return next(f"c{n}" for n in range(1000) if not is_held_out(f"c{n}", 0))


def _held_out_name() -> str:
    """A name whose first block of lines is held out and whose second is not."""
    return next(
        f"c{n}"
        for n in range(10_000)
        if is_held_out(f"c{n}", 0) and not is_held_out(f"c{n}", HELD_OUT_BLOCK)
    )


def _written(stream: TokenStream, part: int = 0) -> list[str]:
    return [stream.types[event] for event in stream.parts[part][1]]


def test_files_are_found_by_name_whatever_else_lies_there(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt.xz", "README.md", "c.txt.bak", "notes.tsv"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in corpus_files(tmp_path)] == ["a.txt.xz", "b.txt"]


@pytest.mark.parametrize("name", [".", "nowhere"])
def test_a_folder_without_corpora_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"no \*\.txt"):
        corpus_files(tmp_path / name)


@pytest.mark.parametrize("name", ["a.txt", "a.txt.xz"])
def test_lines_come_in_nfc_without_their_ends(tmp_path: Path, name: str) -> None:
    path = _write(tmp_path, name, ["Kế hoạch", "", "dòng\tba\r"])
    assert list(read_lines(path)) == ["Kế hoạch", "", "dòng\tba"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", "ngày".encode("utf-16")),
        ("a.txt.xz", b"not xz at all"),
        ("a.txt.xz", lzma.compress(b"x" * 1000)[:-20]),
        ("a.txt.xz", lzma.compress("ngày".encode("cp1258", "replace") + b"\xe0\xff")),
    ],
    ids=["UTF-16", "not xz", "xz cut short", "not UTF-8 inside"],
)
def test_an_unreadable_file_is_named(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=path.name):
        list(read_lines(path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.txt"):
        encode_corpus([tmp_path / "a.txt"])


def test_a_line_becomes_breaks_numbers_codes_and_words(tmp_path: Path) -> None:
    name = _kept_name()
    path = _write(tmp_path, f"{name}.txt", ["Số 12: xã ta. Vui!", "(56/KH-UBND) a@b.vn, A4"])
    stream = encode_corpus([path])
    assert stream.types[:3] == ("<s>", "<num>", "<code>")
    assert (BREAK, NUMBER, CODE) == (0, 1, 2)
    assert _written(stream) == [
        "<s>", "Số", "<num>", "xã", "ta", "<s>", "Vui", "<s>",
        "<s>", "<code>", "<code>", "<code>",
    ]  # fmt: skip
    assert dict(stream.ids) == {"56/KH-UBND": 1}


def test_joined_words_are_words_of_their_own(tmp_path: Path) -> None:
    path = _write(tmp_path, f"{_kept_name()}.txt", ["xã/phường - Tự do;"])
    assert _written(encode_corpus([path])) == ["<s>", "xã", "phường", "Tự", "do", "<s>"]


def test_names_make_a_part_of_their_own(tmp_path: Path) -> None:
    path = _write(tmp_path, f"{_kept_name()}.txt", ["xã"])
    stream = encode_corpus([path], ["Long Bình, Huế"])
    assert [name for name, _ in stream.parts] == [path.stem, "names"]
    assert _written(stream, 1) == ["<s>", "Long", "Bình", "Huế"]


def test_an_empty_file_gives_no_events(tmp_path: Path) -> None:
    path = _write(tmp_path, "a.txt", [])
    assert encode_corpus([path]).parts[0][1].tolist() == []


def test_held_out_lines_are_not_counted(tmp_path: Path) -> None:
    name = _held_out_name()
    lines = ["giấu"] * HELD_OUT_BLOCK + ["đếm"] * 3
    stream = encode_corpus([_write(tmp_path, f"{name}.txt.xz", lines)])
    assert _written(stream) == ["<s>", "đếm"] * 3
    assert "giấu" not in stream.types


def test_about_one_block_in_a_hundred_is_held_out() -> None:
    blocks = [is_held_out("news", number * HELD_OUT_BLOCK) for number in range(20_000)]
    assert 140 <= sum(blocks) <= 260  # 200 expected, a deviation is 14


def test_small_corpora_are_held_out_in_smaller_blocks_and_a_larger_share() -> None:
    for name, (size, of) in SMALL_CORPORA.items():
        held = [number for number in range(20_000) if is_held_out(name, number)]
        assert 0 < len(held) < 20_000 * 3 / of
        assert all(is_held_out(name, number // size * size) for number in held)


def test_neighbouring_lines_are_held_out_together() -> None:
    name = _held_out_name()
    assert all(is_held_out(name, number) for number in range(HELD_OUT_BLOCK))
    assert not is_held_out(name, HELD_OUT_BLOCK)


def test_progress_names_the_file(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    path = _write(tmp_path, f"{_kept_name()}.txt", ["xã"] * 10)
    encode_corpus([path], progress=lambda name, lines: told.append((name, lines)))
    assert told == [(path.name, 0)]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, ...]:
    for name in ("one", "two"):
        lines = [f"dòng số {number} của {name}" for number in range(3000)]
        _write(tmp_path, f"{name}.txt.xz", lines)
    return corpus_files(tmp_path)


def test_the_same_lines_are_drawn_again(files: tuple[Path, ...]) -> None:
    drawn = sample_lines(files, {}, 50, 1, held_out=False)
    assert drawn == sample_lines(files, {}, 50, 1, held_out=False)
    assert len(drawn) == len(set(drawn)) == 50
    assert set(drawn) != set(sample_lines(files, {}, 50, 2, held_out=False))


def test_shares_decide_how_many_come_from_each(files: tuple[Path, ...]) -> None:
    drawn = sample_lines(files, {"one": 4.0}, 50, 1, held_out=False)
    assert sum(line.endswith("one") for line in drawn) == 40
    assert sample_lines(files, {"two": 0.0}, 20, 1, held_out=False) != []
    assert all(
        line.endswith("one") for line in sample_lines(files, {"two": 0.0}, 20, 1, held_out=False)
    )


def test_training_lines_and_held_out_lines_have_nothing_in_common(tmp_path: Path) -> None:
    name = _held_out_name()
    lines = [f"dòng số {number}" for number in range(2 * HELD_OUT_BLOCK)]
    path = _write(tmp_path, f"{name}.txt", lines)
    kept = sample_lines([path], {}, 10_000, 1, held_out=False)
    hidden = sample_lines([path], {}, 10_000, 1, held_out=True)
    assert sorted(hidden) == sorted(lines[:HELD_OUT_BLOCK])
    assert sorted(kept) == sorted(lines[HELD_OUT_BLOCK:])


def test_short_lines_are_not_drawn_and_long_ones_are_cut(tmp_path: Path) -> None:
    path = _write(tmp_path, f"{_kept_name()}.txt", ["xã", "", "x" * 5000])
    assert sample_lines([path], {}, 10, 1, held_out=False) == ["x" * 600]
