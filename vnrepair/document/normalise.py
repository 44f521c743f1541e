"""The normaliser: Unicode, spacing and tone-mark style put right without touching the wording.

In comes text in any normal form, out goes NFC text with every change as an edit. No step changes a
digit, and line ends stay one for one, save that a run of blank lines becomes one blank line.
"""

import unicodedata
from collections.abc import Callable, Sequence

from vnrepair.config import DEFAULTS, NormaliseConfig
from vnrepair.document.code_points import (
    drop_invisible,
    fold_compatibility_forms,
    fold_d_with_stroke,
    fold_foreign_look_alikes,
    recompose,
)
from vnrepair.document.edit_lists import compose_edits
from vnrepair.document.spacing import (
    collapse_blanks,
    drop_blank_lines,
    tighten_punctuation,
    trim_lines,
)
from vnrepair.language.tones import ToneStyle, restyle_tones
from vnrepair.records import Edit, Repaired, apply_edits

__all__ = ["Step", "normalise", "normalise_and_explain", "steps_of"]

Step = Callable[[str], Sequence[Edit]]
"""A step takes the text that the step before it left, and returns edits of that text."""

_UNICODE_STEPS: tuple[Step, ...] = (
    drop_invisible,
    fold_compatibility_forms,
    recompose,
    fold_foreign_look_alikes,
    fold_d_with_stroke,
    recompose,
)
_SPACING_STEPS: tuple[Step, ...] = (
    trim_lines,
    collapse_blanks,
    tighten_punctuation,
    drop_blank_lines,
)


def normalise(text: str, config: NormaliseConfig = DEFAULTS.normalise) -> str:
    """Put Unicode, spacing and, when asked for, tone-mark style right.

    Args:
        text: Any text, in any normal form, with LF line ends.
        config: Which steps run.

    Returns:
        NFC text; normalising it again changes nothing.

    >>> normalise("Kính gửi :  Ban Chỉ huy ( để báo cáo ) .")
    'Kính gửi: Ban Chỉ huy (để báo cáo).'
    """
    return normalise_and_explain(text, config).text


def normalise_and_explain(text: str, config: NormaliseConfig = DEFAULTS.normalise) -> Repaired:
    """Do what `normalise` does, and say what was changed.

    Args:
        text: Any text, in any normal form, with LF line ends.
        config: Which steps run.

    Returns:
        The text and its edits, whose spans point into the NFC input (`Repaired.source`). Their
        causes are "normalise/unicode", "normalise/spacing", "normalise/tone-style" and, where two
        steps changed one place, these joined ("normalise/unicode+spacing").
    """
    source = unicodedata.normalize("NFC", text)
    current = source
    edits: tuple[Edit, ...] = ()
    for step in steps_of(config):
        changes = step(current)
        if changes:
            current = apply_edits(current, changes)
            edits = compose_edits(source, edits, changes)
    return Repaired(text=current, edits=edits, source=source)


def steps_of(config: NormaliseConfig) -> tuple[Step, ...]:
    """The steps that a configuration switches on, in the order in which they run."""
    steps: tuple[Step, ...] = ()
    if config.unicode:
        steps += _UNICODE_STEPS
    if config.spacing:
        steps += _SPACING_STEPS
    if config.tone_style != "preserve":
        style = ToneStyle(config.tone_style)
        steps += (lambda text: _restyle(text, style),)
    return steps


def _restyle(text: str, style: ToneStyle) -> list[Edit]:
    """One edit for each syllable whose tone mark moves to the neighbouring letter."""
    restyled = restyle_tones(text, style)
    edits: list[Edit] = []
    at = 0
    while restyled != text and at < len(text):
        if text[at] == restyled[at]:
            at += 1
            continue
        span = slice(at, at + 2)  # a mark moves between two neighbouring letters
        edits.append(Edit(at, at + 2, text[span], restyled[span], "normalise/tone-style"))
        at += 2
    return edits
