"""Slow and plain versions of what the library does fast, to check it against."""

from collections.abc import Callable, Hashable, Sequence


def unit_price(_expected: Hashable, _found: Hashable) -> float:
    return 1.0


def full_matrix_cost(
    reference: Sequence[Hashable],
    hypothesis: Sequence[Hashable],
    substitution_cost: Callable[[Hashable, Hashable], float] = unit_price,
) -> float:
    """Least cost of an alignment, by the textbook recurrence over every pair of prefixes."""
    costs = [[0.0] * (len(hypothesis) + 1) for _ in range(len(reference) + 1)]
    for row in range(len(reference) + 1):
        for column in range(len(hypothesis) + 1):
            ways = []
            if row:
                ways.append(costs[row - 1][column] + 1)
            if column:
                ways.append(costs[row][column - 1] + 1)
            if row and column:
                expected, found = reference[row - 1], hypothesis[column - 1]
                price = 0.0 if expected == found else substitution_cost(expected, found)
                ways.append(costs[row - 1][column - 1] + price)
            costs[row][column] = min(ways, default=0.0)
    return costs[-1][-1]
