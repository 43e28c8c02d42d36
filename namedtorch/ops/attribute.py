"""What a row reads of a module: the values of its attributes, which for torch's modules are its arguments too."""

import operator
import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias, cast

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType

Read: TypeAlias = Callable[[str], object]
"""Gives the value of an attribute by its name, `Unknown` where it is not known."""

_PATH: Final = re.compile(r"(?P<name>[^\W\d]\w*)(\[(?P<index>\d+)\])?")


def attribute_root(path: str) -> str:
    """The attribute that a path begins with: `kernel_size` of `kernel_size[0]`."""
    return _split(path)[0]


def read_size(read: Read, path: str) -> Size | UnknownType:
    """The size at a path such as `in_features` or `kernel_size[0]`; `Unknown` where no size is there.

    One number in the place of several counts for each of them, as in an argument `kernel_size=3`.
    """
    name, index = _split(path)
    value = read(name)
    if index is not None and isinstance(value, Sequence) and not isinstance(value, str):
        items = cast("Sequence[object]", value)
        value = items[index] if index < len(items) else Unknown
    return _size(value)


def read_sizes(read: Read, path: str) -> tuple[Size, ...] | UnknownType:
    """The sizes that an attribute lists, one number being a list of one; `Unknown` where not all are known."""
    value = read(path)
    items = (
        cast("Sequence[object]", value)
        if isinstance(value, Sequence) and not isinstance(value, str)
        else [value]
    )
    sizes = tuple(_size(item) for item in items)
    known = tuple(size for size in sizes if size is not Unknown)
    return known if len(known) == len(sizes) else Unknown


def read_flag(read: Read, name: str) -> bool | UnknownType:
    """Whether an attribute is true; `Unknown` where that is not known."""
    value = read(name)
    return value if isinstance(value, bool) else Unknown


def _split(path: str) -> tuple[str, int | None]:
    found = _PATH.fullmatch(path)
    if found is None:
        raise ValueError(f"{path!r} is not the path of an attribute")
    index = found["index"]
    return found["name"], None if index is None else int(index)


def _size(value: object) -> Size | UnknownType:
    if isinstance(value, Size):
        return value
    if isinstance(value, bool):
        return Unknown
    try:
        return Size.constant(operator.index(cast("int", value)))
    except TypeError:
        return Unknown
