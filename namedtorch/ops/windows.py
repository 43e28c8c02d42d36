"""Windows of an image become columns, and columns an image.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Unfold.html
"""

from collections.abc import Callable, Sequence
from typing import Final, cast

from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis, carried_by, merged, names_in, product
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.ratio import product_of, quotient
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Value

_OPTIONS: Final = ("kernel_size", "dilation", "padding", "stride")


def positions(call: Call, axis: Axis, which: int, place: int) -> Axis:
    """The number of windows along an axis: of the height (0), or the width (1). Raises `Misfit` for none."""
    kernel, dilation, padding, stride = (call.repeated(name, 2)[which] for name in _OPTIONS)
    if axis.size is Unknown or any(one is Unknown for one in (kernel, dilation, padding, stride)):
        return axis.resized(Unknown)
    assert isinstance(kernel, Size)
    assert isinstance(dilation, Size)
    assert isinstance(padding, Size)
    assert isinstance(stride, Size)
    try:
        room = axis.size + 2 * padding - dilation * (kernel - 1) - 1
        count = room // stride + 1
    except (SizeLimitError, ZeroDivisionError):
        return axis.resized(Unknown)
    if count.value is not Unknown and count.value < 1:
        raise Misfit(
            "size-impossible",
            f"windows of {kernel} do not fit into axis {place}, which is {axis}",
            "input",
            place,
        )
    return axis.resized(count)


def unfolded(call: Call) -> TensorShape:
    """Puts each window of an image into a column."""
    call.rank_in("input", 3, 4)
    before, (channels, height, width) = call.shape("input").split(3)
    first = len(call.shape("input").axes) - 2
    kernel = [Axis(size) for size in call.repeated("kernel_size", 2)]
    rows = positions(call, height, 0, first)
    columns = positions(call, width, 1, first + 1)
    return TensorShape((*before, merged([channels, *kernel]), merged([rows, columns])))


def folded(call: Call) -> TensorShape:
    """Adds columns up to an image."""
    call.rank_in("input", 2, 3)
    shape = call.shape("input")
    before, (channels, columns) = shape.split(2)
    place = len(shape.axes) - 2
    window = [Axis(size) for size in call.repeated("kernel_size", 2)]
    kernel = product(window)
    if not call.divisible(channels.size, kernel):
        raise Misfit(
            "channels-differ", f"axis {place} is {channels}, which is no multiple of a window's {kernel} pixels",
            "input", place, left=channels,
        )  # fmt: skip
    image = [Axis(size) for size in call.repeated("output_size", 2)]
    try:
        windows = [positions(call, axis, which, which) for which, axis in enumerate(image)]
    except Misfit as error:
        raise Misfit(
            error.code, f"the windows do not fit into an image of {image[0]} by {image[1]}", "input"
        ) from None
    wanted = merged(windows)
    if wanted.size is not Unknown and columns.size is not Unknown:
        call.same(
            columns, wanted, "size-impossible",
            f"axis {place + 1} is {columns}, and an image of {image[0]} by {image[1]} has {wanted} windows",
            "input", place + 1,
        )  # fmt: skip
    names = names_in(columns.carried)
    if len(names) == len(image):
        image = [axis.called(name) for axis, name in zip(image, names, strict=True)]
    return TensorShape((*before, _channels(channels, window), *image))


def _channels(axis: Axis, window: Sequence[Axis]) -> Axis:
    """The channels of a column, `(C kh kw)`, in which the pixels of a window stand last; those of one are not there."""
    names = names_in(axis.carried)
    count = len(names) - sum(not one.is_one for one in window)
    channels = axis.resized(_over(axis.size, product(window)))
    if count > 0:
        return channels.called(
            names[0] if count == 1 else carried_by(Axis(carried=one) for one in names[:count])
        )
    return channels


def _over(size: Size | UnknownType, by: Size | UnknownType) -> Size | UnknownType:
    if size is Unknown or by is Unknown:
        return Unknown
    try:
        return quotient(product_of([size]).over(product_of([by])))
    except ValueError:
        return Unknown


def _module(rule: Callable[[Call], TensorShape], *names: str) -> Callable[[Call], TensorShape]:
    """The rule of a module whose attributes are the arguments of an operator."""

    def forward(call: Call) -> TensorShape:
        options = {name: _plain(call.attribute(name)) for name in names}
        return rule(Call({**call.arguments, **options}, call.judge))

    return forward


def _plain(value: object) -> Value:
    if isinstance(value, Size):
        return value
    if isinstance(value, tuple | list):
        items = cast("Sequence[object]", value)
        return tuple(one if isinstance(one, Size) else Unknown for one in items)
    raise Undetermined


_DEFAULTS: Final = "dilation=1, padding=0, stride=1"

OPERATORS: Final = (
    # A window of one pixel leaves no trace in the name of a column.
    OpRule(
        "torch.nn.functional.unfold", f"input, kernel_size, {_DEFAULTS}", unfolded, dtype=SAME, by_size=True
    ),
    OpRule(
        "torch.nn.functional.fold",
        f"input, output_size, kernel_size, {_DEFAULTS}",
        folded,
        dtype=SAME,
        by_size=True,
    ),
)

MODULES: Final = (
    ModuleRule(
        "torch.nn.Unfold", constructor=f"kernel_size, {_DEFAULTS}", operate=_module(unfolded, *_OPTIONS)
    ),
    ModuleRule(
        "torch.nn.Fold",
        constructor=f"output_size, kernel_size, {_DEFAULTS}",
        operate=_module(folded, "output_size", *_OPTIONS),
    ),
)
