"""Live tensors as values of the interpreter: their sizes, and the names that they carry."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Names
from namedtorch.signature.array import array_names

_TENSORS: Final = ("torch.Tensor", "torch._tensor.Tensor")


def is_tensor(thing: Any) -> bool:
    """Whether an object is a tensor, plain or named."""
    return is_named_tensor(thing) or any(_name(one) in _TENSORS for one in type_of(thing).__mro__)


def is_named_tensor(thing: Any) -> bool:
    """Whether an object is a NamedTensor."""
    return array_names(thing) is not Unknown


def type_of(thing: object) -> type[Any]:
    """The class of an object."""
    return type(thing)


def _name(owner: type) -> str:
    return f"{owner.__module__}.{owner.__qualname__}"


def tensor_value(thing: Any) -> Array:
    """A tensor as the table of operators reads it."""
    named = is_named_tensor(thing)
    carried = thing.dims if named else (None,) * len(thing.shape)
    axes = tuple(
        Axis(Size.constant(int(size)), carried=Unknown if name is None else name)
        for size, name in zip(thing.shape, carried, strict=True)
    )
    return Array(
        TensorShape(axes), str(thing.dtype).removeprefix("torch."), Names.ALL if named else Names.NONE
    )


def holds_names(value: Any) -> bool:
    """Whether a value of any nesting holds a tensor with names."""
    match value:
        case list() | tuple():
            return any(map(holds_names, cast("Sequence[Any]", value)))
        case dict():
            return any(map(holds_names, cast("Mapping[Any, Any]", value).values()))
        case _:
            return is_named_tensor(value)
