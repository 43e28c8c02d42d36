"""What runs along one dim: sums so far, differences of neighbours, integrals."""

from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call
from namedtorch.ops.counts import Count, minus, plus
from namedtorch.ops.dtypes import DType, floated, promoted, summed
from namedtorch.ops.elementwise import along, check_dim, row
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Fields


def _running_pair(call: Call) -> Fields:
    """Gives the greatest so far, and where it was."""
    check_dim(call)
    array = call.array("input")
    return Fields(("values", "indices"), (array, Array(array.shape, "int64")))


def _differences(call: Call) -> Array:
    """Takes differences of neighbours, `n` times; `prepend` and `append` are joined on before."""
    array = call.array("input")
    joined = [call.value(name) for name in ("prepend", "append")]
    dtype = promoted([array, *(one for one in joined if one is not None)])
    if array.shape.rank == 0:
        raise Misfit("rank-unfit", "it takes differences along an axis, and `input` has none", "input")
    place = call.place("dim")
    axis = array.shape.axes[place]
    length: Count = axis.size if isinstance(axis, Axis) else Unknown
    for name in ("prepend", "append"):
        if call.value(name) is not None:
            length = plus(length, _joined(call, name, array.shape, place))
    if call.value("n") == Size.constant(0):
        return Array(array.shape.replaced(place, Axis(length)), dtype)
    left = minus(length, call.size("n"))
    if left is not Unknown and left.value is not Unknown and left.value < 0:
        left = Size.constant(0)
    return Array(array.shape.replaced(place, Axis(left)), dtype)


def _joined(call: Call, name: str, shape: TensorShape, place: int) -> Count:
    """The length of what is joined on along the axis; its other axes are those of the input."""
    other = call.shape(name)
    if other.rank == 0:
        return Size.constant(1)
    if other.rank is Unknown or shape.rank is Unknown:
        return Unknown
    if other.rank != shape.rank:
        raise Misfit(
            "rank-unfit",
            f"it takes as many axes as `input` has, {shape.rank}, and `{name}` has {other.rank}",
            name,
        )
    for axis, (one, mine) in enumerate(zip(other.fixed, shape.fixed, strict=True)):
        if axis != place:
            call.same(
                one, mine, "cat-sizes-differ", "it is joined to `input` along another axis", name, axis,
                other="input", other_axis=axis,
            )  # fmt: skip
    return other.fixed[place].size


def _integral(call: Call) -> Array:
    """Takes one dim away; `x`, where given, tells where the values are."""
    shape = _lined(call)
    return Array(shape.without([shape.place(call.integer("dim"))]), _integrated(call))


def _integrals(call: Call) -> Array:
    """Gives the integral up to each value but the first along one dim."""
    shape = _lined(call)
    place = shape.place(call.integer("dim"))
    axis = shape.axes[place]
    length = axis.size if isinstance(axis, Axis) else Unknown
    return Array(shape.replaced(place, Axis(minus(length, Size.constant(1)))), _integrated(call))


def _lined(call: Call) -> TensorShape:
    """What values and places broadcast to; places of one axis run along `dim`."""
    values = call.shape("y")
    place = call.place("dim", "y")
    if call.value("x") is None:
        return values
    where = call.shape("x")
    if where.rank == 1 and values.rank is not Unknown:
        return broadcast(
            call, ("y", "x"), (values, TensorShape((*where.axes, *(_ONE,) * (values.rank - place - 1))))
        )
    return broadcast(call, ("y", "x"), (values, where))


def _integrated(call: Call) -> DType:
    return floated(call.array("y").dtype)


_ONE: Final = Axis.of(1)
_ALONG: Final = "input, dim, dtype=None, out=None"
_POINTS: Final = "y, x=None, dx=1, dim=-1"

OPERATORS: Final = (
    *(row(name, _ALONG, along(made=summed), dims=("dim",)) for name in ("cumsum", "cumprod")),
    *(row(name, "input, dim, out=None", _running_pair, dims=("dim",)) for name in ("cummax", "cummin")),
    row("logcumsumexp", "input, dim, out=None", along(), dims=("dim",)),
    row("diff", "input, n=1, dim=-1, prepend=None, append=None, out=None", _differences, dims=("dim",)),
    OpRule("torch.trapezoid", _POINTS, _integral, spelled=("torch.trapz",), dims=("dim",)),
    OpRule("torch.cumulative_trapezoid", _POINTS, _integrals, dims=("dim",)),
    row("renorm", "input, p, dim, maxnorm, out=None", along(), dims=("dim",)),
)
