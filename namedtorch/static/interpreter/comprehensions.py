"""Comprehensions: run item by item, or once for all where the items can't be counted."""

import ast
from collections.abc import Callable
from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.static.interpreter.conditions import decide_condition
from namedtorch.static.interpreter.domain import (
    DictValue,
    Many,
    Val,
)
from namedtorch.static.interpreter.join import join
from namedtorch.static.interpreter.machine import Frame, Machine
from namedtorch.static.interpreter.plain import a_list, item_of, items_of

MOST_TURNS: Final = 128
"""Longer lists are not run through item by item."""


def list_comprehension(machine: Machine, node: ast.ListComp | ast.GeneratorExp | ast.SetComp) -> Val:
    found = _turns(machine, node.generators, lambda: machine.parts.evaluate(node.elt))
    return found if not isinstance(found, tuple) else a_list(found)


def dict_comprehension(machine: Machine, node: ast.DictComp) -> Val:
    cell: dict[str, Val] = {}

    def turn() -> Val:
        key, value = machine.parts.evaluate(node.key), machine.parts.evaluate(node.value)
        if isinstance(key, str):
            cell[key] = value
            return True
        return Unknown

    found = _turns(machine, node.generators, turn)
    return DictValue.of(cell) if isinstance(found, tuple) and Unknown not in found else Unknown


def _turns(machine: Machine, generators: list[ast.comprehension], run: Callable[[], Val]) -> Val:
    """The values of the turns of a comprehension; `Many` of one that stands for all where they can't be counted."""
    outer = machine.frame
    frame = Frame(
        outer.scope, {}, (outer.cell, *outer.closure), outer.function, outer.owner, outer.receiver, outer.call,
        generic=outer.generic, annotated=outer.annotated, axes=outer.axes, groups=outer.groups, origins=outer.origins,
    )  # fmt: skip
    first = machine.parts.evaluate(generators[0].iter)
    machine.frames.append(frame)
    try:
        return _nested_turns(machine, generators, 0, first, run)
    finally:
        machine.frames.pop()


def _nested_turns(
    machine: Machine, generators: list[ast.comprehension], level: int, source: Val, run: Callable[[], Val]
) -> Val:
    generator = generators[level]
    items = items_of(source)

    def inner() -> Val:
        if level + 1 < len(generators):
            return _nested_turns(
                machine, generators, level + 1, machine.parts.evaluate(generators[level + 1].iter), run
            )
        return (run(),)

    found: list[Val] = []
    known = True
    if items is not Unknown and len(items) <= MOST_TURNS:
        for item in items:
            machine.parts.assign(generator.target, item)
            holds: Val = True
            for condition in generator.ifs:
                holds = decide_condition(machine, condition)
                if holds is not True:
                    break
            if holds is False:
                continue
            if holds is Unknown:
                known = False
            value = inner()
            if isinstance(value, tuple):
                found.extend(value)
            else:
                known = False
                found.append(value.item if isinstance(value, Many) else Unknown)
        if known:
            return tuple(found)
    else:
        machine.parts.assign(generator.target, item_of(source))
        certain, machine.judge.certain = machine.judge.certain, False
        for condition in generator.ifs:
            machine.parts.evaluate(condition)
        value = inner()
        machine.judge.certain = certain
        found = (
            list(value) if isinstance(value, tuple) else [value.item if isinstance(value, Many) else Unknown]
        )
    result = found[0] if found else Unknown
    for one in found[1:]:
        result = join(result, one)
    return Many(result)
