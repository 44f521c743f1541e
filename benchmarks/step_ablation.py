"""What each preprocessing step is worth: the same pages read without it.

A page on which a step did nothing reads the same without it and is not read again; `Page.steps`
tells. Beside the steps stand other parts of the scan stage that an option turns off.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from benchmarks.harness import add_up, make_table, say
from benchmarks.pages import PageFigures, read_truth
from vnrepair import RepairConfig, Score, repair, score

__all__ = ["StepWorth", "ablation_table", "measure_steps"]

SWITCHES: Mapping[str, object] = {"second_readings": False}
"""Options of `ScanConfig` that turn a part off, where it has them."""


@dataclass(frozen=True, slots=True)
class StepWorth:
    """The pages without one step.

    Attributes:
        step: Its name.
        used: Pages that it changed.
        better: Of these, pages that are read better with it.
        worse: Of these, pages that are read worse with it.
        cer_with: Mean CER of all kinds with all steps.
        cer_without: The same without this one.
        gains: Kind → points of CER that the step takes off, for kinds that it changed.
    """

    step: str
    used: int
    better: int
    worse: int
    cer_with: float
    cer_without: float
    gains: Mapping[str, float]


def measure_steps(
    folder: Path,
    kinds: Mapping[str, Sequence[PageFigures]],
    config: RepairConfig,
    fold: Callable[[str], str],
) -> tuple[StepWorth, ...]:
    """Read the pages again without each of the steps that changed them.

    Args:
        folder: Where the pages and their truths are.
        kinds: What was measured with all steps, by kind of damage.
        config: The options it was measured with.
        fold: As for `measure_page`.
    """
    return tuple(
        _measure_without(name, changed, folder, kinds, fold) for name, changed in _variants(config)
    )


def _variants(config: RepairConfig) -> Iterator[tuple[str, RepairConfig]]:
    for step in config.scan.steps:
        steps = tuple(name for name in config.scan.steps if name != step)
        scan = dataclasses.replace(config.scan, steps=steps)
        yield step, dataclasses.replace(config, scan=scan)
    options = {field.name for field in dataclasses.fields(config.scan)}
    for option, off in SWITCHES.items():
        if option in options:
            scan = dataclasses.replace(config.scan, **{option: off})  # type: ignore[arg-type]
            yield option.replace("_", " "), dataclasses.replace(config, scan=scan)


def _measure_without(
    name: str,
    config: RepairConfig,
    folder: Path,
    kinds: Mapping[str, Sequence[PageFigures]],
    fold: Callable[[str], str],
) -> StepWorth:
    used = better = worse = 0
    gains: dict[str, float] = {}
    rates_with, rates_without = [], []
    for kind, pages in kinds.items():
        scores: list[Score] = []
        touched = False
        for page in pages:
            if name not in page.steps and not (page.rereads and name == "second readings"):
                scores.append(page.repaired)
                continue
            say(f"without {name}: {page.name}")
            touched = True
            path = folder / page.name
            truth = read_truth(path.with_name(f"{path.stem}.truth.txt"))
            scores.append(score(fold(truth), fold(repair(path, config).text)))
            used += 1
            better += scores[-1].cer.errors > page.repaired.cer.errors
            worse += scores[-1].cer.errors < page.repaired.cer.errors
        rates_with.append(add_up([page.repaired for page in pages]).cer.rate)
        rates_without.append(add_up(scores).cer.rate)
        if touched:
            gains[kind] = 100 * (rates_without[-1] - rates_with[-1])
    means = [sum(rates) / len(rates) for rates in (rates_with, rates_without)]
    return StepWorth(name, used, better, worse, means[0], means[1], gains)


def ablation_table(steps: Sequence[StepWorth]) -> Table:
    """One row a step, the kinds that it changes most at the end."""
    table = make_table(
        "Without each step", "step", "pages changed", "better", "worse", "mean CER without", "with"
    )
    table.add_column("points that it takes off, by kind", overflow="fold")
    for step in steps:
        largest = sorted(step.gains.items(), key=lambda item: -abs(item[1]))[:5]
        table.add_row(
            step.step,
            *(str(count) for count in (step.used, step.better, step.worse)),
            *(f"{100 * rate:.2f} %" for rate in (step.cer_without, step.cer_with)),
            ", ".join(f"{kind} {gain:+.2f}" for kind, gain in largest),
        )
    return table
