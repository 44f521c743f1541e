"""The command line: parse, one public call, print.

Every verb reads its options, calls one function that API callers have too, and shows what came
back. Imports of the stages stand inside the verbs, so that `vnrepair restore` does not wait for the
libraries that only a scan needs.
"""

import dataclasses
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from vnrepair import errors
from vnrepair.config import DEFAULTS, PROFILES, RepairConfig, load_config
from vnrepair.errors import ConfigError, VnRepairError
from vnrepair.records import Document, Page, Repaired
from vnrepair.streams import EXIT_BROKEN_PIPE, open_streams, read_stdin, silence_stdout
from vnrepair.terminal import (
    STANDARD_STREAM,
    check_output,
    is_folder,
    is_long,
    make_folder,
    narrate,
    print_error,
    print_explanation,
    print_note,
    print_table,
    print_warning,
    read_input,
    record_to_json,
    track,
    write_output,
    write_pieces,
)

if TYPE_CHECKING:
    from vnrepair.scan.observer import Observer

__all__ = ["app", "main"]

# What a shell reports for a program that ended by Ctrl-C: 128 + SIGINT.
_EXIT_INTERRUPTED = 130
# For one that was asked to end: 128 + SIGTERM.
_EXIT_TERMINATED = 143


class _Commands(TyperGroup):
    """The verbs; an error on purpose becomes one line on stderr and its exit code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer's own signature
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except VnRepairError as error:
            print_error(str(error))
            raise typer.Exit(error.exit_code) from error
        except BrokenPipeError as error:
            silence_stdout()
            raise typer.Exit(EXIT_BROKEN_PIPE) from error
        return result


_SETTINGS = {"help_option_names": ["-h", "--help"]}
app = typer.Typer(
    name="vnrepair",
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings=_SETTINGS,
    rich_markup_mode="rich",
)
learn_app = typer.Typer(help="Learn the dictionaries from a corpus.", no_args_is_help=True)
app.add_typer(learn_app, name="learn")


def _examples(*lines: str) -> str:
    """What stands under the help of a verb; an empty line keeps two commands apart."""
    return "\n\n".join(("Examples:", *(f"$ {line}" for line in lines))).replace("[", "\\[")


TextArgument = Annotated[Path, typer.Argument(metavar="FILE", help="Text file; - is stdin.")]
OutputOption = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="Write here, whole or not at all."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the record as one line of JSON.")]
ExplainOption = Annotated[
    bool, typer.Option("--explain", help="Show every change in a table on stderr.")
]
FlagsOption = Annotated[
    bool, typer.Option("--flags", help="Show what a person should look at, in a table on stderr.")
]
ProfileOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help=f"What garbled the text: {', '.join(PROFILES)}.",
        show_default=DEFAULTS.restore.profile,
    ),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="TOML file with options.")
]
DictionariesOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Folder with the models to use.")
]
UserDictionaryOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--dictionary",
        metavar="FILE",
        help="Words and phrases of your own: PHRASE, a tab, WEIGHT on each line. Repeatable.",
    ),
]
KeepOption = Annotated[
    list[str] | None,
    typer.Option(metavar="TERM", help="Leave this word or phrase as it is. Repeatable."),
]
KeepFileOption = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE", help="Leave the terms of this file, one on each line. Repeatable."
    ),
]
LanguageOption = Annotated[
    str | None,
    typer.Option(
        metavar="LANG",
        help="Tesseract language data, such as vie+eng.",
        show_default=DEFAULTS.scan.language,
    ),
]
PagesOption = Annotated[
    str | None,
    typer.Option(metavar="RANGES", help="Pages to read, such as 1-3,7,10-; all if not given."),
]
ForceOcrOption = Annotated[
    bool, typer.Option("--force-ocr", help="Read every page, whatever text a PDF brings along.")
]
SkipTextOption = Annotated[
    bool, typer.Option("--skip-text", help="Take text that a PDF brings along, however bad it is.")
]


def _configure(
    file: Path | None,
    *,
    profile: str | None = None,
    dictionaries: Path | None = None,
    language: str | None = None,
    user_dictionaries: Sequence[Path] | None = None,
    keep: Sequence[str] | None = None,
    keep_files: Sequence[Path] | None = None,
    pages: str | None = None,
    force_ocr: bool = False,
    skip_text: bool = False,
) -> RepairConfig:
    """Defaults, then the file, then the options of the command line; lists add to the file's."""
    config = load_config(file) if file else DEFAULTS
    restoring, scanning = config.restore, config.scan
    if profile is not None:
        restoring = dataclasses.replace(restoring, profile=profile)
    if dictionaries is not None:
        restoring = dataclasses.replace(restoring, dictionaries=dictionaries)
    if user_dictionaries:
        restoring = dataclasses.replace(
            restoring, user_dictionaries=(*restoring.user_dictionaries, *user_dictionaries)
        )
    if keep or keep_files:
        restoring = dataclasses.replace(
            restoring, keep=(*restoring.keep, *(keep or ()), *_read_keep_files(keep_files or ()))
        )
    if language is not None:
        scanning = dataclasses.replace(scanning, language=language)
    if pages is not None:
        scanning = dataclasses.replace(scanning, pages=pages)
    if force_ocr and skip_text:
        raise ConfigError("--force-ocr reads what --skip-text takes: give one of them")
    if force_ocr or skip_text:
        scanning = dataclasses.replace(scanning, text_layer="ignore" if force_ocr else "keep")
    return dataclasses.replace(config, restore=restoring, scan=scanning)


def _read_keep_files(files: Sequence[Path]) -> Iterator[str]:
    from vnrepair.restore.term_files import read_keep_file

    for file in files:
        yield from read_keep_file(file)


def _print_version(wanted: bool) -> None:
    if wanted:
        from vnrepair import __version__

        write_output(f"vnrepair {__version__}\n", None)
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Turn badly OCRed or scanned Vietnamese documents into correct text.

    Results go to stdout, everything else to stderr.
    Exit codes: 0 done, 1 quality regressed (check), 2 impossible option,
    3 unreadable input, 4 dictionary missing or altered, 5 Tesseract failed.
    """


@app.command(
    "restore",
    epilog=_examples(
        "vnrepair restore garbled.txt -o clean.txt",
        'echo "Ké hoach thuc hién quy ché" | vnrepair restore -',
        "vnrepair restore garbled.txt --explain --flags > clean.txt",
        "vnrepair restore garbled.txt --dictionary names.tsv --keep 'Nam Long' -o clean.txt",
    ),
)
def restore_command(
    file: TextArgument = STANDARD_STREAM,
    output: OutputOption = None,
    as_json: JsonOption = False,
    explain: ExplainOption = False,
    flags: FlagsOption = False,
    profile: ProfileOption = None,
    config_file: ConfigOption = None,
    dictionaries: DictionariesOption = None,
    dictionary: UserDictionaryOption = None,
    keep: KeepOption = None,
    keep_file: KeepFileOption = None,
) -> None:
    """Restore garbled or unmarked text to proper Vietnamese."""
    from vnrepair.document.textfile import read_pieces
    from vnrepair.restore.restorer import Restorer, restore_and_explain

    check_output(output, [file, *_files_of_options(config_file, dictionary, keep_file)])
    config = _configure(
        config_file,
        profile=profile,
        dictionaries=dictionaries,
        user_dictionaries=dictionary,
        keep=keep,
        keep_files=keep_file,
    )
    if is_long(file) and not (as_json or explain or flags):
        with track("restoring"):
            blocks = Restorer(config.restore).restore_stream(read_pieces(file))
            write_pieces((block.text for block in blocks), output)
        return
    text = read_input(file)
    with track("restoring"):
        result = restore_and_explain(text, config.restore)
    _show_text(file, result, output, as_json=as_json, explain=explain, flags=flags)


@app.command(
    "normalise",
    epilog=_examples(
        "vnrepair normalise letter.txt",
        "vnrepair normalise letter.txt --tone-style new -o letter.new.txt",
    ),
)
def normalise_command(
    file: TextArgument = STANDARD_STREAM,
    output: OutputOption = None,
    as_json: JsonOption = False,
    explain: ExplainOption = False,
    tone_style: Annotated[
        str | None,
        typer.Option(
            metavar="STYLE",
            help="preserve, old (hòa) or new (hoà).",
            show_default=DEFAULTS.normalise.tone_style,
        ),
    ] = None,
    config_file: ConfigOption = None,
) -> None:
    """Put Unicode, spacing and tone-mark style right; no letter is guessed."""
    from vnrepair.document.normalise import normalise_and_explain

    check_output(output, [file, *_files_of_options(config_file)])
    config = _configure(config_file).normalise
    if tone_style is not None:
        config = dataclasses.replace(config, tone_style=tone_style)
    result = normalise_and_explain(read_input(file), config)
    _show_text(file, result, output, as_json=as_json, explain=explain)


def _show_text(
    file: Path,
    result: Repaired,
    output: Path | None,
    *,
    as_json: bool,
    explain: bool,
    flags: bool = False,
) -> None:
    write_output(record_to_json(result) if as_json else result.text, output)
    if explain or flags:
        name = "stdin" if file == STANDARD_STREAM else str(file)
        print_explanation(name, [("", result)], edits=explain, flags=flags)


@app.command(
    "repair",
    epilog=_examples(
        "vnrepair repair scan.pdf -o scan.txt",
        "vnrepair repair scan.png --explain",
        "vnrepair repair scans/*.png -o texts/",
        "vnrepair repair scan.png --json | jq .warnings",
        "vnrepair repair scan.png --debug look/",
    ),
)
def repair_command(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Pages or text files; - is stdin.")
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="PATH",
            help="File; for several inputs, or with a / at its end, a folder, made if need be.",
        ),
    ] = None,
    as_json: JsonOption = False,
    explain: ExplainOption = False,
    flags: FlagsOption = False,
    profile: ProfileOption = None,
    config_file: ConfigOption = None,
    dictionaries: DictionariesOption = None,
    dictionary: UserDictionaryOption = None,
    keep: KeepOption = None,
    keep_file: KeepFileOption = None,
    language: LanguageOption = None,
    pages: PagesOption = None,
    force_ocr: ForceOcrOption = False,
    skip_text: SkipTextOption = False,
    debug: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write every step as an image, and index.html to look at it all."
        ),
    ] = None,
) -> None:
    """Read pages (PNG, JPEG, TIFF, WebP, BMP, PDF) or text files and repair what was read.

    On stdout a form feed divides files, as it divides pages; with --json each is a line.
    A page of a PDF whose text is good is taken as it is, the others are read.
    A page or file that fails is reported and the others go on, the page as
    an empty one; the exit code is that of the first failure.
    """
    from vnrepair.pipeline import repair

    config = _configure(
        config_file,
        profile=profile,
        dictionaries=dictionaries,
        language=language,
        user_dictionaries=dictionary,
        keep=keep,
        keep_files=keep_file,
        pages=pages,
        force_ocr=force_ocr,
        skip_text=skip_text,
    )
    protected = _files_of_options(config_file, dictionary, keep_file)
    targets = _plan_outputs(files, output, ".json" if as_json else ".txt", protected)
    exit_code = 0
    divider = ""
    with _debugging(debug, files, [*protected, *(target for target in targets if target)]) as watch:
        for done, (file, target) in enumerate(zip(files, targets, strict=True)):
            try:
                # A bar for each file: none may be on the terminal while results are printed there.
                with (
                    track("repairing") as progress,
                    _on_disk(file) as path,
                    watch(file) as observer,
                ):
                    progress(done, len(files), file.name)
                    document = repair(path, config, observer)
                _show_document(
                    file,
                    document,
                    target,
                    as_json=as_json,
                    explain=explain,
                    flags=flags,
                    divider=divider,
                )
                divider = "\f" if target is None else ""
                exit_code = exit_code or _exit_code(result.page for result in document.pages)
            except VnRepairError as error:
                if len(files) == 1:
                    raise
                print_error(str(error))
                exit_code = exit_code or error.exit_code
    if exit_code:
        raise typer.Exit(exit_code)


def _exit_code(pages: Iterable[Page | None]) -> int:
    """Of the first page that could not be read; 0 where all could."""
    failed = (page.error_kind for page in pages if page is not None and page.error_kind)
    return next((getattr(errors, kind).exit_code for kind in failed), 0)


@contextmanager
def _debugging(
    folder: Path | None, files: Sequence[Path], protected: Sequence[Path]
) -> Iterator[Callable[[Path], AbstractContextManager["Observer"]]]:
    """The folder of `--debug`, or nobody who looks on.

    Yields:
        A function that gives the observer of a file while the file is repaired.
    """
    from vnrepair.scan.observer import NOBODY

    if folder is None:
        yield lambda _file: nullcontext(NOBODY)
        return
    from vnrepair.debug.folder import DebugFolder

    real = [file for file in (*files, *protected) if file != STANDARD_STREAM]
    with DebugFolder(folder, several=len(files) > 1, protected=real) as debug:
        yield lambda file: debug.watch("stdin" if file == STANDARD_STREAM else file)
    print_note(f"{folder / 'index.html'} shows what was done")


def _files_of_options(*options: Path | Iterable[Path] | None) -> list[Path]:
    """Files that options name, which no output may replace."""
    named: list[Path] = []
    for option in options:
        named += [option] if isinstance(option, Path) else option or []
    return named


def _plan_outputs(
    files: Sequence[Path], output: str | None, suffix: str, protected: Sequence[Path]
) -> Sequence[Path | None]:
    """The output of every file, None for stdout, all of them checked before any work is done.

    Args:
        files: The inputs.
        output: As it was typed: a slash at its end asks for a folder, which `Path` would forget.
        suffix: Of the names of outputs in a folder.
        protected: Other files that no output may replace.

    Raises:
        ConfigError: Two files would share an output, an output is one of these files, or there is
            no place for one.
    """
    if output is None or Path(output) == STANDARD_STREAM:
        return [None] * len(files)
    path = Path(output)
    if len(files) > 1 or output.endswith("/") or is_folder(path):
        targets = _name_outputs(files, path, suffix)
        make_folder(path)
    else:
        targets = [path]
    for target in targets:
        check_output(target, [*files, *protected])
    return targets


def _name_outputs(files: Sequence[Path], folder: Path, suffix: str) -> list[Path]:
    """A name in the folder for every file.

    Raises:
        ConfigError: Two files would share one.
    """
    by_target: dict[Path, Path] = {}
    for file in files:
        target = folder / f"{'stdin' if file == STANDARD_STREAM else file.stem}{suffix}"
        if target in by_target:
            raise ConfigError(
                f"{target}: both {by_target[target]} and {file} would be written there: "
                "repair them one by one"
            )
        by_target[target] = file
    return list(by_target)


@contextmanager
def _on_disk(file: Path) -> Iterator[Path]:
    """The file itself, or for `-` a temporary file with the bytes of stdin."""
    if file != STANDARD_STREAM:
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="vnrepair-") as folder:
        path = Path(folder, "stdin")
        path.write_bytes(read_stdin())
        yield path


def _show_document(
    file: Path,
    document: Document,
    output: Path | None,
    *,
    as_json: bool,
    explain: bool,
    flags: bool,
    divider: str,
) -> None:
    for warning in document.warnings:
        print_warning(f"{file}: {warning}")
    if as_json:
        write_output(record_to_json(dataclasses.replace(document, source=file)), output)
    else:
        write_output(divider + _end_line(document.text), output)
    if explain or flags:
        many = len(document.pages) > 1
        results = [
            (f"page {number}, " if many else "", result)
            for number, page in enumerate(document.pages, start=1)
            for result in (page.restored, page.normalised)
        ]
        print_explanation(str(file), results, edits=explain, flags=flags)


def _end_line(text: str) -> str:
    """A text file ends with a line end."""
    return text if not text or text.endswith("\n") else text + "\n"


@app.command(
    "ocr",
    epilog=_examples(
        "vnrepair ocr scan.png",
        "vnrepair ocr scan.pdf --json | jq '.words[].text'",
    ),
)
def ocr_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Image or PDF; - is stdin.")],
    output: OutputOption = None,
    as_json: JsonOption = False,
    config_file: ConfigOption = None,
    language: LanguageOption = None,
    pages: PagesOption = None,
    force_ocr: ForceOcrOption = False,
    skip_text: SkipTextOption = False,
) -> None:
    """Read pages and print what Tesseract saw, without any repair.

    With --json, one page a line: words, boxes in pixels of the source,
    confidences from 0 to 1 with four decimals. A page that fails is
    reported and comes empty; the exit code is that of the first.
    """
    from vnrepair.pipeline import read_pages

    check_output(output, [file])
    config = _configure(
        config_file, language=language, pages=pages, force_ocr=force_ocr, skip_text=skip_text
    )
    parts: list[str] = []
    exit_code = 0
    with track("reading"), _on_disk(file) as path:
        for page in read_pages(path, config):
            exit_code = exit_code or _exit_code([page])
            for warning in page.warnings:
                print_warning(f"{file}: page {page.number}: {warning}")
            parts.append(record_to_json(_round(page)) if as_json else _end_line(page.text))
    write_output(("" if as_json else "\f").join(parts), output)
    if exit_code:
        raise typer.Exit(exit_code)


def _round(page: Page) -> Page:
    """The page without digits that mean nothing: confidences to 4 decimals, the dpi to 1."""

    def shorten(number: float | None, decimals: int) -> float | None:
        return None if number is None else round(number, decimals)

    words = tuple(
        dataclasses.replace(word, confidence=shorten(word.confidence, 4)) for word in page.words
    )
    return dataclasses.replace(page, words=words, dpi=shorten(page.dpi, 1))


@app.command(
    "score",
    epilog=_examples(
        "vnrepair score letter.truth.txt letter.txt",
        "vnrepair restore garbled.txt | vnrepair score truth.txt - --json",
    ),
)
def score_command(
    truth: Annotated[Path, typer.Argument(metavar="TRUTH", help="Ground truth; - is stdin.")],
    text: Annotated[Path, typer.Argument(metavar="TEXT", help="Text to judge; - is stdin.")],
    as_json: JsonOption = False,
    config_file: ConfigOption = None,
) -> None:
    """Count the errors of a text against its ground truth."""
    from vnrepair.evaluate.report import score_table, score_to_dict
    from vnrepair.evaluate.score import score

    if truth == text == STANDARD_STREAM:
        raise ConfigError("truth and text cannot both be stdin: name a file for one of them")
    config = _configure(config_file)
    result = score(read_input(truth), read_input(text), config.score)
    if as_json:
        write_output(record_to_json(score_to_dict(result)), None)
    else:
        print_table(score_table(result))


@app.command(
    "check",
    epilog=_examples(
        "vnrepair check samples/ --update-baseline",
        "vnrepair check samples/",
        "vnrepair check samples/ --baseline accepted.json --json",
    ),
)
def check_command(
    samples: Annotated[Path, typer.Argument(metavar="SAMPLES", help="Folder of pairs.")],
    baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Accepted counts; SAMPLES/baseline.json if not given."),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update-baseline", help="Accept the counts of this run.")
    ] = False,
    as_json: JsonOption = False,
    profile: ProfileOption = None,
    config_file: ConfigOption = None,
    dictionaries: DictionariesOption = None,
    language: LanguageOption = None,
) -> None:
    """Repair paired samples and fail, with exit code 1, where any got worse.

    A pair is NAME.truth.txt beside NAME.png (.jpg, .tif, .pdf, .txt) or
    beside NAME.ocr.txt, the garbled text of that page.
    """
    from vnrepair.evaluate.gate import check, write_baseline
    from vnrepair.evaluate.report import check_table, check_to_dict

    config = _configure(config_file, profile=profile, dictionaries=dictionaries, language=language)
    path = baseline or samples / "baseline.json"
    known = None if update and not path.exists() else path
    with track("checking") as progress:
        report = check(samples, known, config, progress=progress)
    if as_json:
        write_output(record_to_json(check_to_dict(report)), None)
    else:
        print_table(check_table(report))
    if update:
        for name in write_baseline(report, path):
            print_warning(f"{path}: {name} is not in the folder any more and left the baseline")
        print_note(f"{path}: these counts are the baseline now")
    elif report.exit_code:
        raise typer.Exit(report.exit_code)


@learn_app.command(
    "build",
    epilog=_examples(
        "vnrepair learn build --corpus corpus/ --out dictionaries/ --jobs 2",
    ),
)
def learn_build_command(
    corpus: Annotated[
        Path, typer.Option(metavar="DIR", help="Clean texts: *.txt or *.txt.xz, UTF-8.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the dictionaries.")],
    names: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder with place_names.tsv and given_names.tsv."),
    ] = None,
    texts: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Clean texts like the documents to repair: they count twenty-four times.",
        ),
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep the line pairs here; read them when they exist."),
    ] = None,
    pages: Annotated[
        int, typer.Option(min=1, help="Pages to render, damage and read with Tesseract.")
    ] = 900,
    jobs: Annotated[int, typer.Option(min=1, help="Tesseract processes at a time.")] = 2,
    seed: Annotated[int, typer.Option(help="Another seed draws other lines and damages.")] = 1,
) -> None:
    """Count the lexicon and language model, and train the channels from rendered pages.

    The same corpus, fonts, Tesseract and seed give the same bytes.
    """
    from vnrepair.learn.build import build

    with narrate() as say:
        build(
            corpus,
            out,
            names=names,
            texts=texts,
            pairs=pairs,
            pages=pages,
            jobs=jobs,
            seed=seed,
            progress=say,
        )


@learn_app.command(
    "terms",
    epilog=_examples(
        "vnrepair learn terms clean/*.txt -o names.tsv",
        "vnrepair restore garbled.txt --dictionary names.tsv",
    ),
)
def learn_terms_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Correct texts; - is stdin.")],
    output: OutputOption = None,
    min_count: Annotated[
        int, typer.Option(min=1, help="Leave out what the texts hold less often.")
    ] = 2,
    dictionaries: DictionariesOption = None,
) -> None:
    """List names and unknown words of correct texts as a dictionary for --dictionary.

    A person should look through it before it is used.
    """
    from vnrepair.learn.terms import collect_terms, terms_to_tsv
    from vnrepair.restore.lexicon import find_dictionaries, load_lexicon

    check_output(output, files)
    lexicon = load_lexicon(dictionaries or find_dictionaries())
    terms = collect_terms((read_input(file) for file in files), lexicon, min_count)
    write_output(terms_to_tsv(terms), output)


def _end_on_request(_number: int, _frame: object) -> NoReturn:
    """Leave by an exception, which lets everything that is open be put away."""
    sys.exit(_EXIT_TERMINATED)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    open_streams()
    # By default the process would just vanish: temporary files and a Tesseract would stay behind.
    signal.signal(signal.SIGTERM, _end_on_request)
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except VnRepairError as error:  # outside the verbs: --help and --version can fail to write
        print_error(str(error))
        sys.exit(error.exit_code)
    except BrokenPipeError:
        silence_stdout()
        sys.exit(EXIT_BROKEN_PIPE)
    except KeyboardInterrupt:
        sys.exit(_EXIT_INTERRUPTED)
