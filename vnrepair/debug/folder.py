"""The folder that `--debug` writes: for every page its pictures and an HTML page, and an overview.

    DIR/index.html              all pages; the page itself where there is only one
    DIR/page-001/index.html     steps, words, blocks and text of a page
    DIR/page-001/00-source.png  the page as the file gives it, then one picture for every step
    DIR/page-001/words.png      the words on the page, by confidence
    DIR/page-001/blocks.png     the blocks on the page, in reading order

With several files each has a folder of its own in between. What stands there under our own names is
replaced, everything else stays. Pages are written one by one, so a long file needs no more memory
than a short one.
"""

import contextlib
import dataclasses
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath
from types import TracebackType
from typing import Self

from vnrepair.atomic import write_bytes_atomic
from vnrepair.debug.own_files import INDEX, clear_pages, is_ours, prepare_folder, refuse_to_replace
from vnrepair.debug.recorder import Clock, PageRecorder, mark_failed, view_without_images
from vnrepair.debug.render import (
    Card,
    Group,
    Place,
    render_overview,
    render_page,
    to_link,
)
from vnrepair.debug.views import PageView
from vnrepair.errors import ConfigError, InputError
from vnrepair.records import Page, PageResult, Word
from vnrepair.scan.observer import Observer
from vnrepair.scan.page import PageImage, SourcePage

__all__ = ["DebugFolder"]

_BROKEN_OFF = "Why stands with the file, among all pages."


class DebugFolder:
    """Writes what happens to the pages of one or several files, for a person to look at.

    Use it as a context manager, and `watch` for each file:

        with DebugFolder(Path("out")) as debug, debug.watch(path) as observer:
            document = repair(path, observer=observer)

    Args:
        folder: Made if need be; the folder above it must exist.
        several: Whether each file gets a folder of its own.
        protected: Files that must not be replaced, such as the inputs and other outputs.

    Raises:
        ConfigError: The folder cannot be made, holds an `index.html` of somebody else, or one of
            the protected files would be replaced.
    """

    def __init__(
        self, folder: Path, *, several: bool = False, protected: Iterable[Path] = ()
    ) -> None:
        self._folder = folder
        self._several = several
        self._groups: list[Group] = []
        self._taken = {INDEX}  # names of folders, which differ by more than case
        self._waiting: tuple[PurePath, PageView] | None = None  # for the link to the page after it
        self._before = ""
        prepare_folder(folder)
        refuse_to_replace(folder, protected)
        self._was_ours = is_ours(folder / INDEX)

    def __enter__(self) -> Self:
        """Write an overview without pages, so that a folder that cannot be written to is told."""
        self._write_overview(is_finished=False)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Write what is left, and the overview; after an error as well."""
        only = self._waiting if len(self._groups) == 1 and not self._before else None
        self._write_waiting("")
        if only is None:
            self._write_overview(is_finished=True)
        else:
            path, view = only
            page = render_page(view, Place(here=f"{to_link(path)}/"))
            write_bytes_atomic(self._folder / INDEX, page)

    @contextlib.contextmanager
    def watch(self, file: Path | str) -> Iterator[Observer]:
        """Look at one file while it is repaired.

        Args:
            file: The file, or a name where there is none, for the pages and for the folder.

        Yields:
            The observer to hand to `repair`.

        Raises:
            ConfigError: The file lies where a page would be written, or is the second one in a
                folder for one.
        """
        if self._groups and not self._several:
            raise ConfigError("DebugFolder: pass several=True to watch more than one file")
        if isinstance(file, Path):
            refuse_to_replace(self._folder, [file])
        path = Path(file)
        place = PurePath(self._name_folder(path.name)) if self._several else PurePath()
        if self._was_ours:
            clear_pages(self._folder / place)
        self._groups.append(Group(_printable(str(path)), ()))
        watcher = _Watcher(self, place, _printable(path.name))
        try:
            yield watcher
        except BaseException as error:
            reason = str(error) or type(error).__name__
            watcher.give_up(reason)
            self._groups[-1] = dataclasses.replace(self._groups[-1], error=reason)
            raise

    def make_page_folder(self, path: PurePath) -> Path:
        """Make the folder of a page.

        Args:
            path: Below the folder.

        Raises:
            InputError: It cannot be made.
        """
        folder = self._folder / path
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"cannot be made ({error.strerror})"
            raise InputError(f"{folder}: {reason}: name another place for --debug") from error
        return folder

    def add(self, path: PurePath, view: PageView) -> None:
        """Take a page that is done; it is written as soon as the page after it is known.

        Args:
            path: Its folder, below this one; exists.
            view: What to show.
        """
        self._write_waiting(_link_to(path, depth=len(path.parts)))
        self._waiting = (path, view)
        # The overview needs no words: a thousand pages of them would fill the memory.
        small = dataclasses.replace(view, words=(), blocks=(), steps=(), text=None)
        group = self._groups[-1]
        cards = (*group.cards, Card(path, small))
        self._groups[-1] = dataclasses.replace(group, cards=cards)

    def _write_waiting(self, after: str) -> None:
        if self._waiting is None:
            return
        path, view = self._waiting
        overview = f"{'../' * len(path.parts)}{INDEX}"
        place = Place(overview=overview, before=self._before, after=after)
        write_bytes_atomic(self._folder / path / INDEX, render_page(view, place))
        self._before = _link_to(path, depth=len(path.parts))
        self._waiting = None

    def _write_overview(self, *, is_finished: bool) -> None:
        page = render_overview(self._groups, is_finished=is_finished)
        write_bytes_atomic(self._folder / INDEX, page)

    def _name_folder(self, name: str) -> str:
        """A name that no other file has, also where capitals and small letters are the same."""
        tried, number = name, 1
        while tried.casefold() in self._taken:
            number += 1
            tried = f"{name}-{number}"
        self._taken.add(tried.casefold())
        return tried


class _Watcher(Observer):
    """Hands what is told of the pages of one file to a recorder for each.

    A page that failed is told by `repaired` only once another could be read. Until then what was
    seen of it waits, without its pixels.
    """

    def __init__(self, debug: DebugFolder, place: PurePath, file: str) -> None:
        self._debug = debug
        self._place = place
        self._file = file
        self._number = 0
        self._recorder: PageRecorder | None = None
        self._left: dict[int, PageView] = {}
        self._times: list[tuple[str, float]] = []  # of a page without a recorder
        self._clock = Clock()

    def begun(self, page: SourcePage) -> None:
        seconds = self._clock.lap()
        self._leave()
        folder = self._debug.make_page_folder(self._path(page.number))
        self._number = page.number
        self._recorder = PageRecorder(folder, page, seconds)
        self._clock.start()

    def stepped(self, name: str, image: PageImage) -> None:
        seconds = self._clock.lap()
        if self._recorder is not None:
            self._recorder.step(name, image, seconds)
        self._clock.start()

    def was_read(self, name: str, words: Sequence[Word], image: PageImage) -> None:
        seconds = self._clock.lap()
        if self._recorder is not None:
            self._recorder.reading(name, words, image, seconds)
        self._clock.start()

    def finished(self, page: Page) -> None:
        seconds = self._clock.lap()
        if self._recorder is not None and page.number == self._number:
            self._recorder.words(seconds)
        else:
            self._times = [("taking the words of the file", seconds)]
        self._clock.start()

    def repaired(self, result: PageResult) -> None:
        seconds = self._clock.lap()
        number = 1 if result.page is None else result.page.number
        if self._recorder is not None and number == self._number and not _has_failed(result):
            view = self._recorder.close(self._file, result, seconds)
            self._recorder = None
        else:
            self._leave()
            view = self._view(number, result, seconds)
        self._add(number, view)
        self._clock.start()

    def give_up(self, reason: str) -> None:
        """Show the pages that were begun and came to no end."""
        self._leave()
        error = reason if len(self._left) == 1 else _BROKEN_OFF
        for number, view in self._left.items():
            self._add(number, dataclasses.replace(view, error=error))
        self._left = {}

    def _leave(self) -> None:
        """Let the page go that is at work; what was seen of it waits."""
        if self._recorder is not None:
            self._left[self._number] = self._recorder.break_off(self._file, self._number)
            self._recorder = None

    def _view(self, number: int, result: PageResult, seconds: float) -> PageView:
        """What to show of a page that is not at work."""
        times, self._times = self._times, []
        if result.page is not None and number in self._left:
            return mark_failed(self._left.pop(number), result.page)
        return view_without_images(self._file, result, times, seconds)

    def _add(self, number: int, view: PageView) -> None:
        path = self._path(number)
        self._debug.make_page_folder(path)
        self._debug.add(path, view)

    def _path(self, number: int) -> PurePath:
        return self._place / f"page-{number:03d}"


def _has_failed(result: PageResult) -> bool:
    return result.page is not None and result.page.error is not None


def _link_to(path: PurePath, depth: int) -> str:
    """Link from the HTML page of one page to that of another."""
    return f"{'../' * depth}{to_link(path)}/{INDEX}"


def _printable(name: str) -> str:
    """A name for a person; bytes that are not UTF-8 are shown as the sign for that."""
    return os.fsencode(name).decode("utf-8", "replace")
