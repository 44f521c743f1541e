"""The readable tables of `dictionaries/`: what training found, as rows of text."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import regex

from vnrepair.language.letters import VIETNAMESE_LETTERS, skeleton, strip_tones
from vnrepair.learn.channel import ChannelTables
from vnrepair.learn.vocabulary import Vocabulary
from vnrepair.restore.language_model import SPECIAL_WORDS

__all__ = ["bare_channel_tables", "channel_tables", "word_tables"]

MAX_LETTER_EMISSIONS = 300
MIN_WORD_PAIR = 2
MIN_SYMBOL = 3
KNOWN_SYMBOLS = (
    "TTg NQ QĐ CT QC QyĐ TC TB HD CTr KH PA ĐA DA BC BB TTr HĐ CV CĐ BGN BTT GUQ GM GGT GNP PG "
    "PC PB UBND HĐND KL TU ĐU HU TW BTV BCĐ BTG BDV MTTQ UBMTTQ ĐTN LĐLĐ CCB HND HPN VP"
)
"""Symbols of kinds and bodies: Annex III of Decree 30/2020/NĐ-CP, and those of party bodies and
mass organisations, which the counted texts hardly hold."""
_LISTED_SYMBOLS = frozenset(KNOWN_SYMBOLS.split())


def word_tables(vocabulary: Vocabulary, ids: Counter[str]) -> dict[str, bytes]:
    """The tables of words, of how case patterns follow each other, and of symbols of ids.

    Args:
        vocabulary: The words.
        ids: Distinct document ids with their counts.

    Returns:
        Contents by file name.
    """
    return {
        "words.tsv": _words_table(vocabulary),
        "case_transitions.tsv": _table(
            ("before", "pattern", "count"),
            ((b, p, int(n)) for (b, p), n in np.ndenumerate(vocabulary.transitions)),
        ),
        "id_symbols.tsv": _table(("symbol", "count"), _symbols(ids)),
    }


def _words_table(vocabulary: Vocabulary) -> bytes:
    places = ("inside", "first")
    patterns = ("lower", "title", "upper", "other")
    header = ("word", "writing", "count", *(f"{p}_{c}" for p in places for c in patterns))
    first = len(SPECIAL_WORDS)
    rows = (
        (
            word,
            vocabulary.writing.get(word, ""),
            vocabulary.counts[number],
            *vocabulary.cases[number],
            *vocabulary.initial[number],
        )
        for number, word in enumerate(vocabulary.words[first:], start=first)
    )
    return _table(header, rows)


_SYMBOL = regex.compile(r"[A-ZĐƯ]{1,9}")


def _symbols(ids: Counter[str]) -> list[tuple[str, int]]:
    """Symbols of ids, by falling count of distinct ids that hold them."""
    found: Counter[str] = Counter()
    for text in ids:
        head, *rest = regex.split(r"[-/–.]", text)
        if head.isdigit():
            found.update(
                part for part in rest if _SYMBOL.fullmatch(part) or part in _LISTED_SYMBOLS
            )
    found.update(_LISTED_SYMBOLS)
    kept = [
        (symbol, count)
        for symbol, count in found.items()
        if count >= MIN_SYMBOL or symbol in _LISTED_SYMBOLS
    ]
    return sorted(kept, key=lambda item: (-item[1], item[0]))


def channel_tables(name: str, tables: ChannelTables) -> dict[str, bytes]:
    """The letter table and the word table of a trained channel.

    Args:
        name: Profile, such as "tesseract-eng".
        tables: What training found.

    Returns:
        Contents by file name.
    """
    rows: list[tuple[object, ...]] = [
        ("<split>", "", f"{tables.log_split:.3f}"),
        ("<join>", "", f"{tables.log_join:.3f}"),
    ]
    for letter, emissions in sorted(tables.letters.items()):
        ranked = sorted(emissions.items(), key=lambda item: (-item[1], item[0]))
        rows += [
            (letter, observed, f"{math.log(value):.2f}")
            for observed, value in ranked[:MAX_LETTER_EMISSIONS]
        ]
    pairs: list[tuple[object, ...]] = []
    kept = sorted({intended for _, intended in tables.words})
    pairs += [(intended, "", tables.word_totals[intended]) for intended in kept]
    pairs += [
        (intended, observed, count)
        for (observed, intended), count in sorted(
            tables.words.items(), key=lambda item: (item[0][1], -item[1], item[0][0])
        )
        if count >= MIN_WORD_PAIR
    ]
    return {
        f"{name}.letters.tsv": _table(("intended", "observed", "log_prob"), rows),
        f"{name}.words.tsv": _table(("intended", "observed", "count"), pairs),
    }


def bare_channel_tables() -> dict[str, bytes]:
    """The channel of text typed without marks, or with some of them; by rule, not counted."""
    rows: list[tuple[object, ...]] = [("<split>", "", -9.0), ("<join>", "", -9.0)]
    plain = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for letter in sorted(VIETNAMESE_LETTERS | plain):
        shares: dict[str, float] = {}
        for observed, share in (
            (skeleton(letter), 0.90),
            (strip_tones(letter), 0.04),
            (letter, 0.06),
        ):
            shares[observed] = shares.get(observed, 0.0) + share
        rows += [
            (letter, observed, f"{math.log(value):.2f}")
            for observed, value in sorted(shares.items())
        ]
    return {
        "undiacritised.letters.tsv": _table(("intended", "observed", "log_prob"), rows),
        "undiacritised.words.tsv": _table(("intended", "observed", "count"), []),
    }


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    lines = ["\t".join(header), *("\t".join(map(str, row)) for row in rows)]
    return ("\n".join(lines) + "\n").encode()
