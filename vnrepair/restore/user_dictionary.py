"""A user's own words and phrases, made part of the models of one restorer.

In: terms, the lexicon and the language model; out: both with the words they did not hold, a prior
that makes the word pairs of the phrases likelier, and what to leave alone. Nothing of the models on
disk changes, and nothing else needs to know of users: words get the next free numbers, and the
prior has the form of what a document says of itself.

A term of weight 1 is taken to be said once in 1 / `ORDINARY` words. Where it begins is as likely as
that everywhere; what follows a word of it comes from two texts mixed, the corpora and one that
holds nothing but the terms, each in the share in which it says that word.

Source:
    Mixture of a general model with one of the user's own, as for vocabularies of dictation:
    Kneser and Steinbiss 1993, "On the dynamic adaptation of stochastic language models", ICASSP.
"""

import dataclasses
import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vnrepair.config import Term
from vnrepair.errors import ConfigError
from vnrepair.language.letters import skeleton
from vnrepair.language.syllables import is_valid_syllable
from vnrepair.language.tones import fold_tone_style
from vnrepair.restore.adapt import BACKOFF_WEIGHT, DocumentCache
from vnrepair.restore.channel import Channel
from vnrepair.restore.language_model import (
    CODE_WORD,
    MAX_WORDS,
    NUMBER_WORD,
    SPECIAL_WORDS,
    UNKNOWN_WORD,
    NgramLanguageModel,
)
from vnrepair.restore.lexicon import UPPER, Lexicon, case_pattern
from vnrepair.restore.more_words import extend_lexicon
from vnrepair.restore.posterior import Placed
from vnrepair.restore.tokenise import Kind, Token, tokenise

__all__ = ["UserModels", "add_terms"]

ORDINARY = 1e-4
"""P(word) of an ordinary word: some two thousand words of the lexicon are commoner, the rest are
rarer. Once in ten thousand words is what a name is worth that a user took the pains to list."""
MAX_MASS = 0.2
"""However many terms there are, together they begin no more than every fifth word."""
FREE_SHARE = 0.5
"""How often a word that only terms hold stands elsewhere, beside once in them."""
INNER_SHARE = 0.01
"""How often a term goes without its first words; not 0, as the cache takes a word that it never
holds alone to stand in no pair either."""

_KEPT_WORDS = {Kind.NUMBER: NUMBER_WORD, Kind.DOCUMENT_ID: CODE_WORD, Kind.ADDRESS: CODE_WORD}


@dataclass(frozen=True, slots=True, eq=False)
class UserModels:
    """Models that know the terms of a user.

    Attributes:
        lexicon: With the words it did not hold.
        model: With their probabilities.
        prior: What the terms say of pairs of words, in the form of a document's own words; None
            when there are no terms.
        fixed: Terms that are left alone where they stand as given. Not among them are lone words
            that others may look like when their marks are lost, such as `Nam`.
        first_new: Number of the first word that the lexicon did not hold.
        symbols: Terms that are one word in capitals, which may stand in document ids.
    """

    lexicon: Lexicon
    model: NgramLanguageModel
    prior: DocumentCache | None
    fixed: tuple[str, ...]
    first_new: int
    symbols: tuple[str, ...] = ()

    def extend_channel(self, channel: Channel) -> Channel:
        """A channel that knows the letters of new words; those it did not come out as they are."""
        written = {c for word in self.lexicon.words[self.first_new :] for c in word + word.upper()}
        own = {letter: {letter: 0.0} for letter in sorted(written)}
        return dataclasses.replace(channel, letters=own | dict(channel.letters)) if own else channel

    def adapt(self, cache: DocumentCache | None) -> DocumentCache | None:
        """What the terms and what a document say together; None where neither says anything."""
        if self.prior is None or cache is None:
            return cache or self.prior
        return _add(self.prior, cache)

    def decides(self, placed: Placed, is_owed_to_cache: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether choices were made because of the terms.

        Args:
            placed: The choices.
            is_owed_to_cache: Whether the choice would have been another one without what the terms
                and the document say of words and pairs, shape (rows,).

        Returns:
            True for every word that only terms hold, and for choices owed to the cache that a term
            begins with or holds beside the same neighbour; shape (rows,).
        """
        words = placed.words[placed.chosen]
        is_new: NDArray[np.bool_] = words >= self.first_new
        if self.prior is None:
            return is_new
        is_named = self.prior.single[words] > 0
        for one, other in ((placed.before[:, -1], words), (words, placed.after[:, 0])):
            pairs = (np.maximum(one, 0) << 16 | np.maximum(other, 0)).astype(np.uint64)
            is_named |= np.isin(pairs, self.prior.pairs) & (one >= 0) & (other >= 0)
        return is_new | (is_owed_to_cache & is_named)


def add_terms(terms: Sequence[Term], lexicon: Lexicon, model: NgramLanguageModel) -> UserModels:
    """Make the terms part of the models.

    Args:
        terms: Distinct phrases, see `term_files.gather_terms`.
        lexicon: Stays as it is.
        model: Stays as it is; its arrays have a row per word of the lexicon.

    Returns:
        Extended copies; the models themselves when there are no terms.

    Raises:
        ConfigError: The terms hold more new words than there are numbers for.
    """
    if not terms:
        return UserModels(lexicon, model, None, (), len(lexicon.words))
    divided = [
        [token for token in tokenise(term.phrase) if token.kind is not Kind.PUNCTUATION]
        for term in terms
    ]
    news = _new_words(divided, lexicon)
    if len(lexicon.words) + len(news) > MAX_WORDS:
        raise ConfigError(
            f"the terms of the user hold {len(news):,} words that the lexicon does not: at most "
            f"{MAX_WORDS - len(lexicon.words):,} can be: give those that your documents hold"
        )
    index = lexicon.index | {
        word: number for number, word in enumerate(news, start=len(lexicon.words))
    }
    sequences = [[_number(token, index) for token in tokens] for tokens in divided]
    weights = np.array([term.weight for term in terms])
    masses = weights * min(ORDINARY, MAX_MASS / weights.sum())
    rows = _expected_counts(sequences, masses, len(index))
    return UserModels(
        extend_lexicon(lexicon, index, news, rows[len(lexicon.words) :], _bare_words(divided)),
        _extend_model(model, rows[len(lexicon.words) :]),
        _make_prior(sequences, masses, model, rows),
        tuple(
            term.phrase
            for term, tokens in zip(terms, divided, strict=True)
            if _is_distinctive(tokens, lexicon)
        ),
        len(lexicon.words),
        tuple(
            tokens[0].text
            for tokens in divided
            if len(tokens) == 1 and case_pattern(tokens[0].text) == UPPER
        ),
    )


def _add(prior: DocumentCache, cache: DocumentCache) -> DocumentCache:
    """What a user and what a document say together.

    The share of the mixture is the larger one, and the counts of both are scaled to it, so that
    `mix` adds what each would add alone.
    """
    share = max(prior.share, cache.share)
    own, users = cache.share / share, prior.share / share
    # `mix` divides by the document's count of the context, which does not concern the user's pairs.
    contexts = (prior.pairs >> np.uint64(16)).astype(np.int64)
    scale = 1.0 + cache.context_counts[contexts] / BACKOFF_WEIGHT
    keys = np.concatenate((cache.pairs, prior.pairs))
    counts = np.concatenate((cache.pair_counts * own, prior.pair_counts * users * scale))
    pairs, back = np.unique(keys, return_inverse=True)
    return DocumentCache(
        pairs,
        np.bincount(back, weights=counts, minlength=len(pairs)).astype(np.float32),
        (cache.single * own + prior.single * users).astype(np.float32),
        cache.context_counts,
        share,
    )


@functools.lru_cache(maxsize=1 << 16)
def _form(text: str) -> str:
    """A word as the lexicon holds it."""
    return fold_tone_style(text).lower()


def _number(token: Token, index: dict[str, int]) -> int:
    return index.get(_form(token.text), _KEPT_WORDS.get(token.kind, UNKNOWN_WORD))


def _new_words(divided: Iterable[Sequence[Token]], lexicon: Lexicon) -> dict[str, str]:
    """Words that the lexicon does not hold, with the writing of each: the first one given."""
    news: dict[str, str] = {}
    for tokens in divided:
        for token in tokens:
            if token.kind in (Kind.WORD, Kind.CODE) and _form(token.text) not in lexicon.index:
                news.setdefault(_form(token.text), token.text)
    return news


def _is_distinctive(tokens: Sequence[Token], lexicon: Lexicon) -> bool:
    """Whether a term, where a text holds it, can hardly be the ruin of something else."""
    if len(tokens) > 1:
        return True
    word = tokens[0].text
    # The English model of Tesseract reads é for many letters, so it distinguishes nothing.
    is_marked = any(not c.isascii() and c not in "éÉ" for c in word)
    return is_marked or skeleton(word).lower() not in lexicon.bare_syllables


def _expected_counts(
    sequences: Sequence[Sequence[int]], masses: NDArray[np.float64], words: int
) -> NDArray[np.float64]:
    """How often the terms say each word, per word of text; shape (words,)."""
    numbers = np.array([word for sequence in sequences for word in sequence], dtype=np.int64)
    owner = np.repeat(np.arange(len(sequences)), [len(sequence) for sequence in sequences])
    return np.bincount(numbers, weights=masses[owner], minlength=words).astype(np.float64)


def _extend_model(model: NgramLanguageModel, counts: NDArray[np.float64]) -> NgramLanguageModel:
    """New words are as likely as terms say them; what follows them is any word."""
    return dataclasses.replace(
        model,
        unigram_log_prob=np.concatenate(
            (model.unigram_log_prob, np.log(counts).astype(np.float32))
        ),
        unigram_backoff=np.concatenate(
            (model.unigram_backoff, np.zeros(len(counts), dtype=np.float32))
        ),
    )


def _make_prior(
    sequences: Sequence[Sequence[int]],
    masses: NDArray[np.float64],
    model: NgramLanguageModel,
    counts: NDArray[np.float64],
) -> DocumentCache:
    """The beginnings of terms, and what follows each of their words, for `DocumentCache.mix`."""
    share = float(masses.sum())
    single = np.zeros(len(counts))
    pairs: defaultdict[int, float] = defaultdict(float)
    for sequence, mass in zip(sequences, masses.tolist(), strict=True):
        single[sequence[0]] += (1.0 - INNER_SHARE) * mass
        for word in sequence:
            single[word] += INNER_SHARE * mass / len(sequence)
        for one, other in itertools.pairwise(sequence):
            pairs[one << 16 | other] += mass
    single[: len(SPECIAL_WORDS)] = 0.0  # numbers and codes are no words to choose
    keys = np.array(sorted(pairs), dtype=np.uint64)
    if not len(keys):
        keys = np.zeros(1, dtype=np.uint64)  # `mix` searches a list that holds something
    joint = np.array([pairs.get(int(key), 0.0) for key in keys])
    contexts = (keys >> np.uint64(16)).astype(np.int64)
    general = np.zeros(len(counts))
    general[: len(model.unigram_log_prob)] = np.exp(model.unigram_log_prob)
    general[len(model.unigram_log_prob) :] = FREE_SHARE * counts[len(model.unigram_log_prob) :]
    follows = joint / (general + counts)[contexts]
    return DocumentCache(
        keys,
        (BACKOFF_WEIGHT * follows / share).astype(np.float32),
        (single / share).astype(np.float32),
        np.zeros(len(counts), dtype=np.float32),
        share,
    )


def _bare_words(divided: Iterable[Sequence[Token]]) -> set[str]:
    """Words that a reader could meet without their marks; a brand in plain letters is none."""
    forms = {_form(token.text) for tokens in divided for token in tokens}
    return {skeleton(word) for word in forms if is_valid_syllable(word) or not word.isascii()}
