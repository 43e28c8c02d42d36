"""Live objects as values of the interpreter: what functions see, what classes define, what modules hold.

Torch is known by the names of its classes only, so that nothing here imports it.
"""

import ast
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Final, cast

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.erase.decorators import written
from namedtorch.erase.definitions import Definitions, no_source
from namedtorch.erase.homes import FOREIGN, is_followed, public_name, qualified
from namedtorch.erase.live_tensors import is_tensor, tensor_value, type_of
from namedtorch.erase.premises import Premises
from namedtorch.signature.annotation import DtypeFamily
from namedtorch.signature.boundary_text import BOUNDARY_DIMS, BOUNDARY_FUNCTION
from namedtorch.signature.function import UnresolvedError, signature_of
from namedtorch.signature.hints import Hint
from namedtorch.static.interpreter.boundaries import marked
from namedtorch.static.interpreter.definitions import LINEAGE
from namedtorch.static.interpreter.domain import (
    Bound,
    Class,
    DictValue,
    External,
    Function,
    ListValue,
    ModuleScope,
    Partial,
    Real,
    Text,
    Val,
)
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.module_scope import PENDING, STARS
from namedtorch.static.interpreter.store import Cell
from namedtorch.static.source_module import SourceModule

MODULE: Final = "torch.nn.modules.module.Module"

_LARGEST = 256
"""A list or dict with more items is not looked into."""


class Live:
    """The live objects of one erasure. `modules` turns a module of torch into a value; what is read is a premise."""

    def __init__(self, machine: Machine, premises: Premises) -> None:
        self.machine = machine
        self.premises = premises
        self.definitions = Definitions()
        self.functions: dict[Function, FunctionType] = {}
        self.modules: Callable[[Any], Val] = lambda module: Unknown
        self._made: dict[tuple[int, int], Function] = {}
        self._scopes: dict[int, ModuleScope] = {}
        self._classes: dict[type, Class] = {}
        self._objects: dict[int, tuple[Any, Val]] = {}
        self._hints: dict[Function, Mapping[str, Hint] | None] = {}
        machine.known_hints = self.hints

    def value(self, thing: Any) -> Val:
        """What an object is to the interpreter; `Unknown` for what it knows nothing of."""
        match thing:
            case None | bool() | float() | complex():
                return thing
            case int():
                return Size.constant(int(thing))
            case str():
                return str.__str__(thing) if len(thing) < 10_000 else Text()
            case ModuleType():
                return self._module(thing)
            case FunctionType():
                return self.function(thing)
            case MethodType():
                return self._method(thing)
            case type():
                return self.kind(thing)
            case _:
                return self._held(thing)

    def _method(self, thing: MethodType) -> Val:
        receiver = cast("Any", thing.__self__)
        kinds = receiver.__mro__ if isinstance(receiver, type) else type_of(receiver).__mro__
        home = next((one for one in kinds if _defines(one, thing.__func__)), None)
        owner = self.kind(home) if home is not None else None
        if not isinstance(owner, Class) or not isinstance(thing.__func__, FunctionType):
            return Unknown
        function = self.function(thing.__func__, owner)
        return Bound(function, self.value(receiver)) if isinstance(function, Function) else Unknown

    def _held(self, thing: Any) -> Val:
        """An object that holds others: the same value each time, so that what is changed in it is seen."""
        known = self._objects.get(id(cast("object", thing)))
        if known is not None:
            return known[1]
        found: Val
        match thing:
            case tuple() if not hasattr(cast("object", thing), "_fields"):
                found = tuple(map(self.value, cast("tuple[Any, ...]", thing)))
            case list():
                listed = cast("list[Any]", thing)
                found = (
                    ListValue({"items": tuple(map(self.value, listed))})
                    if len(listed) < _LARGEST
                    else Unknown
                )
            case dict():
                found = self._dict(cast("dict[Any, Any]", thing))
            case _ if is_tensor(thing):
                found = tensor_value(thing)
            case _ if MODULE in qualified(type_of(thing)):
                return self.modules(thing)
            case _:
                found = self._other(thing)
        self._objects[id(cast("object", thing))] = thing, found
        return found

    def _other(self, thing: Any) -> Val:
        kind = type_of(thing)
        if kind.__module__ == "functools" and kind.__name__ == "partial":
            keywords = tuple((name, self.value(one)) for name, one in thing.keywords.items())
            return Partial(self.value(thing.func), tuple(map(self.value, thing.args)), keywords)
        if isinstance(thing, DtypeFamily):
            return External(f"namedtorch.{thing.family.name}")
        if kind.__module__ == "torch":  # a dtype, a layout, a memory format
            return External(str(thing))
        if isinstance(thing, BuiltinFunctionType) or kind.__name__ == "method_descriptor":
            return External(public_name(thing))
        return self.modules(thing) if is_followed(kind) else Unknown

    def _dict(self, thing: dict[Any, Any]) -> Val:
        if len(thing) >= _LARGEST:
            return Unknown
        entries: dict[str, Val] = {}
        for key, value in thing.items():
            if isinstance(key, str):
                entries[key] = self.value(value)
            elif isinstance(key, int):
                entries[f"#{int(key)}"] = self.value(value)
            else:
                return Unknown
        return DictValue.of(entries)

    # Modules of Python, and the names that functions see

    def _module(self, module: ModuleType) -> Val:
        if module.__name__.partition(".")[0] in FOREIGN or not hasattr(module, "__file__"):
            return External(module.__name__)
        for one in vars(module).values():
            if isinstance(one, FunctionType) and one.__globals__ is vars(module):
                return self._scope(one) or External(module.__name__)
        return ModuleScope(no_source(module.__name__), self._cell(vars(module)))

    def _scope(self, function: FunctionType) -> ModuleScope | None:
        names = function.__globals__
        source = self.definitions.module_of(function)
        if source is None:
            return None
        # A module may hold functions of several files: those that were made by `exec`.
        key = hash((id(names), id(source)))
        if key not in self._scopes:
            self._scopes[key] = ModuleScope(source, self._cell(names))
        return self._scopes[key]

    def _cell(self, names: Mapping[str, Any]) -> "LiveCell":
        return LiveCell(names, self.value, self.premises, names)

    # Functions

    def function(self, function: FunctionType, owner: Class | None = None) -> Val:
        """A function that is followed, or its qualified name where it is not."""
        if BOUNDARY_FUNCTION in vars(function):
            return self._crossing(function)
        inner = written(function)
        closed = Closure(inner)
        home = closed.get("__class__", None)
        if owner is not None and isinstance(home, type):
            # Where `super()` begins: a class may hold a function that was written in another one.
            own = self.kind(home)
            owner = own if isinstance(own, Class) else owner
        key = id(inner), 0 if owner is None else id(owner)
        if key in self._made:
            return self._made[key]
        if str(inner.__globals__.get("__name__", inner.__module__)).partition(".")[0] in FOREIGN:
            return External(public_name(function))
        node, scope = self.definitions.find(inner), self._scope(inner)
        if node is None or scope is None:
            # A lambda, or code without a source: what it does with names can't be told.
            return External(f"{inner.__module__ or '__main__'}.{inner.__qualname__}")
        closure = self._cell(closed)
        defaults = {name: self.value(one) for name, one in defaults_of(inner).items()}
        made = self._made[key] = Function(node, scope, (closure,), owner, defaults)
        self.functions[made] = function
        return made

    def _crossing(self, function: FunctionType) -> Val:
        """A function of plain tensors that takes and gives named ones."""
        known = self._objects.get(id(function))
        if known is None:
            plain, dims = vars(function)[BOUNDARY_FUNCTION], vars(function)[BOUNDARY_DIMS]
            found = marked(self.machine, self.value(plain), [dims], ast.Pass(), [])
            known = self._objects[id(function)] = function, found
        return known[1]

    def hints(self, function: Function) -> Mapping[str, Hint] | None:
        """The hints of a live function by parameter, that of the result under "return"; None for any other function."""
        if function not in self.functions:
            return None
        if function not in self._hints:
            self._hints[function] = _hints_of(self.functions[function])
        return self._hints[function]

    # Classes

    def kind(self, owner: type) -> Val:
        """A class that is followed, or its qualified name where it is not."""
        if not is_followed(owner):
            return External(public_name(owner))
        found = self._classes.get(owner)
        if found is not None:
            return found
        found_in = self.definitions.class_of(owner)
        node = found_in[1] if found_in is not None else ast.ClassDef(owner.__name__, [], [], [], [])
        names = dict(vars(owner))
        is_record = _is_record(owner)
        if is_record:
            # What makes it was written by Python, and has no source.
            names.pop("__init__", None)
        cell = LiveCell(names, lambda thing: self._member(thing, made), self.premises, vars(owner))
        made = self._classes[owner] = Class(node, self._scope_of_class(owner, found_in), (), cell)
        lineage = [self.kind(one) for one in owner.__mro__ if one is not object]
        cell[LINEAGE] = [*lineage, External("typing.NamedTuple")] if is_record else lineage
        return made

    def _member(self, thing: Any, owner: Class) -> Val:
        match thing:
            case FunctionType():
                return self.function(thing, owner)
            case staticmethod() | classmethod():
                return self.function(cast("Any", thing).__func__, owner)
            case property():
                return self.function(cast("Any", thing.fget), owner) if thing.fget is not None else Unknown
            case _:
                return self.value(thing)

    def _scope_of_class(self, owner: type, found: tuple[SourceModule, ast.ClassDef] | None) -> ModuleScope:
        for one in vars(owner).values():
            function = getattr(one, "__func__", getattr(one, "fget", one))
            if isinstance(function, FunctionType):
                scope = self._scope(written(function))
                if scope is not None:
                    return scope
        module = sys.modules.get(owner.__module__)
        source = no_source(owner.__module__) if found is None else found[0]
        return ModuleScope(source, self._cell({} if module is None else vars(module)))


class LiveCell(Cell):
    """Names of live objects, each turned into a value when it is first asked for.

    `read` are the names as Python reads them, for the premises: what is not one of them never changes.
    """

    def __init__(
        self,
        names: Mapping[str, Any],
        value: Callable[[Any], Val],
        premises: Premises,
        read: Mapping[str, Any],
    ) -> None:
        super().__init__({PENDING: {}, STARS: ()})
        self._names = names
        self._value = value
        self._premises = premises
        self._read = read

    def get(self, name: str, default: Any = None, /) -> Any:
        """The value under a name."""
        if super().__contains__(name):
            return super().__getitem__(name)
        self._premises.read(self._read, name)
        if name in self._names:
            held = self._names[name]
            # What changes is known as the number that it is.
            varies = self._premises.is_varying(self._read, name)
            found = self[name] = Real() if varies else self._value(held)
            return found
        return default

    def __getitem__(self, name: str, /) -> Any:
        found = self.get(name, Unknown)
        if found is Unknown and name not in self:
            raise KeyError(name)
        return found

    def __contains__(self, name: object, /) -> bool:
        if super().__contains__(name):
            return True
        if name not in self._names:
            self._premises.read(self._read, str(name))
            return False
        return True


class Closure(Mapping[str, Any]):
    """The names that a function sees of those around it, with what they lead to now."""

    def __init__(self, function: FunctionType) -> None:
        self._cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))

    def __getitem__(self, name: str) -> Any:
        try:
            return self._cells[name].cell_contents
        except ValueError:  # The cell is empty.
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter([name for name in self._cells if name in self])

    def __len__(self) -> int:
        return len(list(iter(self)))


def defaults_of(function: FunctionType) -> dict[str, Any]:
    """What the parameters of a function are where they are not given."""
    code, given = function.__code__, function.__defaults__ or ()
    names = code.co_varnames[: code.co_argcount]
    return dict(zip(names[len(names) - len(given) :], given, strict=True)) | (function.__kwdefaults__ or {})


def _defines(owner: type, function: object) -> bool:
    return any(getattr(one, "__func__", one) is function for one in vars(owner).values())


def _is_record(owner: type) -> bool:
    """Whether a class is a dataclass or a named tuple."""
    return is_dataclass(owner) or (issubclass(owner, tuple) and hasattr(cast("Any", owner), "_fields"))


def _hints_of(function: FunctionType) -> Mapping[str, Hint] | None:
    """What a function is held to; None where its annotations can't be read, which is told where it is lowered."""
    held: Any = function if hasattr(function, "__namedtorch__") else inspect.unwrap(function)
    try:
        signature = signature_of(held)
    except (UnresolvedError, ValueError, TypeError):
        return None
    return {**{one.name: one.hint for one in signature.parameters}, "return": signature.result}
