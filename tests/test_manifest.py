"""Dictionaries that are not what they were built as are refused, and the file is named."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vnrepair.config import RestoreConfig
from vnrepair.errors import ResourceError
from vnrepair.restore.lexicon import find_dictionaries
from vnrepair.restore.manifest import (
    FORMAT_VERSION,
    LANGUAGE_MODEL_FILE,
    REQUIRED_FILES,
    load_language_model,
    verify,
)
from vnrepair.restore.restorer import Restorer

FILES = {
    "words.tsv": b"word\twriting\tcount\n",
    "id_symbols.tsv": b"symbol\tcount\n",
    "case_transitions.tsv": b"before\tpattern\tcount\n",
    LANGUAGE_MODEL_FILE: b"\0" * 64,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose files are what its manifest says; they need not be models for that."""
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    entries = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in FILES.items()
    }
    _write_manifest(tmp_path, {"format_version": FORMAT_VERSION, "files": entries})
    return tmp_path


def _write_manifest(folder: Path, content: object) -> None:
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")


def test_an_unaltered_folder_passes(folder: Path) -> None:
    assert verify(folder)["format_version"] == FORMAT_VERSION


def test_the_folder_that_comes_along_passes() -> None:
    folder = find_dictionaries()
    manifest = verify(folder)
    assert LANGUAGE_MODEL_FILE in manifest["files"]
    total = sum((folder / name).stat().st_size for name in manifest["files"])
    assert total <= 40 * 2**20
    # Every table is under the manifest's eye; a person's README need not be.
    present = {path.name for path in folder.iterdir() if path.suffix in (".tsv", ".bin")}
    assert present == set(manifest["files"])


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ResourceError, match=name):
        verify(folder)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "alter",
    [lambda data: data + b" ", lambda data: data[:-1], lambda _: b""],
    ids=["longer", "truncated", "emptied"],
)
def test_an_altered_file_is_named(folder: Path, name: str, alter: Callable[[bytes], bytes]) -> None:
    (folder / name).write_bytes(alter(FILES[name]))
    with pytest.raises(ResourceError, match=name):
        verify(folder)


def test_one_changed_bit_is_noticed(folder: Path) -> None:
    data = bytearray(FILES[LANGUAGE_MODEL_FILE])
    data[31] ^= 1
    (folder / LANGUAGE_MODEL_FILE).write_bytes(data)
    with pytest.raises(ResourceError, match="altered"):
        load_language_model(folder)


@pytest.mark.parametrize("version", [FORMAT_VERSION + 1, 0, "1", True, 1.0, None])
def test_another_version_is_refused(folder: Path, version: object) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    _write_manifest(folder, manifest | {"format_version": version})
    with pytest.raises(ResourceError, match=f"version {version!r}"):
        verify(folder)


@pytest.mark.parametrize(
    "content",
    [[], {}, {"format_version": 1}, {"files": {}}, {"format_version": 1, "files": 3}, "text", None],
    ids=json.dumps,
)
def test_a_manifest_that_says_too_little_is_refused(tmp_path: Path, content: Any) -> None:
    _write_manifest(tmp_path, content)
    with pytest.raises(ResourceError, match="manifest"):
        verify(tmp_path)


@pytest.mark.parametrize("name", sorted(REQUIRED_FILES))
def test_a_manifest_lists_every_file_that_is_loaded(folder: Path, name: str) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del manifest["files"][name]
    _write_manifest(folder, manifest)
    with pytest.raises(ResourceError, match=f"does not list {name}"):
        verify(folder)


@pytest.mark.parametrize("entry", [{}, {"bytes": 3}, [], "sha", None], ids=json.dumps)
def test_an_entry_without_a_checksum_is_refused(folder: Path, entry: Any) -> None:
    _write_manifest(folder, {"format_version": FORMAT_VERSION, "files": {"words.tsv": entry}})
    with pytest.raises(ResourceError, match=r"manifest|words"):
        verify(folder)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe\x00", b"[1,", b"[" * 200_000])
def test_a_manifest_that_is_no_json_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(data)
    with pytest.raises(ResourceError, match="manifest"):
        verify(tmp_path)


@pytest.mark.parametrize("kind", ["missing", "empty folder", "file"])
def test_a_place_without_dictionaries_is_named_once_and_as_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if kind == "empty folder":
        Path("nowhere").mkdir()
    elif kind == "file":
        Path("nowhere").touch()
    with pytest.raises(ResourceError) as caught:
        verify(Path("nowhere"))
    message = "nowhere: no dictionaries there (no manifest.json): check --dictionaries"
    assert str(caught.value) == message


def test_a_manifest_that_cannot_be_opened_is_named_once(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(ResourceError, match="install vnrepair again") as caught:
        verify(tmp_path)
    assert str(caught.value).count(str(tmp_path)) == 1


def test_a_message_says_what_to_do(folder: Path) -> None:
    (folder / "words.tsv").unlink()
    with pytest.raises(ResourceError, match="install vnrepair again") as caught:
        verify(folder)
    assert caught.value.exit_code == 4


def test_a_restorer_is_not_made_of_altered_models(tmp_path: Path) -> None:
    copy = tmp_path / "dictionaries"
    shutil.copytree(find_dictionaries(), copy)
    table = copy / "tesseract-eng.words.tsv"
    table.write_bytes(table.read_bytes() + "ở\t&\t1000000\n".encode())
    with pytest.raises(ResourceError, match=table.name):
        Restorer(RestoreConfig(dictionaries=copy))
