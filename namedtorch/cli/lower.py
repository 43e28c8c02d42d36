"""`namedtorch lower`: a model to a file."""

import argparse
import inspect
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from namedtorch.cli import literals, target
from namedtorch.cli.command import Command
from namedtorch.cli.outcome import WrongUse
from namedtorch.signature.function import UnresolvedError, signature_of

_EXAMPLES = """\
  namedtorch lower models.digits:Classifier --arg classes=10 -o classifier.pt
  namedtorch lower models.digits:pretrained -o classifier.ptl --guards none
  namedtorch lower losses:focal_loss -o loss.pt        # a function whose parameters have dims"""


def _run(options: argparse.Namespace) -> None:
    """Finds or makes the model, lowers it, writes the archive, says what it wrote."""
    arguments = literals.arguments(options.arg, "--arg")
    output = Path(options.output)
    if not output.parent.is_dir():
        raise WrongUse(f"there is no folder {str(output.parent)!r} to write {output.name} to")
    if output.suffix not in (".pt", ".ptl"):
        raise WrongUse(
            f"-o {options.output}: an archive is written as .pt (TorchScript) or .ptl (lite interpreter)"
        )
    subject = _subject(target.find(options.target), options.target, arguments)
    # Only now: what is wrong above needs no torch, and is to be said at once.
    from namedtorch.lower import lower

    lowered = lower(subject, train=options.train, guards=options.guards)
    lowered.save(output)
    print(f"{output}: {lowered.signature} ({os.path.getsize(output):,} bytes)")


def _subject(found: Any, name: str, arguments: Mapping[str, object]) -> Any:
    """The module or function to lower.

    A function whose parameters are annotated with dims is lowered itself; any other, and a class, makes the
    module.
    """
    if _is_module(found) or _is_dimmed(found):
        if arguments:
            raise WrongUse(f"`{name}` is lowered as it is and takes no --arg")
        return found
    if not callable(found):
        raise WrongUse(
            f"`{name}` is {type(found).__name__}, neither a module, nor a class or function that makes one"
        )
    module = target.made(found, name, arguments)
    if not _is_module(module):
        raise WrongUse(
            f"`{name}` returned {type(module).__name__}, not a module; "
            "a function is lowered itself if its parameters are annotated with dims"
        )
    return module


def _is_dimmed(found: Any) -> bool:
    if not inspect.isroutine(found):
        return False
    try:
        return signature_of(found).has_dims
    except UnresolvedError:
        # A factory may be annotated with names that only a type checker sees.
        return False


def _is_module(found: object) -> bool:
    # The command line names torch nowhere: a module is known by the class that it descends from.
    return any(
        (one.__module__, one.__name__) == ("torch.nn.modules.module", "Module") for one in type(found).__mro__
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target",
        metavar="MODULE:NAME",
        help="a module class, a function that makes one, a module, or a function",
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="the archive to write (.pt, .ptl)"
    )
    parser.add_argument(
        "--arg",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an argument of the class or function that makes the module: a Python literal, else text",
    )
    parser.add_argument("--train", action="store_true", help="lower in training mode (default: eval)")
    parser.add_argument(
        "--guards",
        choices=("boundary", "none"),
        default="boundary",
        help="where the graph checks: at the outermost module (default), or nowhere",
    )


COMMAND = Command("lower", "lower a model to a file with its guard and manifest", _EXAMPLES, _options, _run)
