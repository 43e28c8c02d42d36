"""Operators of NamedTensor that merge, split, put in, and stretch axes, with the names that the new ones get."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops import diagonals, patterns, repetition, squeezing, views
from namedtorch.ops.axes import carried_by, merged
from namedtorch.ops.call import Call, place_of
from namedtorch.ops.judge import Misfit
from namedtorch.ops.names import read_name, read_names, refuse_repeated
from namedtorch.ops.naming import OWNER, carried, new_axis
from namedtorch.ops.op_rule import SAME, OpRule, Result
from namedtorch.ops.recipes import Given, Recipe, Step
from namedtorch.ops.regrouping import CODE
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array, Fields, Value


def _renamed(shape: TensorShape, first: int, names: Sequence[str | None]) -> TensorShape:
    """The shape with these names from an axis on. Raises `Misfit` for one that another axis has."""
    axes = list(shape.fixed)
    for place, name in enumerate(names, first):
        axes[place] = axes[place].called(Unknown if name is None else name)
    refuse_repeated([carried(axis) for axis in axes], names)
    return TensorShape(tuple(axes))


# Merging


def merges_by_name(call: Call) -> bool:
    """Whether `flatten` lists the dims, or gives the merged one a name."""
    dims = call.items("dims")
    return (
        call.value("out_dim") is not None
        or len(dims) > 2
        or (len(dims) > 0 and isinstance(dims[0], tuple | list))
    )


def flattened(call: Call) -> Recipe:
    """Merges neighbouring dims: those listed, or from one to another; the merged one has the name that is given."""
    dims, out = list(call.items("dims")), call.value("out_dim")
    shape = call.shape("input")
    if dims and isinstance(dims[0], tuple | list):
        out = dims[1] if len(dims) > 1 else out
        start, end = _neighbours(Call({"input": call.value("input"), "dims": dims[0]}, call.judge))
    else:
        out = dims[2] if len(dims) > 2 else out
        given: dict[str, Value] = {"start_dim": Size.constant(0), "end_dim": Size.constant(-1)}
        given |= {name: call.value(name) for name in given if call.value(name) is not None}
        given |= dict(zip(given, dims[:2], strict=False))
        inner = Call({"input": call.value("input"), **given}, call.judge)
        start, end = inner.place("start_dim"), inner.place("end_dim")
        if start > end:
            raise Misfit("axis-out-of-range", f"axis {start} stands behind axis {end}", "input")
    axes = shape.fixed[start : end + 1]
    one = shape.axis(start)
    if end > start:
        # The sizes do not decide about the name: a dim of size 1 is in it.
        one = merged(axes).called(carried_by(axes))
    result = TensorShape((*shape.axes[:start], one, *shape.axes[end + 1 :]))
    if out is not None:
        result = _renamed(result, start, [read_name(out, "out_dim")])
    return Recipe(result, (Step("flatten", (start, end)),) if end > start else ())


def _neighbours(call: Call) -> tuple[int, int]:
    """The first and the last of dims that are listed in the order in which they stand."""
    if call.value("dims") in ((), []):
        raise Misfit("axis-out-of-range", "no dims are listed", "input")
    places = call.places("dims")
    first, last = places[0], places[-1]
    if list(places) != list(range(first, first + len(places))):
        listed = ", ".join(f"`{call.axes('input')[place]}`" for place in places)
        raise Misfit(
            "permutation-wrong", f"{listed} do not stand side by side in this order", "input", first,
            help="`rearrange` merges dims that stand apart; `align_to` puts them in order first",
        )  # fmt: skip
    return first, last


def _flattened(call: Call) -> Result:
    if merges_by_name(call):
        return flattened(call).shape
    dims = dict(zip(("start_dim", "end_dim"), call.items("dims"), strict=False))
    named = {name: call.value(name) for name in ("start_dim", "end_dim") if call.value(name) is not None}
    ends: dict[str, Value] = {"start_dim": Size.constant(0), "end_dim": Size.constant(-1), **named, **dims}
    return views.flattened(Call({"input": call.value("input"), **ends}, call.judge))


# Splitting


def pairs_of(value: Value) -> tuple[list[Value], list[Value]] | None:
    """The names and the sizes of `(("C", 3), ("H", 4))`, or of a dict; None where no names are given."""
    if isinstance(value, Fields):
        return list(value.names), list(value.items)
    if not isinstance(value, tuple | list) or not value:
        return None
    names: list[Value] = []
    sizes: list[Value] = []
    for one in value:
        if not isinstance(one, tuple | list) or len(one) != 2:
            return None
        names.append(one[0])
        sizes.append(one[1])
    return names, sizes


def unflattened(call: Call) -> Recipe:
    """Splits one axis into several, each with its name."""
    pairs = pairs_of(call.value("sizes"))
    if pairs is None:
        raise Undetermined
    names: list[str | None] = []
    for one in pairs[0]:
        listed = read_names((one,), "sizes")
        if len(listed) != 1 or listed[0] is ...:
            raise Misfit("rank-unfit", f"{one!r} names {len(listed)} axes, and has one size", "input")
        names.append(listed[0])
    place = call.place("dim")
    _check_product(call, place, names, pairs[1])
    inner = {"input": call.value("input"), "dim": Size.constant(place), "sizes": tuple(pairs[1])}
    shape = views.unflattened(Call(inner, call.judge))
    return Recipe(
        _renamed(shape, place, names), (Step("unflatten", (place, tuple(_given(one) for one in pairs[1]))),)
    )


def _check_product(call: Call, place: int, names: Sequence[str | None], sizes: Sequence[Value]) -> None:
    """Refuses sizes that do not multiply to that of the axis. Raises `Misfit`."""
    axis = call.shape("input").axis(place)
    numbers = [one.value for one in sizes if isinstance(one, Size) and one.value is not Unknown]
    if axis.value is Unknown or len(numbers) < len(sizes):
        return
    known = prod(one for one in numbers if one != -1)
    fits = axis.value == known if -1 not in numbers else known > 0 and axis.value % known == 0
    if numbers.count(-1) > 1 or not fits:
        listed = " ".join(
            str(size) if name is None else f"{name}={size}" for name, size in zip(names, numbers, strict=True)
        )
        raise Misfit(CODE, f"axis {place} is `{axis}`, which is not {listed}", "input", place)


def _given(value: Value) -> Given:
    if isinstance(value, Size):
        return value
    raise Undetermined


def _unflattened(call: Call) -> Result:
    return views.unflattened(call) if pairs_of(call.value("sizes")) is None else unflattened(call).shape


# New axes


def unsqueezed(call: Call) -> Recipe:
    """Puts in an axis of size 1 under a name: in front, at a place, or before a dim."""
    dim, name = call.value("dim"), call.value("name")
    if isinstance(dim, str) and name is None:
        place, name = 0, dim
    else:
        place = call.place("dim", extra=1)
    one = Unknown if name is None else read_name(name, "name" if dim is not name else "dim")
    shape = call.shape("input").inserted(place, new_axis(one))
    if one is not Unknown and shape.rest is Unknown:
        refuse_repeated([carried(axis) for axis in shape.fixed], [one])
    return Recipe(shape, (Step("unsqueeze", (place,)),))


def _names_axis(call: Call) -> bool:
    return isinstance(call.value("dim"), str) or call.value("name") is not None


# Stretching and repeating


def _by_name(call: Call, fill: int) -> tuple[list[tuple[int, Value]], list[Value]]:
    """The places of the dims that are named, with their numbers, and a number for every axis."""
    named = call.value("named")
    if not isinstance(named, Fields):
        raise Undetermined
    shape = call.shape("input")
    numbers: list[Value] = [Size.constant(fill)] * len(shape.fixed)
    found: list[tuple[int, Value]] = []
    for name, number in zip(named.names, named.items, strict=True):
        place = place_of(shape, name, "input", f"a number is given for {name!r}")
        numbers[place] = number
        found.append((place, number))
    return found, numbers


def _plainly(
    method: str, fill: int, rule: Callable[[Call], TensorShape], parameter: str
) -> Callable[[Call], Recipe]:
    """The recipe of a method that takes a number for every axis, with numbers for some of them by name."""

    def recipe(call: Call) -> Recipe:
        if call.value(parameter):
            raise Undetermined
        found, numbers = _by_name(call, fill)
        shape = rule(Call({"input": call.value("input"), parameter: tuple(numbers)}, call.judge))
        axes = list(shape.fixed)
        for place, _ in found:
            axes[place] = axes[place].called(call.axes("input")[place].carried)
        return Recipe(TensorShape(tuple(axes)), (Step(method, tuple(_given(one) for one in numbers)),))

    return recipe


expanded: Final = _plainly("expand", -1, squeezing.expanded, "size")
"""Stretches dims of size 1 to the sizes that their names are given."""

repeated: Final = _plainly("repeat", 1, repetition.repeated, "repeats")
"""Repeats a tensor along the dims that are named, as often as they say."""


def has_names(call: Call) -> bool:
    """Whether numbers are given by the names of dims."""
    named = call.value("named")
    return isinstance(named, Fields) and len(named.names) > 0


def _repeated(call: Call) -> TensorShape:
    by_pattern = _by_pattern(call)
    if by_pattern is not None:
        return patterns.transformed("repeat")(by_pattern)
    return _either(repeated, repetition.repeated)(call)


def _written_repeat(call: Call) -> Recipe | None:
    by_pattern = _by_pattern(call)
    if by_pattern is not None:
        return patterns.written("repeat")(by_pattern)
    return repeated(call) if has_names(call) else None


def _by_pattern(call: Call) -> Call | None:
    """The call of `namedtorch.repeat` that a call with a text is."""
    repeats = call.items("repeats")
    if not repeats or not isinstance(repeats[0], str):
        return None
    given = {"input": call.value("input"), "pattern": repeats[0], "sizes": call.value("named")}
    return Call(given, call.judge)


def _either(
    recipe: Callable[[Call], Recipe], rule: Callable[[Call], TensorShape]
) -> Callable[[Call], TensorShape]:
    return lambda call: recipe(call).shape if has_names(call) else rule(call)


# Diagonals

_DIAGONAL: Final = next(row for row in diagonals.OPERATORS if row.name == "torch.diagonal")


def diagonal(call: Call) -> Recipe:
    """Takes the diagonal of two dims; it is the last axis, under the name that is given."""
    plain = Call({name: value for name, value in call.arguments.items() if name != "outdim"}, call.judge)
    result = _DIAGONAL.given(plain)
    if not isinstance(result, Array):
        raise Undetermined
    shape, out = result.shape, call.value("outdim")
    if out is not None:
        shape = _renamed(shape, len(shape.fixed) - 1, [read_name(out, "outdim")])
    step = Step("diagonal", (_given(call.value("offset")), call.place("dim1"), call.place("dim2")))
    return Recipe(shape, (step,))


def _diagonal(call: Call) -> Result:
    return diagonal(call).shape


OPERATORS: Final = (
    OpRule(
        f"{OWNER}flatten", "input, *dims, start_dim=None, end_dim=None, out_dim=None", _flattened,
        dims=("start_dim", "end_dim"), dtype=SAME,
        recipe=lambda call: flattened(call) if merges_by_name(call) else None,
    ),
    OpRule(
        f"{OWNER}unflatten", "input, dim, sizes", _unflattened, dims=("dim",), dtype=SAME,
        recipe=lambda call: None if pairs_of(call.value("sizes")) is None else unflattened(call),
    ),
    OpRule(
        f"{OWNER}unsqueeze", "input, dim, name=None", lambda call: unsqueezed(call).shape, dims=("dim",),
        dtype=SAME, recipe=lambda call: unsqueezed(call) if _names_axis(call) else None,
    ),
    OpRule(
        f"{OWNER}expand", "input, *size, implicit=False, **named", _either(expanded, squeezing.expanded),
        dtype=SAME, recipe=lambda call: expanded(call) if has_names(call) else None,
    ),
    OpRule(
        f"{OWNER}repeat", "input, *repeats, **named", _repeated, dtype=SAME, recipe=_written_repeat,
    ),
    OpRule(
        f"{OWNER}diagonal", "input, offset=0, dim1=0, dim2=1, *, outdim=None", _diagonal,
        dims=("dim1", "dim2"), dtype=SAME, recipe=lambda call: diagonal(call) if call.value("outdim") else None,
    ),
)  # fmt: skip
