"""The inputs of the modules inside of a model, seen while it runs."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from namedtorch.diagnostics import LowerError
from namedtorch.lower.calls import said_by
from namedtorch.lower.given_example import Inputs
from namedtorch.lower.state import own_tensors
from namedtorch.runtime.switch import checking


@dataclass(frozen=True, slots=True)
class Observed:
    """The arguments that a module got in its first call."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def at(self) -> Inputs:
        """The arguments by position and by keyword, anew each time."""
        return _kept(self.args), _kept(self.kwargs)


def observed(
    root: nn.Module, paths: Iterable[str], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Observed]:
    """Runs a module once, and gives the inputs of those of its parts that were called.

    Parameters and buffers are as before, whatever the run does to them. Raises LowerError where the run fails.
    """
    found: dict[str, Observed] = {}
    handles = [
        root.get_submodule(path).register_forward_pre_hook(_watch(found, path), with_kwargs=True)
        for path in paths
    ]
    before = {
        id(one): (one, one.detach().clone()) for part in root.modules() for one in own_tensors(part).values()
    }
    try:
        with checking("off"), torch.no_grad(), torch.random.fork_rng(devices=[]):
            root(*args, **kwargs)
    # The user's code runs, and raises what it likes.
    except Exception as error:
        raise LowerError(
            f"{type(root).__qualname__} fails with its example: {said_by(error)}; give inputs that it takes: "
            "lower(model, example=...)"
        ) from error
    finally:
        with torch.no_grad():
            for one, value in before.values():
                one.copy_(value)
        for handle in handles:
            handle.remove()
    return found


def _watch(
    found: dict[str, Observed], path: str
) -> Callable[[nn.Module, tuple[Any, ...], dict[str, Any]], None]:
    def watch(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if path not in found:
            found[path] = Observed(_kept(args), _kept(kwargs))

    return watch


def _kept(value: Any) -> Any:
    """A value as it is now: what is done to its tensors later does not reach it."""
    memo: dict[int, Any] = {}
    for one in _tensors_in(value):
        memo[id(one)] = one.detach().clone()
    return copy.deepcopy(value, memo)


def _tensors_in(value: Any) -> Iterable[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _tensors_in(one)
    elif isinstance(value, dict):
        for one in value.values():  # pyright: ignore[reportUnknownVariableType]
            yield from _tensors_in(one)
