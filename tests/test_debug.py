"""The folder to look at: what is drawn and told, whose files stay, and that the result does, too.

Most tests tell an observer what the page flow would tell it; the last ones run the real one.
"""

import dataclasses
import json
import os
import re
import stat
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from tests.printed import BODY, lean, print_lines
from vnrepair.cli import app
from vnrepair.config import ScanConfig, load_config
from vnrepair.debug.changes import Change, find_changes, find_flags, line_up
from vnrepair.debug.describe import blocks_of, view_blocks, view_words
from vnrepair.debug.folder import DebugFolder
from vnrepair.debug.pictures import (
    MAX_SIDE_PX,
    confidence_class,
    draw_blocks,
    draw_words,
    fit,
    turn_box,
    write_picture,
)
from vnrepair.errors import ConfigError, EngineTimeoutError, ImageError, InputError
from vnrepair.pipeline import repair
from vnrepair.records import (
    Alternative,
    Block,
    Box,
    Edit,
    Hypothesis,
    Page,
    PageResult,
    Reading,
    Repaired,
    Word,
    apply_edits,
)
from vnrepair.scan.observer import NOBODY, Observer
from vnrepair.scan.page import PageImage, SourcePage
from vnrepair.scan.preprocess import STEPS, preprocess

HOSTILE = "<script>alert('ồ')</script>&\"'\u202e"
WITHOUT_TESSERACT = ("grey", "shadow", "denoise", "deskew", "scale")


# What the tests tell


def repaired(source: str, *edits: Edit, flags: tuple[Reading, ...] = ()) -> Repaired:
    return Repaired(apply_edits(source, edits), edits, source=source, flags=flags)


def result_of(
    page: Page | None,
    *edits: Edit,
    normalising: tuple[Edit, ...] = (),
    flags: tuple[Reading, ...] = (),
    text: str = "",
) -> PageResult:
    restored = repaired(text if page is None else page.text, *edits, flags=flags)
    return PageResult(page, restored, repaired(restored.text, *normalising))


def edit(text: str, before: str, after: str, cause: str = "restore/channel") -> Edit:
    start = text.index(before)
    return Edit(start, start + len(before), before, after, cause, 7.1, 0.98, before, 7.1)


def word(text: str, left: int, top: int, confidence: float | None = 0.95, **more: int) -> Word:
    box = Box(left, top, left + 60, top + 20)
    return Word(text, box, confidence, more.get("block", 0), more.get("line", 0))


def page_of(*words: Word, number: int = 1, size: tuple[int, int] = (400, 300)) -> Page:
    return Page(number, *size, dpi=200.0, words=words)


def source(number: int = 1, image: np.ndarray | None = None) -> SourcePage:
    pixels = np.full((300, 400), 255, dtype=np.uint8) if image is None else image
    return SourcePage(number, pixels, 200.0, bilevel=False)


def tell(observer: Observer, result: PageResult, image: np.ndarray | None = None) -> None:
    """One page through the flow, without Tesseract."""
    assert result.page is not None
    given = source(result.page.number, image)
    observer.begun(given)
    prepared = preprocess(given, ScanConfig(steps=WITHOUT_TESSERACT), observer.stepped)
    observer.was_read("first", result.page.words, prepared)
    observer.finished(result.page)
    observer.repaired(result)


def write_debug(folder: Path, *results: PageResult) -> None:
    with DebugFolder(folder) as debug, debug.watch("scan.pdf") as observer:
        for result in results:
            tell(observer, result)


# Reading the HTML


class Html(HTMLParser):
    """The elements of a page; an element that is not closed where it should be is an error."""

    VOID = frozenset(("meta", "link", "img", "input", "br", "rect"))

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.VOID
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("style", "script"):
            self.texts.append((self._open[-1], data))

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        return [
            found
            for name, found in self.elements
            if name == tag and attributes.items() <= found.items()
        ]

    def links(self) -> list[str]:
        named = [found.get("src") or found.get("href", "") for _, found in self.elements]
        return [unquote(link) for link in named if link and not link.startswith(("#", "data:"))]

    @property
    def text(self) -> str:
        return " ".join(" ".join(text for _, text in self.texts).split())


def pages_below(folder: Path) -> dict[str, Html]:
    found = {
        str(path.relative_to(folder)): Html(path) for path in sorted(folder.rglob("index.html"))
    }
    for name, html in found.items():
        for link in html.links():
            assert (folder / name).parent.joinpath(link).exists(), (name, link)
    return found


# Changes of two stages as one


@st.composite
def edited(draw: st.DrawFn, text: str) -> tuple[Edit, ...]:
    """Edits that may follow on a text: replaced, put in or taken out, sometimes side by side."""
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    edits = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        after = draw(st.text("xyz\n ", max_size=3))
        if text[start:end] != after:
            edits.append(Edit(start, end, text[start:end], after, "restore/channel"))
    return tuple(edits)


@st.composite
def results(draw: st.DrawFn) -> PageResult:
    text = draw(st.text("abc \n", max_size=30))
    restored = repaired(text, *draw(edited(text)))
    return PageResult(None, restored, repaired(restored.text, *draw(edited(restored.text))))


@given(results())
def test_changes_lead_from_what_was_read_to_the_finished_text(result: PageResult) -> None:
    changes = find_changes(result)
    as_edits = [
        Edit(
            change.start,
            change.end,
            result.restored.source[change.start : change.end],
            result.text[change.output_start : change.output_end],
            "",
        )
        for change in changes
    ]
    assert apply_edits(result.restored.source, as_edits) == result.text
    told = [made for change in changes for made in change.edits]
    assert sorted(told, key=repr) == sorted(
        (*result.restored.edits, *result.normalised.edits), key=repr
    )


@given(results())
def test_lines_that_stayed_are_the_same_on_both_sides(result: PageResult) -> None:
    for row in line_up(result):
        if not row.is_changed:
            assert row.read == row.repaired


@given(st.text("abc \n", max_size=30))
def test_a_text_without_changes_is_lined_up_line_by_line(text: str) -> None:
    rows = line_up(PageResult(None, repaired(text), repaired(text)))
    lines = ["".join(piece.text for piece in row.read) for row in rows]
    assert lines == (text.split("\n") if text else [])
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))


def test_edits_of_both_stages_on_one_word_are_one_change() -> None:
    first = Edit(3, 6, "hoa", "hoà", "restore/channel")
    second = Edit(3, 6, "hoà", "hòa", "normalise/tone-style")
    result = result_of(None, first, normalising=(second,), text="ba hoa.")
    assert find_changes(result) == (Change(3, 6, 3, 6, (first, second)),)
    (row,) = line_up(result)
    assert [piece.text for piece in row.repaired] == ["ba ", "hòa", "."]


def test_what_was_taken_out_or_put_in_can_be_seen() -> None:
    text = "a  b"
    result = result_of(None, Edit(1, 2, " ", "", "normalise/spacing"), text=text)
    (row,) = line_up(result)
    assert [(piece.text, piece.kind) for piece in row.read][1] == ("␣", "changed")
    assert [(piece.text, piece.kind) for piece in row.repaired][1] == ("", "changed")


def test_a_flag_is_shown_where_it_stands_in_the_finished_text() -> None:
    flag = reading("phó", 10)
    result = result_of(None, edit("Số nha và phó", "nha", "nhà ở"), text="Số nha và phó")
    result = dataclasses.replace(
        result, restored=dataclasses.replace(result.restored, flags=(flag_at(flag, 12),))
    )
    (found,) = find_flags(result)
    assert result.text[found.output_start : found.output_end] == "phó"
    (row,) = line_up(result)
    assert row.is_flagged
    assert row.repaired[-1].text == "phó"


def reading(text: str, start: int) -> Reading:
    others = (Alternative(text, 0.6, 0.0), Alternative("phố", 0.3, -0.7))
    return Reading(start, start + len(text), text, text, 0.6, others, "restore/margin")


def flag_at(flag: Reading, start: int) -> Reading:
    return dataclasses.replace(flag, output_start=start, output_end=start + len(flag.chosen))


# Words and blocks


def test_a_word_tells_how_it_was_read_and_what_became_of_it() -> None:
    words = (
        word("Ké", 10, 10, 0.7),
        word("hoạch", 80, 10),
        dataclasses.replace(word("nha", 10, 40, 0.4, line=1), others=(Hypothesis("nhà", 0.8),)),
    )
    page = page_of(*words)
    change = edit(page.text, "Ké", "Kế")
    first, second, third = view_words(result_of(page, change))
    assert first.notes == (
        ("read", "Ké"),
        ("repaired", "Kế"),
        ("confidence", "70%"),
        ("why", "Ké → Kế: letters, 1,200 : 1 against Ké, right 98%"),
    )
    assert (first.classes, second.classes, third.classes) == ("fair changed", "sure", "poor")
    assert second.notes == (("read", "hoạch"), ("confidence", "95%"))
    assert ("another reading", "nhà 80%") in third.notes
    assert (first.line, third.line) == (1, 2)


def test_a_word_that_was_joined_with_its_neighbour_tells_so_on_both() -> None:
    page = page_of(word("ngh", 10, 10), word("iệp", 80, 10))
    join = Edit(0, 7, "ngh iệp", "nghiệp", "restore/join")
    for view in view_words(result_of(page, join)):
        assert dict(view.notes)["repaired"] == "nghiệp"


def test_words_of_another_block_begin_after_a_blank_line() -> None:
    words = (word("a", 0, 0), word("b", 0, 40, block=1, line=1), word("c", 90, 40, block=1, line=1))
    views = view_words(result_of(page_of(*words)))
    assert [view.line for view in views] == [1, 3, 3]


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [(None, "none"), (1.0, "sure"), (0.9, "sure"), (0.899, "fair"), (0.6, "fair"), (0.599, "poor")],
)
def test_confidence_has_three_classes_and_none(confidence: float | None, expected: str) -> None:
    assert confidence_class(confidence) == expected


def test_blocks_are_those_of_the_layout_with_their_words_counted() -> None:
    blocks = (
        Block("title", Box(0, 0, 200, 30)),
        Block("stamp", Box(300, 200, 380, 280)),
        Block("body", Box(0, 40, 200, 90)),
    )
    words = (word("a", 0, 0), word("b", 0, 40, None, block=2, line=1))
    page = dataclasses.replace(page_of(*words), blocks=blocks)
    views = view_blocks(page)
    assert [(view.number, view.kind, view.n_words) for view in views] == [
        (1, "title", 1),
        (2, "stamp", 0),
        (3, "body", 1),
    ]
    assert views[2].confidence is None


def test_without_a_layout_the_words_tell_where_the_blocks_are() -> None:
    page = page_of(word("a", 10, 10), word("b", 100, 10), word("c", 10, 90, block=4, line=1))
    assert [block.box for block in blocks_of(page)] == [Box(10, 10, 160, 30), Box(10, 90, 70, 110)]
    assert [view.n_words for view in view_blocks(page)] == [2, 1]


# Pictures


@pytest.mark.parametrize(
    "shape", [(1, 1), (3000, 2), (2, 3000), (300, 400, 3), (4961, 3508), (2000, 2000)]
)
def test_pictures_decode_and_are_no_larger_than_a_screen_shows(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    image = fit(np.full(shape, 200, dtype=np.uint8))
    picture = write_picture(tmp_path, "a", image)
    with Image.open(tmp_path / picture.name) as decoded:
        assert decoded.size == (picture.width_px, picture.height_px)
    assert max(picture.width_px, picture.height_px) == min(MAX_SIDE_PX, max(shape[:2]))


def test_print_becomes_png_and_a_photograph_jpeg(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    bilevel = np.where(print_lines(BODY[:2]) > 140, 255, 0).astype(np.uint8)
    assert write_picture(tmp_path, "a", noise).name == "a.jpg"
    assert write_picture(tmp_path, "b", bilevel).name == "b.png"
    with Image.open(tmp_path / "b.png") as decoded:
        assert np.array_equal(np.asarray(decoded), bilevel)


def test_boxes_are_drawn_where_the_words_are_on_the_scaled_page() -> None:
    page = np.full((150, 200), 255, dtype=np.uint8)  # half of 400 x 300
    drawn = draw_words(page, (word("a", 40, 60), word("b", 200, 200, 0.1)), 400)
    marked = (drawn != 255).any(axis=2)
    assert marked[30, 20:50].all()
    assert marked[30:40, 20].all()
    assert marked[105, 110]  # an unsure word is filled
    assert not marked[:28].any()
    assert (page == 255).all()


def test_blocks_have_labels_inside_the_page_wherever_they_stand() -> None:
    page = np.full((300, 400), 255, dtype=np.uint8)
    for box in (Box(0, 0, 5, 5), Box(380, 280, 400, 300), Box(0, 150, 400, 300)):
        drawn = draw_blocks(page, (Block("letterhead-right", box),), 400)
        assert 300 < (drawn != 255).any(axis=2).sum() < 300 * 400 // 4


@given(st.integers(0, 3), st.integers(0, 39), st.integers(0, 29))
def test_a_box_turns_with_its_page(turns: int, left: int, top: int) -> None:
    page = np.zeros((30, 40), dtype=np.uint8)
    box = Box(left, top, min(left + 7, 40), min(top + 3, 30))
    page[box.top : box.bottom, box.left : box.right] = 1
    turned = turn_box(box, turns, 40, 30)
    expected = np.zeros_like(np.rot90(page, -turns))
    expected[turned.top : turned.bottom, turned.left : turned.right] = 1
    assert np.array_equal(np.rot90(page, -turns), expected)


# The folder


def test_every_step_is_shown_and_idle_ones_are_only_named(tmp_path: Path) -> None:
    crooked = np.pad(lean(print_lines(BODY[:4], dpi=100), 5.0), 60, constant_values=255)
    page = Page(1, crooked.shape[1], crooked.shape[0], 200.0, words=(word("a", 10, 10),))
    with DebugFolder(tmp_path / "out") as debug, debug.watch("a.png") as observer:
        tell(observer, result_of(page), crooked)
    files = {path.stem: path for path in (tmp_path / "out" / "page-001").iterdir()}
    assert {"00-source", "04-deskew", "06-read-first", "words", "blocks"} <= files.keys()
    assert not files.keys() & {"01-grey", "02-shadow", "03-denoise"}
    with Image.open(files["00-source"]) as image, Image.open(files["04-deskew"]) as levelled:
        assert image.size == (crooked.shape[1], crooked.shape[0])
        assert levelled.size > image.size
    text = Html(tmp_path / "out" / "index.html").text
    assert re.search(r"deskew \d+ ms levelled by \+[45]\.\d\d° now [\d,]+ × [\d,]+ px", text)
    assert re.search(r"Left as it was by grey \d+ ms , shadow \d+ ms , denoise", text)


def test_a_second_list_of_steps_is_compared_with_the_source(tmp_path: Path) -> None:
    with DebugFolder(tmp_path / "out") as debug, debug.watch("a.png") as observer:
        given = source(image=np.full((300, 400, 3), 250, dtype=np.uint8))
        observer.begun(given)
        first = PageImage(np.zeros((30, 40), dtype=np.uint8), steps=("grey",))
        observer.stepped("grey", first)
        observer.was_read("first", (), first)
        observer.stepped("grey", PageImage(given.image))
        second = PageImage(given.image[:200], steps=("scale",))
        observer.stepped("scale", second)
        observer.was_read("other steps", (), second)
        page = page_of()
        observer.finished(page)
        observer.repaired(result_of(page))
    names = sorted(path.stem for path in (tmp_path / "out" / "page-001").iterdir())
    assert names[:5] == ["00-source", "01-grey", "02-read-first", "04-scale", "05-read-other-steps"]
    text = Html(tmp_path / "out" / "index.html").text
    assert "now 400 × 200 px" in text
    assert text.count("now grey") == 1


def test_the_overlay_lies_on_the_words(tmp_path: Path) -> None:
    words = (word("Ké", 10, 10, 0.7), word("hoạch", 80, 10))
    page = page_of(*words)
    write_debug(tmp_path / "out", result_of(page, edit(page.text, "Ké", "Kế")))
    html = Html(tmp_path / "out" / "index.html")
    boxes = [tuple(int(found[name]) for name in ("x", "y", "width", "height"))
             for found in html.all("rect")]  # fmt: skip
    assert boxes == [(10, 10, 60, 20), (80, 10, 60, 20)]
    assert html.all("svg")[0]["viewbox"] == "0 0 400 300"
    titles = [text for tag, text in html.texts if tag == "title"]
    assert "read: Ké\nrepaired: Kế\nconfidence: 70%" in titles[1]
    assert len(html.all("a", href="#line-1")) == 2
    assert html.all("tr", id="line-1")


def test_a_page_that_was_turned_is_shown_upright(tmp_path: Path) -> None:
    page = dataclasses.replace(page_of(word("a", 10, 250)), rotation_deg=90)
    write_debug(tmp_path / "out", result_of(page))
    html = Html(tmp_path / "out" / "index.html")
    assert html.all("svg")[0]["viewbox"] == "0 0 300 400"
    (box,) = html.all("rect")
    assert (box["x"], box["y"], box["width"], box["height"]) == ("30", "10", "20", "60")
    (upright,) = (tmp_path / "out" / "page-001").glob("upright.*")
    with Image.open(upright) as image:
        assert image.size == (300, 400)


def test_hostile_words_names_and_errors_stay_text(tmp_path: Path) -> None:
    hostile = word(HOSTILE, 10, 10, 0.2)
    page = dataclasses.replace(page_of(hostile), warnings=(HOSTILE,))
    change = Edit(0, len(HOSTILE), HOSTILE, "<img src=x onerror=alert(1)>", "restore/<u>")
    failed = Page(2, 0, 0, None, (), warnings=(), error=HOSTILE)
    name = "a<u>&\"'.pdf"
    with DebugFolder(tmp_path / "out") as debug, debug.watch(name) as observer:
        tell(observer, result_of(page, change))
        observer.repaired(result_of(failed))
    for html in pages_below(tmp_path / "out").values():
        assert len(html.all("script")) <= 1
        assert not [found for found in html.all("img") if "onerror" in found]
        assert not html.all("u")
        assert name in html.text
    first = (tmp_path / "out" / "page-001" / "index.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert" in first
    title = first[first.index('<g class="words">') : first.index("</svg>")]
    assert "\u202e" not in title
    assert "U+202E" in title


def test_half_a_surrogate_does_not_stop_the_page(tmp_path: Path) -> None:
    page = dataclasses.replace(page_of(word("a\ud800b", 10, 10)), warnings=("c\ud800d",))
    write_debug(tmp_path / "out", result_of(page))
    text = Html(tmp_path / "out" / "index.html").text
    assert "aU+D800b" in text
    assert "c?d" in text


def test_pages_are_linked_to_their_neighbours_and_to_the_overview(tmp_path: Path) -> None:
    write_debug(tmp_path / "out", *(result_of(page_of(number=number)) for number in (1, 2, 12)))
    pages = pages_below(tmp_path / "out")
    assert list(pages) == [
        "index.html", "page-001/index.html", "page-002/index.html", "page-012/index.html"
    ]  # fmt: skip
    middle = pages["page-002/index.html"]
    assert middle.all("a", rel="prev")[0]["href"] == "../page-001/index.html"
    assert middle.all("a", rel="next")[0]["href"] == "../page-012/index.html"
    assert middle.all("a", rel="index")[0]["href"] == "../index.html"
    assert not pages["page-012/index.html"].all("a", rel="next")
    assert len(pages["index.html"].all("a", **{"class": "card"})) == 3


def test_the_only_page_is_the_overview_itself(tmp_path: Path) -> None:
    write_debug(tmp_path / "out", result_of(page_of(word("chữ", 10, 10))))
    pages = pages_below(tmp_path / "out")
    assert pages["index.html"].text == pages["page-001/index.html"].text.replace(" All pages", "")


def test_files_of_one_name_have_folders_of_their_own(tmp_path: Path) -> None:
    names = ["a/tờ trình 1%.png", "b/tờ trình 1%.png", "Tờ TRÌNH 1%.png", "index.html"]
    with DebugFolder(tmp_path / "out", several=True) as debug:
        for name in names:
            with debug.watch(Path(name)) as observer:
                tell(observer, result_of(page_of()))
    folders = sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_dir())
    assert folders == sorted(
        ["tờ trình 1%.png", "tờ trình 1%.png-2", "Tờ TRÌNH 1%.png-3", "index.html-2"]
    )
    pages = pages_below(tmp_path / "out")
    assert len(pages) == 5
    cards = pages["index.html"].all("a", **{"class": "card"})
    assert len(cards) == 4


def test_a_name_that_is_not_utf8_is_shown_and_linked(tmp_path: Path) -> None:
    name = os.fsdecode(b"scan-\xff.png")
    with DebugFolder(tmp_path / "out", several=True) as debug:
        for file in (name, "b.png"):
            with debug.watch(file) as observer:
                tell(observer, result_of(page_of()))
    html = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert 'href="scan-%FF.png/page-001/index.html"' in html
    assert "scan-\ufffd.png" in html


# Pages that went wrong


def test_a_page_that_failed_is_shown_with_its_error_and_what_was_seen_of_it(tmp_path: Path) -> None:
    failed = Page(1, 0, 0, None, (), warnings=("could not be read: too dark",), error="too dark")
    with DebugFolder(tmp_path / "out") as debug, debug.watch("a.tif") as observer:
        observer.begun(source(1))
        observer.stepped("grey", PageImage(np.zeros((9, 9), dtype=np.uint8), steps=("grey",)))
        observer.begun(source(2))  # the flow tells of a failed page once another could be read
        observer.finished(page_of(number=2))
        observer.repaired(result_of(failed))
        observer.repaired(result_of(page_of(number=2)))
    pages = pages_below(tmp_path / "out")
    first = pages["page-001/index.html"]
    assert first.text.count("too dark") == 1
    assert "grey" in first.text
    assert "too dark" not in pages["page-002/index.html"].text
    assert "could not be read" in pages["index.html"].text


def test_a_page_without_pixels_has_no_images(tmp_path: Path) -> None:
    with DebugFolder(tmp_path / "out") as debug, debug.watch("a.pdf") as observer:
        observer.repaired(result_of(Page(1, 0, 0, None, (), error="cannot be decoded")))
    html = Html(tmp_path / "out" / "index.html")
    assert "cannot be decoded" in html.text
    assert not html.all("img")


def test_words_that_came_with_the_file_are_shown_without_images(tmp_path: Path) -> None:
    page = dataclasses.replace(page_of(word("Điều", 10, 10, None)), origin="text-layer")
    with DebugFolder(tmp_path / "out") as debug, debug.watch("a.pdf") as observer:
        observer.finished(page)
        observer.repaired(result_of(page))
    html = Html(tmp_path / "out" / "index.html")
    assert "The words came with the file" in html.text
    assert "Điều" in html.text
    assert not html.all("img")


def test_a_text_file_says_that_it_has_no_images(tmp_path: Path) -> None:
    change = edit("Ké hoạch", "Ké", "Kế")
    with DebugFolder(tmp_path / "out") as debug, debug.watch("a.txt") as observer:
        observer.repaired(result_of(None, change, text="Ké hoạch"))
    html = Html(tmp_path / "out" / "index.html")
    assert "nothing was scanned, so there are no images" in html.text
    assert [text for tag, text in html.texts if tag == "mark"] == ["Ké", "Kế"]
    assert [path.name for path in (tmp_path / "out" / "page-001").iterdir()] == ["index.html"]


def break_off(folder: Path, error: BaseException) -> None:
    with DebugFolder(folder) as debug, debug.watch("a.png") as observer:
        observer.begun(source())
        raise error


@pytest.mark.parametrize("error", [EngineTimeoutError("page 1: too slow"), KeyboardInterrupt()])
def test_what_stops_the_run_is_told_and_raised(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        break_off(tmp_path / "out", error)
    text = Html(tmp_path / "out" / "index.html").text
    assert "This page could not be read." in text
    assert (str(error) or "KeyboardInterrupt") in text
    assert (tmp_path / "out" / "page-001" / "00-source.png").exists()


def test_a_file_of_which_no_page_was_seen_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(ImageError),
        DebugFolder(tmp_path / "out") as debug,
        debug.watch("a.png"),
    ):
        raise ImageError("a.png: is empty")
    assert "a.png: is empty" in Html(tmp_path / "out" / "index.html").text


def test_a_run_at_work_says_that_it_has_not_finished(tmp_path: Path) -> None:
    with DebugFolder(tmp_path / "out"):
        assert "has not finished" in Html(tmp_path / "out" / "index.html").text
    assert "has not finished" not in Html(tmp_path / "out" / "index.html").text


# Whose files stay


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_second_run_leaves_nothing_of_the_first_but_the_files_of_others(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_debug(out, *(result_of(page_of(number=number)) for number in (1, 2, 3)))
    (out / "notes.txt").write_text("mine")
    (out / "page-002" / "notes.txt").write_text("mine")
    write_debug(out, result_of(page_of(number=1)))
    assert sorted(path.name for path in out.iterdir()) == [
        "index.html", "notes.txt", "page-001", "page-002"
    ]  # fmt: skip
    assert [path.name for path in (out / "page-002").iterdir()] == ["notes.txt"]


def test_files_of_others_stay_in_a_folder_that_was_not_ours(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "page-009").mkdir(parents=True)
    (out / "page-009" / "words.png").write_text("mine")
    write_debug(out, result_of(page_of()))
    assert (out / "page-009" / "words.png").read_text() == "mine"


def test_an_index_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<html>my home page")
    before = snapshot(tmp_path)
    with pytest.raises(ConfigError, match=r"index\.html: was not written by --debug"):
        DebugFolder(tmp_path)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("place", ["page-001/00-source.png", "a.pdf/page-1234/a.png", "index.html"])
def test_a_file_that_would_be_replaced_is_no_input(tmp_path: Path, place: str) -> None:
    path = tmp_path / "out" / place
    path.parent.mkdir(parents=True)
    with pytest.raises(ConfigError, match=r"--debug \S+ would replace it"):
        DebugFolder(tmp_path / "out", protected=[path])
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "out")
    with pytest.raises(ConfigError, match=r"--debug \S+ would replace it"):
        DebugFolder(link, protected=[path])


def test_a_folder_for_one_file_refuses_a_second(tmp_path: Path) -> None:
    with DebugFolder(tmp_path / "out") as debug:
        with debug.watch("a.png") as observer:
            tell(observer, result_of(page_of()))
        with pytest.raises(ConfigError, match="several=True"), debug.watch("b.png"):
            pass


def test_an_input_in_our_place_is_refused_when_it_is_watched(tmp_path: Path) -> None:
    write_debug(tmp_path / "out", result_of(page_of()))
    path = next((tmp_path / "out" / "page-001").glob("00-source.*"))
    with (
        DebugFolder(tmp_path / "out") as debug,
        pytest.raises(ConfigError, match="would replace it"),
        debug.watch(path),
    ):
        pass
    assert path.exists()


def test_an_input_beside_our_files_is_welcome(tmp_path: Path) -> None:
    write_debug(tmp_path / "out", result_of(page_of()))
    DebugFolder(tmp_path / "out", protected=[tmp_path / "out" / "page.png", tmp_path / "a.txt"])


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ConfigError, match="out: is a file, not a folder"):
        DebugFolder(tmp_path / "out")
    with pytest.raises(ConfigError, match="none does not exist: make it first"):
        DebugFolder(tmp_path / "none" / "out")


def test_a_file_in_the_place_of_a_page_is_told(tmp_path: Path) -> None:
    (tmp_path / "page-001").write_text("a file")
    with pytest.raises(InputError, match=r"page-001: cannot be made"):
        write_debug(tmp_path, result_of(page_of()))


# The real flow


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A page, and two pages of which one is blank; the folder is read only."""
    folder = tmp_path_factory.mktemp("bản quét")
    page = Image.fromarray(print_lines(BODY[:3]))
    page.save(folder / "trang.png", dpi=(200, 200))
    blank = Image.new("L", (600, 400), 255)
    page.save(folder / "hai trang.pdf", save_all=True, append_images=[blank], resolution=200)
    before = snapshot(folder)
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    yield folder
    folder.chmod(stat.S_IRWXU)
    assert snapshot(folder) == before


class Recording(Observer):
    def __init__(self) -> None:
        self.calls: list[str] = []

    def begun(self, page: SourcePage) -> None:
        self.calls.append(f"begun {page.number}")

    def stepped(self, name: str, image: PageImage) -> None:  # noqa: ARG002
        self.calls.append(f"step {name}")

    def was_read(self, name: str, words: Sequence[Word], image: PageImage) -> None:
        assert all(item.box.right <= image.width_px for item in words)
        self.calls.append(f"reading {name}")

    def finished(self, page: Page) -> None:
        self.calls.append(f"finished {page.number}")

    def repaired(self, result: PageResult) -> None:
        assert result.page is not None
        self.calls.append(f"repaired {result.page.number}")


def test_the_flow_tells_each_page_in_order_and_nobody_changes_it(scans: Path) -> None:
    observer = Recording()
    document = repair(scans / "trang.png", observer=observer)
    assert document == repair(scans / "trang.png", observer=NOBODY)
    assert observer.calls[0] == "begun 1"
    assert observer.calls[1 : 1 + len(ScanConfig().steps)] == [
        f"step {name}" for name in ScanConfig().steps
    ]
    assert "reading first" in observer.calls
    assert observer.calls[-2:] == ["finished 1", "repaired 1"]


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


def test_debug_writes_beside_the_same_result(scans: Path, tmp_path: Path) -> None:
    path = scans / "hai trang.pdf"
    code, plain, _ = run("repair", path, "--json")
    debug_code, debugged, notes = run("repair", path, "--json", "--debug", tmp_path / "out")
    assert (code, debug_code) == (0, 0)
    assert json.loads(plain) == json.loads(debugged)
    assert f"{tmp_path / 'out' / 'index.html'} shows what was done" in notes
    pages = pages_below(tmp_path / "out")
    assert list(pages) == ["index.html", "page-001/index.html", "page-002/index.html"]
    words = json.loads(plain)["pages"][0]["page"]["words"]
    assert len(pages["page-001/index.html"].all("rect")) == len(words) > 20
    assert "no text found" in pages["page-002/index.html"].text


def test_debug_of_one_page_and_of_several_files(scans: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ké hoach thuc hién", encoding="utf-8")
    code, _, _ = run(
        "repair", scans / "trang.png", tmp_path / "a.txt", tmp_path / "none.png",
        "-o", tmp_path / "texts/", "--debug", tmp_path / "out",
    )  # fmt: skip
    assert code == 3
    pages = pages_below(tmp_path / "out")
    assert set(pages) == {
        "index.html",
        "a.txt/page-001/index.html",
        "trang.png/page-001/index.html",
    }
    assert "none.png: no such file" in pages["index.html"].text


def test_debug_never_replaces_what_is_written_or_read(scans: Path, tmp_path: Path) -> None:
    (tmp_path / "page-001").mkdir()
    for output in (tmp_path / "index.html", tmp_path / "page-001" / "words.png"):
        code, stdout, notes = run("repair", scans / "trang.png", "-o", output, "--debug", tmp_path)
        assert (code, stdout) == (2, "")
        assert "would replace it" in notes
    assert list(tmp_path.rglob("*.*")) == []


def test_the_options_that_the_guide_shows_can_be_read(tmp_path: Path) -> None:
    guide = Path(__file__).parent.parent / "docs" / "debugging-pages.md"
    shown = re.findall(r"```toml\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)
    assert len(shown) == 1
    (tmp_path / "options.toml").write_text(shown[0], encoding="utf-8")
    config = load_config(tmp_path / "options.toml").scan
    assert set(config.steps) <= STEPS.keys()
    assert "shadow" not in config.steps
