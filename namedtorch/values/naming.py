"""Names of axes: given by `named`, refined, changed, asked for."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, cast

import numpy as np
import torch
from torch import Tensor
from torch.compiler import is_dynamo_compiling
from torch.fx import Proxy

from namedtorch.diagnostics import DimError, Failure
from namedtorch.dims.carried import expected_name, places_by_name
from namedtorch.dims.pattern import Axis, Dim, Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.steps import Flat
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.call import place_of
from namedtorch.ops.judge import Misfit
from namedtorch.ops.names import expanded, read_names, refuse_repeated
from namedtorch.ops.naming import OTHER_NAMES, refined, renamed
from namedtorch.syntax.resolve import parse_shape
from namedtorch.values.named_tensor import Dims, NamedTensor, dims_text
from namedtorch.values.operation import as_value, named_shape, numbers
from namedtorch.values.recipe import Carried
from namedtorch.values.refusal import dims_error, misfit_error

_RENAME: Final = Carried("NamedTensor.rename", renamed)
_REFINE: Final = Carried("NamedTensor.refine_names", refined)
_NAMED: Final = Carried("named", refined)


def named(
    value: NamedTensor | Tensor | np.ndarray[Any, Any], names: str | Sequence[str | None]
) -> NamedTensor:
    """The tensor under names: `named(x, "N C=3 H W")`, or `named(x, ("N", "C", None, None))`.

    A text is a shape of the language, which sizes have to fit. A dim and a label name their axis, `(H W)` names a
    merged one; `3`, `2*C`, `_`, and the axes of `...` and `*batch`, have no name. Arrays of numpy share their memory,
    a parameter stays the parameter. Of a NamedTensor, axes without names get them, and those that have one have to
    have this one.
    Raises `DimError` with all that does not fit, `AnnotationError` for a text that is no shape.
    """
    tensor = _tensor(value)
    own: Dims | None = value.dims if isinstance(value, NamedTensor) else None
    if not isinstance(names, str):
        held = NamedTensor(tensor, own or (None,) * _rank(tensor, names))
        return _NAMED.on(held, tuple(names), {"names": (tuple(names),)})
    if isinstance(tensor, Proxy):
        return NamedTensor(cast("Any", tensor), _unsized(names, own))
    dims, fixed = _simple(names)
    if own is None and dims is not None and len(dims) == tensor.dim():
        shape = numbers(tensor) if fixed else ()
        for place, size in fixed:
            if shape[place] != size:
                break
        else:
            return NamedTensor(tensor, dims)
    if is_dynamo_compiling():
        dims, refusal = _constant(names, tuple(tensor.shape), tensor.stride(), own)
        if refusal is not None:
            raise DimError(refusal)
        return NamedTensor(tensor, dims)
    shape = parse_shape(names)
    strides = None if shape.memory_format is Unknown else tensor.stride()
    return NamedTensor(tensor, _matched(numbers(tensor), strides, own, shape))


def _tensor(value: Any) -> Any:
    if isinstance(value, NamedTensor):
        return value.tensor
    if isinstance(value, Tensor | Proxy):
        return value
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    kind = type(value).__name__
    raise dims_error(
        "not-an-array", f"`named` takes a tensor or an array of numpy, and this is a value of type {kind}",
        "`namedtorch.tensor(data, names)` makes a tensor of numbers and lists",
    )  # fmt: skip


def _rank(tensor: Tensor | Proxy, names: Sequence[str | None]) -> int:
    """The number of axes; a proxy of torch.fx has as many as there are names."""
    return len(names) if isinstance(tensor, Proxy) else tensor.dim()


# The text of a shape


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[Dims | None, tuple[tuple[int, int], ...]]:
    """The names, and the sizes that are fixed, of a shape that says no more; None for any other."""
    shape = parse_shape(text)
    fixed: list[tuple[int, int]] = []
    names = [axis.name for axis in shape.axes if isinstance(axis, Dim) and axis.name is not Unknown]
    if len(set(names)) < len(names) or shape.where or shape.memory_format is not Unknown:
        return None, ()
    for place, axis in enumerate(shape.axes):
        if not isinstance(axis, Dim) or axis.each:
            return None, ()
        if axis.size is not Unknown:
            if axis.size.value is Unknown or axis.broadcast:
                return None, ()
            fixed.append((place, axis.size.value))
    return tuple(map(_name, shape.axes)), tuple(fixed)


def _simple(text: str) -> tuple[Dims | None, tuple[tuple[int, int], ...]]:
    # torch.compile takes it for a constant; a cache is none.
    return _read(text)


def _constant(
    text: str, sizes: tuple[int, ...], strides: tuple[int, ...], own: Dims | None
) -> tuple[Dims, str | None]:
    """The names of axes as `_matched` gives them, and a refusal or None: constants of a graph."""
    try:
        return _matched(sizes, strides, own, parse_shape(text)), None
    except DimError as error:
        return (), str(error)


cast("Any", _simple)._dynamo_marked_constant = True
cast("Any", _constant)._dynamo_marked_constant = True


def _name(axis: Axis) -> str | None:
    name = expected_name(axis)
    return None if name is Unknown else name


def _matched(sizes: Sequence[int], strides: Sequence[int] | None, own: Dims | None, shape: Shape) -> Dims:
    """The names of the axes. Raises `DimError` where sizes, or names that there are, do not fit the shape."""
    flat = _with_one_group(sizes, own, shape)
    wanted = [_name(axis) for axis in _axes(flat, len(sizes))]
    if wanted and own is not None:
        _refuse_others(own, wanted, shape)
    met = flat.match(sizes, strides=strides, argument="tensor", wait=True)
    if any(not isinstance(one.step, Flat) for one, _ in met.waiting):
        # Of a merged axis the sizes of its parts need not be known; whatever else waits says what it waits for.
        flat.match(sizes, strides=strides, argument="tensor")
    return tuple(wanted) if own is None else _together(own, wanted)


def _unsized(text: str, own: Dims | None) -> Dims:
    """The names of a proxy of torch.fx, of which no size is known. Raises `DimError`."""
    shape = parse_shape(text)
    if shape.groups and own is None:
        raise dims_error(
            "rank-unfit", f'"{text}" leaves the rank open, and torch.fx has no sizes to tell it by',
            "write one name for each axis",
        )  # fmt: skip
    rank = len(shape.axes) if own is None else len(own)
    wanted = [_name(axis) for axis in _axes(_with_one_group((1,) * rank, own, shape), rank)]
    if own is None:
        return tuple(wanted)
    if len(wanted) != rank:
        raise dims_error(
            "rank-differs", f"`tensor` has rank {rank}, but `{shape}` has rank {len(shape.axes)}"
        )
    _refuse_others(own, wanted, shape)
    return _together(own, wanted)


def _together(own: Dims, wanted: Sequence[str | None]) -> Dims:
    """The names that there are, and those that are given. Raises `DimError` where that gives two axes one name."""
    names = tuple(new or old for new, old in zip(wanted, own, strict=True))
    for name in names:
        places = [place for place, one in enumerate(names) if one == name]
        if name is not None and len(places) > max(own.count(name), wanted.count(name)):
            listed = " and ".join(map(str, places))
            raise dims_error("names-repeated", f"`{name}` would be the name of axes {listed} of `tensor`")
    return names


def _axes(shape: Shape, rank: int) -> list[Axis]:
    """What the shape says of each axis; nothing where it has another rank."""
    missing = rank - len(shape.axes)
    if not shape.groups:
        return [] if missing else list(shape.axes)
    place = shape.groups[0]
    return [*shape.axes[:place], *[Dim()] * (missing + 1), *shape.axes[place + 1 :]]


def _with_one_group(sizes: Sequence[int], own: Dims | None, shape: Shape) -> Shape:
    """The shape, with as many axes in the place of one of two groups as it stands for. Raises `DimError`."""
    spare = len(sizes) - len(shape.axes) + len(shape.groups)
    if len(shape.groups) < 2 or spare < 0:
        return shape
    first, second = shape.groups
    middle = [expected_name(axis) for axis in shape.axes[first + 1 : second]]
    places: Sequence[int] = range(first, first + spare + 1)
    if own is not None:
        named_there = places_by_name(places, own, middle)
        # Else the dims may be of axes that have no name.
        places = named_there or [
            place for place in places if _is_open(own[place : place + len(middle)], middle)
        ]
        if not places:
            text = " ".join("_" if name is Unknown else name for name in middle)
            raise dims_error("name-missing", f"`tensor` has no dim `{text}`: its dims are {dims_text(own)}")
    flat = [_flattened(shape, place - first, spare) for place in places]
    if len(flat) > 1:
        flat = [one for one in flat if _fits(one, sizes)]
    if len(flat) == 1:
        return flat[0]
    # None, or several: this says so.
    shape.match(sizes, argument="tensor")
    raise AssertionError(f"{shape} fits {tuple(sizes)} at {len(flat)} places")


def _is_open(own: Dims, wanted: Sequence[str | UnknownType]) -> bool:
    """Whether axes have these names, or none."""
    return all(old is None or new is Unknown or old == new for old, new in zip(own, wanted, strict=True))


def _flattened(shape: Shape, width: int, spare: int) -> Shape:
    """The shape with the first of two groups so wide; of the two, one stays a group, that with a name."""
    first, second = shape.groups
    group = shape.axes[first]
    is_free = isinstance(group, Group) and group.name is Unknown
    gone, count = (first, width) if is_free else (second, spare - width)
    return replace(shape, axes=(*shape.axes[:gone], *[Dim()] * count, *shape.axes[gone + 1 :]))


def _fits(shape: Shape, sizes: Sequence[int]) -> bool:
    try:
        shape.match(sizes, argument="tensor")
    except DimError:
        return False
    return True


def _refuse_others(own: Dims, wanted: Sequence[str | None], shape: Shape) -> None:
    """Refuses names that differ from those that there are. Raises `DimError`."""
    failures = [
        Failure("names-differ", _asked(place, old, new), "tensor", new, place, new, old)
        for place, (old, new) in enumerate(zip(own, wanted, strict=True))
        if old is not None and new is not None and old != new
    ]
    if failures:
        failures[-1] = replace(failures[-1], help=OTHER_NAMES)
        raise DimError.of(failures, notes=[f'tensor: "{dims_text(own)}" is named "{shape}"'])


def _asked(place: int, old: str, new: str) -> str:
    return f"axis {place} of `tensor` is `{old}`, and is asked to be `{new}`"


# Asked for


def _place(x: NamedTensor, name: str, said: str) -> int:
    """The axis of a name. Raises `DimError`."""
    if x.dims.count(name) == 1:
        return x.dims.index(name)
    bound = {"input": as_value(x)}
    try:
        return place_of(named_shape(x.tensor, x.dims), name, "input", f"`dim` is {name!r}")
    except Misfit as misfit:
        raise misfit_error(said, misfit, bound) from None


def size(x: NamedTensor, /, dim: int | str | None = None) -> Any:
    """The size of a dim, by name or number, or all sizes. Raises `DimError`."""
    if dim is None:
        return x.tensor.shape
    return x.tensor.shape[_place(x, dim, "NamedTensor.size")] if isinstance(dim, str) else x.tensor.size(dim)


def stride(x: NamedTensor, /, dim: int | str | None = None) -> Any:
    """The stride of a dim in elements, by name or number, or all strides. Raises `DimError`."""
    if dim is None:
        return x.tensor.stride()
    return x.tensor.stride(_place(x, dim, "NamedTensor.stride") if isinstance(dim, str) else dim)


def has_names(x: NamedTensor, /) -> bool:
    """Whether an axis has a name."""
    return any(name is not None for name in x.dims)


# Given and changed


def checked_names(names: Sequence[str | None], rank: int) -> Dims:
    """Names for the axes of a new tensor, as `names=` of factories takes them. Raises `DimError`.

    `...` stands for axes without names.
    """
    try:
        found = expanded(read_names(tuple(names), "names", "names"), [None] * rank, "names", "the tensor")
        refuse_repeated(found, found, "names")
    except Misfit as misfit:
        raise misfit_error("names", misfit, {}) from None
    return tuple(found)


def rename(x: NamedTensor, /, *names: Any, **renamed: str | None) -> NamedTensor:
    """The same tensor under other names: all in their order, or `rename(N="batch")`; `rename(None)` takes all away.

    `...` stands for names that stay. Raises `DimError`.
    """
    if names and renamed:
        pairs = ", ".join(f"{old}=" for old in renamed)
        raise TypeError(f"`rename` takes the names of all axes, or some by their names ({pairs}), not both")
    key = (names, tuple(renamed.items())) if renamed else (names,)
    return _RENAME.on(x, key, {"names": names, "renamed": renamed})


def rename_(x: NamedTensor, /, *names: Any, **renamed: str | None) -> NamedTensor:
    """Renames in place, as `rename` does, and gives the tensor itself. Raises `DimError`."""
    x.dims = rename(x, *names, **renamed).dims
    return x


def refine_names(x: NamedTensor, /, *names: Any) -> NamedTensor:
    """The same tensor with names for axes that have none; an axis that has one keeps it. `...` stands for such.

    Raises `DimError` where a name differs from that of its axis.
    """
    return _REFINE.on(x, names, {"names": names})


def _names(x: NamedTensor) -> Dims:
    """The names of the axes, None for one without; `x.names = ...` renames in place."""
    return x.dims


def _set_names(x: NamedTensor, names: Sequence[str | None] | None) -> None:
    x.dims = (None,) * x.tensor.dim() if names is None else rename(x, tuple(names)).dims


METHODS: Final[dict[str, Any]] = {
    **{function.__name__: function for function in (size, stride, has_names, rename, rename_, refine_names)},
    "names": property(_names, _set_names),
}
"""Methods of NamedTensor by name."""
