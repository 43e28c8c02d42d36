"""Code that expects to be refused: what does not fit where a `DimError` is caught is no finding."""

import ast
from collections.abc import Callable
from typing import Final

from namedtorch.static.interpreter.domain import External
from namedtorch.static.interpreter.machine import Machine

_REFUSALS: Final = ("DimError", "AnnotationError")
_OURS: Final = "namedtorch."
_AWAITING: Final = "pytest.raises"


def catches_refusals(machine: Machine, node: ast.expr) -> bool:
    """Whether what `except` names is an error of ours, or holds one."""
    if isinstance(node, ast.Tuple):
        return any(catches_refusals(machine, one) for one in node.elts)
    machine.quiet += 1
    try:
        value = machine.parts.evaluate(node)
    finally:
        machine.quiet -= 1
    if not isinstance(value, External):
        return False
    return value.name.startswith(_OURS) and value.name.rpartition(".")[2] in _REFUSALS


def is_refusal_awaited(machine: Machine, node: ast.expr) -> bool:
    """Whether a context is that of `pytest.raises`."""
    if not isinstance(node, ast.Call):
        return False
    machine.quiet += 1
    try:
        value = machine.parts.evaluate(node.func)
    finally:
        machine.quiet -= 1
    return isinstance(value, External) and value.name == _AWAITING


def awaiting(machine: Machine, refused: bool, run: Callable[[], None]) -> None:
    """Runs code; where it may be `refused`, what does not fit in it is no finding."""
    machine.expected += refused
    try:
        run()
    finally:
        machine.expected -= refused
