"""Two edit lists in a row become one list against the first text.

Stages work step by step, each on what the step before left. A person wants one list that points
into the source and replays with `apply_edits`; this is where the lists are joined.
"""

from collections.abc import Sequence
from typing import Literal

from vnrepair.records import Edit, apply_edits

__all__ = ["compose_edits"]


def compose_edits(source: str, first: Sequence[Edit], second: Sequence[Edit]) -> tuple[Edit, ...]:
    """Join two edit lists, of which the second was made for what the first leaves.

    Args:
        source: The text that `first` was made for.
        first: Non-overlapping edits of `source`, in order.
        second: Non-overlapping edits of `apply_edits(source, first)`, in order.

    Returns:
        Edits of `source` that do both. Edits that meet become one, their causes joined by "+";
        those that undo each other vanish.

    Raises:
        ConfigError: An edit does not fit its text.

    >>> first = [Edit(1, 2, "_", " ", "a/underscore")]
    >>> second = [Edit(1, 3, "  ", " ", "a/blanks")]
    >>> [(edit.before, edit.after, edit.cause) for edit in compose_edits("x_ y", first, second)]
    [('_ ', ' ', 'a/underscore+blanks')]
    """
    if not first or not second:
        return tuple(first or second)
    middle = apply_edits(source, first)
    joined: list[Edit] = []
    shift = 0  # middle offset less source offset, before the group in hand
    for olds, news in _group(first, second):
        growth = sum(len(edit.after) - len(edit.before) for edit in olds)
        starts = [edit.start for edit in olds] + [edit.start - shift for edit in news[:1]]
        ends = [edit.end for edit in olds] + [edit.end - shift - growth for edit in news[-1:]]
        start, end = min(starts), max(ends)
        inside = [_move(edit, -start - shift) for edit in news]
        after = apply_edits(middle[start + shift : end + shift + growth], inside)
        if after != source[start:end]:
            joined.append(_merge(source, start, end, after, [*olds, *news]))
        shift += growth
    return tuple(joined)


def _group(first: Sequence[Edit], second: Sequence[Edit]) -> list[tuple[list[Edit], list[Edit]]]:
    """Edits of both lists that meet in the middle text, group by group in order."""
    spans: list[tuple[int, int, Literal[0, 1], Edit]] = []
    shift = 0
    for edit in first:
        start = edit.start + shift
        spans.append((start, start + len(edit.after), 0, edit))
        shift += len(edit.after) - len(edit.before)
    spans += [(edit.start, edit.end, 1, edit) for edit in second]
    # At one place what the first list left nothing of comes first: it lies before the next letter.
    spans.sort(key=lambda span: span[:3])
    groups: list[tuple[list[Edit], list[Edit]]] = []
    reach = -1
    for start, end, list_number, edit in spans:
        if not groups or start >= reach:
            groups.append(([], []))
        groups[-1][list_number].append(edit)
        reach = max(reach, end)
    return groups


def _move(edit: Edit, distance: int) -> Edit:
    return Edit(edit.start + distance, edit.end + distance, edit.before, edit.after, edit.cause)


def _merge(source: str, start: int, end: int, after: str, parts: Sequence[Edit]) -> Edit:
    """One edit for a group; the causes keep the first stage name and then the further reasons."""
    cause, *others = dict.fromkeys(edit.cause for edit in parts)
    cause = "+".join((cause, *(other.rpartition("/")[2] for other in others)))
    log_odds = sum(edit.log_odds for edit in parts)
    return Edit(start, end, source[start:end], after, cause, log_odds)
