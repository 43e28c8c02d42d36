"""Modules and functions of plain tensors that take and give named ones: `named_module(layer, "C -> K")`."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from namedtorch.diagnostics import AnnotationError
from namedtorch.dims.pattern import Axis as PatternAxis
from namedtorch.dims.pattern import Dim, Group
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis, Rest
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit
from namedtorch.ops.matching import apply_signatures
from namedtorch.ops.op_rule import read_parameters
from namedtorch.ops.table import operator_for
from namedtorch.ops.tensor_shape import Undetermined
from namedtorch.ops.values import Array, Fields, Names, Value
from namedtorch.signature.array import NAMED
from namedtorch.signature.boundary_text import read_boundary
from namedtorch.signature.hints import Hint, TensorHint, TupleHint
from namedtorch.signature.signature import Signature
from namedtorch.static.interpreter.carried import called_as, given_names, names_among, plain_tensor
from namedtorch.static.interpreter.conformance import ARGUMENT
from namedtorch.static.interpreter.definitions import member
from namedtorch.static.interpreter.domain import (
    Bound,
    Chain,
    Crossing,
    External,
    Function,
    Instance,
    Layer,
    Val,
)
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.misnaming import misnamed
from namedtorch.static.interpreter.plain import as_program_value, as_rule_value
from namedtorch.static.interpreter.slots import slots_of
from namedtorch.static.interpreter.store import Cell

MARK: Final = " crossing"
"""Where a module holds the signature by which it takes and gives named tensors."""

_REST: Final = "rest"
"""What the axes of `...` are called: they are the same ones on both sides of the arrow."""


def marked(
    machine: Machine, value: Val, arguments: Sequence[Val], node: ast.AST, written: Sequence[ast.AST]
) -> Val:
    """A module, or a function, by a signature from here on; a module is marked itself."""
    text = arguments[0] if arguments else Unknown
    parameters = _parameters(value)
    if not isinstance(text, str) or not parameters:
        return Unknown
    place = written[1] if len(written) > 1 else node
    try:
        signature = read_boundary(text, parameters)
    except AnnotationError as error:
        first = error.failures[0]
        machine.fault(
            Misfit("bad-annotation", first.message, "dims", help=first.help or ""), place, {"dims": place}, {}
        )
        return Unknown
    crossing = Crossing(value, _with_one_rest(signature), place)
    cell = mark_of(value)
    if cell is None:
        return crossing
    machine.write(cell, MARK, crossing)
    return value


def mark_of(value: Val) -> Cell | None:
    """Where a module holds its mark; None for a function, of which there is another one then."""
    match value:
        case Layer(cell=cell) | Chain(cell=cell) | Instance(cell=cell):
            return cell
        case _:
            return None


def _parameters(value: Val) -> tuple[str, ...]:
    """The names of the parameters that arguments by position go to."""
    match value:
        case Chain():
            return ("input",)
        case Layer(rule=rule):
            if rule.operate is not None:
                return tuple(one.name for one in read_parameters(rule.takes))
            signatures = rule.forwards(lambda name: as_rule_value(value.attributes.get(name, Unknown)))
            return tuple(one.name for one in signatures[0].parameters) if signatures else ()
        case Instance(kind=kind):
            found = member(kind, "forward")
            return _positional(found[0])[1:] if found is not None else ()
        case External(name=name):
            rule = operator_for(name)
            return () if rule is Unknown else tuple(one.name for one in rule.taken if not one.several)
        case Function():
            return _positional(value)
        case Bound(function=function):
            return _positional(function)[1:]
        case _:
            return ()


def _positional(function: Val) -> tuple[str, ...]:
    if not isinstance(function, Function):
        return ()
    return tuple(slot.name for slot in slots_of(function.node) if slot.kind == "plain")


def _with_one_rest(signature: Signature) -> Signature:
    """The signature with a name for `...`."""

    def change(hint: Hint) -> Hint:
        match hint:
            case TensorHint(shape=shape):
                axes = tuple(Group(_REST) if one == Group() else one for one in shape.axes)
                return replace(hint, array=NAMED, shape=replace(shape, axes=axes))
            case TupleHint(items=items):
                return TupleHint(tuple(map(change, items)))
            case _:
                return hint

    parameters = tuple(replace(one, hint=change(one.hint)) for one in signature.parameters)
    return replace(signature, parameters=parameters, result=change(signature.result))


def cross(
    machine: Machine,
    crossing: Crossing,
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Sequence[ast.AST],
    run: Callable[[Sequence[Val], Mapping[str, Val]], Val],
) -> Val:
    """What a call gives that crosses from named tensors to plain ones and back; `run` takes the plain ones."""
    parameters = _parameters(crossing.callee)
    hints = {one.name: one.hint for one in crossing.signature.parameters if isinstance(one.hint, TensorHint)}
    values = {**dict(zip(parameters, arguments, strict=False)), **keywords}
    nodes = dict(zip(parameters, written, strict=False))
    if isinstance(node, ast.Call):
        nodes |= {one.arg: one.value for one in node.keywords if one.arg is not None}
    taken: dict[str, Value] = {}
    for name, hint in hints.items():
        value = values.get(name)
        if not isinstance(value, Array):
            taken[name] = Unknown
            continue
        misfit = misnamed(value, hint, ARGUMENT, missing=False)
        if misfit is not None:
            at = nodes.get(name, node)
            misfit.detail = misfit.detail.replace("the annotation", "the signature")
            machine.fault(misfit, at, {"value": at, "annotation": crossing.place}, {"value": value})
            return Unknown
        taken[name] = Array(called_as(value.shape, hint.shape.axes, value.shape), value.dtype)
    try:
        told = apply_signatures(Call(taken, machine.judge), [crossing.signature], ARGUMENT)
    except Misfit as misfit:
        at = nodes.get(misfit.argument, node)
        machine.fault(misfit, at, {**nodes, "annotation": crossing.place}, values)
        return Unknown
    except (Undetermined, ZeroDivisionError):
        told = Unknown
    result = run(
        [_plainly(one) for one in arguments], {name: _plainly(one) for name, one in keywords.items()}
    )
    names, unsure = names_among([values.get(name, Unknown) for name in hints])
    found = Names.SOME if unsure or names is Names.SOME else Names.ALL
    leaves = _leaves(crossing.signature.result, as_program_value(told))
    if result is Unknown and len(leaves) == 1:
        result = Array()
    return given_names(_under(result, leaves), found)


def _plainly(value: Val) -> Val:
    return plain_tensor(value) if isinstance(value, Array) else value


def _under(result: Val, leaves: list[tuple[Hint, Val]]) -> Val:
    """What plain code gives, whose tensors get the names of the next leaves of the signature, which are taken away."""
    if isinstance(result, tuple):
        return tuple([_under(one, leaves) for one in result])
    if isinstance(result, Fields):
        items = [_under(as_program_value(one), leaves) for one in result.items]
        return Fields(result.names, tuple(as_rule_value(one) for one in items))
    if not isinstance(result, Array):
        return Unknown
    return _leaf(result, *leaves.pop(0)) if leaves else Unknown


def _leaf(result: Array, hint: Hint, told: Val) -> Val:
    if not isinstance(hint, TensorHint) or not isinstance(told, Array):
        return Unknown
    pattern = hint.shape.axes
    named = called_as(told.shape, pattern, told.shape)
    axes = [
        _axis(axis, pattern[place] if len(named.axes) == len(pattern) else Group())
        for place, axis in enumerate(named.axes)
    ]
    if result.shape.rank is not Unknown and result.shape.rank == len(axes):
        axes = [
            mine.called(axis.carried) if isinstance(axis, Axis) and mine.size is not Unknown else axis
            for mine, axis in zip(result.shape.fixed, axes, strict=True)
        ]
    return Array(replace(named, axes=tuple(axes)), result.dtype)


def _axis(axis: Axis | Rest, said: PatternAxis) -> Axis | Rest:
    """An axis of a result as far as the signature tells: its name, and a size that is written, `classes=10`.

    A dim keeps its name where its size changes, as `H` does behind a convolution.
    """
    if isinstance(axis, Rest) or (isinstance(said, Dim) and said.size is not Unknown):
        return axis
    return Axis(carried=axis.carried)


def _leaves(hint: Hint, told: Val) -> list[tuple[Hint, Val]]:
    """The shapes of a signature's results with what is known of them."""
    if not isinstance(hint, TupleHint):
        return [(hint, told)]
    listed = (
        told if isinstance(told, tuple) and len(told) == len(hint.items) else (Unknown,) * len(hint.items)
    )
    return list(zip(hint.items, listed, strict=True))
