"""Between the command line and a model: inputs as the signature wants them, results as files hold them."""

from typing import Any, cast

import numpy as np

from namedtorch.cli.arrays import leaves, name_of
from namedtorch.cli.outcome import Refused
from namedtorch.deploy.arrays import to_array, to_tensor
from namedtorch.dims.pattern import Axis, Dim, Group
from namedtorch.dims.shape import Shape
from namedtorch.signature.dtypes import FAMILIES
from namedtorch.signature.hints import (
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    RecordHint,
    TensorHint,
    TupleHint,
)


def as_input(value: Any, hint: Hint | None, name: str, device: str | None) -> object:
    """A value as the parameter takes it: a tensor for an array, and for numbers where a tensor is wanted.

    Raises Refused for what can't be a tensor and has to.
    """
    if isinstance(hint, OptionalHint):
        hint = None if value is None else hint.inner
    if not isinstance(value, np.ndarray) and not isinstance(hint, TensorHint):
        return value
    if isinstance(value, str):
        raise Refused(
            f"`{name}` is the text {value!r}, and the model takes an array: a file is read with @{value}"
        )
    try:
        family = hint.family if isinstance(hint, TensorHint) else FAMILIES["Shaped"]
        return to_tensor(cast("object", value), device, family)
    except ValueError as error:
        raise Refused(f"`{name}` {error}; give a file of numbers, NAME=@FILE.npy") from error


def as_arrays(result: object) -> "dict[str, np.ndarray[Any, Any]]":
    """The arrays of a result by name: `result`, or where it is a container its keys, fields or places."""
    found: dict[str, np.ndarray[Any, Any]] = {}
    for path, value in leaves(result):
        if value is None:
            continue
        name = name_of(path)
        try:
            found[name] = to_array(value)
        except ValueError as error:
            raise Refused(f"`{name}` of the result {error}: it can't be written") from error
    return found


def summary(result: object, hint: Hint) -> str:
    """The result in a line for each of its arrays: sizes under the names of their dims, and the dtype."""
    lines: list[str] = []
    for path, value in leaves(result):
        sizes = getattr(value, "shape", None)
        if sizes is None:
            lines.append(f"{name_of(path)}: {value!r}")
            continue
        found = _at(hint, path)
        shape = found.shape if isinstance(found, TensorHint) else None
        text = _sizes(tuple(sizes), shape) or "a scalar"
        lines.append(f"{name_of(path)}: {text}, {str(value.dtype).removeprefix('torch.')}")
    return "\n".join(lines)


def _at(hint: Hint, path: tuple[str, ...]) -> Hint:
    """The hint of a part of a result; that of the whole where the hint does not say."""
    if isinstance(hint, OptionalHint):
        return _at(hint.inner, path)
    if not path:
        return hint
    match hint:
        case TupleHint(items=items) if path[0].isdecimal() and int(path[0]) < len(items):
            return _at(items[int(path[0])], path[1:])
        case ListHint(item=inner) | DictHint(value=inner):
            return _at(inner, path[1:])
        case RecordHint(fields=fields) if path[0] in dict(fields):
            return _at(dict(fields)[path[0]], path[1:])
        case _:
            return hint


def _sizes(sizes: tuple[int, ...], shape: Shape | None) -> str:
    """`N=8 classes=10` where each axis has one dim of the shape, else `8 10`."""
    if shape is None or len(shape.axes) != len(sizes) or shape.groups:
        return " ".join(str(size) for size in sizes)
    return " ".join(_axis(axis, size) for axis, size in zip(shape.axes, sizes, strict=True))


def _axis(axis: Axis, size: int) -> str:
    if isinstance(axis, Dim) and isinstance(axis.name, str):
        return f"{axis.name}={size}"
    text = str(axis)
    return str(size) if text in ("_", str(size)) or isinstance(axis, Group) else f"{text}={size}"
