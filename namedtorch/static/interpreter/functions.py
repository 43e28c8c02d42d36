"""Functions of the project: checked for all arguments, and run with those of a call."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis, Rest
from namedtorch.ops.judge import either_name, name_conflict
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Names
from namedtorch.signature.array import NAMED
from namedtorch.signature.hints import ANYTHING, Hint, has_dims
from namedtorch.static.annotations import plain_type, takes_none
from namedtorch.static.interpreter.annotation import annotation_of, lookup_in
from namedtorch.static.interpreter.conformance import ARGUMENT, conform
from namedtorch.static.interpreter.declared import bind_given, is_declared, keep_given, overloads_for
from namedtorch.static.interpreter.definitions import CONSTRUCTOR, member
from namedtorch.static.interpreter.domain import (
    Class,
    DictValue,
    External,
    Function,
    Given,
    Instance,
    Many,
    Maybe,
    Real,
    Text,
    Val,
)
from namedtorch.static.interpreter.join import join
from namedtorch.static.interpreter.machine import DEEPEST_CALL, MAX_DEPTH, Frame, Machine
from namedtorch.static.interpreter.nameless import without_names
from namedtorch.static.interpreter.plain import given_size
from namedtorch.static.interpreter.promise import assume_where, promised
from namedtorch.static.interpreter.slots import Slot, WrongCall, bind, slots_of

_NONE_GIVEN: Final[Mapping[str, Val]] = {}


def frame_for(function: Function, call: ast.AST | None, generic: bool) -> Frame:
    """A frame for a function's names."""
    return Frame(
        function.scope, {}, function.closure, function, function.owner, call=call, generic=generic,
    )  # fmt: skip


def call_function(
    machine: Machine,
    function: Function,
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Mapping[str, ast.AST] | None = None,
) -> Val:
    """What a function gives for these arguments: by its annotations, and by its body as far as that is followed."""
    if function.variants:
        return _overloaded(machine, function, arguments, keywords, node, written or {})
    slots = slots_of(function.node)
    try:
        bound = bind(slots, arguments, keywords)
    except WrongCall:
        return Unknown
    frame = frame_for(function, node, generic=False)
    if arguments and slots and slots[0].kind in ("plain", "several") and function.owner is not None:
        frame.receiver = arguments[0]
    hints = _hints(machine, function, slots, frame)
    count = len(machine.faults)
    machine.frames.append(frame)
    try:
        for slot in slots:
            if slot.name in bound:
                value = bound[slot.name]
                frame.cell[slot.name] = DictValue.of(value) if isinstance(value, dict) else value
            elif slot.default is not None:
                frame.cell[slot.name] = _default(machine, slot, slot.default, function)
            else:
                frame.cell[slot.name] = Unknown
        machine.frames.pop()
        bind_given(function, frame)
        for slot in slots:
            hint = hints.get(slot.name)
            if hint is not None and slot.name in bound:
                place = (written or {}).get(slot.name, node)
                frame.cell[slot.name] = conform(
                    machine, frame.cell[slot.name], hint, frame, ARGUMENT, place,
                    {**(written or {}), **frame.origins, "annotation": slot.annotation or node}, {},
                )  # fmt: skip
    finally:
        if machine.frames[-1] is frame:
            machine.frames.pop()
    misfits = len(machine.faults) > count
    if function.name == CONSTRUCTOR and function.owner is not None:
        machine.made.setdefault(id(function.owner.node), []).append(dict(frame.cell))
        keep_given(machine, frame)
    return _followed(machine, function, frame, misfits)


def _overloaded(
    machine: Machine,
    function: Function,
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Mapping[str, ast.AST],
) -> Val:
    """What a function with overloads gives: what its body gives, and what the overloads say that the call may be of."""
    body: Val = Unknown
    if not is_declared(function):
        body = call_function(machine, replace(function, variants=()), arguments, keywords, node, written)
    fitting = overloads_for(machine, function, arguments, keywords, node, written)
    machine.quiet += len(fitting) > 1
    values = [
        call_function(machine, replace(one, variants=()), arguments, keywords, node, written)
        for one in fitting
    ]
    machine.quiet -= len(fitting) > 1
    if not values:
        return body
    result = values[0]
    for one in values[1:]:
        result = join(result, one)
    return more_known(body, result)


def _default(machine: Machine, slot: Slot, node: ast.expr, function: Function) -> Val:
    if slot.name in function.defaults:
        return function.defaults[slot.name]
    outer = Frame(function.scope, function.scope.cell, function.closure)
    machine.frames.append(outer)
    machine.quiet += 1
    try:
        value = machine.parts.evaluate(node)
        # A stub need not say which value it is.
        return Unknown if value is Ellipsis else value
    finally:
        machine.quiet -= 1
        machine.frames.pop()


def _hints(machine: Machine, function: Function, slots: Sequence[Slot], frame: Frame) -> dict[str, Hint]:
    """The hints with dims of the parameters; the result's goes to the frame."""
    if isinstance(function.node, ast.Lambda):
        return {}
    found: dict[str, Hint] = {}
    known = machine.known_hints(function)
    if known is not None:
        found = {slot.name: known[slot.name] for slot in slots if has_dims(known.get(slot.name, ANYTHING))}
        frame.result = known.get("return", ANYTHING)
        frame.annotated = bool(found) or has_dims(frame.result)
        return found
    for slot in slots:
        if slot.annotation is None or slot.kind in ("several", "keywords"):
            continue
        hint = annotation_of(machine, slot.annotation, frame).hint
        if has_dims(hint):
            found[slot.name] = hint
            frame.origins.setdefault(slot.name, slot.annotation)
    if function.node.returns is not None:
        frame.result = annotation_of(machine, function.node.returns, frame).hint
    frame.annotated = bool(found) or (frame.result is not None and has_dims(frame.result))
    return found


def _followed(machine: Machine, function: Function, frame: Frame, misfits: bool) -> Val:
    """The result of a frame whose arguments are there."""
    value: Val = Unknown
    running = [one.function.node for one in machine.frames if one.function is not None]
    followed = not misfits and not is_declared(function)
    if machine.thorough:
        followed = followed and len(machine.frames) < DEEPEST_CALL
    else:
        told = function.node not in running and _tells(frame)
        followed = followed and told and len(machine.frames) < MAX_DEPTH
    if followed:
        fuel = machine.fuel
        value = without_names(run_body(machine, function, frame), fuel)
        if frame.yields or isinstance(function.node, ast.AsyncFunctionDef):
            return Unknown
    elif not is_declared(function):
        machine.parts.forget(list(frame.cell.values()))
    if frame.result is not None and has_dims(frame.result):
        by_hint = promised(machine, frame.result, frame)
        return more_known(value, by_hint)
    return value


def _tells(frame: Frame) -> bool:
    """Whether anything is known of the arguments that could say something of the result."""
    values = frame.cell.values()
    return not values or any(not _says_nothing(value) for value in values)


def _says_nothing(value: Val) -> bool:
    if isinstance(value, DictValue):
        return all(map(_says_nothing, value.entries.values()))
    if isinstance(value, tuple):
        return all(map(_says_nothing, value))
    return value is Unknown or value is None or isinstance(value, bool | str | float | Real | Text | External)


def more_known(value: Val, promise: Val) -> Val:
    """A value with what a promise adds where it is not known."""
    if value is Unknown or value is None:
        return promise
    if isinstance(value, Array) and isinstance(promise, Array):
        if value.shape.rank is Unknown:
            return promise
        if any(_are_misnamed(one, other) for one, other in _opposite(value.shape, promise.shape)):
            # What the body gives is not what is promised, which is said there.
            return promise
        names = promise.names if value.names is Unknown else value.names
        if promise.shape.rank != value.shape.rank:
            return replace(value, names=names)
        axes = [
            one if one.size is not Unknown else other.called(either_name(one, other))
            for one, other in zip(value.shape.fixed, promise.shape.fixed, strict=True)
        ]
        return Array(type(value.shape)(tuple(axes)), value.dtype, names)
    if isinstance(value, tuple) and isinstance(promise, tuple) and len(value) == len(promise):
        return tuple(more_known(one, other) for one, other in zip(value, promise, strict=True))
    return value


def _opposite(shape: TensorShape, promise: TensorShape) -> Iterator[tuple[Axis | Rest, Axis | Rest]]:
    """The axes of a shape, and what a promise has in their places: in front of its `...`, and behind."""
    front = next(
        (place for place, one in enumerate(promise.axes) if isinstance(one, Rest)), len(promise.axes)
    )
    back = len(promise.axes) - front - 1
    yield from zip(shape.axes, promise.axes[:front], strict=False)
    if back > 0:
        yield from zip(shape.axes[-back:], promise.axes[-back:], strict=False)


def _are_misnamed(one: Axis | Rest, other: Axis | Rest) -> bool:
    return isinstance(one, Axis) and isinstance(other, Axis) and name_conflict(one, other)


def run_body(machine: Machine, function: Function, frame: Frame) -> Val:
    """Runs a function whose frame holds its arguments; gives what it returns."""
    judge = machine.judge
    certain, reached = judge.certain, machine.reached
    if len(machine.frames) == 1:
        # What a call does is asked here; whether there is one, where it stands.
        machine.reached = True
    machine.entered(frame)
    machine.frames.append(frame)
    try:
        if isinstance(function.node, ast.Lambda):
            return machine.parts.evaluate(function.node.body)
        machine.parts.execute(function.node.body)
    finally:
        machine.frames.pop()
        judge.certain = certain
        machine.reached = reached
    returns: list[Val] = list(frame.returns)
    if frame.alive:
        returns.append(None)
    if not returns:
        return Unknown
    result = returns[0]
    for one in returns[1:]:
        result = join(result, one)
    return result


def run_generic(
    machine: Machine,
    function: Function,
    receiver: Val = Unknown,
    symbolic: bool = False,
    given: Mapping[str, Val] = _NONE_GIVEN,
) -> Frame:
    """Runs a function for all of its arguments, and reports what does not fit.

    With `symbolic`, unannotated arguments are numbers that a constructor is given. What is `given` is known of the
    arguments beside what is annotated.
    """
    frame = frame_for(function, None, generic=True)
    frame.receiver = receiver
    slots = slots_of(function.node)
    hints = _hints(machine, function, slots, frame)
    machine.frames.append(frame)
    try:
        is_method = function.owner is not None and receiver is not Unknown
        for place, slot in enumerate(slots):
            if is_method and place == 0:
                others = given.get(slot.name)
                behind = others[1:] if isinstance(others, tuple) else ()
                frame.cell[slot.name] = (receiver, *behind) if slot.kind == "several" else receiver
                continue
            hint = hints.get(slot.name)
            if slot.name in given:
                frame.cell[slot.name] = given[slot.name]
            elif hint is not None:
                value = promised(machine, hint, frame)
                frame.cell[slot.name] = value
                assume_where(machine, hint, frame)
            else:
                frame.cell[slot.name] = argument_value(machine, slot, function, symbolic)
        machine.frames.pop()
        run_body(machine, function, frame)
    finally:
        if machine.frames and machine.frames[-1] is frame:
            machine.frames.pop()
    return frame


_NUMBERS: Final = ("int", "typing.SupportsInt", "typing.SupportsIndex")
_TEXTS: Final = ("str",)
_OTHERS: Final = (
    "bool",
    "float",
    "torch.Tensor",
    "torch.nn.Module",
    "torch.dtype",
    "torch.device",
    "dict",
    "list",
    "tuple",
)


def _module_argument(machine: Machine, slot: Slot, function: Function) -> Val:
    """An object of a module's class of the project, as its constructor makes it of any arguments."""
    if not isinstance(slot.annotation, ast.Name | ast.Attribute):
        return Unknown
    machine.frames.append(Frame(function.scope, function.scope.cell))
    machine.quiet += 1
    try:
        kind = machine.parts.evaluate(slot.annotation)
        constructor = member(kind, CONSTRUCTOR) if isinstance(kind, Class) else None
        if not isinstance(kind, Class) or constructor is None or not isinstance(constructor[0], Function):
            return Unknown
        made = Instance(kind, {})
        given: dict[str, Val] = {
            one.name: Given(f"{slot.name}.{one.name}")
            for one in slots_of(constructor[0].node)[1:]
            if one.default is None and one.kind in ("plain", "keyword")
        }
        call_function(machine, constructor[0], [made], given, slot.annotation)
        return made
    finally:
        machine.quiet -= 1
        machine.frames.pop()


def argument_value(machine: Machine, slot: Slot, function: Function, symbolic: bool) -> Val:
    """What is known of an argument without dims, whatever it is."""
    if slot.kind == "several":
        return Many(Unknown)
    if slot.kind == "keywords":
        return Unknown
    name = slot.name
    if slot.annotation is not None:
        kind = plain_type(slot.annotation, lookup_in(machine, function.scope), strip_optional=True)
        if kind in _NUMBERS:
            size = given_size(name if symbolic or function.owner is None else f"{function.name}.{name}")
            if size is Unknown:
                return Unknown
            optional = takes_none(slot.annotation, lookup_in(machine, function.scope))
            return Maybe(size) if optional else size
        if kind in _TEXTS:
            return Text()
        if kind == "float":
            return Real()
        if kind == "torch.Tensor":
            return Array()
        if kind == NAMED:
            return Array(names=Names.SOME)
        if kind is not Unknown and kind not in _OTHERS:
            held = _module_argument(machine, slot, function)
            if held is not Unknown:
                return held
        if kind is Unknown or kind in _OTHERS:
            return Unknown if kind is not Unknown or not symbolic else Given(name)
        return Given(name) if symbolic else Unknown
    if isinstance(slot.default, ast.Constant):
        default = slot.default.value
        if isinstance(default, float):
            return Real()
        if isinstance(default, bool | str) or default is None:
            return Unknown
        if isinstance(default, int) and not symbolic:
            size = given_size(name if function.owner is None else f"{function.name}.{name}")
            return Unknown if size is Unknown else size
    if isinstance(slot.default, ast.Tuple | ast.List | ast.Dict | ast.Call):
        return Unknown
    return Given(name) if symbolic else Unknown
