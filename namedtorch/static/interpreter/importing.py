"""Import statements."""

import ast

from namedtorch.dims.unknown import Unknown
from namedtorch.static.interpreter.domain import (
    External,
    Val,
)
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.names import imported
from namedtorch.static.interpreter.store import MISSING


def import_modules(machine: Machine, node: ast.Import) -> None:
    for one in node.names:
        # `import a.b` binds `a`.
        name = one.name if one.asname else one.name.partition(".")[0]
        _bind(machine, one.asname or name, imported(machine, name))


def import_from(machine: Machine, node: ast.ImportFrom) -> None:
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
