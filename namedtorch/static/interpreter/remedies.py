"""What to do about a fault: what surely brings its dims together, a transposition or an axis of size 1."""

import ast
import re
from collections.abc import Sequence

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ONE, Axis, Rest
from namedtorch.ops.values import Array, Names
from namedtorch.static.interpreter.carried import is_named
from namedtorch.static.interpreter.conflict import filled, name_of, text_of, value_of
from namedtorch.static.interpreter.domain import Val
from namedtorch.static.interpreter.machine import Fault
from namedtorch.static.interpreter.misnaming import ASKED
from namedtorch.static.interpreter.spoken import quoted

_HANDLES = ast.Name | ast.Attribute | ast.Call | ast.Subscript


def help_of(fault: Fault) -> str:
    """What to do: by the rule, or what surely brings the dims together."""
    misfit = fault.misfit
    sizes = misfit.left, misfit.right
    if Unknown not in sizes and str(sizes[0]) == str(sizes[1]) and misfit.code == "target-differs":
        # The sizes fit, and the order of what is flattened in them does not.
        return ""
    found = _remedy(fault)
    if not found and misfit.code == "broadcast-dims-differ" and misfit.other is not Unknown:
        values = value_of(fault, misfit.argument), value_of(fault, misfit.other)
        if not any(set(_names(one)) <= set(_names(other)) for one, other in (values, values[::-1])):
            # Neither can go where the other has its dims.
            return ""
    return found or filled(fault, _addressed(fault))


def _addressed(fault: Fault) -> str:
    """The help of the rule, with the expression at fault where it asks for it."""
    misfit = fault.misfit
    if ASKED not in misfit.help:
        return misfit.help
    text, node = text_of(fault, misfit.argument), fault.nodes.get(misfit.argument)
    if not text:
        return misfit.help.replace(f"{ASKED}.", "").replace(ASKED, "...")
    behind = f"{ASKED}." in misfit.help and not _can_be_called_on(node)
    return misfit.help.replace(ASKED, f"({text})" if behind else text)


def _remedy(fault: Fault) -> str:
    misfit = fault.misfit
    name = misfit.argument
    node, text = fault.nodes.get(name), text_of(fault, name)
    if misfit.code == "dim-missing" and "none of its axes has a name" in misfit.detail:
        return _naming(text, value_of(fault, name))
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
        aligned = _alignment(fault, (name, value), (misfit.other, against))
        if is_named(value) or is_named(against):
            return aligned
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
    names = [one.carried for one in axes]
    if Unknown not in names and len(set(names)) == len(names):
        # By name, as the tensor has some.
        listed = " ".join(str(names[place]) for place in order)
        return f'`{text}.align_to("{listed}")` has {quoted(axes[places[0]])} at axis {axis}'
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


def _naming(text: str, value: Val) -> str:
    """How a plain tensor gets names: those of its sizes, where all have some."""
    if not isinstance(value, Array) or value.names is not Names.NONE or not text:
        return ""
    dims = [Unknown if isinstance(axis, Rest) else axis.dim for axis in value.shape.axes]
    listed = " ".join("..." if dim is Unknown or not dim.isidentifier() else dim for dim in dims)
    if not listed or "..." in listed:
        return "`named` gives it names"
    return f'`named({text}, "{listed}")` gives it names'


def _alignment(fault: Fault, *operands: tuple[str, Val]) -> str:
    """Which of two operands goes where the other has its dims: all of its names are those of the other."""
    (first, value), (second, against) = operands
    for name, mine, other, theirs in ((first, value, second, against), (second, against, first, value)):
        text = text_of(fault, name)
        if not text or not _can_be_called_on(fault.nodes.get(name)) or not text_of(fault, other):
            continue
        names, wanted = _names(mine), _names(theirs)
        if names and set(names) <= set(wanted) and len(set(names)) == len(names) and Unknown not in names:
            return f"`{text}.align_as({text_of(fault, other)})` puts its dims where {name_of(fault, other)} has them"
    return ""


def _names(value: Val) -> list[object]:
    if not isinstance(value, Array) or value.shape.rest is not Unknown:
        return []
    return [axis.carried for axis in value.shape.fixed]


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
