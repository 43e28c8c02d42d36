"""The functions that a graph is made of: what TorchScript compiles first, and what that calls."""

import ast
import dataclasses
import enum
import inspect
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from torch import nn

from namedtorch.lower.body import Body
from namedtorch.lower.functions import innermost
from namedtorch.lower.libraries import library_of
from namedtorch.lower.torchscript import Role, is_script, role_of
from namedtorch.lower.translation import Translation


@dataclass(frozen=True, slots=True)
class Member:
    """A method that a class has under a name; `starts`: TorchScript compiles it whether it is called or not."""

    code: CodeType
    static: bool
    starts: bool


class Reach:
    """The functions of one graph.

    `translations` are all functions that lowering has read, `method` reads one of a class; of each body, only code
    that TorchScript compiles leads on.
    """

    def __init__(
        self,
        target: nn.Module | FunctionType,
        translations: Iterable[Translation],
        method: Callable[[FunctionType, type], Translation | None],
    ) -> None:
        self._method = method
        self._translations: dict[CodeType, Translation] = {}
        for one in translations:
            if library_of(one.definition.file) is None:
                self._translations[one.function.__code__] = one
                # Bodies call the function that a mended one stands for.
                original: Any = one.original or one.function
                self._translations.setdefault(original.__code__, one)
        self.modules: dict[str, nn.Module] = {}
        """The modules of the tree by path, "" for the outermost."""
        self._members: dict[type, dict[str, list[Member]]] = {}
        if isinstance(target, nn.Module):
            self.modules = {path: one for path, one in target.named_modules() if not is_script(one)}
        for one in self.modules.values():
            if type(one) not in self._members:
                self._members[type(one)] = dict(_members(type(one)))
        self.bodies: list[Body] = []
        """The functions in the order in which they are reached."""
        self.of_classes: set[Body] = set()
        """Those that are methods of classes, which are no modules."""
        self._known: dict[CodeType, Body] = {}
        self._edges: dict[Body, list[tuple[int, Body]]] = {}
        self._callers: dict[Body, list[tuple[Body, int]]] = {}
        self._waiting: deque[Body] = deque()
        self._start(target)
        while self._waiting:
            self._follow(self._waiting.popleft())

    def methods(self, module: nn.Module) -> list[str]:
        """The methods of a module that the graph needs, but for those that TorchScript compiles in any case."""
        return [
            name
            for name, several in self._members.get(type(module), {}).items()
            for one in several
            if not one.static and not one.starts and self._is_known(one.code)
        ]

    def functions(self) -> list[Body]:
        """The bodies that are compiled as functions: those of no module, and static methods."""
        return [one for one in self.bodies if not one.modules and one not in self.of_classes]

    def kinds(self) -> list[nn.Module]:
        """A module of each class that has a body here, but for the outermost; those that hold others last."""
        own = {type(module) for body in self.bodies for module in body.modules}
        found: dict[type, nn.Module] = {}
        for path, one in reversed(self.modules.items()):
            if path and type(one) in own:
                found.setdefault(type(one), one)
        return list(found.values())

    def containing(self, file: str, line: int) -> Body | None:
        """The body that a line belongs to."""
        for one in self.bodies:
            if one.definition.file == file and one.definition.first <= line <= one.definition.last:
                return one
        return None

    def calls(self, body: Body) -> list[tuple[str, int]]:
        """The places, each called from the next, that lead to a body."""
        found: list[tuple[str, int]] = []
        met = {body}
        while True:
            caller = next(((one, line) for one, line in self._callers.get(body, ()) if one not in met), None)
            if caller is None:
                return found
            body, line = caller
            met.add(body)
            found.append((body.definition.file, line))

    def called(self, body: Body) -> Iterator[Body]:
        """The bodies that a body calls."""
        return (one for _, one in self._edges.get(body, ()))

    def callers(self, body: Body) -> Iterator[Body]:
        """The bodies that call a body."""
        return (one for one, _ in self._callers.get(body, ()))

    def cycles(self) -> dict[Body, tuple[int, str]]:
        """For each ring of bodies that call each other, the first and its call, line and name, that leads on in it."""
        found: dict[Body, tuple[int, str]] = {}
        told: set[Body] = set()
        for body in self.bodies:
            for line, called in self._edges.get(body, ()):
                ring = self._reached_from(called)
                if body not in told and called is not body and body in ring:
                    found[body] = line, called.node.name
                    told |= {body, *(one for one in ring if body in self._reached_from(one))}
        return found

    def _is_known(self, code: CodeType) -> bool:
        translation = self._translations.get(code)
        return translation is not None and translation.function.__code__ in self._known

    def _reached_from(self, body: Body) -> set[Body]:
        found: set[Body] = set()
        waiting = [body]
        while waiting:
            for _, one in self._edges.get(waiting.pop(), ()):
                if one not in found:
                    found.add(one)
                    waiting.append(one)
        return found

    def _start(self, target: nn.Module | FunctionType) -> None:
        if isinstance(target, FunctionType):
            # A guard stands around it, under another code object; its own is the first that was read.
            first = self._translations.get(target.__code__) or next(iter(self._translations.values()), None)
            if first is not None:
                self._reach(first.function.__code__, None)
            return
        for members in self._members.values():
            for several in members.values():
                for one in several:
                    if one.starts:
                        self._reach(one.code, None)
        for module in self.modules.values():
            for hook in (*module._forward_hooks.values(), *module._forward_pre_hooks.values()):
                if isinstance(hook, FunctionType):
                    self._reach(innermost(hook).__code__, None, hook=True)

    def _reach(self, code: CodeType, caller: Body | None, line: int = 0, *, hook: bool = False) -> None:
        translation = self._translations.get(code)
        if translation is None:
            return
        code = translation.function.__code__
        body = self._known.get(code)
        if body is None:
            body = Body(translation, tuple(self._owners(code)), hook)
            self._known[code] = body
            self.bodies.append(body)
            self._waiting.append(body)
        if caller is not None:
            self._edges.setdefault(caller, []).append((line, body))
            self._callers.setdefault(body, []).append((caller, line))

    def _reach_class(self, owner: type, caller: Body, line: int) -> None:
        """All methods of a class: TorchScript compiles them with the first use of it."""
        for value in vars(owner).values():
            if not isinstance(value, FunctionType) or not _is_compiled(value):
                continue
            function = innermost(value)
            if function.__code__ not in self._translations:
                translation = self._method(function, owner)
                if translation is None:
                    continue
                self._translations[function.__code__] = translation
            self._reach(function.__code__, caller, line)
            self.of_classes.add(self._known[self._translations[function.__code__].function.__code__])

    def _owners(self, code: CodeType) -> Iterator[nn.Module]:
        for one in self.modules.values():
            if any(
                member.code is code and not member.static
                for several in self._members[type(one)].values()
                for member in several
            ):
                yield one

    def _follow(self, body: Body) -> None:
        for seen in body.names():
            node = seen.node
            path = _path(node)
            # A variable hides what the file calls by its name.
            value = None if path[0] in body.locals else body.translation.references.get(path)
            if isinstance(value, FunctionType):
                self._reach(innermost(value).__code__, body, node.lineno)
            elif isinstance(value, type) and _is_compiled_class(value):
                self._reach_class(value, body, node.lineno)
            if isinstance(node, ast.Attribute):
                for member in self._called(body, node):
                    self._reach(member.code, body, node.lineno)

    def _called(self, body: Body, node: ast.Attribute) -> Iterator[Member]:
        held = [one for one in body.held(node.value) if isinstance(one, nn.Module)]
        owners = {type(one) for one in held} if held else self._members
        for owner in owners:
            yield from self._members.get(owner, {}).get(node.attr, ())
        for one in body.held(node):
            if isinstance(one, FunctionType):
                yield Member(innermost(one).__code__, True, False)


def _members(owner: type) -> Iterator[tuple[str, list[Member]]]:
    unused = set(getattr(owner, "__jit_unused_properties__", ()))
    for name in dir(owner):
        if name == "__init__":
            continue
        value = inspect.getattr_static(owner, name, None)
        found: list[Member] = []
        match value:
            case FunctionType():
                starts = name == "forward" or role_of(value) is Role.EXPORTED
                found = [Member(innermost(value).__code__, False, starts)] if _is_compiled(value) else []
            case staticmethod(__func__=FunctionType() as function):
                found = [Member(innermost(function).__code__, True, False)] if _is_compiled(function) else []
            case property(fget=getter, fset=setter) if name not in unused:
                found = [
                    Member(innermost(one).__code__, False, True)
                    for one in (getter, setter)
                    if isinstance(one, FunctionType) and _is_compiled(one)
                ]
            case _:
                pass
        if found:
            yield name, found


def _is_compiled(function: Any) -> bool:
    return role_of(function) is not Role.IGNORED and isinstance(innermost(function), FunctionType)


def _is_compiled_class(owner: type) -> bool:
    """Whether TorchScript compiles the methods of a class where its name is called."""
    others = (nn.Module, tuple, enum.Enum, BaseException)
    return (
        not issubclass(owner, others)
        and not dataclasses.is_dataclass(owner)
        and library_of(str(getattr(inspect.getmodule(owner), "__file__", None) or "")) is None
        and owner.__module__ != "builtins"
    )


def _path(node: ast.expr) -> tuple[str, ...]:
    names = ast.unparse(node).split(".")
    return tuple(names)
