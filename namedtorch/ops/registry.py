"""The rows that programs add to the table while they run; they come before the rows of the table."""

from types import FunctionType
from typing import Final

from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import OpRule

OPERATORS: Final[dict[str, OpRule]] = {}
"""The rows of functions, by each of their names."""

MODULES: Final[dict[str, ModuleRule]] = {}
"""The rows of classes, by each of their names; a row is called by the name that it is found under."""


def add(name: str, row: OpRule | ModuleRule) -> None:
    """Makes a row the one of a name."""
    OPERATORS.pop(name, None)
    MODULES.pop(name, None)
    if isinstance(row, OpRule):
        OPERATORS[name] = row
    else:
        MODULES[name] = row


def holds(name: str) -> bool:
    """Whether a name has a row here."""
    return name in OPERATORS or name in MODULES


def described() -> list[str]:
    """What the rows say, as texts: the same where checks find the same by them."""
    operators = [f"{name}({row.parameters}) {_text(row.rule)}" for name, row in OPERATORS.items()]
    modules = [
        f"{name}({row.constructor}) {row.takes} {_text(row.operate or row.forward)} {sorted(row.sizes.items())}"
        for name, row in MODULES.items()
    ]
    return sorted([*operators, *modules])


def _text(rule: object) -> str:
    if isinstance(rule, FunctionType):
        code = rule.__code__
        return f"{rule.__module__}.{rule.__qualname__} {code.co_code.hex()} {code.co_consts} {code.co_names}"
    return repr(rule)
