"""`reveal_dims`: what dims a value has, printed where the program runs and reported where it is checked."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar, cast

_T = TypeVar("_T")

_MOST: Final = 16
"""So many items of a container are printed."""

_DEEPEST: Final = 6


def reveal_dims(value: _T) -> _T:
    """Prints the dtype and the sizes of a value, with the file and line of the call, and returns the value.

    Of lists, tuples and dicts it prints those of the items; of what is no array, the type. In source, `namedtorch
    check` reports the inferred dims at each call.
    """
    frame = sys._getframe(1)
    file = (
        os.path.relpath(frame.f_code.co_filename)
        if _is_near(frame.f_code.co_filename)
        else frame.f_code.co_filename
    )
    print(f"{file}:{frame.f_lineno}: reveal_dims: {described(value)}")
    return value


def described(value: object, depth: int = 0) -> str:
    """The dtype and the sizes of a value: `float32 (8, 3, 32, 32)`."""
    shape = getattr(value, "shape", None)
    dtype = getattr(value, "dtype", None)
    if isinstance(shape, Sequence) and dtype is not None:
        sizes = ", ".join(str(size) for size in cast("Sequence[object]", shape))
        comma = "," if len(cast("Sequence[object]", shape)) == 1 else ""
        return f"{str(dtype).removeprefix('torch.')} ({sizes}{comma})"
    if depth >= _DEEPEST:
        return type(value).__name__
    match value:
        case tuple():
            items = _items(cast("tuple[object, ...]", value), depth)
            names: tuple[str, ...] | None = getattr(value, "_fields", None)
            if names is not None:
                items = [f"{name}={item}" for name, item in zip(names, items, strict=False)]
                return f"{type(value).__name__}({', '.join(items)})"
            return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
        case list():
            return f"[{', '.join(_items(cast('list[object]', value), depth))}]"
        case Mapping():
            entries = list(cast("Mapping[object, object]", value).items())
            texts = [f"{key!r}: {described(item, depth + 1)}" for key, item in entries[:_MOST]]
            return "{" + ", ".join([*texts, *_more(len(entries))]) + "}"
        case None | bool() | int() | float():
            return repr(value)
        case _:
            return type(value).__name__


def _items(values: Sequence[object], depth: int) -> list[str]:
    return [*(described(one, depth + 1) for one in values[:_MOST]), *_more(len(values))]


def _more(count: int) -> list[str]:
    return [f"... ({count} items)"] if count > _MOST else []


def _is_near(file: str) -> bool:
    """Whether a file lies under the current folder."""
    try:
        return os.path.isabs(file) and not os.path.relpath(file).startswith("..")
    except (ValueError, OSError):
        return False
