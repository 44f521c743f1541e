"""Options are refused where they are given, with the file and what may stand there instead."""

import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest

from vnrepair.config import DEFAULTS, RepairConfig, RestoreConfig, ScanConfig, Term, load_config
from vnrepair.errors import ConfigError


@pytest.mark.parametrize("mode", [-1, 0, 2, 14])
def test_page_segmentation_without_words_is_refused(mode: int) -> None:
    with pytest.raises(ConfigError, match=f"page_segmentation is {mode}: choose 1 or 3 to 13"):
        ScanConfig(page_segmentation=mode)


@pytest.mark.parametrize("mode", [1, *range(3, 14)])
def test_page_segmentation_with_words_is_taken(mode: int) -> None:
    assert ScanConfig(page_segmentation=mode).page_segmentation == mode


@pytest.mark.parametrize("seconds", [0.0, -1.0, 86_401.0, 1e300, math.inf, math.nan])
def test_a_time_limit_that_no_clock_can_keep_is_refused(seconds: float) -> None:
    with pytest.raises(ConfigError, match=r"scan\.timeout_s is .* at most 86400 seconds"):
        ScanConfig(timeout_s=seconds)


@pytest.mark.parametrize("seconds", [0.5, 86_400.0])
def test_a_time_limit_up_to_a_day_is_taken(seconds: float) -> None:
    assert ScanConfig(timeout_s=seconds).timeout_s == seconds


@pytest.mark.parametrize(
    "language",
    ["", "+", "vie+", "+vie", "vie++eng", "vie eng", " vie", "vie\n", "../vie", "a/../b", "/vie",
     "~vie", "-l", "việt", "vie;eng"],
)  # fmt: skip
def test_what_names_no_language_data_is_refused(language: str) -> None:
    with pytest.raises(ConfigError, match=r"scan\.language is .* joined by '\+'"):
        ScanConfig(language=language)


@pytest.mark.parametrize(
    "language",
    ["vie", "vie+eng", "chi_sim", "script/Vietnamese", "script/Vietnamese+eng", "vie+~eng",
     "vie-best_1.0"],
)  # fmt: skip
def test_names_of_language_data_are_taken(language: str) -> None:
    assert ScanConfig(language=language).language == language


def _load(tmp_path: Path, content: str) -> RepairConfig:
    (tmp_path / "o.toml").write_text(content, encoding="utf-8")
    return load_config(tmp_path / "o.toml")


def test_a_file_fills_the_options_that_it_names(tmp_path: Path) -> None:
    content = "[scan]\nsteps = ['grey']\ntimeout_s = 30\n[restore]\nmin_log_odds = 2"
    loaded = _load(tmp_path, content)
    assert loaded.scan == ScanConfig(steps=("grey",), timeout_s=30.0)
    assert loaded.restore == RestoreConfig(min_log_odds=2.0)
    assert loaded.normalise == DEFAULTS.normalise


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[restore]\nprofile = 'xx'", "restore.profile is 'xx': choose one of"),
        ("[restore]\nlanguage_model_weight = 9", "restore.language_model_weight must be 0 to 4"),
        ("[scan]\ntimeout_s = inf", "scan.timeout_s is inf"),
        ("[scan]\npage_segmentation = 0", "scan.page_segmentation is 0"),
        ("[scan]\nlanguage = ''", "scan.language is ''"),
        ("[scan]\nsteps = 'grey'", "scan.steps is 'grey': expected a list of strings"),
        ("[scan]\npdf_dpi = 1.5", "scan.pdf_dpi is 1.5: expected a whole number"),
        ("[restore]\ndictionaries = 1", "restore.dictionaries is 1: expected a string (a path)"),
        ("[restore]\nstyle = 1", "unknown option restore.style"),
        ("restore = 5", "restore must be one table, begun by a line [restore]"),
        ("[[restore]]", "restore must be one table, begun by a line [restore]"),
        ("[paper]", "unknown table [paper]; known tables: scan, restore"),
        ("[__class__]", "unknown table [__class__]"),
        ("[scan", "not a readable TOML file"),
        ("a = " + "[" * 100_000, "its lists or tables nest too deeply"),
    ],
    ids=lambda value: value[:30],
)
def test_a_wrong_option_is_refused_and_its_file_named(
    tmp_path: Path, content: str, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, content)
    assert str(caught.value).startswith(f"{tmp_path / 'o.toml'}: {message}")


@pytest.mark.parametrize(
    "options",
    [
        {"keep": "Nam Long"},
        {"keep": (1,)},
        {"user_dictionaries": "names.tsv"},
        {"terms": ("x",)},
    ],
)
def test_lists_of_the_wrong_kind_are_refused_by_name(options: dict[str, Any]) -> None:
    (name,) = options
    with pytest.raises(ConfigError, match=name):
        RestoreConfig(**options)


def test_names_of_dictionaries_may_be_text_and_lists_become_tuples() -> None:
    config = RestoreConfig(
        user_dictionaries=["names.tsv"],  # type: ignore[arg-type]
        terms=[Term("Kpă Y Pơn")],  # type: ignore[arg-type]
    )
    assert config.user_dictionaries == (Path("names.tsv"),)
    assert hash(config) == hash(dataclasses.replace(config))


@pytest.mark.parametrize("weight", [10**400, "5x", None])
def test_a_weight_that_is_no_number_is_refused(weight: Any) -> None:
    with pytest.raises(ConfigError, match="weight"):
        Term("x", weight)


@pytest.mark.parametrize("pages", ["1", "1-3,7,10-", " 2 "])
def test_pages_and_uses_of_text_layers_are_taken_from_a_file(tmp_path: Path, pages: str) -> None:
    (tmp_path / "a.toml").write_text(f'[scan]\npages = "{pages}"\ntext_layer = "keep"\n')
    scan = load_config(tmp_path / "a.toml").scan
    assert (scan.pages, scan.text_layer) == (pages, "keep")


@pytest.mark.parametrize(
    ("option", "message"),
    [('pages = "3-1"', "1-3"), ('pages = ""', "1-3,7,10-"), ('text_layer = "no"', "auto, ignore")],
)
def test_pages_and_uses_of_text_layers_that_cannot_be_are_refused(
    tmp_path: Path, option: str, message: str
) -> None:
    (tmp_path / "a.toml").write_text(f"[scan]\n{option}\n")
    with pytest.raises(ConfigError, match=rf"a\.toml: scan\..*{message}"):
        load_config(tmp_path / "a.toml")
