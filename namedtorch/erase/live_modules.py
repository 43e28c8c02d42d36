"""Live modules of torch, and objects of the user's classes, as values of the interpreter."""

import ast
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Any, Final, cast

from namedtorch.dims.unknown import Unknown
from namedtorch.erase.live import MODULE, Live, is_followed, qualified
from namedtorch.erase.live_tensors import is_named_tensor, is_tensor, type_of
from namedtorch.ops.table import rule_for
from namedtorch.ops.values import Array, Names
from namedtorch.signature.boundary_text import BOUNDARY_DIMS, BOUNDARY_KIND
from namedtorch.static.interpreter.boundaries import marked
from namedtorch.static.interpreter.domain import (
    LAYER,
    Chain,
    Class,
    DictValue,
    Instance,
    Layer,
    Many,
    Val,
)
from namedtorch.static.interpreter.store import MISSING

_TABLES: Final = ("_parameters", "_buffers", "_modules")

_CHAINS: Final = {
    "torch.nn.modules.container.Sequential": True,
    "torch.nn.modules.container.ModuleList": False,
    "torch.nn.modules.container.ParameterList": False,
}
_DICTS: Final = ("torch.nn.modules.container.ModuleDict", "torch.nn.modules.container.ParameterDict")

_NOWHERE: Final = ast.Pass()

_CHANGING: Final = frozenset({"append", "extend", "insert", "pop", "clear", "remove", "update", "setdefault"})
"""Methods that change the list or dict that they are called on."""


class LiveModules:
    """The modules of one erasure, each with the value that stands for it; `objects` leads back from there."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.objects: dict[int, Any] = {}
        self._values: dict[int, tuple[Any, Val]] = {}
        live.modules = self.value

    def value(self, thing: Any) -> Val:
        """What a module, or an object of a class of the user's, is to the interpreter."""
        known = self._values.get(id(thing))
        if known is not None:
            return known[1]
        kind = plain_kind(type_of(thing))
        dims: str | None = type_of(thing).__dict__.get(BOUNDARY_DIMS)
        made = self._shell(thing, kind)
        self._values[id(thing)] = thing, made
        self.objects[id(made)] = thing
        self._fill(thing, kind, made)
        if dims is not None:
            marked(self.live.machine, made, [dims], _NOWHERE, [])
        return made

    def object_of(self, value: Val) -> Any:
        """The live module that a value stands for; None for any other value."""
        return self.objects.get(id(value))

    def _shell(self, thing: Any, kind: type) -> Val:
        """The value of an object before its attributes are known: they may lead back to it."""
        names = qualified(kind)
        if is_followed(kind):
            owner = self.live.kind(kind)
            assert isinstance(owner, Class)
            return Instance(owner, {})
        for name in names:
            if name in _CHAINS:
                return Chain({"items": ()}, _CHAINS[name], tuple(thing._modules) if _CHAINS[name] else None)
            if name in _DICTS:
                return DictValue.of({})
        rule = rule_for(names)
        return Unknown if rule is Unknown else Layer(rule, LiveAttributes(self.live, thing), _NOWHERE)

    def _fill(self, thing: Any, kind: type, made: Val) -> None:
        value = self.live.value
        match made:
            case Chain(cell=cell):
                held = thing._modules or thing._parameters
                cell["items"] = tuple(value(one) for one in held.values())
            case DictValue(cell=cell):
                cell.update({name: value(one) for name, one in (thing._modules or thing._parameters).items()})
            case Instance(cell=cell):
                changed = dict(_changed_in(kind, self.live))
                for name, one in attributes_of(thing):
                    cell[name] = _of_changed(one, value(one)) if name in changed else value(one)
                self._inherited(thing, kind, made)
            case _:
                pass

    def _inherited(self, thing: Any, kind: type, made: Instance) -> None:
        """What a class of the user's that descends from a layer, or a container, is under its own methods."""
        foreign = next((one for one in kind.__mro__ if not is_followed(one)), object)
        if foreign.__module__.partition(".")[0] != "torch" or qualified(foreign)[0] == MODULE:
            return
        shell = self._shell(thing, foreign)
        if isinstance(shell, Chain):
            shell.cell["items"] = tuple(self.live.value(one) for one in thing._modules.values())
        if isinstance(shell, Chain | Layer):
            made.cell[LAYER] = shell


class LiveAttributes(Mapping[str, Val]):
    """The attributes of a layer of torch, each turned into a value when it is asked for."""

    def __init__(self, live: Live, thing: Any) -> None:
        self._live = live
        self._thing = thing
        self._known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            held = getattr(self._thing, name, MISSING)
            self._known[name] = MISSING if held is MISSING else self._live.value(held)
        if self._known[name] is MISSING:
            raise KeyError(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in attributes_of(self._thing)])

    def __len__(self) -> int:
        return len(list(iter(self)))


def plain_kind(kind: type) -> type:
    """The class of a module before `named_module` gave it a signature."""
    return cast("type", kind.__dict__.get(BOUNDARY_KIND, kind))


def attributes_of(thing: Any) -> Iterator[tuple[str, Any]]:
    """The attributes of an object; those of a module with its parameters, buffers and modules."""
    own: Mapping[str, Any] = getattr(thing, "__dict__", {})
    tables: list[Mapping[str, Any]] = []
    if MODULE in qualified(type_of(thing)):
        tables = [own.get(one) or {} for one in _TABLES]
    for table in tables:
        yield from table.items()
    for name, one in own.items():
        if (
            name not in _TABLES
            and name != "training"
            and not (tables and name.startswith("_") and "hook" in name)
        ):
            yield name, one


def _changed_in(kind: type, live: Live) -> Iterator[tuple[str, None]]:
    """The attributes that methods other than the constructor change."""
    for owner in kind.__mro__:
        if not is_followed(owner):
            continue
        for name, member in vars(owner).items():
            function = getattr(member, "__func__", getattr(member, "fget", member))
            if name != "__init__" and isinstance(function, FunctionType):
                function = getattr(function, "__wrapped__", function)
                node = live.definitions.find(function) if isinstance(function, FunctionType) else None
                if node is not None:
                    yield from ((one, None) for one in _changes(node))


def _changes(node: ast.FunctionDef) -> Iterator[str]:
    first = [*node.args.posonlyargs, *node.args.args][:1]
    own = first[0].arg if first else ""
    for one in ast.walk(node):
        match one:
            case ast.Attribute(value=ast.Name(id=name), attr=attr, ctx=ast.Store() | ast.Del()) if (
                name == own
            ):
                yield attr
            case ast.Subscript(value=ast.Attribute(value=ast.Name(id=name), attr=attr), ctx=ast.Store()) if (
                name == own
            ):
                yield attr
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(value=ast.Name(id=name), attr=attr), attr=method)
            ) if name == own and method in _CHANGING:
                yield attr
            case _:
                pass


def _of_changed(thing: Any, value: Val) -> Val:
    """What is known of an attribute that calls change: of what kind it is."""
    if isinstance(value, Array):
        return Array(names=Names.SOME if is_named_tensor(thing) else Names.NONE)
    if isinstance(thing, list) and thing and all(is_tensor(one) for one in cast("list[Any]", thing)):
        named = any(is_named_tensor(one) for one in cast("list[Any]", thing))
        return Many(Array(names=Names.SOME if named else Names.NONE))
    return Unknown
