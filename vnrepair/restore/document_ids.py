"""The numbers of official documents, repaired inside their grammar and nowhere else.

A document id is a number (`56`, `01/2023`), a mark (`/` or `-`) and symbols of letters joined by
`-` or `/`: what kind of document it is, and which bodies issued it (`56/KH-UBND`, `04-KH/BCĐ`,
`1211/QĐ-UBND`). Symbols come from a closed list counted from documents. An observed symbol that is
not on the list is replaced by the likeliest one on it; digits are never touched.

Source:
    Grammar of numbers and symbols: Decree 30/2020/NĐ-CP on clerical work, Annex I and III.
"""

import copy
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Self

import regex

from vnrepair.errors import ResourceError
from vnrepair.records import Edit
from vnrepair.restore.channel import Channel
from vnrepair.restore.lexicon import read_table

__all__ = ["IdGrammar"]

_SYMBOL = r"[\p{Lu}ÐðđĐ][\p{L}\d]{0,9}'?"
# A blank or line end may stand beside each mark, where OCR or the line broke the id; the slash in
# front of the first symbol is read as a bracket or bar now and then.
_ID = regex.compile(
    r"(?<![\p{L}\d])(?P<glued>[sS][6óòôé])?(?P<number>\d{1,6}(?:/(?:19|20)\d\d)?)"
    r"(?P<gap> ?[/\[|{-] ?\n?)"
    rf"(?P<first>{_SYMBOL})(?:(?P<gaps>[ ]?[-/][ ]?\n?)(?P<rest>{_SYMBOL})){{0,4}}(?![\p{{L}}\d])"
)
_WORD = regex.compile(r"\p{L}[\p{L}\d']*")
UNKNOWN_NATS_PER_CHAR = 4.0
"""What an observed symbol costs that the list does not hold."""
MIXED_CASE_NATS = 4.0
PRIOR_WEIGHT = 0.3
"""Exponent of the symbol's share: the list is closed, but its counts come from other offices."""
MIN_COUNT = 2
COMMON_SHARE = 0.01
"""Symbols of which at least so many ids hold one are read into ruined capitals: `UEND`, `QDB`."""
STRANGE_NATS = 3.0
_KINDS = (
    "NQ QĐ CT QC QyĐ TC TB HD CTr KH PA ĐA DA BC BB TTr HĐ CV CĐ BGN BTT GUQ GM GGT PG PC PB NĐ TT "
    "TTLT PL SL"
)
KINDS = frozenset(_KINDS.split())
"""Symbols of kinds of documents: Annex III of Decree 30/2020/NĐ-CP, and those of laws."""
KIND_NATS = 4.0
"""What speaks for a kind where an id names its kind, which is first."""
GLUED_NATS = -8.0
"""Log P above which `s6` in front of a number is `số` that lost its blank."""


class IdGrammar:
    """The symbols that ids are made of.

    Args:
        folder: Holds `id_symbols.tsv`: symbol, count.

    Raises:
        ResourceError: The file is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / "id_symbols.tsv"
        try:
            rows = [(row[0], int(row[1])) for row in read_table(path)]
        except (ValueError, IndexError) as error:
            raise ResourceError(
                f"{path}: damaged ({error}); install vnrepair again, or rebuild it with "
                "`vnrepair learn build`"
            ) from error
        self._counts = {symbol: count for symbol, count in rows if count >= MIN_COUNT}
        self._total = sum(self._counts.values())
        self._cache: dict[tuple[str, str, bool], tuple[str, float]] = {}

    def with_symbols(self, symbols: Iterable[str]) -> Self:
        """This grammar with symbols of a user's own, each as common as the middle one here."""
        new = sorted(set(symbols) - self._counts.keys())
        if not new:
            return self
        middle = sorted(self._counts.values() or [MIN_COUNT])[len(self._counts) // 2]
        extended = copy.copy(self)
        extended._counts = self._counts | dict.fromkeys(new, middle)
        extended._total = sum(extended._counts.values())
        extended._cache = {}
        return extended

    def repair(
        self, text: str, channel: Channel, min_log_odds: float, *, is_ruined: bool = False
    ) -> list[Edit]:
        """Find the ids of a text and repair their symbols.

        Args:
            text: NFC text.
            channel: How the text was garbled.
            min_log_odds: Nats by which a listed symbol must beat the observed one.
            is_ruined: Whether any mark may be the slash, and the `s6` of `s6181/QD` the word `số`.

        Returns:
            One edit per id, in order, also where `before` equals `after`: these spans are ids and
            nothing else should touch them.
        """
        edits: list[Edit] = []
        for match in _ID.finditer(text):
            spans = [match.span("first"), *match.spans("rest")]
            repaired = [
                self._symbol(text[a:b], channel, min_log_odds, is_first=index == 0)
                for index, (a, b) in enumerate(spans)
            ]
            if any(symbol is None for symbol in repaired):
                continue
            gap = match["gap"]
            if not {"/", "-"} & set(gap):
                if not is_ruined or text[slice(*spans[0])] not in self._counts:
                    continue
                gap = regex.sub(r"[\[|{]", "/", gap)
            glued = match["glued"] or ""
            if glued and is_ruined and channel.letter_log_prob(glued, "số") > GLUED_NATS:
                glued = "Số" if glued[0] == "S" else "số"
            after, done, odds = glued + match["number"] + gap, spans[0][0], 0.0
            for (a, b), found in zip(spans, repaired, strict=True):
                assert found is not None
                after += text[done:a] + found[0]
                done, odds = b, odds + found[1]
            edits.append(Edit(match.start(), match.end(), match.group(), after, "restore/id", odds))
        return edits

    def knows(self, document_id: str) -> bool:
        """Whether all symbols of an id are on the list, figures at their end left out (`QH15`)."""
        symbols = (match.group().rstrip("0123456789") for match in _WORD.finditer(document_id))
        return all(symbol in self._counts for symbol in symbols)

    def _symbol(
        self, observed: str, channel: Channel, min_log_odds: float, *, is_first: bool
    ) -> tuple[str, float] | None:
        """The symbol meant and its log odds; None for what is no symbol at all."""
        key = (channel.name, observed, is_first)
        if key not in self._cache:
            self._cache[key] = self._best(observed, channel, is_first=is_first)
        symbol, odds = self._cache[key]
        # A figure among the letters may be a misread letter, but figures are never touched.
        has_figure = any(character.isdigit() for character in observed)
        if symbol != observed and odds >= min_log_odds and not has_figure:
            return symbol, odds
        is_symbol = observed in self._counts or (observed.isupper() and len(observed) > 1)
        return (observed, 0.0) if is_symbol else None

    def _best(self, observed: str, channel: Channel, *, is_first: bool) -> tuple[str, float]:
        """The likeliest listed symbol, and its log odds against the observed one."""
        best, best_score = observed, -math.inf
        plain = observed.isupper()
        for symbol, count in self._counts.items():
            if abs(len(symbol) - len(observed)) > 1:
                continue
            # Capitals that no list holds may be the symbol of another office.
            is_common = observed not in self._counts and count >= self._total * COMMON_SHARE
            is_strange = plain and not _hides(symbol, observed)
            if is_strange and not is_common:
                continue
            score = channel.letter_log_prob(observed, symbol) + self._prior(count)
            if is_first and symbol in KINDS:
                score += KIND_NATS
            if is_strange:
                score -= STRANGE_NATS
            if score > best_score:
                best, best_score = symbol, score
        kept = -UNKNOWN_NATS_PER_CHAR * len(observed)
        if not observed.isupper():
            kept -= MIXED_CASE_NATS
        if observed in self._counts:
            own = channel.letter_log_prob(observed, observed) + self._prior(self._counts[observed])
            kept = max(kept, own + (KIND_NATS if is_first and observed in KINDS else 0.0))
        return best, best_score - kept

    def _prior(self, count: int) -> float:
        return PRIOR_WEIGHT * math.log(count / self._total)


def _hides(symbol: str, observed: str) -> bool:
    """Whether capitals may stand for a symbol: only letters like `Đ` are misread as others."""
    return len(symbol) == len(observed) and all(
        meant == seen or not meant.isascii() for meant, seen in zip(symbol, observed, strict=True)
    )
