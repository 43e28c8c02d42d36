"""Options of `namedtorch lower` that quantize the model first."""

import argparse
from collections.abc import Iterable
from typing import Any, cast

from namedtorch.cli import target
from namedtorch.cli.outcome import Refused, WrongUse
from namedtorch.diagnostics import DimError, LowerError

_WITH_DATA = ("static", "auto")


def add_quantizing(parser: argparse.ArgumentParser) -> None:
    """Adds the method of quantization, its data, and its engine."""
    parser.add_argument(
        "--quantize",
        choices=("dynamic", "static", "auto"),
        help="quantize the model: weights alone (dynamic), activations too (static, with --data), or what suits it",
    )
    parser.add_argument(
        "--data",
        metavar="MODULE:NAME",
        help="batches to calibrate with: an iterable (a DataLoader, a list), or a function that returns one",
    )
    parser.add_argument(
        "--engine",
        metavar="NAME",
        help="the engine that runs the quantized operators: x86, qnnpack (phones); torch's own choice by default",
    )


def check_quantizing(options: argparse.Namespace) -> None:
    """Raises WrongUse for options that are not for the method, or that it lacks."""
    method = options.quantize
    for name in ("data", "engine"):
        if method is None and getattr(options, name) is not None:
            raise WrongUse(f"--{name} is for --quantize: say how, --quantize static")
    if method == "dynamic" and options.data is not None:
        raise WrongUse("--quantize dynamic needs no --data: scales are those of each call")
    if method == "static" and options.data is None:
        raise WrongUse("--quantize static learns scales from data: give it, --data MODULE:NAME")
    if method is not None and options.train:
        raise WrongUse("a quantized model is no longer trained: leave --train out")


def quantized(options: argparse.Namespace, model: Any, given: dict[str, Any]) -> Any:
    """The quantized model; what of `given` (the arguments of `lower`) is for it is taken out."""
    # Only now: it needs torch.
    from namedtorch.lower.quantize.entry import quantize

    data = None if options.data is None else _data(options.data)
    taken = {name: given[name] for name in ("signature", "example") if name in given}
    given.pop("signature", None)
    try:
        return quantize(
            model, options.quantize, data, engine=options.engine, progress=not options.json, **taken
        )
    except Exception as error:
        notes = getattr(error, "__notes__", ())
        if isinstance(error, DimError | LowerError) or not notes:
            raise
        # Of the user's model or data, as the notes say.
        raise Refused("\n  ".join((target.told(error), *notes))) from error


def _data(name: str) -> Iterable[Any]:
    found: Any = target.find(name)
    if not isinstance(found, Iterable) or isinstance(found, type):
        if not callable(found):
            raise WrongUse(
                f"`{name}` is {type(found).__name__}, neither batches nor a function that returns them"
            )
        found = target.made(found, name, {})
    if not isinstance(found, Iterable) or isinstance(found, str | bytes):
        raise WrongUse(
            f"`{name}` gave {type(found).__name__}, and batches are a list, a DataLoader, a generator"
        )
    return cast("Iterable[Any]", found)
