"""Search for the weights of a profile on held-out line pairs.

    python -m benchmarks.garbled --corpus CORPUS --pages 40 --write-pairs out/tune.tsv
    python -m benchmarks.tune --pairs out/tune.tsv --profile tesseract-eng --trials 150

First points drawn at random around the present settings, then coordinate descent from the best of
them: one weight at a time, a step up and a step down, steps halved when a whole round brought
nothing. Every second page is searched on; the others only judge the result, so that a gain that is
luck can be told from one that is none. Nothing is written: what is printed goes into
`vnrepair/restore/profiles.py` by hand, with the figures in the commit message.

The objective, less is better:

- `tesseract-eng`, `undiacritised`: 2 CER + WER of what was restored.
- `tesseract-vie`: WER of what was restored + 20 x share of tokens altered when the lines as they
  were printed go through. Text of this profile is mostly right already, and harm weighs most.

Source:
    Random before systematic search: Bergstra and Bengio 2012, "Random search for hyper-parameter
    optimization", JMLR. Tuning the weights of a decoder on its errors: Och 2003, "Minimum error
    rate training in statistical machine translation", ACL.
"""

import dataclasses
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from benchmarks.garbled import group_pages
from benchmarks.harness import emit, make_parser, make_table, restore_config, run, say
from vnrepair import InputError, Rate, RestoreConfig, Restorer, Score, ScoreConfig, score
from vnrepair.language.letters import skeleton
from vnrepair.learn.pairs import read_pairs
from vnrepair.restore import lattice
from vnrepair.restore.candidates import Candidates, CandidateSearch
from vnrepair.restore.channel import Channel
from vnrepair.restore.decode import Weights
from vnrepair.restore.lexicon import Lexicon
from vnrepair.restore.profiles import PROFILE_SETTINGS, ProfileSettings

__all__ = ["PARAMETERS", "Outcome", "Parameter", "SearchPool", "Tuner", "main"]

HARM_WEIGHT = 20.0
CER_WEIGHT = 2.0
MIN_STEP_SHARE = 1 / 8
"""Coordinate descent ends when the steps are this share of their first size."""
RANDOM_SHARE = 0.35
"""Share of the trials that are drawn at random."""
_FOLDED = ScoreConfig(fold_tone_style=True)

Point = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One weight that is searched for.

    Attributes:
        name: As in `ProfileSettings`; `weights.case` is in a record, `unknown_nats.1` in a tuple.
        low: Least value.
        high: Greatest value.
        step: First step of the descent; also the deviation of the random points.
    """

    name: str
    low: float
    high: float
    step: float


# `word_share` is a part of the channel: another value means a fresh search for candidates, so its
# step is coarse and it comes last.
PARAMETERS = (
    Parameter("weights.language_model", 0.3, 2.0, 0.15),
    Parameter("weights.case", 0.0, 1.5, 0.15),
    Parameter("weights.word_bonus", -1.0, 1.5, 0.2),
    Parameter("min_log_odds", 0.0, 8.0, 0.6),
    Parameter("unknown_nats.0", 0.0, 12.0, 1.0),
    Parameter("unknown_nats.1", 0.0, 12.0, 1.0),
    Parameter("unknown_nats.2", 0.0, 5.0, 0.3),
    Parameter("code_nats.0", 0.0, 14.0, 1.0),
    Parameter("code_nats.1", 0.0, 8.0, 0.6),
    Parameter("min_id_odds", 0.0, 12.0, 1.0),
    Parameter("word_share", 0.1, 0.9, 0.2),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What settings gave on a set of pages.

    Attributes:
        cer: Character errors of what was restored.
        wer: Word errors of what was restored.
        altered: Tokens of correct lines that changed; nothing of nothing where not looked at.
        objective: What is made as small as possible.
    """

    cer: Rate
    wer: Rate
    altered: Rate
    objective: float


def get_parameter(settings: ProfileSettings, name: str) -> float:
    """The value of a weight."""
    field, _, part = name.partition(".")
    value = getattr(settings, field)
    if isinstance(value, Weights):
        value = getattr(value, part)
    elif part:
        value = value[int(part)]
    return float(value)


def set_parameter(settings: ProfileSettings, name: str, value: float) -> ProfileSettings:
    """Settings with another value of a weight."""
    field, _, part = name.partition(".")
    old = getattr(settings, field)
    new: object = value
    if isinstance(old, Weights):
        new = dataclasses.replace(old, **{part: value})
    elif part:
        items = list(old)
        items[int(part)] = value
        new = tuple(items)
    changes: dict[str, object] = {field: new}
    return dataclasses.replace(settings, **changes)  # type: ignore[arg-type]


class _RememberingSearch(CandidateSearch):
    """A search that remembers what it found: candidates do not depend on the weights."""

    def __init__(self, lexicon: Lexicon, channel: Channel) -> None:
        super().__init__(lexicon, channel)
        self._known: dict[tuple[str, bool], Candidates] = {}

    def search(self, observed: Sequence[str], *, wide: bool = True) -> list[Candidates]:
        """As `CandidateSearch.search`."""
        fresh = [word for word in dict.fromkeys(observed) if (word, wide) not in self._known]
        found = super().search(fresh, wide=wide)
        self._known.update(zip(((word, wide) for word in fresh), found, strict=True))
        return [self._known[word, wide] for word in observed]


class SearchPool:
    """Stands in for the class `CandidateSearch`: one search per channel, shared by all trials."""

    def __init__(self) -> None:
        self._searches: dict[tuple[str, float], CandidateSearch] = {}

    def __call__(self, lexicon: Lexicon, channel: Channel) -> CandidateSearch:
        """The search for this channel."""
        key = (channel.name, channel.word_share)
        if key not in self._searches:
            self._searches[key] = _RememberingSearch(lexicon, channel)
        return self._searches[key]


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages to judge settings on: what was read, and what had been printed."""

    observed: tuple[str, ...]
    intended: tuple[str, ...]


class Tuner:
    """Tries settings of one profile.

    Args:
        config: Names the profile and the models.
        weighs_harm: Whether the objective is that of `tesseract-vie`.
    """

    def __init__(self, config: RestoreConfig, *, weighs_harm: bool) -> None:
        self._config, self._weighs_harm = config, weighs_harm
        self._pool = SearchPool()

    def judge(self, settings: ProfileSettings, pages: Pages) -> Outcome:
        """Restore pages with these settings and count the errors."""
        whole = Score()
        altered = Rate()
        with self._restorer(settings) as restore:
            for observed, intended in zip(pages.observed, pages.intended, strict=True):
                whole += score(intended, restore(observed), _FOLDED)
                if self._weighs_harm:
                    altered += score(intended, restore(intended)).wer
        objective = CER_WEIGHT * whole.cer.rate + whole.wer.rate
        if self._weighs_harm:
            objective = whole.wer.rate + HARM_WEIGHT * altered.rate
        return Outcome(whole.cer, whole.wer, altered, objective)

    @contextmanager
    def _restorer(self, settings: ProfileSettings) -> Iterator[Callable[[str], str]]:
        """A restorer with these settings, sharing its candidates with all others."""
        with ExitStack() as stack:
            changed: Mapping[str, ProfileSettings] = {self._config.profile: settings}
            stack.enter_context(patch.dict(PROFILE_SETTINGS, changed))
            stack.enter_context(patch.object(lattice, "CandidateSearch", self._pool))
            restorer = Restorer(self._config)
            yield lambda text: restorer.restore(text).text


@dataclass(slots=True)
class Search:
    """The walk through the space of settings; remembers every point and the best one.

    Attributes:
        start: Settings to begin with; what is not searched for stays as it is.
        parameters: What is searched for.
        judge: Gives the outcome of settings.
        trials: How many may still be tried.
    """

    start: ProfileSettings
    parameters: tuple[Parameter, ...]
    judge: Callable[[ProfileSettings], Outcome]
    trials: int
    best: Point = ()
    best_outcome: Outcome | None = None
    tried: dict[Point, float] = dataclasses.field(default_factory=dict)

    def settings(self, point: Point) -> ProfileSettings:
        """The settings that a point stands for."""
        result = self.start
        for parameter, value in zip(self.parameters, point, strict=True):
            result = set_parameter(result, parameter.name, value)
        return result

    def run(self, seed: int) -> ProfileSettings:
        """Search, and return the best settings found."""
        origin = tuple(get_parameter(self.start, p.name) for p in self.parameters)
        self._try(origin)
        rng = random.Random(seed)
        for _ in range(int(self.trials * RANDOM_SHARE)):
            drawn = (rng.gauss(value, 1.5 * p.step) for value, p in self._pairs(origin))
            self._try(self._clip(drawn))
        self._descend()
        return self.settings(self.best)

    def _pairs(self, point: Point) -> Iterator[tuple[float, Parameter]]:
        return zip(point, self.parameters, strict=True)

    def _clip(self, values: Iterator[float]) -> Point:
        """A point inside the bounds, on values that a person can read."""
        pairs = zip(values, self.parameters, strict=True)
        return tuple(round(min(max(value, p.low), p.high), 2) for value, p in pairs)

    def _descend(self) -> None:
        share = 1.0
        while self.trials > 0 and share >= MIN_STEP_SHARE:
            before = self.best
            for index, parameter in enumerate(self.parameters):
                for sign in (1, -1):
                    values = list(self.best)
                    values[index] += sign * share * parameter.step
                    if self._try(self._clip(iter(values))):
                        break
            if self.best == before:
                share /= 2

    def _try(self, point: Point) -> bool:
        """Judge a point, unless that was done or the trials are used up; whether it is the best."""
        if point in self.tried or self.trials <= 0:
            return False
        self.trials -= 1
        start = time.perf_counter()
        outcome = self.judge(self.settings(point))
        self.tried[point] = outcome.objective
        if self.best_outcome is not None and outcome.objective >= self.best_outcome.objective:
            return False
        self.best, self.best_outcome = point, outcome
        seconds = time.perf_counter() - start
        say(f"{len(self.tried):4} {outcome.objective:.5f} {point} ({seconds:.1f} s)")
        return True


def read_pages(path: Path, profile: str) -> tuple[Pages, Pages]:
    """Read line pairs and divide their pages: one half to search on, one to judge by.

    Args:
        path: Table that `write_pairs` wrote.
        profile: Which language's readings to take; for `undiacritised` the printed lines serve,
            without their marks.

    Raises:
        InputError: The table cannot be read, or holds fewer than two pages of that language.
    """
    language = "eng" if profile == "tesseract-eng" else "vie"
    pages = [page for page in group_pages(read_pairs(path)) if page[0].language == language]
    if len(pages) < 2:
        raise InputError(f"{path}: fewer than two pages read with {language}; make more pairs")
    intended = ["\n".join(pair.intended for pair in page) for page in pages]
    observed = ["\n".join(pair.observed for pair in page) for page in pages]
    if profile == "undiacritised":
        observed = [skeleton(text) for text in intended]
    return (
        Pages(tuple(observed[::2]), tuple(intended[::2])),
        Pages(tuple(observed[1::2]), tuple(intended[1::2])),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Tune one profile and print what was found."""
    parser = make_parser("tune", __doc__)
    parser.add_argument("--pairs", type=Path, required=True, help="table of held-out line pairs")
    parser.add_argument("--profile", choices=sorted(PROFILE_SETTINGS), required=True)
    parser.add_argument("--trials", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    names = [parameter.name for parameter in PARAMETERS]
    parser.add_argument("--only", nargs="*", choices=names, default=names, metavar="WEIGHT")
    options = parser.parse_args(arguments)
    searched, kept = read_pages(options.pairs, options.profile)
    tuner = Tuner(
        restore_config(options, options.profile), weighs_harm=options.profile == "tesseract-vie"
    )
    start = PROFILE_SETTINGS[options.profile]
    parameters = tuple(p for p in PARAMETERS if p.name in options.only)
    search = Search(start, parameters, lambda s: tuner.judge(s, searched), options.trials)
    best = search.run(options.seed)
    columns = ("settings", "pages", "objective", "CER", "WER", "correct tokens altered")
    table = make_table(f"{options.profile}, {len(search.tried)} trials", *columns, left=2)
    figures: dict[str, object] = {}
    for name, settings in (("present", start), ("best", best)):
        for half, pages in (("searched on", searched), ("kept apart", kept)):
            outcome = tuner.judge(settings, pages)
            figures[f"{name}, {half}"] = outcome
            rates = (outcome.cer, outcome.wer, outcome.altered)
            cells = (f"{rate.errors}/{rate.length}" for rate in rates)
            table.add_row(name, half, f"{outcome.objective:.5f}", *cells)
    listing = make_table("Weights", "weight", "present", "best")
    for parameter in parameters:
        values = (get_parameter(settings, parameter.name) for settings in (start, best))
        listing.add_row(parameter.name, *(f"{value:g}" for value in values))
    emit([table, listing], figures | {"best": best}, options)
    return 0


if __name__ == "__main__":
    run(main)
