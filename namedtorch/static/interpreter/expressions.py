"""Expressions: names, literals, arithmetic, and what each kind of them is worth."""

import ast
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.table import operator_for
from namedtorch.ops.values import Array
from namedtorch.static.interpreter.arithmetic import (
    COMPARISONS,
    LONGEST,
    OPERATORS,
    binary,
    compare,
)
from namedtorch.static.interpreter.branches import merge, run_branch
from namedtorch.static.interpreter.comprehensions import dict_comprehension, list_comprehension
from namedtorch.static.interpreter.conditions import assumptions, decide_condition, narrow, truth
from namedtorch.static.interpreter.definitions import defaults_of
from namedtorch.static.interpreter.domain import (
    DictValue,
    Function,
    Given,
    Maybe,
    Real,
    Text,
    Val,
)
from namedtorch.static.interpreter.join import join
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.names import look_up
from namedtorch.static.interpreter.operators import operate
from namedtorch.static.interpreter.plain import a_list, as_number, is_followed, items_of


def evaluate(machine: Machine, node: ast.expr) -> Val:
    """The value of an expression; `Unknown` where it is not known. Never raises but `OverBudget`."""
    machine.fuel -= 1
    if machine.fuel < 0:
        machine.burn()
    return machine.evaluators.get(type(node), _unknown)(machine, node)


def _unknown(machine: Machine, node: ast.expr) -> Val:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            evaluate(machine, child)
    return Unknown


def _constant(machine: Machine, node: ast.Constant) -> Val:
    value = node.value
    if isinstance(value, int) and not isinstance(value, bool):
        return _number(value)
    return Unknown if isinstance(value, bytes) else value


@lru_cache(maxsize=4096)
def _number(value: int) -> Size | UnknownType:
    try:
        return Size.constant(value)
    except SizeLimitError:
        return Unknown


def _name(machine: Machine, node: ast.Name) -> Val:
    return look_up(machine, node.id)


def _attribute(machine: Machine, node: ast.Attribute) -> Val:
    value = machine.parts.attribute(evaluate(machine, node.value), node.attr, node)
    if isinstance(value, Array):
        machine.record(node, value)
    return value


def _tuple(machine: Machine, node: ast.Tuple) -> Val:
    return _listed(machine, node.elts)


def _list(machine: Machine, node: ast.List) -> Val:
    items = _listed(machine, node.elts)
    if not isinstance(items, tuple):
        return items
    made = a_list(items)
    if machine.thorough:
        machine.journal.bear(made.cell)
    return made


def _set(machine: Machine, node: ast.Set) -> Val:
    items = _listed(machine, node.elts)
    return a_list(items) if isinstance(items, tuple) else items


def _listed(machine: Machine, nodes: list[ast.expr]) -> Val:
    """The values of expressions one by one; `Unknown` where a starred one is of unknown length."""
    found: list[Val] = []
    known = True
    for node in nodes:
        if isinstance(node, ast.Starred):
            items = items_of(evaluate(machine, node.value))
            if items is Unknown:
                known = False
            else:
                found.extend(items)
        else:
            found.append(evaluate(machine, node))
    return tuple(found) if known and is_followed(found) else Unknown


def _dict(machine: Machine, node: ast.Dict) -> Val:
    cell: dict[str, Val] = {}
    known = True
    for key, value in zip(node.keys, node.values, strict=True):
        held = evaluate(machine, value)
        if key is None:
            if isinstance(held, DictValue) and not held.is_open:
                cell.update(held.entries)
            else:
                known = False
            continue
        name = evaluate(machine, key)
        if isinstance(name, str):
            cell[name] = held
        elif isinstance(name, Size) and name.value is not Unknown:
            cell[f"#{name.value}"] = held
        else:
            known = False
    return DictValue.of(cell) if known else Unknown


def _starred(machine: Machine, node: ast.Starred) -> Val:
    evaluate(machine, node.value)
    return Unknown


def _joined_text(machine: Machine, node: ast.JoinedStr) -> Val:
    parts: list[str] = []
    known = True
    for one in node.values:
        if isinstance(one, ast.Constant):
            parts.append(str(one.value))
        elif isinstance(one, ast.FormattedValue):
            value = evaluate(machine, one.value)
            if isinstance(value, str) and one.format_spec is None and one.conversion == -1:
                parts.append(value)
            elif (
                isinstance(value, Size)
                and value.value is not Unknown
                and one.format_spec is None
                and one.conversion == -1
            ):
                parts.append(str(value.value))
            else:
                known = False
    return "".join(parts) if known and sum(map(len, parts)) < LONGEST else Text()


def _binary(machine: Machine, node: ast.BinOp) -> Val:
    left, right = evaluate(machine, node.left), evaluate(machine, node.right)
    value = combine(machine, type(node.op), left, right, node, node.left, node.right)
    if isinstance(value, Array):
        machine.record(node, value)
    return value


def combine(
    machine: Machine,
    kind: type[ast.operator],
    left: Val,
    right: Val,
    node: ast.AST,
    first: ast.AST,
    second: ast.AST,
) -> Val:
    """The value of a binary operator on two values, tensors or not."""
    if isinstance(left, Array) or isinstance(right, Array):
        if isinstance(left, Array | Size | float | bool | Given | Real) or left is Unknown:
            rule = operator_for(f"operator.{OPERATORS[kind]}")
            if rule is not Unknown:
                return operate(machine, rule, [left, right], {}, node, [first, second])
        return Unknown
    return binary(kind, left, right)


def _unary(machine: Machine, node: ast.UnaryOp) -> Val:
    if isinstance(node.op, ast.Not):
        truth = decide_condition(machine, node.operand)
        return Unknown if truth is Unknown else not truth
    value = evaluate(machine, node.operand)
    if isinstance(value, Array):
        return value
    if isinstance(value, Real):
        return value
    if isinstance(value, float):
        return -value if isinstance(node.op, ast.USub) else Unknown
    size = as_number(value)
    if size is Unknown:
        return Unknown
    if isinstance(node.op, ast.USub):
        return -size
    return size if isinstance(node.op, ast.UAdd) else Unknown


def _compare(machine: Machine, node: ast.Compare) -> Val:
    left = evaluate(machine, node.left)
    before: ast.expr = node.left
    result: Val = True
    for kind, other in zip(node.ops, node.comparators, strict=True):
        right = evaluate(machine, other)
        value: Val
        if (isinstance(left, Array) or isinstance(right, Array)) and type(kind) in COMPARISONS:
            rule = operator_for(f"operator.{COMPARISONS[type(kind)]}")
            value = (
                Unknown
                if rule is Unknown
                else operate(machine, rule, [left, right], {}, node, [before, other])
            )
        else:
            value = compare(type(kind), left, right, machine.judge)
        if len(node.ops) == 1:
            return value
        if value is False:
            result = False
        elif value is not True and result is not False:
            result = Unknown
        left, before = right, other
    return result


def _bool_op(machine: Machine, node: ast.BoolOp) -> Val:
    """`a or b`, `a and b`: one of the values."""
    stop = isinstance(node.op, ast.Or)
    found: list[Val] = []
    for one in node.values:
        value = evaluate(machine, one)
        holds = truth(machine, value)
        if holds is stop:
            found.append(value)
            break
        if holds is Unknown or one is node.values[-1]:
            if isinstance(value, Maybe) and stop and one is not node.values[-1]:
                value = value.value
            if isinstance(value, Given) and one is not node.values[-1] and stop:
                # `hidden = hidden or dim`: None in its place is as good as any number.
                value = Unknown
            found.append(value)
    result = found[0]
    for value in found[1:]:
        result = join(result, value)
    return result


def _if_expression(machine: Machine, node: ast.IfExp) -> Val:
    holds = decide_condition(machine, node.test)
    if holds is True:
        return evaluate(machine, node.body)
    if holds is False:
        return evaluate(machine, node.orelse)
    values: list[Val] = []

    def run(part: ast.expr, positive: bool) -> Callable[[], None]:
        def evaluate_part() -> None:
            narrow(machine, node.test, positive)
            values.append(evaluate(machine, part))

        return evaluate_part

    branches = [
        run_branch(machine, run(node.body, True), assumptions(machine, node.test, True)),
        run_branch(machine, run(node.orelse, False), assumptions(machine, node.test, False)),
    ]
    merge(machine, branches)
    return join(values[0], values[1])


def _named(machine: Machine, node: ast.NamedExpr) -> Val:
    value = evaluate(machine, node.value)
    machine.write(machine.frame.cell, node.target.id, value)
    return value


def _lambda(machine: Machine, node: ast.Lambda) -> Val:
    frame = machine.frame
    return Function(node, frame.scope, (frame.cell, *frame.closure), frame.owner, defaults_of(machine, node))


def _await(machine: Machine, node: ast.Await) -> Val:
    return evaluate(machine, node.value)


def _yield(machine: Machine, node: ast.Yield | ast.YieldFrom) -> Val:
    if node.value is not None:
        evaluate(machine, node.value)
    machine.frame.yields = True
    return Unknown


def _call(machine: Machine, node: ast.Call) -> Val:
    value = machine.parts.call_expression(node)
    machine.record(node, value)
    return value


def _subscript(machine: Machine, node: ast.Subscript) -> Val:
    value = machine.parts.subscript(node)
    if isinstance(value, Array):
        machine.record(node, value)
    return value


def _slice(machine: Machine, node: ast.Slice) -> Val:
    def part(one: ast.expr | None) -> Val:
        if one is None:
            return None
        value = evaluate(machine, one)
        size = as_number(value)
        return Unknown if size is Unknown and value is not None else value if value is None else size

    return slice(part(node.lower), part(node.upper), part(node.step))


EVALUATORS: Final[dict[type[ast.expr], Callable[..., Val]]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Tuple: _tuple,
    ast.List: _list,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.Starred: _starred,
    ast.JoinedStr: _joined_text,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.BoolOp: _bool_op,
    ast.IfExp: _if_expression,
    ast.NamedExpr: _named,
    ast.Lambda: _lambda,
    ast.ListComp: list_comprehension,
    ast.GeneratorExp: list_comprehension,
    ast.SetComp: list_comprehension,
    ast.DictComp: dict_comprehension,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
}
"""What tells the value of each kind of expression."""
