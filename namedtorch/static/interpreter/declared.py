"""Functions and attributes that are declared only: in stubs, as overloads, in protocols.

A stub has no body that could tell which dims are which arguments. There, a dim that is called like a number that the
function takes, or that the constructor of its class takes, is that argument.
"""

import ast
from collections.abc import Mapping, Sequence
from typing import Final, cast

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.judge import Misfit
from namedtorch.ops.matching import rank_fits
from namedtorch.ops.values import Array
from namedtorch.signature.hints import Hint, OptionalHint, TensorHint, has_dims
from namedtorch.static.annotations import plain_type
from namedtorch.static.interpreter.annotation import annotation_of, lookup_in
from namedtorch.static.interpreter.carried import is_other_kind
from namedtorch.static.interpreter.conformance import ARGUMENT
from namedtorch.static.interpreter.definitions import lineage
from namedtorch.static.interpreter.domain import (
    Class,
    Function,
    Given,
    Instance,
    Maybe,
    ModuleScope,
    Text,
    Val,
)
from namedtorch.static.interpreter.machine import Frame, Machine
from namedtorch.static.interpreter.plain import as_number
from namedtorch.static.interpreter.promise import promised
from namedtorch.static.interpreter.slots import Slot, WrongCall, bind, slots_of

STUB: Final = ".pyi"
"""What the path of a stub ends with."""

GIVEN: Final = " given"
"""Where the cell of an object of a stub's class holds what its constructor was given."""

_NUMBERS: Final = ("int", "float", "bool", "str")


def is_stub(scope: ModuleScope) -> bool:
    """Whether a module only declares what it holds."""
    return scope.module.path.endswith(STUB)


def is_declared(function: Function) -> bool:
    """Whether a function has no body that says what it gives."""
    if isinstance(function.node, ast.Lambda):
        return False
    return is_stub(function.scope) or all(
        isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) for one in function.node.body
    )


# The arguments that dims of stubs are


def keep_given(machine: Machine, frame: Frame) -> None:
    """Remembers what the constructor of a stub's class was given, also as the attributes that the class declares."""
    made, owner = frame.receiver, frame.owner
    if not isinstance(made, Instance) or owner is None or not is_stub(frame.scope):
        return
    given = {name: value for name, value in frame.cell.items() if value is not made}
    before: dict[str, Val] = made.cell.get(GIVEN, {})
    machine.journal.write(made.cell, GIVEN, {**before, **given})
    for name, value in given.items():
        if _declaration(made.kind, name) is not None and value is not Unknown:
            machine.write(made.cell, name, value)


def bind_given(function: Function, frame: Frame) -> None:
    """Binds the dims of a stub's function that are called like numbers of its own or of the constructor."""
    if not is_stub(function.scope):
        return
    made = frame.receiver
    constructor: dict[str, Val] = made.cell.get(GIVEN, {}) if isinstance(made, Instance) else {}
    for name, value in {**constructor, **frame.cell}.items():
        size = as_number(value)
        if size is not Unknown and not isinstance(value, bool):
            frame.axes.setdefault(name, Axis(size))


def declared_attribute(machine: Machine, made: Instance, name: str) -> Val:
    """The attribute that the class of an object declares with dims: `weight: Float[Tensor, "out in"]` in a stub."""
    found = _declaration(made.kind, name)
    if found is None:
        return Unknown
    node, owner = found
    frame = Frame(owner.scope, {}, owner=owner, receiver=made)
    hint = annotation_of(machine, node.annotation, frame).hint
    if not has_dims(hint):
        return Unknown
    for argument, value in made.cell.get(GIVEN, {}).items():
        size = as_number(value)
        if size is not Unknown and not isinstance(value, bool):
            frame.axes[argument] = Axis(size)
    return promised(machine, hint, frame)


def _declaration(kind: Class, name: str) -> tuple[ast.AnnAssign, Class] | None:
    """The annotation without a value that a stub has for an attribute."""
    for one in lineage(kind):
        if not isinstance(one, Class) or not is_stub(one.scope):
            continue
        for statement in one.node.body:
            match statement:
                case ast.AnnAssign(target=ast.Name(id=target)) if target == name:
                    return statement, one
                case _:
                    pass
    return None


# Overloads


def overloads_for(
    machine: Machine,
    function: Function,
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Mapping[str, ast.AST],
) -> tuple[Function, ...]:
    """The overloads that a call may be of: the first whose ranks fit, or all that may where ranks are not known.

    None, and a fault, where a tensor has a rank that no overload takes.
    """
    counted: list[tuple[Function, dict[str, Val], tuple[Slot, ...]]] = []
    found: list[Function] = []
    for one in function.variants:
        slots = slots_of(one.node)
        try:
            bound = cast("dict[str, Val]", bind(slots, arguments, keywords))
        except WrongCall:
            continue
        counted.append((one, bound, slots))
        answers = [_takes(machine, one, slot, bound[slot.name]) for slot in slots if slot.name in bound]
        if False in answers:
            continue
        found.append(one)
        if None not in answers:
            break
    if counted and not found:
        _refuse(machine, counted, node, written)
    return tuple(found)


def _takes(machine: Machine, function: Function, slot: Slot, value: Val) -> bool | None:
    """Whether a parameter takes a value; None where that depends on what is not known of it."""
    if slot.annotation is None or slot.kind in ("several", "keywords"):
        return True
    hint = annotation_of(machine, slot.annotation, Frame(function.scope, {})).hint
    if has_dims(hint):
        return _fits(value, hint)
    kind = plain_type(slot.annotation, lookup_in(machine, function.scope), strip_optional=True)
    if value is Unknown:
        return None
    if isinstance(value, Array):
        return kind not in _NUMBERS
    return not (_is_no_tensor(value) and kind == "torch.Tensor")


def _is_no_tensor(value: Val) -> bool:
    return as_number(value) is not Unknown or isinstance(value, str | float | Text)


def _fits(value: Val, hint: Hint) -> bool | None:
    match hint:
        case TensorHint(shape=shape):
            if isinstance(value, Array):
                if is_other_kind(value, hint.array):
                    return False
                known = value.shape.rank is not Unknown
                return (known or None) if rank_fits(value.shape, shape) else False
            if value is Unknown or isinstance(value, Maybe | Given):
                return None
            return value is not None and not _is_no_tensor(value)
        case OptionalHint(inner=inner):
            return True if value is None else _fits(value, inner)
        case _:
            return None if value is Unknown else True


def _refuse(
    machine: Machine,
    counted: Sequence[tuple[Function, Mapping[str, Val], Sequence[Slot]]],
    node: ast.AST,
    written: Mapping[str, ast.AST],
) -> None:
    """A fault at the first tensor whose rank none of the overloads takes."""
    _, first, slots = counted[0]
    for slot in slots:
        value = first.get(slot.name)
        if not isinstance(value, Array):
            continue
        taken: list[str] = []
        for function, _, others in counted:
            annotation = next((one.annotation for one in others if one.name == slot.name), None)
            hint = annotation_of(machine, annotation, Frame(function.scope, {})).hint
            if not isinstance(hint, TensorHint) or rank_fits(value.shape, hint.shape):
                break
            taken.append(f'"{hint.shape}"')
        else:
            detail = f"it has {len(value.shape.axes)} axes, and the overloads take {' or '.join(taken)}"
            at = written.get(slot.name, node)
            machine.fault(Misfit(ARGUMENT, detail, "value"), at, {"value": at}, {"value": value})
            return
