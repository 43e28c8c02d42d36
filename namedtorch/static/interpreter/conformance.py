"""Conformance: whether values keep what annotations promise."""

import ast
from collections.abc import Mapping
from dataclasses import replace

from namedtorch.dims.constraint import Constraint
from namedtorch.dims.decide import Answer
from namedtorch.dims.pattern import Axis as PatternAxis
from namedtorch.dims.pattern import Dim, Flattened
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit
from namedtorch.ops.matching import Matcher, rank_fits
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array, Names
from namedtorch.signature.array import NAMED
from namedtorch.signature.hints import (
    Hint,
    ListHint,
    OptionalHint,
    TensorHint,
    TupleHint,
    UnionHint,
    has_dims,
)
from namedtorch.signature.signature import tensors_of
from namedtorch.static.interpreter.annotation import annotation_of
from namedtorch.static.interpreter.carried import called_as, names_promised, unnamed
from namedtorch.static.interpreter.definitions import CONSTRUCTOR, member
from namedtorch.static.interpreter.domain import Function, Instance, ListValue, Many, Maybe, Val
from namedtorch.static.interpreter.judge import is_rigid
from namedtorch.static.interpreter.machine import Frame, Machine
from namedtorch.static.interpreter.misnaming import misnamed
from namedtorch.static.interpreter.plain import given_size, items_of
from namedtorch.static.interpreter.promise import attribute_size, promised, resolved_size
from namedtorch.static.interpreter.slots import slots_of

RESULT = "result-differs"


LOCAL = "local-differs"


ARGUMENT = "argument-differs"


VALUE = "value"
"""What the value that is checked is called in a misfit."""


def conform(
    machine: Machine,
    value: Val,
    hint: Hint,
    frame: Frame,
    code: str,
    node: ast.AST,
    nodes: Mapping[str, ast.AST],
    values: Mapping[str, Val],
) -> Val:
    """Holds a value to a hint; gives what is known of it then. A misfit becomes a fault, and the promise stands."""
    match hint:
        case TensorHint():
            return _conform_tensor(machine, value, hint, frame, code, node, nodes, values)
        case OptionalHint(inner=inner):
            if value is None:
                return None
            if isinstance(value, Maybe):
                return Maybe(conform(machine, value.value, inner, frame, code, node, nodes, values))
            if value is Unknown:
                return promised(machine, hint, frame)
            return conform(machine, value, inner, frame, code, node, nodes, values)
        case TupleHint(items=hints):
            items = items_of(value)
            if items is Unknown or len(items) != len(hints) or not isinstance(value, tuple):
                if isinstance(value, tuple) and items is not Unknown and code != ARGUMENT:
                    detail = f"{len(items)} values are given for {len(hints)}"
                    machine.fault(Misfit(code, detail, VALUE), node, {**nodes, VALUE: node}, dict(values))
                return promised(machine, hint, frame)
            parts = (
                node.elts
                if isinstance(node, ast.Tuple) and len(node.elts) == len(items)
                else [node] * len(items)
            )
            return tuple(
                conform(machine, one, inner, frame, code, part, nodes, values)
                for one, inner, part in zip(items, hints, parts, strict=True)
            )
        case ListHint(item=item):
            return _conform_items(machine, value, item, frame, code, node, nodes, values)
        case UnionHint():
            return value if value is not Unknown else promised(machine, hint, frame)
        case _:
            return value


def _conform_items(
    machine: Machine,
    value: Val,
    hint: Hint,
    frame: Frame,
    code: str,
    node: ast.AST,
    nodes: Mapping[str, ast.AST],
    values: Mapping[str, Val],
) -> Val:
    items = items_of(value)
    if isinstance(value, Many):
        return Many(conform(machine, value.item, hint, frame, code, node, nodes, values))
    if items is Unknown or not isinstance(value, tuple | ListValue):
        return Many(promised(machine, hint, frame)) if value is Unknown else value
    # `?H` is bound anew by every item.
    own = {name for one in tensors_of(hint) for name in one.shape.each}
    bound = {name: axis for name, axis in frame.axes.items() if name in own}
    checked: list[Val] = []
    for one in items:
        checked.append(conform(machine, one, hint, frame, code, node, nodes, values))
        for name in own:
            frame.axes.pop(name, None)
    frame.axes.update(bound)
    return tuple(checked) if isinstance(value, tuple) else ListValue({"items": tuple(checked)})


def _conform_tensor(
    machine: Machine,
    value: Val,
    hint: TensorHint,
    frame: Frame,
    code: str,
    node: ast.AST,
    nodes: Mapping[str, ast.AST],
    values: Mapping[str, Val],
) -> Val:
    if isinstance(value, Maybe):
        value = value.value
    if not isinstance(value, Array):
        if value is None and code == RESULT:
            machine.fault(
                Misfit(code, "None is given where a tensor is promised", VALUE),
                node,
                {**nodes, VALUE: node},
                dict(values),
            )
        return promised(machine, hint, frame)
    pattern = _with_attributes(machine, hint.shape, frame)
    every_node, every_value = {**nodes, VALUE: node}, {**values, VALUE: value}
    misnaming = misnamed(value, hint, code) if hint.array == NAMED else None
    if misnaming is not None:
        name = misnaming.argument
        machine.fault(misnaming, node, {**nodes, name: node}, {**values, name: value})
        return promised(machine, hint, frame)
    if not rank_fits(value.shape, pattern):
        said = len(pattern.axes)
        least = "at least " if pattern.groups else ""
        detail = (
            f'it has {len(value.shape.axes)} axes, and "{hint.shape}" has {least}{said - len(pattern.groups)}'
        )
        machine.fault(Misfit(code, detail, VALUE), node, every_node, every_value)
        return promised(machine, hint, frame)
    # Names are held to the annotation by themselves; here, a dim is a size.
    sized = Array(unnamed(value.shape), value.dtype)
    matcher = Matcher(Call({VALUE: sized}, machine.judge), code)
    matcher.axes, matcher.groups = frame.axes, frame.groups
    matcher.by = {name: (name, 0) for name in frame.axes}
    machine.judge.promised = code == RESULT and frame.generic
    try:
        strict_numbers(machine, value.shape, pattern, frame, code)
        if code == RESULT and frame.generic:
            namesakes(machine, value.shape, pattern, frame)
        for known_first in (True, False):
            matcher.match(VALUE, pattern, known_first)
        check_where(machine, pattern, frame)
        if frame.generic or value.shape.rest is not Unknown:
            return _named_by(hint, value, Array(matcher.shape(pattern), value.dtype))
        return value if value.names is not Unknown else _named_by(hint, value, value)
    except Misfit as misfit:
        machine.fault(misfit, node, every_node, every_value)
        return promised(machine, hint, frame)
    except (Undetermined, ZeroDivisionError):
        return value
    finally:
        machine.judge.promised = False


def _named_by(hint: TensorHint, value: Array, found: Array) -> Array:
    """What is known of a value that fits a hint, under the names that it has, or that the hint promises."""
    promise = names_promised(hint.array, hint.shape)
    names = promise if value.names is Unknown else value.names
    if names in (Unknown, Names.NONE) or len(hint.shape.groups) > 1:
        return replace(found, names=names)
    pattern = hint.shape.axes if hint.array == NAMED else ()
    return replace(found, shape=called_as(found.shape, pattern, value.shape), names=names)


def strict_numbers(machine: Machine, shape: TensorShape, pattern: Shape, frame: Frame, code: str) -> None:
    """A number where a dim is promised that the parameters fix: right for one of its sizes only. Raises `Misfit`."""
    if code == ARGUMENT or shape.rest is not Unknown or pattern.groups:
        return
    for place, (axis, found) in enumerate(zip(pattern.axes, shape.fixed, strict=True)):
        if not isinstance(axis, Dim) or axis.name is Unknown or axis.size is not Unknown or axis.broadcast:
            continue
        expected = frame.axes.get(axis.name)
        number = found.value
        if expected is None or expected.size is Unknown or number is Unknown:
            continue
        wanted = machine.judge.resolved(expected.size)
        name = wanted.name
        if name is not Unknown and is_rigid(name):
            detail = f"it is {number} there for any `{axis.name}`"
            raise Misfit(code, detail, VALUE, place, other=axis.name, left=found, right=expected)


def check_where(machine: Machine, pattern: Shape, frame: Frame) -> None:
    """The constraints of an annotation, at the sizes of a value. Raises `Misfit` for one that surely does not hold."""
    for constraint in pattern.where:
        left = resolved_size(machine, constraint.left, frame)
        right = resolved_size(machine, constraint.right, frame)
        if left is Unknown or right is Unknown:
            continue
        left, right = machine.judge.resolved(left), machine.judge.resolved(right)
        if left.value is not Unknown and right.value is not Unknown:
            broken = not Constraint(left, constraint.relation, right).holds({})
        else:
            answer = machine.judge.decide(left, right)
            broken = answer is {"==": Answer.DIFFERENT, "!=": Answer.EQUAL}.get(constraint.relation)
        if broken:
            raise Misfit(
                "where-broken", f"`{constraint}` does not hold: {left} {constraint.relation} {right}", VALUE
            )


def namesakes(machine: Machine, shape: TensorShape, pattern: Shape, frame: Frame) -> None:
    """A dim of the result that is called like a constructor argument, where that size is found on another axis.

    Also where the axis is computed from that argument and never has its size. Raises `Misfit`.
    """
    if shape.rest is not Unknown or pattern.groups or frame.owner is None:
        return
    for place, (axis, found) in enumerate(zip(pattern.axes, shape.fixed, strict=True)):
        if (
            not isinstance(axis, Dim)
            or axis.name is Unknown
            or axis.size is not Unknown
            or axis.name in frame.axes
        ):
            continue
        argument = given_size(axis.name)
        if argument is Unknown or found.size is Unknown:
            continue
        answer = machine.judge.decide(found.size, argument)
        if answer is Answer.EQUAL:
            continue
        elsewhere = any(
            other != place and one.size == argument and not _is_named(pattern.axes[other], axis.name)
            for other, one in enumerate(shape.fixed)
        )
        computed = answer is Answer.DIFFERENT and argument.symbols <= found.size.symbols
        # A number is right for one argument only.
        if elsewhere or computed or (found.value is not Unknown and _is_argument(axis.name, frame)):
            detail = f"the argument `{axis.name}` of the constructor is promised there"
            raise Misfit(RESULT, detail, VALUE, place, left=found, right=Axis(argument))


def _is_argument(name: str, frame: Frame) -> bool:
    """Whether the constructor of the class that is checked takes an argument of this name."""
    if not isinstance(frame.receiver, Instance):
        return False
    found = member(frame.receiver.kind, CONSTRUCTOR)
    return (
        found is not None
        and isinstance(found[0], Function)
        and any(slot.name == name and slot.default is None for slot in slots_of(found[0].node))
    )


def _is_named(axis: PatternAxis, name: str) -> bool:
    return isinstance(axis, Dim) and axis.name == name


def _with_attributes(machine: Machine, shape: Shape, frame: Frame) -> Shape:
    if not shape.attributes:
        return shape
    sizes = {path: attribute_size(machine, path, frame) for path in shape.attributes}

    def change(axis: PatternAxis) -> PatternAxis:
        match axis:
            case Dim() if axis.size is not Unknown:
                return replace(axis, size=axis.size.substitute(sizes))
            case Flattened(factors=factors):
                return Flattened(tuple(
                    replace(one, size=one.size.substitute(sizes)) if one.size is not Unknown else one for one in factors
                ))  # fmt: skip
            case _:
                return axis

    return Shape(tuple(change(axis) for axis in shape.axes), shape.where, shape.memory_format)


def check_result(machine: Machine, node: ast.Return, value: Val) -> Val:
    """Holds what a function returns to its annotation."""
    frame = machine.frame
    if frame.result is None or not has_dims(frame.result) or node.value is None:
        return value
    if not frame.generic and not _is_tried(machine):
        if frame.function is not None and machine.known_hints(frame.function) is not None:
            # A live function is run for its calls only.
            _hold_names(machine, value, frame.result, node.value)
        return value
    return conform(machine, value, frame.result, frame, RESULT, node.value, frame.origins, {})


def _hold_names(machine: Machine, value: Val, hint: Hint, node: ast.expr) -> None:
    """Says where a result carries other names than those that are promised."""
    inner = value.value if isinstance(value, Maybe) else value
    match hint:
        case OptionalHint(inner=wanted):
            _hold_names(machine, inner, wanted, node)
        case TupleHint(items=hints) if isinstance(inner, tuple) and len(inner) == len(hints):
            parts = node.elts if isinstance(node, ast.Tuple) else [node] * len(hints)
            if len(parts) == len(hints):
                for one, wanted, part in zip(inner, hints, parts, strict=True):
                    _hold_names(machine, one, wanted, part)
        case TensorHint(array=array) if array == NAMED and isinstance(inner, Array):
            misnaming = misnamed(inner, hint, RESULT)
            if misnaming is not None:
                name = misnaming.argument
                machine.fault(misnaming, node, {name: node}, {name: inner})
        case _:
            pass


def _is_tried(machine: Machine) -> bool:
    """Whether a script calls the function that runs: its sizes are those of a run."""
    return len(machine.frames) == 2 and not machine.frames[0].annotated and machine.frames[0].owner is None


def check_local(machine: Machine, node: ast.AnnAssign, value: Val) -> Val:
    """Holds a local to its annotation."""
    frame = machine.frame
    hint = annotation_of(machine, node.annotation).hint
    if not has_dims(hint):
        return value
    if node.value is None and value is Unknown:
        return promised(machine, hint, frame) if isinstance(hint, TensorHint) else value
    where = node.value if node.value is not None else node.target
    nodes = {**frame.origins, "annotation": node.annotation}
    return conform(machine, value, hint, frame, LOCAL, where, nodes, {})
