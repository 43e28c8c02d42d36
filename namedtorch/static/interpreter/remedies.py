"""What to do about a fault: what surely brings its dims together, a transposition or an axis of size 1."""

import ast
import re
from collections.abc import Sequence

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ONE, Axis
from namedtorch.ops.values import Array
from namedtorch.static.interpreter.conflict import filled, name_of, text_of, value_of
from namedtorch.static.interpreter.domain import Val
from namedtorch.static.interpreter.machine import Fault
from namedtorch.static.interpreter.spoken import quoted

_HANDLES = ast.Name | ast.Attribute | ast.Call | ast.Subscript


def help_of(fault: Fault) -> str:
    """What to do: by the rule, or what surely brings the dims together."""
    misfit = fault.misfit
    sizes = misfit.left, misfit.right
    if Unknown not in sizes and str(sizes[0]) == str(sizes[1]) and misfit.code == "target-differs":
        # The sizes fit, and the order of what is flattened in them does not.
        return ""
    return _remedy(fault) or filled(fault, misfit.help)


def _remedy(fault: Fault) -> str:
    misfit = fault.misfit
    name = misfit.argument
    node, text = fault.nodes.get(name), text_of(fault, name)
    if misfit.code == "squeeze-drops-dim":
        return _only_axis_of_one(value_of(fault, name))
    if not text or not _can_be_called_on(node):
        return ""
    if misfit.code in ("channels-differ", "contracted-dims-differ", "norm-sizes-differ", "hidden-differs"):
        if misfit.axis is Unknown or _has_letters(misfit.detail):
            return ""
        return _transposition(text, value_of(fault, name), misfit.axis, misfit.right)
    if misfit.code == "broadcast-dims-differ" and misfit.other is not Unknown:
        value, against = value_of(fault, name), value_of(fault, misfit.other)
        found = _new_axis(text, value, name_of(fault, misfit.other), against)
        other = text_of(fault, misfit.other)
        if not found and other and _can_be_called_on(fault.nodes.get(misfit.other)):
            found = _new_axis(other, against, f"`{text}`", value)
        return found
    return ""


def _has_letters(detail: str) -> bool:
    """Whether a clause speaks of an einsum, whose letters say what is transposed."""
    return re.match(r"`\w+` is axis", detail) is not None


def _can_be_called_on(node: ast.AST | None) -> bool:
    """Whether a method can be written behind an expression without parentheses."""
    return isinstance(node, _HANDLES)


def _transposition(text: str, value: Val, axis: int, wanted: Axis | UnknownType) -> str:
    """How the axis that is wanted in one place is brought there from the only other one that has its size.

    "" where there is none, or no such axis alone.
    """
    if not isinstance(value, Array) or value.shape.rest is not Unknown or wanted is Unknown:
        return ""
    axes = value.shape.fixed
    places = [place for place, one in enumerate(axes) if one.size is not Unknown and one.size == wanted.size]
    if len(places) != 1 or wanted.size is Unknown or wanted.is_one or not 0 <= axis < len(axes):
        return ""
    order = list(range(len(axes)))
    order.insert(axis, order.pop(places[0]))
    call = (
        f"transpose({min(axis, places[0])}, {max(axis, places[0])})"
        if abs(axis - places[0]) == 1
        else f"permute({', '.join(map(str, order))})"
    )
    return f"`{text}.{call}` has {quoted(wanted)} at axis {axis}"


def _new_axis(text: str, value: Val, other: str, against: Val) -> str:
    """Where an axis of size 1 makes a tensor broadcast with another; "" where no place does, or several do."""
    if not isinstance(value, Array) or not isinstance(against, Array):
        return ""
    if value.shape.rest is not Unknown or against.shape.rest is not Unknown:
        return ""
    axes, wanted = value.shape.fixed, against.shape.fixed
    if not 0 < len(axes) < len(wanted) or any(axis.value not in (Unknown, 1) for axis in axes):
        # Numbers may be equal by chance.
        return ""
    single = Axis(ONE)
    behind = (*axes, *([single] * (len(wanted) - len(axes))))
    fitting = [
        place for place in range(len(axes) + 1) if _broadcasts((*axes[:place], single, *axes[place:]), wanted)
    ]
    if len(fitting) == 1:
        place = -1 if fitting[0] == len(axes) else fitting[0]
        return f"`{text}.unsqueeze({place})` broadcasts with {other}"
    if not fitting and len(wanted) - len(axes) > 1 and _broadcasts(behind, wanted):
        nones = ", None" * (len(wanted) - len(axes))
        return f"`{text}[...{nones}]` broadcasts with {other}"
    return ""


def _only_axis_of_one(value: Val) -> str:
    """The squeeze that is meant, where one axis alone has size 1."""
    if not isinstance(value, Array) or value.shape.rest is not Unknown:
        return ""
    places = [place for place, axis in enumerate(value.shape.fixed) if axis.is_one]
    return f"name the axis: `squeeze({places[0]})`" if len(places) == 1 else ""


def _broadcasts(axes: Sequence[Axis], wanted: Sequence[Axis]) -> bool:
    return all(
        _is_known(one.size) and _is_known(other.size) and (one.is_one or one.size == other.size)
        for one, other in zip(reversed(axes), reversed(wanted), strict=False)
    )


def _is_known(size: Size | UnknownType) -> bool:
    return size is not Unknown
