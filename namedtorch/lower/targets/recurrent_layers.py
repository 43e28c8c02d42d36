"""Recurrent layers whose length stays free: torch finds the sizes of their results by running them step by step.

That makes a constant of the length in all that follows. They stand in a graph as one operator, so their sizes need no
steps.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, fx
from torch._decomp import decomposition_table
from torch._subclasses.fake_tensor import FakeTensor
from torch.export import ExportedProgram

_BIDIRECTIONAL, _BATCH_FIRST = 5, 6
"""Their places behind the states, in the schemas of all of them."""


def _operators() -> list[Any]:
    aten: Any = torch.ops.aten
    return [aten.lstm.input, aten.gru.input, aten.rnn_tanh.input, aten.rnn_relu.input]


def free_steps(program: ExportedProgram) -> tuple[fx.Node, torch.SymInt] | None:
    """The first recurrent layer of a program that goes over a length which is free, and this length; None for none."""
    for node in program.graph.nodes:
        if node.target in _operators():
            length = node.args[0].meta["val"].shape[1 if node.args[2 + _BATCH_FIRST] else 0]
            if isinstance(length, torch.SymInt) and length.node.maybe_as_int() is None:
                return node, length
    return None


@contextlib.contextmanager
def free_lengths() -> Iterator[None]:
    """Finds the sizes of what recurrent layers give for tensors without values from their arguments alone."""
    operators = _operators()
    # Where torch traces, it looks for kernels in Python; where it finds sizes alone, in its table.
    kernels = [dict(one.py_kernels) for one in operators]
    table: dict[Any, Callable[..., Any]] = decomposition_table
    taken_apart = {one: table[one] for one in operators if one in table}
    try:
        for one in operators:
            one.py_kernels.update({key: _sparing(kernel) for key, kernel in one.py_kernels.items()})
            one._dispatch_cache.clear()
        table.update({one: _sparing(kernel) for one, kernel in taken_apart.items()})
        yield
    finally:
        table.update(taken_apart)
        for one, before in zip(operators, kernels, strict=True):
            one.py_kernels.clear()
            one.py_kernels.update(before)
            one._dispatch_cache.clear()


def _sparing(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel that runs for tensors with values alone."""

    def run(*args: Any) -> Any:
        return _sized(*args) if isinstance(args[0], FakeTensor) else kernel(*args)

    return run


def _sized(input: Tensor, states: Tensor | Sequence[Tensor], *rest: Any) -> tuple[Tensor, ...]:
    several = [states] if isinstance(states, Tensor) else list(states)
    # A step gives what the first state has, in each direction.
    directions = 1 + bool(rest[_BIDIRECTIONAL])
    made = input.new_empty((*input.shape[:2], directions * several[0].shape[2]))
    return (made, *(one.new_empty(one.shape) for one in several))
