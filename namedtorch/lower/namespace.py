"""The names that a function sees, and copies of them in which some mean something else."""

import ast
from collections.abc import Collection
from types import CellType, FunctionType, ModuleType
from typing import Any

from namedtorch.erase.rewritten import definition_in, note_definition


class Scope:
    """What names mean in the source of a function: in its closure, the class it belongs to, its module, Python."""

    def __init__(self, function: FunctionType, owner: type | None = None) -> None:
        self._globals = function.__globals__
        self.closure = closure_of(function)
        self._local = {**(vars(owner) if owner is not None else {}), **self.closure}

    def evaluate(self, expression: ast.expr | str) -> Any:
        """The value of an annotation; whatever can go wrong in an expression is raised."""
        text = isinstance(expression, str)
        tree = ast.parse(expression.strip(), mode="eval") if text else ast.Expression(expression)
        return eval(compile(tree, "<annotation>", "eval", dont_inherit=True), self._globals, self._local)

    def get(self, name: str, default: Any = None) -> Any:
        """What TorchScript takes a name for: a value of the closure or of the module."""
        return self.closure.get(name, self._globals.get(name, default))


def closure_of(function: FunctionType) -> dict[str, Any]:
    """The values of the closure of a function by name, those that have one yet."""
    found: dict[str, Any] = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # The cell is empty.
            continue
    return found


class Namespaces:
    """Copies of modules for one lowering: the user's module is never written to."""

    def __init__(self) -> None:
        self._globals: dict[int, dict[str, Any]] = {}
        self._modules: dict[int, ModuleType] = {}

    def globals_of(self, function: FunctionType) -> dict[str, Any]:
        """The copy of the globals of a function, one for all functions of a module."""
        original = function.__globals__
        if id(original) not in self._globals:
            self._globals[id(original)] = dict(original)
        return self._globals[id(original)]

    def module(self, original: ModuleType) -> ModuleType:
        """The copy of a module, one for each; a copy is its own."""
        if original in self._modules.values():
            return original
        if id(original) not in self._modules:
            copy = ModuleType(original.__name__, original.__doc__)
            copy.__dict__.update(original.__dict__)
            self._modules[id(original)] = copy
        return self._modules[id(original)]


def rebuilt(function: FunctionType, names: dict[str, Any], fresh: Collection[str] = ()) -> FunctionType:
    """A function with the same code and source and other globals; names `fresh` of its closure get new cells."""
    cells = tuple(
        CellType(cell.cell_contents) if name in fresh else cell
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    )
    copy = FunctionType(function.__code__, names, function.__name__, function.__defaults__, cells)
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__qualname__ = function.__qualname__
    copy.__module__ = function.__module__
    copy.__doc__ = function.__doc__
    copy.__dict__.update(function.__dict__)
    copy.__annotations__ = dict(function.__annotations__)
    tree = definition_in(function)
    if tree is not None:
        note_definition(copy, tree)
    return copy
