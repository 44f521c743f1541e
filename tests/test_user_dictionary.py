"""Words and phrases of a user's own are found in ruins, stay where they are right, and no more."""

import dataclasses
import functools
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import written_syllables
from vnrepair.config import MAX_TERM_CHARS, RestoreConfig, Term, load_config
from vnrepair.errors import ConfigError, TextError
from vnrepair.restore import term_files
from vnrepair.restore.adapt import build_cache
from vnrepair.restore.language_model import START_STATE, next_state
from vnrepair.restore.lexicon import (
    LOWER,
    OTHER,
    TITLE,
    UPPER,
    Lexicon,
    apply_pattern,
    case_pattern,
    find_dictionaries,
    load_lexicon,
)
from vnrepair.restore.manifest import load_language_model
from vnrepair.restore.restorer import Restorer, restore_and_explain
from vnrepair.restore.term_files import gather_terms, read_dictionary
from vnrepair.restore.user_dictionary import MAX_MASS, ORDINARY, UserModels, add_terms

HARMLESS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "cases" / "harm.json").read_text(encoding="utf-8")
)
NAMES = ("Kpă Y Pơn", "Rơ Châm Plưng", "Sở Nội vụ", "TikTok", "iPhone", "vắc-xin", "PCCC&CHCN")


def _terms(*phrases: str, weight: float = 1.0) -> tuple[Term, ...]:
    return tuple(Term(phrase, weight) for phrase in phrases)


@functools.cache
def _models(*phrases: str, weight: float = 1.0) -> UserModels:
    folder = find_dictionaries()
    terms = _terms(*phrases, weight=weight)
    return add_terms(terms, load_lexicon(folder), load_language_model(folder))


@functools.cache
def _restorer(profile: str, *phrases: str, weight: float = 1.0) -> Restorer:
    return Restorer(RestoreConfig(profile=profile, terms=_terms(*phrases, weight=weight)))


def _write(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "names.tsv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# Terms and their files.


def test_a_term_has_one_form() -> None:
    assert Term(" Sơ\N{COMBINING HOOK ABOVE}  Nội\tvụ ") == Term("Sở Nội vụ", 1)
    assert len({Term("Hòa", 2), Term("Hòa", 2.0)}) == 1
    assert pickle.loads(pickle.dumps(Term("Hòa", 2))) == Term("Hòa", 2)


@pytest.mark.parametrize(
    ("phrase", "weight", "message"),
    [
        ("", 1.0, "phrase is empty"),
        (" \n", 1.0, "phrase is empty"),
        ("12/4", 1.0, "holds no letter"),
        ("a\x07b", 1.0, "holds a control character"),
        ("\ud800a", 1.0, "holds a control character"),
        ("a" * (MAX_TERM_CHARS + 1), 1.0, "has 201 characters: at most 200"),
        ("Hòa", 0.0, "weight of 'Hòa' is 0: it must be 0.1 to 1000"),
        ("Hòa", 1001.0, "it must be 0.1 to 1000"),
        ("Hòa", float("nan"), "it must be 0.1 to 1000"),
        ("Hòa", float("inf"), "it must be 0.1 to 1000"),
    ],
)
def test_what_is_no_term_is_refused(phrase: str, weight: float, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Term(phrase, weight)


def test_a_dictionary_is_a_table_that_a_spreadsheet_writes(tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        "\ufeffPhrase\tWeight\r\n# people\r\nKpă Y Pơn\t5\r\n\r\n"
        "Sở Nội vụ\t\r\nPCCC\r\nHoà\t0,5\r\n",
    )
    assert read_dictionary(path) == (
        Term("Kpă Y Pơn", 5), Term("Sở Nội vụ"), Term("PCCC"), Term("Hoà", 0.5)
    )  # fmt: skip


def test_notes_are_for_people(tmp_path: Path) -> None:
    content = "phrase\tweight\tnote\nKpă\t5\tseen 3 times\nPơn\t\tmayor\n"
    assert read_dictionary(_write(tmp_path, content)) == (Term("Kpă", 5), Term("Pơn"))


def test_a_header_is_not_asked_for(tmp_path: Path) -> None:
    assert read_dictionary(_write(tmp_path, "Kpă\n")) == (Term("Kpă"),)
    assert read_dictionary(_write(tmp_path, "")) == ()


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"Kp\xe3 Y\n", 1, "not UTF-8"),
        ("Kpă\nHòa\tmany\n".encode("utf-16"), 1, "not UTF-8"),
        ("Kpă\nHòa\tmany\n", 2, "the weight 'many' is no number"),
        ("Kpă\n\nHòa\t-1\n", 3, "weight of 'Hòa' is -1: it must be"),
        ("Hòa\tnan\n", 1, "no finite number"),
        ("# a\n\t5\n", 2, "phrase is empty"),
        ("Hòa\t5\tname\tagain\n", 1, "4 columns"),
        ("Hò\x01a\n", 1, "control character"),
        ("2024\n", 1, "holds no letter"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, content: str | bytes, line: int, message: str) -> None:
    path = _write(tmp_path, content)
    with pytest.raises(TextError, match=message) as caught:
        read_dictionary(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TextError, match=r"none\.tsv: no such file: check the name"):
        read_dictionary(tmp_path / "none.tsv")
    with pytest.raises(TextError, match="is a folder"):
        read_dictionary(tmp_path)


def test_limits_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _write(tmp_path, "Kpă\nPơn\nBlăng\n")
    monkeypatch.setattr(term_files, "MAX_TERMS", 2)
    with pytest.raises(TextError, match=r"names\.tsv:3: more than 2 terms"):
        read_dictionary(path)
    with pytest.raises(ConfigError, match="3 terms in all dictionaries"):
        gather_terms(RestoreConfig(terms=_terms("Kpă", "Pơn", "Blăng")))
    monkeypatch.setattr(term_files, "MAX_FILE_BYTES", 5)
    with pytest.raises(TextError, match="larger than 5 bytes"):
        read_dictionary(path)


def test_later_terms_override_earlier_ones(tmp_path: Path) -> None:
    one, other = tmp_path / "one.tsv", tmp_path / "other.tsv"
    one.write_text("Kpă\t2\nPơn\t2\nBlăng\t2\n", encoding="utf-8")
    other.write_text("Pơn\t3\nBlăng\t3\n", encoding="utf-8")
    config = RestoreConfig(user_dictionaries=(one, other), terms=_terms("Blăng", weight=4))
    assert gather_terms(config) == (Term("Kpă", 2), Term("Pơn", 3), Term("Blăng", 4))


def test_a_toml_file_holds_terms(tmp_path: Path) -> None:
    path = tmp_path / "o.toml"
    path.write_text(
        "[restore]\nuser_dictionaries = ['a.tsv']\n"
        "terms = ['PCCC', { phrase = 'Kpă Y Pơn', weight = 5 }]\n",
        encoding="utf-8",
    )
    assert load_config(path).restore == RestoreConfig(
        user_dictionaries=(Path("a.tsv"),), terms=(Term("PCCC"), Term("Kpă Y Pơn", 5))
    )


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("terms = 'Kpă'", "terms is 'Kpă': expected a list of words and phrases"),
        ("terms = [5]", "restore.terms: 5 is no term"),
        ("terms = [{ phrase = 'Kpă', wieght = 5 }]", "is no term: write a string, or a table"),
        (
            "terms = [{ phrase = 'Kpă', weight = '5' }]",
            "the weight of 'Kpă' is '5': write a number",
        ),
        ("terms = [{ phrase = 'Kpă', weight = 0 }]", "weight of 'Kpă' is 0: it must be"),
        ("user_dictionaries = 'a.tsv'", "expected a list of strings (paths)"),
    ],
)
def test_a_toml_file_with_something_else_is_refused(
    tmp_path: Path, option: str, message: str
) -> None:
    path = tmp_path / "o.toml"
    path.write_text(f"[restore]\n{option}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


# The models.


def _walk(lexicon: Lexicon, word: str) -> int:
    """The word that the letter tree leads to."""
    node = 0
    for letter in word:
        node = int(lexicon.children[node, lexicon.letters.index(letter)])
    return int(lexicon.word_at[node])


def test_without_terms_the_models_are_what_they_were() -> None:
    folder = find_dictionaries()
    models = _models()
    assert models.lexicon is load_lexicon(folder)
    assert models.prior is None
    assert models.adapt(None) is None
    cache = build_cache([([4, 5], [1.0, 1.0])], len(models.lexicon.words))
    assert models.adapt(cache) is cache


def test_no_word_of_the_lexicon_gets_another_number() -> None:
    plain, models = load_lexicon(find_dictionaries()), _models(*NAMES)
    extended = models.lexicon
    size = len(plain.words)
    assert extended.words[:size] == plain.words
    assert models.first_new == size
    words = {word for name in NAMES for word in name.lower().replace("-", " ").split()}
    assert set(extended.words[size:]) == words - plain.index.keys()
    np.testing.assert_array_equal(extended.log_case[:, :size], plain.log_case)
    np.testing.assert_array_equal(extended.counts[:size], plain.counts)
    old = plain.children
    np.testing.assert_array_equal(
        np.where(old >= 0, extended.children[: len(old), : old.shape[1]], old), old
    )


@given(st.lists(written_syllables | st.sampled_from(NAMES), min_size=1, max_size=5))
@settings(max_examples=30)
def test_the_tree_leads_to_every_word(words: list[str]) -> None:
    folder = find_dictionaries()
    terms = tuple({Term(word): None for word in words})
    lexicon = add_terms(terms, load_lexicon(folder), load_language_model(folder)).lexicon
    assert all(_walk(lexicon, word) == lexicon.index[word] for word in lexicon.words[-9:])
    assert all(_walk(lexicon, word) == lexicon.index[word] for word in lexicon.words[4:40])
    assert len(set(lexicon.words)) == len(lexicon.words) == len(lexicon.index)
    assert lexicon.log_case.shape == (2, len(lexicon.words), 4)
    np.testing.assert_allclose(np.exp(lexicon.log_case).sum(axis=2), 1.0, atol=1e-4)
    # A child has a higher number than its parent: the search relies on it.
    parents, _ = np.nonzero(lexicon.children >= 0)
    assert (lexicon.children[lexicon.children >= 0] > parents).all()


@pytest.mark.parametrize(
    ("phrase", "pattern"),
    [("bhiuh", LOWER), ("Kpă", TITLE), ("ĐCTĐ", UPPER), ("ShopĂn", TITLE), ("iPhơn", LOWER)],
)
def test_a_word_is_likeliest_in_the_case_it_was_given_in(phrase: str, pattern: int) -> None:
    lexicon = _models(phrase).lexicon
    word = lexicon.index[phrase.lower()]
    assert lexicon.log_case[0, word].argmax() == pattern
    written = lexicon.writing.get(phrase.lower(), phrase.lower())
    assert apply_pattern(written, pattern) == phrase


def test_mixed_case_is_kept_as_writing_only_where_patterns_do_not_make_it() -> None:
    lexicon = _models("Kpă", "ShopĂn").lexicon
    assert case_pattern("ShopĂn") == OTHER
    assert lexicon.writing["shopăn"] == "ShopĂn"
    assert "kpă" not in lexicon.writing


def test_a_weight_of_one_is_an_ordinary_word_and_weights_multiply() -> None:
    for weight in (0.1, 1.0, 50.0):
        models = _models("Kpă", weight=weight)
        word = models.lexicon.index["kpă"]
        assert np.exp(models.model.unigram_log_prob[word]) == pytest.approx(weight * ORDINARY)


def test_many_terms_share_what_all_terms_may_have() -> None:
    models = _models("Kpă", "Pơn", "Bhăng", weight=1000.0)
    assert models.prior is not None
    assert models.prior.share == pytest.approx(MAX_MASS)
    assert models.prior.single.sum() == pytest.approx(1.0, abs=1e-4)


def _probability(models: UserModels, *words: str) -> float:
    """P(last word | the words before it) with the prior."""
    assert models.prior is not None
    index = models.lexicon.index
    state = np.array([[START_STATE]])
    for word in words[:-1]:
        state = next_state(state, np.array([[index[word]]]))
    last = np.array([[index[words[-1]]]])
    wording = models.model.log_prob(state, last)
    return float(np.exp(models.prior.mix(wording, state, last)).item())


def test_a_phrase_makes_its_pairs_likelier_and_more_so_with_its_weight() -> None:
    plain = _models("Kpă")
    light, heavy = _models("Nguyễn Thị Hóa"), _models("Nguyễn Thị Hóa", weight=20)
    for models in (light, heavy):
        assert _probability(models, "thị", "hóa") > 5 * _probability(plain, "thị", "hóa")
    assert _probability(heavy, "thị", "hóa") > 2 * _probability(light, "thị", "hóa")
    assert _probability(heavy, "thị", "hoa") == pytest.approx(
        _probability(plain, "thị", "hoa"), rel=0.02
    )


def test_after_a_word_that_only_a_term_holds_comes_the_rest_of_the_term() -> None:
    assert _probability(_models("Kpă Y Pơn"), "kpă", "y") > 0.5


def test_what_the_terms_and_what_the_document_say_adds_up() -> None:
    models = _models("Nguyễn Thị Hóa")
    index = models.lexicon.index
    said = [index[word] for word in ("bà", "thị", "mai")]
    cache = build_cache([(said, [1.0] * 3)] * 40, len(models.lexicon.words))
    assert cache is not None
    both = models.adapt(cache)
    assert both is not None
    state = next_state(np.array([[START_STATE]]), np.array([[index["thị"]]]))
    words = np.array([[index[word] for word in ("hóa", "mai", "hoa")]])
    nothing = np.full((1, 1, 3), -100.0, dtype=np.float32)  # a language model without a say
    assert models.prior is not None
    parts = [np.exp(part.mix(nothing, state, words)) for part in (models.prior, cache)]
    np.testing.assert_allclose(
        np.exp(both.mix(nothing, state, words)), sum(parts), rtol=0.02, atol=1e-9
    )


def test_every_word_in_a_pair_of_the_prior_stands_alone_too() -> None:
    prior = _models(*NAMES).prior
    assert prior is not None
    assert (np.diff(prior.pairs.astype(np.int64)) > 0).all()
    assert (prior.single[(prior.pairs & np.uint64(0xFFFF)).astype(np.int64)] > 0).all()


def test_more_words_than_there_are_numbers_for_are_refused() -> None:
    folder = find_dictionaries()
    letters = "abcdefghijklmnopqrstuvwxyz"
    many = _terms(
        *(f"q{a}{b}{c}{d}z" for a in letters for b in letters for c in letters for d in "xyz")
    )
    with pytest.raises(ConfigError, match=r"hold 52,\d{3} words|at most") as caught:
        add_terms(many + _terms(*(t.phrase + "q" for t in many)), load_lexicon(folder),
                  load_language_model(folder))  # fmt: skip
    assert "give those that your documents hold" in str(caught.value)


# Restoring.

REPAIRED = [
    ("undiacritised", ("Kpă Y Pơn",), "Ong Kpa Y Pon da ky", "Ông Kpă Y Pơn đã ký"),
    ("tesseract-eng", ("Kpă Y Pơn",), "Ong Kpa Y Pon di hop", "Ông Kpă Y Pơn đi họp"),
    ("undiacritised", ("ĐHQG",), "Truong DHQG da ky", "Trường ĐHQG đã ký"),
    ("tesseract-vie", ("Kpă Y Pơn",), "Ông Kpà Y Pon, trưởng thôn", "Ông Kpă Y Pơn, trưởng thôn"),
    ("tesseract-vie", ("Rơ Châm Plưng",), "Bà Rơ Châm Plung đã ký", "Bà Rơ Châm Plưng đã ký"),
    ("tesseract-vie", ("Ksor H'Blăng",), "Bà Ksor H'Blang đã ký", "Bà Ksor H'Blăng đã ký"),
    ("tesseract-vie", ("ĐCTĐ",), "Ban ĐCTD xã đã họp", "Ban ĐCTĐ xã đã họp"),
    ("tesseract-eng", ("covid-19",), "dich cowid-19 lan rOng", "dịch covid-19 lan rộng"),
    ("tesseract-eng", ("Samsong",), "mua dién thoai Samsomg", "mua điện thoại Samsong"),
    ("tesseract-eng", ("Phổ Ninh",), "Uy ban nhan dan x4 Phé Ninh", "Ủy ban nhân dân xã Phổ Ninh"),
]  # fmt: skip


@pytest.mark.parametrize(("profile", "phrases", "garbled", "expected"), REPAIRED)
def test_a_garbled_copy_is_repaired_into_a_term(
    profile: str, phrases: tuple[str, ...], garbled: str, expected: str
) -> None:
    result = _restorer(profile, *phrases).restore(garbled)
    assert result.text == expected
    assert _restorer(profile).restore(garbled).text != expected
    assert "restore/dictionary" in {edit.cause for edit in result.edits}


def test_an_abbreviation_of_the_user_is_known_in_document_ids() -> None:
    text = "Uy ban nhan dan xa nhan Cong van sé 12/QD-ĐCTD ngay 5/3/2024"
    plain = _restorer("tesseract-eng").restore(text).text
    assert "12/QĐ-ĐCTĐ" not in plain
    assert "12/QĐ-ĐCTĐ ngày 5/3/2024" in _restorer("tesseract-eng", "ĐCTĐ").restore(text).text


def test_a_change_that_needs_no_dictionary_is_not_laid_to_it() -> None:
    result = _restorer("undiacritised", "Kpă Y Pơn").restore("Uy ban nhan dan huyen thong bao")
    assert {edit.cause for edit in result.edits}.isdisjoint({"restore/dictionary"})
    assert result.text == "Ủy ban nhân dân huyện thông báo"


@pytest.mark.parametrize("profile", ["tesseract-eng", "tesseract-vie", "undiacritised"])
@pytest.mark.parametrize("phrase", [*NAMES, "Sarmsong", "Lê Thi Na", "Tu Mơ Rông", "ĐCTĐ"])
def test_a_correct_occurrence_is_never_altered(profile: str, phrase: str) -> None:
    text = f"Theo {phrase}, Uy ban nhan dan va {phrase} da hop. {phrase}\n({phrase})"
    result = _restorer(profile, phrase).restore(text)
    assert result.text.count(phrase) == 4


@pytest.mark.parametrize(
    "case", [case for case in HARMLESS if case["kind"] == "clean"], ids=lambda case: case["label"]
)
def test_a_dictionary_does_not_touch_other_correct_text(case: dict[str, Any]) -> None:
    assert (
        _restorer("auto", *NAMES, "Bhăng", "Sarmsong", "Khu J", "Ŋ").restore(case["input"]).edits
        == ()
    )


def test_a_lone_word_that_lost_marks_is_not_taken_for_a_term() -> None:
    result = _restorer("undiacritised", "Nam").restore("Nam nay mua nhieu hon nam ngoai")
    assert result.text == "Năm nay mưa nhiều hơn năm ngoái"


def test_terms_of_a_file_and_of_the_options_do_the_same(tmp_path: Path) -> None:
    path = _write(tmp_path, "phrase\tweight\nKpă Y Pơn\t3\n")
    text = "Ong Kpa Y Pon da ky bien ban"
    by_file = restore_and_explain(text, RestoreConfig(user_dictionaries=(path,)))
    by_option = restore_and_explain(text, RestoreConfig(terms=(Term("Kpă Y Pơn", 3),)))
    assert by_file == by_option
    assert "Kpă Y Pơn" in by_file.text


def test_a_restorer_with_terms_can_be_sent_to_another_process() -> None:
    restorer = _restorer("undiacritised", "Kpă Y Pơn")
    again = pickle.loads(pickle.dumps(restorer))
    assert again.restore("ong Kpa Y Pon").text == restorer.restore("ong Kpa Y Pon").text


def test_one_restorer_does_not_see_the_terms_of_another() -> None:
    text = "Ong Kpa Y Pon da ky bien ban"
    before = _restorer("undiacritised").restore(text)
    _restorer("undiacritised", "Kpă Y Pơn").restore(text)
    assert Restorer(RestoreConfig(profile="undiacritised")).restore(text) == before


def test_a_config_with_terms_is_a_key() -> None:
    config = RestoreConfig(terms=_terms("Kpă"))
    assert hash(config) == hash(dataclasses.replace(config))
    assert config != RestoreConfig(terms=_terms("Kpă", weight=2))
