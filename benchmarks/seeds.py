"""Real garbled documents against their truth, and clean ones that must come back as they are.

A folder of documents: `NAME.ocr.txt` (garbled) beside `NAME.truth.txt` (what the page says), and
`NAME.clean.txt` (correct text). Truths are restored too, as clean text.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from benchmarks.harness import (
    emit,
    format_rate,
    make_parser,
    make_table,
    restore_config,
    run,
)
from benchmarks.rivals import AddAccents, load_pyvi
from benchmarks.tokens import wrong_steps
from vnrepair import Edit, InputError, Rate, Restorer, Score, align, score
from vnrepair.document.textfile import read_text
from vnrepair.language.letters import skeleton

__all__ = ["CleanResult", "GarbledResult", "WrongToken", "main", "measure_clean", "measure_garbled"]

CONTEXT_WORDS = 2


@dataclass(frozen=True, slots=True)
class WrongToken:
    """A run of tokens that came out wrong.

    Attributes:
        before: Up to two words before it in the truth.
        observed: What was read.
        restored: What restoring made of it.
        expected: What the page says.
        after: Up to two words behind it in the truth.
    """

    before: str
    observed: str
    restored: str
    expected: str
    after: str


@dataclass(frozen=True, slots=True)
class GarbledResult:
    """A garbled document, restored.

    Attributes:
        name: File name.
        profile: The profile that was found.
        raw: Score before.
        restored: Score after.
        pyvi: Score of pyvi, at its best: marks that were read are taken off first, as it wants bare
            text, and case is left out, as it changes it. None where it is not installed.
        seconds: Restoring it, models loaded, no word of it seen before.
        tokens_per_second: Tokens of the garbled text by these seconds.
        wrong: What is still wrong.
    """

    name: str
    profile: str
    raw: Score
    restored: Score
    pyvi: Score | None
    seconds: float
    tokens_per_second: float
    wrong: tuple[WrongToken, ...]


@dataclass(frozen=True, slots=True)
class CleanResult:
    """A correct document, restored.

    Attributes:
        name: File name.
        profile: The profile that was found.
        altered: Tokens that changed, of all tokens.
        numbers: Runs of digits that changed, of all; not one may.
        edits: What was changed.
    """

    name: str
    profile: str
    altered: Rate
    numbers: Rate
    edits: tuple[Edit, ...]


def measure_garbled(
    restorer: Restorer, garbled: Path, truth: Path, pyvi: AddAccents | None = None
) -> GarbledResult:
    """Restore one garbled document and score it."""
    text, reference = read_text(garbled), read_text(truth)
    start = time.perf_counter()
    repaired = restorer.restore(text)
    seconds = time.perf_counter() - start
    return GarbledResult(
        garbled.name,
        repaired.profile,
        score(reference, text),
        score(reference, repaired.text),
        None if pyvi is None else score(reference.lower(), pyvi(skeleton(text)).lower()),
        seconds,
        len(text.split()) / seconds,
        tuple(find_wrong(reference, text, repaired.text)),
    )


def measure_clean(restorer: Restorer, path: Path) -> CleanResult:
    """Restore one correct document and count what changed."""
    text = read_text(path)
    repaired = restorer.restore(text)
    changes = score(text, repaired.text)
    return CleanResult(path.name, repaired.profile, changes.wer, changes.digits, repaired.edits)


def find_wrong(truth: str, observed: str, restored: str) -> Iterator[WrongToken]:
    """Every run of wrong tokens of a restored text, with its surroundings."""
    expected, read, found = truth.split(), observed.split(), restored.split()
    place = _places(expected, read)
    for step in wrong_steps(expected, found):
        start, end = step.reference_start, step.reference_end
        yield WrongToken(
            " ".join(expected[max(0, start - CONTEXT_WORDS) : start]),
            " ".join(read[place[start] : place[end]]),
            " ".join(found[step.hypothesis_start : step.hypothesis_end]),
            " ".join(expected[start:end]),
            " ".join(expected[end : end + CONTEXT_WORDS]),
        )


def _places(expected: list[str], found: list[str]) -> list[int]:
    """For every border between expected tokens, the border between found ones that it lies at."""
    places = [0]
    for step in align(expected, found).steps:
        width = step.hypothesis_end - step.hypothesis_start
        length = step.reference_end - step.reference_start
        if not length:
            places[-1] = step.hypothesis_end
        places += [step.hypothesis_start + min(i, width) for i in range(1, length + 1)]
    return places


def _tables(
    garbled: Sequence[GarbledResult], clean: Sequence[CleanResult], *, errors: bool
) -> Iterator[Table]:
    table = make_table(
        "Garbled documents, case and punctuation counted",
        *("document", "profile", "CER before", "CER", "WER before", "WER", "s", "tokens/s"),
        "pyvi, caseless: CER / WER",
        left=2,
    )
    for item in garbled:
        pyvi = item.pyvi
        table.add_row(
            item.name,
            item.profile,
            *(format_rate(r) for r in (item.raw.cer, item.restored.cer)),
            *(format_rate(r) for r in (item.raw.wer, item.restored.wer)),
            f"{item.seconds:.2f}",
            f"{item.tokens_per_second:,.0f}",
            f"{100 * pyvi.cer.rate:.2f} / {100 * pyvi.wer.rate:.2f} %" if pyvi else "-",
        )
    yield table
    table = make_table(
        "Correct documents", "document", "profile", "tokens altered", "numbers changed", left=2
    )
    for result in clean:
        table.add_row(
            result.name, result.profile, format_rate(result.altered), format_rate(result.numbers)
        )
    yield table
    table = make_table("What was altered in them", "document", "before", "after", "odds", left=3)
    for result in clean:
        for edit in result.edits:
            table.add_row(
                result.name, Text(edit.before), Text(edit.after), f"{edit.log_odds:.1f} nats"
            )
    yield table
    if errors:
        for item in garbled:
            columns = ("before", "observed", "restored", "page says", "after")
            table = make_table(f"Still wrong in {item.name}", *columns, left=5)
            for wrong in item.wrong:
                cells = (wrong.before, wrong.observed, wrong.restored, wrong.expected, wrong.after)
                table.add_row(*(Text(cell) for cell in cells))
            yield table


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure a folder of documents; exit code 1 when a digit was changed."""
    parser = make_parser("seeds", __doc__)
    parser.add_argument("--seeds", type=Path, required=True, help="folder of documents")
    parser.add_argument("--errors", action="store_true", help="print every wrong token")
    parser.add_argument("--no-pyvi", action="store_true", help="do not run pyvi beside it")
    options = parser.parse_args(arguments)
    truths = sorted(options.seeds.glob("*.truth.txt"))
    cleans = [*sorted(options.seeds.glob("*.clean.txt")), *truths]
    if not cleans:
        raise InputError(f"{options.seeds}: no *.truth.txt or *.clean.txt there")
    restorer = Restorer(restore_config(options))
    restorer.restore("ngay")  # so that no document pays for what is loaded on first use
    pyvi = None if options.no_pyvi else load_pyvi()
    garbled = []
    for truth in truths:
        source = truth.with_name(truth.name.replace(".truth.txt", ".ocr.txt"))
        if source.is_file():
            garbled.append(measure_garbled(restorer, source, truth, pyvi))
    clean = [measure_clean(restorer, path) for path in cleans]
    tables = list(_tables(garbled, clean, errors=options.errors))
    emit(tables, {"garbled": garbled, "clean": clean}, options)
    return int(any(result.numbers.errors for result in clean))


if __name__ == "__main__":
    run(main)
