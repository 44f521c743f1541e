"""Pages and texts told in the few words and figures that a view holds."""

import statistics
from collections.abc import Iterable, Iterator, Sequence

from vnrepair.debug.changes import Change, Flag, find_changes, find_flags, line_up
from vnrepair.debug.pictures import confidence_class, turn_box
from vnrepair.debug.views import BlockView, TextView, WordView
from vnrepair.explained import describe_cause, describe_odds, describe_probability, visible
from vnrepair.records import Block, Box, Edit, Page, PageResult, Reading, Word, output_spans

__all__ = [
    "blocks_of",
    "describe_edit",
    "describe_flag",
    "mean_confidence",
    "turn_upright",
    "view_blocks",
    "view_text",
    "view_words",
]

_MAX_ALTERNATIVES = 3  # more make the note on a word longer, and nobody wiser
_OPENING_CHARS = 80  # of a block: enough to know it again


def mean_confidence(words: Iterable[Word]) -> float | None:
    """Mean confidence of the words that have one; None where none has."""
    known = [word.confidence for word in words if word.confidence is not None]
    return statistics.fmean(known) if known else None


def view_text(result: PageResult) -> TextView:
    """The text of a page, line by line, and how much of it was changed."""
    restored = result.restored
    return TextView(
        rows=line_up(result),
        n_changes=len(find_changes(result)),
        n_flags=len(restored.flags),
        reading=f"{restored.profile}: {restored.reason}" if restored.profile else "",
    )


def blocks_of(page: Page) -> tuple[Block, ...]:
    """The blocks of a page; where its layout was not told, what its words say of them."""
    if page.blocks:
        return page.blocks
    boxes: dict[int, Box] = {}
    for word in page.words:
        boxes[word.block] = _around(boxes.get(word.block, word.box), word.box)
    return tuple(Block("body", boxes[index]) for index in sorted(boxes))


def view_blocks(page: Page) -> tuple[BlockView, ...]:
    """The blocks of a page with their words counted."""
    by_block: dict[int, list[Word]] = {}
    for word in page.words:
        by_block.setdefault(word.block, []).append(word)
    # Without `Page.blocks`, the boxes stand in the order of the indices that there are.
    indices = range(len(page.blocks)) if page.blocks else sorted(by_block)
    return tuple(
        _view_block(number, block, turn_upright(block.box, page), by_block.get(index, []))
        for number, (index, block) in enumerate(zip(indices, blocks_of(page), strict=True), start=1)
    )


def view_words(result: PageResult) -> tuple[WordView, ...]:
    """The words of a page with what became of them.

    Args:
        result: Of a page that was read; its `page` is not None.
    """
    page = result.page
    if page is None:
        return ()
    spans = tuple(_spans(page.words))
    middle = tuple(output_spans(result.restored.edits, spans))
    final = tuple(output_spans(result.normalised.edits, middle))
    changes, flags = find_changes(result), find_flags(result)
    text = page.text
    return tuple(
        _view_word(
            turn_upright(word.box, page),
            word,
            text.count("\n", 0, span[0]) + 1,
            result.text[place[0] : place[1]],
            _touching(changes, span),
            _flagged(flags, place),
        )
        for word, span, place in zip(page.words, spans, final, strict=True)
    )


def _view_word(
    box: Box, word: Word, line: int, final: str, changes: Sequence[Change], flags: Sequence[Flag]
) -> WordView:
    classes = [confidence_class(word.confidence)]
    notes = [("read", visible(word.text))]
    if changes:
        classes.append("changed")
        notes.append(("repaired", visible(final)))
    if word.confidence is not None:
        notes.append(("confidence", describe_probability(word.confidence)))
    notes += [
        ("another reading", f"{visible(other.text)} {describe_probability(other.confidence)}")
        for other in word.others
    ]
    for change in changes:
        notes += [("why", describe_edit(edit)) for edit in change.edits]
    if flags:
        classes.append("flagged")
        notes += [("look at", describe_flag(flag.reading)) for flag in flags]
    return WordView(box, " ".join(classes), line, tuple(notes))


def describe_edit(edit: Edit) -> str:
    """A change with its reason, on one line.

    >>> describe_edit(Edit(0, 2, "Ké", "Kế", "restore/channel", 7.1, 0.999, "Kẻ", 5.0))
    'Ké → Kế: letters, 150 : 1 against Kẻ, right 99.9%'
    """
    parts = [describe_cause(edit.cause)]
    if edit.runner_up is not None and edit.runner_up_odds is not None:
        parts.append(f"{describe_odds(edit.runner_up_odds)} against {visible(edit.runner_up)}")
    elif edit.log_odds:
        parts.append(describe_odds(edit.log_odds))
    if edit.probability is not None:
        parts.append(f"right {describe_probability(edit.probability)}")
    return f"{visible(edit.before)} → {visible(edit.after)}: {', '.join(parts)}"


def describe_flag(flag: Reading) -> str:
    """Why a token is to be looked at, on one line."""
    parts = [f"right {describe_probability(flag.probability)}"]
    parts += [
        f"{visible(other.text)} {describe_probability(other.probability)}"
        for other in flag.alternatives[1 : 1 + _MAX_ALTERNATIVES]
    ]
    return f"{visible(flag.chosen)}: {describe_cause(flag.cause)}, {', '.join(parts)}"


def _view_block(number: int, block: Block, shown: Box, words: Sequence[Word]) -> BlockView:
    text = " ".join(word.text for word in words)
    opening = text if len(text) <= _OPENING_CHARS else f"{text[: _OPENING_CHARS - 1]}…"
    return BlockView(
        number=number,
        kind=block.kind,
        box=block.box,
        shown=shown,
        n_lines=len({word.line for word in words}),
        n_words=len(words),
        confidence=mean_confidence(words),
        opening=visible(opening) if opening else "",
    )


def turn_upright(box: Box, page: Page) -> Box:
    """Where a box of the source image stands when the page is turned upright."""
    return turn_box(box, page.rotation_deg // 90, page.width_px, page.height_px)


def _around(one: Box, other: Box) -> Box:
    return Box(
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )


def _spans(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Where each word stands in `Page.text`."""
    end = 0
    last: Word | None = None
    for word in words:
        if last is not None:
            new_block = word.line != last.line and word.block != last.block
            end += 2 if new_block else 1  # the blank line between blocks
        yield end, end + len(word.text)
        end += len(word.text)
        last = word


def _touching(changes: Sequence[Change], span: tuple[int, int]) -> list[Change]:
    """The changes of a word; one without width, such as a blank put in, counts where it begins."""
    start, end = span
    return [
        change
        for change in changes
        if change.start < end and (start < change.end or start == change.start)
    ]


def _flagged(flags: Sequence[Flag], place: tuple[int, int]) -> list[Flag]:
    start, end = place
    return [flag for flag in flags if flag.output_start < end and start < flag.output_end]
