"""Calls: whatever is called, and with what."""

import ast
from collections.abc import Mapping, Sequence
from typing import Final

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.judge import Misfit
from namedtorch.ops.table import ONLY_TENSORS, operator_for, rule_for
from namedtorch.ops.values import Array, Names
from namedtorch.static.interpreter.boundaries import MARK, cross, mark_of, marked
from namedtorch.static.interpreter.branches import merge, run_branch
from namedtorch.static.interpreter.definitions import member
from namedtorch.static.interpreter.domain import (
    Bound,
    Chain,
    Class,
    Crossing,
    DictValue,
    External,
    Function,
    Given,
    Instance,
    Layer,
    Many,
    Maybe,
    Method,
    OneOf,
    Partial,
    Super,
    Val,
)
from namedtorch.static.interpreter.expressions import evaluate
from namedtorch.static.interpreter.functions import call_function
from namedtorch.static.interpreter.join import join
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.memory import forget
from namedtorch.static.interpreter.methods import call_method
from namedtorch.static.interpreter.module_methods import call_module_method, run_held
from namedtorch.static.interpreter.objects import CONTAINERS, container, instantiate, run_chain
from namedtorch.static.interpreter.operators import make_layer, method_rule, operate, run_layer
from namedtorch.static.interpreter.plain import item_of, items_of
from namedtorch.static.interpreter.python import call_python
from namedtorch.static.interpreter.slots import WrongCall, bind, slots_of
from namedtorch.static.interpreter.store import Changes

_KEPT: Final = (
    "torch.compile", "torch.jit.script", "torch.nn.utils.weight_norm", "torch.nn.utils.spectral_norm", "copy.deepcopy",
    "torch.nn.utils.parametrizations.weight_norm", "torch.nn.utils.parametrizations.spectral_norm", "copy.copy",
    "torch.nn.DataParallel", "torch.nn.parallel.DistributedDataParallel",
)  # fmt: skip
"""What gives a module, or a value, as it took it."""

_HARMLESS: Final = frozenset(
    {
        "builtins", "torch", "math", "numpy", "itertools", "functools", "typing", "einops", "collections", "warnings",
        "logging", "copy", "os", "random", "operator", "time", "json", "re", "jaxtyping", "namedtorch",
    }
)  # fmt: skip
"""Packages whose functions leave what they are given as it is, or change it as `call_python` knows."""


def call_expression(machine: Machine, node: ast.Call) -> Val:
    """The value of a call as it is written."""
    function = evaluate(machine, node.func)
    arguments: list[Val] = []
    written: list[ast.AST] = []
    known = True
    for one in node.args:
        if isinstance(one, ast.Starred):
            spread = evaluate(machine, one.value)
            items = items_of(spread)
            if items is Unknown and _is_sequential(function) and len(node.args) == 1:
                return container("torch.nn.Sequential", [Many(item_of(spread))])
            if items is Unknown:
                known = False
            else:
                arguments.extend(items)
                written.extend([one.value] * len(items))
        else:
            arguments.append(evaluate(machine, one))
            written.append(one)
    keywords: dict[str, Val] = {}
    for keyword in node.keywords:
        value = evaluate(machine, keyword.value)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif isinstance(value, DictValue) and not value.is_open:
            keywords.update(value.entries)
        else:
            known = False
    if not known:
        return _with_unknown_arguments(function)
    return call(machine, function, arguments, keywords, node, written)


def _is_sequential(function: Val) -> bool:
    return isinstance(function, External) and function.name == "torch.nn.Sequential"


def _with_unknown_arguments(function: Val) -> Val:
    """What a call gives some of whose arguments are not even counted."""
    if isinstance(function, Method) and isinstance(function.receiver, Array):
        found = method_rule(function.name, function.receiver)
        if found is not None and found[0].taken and found[0].taken[-1].several:
            names = function.receiver.names
            return Array(names=Names.SOME if names is Names.ALL else names)
    return Unknown


def call(
    machine: Machine,
    function: Val,
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Sequence[ast.AST] = (),
) -> Val:
    """What calling a value gives."""
    machine.burn()
    cell = mark_of(function)
    if cell is not None and MARK in cell:
        crossing: Crossing | UnknownType = cell[MARK]
        if crossing is Unknown:
            # One branch marked it, another did not.
            return Unknown

        def plainly(arguments: Sequence[Val], keywords: Mapping[str, Val]) -> Val:
            return _called(machine, function, arguments, keywords, node, written)

        return cross(machine, crossing, arguments, keywords, node, written, plainly)
    return _called(machine, function, arguments, keywords, node, written)


def _called(
    machine: Machine,
    function: Val,
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Sequence[ast.AST],
) -> Val:
    match function:
        case External(name=name):
            return _external(machine, name, arguments, keywords, node, written)
        case Method():
            return _method(machine, function, arguments, keywords, node, written)
        case Function():
            return call_function(
                machine, function, arguments, keywords, node, _nodes(function, written, node)
            )
        case Bound(function=inner, receiver=receiver):
            return call_function(
                machine,
                inner,
                [receiver, *arguments],
                keywords,
                node,
                _nodes(inner, [node, *written], node),
            )
        case Class():
            found = member(function, "__init__")
            nodes: dict[str, ast.AST] = {}
            if found is not None and isinstance(found[0], Function):
                nodes = _nodes(found[0], [node, *written], node)
            return instantiate(machine, function, arguments, keywords, node, nodes)
        case Instance():
            return _instance(machine, function, arguments, keywords, node, written)
        case Layer():
            return run_layer(machine, function, arguments, keywords, node, written)
        case Chain():
            return run_chain(machine, function, arguments, keywords, node)
        case Crossing(callee=inner):

            def plainly(arguments: Sequence[Val], keywords: Mapping[str, Val]) -> Val:
                return call(machine, inner, arguments, keywords, node, written)

            return cross(machine, function, arguments, keywords, node, written, plainly)
        case Partial(function=inner, arguments=first, keywords=named):
            return call(machine, inner, [*first, *arguments], {**dict(named), **keywords}, node, ())
        case OneOf(members=members):
            return _one_of(machine, members, arguments, keywords, node, written)
        case Maybe(value=inner):
            return call(machine, inner, arguments, keywords, node, written)
        case _:
            forget(machine, [*arguments, *keywords.values()])
            return Unknown


def _nodes(function: Function, written: Sequence[ast.AST], node: ast.AST) -> dict[str, ast.AST]:
    """The expressions of a call by the parameters that they are given for."""
    keywords = (
        {one.arg: one.value for one in node.keywords if one.arg is not None}
        if isinstance(node, ast.Call)
        else {}
    )
    try:
        bound = bind(slots_of(function.node), written, keywords)
    except WrongCall:
        return {}
    return {name: value for name, value in bound.items() if isinstance(value, ast.AST)}


def _one_of(
    machine: Machine,
    members: Sequence[Val],
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Sequence[ast.AST],
) -> Val:
    """Each of several is called on a path of its own; what does not fit one may never be called."""
    values: list[Val] = []
    branches: list[tuple[Changes, bool]] = []
    machine.quiet += 1
    try:
        for one in members:

            def run(one: Val = one) -> None:
                values.append(call(machine, one, arguments, keywords, node, written))

            branches.append(run_branch(machine, run))
        merge(machine, branches)
    finally:
        machine.quiet -= 1
    result = values[0]
    for value in values[1:]:
        result = join(result, value)
    return result


def _instance(
    machine: Machine,
    instance: Instance,
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Sequence[ast.AST],
) -> Val:
    for name in ("__call__", "forward"):
        found = member(instance.kind, name)
        if found is not None:
            value = machine.parts.attribute(instance, name, node)
            return call(machine, value, arguments, keywords, node, written)
    # A class that adds nothing to the forward of a module of torch.
    return run_held(machine, instance, arguments, keywords, node, written)


def _external(
    machine: Machine,
    name: str,
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Sequence[ast.AST],
) -> Val:
    rule = operator_for(name)
    if rule is not Unknown:
        return operate(machine, rule, arguments, keywords, node, written)
    module = rule_for([name])
    if module is not Unknown:
        return make_layer(machine, module, arguments, keywords, node, written)
    if name in CONTAINERS:
        return container(name, arguments)
    if name == "torch.jit.annotate" and len(arguments) == 2:
        return arguments[1]
    if name in _KEPT and arguments:
        return arguments[0]
    if name.startswith("torch.Tensor."):
        found = method_rule(name.removeprefix("torch.Tensor."))
        if found is not None:
            return operate(machine, found[0], arguments, keywords, node, written, found[1])
    if name in _MARKING and arguments:
        return marked(machine, arguments[0], _rest_of(arguments, keywords), node, written)
    if name == "namedtorch.call" and arguments:
        return call(machine, arguments[0], arguments[1:], keywords, node, written[1:])
    if name.startswith("namedtorch.reveal_dims") or name.endswith(".reveal_dims"):
        return _reveal(machine, arguments, node, written)
    value = call_python(machine, name, arguments, keywords, node)
    if value is Unknown and name.partition(".")[0] not in _HARMLESS:
        forget(machine, [*arguments, *keywords.values()])
    return value


def _rest_of(arguments: Sequence[Val], keywords: Mapping[str, Val]) -> list[Val]:
    return [*arguments[1:], *([keywords["dims"]] if "dims" in keywords else [])]


_MARKING: Final = ("namedtorch.named_module", "namedtorch.named_function")
"""What makes modules and functions of plain tensors take and give named ones."""

REVEAL: Final = "reveal"
"""The code of what `reveal_dims` says."""


def _reveal(machine: Machine, arguments: Sequence[Val], node: ast.AST, written: Sequence[ast.AST]) -> Val:
    value = arguments[0] if arguments else Unknown
    machine.fault(
        Misfit(REVEAL, "dims", "input"),
        node,
        {"input": written[0] if written else node},
        {"input": value},
        "note",
    )
    return value


def _method(
    machine: Machine,
    method: Method,
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Sequence[ast.AST],
) -> Val:
    receiver, name = method.receiver, method.name
    if isinstance(receiver, Array) or (receiver is Unknown and name in ONLY_TENSORS):
        found = method_rule(name, receiver)
        if found is None:
            return Unknown
        rule, in_place = found
        source = (
            node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else node
        )
        value = receiver if isinstance(receiver, Array) else Array()
        return operate(machine, rule, [value, *arguments], keywords, node, [source, *written], in_place)
    if isinstance(receiver, Instance | Layer | Chain | Super):
        return call_module_method(machine, receiver, name, arguments, keywords, node, written)
    if receiver is Unknown or isinstance(receiver, Given | External):
        forget(machine, [*arguments, *keywords.values()])
    return call_method(machine, receiver, name, arguments)
