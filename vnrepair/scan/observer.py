"""Who is shown what happens to a page on its way, such as the folder that `--debug` writes.

An observer looks on. It gets the very images and records that flow, and must change none of them;
the result with an observer is the result without. The calls come in this order, page after page:
`begun`, `stepped` for every step, `was_read` for every reading, `finished`, `repaired`. A page that
cannot be read may stop anywhere in between, and is still told by `repaired` where the flow goes on.
"""

from collections.abc import Sequence

from vnrepair.records import Page, PageResult, Word
from vnrepair.scan.page import PageImage, SourcePage

__all__ = ["NOBODY", "Observer"]


class Observer:
    """Looks on and does nothing: what is of interest is overridden."""

    def begun(self, page: SourcePage) -> None:
        """A page was decoded.

        Args:
            page: As the file gives it.
        """

    def stepped(self, name: str, image: PageImage) -> None:
        """A preprocessing step looked at the page.

        Args:
            name: Of the step, as in `ScanConfig.steps`.
            image: The page after it; the very same object as before where there was nothing to do.
        """

    def was_read(self, name: str, words: Sequence[Word], image: PageImage) -> None:
        """The page, or a part of it, was read.

        Args:
            name: Which reading it was, such as "first" or "other steps".
            words: As the engine gave them, boxes in pixels of `image`.
            image: What the engine was given.
        """

    def finished(self, page: Page) -> None:
        """The page is read: readings joined, words in order, boxes in pixels of the source."""

    def repaired(self, result: PageResult) -> None:
        """The text of the page, or of a text file, went through all stages."""


NOBODY = Observer()
"""The observer where none is wanted."""
