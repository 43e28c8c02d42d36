"""From the command line to an exit code."""

import os
import sys
import traceback
from collections.abc import Sequence

from namedtorch.cli.outcome import FINE, INTERRUPTED, REFUSED, WRONG_USE, Refused, WrongUse
from namedtorch.cli.parser import build_parser
from namedtorch.diagnostics import ArchiveError, DimError, LowerError, MissingDependencyError


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code: 0, 1 for a finding or a refused input, 2 for wrong use.

    What is wrong goes to the standard error as one block of text; tracebacks only with `--traceback`.
    """
    parser = build_parser()
    try:
        options = parser.parse_args(argv)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else WRONG_USE
    try:
        options.command.run(options)
        sys.stdout.flush()
        return FINE
    except WrongUse as error:
        return _report(
            error, f"{error}\n  see: namedtorch {options.command.name} --help", WRONG_USE, options.traceback
        )
    except DimError as error:
        return _report(error, _with_code(error), REFUSED, options.traceback)
    except (Refused, ArchiveError, LowerError, MissingDependencyError) as error:
        return _report(error, str(error), REFUSED, options.traceback)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("torch", "numpy"):
            return _unexpected(error, options.traceback)
        text = f'`namedtorch {options.command.name}` needs {error.name}: pip install "namedtorch[torch]"'
        return _report(error, text, REFUSED, options.traceback)
    except BrokenPipeError:
        # Whoever read the output has enough (`| head`); Python would complain once more when it flushes at
        # exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    except OSError as error:
        what = f" {error.filename}" if error.filename else ""
        print(f"error: can't read or write{what}: {error.strerror or error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    # The last resort of a program: a user is not to read our traceback, and a bug is to be reported with it.
    except Exception as error:
        return _unexpected(error, options.traceback)


def _with_code(error: DimError) -> str:
    codes = {failure.code for failure in error.failures}
    if not codes:
        return str(error)
    return f"{error}\n  see: " + ", ".join(f"namedtorch explain {code}" for code in sorted(codes))


def _report(error: BaseException, text: str, code: int, with_traceback: bool) -> int:
    if with_traceback:
        traceback.print_exception(error)
    print(f"error: {text}", file=sys.stderr)
    return code


def _unexpected(error: Exception, with_traceback: bool) -> int:
    text = f"namedtorch failed with {type(error).__name__}: {error}"
    if not with_traceback:
        text += "\n  this is a fault in namedtorch; --traceback shows where, please report it with that"
    return _report(error, text, REFUSED, with_traceback)
