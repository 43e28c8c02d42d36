"""What a model returned: as arrays for a file, as lines for people, as data for programs."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from namedtorch.cli.arrays import leaves, name_of
from namedtorch.cli.outcome import Refused
from namedtorch.deploy.arrays import to_array
from namedtorch.dims.bindings import value_text
from namedtorch.dims.pattern import Axis, Dim, Group
from namedtorch.dims.shape import Shape
from namedtorch.signature.hints import (
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    RecordHint,
    TensorHint,
    TupleHint,
)

MOST_PRINTED = 64
"""An array of more numbers is printed without them."""

MOST_DATA = 10_000
"""An array of more numbers is left out of the data, but for its sizes."""


@dataclass(frozen=True, slots=True)
class Part:
    """One value of a result: its name, its dims as text ("N=8 classes=10"), its dtype, and itself.

    What is no tensor has "" for its dtype and dims.
    """

    name: str
    dims: str
    dtype: str
    value: Any

    def line(self, *, with_values: bool) -> str:
        """The part for people; a small array with its numbers behind it."""
        if not self.dtype:
            return f"{self.name}: {self.value!r}"
        text = f"{self.name}: {self.dims or 'a scalar'}, {self.dtype}"
        if not with_values or self.value.numel() > MOST_PRINTED or not self.value.numel():
            return text
        numbers = np.array2string(to_array(self.value), separator=", ", max_line_width=100, precision=6)
        return f"{text}\n" + "\n".join(f"  {line}" for line in numbers.splitlines())

    def to_dict(self) -> dict[str, Any]:
        """The part as JSON-able data; numbers that JSON lacks are texts ("nan", "inf"), complex ones pairs."""
        if not self.dtype:
            return {"name": self.name, "value": _number(self.value)}
        sizes = [int(size) for size in self.value.shape]
        data = {"name": self.name, "dims": self.dims, "sizes": sizes, "dtype": self.dtype}
        if self.value.numel() <= MOST_DATA:
            data["value"] = _number(to_array(self.value).tolist())
        return data


def parts(result: object, hint: Hint) -> list[Part]:
    """Every value in a result, in order."""
    return list(_parts(result, hint))


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


def _parts(result: object, hint: Hint) -> Iterator[Part]:
    for path, value in leaves(result):
        sizes = getattr(value, "shape", None)
        if sizes is None:
            yield Part(name_of(path), "", "", value)
            continue
        found = _at(hint, path)
        shape = found.shape if isinstance(found, TensorHint) else None
        dtype = str(value.dtype).removeprefix("torch.")
        yield Part(name_of(path), _sizes(tuple(sizes), shape), dtype, value)


def _number(value: Any) -> Any:
    match value:
        case list() | tuple():
            return [_number(one) for one in cast("list[Any]", value)]
        case bool() | int() | str() | None:
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case complex():
            return [_number(value.real), _number(value.imag)]
        case _:
            return str(value)


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
    """`N=8 classes=10`, `*batch=(2 3) D=10`; without names where a size is not surely the one of an axis."""
    more = len(sizes) - len(shape.axes) + 1 if shape is not None else 0
    if shape is None or len(shape.groups) > 1 or (more < 0 if shape.groups else more != 1):
        return " ".join(str(size) for size in sizes)
    texts: list[str] = []
    place = 0
    for axis in shape.axes:
        count = more if isinstance(axis, Group) else 1
        texts.append(_axis(axis, sizes[place : place + count]))
        place += count
    return " ".join(filter(None, texts))


def _axis(axis: Axis, sizes: tuple[int, ...]) -> str:
    if isinstance(axis, Group):
        named = isinstance(axis.name, str)
        return f"*{axis.name}={value_text(sizes)}" if named else " ".join(map(str, sizes))
    (size,) = sizes
    if isinstance(axis, Dim) and isinstance(axis.name, str):
        return f"{axis.name}={size}"
    text = str(axis)
    return str(size) if text in ("_", str(size)) else f"{text}={size}"
