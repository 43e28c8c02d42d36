"""Where the files of the user give a name its value: what is written once is a constant of the graph."""

import ast
import linecache
import sys
from collections.abc import Sequence
from types import FunctionType
from typing import Any

from namedtorch.lower.namespace import closure_of
from namedtorch.lower.source import Definition

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_MUTATORS = frozenset(
    {
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "popitem",
        "clear",
        "sort",
        "reverse",
        "update",
        "setdefault",
    }
)


class Bindings:
    """The files of one lowering, each parsed once."""

    def __init__(self) -> None:
        self._trees: dict[int, tuple[Sequence[str], ast.Module]] = {}
        self._files: dict[str, list[str]] = {}

    def is_constant(self, function: FunctionType, definition: Definition, name: str) -> bool:
        """Whether a name outside of a function keeps the value that it has while the function is lowered."""
        tree = self._tree(definition.lines)
        if tree is None:
            return False
        if name in closure_of(function):
            return self._of_closure(tree, definition, name)
        if any(isinstance(one, ast.Global) and name in one.names for one in ast.walk(tree)):
            return False
        if _is_imported(function):
            return True
        return sum(1 for one in _bound_in(tree) if one == name) <= 1

    def is_untouched(self, definition: Definition, name: str) -> bool:
        """Whether a list or dict is made by a display in the file, and no code of the file changes what is in it."""
        tree = self._tree(definition.lines)
        if tree is None:
            return False
        made = [
            one
            for one in ast.walk(tree)
            if isinstance(one, ast.Assign | ast.AnnAssign)
            and any(
                isinstance(target, ast.Name) and target.id == name
                for target in (one.targets if isinstance(one, ast.Assign) else [one.target])
            )
        ]
        if len(made) != 1 or not isinstance(made[0].value, ast.List | ast.Dict):
            return False
        return not any(_changes(one, name) for one in ast.walk(tree))

    def is_set_on_class(self, lines: Sequence[str], owner: str, attribute: str) -> bool:
        """Whether some code of a file assigns an attribute of a class from outside of its body."""
        tree = self._tree(lines)
        if tree is None:
            return True
        for one in ast.walk(tree):
            match one:
                case ast.Attribute(value=ast.Name(id=text), attr=name, ctx=ast.Store() | ast.Del()):
                    if name == attribute and text in (owner, "cls"):
                        return True
                case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(id=text), *_]) if text == owner:
                    return True
                case _:
                    pass
        return False

    def is_set_in_file(self, file: str, owner: str, attribute: str) -> bool:
        """The same for a file by its name; True where it is not at hand."""
        lines = self._files.setdefault(file, linecache.getlines(file))
        return not lines or self.is_set_on_class(lines, owner, attribute)

    def _of_closure(self, tree: ast.Module, definition: Definition, name: str) -> bool:
        around = _functions_around(tree, definition.node.lineno)
        for one in reversed(around):
            if isinstance(one, ast.Lambda):
                continue
            sites = [*_bound_in(one), *(item.arg for item in ast.walk(one.args) if isinstance(item, ast.arg))]
            if name not in sites:
                continue
            if sites.count(name) != 1 or name in _bound_in_loops(one):
                return False
            return not any(isinstance(inner, ast.Nonlocal) and name in inner.names for inner in ast.walk(one))
        return False

    def _tree(self, lines: Sequence[str]) -> ast.Module | None:
        if id(lines) not in self._trees:
            try:
                self._trees[id(lines)] = lines, ast.parse("".join(lines))
            except SyntaxError:
                return None
        return self._trees[id(lines)][1]


def _is_imported(function: FunctionType) -> bool:
    """Whether the module of a function has run to its end."""
    module: Any = sys.modules.get(function.__module__ or "")
    spec = getattr(module, "__spec__", None)
    return spec is not None and not getattr(spec, "_initializing", False)


def _bound_in(scope: Any) -> list[str]:
    """The names that a module or function gives a value itself, once for each place."""
    found: list[str] = []
    waiting: list[Any] = list(scope.body)
    while waiting:
        one = waiting.pop()
        match one:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.append(name)
                continue
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.append(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found += [(item.asname or item.name).partition(".")[0] for item in names]
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                found.append(name)
            case _:
                pass
        if not isinstance(one, _SCOPES):
            waiting += ast.iter_child_nodes(one)
    return found


def _bound_in_loops(scope: Any) -> set[str]:
    return {
        item.id
        for one in ast.walk(scope)
        if isinstance(one, ast.For | ast.While)
        for item in ast.walk(one)
        if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
    }


def _functions_around(tree: ast.Module, line: int) -> list[Any]:
    """The functions that hold the one that begins at a line, from the outermost."""
    found = [
        one
        for one in ast.walk(tree)
        if isinstance(one, _FUNCTIONS) and one.lineno < line <= (one.end_lineno or one.lineno)
    ]
    return sorted(found, key=lambda one: one.lineno)


def _changes(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=text), attr=method)):
            return text == name and method in _MUTATORS
        case ast.Subscript(value=ast.Name(id=text), ctx=ast.Store() | ast.Del()):
            return text == name
        case ast.AugAssign(target=ast.Name(id=text)):
            return text == name
        case _:
            return False
