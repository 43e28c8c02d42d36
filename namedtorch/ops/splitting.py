"""A tensor is split along one axis into a tuple of tensors."""

from collections.abc import Callable, Sequence
from typing import Final

from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ANY, Axis
from namedtorch.ops.call import Call, as_size
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.ratio import product_of, quotient
from namedtorch.ops.slicing import sliced
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array, Several

_CODE: Final = "split-sizes-differ"
_MANY: Final = 256
"""A tuple longer than this is taken for one of unknown length."""


def _axis(shape: TensorShape, place: int) -> Axis:
    if not shape.axes:
        raise Misfit("rank-unfit", "a scalar has no axis to be split", "input")
    return shape.axis(place)


def _pieces(call: Call, place: int, axes: Sequence[Axis]) -> tuple[TensorShape, ...]:
    return tuple(call.shape("input").replaced(place, axis) for axis in axes)


def _times(size: Size | UnknownType, by: Size | UnknownType) -> int | UnknownType:
    """How often one size goes into another, where that is without a rest for all values."""
    if size is Unknown or by is Unknown:
        return Unknown
    try:
        ratio = product_of([size], exact=True).over(product_of([by], exact=True))
    except ValueError:
        return Unknown
    return int(ratio.number) if ratio.is_whole and ratio.is_number else Unknown


def split(call: Call) -> tuple[TensorShape, ...]:
    """Splits into parts of one size, the last may be smaller, or into parts of the sizes that are listed."""
    if isinstance(call.value("split_size"), tuple | list):
        return split_with_sizes(call, "split_size")
    place = call.place("dim")
    axis, size = _axis(call.shape("input"), place), call.size("split_size")
    if size is Unknown or axis.size is Unknown:
        raise Undetermined
    if axis.value is not Unknown and size.value is not Unknown:
        return _pieces(call, place, _equal(axis.value, size.value, place))
    count = _times(axis.size, size)
    if count is Unknown or count > _MANY:
        raise Undetermined
    return _pieces(call, place, [Axis(size)] * count)


def _split_function(call: Call) -> tuple[TensorShape, ...]:
    return split(Call({**call.arguments, "split_size": call.value("split_size_or_sections")}, call.judge))


def _equal(number: int, size: int, place: int) -> list[Axis]:
    if size < 0 or (size == 0 and number):
        raise Misfit(_CODE, f"axis {place} is split into parts of {size}", "input", place)
    count = max(-(-number // size), 1) if size else 1
    if count > _MANY:
        raise Undetermined
    return [Axis.of(min(size, number - size * part)) for part in range(count)]


def split_with_sizes(call: Call, name: str = "split_sizes") -> tuple[TensorShape, ...]:
    """Splits into parts of these sizes, which add up to the axis."""
    place = call.place("dim")
    axis = _axis(call.shape("input"), place)
    sizes = [as_size(one) for one in call.items(name)]
    known = [size for size in sizes if size is not Unknown]
    if axis.size is not Unknown and len(known) == len(sizes):
        try:
            total = sum(known, Size.constant(0))
        except SizeLimitError:
            total = axis.size
        if not call.judge.needs(total, axis.size):
            raise Misfit(
                _CODE,
                f"the parts ({', '.join(map(str, sizes))}) are {total} together, and axis {place} is {axis}",
                "input", place, left=axis, right=Axis(total),
            )  # fmt: skip
    return _pieces(call, place, [Axis(size) for size in sizes])


def chunks(call: Call) -> tuple[TensorShape, ...]:
    """Splits into so many parts of one size, the last may be smaller; there are fewer where they are used up."""
    count, place = call.integer("chunks"), call.place("dim")
    axis = _axis(call.shape("input"), place)
    if count < 1:
        raise Misfit(_CODE, f"it is split into {count} parts", "input", place)
    if axis.value is not Unknown and axis.value > 0:
        return _pieces(call, place, _equal(axis.value, -(-axis.value // count), place))
    return _pieces(call, place, _shares(call, axis, count))


def _shares(call: Call, axis: Axis, count: int) -> list[Axis]:
    """So many parts of one size, which is not known where the division may leave a rest."""
    if count > _MANY:
        raise Undetermined
    if axis.size is Unknown:
        return [ANY] * count
    try:
        ratio = product_of([axis.size]).over(product_of([Size.constant(count)]))
    except ValueError:
        return [ANY] * count
    return [Axis(quotient(ratio)) if ratio.is_whole else ANY] * count


def unbound(call: Call) -> tuple[TensorShape, ...] | Several:
    """Takes one axis away, and gives a tensor for each of its places."""
    place = call.place("dim")
    number = _axis(call.shape("input"), place).value
    shape = call.shape("input").without([place])
    if number is Unknown:
        return Several(Array(shape))
    if number > _MANY:
        raise Undetermined
    return (shape,) * number


def evenly(call: Call) -> tuple[TensorShape, ...]:
    """Splits into so many parts that differ by 1 at most, or at these indices."""
    return _evenly(call, call.place("dim"), "indices_or_sections", exactly=False)


def _evenly(call: Call, place: int, name: str, *, exactly: bool) -> tuple[TensorShape, ...]:
    value, axis = call.value(name), _axis(call.shape("input"), place)
    if isinstance(value, tuple | list):
        ends = [as_size(one) for one in value]
        starts = [Size.constant(0), *ends]
        cuts = [slice(start, stop) for start, stop in zip(starts, [*ends, None], strict=True)]
        return _pieces(call, place, [sliced(call, axis, place, cut) for cut in cuts])
    if isinstance(value, Array):
        raise Undetermined
    count = call.integer(name)
    if count < 1:
        raise Misfit(_CODE, f"it is split into {count} parts", "input", place)
    if exactly and not call.divisible(axis.size, Size.constant(count)):
        raise Misfit(
            _CODE, f"axis {place} is {axis}, which {count} does not divide", "input", place, left=axis
        )
    if axis.value is Unknown:
        return _pieces(call, place, _shares(call, axis, count))
    share, more = divmod(axis.value, count)
    if count > _MANY:
        raise Undetermined
    return _pieces(call, place, [Axis.of(share + (part < more)) for part in range(count)])


def along(dim: int, rank: int) -> Callable[[Call], tuple[TensorShape, ...]]:
    """The rule that splits along one axis; a tensor has so many axes at least."""

    def rule(call: Call) -> tuple[TensorShape, ...]:
        shape = call.shape("input")
        if shape.rank is not Unknown and shape.rank < rank:
            raise Misfit("rank-unfit", f"it takes {rank} axes or more, and `input` has {shape.rank}", "input")
        place = shape.place(0 if shape.rank == 1 else dim)
        return _evenly(call, place, "indices_or_sections", exactly=True)

    return rule


def _methods(name: str) -> tuple[str, ...]:
    return (f"torch.Tensor.{name}",)


OPERATORS: Final = (
    OpRule("torch.split", "input, split_size_or_sections, dim=0", _split_function, dims=("dim",), dtype=SAME),
    OpRule("torch.Tensor.split", "input, split_size, dim=0", split, dims=("dim",), dtype=SAME),
    OpRule(
        "torch.split_with_sizes", "input, split_sizes, dim=0", split_with_sizes,
        spelled=_methods("split_with_sizes"), dims=("dim",), dtype=SAME,
    ),
    OpRule(
        "torch.chunk", "input, chunks, dim=0", chunks, spelled=_methods("chunk"), dims=("dim",), dtype=SAME,
    ),
    OpRule(
        "torch.unbind", "input, dim=0", unbound, spelled=_methods("unbind"), dims=("dim",), dtype=SAME,
    ),
    OpRule(
        "torch.tensor_split", "input, indices_or_sections, dim=0", evenly, spelled=_methods("tensor_split"),
        dims=("dim",), dtype=SAME,
    ),
    *(
        OpRule(
            f"torch.{name}", "input, indices_or_sections", along(dim, rank), spelled=_methods(name), dtype=SAME,
        )
        for name, dim, rank in (("hsplit", 1, 1), ("vsplit", 0, 2), ("dsplit", 2, 3))
    ),
)  # fmt: skip
