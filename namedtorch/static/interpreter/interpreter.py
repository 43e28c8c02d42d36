"""`Interpreter`: the parts of the machine put together."""

import ast
from collections.abc import Mapping, Sequence
from typing import Final

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.static.interpreter import calls, expressions, memory, objects, statements, subscripts
from namedtorch.static.interpreter.domain import ModuleScope, Val
from namedtorch.static.interpreter.judge import StaticJudge
from namedtorch.static.interpreter.machine import FUEL, Frame, Machine, OverBudget
from namedtorch.static.interpreter.module_scope import new_scope
from namedtorch.static.interpreter.store import Journal

MOST_READ: Final = 3_000_000
"""The characters of other modules that the check of one looks into; what lies behind is not known."""


class Interpreter:
    """The parts of the interpreter that need each other; see `Parts`."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        machine.parts = self
        machine.evaluators = expressions.EVALUATORS

    def evaluate(self, node: ast.expr) -> Val:
        """The value of an expression."""
        return expressions.evaluate(self.machine, node)

    def execute(self, body: Sequence[ast.stmt]) -> None:
        """Runs statements."""
        statements.execute(self.machine, body)

    def assign(self, target: ast.expr, value: Val) -> None:
        """Gives a target a value."""
        statements.assign(self.machine, target, value)

    def call(
        self, function: Val, arguments: Sequence[Val], keywords: Mapping[str, Val], node: ast.AST
    ) -> Val:
        """What calling a value gives."""
        return calls.call(self.machine, function, arguments, keywords, node)

    def call_expression(self, node: ast.Call) -> Val:
        """The value of a call as it is written."""
        return calls.call_expression(self.machine, node)

    def forget(self, values: Sequence[Val]) -> None:
        """Forgets what unknown code may change."""
        memory.forget(self.machine, values)

    def subscript(self, node: ast.Subscript) -> Val:
        """The value of a subscript."""
        return subscripts.subscript(self.machine, node)

    def attribute(self, value: Val, name: str, node: ast.AST) -> Val:
        """The value of an attribute."""
        return objects.attribute(self.machine, value, name, node)

    def scope_of(self, name: str) -> ModuleScope | UnknownType:
        """The module of the project that has this name."""
        machine, library = self.machine, self.machine.library
        found = library.scopes.get(name)
        if found is None:
            if machine.read > MOST_READ:
                return Unknown
            module = library.project.module(name)
            found = library.scopes[name] = Unknown if module is Unknown else new_scope(module)
        if found is not Unknown and name not in machine.visited:
            # As much is read whether others have read it before or not.
            if machine.read > MOST_READ:
                return Unknown
            machine.visited.add(name)
            machine.read += len(found.module.text)
        if found is not Unknown and machine.frames:
            looking = machine.frame.scope.module.name
            library.needs.setdefault(looking, set()).add(name)
        return found

    def bind(self, scope: ModuleScope, statements_of: Sequence[ast.stmt]) -> None:
        """Runs those statements of a module that bind a name, whatever branch of another one is running."""
        machine = self.machine
        kept = machine.journal, machine.judge, machine.frames, machine.fuel
        machine.journal, machine.frames, machine.fuel = Journal(), [Frame(scope, scope.cell)], FUEL
        machine.judge = StaticJudge(machine.journal)
        machine.quiet += 1
        try:
            for statement in statements_of:
                statements.execute(machine, [statement])
                machine.frame.alive = True
        except (OverBudget, RecursionError):
            # The name stays unknown.
            pass
        finally:
            machine.quiet -= 1
            machine.journal, machine.judge, machine.frames, machine.fuel = kept
