"""Functions and classes as their definitions make them."""

import ast
from dataclasses import replace
from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.static.interpreter.domain import (
    Class,
    External,
    Function,
    Val,
)
from namedtorch.static.interpreter.machine import Frame, Machine
from namedtorch.static.interpreter.names import qualified_name
from namedtorch.static.interpreter.slots import slots_of

CONSTRUCTOR: Final = "__init__"
"""The method that makes an object."""

TRANSPARENT: Final = frozenset(
    {
        "staticmethod", "classmethod", "property", "functools.cached_property", "functools.lru_cache",
        "functools.cache", "functools.wraps", "abc.abstractmethod", "typing.override",
        "typing_extensions.override", "typing.no_type_check", "dataclasses.dataclass", "torch.no_grad",
        "torch.inference_mode", "torch.enable_grad", "torch.compile", "torch.autocast", "torch.fx.wrap",
        "torch.amp.autocast", "torch.jit.export", "torch.jit.script", "torch.jit.ignore",
        "torch.jit.unused", "torch.jit.script_method", "torch.compiler.disable", "torch._dynamo.disable",
        "torch.cuda.amp.autocast", "jaxtyping.jaxtyped", "beartype.beartype", "namedtorch.checked",
        "typeguard.typechecked",
    }
)  # fmt: skip
"""Decorators that leave what a function takes and gives as it is."""

LINEAGE: Final = " lineage"
"""Where a class's cell holds the class and its bases."""


OVERLOADS: Final = frozenset({"typing.overload", "typing_extensions.overload"})
"""What marks a definition as one of several that a function has."""


def function_of(
    machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: Class | None = None
) -> Val:
    """The function that a definition makes; `Unknown` where a decorator may have made anything of it."""
    frame = machine.frame
    closure = () if frame.function is None and owner is None else (frame.cell, *frame.closure)
    if owner is not None:
        closure = owner.closure
    # What stands in a function is made each time that this runs, and so are its defaults.
    defaults = {} if frame.function is None or owner is not None else defaults_of(machine, node)
    function = Function(node, frame.scope, closure, owner, defaults)
    kinds = {_decorator(machine, one) for one in node.decorator_list}
    held = (frame.cell if owner is None else owner.cell).get(node.name)
    if kinds & OVERLOADS or isinstance(held, Function):
        function = overloading(held, function, bool(kinds & OVERLOADS))
        kinds -= OVERLOADS
    if Unknown in kinds or not kinds <= TRANSPARENT | {f"{node.name}.setter"}:
        # A constructor stays one, whatever is wrapped around it.
        return function if _is_annotated(node) or node.name == CONSTRUCTOR else Unknown
    return function


def defaults_of(
    machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
) -> dict[str, Val]:
    """What the defaults of a definition that runs are worth, by the names of the parameters."""
    given = {one.name: one.default for one in slots_of(node) if one.default is not None}
    return {name: machine.parts.evaluate(one) for name, one in given.items()}


def overloading(held: Val, function: Function, overload: bool) -> Function:
    """A function that is defined where another one of its name is: with the overloads that stand before it."""
    before = held.variants if isinstance(held, Function) else ()
    if not before or not isinstance(held, Function) or held.node is not before[-1].node:
        # What stands before is another function, or the implementation of its own overloads.
        before = ()
    return replace(function, variants=(*before, function) if overload else before)


def decorators(machine: Machine, function: Function) -> set[str]:
    """The qualified names of a function's decorators that are known."""
    if isinstance(function.node, ast.Lambda) or not function.node.decorator_list:
        return set()
    found = {_decorator(machine, one, function) for one in function.node.decorator_list}
    return {one for one in found if isinstance(one, str)}


def _decorator(machine: Machine, node: ast.expr, function: Function | None = None) -> object:
    called = node.func if isinstance(node, ast.Call) else node
    if isinstance(called, ast.Name) and called.id in ("property", "staticmethod", "classmethod"):
        return called.id
    if isinstance(called, ast.Attribute) and called.attr in ("setter", "getter", "deleter"):
        return "property" if called.attr == "getter" else f"{getattr(called.value, 'id', '')}.setter"
    pushed = function is not None
    if function is not None:
        machine.frames.append(Frame(function.scope, function.scope.cell))
    machine.quiet += 1
    try:
        return qualified_name(machine.parts.evaluate(called))
    finally:
        machine.quiet -= 1
        if pushed:
            machine.frames.pop()


def _is_annotated(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return node.returns is not None


def class_of(machine: Machine, node: ast.ClassDef) -> Class:
    """The class that a definition makes: its functions, and the names that its body assigns."""
    frame = machine.frame
    bases = tuple(machine.parts.evaluate(one) for one in node.bases)
    closure = () if frame.function is None else (frame.cell, *frame.closure)
    made = Class(node, frame.scope, bases, {}, closure)
    inner = Frame(frame.scope, made.cell, (frame.cell, *frame.closure) if frame.function else (), owner=made)
    machine.frames.append(inner)
    machine.quiet += 1
    try:
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                if _is_setter(statement):
                    continue
                machine.write(made.cell, statement.name, function_of(machine, statement, made))
            elif not isinstance(statement, ast.Expr):
                machine.parts.execute([statement])
                inner.alive = True
    finally:
        machine.quiet -= 1
        machine.frames.pop()
    return made


def _is_setter(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(one, ast.Attribute) and one.attr in ("setter", "deleter") for one in node.decorator_list
    )


def lineage(kind: Class) -> list[Val]:
    """A class and its bases, the nearest first, each once."""
    kept: list[Val] | None = kind.cell.get(LINEAGE)
    if kept is not None:
        return kept
    found: list[Val] = []
    seen: set[object] = set()
    waiting: list[Val] = [kind]
    while waiting:
        one = waiting.pop(0)
        key = one.name if isinstance(one, External) else id(one)
        if key in seen:
            continue
        seen.add(key)
        found.append(one)
        if isinstance(one, Class):
            waiting = [*one.bases, *waiting]
        if len(found) > 64:
            break
    kind.cell[LINEAGE] = found
    return found


def is_open(kind: Class) -> bool:
    """Whether a class has a base of which nothing is known."""
    return any(not isinstance(one, Class | External) for one in lineage(kind))


def member(kind: Class, name: str, behind: Class | None = None) -> tuple[Val, Class] | None:
    """What a class or its bases define under a name, and which of them; only those behind one, for `super()`."""
    passed = behind is None
    for one in lineage(kind):
        if passed and isinstance(one, Class) and name in one.cell:
            return one.cell[name], one
        if one is behind:
            passed = True
    return None


def external_bases(kind: Class) -> list[str]:
    """The qualified names of the bases that the project does not define."""
    return [one.name for one in lineage(kind) if isinstance(one, External)]
