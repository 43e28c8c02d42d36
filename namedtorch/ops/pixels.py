"""Channels are taken apart to pixels, put together of them, or shuffled."""

from collections.abc import Callable
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis, product
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.ratio import product_of, quotient
from namedtorch.ops.tensor_shape import TensorShape


def shuffled(call: Call) -> TensorShape:
    """Makes of `r*r` channels a square of pixels."""
    shape = _image(call)
    before, (channels, height, width) = shape.split(3)
    factor = call.size("upscale_factor")
    square = _times(factor, factor)
    _divides(call, channels, len(shape.axes) - 3, square, "upscale_factor")
    return TensorShape((*before, _over(channels, square), _scaled(height, factor), _scaled(width, factor)))


def unshuffled(call: Call) -> TensorShape:
    """Makes of a square of pixels `r*r` channels."""
    shape = _image(call)
    before, (channels, height, width) = shape.split(3)
    factor = call.size("downscale_factor")
    for back, axis in ((2, height), (1, width)):
        _divides(call, axis, len(shape.axes) - back, factor, "downscale_factor")
    square = _times(factor, factor)
    return TensorShape((*before, _scaled(channels, square), _over(height, factor), _over(width, factor)))


def channels_shuffled(call: Call) -> TensorShape:
    """Puts the channels of all groups side by side."""
    shape = call.shape("input")
    if shape.rank is not Unknown and shape.rank < 3:
        raise Misfit("rank-unfit", f"it takes 3 axes or more, and `input` has {shape.rank}", "input")
    channels = shape.at(1)
    _divides(call, channels, 1, call.size("groups"), "groups")
    return shape.replaced(1, channels.resized(channels.size))


def _image(call: Call) -> TensorShape:
    shape = call.shape("input")
    if shape.rank is not Unknown and shape.rank < 3:
        raise Misfit("rank-unfit", f"it takes 3 axes or more, and `input` has {shape.rank}", "input")
    return shape


def _divides(call: Call, axis: Axis, place: int, by: Size | UnknownType, name: str) -> None:
    if not call.divisible(axis.size, by):
        raise Misfit(
            "channels-differ", f"axis {place} is {axis}, which is no multiple of {by} (`{name}`)", "input", place,
            left=axis,
        )  # fmt: skip


def _times(left: Size | UnknownType, right: Size | UnknownType) -> Size | UnknownType:
    return product([Axis(left), Axis(right)])


def _scaled(axis: Axis, by: Size | UnknownType) -> Axis:
    return axis.resized(_times(axis.size, by))


def _over(axis: Axis, by: Size | UnknownType) -> Axis:
    if axis.size is Unknown or by is Unknown:
        return axis.resized(Unknown)
    try:
        return axis.resized(quotient(product_of([axis.size]).over(product_of([by]))))
    except ValueError:
        return axis.resized(Unknown)


def _module(rule: Callable[[Call], TensorShape], name: str) -> Callable[[Call], TensorShape]:
    """The rule of a module whose attribute is the argument of an operator."""

    def forward(call: Call) -> TensorShape:
        factor = call.attribute(name)
        value = factor if isinstance(factor, Size) else Unknown
        return rule(Call({**call.arguments, name: value}, call.judge))

    return forward


_OPERATORS: Final = (
    ("pixel_shuffle", "PixelShuffle", "upscale_factor", shuffled),
    ("pixel_unshuffle", "PixelUnshuffle", "downscale_factor", unshuffled),
    ("channel_shuffle", "ChannelShuffle", "groups", channels_shuffled),
)

OPERATORS: Final = tuple(
    OpRule(
        f"torch.{name}", f"input, {argument}", rule, spelled=(f"torch.nn.functional.{name}",), dtype=SAME,
    )
    for name, _, argument, rule in _OPERATORS
)  # fmt: skip

MODULES: Final = tuple(
    ModuleRule(f"torch.nn.{name}", constructor=argument, operate=_module(rule, argument))
    for _, name, argument, rule in _OPERATORS
)
