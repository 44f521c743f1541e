"""A user's dictionary from a user's own clean texts: names and words that vnrepair may not know.

In: correct texts of the kind that is to be repaired; out: terms with how often they were seen, in
the format of docs/user-dictionaries.md, for a person to look through before they are used. Taken
are runs of capitalised words, as names and bodies are written, and words that the lexicon does not
hold.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vnrepair.config import MIN_WEIGHT, Term
from vnrepair.errors import InputError
from vnrepair.language.tones import fold_tone_style
from vnrepair.restore.lexicon import LOWER, UPPER, Lexicon, case_pattern
from vnrepair.restore.tokenise import Kind, Token, ends_sentence, tokenise
from vnrepair.restore.user_dictionary import ORDINARY

__all__ = ["LearntTerm", "collect_terms", "terms_to_tsv"]

MAX_PHRASE_WORDS = 6
"""Longer runs of capitals are headings and lists."""
MAX_CAPITALS = 2
"""More words in capitals throughout are a heading as well."""
MAX_WEIGHT = 100.0
"""However often a term was met in these texts: other documents are about something else."""


@dataclass(frozen=True, slots=True)
class LearntTerm:
    """A term with the evidence for it.

    Attributes:
        term: Phrase and weight; the weight is its share of the words beside an ordinary word's.
        count: How often the texts hold it.
    """

    term: Term
    count: int


def collect_terms(
    texts: Iterable[str], lexicon: Lexicon, min_count: int = 2
) -> tuple[LearntTerm, ...]:
    """Find what is worth a line in a user's dictionary.

    Args:
        texts: Correct texts, NFC.
        lexicon: Words that need no mention; tells names from words that only begin a sentence.
        min_count: Rarer terms are left out, 1 or more.

    Returns:
        Terms by falling count, then by phrase.

    Raises:
        InputError: The texts hold no words.
    """
    counts: Counter[str] = Counter()
    words = 0
    for text in texts:
        tokens = [token for token in tokenise(text) if token.kind is not Kind.PUNCTUATION]
        words += len(tokens)
        for sentence in _sentences(tokens):
            counts.update(_phrases(sentence, lexicon))
            counts.update(_unknown_words(sentence, lexicon))
    if not words:
        raise InputError("no words in these texts: name files of correct Vietnamese text")
    kept = [(phrase, count) for phrase, count in counts.items() if count >= min_count]
    return tuple(
        LearntTerm(Term(phrase, _weight(count / words)), count)
        for phrase, count in sorted(kept, key=lambda item: (-item[1], item[0]))
    )


def terms_to_tsv(terms: Sequence[LearntTerm]) -> str:
    """The terms as a dictionary file that says what to do with it."""
    lines = [
        "phrase\tweight\tnote",
        "# Look through these terms and take out what is wrong or common before you use them.",
        *(f"{item.term.phrase}\t{item.term.weight:g}\tseen {item.count} times" for item in terms),
    ]
    return "\n".join(lines) + "\n"


def _weight(share: float) -> float:
    """Times as likely as an ordinary word, with two digits that mean something."""
    return float(f"{min(max(share / ORDINARY, MIN_WEIGHT), MAX_WEIGHT):.2g}")


def _sentences(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    current: list[Token] = []
    for token in tokens:
        if current and (ends_sentence(current[-1].trail) or token.line > current[-1].line + 1):
            yield current
            current = []
        current.append(token)
    if current:
        yield current


def _phrases(sentence: Sequence[Token], lexicon: Lexicon) -> Iterator[str]:
    """Runs of two or more capitalised words that nothing divides."""
    run: list[Token] = []
    for place, token in enumerate(sentence):
        if run and (run[-1].trail or token.lead or token.line != run[-1].line):
            yield from _as_phrase(run)
            run = []
        is_name = token.kind is Kind.WORD and case_pattern(token.text) != LOWER
        if is_name and (place or not _is_usually_small(token, lexicon)):
            run.append(token)
        else:
            yield from _as_phrase(run)
            run = []
    yield from _as_phrase(run)


def _as_phrase(run: Sequence[Token]) -> Iterator[str]:
    capitals = sum(case_pattern(token.text) == UPPER and len(token.text) > 1 for token in run)
    if 1 < len(run) <= MAX_PHRASE_WORDS and capitals <= MAX_CAPITALS:
        yield " ".join(token.text for token in run)


def _is_usually_small(token: Token, lexicon: Lexicon) -> bool:
    """Whether a word has its capital only because it begins the sentence."""
    number = lexicon.index.get(fold_tone_style(token.text).lower(), -1)
    return number >= 0 and int(lexicon.log_case[0, number].argmax()) == LOWER


def _unknown_words(sentence: Sequence[Token], lexicon: Lexicon) -> Iterator[str]:
    """Words that the lexicon does not hold, in the case they stand in."""
    for token in sentence:
        is_word = token.kind is Kind.WORD and len(token.text) > 1
        if is_word and fold_tone_style(token.text).lower() not in lexicon.index:
            yield token.text
