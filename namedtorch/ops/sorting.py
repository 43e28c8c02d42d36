"""Sorting along one dim, searching in what is sorted, and counting values."""

from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import ANY, Axis
from namedtorch.ops.call import Call
from namedtorch.ops.counts import plus
from namedtorch.ops.elementwise import along, check_rank, row
from namedtorch.ops.factories import of_sizes
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.reduction import check_count
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Fields

_INDEXED: Final = ("values", "indices")


def _sorted(call: Call) -> Fields:
    """Gives the values in order, and where they were."""
    array = along()(call)
    return Fields(_INDEXED, (array, Array(array.shape, "int64")))


def _order(call: Call) -> Array:
    """Tells where the values were that stand in order."""
    return Array(along()(call).shape, "int64")


def _first_sorted(call: Call) -> Array:
    """Gives the values in order along axis 0."""
    return call.array("input")


def _greatest(call: Call) -> Fields:
    """Keeps `k` of the elements along one dim."""
    check_count(call, "k", 0)
    array = call.array("input")
    shape = array.shape
    if shape.axes:
        place = call.place("dim")
        shape = shape.replaced(place, shape.axis(place).resized(call.size("k")))
    return Fields(_INDEXED, (Array(shape, array.dtype), Array(shape, "int64")))


def _distinct(call: Call) -> Array | tuple[Array, ...]:
    """Keeps each value once, of all or along one dim: how many there are, only the values tell."""
    array = call.array("input")
    shape, inverse, kept = TensorShape((ANY,)), array.shape, ANY
    if call.value("dim") is not None:
        place = call.place("dim")
        axis = array.shape.axis(place)
        # What is left along the dim is still that dim.
        kept = axis.resized(Unknown)
        shape, inverse = array.shape.replaced(place, kept), TensorShape((axis,))
    found = [Array(shape, array.dtype)]
    if call.flag("return_inverse"):
        found.append(Array(inverse, "int64"))
    if call.flag("return_counts"):
        found.append(Array(TensorShape((kept,)), "int64"))
    return found[0] if len(found) == 1 else tuple(found)


def _places_in_rows(call: Call) -> Array:
    """Tells where each value belongs in a sorted sequence, or in that of its row."""
    rows = call.shape("sorted_sequence")
    dtype = "int32" if call.value("out_int32") is True else "int64"
    if not isinstance(call.value("input"), Array):
        return Array(call.shape("input"), dtype)
    values = call.shape("input")
    if rows.rank is Unknown or values.rank is Unknown or rows.rank == 1:
        return Array(values, dtype)
    if rows.rank != values.rank:
        raise Misfit(
            "rank-unfit", f"its sequences have {rows.rank} axes, and `input` has {values.rank}", "input"
        )
    met = [
        call.same(
            one, other, "index-differs", "there is a sorted sequence for each row of values", "input", place,
            other="sorted_sequence", other_axis=place,
        )
        for place, (one, other) in enumerate(zip(values.fixed[:-1], rows.fixed[:-1], strict=True))
    ]  # fmt: skip
    return Array(TensorShape((*met, values.fixed[-1])), dtype)


def _buckets(call: Call) -> Array:
    """Tells between which boundaries each value lies."""
    check_rank(call, "boundaries", 1)
    return Array(call.shape("input"), "int32" if call.value("out_int32") is True else "int64")


def _bins(call: Call) -> Array:
    """Counts values in so many bins."""
    return Array(of_sizes([call.size("bins")], "bins"), call.array("input").dtype)


def _check_weights(call: Call, name: str) -> None:
    """Refuses weights that surely are not one for each value. Raises `Misfit`."""
    weights, values = call.value(name), call.shape("input")
    if not isinstance(weights, Array) or weights.shape.rank is Unknown or weights.shape.rank != values.rank:
        return
    for place, (one, other) in enumerate(zip(weights.shape.fixed, values.fixed, strict=True)):
        call.same(
            one, other, "index-differs", "there is a weight for each value", name, place, other="input",
            other_axis=place,
        )  # fmt: skip


def _histogram(call: Call) -> Fields:
    """Counts values in bins, and gives their edges."""
    _check_weights(call, "weight")
    bins = call.value("bins")
    dtype = call.array("input").dtype
    edges = bins.shape.at(0) if isinstance(bins, Array) else Axis(plus(call.size("bins"), Size.constant(1)))
    counts = edges.resized(plus(edges.size, Size.constant(-1)))
    items = tuple(Array(TensorShape((axis,)), dtype) for axis in (counts, edges))
    return Fields(("hist", "bin_edges"), items)


def _occurrences(call: Call) -> Array:
    """Counts each number from 0 to the greatest: only the values tell how many."""
    check_rank(call, "input", 1)
    _check_weights(call, "weights")
    dtype = "int64" if call.value("weights") is None else Unknown
    return Array(TensorShape((ANY,)), dtype)


def _one_hot(call: Call) -> Array:
    """Adds a last axis with a 1 at each class; without their number, only the values tell its size."""
    classes = call.size("num_classes")
    if classes is not Unknown and classes.value == -1:
        classes = Unknown
    shape = call.shape("tensor")
    return Array(shape.inserted(len(shape.axes), *of_sizes([classes], "num_classes").axes), "int64")


_SORTED: Final = "input, dim=-1, descending=False, stable=False, out=None"
_DISTINCT: Final = "input, sorted=True, return_inverse=False, return_counts=False, dim=None"

OPERATORS: Final = (
    row("sort", _SORTED, _sorted, dims=("dim",)),
    row("argsort", "input, dim=-1, descending=False, stable=False", _order, dims=("dim",)),
    row("msort", "input, out=None", _first_sorted),
    row("topk", "input, k, dim=-1, largest=True, sorted=True, out=None", _greatest, dims=("dim",)),
    row("unique", _DISTINCT, _distinct, dims=("dim",)),
    row(
        "unique_consecutive", "input, return_inverse=False, return_counts=False, dim=None", _distinct,
        dims=("dim",),
    ),
    OpRule(
        "torch.searchsorted",
        "sorted_sequence, input, out_int32=False, right=False, side=None, out=None, sorter=None", _places_in_rows,
    ),
    OpRule("torch.bucketize", "input, boundaries, out_int32=False, right=False, out=None", _buckets),
    row("histc", "input, bins=100, min=0, max=0, out=None", _bins),
    row("histogram", "input, bins, range=None, weight=None, density=False, out=None", _histogram),
    row("bincount", "input, weights=None, minlength=0", _occurrences),
    OpRule("torch.nn.functional.one_hot", "tensor, num_classes=-1", _one_hot),
)  # fmt: skip
