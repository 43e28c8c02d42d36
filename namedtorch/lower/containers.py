"""What values are made of: lists, tuples, records and mappings, down to their leaves."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, cast

from namedtorch.values.named_tensor import NamedTensor


def parts_of(value: Any, place: str) -> dict[str, Any] | None:
    """The parts of a container by their places, `images[0]`, `state.h`; None for what is none."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        record = cast("Any", value)
        return {f"{place}.{name}": getattr(record, name) for name in record._fields}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f"{place}.{field.name}": getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, list | tuple):
        return {f"{place}[{index}]": part for index, part in enumerate(cast("list[Any]", value))}
    if isinstance(value, Mapping):
        return {f"{place}[{key!r}]": part for key, part in cast("Mapping[Any, Any]", value).items()}
    return None


def with_leaves(value: Any, change: Callable[[Any], Any]) -> Any:
    """A value with other leaves: containers are made anew, of the same kinds, and all else is what `change` gives."""
    # To Python a NamedTensor is a record.
    if isinstance(value, NamedTensor):
        return change(value)
    if isinstance(value, tuple):
        parts = [with_leaves(one, change) for one in cast("tuple[Any, ...]", value)]
        made: Any = type(value)
        return made(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, list):
        return [with_leaves(one, change) for one in cast("list[Any]", value)]
    if isinstance(value, Mapping):
        return {key: with_leaves(one, change) for key, one in cast("Mapping[Any, Any]", value).items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        # What no constructor takes is made of the rest.
        names = [field.name for field in dataclasses.fields(value) if field.init]
        fields = {name: with_leaves(getattr(value, name), change) for name in names}
        return dataclasses.replace(value, **fields)
    return change(value)
