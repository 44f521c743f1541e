"""From the figures of the benchmarks, as JSON, to Markdown tables for the README.

In: what each benchmark wrote with `--json`. Out: rows with our figure, what stands beside it (the
text before, pyvi, or plain Tesseract), and the same for the ablation, which is a table of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vnrepair import InputError

__all__ = [
    "END_MARKER",
    "ROWS",
    "START_MARKER",
    "Figures",
    "Row",
    "ablation_table",
    "describe_machine",
    "put_between_markers",
]

Figures = Mapping[str, Any]
"""The JSON of one benchmark."""

START_MARKER = "<!-- figures: written by `python -m benchmarks.run_all --write-readme` -->"
END_MARKER = "<!-- end of figures -->"

ABLATION_MATERIALS = {
    "documents": "documents",
    "read -l eng": "pages, `-l eng`",
    "read -l vie": "pages, `-l vie`",
    "bare lines": "bare lines",
    "own texts": "bare own texts",
}
"""Columns of the ablation table, with their headings; the whole is in the JSON."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        what: What was measured, on how much.
        ours: By vnrepair.
        beside: What others, or nothing, make of the same.
    """

    what: str
    ours: str
    beside: str = ""


def _share(count: float, total: float, digits: int = 2) -> str:
    return f"{100 * count / total:.{digits}f} %" if total else "-"


def _percent(rate: Figures, digits: int = 2) -> str:
    """A rate, such as "1.25 %"."""
    return _share(rate["errors"], rate["length"], digits)


def _counted(rate: Figures, digits: int = 2) -> str:
    """A rate with its counts, such as "1.25 % (5 of 400)"."""
    return f"{_percent(rate, digits)} ({rate['errors']:,} of {rate['length']:,})"


def _add(rates: Sequence[Figures]) -> Figures:
    """Rates of several texts as one: errors of all by lengths of all."""
    return {key: sum(rate[key] for rate in rates) for key in ("errors", "length")}


def _rows_of_seeds(figures: Figures) -> Iterator[Row]:
    yield from _rows_of_documents("garbled documents", figures)
    clean = figures["clean"]
    altered, numbers = (_add([item[key] for item in clean]) for key in ("altered", "numbers"))
    what = f"correct documents ({len(clean)}): tokens altered; numbers changed"
    yield Row(what, f"{_counted(altered, 3)}; {numbers['errors']}")


def _rows_of_samples(figures: Figures) -> Iterator[Row]:
    yield from _rows_of_documents("garbled samples", figures)


def _rows_of_documents(name: str, figures: Figures) -> Iterator[Row]:
    found = figures["garbled"]
    for measure in ("cer", "wer"):

        def total(key: str, measure: str = measure) -> Figures:
            return _add([item[key][measure] for item in found])

        beside = f"as read {_percent(total('raw'))}"
        if all(item.get("pyvi") for item in found):
            beside += f", pyvi {_percent(total('pyvi'))} without case"
        yield Row(f"{name} ({len(found)}): {measure.upper()}", _counted(total("restored")), beside)


def _rows_of_bare(figures: Figures) -> Iterator[Row]:
    for group in figures["groups"]:
        ours, pyvi, fresh = group["ours"], group["pyvi"], group["fresh"]
        result = _share(ours["folded"], ours["total"])
        if fresh["total"]:
            result += f", {_share(fresh['folded'], fresh['total'])} of fresh lines"
        what = f"marks put back, held-out {group['name']}: of {ours['total']:,} words right"
        yield Row(what, result, _pyvi(pyvi))


def _rows_of_registers(figures: Figures) -> Iterator[Row]:
    for result in figures["results"]:
        ours, bounds, stripped = result["ours"], result["interval"], result["stripped"]
        share = _share(ours["folded"], ours["total"])
        if bounds:
            share += f" ({100 * bounds['low']:.1f}-{100 * bounds['high']:.1f} %)"
        lost = "no marks left" if result["variant"] == "bare" else "half of the marks lost"
        beside = _pyvi(result["pyvi"]) or f"as given {_share(stripped['folded'], ours['total'])}"
        yield Row(f"own texts, {result['name']}, {lost}: of {ours['total']:,} words", share, beside)


def _pyvi(tally: Figures | None) -> str:
    if not tally:
        return ""
    right, caseless = (_share(tally[key], tally["total"]) for key in ("folded", "caseless"))
    return f"pyvi {right} ({caseless} without case)"


def _rows_of_harm(figures: Figures) -> Iterator[Row]:
    total = figures["total"]
    ours = f"{_counted(total['altered'], 3)}; {total['digits']['errors']}"
    yield Row("correct held-out text: tokens altered; digits changed", ours)
    yield Row("the same: altered by a second pass", _counted(total["unstable"], 3))
    if bare := total.get("bare_unstable"):
        yield Row("the same without marks, restored: altered by a second pass", _counted(bare, 3))


def _rows_of_calibration(figures: Figures) -> Iterator[Row]:
    for result in figures["results"]:
        tokens = result["tokens"]
        wrong, expected = (_share(result[key], tokens) for key in ("wrong", "expected_wrong"))
        what = f"probabilities, {result['kind']}, {tokens:,} words: expected calibration error"
        yield Row(what, f"{result['ece']:.4f}", f"wrong {wrong}, predicted {expected}")


def _rows_of_speed(figures: Figures) -> Iterator[Row]:
    results = {result["name"]: result for result in figures["results"]}
    ours, pyvi = results["vnrepair"], results.get("pyvi")

    def speeds(result: Figures) -> str:
        kinds = ("first", "another", "again", "long")
        return " / ".join(f"{result[kind]:,.0f}" for kind in kinds)

    def needs(result: Figures) -> str:
        return f"{result['load_s']:.2f} s; {result['peak_mib']:.0f} MiB"

    what = "tokens/s on one core: first / another / the same document / 200 kB"
    yield Row(what, speeds(ours), f"pyvi {speeds(pyvi)}" if pyvi else "")
    if plain := results.get("vnrepair, numpy"):
        yield Row("the same without the compiled kernel", speeds(plain))
    growth = (f"{step['seconds'] * 1e6 / step['size_bytes']:.0f}" for step in figures["growth"])
    sizes = (f"{step['size_bytes'] / 1e3:,.0f}" for step in figures["growth"])
    yield Row(f"ms a kB at {' / '.join(sizes)} kB", " / ".join(growth))
    yield Row("load; peak memory", needs(ours), f"pyvi {needs(pyvi)}" if pyvi else "")
    yield Row("size of `dictionaries/`", f"{figures['dictionaries_bytes'] / 1e6:.1f} MB")


def _rows_of_pages(figures: Figures) -> Iterator[Row]:
    for folder, found in figures["folders"].items():
        total = found["total"]
        what = f"{len(found['pages'])} pages of {folder}/: CER; seconds"
        plain = f"{_percent(total['plain']['cer'])}; {total['plain_s']:.0f}"
        ours = f"{_counted(total['repaired']['cer'])}; {total['repair_s']:.0f}"
        yield Row(what, ours, f"`tesseract -l vie` {plain}")
        if "bag" in total:
            ours, plain = (_percent(total[key]["cer"]) for key in ("bag", "plain_bag"))
            what = f"{folder}/, in whatever order: letters of words without partner"
            yield Row(what, ours, f"`tesseract -l vie` {plain}")
    yield Row("the same: pages worse than with plain Tesseract", str(len(figures["worse"])))


def _rows_of_damage(figures: Figures) -> Iterator[Row]:
    pages = sum(len(kind["pages"]) for kind in figures["kinds"])
    for kind in figures["kinds"]:
        plain, ours = (_percent(kind["all"][key]["cer"]) for key in ("plain", "repaired"))
        yield Row(f"damaged pages, {kind['name']}: CER", ours, f"`tesseract -l vie` {plain}")
    for goal in figures["goals"]:
        if goal["found"] is not None:
            found, limit = (_in_unit(goal[key], goal["unit"]) for key in ("found", "limit"))
            yield Row(f"damaged pages, {goal['what']} (goal: at most {limit})", found)
    worse = f"{len(figures['worse'])} of {pages}"
    yield Row("damaged pages worse than with plain Tesseract by 0.2 points", worse)


def _in_unit(value: float, unit: str) -> str:
    return f"{100 * value:.2f} %" if unit == "%" else f"{value:.2f} {unit}"


def _rows_of_garbled(figures: Figures) -> Iterator[Row]:
    for result in figures["results"]:
        if result["style"] == "all":
            what = f"rendered pages, `-l {result['language']}`, {result['lines']:,} lines"
            for measure in ("cer", "wer"):
                before = f"as read {_percent(result['before'][measure])}"
                ours = _counted(result["after"][measure])
                yield Row(f"{what}: {measure.upper()}", ours, before)


ROWS: Mapping[str, Callable[[Figures], Iterator[Row]]] = {
    "seeds": _rows_of_seeds,
    "samples": _rows_of_samples,
    "garbled": _rows_of_garbled,
    "bare": _rows_of_bare,
    "registers": _rows_of_registers,
    "harm": _rows_of_harm,
    "calibration": _rows_of_calibration,
    "speed": _rows_of_speed,
    "pages": _rows_of_pages,
    "damage": _rows_of_damage,
}
"""For each run what the table says of it; `ablation` has a table of its own."""


def ablation_table(figures: Figures) -> Iterator[str]:
    """The ablation as Markdown: word error rates without each part."""
    results = figures["results"]
    present = [item["material"] for item in results[0]["outcomes"]]
    shown = [name for name in ABLATION_MATERIALS if name in present]
    yield "| word error rate, % | " + " | ".join(ABLATION_MATERIALS[name] for name in shown) + " |"
    yield "|---|" + "---|" * len(shown)
    for result in results:
        rates = {item["material"]: item["score"]["wer"] for item in result["outcomes"]}
        cells = (_percent(rates[name]).removesuffix(" %") for name in shown)
        yield f"| {result['part']} | {' | '.join(cells)} |"


def describe_machine(figures: Figures) -> str:
    """Where and on which models a benchmark was run, as a sentence."""
    machine = figures["machine"]
    return (
        f"Measured on {machine['processor']}, {machine['cores']} cores; {machine['system']}; "
        f"dictionaries {machine['dictionaries']}."
    )


def put_between_markers(text: str, body: str) -> str:
    """A text with a new body between the two markers.

    Raises:
        InputError: The markers do not stand in it, once each and in order.
    """
    before, start, rest = text.partition(START_MARKER)
    old, end, after = rest.partition(END_MARKER)
    if not (start and end) or any(mark in before + old + after for mark in (start, end)):
        raise InputError(
            f"no place for the figures: put the lines {START_MARKER} and {END_MARKER} into the "
            "file, once each, where they should stand"
        )
    return f"{before}{start}\n{body.strip()}\n{end}{after}"
