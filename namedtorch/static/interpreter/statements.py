"""Statements: branches, definitions, returns, and what each kind of them does."""

import ast
from collections.abc import Callable, Sequence
from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.judge import Misfit
from namedtorch.ops.values import Array
from namedtorch.static.interpreter.assignment import assign, refined
from namedtorch.static.interpreter.branches import merge, run_branch
from namedtorch.static.interpreter.carried import is_named
from namedtorch.static.interpreter.comments import check_comment
from namedtorch.static.interpreter.conditions import assumptions, decide_condition, narrow
from namedtorch.static.interpreter.conformance import check_local, check_result
from namedtorch.static.interpreter.definitions import class_of, function_of
from namedtorch.static.interpreter.domain import (
    ListValue,
    Val,
)
from namedtorch.static.interpreter.expected import awaiting, catches_refusals, is_refusal_awaited
from namedtorch.static.interpreter.expressions import combine, evaluate
from namedtorch.static.interpreter.importing import import_from, import_modules
from namedtorch.static.interpreter.loops import run_break, run_continue, run_for, run_while
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.operators import written_to
from namedtorch.static.interpreter.plain import is_followed, items_of
from namedtorch.static.interpreter.store import Changes


def execute(machine: Machine, body: Sequence[ast.stmt]) -> None:
    """Runs statements until one leaves the body."""
    for statement in body:
        if not machine.frame.alive:
            return
        machine.burn()
        run = _KINDS.get(type(statement))
        if run is not None:
            run(machine, statement)


def _expression(machine: Machine, node: ast.Expr) -> None:
    evaluate(machine, node.value)


def _assign(machine: Machine, node: ast.Assign) -> None:
    value = evaluate(machine, node.value)
    for target in node.targets:
        known = refined(machine, node.value, target, value)
        assign(machine, target, known, node.value)
        check_comment(machine, node, target, known)


def _annotated(machine: Machine, node: ast.AnnAssign) -> None:
    value: Val = Unknown
    if node.value is not None:
        value = evaluate(machine, node.value)
    elif isinstance(node.target, ast.Name) and node.target.id in machine.frame.cell:
        value = machine.frame.cell[node.target.id]
    elif machine.frame.function is None:
        return
    checked = check_local(machine, node, value)
    if node.value is not None or checked is not Unknown:
        assign(machine, node.target, checked)
        check_comment(machine, node, node.target, checked)


def _augmented(machine: Machine, node: ast.AugAssign) -> None:
    left, right = evaluate(machine, node.target), evaluate(machine, node.value)
    if isinstance(left, ListValue) and isinstance(node.op, ast.Add):
        items = items_of(right)
        old = items_of(left)
        whole = Unknown if items is Unknown or old is Unknown else (*old, *items)
        if isinstance(whole, tuple) and not is_followed(whole):
            whole = Unknown
        machine.write(left.cell, "items", whole)
        return
    value = combine(machine, type(node.op), left, right, node, node.target, node.value)
    if isinstance(left, Array) and isinstance(value, Array):
        _check_in_place(machine, node, left, value)
        if is_named(value):
            value = written_to(machine, left, value, node, node.target)
        else:
            value = left if left.shape.rest is Unknown else value
    elif isinstance(left, Array) and is_named(left):
        value = written_to(machine, left, Array(), node, node.target)
    elif left is Unknown and is_named(value):
        # It is written to in place, and keeps the shape that it has.
        value = Unknown
    assign(machine, node.target, value)
    check_comment(machine, node, node.target, value)


def _check_in_place(machine: Machine, node: ast.AugAssign, left: Array, result: Array) -> None:
    """`x += y` does not make x larger."""
    if left.shape.rank is Unknown or result.shape.rank is Unknown:
        return
    if len(result.shape.axes) > len(left.shape.axes):
        misfit = Misfit(
            "broadcast-dims-differ", "an operation in place can't add axes to `input`", "other", other="input"
        )
        machine.fault(
            misfit, node, {"input": node.target, "other": node.value}, {"input": left, "other": result}
        )
        return
    for place, (one, other) in enumerate(zip(left.shape.fixed, result.shape.fixed, strict=True)):
        if one.is_one and other.value is not Unknown and other.value != 1:
            misfit = Misfit(
                "broadcast-dims-differ", "an operation in place can't stretch `input`", "input", place,
                left=one, right=other, other="other",
            )  # fmt: skip
            machine.fault(
                misfit, node, {"input": node.target, "other": node.value}, {"input": left, "other": result}
            )
            return


def _return(machine: Machine, node: ast.Return) -> None:
    frame = machine.frame
    value: Val = evaluate(machine, node.value) if node.value is not None else None
    if frame.alive:
        frame.returns.append(check_result(machine, node, value))
    frame.alive = False


def _raise(machine: Machine, node: ast.Raise) -> None:
    if node.exc is not None:
        evaluate(machine, node.exc)
    machine.frame.alive = False


def _assert(machine: Machine, node: ast.Assert) -> None:
    holds = decide_condition(machine, node.test)
    if holds is False and not _depends_on_sizes(machine):
        machine.frame.alive = False
        return
    found = assumptions(machine, node.test, True)
    if found:
        machine.judge.assume(*found)
    narrow(machine, node.test, True)


def _depends_on_sizes(machine: Machine) -> bool:
    """An assertion that fails for the sizes of one call says nothing of the others: what follows is checked."""
    return machine.frame.generic


def _if(machine: Machine, node: ast.If) -> None:
    holds = decide_condition(machine, node.test)
    if holds is True or holds is False:
        narrow(machine, node.test, holds)
        execute(machine, node.body if holds else node.orelse)
        return
    frame = machine.frame
    returned = len(frame.returns)

    def run(body: Sequence[ast.stmt], positive: bool) -> Callable[[], None]:
        def run_body() -> None:
            narrow(machine, node.test, positive)
            execute(machine, body)

        return run_body

    branches = [
        run_branch(machine, run(node.body, True), assumptions(machine, node.test, True)),
        run_branch(machine, run(node.orelse, False), assumptions(machine, node.test, False)),
    ]
    merge(machine, branches)
    if frame.alive and len(frame.returns) > returned:
        # What follows is not reached by every call.
        machine.judge.certain = machine.reached = False
    if frame.alive and branches[0][1] != branches[1][1]:
        # One way has left: the other's condition holds from here on.
        stays = branches[0][1]
        found = assumptions(machine, node.test, stays)
        if found:
            machine.judge.assume(*found)


def _with(machine: Machine, node: ast.With | ast.AsyncWith) -> None:
    refused = False
    for item in node.items:
        value = evaluate(machine, item.context_expr)
        refused = refused or is_refusal_awaited(machine, item.context_expr)
        if item.optional_vars is not None:
            assign(machine, item.optional_vars, Unknown if not isinstance(value, Array) else value)
    awaiting(machine, refused, lambda: execute(machine, node.body))


def _try(machine: Machine, node: ast.Try | ast.TryStar) -> None:
    frame = machine.frame
    refused = any(one.type is not None and catches_refusals(machine, one.type) for one in node.handlers)

    def run_body() -> None:
        awaiting(machine, refused, lambda: execute(machine, [*node.body, *node.orelse]))

    branches = [run_branch(machine, run_body)]
    for handler in node.handlers:

        def handle(handler: ast.ExceptHandler = handler) -> None:
            # What the body wrote before it failed is not known.
            for (_, name), (cell, _value) in branches[0][0].items():
                if cell is frame.cell:
                    machine.write(cell, name, Unknown)
            if handler.name:
                machine.write(frame.cell, handler.name, Unknown)
            execute(machine, handler.body)

        branches.append(run_branch(machine, handle))
    merge(machine, branches)
    alive, frame.alive = frame.alive, True
    execute(machine, node.finalbody)
    frame.alive = frame.alive and alive


def _match(machine: Machine, node: ast.Match) -> None:
    evaluate(machine, node.subject)
    branches: list[tuple[Changes, bool]] = [({}, True)]
    for case in node.cases:

        def run(case: ast.match_case = case) -> None:
            for inner in ast.walk(case.pattern):
                name = getattr(inner, "name", None) or getattr(inner, "rest", None)
                if isinstance(name, str):
                    machine.write(machine.frame.cell, name, Unknown)
            execute(machine, case.body)

        branches.append(run_branch(machine, run))
    merge(machine, branches)


def _delete(machine: Machine, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            machine.write(machine.frame.cell, target.id, Unknown)


def _define(machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    machine.write(machine.frame.cell, node.name, function_of(machine, node))


def _define_class(machine: Machine, node: ast.ClassDef) -> None:
    machine.write(machine.frame.cell, node.name, class_of(machine, node))


def _global(machine: Machine, node: ast.Global | ast.Nonlocal) -> None:
    if isinstance(node, ast.Global):
        machine.frame.globals |= set(node.names)


_KINDS: Final[dict[type[ast.stmt], Callable[..., None]]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.If: _if,
    ast.For: run_for,
    ast.AsyncFor: run_for,
    ast.While: run_while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Match: _match,
    ast.Delete: _delete,
    ast.FunctionDef: _define,
    ast.AsyncFunctionDef: _define,
    ast.ClassDef: _define_class,
    ast.Import: import_modules,
    ast.ImportFrom: import_from,
    ast.Global: _global,
    ast.Nonlocal: _global,
    ast.Break: run_break,
    ast.Continue: run_continue,
}
