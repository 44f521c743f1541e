"""Text files are read right, or refused with the file and the next step in the message."""

import codecs
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.atomic import write_bytes_atomic, write_text_atomic
from vnrepair.document.textfile import decode_text, read_text
from vnrepair.errors import InputError, TextError

_TEXT = "Ủy ban nhân dân xã Tân Phú\nthông báo lịch nghỉ tết\n"


def test_utf_8_is_read_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "thông báo.txt"
    path.write_bytes(_TEXT.encode())
    assert read_text(path) == _TEXT
    assert path.read_bytes() == _TEXT.encode()


def test_an_empty_file_is_an_empty_text(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.touch()
    assert read_text(path) == ""


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_is_believed_and_dropped(mark: bytes, codec: str) -> None:
    assert decode_text(mark + _TEXT.encode(codec), "x.txt") == _TEXT


def test_line_ends_become_lf_one_for_one() -> None:
    assert decode_text(b"a\r\n\r\nb\rc\n\n\rd", "x.txt") == "a\n\nb\nc\n\n\nd"


@given(st.text(st.characters(exclude_characters="\0\r\ufeff", exclude_categories=["Cs"])))
def test_any_text_comes_back_in_nfc_from_any_normal_form(text: str) -> None:
    expected = unicodedata.normalize("NFC", text)
    for form in ("NFC", "NFD"):
        # A byte order mark keeps a text such as "%PDF-" from being taken for another file.
        data = codecs.BOM_UTF8 + unicodedata.normalize(form, text).encode()
        assert decode_text(data, "x.txt") == expected


def test_a_line_of_ten_megabytes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    line = "nhân dân " * 1_000_000
    path.write_text(line, encoding="utf-8")
    assert read_text(path) == line


def test_mojibake_in_valid_utf_8_stays_as_it_is() -> None:
    # TCVN3 bytes that somebody stored as Latin-1 characters: nothing tells what was meant.
    assert decode_text("Céng hoµ x· héi".encode(), "x.txt") == "Céng hoµ x· héi"


# By hand, from the tables of the encodings: "nhân dân xã Tân Phú, cộng hòa xã hội".
_LEGACY = {
    "TCVN3 (ABC)": b"nh\xa9n d\xa9n x\xb7 T\xa9n Ph\xf3, c\xe9ng h\xdfa x\xb7 h\xe9i",
    "VNI": b"nha\xe2n da\xe2n xa\xf5 Ta\xe2n Phu\xf9, co\xe4ng ho\xf8a xa\xf5 ho\xe4i",
    "VISCII": b"nh\xe2n d\xe2n x\xe3 T\xe2n Ph\xfa, c\xb5ng h\xf2a x\xe3 h\xb5i",
    "windows-1258": b"nh\xe2n d\xe2n xa\xde T\xe2n Ph\xfa, c\xf4\xf2ng ho\xcca xa\xde h\xf4\xf2i",
}


@pytest.mark.parametrize("name", _LEGACY)
def test_a_legacy_encoding_is_named_and_not_converted(name: str) -> None:
    with pytest.raises(TextError) as failure:
        decode_text(_LEGACY[name], "old.txt")
    message = str(failure.value)
    assert message.startswith("old.txt: not UTF-8")
    assert f"it looks like {name}" in message
    assert "onvert" in message


def test_the_advice_quotes_the_name_for_the_shell() -> None:
    with pytest.raises(TextError, match=r"iconv -f VISCII -t UTF-8 'bao cao\.txt' > "):
        decode_text(_LEGACY["VISCII"], "bao cao.txt")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"caf\xe9 noir\n", "in no encoding known here"),
        (b"dong 1\ndong 2 \xff", r"not UTF-8 at byte 14 \(line 2\)"),
        (_TEXT.encode()[:-8] + b"\xe1", "UTF-8 with damaged bytes"),
        (codecs.BOM_UTF8 + b"a\xff", "marked as UTF-8"),
        (codecs.BOM_UTF16_LE + b"a\0\x00\xd8", "marked as UTF-16"),
        (_TEXT.encode("utf-16-le"), "UTF-16 without its mark"),
        (b"mot\nhai\0ba", r"NUL at byte 7 \(line 2\)"),
        (codecs.BOM_UTF16_LE + "một\0".encode("utf-16-le"), "NUL at byte"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image.*vnrepair repair"),
        (b"%PDF-1.7\n", "a PDF file.*vnrepair repair"),
        (b"PK\x03\x04\x14", "office document.*save it as UTF-8"),
        (bytes(range(256)), "NUL at byte 0"),
    ],
)
def test_what_is_not_text_is_refused_with_the_next_step(data: bytes, message: str) -> None:
    with pytest.raises(TextError, match=f"^x.txt: .*{message}"):
        decode_text(data, "x.txt")


@given(st.binary(max_size=64))
def test_any_bytes_are_text_or_a_typed_error(data: bytes) -> None:
    try:
        text = decode_text(data, "x.txt")
    except TextError:
        return
    assert unicodedata.is_normalized("NFC", text)
    assert "\0" not in text


def test_paths_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "file.txt"
    file.write_text("x", encoding="utf-8")
    for path, message in [
        (tmp_path / "missing.txt", "no such file"),
        (tmp_path, "is a folder"),
        (file / "inside.txt", "cannot be read"),
        (tmp_path / ("x" * 5000), "cannot be read"),
        (tmp_path / "nul\0.txt", "cannot be read"),
    ]:
        with pytest.raises(TextError, match=message) as failure:
            read_text(path)
        assert str(failure.value).startswith(str(path))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.touch(mode=0o000)
    with pytest.raises(TextError, match="no permission"):
        read_text(path)


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    path.write_bytes(b"0123456789")
    assert read_text(path, max_bytes=10) == "0123456789"
    with pytest.raises(TextError, match="larger than 9 bytes"):
        read_text(path, max_bytes=9)


def test_written_text_is_utf_8_with_lf(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    write_text_atomic(path, _TEXT)
    assert path.read_bytes() == _TEXT.encode()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_rewritten_file_keeps_its_permissions_and_a_new_one_gets_the_usual(
    tmp_path: Path,
) -> None:
    usual, path = tmp_path / "usual.txt", tmp_path / "out.txt"
    usual.touch()
    write_text_atomic(path, "one")
    assert path.stat().st_mode == usual.stat().st_mode
    path.chmod(0o640)
    write_text_atomic(path, "two")
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.read_text(encoding="utf-8") == "two"


@pytest.mark.skipif(os.name == "nt", reason="POSIX links")
def test_a_link_keeps_pointing_to_what_is_written(tmp_path: Path) -> None:
    path, link = tmp_path / "out.txt", tmp_path / "link.txt"
    link.symlink_to(path)
    write_text_atomic(link, "one")
    write_text_atomic(link, "two")
    assert link.is_symlink()
    assert path.read_text(encoding="utf-8") == "two"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old", encoding="utf-8")

    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(InputError, match=r"out\.txt: cannot be written \(No space left"):
        write_bytes_atomic(path, b"new")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_places_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        write_text_atomic(tmp_path, "x")
    with pytest.raises(InputError, match="cannot be written"):
        write_text_atomic(tmp_path / "missing" / "out.txt", "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="POSIX devices")
def test_a_device_is_written_to_and_not_replaced() -> None:
    write_text_atomic(Path(os.devnull), "x")
    assert Path(os.devnull).is_char_device()


def test_half_a_surrogate_pair_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"out\.txt.*UTF-8"):
        write_text_atomic(tmp_path / "out.txt", "a\udcff")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
def test_a_pipe_with_a_name_is_written_to() -> None:
    reader, writer = os.pipe()
    write_text_atomic(Path(f"/dev/fd/{writer}"), _TEXT)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        assert pipe.read() == _TEXT.encode()
