"""Sizes that are known of dims, written into shapes and signatures under their labels: `C` becomes `C=3`."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from namedtorch.dims.pattern import Axis, Dim
from namedtorch.dims.shape import Shape
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.signature.hints import TensorHint
from namedtorch.signature.signature import Signature, map_tensors


def with_known(signature: Signature, sizes: Mapping[str, int]) -> Signature:
    """The signature in which each axis `C` of a known size reads `C=3`, in the parameters and in the result.

    Only a dim that stands alone on its axis is labelled: the label binds it, and whatever else mentions it (`2*C`,
    `(C H)`, `#C`, `where`) follows. A name that is bound anew for every element (`?C`) is another dim.
    """
    if not sizes:
        return signature

    def close(hint: TensorHint) -> TensorHint:
        return replace(hint, shape=labelled(hint.shape, sizes))

    return map_signature(signature, close)


def map_signature(signature: Signature, change: Callable[[TensorHint], TensorHint]) -> Signature:
    """The signature with every tensor hint in it changed, of the parameters and of the result."""
    return replace(
        signature,
        parameters=tuple(replace(one, hint=map_tensors(one.hint, change)) for one in signature.parameters),
        result=map_tensors(signature.result, change),
    )


def labelled(shape: Shape, sizes: Mapping[str, int]) -> Shape:
    """The shape in which each axis `C` of a known size reads `C=3`; see `with_known`."""
    known = sizes.keys() - shape.each

    def close(axis: Axis) -> Axis:
        name = bare_name(axis)
        return axis if name is Unknown or name not in known else Dim(name, Size.constant(sizes[name]))

    return Shape(tuple(close(axis) for axis in shape.axes), shape.where, shape.memory_format)


def bare_name(axis: Axis) -> str | UnknownType:
    """The name of a dim that stands alone on its axis, which binds it; Unknown for `C=3`, `_`, `#C`, `?C`, `2*C`."""
    if not isinstance(axis, Dim) or axis.size is not Unknown or axis.broadcast or axis.each:
        return Unknown
    return axis.name
