"""`Step`, `Recipe` and `Product`: how an operator of namedtorch's own is carried out by plain torch."""

from dataclasses import dataclass
from types import EllipsisType
from typing import Final, TypeAlias

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import UnknownType
from namedtorch.ops.tensor_shape import TensorShape

Given: TypeAlias = "Size | int | float | str | bool | slice | EllipsisType | tuple[Given, ...] | None"
"""An argument of a plain method: dims as numbers, sizes as such."""

INDEX: Final = "__getitem__"
"""The method that an index is, `x[:, None]`; its one argument is what stands in the brackets."""


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a method of `torch.Tensor` on what the step before it gave."""

    method: str
    arguments: tuple[Given, ...] = ()
    keywords: tuple[tuple[str, Given], ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A size that an axis of the tensor has to have, which no step asks for."""

    place: int
    size: Size


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one call does: the plain steps in their order, and the shape, under its names, that they lead to.

    `held` are sizes that have to be right before the steps are taken.
    """

    shape: TensorShape
    steps: tuple[Step, ...] = ()
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """A sum of products: what `function` of torch gives for an equation and the operands.

    `sides` are the steps that make a product of matrices of it, for the left operand and the right one, where it is
    such a product. `same` are the axes of both, without it, that have to be of one size.
    """

    shape: TensorShape
    equation: str
    sides: tuple[tuple[Step, ...], tuple[Step, ...]] | UnknownType
    same: tuple[tuple[int, int], ...] = ()
    function: str = "torch.einsum"
