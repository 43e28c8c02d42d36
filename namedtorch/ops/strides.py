"""How long an axis is behind a window that slides along it, in numbers and in symbols.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html, .../torch.nn.ConvTranspose2d.html,
.../torch.nn.MaxPool2d.html
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import floor, isfinite
from typing import Final, TypeAlias, overload

from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ONE, Axis
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit

Amount: TypeAlias = "Size | UnknownType"
"""A number or a symbol, where it is known."""

ZERO: Final = Size.constant(0)

_MAX_DENOMINATOR: Final = 4096

UNFIT: Final = "window-unfit"


@overload
def reckoned(formula: Callable[[Size], Size], first: Amount, /) -> Amount: ...
@overload
def reckoned(formula: Callable[[Size, Size], Size], first: Amount, second: Amount, /) -> Amount: ...
@overload
def reckoned(
    formula: Callable[[Size, Size, Size], Size], first: Amount, second: Amount, third: Amount, /
) -> Amount: ...
def reckoned(formula: Callable[..., Size], /, *amounts: Amount) -> Amount:
    """What a formula gives; `Unknown` where it takes what is not known, or gets too large."""
    known = [one for one in amounts if one is not Unknown]
    if len(known) != len(amounts):
        return Unknown
    try:
        return formula(*known)
    except (SizeLimitError, ZeroDivisionError):
        return Unknown


def amounts(call: Call, name: str, count: int) -> list[Amount]:
    """One amount for each of so many spatial axes. Raises `Misfit` for a list of another length."""
    value = call.value(name)
    if isinstance(value, tuple | list) and len(value) not in (1, count):
        axes = "one spatial axis" if count == 1 else f"{count} spatial axes"
        raise Misfit(UNFIT, f"`{name}` lists {len(value)} numbers, and there are {axes}", name)
    return call.repeated(name, count)


@dataclass(frozen=True, slots=True)
class Window:
    """A kernel on one axis: its size, its stride, the padding on either side and its dilation."""

    kernel: Amount
    stride: Amount = ONE
    padding: Amount = ZERO
    dilation: Amount = ONE

    @property
    def reach(self) -> Amount:
        """How far the kernel's last element is from its first."""
        return reckoned(lambda kernel, dilation: dilation * (kernel - 1), self.kernel, self.dilation)

    @property
    def change(self) -> Amount:
        """How much longer than the axis the way of the kernel is: `padding` adds to it, `reach` takes away."""
        return reckoned(lambda padding, reach: 2 * padding - reach, self.padding, self.reach)

    @property
    def keeps(self) -> bool:
        """Whether any axis comes out as long as it goes in."""
        return self.stride == ONE and self.change == ZERO


def slid(axis: Axis, window: Window) -> Axis:
    """The axis of the places at which a window fits."""
    return axis if window.keeps else axis.resized(_places(axis.size, window.change, window.stride))


def slid_over_the_end(axis: Axis, window: Window) -> Axis:
    """The axis of the places at which a window begins that may end behind the axis: `ceil_mode`."""
    if window.keeps:
        return axis
    further = reckoned(lambda change, stride: change + stride - 1, window.change, window.stride)
    # A window begins inside of the axis, or of the padding before it.
    begins = _places(axis.size, window.padding, window.stride)
    return axis.resized(reckoned(Size.minimum, _places(axis.size, further, window.stride), begins))


def _places(size: Amount, change: Amount, stride: Amount) -> Amount:
    return reckoned(lambda size, change, stride: (size + change - 1) // stride + 1, size, change, stride)


def spread(axis: Axis, window: Window, extra: Amount = ZERO) -> Axis:
    """The axis on which a window slides so that it has as many places as this one: the transpose."""
    if window.keeps and extra == ZERO:
        return axis
    way = reckoned(
        lambda size, stride, change: (size - 1) * stride - change + 1, axis.size, window.stride, window.change
    )
    return axis.resized(reckoned(lambda way, extra: way + extra, way, extra))


def check_length(result: Axis, axis: Axis, argument: str, place: int | UnknownType, doing: str) -> Axis:
    """The result. Raises `Misfit` where it surely has no element; `doing` says what makes it."""
    value = result.value
    if value is not Unknown and value < 1:
        raise Misfit(
            "size-impossible", f"{doing} leaves no element", argument, place, left=axis
        )  # fmt: skip
    return result


def check_window(window: Window, kernel: str = "kernel_size") -> None:
    """Raises `Misfit` for a window that slides along no axis; `kernel` is the argument that tells its size."""
    for name, amount, least in (
        (kernel, window.kernel, 1),
        ("stride", window.stride, 1),
        ("padding", window.padding, 0),
        ("dilation", window.dilation, 1),
    ):
        value = Unknown if amount is Unknown else amount.value
        if value is not Unknown and value < least:
            raise Misfit(UNFIT, f"`{name}` is {value}, and has to be {least} or more", name)


def stretched(size: Amount, factor: "float | Size") -> Amount:
    """A size times a factor, rounded down; of a symbol only where binary fractions tell the factor exactly."""
    if size is Unknown:
        return Unknown
    if isinstance(factor, Size):
        return reckoned(lambda one, other: one * other, size, factor)
    if not isfinite(factor):
        return Unknown
    if size.value is not Unknown:
        return Size.constant(floor(float(size.value) * factor))
    exact = Fraction(factor)
    if exact.denominator > _MAX_DENOMINATOR:
        return Unknown
    return reckoned(lambda one: one * exact.numerator // exact.denominator, size)
