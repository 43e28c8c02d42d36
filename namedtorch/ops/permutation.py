"""Permutations: axes in another order."""

from collections.abc import Callable, Sequence
from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.call import Call, with_rank
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array, Value

_CODE: Final = "permutation-wrong"


def _listed(call: Call, name: str) -> Sequence[Value]:
    """The entries of a list of dims, also one written as several arguments. Raises `Undetermined`."""
    value = call.value(name)
    if isinstance(value, tuple | list) and len(value) == 1:
        value = value[0] if isinstance(value[0], tuple | list) else value
        if isinstance(value, tuple) and len(value) == 1 and value[0] is Unknown:
            raise Undetermined
    if not isinstance(value, tuple | list):
        raise Undetermined
    return value


def permuted(call: Call) -> TensorShape:
    """Puts the axes into the order that is named."""
    shape, listed = call.shape("input"), _listed(call, "dims")
    rank = shape.rank
    if rank is Unknown:
        if len(shape.axes) - 1 > len(listed):
            raise _count(shape, len(listed))
        shape = with_rank(shape, len(listed))
    elif rank != len(listed):
        raise _count(shape, len(listed))
    inner = Call({"input": Array(shape), "dims": tuple(listed)}, call.judge)
    if not listed:
        return shape
    places = call.places_of["dims"] = inner.places("dims")
    return shape.permuted(places)


def _count(shape: TensorShape, count: int) -> Misfit:
    axes = f"{len(shape.axes)}" if shape.rest is Unknown else f"at least {len(shape.axes) - 1}"
    return Misfit(_CODE, f"it has {axes} axes, and {count} are listed", "input")


def _swapping(one: str, other: str) -> Callable[[Call], TensorShape]:
    """The rule of what swaps the axes that two arguments name."""

    def swapped(call: Call) -> TensorShape:
        shape, first, second = call.shape("input"), call.place(one), call.place(other)
        return shape.swapped(first, second) if shape.axes else shape

    return swapped


def turned(call: Call) -> TensorShape:
    """Swaps the axes of a matrix; a vector stays."""
    shape = call.shape("input")
    rank = shape.rank
    if rank is Unknown:
        raise Undetermined
    if rank > 2:
        raise Misfit("rank-unfit", f"it takes 2 axes at most, and `input` has {rank}", "input")
    return shape.permuted(range(rank)[::-1])


def turned_matrix(call: Call) -> TensorShape:
    """Swaps the axes of a matrix; a scalar stays."""
    call.rank_in("input", 0, 2)
    return turned(call)


def reversed_axes(call: Call) -> TensorShape:
    """Puts all axes into the reverse order."""
    shape = call.shape("input")
    return shape.permuted(range(len(shape.fixed))[::-1])


def last_swapped(call: Call) -> TensorShape:
    """Swaps the last two axes."""
    shape = call.shape("input")
    if not shape.axes:
        return shape
    if shape.rank == 1:
        raise Misfit("rank-unfit", f"it takes 2 axes or more, and `input` has {shape.rank}", "input")
    before, last = shape.split(2)
    return TensorShape((*before, last[1], last[0]))


def moved(call: Call) -> TensorShape:
    """Moves axes to other places; the others keep their order."""
    shape = call.shape("input")
    sources, places = _places(call, "source"), _places(call, "destination")
    if len(sources) != len(places):
        raise Misfit(
            _CODE, f"`source` lists {len(sources)} axes, and `destination` {len(places)}", "input"
        )  # fmt: skip
    rest = shape.rest
    if rest is not Unknown:
        sides = {place < rest for place in (*sources, *places)}
        if len(sides) > 1:
            raise Undetermined
    order: dict[int, int] = dict(zip(places, sources, strict=True))
    staying = iter(place for place in range(len(shape.axes)) if place not in sources)
    return shape.permuted(
        [order[place] if place in order else next(staying) for place in range(len(shape.axes))]
    )


def _places(call: Call, name: str) -> tuple[int, ...]:
    if call.value(name) in ((), []):
        return ()
    return call.places(name)


OPERATORS: Final = (
    OpRule("torch.permute", "input, dims", permuted, dims=("dims",), dtype=SAME),
    OpRule("torch.Tensor.permute", "input, *dims", permuted, dims=("dims",), dtype=SAME),
    OpRule(
        "torch.transpose", "input, dim0, dim1", _swapping("dim0", "dim1"),
        spelled=("torch.Tensor.transpose", "torch.swapdims", "torch.Tensor.swapdims"), dims=("dim0", "dim1"),
        dtype=SAME,
    ),
    OpRule(
        "torch.swapaxes", "input, axis0, axis1", _swapping("axis0", "axis1"),
        spelled=("torch.Tensor.swapaxes",), dims=("axis0", "axis1"), dtype=SAME,
    ),
    OpRule("torch.t", "input", turned, spelled=("torch.Tensor.t",), dtype=SAME),
    OpRule("torch.Tensor.T", "input", reversed_axes, dtype=SAME),
    OpRule(
        "torch.adjoint", "input", last_swapped,
        spelled=("torch.Tensor.adjoint", "torch.Tensor.mT", "torch.Tensor.mH"), dtype=SAME,
    ),
    OpRule("torch.Tensor.H", "input", turned_matrix, dtype=SAME),
    OpRule(
        "torch.movedim", "input, source, destination", moved,
        spelled=("torch.Tensor.movedim", "torch.moveaxis", "torch.Tensor.moveaxis"),
        dims=("source", "destination"), dtype=SAME,
    ),
)  # fmt: skip
