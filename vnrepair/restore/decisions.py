"""Which choices are written, and how sure the output is.

In: choices and their judgements; out: one decision per choice. A change is written when it beats
what was read by the odds of its profile; names and figures ask for more. All as arrays.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vnrepair.language.syllables import is_valid_syllable
from vnrepair.restore.calibration import Outcome, calibrate, find_calibration
from vnrepair.restore.evidence import weigh_confidences
from vnrepair.restore.language_model import CODE_WORD, MAX_WORDS, NUMBER_WORD, UNKNOWN_WORD
from vnrepair.restore.lexicon import TITLE, case_pattern
from vnrepair.restore.posterior import Judgements
from vnrepair.restore.profiles import ProfileSettings
from vnrepair.restore.segments import Chosen
from vnrepair.restore.tokenise import Kind

__all__ = ["Decisions", "decide"]

MIN_FIGURE_ODDS = 5.0
"""Nats by which a word must beat what holds a figure: one wrong figure costs more than a word."""

MIN_OWN_ODDS = 5.0
"""The same for what may be a name, and may be one of the user's: others are spelt alike."""
MAX_STRANGE_SHARE = 0.4
"""A text with more words that no lexicon holds is code or another language: none is flagged."""


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """What comes of choices; a row is a choice, each field of shape (rows,).

    Attributes:
        written: The candidate that stands in the output, as an index like `Placed.chosen`.
        is_change: Whether that is another one than what was read.
        outcome: One of `Outcome`, int8.
        lead: What is written against the best other candidate, nats, float32; infinite where there
            is none.
        probability: That what is written is right, 0-1, float64, calibrated.
        is_word: Whether the token is a word or may be one; numbers, codes and ids are not judged.
        reach: Of wrong tokens, the share whose right reading is another candidate, 0-1.
    """

    written: NDArray[np.int64]
    is_change: NDArray[np.bool_]
    outcome: NDArray[np.int8]
    lead: NDArray[np.float32]
    probability: NDArray[np.float64]
    is_word: NDArray[np.bool_]
    reach: float

    def doubtful(self, flag_below: float) -> list[int]:
        """The rows of words that a person should look at.

        Args:
            flag_below: Words that are right with less than this are doubtful, and those that stay
                because no change was sure enough; 0 for none.
        """
        strange = np.isin(self.outcome[self.is_word], (Outcome.UNKNOWN, Outcome.ALONE))
        is_foreign = strange.size > 0 and strange.mean() > MAX_STRANGE_SHARE
        if is_foreign or not flag_below:
            return []
        is_doubtful = (self.probability < flag_below) | (self.outcome == Outcome.HELD)
        rows: list[int] = np.flatnonzero(self.is_word & is_doubtful).tolist()
        return rows


def decide(
    chosen: Chosen,
    judgements: Judgements,
    settings: ProfileSettings,
    profile: str,
    first_own: int = MAX_WORDS,
) -> Decisions:
    """Settle what is written of each choice.

    Args:
        chosen: The choices.
        judgements: How sure they are.
        settings: The odds that a change must reach.
        profile: Names the calibration.
        first_own: Words with this number or a higher one are the user's own.
    """
    placed = chosen.placed
    is_change = chosen.joined | (placed.chosen != placed.keep)
    wanted = is_change.copy()
    confidence = chosen.confidence
    witnessed = _witnessed(settings)
    is_change &= judgements.log_odds >= min(settings.min_log_odds, witnessed.min_log_odds)
    for row in np.flatnonzero(is_change).tolist():
        is_own = bool(placed.words[placed.chosen[row]] >= first_own)
        asked = settings if np.isnan(confidence[row]) else witnessed
        needed = _needed_odds(chosen, row, asked, is_own=is_own)
        if judgements.log_odds[row] < needed:
            is_change[row] = False
    written = np.where(is_change, placed.chosen, placed.keep)
    held = np.flatnonzero(wanted & ~is_change)
    lead = judgements.lead.copy()
    for row in held.tolist():
        lead[row] = _lead(judgements.scores, placed.edges, row, int(written[row]))
    words = placed.words[written]
    sizes = np.diff(placed.edges)
    outcome = np.full(len(written), Outcome.KEPT, dtype=np.int8)
    outcome[words <= UNKNOWN_WORD] = Outcome.UNKNOWN
    outcome[sizes == 1] = Outcome.ALONE
    outcome[held] = Outcome.HELD
    outcome[is_change] = Outcome.CHANGED
    outcome[is_change & (chosen.joined | (placed.seconds[written] >= 0))] = Outcome.PAIRED
    is_word = (sizes > 1) | ((words != NUMBER_WORD) & (words != CODE_WORD))
    for row in np.flatnonzero(is_word & (sizes == 1)).tolist():
        is_word[row] = chosen.token(row).kind is not Kind.KEPT  # nobody asks about it
    probability = np.ones(len(outcome))
    calibration = find_calibration(profile, is_witnessed=bool(np.isfinite(confidence).any()))
    trust = weigh_confidences(profile, confidence)
    probability[is_word] = calibrate(calibration, outcome[is_word], lead[is_word], trust[is_word])
    return Decisions(written, is_change, outcome, lead, probability, is_word, calibration.reach)


def _witnessed(settings: ProfileSettings) -> ProfileSettings:
    """The settings for words of which the page says how surely they were read."""
    if settings.witnessed_odds is None:
        return settings
    odds, name_odds = settings.witnessed_odds
    return dataclasses.replace(settings, min_log_odds=odds, min_name_odds=name_odds)


def _needed_odds(chosen: Chosen, row: int, settings: ProfileSettings, *, is_own: bool) -> float:
    """Nats by which a change must beat what was read."""
    observed = chosen.token(row).text
    needed = settings.min_log_odds
    # Words capitalised inside a sentence may be names; those of the user's own are expected.
    name_odds = min(settings.min_name_odds, MIN_OWN_ODDS) if is_own else settings.min_name_odds
    if name_odds > needed and chosen.position[row] > 0:
        needed = name_odds if case_pattern(observed) == TITLE else needed
    if settings.min_marked_odds > needed and not observed.isascii():
        # A ruin that is no syllable (`thưc`) has lost a mark, however many it still has.
        needed = settings.min_marked_odds if is_valid_syllable(observed.lower()) else needed
    if not observed.isalpha() and any(c.isdigit() for c in observed):
        needed = max(needed, MIN_FIGURE_ODDS)
    return needed


def _lead(
    scores: NDArray[np.float32], edges: NDArray[np.int64], row: int, written: int
) -> np.float32:
    """A candidate against the best other of its slot, nats."""
    first, last = edges[row], edges[row + 1]
    others = np.delete(scores[first:last], written - first)
    return np.float32(scores[written] - others.max(initial=-np.inf))
