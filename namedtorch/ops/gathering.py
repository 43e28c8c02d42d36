"""Elements are gathered by indices along one axis, or by a mask."""

from collections.abc import Sequence
from typing import Final

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ANY, Axis, merged
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call, with_rank
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.shared_dims import one_name
from namedtorch.ops.slicing import sliced
from namedtorch.ops.subscripts import Chosen, check_chosen
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array

_CODE: Final = "index-differs"
_RANKS: Final = "index-rank-differs"


def gathered(call: Call) -> TensorShape:
    """Gives the elements of `input` at the places along `dim` that `index` names.

    The axis of these places carries the name that the index has there, or else that of `dim`.
    """
    place = _checked(call, "index")
    index = call.shape("index")
    shape = call.shape("input")
    if index.rest is not Unknown and shape.rank is not Unknown:
        return with_rank(index, shape.rank)
    return _fits(call, "index", "input", place)


def _checked(call: Call, name: str) -> int:
    """The place of `dim` in `input`, which has as many axes as the other. Raises `Misfit`."""
    shape, other = call.shape("input"), call.shape(name)
    _same_rank(call, name, "input")
    if shape.rank is Unknown and other.rank is not Unknown:
        shape = with_rank(shape, other.rank)
        ranked = Call({"input": Array(shape), "dim": call.value("dim")}, call.judge)
        call.places_of["dim"] = ranked.place("dim")
        return ranked.place("dim")
    return call.place("dim")


def _same_rank(call: Call, name: str, by: str) -> None:
    one, other = call.shape(name), call.shape(by)
    if one.rank is Unknown or other.rank is Unknown:
        return
    # A scalar counts as a vector of one element.
    if max(one.rank, 1) != max(other.rank, 1):
        raise Misfit(_RANKS, f"it has {one.rank} axes, and `{by}` has {other.rank}", name, other=by)


def _fits(call: Call, name: str, by: str, free: int | None) -> TensorShape:
    """The shape of one tensor, whose axes must not be longer than those of the other, but for one of them.

    It takes names from the other. Raises `Misfit`.
    """
    small, large = call.shape(name), call.shape(by)
    if small.rest is not Unknown or large.rest is not Unknown:
        return small
    result = small
    for place, (mine, axis) in enumerate(zip(small.fixed, large.fixed, strict=False)):
        if place == free:
            # An axis that is picked along may have another name.
            result = result.replaced(place, mine.called(_picked(mine, axis)))
            continue
        called = one_name(mine, axis, _CODE, name, place, other=by, other_axis=place)
        result = result.replaced(place, mine.called(called))
        if mine.size is Unknown or axis.size is Unknown:
            continue
        detail = f"axis {place} is {mine}, and {axis} in `{by}`"
        beyond = (mine.size - axis.size).value
        if beyond is not Unknown and beyond > 0:
            raise Misfit(
                _CODE,
                detail + ", which is less",
                name,
                place,
                other=by,
                other_axis=place,
                left=mine,
                right=axis,
            )
        if mine.size.name is not Unknown and axis.size.name is not Unknown:
            call.same(mine, axis, _CODE, detail, name, place, other=by, other_axis=place)
    return result


def _picked(index: Axis, axis: Axis) -> str | UnknownType:
    """The name of an axis of places that an index picks along another: that of the index, if it has one."""
    return axis.carried if index.carried is Unknown else index.carried


def scattered(call: Call) -> TensorShape:
    """Writes the elements of `src` into `input` at the places along `dim` that `index` names."""
    place = _checked(call, "index")
    _fits(call, "index", "input", place)
    shape = _called_as(call, call.shape("input"), "index", place)
    source = call.value("src")
    # A number, also one of which nothing else is known, is written everywhere.
    if isinstance(source, Array) and source.shape.axes:
        _same_rank(call, "src", "index")
        _fits(call, "index", "src", None)
        shape = _called_as(call, shape, "src", place)
    return shape


def _called_as(call: Call, shape: TensorShape, name: str, free: int) -> TensorShape:
    """The shape of `input` with the names that what is written has, but for one axis. Raises `Misfit`."""
    other = call.shape(name)
    if shape.rest is not Unknown or other.rest is not Unknown:
        return shape
    for place, (mine, axis) in enumerate(zip(other.fixed, shape.fixed, strict=False)):
        if place != free:
            called = one_name(mine, axis, _CODE, name, place, other="input", other_axis=place)
            shape = shape.replaced(place, axis.called(called))
    return shape


def _vector(call: Call, name: str) -> Axis:
    """The axis of a vector of indices; a scalar is one of one."""
    shape = call.shape(name)
    if shape.rank is Unknown:
        return ANY if len(shape.axes) != 2 else with_rank(shape, 1).fixed[0]
    if shape.rank > 1:
        raise Misfit(_RANKS, f"it takes a vector, and `{name}` has {shape.rank} axes", name)
    return shape.fixed[0] if shape.axes else Axis.of(1)


def selected(call: Call) -> TensorShape:
    """Gives the places along `dim` that a vector names: under its name, or else under that of `dim`."""
    index, shape = _vector(call, "index"), call.shape("input")
    if shape.rank == 0:
        return shape
    place = call.place("dim")
    return shape.replaced(place, index.called(_picked(index, shape.axis(place))))


def added(call: Call) -> TensorShape:
    """Adds or copies the places of `source` to the places along `dim` that a vector names."""
    index, place = _vector(call, "index"), call.place("dim")
    shape, source = call.shape("input"), call.shape("source")
    _same_rank(call, "source", "input")
    if shape.rank is Unknown or source.rank is Unknown:
        return shape
    for at, (mine, axis) in enumerate(zip(source.fixed, shape.fixed, strict=False)):
        wanted, by = (index, "index") if at == place else (axis, "input")
        met = call.same(
            mine, wanted, _CODE, f"axis {at} is {mine}, and has to be {wanted}", "source", at,
            other=by, other_axis=0 if at == place else at,
        )  # fmt: skip
        if at != place:
            shape = shape.replaced(at, axis.called(met.carried))
    return shape


def filled(call: Call) -> TensorShape:
    """Fills the places along `dim` that a vector names."""
    _vector(call, "index")
    call.place("dim")
    return call.shape("input")


def taken(call: Call) -> TensorShape:
    """Gives the elements at places in the flattened tensor."""
    return call.shape("index")


def taken_along(call: Call) -> TensorShape:
    """Gives the elements at places along `dim`; the other axes broadcast."""
    if call.value("dim") is None:
        flat = call.shape("indices")
        called = merged(flat.fixed).carried if flat.rest is Unknown else Unknown
        return TensorShape((Axis(flat.elements, carried=called),))
    place = _checked(call, "indices")
    shape, indices = call.shape("input"), call.shape("indices")
    if shape.rank is Unknown or indices.rank is Unknown:
        raise Undetermined
    wanted = indices.axis(place)
    wanted = wanted.called(_picked(wanted, shape.axis(place)))
    both = broadcast(call, ["input", "indices"], [shape.replaced(place, wanted), indices])
    return both.replaced(place, wanted)


def masked(call: Call) -> TensorShape:
    """Gives the elements where a mask is true, as a vector."""
    broadcast(call, ["input", "mask"], [call.shape("input"), call.shape("mask")])
    return TensorShape((ANY,))


def masked_over(call: Call) -> TensorShape:
    """Writes elements where a mask is true."""
    return broadcast(call, ["input", "mask"], [call.shape("input"), call.shape("mask")])


def places(call: Call) -> TensorShape | tuple[TensorShape, ...]:
    """Gives the places of the elements that are not zero: a row for each, or a vector for each axis."""
    rank = call.shape("input").rank
    if "as_tuple" in call.arguments and call.flag("as_tuple"):
        if rank is Unknown:
            raise Undetermined
        return (TensorShape((ANY,)),) * max(rank, 1)
    return TensorShape((ANY, ANY if rank is Unknown else Axis.of(rank)))


def chosen(call: Call) -> TensorShape:
    """Takes one place of an axis, which goes."""
    shape = call.shape("input")
    if shape.rank == 0:
        raise Misfit("rank-unfit", "it takes one axis or more, and `input` has none", "input")
    place = call.place("dim")
    check_chosen(Chosen(call.size("index")), shape.axis(place), place)
    return shape.without([place])


def narrowed(call: Call) -> TensorShape:
    """Takes so many places of an axis."""
    place, length, start = call.place("dim"), call.size("length"), call.size("start")
    shape = call.shape("input")
    axis = shape.axis(place)
    number, first = (
        Unknown if length is Unknown else length.value,
        Unknown if start is Unknown else start.value,
    )
    if axis.value is not Unknown and first is not Unknown and number is not Unknown:
        inside = first + axis.value if first < 0 else first
        if not 0 <= inside <= axis.value or not 0 <= number <= axis.value - inside:
            raise Misfit(
                "index-out-of-range", f"{number} places from {first} on are taken of axis {place}, which is {axis}",
                "input", place,
            )  # fmt: skip
    return shape.replaced(place, axis if call.is_equal(length, axis.size) else axis.resized(length))


def slice_written(call: Call) -> TensorShape:
    """Writes `src` into a slice of an axis."""
    shape, place = call.shape("input"), call.place("dim")
    axis = shape.axis(place)
    cut = slice(call.value("start"), call.value("end"), call.value("step"))
    met = _same_shape(call, shape.replaced(place, sliced(call, axis, place, cut)))
    return _called(shape, [one.carried for one in met.axes if isinstance(one, Axis)])


def place_written(call: Call) -> TensorShape:
    """Writes `src` into one place of an axis."""
    shape = call.shape("input")
    met = _same_shape(call, chosen(call))
    place = call.place("dim")
    if shape.rank is Unknown:
        return shape
    called = [one.carried for one in met.fixed]
    return _called(shape, [*called[:place], shape.fixed[place].carried, *called[place:]])


def _called(shape: TensorShape, names: Sequence[str | UnknownType]) -> TensorShape:
    """The shape with a name for each of its axes; one of unknown rank keeps its own."""
    if shape.rank is Unknown:
        return shape
    return TensorShape(tuple(axis.called(name) for axis, name in zip(shape.fixed, names, strict=True)))


def _same_shape(call: Call, wanted: TensorShape) -> TensorShape:
    """The shape that is written to, with the names that `src` has. Raises `Misfit` where they differ."""
    source = call.shape("src")
    if source.rank is Unknown or wanted.rank is Unknown:
        return wanted
    if source.rank != wanted.rank:
        raise Misfit(_RANKS, f"it has {source.rank} axes, and {wanted.rank} are taken", "src")
    met = [
        call.same(mine, axis, _CODE, f"axis {place} is {mine}, and has to be {axis}", "src", place)
        for place, (mine, axis) in enumerate(zip(source.fixed, wanted.fixed, strict=True))
    ]
    return TensorShape(tuple(met))


def _both(name: str) -> tuple[str, ...]:
    return (f"torch.Tensor.{name}",)


OPERATORS: Final = (
    OpRule(
        "torch.gather", "input, dim, index, *, sparse_grad=False, out=None", gathered, spelled=_both("gather"),
        dims=("dim",), dtype=SAME,
    ),
    OpRule(
        "torch.scatter", "input, dim, index, src=None, reduce=None, value=None", scattered,
        spelled=_both("scatter"), dims=("dim",), dtype=SAME,
    ),
    OpRule(
        "torch.scatter_add", "input, dim, index, src", scattered, spelled=_both("scatter_add"), dims=("dim",),
        dtype=SAME,
    ),
    OpRule(
        "torch.scatter_reduce", "input, dim, index, src, reduce, include_self=True", scattered,
        spelled=_both("scatter_reduce"), dims=("dim",), dtype=SAME,
    ),
    OpRule(
        "torch.index_select", "input, dim, index, *, out=None", selected, spelled=_both("index_select"),
        dims=("dim",), dtype=SAME,
    ),
    *(
        OpRule(f"torch.{name}", parameters, added, spelled=_both(name), dims=("dim",), dtype=SAME)
        for name, parameters in (
            ("index_add", "input, dim, index, source, alpha=1"),
            ("index_copy", "input, dim, index, source"),
            ("index_reduce", "input, dim, index, source, reduce, include_self=True"),
        )
    ),
    OpRule(
        "torch.index_fill", "input, dim, index, value", filled, spelled=_both("index_fill"), dims=("dim",),
        dtype=SAME,
    ),
    OpRule("torch.take", "input, index", taken, spelled=_both("take"), dtype=SAME),
    OpRule(
        "torch.take_along_dim", "input, indices, dim=None", taken_along, spelled=_both("take_along_dim"),
        dims=("dim",), dtype=SAME, by_size=True,
    ),
    OpRule("torch.masked_select", "input, mask", masked, spelled=_both("masked_select"), dtype=SAME),
    OpRule(
        "torch.masked_scatter", "input, mask, source", masked_over, spelled=_both("masked_scatter"), dtype=SAME,
    ),
    OpRule("torch.nonzero", "input, as_tuple=False", places, spelled=_both("nonzero"), dtype="int64"),
    OpRule("torch.argwhere", "input", places, spelled=_both("argwhere"), dtype="int64"),
    OpRule(
        "torch.select", "input, dim, index", chosen, spelled=_both("select"), dims=("dim",), dtype=SAME,
    ),
    OpRule(
        "torch.narrow", "input, dim, start, length", narrowed, spelled=_both("narrow"), dims=("dim",), dtype=SAME,
    ),
    OpRule(
        "torch.select_scatter", "input, src, dim, index", place_written, spelled=_both("select_scatter"),
        dims=("dim",), dtype=SAME,
    ),
    OpRule(
        "torch.slice_scatter", "input, src, dim=0, start=None, end=None, step=1", slice_written,
        spelled=_both("slice_scatter"), dims=("dim",), dtype=SAME,
    ),
)  # fmt: skip
