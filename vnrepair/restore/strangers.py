"""Words that no lexicon knows, foreign ones and the user's own: how readily they are other words.

In: an observed word and its candidates; out: the candidates with scores that take account of what
kind of word was read, and what an unknown word costs.
"""

import dataclasses

import numpy as np

from vnrepair.restore.candidates import Candidates
from vnrepair.restore.lexicon import OTHER, Lexicon, case_pattern

__all__ = ["Strangers", "unknown_cost"]

MIXED_CASE_NATS = 4.0
MARKED_FACTOR, STRAY_FACTOR = 1.8, 3.0
"""What a marked letter, or no letter, costs in an unknown word beside a plain letter."""
MIN_FOREIGN_CHARS, FOREIGN_NATS = 3, 12.0
"""From so many letters on, what it costs to see one foreign word in another: engines that know
English read such words well, and most of them are in no lexicon of Vietnamese."""
MIN_OWN_CHARS = 2
SPELT_NATS = (6.0, 3.5, 2.2)
"""What an unknown word costs where its letters may be ruins, as `ProfileSettings.unknown_nats`."""
OWN_CASE_NATS = -2.0
"""A user's word is expected in cases that are likelier than this: names not in lower case."""


class Strangers:
    """Weighs candidates of foreign words, and those that are words of the user's own.

    Args:
        lexicon: The words.
        unknown_nats: What keeping an unknown word costs, see `ProfileSettings`.
        first_own: Words with this number or a higher one are the user's own.

    Attributes:
        is_foreign: Whether each word is of plain letters and no bare syllable, shape (words,); the
            user's own words are at home.
    """

    def __init__(
        self, lexicon: Lexicon, unknown_nats: tuple[float, float, float], first_own: int
    ) -> None:
        self._lexicon = lexicon
        self._unknown_nats = unknown_nats
        self._first_own = first_own
        self.is_foreign = np.array(
            [word.isascii() and word not in lexicon.bare_syllables for word in lexicon.words]
        )
        self.is_foreign[first_own:] = False

    def weigh(self, observed: str, found: Candidates) -> Candidates:
        """The candidates of an observed word, their scores changed where it is a stranger."""
        return self._expect_own(observed, self._doubt_foreign(observed, found))

    def _doubt_foreign(self, observed: str, found: Candidates) -> Candidates:
        """Make it unlikely that one foreign word is the ruin of another."""
        plain = observed.lower()
        is_plain = observed.isascii() and observed.isalpha() and not observed.isupper()
        if len(plain) < MIN_FOREIGN_CHARS or not is_plain or plain in self._lexicon.bare_syllables:
            return found
        cost = np.where(self.is_foreign[found.words], np.float32(FOREIGN_NATS), np.float32(0.0))
        cost[found.words == self._lexicon.index.get(plain, -1)] = 0.0
        return dataclasses.replace(found, log_channel=found.log_channel - cost)

    def _expect_own(self, observed: str, found: Candidates) -> Candidates:
        """Let words of the user's own beat an unknown word that is kept at next to no cost.

        Where a profile trusts what was read, nothing would ever become one of the user's words. So
        these are compared with what an unknown word is worth that is spelt letter by letter.
        """
        is_own = found.words >= self._first_own
        is_word = observed[:1].isalpha() and observed[-1:].isalpha()
        is_unknown = is_word and observed.lower() not in self._lexicon.index
        if len(observed) < MIN_OWN_CHARS or not is_unknown or not is_own.any():
            return found
        is_own &= self._lexicon.log_case[0, found.words, found.patterns] > OWN_CASE_NATS
        spelt = tuple(map(max, self._unknown_nats, SPELT_NATS))
        gain = unknown_cost(observed, self._unknown_nats) - unknown_cost(observed, spelt)
        raised = np.where(is_own, found.log_channel + np.float32(gain), found.log_channel)
        return dataclasses.replace(found, log_channel=raised)


def unknown_cost(word: str, nats: tuple[float, ...]) -> float:
    """Log P of a word as one that no lexicon knows; `nats` as `ProfileSettings.unknown_nats`."""
    lower, capital, each = nats
    base = capital if word[:1].isupper() else lower
    if case_pattern(word) == OTHER:
        base += MIXED_CASE_NATS
    plain = sum(c.isascii() and c.isalpha() for c in word)
    marked = sum(not c.isascii() and c.isalpha() for c in word)
    stray = len(word) - plain - marked
    # Names and foreign words are spelt with plain letters; what is not was hardly meant.
    return -(base + each * (plain + MARKED_FACTOR * marked + STRAY_FACTOR * stray))
