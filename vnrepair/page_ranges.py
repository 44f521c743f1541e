"""Which pages of a file are asked for: `1-3,7,10-` and back to numbers.

The text stands in an option, so what is wrong with it is a `ConfigError`; whether a file has the
pages is told when it is open.
"""

import re
from dataclasses import dataclass

from vnrepair.errors import ConfigError

__all__ = ["PageRange", "parse_page_ranges", "select_pages"]

# Nine digits: no file has more pages, and Python refuses to read numbers of thousands of digits.
_RANGE = re.compile(r"\s*(\d{1,9})\s*(?:(-)\s*(\d{1,9})?\s*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class PageRange:
    """Pages in a row, counted from 1.

    Attributes:
        first: The first of them.
        last: The last of them, itself included; None for the last of the file.
    """

    first: int
    last: int | None


def parse_page_ranges(text: str) -> tuple[PageRange, ...]:
    """The ranges that a text names.

    Args:
        text: Numbers and ranges with commas between, such as `1-3,7,10-`; blanks do not matter.

    Raises:
        ConfigError: It is nothing of that kind, counts from 0, or a range runs backwards.

    >>> parse_page_ranges("2, 5-")
    (PageRange(first=2, last=2), PageRange(first=5, last=None))
    """
    return tuple(_parse_range(part, text) for part in text.split(","))


def select_pages(ranges: tuple[PageRange, ...], n_pages: int) -> tuple[int, ...]:
    """Numbers of the pages that are asked for, in the order of the file, each once.

    Args:
        ranges: What is asked for.
        n_pages: Pages of the file, 1 or more.

    Raises:
        ConfigError: The file has no such page; the message says how many it has.

    >>> select_pages(parse_page_ranges("7-,2,1-2"), 8)
    (1, 2, 7, 8)
    """
    chosen: set[int] = set()
    for item in ranges:
        last = n_pages if item.last is None else item.last
        if max(item.first, last) > n_pages:
            count = "1 page" if n_pages == 1 else f"{n_pages} pages"
            wanted = item.first if item.first > n_pages else last
            raise ConfigError(
                f"page {wanted} is asked for, but the file has {count}: change scan.pages"
            )
        chosen.update(range(item.first, last + 1))
    return tuple(sorted(chosen))


def _parse_range(part: str, text: str) -> PageRange:
    found = _RANGE.fullmatch(part)
    if found is None:
        raise ConfigError(
            f"scan.pages is {text!r}: give pages and ranges with commas between, such as "
            "'1-3,7,10-'"
        )
    first = int(found[1])
    last = first if found[2] is None else int(found[3]) if found[3] else None
    if first < 1:
        raise ConfigError(f"scan.pages is {text!r}: pages are counted from 1")
    if last is not None and last < first:
        raise ConfigError(
            f"scan.pages is {text!r}: a range runs from the lower page to the higher, "
            f"{last}-{first}"
        )
    return PageRange(first, last)
