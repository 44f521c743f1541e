"""Does it leave correct text alone? Held-out lines of every register go through `restore`.

Counted are the tokens that changed, the digits that changed (there must be none), and the tokens
that a second pass would change again: on the correct text, on the same text without its marks, and
on garbled pages. The corpora hold typing errors of their own, so not every alteration is harm; the
commonest ones are listed for a person to judge. Corpora are added up to registers: laws, agency
news, news, encyclopedia, and questions and answers of the web.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from benchmarks.corpora import Register, documents, draw_registers
from benchmarks.harness import (
    SAMPLES,
    emit,
    format_rate,
    make_parser,
    make_table,
    restore_config,
    run,
    say,
)
from benchmarks.tokens import pair_lines, pair_tokens
from vnrepair import Rate, Restorer
from vnrepair.align import distance
from vnrepair.document.textfile import read_text
from vnrepair.language.letters import skeleton

__all__ = ["Alteration", "HarmResult", "main", "measure_register"]

WANTED_TOKENS = 100_000
SHOWN_ALTERATIONS = 40
MAX_ALTERED = 0.001
"""Correct tokens that may change, and tokens that a second pass may change."""
REGISTER_OF_PREFIX = {
    "legal": "legal",
    "administrative": "legal",
    "agency_news": "agency news",
    "news": "news",
    "wikipedia": "encyclopedia",
    "web": "web questions",
}


@dataclass(frozen=True, slots=True)
class HarmResult:
    """What restoring did to one register of correct text.

    Attributes:
        name: Of the register.
        altered: Tokens that changed, of all.
        fresh: The part of `altered` on lines that the training share does not hold as well.
        digits: Digits that changed, came or went, of all; not one may.
        unstable: Tokens that a second pass changed again, of all.
        bare_unstable: The same of the text without its marks, restored.
        profiles: Profile → documents that were taken for it.
    """

    name: str
    altered: Rate
    fresh: Rate
    digits: Rate
    unstable: Rate
    bare_unstable: Rate
    profiles: dict[str, int]


@dataclass(frozen=True, slots=True)
class Alteration:
    """One change that was made.

    Attributes:
        before: What stood there.
        after: What came in its place.
        cause: Stage and reason.
        count: How often.
    """

    before: str
    after: str
    cause: str
    count: int


def count_altered(before: str, after: str) -> Rate:
    """Tokens of a text that changed; one that came in beside them counts as one as well."""
    errors = length = 0
    for old, new in pair_lines(before, after):
        length += len(old.split())
        if old != new:
            errors += sum(left != right for left, right in pair_tokens(old, new))
    return Rate(errors, length)


def count_changed_digits(before: str, after: str) -> Rate:
    """Digits of a text that changed, came or went."""
    ones, others = ([char for char in text if char.isdigit()] for text in (before, after))
    return Rate(distance(ones, others), len(ones))


def count_unstable(garbled: str, restorer: Restorer) -> Rate:
    """Tokens of a restored text that a second pass changes again."""
    once = restorer.restore(garbled).text
    return count_altered(once, restorer.restore(once).text)


def measure_register(
    register: Register, restorer: Restorer, edits: Counter[tuple[str, str, str]]
) -> HarmResult:
    """Restore a register twice, as it is and without its marks, and count what changed.

    Args:
        register: Correct text.
        restorer: Finds the profile of each document itself, as for any user.
        edits: Takes in (before, after, cause) of every change of the first pass.
    """
    altered, fresh, digits, unstable, bare_unstable = (Rate(),) * 5
    profiles: Counter[str] = Counter()
    for lines in (register.repeated, register.fresh):
        for text in documents(lines):
            once = restorer.restore(text)
            twice = restorer.restore(once.text)
            profiles[once.profile] += 1
            edits.update((edit.before, edit.after, edit.cause) for edit in once.edits)
            changes = count_altered(once.source, once.text)
            altered += changes
            if lines is register.fresh:
                fresh += changes
            digits += count_changed_digits(once.source, once.text)
            unstable += count_altered(once.text, twice.text)
            bare_unstable += count_unstable(skeleton(once.source), restorer)
    return HarmResult(
        register.name, altered, fresh, digits, unstable, bare_unstable, dict(profiles)
    )


def by_register(results: Sequence[HarmResult]) -> list[HarmResult]:
    """Corpora of one kind of text added up, in the order of `REGISTER_OF_PREFIX`."""
    groups: dict[str, list[HarmResult]] = {name: [] for name in REGISTER_OF_PREFIX.values()}
    for result in results:
        found = (name for prefix, name in REGISTER_OF_PREFIX.items() if _is_of(result, prefix))
        groups.setdefault(next(found, "other"), []).append(result)
    return [add_results(group, name) for name, group in groups.items() if group]


def _is_of(result: HarmResult, prefix: str) -> bool:
    return result.name.startswith(prefix)


def add_results(results: Sequence[HarmResult], name: str = "all") -> HarmResult:
    """Some corpora together, each token counting the same."""
    profiles: Counter[str] = Counter()
    for result in results:
        profiles.update(result.profiles)
    return HarmResult(
        name,
        sum((result.altered for result in results), start=Rate()),
        sum((result.fresh for result in results), start=Rate()),
        sum((result.digits for result in results), start=Rate()),
        sum((result.unstable for result in results), start=Rate()),
        sum((result.bare_unstable for result in results), start=Rate()),
        dict(profiles),
    )


def _tables(
    registers: Sequence[HarmResult],
    corpora: Sequence[HarmResult],
    total: HarmResult,
    garbled: Rate,
    commonest: Sequence[Alteration],
) -> list[Table]:
    table = _table_of("Correct text through restore", [*registers, total])
    again = make_table("Garbled pages restored twice", "pages", "second pass alters", left=1)
    again.add_row("*.ocr.txt", format_rate(garbled, 3))
    listing = make_table("Commonest alterations", "before", "after", "cause", "times", left=3)
    for item in commonest:
        listing.add_row(Text(item.before), Text(item.after), item.cause, str(item.count))
    return [table, _table_of("The same by corpus", corpora), again, listing]


def _table_of(title: str, results: Sequence[HarmResult]) -> Table:
    columns = ("register", "documents taken for", "tokens altered", "of fresh lines")
    more = ("digits changed", "second pass alters", "of bare text")
    table = make_table(title, *columns, *more, left=2)
    for result in results:
        profiles = ", ".join(f"{name} {count}" for name, count in sorted(result.profiles.items()))
        rates = (result.altered, result.fresh, result.digits, result.unstable, result.bare_unstable)
        table.add_row(result.name, profiles, *(format_rate(rate, 3) for rate in rates))
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the registers of a corpus folder; exit code 1 where more changed than may."""
    parser = make_parser("harm", __doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of *.txt or *.txt.xz")
    parser.add_argument("--lines", type=int, default=400, help="held-out lines per register")
    parser.add_argument("--seed", type=int, default=30_001)
    parser.add_argument("--garbled", type=Path, default=SAMPLES, help="folder of *.ocr.txt")
    parser.add_argument("--only", nargs="*", default=(), metavar="REGISTER")
    options = parser.parse_args(arguments)
    registers = draw_registers(options.corpus, options.lines, options.seed, options.only)
    restorer = Restorer(restore_config(options))
    edits: Counter[tuple[str, str, str]] = Counter()
    results: list[HarmResult] = []
    for register in registers:
        say(f"restoring {register.name}")
        results.append(measure_register(register, restorer, edits))
    say("restoring garbled pages twice")
    pages = sorted(options.garbled.glob("*.ocr.txt"))
    garbled = sum((count_unstable(read_text(path), restorer) for path in pages), start=Rate())
    total = add_results(results)
    if total.altered.length < WANTED_TOKENS:
        say(f"only {total.altered.length:,} tokens: ask for more lines, {WANTED_TOKENS:,} are due")
    ranked = sorted(edits.items(), key=lambda item: (-item[1], item[0]))
    commonest = [Alteration(*key, count) for key, count in ranked[:SHOWN_ALTERATIONS]]
    registers_of_text = by_register(results)
    figures = {
        "corpora": results,
        "registers": registers_of_text,
        "total": total,
        "garbled_unstable": garbled,
        "commonest": commonest,
    }
    tables = _tables(registers_of_text, results, total, garbled, commonest)
    emit(tables, figures, options)
    limited = (total.altered, total.unstable, total.bare_unstable, garbled)
    return int(total.digits.errors > 0 or any(rate.rate > MAX_ALTERED for rate in limited))


if __name__ == "__main__":
    run(main)
