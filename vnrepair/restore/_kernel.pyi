"""The compiled inner loops; `kernel.py` is the only caller, and says what the arrays hold."""

from typing import Any

from numpy.typing import NDArray

Arrays = tuple[NDArray[Any] | int, ...]
Document = tuple[tuple[NDArray[Any], ...], float, float] | None

def log_prob(
    model: Arrays,
    states: NDArray[Any],
    words: NDArray[Any],
    rows: int,
    out: NDArray[Any],
    /,
) -> None: ...
def search(
    tree: Arrays,
    observed: tuple[NDArray[Any], ...],
    seen: tuple[NDArray[Any], ...],
    reach: float,
    most: int,
    word_share: float,
    half_seen: float,
    /,
) -> tuple[bytes, bytes, bytes, bytes]: ...
def decode(
    model: Arrays,
    case: tuple[NDArray[Any], NDArray[Any]],
    weights: tuple[float, float, float],
    document: Document,
    slots: tuple[NDArray[Any], ...],
    sentences: tuple[NDArray[Any], ...],
    width: int,
    out: tuple[NDArray[Any], NDArray[Any], NDArray[Any]],
    /,
) -> None: ...
def weigh(
    model: Arrays,
    document: Document,
    placed: tuple[NDArray[Any], ...],
    wording: NDArray[Any],
    plain: NDArray[Any],
    /,
) -> None: ...
