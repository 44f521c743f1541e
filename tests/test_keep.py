"""What a user asks to keep comes back as it stands, and only that."""

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from tests.strategies import any_text, vietnamese_text
from vnrepair.cli import app
from vnrepair.config import PROFILES, RestoreConfig, load_config
from vnrepair.errors import ConfigError, TextError
from vnrepair.records import Edit, apply_edits
from vnrepair.restore.restorer import Restorer, restore
from vnrepair.restore.term_files import read_keep_file
from vnrepair.restore.term_spans import TermFinder, keep_tokens, spans_inside, without_touching
from vnrepair.restore.tokenise import Kind, tokenise

GARBLED = "Ké hoach cua Uy ban nhan dan xa Nam Long va HTX Nam\n\tLong; sé 12/QD-UBND"
BARE = "Ke hoach cua Uy ban nhan dan xa Nam Long"


def _keep(text: str, *terms: str, profile: str = "auto") -> str:
    return restore(text, RestoreConfig(keep=terms, profile=profile))


def _found(text: str, *terms: str) -> list[str]:
    return [text[start:end] for start, end in TermFinder(terms).find(text)]


# Finding.


@pytest.mark.parametrize(
    ("text", "terms", "found"),
    [
        ("Nam Long, (Nam\n\tLong)", ("Nam Long",), ["Nam Long", "Nam\n\tLong"]),
        ("nam long NAM LONG", ("Nam Long",), []),
        ("Nam Longs xNam Long Nam Long2", ("Nam Long",), []),
        ("Nam Long Biên", ("Nam", "Nam Long", "Long Biên"), ["Nam Long"]),
        ("C++, C+ (C++) .NET x.NET", ("C++", ".NET"), ["C++", "C++", ".NET", ".NET"]),
        ("Yahoo! Yahoo", ("Yahoo!",), ["Yahoo!"]),
        ("Hòa Hoà hòa", ("Hòa",), ["Hòa"]),
        ("56/QD-UBND", ("QD",), ["QD"]),
        ("xã Nam", ("Nam", "Nam Long"), ["Nam"]),
        ("", ("a",), []),
        ("a b", (), []),
    ],
)
def test_a_term_is_found_where_it_stands_whole(
    text: str, terms: tuple[str, ...], found: list[str]
) -> None:
    assert _found(text, *terms) == found


@given(any_text, st.lists(st.text(max_size=6), max_size=4))
def test_spans_are_in_order_and_hold_the_terms(text: str, terms: list[str]) -> None:
    try:
        clean = RestoreConfig(keep=tuple(terms)).keep
    except ConfigError:
        return
    spans = TermFinder(clean).find(text)
    assert all(" ".join(text[start:end].split()) in clean for start, end in spans)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5)), max_size=5), st.integers(0, 30),
       st.integers(1, 12))  # fmt: skip
def test_spans_inside_a_piece_are_those_that_share_a_character_with_it(
    pairs: list[tuple[int, int]], start: int, length: int
) -> None:
    spans: list[tuple[int, int]] = []
    for first, size in sorted(pairs):
        if not spans or first >= spans[-1][1]:
            spans.append((first, first + size))
    end = start + length
    wanted = [(a - start, b - start) for a, b in spans if a < end and b > start]
    assert spans_inside(spans, start, end) == wanted


def test_words_in_a_span_are_kept_and_numbers_stay_numbers() -> None:
    text = "xã Nam Long số 12 a1"
    kinds = {token.text: token.kind for token in keep_tokens(tokenise(text), [(3, 20)])}
    assert kinds == {
        "xã": Kind.WORD, "Nam": Kind.KEPT, "Long": Kind.KEPT, "số": Kind.KEPT,
        "12": Kind.NUMBER, "a1": Kind.KEPT,
    }  # fmt: skip


def test_edits_that_touch_a_span_are_dropped() -> None:
    edits = [Edit(0, 2, "ab", "x", ""), Edit(3, 5, "de", "y", ""), Edit(6, 7, "g", "z", "")]
    assert without_touching(edits, [(4, 6)]) == [edits[0], edits[2]]


# Keeping.


def test_a_kept_term_stays_and_the_rest_is_repaired() -> None:
    assert restore(BARE) == "Kế hoạch của Ủy ban nhân dân xã Nam Long"
    assert _keep(BARE, "Uy ban", "Ke") == "Ke hoạch của Uy ban nhân dân xã Nam Long"


@pytest.mark.parametrize("profile", PROFILES)
def test_every_occurrence_stays_in_every_profile(profile: str) -> None:
    kept = _keep(GARBLED, "Nam Long", "nhan dan", "Ké", "QD", profile=profile)
    for part in ("Ké", "nhan dan", "Nam Long", "Nam\n\tLong", "12/QD-UBND"):
        assert part in kept


def test_what_is_kept_is_not_asked_about() -> None:
    config = RestoreConfig(keep=("Uy ban", "xa Nam Long"), profile="undiacritised", flag_below=1.0)
    restorer = Restorer(config)
    assert [reading.observed for reading in restorer.n_best(BARE, 2)] == [
        "Ke", "hoach", "cua", "nhan", "dan"
    ]  # fmt: skip
    assert {flag.observed for flag in restorer.restore(BARE).flags} <= set(BARE.split()[:-3])


def test_case_counts() -> None:
    assert _keep("Nhan dan xa va nhan dan huyen", "Nhan dan").startswith("Nhan dan")
    assert "nhân dân" in _keep("Nhan dan xa va nhan dan huyen", "Nhan dan")


def test_a_kept_word_says_what_it_says_to_its_neighbours() -> None:
    assert _keep("nhan dân", "dân", profile="undiacritised") == "nhân dân"
    assert _keep("nhan xét", "xét", profile="undiacritised") == "nhận xét"


def test_a_term_is_matched_in_any_normal_form() -> None:
    decomposed = "Uy ban nhan dan xa\nMe\N{COMBINING ACUTE ACCENT} Linh"
    assert _keep(decomposed, "M\N{LATIN SMALL LETTER E WITH ACUTE} Linh").endswith("Mé Linh")
    assert _keep("xa Mé Linh", "Me\N{COMBINING ACUTE ACCENT} Linh").endswith("Mé Linh")


def test_rules_leave_a_kept_term_alone() -> None:
    text = "I1. Muc tiéu\nCan cif Quyét dinh s6 12/Qb-UBND — cua tinh"
    assert "II. Mục" in restore(text)
    assert "12/QĐ-UBND –" in restore(text)
    kept = _keep(text, "I1", "Qb", "—")
    assert kept.startswith("I1. Mục")
    assert "12/Qb-UBND — của" in kept


def test_a_term_across_the_end_of_a_block_stays() -> None:
    line = "Uy ban nhan dan xa thong bao\n"
    text = line * 40 + "nhan\ndan"
    config = RestoreConfig(keep=("nhan dan",), block_chars=1000, profile="undiacritised")
    for cut in range(0, 30, 3):
        assert restore(text[cut:], config).count("nhan") == 41 - (cut > 7)


@given(vietnamese_text, st.data())
@settings(max_examples=40)
def test_what_is_kept_comes_back(text: str, data: st.DataObject) -> None:
    words = [word for word in text.split() if any(c.isalnum() for c in word)]
    if not words:
        return
    term = data.draw(st.sampled_from(words))
    try:
        config = RestoreConfig(keep=(term,), profile="undiacritised")
    except ConfigError:
        return
    result = Restorer(config).restore(text)
    finder = TermFinder(config.keep)
    assert len(finder.find(result.text)) >= len(finder.find(result.source)) > 0
    assert apply_edits(result.source, result.edits) == result.text
    spans = finder.find(result.source)
    assert without_touching(result.edits, spans) == list(result.edits)


def test_a_term_that_does_not_occur_changes_nothing() -> None:
    assert _keep(GARBLED, "Bình Định") == restore(GARBLED)


# Options.


@pytest.mark.parametrize(
    ("term", "message"),
    [("", "a term of restore.keep is empty"), (" \t", "is empty"), ("a\x00b", "control character")],
)
def test_what_is_no_term_is_refused(term: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        RestoreConfig(keep=("Nam Long", term))


def test_a_file_holds_a_term_on_each_line(tmp_path: Path) -> None:
    path = tmp_path / "keep.txt"
    path.write_text("\ufeff# names\r\nNam Long\r\n\r\n  C++ \r\n", encoding="utf-8")
    assert read_keep_file(path) == ("Nam Long", "C++")


def test_a_bad_line_of_a_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "keep.txt"
    path.write_text("Nam\na\x01b\n", encoding="utf-8")
    with pytest.raises(TextError, match=r"keep\.txt:2: .*control character: take it out"):
        read_keep_file(path)
    path.write_bytes(b"\xff\xfeN")
    with pytest.raises(TextError, match=r"keep\.txt:1: not UTF-8"):
        read_keep_file(path)
    with pytest.raises(TextError, match="no such file"):
        read_keep_file(tmp_path / "none.txt")


def test_a_toml_file_holds_what_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "o.toml"
    path.write_text("[restore]\nkeep = ['Nam  Long']\n", encoding="utf-8")
    assert load_config(path).restore == RestoreConfig(keep=("Nam Long",))


# The command line.


def _run(*arguments: str | Path, stdin: str = "") -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture
def garbled(tmp_path: Path) -> Path:
    path = tmp_path / "bare.txt"
    path.write_text("Ong Kpa Y Pon o xa Nam Long da hop\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("verb", ["restore", "repair"])
def test_dictionaries_and_kept_terms_are_options_of_both_verbs(
    verb: str, garbled: Path, tmp_path: Path
) -> None:
    names, kept = tmp_path / "names.tsv", tmp_path / "keep.txt"
    names.write_text("Kpă Y Pơn\t5\n", encoding="utf-8")
    kept.write_text("hop\n", encoding="utf-8")
    options = ("--dictionary", names, "--keep", "Ong", "--keep-file", kept)
    done = _run(verb, garbled, *options, "--profile", "undiacritised")
    assert done.stdout == "Ong Kpă Y Pơn ở xã Nam Long đã hop\n"
    assert done.exit_code == 0


def test_repair_does_not_tidy_what_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Ðức  Hoà , Ðức  Hoà\tBình ,\n", encoding="utf-8")
    assert _run("repair", path).stdout == "Đức Hoà, Đức Hoà Bình,\n"
    done = _run("repair", path, "--keep", "Ðức Hoà")
    assert done.stdout == "Ðức  Hoà, Ðức  Hoà Bình,\n"


def test_options_add_to_those_of_the_file(garbled: Path, tmp_path: Path) -> None:
    config = tmp_path / "o.toml"
    config.write_text("[restore]\nkeep = ['Ong']\nterms = ['Kpă Y Pơn']\n", encoding="utf-8")
    done = _run("restore", garbled, "--config", config, "--keep", "hop")
    assert done.stdout == "Ong Kpă Y Pơn ở xã Nam Long đã hop\n"


def test_explain_names_the_dictionary(garbled: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.tsv"
    names.write_text("Kpă Y Pơn\n", encoding="utf-8")
    done = _run("restore", garbled, "--dictionary", names, "--json")
    causes = {edit["after"]: edit["cause"] for edit in json.loads(done.stdout)["edits"]}
    assert causes["Kpă"] == "restore/dictionary"
    assert causes["xã"] != "restore/dictionary"


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--keep", ""), 2, "a term of restore.keep is empty"),
        (("--keep-file", "none.txt"), 3, "none.txt: no such file"),
        (("--dictionary", "none.tsv"), 3, "none.tsv: no such file"),
    ],
)
def test_a_bad_option_ends_the_run_with_its_code(
    options: tuple[str, ...], code: int, message: str, garbled: Path
) -> None:
    done = _run("restore", garbled, *options)
    assert (done.exit_code, done.stdout) == (code, "")
    assert message in done.stderr


def test_a_bad_line_of_a_dictionary_leaves_no_output(garbled: Path, tmp_path: Path) -> None:
    names, output = tmp_path / "names.tsv", tmp_path / "out.txt"
    names.write_text("Kpă\tmany\n", encoding="utf-8")
    done = _run("restore", garbled, "--dictionary", names, "-o", output)
    assert done.exit_code == 3
    assert "names.tsv:1: the weight 'many' is no number" in done.stderr
    assert not output.exists()
