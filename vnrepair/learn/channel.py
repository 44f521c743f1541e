"""Pairs of readings to a noisy channel. Third stage of learn/: line pairs in, tables out.

Two tables describe what an OCR engine makes of a word. The letter table gives the probability
that an intended letter comes out as a string of nought to three characters; it is estimated by
expectation maximisation, as no one tells which character came from which letter. The word table
remembers how frequent whole words come out, where the letters are not independent.

Source:
    Brill and Moore 2000, "An improved error model for noisy channel spelling correction", ACL;
    the estimation is the stochastic transducer of Ristad and Yianilos 1998, "Learning
    string-edit distance", IEEE PAMI, with emissions of up to three characters.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from vnrepair.language.letters import skeleton
from vnrepair.language.tones import fold_tone_style
from vnrepair.restore.channel import MAX_EMITTED
from vnrepair.restore.stray_marks import FALSE_ENDINGS
from vnrepair.restore.tokenise import Kind, split_chunk

__all__ = ["ChannelTables", "TokenPairs", "collect_token_pairs", "train_channel"]

MAX_TOKEN_CHARS = 14
ITERATIONS = 8
GAP_COST = 0.9
MAX_PAIR_COST = 0.75

Pair = tuple[str, str]  # observed, intended


@dataclass(frozen=True, slots=True)
class TokenPairs:
    """What lines of readings say about words.

    Attributes:
        words: How often an intended core was read as an observed one.
        splits: Intended words that were read as two.
        joins: Pairs of intended words that were read as one.
        total: Intended words in all.
        endings: How often punctuation behind a word was read as other punctuation.
    """

    words: Counter[Pair]
    splits: int
    joins: int
    total: int
    endings: Counter[Pair]


@dataclass(frozen=True, slots=True)
class ChannelTables:
    """A trained channel.

    Attributes:
        letters: For each intended letter, log P of each observed string, nats.
        words: Observed and intended core with its count, those met at least twice.
        word_totals: How often each intended core of `words` was seen.
        log_split: Log P that a word is read as two, nats.
        log_join: Log P that two words are read as one, nats.
    """

    letters: dict[str, dict[str, float]]
    words: Counter[Pair]
    word_totals: Counter[str]
    log_split: float
    log_join: float


def _cost(observed: str, intended: str) -> float:
    """0.0 for equal skeletons to 1.0 for nothing in common."""
    return Levenshtein.normalized_distance(skeleton(observed).lower(), skeleton(intended).lower())


def align_chunks(observed: list[str], intended: list[str]) -> list[tuple[str, str]]:
    """Pair the chunks of a line; a side may hold two chunks joined by a space, or none.

    Source:
        The one-to-one, one-to-two and two-to-one alignment of Gale and Church 1993.
    """
    n, m = len(observed), len(intended)
    best: dict[tuple[int, int], tuple[float, int, int]] = {(0, 0): (0.0, 0, 0)}
    moves = ((1, 1), (1, 2), (2, 1), (1, 0), (0, 1))
    band = abs(n - m) + 3
    for i in range(n + 1):
        for j in range(max(0, i - band), min(m, i + band) + 1):
            if i == j == 0:
                continue
            options = []
            for di, dj in moves:
                previous = best.get((i - di, j - dj))
                if previous is None:
                    continue
                if di == 2 and not all(any(c.isalnum() for c in o) for o in observed[i - 2 : i]):
                    continue  # a stain beside a word is no half of it
                if di and dj:
                    cost = _cost("".join(observed[i - di : i]), "".join(intended[j - dj : j]))
                    cost = cost * (di + dj) / 2 + (0.15 if di != dj else 0.0)
                else:
                    cost = GAP_COST
                options.append((previous[0] + cost, di, dj))
            if options:
                best[i, j] = min(options)
    pairs: list[tuple[str, str]] = []
    i, j = n, m
    while i or j:
        _, di, dj = best[i, j]
        pairs.append((" ".join(observed[i - di : i]), " ".join(intended[j - dj : j])))
        i, j = i - di, j - dj
    return pairs[::-1]


def collect_token_pairs(lines: Iterable[Pair], *, marks_are_tones: bool = True) -> TokenPairs:
    """Count the word pairs of lines.

    Args:
        lines: Observed and intended text of printed lines.
        marks_are_tones: Whether a mark in what was read is a tone mark, so that `soé` is `sóe` in
            another style; the English model knows `é` only, which stands for anything.
    """
    words: Counter[Pair] = Counter()
    endings: Counter[Pair] = Counter()
    splits = joins = total = 0
    for observed, intended in lines:
        for seen, meant in align_chunks(observed.split(), intended.split()):
            total += meant.count(" ") + bool(meant)
            if not seen or not meant or _cost(seen, meant) > MAX_PAIR_COST:
                continue
            splits += " " in seen
            joins += " " in meant
            if " " in seen or " " in meant:
                continue
            left, right = split_chunk(seen), split_chunk(meant)
            if len(left) != len(right):
                left, right = left[:1], right[:1]
                if len(split_chunk(meant)) > 1:
                    continue
            for one, other in zip(left, right, strict=True):
                if len(left) == 1 and one[4] in FALSE_ENDINGS and one[4] != other[4]:
                    one = (one[0], one[1] + one[4], *one[2:])
                if other[2] is Kind.WORD and len(other[1]) <= MAX_TOKEN_CHARS >= len(one[1]):
                    seen_core = fold_tone_style(one[1]) if marks_are_tones else one[1]
                    words[seen_core, fold_tone_style(other[1])] += 1
            endings[left[-1][4], right[-1][4]] += 1
    return TokenPairs(words, splits, joins, total, endings)


def train_channel(pairs: TokenPairs) -> ChannelTables:
    """Estimate the tables.

    Args:
        pairs: From `collect_token_pairs`, of one language of Tesseract.
    """
    letters = _expectation_maximisation(pairs.words)
    totals: Counter[str] = Counter()
    for (_, intended), count in pairs.words.items():
        totals[intended] += count
    kept = Counter({pair: count for pair, count in pairs.words.items() if count > 1})
    return ChannelTables(
        letters,
        kept,
        totals,
        math.log((pairs.splits + 1) / (pairs.total + 2)),
        math.log((pairs.joins + 1) / (pairs.total + 2)),
    )


def _start_score(letter: str, emitted: str) -> float:
    """A first guess of P(emitted | letter), before anything was counted."""
    if emitted == letter:
        return 0.4
    if skeleton(emitted).lower() == skeleton(letter).lower():
        return 0.3
    return (0.02, 0.02, 0.002, 0.0005)[len(emitted)]


def _expectation_maximisation(words: Counter[Pair]) -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] | None = None
    # Pairs that differ wildly in length are misalignments.
    usable = [(o, i, c) for (o, i), c in sorted(words.items()) if len(o) <= 2 * len(i) + 1 and o]
    for _ in range(ITERATIONS):
        counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for observed, intended, count in usable:
            _expect(observed, intended, count, table, counts)
        table = _maximise(counts)
    assert table is not None
    return _soften(table)


def _expect(
    observed: str,
    intended: str,
    count: int,
    table: dict[str, dict[str, float]] | None,
    counts: dict[str, dict[str, float]],
) -> None:
    """Add the expected emissions of one pair (forward and backward pass)."""
    n, m = len(intended), len(observed)
    arcs: list[list[tuple[int, int, str, float]]] = []
    for i, letter in enumerate(intended):
        row: list[tuple[int, int, str, float]] = []
        known = table.get(letter, {}) if table is not None else None
        lowest = max(0, m - MAX_EMITTED * (n - i))
        for j in range(lowest, min(m, MAX_EMITTED * i) + 1):
            for k in range(min(MAX_EMITTED, m - j) + 1):
                emitted = observed[j : j + k]
                if known is None:
                    row.append((j, j + k, emitted, _start_score(letter, emitted)))
                else:
                    probability = known.get(emitted)
                    if probability is not None:
                        row.append((j, j + k, emitted, probability))
        arcs.append(row)
    forward = [[0.0] * (m + 1) for _ in range(n + 1)]
    forward[0][0] = 1.0
    for i in range(n):
        here, there = forward[i], forward[i + 1]
        for j, end, _, probability in arcs[i]:
            there[end] += here[j] * probability
    whole = forward[n][m]
    if whole <= 0.0:
        return
    after = [0.0] * (m + 1)
    after[m] = 1.0
    share = count / whole
    for i in range(n - 1, -1, -1):
        here = forward[i]
        before = [0.0] * (m + 1)
        slot = counts[intended[i]]
        for j, end, emitted, probability in arcs[i]:
            if after[end]:
                weight = probability * after[end]
                before[j] += weight
                if here[j]:
                    slot[emitted] += share * here[j] * weight
        after = before


PRUNE_BELOW = 3e-5
SHARED_WEIGHT = 4.0
FAMILY_SHARE = 0.02
DOUBLE_SHARE = 0.05
CASE_SHARE, SAME_SHAPE_CASE_SHARE = 0.001, 0.008
SAME_SHAPE = frozenset("ckopsuvwxyz")
"""Letters whose capitals differ in size alone, which blurs."""
LOOK_ALIKE_SHARE = 0.0015
ANY_SHARE = 1e-4
"""What is left for any single character, wherever a blot, a fold or a bad dot may fall."""
STRAY_SHARE = 0.004
"""A reading with one more character beside it, as if a speck had been read with the letter."""
STRAY_CHARS = "abcdefghijklmnopqrstuvwxyzé’':.,?}{|!1"
MIN_STRAY_READING = 0.05
SOFT_PRUNE_BELOW = 4e-5

# Shapes that fonts and scanners of all kinds confuse, by base letter; o, a and e with a mark above
# also look like figures. Each gets LOOK_ALIKE_SHARE, whether the training pages showed it or not.
LOOK_ALIKES = {
    "i": "1l|!Ij",
    "l": "1I|i!",
    "o": "06@b",
    "a": "4@d",
    "e": "6¢€é",
    "u": "vwi",
    "s": "5§$",
    "g": "9q",
    "q": "9g",
    "t": "+f",
    "v": "yu",
    "y": "vj",
    "x": "z",
    "I": "1l|!",
    "L": "1I",
    "O": "0QG6",
    "S": "5$§",
    "B": "8",
    "G": "6C",
    "U": "Ù",
    "Đ": "PBDb",
}


def _soften(table: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Make room for what other scanners do and the training pages did not show.

    Four kinds of unseen emission are made possible, all of which real documents show: what
    letters with the same base come out as; two readings of one letter side by side (`cadc` for
    `các`, where the network could not decide); the other case of a reading; and look-alikes.
    """
    families: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for letter, row in table.items():
        for emitted, value in row.items():
            if emitted != letter:
                families[skeleton(letter)][emitted] += value
    softened: dict[str, dict[str, float]] = {}
    for letter, row in table.items():
        family = families[skeleton(letter)]
        total = sum(family.values()) or 1.0
        mixed: dict[str, float] = defaultdict(float)
        for emitted, value in row.items():
            mixed[emitted] += (1.0 - FAMILY_SHARE) * value
            if len(emitted) == 1 and emitted.isalpha():
                same = skeleton(emitted).lower() in SAME_SHAPE
                share = SAME_SHAPE_CASE_SHARE if same else CASE_SHARE
                mixed[emitted.swapcase()] += share * value
        for emitted, value in family.items():
            mixed[emitted] += FAMILY_SHARE * value / total
        for emitted in LOOK_ALIKES.get(letter, LOOK_ALIKES.get(skeleton(letter), "")):
            mixed[emitted] += LOOK_ALIKE_SHARE * (4 if letter == "Đ" else 1)
        singles = [(e, v) for e, v in mixed.items() if len(e) == 1]
        for first, one in singles:
            for second, other in singles:
                if first != second:
                    mixed[first + second] += DOUBLE_SHARE * one * other
        for stray in STRAY_CHARS:
            mixed[stray] += ANY_SHARE
        for emitted, value in [(e, v) for e, v in mixed.items() if v >= MIN_STRAY_READING]:
            if 0 < len(emitted) < MAX_EMITTED:
                for stray in STRAY_CHARS:
                    share = STRAY_SHARE * value / len(STRAY_CHARS)
                    mixed[emitted + stray] += share
                    mixed[stray + emitted] += share
        softened[letter] = {
            emitted: min(value, 1.0)
            for emitted, value in sorted(mixed.items())
            if value >= SOFT_PRUNE_BELOW
        }
    return softened


def _maximise(counts: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Normalise, lean rare letters on those with the same base and case, drop what is negligible.

    A letter met `c` times is smoothed with SHARED_WEIGHT pseudo-counts of its relatives.
    """
    shared: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for letter, emissions in counts.items():
        for emitted, count in emissions.items():
            # What a relative keeps of its own marks says nothing about this letter.
            shape = "\0" if emitted == letter else emitted
            shared[skeleton(letter)][shape] += count
    table: dict[str, dict[str, float]] = {}
    for letter, emissions in counts.items():
        family = shared[skeleton(letter)]
        family_total = sum(family.values())
        total = sum(emissions.values())
        row: dict[str, float] = {}
        for emitted in sorted(family.keys() | emissions.keys() | {letter}):
            if emitted == "\0":
                continue
            lent = family["\0" if emitted == letter else emitted] / family_total
            value = (emissions.get(emitted, 0.0) + SHARED_WEIGHT * lent) / (total + SHARED_WEIGHT)
            if value >= PRUNE_BELOW:
                row[emitted] = value
        table[letter] = row
    return table
