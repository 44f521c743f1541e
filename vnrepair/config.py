"""Frozen option sections, one per stage, and how a TOML file fills them.

Override a value with `dataclasses.replace(DEFAULTS.restore, profile="tesseract-eng")`, or read a
file with `load_config`. Impossible values raise `ConfigError` when the section is made.
"""

import dataclasses
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_type_hints

from vnrepair.errors import ConfigError
from vnrepair.page_ranges import parse_page_ranges

__all__ = [
    "DEFAULTS",
    "MAX_TERM_CHARS",
    "MAX_WEIGHT",
    "MIN_WEIGHT",
    "PROFILES",
    "TEXT_LAYER_USES",
    "NormaliseConfig",
    "RepairConfig",
    "RestoreConfig",
    "ScanConfig",
    "ScoreConfig",
    "Term",
    "load_config",
]

TEXT_LAYER_USES = ("auto", "ignore", "keep")
PROFILES = ("auto", "tesseract-eng", "tesseract-vie", "undiacritised")
MIN_WEIGHT, MAX_WEIGHT = 0.1, 1000.0
"""A term of weight 1 is as likely as an ordinary word, one of 1000 as the commonest of all."""
MAX_TERM_CHARS = 200

_LANGUAGE = r"[A-Za-z0-9][\w.-]*(?:/\w[\w.-]*)?"  # `vie`, `chi_sim`, `script/Vietnamese`
_LANGUAGES = re.compile(rf"{_LANGUAGE}(?:\+~?{_LANGUAGE})*", re.ASCII)
_MAX_TIMEOUT_S = 86_400  # a day; the clock of the operating system has an end as well


def _check(condition: bool, message: str) -> None:
    if not condition:
        raise ConfigError(message)


def _clean_term(term: str, where: str) -> str:
    """A term in NFC with single blanks; empty ones and control characters are refused."""
    clean = " ".join(unicodedata.normalize("NFC", term).split())
    _check(bool(clean), f"{where} is empty: write the word or phrase")
    _check(
        len(clean) <= MAX_TERM_CHARS,
        f"{where} {clean[:20]!r}... has {len(clean)} characters: at most {MAX_TERM_CHARS} can be",
    )
    strange = next((c for c in clean if unicodedata.category(c) in ("Cc", "Cs")), None)
    if strange is not None:
        raise ConfigError(f"{where} {clean!r} holds a control character: take it out")
    return clean


def _as_float(value: object, where: str) -> float:
    """A number, as a float.

    Raises:
        ConfigError: It is no number, or too large for one.
    """
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigError(f"{where}: write a number ({error})") from error


def _as_tuple(value: object, kinds: tuple[type, ...], where: str) -> tuple[Any, ...]:
    """Items of a list or tuple, all of the kinds that are allowed.

    Raises:
        ConfigError: It is one item instead of a list of them, or holds something else.
    """
    is_list = isinstance(value, (list, tuple))
    if not is_list or not all(isinstance(item, kinds) for item in value):  # type: ignore[attr-defined]
        names = " or ".join(kind.__name__ for kind in kinds)
        raise ConfigError(f"{where} is {value!r}: give a list of {names}")
    return tuple(value)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase of a user's own, in the case and with the marks it is written in.

    Attributes:
        phrase: One or many words, such as `Sở Nội vụ`, `PCCC` or `Kpă Y Pơn`; brought to NFC with
            single blanks.
        weight: How many times as likely as an ordinary word it is, `MIN_WEIGHT` to `MAX_WEIGHT`.
    """

    phrase: str
    weight: float = 1.0

    def __post_init__(self) -> None:
        """Bring the phrase to one form; refuse what is no phrase and weights out of range."""
        _check(isinstance(self.phrase, str), f"phrase is {self.phrase!r}: write it as text")
        weight = _as_float(self.weight, f"weight of {self.phrase!r}")
        clean = _clean_term(self.phrase, "phrase")
        _check(any(c.isalpha() for c in clean), f"phrase {clean!r} holds no letter: write words")
        _check(
            MIN_WEIGHT <= weight <= MAX_WEIGHT,
            f"weight of {clean!r} is {weight:g}: it must be {MIN_WEIGHT:g} to {MAX_WEIGHT:g}",
        )
        object.__setattr__(self, "phrase", clean)
        object.__setattr__(self, "weight", weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreConfig:
    """Options of the restorer.

    Attributes:
        profile: One of `PROFILES`; "auto" picks from the text itself.
        dictionaries: Folder with the models; None for the one that comes with the package.
        max_candidates: Candidates kept per token, 2-64.
        beam: Hypotheses kept per position, 1-64, or None for what suits the profile.
        language_model_weight: Exponent of P(intended) beside P(observed | intended), 0-4;
            None for the weight that the manifest gives per profile.
        min_log_odds: Nats by which a change must beat the observed token to be made, >= 0;
            None for the profile's own.
        flag_below: Tokens whose reading is right with a smaller probability are flagged for a
            person to look at, 0-1; 0 flags none. With 0.9, on rendered pages nearly every second
            flag was an error and three errors in four were flagged; of right text, two words in a
            thousand were (`python -m benchmarks.calibration`).
        block_chars: Text is decoded in blocks of about this many characters, cut at line ends
            where there are any, which bounds the memory; 1,000 or more.
        user_dictionaries: Files of a user's own words and phrases, see `docs/user-dictionaries.md`;
            read when a restorer is made. A later one overrides an earlier one.
        terms: Words and phrases given directly; they override those of the files.
        keep: Terms that come back as they stand, wherever they stand as whole words in this case;
            any white space may be between their words.
    """

    profile: str = "auto"
    dictionaries: Path | None = None
    max_candidates: int = 32
    beam: int | None = None
    language_model_weight: float | None = None
    min_log_odds: float | None = None
    flag_below: float = 0.9
    block_chars: int = 60_000
    user_dictionaries: tuple[Path, ...] = ()
    terms: tuple[Term, ...] = ()
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        _check(
            self.profile in PROFILES,
            f"restore.profile is {self.profile!r}: choose one of {', '.join(PROFILES)}",
        )
        _check(2 <= self.max_candidates <= 64, "restore.max_candidates must be 2 to 64")
        _check(self.beam is None or 1 <= self.beam <= 64, "restore.beam must be 1 to 64")
        _check(self.block_chars >= 1000, "restore.block_chars must be 1000 or more")
        weight = self.language_model_weight
        _check(weight is None or 0 <= weight <= 4, "restore.language_model_weight must be 0 to 4")
        odds = self.min_log_odds
        _check(odds is None or odds >= 0, "restore.min_log_odds must not be negative")
        _check(0 <= self.flag_below <= 1, "restore.flag_below must be 0 to 1")
        files = _as_tuple(self.user_dictionaries, (str, Path), "restore.user_dictionaries")
        object.__setattr__(self, "user_dictionaries", tuple(Path(file) for file in files))
        terms = _as_tuple(self.terms, (Term,), "restore.terms")
        object.__setattr__(self, "terms", terms)
        kept = _as_tuple(self.keep, (str,), "restore.keep")
        kept = tuple(_clean_term(term, "a term of restore.keep") for term in kept)
        object.__setattr__(self, "keep", kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanConfig:
    """Options of the scan stage.

    Attributes:
        language: Tesseract language data: one name, or several joined by "+", such as "vie",
            "vie+eng" or "script/Vietnamese".
        steps: Preprocessing steps by name, in order; an unknown name raises. Not among the usual
            ones is "scribbles", which erases black signatures between lines of print: it helped on
            some signed pages and hurt on others.
        page_segmentation: Tesseract's --psm, 1 or 3-13; 0 and 2 print no words.
        second_readings: Whether what was read with little confidence is read once more, in another
            way, and the better reading of each word taken.
        reads_early: Whether Tesseract begins with the untouched page while the steps still look at
            it, which saves time where no step is needed and a core is idle; the result is the same.
        timeout_s: Seconds that Tesseract may take for one page, > 0 to 86,400.
        max_pixels: Pages with more pixels are refused before they are decoded, > 0.
        max_pages: Files of which more pages are asked for are refused, > 0.
        max_file_bytes: Larger files are refused, > 0.
        pdf_dpi: Resolution at which PDF pages are rendered, 72-1200; a page that is one scanned
            image comes at the resolution of that image.
        pages: Pages to read, such as "1-3,7,10-"; None for all.
        text_layer: What the text that a PDF brings along is good for: "auto" takes it from pages
            where it is good and reads the others, "ignore" reads every page, "keep" takes it
            wherever there is any.
    """

    language: str = "vie"
    steps: tuple[str, ...] = (
        "negative",
        "perspective",
        "grey",
        "border",
        "orientation",
        "shadow",
        "bleed",
        "denoise",
        "deskew",
        "rules",
        "scale",
    )
    page_segmentation: int = 3
    second_readings: bool = True
    reads_early: bool = True
    timeout_s: float = 120.0
    max_pixels: int = 200_000_000
    max_pages: int = 2_000
    max_file_bytes: int = 1_000_000_000
    pdf_dpi: int = 300
    pages: str | None = None
    text_layer: str = "auto"

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        _check(
            _LANGUAGES.fullmatch(self.language) is not None,
            f"scan.language is {self.language!r}: give names of Tesseract language data joined by "
            "'+', without blanks, such as 'vie' or 'vie+eng'",
        )
        _check(
            self.page_segmentation in (1, *range(3, 14)),
            f"scan.page_segmentation is {self.page_segmentation}: choose 1 or 3 to 13; 0 and 2 "
            "find blocks and no words",
        )
        _check(
            0 < self.timeout_s <= _MAX_TIMEOUT_S,
            f"scan.timeout_s is {self.timeout_s:g}: it must be above 0 and at most "
            f"{_MAX_TIMEOUT_S} seconds",
        )
        _check(self.max_pixels > 0, "scan.max_pixels must be positive")
        _check(self.max_pages > 0, "scan.max_pages must be positive")
        _check(self.max_file_bytes > 0, "scan.max_file_bytes must be positive")
        _check(72 <= self.pdf_dpi <= 1200, "scan.pdf_dpi must be 72 to 1200")
        _check(
            self.text_layer in TEXT_LAYER_USES,
            f"scan.text_layer is {self.text_layer!r}: choose one of {', '.join(TEXT_LAYER_USES)}",
        )
        if self.pages is not None:
            parse_page_ranges(self.pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class NormaliseConfig:
    """Options of the normaliser: which steps run, and the style of tone marks.

    Attributes:
        unicode: Look-alike code points become the Vietnamese letter; invisible ones go.
        spacing: White space and blanks around punctuation are put right.
        tone_style: "preserve", "old" (`hòa`, `thủy`) or "new" (`hoà`, `thuỷ`).
    """

    unicode: bool = True
    spacing: bool = True
    tone_style: str = "preserve"

    def __post_init__(self) -> None:
        """Refuse an unknown style."""
        _check(
            self.tone_style in ("preserve", "old", "new"),
            f"normalise.tone_style is {self.tone_style!r}: choose preserve, old or new",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreConfig:
    """Options of the score.

    Attributes:
        fold_spacing: Runs of white space, line ends included, count as one space.
        fold_tone_style: `hoà` and `hòa` count as the same.
    """

    fold_spacing: bool = True
    fold_tone_style: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairConfig:
    """All sections together: what the page flow takes."""

    scan: ScanConfig = field(default_factory=ScanConfig)
    restore: RestoreConfig = field(default_factory=RestoreConfig)
    normalise: NormaliseConfig = field(default_factory=NormaliseConfig)
    score: ScoreConfig = field(default_factory=ScoreConfig)


DEFAULTS = RepairConfig()


_TYPE_NAMES: dict[object, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a string",
    Path: "a string (a path)",
    tuple[str, ...]: "a list of strings",
    tuple[Path, ...]: "a list of strings (paths)",
    tuple[Term, ...]: "a list of words and phrases",
}
_TERM_HELP = "write a string, or a table like { phrase = 'Kpă Y Pơn', weight = 5 }"


def load_config(path: Path | str) -> RepairConfig:
    """Read options from a TOML file with the tables `scan`, `restore`, `normalise` and `score`.

    Args:
        path: The file; UTF-8. Tables and keys that are left out keep their defaults.

    Raises:
        ConfigError: The file is missing, cannot be read, or names an unknown option or impossible
            value.
    """
    try:
        raw = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file: check the name") from error
    except IsADirectoryError as error:
        raise ConfigError(f"{path}: is a folder: name a TOML file in it") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}): check the path") from error
    except ValueError as error:  # no UTF-8, no TOML, or a NUL in the name
        raise ConfigError(f"{path}: not a readable TOML file ({error}): correct it") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: its lists or tables nest too deeply: correct it") from error
    sections: dict[str, Any] = {}
    known = [item.name for item in dataclasses.fields(RepairConfig)]
    for name, options in raw.items():
        if name not in known:
            raise ConfigError(f"{path}: unknown table [{name}]; known tables: {', '.join(known)}")
        if not isinstance(options, dict):
            raise ConfigError(f"{path}: {name} must be one table, begun by a line [{name}]")
        default = getattr(DEFAULTS, name)
        hints = get_type_hints(type(default))
        for key, value in options.items():
            if key not in hints:
                raise ConfigError(f"{path}: unknown option {name}.{key}; known: {', '.join(hints)}")
            options[key] = _convert(value, hints[key], f"{path}: {name}.{key}")
        try:
            sections[name] = dataclasses.replace(default, **options)
        except ConfigError as error:
            raise ConfigError(f"{path}: {error}") from error
    return dataclasses.replace(DEFAULTS, **sections)


def _convert(value: object, hint: object, where: str) -> object:
    """Bring a TOML value to the type that the option is declared with."""
    allowed = get_args(hint) if type(None) in get_args(hint) else (hint,)
    if Path in allowed and isinstance(value, str):
        return Path(value)
    if tuple[Term, ...] in allowed and isinstance(value, list):
        return tuple(_to_term(item, where) for item in value)
    if tuple[str, ...] in allowed and isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            return tuple(value)
    elif tuple[Path, ...] in allowed and isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            return tuple(Path(item) for item in value)
    elif isinstance(value, bool):
        if bool in allowed:
            return value
    elif isinstance(value, int) and int not in allowed and float in allowed:
        return _as_float(value, where)
    elif isinstance(value, (int, float, str)) and type(value) in allowed:
        return value
    names = " or ".join(_TYPE_NAMES[item] for item in allowed if item is not type(None))
    raise ConfigError(f"{where} is {value!r}: expected {names}")


def _to_term(value: object, where: str) -> Term:
    """A term from a string, or from a table with `phrase` and perhaps `weight`."""
    if isinstance(value, str):
        value = {"phrase": value}
    if not isinstance(value, Mapping) or not {"phrase"} <= value.keys() <= {"phrase", "weight"}:
        raise ConfigError(f"{where}: {value!r} is no term: {_TERM_HELP}")
    phrase, weight = value["phrase"], value.get("weight", 1.0)
    if not isinstance(phrase, str) or isinstance(weight, bool):
        raise ConfigError(f"{where}: {value!r} is no term: {_TERM_HELP}")
    if not isinstance(weight, (int, float)):
        raise ConfigError(f"{where}: the weight of {phrase!r} is {weight!r}: write a number")
    try:
        return Term(phrase, weight)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error
