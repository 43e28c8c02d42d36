"""What operators take and give, as rules see it: `Array`, sizes, and Python's own plain values.

An integer is a `Size`, be it a number or symbolic; a tuple is a tuple of such values, a list a list. `Unknown` is a
value that nothing is known of, a tensor or not.
"""

from dataclasses import dataclass
from enum import Enum
from types import EllipsisType
from typing import TypeAlias

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.tensor_shape import ANY_SHAPE, TensorShape


class Names(Enum):
    """Which names of axes are known: `NONE` of a plain tensor, which has none; of a NamedTensor `ALL` or `SOME`.

    Of `SOME`, an axis that carries no name may have one.
    """

    NONE = "none"
    SOME = "some"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Array:
    """A tensor: its axes, and its dtype as `float32`, or as a family (`floating`, `integer`), where that is certain.

    `names` tells whether it is a NamedTensor. Rules need not say it of what they give: the result of an operator is a
    NamedTensor where one of its tensors is.
    """

    shape: TensorShape = ANY_SHAPE
    dtype: str | UnknownType = Unknown
    names: Names | UnknownType = Unknown

    def __str__(self) -> str:
        return str(self.shape)


@dataclass(frozen=True, slots=True)
class Fields:
    """A tuple whose items have names: what `x.max(dim)` gives."""

    names: tuple[str, ...]
    items: tuple["Value", ...]


class Untyped(Size):
    """The size that an argument is whose type is not known: where a tensor is taken, it may be one."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Several:
    """A list of tensors that are alike, of which it is not known how many they are."""

    item: Array


Plain: TypeAlias = (
    Array | Several | Size | bool | float | complex | str | slice | EllipsisType | UnknownType | None
)
"""A value that holds no others that rules read."""

Value: TypeAlias = "Plain | Fields | tuple[Value, ...] | list[Value]"
"""Any value that rules read."""
