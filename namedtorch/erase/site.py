"""`Site`: an expression that may speak of names, as those see it who write it in plain torch."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from namedtorch.erase.worth import Worth
from namedtorch.static.interpreter.domain import Val

Writer: TypeAlias = "Callable[[Site[Any]], ast.expr | None]"
"""Writes an expression in plain torch; None where it is not its to write, and the expression stays as it is.

Raises `Unsettled` where the expression speaks of names and what is known does not tell what they are.
"""


class Unsettled(Exception):
    """Names that can't be told at an expression: `reason` says why, `help` which annotation would settle it."""

    def __init__(self, node: ast.AST, reason: str, help: str = "") -> None:
        super().__init__(reason)
        self.node = node
        self.reason = reason
        self.help = help


Node = TypeVar("Node", bound=ast.expr, covariant=True)


@dataclass(frozen=True, slots=True)
class Site(Generic[Node]):
    """An expression of the user's code, with what is known of it and of its parts.

    `node` is what the user wrote, whose parts `worth` knows; `write` gives a part in plain torch. What is made of it is
    made of new nodes and of such parts; places are filled in afterwards from `node`. `name` takes what was made and
    the user's part that it was made of, and gives what can stand more than once: what is simple itself, else a variable
    that is assigned in front of the statement. `insist` puts `assert test, message` there, for the user's part that it
    is about; it gives False where nothing can stand in front.
    """

    node: Node
    worth: Worth
    write: Callable[[ast.expr], ast.expr]
    name: Callable[[ast.expr, ast.expr], ast.expr]
    insist: Callable[[ast.expr, str, ast.expr], bool]

    def value(self, part: ast.expr) -> Val:
        """What a part of the expression is worth."""
        return self.worth.value(part)
