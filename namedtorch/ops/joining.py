"""Tensors are joined along an axis that they have, or along a new one."""

from collections.abc import Callable, Sequence
from typing import Final

from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ANY, Axis, Rest
from namedtorch.ops.call import Call, no_such_axis, with_rank
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.shared_dims import dim_of_all, one_name
from namedtorch.ops.squeezing import raised
from namedtorch.ops.tensor_shape import NoSuchAxis, TensorShape, Undetermined
from namedtorch.ops.values import Several

_CODE: Final = "cat-sizes-differ"


def concatenated(call: Call) -> TensorShape:
    """Joins along `dim`; all other axes are the same."""
    several = call.value("tensors")
    if call.value("dim") is None:
        raise Undetermined
    if isinstance(several, Several):
        shape = several.item.shape
        place = dim_of_all(call, "dim", ["tensors"], [shape])
        return shape.replaced(place, shape.axis(place).resized(Unknown))
    return joined(call, _tensors(call))


def joined(call: Call, shapes: Sequence[TensorShape], dim: int | UnknownType = Unknown) -> TensorShape:
    """The shape of tensors that are joined along an axis: that which `dim` of the call names, if none is given.

    Raises `Misfit`.
    """
    # Among vectors, one without elements is like any other.
    vectors = all(shape.rank == 1 for shape in shapes)
    numbered = [
        (place, shape) for place, shape in enumerate(shapes) if vectors or not _is_legacy_empty(shape)
    ]
    names, aligned = _of_one_rank(call, numbered)
    result = aligned[0]
    if dim is Unknown:
        along = dim_of_all(call, "dim", names, aligned)
    else:
        try:
            along = result.place(dim)
        except NoSuchAxis as error:
            raise no_such_axis("dim", names[0], error.axis, error.rank) from None
    axes = [shape.axis(along) for shape in aligned]
    for name, shape in zip(names[1:], aligned[1:], strict=True):
        result = _merged(call, names[0], result, name, shape, along)
    return result if len(axes) == 1 else result.replaced(along, _end_to_end(names, axes, along))


def _end_to_end(names: Sequence[str], axes: Sequence[Axis], place: int) -> Axis:
    """The axis that axes of several tensors make one behind the other. Raises `Misfit` for two names."""
    return _called(names, axes, place).resized(_sum([axis.size for axis in axes]))


def _called(names: Sequence[str], axes: Sequence[Axis], place: int) -> Axis:
    """The first of the axes that lie at one place of several tensors, under their one name. Raises `Misfit`."""
    first = axes[0]
    for name, axis in zip(names[1:], axes[1:], strict=True):
        called = one_name(axis, first, _CODE, name, place, other=names[0], other_axis=place)
        first = first.called(called)
    return first


def _tensors(call: Call) -> list[TensorShape]:
    shapes = call.shapes("tensors")
    if not shapes:
        raise Undetermined
    return shapes


def _is_legacy_empty(shape: TensorShape) -> bool:
    """Whether this is a vector without elements, which joins tensors of any rank."""
    return shape.rank == 1 and shape.fixed[0].value == 0


def _of_one_rank(
    call: Call, numbered: Sequence[tuple[int, TensorShape]]
) -> tuple[list[str], list[TensorShape]]:
    names = [f"tensors[{place}]" for place, _ in numbered]
    shapes = [shape for _, shape in numbered]
    ranks = [shape.rank for shape in shapes]
    known = next((place for place, rank in enumerate(ranks) if rank is not Unknown), None)
    if known is None:
        if any(shape.axes != shapes[0].axes for shape in shapes):
            return names, _framed(shapes)
        return names, shapes
    rank = ranks[known]
    assert rank is not Unknown
    for name, shape, other in zip(names, shapes, ranks, strict=True):
        if other is not Unknown and other != rank:
            raise Misfit(
                "rank-unfit",
                f"it has {other} axes, and `{names[known]}` has {rank}",
                name,
                other=names[known],
            )
        if other is Unknown and len(shape.axes) - 1 > rank:
            raise Misfit(
                "rank-unfit", f"it has {len(shape.axes) - 1} axes or more, and `{names[known]}` has {rank}",
                name, other=names[known],
            )  # fmt: skip
    return names, [with_rank(shape, rank) for shape in shapes]


def _framed(shapes: Sequence[TensorShape]) -> list[TensorShape]:
    """Shapes with a `Rest` each, cut to as many axes in front and behind as all of them tell."""
    rests = [shape.rest for shape in shapes]
    front = min(rest for rest in rests if rest is not Unknown)
    behind = min(
        len(shape.axes) - rest - 1 for shape, rest in zip(shapes, rests, strict=True) if rest is not Unknown
    )
    return [
        TensorShape((*shape.axes[:front], Rest(), *shape.axes[len(shape.axes) - behind :]))
        for shape in shapes
    ]


def _merged(
    call: Call, first: str, result: TensorShape, name: str, shape: TensorShape, along: int | UnknownType
) -> TensorShape:
    """The axes that two tensors share. Raises `Misfit` where they differ anywhere but at `along`."""
    for place, (left, right) in enumerate(zip(result.axes, shape.axes, strict=True)):
        if place == along or isinstance(left, Rest) or isinstance(right, Rest):
            continue
        met = call.same(
            right, left, _CODE,
            f"axis {place} is {right}, and {left} in `{first}`; "
            + ("all axes have to be the same" if along is Unknown else "only the axis that is joined may differ"),
            name, place, other=first, other_axis=place,
        )  # fmt: skip
        result = result.replaced(place, met)
    return result


def _sum(sizes: Sequence[Size | UnknownType]) -> Size | UnknownType:
    total = Size.constant(0)
    for size in sizes:
        if size is Unknown:
            return Unknown
        try:
            total = total + size
        except SizeLimitError:
            return Unknown
    return total


def stacked(call: Call) -> TensorShape:
    """Joins along a new axis; all axes are the same."""
    several = call.value("tensors")
    if isinstance(several, Several):
        shape = several.item.shape
        return shape.inserted(dim_of_all(call, "dim", ["tensors"], [shape], extra=1), ANY)
    names, shapes = _of_one_rank(call, list(enumerate(_tensors(call))))
    result = shapes[0]
    for name, shape in zip(names[1:], shapes[1:], strict=True):
        result = _merged(call, names[0], result, name, shape, Unknown)
    place = dim_of_all(call, "dim", names, shapes, extra=1)
    return result.inserted(place, Axis.of(len(shapes)))


def side_by_side(rank: int, behind: int, dim: int) -> Callable[[Call], TensorShape]:
    """The rule that gives tensors so many axes and joins them along one."""

    def rule(call: Call) -> TensorShape:
        shapes = [raised(shape, rank, behind) for shape in _tensors(call)]
        # Vectors are joined along the axis that they have.
        along = 0 if all(shape.rank == 1 for shape in shapes) else dim
        return joined(call, shapes, along)

    return rule


def columns(call: Call) -> TensorShape:
    """Joins vectors and matrices along the columns."""
    shapes = [
        TensorShape((*shape.fixed, *(Axis.of(1),) * (2 - len(shape.fixed)))) for shape in _tensors(call)
    ]
    return joined(call, shapes, 1)


def on_the_diagonal(call: Call) -> TensorShape:
    """Puts matrices on a diagonal."""
    shapes = [raised(shape, 2, 0) for shape in _tensors(call)]
    for place, shape in enumerate(shapes):
        if shape.rank is not Unknown and shape.rank > 2:
            raise Misfit("rank-unfit", f"it has {shape.rank} axes, and 2 are taken", f"tensors[{place}]")
    names = [f"tensors[{place}]" for place in range(len(shapes))]
    matrices = [with_rank(shape, 2).fixed for shape in shapes]
    return TensorShape(
        tuple(_end_to_end(names, [matrix[side] for matrix in matrices], side) for side in (0, 1))
    )


def padded(call: Call) -> TensorShape:
    """Stacks sequences of several lengths: the longest gives the size."""
    shapes = [shape.fixed for shape in call.shapes("sequences")]
    if not shapes or not shapes[0]:
        raise Undetermined
    names = [f"sequences[{place}]" for place in range(len(shapes))]
    result = TensorShape(shapes[0])
    for name, shape in zip(names[1:], shapes[1:], strict=True):
        if len(shape) != len(shapes[0]):
            raise Misfit(
                "rank-unfit", f"it has {len(shape)} axes, and `{names[0]}` has {len(shapes[0])}", name
            )
        result = _merged(call, names[0], result, name, TensorShape(shape), 0)
    lengths = [shape[0].size for shape in shapes]
    known = [length for length in lengths if length is not Unknown]
    length = Size.maximum(*known) if len(known) == len(lengths) else Unknown
    longest = _called(names, [shape[0] for shape in shapes], 0).resized(length)
    count = Axis.of(len(shapes))
    first = (count, longest) if call.flag("batch_first") else (longest, count)
    return TensorShape((*first, *result.axes[1:]))


OPERATORS: Final = (
    OpRule(
        "torch.cat", "tensors, dim=0, *, out=None", concatenated, spelled=("torch.concat", "torch.concatenate"),
        dims=("dim",),
    ),
    OpRule("torch.stack", "tensors, dim=0, *, out=None", stacked, dims=("dim",)),
    OpRule("torch.hstack", "tensors", side_by_side(1, 0, 1)),
    OpRule("torch.vstack", "tensors", side_by_side(2, 0, 0), spelled=("torch.row_stack",)),
    OpRule("torch.dstack", "tensors", side_by_side(3, 1, 2)),
    OpRule("torch.column_stack", "tensors", columns),
    OpRule("torch.block_diag", "*tensors", on_the_diagonal),
    OpRule(
        "torch.nn.utils.rnn.pad_sequence",
        "sequences, batch_first=False, padding_value=0.0, padding_side='right'", padded,
    ),
)  # fmt: skip
