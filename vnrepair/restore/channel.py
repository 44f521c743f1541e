"""P(observed | intended): what an OCR engine, or a keyboard without marks, makes of a word.

Two tables, both readable by a person: `*.letters.tsv` (what each intended letter comes out as)
and `*.words.tsv` (how frequent words came out whole). They are interpolated: the more often a
word was seen in training, the more its own readings count, up to a fixed share.

Source:
    Jelinek and Mercer 1980, "Interpolated estimation of Markov source parameters from sparse
    data", for the mixture.
"""

import dataclasses
import functools
import math
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vnrepair.errors import ResourceError
from vnrepair.restore.lexicon import read_table

__all__ = ["HALF_SEEN", "MAX_EMITTED", "Channel", "load_channel", "ruin_channel"]

MAX_EMITTED = 3
"""An intended letter comes out as nought to three characters."""
HALF_SEEN = 10.0
"""A word seen so often in training has half its full share."""


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """A trained channel.

    Attributes:
        name: Profile it serves, such as "tesseract-eng".
        letters: For each intended letter, log P of each observed string, nats.
        words: For each observed word, what was intended and how often.
        totals: How often each intended word was seen in training.
        log_split: Log P that a word is read as two, nats.
        log_join: Log P that two words are read as one, nats.
        word_share: Most that the word table counts beside the letter table, 0-1.
    """

    name: str
    letters: Mapping[str, Mapping[str, float]]
    words: Mapping[str, tuple[tuple[str, int], ...]]
    totals: Mapping[str, int]
    log_split: float
    log_join: float
    word_share: float = 0.7

    def letter_log_prob(self, observed: str, intended: str) -> float:
        """Log P(observed | intended) by the letter table alone, summed over all alignments.

        Returns:
            Nats; minus infinity where the letters cannot have come out so.
        """
        width = len(observed)
        forward = [0.0] * (width + 1)
        forward[0] = 1.0
        for letter in intended:
            emissions = self.letters.get(letter, {letter: 0.0})
            after = [0.0] * (width + 1)
            for start, mass in enumerate(forward):
                if mass:
                    for end in range(start, min(width, start + MAX_EMITTED) + 1):
                        log_prob = emissions.get(observed[start:end])
                        if log_prob is not None:
                            after[end] += mass * math.exp(log_prob)
            forward = after
        return math.log(forward[width]) if forward[width] > 0 else -math.inf

    def log_prob(self, observed: str, intended: str) -> float:
        """Log P(observed | intended), nats; minus infinity where both tables say never."""
        count = dict(self.words.get(observed, ())).get(intended, 0)
        seen = self.totals.get(intended, 0)
        share = self.word_share * seen / (seen + HALF_SEEN)
        total = (1.0 - share) * math.exp(self.letter_log_prob(observed, intended))
        if count:
            total += share * count / seen
        return math.log(total) if total > 0 else -math.inf


RUIN_SHARE = 0.35
"""Share of the letters of a ruined word that came out as anything at all."""
LOST_SHARE = 0.15
"""Share of those that left nothing."""
_BLOTS = string.ascii_letters + string.digits + string.punctuation + "é’"


def ruin_channel(channel: Channel) -> Channel:
    """The channel of words that a fold, a stain or a bad binarisation ruined.

    Ruin comes in bursts: where one letter came out as something unheard of, its neighbours did
    too, so that the product of independent letters is far too small. This channel lets any letter
    come out as any character, or as none.
    """
    blot = RUIN_SHARE * (1.0 - LOST_SHARE) / len(_BLOTS)
    added = dict.fromkeys(_BLOTS, blot) | {"": RUIN_SHARE * LOST_SHARE}
    alone = {emitted: math.log(value) for emitted, value in added.items()}
    rest = math.log(1.0 - RUIN_SHARE)
    letters: dict[str, dict[str, float]] = {}
    for letter, emissions in channel.letters.items():
        mixed = letters[letter] = dict(alone)
        for emitted, value in emissions.items():
            more = added.get(emitted)
            if more is None:
                mixed[emitted] = value + rest
            else:
                mixed[emitted] = math.log(math.exp(value + rest) + more)
    return dataclasses.replace(channel, letters=letters, words={}, totals={})


def load_channel(folder: Path, name: str) -> Channel:
    """Read the tables of a profile.

    Raises:
        ResourceError: A file is missing or damaged.
    """
    return _load_channel(folder.resolve(), name)


@functools.lru_cache(maxsize=8)
def _load_channel(folder: Path, name: str) -> Channel:
    letters: dict[str, dict[str, float]] = {}
    words: dict[str, list[tuple[str, int]]] = {}
    totals: dict[str, int] = {}
    events: dict[str, float] = {}
    path = folder / f"{name}.letters.tsv"
    try:
        for intended, observed, value in read_table(path):
            if len(intended) > 1:
                events[intended] = float(value)
            else:
                letters.setdefault(intended, {})[observed] = float(value)
        path = folder / f"{name}.words.tsv"
        for intended, observed, count in read_table(path):
            if observed:
                words.setdefault(observed, []).append((intended, int(count)))
            else:
                totals[intended] = int(count)
        return Channel(
            name,
            letters,
            {observed: tuple(pairs) for observed, pairs in words.items()},
            totals,
            events["<split>"],
            events["<join>"],
        )
    except (ValueError, KeyError) as error:
        raise ResourceError(f"{path}: damaged ({error}); install vnrepair again") from error
