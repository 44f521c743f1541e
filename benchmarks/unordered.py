"""Errors that do not depend on reading order: both texts as bags of words.

Readers that go through a page in another order than the truth find the same words. What is left of
both bags after equal words are taken out of them in pairs is what was misread, lost or invented.
"""

import unicodedata
from collections import Counter
from dataclasses import dataclass

from vnrepair import Rate

__all__ = ["Unordered", "score_unordered"]

_NOTHING = Rate()


@dataclass(frozen=True, slots=True)
class Unordered:
    """How far two bags of words are from each other.

    Attributes:
        cer: Letters of the words without partner, on the side that has more of them, against
            letters of the ground truth. A misread word counts with all of its letters, so this is
            several times the ordered rate of a text in the right order; compare it between
            readers, not with that.
        lost: Words of the ground truth without partner, against its words: one less word recall.
    """

    cer: Rate = _NOTHING
    lost: Rate = _NOTHING

    def __add__(self, other: "Unordered") -> "Unordered":
        """Both together: the micro average."""
        return Unordered(self.cer + other.cer, self.lost + other.lost)


def score_unordered(reference: str, hypothesis: str) -> Unordered:
    """Count what two texts do not have in common, whatever the order of their words.

    Args:
        reference: The ground truth; any Unicode normalisation form.
        hypothesis: The text to judge; any Unicode normalisation form.

    >>> score_unordered("một hai ba", "ba một hai").cer
    Rate(errors=0, length=8)
    >>> score_unordered("một hai ba", "ba mọt").lost
    Rate(errors=2, length=3)
    """
    expected, found = _bag(reference), _bag(hypothesis)
    missing, invented = expected - found, found - expected
    return Unordered(
        Rate(max(_letters(missing), _letters(invented)), _letters(expected)),
        Rate(missing.total(), expected.total()),
    )


def _bag(text: str) -> Counter[str]:
    return Counter(unicodedata.normalize("NFC", text).split())


def _letters(bag: Counter[str]) -> int:
    """Code points of NFC; a Vietnamese letter is one."""
    return sum(len(word) * count for word, count in bag.items())
