"""Conditions: whether they hold, and what is known where they do."""

import ast

from namedtorch.dims.constraint import Constraint
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.static.interpreter.arithmetic import (
    constraints_of,
)
from namedtorch.static.interpreter.domain import (
    Class,
    DictValue,
    Function,
    Given,
    Instance,
    ListValue,
    Maybe,
    ModuleScope,
    Val,
    held_items,
)
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.names import look_up
from namedtorch.static.interpreter.store import Cell


def truth(machine: Machine, value: Val) -> Val:
    """Whether a value counts as true; `Unknown` where that depends."""
    match value:
        case bool():
            return value
        case None:
            return False
        case Size():
            return Unknown if value.value is Unknown else value.value != 0
        case str() | tuple() | float():
            return bool(value)
        case ListValue(cell=cell):
            items = held_items(cell)
            return bool(items) if isinstance(items, tuple) else Unknown
        case DictValue():
            return Unknown if value.is_open else bool(value.entries)
        case Function() | ModuleScope():
            return True
        case _:
            return Unknown


def decide_condition(machine: Machine, node: ast.expr) -> Val:
    """Whether a condition holds; `Unknown` where that depends."""
    if isinstance(node, ast.BoolOp):
        stop = isinstance(node.op, ast.Or)
        result: Val = not stop
        for one in node.values:
            value = decide_condition(machine, one)
            if value is stop:
                return stop
            if value is Unknown:
                result = Unknown
        return result
    return truth(machine, machine.parts.evaluate(node))


def assumptions(machine: Machine, node: ast.expr, positive: bool) -> list[Constraint]:
    """What holds between sizes where a condition is true, or where it is not."""
    match node:
        case ast.BoolOp(op=op, values=values):
            if isinstance(op, ast.And) == positive:
                return [found for one in values for found in assumptions(machine, one, positive)]
            return []
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return assumptions(machine, operand, not positive)
        case ast.Compare(left=left, ops=ops, comparators=comparators) if positive or len(ops) == 1:
            found: list[Constraint] = []
            machine.quiet += 1
            try:
                one = machine.parts.evaluate(left)
                for kind, other in zip(ops, comparators, strict=True):
                    two = machine.parts.evaluate(other)
                    if (
                        isinstance(one, tuple)
                        and isinstance(two, tuple)
                        and len(one) == len(two)
                        and positive
                    ):
                        if isinstance(kind, ast.Eq):
                            for a, b in zip(one, two, strict=True):
                                found += constraints_of(ast.Eq, a, b, True)
                    else:
                        found += constraints_of(type(kind), one, two, positive)
                    one = two
            finally:
                machine.quiet -= 1
            return found
        case _:
            return []


def narrow(machine: Machine, node: ast.expr, positive: bool) -> None:
    """Writes what a condition says about whether names are None."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            narrow(machine, operand, not positive)
        case ast.BoolOp(op=op, values=values) if isinstance(op, ast.And) == positive:
            for one in values:
                narrow(machine, one, positive)
        case ast.Compare(
            left=left,
            ops=[ast.Is() | ast.IsNot() | ast.Eq() | ast.NotEq() as kind],
            comparators=[ast.Constant(value=None)],
        ):
            _set_none(machine, left, isinstance(kind, ast.Is | ast.Eq) == positive)
        case ast.Name() | ast.Attribute() if positive:
            _set_none(machine, node, False)
        case _:
            pass


def _set_none(machine: Machine, node: ast.expr, is_none: bool) -> None:
    cell: Cell | None = None
    name = ""
    if isinstance(node, ast.Name) and node.id in machine.frame.cell:
        cell, name = machine.frame.cell, node.id
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        owner = look_up(machine, node.value.id)
        if isinstance(owner, ModuleScope | Class | Instance | DictValue) and node.attr in owner.cell:
            cell, name = owner.cell, node.attr
    if cell is None:
        return
    value: Val = cell[name]
    if is_none and (isinstance(value, Maybe | Given) or value is Unknown):
        machine.write(cell, name, None)
    elif not is_none and isinstance(value, Maybe):
        machine.write(cell, name, value.value)
