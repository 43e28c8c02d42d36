"""Exit codes, help, and what happens when something unforeseen does."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import pytest

from namedtorch.cli import entry, explain
from namedtorch.cli import run as run_command
from namedtorch.cli.command import Command

Run = Callable[..., Any]

WRONG = [
    ([], "the following arguments are required: COMMAND"),
    (["melt"], "invalid choice: 'melt'"),
    (["inspect"], "the following arguments are required: FILE"),
    (["lower", "models:Net"], "the following arguments are required: -o/--output"),
    (["lower", "models:Net", "-o", "x.pt", "--guards", "some"], "invalid choice: 'some'"),
    (["inspect", "x.pt", "--yaml"], "unrecognized arguments: --yaml"),
]


@pytest.mark.parametrize(("words", "text"), WRONG)
def test_wrong_use_is_2(run: Run, words: list[str], text: str) -> None:
    done = run(*words)
    assert (done.code, done.out) == (2, "")
    assert text in done.err


@pytest.mark.parametrize("command", ["lower", "inspect", "run", "explain"])
def test_help_has_examples(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert f"examples:\n  namedtorch {command} " in done.out


def test_help_lists_the_commands(run: Run) -> None:
    done = run("--help")
    assert done.code == 0
    assert all(f"\n    {command} " in done.out for command in ("lower", "inspect", "run", "explain"))


def test_version(run: Run) -> None:
    done = run("--version")
    assert (done.code, done.out) == (0, f"namedtorch {version('namedtorch')}\n")


def failing(command: Command, error: BaseException) -> Command:
    """The command, with nothing but this error to do."""

    def run(_: object) -> None:
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


def test_missing_torch_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    error = ModuleNotFoundError("No module named 'torch'", name="torch")
    monkeypatch.setattr(run_command, "COMMAND", failing(run_command.COMMAND, error))
    done = run("run", "x.pt")
    assert done.code == 1
    assert done.err == 'error: `namedtorch run` needs torch: pip install "namedtorch[torch]"\n'


def test_interrupt(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_command, "COMMAND", failing(run_command.COMMAND, KeyboardInterrupt()))
    done = run("run", "x.pt")
    assert (done.code, done.err) == (entry.INTERRUPTED, "interrupted\n")


def test_reader_that_closes_the_pipe_early() -> None:
    code = (
        "import os, sys; from namedtorch.cli import main\n"
        "reading, writing = os.pipe(); os.close(reading); os.dup2(writing, 1)\n"
        "sys.exit(main(['explain']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")


def test_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "namedtorch", "explain", "nothing"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: there is no code `nothing`")
