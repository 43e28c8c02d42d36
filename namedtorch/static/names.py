"""Names and what import statements bind them to: `nn` stands for `torch.nn`."""

import ast
import builtins
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from namedtorch.dims.unknown import Unknown, UnknownType

Resolve = Callable[[int, str | None], str]
"""The absolute dotted name of the module that `from ..x import y` (level 2, "x") names; "" where there is none."""

_BUILTINS = frozenset(dir(builtins))

# Handlers last: what a `try` binds where nothing fails comes first.
_BRANCHES = ("body", "orelse", "finalbody", "handlers", "cases")


@dataclass(frozen=True, slots=True)
class Imports:
    """What the import statements of one body bind: qualified names by local name, and the modules imported by `*`.

    `stars` are in the order of their statements; of two that have a name, the later one binds it.
    """

    names: Mapping[str, str]
    stars: tuple[str, ...] = ()


def imports_of(body: Sequence[ast.stmt], resolve: Resolve) -> Imports:
    """The imports of a module, or of one function or class: those of functions and classes inside are theirs.

    A later statement binds a name anew; among statements under `if`, `try`, loops and the like, the first that binds
    a name wins, and none of them touches a name that is bound already.
    """
    names: dict[str, str] = {}
    stars: list[str] = []
    for statement, sure in _import_statements(body):
        for local, qualified_name in _bound(statement, resolve):
            if local == "*":
                stars.append(qualified_name)
            elif sure or local not in names:
                names[local] = qualified_name
    return Imports(MappingProxyType(names), tuple(stars))


def _import_statements(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """The import statements of a body in order, each with whether it surely runs."""
    waiting: list[tuple[ast.AST, bool]] = [(statement, True) for statement in reversed(body)]
    while waiting:
        node, sure = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, sure
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        else:
            surely_inside = sure and isinstance(node, ast.With | ast.AsyncWith)
            inside = [one for branch in _BRANCHES for one in getattr(node, branch, ())]
            waiting += [(one, surely_inside) for one in reversed(inside) if isinstance(one, ast.AST)]


def _bound(statement: ast.Import | ast.ImportFrom, resolve: Resolve) -> Iterator[tuple[str, str]]:
    """The local names of an import statement with their qualified names; `*` with the module's."""
    if isinstance(statement, ast.Import):
        for one in statement.names:
            # `import a.b` binds `a`.
            local = one.asname or one.name.partition(".")[0]
            yield local, one.name if one.asname else local
        return
    module = resolve(statement.level, statement.module) if statement.level else statement.module or ""
    for one in statement.names:
        if one.name == "*":
            yield "*", module
        else:
            yield one.asname or one.name, f"{module}.{one.name}" if module else one.name


def qualified(node: ast.expr, bindings: Mapping[str, str]) -> str | UnknownType:
    """The qualified name of a name or a chain of attributes: `torch.nn.Linear` for `nn.Linear`.

    Names that nothing binds are builtins (`int`) or Unknown, as is all that is no such chain.
    """
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return Unknown
    root = bindings.get(node.id)
    if root is None:
        if node.id not in _BUILTINS:
            return Unknown
        root = node.id
    return ".".join((root, *reversed(attributes))) if attributes else root
