"""Live modules of torch, and objects of the user's classes, as values of the interpreter."""

import ast
import weakref
from collections.abc import Container, Iterator, Mapping
from types import FunctionType
from typing import Any, Final, cast

from namedtorch.dims.unknown import Unknown
from namedtorch.erase.decorators import written
from namedtorch.erase.homes import is_followed, qualified
from namedtorch.erase.kept_lists import CHANGING
from namedtorch.erase.live import MODULE, Live
from namedtorch.erase.live_tensors import is_named_tensor, is_tensor, type_of
from namedtorch.erase.premises import Premises
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
    Real,
    Text,
    Val,
)
from namedtorch.static.interpreter.store import MISSING, Cell

_TABLES: Final = ("_parameters", "_buffers", "_modules")

_CHAINS: Final = {
    "torch.nn.modules.container.Sequential": True,
    "torch.nn.modules.container.ModuleList": False,
    "torch.nn.modules.container.ParameterList": False,
}
_DICTS: Final = ("torch.nn.modules.container.ModuleDict", "torch.nn.modules.container.ParameterDict")

_NOWHERE: Final = ast.Pass()


class LiveModules:
    """The modules of one erasure, each with the value that stands for it; `objects` leads back from there."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.objects: dict[int, Any] = {}
        self._values: dict[int, tuple[Any, Val]] = {}
        self._changed: set[str] = set()
        live.modules = self.value

    def note_tree(self, module: Any) -> None:
        """Looks for attributes that methods of modules of a tree change in other objects than their own."""
        kinds = {base for one in module.modules() for base in plain_kind(type_of(one)).__mro__}
        for kind in filter(is_followed, kinds):
            self._changed.update(name for node in _methods(kind, self.live) for name in _changes_beside(node))

    def value(self, thing: Any) -> Val:
        """What a module, or an object of a class of the user's, is to the interpreter."""
        known = self._values.get(id(thing))
        if known is not None:
            return known[1]
        kind = plain_kind(type_of(thing))
        while kind.__module__ == _PARAMETRIZE:
            kind = kind.__mro__[1]
        dims: str | None = getattr(type_of(thing), BOUNDARY_DIMS, None)
        made = self._shell(thing, kind)
        self._values[id(thing)] = thing, made
        self.objects[id(made)] = thing
        self._fill(thing, kind, made)
        if dims is not None:
            marked(self.live.machine, made, [dims], _NOWHERE, [])
        return made

    def written(self) -> dict[int, dict[str, Val]]:
        """The attributes that are other ones than before, or whose items may be, by the ids of their objects."""
        found: dict[int, dict[str, Val]] = {}
        for thing, value in self._values.values():
            if isinstance(value, Instance) and isinstance(value.cell, _Attributes):
                cell = value.cell
                found[id(thing)] = {
                    name: one
                    for name, one in cell.items()
                    if name in cell.changed or one is not cell.before.get(name, MISSING)
                }
        return found

    def object_of(self, value: Val) -> Any:
        """The live module that a value stands for; None for any other value."""
        return self.objects.get(id(value))

    def _shell(self, thing: Any, kind: type) -> Val:
        """The value of an object before its attributes are known: they may lead back to it."""
        names = qualified(kind)
        if is_followed(kind):
            owner = self.live.kind(kind)
            assert isinstance(owner, Class)
            return Instance(owner, _Attributes(self.live.premises, thing))
        for name in names:
            if name in _CHAINS:
                return Chain({"items": ()}, _CHAINS[name], tuple(thing._modules) if _CHAINS[name] else None)
            if name in _DICTS:
                return DictValue.of({})
        rule = rule_for(names)
        if rule is Unknown:
            return Unknown
        return Layer(rule, LiveAttributes(self.live, thing, rule.attributes), _NOWHERE)

    def _fill(self, thing: Any, kind: type, made: Val) -> None:
        value = self.live.value
        match made:
            case Chain(cell=cell):
                held = thing._modules or thing._parameters
                cell["items"] = tuple(value(one) for one in held.values())
            case DictValue(cell=cell):
                cell.update({name: value(one) for name, one in (thing._modules or thing._parameters).items()})
            case Instance(cell=cell):
                changed = {*_changed_in(kind, self.live), *self._changed}
                for name, one in attributes_of(thing):
                    varies = name in changed or self.live.premises.is_varying(names_of(thing, name), name)
                    cell[name] = _of_changed(one, value(one)) if varies else value(one)
                if isinstance(cell, _Attributes):
                    cell.changed = changed
                    cell.before = dict(cell.items())
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


class _Attributes(Cell):
    """The attributes of an object of the user's. What is read of them is a premise, but for what calls change."""

    def __init__(self, premises: Premises, thing: Any) -> None:
        super().__init__()
        self.changed: set[str] = set()
        self.before: dict[str, Val] = {}
        self._premises = premises
        self._thing = thing

    def _read(self, name: object) -> None:
        if isinstance(name, str) and name not in self.changed:
            self._premises.read(names_of(self._thing, name), name)

    def __contains__(self, name: object, /) -> bool:
        self._read(name)
        return super().__contains__(name)

    def __getitem__(self, name: str, /) -> Any:
        self._read(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None, /) -> Any:
        """The value of an attribute."""
        self._read(name)
        return super().get(name, default)


def names_of(thing: Any, name: str) -> Mapping[str, Any]:
    """The names among which an object holds an attribute, or would hold it."""
    own: Mapping[str, Any] = getattr(thing, "__dict__", {})
    if name not in own:
        for one in _TABLES:
            table = own.get(one)
            if isinstance(table, dict) and name in table:
                return cast("Mapping[str, Any]", table)
    return own


class LiveAttributes(Mapping[str, Val]):
    """The attributes of a layer of torch, each turned into a value when it is asked for.

    Those that tell its `sizes` are no premises: they change together with its parameters, by its constructor.
    """

    def __init__(self, live: Live, thing: Any, sizes: Container[str]) -> None:
        self._live = live
        self._sizes = sizes
        self._thing = thing
        self._known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            held = getattr(self._thing, name, MISSING)
            if name not in self._sizes:
                self._live.premises.read(names_of(self._thing, name), name)
            self._known[name] = MISSING if held is MISSING else self._live.value(held)
        if self._known[name] is MISSING:
            raise KeyError(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in attributes_of(self._thing)])

    def __len__(self) -> int:
        return len(list(iter(self)))


def plain_kind(kind: type) -> type:
    """The class of a module before `named_module` gave it a signature, with what was made of it since, as
    parametrizations make a class."""
    own: type | None = kind.__dict__.get(BOUNDARY_KIND)
    if own is not None or not hasattr(kind, BOUNDARY_KIND):
        return kind if own is None else own
    if kind not in _PLAIN:
        members = {name: one for name, one in vars(kind).items() if name not in ("__dict__", "__weakref__")}
        metaclass: Any = type(kind)
        _PLAIN[kind] = metaclass(kind.__name__, tuple(map(plain_kind, kind.__bases__)), members)
    return _PLAIN[kind]


_PLAIN: "weakref.WeakKeyDictionary[type, type]" = weakref.WeakKeyDictionary()

_PARAMETRIZE: Final = "torch.nn.utils.parametrize"
"""Where torch makes the classes of modules with parametrizations."""


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


def _changed_in(kind: type, live: Live) -> Iterator[str]:
    """The attributes that methods other than the constructor change."""
    for owner in filter(is_followed, kind.__mro__):
        for node in _methods(owner, live):
            yield from _changes(node)


def _methods(owner: type, live: Live) -> Iterator[ast.FunctionDef]:
    """What a class defines itself, but for its constructor."""
    for name, member in vars(owner).items():
        listed = (member.fget, member.fset) if isinstance(member, property) else (member,)
        for one in listed:
            function = getattr(one, "__func__", one)
            if name != "__init__" and isinstance(function, FunctionType):
                node = live.definitions.find(written(function))
                if node is not None:
                    yield node


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
            ) if name == own and method in CHANGING:
                yield attr
            case _:
                pass


def _changes_beside(node: ast.FunctionDef) -> Iterator[str]:
    """The attributes that a method changes in other objects: `self.layer.axis = "T"`."""
    first = [*node.args.posonlyargs, *node.args.args][:1]
    own = first[0].arg if first else ""
    for one in ast.walk(node):
        match one:
            case ast.Attribute(value=owner, attr=attr, ctx=ast.Store() | ast.Del()):
                if not (isinstance(owner, ast.Name) and owner.id == own):
                    yield attr
            case ast.Call(
                func=ast.Name(id="setattr" | "delattr"), args=[_, ast.Constant(value=str(attr)), *_]
            ):
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
    if isinstance(thing, str):
        return Text()
    return Real() if isinstance(thing, int | float) and not isinstance(thing, bool) else Unknown
