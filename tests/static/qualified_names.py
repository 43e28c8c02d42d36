"""The qualified names that annotations are looked up with, where no program is interpreted around them."""

import ast
import builtins
from collections.abc import Mapping

from namedtorch.dims.unknown import Unknown, UnknownType

_BUILTINS = frozenset(dir(builtins))


def qualified(node: ast.expr, bindings: Mapping[str, str]) -> str | UnknownType:
    """The qualified name of a name or a chain of attributes: `torch.nn.Linear` for `nn.Linear`."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return Unknown
    root = bindings.get(node.id, node.id if node.id in _BUILTINS else None)
    return Unknown if root is None else ".".join((root, *reversed(attributes)))
