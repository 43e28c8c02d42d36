"""Bundled inputs: a module that gives inputs of its own, so that an app can run it that knows nothing of it."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import torch
from torch import Tensor
from torch.utils import bundled_inputs

from namedtorch.archive.manifest import Manifest
from namedtorch.diagnostics import LowerError
from namedtorch.lower.given_example import Inputs
from namedtorch.lower.graphs import arguments_of
from namedtorch.lower.torchscript import Script, quiet
from namedtorch.runtime.guard import Guard
from namedtorch.signature.signature import Signature
from namedtorch.values.named_tensor import plain

_FORMATS = (
    (torch.contiguous_format, "torch.contiguous_format"),
    (torch.channels_last, "torch.channels_last"),
)
"""Memory formats in which a file's own code gives a tensor that is written as one number."""


def bundled(script: Script, manifest: Manifest, inputs: Sequence[Inputs]) -> torch.jit.ScriptModule:
    """A copy of a module with inputs of forward, held to its signature; its `get_all_bundled_inputs()` gives them.

    Raises DimError for inputs that do not fit, LowerError for a function, for none, and for what torch can't bundle.
    """
    if isinstance(script, torch.jit.ScriptFunction):
        raise LowerError(f"{manifest.name} is a function, and torch bundles inputs with modules only")
    if not inputs:
        raise LowerError(f"there are no inputs to bundle with {manifest.name}: give one call's or more")
    if hasattr(script, "get_all_bundled_inputs"):
        raise LowerError(f"{manifest.name} has bundled inputs already")
    calls: list[tuple[Any, ...]] = []
    for number, (args, kwargs) in enumerate(inputs, 1):
        arguments = _arguments(script, manifest, plain(args), plain(kwargs), number)
        calls.append(tuple(_bundled(one) for one in arguments))
    with quiet():
        try:
            return cast("torch.jit.ScriptModule", bundled_inputs.bundle_inputs(script, calls))
        # torch raises plain exceptions of many kinds, where it stores the inputs as attributes of the module.
        except Exception as error:
            said = str(error).strip().partition("\n")[0]
            raise LowerError(
                f"torch can't bundle these inputs of {manifest.name}: {said}; they are tuples of "
                f"`{manifest.signature}`"
            ) from error


def calls_in(given: Any) -> list[Inputs]:
    """The calls that a user gives: a list of them, each a tuple of arguments, `(args, kwargs)`, or one argument."""
    found: Any = list(cast("Sequence[Any]", given)) if isinstance(given, list) else [given]
    return [arguments_in(one) for one in found]


def arguments_in(inputs: Any) -> Inputs:
    """The arguments by position and by keyword: of a tuple of arguments, of `(args, kwargs)`, of one argument."""
    if not isinstance(inputs, tuple):
        return (inputs,), {}
    given = cast("tuple[Any, ...]", inputs)
    if len(given) == 2 and isinstance(given[0], tuple) and isinstance(given[1], dict):
        return given[0], given[1]
    return given, {}


def _arguments(
    script: Script, manifest: Manifest, args: Sequence[Any], kwargs: Mapping[str, Any], number: int
) -> list[Any]:
    """The arguments of a call, all by position and held to the signature."""
    try:
        arguments = arguments_of(script, args, kwargs)
    except TypeError as error:
        raise LowerError(
            f"call {number} of those to bundle is none of {manifest.name}: {error}; it takes {manifest.signature}"
        ) from None
    # As it is read from a file: records that were made up are no instances of the user's class.
    guard = Guard(Signature.from_json(manifest.signature.to_json()), manifest.name)
    explanation = guard.explanation(tuple(arguments))
    if explanation.arguments():
        raise explanation.error(manifest.name, "")
    return arguments


def _bundled(value: Any) -> Any:
    """An argument as torch bundles it, whatever its size; what is one number over and over is written as that."""
    if not isinstance(value, Tensor):
        return value
    value = value.detach().clone(memory_format=torch.preserve_format)
    for memory_format, written in _FORMATS:
        if value.dim() and value.is_contiguous(memory_format=memory_format) and _is_one_number(value):
            stub = value.reshape(-1)[0].clone().expand(value.shape)
            return bundled_inputs.InflatableArg(value=stub, fmt=f"{{}}.contiguous(memory_format={written})")
    return bundled_inputs.bundle_large_tensor(value)


def _is_one_number(value: Tensor) -> bool:
    return value.numel() > 1 and bool((value == value.reshape(-1)[0]).all())
