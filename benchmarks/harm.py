"""Does it leave correct text alone? Held-out lines of every register go through `restore`.

Counted are the tokens that changed, the digits that changed (there must be none), and the tokens
that a second pass would change again. The corpora hold typing errors of their own, so not every
alteration is harm; the commonest ones are listed for a person to judge.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from benchmarks.corpora import Register, documents, draw_registers
from benchmarks.harness import (
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

__all__ = ["Alteration", "HarmResult", "main", "measure_register"]

WANTED_TOKENS = 100_000
SHOWN_ALTERATIONS = 40


@dataclass(frozen=True, slots=True)
class HarmResult:
    """What restoring did to one register of correct text.

    Attributes:
        name: Of the register.
        altered: Tokens that changed, of all.
        fresh: The part of `altered` on lines that the training share does not hold as well.
        digits: Digits that changed, came or went, of all; not one may.
        unstable: Tokens that a second pass changed again, of all.
        profiles: Profile → documents that were taken for it.
    """

    name: str
    altered: Rate
    fresh: Rate
    digits: Rate
    unstable: Rate
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


def measure_register(
    register: Register, restorer: Restorer, edits: Counter[tuple[str, str, str]]
) -> HarmResult:
    """Restore a register twice and count what changed.

    Args:
        register: Correct text.
        restorer: Finds the profile of each document itself, as for any user.
        edits: Takes in (before, after, cause) of every change of the first pass.
    """
    altered, fresh, digits, unstable = Rate(), Rate(), Rate(), Rate()
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
    return HarmResult(register.name, altered, fresh, digits, unstable, dict(profiles))


def add_results(results: Sequence[HarmResult]) -> HarmResult:
    """All registers together, each token counting the same."""
    profiles: Counter[str] = Counter()
    for result in results:
        profiles.update(result.profiles)
    return HarmResult(
        "all",
        sum((result.altered for result in results), start=Rate()),
        sum((result.fresh for result in results), start=Rate()),
        sum((result.digits for result in results), start=Rate()),
        sum((result.unstable for result in results), start=Rate()),
        dict(profiles),
    )


def _tables(results: Sequence[HarmResult], commonest: Sequence[Alteration]) -> list[Table]:
    title = "Correct text through restore"
    columns = ("register", "documents taken for", "tokens altered", "of fresh lines")
    table = make_table(title, *columns, "digits changed", "second pass alters", left=2)
    for result in results:
        profiles = ", ".join(f"{name} {count}" for name, count in sorted(result.profiles.items()))
        rates = (result.altered, result.fresh, result.digits, result.unstable)
        table.add_row(result.name, profiles, *(format_rate(rate, 3) for rate in rates))
    listing = make_table("Commonest alterations", "before", "after", "cause", "times", left=3)
    for item in commonest:
        listing.add_row(Text(item.before), Text(item.after), item.cause, str(item.count))
    return [table, listing]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the registers of a corpus folder; exit code 1 when a digit was changed."""
    parser = make_parser("harm", __doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of *.txt or *.txt.xz")
    parser.add_argument("--lines", type=int, default=400, help="held-out lines per register")
    parser.add_argument("--seed", type=int, default=30_001)
    parser.add_argument("--only", nargs="*", default=(), metavar="REGISTER")
    options = parser.parse_args(arguments)
    registers = draw_registers(options.corpus, options.lines, options.seed, options.only)
    restorer = Restorer(restore_config(options))
    edits: Counter[tuple[str, str, str]] = Counter()
    results: list[HarmResult] = []
    for register in registers:
        say(f"restoring {register.name}")
        results.append(measure_register(register, restorer, edits))
    total = add_results(results)
    if total.altered.length < WANTED_TOKENS:
        say(f"only {total.altered.length:,} tokens: ask for more lines, {WANTED_TOKENS:,} are due")
    ranked = sorted(edits.items(), key=lambda item: (-item[1], item[0]))
    commonest = [Alteration(*key, count) for key, count in ranked[:SHOWN_ALTERATIONS]]
    figures = {"registers": results, "total": total, "commonest": commonest}
    emit(_tables([*results, total], commonest), figures, options)
    return int(total.digits.errors > 0)


if __name__ == "__main__":
    run(main)
