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
from namedtorch.ops.shared_dims import one_name
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
    shape = array.shape
    for name in ("prepend", "append"):
        if call.value(name) is not None:
            shape = _joined(call, name, shape, place)
    axis = shape.axis(place)
    left: Count = axis.size
    if call.value("n") != Size.constant(0):
        left = minus(left, call.size("n"))
    if left is not Unknown and left.value is not Unknown and left.value < 0:
        left = Size.constant(0)
    return Array(shape.replaced(place, axis.resized(left)), dtype)


def _joined(call: Call, name: str, shape: TensorShape, place: int) -> TensorShape:
    """The shape with what is joined on along the axis, whose other axes are those of the input."""
    other = call.shape(name)
    along = shape.axis(place)
    if other.rank == 0:
        return shape.replaced(place, along.resized(plus(along.size, Size.constant(1))))
    if other.rank is Unknown or shape.rank is Unknown:
        return shape.replaced(place, along.resized(Unknown))
    if other.rank != shape.rank:
        raise Misfit(
            "rank-unfit",
            f"it takes as many axes as `input` has, {shape.rank}, and `{name}` has {other.rank}",
            name,
        )
    met: list[Axis] = []
    for axis, (one, mine) in enumerate(zip(other.fixed, shape.fixed, strict=True)):
        if axis != place:
            both = call.same(
                one, mine, "cat-sizes-differ", "it is joined to `input` along another axis", name, axis,
                other="input", other_axis=axis,
            )  # fmt: skip
            met.append(mine.called(both.carried))
        else:
            called = one_name(one, mine, "cat-sizes-differ", name, axis, other="input", other_axis=axis)
            met.append(Axis(plus(mine.size, one.size), carried=called))
    return TensorShape(tuple(met))


def _integral(call: Call) -> Array:
    """Takes one dim away; `x`, where given, tells where the values are."""
    shape = _lined(call)
    return Array(shape.without([_line(call, shape)]), _integrated(call))


def _integrals(call: Call) -> Array:
    """Gives the integral up to each value but the first along one dim."""
    shape = _lined(call)
    place = _line(call, shape)
    axis = shape.axis(place)
    left = minus(axis.size, Size.constant(1))
    return Array(shape.replaced(place, axis.resized(left)), _integrated(call))


def _line(call: Call, shape: TensorShape) -> int:
    """The place of `dim` in the shape that values and places broadcast to, which torch counts in it."""
    named = isinstance(call.value("dim"), str)
    return shape.place(call.place("dim", "y") if named else call.integer("dim"))


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
