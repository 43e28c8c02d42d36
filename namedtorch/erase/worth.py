"""What the expressions of a function were worth while it ran abstractly: the typed program that erasure reads."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from namedtorch.dims.unknown import Unknown
from namedtorch.static.interpreter.domain import Val
from namedtorch.static.interpreter.join import join


@dataclass(frozen=True, slots=True)
class Worth:
    """The values that the expressions of one function had, in one specialisation of it, by their nodes.

    An expression in a loop, or in a function that is called several times with the same layouts, had several values.
    """

    seen: Mapping[ast.AST, Sequence[Val]]

    def values(self, node: ast.AST) -> Sequence[Val]:
        """All values that an expression had, in order; none where it never ran."""
        return self.seen.get(node, ())

    def value(self, node: ast.AST) -> Val:
        """What is known of all values that an expression had; `Unknown` where it never ran."""
        found = self.values(node)
        if not found:
            return Unknown
        result = found[0]
        for one in found[1:]:
            result = join(result, one)
        return result

    def ran(self, node: ast.AST) -> bool:
        """Whether an expression ever ran."""
        return node in self.seen
