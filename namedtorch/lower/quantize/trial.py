"""Trials: whether a model still runs when layers of it are others, and which of them are at fault."""

import copy
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn
from torch.utils import _pytree

from namedtorch.diagnostics import LowerError
from namedtorch.lower.drawing import said
from namedtorch.lower.given_example import Inputs
from namedtorch.lower.original import undisturbed
from namedtorch.lower.quantize.subject import Subject, inputs_in_sizes

T = TypeVar("T")

_ROOMS = (str(Path(str(torch.__file__)).parent), str(Path(__file__).parents[2]))


class Trial:
    """Calls of a subject in a few sizes, drawn or by the user's example, with what a float copy of it gives for them.

    Where nothing can be drawn, there are no calls, and nothing is at fault.
    """

    def __init__(self, subject: Subject, model: nn.Module) -> None:
        self._subject = subject
        self._calls: list[tuple[str, Inputs, list[Any]]] = []
        for method, examples in subject.examples().items():
            for inputs in inputs_in_sizes(examples):
                try:
                    given = self._run(_again(model), method, inputs)
                except (
                    Exception
                ):  # The user's code raises what it likes; what the float model refuses tells nothing.
                    continue
                self._calls.append((method, inputs, given))

    def trouble(self, body: nn.Module, *, same: bool = False) -> Exception | None:
        """What a body raises for a call that the float model takes, or how it differs; None where all is well.

        With `same` it has to give the same numbers, else finite ones where the float model does.
        """
        for method, inputs, expected in self._calls:
            try:
                # What a call leaves in a model would change the numbers of the next one.
                given = self._run(_again(body) if same else body, method, inputs)
            except Exception as error:
                return error
            difference = _difference(given, expected, same)
            if difference:
                return LowerError(difference)
        return None

    def _run(self, body: nn.Module, method: str, inputs: Inputs) -> list[Any]:
        held = self._subject.held(body)
        call: Callable[..., Any] = held if method == "forward" else getattr(held, method)
        args, kwargs = copy.deepcopy(inputs)
        with undisturbed(), torch.no_grad():
            return _pytree.tree_leaves(call(*args, **kwargs))


def sound(
    items: Sequence[T], trouble: Callable[[Sequence[T]], Exception | None]
) -> tuple[list[T], list[tuple[T, Exception]]]:
    """The items that go together without trouble, and those that do not, each with what it brings, found by halving.

    Of two that do not go together the first is kept.
    """
    kept: list[T] = []
    faults: list[tuple[T, Exception]] = []

    def add(group: Sequence[T]) -> None:
        if not group:
            return
        error = trouble([*kept, *group])
        if error is None:
            kept.extend(group)
        elif len(group) == 1:
            faults.append((group[0], error))
        else:
            middle = len(group) // 2
            add(group[:middle])
            add(group[middle:])

    add(items)
    return kept, faults


def told(error: BaseException) -> str:
    """What an error says, and the line of the user's that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    users = [one for one in frames if not one.filename.startswith((*_ROOMS, "<"))]
    place = f" ({Path(users[-1].filename).name}:{users[-1].lineno})" if users else ""
    return f"{str(error) if isinstance(error, LowerError) else said(error)}{place}"


def _again(model: nn.Module) -> nn.Module:
    """A copy of a model that shares its parameters."""
    return copy.deepcopy(model, {id(one): one for one in model.parameters()})


def _difference(given: list[Any], expected: list[Any], same: bool) -> str:
    """How results differ from what they have to be; "" where they do not."""
    if same and len(given) != len(expected):
        return f"it gives {len(given)} results in the place of {len(expected)}"
    for one, two in zip(given, expected, strict=False):
        if not isinstance(one, torch.Tensor) or not isinstance(two, torch.Tensor):
            continue
        if same:
            alike = one.shape == two.shape and one.dtype == two.dtype
            if not alike or not torch.allclose(one, two, 1e-3, 1e-4, equal_nan=True):
                return "it gives other numbers"
        elif two.is_floating_point() and two.isfinite().all() and not one.isfinite().all():
            return "it gives numbers that are not finite"
    return ""
