"""Statements: assignments, branches, loops, returns, definitions."""

import ast
from collections.abc import Callable, Sequence
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.judge import Misfit
from namedtorch.ops.table import operator_for
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array
from namedtorch.static.interpreter.branches import merge, repeat, run_branch
from namedtorch.static.interpreter.conformance import check_local, check_result
from namedtorch.static.interpreter.definitions import class_of, function_of
from namedtorch.static.interpreter.domain import (
    OPEN,
    DictValue,
    External,
    Given,
    Instance,
    ListValue,
    Many,
    Maybe,
    ShapeOf,
    Val,
)
from namedtorch.static.interpreter.expressions import (
    MOST_TURNS,
    assumptions,
    combine,
    decide_condition,
    evaluate,
    narrow,
)
from namedtorch.static.interpreter.join import join
from namedtorch.static.interpreter.judge import FLEXIBLE_MARK
from namedtorch.static.interpreter.machine import Loop, Machine
from namedtorch.static.interpreter.names import imported
from namedtorch.static.interpreter.operators import operate
from namedtorch.static.interpreter.plain import a_list, item_of, items_of
from namedtorch.static.interpreter.store import MISSING


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
        refined = _refined(machine, node.value, target, value)
        assign(machine, target, refined, node.value)


def _refined(machine: Machine, source: ast.expr, target: ast.expr, value: Val) -> Val:
    """`B, N, C = x.shape` of a tensor of unknown rank: it has three axes, and their sizes are called so from here on."""
    if not isinstance(target, ast.Tuple | ast.List) or not (value is Unknown or isinstance(value, ShapeOf)):
        return value
    names = target.elts
    if any(not isinstance(one, ast.Name) for one in names):
        return value
    tensor = _shape_source(source)
    if tensor is None or not isinstance(tensor, ast.Name) or tensor.id not in machine.frame.cell:
        return value
    held = machine.frame.cell[tensor.id]
    if held is not Unknown and not isinstance(held, Array):
        return value
    axes: list[Axis] = []
    known = held.shape if isinstance(held, Array) else TensorShape(())
    for place, name in enumerate(names):
        assert isinstance(name, ast.Name)
        axis = _axis_of(known, place, len(names))
        if axis.size is Unknown:
            axis = Axis(Size.symbol(f"{FLEXIBLE_MARK}{name.id}@{name.lineno}:{machine.fuel}}}"))
        axes.append(axis)
    machine.write(
        machine.frame.cell,
        tensor.id,
        Array(TensorShape(tuple(axes)), held.dtype if isinstance(held, Array) else Unknown),
    )
    return tuple(axis.size for axis in axes)


def _axis_of(shape: TensorShape, place: int, rank: int) -> Axis:
    """What is known of an axis of a shape that turns out to have this rank."""
    rest = shape.rest
    if rest is Unknown:
        return Axis()
    if place < rest:
        found = shape.axes[place]
    elif rank - place <= len(shape.axes) - rest - 1:
        found = shape.axes[len(shape.axes) - (rank - place)]
    else:
        return Axis()
    return found if isinstance(found, Axis) else Axis()


def _shape_source(node: ast.expr) -> ast.expr | None:
    """The tensor of `x.shape` and `x.size()`."""
    if isinstance(node, ast.Attribute) and node.attr == "shape":
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "size":
        return node.func.value if not node.args and not node.keywords else None
    return None


def assign(machine: Machine, target: ast.expr, value: Val, source: ast.AST | None = None) -> None:
    """Gives a target a value."""
    match target:
        case ast.Name(id=name):
            frame = machine.frame
            cell = frame.scope.cell if name in frame.globals else frame.cell
            machine.write(cell, name, value)
            if isinstance(value, Array):
                machine.record(target, value)
        case ast.Tuple(elts=elts) | ast.List(elts=elts):
            _unpack(machine, elts, value, target, source)
        case ast.Starred(value=inner):
            assign(machine, inner, value)
        case ast.Attribute(value=owner, attr=name):
            held = evaluate(machine, owner)
            if isinstance(held, Instance):
                machine.write(held.cell, name, value)
        case ast.Subscript():
            _assign_item(machine, target, value, source)
        case _:
            pass


def _unpack(
    machine: Machine, targets: Sequence[ast.expr], value: Val, node: ast.expr, source: ast.AST | None
) -> None:
    if isinstance(value, Maybe):
        value = value.value
    items = items_of(value)
    starred = [place for place, one in enumerate(targets) if isinstance(one, ast.Starred)]
    if items is Unknown:
        whole = item_of(value)
        if isinstance(value, Given):
            for place, one in enumerate(targets):
                assign(machine, one, Given(f"{value.path}[{place}]") if not starred else Unknown)
            return
        if isinstance(value, Array) and value.shape.rest != 0 and value.shape.axes:
            first = value.shape.axes[0]
            size = first.value if isinstance(first, Axis) else Unknown
            if size is not Unknown and size != len(targets) and not starred:
                _wrong_count(machine, node, source, len(targets), size)
        for one in targets:
            assign(machine, one, Unknown if isinstance(one, ast.Starred) else whole)
        return
    if starred:
        before, behind = starred[0], len(targets) - starred[0] - 1
        if len(items) < before + behind:
            _wrong_count(machine, node, source, len(targets) - 1, len(items))
            items = ()
        if not items:
            for one in targets:
                assign(machine, one, Unknown)
            return
        middle = items[before : len(items) - behind]
        spread = [*items[:before], a_list(middle), *items[len(items) - behind :]]
        for one, item in zip(targets, spread, strict=True):
            assign(machine, one, item)
        return
    if len(items) != len(targets):
        _wrong_count(machine, node, source, len(targets), len(items))
        for one in targets:
            assign(machine, one, Unknown)
        return
    for one, item in zip(targets, items, strict=True):
        assign(machine, one, item)


def _wrong_count(machine: Machine, node: ast.expr, source: ast.AST | None, wanted: int, given: int) -> None:
    of_shape = isinstance(source, ast.expr) and _shape_source(source) is not None
    what = "axes" if of_shape else "values"
    misfit = Misfit("unpack-differs", f"{wanted} names are given for {given} {what}", "input")
    where = source if isinstance(source, ast.AST) else node
    tensor = _shape_source(source) if of_shape and isinstance(source, ast.expr) else None
    values: dict[str, Val] = {}
    if tensor is not None:
        machine.quiet += 1
        values["input"] = evaluate(machine, tensor)
        machine.quiet -= 1
    machine.fault(misfit, node, {"input": tensor or where}, values)


def _assign_item(machine: Machine, target: ast.Subscript, value: Val, source: ast.AST | None) -> None:
    held = evaluate(machine, target.value)
    key = evaluate(machine, target.slice)
    if isinstance(held, Array):
        rule = operator_for("torch.Tensor.__setitem__")
        if rule is not Unknown and isinstance(value, Array | Size | float | bool):
            written = [target.value, target.slice, source if source is not None else target]
            operate(machine, rule, [held, key, value], {}, target, written)
        return
    if isinstance(held, Many):
        # Which of the items it was is not known.
        if isinstance(target.value, ast.Name) and target.value.id in machine.frame.cell:
            machine.write(machine.frame.cell, target.value.id, Many(join(held.item, value)))
        return
    if isinstance(held, DictValue):
        if isinstance(key, str):
            machine.write(held.cell, key, value)
        elif isinstance(key, Size) and key.value is not Unknown:
            machine.write(held.cell, f"#{key.value}", value)
        else:
            for name in held.entries:
                machine.write(held.cell, name, Unknown)
            machine.write(held.cell, OPEN, True)
    elif isinstance(held, ListValue):
        items = items_of(held)
        if items is Unknown:
            return
        if isinstance(key, Size) and key.value is not Unknown and -len(items) <= key.value < len(items):
            changed = list(items)
            changed[key.value] = value
            machine.write(held.cell, "items", tuple(changed))
        else:
            machine.write(held.cell, "items", (Unknown,) * len(items))


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


def _augmented(machine: Machine, node: ast.AugAssign) -> None:
    left, right = evaluate(machine, node.target), evaluate(machine, node.value)
    if isinstance(left, ListValue) and isinstance(node.op, ast.Add):
        items = items_of(right)
        old = items_of(left)
        whole = Unknown if items is Unknown or old is Unknown else (*old, *items)
        machine.write(left.cell, "items", whole)
        return
    value = combine(machine, type(node.op), left, right, node, node.target, node.value)
    if isinstance(left, Array) and isinstance(value, Array):
        _check_in_place(machine, node, left, value)
        value = left if left.shape.rest is Unknown else value
    assign(machine, node.target, value)


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


def _for(machine: Machine, node: ast.For | ast.AsyncFor) -> None:
    source = evaluate(machine, node.iter)
    items = items_of(source)
    frame = machine.frame
    loop = Loop()
    frame.loops.append(loop)
    try:
        if items is not Unknown and len(items) <= MOST_TURNS:
            for item in items:
                assign(machine, node.target, item)
                execute(machine, node.body)
                _next_turn(machine, loop)
                if not frame.alive:
                    break
        else:
            item = item_of(source)

            def turn() -> None:
                assign(machine, node.target, item)
                execute(machine, node.body)
                _next_turn(machine, loop)

            repeat(machine, turn, may_skip=True)
    finally:
        frame.loops.pop()
    if frame.alive:
        execute(machine, node.orelse)
    _leave(machine, loop)


def _next_turn(machine: Machine, loop: Loop) -> None:
    """Joins what stands at the end of a turn with what said `continue`."""
    frame = machine.frame
    if loop.nexts:
        here: list[tuple[dict[tuple[int, str], tuple[dict[str, object], object]], bool]] = []
        alive = frame.alive
        frame.alive = True
        here.extend((changes, True) for changes in loop.nexts)
        if alive:
            here.append(({}, True))
        loop.nexts.clear()
        _merge_jumps(machine, here)


def _leave(machine: Machine, loop: Loop) -> None:
    """Joins what stands behind a loop with what broke out of it."""
    if loop.breaks:
        here = [(changes, True) for changes in loop.breaks]
        if machine.frame.alive:
            here.append(({}, True))
        machine.frame.alive = True
        loop.breaks.clear()
        _merge_jumps(machine, here)


def _merge_jumps(
    machine: Machine, branches: list[tuple[dict[tuple[int, str], tuple[dict[str, object], object]], bool]]
) -> None:
    if len(branches) == 1:
        for (_, name), (cell, value) in branches[0][0].items():
            machine.write(cell, name, value)
        return
    merge(machine, branches)


def _while(machine: Machine, node: ast.While) -> None:
    frame = machine.frame
    loop = Loop()
    frame.loops.append(loop)

    def turn() -> None:
        evaluate(machine, node.test)
        narrow(machine, node.test, True)
        execute(machine, node.body)
        _next_turn(machine, loop)

    try:
        if decide_condition(machine, node.test) is not False:
            repeat(machine, turn, may_skip=not _is_forever(node))
            if _is_forever(node):
                frame.alive = False
    finally:
        frame.loops.pop()
    if frame.alive:
        execute(machine, node.orelse)
    _leave(machine, loop)


def _is_forever(node: ast.While) -> bool:
    return isinstance(node.test, ast.Constant) and bool(node.test.value)


def _snapshot(machine: Machine) -> dict[tuple[int, str], tuple[dict[str, object], object]]:
    """The names of the function as they are: what a jump takes along."""
    cell = machine.frame.cell
    return {(id(cell), name): (cell, value) for name, value in cell.items()}


def _break(machine: Machine, node: ast.Break) -> None:
    del node
    if machine.frame.loops:
        machine.frame.loops[-1].breaks.append(_snapshot(machine))
    machine.frame.alive = False


def _continue(machine: Machine, node: ast.Continue) -> None:
    del node
    if machine.frame.loops:
        machine.frame.loops[-1].nexts.append(_snapshot(machine))
    machine.frame.alive = False


def _with(machine: Machine, node: ast.With | ast.AsyncWith) -> None:
    for item in node.items:
        value = evaluate(machine, item.context_expr)
        if item.optional_vars is not None:
            assign(machine, item.optional_vars, Unknown if not isinstance(value, Array) else value)
    execute(machine, node.body)


def _try(machine: Machine, node: ast.Try | ast.TryStar) -> None:
    frame = machine.frame
    branches = [run_branch(machine, lambda: execute(machine, [*node.body, *node.orelse]))]
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
    branches: list[tuple[dict[tuple[int, str], tuple[dict[str, object], object]], bool]] = [({}, True)]
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


def _import(machine: Machine, node: ast.Import) -> None:
    for one in node.names:
        if one.asname:
            value = imported(machine, one.name)
        else:
            value = imported(machine, one.name.partition(".")[0])
        _bind(machine, one.asname or one.name.partition(".")[0], value)


def _import_from(machine: Machine, node: ast.ImportFrom) -> None:
    scope = machine.frame.scope
    module = scope.module.resolve(node.level, node.module) if node.level else node.module or ""
    for one in node.names:
        if one.name != "*":
            _bind(
                machine,
                one.asname or one.name,
                imported(machine, f"{module}.{one.name}" if module else one.name),
            )


def _bind(machine: Machine, name: str, value: Val) -> None:
    """Of several imports of one name, under `try`, the first wins."""
    old = machine.frame.cell.get(name, MISSING)
    if isinstance(old, External) and value is Unknown:
        return
    machine.write(machine.frame.cell, name, value)


def _global(machine: Machine, node: ast.Global | ast.Nonlocal) -> None:
    if isinstance(node, ast.Global):
        machine.frame.globals |= set(node.names)


def joined(values: Sequence[Val]) -> Val:
    """The value that is one of several."""
    result = values[0]
    for value in values[1:]:
        result = join(result, value)
    return result


_KINDS: Final[dict[type[ast.stmt], Callable[..., None]]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Match: _match,
    ast.Delete: _delete,
    ast.FunctionDef: _define,
    ast.AsyncFunctionDef: _define,
    ast.ClassDef: _define_class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Global: _global,
    ast.Nonlocal: _global,
    ast.Break: _break,
    ast.Continue: _continue,
}
