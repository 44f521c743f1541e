"""What each part of the restorer is worth: errors with one part at a time taken out or made poorer.

The same texts go through a whole restorer and through ones that lack a part: garbled documents
(`--seeds`), held-out lines as Tesseract read them with `-l eng` and `-l vie` (`--pairs` or
`--corpus`, see `garbled`), the same lines without their marks and as they were printed, and the own
texts of `registers` without their marks. Parts are exchanged through `vnrepair.restore.models`; the
weights stay those that were tuned for the whole, so a part may look a little dearer than it is.
"""

import dataclasses
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.table import Table

from benchmarks.garbled import SEED, group_pages, make_held_out_pairs
from benchmarks.harness import (
    dictionaries_folder,
    emit,
    make_parser,
    make_table,
    restore_config,
    run,
    say,
)
from benchmarks.registers import TEXTS, read_pieces
from vnrepair import ConfigError, Restorer, Score, ScoreConfig, score
from vnrepair.config import RestoreConfig
from vnrepair.document.textfile import read_text
from vnrepair.language.letters import skeleton
from vnrepair.learn.pairs import LinePair, read_pairs
from vnrepair.restore.bloomier import build_bloomier_map
from vnrepair.restore.channel import Channel
from vnrepair.restore.language_model import START_WORD, NgramLanguageModel
from vnrepair.restore.lexicon import TITLE, Lexicon
from vnrepair.restore.models import Models, load_models
from vnrepair.restore.profiles import ProfileSettings

__all__ = [
    "PARTS",
    "Ablation",
    "Material",
    "Outcome",
    "Part",
    "Setup",
    "main",
    "materials_of_pairs",
    "measure",
    "truncate",
]

NAME_SHARE = 0.8
"""A word that stands with a capital inside sentences more often than this is a name."""
_FOLDED = ScoreConfig(fold_tone_style=True)


@dataclass(frozen=True, slots=True)
class Setup:
    """What a restorer is made from."""

    config: RestoreConfig
    models: Models


@dataclass(frozen=True, slots=True)
class Part:
    """One part, and how to do without it.

    Attributes:
        name: What is different without it.
        change: Takes it out, or makes it poorer.
    """

    name: str
    change: Callable[[Setup], Setup]


@dataclass(frozen=True, slots=True)
class Material:
    """Texts of one kind.

    Attributes:
        name: Of the kind.
        profile: What they are restored with.
        texts: Pairs of what is restored and what it should become.
        config: How they are scored.
    """

    name: str
    profile: str
    texts: tuple[tuple[str, str], ...]
    config: ScoreConfig = _FOLDED


@dataclass(frozen=True, slots=True)
class Outcome:
    """Errors on texts of one kind."""

    material: str
    score: Score


@dataclass(frozen=True, slots=True)
class Ablation:
    """What a restorer without one part did.

    Attributes:
        part: What was different.
        outcomes: One for each kind of text.
        seconds: Restoring them all.
    """

    part: str
    outcomes: tuple[Outcome, ...]
    seconds: float


def truncate(model: NgramLanguageModel, order: int) -> NgramLanguageModel:
    """A language model without its longest n-grams.

    Args:
        model: The whole.
        order: How long n-grams may be, 1 or more.

    Returns:
        A model of that order at most. Its probabilities are what the whole one falls back to, a
        little worse than those of a model that was built in that order.
    """
    maps = model.maps[: order - 1]
    if not maps:
        # No text asks for the start of a sentence behind itself: a map that is never hit.
        pair = np.array([START_WORD << 16 | START_WORD], dtype=np.uint64)
        never = build_bloomier_map(pair, np.zeros(1, dtype=np.uint8))
        nothing = np.zeros_like(model.unigram_backoff)
        return dataclasses.replace(model, unigram_backoff=nothing, maps=(never,))
    # The longest n-grams have no back-off: their values are the low byte alone.
    last = dataclasses.replace(maps[-1], values=maps[-1].values.astype(np.uint8))
    return dataclasses.replace(model, maps=(*maps[:-1], last))


def without_names(lexicon: Lexicon) -> Lexicon:
    """A lexicon that still knows names but proposes none."""
    is_name = np.exp(lexicon.log_case[0][:, TITLE]) > NAME_SHARE
    at = lexicon.word_at
    return dataclasses.replace(
        lexicon, word_at=np.where((at >= 0) & is_name[at], -1, at).astype(at.dtype)
    )


def _with_settings(**changes: object) -> Callable[[Setup], Setup]:
    """Other settings, in all profiles; the name of a weight stands for itself."""

    def change_profile(settings: ProfileSettings) -> ProfileSettings:
        inner = {n: v for n, v in changes.items() if hasattr(settings.weights, n)}
        outer = {n: v for n, v in changes.items() if n not in inner}
        weights = dataclasses.replace(settings.weights, **inner)  # type: ignore[arg-type]
        return dataclasses.replace(settings, weights=weights, **outer)  # type: ignore[arg-type]

    def change(setup: Setup) -> Setup:
        settings = {name: change_profile(old) for name, old in setup.models.settings.items()}
        return _with_models(setup, settings=settings)

    return change


def _with_models(setup: Setup, **changes: object) -> Setup:
    models = dataclasses.replace(setup.models, **changes)  # type: ignore[arg-type]
    return dataclasses.replace(setup, models=models)


def _with_order(order: int) -> Callable[[Setup], Setup]:
    def change(setup: Setup) -> Setup:
        return _with_models(setup, language_model=truncate(setup.models.language_model, order))

    return change


def _with_config(**changes: int) -> Callable[[Setup], Setup]:
    def change(setup: Setup) -> Setup:
        config = dataclasses.replace(setup.config, **changes)  # type: ignore[arg-type]
        return dataclasses.replace(setup, config=config)

    return change


def _marks_only(setup: Setup) -> Setup:
    """The channel that loses marks and does nothing else, whatever the profile."""

    def channel(profile: str) -> Channel:
        return dataclasses.replace(setup.models.channel("undiacritised"), name=profile)

    return _with_models(setup, channel=channel)


def _no_names(setup: Setup) -> Setup:
    return _with_models(setup, lexicon=without_names(setup.models.lexicon))


PARTS = (
    Part("everything", lambda setup: setup),
    Part("channel: loses marks, nothing else", _marks_only),
    Part("channel: letters, no whole words", _with_settings(word_share=0.0)),
    Part("language model: order 3", _with_order(3)),
    Part("language model: order 2", _with_order(2)),
    Part("language model: order 1", _with_order(1)),
    Part("language model: none", _with_settings(language_model=0.0)),
    Part("no case model", _with_settings(case=0.0)),
    Part("no adaptation to the document", _with_settings(adapts=False)),
    Part("dictionary: names never proposed", _no_names),
    Part("document ids left as read", _with_settings(min_id_odds=math.inf)),
    Part("no splits, joins, look-alike figures", _with_settings(repairs_codes=False)),
    Part("no margin for changes", _with_settings(min_log_odds=0.0, min_name_odds=0.0)),
    Part("beam 1", _with_config(beam=1)),
    Part("beam 3", _with_config(beam=3)),
    Part("4 candidates for a word", _with_config(max_candidates=4)),
    Part("8 candidates for a word", _with_config(max_candidates=8)),
)


def measure(part: Part, setup: Setup, materials: Sequence[Material]) -> Ablation:
    """Restore all texts without a part and score them."""
    changed = part.change(setup)
    outcomes: list[Outcome] = []
    seconds = 0.0
    restorers: dict[str, Restorer] = {}
    for material in materials:
        if material.profile not in restorers:
            config = dataclasses.replace(changed.config, profile=material.profile)
            restorers[material.profile] = Restorer(config, models=changed.models)
        restorer = restorers[material.profile]
        total = Score()
        for observed, intended in material.texts:
            start = time.perf_counter()
            restored = restorer.restore(observed).text
            seconds += time.perf_counter() - start
            total += score(intended, restored, material.config)
        outcomes.append(Outcome(material.name, total))
    return Ablation(part.name, tuple(outcomes), seconds)


def score_unrestored(materials: Sequence[Material]) -> Ablation:
    """The texts as they are given, with nothing restored."""
    outcomes = (
        Outcome(m.name, sum((score(to, text, m.config) for text, to in m.texts), start=Score()))
        for m in materials
    )
    return Ablation("as given", tuple(outcomes), 0.0)


def materials_of_seeds(folder: Path) -> Material:
    """Garbled documents beside their truth, scored as `seeds` does."""
    texts: list[tuple[str, str]] = []
    for truth in sorted(folder.glob("*.truth.txt")):
        garbled = truth.with_name(truth.name.replace(".truth.", ".ocr."))
        if garbled.is_file():
            texts.append((read_text(garbled), read_text(truth)))
    return Material("documents", "auto", tuple(texts), ScoreConfig())


def materials_of_pairs(pairs: Sequence[LinePair]) -> Iterator[Material]:
    """Pages as they were read in each language, without their marks, and as they were printed."""
    pages = list(group_pages(pairs))
    for language in sorted({page[0].language for page in pages}):
        chosen = [page for page in pages if page[0].language == language]
        observed = ["\n".join(pair.observed for pair in page) for page in chosen]
        printed = ["\n".join(pair.intended for pair in page) for page in chosen]
        read = tuple(zip(observed, printed, strict=True))
        yield Material(f"read -l {language}", f"tesseract-{language}", read)
        if language == "vie":
            bare = tuple((skeleton(text), text) for text in printed)
            yield Material("bare lines", "undiacritised", bare)
            correct = tuple((text, text) for text in printed)
            yield Material("correct lines", "tesseract-vie", correct, ScoreConfig())


def materials_of_registers() -> Material:
    """The own texts of all registers, without their marks."""
    pieces = [text for texts in read_pieces(TEXTS).values() for text in texts]
    return Material("own texts", "undiacritised", tuple((skeleton(t), t) for t in pieces))


def _table(results: Sequence[Ablation]) -> Table:
    names = [outcome.material for outcome in results[0].outcomes]
    table = make_table("CER / WER, per cent, without each part", "different", *names, "s")
    for result in results:
        cells = (
            f"{100 * item.score.cer.rate:.2f} / {100 * item.score.wer.rate:.2f}"
            for item in result.outcomes
        )
        table.add_row(result.part, *cells, f"{result.seconds:.1f}")
    words = ", ".join(f"{item.material} {item.score.wer.length:,}" for item in results[0].outcomes)
    table.caption = f"words: {words}; correct lines: errors are words altered"
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Take parts out, one at a time, and print what that costs."""
    parser = make_parser("ablation", __doc__)
    parser.add_argument("--seeds", type=Path, help="folder of documents, as for seeds")
    parser.add_argument("--pairs", type=Path, help="table of line pairs that garbled wrote")
    parser.add_argument("--corpus", type=Path, help="print pages of held-out lines instead")
    parser.add_argument("--pages", type=int, default=12, help="pages to print")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--jobs", type=int, default=2, help="Tesseract processes at a time")
    names = [part.name for part in PARTS]
    parser.add_argument("--only", nargs="*", choices=names, default=names, metavar="PART")
    options = parser.parse_args(arguments)
    if options.pairs is not None and options.corpus is not None:
        raise ConfigError("name either --corpus, to print pages, or --pairs, a table of lines")
    materials: list[Material] = []
    if options.seeds is not None:
        materials.append(materials_of_seeds(options.seeds))
    if options.pairs is not None:
        materials += materials_of_pairs(list(read_pairs(options.pairs)))
    elif options.corpus is not None:
        made = make_held_out_pairs(options.corpus, options.pages, options.seed, options.jobs)
        materials += materials_of_pairs(list(made))
    materials.append(materials_of_registers())
    setup = Setup(restore_config(options), load_models(dictionaries_folder(options.dictionaries)))
    results = [score_unrestored(materials)]
    for part in PARTS:
        if part.name in options.only:
            say(part.name)
            results.append(measure(part, setup, materials))
    emit([_table(results)], {"results": results}, options)
    return 0


if __name__ == "__main__":
    run(main)
