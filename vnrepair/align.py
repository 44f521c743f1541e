"""Minimum-cost alignment of two sequences; nothing Vietnamese in it.

In: two sequences of hashable units (letters, syllables, lines). Out: an `Alignment`, whose steps
say in order which units are equal, substituted, deleted or inserted, or only the `distance`.
"""

from array import array
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import TypeVar

from rapidfuzz.distance import Levenshtein

from vnrepair.errors import ConfigError

__all__ = ["MAX_WEIGHTED_CELLS", "Alignment", "Operation", "Step", "align", "distance"]

Unit = TypeVar("Unit", bound=Hashable)

# The weighted alignment fills a matrix in Python, about a million cells a second.
MAX_WEIGHTED_CELLS = 4_000_000

# A guess that the distance is at most 1 in 50 lets rapidfuzz look only at a band round the
# diagonal, and double it where the guess was too low: the answer is the same, only sooner.
_HINT_SHARE = 50


class Operation(StrEnum):
    """What happens to a unit of the reference on the way to the hypothesis."""

    EQUAL = "equal"
    SUBSTITUTE = "substitute"
    DELETE = "delete"
    INSERT = "insert"


# What rapidfuzz calls its operations.
_FROM_RAPIDFUZZ = {
    "equal": Operation.EQUAL,
    "replace": Operation.SUBSTITUTE,
    "delete": Operation.DELETE,
    "insert": Operation.INSERT,
}


@dataclass(frozen=True, slots=True)
class Step:
    """A run of units that share one operation; spans are half-open unit indices.

    The two spans of an equal or substituted run have one length, its units pair up in order. The
    hypothesis span of a deletion and the reference span of an insertion are empty.

    Attributes:
        operation: What happens to the run.
        reference_start: First unit of the run in the reference.
        reference_end: One past the last one.
        hypothesis_start: First unit of the run in the hypothesis.
        hypothesis_end: One past the last one.
    """

    operation: Operation
    reference_start: int
    reference_end: int
    hypothesis_start: int
    hypothesis_end: int

    def __len__(self) -> int:
        """Units in the run."""
        return max(
            self.reference_end - self.reference_start,
            self.hypothesis_end - self.hypothesis_start,
        )

    @property
    def pairs(self) -> Iterator[tuple[int, int]]:
        """Index pairs (reference, hypothesis); none for a deletion or an insertion."""
        return zip(
            range(self.reference_start, self.reference_end),
            range(self.hypothesis_start, self.hypothesis_end),
            strict=False,
        )


@dataclass(frozen=True, slots=True)
class Alignment:
    """How a hypothesis came from its reference.

    Attributes:
        steps: Maximal runs in order; together they cover both sequences without a gap.
        cost: The least possible cost; the number of errors where every error costs one.
    """

    steps: tuple[Step, ...]
    cost: float

    def count(self, operation: Operation) -> int:
        """Units that `operation` touched."""
        return sum(len(step) for step in self.steps if step.operation is operation)

    @property
    def errors(self) -> int:
        """Units substituted, deleted or inserted."""
        return sum(len(step) for step in self.steps if step.operation is not Operation.EQUAL)


def align(
    reference: Sequence[Unit],
    hypothesis: Sequence[Unit],
    substitution_cost: Callable[[Unit, Unit], float] | None = None,
) -> Alignment:
    """Align two sequences at the least cost; deletions and insertions cost one each.

    Args:
        reference: The side that is trusted.
        hypothesis: The side that is judged.
        substitution_cost: Price of one unit in place of another, >= 0; equal units are free and
            are not asked about. None prices every substitution at one, which is fast at any
            length: memory grows with the longer side, time with the product of both (a second
            or so for 100,000 units a side).

    Returns:
        One of the alignments with the least cost, the same one every time.

    Raises:
        ConfigError: `substitution_cost` is given and the product of the lengths is over
            `MAX_WEIGHTED_CELLS`, or it returned a negative price.

    Source:
        Without prices, rapidfuzz: Hyyrö 2003, "A bit-vector algorithm for computing Levenshtein
        and Damerau edit distances", divided as in Hirschberg 1975, "A linear space algorithm for
        computing maximal common subsequences". With prices, Wagner and Fischer 1974, "The
        string-to-string correction problem".
    """
    if substitution_cost is not None:
        return _align_weighted(reference, hypothesis, substitution_cost)
    left, right = _number_units(reference, hypothesis)
    hint = max(len(left), len(right)) // _HINT_SHARE
    steps = tuple(
        Step(_FROM_RAPIDFUZZ[run.tag], run.src_start, run.src_end, run.dest_start, run.dest_end)
        for run in Levenshtein.opcodes(left, right, score_hint=hint)
    )
    errors = sum(len(step) for step in steps if step.operation is not Operation.EQUAL)
    return Alignment(steps, float(errors))


def distance(reference: Sequence[Unit], hypothesis: Sequence[Unit]) -> int:
    """Fewest substitutions, deletions and insertions that turn one sequence into the other.

    It is `align(reference, hypothesis).cost` in half the time.
    """
    left, right = _number_units(reference, hypothesis)
    hint = max(len(left), len(right)) // _HINT_SHARE
    return Levenshtein.distance(left, right, score_hint=hint)


def _number_units(
    reference: Sequence[Unit], hypothesis: Sequence[Unit]
) -> tuple[Sequence[Hashable], Sequence[Hashable]]:
    """Number the distinct units: rapidfuzz compares hashes, and two units may share one."""
    if isinstance(reference, str) and isinstance(hypothesis, str):
        return reference, hypothesis  # code points are compared as they are
    numbers: dict[Hashable, int] = {}
    sides = (reference, hypothesis)
    left, right = (array("I", (numbers.setdefault(u, len(numbers)) for u in s)) for s in sides)
    return left, right


def _align_weighted(
    reference: Sequence[Unit],
    hypothesis: Sequence[Unit],
    substitution_cost: Callable[[Unit, Unit], float],
) -> Alignment:
    """Fill the whole matrix row by row, keeping one row of costs and every choice."""
    cells = (len(reference) + 1) * (len(hypothesis) + 1)
    if cells > MAX_WEIGHTED_CELLS:
        raise ConfigError(
            f"alignment with substitution costs of {len(reference)} against {len(hypothesis)} "
            f"units needs {cells} cells, the limit is {MAX_WEIGHTED_CELLS}: align shorter pieces, "
            "or leave the costs out"
        )
    width = len(hypothesis) + 1
    came_by = bytearray(cells)
    came_by[1:width] = bytes((_INSERT,)) * len(hypothesis)
    above = [float(column) for column in range(width)]
    for row, expected in enumerate(reference, start=1):
        costs = [float(row)]
        came_by[row * width] = _DELETE
        for column, found in enumerate(hypothesis, start=1):
            price = 0.0 if expected == found else float(substitution_cost(expected, found))
            if not price >= 0:
                raise ConfigError(
                    f"substitution cost of {expected!r} by {found!r} is {price}: give 0 or more"
                )
            # The first of equals wins, so that ties always fall the same way.
            best, choice = above[column - 1] + price, _EQUAL if expected == found else _SUBSTITUTE
            if above[column] + 1 < best:
                best, choice = above[column] + 1, _DELETE
            if costs[-1] + 1 < best:
                best, choice = costs[-1] + 1, _INSERT
            costs.append(best)
            came_by[row * width + column] = choice
        above = costs
    return Alignment(_trace_back(came_by, width), above[-1])


_EQUAL, _SUBSTITUTE, _DELETE, _INSERT = range(4)
_OPERATIONS = tuple(Operation)


def _trace_back(came_by: bytearray, width: int) -> tuple[Step, ...]:
    """Walk from the last cell to the first one, then join single moves into runs."""
    moves: list[int] = []
    cell = len(came_by) - 1
    while cell > 0:
        move = came_by[cell]
        moves.append(move)
        cell -= {_DELETE: width, _INSERT: 1}.get(move, width + 1)
    steps: list[Step] = []
    row = column = 0
    for move, run in groupby(reversed(moves)):
        length = sum(1 for _ in run)
        next_row = row + length * (move != _INSERT)
        next_column = column + length * (move != _DELETE)
        steps.append(Step(_OPERATIONS[move], row, next_row, column, next_column))
        row, column = next_row, next_column
    return tuple(steps)
