"""Sizes that factories are asked for: by place, by keyword, `N=2, C=3`, or by text, `"N=2 C=3"`."""

import operator
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, cast

import torch

from namedtorch.diagnostics import DimError
from namedtorch.dims.carried import expected_name
from namedtorch.dims.pattern import Axis, Dim, Flattened, Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.names import is_name
from namedtorch.syntax.resolve import parse_shape
from namedtorch.values.named_tensor import Dims
from namedtorch.values.naming import checked_names
from namedtorch.values.refusal import dims_error

Names = Sequence[str | None] | str | None
"""What `names=` takes: names, or a text of them."""

_BOTH: Final = "bad-sizes"


def asked(function: str, size: Any, names: Names, sizes: Mapping[str, Any]) -> tuple[tuple[Any, ...], Dims]:
    """The sizes and names of the axes that a factory is asked for, of which at least one is told.

    `size` is a text, sizes in their order, or None; `sizes` are those by keyword. Raises `DimError`.
    """
    for name, one in sizes.items():
        _check_size(function, name, one)
    if isinstance(size, str):
        if names is not None:
            raise _twice(function, "the text names the axes, and so does `names`")
        found, dims, refusal = _read(function, size, tuple(sizes.items()))
        if refusal is not None:
            raise DimError(refusal)
        return found, dims
    if size is None:
        if names is not None:
            raise _twice(function, "keywords name the axes, and so does `names`")
        return tuple(sizes.values()), tuple(sizes)
    if sizes:
        listed = ", ".join(f"`{name}`={one}" for name, one in sizes.items())
        raise _twice(function, f"sizes are given by place, and by name: {listed}")
    found = tuple(size)
    return found, unnamed_or(names, len(found))


def unnamed_or(names: Names, rank: int) -> Dims:
    """The names of so many axes, none where none are given. Raises `DimError`."""
    if names is None:
        return (None,) * rank
    return checked_names((names,) if isinstance(names, str) else names, rank)


def refuse_sizes(function: str, options: Mapping[str, Any]) -> None:
    """Refuses a number for a keyword of torch: it is the size of a dim that is called so. Raises `DimError`."""
    for name, value in options.items():
        # A device may be a number.
        if type(value) is int and name != "device":
            raise dims_error(
                _BOTH,
                f"`{function}`: `{name}` is a keyword of torch, and {value} is given for it",
                f'a dim of this name is given by text: `{function}("{name}={value}")`',
            )


def _check_size(function: str, name: str, size: Any) -> None:
    if not is_name(name):
        raise dims_error(
            "name-invalid", f"`{function}`: `{name}` is no name of a dim", "a name is a word: `N`, `batch`"
        )
    if isinstance(size, torch.SymInt):
        return
    if isinstance(size, bool) or not hasattr(size, "__index__"):
        close = get_close_matches(name, _WORDS, 1, 0.7)
        raise dims_error(
            _BOTH,
            f"`{function}`: `{name}`={size!r} is no size",
            f"did you mean `{close[0]}`?"
            if close
            else "a keyword that torch does not have is the size of a dim",
        )
    if operator.index(size) < 0:
        raise dims_error(_BOTH, f"`{function}`: `{name}`={size} is no size", "a size is 0 or more")


_WORDS: Final = (
    "names", "out", "dtype", "layout", "device", "requires_grad", "pin_memory", "memory_format", "generator", "size",
    "fill_value",
)  # fmt: skip
"""Keywords of factories, for who mistypes one."""


def _twice(function: str, message: str) -> DimError:
    return dims_error(_BOTH, f"`{function}`: {message}", "say it once")


# Sizes by text


def _read(
    function: str, text: str, given: tuple[tuple[str, Any], ...]
) -> tuple[tuple[Any, ...], Dims, str | None]:
    """The sizes and names in a text, whose open dims are given, and a refusal or None."""
    try:
        shape = parse_shape(text)
        known = _known(function, shape, dict(given))
        sizes = tuple(_size(axis, known) for axis in shape.axes)
        if shape.where or shape.memory_format is not Unknown:
            shape.match(sizes, argument=f"{function}(...)")
        names = [expected_name(axis) for axis in shape.axes]
        return sizes, tuple(None if name is Unknown else name for name in names), None
    except DimError as error:
        return (), (), str(error)


cast("Any", _read)._dynamo_marked_constant = True


def _known(function: str, shape: Shape, given: Mapping[str, int]) -> dict[str, Size]:
    """The size of every dim. Raises `DimError` where one is not told, or twice."""
    dims = [dim for axis in shape.axes for dim in _dims(function, axis, shape)]
    mentioned = {
        name for dim in dims for name in (dim.name, *(() if dim.size is Unknown else dim.size.symbols))
    }
    for name in given:
        if name not in mentioned:
            raise dims_error(
                _BOTH, f'`{function}`: a size is given for `{name}`, which "{shape}" does not have'
            )
    known = {name: Size.constant(size) for name, size in given.items()}
    # A size may be reckoned from one that stands behind it.
    for dim in dims * len(dims):
        size = Unknown if dim.size is Unknown else dim.size.substitute(known)
        if dim.name is Unknown or size is Unknown or size.value is Unknown:
            continue
        if known.setdefault(dim.name, size) != size:
            raise dims_error(
                _BOTH, f'`{function}`: `{dim.name}` is {known[dim.name]}, and {size} in "{shape}"'
            )
    wanted = [name for dim in dims for name in ((dim.name,) if dim.size is Unknown else dim.size.symbols)]
    missing = [str(name) for name in dict.fromkeys(wanted) if name not in known]
    if missing:
        listed = ", ".join(f"`{name}`" for name in missing)
        sized = ", ".join(f"{name}=2" for name in missing)
        raise dims_error(
            _BOTH,
            f'`{function}`: "{shape}" does not say how large {listed} {"is" if len(missing) == 1 else "are"}',
            f'write the sizes, `{function}("{_example(missing)}")`, or give them, `{function}("{shape}", {sized})`',
        )
    return known


def _example(names: Sequence[str]) -> str:
    return " ".join(f"{name}=2" for name in names)


def _dims(function: str, axis: Axis, shape: Shape) -> Sequence[Dim]:
    if isinstance(axis, Group):
        raise dims_error(
            _BOTH, f'`{function}`: "{shape}" leaves open how many axes `{axis}` stands for', "name each"
        )
    dims = axis.factors if isinstance(axis, Flattened) else (axis,)
    for dim in dims:
        if dim.name is Unknown and dim.size is Unknown:
            raise dims_error(
                _BOTH, f'`{function}`: "{shape}" does not say how large `_` is', "write its size: `3`"
            )
        if dim.broadcast or dim.each:
            raise dims_error(
                _BOTH, f'`{function}`: "{shape}" leaves open what `{dim}` is', "leave the sign out"
            )
    return dims


def _size(axis: Axis, known: Mapping[str, Size]) -> int:
    assert not isinstance(axis, Group)
    total = 1
    for dim in axis.factors if isinstance(axis, Flattened) else (axis,):
        size = known[str(dim.name)] if dim.size is Unknown else dim.size.substitute(known)
        assert size.value is not Unknown
        total *= size.value
    return total
