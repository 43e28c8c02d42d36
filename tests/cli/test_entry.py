"""Exit codes, help, and what happens when something unforeseen does."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from namedtorch.cli import explain, main, outcome
from namedtorch.cli import run as run_command
from namedtorch.cli.command import Command
from namedtorch.cli.parser import COMMANDS
from namedtorch.diagnostics import AnnotationError, ArchiveError, DimError, Failure, LowerError

Run = Callable[..., Any]

NO_COMMAND = "there is no command `"
WRONG = [
    (
        ["melt"],
        NO_COMMAND
        + "melt`; there are check, reveal, lower, annotate, inspect, compare, run, bench, ops, explain",
    ),
    (["inspct"], NO_COMMAND + "inspct`; did you mean inspect?"),
    (["classifier.pt"], "`classifier.pt` is no command; did you mean namedtorch inspect classifier.pt?"),
    (["--json", "inspect", "x.pt"], "--json stands before the command: namedtorch inspect ... --json"),
    (["--yaml"], "--yaml stands before the command; options stand behind it"),
    (["inspect"], "the following arguments are required: FILE"),
    (["run"], "the following arguments are required: FILE"),
    (["annotate", "x.pt", "-o", "y.pt"], "the following arguments are required: [METHOD=]SIGNATURE"),
    (["lower", "models:Net"], "the following arguments are required: -o/--output"),
    (
        ["lower", "models:Net", "-o", "x.pt", "--guards", "some"],
        "argument --guards: invalid choice: 'some'; it is one of boundary, all, none",
    ),
    (
        ["lower", "models:Net", "-o", "x.pt", "--train", "--freeze"],
        "argument --freeze: not allowed with argument --train",
    ),
    (["inspect", "x.pt", "--yaml"], "unrecognized arguments: --yaml"),
    (["inspect", "x.pt", "--jsn"], "unrecognized arguments: --jsn; did you mean --json?"),
    # An abbreviation is no option.
    (["inspect", "x.pt", "--js"], "unrecognized arguments: --js; did you mean --json?"),
    (["inspect", "x.pt", "y.pt"], "unrecognized arguments: y.pt"),
    (["bench", "x.pt", "--rounds", "many"], "argument --rounds: invalid int value: 'many'"),
]


@pytest.mark.parametrize(("words", "text"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_wrong_use_is_one_block_and_2(run: Run, words: list[str], text: str) -> None:
    done = run(*words)
    command = f"{words[0]} " if words[0] in COMMANDS else ""
    assert (done.code, done.err) == (2, f"error: {text}\n  see: namedtorch {command}--help\n")


def test_no_words_show_the_help(run: Run) -> None:
    done = run()
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("usage: namedtorch COMMAND ...\n")
    assert done.err.endswith("\n\nerror: no command is given\n  see: namedtorch --help\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"usage: namedtorch {command} [-h]")
    assert f"examples:\n  namedtorch {command} " in done.out
    assert "--json" in done.out
    assert run("help", command).out == done.out


@pytest.mark.parametrize("columns", [60, 100, 300])
def test_help_is_as_wide_as_the_terminal(run: Run, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    text = run("run", "--help").out
    prose = text[: text.index("examples:")].splitlines()
    assert max(map(len, prose)) <= min(columns, 100)


def test_help_lists_the_commands(run: Run) -> None:
    done = run("--help")
    assert done.code == 0
    assert all(f"\n  {command} " in done.out for command in COMMANDS)
    assert run("help").out == run("-h").out == done.out


def test_version(run: Run) -> None:
    assert run("--version").out == run("-V").out == f"namedtorch {version('namedtorch')}\n"


def failing(command: Command, error: BaseException) -> Command:
    """The command, with nothing but this error to do."""

    def run(_: object) -> Any:
        raise error

    return replace(command, run=run)


def test_a_fault_of_ours_is_one_sentence_and_a_way_to_more(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain, "COMMAND", failing(explain.COMMAND, KeyError("x")))
    done = run("explain", "dims-differ")
    assert done.code == 1
    assert done.err == (
        "error: namedtorch failed with KeyError: 'x'\n"
        "  this is a fault in namedtorch; --traceback shows where, please report it with that\n"
    )
    done = run("explain", "dims-differ", "--traceback")
    assert done.err.startswith("Traceback (most recent call last):")
    assert done.err.endswith("error: namedtorch failed with KeyError: 'x'\n")


NO_TORCH = ModuleNotFoundError("No module named 'torch'", name="torch")
ERRORS = [
    (NO_TORCH, 1, 'error: `namedtorch run` needs torch: pip install "namedtorch[torch]"\n'),
    (KeyboardInterrupt(), outcome.INTERRUPTED, "interrupted\n"),
    (MemoryError(), 1, "error: there is not enough memory\n"),
    (
        PermissionError(13, "Permission denied", "x.pt"),
        1,
        "error: can't read or write x.pt: Permission denied\n",
    ),
    (OSError("no device"), 1, "error: can't read or write: no device\n"),
]


@pytest.mark.parametrize(
    ("error", "code", "text"), ERRORS, ids=[type(error).__name__ for error, *_ in ERRORS]
)
def test_errors_in_words(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, text: str
) -> None:
    monkeypatch.setattr(run_command, "COMMAND", failing(run_command.COMMAND, error))
    done = run("run", "x.pt")
    assert (done.code, done.out, done.err) == (code, "", text)


FAILURES = [Failure("dims-differ", "`x` has size 2", "x", "C", 1, 3, 2)]
AS_DATA = [
    (ArchiveError("m.pt: is empty"), {"error": "ArchiveError", "message": "m.pt: is empty", "exit": 1}),
    (LowerError("a lambda"), {"error": "LowerError", "message": "a lambda", "exit": 1, "findings": []}),
    (outcome.Refused("no"), {"error": "Refused", "message": "no", "exit": 1}),
    (outcome.WrongUse("no"), {"error": "WrongUse", "message": "no", "exit": 2}),
    (KeyboardInterrupt(), {"error": "Interrupted", "message": "interrupted", "exit": 130}),
    (
        DimError.of(FAILURES, function="f"),
        {
            "error": "DimError",
            "message": "`x` has size 2\n  in f",
            "exit": 1,
            "function": "f",
            "location": "",
            "codes": ["dims-differ"],
            "failures": [FAILURES[0].to_dict()],
        },
    ),
]


@pytest.mark.parametrize(("error", "data"), AS_DATA, ids=[data["error"] for _, data in AS_DATA])
def test_errors_as_data(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, data: dict[str, Any]
) -> None:
    monkeypatch.setattr(run_command, "COMMAND", failing(run_command.COMMAND, error))
    in_words = run("run", "x.pt")
    done = run("run", "x.pt", "--json")
    assert done.data == data
    assert (done.code, done.err) == (in_words.code, in_words.err)
    assert in_words.out == ""


def test_errors_of_the_words_themselves_are_data_too(run: Run) -> None:
    assert run("inspect", "--json").data["error"] == "WrongUse"
    assert run("melt", "--json").data["error"] == "WrongUse"


def test_wrong_annotation_names_its_codes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    error = AnnotationError("bad")
    error.failures = (Failure("dim-unbound", "bad"),)
    monkeypatch.setattr(run_command, "COMMAND", failing(run_command.COMMAND, error))
    assert run("run", "x.pt").err == "error: bad\n  see: namedtorch explain dim-unbound\n"


def test_terminal_that_lacks_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(written, encoding="ascii"))
    assert main(["explain", "größe\udcff"]) == 2
    assert written.getvalue().startswith(b"error: there is no code `gr\\xf6\\xdfe\\udcff`; ")


def test_closed_output_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["explain", "dims-differ"]) == 0


GOLDEN = Path(__file__).parents[1] / "archive" / "golden"
CLOSED = [
    (["explain"], 0),
    (["explain", "--json"], 0),
    (["--help"], 0),
    (["compare", *[str(GOLDEN / "4-classifier.pt")] * 2], 0),
    (["compare", str(GOLDEN / "4-classifier.pt"), str(GOLDEN / "4-traced.pt")], 1),
    (["inspect", "nowhere.pt", "--json"], 1),
]


@pytest.mark.parametrize(("words", "exit_code"), CLOSED, ids=[" ".join(one[:1]) for one, _ in CLOSED])
def test_reader_that_closes_the_pipe_early(words: list[str], exit_code: int) -> None:
    """That nobody reads on changes nothing of what was found: `compare ... | head -1` is no other verdict."""
    code = (
        "import os, sys; from namedtorch.cli import main\n"
        "reading, writing = os.pipe(); os.close(reading); os.dup2(writing, 1)\n"
        f"sys.exit(main({words!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == exit_code
    assert done.stderr.count("\n") == (words[0] == "inspect")


def test_module_runs_as_a_program() -> None:
    command = [sys.executable, "-m", "namedtorch", "explain", "nothing", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)["exit"]) == (2, 2)
    assert done.stderr.startswith("error: there is no code `nothing`")
