"""One method of one module, rewritten where TorchScript would refuse it for what the module holds."""

import ast
import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from torch import nn

from namedtorch.dims.unknown import Unknown
from namedtorch.erase.rewritten import rewritten
from namedtorch.lower.functions import is_torchs
from namedtorch.lower.mending.module_changes import changed_locals
from namedtorch.lower.mending.module_expressions import names_stored
from namedtorch.lower.mending.module_inherited import Inherited, home_of
from namedtorch.lower.mending.module_loops import lists_in
from namedtorch.lower.mending.module_optional import mirrored
from namedtorch.lower.mending.module_spelling import Spelling
from namedtorch.lower.mending.module_statements import Statements
from namedtorch.lower.mending.module_taken import Taken
from namedtorch.lower.mending.module_values import Values
from namedtorch.lower.namespace import Scope
from namedtorch.lower.translation import names_used


@dataclass(frozen=True, slots=True)
class Mended:
    """A method as the graph is to have it: its tree, what it sees by new names, and what it asks of its module.

    `inherited` are the methods of base classes that it calls, `made` the modules that its own is given.
    """

    tree: ast.FunctionDef
    names: Mapping[str, Any] = field(default_factory=dict)
    inherited: Mapping[str, FunctionType] = field(default_factory=dict)
    made: Mapping[str, nn.Module] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells it apart from the same method of another module."""
        names = {name: id(value) for name, value in self.names.items()}
        inherited = {name: id(value) for name, value in self.inherited.items()}
        made = {name: repr(value) for name, value in self.made.items()}
        return f"{ast.dump(self.tree)} {names} {inherited} {made}"

    def function(self, original: FunctionType, name: str, owner: type) -> FunctionType:
        """The method under a name of its class."""
        tree = copy.deepcopy(self.tree)
        tree.name = name
        made = rewritten(original, tree, self.names)
        made.__name__ = name
        # What is torch's is left to torch, which would read the text.
        made.__module__ = owner.__module__
        return made


def mended(
    module: nn.Module,
    function: FunctionType,
    definition: ast.FunctionDef,
    stored: frozenset[str],
    optional: set[str],
    others: set[str],
) -> Mended | None:
    """A method as TorchScript takes it; None where it stays what it is.

    `stored` are the names of what the graph changes, `optional` the attributes that may be None, `others` what is
    changed by the methods that this one calls.
    """
    arguments = [*definition.args.posonlyargs, *definition.args.args]
    if not arguments:
        return None
    tree = copy.deepcopy(definition)
    receiver = arguments[0].arg
    if receiver in names_stored(tree):
        return None
    locals_ = frozenset(_locals(tree))
    values = Values(module, receiver, Scope(function), locals_, stored, lambda *given: maker(*given))
    spelling = Spelling(values, {*locals_, *names_used(function), *(_loaded(tree))})
    maker = _Maker(module, spelling)
    inherited = Inherited(values, type(module), home_of(function))
    tree.body = [inherited.visit(one) for one in tree.body]
    mirrored(tree, receiver, optional, others)
    statements = Statements(
        values, Taken(values), spelling, frozenset(_lasting(tree)), lists_in(tree), changed_locals(tree)
    )
    start = 1 if ast.get_docstring(tree, clean=False) is not None else 0
    body = statements.block(tree.body[start:])
    body = _without_idle(body, set(_loaded(definition)))
    tree.body = [*tree.body[:start], *(body or [ast.copy_location(ast.Pass(), definition.body[-1])])]
    if ast.dump(tree) == ast.dump(definition):
        return None
    if statements.dropped & _loaded(tree):
        # A local that no variable of the graph can hold goes where nothing else can stand for it.
        return None
    used = {one.attr for one in ast.walk(tree) if isinstance(one, ast.Attribute)}
    made = {name: one for name, one in spelling.made.items() if name in used}
    names = {name: one for name, one in spelling.names.items() if name in _loaded(tree)}
    return Mended(tree, names, inherited.methods, made)


class _Maker:
    """Modules that code of the graph makes anew in each call, where one that is made before does the same."""

    def __init__(self, module: nn.Module, spelling: Spelling) -> None:
        self._module = module
        self._spelling = spelling
        self._made: dict[str, Any] = {}

    def __call__(self, node: ast.Call, kind: type, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        key = f"{kind} {args!r} {kwargs!r}"
        if key not in self._made:
            self._made[key] = self._one(kind, args, kwargs)
        return self._made[key]

    def _one(self, kind: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        forward: Any = getattr(kind, "forward", None)
        if not is_torchs(kind) or not isinstance(forward, FunctionType) or "training" in names_used(forward):
            return Unknown
        made = kind(*args, **kwargs)
        if [*made.parameters(), *made.buffers()] or len([*made.modules()]) > 1:
            return Unknown
        made.train(self._module.training)
        self._spelling.add(made)
        return made


def _locals(tree: ast.FunctionDef) -> set[str]:
    found = names_stored(tree) | {one.arg for one in ast.walk(tree.args) if isinstance(one, ast.arg)}
    for one in ast.walk(tree):
        match one:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) if one is not tree:
                found.add(name)
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                found.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found.update((name.asname or name.name).partition(".")[0] for name in names)
            case _:
                pass
    return found


def _loaded(tree: ast.FunctionDef) -> set[str]:
    return {
        one.id
        for part in tree.body
        for one in ast.walk(part)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
    }


def _without_idle(body: list[ast.stmt], used: set[str]) -> list[ast.stmt]:
    """The statements but for assignments of constants to locals that were read, and are no longer."""
    loaded = {
        one.id
        for part in body
        for one in ast.walk(part)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
    }
    found: list[ast.stmt] = []
    for one in body:
        match one:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant())
                | ast.AugAssign(target=ast.Name(id=name), value=ast.Constant())
            ) if name in used - loaded:
                continue
            case _:
                found.append(one)
    return found


def _lasting(tree: ast.FunctionDef) -> set[str]:
    """The variables of loops that are read outside of every loop that sets them."""
    loops = [one for one in ast.walk(tree) if isinstance(one, ast.For)]
    found: set[str] = set()
    for name in {name for one in loops for name in names_stored(one.target)}:
        inside = {
            id(node)
            for one in ast.walk(tree)
            if isinstance(
                one,
                ast.For | ast.comprehension | ast.ListComp | ast.DictComp | ast.SetComp | ast.GeneratorExp,
            )
            and name in names_stored(one if not isinstance(one, ast.For) else one.target)
            for node in ast.walk(one)
        }
        loads = (one for one in ast.walk(tree) if isinstance(one, ast.Name) and one.id == name)
        if any(isinstance(one.ctx, ast.Load) and id(one) not in inside for one in loads):
            found.add(name)
    return found
