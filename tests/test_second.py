"""A second look: unsure pieces are read again from a sheet and put back in their places."""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import pytest

from tests.printed import BODY, Run, print_lines, print_runs
from vnrepair.config import DEFAULTS, RepairConfig, ScanConfig
from vnrepair.errors import EngineError, EngineFailedError, EngineTimeoutError
from vnrepair.pipeline import read_page
from vnrepair.records import Box, Hypothesis, Word
from vnrepair.scan import reader
from vnrepair.scan.ink import find_ink
from vnrepair.scan.observer import Observer
from vnrepair.scan.ocr import recognise
from vnrepair.scan.page import PageImage
from vnrepair.scan.pieces import Piece, allot, put_back
from vnrepair.scan.second import DOUBTED, look_again
from vnrepair.scan.strips import cut, find_strips, set_sheet
from vnrepair.scan.writing import Writing

SCAN = DEFAULTS.scan
LETTERHEAD = (
    # The columns stand half a line apart, as letterheads do; a reader by lines mixes them up.
    Run("SỞ Y TẾ TỈNH HÀ LAM", 0.1, 0.0),
    Run("TRUNG TÂM Y TẾ", 0.14, 1.0),
    Run("Độc lập - Tự do - Hạnh phúc", 0.55, 0.5),
    Run("Hà Lam, ngày 03 tháng 9", 0.56, 1.5),
)


def indifferent(texts: Sequence[str]) -> list[float]:
    return [0.0] * len(texts)


def unsure(words: Sequence[Word], texts: Sequence[str]) -> tuple[Word, ...]:
    """The words with some of them garbled and doubted."""
    return tuple(
        dataclasses.replace(word, text="ạạạ", confidence=0.1) if word.text in texts else word
        for word in words
    )


@pytest.fixture(scope="module")
def page() -> PageImage:
    return PageImage(print_lines(BODY))


@pytest.fixture(scope="module")
def words(page: PageImage) -> tuple[Word, ...]:
    return recognise(page.image, "vie")


def test_every_line_is_a_strip(page: PageImage) -> None:
    strips = find_strips(page.ink)
    tops = sorted(strip.box.top for strip in strips)
    assert len(strips) == len(BODY)
    assert min(np.diff(tops)) > page.ink.letter_height_px


def test_columns_are_strips_of_their_own() -> None:
    strips = find_strips(find_ink(print_runs(LETTERHEAD)))
    assert len(strips) == len(LETTERHEAD)


def test_a_blank_page_has_no_strips() -> None:
    assert find_strips(find_ink(np.full((400, 300), 255, np.uint8))) == []


@pytest.mark.parametrize("factor", [0.75, 1.0, 1.5])
def test_a_box_of_the_sheet_finds_its_place_on_the_page(page: PageImage, factor: float) -> None:
    strips = find_strips(page.ink)
    sheet = set_sheet(page.grey, page.ink, strips, factor)
    for number, (left, top, page_left, page_top) in enumerate(sheet.places):
        box = Box(left, top, left + round(30 * factor), top + round(10 * factor))
        found, back = sheet.on_page(box)
        assert found == number
        assert abs(back.left - page_left) <= 1
        assert abs(back.top - page_top) <= 1
        assert abs(back.width_px - 30) <= 1


def test_a_strip_stands_on_the_sheet_without_its_neighbours() -> None:
    close = print_runs([Run("Người gặp", 0.1, 0), Run("ấp Bãi Ngựa", 0.1, 0.62)])
    ink = find_ink(close)
    strips = find_strips(ink)
    assert len(strips) == 2
    sheet = set_sheet(close, ink, strips[:1], 1.0)
    read = recognise(sheet.image, "vie", page_segmentation=6)
    assert " ".join(word.text for word in read) == "Người gặp"


def test_a_sure_page_is_not_read_again(page: PageImage, words: tuple[Word, ...]) -> None:
    sure = tuple(dataclasses.replace(word, confidence=0.95) for word in words)
    assert look_again(page, sure, SCAN, indifferent, timeout_s=60) == sure


def test_what_was_garbled_is_mended_and_all_else_stays(
    page: PageImage, words: tuple[Word, ...]
) -> None:
    garbled = unsure(words, ["trưởng,", "Thời"])
    mended = look_again(page, garbled, SCAN, indifferent, timeout_s=60)
    assert [word.text for word in mended] == [word.text for word in words]
    assert [(word.block, word.line) for word in mended] == [
        (word.block, word.line) for word in words
    ]


def test_a_line_that_was_missed_is_found_and_put_in_its_place(
    page: PageImage, words: tuple[Word, ...]
) -> None:
    missed = words[len(words) // 2].line
    rest = tuple(word for word in words if word.line != missed)
    found = look_again(page, rest, SCAN, indifferent, timeout_s=60)
    assert [word.text for word in found] == [word.text for word in words]


def test_nothing_is_read_when_the_time_is_over(page: PageImage, words: tuple[Word, ...]) -> None:
    garbled = unsure(words, ["trưởng,"])
    assert look_again(page, garbled, SCAN, indifferent, timeout_s=-1.0) == garbled


def test_a_page_of_which_much_is_unsure_is_read_whole_as_well(
    page: PageImage, words: tuple[Word, ...]
) -> None:
    class Names(Observer):
        def __init__(self) -> None:
            self.seen: list[str] = []

        def was_read(self, name: str, words: Sequence[Word], image: PageImage) -> None:  # noqa: ARG002
            self.seen.append(name)

    few, many = Names(), Names()
    look_again(page, unsure(words, ["Thời"]), SCAN, indifferent, timeout_s=60, observer=few)
    doubted = tuple(dataclasses.replace(word, confidence=DOUBTED - 0.1) for word in words)
    look_again(page, doubted, SCAN, indifferent, timeout_s=60, observer=many)
    assert few.seen == ["unsure lines"]
    assert many.seen == ["unsure lines", "another size"]


def test_pieces_put_back_unread_change_nothing(page: PageImage, words: tuple[Word, ...]) -> None:
    pieces = allot(find_strips(page.ink), words)
    assert tuple(put_back(words, pieces, [piece.first for piece in pieces])) == words


def test_a_strip_of_several_sure_lines_is_left_alone(page: PageImage) -> None:
    (strip, *_) = find_strips(page.ink)
    lines = [
        Word("hai", strip.box, confidence, block=0, line=number)
        for number, confidence in enumerate((0.9, 0.9, 0.2))
    ]
    assert not Piece(strip, lines, []).is_unsure
    assert Piece(strip, lines[1:], []).is_unsure


def test_the_second_reading_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise AssertionError("read twice")

    monkeypatch.setattr(reader, "look_again", fail)
    once = RepairConfig(scan=ScanConfig(second_readings=False))
    assert read_page(print_lines(BODY[:2]), once).words


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (EngineFailedError("killed"), "killed"),
        # As many seconds as were left differ from run to run; those of the option do not.
        (EngineTimeoutError("not in 73.8125 s"), "the page took more than 120 s"),
    ],
)
def test_a_second_reading_that_fails_costs_no_page_but_is_told(
    error: EngineError, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(reader, "look_again", fail)
    page = read_page(print_lines(BODY[:2]))
    assert page.words
    (warning,) = page.warnings
    assert f"not read once more: {reason}" in warning


def test_a_reading_without_handwriting_that_fails_leaves_the_first_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[float] = []

    def read(*_arguments: object, timeout_s: float, **_options: object) -> list[Word]:
        calls.append(timeout_s)
        if len(calls) > 1:
            raise EngineFailedError("crashed")
        return [Word("ba", Box(0, 0, 30, 20), 0.9, 0, 0)]

    monkeypatch.setattr(reader, "recognise", read)
    scrawl = (Word("vv", Box(40, 0, 60, 20), 0.2, 0, 0),) * 20
    monkeypatch.setattr(reader, "find_writing", lambda *_: Writing(scrawl, np.zeros((0, 0), bool)))
    monkeypatch.setattr(reader, "erase_writing", lambda grey, _: grey)
    page = read_page(print_lines(BODY[:2]), RepairConfig(scan=ScanConfig(steps=())))
    assert [word.text for word in page.words] == ["ba"]
    assert page.dropped == ()
    assert "crashed" in page.warnings[-1]
    assert calls[1] < calls[0]  # both readings share the seconds of the page


def test_strips_that_share_a_word_are_one_piece_and_the_others_stay_apart(page: PageImage) -> None:
    strips = find_strips(page.ink)
    first, *others = strips
    middle = (first.box.left + first.box.right) // 2
    halves = [cut(first, 0, middle), cut(first, middle, math.inf)]
    pieces = allot([*halves, *others], [Word("ba", first.box, 0.9, 0, 0)])
    assert [len(piece.strip.letters) for piece in pieces] == [len(s.letters) for s in strips]


def test_a_number_read_in_two_ways_is_named_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    def doubt(_page: object, words: Sequence[Word], *_: object, **__: object) -> tuple[Word, ...]:
        return tuple(
            dataclasses.replace(word, others=(Hypothesis(word.text.replace("5", "6"), 0.6),))
            for word in words
        )

    monkeypatch.setattr(reader, "look_again", doubt)
    page = read_page(print_lines(BODY[1:2]))
    assert page.warnings == ("numbers read in two ways, compare them: 50.000 or 60.000",)
