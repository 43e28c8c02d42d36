"""One function that TorchScript compiles: what its names and attributes mean, and which of its code is compiled."""

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any

from torch import nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.branches import Seen, nodes_of
from namedtorch.lower.namespace import Scope
from namedtorch.lower.source import Definition
from namedtorch.lower.translation import Translation

_TYPE_COMMENT = re.compile(r"#\s*type:(?!\s*ignore)[^#]*")


@dataclass(frozen=True, slots=True, eq=False)
class Annotation:
    """An annotation of a parameter, of the result (`name` is "return") or of a local, and its value if it is known."""

    name: str
    value: Any
    lineno: int
    end_lineno: int | None
    local: bool

    @property
    def label(self) -> str:
        """What is annotated, in words."""
        return "the result" if self.name == "return" else f"`{self.name}`"


@dataclass(frozen=True, slots=True, eq=False)
class TypeComment:
    """A comment `# type: ...`, which torch reads."""

    text: str
    lineno: int
    end_lineno: int


@dataclass(frozen=True, eq=False)
class Body:
    """A function that TorchScript compiles.

    `modules` are those that it is a method of, none for a function; a `hook` is a function that gets its module first.
    `notes` is for what is found out about its nodes.
    """

    translation: Translation
    modules: tuple[nn.Module, ...] = ()
    hook: bool = False
    notes: dict[int, Any] = field(default_factory=dict)

    @property
    def definition(self) -> Definition:
        """Where the function is written."""
        return self.translation.definition

    @property
    def node(self) -> ast.FunctionDef:
        """The `def` of the function."""
        return self.translation.definition.node

    @property
    def code(self) -> Any:
        """The code object, which copies of the function share."""
        return self.translation.function.__code__

    @cached_property
    def receiver(self) -> str:
        """The name of the parameter that is the module: `self`; "" for a function."""
        listed = [*self.node.args.posonlyargs, *self.node.args.args]
        return listed[0].arg if (self.modules or self.hook) and listed else ""

    @cached_property
    def scope(self) -> Scope:
        """What the names of the function mean that it does not set itself."""
        return Scope(self.translation.function)

    @cached_property
    def parameters(self) -> dict[str, ast.arg]:
        """The parameters by name."""
        return {one.arg: one for one in ast.walk(self.node.args) if isinstance(one, ast.arg)}

    @cached_property
    def locals(self) -> frozenset[str]:
        """The names that the function gives a value: parameters, targets, imports."""
        return frozenset({*self.parameters, *self._stored})

    @cached_property
    def _stored(self) -> frozenset[str]:
        found: set[str] = set()
        for statement in self.node.body:
            for one in ast.walk(statement):
                match one:
                    case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                        found.add(name)
                    case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                        found.add(name)
                    case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                        found.add(name)
                    case ast.Import(names=names) | ast.ImportFrom(names=names):
                        found.update((one.asname or one.name).partition(".")[0] for one in names)
                    case _:
                        pass
        return frozenset(found)

    @cached_property
    def seen(self) -> tuple[Seen, ...]:
        """The definition, its parameters, annotations, type comments, and the nodes of its body."""
        found = [Seen(self.node, True), *(Seen(one, True) for one in self.parameters.values())]
        found += [Seen(one, True) for one in self._header_annotations()]
        found += [Seen(one, True) for one in self._type_comments()]
        for one in nodes_of(self.node, self):
            found.append(one)
            if isinstance(one.node, ast.AnnAssign):
                name = ast.unparse(one.node.target)
                found.append(Seen(self._annotation(name, one.node.annotation, Unknown, True), one.compiled))
        return tuple(found)

    @cached_property
    def _parents(self) -> dict[int, ast.AST]:
        return {id(child): one for one in ast.walk(self.node) for child in ast.iter_child_nodes(one)}

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node around a node of this function."""
        return self._parents.get(id(node))

    def value(self, node: ast.AST | None) -> Any:
        """What a name, or a path of names through Python modules and classes, stands for; Unknown for all else."""
        match node:
            case ast.Name(id=name):
                if name in self.locals:
                    return Unknown
                found = self.scope.get(name, Unknown)
                return getattr(builtins, name, Unknown) if found is Unknown else found
            case ast.Attribute(value=inner, attr=name):
                owner = self.value(inner)
                if not isinstance(owner, ModuleType | type):
                    return Unknown
                try:
                    return getattr(owner, name)
                except Exception:  # Modules and metaclasses may raise what they like.
                    return Unknown
            case _:
                return Unknown

    def held(self, node: ast.AST | None) -> list[Any]:
        """What `self.a.b` is in each module that this is a method of; Unknown for one that has it not.

        An empty list for any other expression.
        """
        match node:
            case ast.Name(id=name) if name == self.receiver and name:
                return list(self.modules)
            case ast.Attribute(value=inner, attr=name):
                return [_attribute(one, name) for one in self.held(inner)]
            case ast.Subscript(value=inner, slice=ast.Constant(value=int() | str() as key)):
                return [_element(one, key) for one in self.held(inner)]
            case _:
                return []

    def text(self, node: ast.AST) -> str:
        """The source of a node, on one line and not too long."""
        text = ast.unparse(node)
        return text if len(text) <= 60 else f"{text[:57]}..."

    def names(self) -> Iterator[Seen]:
        """The compiled names and attributes, one of which may be a function to compile."""
        return (one for one in self.seen if one.compiled and isinstance(one.node, ast.Name | ast.Attribute))

    def is_stored(self, name: str) -> bool:
        """Whether the body gives a name a value."""
        return name in self._stored

    def is_never_none(self, name: str) -> bool:
        """Whether a name is a parameter whose type has no None in it."""
        if name not in self.parameters:
            return False
        written = self.translation.types.get(name, "Tensor")
        return not written.startswith(("Optional", "Union", "Any", "None"))

    def _header_annotations(self) -> Iterator[Annotation]:
        known = self.translation.function.__annotations__
        for name, argument in self.parameters.items():
            # torch gives the module its own type.
            if argument.annotation is not None and name != self.receiver:
                yield self._annotation(name, argument.annotation, known.get(name, Unknown), False)
        if self.node.returns is not None:
            yield self._annotation("return", self.node.returns, known.get("return", Unknown), False)

    def _annotation(self, name: str, node: ast.expr, known: Any, local: bool) -> Annotation:
        value = known
        if value is Unknown or isinstance(value, str):
            try:
                value = self.scope.evaluate(node)
                value = self.scope.evaluate(value) if isinstance(value, str) else value
            except Exception:  # An annotation may hold any expression.
                value = Unknown
        return Annotation(name, value, node.lineno, node.end_lineno, local)

    def _type_comments(self) -> Iterator[TypeComment]:
        if self.definition.rewritten:
            return
        for number in range(self.node.lineno, self.definition.last + 1):
            line = self.definition.lines[number - 1]
            found = _TYPE_COMMENT.search(line)
            if found is not None:
                yield TypeComment(found[0].strip(), number, number)


def _attribute(owner: Any, name: str) -> Any:
    """An attribute of a module or of what it holds, without running properties."""
    if owner is Unknown:
        return Unknown
    if isinstance(owner, nn.Module):
        for table in (vars(owner), owner._parameters, owner._buffers, owner._modules):
            if name in table:
                return table[name]
        return Unknown
    return vars(owner).get(name, Unknown) if hasattr(owner, "__dict__") else Unknown


def _element(owner: Any, key: int | str) -> Any:
    if not isinstance(owner, list | tuple | dict | nn.ModuleList | nn.Sequential | nn.ModuleDict):
        return Unknown
    try:
        found: Any = owner[key]  # pyright: ignore[reportArgumentType, reportCallIssue]
    except (IndexError, KeyError, TypeError):
        return Unknown
    return found
