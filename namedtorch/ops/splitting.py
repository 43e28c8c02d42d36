"""A tensor is split along one axis into a tuple of tensors."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis, Rest
from namedtorch.ops.call import Call, as_size
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import SAME, OpRule, Rule
from namedtorch.ops.ratio import product_of, quotient
from namedtorch.ops.slicing import sliced
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array, Several

Pieces: TypeAlias = tuple[TensorShape, ...] | Several
"""What a tensor is split into."""

_CODE: Final = "split-sizes-differ"
_MANY: Final = 256
"""A tuple longer than this is taken for one of unknown length."""


def _axis(shape: TensorShape, place: int) -> Axis:
    if not shape.axes:
        raise Misfit("rank-unfit", "a scalar has no axis to be split", "input")
    return shape.axis(place)


def _pieces(call: Call, place: int, sizes: Sequence[Size | UnknownType]) -> tuple[TensorShape, ...]:
    shape = call.shape("input")
    axis = _axis(shape, place)
    return tuple(shape.replaced(place, axis.resized(size)) for size in sizes)


def _several(call: Call, place: int) -> Several:
    """Pieces that are too many to list, or of which it is not known how many there are."""
    (piece,) = _pieces(call, place, [Unknown])
    return Several(Array(piece))


def _named(call: Call, place: int) -> Several:
    """Pieces of which only the names are known. Raises `Undetermined` where there are none."""
    if all(isinstance(axis, Rest) or axis.carried is Unknown for axis in call.shape("input").axes):
        raise Undetermined
    return _several(call, place)


def _times(size: Size | UnknownType, by: Size | UnknownType) -> int | UnknownType:
    """How often one size goes into another, where that is without a rest for all values."""
    if size is Unknown or by is Unknown:
        return Unknown
    try:
        ratio = product_of([size], exact=True).over(product_of([by], exact=True))
    except ValueError:
        return Unknown
    return int(ratio.number) if ratio.is_whole and ratio.is_number else Unknown


def split(call: Call, name: str = "split_size") -> Pieces:
    """Splits into parts of one size, the last may be smaller, or into parts of the sizes that are listed."""
    if isinstance(call.value(name), tuple | list):
        return split_with_sizes(call, name)
    place = call.place("dim")
    axis, size = _axis(call.shape("input"), place), call.size(name)
    if size is Unknown or axis.size is Unknown:
        return _named(call, place)
    if axis.value is not Unknown and size.value is not Unknown:
        return _equal(call, place, axis.value, size.value)
    count = _times(axis.size, size)
    if count is Unknown:
        return _named(call, place)
    if count > _MANY:
        return _several(call, place)
    return _pieces(call, place, [size] * count)


def _split_function(call: Call) -> Pieces:
    return split(call, "split_size_or_sections")


def _equal(call: Call, place: int, number: int, size: int) -> Pieces:
    if size < 0 or (size == 0 and number):
        raise Misfit(_CODE, f"axis {place} is split into parts of {size}", "input", place)
    count = max(-(-number // size), 1) if size else 1
    if count > _MANY:
        return _several(call, place)
    return _pieces(call, place, [Size.constant(min(size, number - size * part)) for part in range(count)])


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
    return _pieces(call, place, sizes)


def chunks(call: Call) -> Pieces:
    """Splits into so many parts of one size, the last may be smaller; there are fewer where they are used up."""
    count, place = call.integer("chunks"), call.place("dim")
    axis = _axis(call.shape("input"), place)
    if count < 1:
        raise Misfit(_CODE, f"it is split into {count} parts", "input", place)
    if axis.value is not Unknown and axis.value > 0:
        return _equal(call, place, axis.value, -(-axis.value // count))
    return _shares(call, place, axis, count)


def _shares(call: Call, place: int, axis: Axis, count: int) -> Pieces:
    """So many parts of one size, which is not known where the division may leave a rest."""
    if count > _MANY:
        return _several(call, place)
    if axis.size is Unknown:
        return _pieces(call, place, [Unknown] * count)
    try:
        ratio = product_of([axis.size]).over(product_of([Size.constant(count)]))
    except ValueError:
        return _pieces(call, place, [Unknown] * count)
    return _pieces(call, place, [quotient(ratio) if ratio.is_whole else Unknown] * count)


def unbound(call: Call) -> Pieces:
    """Takes one axis away, and gives a tensor for each of its places."""
    place = call.place("dim")
    number = _axis(call.shape("input"), place).value
    shape = call.shape("input").without([place])
    if number is Unknown or number > _MANY:
        return Several(Array(shape))
    return (shape,) * number


def evenly(call: Call) -> Pieces:
    """Splits into so many parts that differ by 1 at most, or at these indices."""
    return _evenly(call, call.place("dim"), "indices_or_sections", exactly=False)


def _evenly(call: Call, place: int, name: str, *, exactly: bool) -> Pieces:
    value, axis = call.value(name), _axis(call.shape("input"), place)
    if isinstance(value, tuple | list):
        ends = [as_size(one) for one in value]
        starts = [Size.constant(0), *ends]
        cuts = [slice(start, stop) for start, stop in zip(starts, [*ends, None], strict=True)]
        return tuple(call.shape("input").replaced(place, sliced(call, axis, place, cut)) for cut in cuts)
    if isinstance(value, Array):
        return _named(call, place)
    count = call.integer(name)
    if count < 1:
        raise Misfit(_CODE, f"it is split into {count} parts", "input", place)
    if exactly and not call.divisible(axis.size, Size.constant(count)):
        raise Misfit(
            _CODE, f"axis {place} is {axis}, which {count} does not divide", "input", place, left=axis
        )
    if axis.value is Unknown:
        return _shares(call, place, axis, count)
    share, more = divmod(axis.value, count)
    if count > _MANY:
        return _several(call, place)
    return _pieces(call, place, [Size.constant(share + (part < more)) for part in range(count)])


def along(dim: int, rank: int) -> Callable[[Call], Pieces]:
    """The rule that splits along one axis; a tensor has so many axes at least."""

    def rule(call: Call) -> Pieces:
        shape = call.shape("input")
        if shape.rank is not Unknown and shape.rank < rank:
            raise Misfit("rank-unfit", f"it takes {rank} axes or more, and `input` has {shape.rank}", "input")
        place = shape.place(0 if shape.rank == 1 else dim)
        return _evenly(call, place, "indices_or_sections", exactly=True)

    return rule


def _row(name: str, parameters: str, rule: Rule, *more: str, dims: tuple[str, ...] = ("dim",)) -> OpRule:
    # How many pieces there are depends on sizes.
    return OpRule(name, parameters, rule, spelled=more, dims=dims, dtype=SAME, by_size=True)


def _everywhere(name: str, parameters: str, rule: Rule, dims: tuple[str, ...] = ("dim",)) -> OpRule:
    return _row(f"torch.{name}", parameters, rule, f"torch.Tensor.{name}", dims=dims)


OPERATORS: Final = (
    _row("torch.split", "input, split_size_or_sections, dim=0", _split_function),
    _row("torch.Tensor.split", "input, split_size, dim=0", split),
    _everywhere("split_with_sizes", "input, split_sizes, dim=0", split_with_sizes),
    _everywhere("chunk", "input, chunks, dim=0", chunks),
    _everywhere("unbind", "input, dim=0", unbound),
    _everywhere("tensor_split", "input, indices_or_sections, dim=0", evenly),
    *(
        _everywhere(name, "input, indices_or_sections", along(dim, rank), dims=())
        for name, dim, rank in (("hsplit", 1, 1), ("vsplit", 0, 2), ("dsplit", 2, 3))
    ),
)
