"""Ranges of pages mean what they say, or an error says what they should be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.errors import ConfigError
from vnrepair.page_ranges import parse_page_ranges, select_pages


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("1", (1,)),
        ("1-3,7,10-", (1, 2, 3, 7, 10, 11, 12)),
        ("7,1-3", (1, 2, 3, 7)),
        ("2-4,3-5,4", (2, 3, 4, 5)),
        (" 2 - 3 , 5 ", (2, 3, 5)),
        ("12-", (12,)),
        ("12-12", (12,)),
        ("007", (7,)),
    ],
)
def test_pages_come_in_the_order_of_the_file_and_once(text: str, pages: tuple[int, ...]) -> None:
    assert select_pages(parse_page_ranges(text), 12) == pages


@pytest.mark.parametrize(
    "text",
    ["", " ", ",", "1,", "a", "1-b", "-3", "1--3", "1-2-3", "1.5", "٣", "1;2", "9" * 5000, "1\x00"],
)
def test_what_names_no_pages_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError, match=r"scan\.pages.*'1-3,7,10-'"):
        parse_page_ranges(text)


@pytest.mark.parametrize(
    ("text", "message"), [("0", "counted from 1"), ("0-3", "counted from 1"), ("5-3", "3-5")]
)
def test_pages_that_cannot_be_are_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_page_ranges(text)


@pytest.mark.parametrize(
    ("text", "n_pages", "message"),
    [
        ("4", 3, "page 4 is asked for, but the file has 3 pages"),
        ("2-9", 3, "page 9 is asked for, but the file has 3 pages"),
        ("9-", 1, "page 9 is asked for, but the file has 1 page:"),
        ("1-999999999", 3, "page 999999999"),
    ],
)
def test_pages_that_are_not_there_are_refused_with_the_number_there_is(
    text: str, n_pages: int, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        select_pages(parse_page_ranges(text), n_pages)


@given(st.sets(st.integers(1, 60), min_size=1))
def test_pages_written_one_by_one_are_those_pages(pages: set[int]) -> None:
    text = ",".join(map(str, pages))
    assert select_pages(parse_page_ranges(text), 60) == tuple(sorted(pages))


@given(st.integers(1, 50), st.integers(1, 50), st.integers(50, 99))
def test_an_open_range_goes_to_the_end(first: int, other: int, n_pages: int) -> None:
    chosen = select_pages(parse_page_ranges(f"{first}-,{other}"), n_pages)
    assert set(chosen) == {other, *range(first, n_pages + 1)}
