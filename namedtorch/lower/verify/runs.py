"""Runs: what a model gives for inputs, twice in a row, and what it leaves behind in them and in itself."""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from namedtorch.lower.containers import with_leaves
from namedtorch.lower.given_example import Inputs
from namedtorch.lower.original import undisturbed
from namedtorch.lower.verify.comparison import Difference, differences, largest_difference

SEED = 20
"""The seed of what a model draws at random."""

_CALLS = 2  # a cache that the first call fills changes the second


@dataclass(frozen=True, slots=True)
class Run:
    """What two calls gave and left; `error` is what the last of them raised, None where it went well.

    `drawn` is the state of the random numbers in the end, `gradients` are those of parameters and inputs by name, after
    a backward pass from the results of the first call; `trouble` says why there are none.
    """

    results: list[Any] = field(default_factory=list[Any])
    inputs: list[Inputs] = field(default_factory=list[Inputs])
    state: dict[str, Tensor] = field(default_factory=dict[str, Tensor])
    gradients: dict[str, Tensor] = field(default_factory=dict[str, Tensor])
    trouble: Exception | None = None
    error: Exception | None = None
    drawn: Tensor | None = None


def run(
    call: Callable[..., Any],
    module: object,
    inputs: Inputs,
    around: AbstractContextManager[None],
    *,
    gradients: bool,
    seed: int = SEED,
) -> Run:
    """Calls a model, a copy of its own, with copies of the inputs; `module` holds its state, `around` is entered."""
    results: list[Any] = []
    left: list[Inputs] = []
    found: dict[str, Tensor] = {}
    trouble: Exception | None = None
    error: Exception | None = None
    with undisturbed(), around:
        torch.manual_seed(seed)
        for turn in range(_CALLS):
            args, kwargs = copy.deepcopy(inputs)
            leaves = dict(_leaves((args, kwargs))) if gradients and not turn else {}
            try:
                if leaves:
                    # A leaf that needs gradients can't be changed in place, and a copy of one can.
                    args, kwargs = _through(leaves, (args, kwargs))
                result = call(*args, **kwargs)
            # Whatever a model raises is its own.
            except Exception as raised:
                error = raised
                break
            results.append(copied(result))
            left.append(copied((args, kwargs)))
            if gradients and not turn:
                try:
                    _backward(result)
                except Exception as raised:
                    trouble = raised
                found = dict(_gradients(module, leaves))
        state = dict(_state(module))
        drawn = torch.get_rng_state()
    return Run(results, left, state, found, trouble, error, drawn)


def compared(expected: Run, actual: Run, *, values: bool = True, times: float = 1.0) -> Iterator[Difference]:
    """Where the second run is not what the first was; without `values`, only where it fails and in its sizes.

    Calls that failed in the first are not asked for in the second. Numbers may be so many times the tolerance apart.
    """
    for turn, result in enumerate(expected.results):
        place = "the result" if not turn else "the result of a second call"
        if turn >= len(actual.results):
            yield Difference("it" if not turn else "a second call", f"fails: {_line(actual.error)}")
            return
        found = [*_of_values(differences(result, actual.results[turn], place, times), values)]
        yield from found
        if found:
            # What follows is most likely the same thing once more.
            return
    if not values:
        return
    for (args, kwargs), (others, named) in zip(expected.inputs, actual.inputs, strict=False):
        for place, one in enumerate(args):
            yield from differences(one, others[place], f"argument {place} after the call", times)
        for name, one in kwargs.items():
            if name in named:
                yield from differences(one, named[name], f"`{name}` after the call", times)
    if expected.error is None:
        for name, one in expected.state.items():
            if name in actual.state:
                yield from differences(one, actual.state[name], f"`{name}` after the calls", times)
    if expected.trouble is None and expected.gradients:
        if actual.trouble is not None:
            yield Difference("the backward pass", f"fails: {_line(actual.trouble)}")
            return
        for name, one in expected.gradients.items():
            other = actual.gradients.get(name)
            if other is not None:
                yield from differences(one, other, f"the gradient of `{name}`")
            elif bool((one.to_dense() != 0).any()):
                yield Difference(f"the gradient of `{name}`", "is missing")


def largest_of(expected: Run, actual: Run) -> float:
    """The largest difference between the numbers of two runs' results and gradients."""
    return max(
        largest_difference(expected.results, actual.results[: len(expected.results)]),
        largest_difference(
            {name: one for name, one in expected.gradients.items() if name in actual.gradients},
            {name: one for name, one in actual.gradients.items() if name in expected.gradients},
        ),
    )


def _of_values(found: Iterator[Difference], values: bool) -> Iterator[Difference]:
    """The differences; without values, those that are of another kind."""
    for one in found:
        if values or not one.is_of_numbers:
            yield one


def copied(value: Any) -> Any:
    """A copy of a value whose tensors are apart from those of the model."""
    return with_leaves(value, lambda one: one.detach().clone() if isinstance(one, Tensor) else one)


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Tensor]]:
    """The tensors of floats among the arguments, by their places, which are to get gradients."""
    if isinstance(value, Tensor):
        if value.dtype.is_floating_point or value.dtype.is_complex:
            yield place, value.detach().requires_grad_()
    elif isinstance(value, list | tuple):
        for index, one in enumerate(value):
            yield from _leaves(one, f"{place}[{index}]")
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(one, f"{place}[{key!r}]")


def _through(leaves: Mapping[str, Tensor], value: Any, place: str = "") -> Any:
    """The arguments with results of their leaves in them."""
    if isinstance(value, Tensor):
        return leaves[place].clone(memory_format=torch.preserve_format) if place in leaves else value
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        made: Any = type(value)
        return made(*(_through(leaves, one, f"{place}[{index}]") for index, one in enumerate(value)))
    if isinstance(value, list | tuple):
        parts = [_through(leaves, one, f"{place}[{index}]") for index, one in enumerate(value)]
        return parts if isinstance(value, list) else tuple(parts)
    if isinstance(value, dict):
        return {key: _through(leaves, one, f"{place}[{key!r}]") for key, one in value.items()}
    return value


def _backward(result: Any) -> None:
    """A backward pass from all results, weighted by fixed random numbers."""
    found = [one for one in _results(result) if one.requires_grad]
    if not found:
        return
    generator = torch.Generator().manual_seed(SEED)
    weights = [
        torch.randn(one.shape, generator=generator, dtype=torch.float64).to(one.device, one.dtype)
        for one in found
    ]
    torch.autograd.backward(found, weights)


def _results(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _results(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _results(one)


def _gradients(module: object, leaves: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    for place, leaf in leaves.items():
        if leaf.grad is not None:
            yield f"the argument {place}", leaf.grad.detach()
    if isinstance(module, nn.Module):
        for name, one in module.named_parameters():
            if one.grad is not None:
                yield name, one.grad.detach()


def _state(module: object) -> Iterator[tuple[str, Tensor]]:
    if isinstance(module, nn.Module):
        for name, one in (*module.named_parameters(), *module.named_buffers()):
            yield name, one.detach()


def _line(error: Exception | None) -> str:
    lines = [line.strip() for line in str(error).strip().splitlines() if line.strip()]
    # TorchScript says where Python's own exceptions come from.
    return lines[-1].removeprefix("builtins.") if lines else type(error).__name__
