"""Dims that several tensors share: axes that lie along each other under one name, and a dim that is named of all."""

from collections.abc import Sequence

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call, no_such_axis, place_of
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.tensor_shape import NoSuchAxis, TensorShape


def one_name(
    left: Axis,
    right: Axis,
    code: str,
    argument: str,
    axis: int | UnknownType = Unknown,
    *,
    other: str | UnknownType = Unknown,
    other_axis: int | UnknownType = Unknown,
) -> str | UnknownType:
    """The name of two axes that lie along each other, whatever their sizes; `left` is that of `argument`.

    Raises `Misfit` for two different names.
    """
    if name_conflict(left, right):
        counted = "an axis" if axis is Unknown else f"axis {axis}"
        by = "" if other is Unknown else f" of `{other}`"
        raise Misfit(
            code, f"{counted} is `{left.carried}`, and lies along `{right.carried}`{by}", argument, axis,
            other=other, other_axis=other_axis, left=left, right=right,
            help="`rename` one of them where they are one dim",
        )  # fmt: skip
    return either_name(left, right)


def dim_of_all(
    call: Call, name: str, named: Sequence[str], shapes: Sequence[TensorShape], extra: int = 0
) -> int:
    """The place of the dim that an argument names, of several tensors of one rank; any of them may carry it.

    `named` are the tensors as they are blamed. Raises as `Call.place`.
    """
    value = call.value(name)
    if isinstance(value, str):
        axes = list(shapes[0].axes)
        for shape in shapes[1:]:
            for place, (mine, axis) in enumerate(zip(axes, shape.axes, strict=False)):
                if isinstance(mine, Axis) and isinstance(axis, Axis):
                    axes[place] = mine.called(either_name(mine, axis))
        found = place_of(TensorShape(tuple(axes)), value, named[0], f"`{name}` is {value!r}")
    else:
        try:
            found = shapes[0].place(call.integer(name), extra)
        except NoSuchAxis as error:
            raise no_such_axis(name, named[0], error.axis, error.rank) from None
    call.places_of[name] = found
    return found
