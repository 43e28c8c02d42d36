"""What the integers of a call may be: seen where they are looked up, while the call runs."""

import operator
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from namedtorch.lower.example import is_integer
from namedtorch.ops.index_values import INDEX_VALUES, IndexValues


class IndexBounds(TorchDispatchMode):
    """Watches the operators of one call, and follows the integers of its arguments through them.

    `arguments` are the integer tensors of the call by name, each of which holds one number only, `fill`. Afterwards
    `below` says of those that were an index what they have to stay below, and `operators` how many operators ran, which
    tells how far a call came that fails. What an integer is added to on its way is taken off; a way over Python's own
    integers is not followed.
    """

    def __init__(self, arguments: Mapping[str, Tensor], fill: int) -> None:
        super().__init__()
        self.below: dict[str, int] = {}
        self.operators = 0
        self._fill = fill
        self._names: dict[int, frozenset[str]] = {}
        # An address is a tensor's own as long as the tensor lives.
        self._kept: list[Tensor] = []
        for name, tensor in arguments.items():
            self._mark(tensor, frozenset({name}))

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # torch would load its compiler, seconds long, to tell it to stay away.
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Runs the operator, and notes what it says of the integers that are followed."""
        self.operators += 1
        if not self._kept:
            return func(*args, **(kwargs or {}))
        given = {one.name: value for one, value in zip(func._schema.arguments, args, strict=False)} | dict(
            kwargs or {}
        )
        row = INDEX_VALUES.get(func._schema.name)
        if row is not None:
            self._note(row, given)
        result = func(*args, **(kwargs or {}))
        names = frozenset[str]().union(*(self._of(one) for one in _tensors(list(given.values()))))
        if names:
            for one in _tensors(result):
                self._mark(one, names)
        return result

    def _note(self, row: IndexValues, given: Mapping[str, Any]) -> None:
        index, into = given.get(row.index), given.get(row.into)
        if not isinstance(into, Tensor):
            return
        if isinstance(index, Sequence):
            for axis, one in enumerate(index):
                if isinstance(one, Tensor) and axis < into.dim():
                    self._bound(one, into.size(axis))
        elif isinstance(index, Tensor):
            axis = given.get(row.axis) if isinstance(row.axis, str) else row.axis
            if axis is None:
                self._bound(index, into.numel())
            elif -into.dim() <= operator.index(axis) < into.dim():
                self._bound(index, into.size(operator.index(axis)))

    def _bound(self, index: Tensor, size: int) -> None:
        if not index.numel() or not self._of(index):
            return
        # Other numbers may have been put beside those of the argument.
        added = max(0, int(index.min()) - self._fill)
        for name in self._of(index):
            self.below[name] = min(self.below.get(name, size - added), size - added)

    def _of(self, tensor: Tensor) -> frozenset[str]:
        """The arguments that an integer tensor comes from; a mask of them comes from none, its numbers are 0 and 1."""
        return self._names.get(_address(tensor), frozenset()) if is_integer(tensor.dtype) else frozenset()

    def _mark(self, tensor: Tensor, names: frozenset[str]) -> None:
        if is_integer(tensor.dtype) and _address(tensor):
            self._names[_address(tensor)] = self._of(tensor) | names
            self._kept.append(tensor)


def _address(tensor: Tensor) -> int:
    """Where the elements lie; 0 for a tensor that has none, or that is sparse."""
    return tensor.untyped_storage().data_ptr() if tensor.layout is torch.strided else 0


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _tensors(one)
