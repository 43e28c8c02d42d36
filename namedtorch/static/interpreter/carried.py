"""Names that tensors carry: which of them are known, and what becomes of them outside of the rules."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeGuard

from namedtorch.dims.carried import expected_name
from namedtorch.dims.pattern import Axis as PatternAxis
from namedtorch.dims.pattern import Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ANY, Axis, Rest, names_in
from namedtorch.ops.judge import Misfit
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Fields, Names
from namedtorch.signature.array import NAMED
from namedtorch.signature.hints import TENSOR
from namedtorch.static.hints_arrays import PARAMETER
from namedtorch.static.interpreter.domain import (
    Chain,
    Iterated,
    ListValue,
    Many,
    Maybe,
    Val,
    held_items,
)

_BY_ABSENCE: Final = ("dim-missing", "name-missing")
"""The codes of misfits that may be none where an axis carries a name that is not known."""


def is_named(value: Val) -> bool:
    """Whether a value surely is a NamedTensor."""
    return isinstance(value, Array) and value.names in (Names.ALL, Names.SOME)


def unnamed(shape: TensorShape) -> TensorShape:
    """A shape whose axes carry no names."""
    if not any(isinstance(axis, Axis) and axis.carried is not Unknown for axis in shape.axes):
        return shape
    return TensorShape(tuple(axis.called(Unknown) if isinstance(axis, Axis) else axis for axis in shape.axes))


def plain_tensor(value: Array) -> Array:
    """The plain tensor of a NamedTensor."""
    return Array(unnamed(value.shape), value.dtype, Names.NONE)


def under_names(value: Array, names: Sequence[object] | UnknownType) -> Array:
    """A NamedTensor under other names, one for each axis; under none that is known where there are not as many."""
    if value.shape.rest is not Unknown or names is Unknown or len(names) != len(value.shape.axes):
        return Array(unnamed(value.shape), value.dtype, Names.SOME)
    called = [
        axis.called(name if isinstance(name, str) else Unknown)
        for axis, name in zip(value.shape.fixed, names, strict=True)
    ]
    known = all(isinstance(name, str) or name is None for name in names)
    return Array(TensorShape(tuple(called)), value.dtype, Names.ALL if known else Names.SOME)


def index_misfit(key: Val) -> Misfit | None:
    """What is wrong with an index by names, `x["C", 0]`; None where nothing is."""
    entries = key if isinstance(key, tuple) else (key,)
    if not any(isinstance(one, str) for one in entries):
        return None
    names = entries[::2]
    if len(entries) % 2 or not all(isinstance(one, str) for one in names):
        return Misfit(
            "index-differs", "an index by names has a name, and what to take of it, in turn", "index",
            help='write `x["C", 0]`, `x["C", 0, "T", 1:4]` or `x[{"C": 0}]`',
        )  # fmt: skip
    for place, name in enumerate(names):
        if name in names[:place]:
            return Misfit("axis-repeated", f"the index names `{name}` twice", "index")
    return None


# What hints say


def names_promised(array: str, shape: Shape) -> Names | UnknownType:
    """Which names are known of a tensor that an annotation speaks of; `array` is its array type."""
    if array in (TENSOR, PARAMETER):
        return Names.NONE
    if array != NAMED:
        return Unknown
    return Names.ALL if all(expected_name(axis) is not Unknown for axis in shape.axes) else Names.SOME


def is_other_kind(value: Array, array: str) -> bool:
    """Whether a value surely is plain where an array type is that of NamedTensor, or the other way round."""
    return value.names is Names.NONE if array == NAMED else array == TENSOR and is_named(value)


def called_as(
    shape: TensorShape, pattern: Sequence[PatternAxis], value: TensorShape | None = None
) -> TensorShape:
    """A shape under the names of the pattern that it was made by, and under those of a value that fits that."""
    if value is not None and value.rest is Unknown and shape.rest is Unknown and value.rank == shape.rank:
        carried = [axis.carried for axis in value.fixed]
    else:
        carried = [Unknown] * len(shape.axes)
    groups = [place for place, axis in enumerate(pattern) if isinstance(axis, Group)]
    behind = len(pattern) - groups[-1] - 1 if groups else 0
    front = groups[0] if groups else len(pattern)
    axes: list[Axis | Rest] = []
    for place, axis in enumerate(shape.axes):
        back = len(shape.axes) - place
        if place < front:
            expected = expected_name(pattern[place])
        else:
            expected = expected_name(pattern[-back]) if back <= behind else Unknown
        name = carried[place] if expected is Unknown else expected
        axes.append(axis.called(name) if isinstance(axis, Axis) else axis)
    return TensorShape(tuple(axes))


# What operators give


def names_among(values: Iterable[Val]) -> tuple[Names | UnknownType, bool]:
    """Which names are known of a result of these arguments, and whether one of them is a value of unknown kind."""
    found: Names = Names.NONE
    unsure = False
    for one in tensors_in(values):
        if not isinstance(one, Array) or one.names is Unknown:
            unsure = True
        elif one.names is Names.SOME or (one.names is Names.ALL and found is Names.NONE):
            found = one.names
    return found, unsure


def tensors_in(values: Iterable[Val]) -> Iterator[Val]:
    """The tensors among values and in lists of them, and what may be one."""
    for one in values:
        match one:
            case Array() | UnknownType():
                yield one
            case tuple():
                yield from tensors_in(one)
            case Fields(items=items):
                yield from (item for item in items if isinstance(item, Array))
            case ListValue(cell=cell) | Chain(cell=cell):
                held = held_items(cell)
                yield from tensors_in(held if isinstance(held, tuple) else [held])
            case Iterated(items=items):
                yield from tensors_in(items)
            case Many(item=item) | Maybe(value=item):
                yield from tensors_in([item])
            case _:
                pass


def given_names(value: Val, names: Names | UnknownType) -> Val:
    """A result whose tensors are plain, or NamedTensors of which so many names are known."""
    match value:
        case Array():
            return _named(value, names)
        case tuple():
            return tuple(given_names(one, names) for one in value)
        case Fields():
            items = tuple(_named(one, names) if isinstance(one, Array) else one for one in value.items)
            return Fields(value.names, items)
        case ListValue(cell=cell):
            held = held_items(cell)
            if isinstance(held, tuple):
                cell["items"] = tuple(given_names(one, names) for one in held)
            return value
        case Many(item=item):
            return Many(given_names(item, names))
        case _:
            return value


def _named(value: Array, names: Names | UnknownType) -> Array:
    if names is Names.ALL and any(isinstance(axis, Rest) or axis == ANY for axis in value.shape.axes):
        # Of what a rule tells nothing, it does not tell the name.
        names = Names.SOME
    if names is Names.SOME and any(map(_is_partly_named, value.shape.axes)):
        axes = [axis.called(Unknown) if _is_partly_named(axis) else axis for axis in value.shape.axes]
        value = replace(value, shape=TensorShape(tuple(axes)))
    if (
        names is Names.SOME
        and value.shape.axes
        and all(isinstance(axis, Axis) and axis.carried is not Unknown for axis in value.shape.axes)
    ):
        # There is no axis left whose name is not known.
        names = Names.ALL
    return value if value.names is names else replace(value, names=names)


def _is_partly_named(axis: Axis | Rest) -> TypeGuard[Axis]:
    """Whether an axis was merged of one whose name is not known, and of others: `(_ K)`."""
    return isinstance(axis, Axis) and Unknown in names_in(axis.carried)


def is_certain(misfit: Misfit, values: Iterable[Val]) -> bool:
    """Whether a misfit is one whatever the names are that are not known."""
    if misfit.code not in _BY_ABSENCE:
        return True
    return not any(isinstance(one, Array) and _may_have_more(one) for one in tensors_in(values))


def _may_have_more(value: Array) -> bool:
    """Whether an axis may carry a name that is not known."""
    if value.names is Unknown:
        return True
    return value.names is Names.SOME and any(
        isinstance(axis, Rest) or axis.carried is Unknown for axis in value.shape.axes
    )


def joined_names(left: Array, right: Array, shape: TensorShape) -> Names | UnknownType:
    """Which names are known of a tensor that is one of two, and has this shape."""
    if left.names is right.names is Names.NONE:
        return Names.NONE
    if Unknown in (left.names, right.names) or Names.NONE in (left.names, right.names):
        return Unknown
    alike = _carried(left.shape) == _carried(right.shape) == _carried(shape)
    return Names.ALL if alike and left.names is right.names is Names.ALL else Names.SOME


def _carried(shape: TensorShape) -> list[object]:
    return [axis.carried if isinstance(axis, Axis) else axis for axis in shape.axes]
