"""One call turns corpora and pairs into dictionaries that load, the same bytes every time."""

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from vnrepair.config import RestoreConfig
from vnrepair.errors import InputError
from vnrepair.language.letters import VIETNAMESE_LETTERS, skeleton, strip_tones
from vnrepair.learn.build import build
from vnrepair.learn.corpus import HELD_OUT_BLOCK, is_held_out
from vnrepair.learn.pairs import LinePair, write_pairs
from vnrepair.restore.channel import load_channel
from vnrepair.restore.language_model import START_STATE, next_state
from vnrepair.restore.lexicon import Lexicon, load_lexicon
from vnrepair.restore.manifest import load_language_model, verify
from vnrepair.restore.restorer import Restorer

LINES = (
    "Bà con trồng lúa, trồng ngô bên sông.",
    "Bà con gặt lúa bên sông, Số 12/QĐ-UBND.",
    "Mùa mưa nước sông dâng cao, bà con chống lụt.",
    "Ông lái đò chở bà con qua sông mùa mưa.",
)
GARBLED = (
    ("Ba con trdng lta, trdng ngé bén séng.", LINES[0]),
    ("Ba con gat lta bén séng, S6 12/QD-UBND.", LINES[1]),
    ("Mta mua nuéc séng dang cao, ba con chéng lut.", LINES[2]),
    ("Ong lai dé ché ba con qua séng mta mua.", LINES[3]),
)
NAME = next(f"c{n}" for n in range(1000) if not is_held_out(f"c{n}", 0))


def _corpus(folder: Path, lines: Sequence[str], name: str = NAME) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _held_out() -> str:
    return next(f"c{n}" for n in range(1000) if is_held_out(f"c{n}", 0))


def _pairs(folder: Path) -> Path:
    path = folder / "pairs.tsv"
    write_pairs(
        [
            LinePair(observed if language == "eng" else intended, intended, "test", language)
            for language in ("eng", "vie")
            for observed, intended in GARBLED * 5
        ],
        path,
    )
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dictionaries of forty lines, which no test alters."""
    folder = tmp_path_factory.mktemp("build")
    build(_corpus(folder / "corpus", LINES * 10), folder / "out", pairs=_pairs(folder))
    return folder / "out"


def test_every_file_is_in_the_manifest_with_its_checksum(built: Path) -> None:
    manifest = verify(built)
    present = {path.name for path in built.iterdir()} - {"manifest.json"}
    assert present == set(manifest["files"])
    for name, entry in manifest["files"].items():
        data = (built / name).read_bytes()
        assert entry == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def test_the_manifest_says_what_was_counted(built: Path) -> None:
    manifest = verify(built)
    assert list(manifest["corpora"]) == [f"{NAME}.txt"]
    assert manifest["line_pairs"] == {"eng": 20, "vie": 20}
    assert manifest["events"] > 200
    assert manifest["licence"]
    assert "learn build" in manifest["command"]
    assert str(built.parent) not in json.dumps(manifest)  # no path of this machine


def test_the_words_of_the_corpus_are_known_with_their_counts(built: Path) -> None:
    lexicon = load_lexicon(built)
    assert lexicon.counts[lexicon.index["sông"]] == 40
    assert lexicon.counts[lexicon.index["bà"]] == 40
    assert "xyz" not in lexicon.index


def _log_prob(folder: Path, lexicon: Lexicon, words: str) -> float:
    model, state, total = load_language_model(folder), np.array([[START_STATE]]), 0.0
    for word in words.split():
        number = np.array([[lexicon.index[word]]])
        total += float(model.log_prob(state, number)[0, 0, 0])
        state = next_state(state, number)
    return total


def test_the_language_model_prefers_what_the_corpus_says(built: Path) -> None:
    lexicon = load_lexicon(built)
    said = _log_prob(built, lexicon, "bà con gặt lúa bên sông")
    assert said > _log_prob(built, lexicon, "sông bà bên gặt con lúa") + 3


def test_the_channels_are_those_of_the_pairs(built: Path) -> None:
    eng, vie = (load_channel(built, f"tesseract-{language}") for language in ("eng", "vie"))
    assert eng.log_prob("séng", "sông") > math.log(0.3)
    assert vie.log_prob("sông", "sông") > math.log(0.8)
    assert eng.log_prob("sông", "sông") < eng.log_prob("séng", "sông")


def test_the_bare_channel_knows_every_letter(built: Path) -> None:
    bare = load_channel(built, "undiacritised")
    for letter in VIETNAMESE_LETTERS:
        row = bare.letters[letter]
        assert set(row) == {skeleton(letter), strip_tones(letter), letter}
        assert sum(map(math.exp, row.values())) == pytest.approx(1.0, abs=0.02)
        assert max(row, key=lambda emitted: row[emitted]) == skeleton(letter)


def test_symbols_of_ids_are_listed(built: Path) -> None:
    symbols = [line.split("\t")[0] for line in (built / "id_symbols.tsv").read_text().splitlines()]
    assert symbols[0] == "symbol"
    assert {"QĐ", "UBND", "KH", "HĐND", "TTr"} <= set(symbols)


@pytest.mark.parametrize(
    ("profile", "observed"),
    [
        ("tesseract-eng", "Ba con gat lta bén séng mta mua."),
        ("undiacritised", "Ba con gat lua ben song mua mua."),
    ],
)
def test_a_restorer_of_them_repairs_what_they_taught(
    built: Path, profile: str, observed: str
) -> None:
    restorer = Restorer(RestoreConfig(dictionaries=built, profile=profile))
    assert restorer.restore(observed).text == "Bà con gặt lúa bên sông mùa mưa."


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_corpus_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    build(_corpus(tmp_path / "again", LINES * 10), tmp_path / "out", pairs=_pairs(tmp_path))
    assert _bytes(tmp_path / "out") == _bytes(built)


def test_another_corpus_gives_another_model(built: Path, tmp_path: Path) -> None:
    build(_corpus(tmp_path / "corpus", LINES * 11), tmp_path / "out", pairs=_pairs(tmp_path))
    assert _bytes(tmp_path / "out") != _bytes(built)


def test_held_out_blocks_are_not_counted(tmp_path: Path) -> None:
    name = next(
        f"c{n}"
        for n in range(10_000)
        if is_held_out(f"c{n}", 0) and not is_held_out(f"c{n}", HELD_OUT_BLOCK)
    )
    lines = ["giấu kín chuyện riêng"] * HELD_OUT_BLOCK + list(LINES) * 10
    build(_corpus(tmp_path / "corpus", lines, name), tmp_path / "out", pairs=_pairs(tmp_path))
    lexicon = load_lexicon(tmp_path / "out")
    assert "giấu" not in lexicon.index
    assert lexicon.counts[lexicon.index["sông"]] == 40


def test_names_of_places_and_people_are_counted(tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.mkdir()
    rows = "kind\tname\tparent\n" + "commune\tPhú Riềng\tBù Đăng\n" * 5
    (names / "place_names.tsv").write_text(rows, encoding="utf-8")
    (names / "given_names.tsv").write_text("Thuyên\t3\n" * 5, encoding="utf-8")
    corpus = _corpus(tmp_path / "corpus", LINES * 10)
    build(corpus, tmp_path / "out", names=names, pairs=_pairs(tmp_path))
    assert {"riềng", "bù", "đăng", "thuyên"} <= load_lexicon(tmp_path / "out").index.keys()


def test_abbreviations_are_known_whatever_their_count(tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.mkdir()
    for name in ("place_names.tsv", "given_names.tsv"):
        (names / name).write_text("", encoding="utf-8")
    rows = "abbr\tcount\tmeaning\nBCĐ\t62\t\nTP\t900\t\n"
    (names / "abbreviations.tsv").write_text(rows, encoding="utf-8")
    corpus = _corpus(tmp_path / "corpus", (*LINES * 10, "Thành viên BCĐ của TP."))
    build(corpus, tmp_path / "out", names=names, pairs=_pairs(tmp_path))
    index = load_lexicon(tmp_path / "out").index
    assert "bcđ" in index
    assert "tp" not in index  # two letters are too few to be told from ruined syllables


def test_texts_of_ones_own_are_heard_above_the_corpus(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path / "corpus", LINES * 4)
    texts = _corpus(tmp_path / "texts", ["Bà ngoại kể chuyện."], name=_held_out())
    folder = tmp_path / "out"
    build(corpus, folder, texts=texts, pairs=_pairs(tmp_path))
    lexicon, model = load_lexicon(folder), load_language_model(folder)
    state = next_state(np.array([START_STATE]), np.array([lexicon.index["bà"]]))
    follow = [lexicon.index[word] for word in ("ngoại", "con")]
    own, other = model.log_prob(state[None, :], np.array([follow]))[0, 0]
    assert own > other  # said once, against sixteen times in the corpus


def test_short_lines_are_enough(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path / "corpus", ["bà con"] * 10)
    build(corpus, tmp_path / "out", pairs=_pairs(tmp_path))
    restorer = Restorer(RestoreConfig(dictionaries=tmp_path / "out", profile="undiacritised"))
    assert restorer.restore("ba con").text == "bà con"


def test_an_empty_file_beside_others_is_no_harm(built: Path, tmp_path: Path) -> None:
    corpus = _corpus(tmp_path / "corpus", LINES * 10)
    (corpus / "a-empty.txt").write_bytes(b"")
    build(corpus, tmp_path / "out", pairs=_pairs(tmp_path))
    after = _bytes(tmp_path / "out")
    assert {name for name, data in _bytes(built).items() if after[name] != data} == {
        "manifest.json"
    }


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    corpus = _corpus(tmp_path / "corpus", LINES * 10)
    build(corpus, tmp_path / "out", pairs=_pairs(tmp_path), progress=told.append)
    text = "\n".join(told)
    for stage in ("reading", "counting 4-grams", "estimating order 4", "training the channel"):
        assert stage in text


# What cannot be built.


def _refused(
    corpus: Path, out: Path, what: str, *, names: Path | None = None, pairs: Path | None = None
) -> None:
    with pytest.raises(InputError, match=what):
        build(corpus, out, names=names, pairs=pairs)
    assert not out.exists()


@pytest.mark.parametrize("lines", [[], [""], ["", " ", "\t"]], ids=["none", "empty", "blank"])
def test_a_corpus_without_text_is_refused(tmp_path: Path, lines: list[str]) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / f"{NAME}.txt").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    _refused(corpus, tmp_path / "out", "corpus", pairs=_pairs(tmp_path))


def test_a_folder_without_corpora_is_refused(tmp_path: Path) -> None:
    _refused(tmp_path / "nowhere", tmp_path / "out", "nowhere")


def test_a_corpus_that_is_no_text_is_named(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "scan.txt").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    _refused(corpus, tmp_path / "out", "scan.txt", pairs=_pairs(tmp_path))


def test_a_table_that_holds_no_pairs_is_named(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path / "corpus", LINES * 10)
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("left\tright\na\tb\n", encoding="utf-8")
    _refused(corpus, tmp_path / "out", "pairs.tsv", pairs=pairs)


def test_pairs_of_another_language_are_refused(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path / "corpus", LINES * 10)
    pairs = tmp_path / "pairs.tsv"
    write_pairs([LinePair("le president", "le président", "test", "fra")], pairs)
    _refused(corpus, tmp_path / "out", "pairs.tsv", pairs=pairs)


def test_a_folder_without_names_is_named(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path / "corpus", LINES * 10)
    _refused(corpus, tmp_path / "out", "place_names", names=tmp_path, pairs=_pairs(tmp_path))


def test_a_failed_build_leaves_the_old_dictionaries_whole(built: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(_corpus(tmp_path / "corpus", LINES * 10), out, pairs=_pairs(tmp_path))
    before = _bytes(out)
    bad = tmp_path / "bad.tsv"
    bad.write_text("left\tright\na\tb\n", encoding="utf-8")
    with pytest.raises(InputError):
        build(_corpus(tmp_path / "corpus", LINES * 12), out, pairs=bad)
    assert _bytes(out) == before == _bytes(built)
