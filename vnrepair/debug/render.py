"""HTML from the views: one page each, and the overview. Every value of a document is escaped."""

import functools
import os
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import jinja2

from vnrepair.debug.describe import describe_edit
from vnrepair.debug.views import PageView

__all__ = ["GENERATOR", "Card", "Group", "Place", "render_overview", "render_page", "to_link"]

GENERATOR = b'<meta name="generator" content="vnrepair">'
"""By this our own HTML pages are known again; the template `base` holds it."""


@dataclass(frozen=True, slots=True)
class Card:
    """A page in the overview.

    Attributes:
        folder: Of the page, below the folder of the overview.
        view: Without words and text, which would fill the memory of a long run.
    """

    folder: PurePath
    view: PageView


@dataclass(frozen=True, slots=True)
class Group:
    """The pages of one file in the overview.

    Attributes:
        file: Its name, for a person.
        cards: Its pages.
        error: Why it could not be read to its end; "" where it was.
    """

    file: str
    cards: tuple[Card, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands among the others.

    Attributes:
        here: From the HTML file to the folder with the page's pictures: "" or ending with "/".
        overview: Link to the overview; "" where the page is the overview.
        before: Link to the page before; "" for the first one.
        after: Link to the page after; "" for the last one.
    """

    here: str = ""
    overview: str = ""
    before: str = ""
    after: str = ""


def render_page(view: PageView, place: Place) -> bytes:
    """The HTML page of one page, UTF-8."""
    return _encode(_environment().get_template("page.html.j2").render(view=view, place=place))


def render_overview(groups: Sequence[Group], *, is_finished: bool) -> bytes:
    """The overview of all pages, UTF-8.

    Args:
        groups: The files in their order.
        is_finished: False while pages are still to come.
    """
    template = _environment().get_template("overview.html.j2")
    # Files of one page each stand side by side, not each below a heading of its own.
    are_single = len(groups) > 1 and all(
        len(group.cards) == 1 and not group.error for group in groups
    )
    page = template.render(groups=groups, are_single=are_single, is_finished=is_finished)
    return _encode(page)


def to_link(path: PurePath) -> str:
    """A relative path as the target of a link; bytes that are not UTF-8 survive."""
    return urllib.parse.quote(os.fsencode(path.as_posix()), safe="/")


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("vnrepair.debug"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["link"] = to_link
    environment.filters["milliseconds"] = lambda seconds: f"{1000 * seconds:,.0f} ms"
    environment.filters["reason"] = describe_edit
    environment.filters["share"] = lambda part, whole: f"{100 * part / max(whole, 1e-9):.3f}%"
    return environment


def _encode(html: str) -> bytes:
    """Half a surrogate, which a damaged text layer may hold, is shown as a question mark."""
    return html.encode("utf-8", "replace")
