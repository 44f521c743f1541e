"""What is said of decisions: edits with their causes, and readings with what else it may have been.

In: choices, how sure they are, what is written. Out: records for a person. Edits are made of every
change, so they are cheap; readings are made of few tokens, or where somebody asks for them.
"""

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from vnrepair.language.tones import fold_tone_style
from vnrepair.records import Alternative, Edit, Reading
from vnrepair.restore.calibration import Outcome
from vnrepair.restore.decisions import Decisions
from vnrepair.restore.posterior import Judgements
from vnrepair.restore.segments import Chosen
from vnrepair.restore.tokenise import Kind, Token
from vnrepair.restore.user_dictionary import UserModels

__all__ = ["Explainer", "doubtful_ids"]

UNSURE_ID_PROBABILITY = 0.4
"""How often an id of which nothing sure can be made is right: 6 of 16 on rendered pages and samples
that the English model read."""

_CAUSES = (
    "restore/join",
    "restore/split",
    "restore/dictionary",
    "restore/document",
    "restore/wording",
    "restore/channel",
)


class Explainer:
    """Says what was decided of the choices of a text, and why.

    Args:
        source: The text.
        chosen: The choices.
        judgements: How sure they are.
        decisions: What is written.
        writing: The text of a candidate, by its index among all of `chosen.placed`.
        scores_alone: What each candidate would score without its neighbours, nats.
        user: Knows which choices are owed to the terms of the user.
    """

    def __init__(
        self,
        source: str,
        chosen: Chosen,
        judgements: Judgements,
        decisions: Decisions,
        writing: Callable[[int], str],
        scores_alone: NDArray[np.float32],
        user: UserModels,
    ) -> None:
        self._source, self._chosen, self._writing = source, chosen, writing
        self._judgements, self._decisions = judgements, decisions
        self._texts: dict[tuple[int, int, int], str] = {}
        self._keep = chosen.placed.keep
        wins_now = self._wins(judgements.scores)
        by_document = wins_now & ~self._wins(judgements.plain_scores)
        by_user = user.decides(chosen.placed, by_document)
        is_split = chosen.placed.seconds[decisions.written] >= 0
        # The first that applies; `restore/channel` where none does.
        self._cause = np.select(
            [chosen.joined, is_split, by_user, by_document, ~self._wins(scores_alone)],
            np.arange(len(_CAUSES) - 1),
            len(_CAUSES) - 1,
        )

    def edits(self) -> list[Edit]:
        """An edit for every change that writes something else than stands there, in order."""
        judgements, decisions = self._judgements, self._decisions
        rows = np.flatnonzero(decisions.is_change)
        rivals = judgements.runner_up[rows]
        figures = (judgements.log_odds, decisions.probability, judgements.lead, self._cause)
        columns = zip(
            self._chosen.spans(rows),
            self._write(decisions.written[rows]),
            self._write(np.maximum(rivals, 0)),
            rivals.tolist(),
            *(figure[rows].tolist() for figure in (self._keep, *figures)),
            strict=True,
        )
        found: list[Edit] = []
        for (start, end), after, other, rival, keep, odds, probability, lead, cause in columns:
            before = self._source[start:end]
            if _is_same(before, after):
                continue
            runner_up = None if rival < 0 else before if rival == keep else other
            runner_up_odds = None if rival < 0 else lead
            found.append(
                Edit(
                    start,
                    end,
                    before,
                    after,
                    _CAUSES[cause],
                    odds,
                    probability,
                    runner_up,
                    runner_up_odds,
                )
            )
        return found

    def readings(self, rows: Iterable[int], n: int) -> list[Reading]:
        """How the tokens of some rows were read.

        Args:
            rows: Which.
            n: Alternatives for each, the choice included; 1 or more.
        """
        return [self._reading(row, n) for row in rows]

    def _reading(self, row: int, n: int) -> Reading:
        ((start, end),) = self._chosen.spans(np.array([row]))
        observed = self._source[start:end]
        written = self._text(row, int(self._decisions.written[row]), observed)
        if _is_same(observed, written):
            written = observed
        alternatives = self._alternatives(row, observed, written, n)
        probability = alternatives[0].probability
        cause = "restore/kept"
        if written != observed:
            cause = _CAUSES[self._cause[row]]
        elif self._decisions.outcome[row] == Outcome.HELD:
            cause = "restore/margin"
        return Reading(start, end, observed, written, probability, alternatives, cause)

    def _alternatives(
        self, row: int, observed: str, written: str, n: int
    ) -> tuple[Alternative, ...]:
        """What a token may have been, the choice first, the others by falling probability."""
        placed, scores = self._chosen.placed, self._judgements.scores
        first, last = int(placed.edges[row]), int(placed.edges[row + 1])
        own = int(self._decisions.written[row])
        probability = float(self._decisions.probability[row])
        result = [Alternative(written, probability, 0.0)]
        others = [i for i in range(first, last) if i != own]
        others.sort(key=lambda i: -scores[i])
        top = max((float(scores[i]) for i in others), default=0.0)
        mass = sum(math.exp(float(scores[i]) - top) for i in others)
        rest = (1.0 - probability) * self._decisions.reach
        seen = {fold_tone_style(written)}
        for index in others:
            if len(result) == n:
                break
            text = self._text(row, index, observed)
            if fold_tone_style(text) in seen:
                continue
            seen.add(fold_tone_style(text))
            # The choice was made with more than the neighbours in sight: nothing stands above it.
            share = min(rest * math.exp(float(scores[index]) - top) / mass, probability)
            result.append(Alternative(text, share, float(scores[index] - scores[own])))
        return tuple(result)

    def _text(self, row: int, index: int, observed: str) -> str:
        """The text of a candidate of a row."""
        return observed if index == self._keep[row] else self._write(np.array([index]))[0]

    def _write(self, indices: NDArray[np.int64]) -> list[str]:
        """The texts of candidates; each distinct one is written once."""
        placed, texts = self._chosen.placed, self._texts
        columns = (placed.words, placed.seconds, placed.patterns)
        keys = zip(*(column[indices].tolist() for column in columns), strict=True)
        found: list[str] = []
        for index, key in zip(indices.tolist(), keys, strict=True):
            text = texts.get(key)
            if text is None:
                text = texts[key] = self._writing(index)
            found.append(text)
        return found

    def _wins(self, scores: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Whether no other candidate of its slot scores more than the choice, shape (rows,)."""
        placed = self._chosen.placed
        if not len(placed.chosen):
            return np.empty(0, dtype=np.bool_)
        result: NDArray[np.bool_] = scores[placed.chosen] >= np.maximum.reduceat(
            scores, placed.edges[:-1]
        )
        return result


def _is_same(observed: str, written: str) -> bool:
    """Whether two writings differ in the style of tone marks at most, which is left as it is."""
    if observed == written:
        return True
    if observed.isascii() or len(observed) != len(written):
        return False
    return fold_tone_style(observed) == fold_tone_style(written)


def doubtful_ids(
    ids: Sequence[Edit], tokens: Iterable[Token], is_known: Callable[[str], bool]
) -> list[Reading]:
    """Document ids that could not be made sure, for a person to look at.

    Args:
        ids: What the grammar of ids found and what it made of it, in order.
        tokens: The tokens of the text.
        is_known: Whether nothing in an id looks like a ruin.

    Returns:
        Ids that hold what may be one, and tokens that look like an id, such as `5282/Q-BCA`, of
        which the grammar made nothing.
    """
    found = [
        _read_id(edit.start, edit.before, edit.after) for edit in ids if not is_known(edit.after)
    ]
    inside = {place for edit in ids for place in range(edit.start, edit.end)}
    found += (
        _read_id(token.start, token.text, token.text)
        for token in tokens
        if token.kind is Kind.DOCUMENT_ID
        and token.text[0].isdigit()
        and "/" in token.text
        and inside.isdisjoint(range(token.start, token.end))
    )
    return found


def _read_id(start: int, observed: str, written: str) -> Reading:
    probability = UNSURE_ID_PROBABILITY
    alternatives = (Alternative(written, probability, 0.0),)
    end = start + len(observed)
    return Reading(start, end, observed, written, probability, alternatives, "restore/id")
