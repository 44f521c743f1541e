"""What the benchmark of evidence counts with: readings found again, confidences weighed."""

from pathlib import Path

import pytest

from benchmarks.evidence import (
    ReadPage,
    ReadWord,
    count_trust,
    measure,
    read_readings,
    texts_of_readings,
    write_readings,
)
from vnrepair import InputError, Rate, RestoreConfig, Restorer
from vnrepair.records import Hypothesis

TRUTH = ("Hội viên góp vốn trồng rừng.", "Mỗi hộ góp tiền mua giống.")
READ = "Hội viên góp vỗn trồng rừng."
SURE, UNSURE = 0.965, 0.5
PAGE = ReadPage(
    "fax",
    "vie",
    TRUTH,
    (
        tuple(
            ReadWord(word, UNSURE, (Hypothesis("vốn", 0.4),))
            if word == "vỗn"
            else ReadWord(word, SURE)
            for word in READ.split()
        ),
        (ReadWord("~", 0.1), ReadWord("¬", 0.1)),  # a line of specks, which belongs to nothing
        tuple(ReadWord(word, SURE) for word in TRUTH[1].split()),
    ),
)


def test_readings_come_back_as_they_were_written(tmp_path: Path) -> None:
    write_readings([PAGE, PAGE], tmp_path / "readings.jsonl")
    assert read_readings(tmp_path / "readings.jsonl") == [PAGE, PAGE]


@pytest.mark.parametrize("content", ["{}", "no JSON", "[1]"])
def test_other_files_are_no_readings(content: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(content, encoding="utf-8")
    with pytest.raises(InputError):
        read_readings(tmp_path / "a")


def test_evidence_points_at_the_words_of_lines_that_were_found_again() -> None:
    (text,) = texts_of_readings([PAGE])
    assert text.truth == "\n".join(TRUTH)
    assert text.observed == "Hội viên góp vỗn trồng rừng.\nMỗi hộ góp tiền mua giống."
    assert [text.observed[one.start : one.end] for one in text.evidence] == text.observed.split()
    (unsure,) = [one for one in text.evidence if one.confidence == UNSURE]
    assert unsure.others == (Hypothesis("vốn", 0.4),)


def test_a_confidence_is_worth_its_odds_beside_those_of_all_words() -> None:
    low, high = count_trust(list(texts_of_readings([PAGE])))
    assert (low[:2], high[:2]) == ((0.4, Rate(1, 1)), (0.96, Rate(0, 11)))
    assert low[2] < 0.0 < high[2]
    assert count_trust(list(texts_of_readings([PAGE])), in_capitals=True) == []


def test_what_evidence_gains_is_counted() -> None:
    restorer = Restorer(RestoreConfig(profile="tesseract-vie"))
    gain, total = measure(list(texts_of_readings([PAGE])), {"tesseract-vie": restorer})
    assert (gain.treatment, total.treatment, total.pages) == ("fax", "all", 1)
    assert (gain.read.errors, gain.without.errors, gain.with_evidence.errors) == (1, 1, 0)
    assert gain.harmed == Rate(0, 12)
