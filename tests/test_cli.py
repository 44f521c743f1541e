"""The command line: what it prints where, exit codes, encodings, pipes and output files.

Most tests start a real process, because streams, signals and the locale exist only there.
"""

import json
import os
import re
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vnrepair import Box, Edit, Page, Word, __version__, apply_edits
from vnrepair.cli import _round, app
from vnrepair.config import load_config
from vnrepair.errors import ConfigError
from vnrepair.records import SCHEMA_VERSION
from vnrepair.terminal import check_output, make_folder, record_to_json

LOOSE = "Kính gửi :  Sở Nội vụ\nCăn cứ Điều 5 .\n"
TIGHT = "Kính gửi: Sở Nội vụ\nCăn cứ Điều 5.\n"
UNMARKED = "Uy ban nhan dan huyen ban hanh ke hoach kiem tra.\n"
RIGHT = "Ủy ban nhân dân huyện ban hành kế hoạch kiểm tra.\n"
VERBS = ("restore", "normalise", "repair", "ocr", "score", "check", "learn build")


def environment(**changes: str) -> dict[str, str]:
    """The environment, without what would tell Python which encoding to use."""
    hidden = ("PYTHON", "LC_", "LANG", "COLUMNS", "FORCE_COLOR", "TTY_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return {**kept, "LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1", **changes}


def vnrepair(
    *arguments: str | Path, stdin: str | bytes = b"", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "vnrepair", *map(str, arguments)],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        env=env or environment(),
        timeout=120,
        check=False,
    )


def check_refused(done: subprocess.CompletedProcess[bytes], code: int, *words: str) -> None:
    """Exit code, no result, and one line on stderr that holds the words."""
    lines = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (code, b"", 1), done
    assert lines[0].startswith("vnrepair: error: ")
    for word in words:
        assert word in lines[0]


@pytest.fixture
def loose(tmp_path: Path) -> Path:
    path = tmp_path / "thư mời.txt"
    path.write_text(LOOSE, encoding="utf-8")
    return path


# Help


def test_the_version_is_that_of_the_package() -> None:
    assert vnrepair("--version").stdout.decode() == f"vnrepair {__version__}\n"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_with_examples(verb: str) -> None:
    result = CliRunner().invoke(app, [*verb.split(), "--help"])
    assert result.exit_code == 0
    assert f"$ vnrepair {verb} " in result.stdout


@pytest.mark.parametrize(
    ("verb", "option", "default"),
    [
        ("restore", "--profile", "auto"),
        ("repair", "--profile", "auto"),
        ("ocr", "--language", "vie"),
        ("normalise", "--tone-style", "preserve"),
    ],
)
def test_help_names_the_default_of_what_a_file_may_set(
    verb: str, option: str, default: str
) -> None:
    result = CliRunner().invoke(app, [verb, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    rows = [line for line in result.stdout.splitlines() if f"{option} " in line]
    assert any(f"[default: ({default})]" in row for row in rows)


def test_an_unknown_option_exits_with_2() -> None:
    done = vnrepair("restore", "--fast")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--fast" in done.stderr


# Streams


def test_stdin_goes_to_stdout_and_nothing_to_stderr() -> None:
    done = vnrepair("normalise", "-", stdin=LOOSE)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, TIGHT, b"")


def test_text_without_a_line_end_stays_without() -> None:
    assert vnrepair("normalise", stdin="Điều 5 .").stdout.decode() == "Điều 5."


@pytest.mark.parametrize(
    "locale",
    [
        {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1258:replace"},
    ],
)
def test_streams_are_utf8_whatever_the_locale(locale: dict[str, str], loose: Path) -> None:
    env = environment(**locale)
    done = vnrepair("normalise", "--explain", stdin=LOOSE, env=env)
    assert done.stdout.decode("utf-8") == TIGHT
    assert "␣" in done.stderr.decode("utf-8")
    missing = vnrepair("normalise", loose.with_name("không có.txt"), env=env)
    check_refused(missing, 3, "không có.txt")


def test_decomposed_input_gives_the_composed_result() -> None:
    done = vnrepair("normalise", stdin=unicodedata.normalize("NFD", LOOSE))
    assert done.stdout.decode() == TIGHT


def run_into_closed_pipe(*arguments: str, stdin: bytes) -> tuple[int, bytes]:
    """Exit code and stderr of a run whose reader has left before the first byte."""
    command = [sys.executable, "-m", "vnrepair", *arguments]
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            command,
            input=stdin,
            stdout=writer,
            stderr=subprocess.PIPE,
            env=environment(),
            timeout=60,
            check=False,
        )
    finally:
        os.close(writer)
    return done.returncode, done.stderr


def test_a_reader_that_leaves_early_ends_the_program_quietly() -> None:
    more_than_a_pipe_holds = LOOSE.encode() * 5_000
    code, complaint = run_into_closed_pipe("normalise", "-", stdin=more_than_a_pipe_holds)
    assert (code, complaint) == (128 + signal.SIGPIPE, b"")


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_a_short_answer_into_a_closed_pipe_is_quiet(option: str) -> None:
    _, complaint = run_into_closed_pipe(option, stdin=b"")
    assert complaint == b""


def test_an_interrupt_exits_with_130_and_no_traceback(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [sys.executable, "-m", "vnrepair", "normalise", pipe],
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stderr
    with pipe.open("wb"):  # opens when the program has opened its end, and now waits for text
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 128 + signal.SIGINT
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()


def shell(
    line: str, *arguments: str | Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a line of bash in which "$@" stands for vnrepair with these arguments."""
    command = ["bash", "-c", line, "bash", sys.executable, "-m", "vnrepair", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, env=env or environment(), timeout=60, check=False
    )


posix = pytest.mark.skipif(os.name == "nt", reason="needs bash and POSIX descriptors")
full_disk = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


@full_disk
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("verb", ["normalise", "score", "--help", "--version"])
def test_a_full_disk_behind_stdout_exits_with_3(verb: str, unbuffered: str, loose: Path) -> None:
    files = {"normalise": [loose], "score": [loose, loose]}.get(verb, [])
    env = environment(PYTHONUNBUFFERED=unbuffered)
    check_refused(shell('"$@" >/dev/full', verb, *files, env=env), 3, "stdout", "No space left")


@posix
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_result_that_was_cut_short_is_an_error(unbuffered: str, tmp_path: Path) -> None:
    big, out = tmp_path / "big.txt", tmp_path / "out.txt"
    big.write_text(TIGHT * 5_000, encoding="utf-8")
    env = environment(PYTHONUNBUFFERED=unbuffered, PYTHONDONTWRITEBYTECODE="1", TARGET=str(out))
    done = shell('ulimit -f 64; "$@" >"$TARGET"', "normalise", big, env=env)
    assert 0 < out.stat().st_size < big.stat().st_size
    check_refused(done, 3, "stdout", "File too large")


@posix
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_takes_a_little_ends_the_program_with_141(
    unbuffered: str, tmp_path: Path
) -> None:
    big = tmp_path / "big.txt"
    big.write_text(TIGHT * 20_000, encoding="utf-8")
    line = '"$@" | head -c 5 >/dev/null; exit ${PIPESTATUS[0]}'
    done = shell(line, "normalise", big, env=environment(PYTHONUNBUFFERED=unbuffered))
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, b"")


@pytest.mark.parametrize("arguments", [("--help",), ("score", "-", os.devnull)])
def test_a_table_into_a_closed_pipe_exits_with_141(arguments: tuple[str, ...]) -> None:
    assert run_into_closed_pipe(*arguments, stdin=b"a") == (128 + signal.SIGPIPE, b"")


@posix
@pytest.mark.parametrize("verb", ["normalise", "restore", "repair", "ocr"])
def test_a_closed_stdin_exits_with_3(verb: str) -> None:
    check_refused(shell('"$@" <&-', verb, "-"), 3, "stdin")


@posix
@pytest.mark.parametrize("option", ["normalise", "--help", "--version"])
def test_a_closed_stdout_exits_with_3(option: str) -> None:
    check_refused(shell('echo a | "$@" >&-', option), 3, "stdout")


@posix
def test_a_closed_stdout_costs_nothing_where_the_result_is_a_file(
    loose: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.txt"
    done = shell('"$@" <&- >&- 2>&-', "normalise", loose, "-o", out)
    assert (done.returncode, out.read_text(encoding="utf-8")) == (0, TIGHT)


@posix
@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full", "2> >(true)"])
def test_a_broken_stderr_costs_neither_result_nor_exit_code(stderr: str, loose: Path) -> None:
    done = shell(f'"$@" {stderr}', "normalise", loose, "--explain")
    assert (done.returncode, done.stdout.decode()) == (0, TIGHT)
    assert shell(f'"$@" {stderr}', "normalise", loose.with_name("none.txt")).returncode == 3


def test_a_terminal_without_width_still_shows_tables(loose: Path) -> None:
    done = vnrepair("score", loose, loose, env=environment(COLUMNS="0"))
    assert "0.00 %" in done.stdout.decode()


def test_an_interrupt_while_the_program_loads_is_quiet() -> None:
    program = """
import os, signal, sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == "vnrepair.cli":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
from vnrepair.__main__ import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGINT, b"", b"")


# Records


def test_json_is_the_record_and_its_edits_replay() -> None:
    record = json.loads(vnrepair("normalise", "--json", stdin=LOOSE).stdout)
    edits = [Edit(**edit) for edit in record["edits"]]
    assert len(edits) == 3
    assert apply_edits(record["source"], edits) == record["text"] == TIGHT


def test_json_is_one_line_of_readable_letters() -> None:
    out = vnrepair("normalise", "--json", stdin=LOOSE).stdout.decode()
    assert out.count("\n") == 1
    assert "Nội vụ" in out


def test_json_knows_paths_and_refuses_what_is_no_json() -> None:
    assert record_to_json({"source": Path("a.png")}) == '{"source": "a.png"}\n'
    with pytest.raises(ValueError, match="not JSON compliant"):
        record_to_json({"rate": float("inf")})


def test_explanations_go_to_stderr_with_line_and_cause() -> None:
    done = vnrepair("normalise", "--explain", stdin=f"Thông báo\n{LOOSE}")
    assert done.stdout.decode() == f"Thông báo\n{TIGHT}"
    rows = [line for line in done.stderr.decode().splitlines() if "blanks" in line]
    assert [row.split()[0] for row in rows] == ["2:9", "2:11", "3:14"]
    assert all("rule" in row for row in rows)


def test_the_legend_stands_above_the_table() -> None:
    explained = vnrepair("restore", "--explain", stdin=UNMARKED).stderr.decode()
    profile, legend, head, row = (
        explained.index(word)
        for word in ("read as undiacritised", "rule: always done", "runner-up ", "1:1")
    )
    assert profile < legend < head < row


def test_text_without_changes_is_explained_as_such() -> None:
    done = vnrepair("normalise", "--explain", stdin=TIGHT)
    assert "No changes in stdin." in done.stderr.decode()


def test_brackets_in_a_text_are_no_markup() -> None:
    done = vnrepair("normalise", "--explain", stdin="Mục [bold]1[/bold] .\n[/] .\n")
    assert (done.returncode, done.stdout) == (0, "Mục [bold]1[/bold].\n[/].\n".encode())


def test_flags_go_to_stderr_with_what_else_it_may_be() -> None:
    doubtful = "Thuc hién Quy ché dan chu theo 5282/Q-BCA cua Uy ban nhan dan x4\n"
    done = vnrepair("restore", "--flags", stdin=doubtful)
    lines = done.stderr.decode().splitlines()
    assert "To look at in stdin:" in lines
    (row,) = (line for line in lines if "5282/Q-BCA" in line)
    assert row.split()[0] == "1:32"
    assert not any(line.startswith("Changes in") for line in lines)


def test_without_flags_it_is_said_how_many_there_are() -> None:
    doubtful = "Thuc hién Quy ché dan chu theo 5282/Q-BCA cua Uy ban nhan dan x4\n"
    explained = vnrepair("restore", "--explain", stdin=doubtful).stderr.decode()
    flagged = json.loads(vnrepair("restore", "--json", stdin=doubtful).stdout)["flags"]
    assert f"{len(flagged)} to look at: --flags shows them." in explained


def test_text_without_doubt_has_nothing_to_look_at() -> None:
    done = vnrepair("restore", "--flags", stdin=RIGHT)
    assert (done.stdout.decode(), "Nothing to look at in stdin." in done.stderr.decode()) == (
        RIGHT,
        True,
    )


def test_hostile_text_stays_text_in_the_tables() -> None:
    hostile = "Ké hoach \x1b[31mdo\x1b[0m [bold]quy ché[/bold] \x07 :smile: x4[/]\n"
    done = vnrepair("restore", "--explain", "--flags", stdin=hostile)
    explained = done.stderr.decode()
    assert done.returncode == 0
    assert "\x1b" not in explained
    assert "\x07" not in explained


# Output files


def test_output_goes_to_the_file_and_not_to_stdout(loose: Path, tmp_path: Path) -> None:
    out = tmp_path / "kết quả.txt"
    done = vnrepair("normalise", loose, "-o", out)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert out.read_bytes() == TIGHT.encode()
    assert sorted(tmp_path.iterdir()) == sorted([loose, out])


@pytest.mark.parametrize("verb", ["normalise", "restore", "repair"])
@pytest.mark.parametrize("kind", ["itself", "symbolic link", "hard link"])
def test_the_input_is_never_the_output(verb: str, kind: str, loose: Path, tmp_path: Path) -> None:
    out = loose if kind == "itself" else tmp_path / "other.txt"
    if kind == "symbolic link":
        out.symlink_to(loose)
    elif kind == "hard link":
        out.hardlink_to(loose)
    check_refused(vnrepair(verb, loose, "-o", out), 2, str(out), "name another file")
    assert loose.read_text(encoding="utf-8") == LOOSE


def test_a_missing_output_folder_is_named(loose: Path, tmp_path: Path) -> None:
    done = vnrepair("normalise", loose, "-o", tmp_path / "none" / "out.txt")
    check_refused(done, 2, str(tmp_path / "none"), "does not exist")


@pytest.mark.parametrize("folder", ["", "out/"])
def test_a_name_that_no_file_can_have_is_refused_before_work(
    folder: str, loose: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(ConfigError, match="name another file"):
        check_output(tmp_path / folder / ("a" * 300), [loose])
    long = tmp_path / ("a" * 251 + ".txt")  # as long as a name may be; with .json it is longer
    long.write_text(LOOSE)
    check_refused(vnrepair("repair", long, "--json", "-o", tmp_path / "out"), 2, "too long")
    check_refused(vnrepair("repair", long, "-o", "a" * 300), 2, "too long")


def test_a_failed_run_leaves_the_old_output(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    out.write_text("before")
    assert vnrepair("normalise", "-", "-o", out, stdin=b"\xff\xfe\xfa").returncode == 3
    assert out.read_text() == "before"
    assert list(tmp_path.iterdir()) == [out]


def test_a_dash_as_output_is_stdout(loose: Path) -> None:
    assert vnrepair("normalise", loose, "-o", "-").stdout.decode() == TIGHT


def test_outputs_are_checked_before_work(tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("a")
    check_output(None, [source])
    check_output(tmp_path / "b.txt", [source, Path("-"), tmp_path / "missing.txt"])
    with pytest.raises(ConfigError):
        check_output(source, [source])
    with pytest.raises(ConfigError, match="does not exist"):
        check_output(tmp_path / "none" / "b.txt", [source])
    with pytest.raises(ConfigError, match="is a folder"):
        check_output(tmp_path, [source])


def test_only_the_last_folder_is_made(tmp_path: Path) -> None:
    make_folder(tmp_path / "texts")
    make_folder(tmp_path / "texts")
    with pytest.raises(ConfigError, match="none does not exist"):
        make_folder(tmp_path / "none" / "texts")
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="is a file"):
        make_folder(tmp_path / "file")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "texts"]


@posix
@pytest.mark.parametrize("target", ["-o /dev/stdout | cat", "-o >(cat)"])
def test_pipes_with_a_name_are_written_to(target: str, loose: Path) -> None:
    done = shell(f'"$@" {target}', "normalise", loose)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, TIGHT, b"")


@posix
def test_dev_stdout_is_appended_to_where_the_shell_appends(loose: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text("before\n")
    env = environment(LOG=str(log))
    assert shell('"$@" -o /dev/stdout >>"$LOG"', "normalise", loose, env=env).returncode == 0
    assert log.read_text(encoding="utf-8") == f"before\n{TIGHT}"


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes only there")
@pytest.mark.parametrize("output", ["stdout", "file"])
def test_a_file_name_that_is_not_utf8_is_escaped_in_json(output: str, tmp_path: Path) -> None:
    source, out = tmp_path / os.fsdecode(b"sur\xff.txt"), tmp_path / "out.json"
    source.write_text(UNMARKED, encoding="utf-8")
    done = vnrepair("repair", source, "--json", "-o", out if output == "file" else "-")
    assert done.returncode == 0, done.stderr
    data = out.read_bytes() if output == "file" else done.stdout
    assert json.loads(data.decode("utf-8"))["source"] == str(source)


@posix
def test_a_vietnamese_file_name_is_itself_in_the_c_locale(loose: Path, tmp_path: Path) -> None:
    env = environment(LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    out = tmp_path / "out.json"
    done = vnrepair("repair", loose, "--json", "-o", out, env=env)
    assert done.returncode == 0, done.stderr
    assert json.loads(out.read_text(encoding="utf-8"))["source"] == str(loose)


# Errors


@pytest.mark.parametrize("verb", ["normalise", "restore", "repair"])
def test_a_missing_file_exits_with_3(verb: str, tmp_path: Path) -> None:
    check_refused(vnrepair(verb, tmp_path / "missing.txt"), 3, "missing.txt")


@pytest.mark.parametrize("data", ["Đơn xin".encode("cp1258"), b"a\0b", b"%PDF-1.4\n"])
def test_what_is_no_utf8_text_exits_with_3(data: bytes) -> None:
    check_refused(vnrepair("normalise", "-", stdin=data), 3, "stdin")


def test_an_impossible_option_exits_with_2() -> None:
    done = vnrepair("restore", "--profile", "latin", stdin="a")
    check_refused(done, 2, "latin", "tesseract-eng")
    check_refused(vnrepair("normalise", "--tone-style", "odd", stdin="a"), 2, "old or new")


def test_a_broken_configuration_exits_with_2(tmp_path: Path) -> None:
    config = tmp_path / "options.toml"
    config.write_text("[restore]\nspeed = 3\n")
    check_refused(vnrepair("restore", "--config", config, stdin="a"), 2, "restore.speed")


def test_a_configuration_that_is_not_there_says_so(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    done = vnrepair("restore", "--config", missing, stdin="a")
    check_refused(done, 2, f"{missing}: no such file: check the name")
    with pytest.raises(ConfigError, match="is a folder"):
        load_config(tmp_path)


def test_a_configuration_may_be_named_by_a_string(tmp_path: Path) -> None:
    config = tmp_path / "options.toml"
    config.write_text("[restore]\nbeam = 3\n")
    assert load_config(str(config)) == load_config(config)
    assert load_config(str(config)).restore.beam == 3


def test_missing_dictionaries_exit_with_4(tmp_path: Path) -> None:
    done = vnrepair("restore", "--dictionaries", tmp_path, stdin="hoach\n")
    check_refused(done, 4, f"{tmp_path}: no dictionaries there", "check --dictionaries")


def test_a_configuration_file_is_obeyed(tmp_path: Path) -> None:
    config = tmp_path / "options.toml"
    config.write_text('[normalise]\nspacing = false\ntone_style = "new"\n')
    done = vnrepair("normalise", "--config", config, stdin="hòa  bình\n")
    assert done.stdout.decode() == "hoà  bình\n"
    beaten = vnrepair("normalise", "--config", config, "--tone-style", "old", stdin="hoà  bình\n")
    assert beaten.stdout.decode() == "hòa  bình\n"


# Score


def test_score_shows_rates_with_their_counts(tmp_path: Path) -> None:
    # "Kế hoạch" and "Kế hoach" differ in 1 of 8 graphemes.
    truth = tmp_path / "truth.txt"
    truth.write_text("Kế hoạch\n", encoding="utf-8")
    done = vnrepair("score", truth, "-", stdin="Kế hoach\n")
    assert "12.50 %" in done.stdout.decode()
    plain = json.loads(vnrepair("score", truth, "-", "--json", stdin="Kế hoach\n").stdout)
    assert plain["cer"] == {"errors": 1, "length": 8, "rate": 0.125}


def test_score_cannot_read_both_sides_from_stdin() -> None:
    check_refused(vnrepair("score", "-", "-", stdin="a"), 2, "stdin")


# Restore and repair


def test_restore_brings_the_marks_back_and_explains_them() -> None:
    done = vnrepair("restore", "--explain", stdin=UNMARKED)
    assert done.stdout.decode() == RIGHT
    explained = done.stderr.decode()
    assert re.search(r"1:35 +hoach +hoạch +letters .* [0-9,^]+ : 1 +[>0-9.]+%", explained)


def test_restore_prints_what_the_library_returns() -> None:
    from vnrepair import restore_and_explain

    record = json.loads(vnrepair("restore", "--json", stdin=UNMARKED).stdout)
    expected = restore_and_explain(UNMARKED)
    assert (record["text"], len(record["edits"])) == (expected.text, len(expected.edits))
    assert apply_edits(record["source"], [Edit(**e) for e in record["edits"]]) == record["text"]
    assert (record["schema_version"], next(iter(record))) == (SCHEMA_VERSION, "schema_version")
    assert (record["profile"], record["reason"]) == (expected.profile, expected.reason)
    assert [flag["chosen"] for flag in record["flags"]] == [f.chosen for f in expected.flags]


def test_repair_takes_text_from_stdin_and_names_it() -> None:
    assert vnrepair("repair", "-", stdin=UNMARKED).stdout.decode() == RIGHT
    record = json.loads(vnrepair("repair", "-", "--json", stdin=UNMARKED).stdout)
    assert (record["source"], record["pages"][0]["normalised"]["text"]) == ("-", RIGHT)


def test_several_files_go_to_a_folder_and_a_bad_one_stops_no_other(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.txt", "b.png", "c.txt")]
    for path in files:
        path.write_text(UNMARKED, encoding="utf-8")
    files[1].write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    out = tmp_path / "out"
    done = vnrepair("repair", *files, "-o", out)
    assert (done.returncode, done.stdout) == (3, b"")
    assert "b.png" in done.stderr.decode()
    assert sorted(path.name for path in out.iterdir()) == ["a.txt", "c.txt"]
    assert (out / "c.txt").read_text(encoding="utf-8") == RIGHT


def test_several_files_need_a_folder(loose: Path, tmp_path: Path) -> None:
    other, one = tmp_path / "other.txt", tmp_path / "one.txt"
    other.touch()
    one.write_text("before")
    check_refused(vnrepair("repair", loose, other, "-o", one), 2, "one.txt", "folder")
    assert one.read_text() == "before"


@pytest.mark.parametrize("existing", [True, False])
def test_a_slash_at_the_end_asks_for_a_folder(existing: bool, loose: Path, tmp_path: Path) -> None:
    out = tmp_path / "texts"
    if existing:
        out.mkdir()
    assert vnrepair("repair", loose, "-o", f"{out}/").returncode == 0
    assert [path.name for path in out.iterdir()] == [loose.name]
    assert vnrepair("repair", loose, "-o", f"{out}/none/none/").returncode == 2


def test_files_on_stdout_are_divided_as_pages_are(loose: Path, tmp_path: Path) -> None:
    broken, other = tmp_path / "broken.png", tmp_path / "other.txt"
    broken.touch()
    other.write_text(RIGHT, encoding="utf-8")
    done = vnrepair("repair", broken, loose, broken, other)
    assert (done.returncode, done.stdout.decode()) == (3, f"{TIGHT}\f{RIGHT}")
    records = vnrepair("repair", loose, other, "--json").stdout.decode()
    assert [json.loads(line)["source"] for line in records.splitlines()] == [str(loose), str(other)]


def test_two_files_never_share_an_output(loose: Path, tmp_path: Path) -> None:
    twin = loose.with_suffix(".pdf")
    twin.write_bytes(b"%PDF-1.4\n")
    out = tmp_path / "out"
    out.mkdir()
    check_refused(vnrepair("repair", loose, twin, "-o", out), 2, loose.name, twin.name)
    assert list(out.iterdir()) == []
    out.rmdir()
    check_refused(vnrepair("repair", loose, twin, "-o", out), 2, loose.name, twin.name)
    assert not out.exists()


# Reading


def test_numbers_of_a_page_have_no_more_digits_than_they_mean() -> None:
    box = Box(0, 0, 9, 9)
    words = (Word("quy", box, 0.96012996, 0, 0), Word("chế", box, None, 0, 0))
    page = _round(Page(1, 90, 90, 299.9994, words))
    assert (page.dpi, [word.confidence for word in page.words]) == (300.0, [0.9601, None])
    assert _round(Page(1, 90, 90, None, ())).dpi is None


# Check


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    folder = tmp_path / "samples"
    folder.mkdir()
    (folder / "plan.truth.txt").write_text(RIGHT, encoding="utf-8")
    (folder / "plan.ocr.txt").write_text(UNMARKED, encoding="utf-8")
    return folder


def test_check_without_a_baseline_says_how_to_make_one(samples: Path) -> None:
    check_refused(vnrepair("check", samples), 2, "--update-baseline")


def test_check_passes_after_its_baseline_was_accepted(samples: Path) -> None:
    made = vnrepair("check", samples, "--update-baseline")
    assert made.returncode == 0, made.stderr
    assert str(samples / "baseline.json") in made.stderr.decode()
    done = vnrepair("check", samples)
    assert done.returncode == 0, done.stderr
    assert "passed" in done.stdout.decode()


def test_check_exits_with_1_where_errors_were_added(samples: Path) -> None:
    vnrepair("check", samples, "--update-baseline")
    # The sample loses a syllable: one more word error, with the ground truth as it was.
    (samples / "plan.ocr.txt").write_text(UNMARKED.replace("kiem ", ""), encoding="utf-8")
    done = vnrepair("check", samples, "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["exit_code"]) == (1, 1)
    assert [case["verdict"] for case in report["cases"]] == ["worse"]


def test_check_cannot_say_anything_without_its_dictionaries(samples: Path, tmp_path: Path) -> None:
    done = vnrepair("check", samples, "--update-baseline", "--dictionaries", tmp_path)
    check_refused(done, 4, str(tmp_path))


def test_check_cannot_say_anything_without_tesseract_or_its_language(samples: Path) -> None:
    (samples / "plan.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    missing = environment(VNREPAIR_TESSERACT=str(samples / "none"))
    check_refused(vnrepair("check", samples, "--update-baseline", env=missing), 5, "none")
    check_refused(vnrepair("check", samples, "--update-baseline", "--language", "xyz"), 5, "xyz")
    assert not (samples / "baseline.json").exists()


def test_an_updated_baseline_tells_which_samples_it_drops(samples: Path) -> None:
    for suffix in ("truth.txt", "ocr.txt"):
        (samples / f"note.{suffix}").write_text(RIGHT, encoding="utf-8")
    vnrepair("check", samples, "--update-baseline")
    (samples / "note.truth.txt").unlink()
    assert "no note.truth.txt in" in " ".join(vnrepair("check", samples).stdout.decode().split())
    done = vnrepair("check", samples, "--update-baseline")
    assert done.returncode == 0
    assert "note.ocr.txt" in done.stderr.decode()
    assert "plan.ocr.txt" not in done.stderr.decode()


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes only there")
def test_a_baseline_holds_names_that_are_not_utf8(samples: Path) -> None:
    for suffix in (b"truth.txt", b"ocr.txt"):
        (samples / os.fsdecode(b"s\xff." + suffix)).write_text(RIGHT, encoding="utf-8")
    made = vnrepair("check", samples, "--update-baseline")
    assert made.returncode == 0, made.stderr
    assert vnrepair("check", samples).returncode == 0


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--dictionary", "Sở Nội vụ\t5\n"),
        ("--keep-file", "Nam Long\n"),
        ("--config", "[restore]\nbeam = 3\n"),
    ],
)
@pytest.mark.parametrize("verb", ["restore", "repair"])
def test_a_file_of_an_option_is_no_output(
    loose: Path, tmp_path: Path, verb: str, option: str, text: str
) -> None:
    named = tmp_path / "named"
    named.write_text(text, encoding="utf-8")
    done = vnrepair(verb, loose, option, named, "-o", named)
    check_refused(done, 2, "named", "stays as it is")
    assert named.read_text(encoding="utf-8") == text
