"""`Step` and `Recipe`: how an operator of NamedTensor is carried out by the plain methods of torch."""

from dataclasses import dataclass
from typing import TypeAlias

from namedtorch.dims.size import Size
from namedtorch.ops.tensor_shape import TensorShape

Given: TypeAlias = "Size | int | float | str | bool | tuple[Given, ...] | None"
"""An argument of a plain method: dims as numbers, sizes as such."""


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a method of `torch.Tensor` on what the step before it gave, with positional arguments."""

    method: str
    arguments: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one call does: the plain steps in their order, and the shape, under its names, that they lead to."""

    shape: TensorShape
    steps: tuple[Step, ...] = ()
