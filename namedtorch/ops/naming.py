"""Operators of NamedTensor that give names to axes, and put axes in order by their names.

Source: https://docs.pytorch.org/docs/2.12/named_tensor.html
"""

from collections.abc import Sequence
from typing import Final

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ONE, Axis
from namedtorch.ops.call import Call, place_of
from namedtorch.ops.judge import Misfit
from namedtorch.ops.names import INVALID, expanded, read_names, refuse_repeated
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.recipes import Recipe, Step
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array, Fields, Names

OWNER: Final = "namedtorch.NamedTensor."
"""What the names of rows of NamedTensor's own methods begin with."""

_DIFFERS: Final = "names-differ"
_UNNAMED: Final = "name-missing"
_ABSENT: Final = "dim-missing"


OTHER_NAMES: Final = "`rename` gives other names, `align_to` puts axes in another order"
"""What to do where names differ."""


def carried(axis: Axis) -> str | None:
    """The name that an axis carries, or None."""
    return None if axis.carried is Unknown else axis.carried


def called(axes: Sequence[Axis], names: Sequence[str | None]) -> TensorShape:
    """Axes under other names."""
    return TensorShape(
        tuple(axis.called(Unknown if name is None else name) for axis, name in zip(axes, names, strict=True))
    )


def new_axis(name: str | UnknownType) -> Axis:
    """An axis of size 1 that was asked for under a name."""
    return Axis(ONE, inserted=True, carried=name)


def renamed(call: Call) -> Recipe:
    """Gives all axes other names, or those whose names are told; None takes all names away."""
    pairs = call.value("renamed")
    if isinstance(pairs, Fields) and pairs.names:
        if call.value("names"):
            raise Undetermined
        return Recipe(_replaced(call, pairs))
    given = call.value("names")
    if isinstance(given, tuple) and any(isinstance(one, Fields) for one in given):
        raise Misfit(
            INVALID, "`names` holds a dict, and it takes names, or pairs as keywords", "input",
            help='write `rename(C="K")`, or `rename(**pairs)`',
        )  # fmt: skip
    axes, listed = call.axes("input"), read_names(given, "names")
    own = [carried(axis) for axis in axes]
    if len(listed) == 2 != len(axes) and listed[0] in own and isinstance(listed[1], str):
        raise Misfit(
            "rank-unfit", f"`names` has 2 names, and `input` has {len(axes)} axes", "input",
            help=f'one dim is renamed by keyword: `rename({listed[0]}="{listed[1]}")`',
        )  # fmt: skip
    if listed == [None]:
        return Recipe(called(axes, [None] * len(axes)))
    names = expanded(listed, own, "names")
    refuse_repeated(names, [one for one in listed if isinstance(one, str)])
    return Recipe(called(axes, names))


def _replaced(call: Call, pairs: Fields) -> TensorShape:
    shape = call.shape("input")
    result, given = shape, list[str | None]()
    for old, new in zip(pairs.names, pairs.items, strict=True):
        place = place_of(shape, old, "input", f"`{old}` is renamed")
        listed = read_names((new,), old)
        if len(listed) != 1 or listed[0] is ...:
            raise Misfit("rank-unfit", f"`{old}` is renamed to {len(listed)} names", "input", place)
        given.append(listed[0])
        axis = shape.axis(place).called(Unknown if listed[0] is None else listed[0])
        result = result.replaced(place, axis)
    refuse_repeated([carried(axis) if isinstance(axis, Axis) else None for axis in result.axes], given)
    return result


def refined(call: Call) -> Recipe:
    """Gives names to axes that have none; those that have one keep it."""
    axes, listed = call.axes("input"), read_names(call.value("names"), "names")
    names = expanded(listed, [carried(axis) for axis in axes], "names")
    for place, (axis, name) in enumerate(zip(axes, names, strict=True)):
        if axis.carried is not Unknown and name != axis.carried:
            asked = "have none" if name is None else f"be `{name}`"
            raise Misfit(
                _DIFFERS, f"axis {place} is `{axis.carried}`, and is asked to {asked}", "input", place,
                help=OTHER_NAMES,
            )  # fmt: skip
    refuse_repeated(names, [one for one in listed if isinstance(one, str)])
    return Recipe(called(axes, names))


def aligned(call: Call) -> Recipe:
    """Puts the axes in the order of the names; a name that is not there becomes a new axis of size 1.

    `...` stands for all axes that are not listed, in the order that they have.
    """
    axes, listed = call.axes("input"), read_names(call.value("names"), "names")
    if None in listed:
        raise Misfit(
            _UNNAMED, "`names` has None, and an axis without a name can't be told from others", "input",
            help="`...` stands for all axes that are not listed",
        )  # fmt: skip
    if listed.count(...) > 1:
        expanded(listed, [], "names")
    names = [one for one in listed if isinstance(one, str)]
    refuse_repeated(names, names)
    own = [carried(axis) for axis in axes]
    for name in names:
        if own.count(name) > 1:
            place_of(call.shape("input"), name, "input", f"`names` has {name!r}")
    _know_names(call.array("input"), [name for name in names if name not in own])
    order: list[int | str] = []
    for one in listed:
        if isinstance(one, str):
            order.append(own.index(one) if one in own else one)
        else:
            order += [place for place, name in enumerate(own) if name is None or name not in names]
    if ... not in listed:
        _refuse_left(axes, order, "names")
    return _ordered(axes, order)


def aligned_as(call: Call) -> Recipe:
    """Puts the axes in the order of another tensor's; a dim that only the other has becomes an axis of size 1."""
    axes, others = call.axes("input"), call.axes("other")
    own, names = [carried(axis) for axis in axes], [carried(axis) for axis in others]
    _know_names(call.array("input"), [name for name in names if name not in own])
    order: list[int | str] = []
    for axis in others:
        if axis.carried is Unknown:
            order.append("")
            continue
        for of, those in (("input", own), ("other", names)):
            if those.count(axis.carried) > 1:
                place_of(call.shape(of), axis.carried, of, f"`other` has {axis.carried!r}")
        order.append(own.index(axis.carried) if axis.carried in own else axis.carried)
    _refuse_left(axes, order, "other")
    return _ordered(axes, order)


def _has_names(call: Call) -> bool:
    """Whether an axis has a name."""
    array = call.array("input")
    if any(isinstance(axis, Axis) and axis.carried is not Unknown for axis in array.shape.axes):
        return True
    if array.names is Names.SOME or array.shape.rest is not Unknown:
        raise Undetermined
    return False


def _know_names(array: Array, missing: Sequence[str | None]) -> None:
    """Raises `Undetermined` where one of these names, which no axis is known to carry, may be that of an axis."""
    if (
        array.names is Names.SOME
        and any(missing)
        and any(axis.carried is Unknown for axis in array.shape.fixed)
    ):
        raise Undetermined


def _refuse_left(axes: Sequence[Axis], order: Sequence[int | str], by: str) -> None:
    """Refuses to leave an axis out. Raises `Misfit`."""
    way = "list it, or write `...` for all dims that are not listed" if by == "names" else ""
    for place, axis in enumerate(axes):
        if axis.carried is Unknown:
            raise Misfit(
                _UNNAMED, f"axis {place} has no name, so nothing tells where it belongs", "input", place,
                help="`refine_names` gives it one" + (", and `...` stands for it" if way else ""),
            )  # fmt: skip
        if place not in order:
            raise Misfit(
                _ABSENT,
                f"`{by}` does not have `{axis.carried}`, axis {place} of `input`",
                "input",
                place,
                help=way,
            )


def _ordered(axes: Sequence[Axis], order: Sequence[int | str]) -> Recipe:
    """Axes by their places, among new ones: by their names, "" for none."""
    places = tuple(one for one in order if isinstance(one, int))
    steps: list[Step] = []
    if places != tuple(range(len(places))):
        steps.append(Step("permute", places))
    steps += [Step("unsqueeze", (place,)) for place, one in enumerate(order) if isinstance(one, str)]
    shape = TensorShape(
        tuple(axes[one] if isinstance(one, int) else new_axis(one or Unknown) for one in order)
    )
    return Recipe(shape, tuple(steps))


OPERATORS: Final = (
    OpRule(
        f"{OWNER}rename", "input, *names, **renamed", lambda call: renamed(call).shape,
        spelled=(f"{OWNER}rename_",), dtype=SAME, recipe=renamed,
    ),
    OpRule(
        f"{OWNER}refine_names", "input, *names", lambda call: refined(call).shape, dtype=SAME, recipe=refined
    ),
    OpRule(f"{OWNER}align_to", "input, *names", lambda call: aligned(call).shape, dtype=SAME, recipe=aligned),
    OpRule(f"{OWNER}align_as", "input, other", lambda call: aligned_as(call).shape, dtype=SAME, recipe=aligned_as),
    OpRule(f"{OWNER}has_names", "input", _has_names),
)  # fmt: skip
