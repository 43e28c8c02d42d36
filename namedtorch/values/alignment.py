"""Axes by their names: put in order, merged, split, put in, stretched and repeated."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from torch import Tensor

from namedtorch.ops import named_axes, naming
from namedtorch.values import patterns
from namedtorch.values.named_tensor import NamedTensor, dims_of
from namedtorch.values.recipe import Carried
from namedtorch.values.spellings import operation_of
from namedtorch.values.templates import made, method

_ALIGN_TO: Final = Carried("NamedTensor.align_to", naming.aligned)
_ALIGN_AS: Final = Carried("NamedTensor.align_as", naming.aligned_as)
_FLATTEN: Final = Carried("NamedTensor.flatten", named_axes.flattened)
_UNFLATTEN: Final = Carried("NamedTensor.unflatten", named_axes.unflattened)
_UNSQUEEZE: Final = Carried("NamedTensor.unsqueeze", named_axes.unsqueezed)
_EXPAND: Final = Carried("NamedTensor.expand", named_axes.expanded)
_REPEAT: Final = Carried("NamedTensor.repeat", named_axes.repeated)
_DIAGONAL: Final = Carried("NamedTensor.diagonal", named_axes.diagonal)


# By numbers alone, these are torch's own methods.
_flatten, _unflatten, _expand, _repeat, _diagonal = (
    made(method, operation_of(getattr(Tensor, name)), name)
    for name in ("flatten", "unflatten", "expand", "repeat", "diagonal")
)


def align_to(x: NamedTensor, /, *names: Any) -> NamedTensor:
    """The tensor with its axes in the order of these names, a view; a name that it lacks is a new axis of size 1.

    Names stand each by itself, in a list, or in one text; `...` stands for all dims that are not listed, in their
    order. Without it, every axis has to be listed. Raises `DimError`.
    """
    return _ALIGN_TO.on(x, names, {"names": names})


def align_as(x: NamedTensor, /, other: NamedTensor) -> NamedTensor:
    """The tensor with its axes in the order of another's, a view; what only the other has is an axis of size 1.

    Raises `DimError` where the other lacks one of the dims.
    """
    return _ALIGN_AS.on(x, dims_of(other), {"other": other})


def flatten(
    x: NamedTensor, /, *dims: Any, start_dim: Any = None, end_dim: Any = None, out_dim: str | None = None
) -> NamedTensor:
    """The tensor with neighbouring dims merged to one: `flatten(["C", "H"], "F")`, `flatten("C", "W", "F")`.

    Dims are listed in their order, or the first and the last are given; by name or by number, from the first to the
    last axis unless told. The one that they make is called `out_dim`; without it, by all their names: `(C H)`.
    Raises `DimError`.
    """
    given = {"dims": dims, "start_dim": start_dim, "end_dim": end_dim, "out_dim": out_dim}
    if out_dim is None and len(dims) < 3 and not (dims and isinstance(dims[0], (list, tuple))):
        ends = {name: given[name] for name in ("start_dim", "end_dim") if given[name] is not None}
        return _flatten(x, *dims, **ends)
    # A list is no key.
    told = (tuple(dims[0]), *dims[1:]) if dims and isinstance(dims[0], (list, tuple)) else dims
    return _FLATTEN.on(x, (told, start_dim, end_dim, out_dim), given)


def unflatten(x: NamedTensor, /, dim: int | str, sizes: Any) -> NamedTensor:
    """The tensor with one axis split: `unflatten("F", (("C", 3), ("H", 4)))`, or `{"C": 3, "H": -1}`.

    One size may be -1. Sizes without names give axes without names, but for an axis that was merged: `(C H)`. Raises
    `DimError`, also where the sizes do not multiply to that of the axis.
    """
    if isinstance(sizes, dict) or _are_pairs(sizes):
        key = tuple(sizes.items()) if isinstance(sizes, dict) else sizes
        return _UNFLATTEN.on(x, (dim, key), {"dim": dim, "sizes": sizes})
    return _unflatten(x, dim, sizes)


def _are_pairs(sizes: Any) -> bool:
    """Whether a list holds pairs of a name and a size, and not sizes alone."""
    return isinstance(sizes, (list, tuple)) and any(isinstance(one, (list, tuple)) for one in sizes)


def unsqueeze(x: NamedTensor, /, dim: int | str, name: str | None = None) -> NamedTensor:
    """The tensor with a new axis of size 1: `unsqueeze("K")` in front, `unsqueeze(1, "K")` at a place.

    `unsqueeze("C", "K")` puts it before the dim `C`. Raises `DimError` where the name is that of another axis.
    """
    return _UNSQUEEZE.on(x, (dim, name), {"dim": dim, "name": name})


def expand(x: NamedTensor, /, *size: Any, implicit: bool = False, **named: int) -> NamedTensor:
    """The tensor with axes of size 1 stretched: `expand(C=3)` by name, or by a size for every axis, as torch does.

    Sizes for more axes than there are put axes without names in front. Raises `DimError`.
    """
    if not named:
        return _expand(x, *size, implicit=implicit) if implicit else _expand(x, *size)
    _refuse_both("expand", size, named)
    return _EXPAND.on(x, tuple(named.items()), {"size": (), "named": named})


def repeat(x: NamedTensor, /, *repeats: Any, **named: int) -> NamedTensor:
    """The tensor repeated along its axes: `repeat(C=2)` by name, by a number for every axis, or by a pattern.

    A text is the pattern of `namedtorch.repeat`, `"N C -> N C K"`, and the numbers by name are its sizes. Raises
    `DimError`.
    """
    if repeats and isinstance(repeats[0], str):
        return patterns.repeat(x, *repeats, **named)
    if not named:
        return _repeat(x, *repeats)
    _refuse_both("repeat", repeats, named)
    return _REPEAT.on(x, tuple(named.items()), {"repeats": (), "named": named})


def _refuse_both(name: str, numbers: tuple[Any, ...], named: Mapping[str, int]) -> None:
    if numbers:
        first = next(iter(named))
        raise TypeError(f"`{name}` takes a number for every axis, or numbers by name ({first}=...), not both")


def diagonal(
    x: NamedTensor, /, offset: int = 0, dim1: int | str = 0, dim2: int | str = 1, *, outdim: str | None = None
) -> NamedTensor:
    """The diagonal of two dims, a view; it is the last axis, called `outdim`.

    Without `outdim` it has the name of the two, where they have one name. Raises `DimError`.
    """
    given = {"offset": offset, "dim1": dim1, "dim2": dim2, "outdim": outdim}
    if outdim is None:
        return _diagonal(x, offset, dim1, dim2)
    return _DIAGONAL.on(x, (offset, dim1, dim2, outdim), given)


METHODS: Final[dict[str, Callable[..., Any]]] = {
    function.__name__: function
    for function in (align_to, align_as, flatten, unflatten, unsqueeze, expand, repeat, diagonal)
}
"""Methods of NamedTensor by name."""
