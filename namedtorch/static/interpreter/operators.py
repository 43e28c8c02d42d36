"""Calls of operators of the table, and of modules of torch."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis
from namedtorch.ops.judge import Misfit, either_name
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.naming import OWNER
from namedtorch.ops.op_rule import Mismatch, OpRule, Taken, bound_arguments, read_parameters
from namedtorch.ops.table import METHOD, operator_for
from namedtorch.ops.tensor_shape import NoSuchAxis, TensorShape, Undetermined
from namedtorch.ops.values import Array, Names, Value
from namedtorch.static.interpreter.carried import given_names, is_certain, is_named, names_among, under_names
from namedtorch.static.interpreter.domain import Instance, Layer, Val
from namedtorch.static.interpreter.judge import FLEXIBLE_MARK
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.plain import as_program_value, as_rule_value

OUT = "out"
"""The keyword under which a call says where its result goes."""

_FUNCTION: Final = "torch."

_OURS: Final = "namedtorch."
"""What the names of rows begin with whose results are NamedTensors, whatever they are given."""

_NUMBERS: Final = (bool, float, str, Size)
"""What a parameter has for its default that takes no tensors."""


def operate(
    machine: Machine,
    rule: OpRule,
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Sequence[ast.AST],
    in_place: bool = False,
) -> Val:
    """What an operator gives; a misfit becomes a fault at the arguments as they are `written`."""
    given = {name: value for name, value in keywords.items() if name != OUT}
    result = _judged(
        machine,
        lambda: rule([_settled(machine, one) for one in arguments], _plain(given), machine.judge),
        node,
        lambda: _by_parameter(rule.taken, written, node),
        lambda: _by_parameter(rule.taken, list(arguments), given),
    )
    if result is Unknown and rule.counts and machine.thorough and (not rule.dims or arguments[1:] or given):
        # A number all the same: what it is added to keeps its names.
        result = Size.symbol(f"{FLEXIBLE_MARK}size@{getattr(node, 'lineno', 0)}:{machine.fuel}}}")
    if machine.carries:
        result = given_names(result, _names_of_result(rule, arguments, given))
    if OUT in keywords and isinstance(node, ast.Call):
        _write_out(machine, node, result)
    if in_place and arguments and isinstance(arguments[0], Array):
        return _in_place(machine, arguments, result, node, written)
    return result


def _settled(machine: Machine, value: Val) -> Value:
    """A value as rules read it, with the sizes that the path has shown."""
    plain = as_rule_value(value)
    if isinstance(plain, Array) and machine.judge.known:
        return replace(plain, shape=machine.judge.settled(plain.shape))
    return plain


def _names_of_result(
    rule: OpRule, arguments: Sequence[Val], keywords: Mapping[str, Val]
) -> Names | UnknownType:
    """Which names are known of what an operator gives: it is a NamedTensor where one of its tensors is."""
    found, unsure = names_among([*arguments, *keywords.values()])
    if unsure:
        unsure = _may_be_tensors(rule, arguments, keywords)
    if found is not Names.NONE or rule.name.startswith(_OURS):
        return Names.SOME if unsure or found is Names.SOME else Names.ALL
    return Unknown if unsure else Names.NONE


def _may_be_tensors(rule: OpRule, arguments: Sequence[Val], keywords: Mapping[str, Val]) -> bool:
    """Whether what is not known stands where the operator takes tensors."""
    try:
        bound = bound_arguments(rule.taken, cast("Any", arguments), cast("Any", keywords))
    except Mismatch:
        return True
    return any(
        names_among([cast("Val", bound[one.name])])[1]
        for one in rule.taken
        if not isinstance(one.default, _NUMBERS) and one.name not in rule.dims
    )


def _write_out(machine: Machine, node: ast.Call, result: Val) -> None:
    """What stands behind `out=` has the shape of the result afterwards."""
    for keyword in node.keywords:
        if keyword.arg != OUT:
            continue
        if isinstance(keyword.value, ast.Name | ast.Attribute):
            machine.parts.assign(keyword.value, result)
        elif isinstance(keyword.value, ast.Tuple | ast.List):
            for one in keyword.value.elts:
                machine.parts.assign(one, Unknown)


def _in_place(
    machine: Machine, arguments: Sequence[Val], result: Val, node: ast.AST, written: Sequence[ast.AST]
) -> Val:
    """What a method in place leaves: the tensor as it was, or, where nothing else shapes it, what became of it."""
    target = arguments[0]
    assert isinstance(target, Array)
    if not isinstance(result, Array):
        return target
    if not any(isinstance(one, Array) for one in arguments[1:]):
        left = result
    elif is_named(result):
        left = written_to(machine, target, result, node, written[0] if written else node)
    else:
        return target
    place = written[0] if written else node
    if is_named(target) and left.shape != target.shape:
        doubt_names(machine, target)
    if left.shape != target.shape and (
        isinstance(place, ast.Name) or (isinstance(place, ast.Attribute) and is_named(target))
    ):
        machine.parts.assign(place, left)
    return left


def doubt_names(machine: Machine, target: Array) -> None:
    """Forgets the names of all variables that may hold a tensor that is renamed in place."""
    cells = [frame.cell for frame in machine.frames]
    cells += [one.receiver.cell for one in machine.frames if isinstance(one.receiver, Instance)]
    for cell in cells:
        for name in [name for name, value in cell.items() if value is target]:
            machine.write(cell, name, under_names(target, Unknown))


def written_to(machine: Machine, target: Array, result: Array, node: ast.AST, place: ast.AST) -> Array:
    """What an operator in place that gives a NamedTensor leaves of its target, which has the names of the result.

    One that has names gets no other ones.
    """
    if not is_named(target):
        return result
    if target.shape.rank is Unknown or target.shape.rank != result.shape.rank:
        return target if target.names is Names.SOME else replace(target, names=_of_unnamed(target))
    axes = target.shape.fixed
    own = {axis.carried for axis in axes}
    new = [axis for axis in result.shape.fixed if axis.carried not in own]
    if new and own != {Unknown} and target.names is Names.ALL:
        machine.fault(
            Misfit(
                "broadcast-dims-differ",
                f"the result has `{new[0].carried}`, and `input`, which it is written to, does not", "input",
                help="name its axes by `refine_names` first",
            ),
            node, {"input": place}, {"input": target},
        )  # fmt: skip
        return target
    called = [
        axis.called(either_name(axis, other)) for axis, other in zip(axes, result.shape.fixed, strict=True)
    ]
    return replace(target, shape=TensorShape(tuple(called)), names=result.names)


def _of_unnamed(target: Array) -> Names:
    """Which names are known of a tensor that nobody knows what is written to: one without names may get some."""
    named = any(isinstance(axis, Axis) and axis.carried is not Unknown for axis in target.shape.axes)
    return Names.ALL if named else Names.SOME


def run_layer(
    machine: Machine,
    layer: Layer,
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Sequence[ast.AST],
) -> Val:
    """What a module of torch gives."""

    def taken() -> Sequence[Taken]:
        if layer.rule.operate is not None:
            return read_parameters(layer.rule.takes)
        signatures = layer.rule.forwards(lambda name: as_rule_value(layer.attributes.get(name, Unknown)))
        return [Taken(one.name) for one in signatures[0].parameters] if signatures else []

    result = _judged(
        machine,
        lambda: layer.rule.call(
            lambda name: as_rule_value(layer.attributes.get(name, Unknown)),
            [as_rule_value(one) for one in arguments],
            _plain(keywords),
            machine.judge,
        ),
        node,
        # In a chain, nothing is written for what a layer is given.
        lambda: {**_or_nothing(lambda: _by_parameter(taken(), written, node)), "": layer.place},
        lambda: _by_parameter(taken(), list(arguments), keywords),
    )
    if not machine.carries:
        return result
    names, unsure = names_among([*arguments, *keywords.values()])
    if names is Names.NONE and unsure:
        return given_names(result, Unknown)
    return given_names(result, Names.SOME if unsure and names is not Names.NONE else names)


def make_layer(
    machine: Machine,
    rule: ModuleRule,
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Sequence[ast.AST],
) -> Val:
    """A module of torch made with these arguments."""
    attributes: dict[str, Val] = {}

    def made() -> Value:
        attributes.update(
            (name, as_program_value(value))
            for name, value in rule.made(
                [as_rule_value(one) for one in arguments], _plain(keywords), machine.judge
            ).items()
        )
        return None

    _judged(
        machine,
        made,
        node,
        lambda: _by_parameter(read_parameters(rule.constructor), written, node),
        lambda: _by_parameter(read_parameters(rule.constructor), list(arguments), keywords),
    )
    return Layer(rule, attributes, node)


def _judged(
    machine: Machine,
    run: Callable[[], Value],
    node: ast.AST,
    nodes: Callable[[], dict[str, ast.AST]],
    values: Callable[[], dict[str, Val]],
) -> Val:
    machine.judge.notices.clear()
    try:
        result = as_program_value(run())
    except Misfit as misfit:
        given = _or_nothing(values)
        if is_certain(misfit, given.values()):
            machine.fault(misfit, node, _or_nothing(nodes), given)
        return Unknown
    except (Mismatch, Undetermined, NoSuchAxis, ZeroDivisionError, OverflowError):
        return Unknown
    if machine.judge.notices:
        for notice in list(machine.judge.notices):
            machine.fault(notice, node, _or_nothing(nodes), _or_nothing(values), "warning")
        machine.judge.notices.clear()
    return result


def _or_nothing(make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return make()
    except Mismatch:
        return {}


def _plain(keywords: Mapping[str, Val]) -> dict[str, Value]:
    return {name: as_rule_value(value) for name, value in keywords.items()}


def _by_parameter(taken: Sequence[Taken], written: Sequence[Any], call: Any) -> dict[str, Any]:
    """The expressions, or values, by the parameters that they are given for."""
    keywords: dict[str, Any] = {}
    if isinstance(call, ast.Call):
        keywords = {one.arg: one.value for one in call.keywords if one.arg is not None and one.arg != OUT}
    elif isinstance(call, Mapping):
        keywords = dict(cast("Mapping[str, Any]", call))
    bound = bound_arguments(taken, written, keywords)
    found: dict[str, Any] = {}
    for parameter in taken:
        value = bound.get(parameter.name)
        if parameter.several and isinstance(value, tuple):
            items = cast("tuple[Any, ...]", value)
            if len(items) == 1 and isinstance(items[0], ast.Tuple | ast.List):
                items = tuple(items[0].elts)
            found |= {f"{parameter.name}[{place}]": one for place, one in enumerate(items)}
            if items:
                found[parameter.name] = items[0]
        else:
            if value is not parameter.default:
                found[parameter.name] = value
            if isinstance(value, ast.Tuple | ast.List):
                found |= {f"{parameter.name}[{place}]": one for place, one in enumerate(value.elts)}
    return found


def method_rule(name: str, value: Val = Unknown) -> tuple[OpRule, bool] | None:
    """The row of a method of a tensor, and whether it works in place; those of NamedTensor come first for one.

    It has some functions of torch for methods that plain tensors do not have: `var_mean`.
    """
    named, plain = operator_for(OWNER + name), operator_for(METHOD + name)
    is_plain = isinstance(value, Array) and value.names is Names.NONE
    rule = named if is_named(value) or (plain is Unknown and not is_plain) else plain
    if rule is Unknown:
        rule = operator_for(_FUNCTION + name) if plain is Unknown and is_named(value) else plain
    if rule is Unknown:
        return None
    in_place = name.endswith("_") and not name.endswith("__")
    return rule, in_place and (is_named(value) or METHOD + name not in rule.spellings)
