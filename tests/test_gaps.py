"""Blanks come back between words that were read together, and a speck between them goes."""

import itertools

import pytest

from vnrepair.restore.gaps import gap_edits
from vnrepair.restore.lexicon import find_dictionaries, load_lexicon
from vnrepair.restore.manifest import load_language_model
from vnrepair.restore.tokenise import tokenise


def _gaps(text: str, *written: str) -> list[tuple[str, str]]:
    folder = find_dictionaries()
    index = load_lexicon(folder).index
    tokens = list(tokenise(text))
    assert len(tokens) == len(written)
    numbered = list(zip(tokens, (index[word] for word in written), strict=True))
    edits = gap_edits(itertools.pairwise(numbered), load_language_model(folder))
    return [(edit.before, edit.after) for edit in edits]


def test_a_speck_between_words_that_belong_together_is_a_blank() -> None:
    assert _gaps("thuc,hién", "thực", "hiện") == [(",", " ")]
    assert _gaps("thoi.han", "thời", "hạn") == [(".", " ")]


def test_a_comma_between_words_of_a_list_gets_its_blank() -> None:
    assert _gaps("giup,mua", "giúp", "mùa") == [(",", ", ")]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("thuc hién", ("thực", "hiện")),
        ("kinh-té", ("kinh", "tế")),
        ("TP.Hué", ("tp", "huế")),
        ("viéc.Thuc", ("việc", "thực")),
    ],
)
def test_other_marks_and_blanks_stay(text: str, written: tuple[str, ...]) -> None:
    assert _gaps(text, *written) == []
