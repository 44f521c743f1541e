"""A reading of the untouched page that runs while the steps still look at it.

Good pages need no step, and looking at a page takes a third of the time that reading it does. So
Tesseract begins at once, beside the steps. Where no step changes the page, its answer is that of
the prepared page; at the first change it is called off.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from vnrepair.records import Word

__all__ = ["EarlyReading"]

Reading = Callable[[threading.Event], tuple[Word, ...]]


class EarlyReading:
    """A reading under way; a context manager, at whose end none is left.

    Args:
        read: Reads the page, and gives up soon after the event it is given is set.
    """

    def __init__(self, read: Reading) -> None:
        self._called_off = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vnrepair-read")
        self._future: Future[tuple[Word, ...]] = self._pool.submit(read, self._called_off)

    def __enter__(self) -> Self:
        """The reading itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the reading and wait until it has ended."""
        self.call_off()
        self._pool.shutdown(wait=True)

    def call_off(self) -> None:
        """End it; harmless once it is done."""
        self._called_off.set()

    def words(self) -> tuple[Word, ...]:
        """What was read, waited for; raises what the reading raised."""
        return self._future.result()
