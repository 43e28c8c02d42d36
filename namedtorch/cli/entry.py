"""From the command line to an exit code."""

import contextlib
import json
import os
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from namedtorch.cli.command import Answer
from namedtorch.cli.failure import Failed, failed, trace
from namedtorch.cli.outcome import FINE
from namedtorch.cli.parser import command_of, parse, program_help, wants_json
from namedtorch.cli.verdict import Verdict

# JSON has no line break within a text, so that none of these stands in one.
_NUMBERS = re.compile(r"\[\n([-+.,\w\s]+)\n\s*\]")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code: 0, 1 for a finding or a refused input, 2 for wrong use.

    The answer goes to the standard output, as text or (with `--json`) as one JSON object. What is wrong goes to the
    standard error as one block of text, and with `--json` to the standard output too, as an object that has `error`;
    tracebacks only with `--traceback`.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    as_json = wants_json(words)
    code = FINE
    try:
        try:
            answer = _answer(words, as_json)
            code = answer.exit if isinstance(answer, Verdict) else FINE
            _print(_json(answer.data) if as_json else answer.text, sys.stdout)
            if isinstance(answer, Verdict):
                _print(answer.aside, sys.stderr)
        except BrokenPipeError:
            raise
        except SystemExit as end:  # argparse has printed the help
            code = end.code if isinstance(end.code, int) else FINE
        except BaseException as error:
            outcome = failed(error, command_of(words), with_traceback="--traceback" in words)
            code = outcome.exit
            _report(error, outcome, words, as_json)
    except BrokenPipeError:
        # Whoever read the output has enough (`| head`), which changes nothing of what was found; Python would complain
        # once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def script() -> NoReturn:
    """Runs the command line as a process of its own, and leaves without taking it apart.

    Modules and trees that the system takes back anyway take Python a tenth of a short run to free. Where torch is
    loaded, it ends what it has begun.
    """
    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        # Nobody reads any more, or a stream is closed.
        pass
    if "torch" in sys.modules:
        sys.exit(code)
    os._exit(code)


def _answer(words: Sequence[str], as_json: bool) -> Answer:
    command, options = parse(words)
    if not as_json:
        return command.run(options)
    # A user's module may print when it is imported, and a model when it is called: the output is the object's.
    with contextlib.redirect_stdout(sys.stderr):
        return command.run(options)


def _report(error: BaseException, outcome: Failed, words: Sequence[str], as_json: bool) -> None:
    if "--traceback" in words:
        _print(trace(error).rstrip("\n"), sys.stderr)
    if not words:
        _print(program_help() + "\n", sys.stderr)
    _print(outcome.text, sys.stderr)
    if as_json:
        _print(_json(outcome.data), sys.stdout)


def _json(data: Any) -> str:
    """The object as text; lists of numbers stand on one line."""
    text = json.dumps(data, indent=2, allow_nan=False)
    return _NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", text)


def _print(text: str, stream: Any) -> None:
    """Prints a text; what the terminal can't show is spelled out. Nothing is printed where a stream is closed.

    An empty text is nothing to print, not an empty line.
    """
    if stream is None or not text:
        return
    encoding: str = getattr(stream, "encoding", None) or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)
