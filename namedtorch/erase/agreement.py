"""What all values agree on that an expression had, in the turns of a loop and in the branches that lead to it."""

import ast
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from namedtorch.dims.unknown import Unknown
from namedtorch.erase.site import Site, Unsettled
from namedtorch.ops.axes import Axis
from namedtorch.ops.judge import Misfit
from namedtorch.ops.tensor_shape import NoSuchAxis, Undetermined
from namedtorch.ops.values import Array, Names
from namedtorch.static.interpreter.domain import Maybe, Val

T = TypeVar("T")

_ASSIGNED: Final = "annotate it where it is assigned"

_LONGEST: Final = 40
"""An expression of more characters is not quoted."""


def agreed(site: Site[Any], part: ast.expr, tell: Callable[[Array], T]) -> T:
    """What `tell` gives for every value that a part of an expression had, which are tensors that carry names.

    Raises `Unsettled` where one of them is nothing of the kind, where `tell` raises that their names do not tell it,
    and where it gives different things for different values.
    """
    found: list[tuple[T, Val]] = []
    for one in site.worth.values(part) or [Unknown]:
        value = one.value if isinstance(one, Maybe) else one
        if not isinstance(value, Array):
            raise _unknown_at_times(part, value, found)
        try:
            found.append((tell(value), value))
        except (Undetermined, NoSuchAxis):
            raise _unknown_at_times(part, value, found) from None
        except Misfit as misfit:
            if value.names is not Names.ALL:
                raise _unknown_at_times(part, value, found) from None
            raise Unsettled(part, misfit.detail, misfit.help) from None
    first, value = found[0]
    for other, another in found[1:]:
        if other != first:
            raise _other_dims(part, value, f"and then {dims_text(another)}")
    return first


def _unknown_at_times(part: ast.expr, value: Val, before: Sequence[tuple[object, Val]]) -> Unsettled:
    """The failure of an expression whose dims are not known each time; `before` are the values that were known."""
    if not before:
        return unknown_dims(part, value)
    sure = f", and all that is sure is {dims_text(value)}" if isinstance(value, Array) else ""
    return _other_dims(part, before[0][1], f"and then others{sure}")


def _other_dims(part: ast.expr, first: Val, then: str) -> Unsettled:
    return Unsettled(
        part,
        f"in a loop or behind a branch, {_shown(part)} has the dims {dims_text(first)}, {then}",
        f"put its dims in one order before: `align_to({_listed(first)})`",
    )


def unknown_dims(part: ast.expr, value: Val) -> Unsettled:
    """The failure of an expression whose dims are not all known."""
    name = part.id if isinstance(part, ast.Name) else "y"
    told = isinstance(value, Array) and any(isinstance(axis, Axis) for axis in value.shape.axes)
    if isinstance(value, Array) and value.names in (Names.ALL, Names.SOME) and told:
        reason = f"of the dims of {_shown(part)}, only these are known: {dims_text(value)}"
    else:
        reason = f"the dims of {_shown(part)} are not known"
    help = f'{_ASSIGNED}: `{name}: Float[NamedTensor, "N C"] = ...`, with the dims that it has'
    return Unsettled(part, reason, help)


def of_parameter(error: Unsettled, definition: ast.FunctionDef) -> Unsettled:
    """The same failure, where what is not known is a parameter of a function: that is where it is annotated."""
    names = [one.arg for one in ast.walk(definition.args) if isinstance(one, ast.arg)]
    if not isinstance(error.node, ast.Name) or not error.help.startswith(_ASSIGNED):
        return error
    name = error.node.id
    assigned = any(
        isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, ast.Store)
        for one in ast.walk(definition)
    )
    if name not in names or assigned:
        return error
    help = f'annotate the parameter: `{name}: Float[NamedTensor, "N C"]`, with the dims that it has'
    return Unsettled(error.node, error.reason, help)


def may_be_named(values: Sequence[Val]) -> bool:
    """Whether one of some values surely is a NamedTensor, where it is not None."""
    held = [one.value if isinstance(one, Maybe) else one for one in values]
    return any(isinstance(one, Array) and one.names in (Names.ALL, Names.SOME) for one in held)


def dims_text(value: Val) -> str:
    """The dims of a tensor as the language writes them, `_` for an axis without a name."""
    if not isinstance(value, Array):
        return "no dims"
    return "`" + " ".join(_name(axis) if isinstance(axis, Axis) else "..." for axis in value.shape.axes) + "`"


def _listed(value: Val) -> str:
    axes = value.shape.axes if isinstance(value, Array) else ()
    return ", ".join(f'"{_name(axis)}"' if isinstance(axis, Axis) else "..." for axis in axes)


def _name(axis: Axis) -> str:
    return "_" if axis.carried is Unknown else axis.carried


def _shown(node: ast.expr) -> str:
    text = ast.unparse(node)
    return f"`{text}`" if len(text) <= _LONGEST else "it"
