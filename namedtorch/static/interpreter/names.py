"""Names: where a program finds what it calls by one."""

import ast
import builtins
from typing import Final

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.static.interpreter.domain import External, Held, ModuleScope, Real, Val
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.module_scope import PENDING, STARS
from namedtorch.static.interpreter.store import MISSING

BUILTINS: Final = "builtins."
"""What the qualified name of a builtin begins with."""


_BUILTINS: Final = frozenset(dir(builtins)) - {"__name__"}


def look_up(machine: Machine, name: str) -> Val:
    """The value of a name where the running function stands."""
    frame = machine.frames[-1]
    value = frame.cell.get(name, MISSING)
    if value is not MISSING:
        return value
    for cell in frame.closure:
        value = cell.get(name, MISSING)
        if value is not MISSING:
            return value
    return in_scope(machine, frame.scope, name)


def in_scope(machine: Machine, scope: ModuleScope, name: str) -> Val:
    """The value of a name of a module, or of Python's own."""
    value = _of_module(machine, scope, name, frozenset())
    if value is not MISSING:
        return value
    if name == "__name__":
        return "__main__"
    return External(BUILTINS + name) if name in _BUILTINS else Unknown


def _of_module(machine: Machine, scope: ModuleScope, name: str, seen: frozenset[str]) -> Held:
    """The value of a name of a module, or of those that it imports everything from; `MISSING` for none of theirs."""
    value = scope.cell.get(name, MISSING)
    if value is not MISSING:
        return value
    pending: dict[str, list[ast.stmt]] = scope.cell[PENDING]
    binding = pending.pop(name, None)
    if binding is not None:
        machine.parts.bind(scope, binding)
        return scope.cell.get(name, Unknown)
    for star in reversed(stars_of(scope)):
        if star in seen:
            continue
        inner = machine.parts.scope_of(star)
        if inner is Unknown:
            continue
        value = _of_module(machine, inner, name, seen | {star})
        if value is not MISSING:
            return value
    return MISSING


def stars_of(scope: ModuleScope) -> tuple[str, ...]:
    """The modules that a module imports everything from."""
    return scope.cell.get(STARS, ())


def attribute_of_module(machine: Machine, scope: ModuleScope, name: str) -> Val:
    """What `module.name` is: a name of the module, or a module inside the package."""
    value = _of_module(machine, scope, name, frozenset())
    if value is not MISSING:
        return value
    if scope.module.is_package:
        inner = machine.parts.scope_of(f"{scope.module.name}.{name}")
        if inner is not Unknown:
            return inner
    if _LAZY in scope.cell or _LAZY in scope.cell[PENDING]:
        # It loads names when they are first asked for.
        return External(f"{scope.module.name}.{name}")
    return Unknown


_LAZY: Final = "__getattr__"


def imported(machine: Machine, name: str) -> Val:
    """What a qualified name is: something of the project, or external.

    The longest part of it that is a module of the project is read; the rest are its attributes.
    """
    scope = machine.parts.scope_of(name)
    if scope is not Unknown:
        return scope
    module, _, attribute = name.rpartition(".")
    if not module:
        return External(name)
    outer = imported(machine, module)
    if isinstance(outer, External):
        return external(f"{outer.name}.{attribute}")
    if isinstance(outer, ModuleScope):
        return attribute_of_module(machine, outer, attribute)
    return machine.parts.attribute(outer, attribute, _NOWHERE)


_NOWHERE: Final = ast.Pass()


_NUMBERS: Final = frozenset(
    f"{module}.{name}" for module in ("math", "numpy", "torch") for name in ("pi", "e", "tau", "inf", "nan")
)
"""Numbers that modules hold."""


def external(name: str) -> Val:
    """What stands under a qualified name outside of the project."""
    return Real() if name in _NUMBERS else External(name)


def qualified_name(value: Val) -> str | UnknownType:
    """The qualified name of something external."""
    if isinstance(value, External):
        return value.name.removeprefix(BUILTINS)
    return Unknown
