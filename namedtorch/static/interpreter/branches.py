"""Branches: both ways of a condition are run, and what they leave is joined."""

from collections.abc import Callable, Sequence
from typing import Any

from namedtorch.dims.constraint import Constraint
from namedtorch.dims.unknown import Unknown
from namedtorch.static.interpreter.domain import OPEN, Chain, Held, Instance, Layer, Many, Maybe, Val
from namedtorch.static.interpreter.join import join, same_value
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.store import MISSING, Cell, Changes, changed

MAX_TURNS = 2
"""Turns of a loop whose length is not known; what still changes then is widened to `Unknown`, for one more turn."""


def run_branch(
    machine: Machine, run: Callable[[], None], assumed: Sequence[Constraint] = ()
) -> tuple[Changes, bool]:
    """Runs code that not every call reaches, and takes its writes back.

    Gives what it left behind, and whether it came to its end.
    """
    judge, frame = machine.judge, machine.frame
    mark = machine.journal.mark()
    certain, judge.certain = judge.certain, False
    reached, machine.reached = machine.reached, False
    if assumed:
        judge.assume(*assumed)
    try:
        run()
    finally:
        judge.certain = certain
        machine.reached = reached
        alive, frame.alive = frame.alive, True
        changes = machine.journal.undo(mark)
    return changes, alive


def merge(machine: Machine, branches: Sequence[tuple[Changes, bool]]) -> None:
    """Goes on behind branches, one of which was taken: with what those left that came to their end."""
    living = [changes for changes, alive in branches if alive]
    if not living:
        machine.frame.alive = False
        return
    if len(living) == 1:
        machine.journal.apply(living[0])
        return
    for cell, name in list(changed(*living)):
        values = [
            changes[id(cell), name][1] if (id(cell), name) in changes else cell.get(name, MISSING)
            for changes in living
        ]
        machine.write(cell, name, _joined(cell, name, values, machine))


def _joined(cell: Cell, name: str, values: Sequence[Any], machine: Machine) -> Any:
    """What a cell holds under a name where branches meet that leave these values there, or `MISSING`."""
    if cell is machine.judge.path:
        return _shared(values)
    if cell is machine.judge.known:
        return values[0] if all(value == values[0] for value in values) else MISSING
    if (
        name == "items"
        and all(isinstance(value, tuple | Many) for value in values)
        and not _are_counted(values)
    ):
        return _grown(values)
    return _of_values(cell, values, machine)


def _shared(paths: Sequence[tuple[Constraint, ...]]) -> tuple[Constraint, ...]:
    """The constraints that all of several paths assume."""
    shared = set[Constraint].intersection(*map(set, paths))
    return tuple(one for one in paths[0] if one in shared)


def _are_counted(values: Sequence[Held]) -> bool:
    """Whether the items of a list are known one by one in every branch, and as many."""
    lengths = [len(value) if isinstance(value, tuple) else None for value in values]
    return None not in lengths and len(set(lengths)) == 1


def _of_values(cell: Cell, values: Sequence[Held], machine: Machine) -> Held:
    """One of several values of a program; where some branches leave none, one that is there may be."""
    present = [value for value in values if value is not MISSING]
    if not present:
        return MISSING
    result = present[0]
    for value in present[1:]:
        result = join(result, value)
    if len(present) == len(values) or cell is machine.frame.cell:
        return result
    if OPEN in cell:
        machine.write(cell, OPEN, True)
    return Maybe(result) if isinstance(result, Layer | Chain | Instance) else Unknown


def _grown(values: Sequence[Held]) -> Val:
    """The items of a list that is longer in one branch than in another: `Many` of what all of them are."""
    items: list[Val] = []
    for value in values:
        if isinstance(value, tuple):
            items.extend(value)
        elif isinstance(value, Many):
            items.append(value.item)
        else:
            return Unknown
    result: Val = items[0] if items else Unknown
    for one in items[1:]:
        result = join(result, one)
    return Many(result)


def repeat(machine: Machine, run: Callable[[], None], may_skip: bool) -> None:
    """Runs the body of a loop whose number of turns is not known, until nothing changes any more.

    The last turn runs with values that hold for every turn; it reports, and so does the first.
    """
    changes: Changes = {}
    alive = True
    for turn in range(MAX_TURNS + 1):
        faults = len(machine.faults)
        changes, alive = run_branch(machine, run)
        if turn == MAX_TURNS or (not alive and not changes):
            break
        if not _widen(machine, changes, hard=turn == MAX_TURNS - 1):
            break
        if turn:
            # The first turn is like no other: what it does not take is reported, too.
            del machine.faults[faults:]
    before = [(changes, alive)]
    if may_skip or not alive:
        before.append(({}, True))
    merge(machine, before)


def _widen(machine: Machine, changes: Changes, hard: bool) -> bool:
    """Joins what a turn left with what was before it; tells whether that said anything new."""
    from_unknown = False
    for (_, name), (cell, value) in changes.items():
        old = cell.get(name, MISSING)
        new = _joined(cell, name, [old, value], machine)
        if old is MISSING or new is MISSING:
            if cell is machine.judge.known and old is not MISSING:
                machine.write(cell, name, MISSING)
                from_unknown = True
            continue
        if same_value(old, new):
            continue
        from_unknown = True
        machine.write(cell, name, _unknown(cell, new, machine) if hard else new)
    return from_unknown


def _unknown(cell: Cell, value: Any, machine: Machine) -> Any:
    if cell is machine.judge.path:
        return value
    return MISSING if cell is machine.judge.known else Unknown
