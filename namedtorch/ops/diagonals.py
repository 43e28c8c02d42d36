"""Diagonals and triangles of matrices."""

from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import ANY, Axis, merged
from namedtorch.ops.call import Call
from namedtorch.ops.counts import computed, plus
from namedtorch.ops.dtypes import summed
from namedtorch.ops.elementwise import check_rank, row
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.tensor_shape import SCALAR, TensorShape, Undetermined
from namedtorch.ops.values import Array


def _triangle(call: Call) -> Array:
    """Keeps one triangle of each matrix."""
    array = call.array("input")
    rank = array.shape.rank
    if rank is not Unknown and rank < 2:
        raise Misfit("rank-unfit", f"it takes 2 axes or more, and `input` has {rank}", "input")
    return array


def _offset(call: Call, name: str) -> int | None:
    try:
        return call.integer(name)
    except Undetermined:
        return None


def _met(rows: Axis, columns: Axis, offset: int | None) -> Axis:
    """The diagonal so far above the main one; it carries the name of its rows and columns where they have one."""
    called = Unknown if name_conflict(rows, columns) else either_name(rows, columns)
    if offset == 0 and rows.size is not Unknown and rows.size == columns.size:
        return Axis(rows.size, rows.name, carried=called)
    if offset is None or rows.size is Unknown or columns.size is Unknown:
        return Axis(carried=called)
    high, wide = rows.size, columns.size
    length = computed(lambda: Size.maximum(Size.minimum(high + min(offset, 0), wide - max(offset, 0)), 0))
    return Axis(length, carried=called)


def _diagonal(call: Call) -> TensorShape:
    """Moves the diagonal of two axes to the end."""
    shape = call.shape("input")
    if shape.rank is Unknown:
        raise Undetermined
    first, second = call.place("dim1"), call.place("dim2")
    if first == second:
        raise Misfit("axis-repeated", "`dim1` and `dim2` name one axis", "input", first)
    length = _met(shape.fixed[first], shape.fixed[second], _offset(call, "offset"))
    rest = shape.without([first, second])
    return rest.inserted(len(rest.axes), length)


def _diagonal_of_matrix(call: Call) -> TensorShape:
    """Makes a matrix of a vector, or takes the diagonal of a matrix."""
    shape, offset = call.shape("input"), _offset(call, "diagonal")
    if call.rank_in("input", 1, 2) == 1:
        side = _side(shape.fixed[0], offset)
        return TensorShape((side, side))
    return TensorShape((_met(shape.fixed[0], shape.fixed[1], offset),))


def _side(axis: Axis, offset: int | None) -> Axis:
    """The rows, or the columns, of a matrix with this axis on its diagonal."""
    return axis.resized(Unknown if offset is None else plus(axis.size, Size.constant(abs(offset))))


def _flat_diagonal(call: Call) -> TensorShape:
    """Makes a matrix with all elements on its diagonal."""
    shape = call.shape("input")
    flat = ANY if shape.rest is not Unknown else merged(shape.fixed)
    side = _side(flat, _offset(call, "offset"))
    return TensorShape((side, side))


def _embedded(call: Call) -> TensorShape:
    """Makes matrices of vectors: the last axis becomes two, which stand at `dim1` and `dim2`."""
    shape = call.shape("input")
    if shape.rank == 0:
        raise Misfit("rank-unfit", "it takes 1 axis or more, and `input` has none", "input")
    side = _side(shape.at(-1), _offset(call, "offset"))
    rank = len(shape.axes) + 1
    numbers = tuple(
        call.place(one) if isinstance(call.value(one), str) else call.integer(one) for one in _TWO
    )
    if shape.rank is Unknown:
        if sorted(numbers) != [-2, -1]:
            raise Undetermined
    elif any(not -rank <= number < rank for number in numbers):
        raise Misfit(
            "axis-out-of-range", f"`dim1` or `dim2` is out of range: the result has {rank} axes", "input"
        )
    call.places_of.update(zip(_TWO, (number % rank for number in numbers), strict=True))
    places = sorted(number % rank for number in numbers)
    if places[0] == places[1]:
        raise Misfit("axis-repeated", "`dim1` and `dim2` name one axis", "input")
    result = shape.without([len(shape.axes) - 1])
    for place in places:
        result = result.inserted(place, side)
    return result


def _trace(call: Call) -> Array:
    """Adds up the diagonal of a matrix."""
    check_rank(call, "input", 2)
    return Array(SCALAR, summed(call.array("input").dtype))


_TWO: Final = ("dim1", "dim2")

OPERATORS: Final = (
    *(row(name, "input, diagonal=0, out=None", _triangle) for name in ("tril", "triu")),
    OpRule(
        "torch.diagonal", "input, offset=0, dim1=0, dim2=1", _diagonal,
        spelled=("torch.Tensor.diagonal",), dims=_TWO, dtype=SAME,
    ),
    OpRule(
        "torch.linalg.diagonal", "input, offset=0, dim1=-2, dim2=-1", _diagonal, dims=_TWO, dtype=SAME,
    ),
    OpRule(
        "torch.diag", "input, diagonal=0, out=None", _diagonal_of_matrix, spelled=("torch.Tensor.diag",), dtype=SAME,
    ),
    OpRule(
        "torch.diagflat", "input, offset=0", _flat_diagonal, spelled=("torch.Tensor.diagflat",), dtype=SAME,
        by_size=True,
    ),
    OpRule(
        "torch.diag_embed", "input, offset=0, dim1=-2, dim2=-1", _embedded,
        spelled=("torch.Tensor.diag_embed",), dims=_TWO, dtype=SAME,
    ),
    row("trace", "input", _trace),
)  # fmt: skip
