"""Calls of the parts of a model, seen while it runs: arguments by the names of the parameters of each forward."""

import contextlib
import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from namedtorch.lower.given_example import Inputs
from namedtorch.lower.original import undisturbed
from namedtorch.runtime.switch import checking

Call = Mapping[str, Any]
"""The arguments of one call of a module, by the names of the parameters of its forward."""

_MOST_CALLS = 8
"""How many calls of a part are looked at."""


def seen_calls(root: nn.Module, paths: Sequence[str], inputs: Sequence[Inputs]) -> dict[str, list[Call]]:
    """The calls of parts of a model, a copy of which runs; of an input that it refuses, those that it gets to."""
    root = copy.deepcopy(root)
    found: dict[str, list[Call]] = {path: [] for path in paths}
    for path in paths:
        part = root.get_submodule(path)
        part.register_forward_pre_hook(_recorder(found[path], part), with_kwargs=True)
    for args, kwargs in inputs:
        with checking("off"), torch.no_grad(), undisturbed(), contextlib.suppress(Exception):
            root(*copy.deepcopy(args), **copy.deepcopy(kwargs))
    return found


def parameters_of(module: nn.Module) -> list[str]:
    """The names of the parameters of a forward."""
    return list(inspect.signature(type(module).forward).parameters)[1:]


def _recorder(found: list[Call], part: nn.Module) -> Callable[..., None]:
    signature = inspect.signature(type(part).forward)

    def record(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if len(found) >= _MOST_CALLS:
            return
        with contextlib.suppress(TypeError):  # the call itself says what does not fit
            given = signature.bind(part, *args, **kwargs).arguments
            names = list(signature.parameters)[1:]
            found.append({name: _kept(given[name]) for name in names if name in given})

    return record


def _kept(value: Any) -> Any:
    # A deep copy of a tensor has its strides too, on which quantized operators depend.
    return copy.deepcopy(value.detach() if isinstance(value, Tensor) else value)
