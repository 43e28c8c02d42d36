"""The user's functions as TorchScript is to read them: other types in the source, other functions behind the names."""

import ast
import inspect
from collections.abc import Callable, Iterator, Sequence
from types import FunctionType, ModuleType
from typing import Any

import torch
from torch import nn

from namedtorch.diagnostics import LowerError
from namedtorch.erase.listing import formatted
from namedtorch.erase.rewritten import note_definition
from namedtorch.lower.decorators import NO_GRAD, is_without_gradients, without_gradients
from namedtorch.lower.ignored import with_graph_types
from namedtorch.lower.mending import scripted
from namedtorch.lower.mending.mend import Mender
from namedtorch.lower.namespace import Namespaces, closure_of, rebuilt
from namedtorch.lower.overloads import declare, declare_methods, forget_overloads, overloads_of
from namedtorch.lower.parsing import Reading, Rewrite, read_as
from namedtorch.lower.records import Records
from namedtorch.lower.source import Edit, Sources, spliced
from namedtorch.lower.torchscript import Role, is_builtin, role_of
from namedtorch.lower.translation import Translation, translate

GuardWriter = Callable[[Translation, FunctionType, FunctionType], FunctionType | None]
"""Puts a guard into a free function, if it is to have one: its translation, the function as it is called, its copy."""


class Functions:
    """The functions of one lowering, and what of their files and namespaces changes.

    A function that needs no change stays the user's own; one that does, or that calls one that does, is a new
    function with the same code object: TorchScript compiles its source, as `announce` tells it to. `guard` writes the
    guards of free functions; what is guarded as a method is told by `rewrite`.
    """

    def __init__(self, guard: GuardWriter | None = None) -> None:
        self.records = Records()
        self.sources = Sources()
        self._guard = guard
        self.modules: Sequence[nn.Module] = ()
        """The modules whose methods are asked for."""
        self._mender = Mender(self.sources, self.records)
        self._mended_functions: dict[FunctionType, FunctionType] = {}
        self._originals: dict[FunctionType, FunctionType] = {}
        self._rewrites: dict[FunctionType, list[Rewrite]] = {}
        self._called: dict[FunctionType, FunctionType] = {}
        self._without_gradients: set[FunctionType] = set()
        self._declarations: dict[FunctionType, list[FunctionType]] = {}
        self._overloaded: list[FunctionType] = []
        self._namespaces = Namespaces()
        self._translations: dict[FunctionType, Translation | None] = {}
        self._graph_functions: dict[FunctionType, FunctionType] = {}
        self._ignored: dict[FunctionType, FunctionType] = {}

    def graph_function(self, function: FunctionType, owner: type | None = None) -> FunctionType:
        """The function that stands for one in the graph; `owner` is the class that it is a method of.

        Decorators that keep `__wrapped__` are taken off, as torch does: `@checked` is held by the guard.
        """
        if role_of(function) is Role.IGNORED:
            return self._left_in_python(function)
        self._visit(function, owner)
        self._build()
        own = self._own(function)
        return self._graph_functions.get(own, own)

    def translation(self, function: FunctionType) -> Translation | None:
        """How a function that was asked for is translated; None if its source is not at hand."""
        return self._translations.get(self._own(function))

    def translations(self) -> list[Translation]:
        """All functions that were translated, in the order in which they were reached."""
        return [one for one in self._translations.values() if one is not None]

    def rewrite(self, new: FunctionType, body: FunctionType, rewrite: Rewrite) -> None:
        """Has torch read `new`, which stands for the graph function `body`, with its definition rewritten."""
        self._rewrites[new] = [rewrite, *self._rewrites.get(body, ())]

    def apart(self, body: FunctionType) -> FunctionType:
        """A copy of a function of the graph: torch notes on a function that it has compiled it."""
        new = rebuilt(body, body.__globals__)
        new.__dict__.pop("_torchscript_modifier", None)
        self._rewrites[new] = list(self._rewrites.get(body, ()))
        return new

    def announce(self) -> dict[FunctionType, Reading]:
        """Makes torch read every function that changes as it is to be; gives the readings."""
        files = self.files()
        functions = {*self._graph_functions.values(), *self._rewrites}
        return {one: read_as(one, files, _all(self._rewrites.get(one, []))) for one in functions}

    def files(self) -> dict[str, list[str]]:
        """The files with other types in them, by the name that tracebacks show."""
        edits: dict[str, list[Edit]] = {}
        lines: dict[str, Sequence[str]] = {}
        for one in self._changed():
            if one.definition.rewritten:
                continue
            edits.setdefault(one.definition.file, []).extend(one.edits)
            lines[one.definition.file] = one.definition.lines
        for file, several in edits.items():
            _refuse_conflicts(file, several)
        return {file: spliced(lines[file], edits[file]) for file in edits}

    def texts(self) -> Iterator[tuple[str, int, str]]:
        """The changed functions as TorchScript reads them: file, first line, source."""
        files = self.files()
        for one in self._changed():
            if one.definition.rewritten:
                yield one.definition.file, one.definition.first, formatted(ast.unparse(one.tree))
                continue
            first, last = one.definition.first, one.definition.last
            yield one.definition.file, first, "".join(files[one.definition.file][first - 1 : last])

    def _changed(self) -> list[Translation]:
        found = [
            one
            for one in self._translations.values()
            if one is not None and (one.function in self._graph_functions or one.definition.rewritten)
        ]
        return sorted(found, key=lambda one: (one.definition.file, one.definition.first))

    def _visit(self, called: FunctionType, owner: type | None = None) -> None:
        """Translates a function and all that it calls, but for what is left to torch."""
        waiting = [(called, owner)]
        while waiting:
            called, owner = waiting.pop()
            function = self._mended(innermost(called), owner)
            if not is_torchs(called) and is_without_gradients(called):
                self._without_gradients.add(function)
            if owner is None:
                self._called.setdefault(function, called)
            if function in self._translations:
                continue
            definition = self.sources.find(function)
            if definition is None:
                self._translations[function] = None
                continue
            translation = translate(function, definition, self.records, owner)
            translation.original = self._originals.get(function, function)
            self._translations[function] = translation
            inner = [one for one in translation.references.values() if isinstance(one, FunctionType)]
            waiting.extend(
                (one, None) for one in inner if not (_is_left(one) or _is_ours(one) or _reads_patterns(one))
            )
            if owner is None:
                self._declarations[function] = overloads_of(function)
                waiting.extend((one, None) for one in self._declarations[function])

    def _mended(self, function: FunctionType, owner: type | None) -> FunctionType:
        """The function that stands for one since what TorchScript refuses of it was mended."""
        if function not in self._mended_functions:
            new = self._mender.mended(function, owner, self.modules)
            self._mended_functions[function] = new
            self._mended_functions[new] = new
            if new is not function:
                self._originals[new] = function
        return self._mended_functions[function]

    def _own(self, function: Any) -> FunctionType:
        """The function under decorators, mended."""
        own: FunctionType = innermost(function)
        return self._mended_functions.get(own, own)

    def _build(self) -> None:
        """Makes the functions that stand for those that change, then lets them see each other."""
        new = [
            one
            for one in self._translations.values()
            if one is not None and one.function not in self._graph_functions
        ]
        changing: set[FunctionType] = set()
        grown = True
        while grown:
            grown = False
            for one in new:
                if one.function not in changing and self._changes(one, changing):
                    changing.add(one.function)
                    grown = True
        made = [one for one in new if one.function in changing]
        for one in made:
            fresh = {path[0] for path in one.references} | one.aliases.keys()
            names = self._namespaces.globals_of(one.function)
            copy = rebuilt(one.function, names, fresh & closure_of(one.function).keys())
            copy.__dict__.pop("__wrapped__", None)
            if one.definition.rewritten:
                note_definition(copy, one.tree)
            self._graph_functions[one.function] = copy
            if one.function in self._without_gradients:
                copy.__globals__[NO_GRAD] = torch.no_grad
                self._rewrites[copy] = [without_gradients]
        for one in made:
            self._connect(one)
            declarations = [self._graph_functions.get(d, d) for d in self._declarations.get(one.function, ())]
            if declarations:
                self._announce_overloads(self._graph_functions[one.function], declarations, None)
        self._guard_free(made)

    def overload(
        self, method: FunctionType, owner: type, declarations: Sequence[FunctionType]
    ) -> FunctionType:
        """The method in the graph, `method`, with the declarations of its overloads as they are in the graph."""
        new = [self.graph_function(one, owner) for one in declarations]
        if all(one is old for one, old in zip(new, declarations, strict=True)):
            return method
        method = self.apart(method)
        self._announce_overloads(method, new, owner)
        return method

    def _announce_overloads(
        self, function: FunctionType, declarations: Sequence[FunctionType], owner: type | None
    ) -> None:
        typed = (
            declare(function, declarations, self.records)
            if owner is None
            else declare_methods(function, owner, declarations, self.records)
        )
        self._overloaded.append(function)
        for one in typed:
            self._rewrites.setdefault(one, [])

    def forget(self) -> None:
        """Removes what torch was told for the time of one compilation."""
        for one in self._overloaded:
            forget_overloads(one)

    def _guard_free(self, made: Sequence[Translation]) -> None:
        """Puts guards into free functions, then lets all see the guarded ones."""
        guarded = False
        for one in made:
            called = self._called.get(one.function)
            if self._guard is None or called is None or self._declarations.get(one.function):
                continue
            new = self._guard(one, called, self._graph_functions[one.function])
            if new is not None:
                self._graph_functions[one.function] = new
                guarded = True
        if guarded:
            for one in made:
                self._connect(one)

    def _changes(self, one: Translation, changing: set[FunctionType]) -> bool:
        if one.edits or one.replaced or one.aliases or one.function in self._without_gradients:
            return True
        if any(self._own(declared) in changing for declared in self._declarations.get(one.function, ())):
            return True
        return any(
            self._stand_in(value) is not value
            or (isinstance(value, FunctionType) and self._own(value) in changing)
            for value in one.references.values()
        )

    def _stand_in(self, value: Any) -> Any:
        """What stands for a function or class that a source mentions, as far as is known."""
        if isinstance(value, type):
            return self.records(value)
        if role_of(value) is Role.IGNORED and not is_torchs(value):
            return self._left_in_python(value)
        if _is_left(value):
            return value
        own = self._own(value)
        return self._graph_functions.get(own, own)

    def _left_in_python(self, function: FunctionType) -> FunctionType:
        if function not in self._ignored:
            self._ignored[function] = with_graph_types(function, self.records)
        return self._ignored[function]

    def _connect(self, one: Translation) -> None:
        """Gives a new function its names: types, and the functions that stand for those it calls."""
        copy = self._graph_functions[one.function]
        cells = dict(zip(copy.__code__.co_freevars, copy.__closure__ or (), strict=True))

        def put(name: str, value: Any) -> None:
            if name in cells:
                cells[name].cell_contents = value
            else:
                copy.__globals__[name] = value

        for path, value in one.references.items():
            stand_in = self._stand_in(value)
            if stand_in is value:
                continue
            if len(path) == 1:
                put(path[0], stand_in)
                continue
            root = cells[path[0]].cell_contents if path[0] in cells else copy.__globals__[path[0]]
            module = self._namespaces.module(root)
            put(path[0], module)
            for name in path[1:-1]:
                inner: ModuleType = self._namespaces.module(getattr(module, name))
                setattr(module, name, inner)
                module = inner
            setattr(module, path[-1], stand_in)
        for name, value in one.aliases.items():
            put(name, self._stand_in(value) if isinstance(value, FunctionType) else value)


def _all(rewrites: Sequence[Rewrite]) -> Rewrite | None:
    """One rewrite for several, made one after the other."""
    if not rewrites:
        return None

    def rewrite(definition: ast.FunctionDef) -> None:
        for one in rewrites:
            one(definition)

    return rewrite


def _refuse_conflicts(file: str, edits: Sequence[Edit]) -> None:
    """Refuses what one source can't say: functions of one `def`, made anew for each model, with other types."""
    texts: dict[tuple[int, int], str] = {}
    for edit in edits:
        if texts.setdefault((edit.line, edit.column), edit.text) != edit.text:
            raise LowerError(
                f"one annotation stands for different types in functions of one definition; TorchScript compiles the "
                f"source, which can't say both\n  {file}:{edit.line}"
            )


def innermost(function: Any) -> Any:
    """The function under the decorators that keep `__wrapped__`."""
    return inspect.unwrap(function)


def is_torchs(function: Any) -> bool:
    """Whether a function or class comes with torch."""
    return (getattr(function, "__module__", None) or "").partition(".")[0] == "torch"


def _is_ours(function: Any) -> bool:
    """Whether a function is one of namedtorch's, of which only those that are written for graphs come into one."""
    module = getattr(function, "__module__", None) or ""
    return module.partition(".")[0] == "namedtorch" and module != scripted.__name__


def _reads_patterns(function: Any) -> bool:
    """Whether a function is one of einops's that read a pattern, which no graph takes; what is in them is nobody's."""
    return getattr(function, "__module__", None) in ("einops.einops", "einops.packing")


def _is_left(function: Any) -> bool:
    """Whether TorchScript must meet a function as it is: torch's own, an operator, or one left in Python."""
    return is_torchs(function) or role_of(function) is Role.IGNORED or is_builtin(function)
