"""Loops: run turn by turn, or to a fixed point; and what breaks out of them."""

import ast

from namedtorch.dims.unknown import Unknown
from namedtorch.static.interpreter.assignment import assign
from namedtorch.static.interpreter.branches import merge, repeat
from namedtorch.static.interpreter.comprehensions import MOST_TURNS
from namedtorch.static.interpreter.conditions import decide_condition, narrow
from namedtorch.static.interpreter.machine import Loop, Machine
from namedtorch.static.interpreter.plain import item_of, items_of
from namedtorch.static.interpreter.store import Changes


def run_for(machine: Machine, node: ast.For | ast.AsyncFor) -> None:
    source = machine.parts.evaluate(node.iter)
    items = items_of(source)
    frame = machine.frame
    loop = Loop()
    frame.loops.append(loop)
    try:
        if items is not Unknown and len(items) <= MOST_TURNS:
            for item in items:
                assign(machine, node.target, item)
                machine.parts.execute(node.body)
                _next_turn(machine, loop)
                if not frame.alive:
                    break
        else:
            item = item_of(source)

            def turn() -> None:
                assign(machine, node.target, item)
                machine.parts.execute(node.body)
                _next_turn(machine, loop)

            repeat(machine, turn, may_skip=True)
    finally:
        frame.loops.pop()
    if frame.alive:
        machine.parts.execute(node.orelse)
    _leave(machine, loop)


def _next_turn(machine: Machine, loop: Loop) -> None:
    """Joins what stands at the end of a turn with what said `continue`."""
    frame = machine.frame
    if loop.nexts:
        here: list[tuple[Changes, bool]] = []
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
        here: list[tuple[Changes, bool]] = [(changes, True) for changes in loop.breaks]
        if machine.frame.alive:
            here.append(({}, True))
        machine.frame.alive = True
        loop.breaks.clear()
        _merge_jumps(machine, here)


def _merge_jumps(machine: Machine, branches: list[tuple[Changes, bool]]) -> None:
    if len(branches) == 1:
        for (_, name), (cell, value) in branches[0][0].items():
            machine.write(cell, name, value)
        return
    merge(machine, branches)


def run_while(machine: Machine, node: ast.While) -> None:
    frame = machine.frame
    loop = Loop()
    frame.loops.append(loop)

    def turn() -> None:
        machine.parts.evaluate(node.test)
        narrow(machine, node.test, True)
        machine.parts.execute(node.body)
        _next_turn(machine, loop)

    try:
        if decide_condition(machine, node.test) is not False:
            repeat(machine, turn, may_skip=not _is_forever(node))
            if _is_forever(node):
                frame.alive = False
    finally:
        frame.loops.pop()
    if frame.alive:
        machine.parts.execute(node.orelse)
    _leave(machine, loop)


def _is_forever(node: ast.While) -> bool:
    return isinstance(node.test, ast.Constant) and bool(node.test.value)


def _snapshot(machine: Machine) -> Changes:
    """The names of the function as they are: what a jump takes along."""
    cell = machine.frame.cell
    # What a module keeps beside its names begins with a space.
    return {(id(cell), name): (cell, value) for name, value in cell.items() if name[:1] not in " *"}


def run_break(machine: Machine, node: ast.Break) -> None:
    del node
    if machine.frame.loops:
        machine.frame.loops[-1].breaks.append(_snapshot(machine))
    machine.frame.alive = False


def run_continue(machine: Machine, node: ast.Continue) -> None:
    del node
    if machine.frame.loops:
        machine.frame.loops[-1].nexts.append(_snapshot(machine))
    machine.frame.alive = False
