"""How far a text is from its ground truth: letters, syllables, marks and digits.

In: the ground truth and the text to judge. Out: a `Score` of four `Rate`s, each with its errors
and its length, so that scores of many pages add up to micro averages:
`sum(scores, start=Score())` holds the sum of the errors over the sum of the lengths.

Composed and decomposed text give one score: both sides become NFC before anything is counted.
"""

import math
import unicodedata
from dataclasses import dataclass

import regex

from vnrepair.align import Operation, align, distance
from vnrepair.config import DEFAULTS, ScoreConfig
from vnrepair.language.letters import skeleton
from vnrepair.language.tones import fold_tone_style

__all__ = ["Rate", "Score", "score"]

_GRAPHEME = regex.compile(r"\X")
_DIGITS = regex.compile(r"\p{Nd}+")

# The base letters that Vietnamese puts marks on.
_MARKED_BASES = frozenset("aeiouyd")


@dataclass(frozen=True, slots=True)
class Rate:
    """Errors with their denominator.

    Attributes:
        errors: How many, >= 0.
        length: Units of the ground truth that they are counted against, >= 0.
    """

    errors: int = 0
    length: int = 0

    @property
    def rate(self) -> float:
        """Errors ÷ length: 0.0 is right, over 1.0 is possible where much was inserted.

        An empty ground truth gives 0.0 without errors and infinity with any.
        """
        if self.length == 0:
            return math.inf if self.errors else 0.0
        return self.errors / self.length

    def __add__(self, other: "Rate") -> "Rate":
        """Both together: the micro average."""
        return Rate(self.errors + other.errors, self.length + other.length)


@dataclass(frozen=True, slots=True)
class Score:
    """How far a text is from its ground truth.

    Attributes:
        cer: Character errors: least substitutions, deletions and insertions of grapheme clusters,
            against graphemes of the ground truth. White space, case and punctuation count.
        wer: Word errors: the same over what stands between white space, which in Vietnamese is a
            syllable; also known as SyER.
        der: Diacritic errors: aligned letters with the right base letter and a wrong mark, against
            letters of the ground truth whose base is one of a e i o u y d. Case does not count.
        digits: Number errors: least edits over maximal runs of decimal digits, against the runs of
            the ground truth. A repair must never add to it.
    """

    cer: Rate = Rate()
    wer: Rate = Rate()
    der: Rate = Rate()
    digits: Rate = Rate()

    def __add__(self, other: "Score") -> "Score":
        """Both together: the micro average."""
        return Score(
            self.cer + other.cer,
            self.wer + other.wer,
            self.der + other.der,
            self.digits + other.digits,
        )


def score(reference: str, hypothesis: str, config: ScoreConfig = DEFAULTS.score) -> Score:
    """Count the errors of a text against its ground truth.

    Args:
        reference: The ground truth; any Unicode normalisation form.
        hypothesis: The text to judge; any Unicode normalisation form.
        config: What counts as the same.

    Returns:
        Errors and lengths. `score(text, text)` has no errors.

    Source:
        Error rates over grapheme clusters: Neudecker et al. 2021, "A survey of OCR evaluation tools
        and metrics", HIP. DER: Zitouni, Sorensen and Sarikaya 2006, "Maximum entropy based
        restoration of Arabic diacritics", ACL; here the letters are aligned first, because OCR
        also adds and loses some.

    >>> score("Kế hoạch", "Kế hoach").cer
    Rate(errors=1, length=8)
    """
    expected, found = _prepare(reference, config), _prepare(hypothesis, config)
    graphemes = _GRAPHEME.findall(expected), _GRAPHEME.findall(found)
    return Score(
        cer=Rate(distance(*graphemes), len(graphemes[0])),
        wer=_rate(expected.split(), found.split()),
        der=_diacritic_errors(*graphemes),
        digits=_rate(_DIGITS.findall(expected), _DIGITS.findall(found)),
    )


def _rate(reference: list[str], hypothesis: list[str]) -> Rate:
    return Rate(distance(reference, hypothesis), len(reference))


def _prepare(text: str, config: ScoreConfig) -> str:
    """NFC, and what the configuration folds is folded."""
    text = unicodedata.normalize("NFC", text)
    if config.fold_tone_style:
        text = fold_tone_style(text)
    return " ".join(text.split()) if config.fold_spacing else text


def _base_letter(grapheme: str) -> str:
    """What stands under all marks, foreign ones too, as a small letter."""
    return unicodedata.normalize("NFD", skeleton(grapheme))[0].lower()


def _diacritic_errors(reference: list[str], hypothesis: list[str]) -> Rate:
    """Letters that differ from their partner in marks alone.

    The letters are aligned by their base letters, so that wrong marks cannot pull a letter away
    from its partner: text without any mark aligns as well as the ground truth itself.
    """
    bases = {letter: _base_letter(letter) for letter in {*reference, *hypothesis}}
    expected, found = ([bases[letter] for letter in side] for side in (reference, hypothesis))
    errors = sum(
        1
        for step in align(expected, found).steps
        if step.operation is Operation.EQUAL
        for left, right in step.pairs
        if expected[left] in _MARKED_BASES and reference[left].lower() != hypothesis[right].lower()
    )
    return Rate(errors, sum(base in _MARKED_BASES for base in expected))
