"""Garbled text of any length, for measuring how restoring behaves on long ones.

The lines of garbled documents in random order, with one character in a hundred misread once more,
so that new words keep coming as they do in long documents. The same seed gives the same text.
"""

import random
from collections.abc import Sequence
from pathlib import Path

__all__ = ["write_long_text"]

MISREAD_SHARE = 0.01
LOOK_ALIKES = "aeiou6&éâdtlI1nhm"


def write_long_text(
    path: Path, texts: Sequence[str], size_bytes: int, *, misread: bool = True, seed: int = 5
) -> None:
    """Write a text of about a size.

    Args:
        path: The file to write, UTF-8.
        texts: Documents whose lines are used; at least one has a line.
        size_bytes: How long it shall be; it may be longer by less than a line.
        misread: Whether characters are misread once more.
        seed: Of the random choices.
    """
    chance = random.Random(seed)
    lines = [line for text in texts for line in text.split("\n") if line.strip()]
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        written = 0
        while written < size_bytes:
            line = chance.choice(lines)
            if misread:
                line = _misread(line, chance)
            written += len(line.encode()) + 1
            stream.write(line + "\n")


def _misread(line: str, chance: random.Random) -> str:
    """A line with a share of its letters replaced by look-alikes."""
    letters = list(line)
    places = [place for place, letter in enumerate(letters) if letter.isalpha()]
    count = sum(chance.random() < MISREAD_SHARE for _ in places)
    for place in chance.sample(places, count):
        letters[place] = chance.choice(LOOK_ALIKES)
    return "".join(letters)
