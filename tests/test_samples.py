"""The samples are whole, documented, small, and say what their sources say."""

import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from vnrepair.evaluate.gate import find_cases
from vnrepair.evaluate.score import score
from vnrepair.language.letters import has_mark
from vnrepair.language.syllables import is_valid_syllable
from vnrepair.learn.markup import read_source
from vnrepair.scan.source import FileKind, tell_kind

SAMPLES = Path(__file__).parent.parent / "samples"
PAGE_SUFFIXES = {".png", ".jpg", ".tif", ".pdf"}
MAX_FILE_BYTES = 350_000
MAX_FOLDER_BYTES = 5_000_000

NAMES = sorted(path.name.removesuffix(".truth.txt") for path in SAMPLES.glob("*.truth.txt"))
GARBLED = [name for name in NAMES if (SAMPLES / f"{name}.ocr.txt").exists()]


def read(name: str) -> str:
    return (SAMPLES / name).read_text(encoding="utf-8")


def page_of(name: str) -> Path:
    (page,) = (path for path in SAMPLES.glob(f"{name}.*") if path.suffix in PAGE_SUFFIXES)
    return page


def words_of_source(name: str) -> Counter[str]:
    paragraphs = [
        paragraph
        for block in read_source(SAMPLES / "source" / f"{name}.txt").blocks
        for paragraph in block.paragraphs
    ]
    runs = [run for paragraph in paragraphs for run in (paragraph.words, *paragraph.cells)]
    return Counter(word.text for run in runs for word in run)


def test_there_are_enough_samples_and_most_have_a_garbled_text() -> None:
    assert len(NAMES) >= 12
    assert len(GARBLED) * 2 >= len(NAMES)


def test_every_file_belongs_to_a_sample() -> None:
    endings = "|".join(["truth.txt", "ocr.txt", *(s[1:] for s in PAGE_SUFFIXES)])
    strangers = [
        path.name
        for path in SAMPLES.iterdir()
        if path.is_file()
        and path.name not in {"README.md", "baseline.json"}
        and not re.fullmatch(rf"(?:{'|'.join(NAMES)})\.(?:{endings})", path.name)
    ]
    assert strangers == []


def test_the_gate_finds_every_page_and_every_garbled_text() -> None:
    expected = {page_of(name).name for name in NAMES} | {f"{name}.ocr.txt" for name in GARBLED}
    assert set(find_cases(SAMPLES)) == expected


def test_files_stay_small() -> None:
    sizes = {path.name: path.stat().st_size for path in SAMPLES.iterdir() if path.is_file()}
    assert {name: size for name, size in sizes.items() if size > MAX_FILE_BYTES} == {}
    assert sum(sizes.values()) <= MAX_FOLDER_BYTES


def test_every_sample_has_one_row_in_the_readme_and_every_row_a_sample() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", read("README.md"), flags=re.MULTILINE)
    assert sorted(rows) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_what_its_name_says(name: str) -> None:
    kinds = {".pdf": FileKind.PDF}
    page = page_of(name)
    assert tell_kind(page) is kinds.get(page.suffix, FileKind.IMAGE)


@pytest.mark.parametrize("name", NAMES)
def test_the_truth_is_nfc_without_stray_space(name: str) -> None:
    truth = read(f"{name}.truth.txt")
    assert unicodedata.is_normalized("NFC", truth)
    assert truth.endswith("\n")
    assert [line for line in truth.split("\n") if line.strip(" \f") != line.lstrip("\f")] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_truth_has_the_words_of_its_source_and_no_others_but_page_numbers(name: str) -> None:
    truth, source = Counter(read(f"{name}.truth.txt").split()), words_of_source(name)
    pages = read(f"{name}.truth.txt").count("\f") + 1
    assert source - truth == Counter()
    assert truth - source == Counter(str(page) for page in range(2, pages + 1))


@pytest.mark.parametrize("name", NAMES)
def test_the_truth_is_vietnamese(name: str) -> None:
    words = re.findall(r"[^\W\d_]+", read(f"{name}.truth.txt"))
    marked = [word for word in words if has_mark(word)]
    assert len(words) >= 300
    assert len(marked) >= 0.7 * len(words)
    # Abbreviations such as QĐ and HĐND carry a mark and are no syllables.
    misspelt = [word for word in marked if not is_valid_syllable(word) and "Đ" not in word]
    assert misspelt == []


@pytest.mark.parametrize("name", GARBLED)
def test_the_garbled_text_follows_the_truth_line_for_line(name: str) -> None:
    garbled, truth = (read(f"{name}.{kind}.txt").split("\n") for kind in ("ocr", "truth"))
    assert len(garbled) == len(truth)
    strangers = [
        (read_line, said)
        for read_line, said in zip(garbled, truth, strict=True)
        if len(said) > 20 and score(said, read_line).cer.rate > 0.6
    ]
    assert strangers == []


@pytest.mark.parametrize("name", GARBLED)
def test_the_garbled_text_is_garbled_and_not_beyond_repair(name: str) -> None:
    found = score(read(f"{name}.truth.txt"), read(f"{name}.ocr.txt"))
    assert 0.12 < found.cer.rate < 0.30
    assert found.wer.rate > 0.6
