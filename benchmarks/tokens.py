"""Tokens of two texts side by side; a token is what stands between white space."""

from collections.abc import Iterator

from vnrepair import Step, align
from vnrepair.align import Operation

__all__ = ["pair_lines", "pair_tokens", "wrong_steps"]


def pair_tokens(expected: str, found: str) -> list[tuple[str, str]]:
    """Pair the tokens of two lines.

    Args:
        expected: The line as it should be.
        found: What came out.

    Returns:
        Pairs in order, token against token where both lines have as many; else along an alignment
        with the fewest differences, "" beside a token that is on one side only.
    """
    left, right = expected.split(), found.split()
    if len(left) == len(right):
        return list(zip(left, right, strict=True))
    pairs: list[tuple[str, str]] = []
    for step in align(left, right).steps:
        if step.operation in (Operation.EQUAL, Operation.SUBSTITUTE):
            pairs += ((left[i], right[j]) for i, j in step.pairs)
        else:
            pairs += ((left[i], "") for i in range(step.reference_start, step.reference_end))
            pairs += (("", right[j]) for j in range(step.hypothesis_start, step.hypothesis_end))
    return pairs


def pair_lines(expected: str, found: str) -> Iterator[tuple[str, str]]:
    """Pair the lines of two texts that have as many.

    Raises:
        AssertionError: They have not: whoever made `found` broke its promise to keep line ends.
    """
    left, right = expected.split("\n"), found.split("\n")
    assert len(left) == len(right), f"{len(left)} lines became {len(right)}"
    return zip(left, right, strict=True)


def wrong_steps(expected: list[str], found: list[str]) -> Iterator[Step]:
    """The runs of tokens in which two texts differ."""
    return (s for s in align(expected, found).steps if s.operation is not Operation.EQUAL)
