"""Padding: elements before and behind the last axes, as operators and as modules."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.attributed import attributed
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call, as_size
from namedtorch.ops.channels import image, ranked
from namedtorch.ops.judge import Misfit
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.strides import UNFIT, ZERO, Amount, reckoned
from namedtorch.ops.tensor_shape import ANY_SHAPE, NoSuchAxis, TensorShape, Undetermined
from namedtorch.ops.values import Array

_MODES: Final = ("constant", "reflect", "replicate", "circular")


def check_reach(mode: str, axis: Axis, padding: Amount, argument: str, place: int | UnknownType) -> None:
    """Raises `Misfit` where a padding copies more elements of an axis than there are."""
    least = {"reflect": 1, "circular": 0}.get(mode)
    size, value = axis.value, Unknown if padding is Unknown else padding.value
    if least is None or size is Unknown or value is Unknown or value + least <= size:
        return
    raise Misfit(
        "size-impossible", f'a padding of {value} elements that is "{mode}" takes an axis of {value + least} or more',
        argument, place, left=axis,
    )  # fmt: skip


def padded(axis: Axis, before: Amount, behind: Amount, place: int | UnknownType, mode: str) -> Axis:
    """The axis with so many elements more; less where they are negative. Raises `Misfit`."""
    if before == ZERO and behind == ZERO:
        return axis
    check_reach(mode, axis, before, "input", place)
    check_reach(mode, axis, behind, "input", place)
    result = axis.resized(reckoned(lambda size, one, other: size + one + other, axis.size, before, behind))
    value, least = result.value, 0 if mode == "constant" else 1
    if value is not Unknown and value < least:
        raise Misfit(
            "size-impossible", f"it takes away more elements than the {axis} that there are", "input", place, left=axis
        )  # fmt: skip
    return result


def _pad(call: Call) -> Array:
    """Pads the last axes, by a pair for each: the first is of the last axis."""
    mode = call.value("mode")
    if isinstance(mode, str) and mode not in _MODES:
        listed = ", ".join(f'"{one}"' for one in _MODES)
        raise Misfit(UNFIT, f'`mode` is "{mode}", and has to be {listed}', "mode")
    array = call.array("input")
    known = mode if isinstance(mode, str) else "constant"
    try:
        pairs = _pairs(call)
    except Undetermined:
        if array.shape.rank is Unknown:
            return Array(ANY_SHAPE, array.dtype)
        return Array(TensorShape(tuple(axis.resized(Unknown) for axis in array.shape.fixed)), array.dtype)
    if known != "constant" and pairs:
        count = len(pairs)
        if count > 3:
            raise Misfit(UNFIT, f'a padding that is "{known}" is of 1 to 3 axes, not of {count}', "pad")
        image(call, "input", count, count + 1, count + 2)
    return Array(_last(array.shape, pairs, known), array.dtype)


def _pairs(call: Call) -> list[tuple[Amount, Amount]]:
    value = call.value("pad")
    if not isinstance(value, tuple | list):
        raise Undetermined
    if len(value) % 2:
        raise Misfit(UNFIT, f"`pad` lists {len(value)} numbers, and takes a pair for each axis", "pad")
    sizes = [as_size(one) for one in value]
    return list(zip(sizes[::2], sizes[1::2], strict=True))


def _last(shape: TensorShape, pairs: Sequence[tuple[Amount, Amount]], mode: str) -> TensorShape:
    """The shape with its last axes padded; pairs go from the last axis to the left."""
    for back, (before, behind) in enumerate(pairs, 1):
        try:
            if not shape.axes:
                # A scalar takes -1 for an axis elsewhere.
                raise NoSuchAxis(-back, 0)
            place = shape.place(-back)
        except NoSuchAxis:
            raise Misfit(
                "rank-unfit", f"`pad` has a pair for each of {len(pairs)} axes, and `input` has {len(shape.axes)}",
                "input", other="pad",
            ) from None  # fmt: skip
        except Undetermined:
            return TensorShape((*ANY_SHAPE.axes, *shape.axes[len(shape.axes) - back + 1 :]))
        axis = shape.axes[place]
        assert isinstance(axis, Axis)
        shape = shape.replaced(place, padded(axis, before, behind, place, mode))
    return shape


OPERATORS: Final = (
    OpRule("torch.nn.functional.pad", "input, pad, mode='constant', value=None", _pad),
    OpRule("torch.constant_pad_nd", "input, pad, value=0", _pad),
)


# Modules


def _pad_module(mode: str, spatial: int, call: Call) -> Array:
    """Pads so many last axes by one number, or as many as are listed, by a pair for each."""
    if mode == "circular":
        ranked(call, "input", (spatial + 1, spatial + 2))
    asked = attributed(call, "padding")
    value = asked.value("padding")
    pads = value if isinstance(value, tuple | list) else (value,) * (2 * spatial)
    return _pad(Call({**asked.arguments, "pad": pads, "mode": mode}, call.judge))


def _module(name: str, mode: str, spatial: int, constructor: str = "padding") -> ModuleRule:
    operate: Callable[[Call], Array] = partial(_pad_module, mode, spatial)
    return ModuleRule(f"torch.nn.{name}{spatial}d", constructor=constructor, operate=operate)


MODULES: Final = tuple(
    rule
    for axes in (1, 2, 3)
    for rule in (
        _module("ZeroPad", "constant", axes),
        _module("ConstantPad", "constant", axes, "padding, value"),
        _module("ReflectionPad", "reflect", axes),
        _module("ReplicationPad", "replicate", axes),
        _module("CircularPad", "circular", axes),
    )
)
