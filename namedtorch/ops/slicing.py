"""The size of a slice: `x[1:]`, `x[:, -k:]`, `x[..., ::2]`."""

from namedtorch.dims.decide import Answer
from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.signs import surely_positive
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call, as_size
from namedtorch.ops.judge import Misfit
from namedtorch.ops.values import Value

_ZERO = Size.constant(0)
_ONE = Size.constant(1)


def sliced(call: Call, axis: Axis, place: int, cut: slice) -> Axis:
    """The axis that a slice leaves of one at a place of `input`.

    A bound that may lie outside is taken to lie inside: who writes `x[:, :T]` means `T`.
    """
    start, stop, step = _bound(cut.start, _ZERO), _bound(cut.stop, axis.size), _bound(cut.step, _ONE)
    if step is not Unknown and step.value is not Unknown and step.value < 1:
        raise Misfit("index-differs", f"a slice steps by {step}, which torch does not take", "input", place)
    if cut.start is None and cut.stop is None and step == _ONE:
        return axis
    try:
        start, stop = _inside(call, start, axis.size), _inside(call, stop, axis.size)
        if start is Unknown or stop is Unknown or step is Unknown:
            return axis.resized(Unknown)
        if start == _ZERO and stop == axis.size and step == _ONE:
            return axis
        length = stop - start
        if length.value is not Unknown and length.value < 0:
            length = _ZERO
        return axis.resized((length + step - 1) // step)
    except (SizeLimitError, ZeroDivisionError):
        return axis.resized(Unknown)


def _bound(value: Value, missing: Size | UnknownType) -> Size | UnknownType:
    return missing if value is None else as_size(value)


def _inside(call: Call, bound: Size | UnknownType, size: Size | UnknownType) -> Size | UnknownType:
    """A bound as it counts from the left, not beyond the axis as far as that is known."""
    if bound is Unknown:
        return Unknown
    negative = bound.polynomial.is_negated
    if bound.value is Unknown and not negative:
        negative = surely_positive(_ONE.polynomial.minus(bound.polynomial), {})
    if negative and size is Unknown:
        return Unknown
    if negative and size is not Unknown:
        inside = size + bound
        return _ZERO if inside.value is not Unknown and inside.value < 0 else inside
    if size is Unknown:
        return bound
    beyond = bound - size
    if beyond.value is not Unknown:
        return size if beyond.value > 0 else bound
    return size if call.judge.decide(bound, size) is Answer.EQUAL else bound
