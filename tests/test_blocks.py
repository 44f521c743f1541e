"""However a long text comes in, the same blocks are restored, and nothing of it is lost."""

import itertools
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.strategies import any_text, vietnamese_text
from tests.test_restorer import GARBLED_PAGE
from vnrepair import terminal
from vnrepair.atomic import write_pieces_atomic
from vnrepair.cli import app
from vnrepair.config import RestoreConfig
from vnrepair.document.textfile import read_pieces, read_text
from vnrepair.errors import TextError
from vnrepair.records import Edit, apply_edits
from vnrepair.restore.blocks import cut, cut_stream, look_ahead, shift
from vnrepair.restore.restorer import Restorer
from vnrepair.restore.tokenise import tokenise

_sizes = st.integers(1, 40)
_texts = st.lists(st.one_of(vietnamese_text, any_text), max_size=4).map("\n".join)


@given(_texts, _sizes)
def test_blocks_joined_are_the_text(text: str, size: int) -> None:
    source = unicodedata.normalize("NFC", text)
    blocks = list(cut(source, size))
    assert "".join(block.text for block in blocks) == source
    assert all(0 < len(block.text) <= size for block in blocks)
    for block in blocks:
        assert source[block.start :].startswith(block.text)
        assert block.tokens == tuple(tokenise(block.text))


@given(_texts, _sizes, st.lists(st.integers(0, 200), max_size=6))
def test_a_stream_gives_the_blocks_of_the_text(text: str, size: int, places: list[int]) -> None:
    edges = [0, *sorted(min(place, len(text)) for place in places), len(text)]
    pieces = [text[a:b] for a, b in itertools.pairwise(edges)]
    whole = list(cut(unicodedata.normalize("NFC", text), size))
    found = list(cut_stream(pieces, size))
    assert [(b.start, b.text, b.tokens) for b in found] == [
        (b.start, b.text, b.tokens) for b in whole
    ]


@given(_texts, _sizes, st.integers(1, 100))
def test_looking_ahead_takes_no_block_away(text: str, size: int, chars: int) -> None:
    source = unicodedata.normalize("NFC", text)
    sample, blocks = look_ahead(cut(source, size), chars)
    assert "".join(block.text for block in blocks) == source
    assert sum(len(token.text) for token in sample) <= len(source)


def test_a_block_ends_behind_a_line_where_there_is_one() -> None:
    blocks = [block.text for block in cut("một hai\nba bốn năm sáu", 10)]
    assert blocks == ["một hai\n", "ba bốn ", "năm sáu"]


def test_shifted_edits_fit_the_whole_text() -> None:
    edits = [Edit(0, 3, "hoc", "học", "restore/channel", 2.5)]
    (moved,) = shift(edits, 4)
    assert apply_edits("đi, hoc", [moved]) == "đi, học"
    assert (moved.cause, moved.log_odds) == ("restore/channel", 2.5)
    assert shift(edits, 0) == edits


@pytest.fixture(scope="module")
def restorer() -> Restorer:
    return Restorer(RestoreConfig(block_chars=1000))


@pytest.mark.parametrize("length", [1, 7, 1000, 100_000])
def test_a_streamed_text_is_restored_as_the_whole_one(restorer: Restorer, length: int) -> None:
    text = unicodedata.normalize("NFD", GARBLED_PAGE)
    pieces = [text[at : at + length] for at in range(0, len(text), length)]
    whole = restorer.restore(text)
    results = list(restorer.restore_stream(pieces))
    assert len(results) > 1
    assert "".join(result.text for result in results) == whole.text
    assert "".join(result.source for result in results) == whole.source
    assert sum(len(result.edits) for result in results) == len(whole.edits)
    assert {result.profile for result in results} == {whole.profile}
    for result in results:
        assert apply_edits(result.source, result.edits) == result.text


def test_a_stream_of_nothing_gives_nothing(restorer: Restorer) -> None:
    assert list(restorer.restore_stream([])) == []
    assert list(restorer.restore_stream(["", ""])) == []


# Files in pieces.


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_pieces_of_a_file_are_its_text(tmp_path: Path, ends: str) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(("\ufeff" + "Xã Tân Phú" + ends + "Huyện Bình Sơn" + ends).encode())
    pieces = list(read_pieces(file, piece_chars=3))
    assert len(pieces) > 3
    assert "".join(pieces) == read_text(file)


def test_a_file_in_another_encoding_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Xã Tân Phú\n", encoding="utf-16")
    assert list(read_pieces(file, piece_chars=3)) == ["Xã Tân Phú\n"]


@pytest.mark.parametrize(
    "data", [b"%PDF-1.4 text", b"X\xe3 T\xe2n", b"a\0b"], ids=["pdf", "legacy", "nul"]
)
def test_what_is_no_text_is_refused_before_the_first_piece(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(data)
    with pytest.raises(TextError, match=r"a\.txt"):
        next(iter(read_pieces(file, piece_chars=1)))


def test_the_command_line_restores_a_long_file_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "LONG_BYTES", 100)
    source, target = tmp_path / "a.txt", tmp_path / "b.txt"
    source.write_text(GARBLED_PAGE, encoding="utf-8")
    config = tmp_path / "c.toml"
    config.write_text("[restore]\nblock_chars = 1000\n", encoding="utf-8")
    command = ["restore", str(source), "-o", str(target), "--config", str(config)]
    assert CliRunner().invoke(app, command).exit_code == 0
    expected = Restorer(RestoreConfig(block_chars=1000)).restore(GARBLED_PAGE).text
    assert target.read_text(encoding="utf-8") == expected


def test_a_file_whose_pieces_fail_stays_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("cũ", encoding="utf-8")

    def broken() -> list[bytes]:
        raise TextError("no more")

    with pytest.raises(TextError):
        write_pieces_atomic(file, (piece for _ in range(2) for piece in broken()))
    assert file.read_text(encoding="utf-8") == "cũ"
    assert list(tmp_path.iterdir()) == [file]
    write_pieces_atomic(file, (b"m", "ới".encode()))
    assert file.read_text(encoding="utf-8") == "mới"
