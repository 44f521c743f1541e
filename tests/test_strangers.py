"""Foreign words are not taken for each other, and the user's own words are expected."""

import numpy as np
import pytest

from vnrepair.restore.candidates import Candidates
from vnrepair.restore.language_model import MAX_WORDS
from vnrepair.restore.lexicon import LOWER, TITLE, Lexicon, find_dictionaries, load_lexicon
from vnrepair.restore.strangers import FOREIGN_NATS, Strangers, unknown_cost

CHEAP, DEAR = (0.0, 0.0, 0.5), (6.0, 3.5, 2.2)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon(find_dictionaries())


def _found(lexicon: Lexicon, *words: str, pattern: int = LOWER) -> Candidates:
    return Candidates(
        np.array([lexicon.index[word] for word in words], dtype=np.int32),
        np.full(len(words), pattern, dtype=np.int8),
        np.full(len(words), -5.0, dtype=np.float32),
    )


def _scores(strangers: Strangers, observed: str, found: Candidates) -> list[float]:
    weighed = strangers.weigh(observed, found)
    assert weighed.log_channel.dtype == np.float32
    return [float(score) for score in weighed.log_channel]


@pytest.mark.parametrize(
    ("observed", "scores"),
    [
        ("facebeok", [-5.0 - FOREIGN_NATS, -5.0]),  # one foreign word is hardly another one
        ("facebook", [-5.0, -5.0]),  # it is itself
        ("FACEBEOK", [-5.0, -5.0]),  # capitals may be an abbreviation
        ("face", [-5.0 - FOREIGN_NATS, -5.0]),
        ("fac", [-5.0 - FOREIGN_NATS, -5.0]),
        ("fa", [-5.0, -5.0]),  # too short to tell
        ("facéb", [-5.0, -5.0]),  # a letter with a mark is no English
        ("hoach", [-5.0, -5.0]),  # a bare syllable
    ],
)
def test_a_foreign_word_is_hardly_the_ruin_of_another(
    observed: str, scores: list[float], lexicon: Lexicon
) -> None:
    strangers = Strangers(lexicon, DEAR, MAX_WORDS)
    assert _scores(strangers, observed, _found(lexicon, "facebook", "hoạch")) == scores


def test_abbreviations_and_borrowed_words_are_foreign_and_syllables_are_not(
    lexicon: Lexicon,
) -> None:
    is_foreign = Strangers(lexicon, DEAR, MAX_WORDS).is_foreign
    assert is_foreign[[lexicon.index[word] for word in ("facebook", "ubnd")]].all()
    assert not is_foreign[[lexicon.index[word] for word in ("hoạch", "hai")]].any()


def test_own_words_gain_what_an_unknown_word_is_kept_too_cheaply(lexicon: Lexicon) -> None:
    own = len(lexicon.words) - 1
    usual = int(lexicon.log_case[0, own].argmax())
    found = _found(lexicon, "của", lexicon.words[own], pattern=usual)
    gain = unknown_cost("kwzx", CHEAP) - unknown_cost("kwzx", DEAR)
    assert gain == pytest.approx(6.0 + 4 * 1.7)
    assert _scores(Strangers(lexicon, CHEAP, own), "kwzx", found) == pytest.approx(
        [-5.0, -5.0 + gain]
    )
    assert _scores(Strangers(lexicon, DEAR, own), "kwzx", found) == [-5.0, -5.0]


@pytest.mark.parametrize("observed", ["|", "@", "của", "12"])
def test_marks_and_known_words_are_no_ruins_of_own_words(observed: str, lexicon: Lexicon) -> None:
    own = len(lexicon.words) - 1
    found = _found(lexicon, lexicon.words[own])
    assert _scores(Strangers(lexicon, CHEAP, own), observed, found) == [-5.0]


def test_unknown_words_cost_more_the_odder_they_are() -> None:
    costs = [unknown_cost(word, DEAR) for word in ("Kpana", "kpana", "kpaná", "kp@ná", "kPana")]
    assert costs[:4] == sorted(costs[:4], reverse=True)
    assert costs[4] < costs[1]


def test_a_foreign_capital_is_weighed_alike(lexicon: Lexicon) -> None:
    strangers = Strangers(lexicon, DEAR, MAX_WORDS)
    found = _found(lexicon, "facebook", pattern=TITLE)
    assert _scores(strangers, "Facebeok", found) == [-5.0 - FOREIGN_NATS]
