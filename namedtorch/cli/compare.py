"""`namedtorch compare`: whether a new model can stand in the place of an old one."""

import argparse

from namedtorch.archive.compare import compare
from namedtorch.cli.command import Command
from namedtorch.cli.failure import failed, trace
from namedtorch.cli.outcome import FINE, REFUSED, WRONG_USE, WrongUse
from namedtorch.cli.verdict import Verdict
from namedtorch.diagnostics import ArchiveError

_NOTES = """\
Says whether the new model takes every call that the old one takes, and returns what the old one promised: identical,
compatible or breaking, with each reason. Archives may be of different formats. Reads the manifests, not the weights;
needs no torch. Exits with 0 for identical and compatible, 1 for breaking, 2 where nothing could be compared."""

_EXAMPLES = """\
  namedtorch compare deployed.pt candidate.pt
  namedtorch compare deployed.pt candidate.pt --require identical  # 1 for compatible, too
  namedtorch compare classifier.pt classifier.onnx --dtype float32 # callers give float32
  namedtorch compare deployed.pt candidate.pt --json | jq -r .verdict"""

_ACCEPTED = {"compatible": ("identical", "compatible"), "identical": ("identical",)}


def _run(options: argparse.Namespace) -> Verdict:
    """Answers the verdict; torch is not loaded."""
    try:
        found = compare(options.old, options.new, dtype=options.dtype)
    except ArchiveError as error:
        # 1 would say that the new model breaks what the old one promised.
        failure = failed(error, "compare", with_traceback=options.traceback)
        told = (trace(error) if options.traceback else "") + failure.text
        return Verdict("", dict(failure.data) | {"exit": WRONG_USE}, WRONG_USE, told)
    except ValueError as error:
        raise WrongUse(f"--dtype: {error}") from error
    end = FINE if found.verdict in _ACCEPTED[options.require] else REFUSED
    return Verdict(str(found), found.to_dict() | {"exit": end}, end)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="OLD", help="the archive that callers were written for")
    parser.add_argument("new", metavar="NEW", help="the archive that is to stand in its place")
    parser.add_argument(
        "--require",
        choices=tuple(_ACCEPTED),
        default="compatible",
        help="the least verdict that exits with 0 (default: compatible)",
    )
    parser.add_argument(
        "--dtype",
        metavar="DTYPE",
        help="what callers give and expect where a signature leaves the dtype open",
    )


COMMAND = Command(_NOTES, _EXAMPLES, _options, _run)
