"""Where live functions are written: their file as a module of the interpreter, and their `def` in it."""

import ast
import inspect
from collections.abc import Mapping
from types import FunctionType

from namedtorch.erase.rewritten import definition_in
from namedtorch.static.source_module import SourceModule, is_package_file


class Definitions:
    """The files that functions stand in; each is read and parsed once."""

    def __init__(self) -> None:
        self._files: dict[tuple[str, str], SourceModule | None] = {}
        self._found: dict[SourceModule, dict[tuple[int, str], ast.FunctionDef | ast.ClassDef]] = {}

    def module_of(self, function: FunctionType) -> SourceModule | None:
        """The file of a function; None where its source is not at hand."""
        key = function.__code__.co_filename, function.__module__ or ""
        if key not in self._files:
            self._files[key] = _read(function)
        return self._files[key]

    def find(self, function: FunctionType) -> ast.FunctionDef | None:
        """The `def` of a function, or what it was rewritten to; None for lambdas, and where there is no source."""
        made = definition_in(function)
        if made is not None:
            return made
        module = self.module_of(function)
        if module is None:
            return None
        found = self._in(module).get((function.__code__.co_firstlineno, function.__code__.co_name))
        return found if isinstance(found, ast.FunctionDef) else None

    def class_of(self, owner: type) -> tuple[SourceModule, ast.ClassDef] | None:
        """The file of a class and its definition there; None where the source is not at hand."""
        try:
            path = inspect.getsourcefile(owner)
            lines, place = inspect.findsource(owner)
        except (OSError, TypeError):
            return None
        key = path or "", owner.__module__
        if key not in self._files:
            self._files[key] = _parsed(path or "", "".join(lines), owner.__module__)
        module = self._files[key]
        found = None if module is None else self._in(module).get((place + 1, owner.__name__))
        return (module, found) if module is not None and isinstance(found, ast.ClassDef) else None

    def _in(self, module: SourceModule) -> Mapping[tuple[int, str], ast.FunctionDef | ast.ClassDef]:
        """The definitions in a file by the line of their first decorator, or of their own, and by name."""
        if module not in self._found:
            self._found[module] = {
                (min([one.lineno, *(each.lineno for each in one.decorator_list)]), one.name): one
                for one in ast.walk(module.tree)
                if isinstance(one, ast.FunctionDef | ast.ClassDef)
            }
        return self._found[module]


def no_source(name: str) -> SourceModule:
    """A module of which no text is known."""
    return SourceModule(name, "", "", ast.Module([], []), False)


def _read(function: FunctionType) -> SourceModule | None:
    try:
        path = inspect.getsourcefile(function) or function.__code__.co_filename
        return _parsed(path, "".join(inspect.findsource(function)[0]), function.__module__ or "")
    except (OSError, TypeError):
        return None


def _parsed(path: str, text: str, name: str) -> SourceModule | None:
    try:
        return SourceModule(name, path, text, ast.parse(text), is_package_file(path))
    except (SyntaxError, ValueError):
        return None
