"""Methods of base classes, called by a method that overrides them: methods of their own in the graph."""

import ast
import dis
import inspect
import types
from collections.abc import Iterator
from typing import Any

from torch import nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.functions import innermost
from namedtorch.lower.mending.module_classes import written_class_of
from namedtorch.lower.mending.module_values import Values


class Inherited(ast.NodeTransformer):
    """Turns `super().forward(x)` and `Base.forward(self, x)` into `self.forward_of_Base(x)`.

    `home` is the class that the method is written in. `methods` are the functions that are then called, by the name
    that each gets.
    """

    def __init__(self, values: Values, owner: type, home: type | None) -> None:
        self.methods: dict[str, types.FunctionType] = {}
        self._values = values
        self._owner = owner
        self._home = home

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        # A function inside of this one has another `self`.
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node.func:
            case ast.Attribute(value=inner, attr=name):
                pass
            case _:
                return node
        behind = self._behind(inner)
        if behind is not None:
            return self._through(node, name, behind, node.args)
        base = self._values.of(inner)
        unbound = isinstance(base, type) and issubclass(self._owner, base) and issubclass(base, nn.Module)
        if not unbound:
            return node
        member = inspect.getattr_static(base, name, Unknown)
        match node.args:
            case [ast.Name(id=receiver), *given] if receiver == self._values.receiver:
                if isinstance(member, types.FunctionType):
                    return self._through(node, name, base, given, first=True)
            case _:
                pass
        if isinstance(member, classmethod) and member is inspect.getattr_static(self._owner, name, Unknown):
            return self._of_class(node, name, member.__func__)
        return node

    def _behind(self, node: ast.expr) -> type | None:
        """The class at which `super()` begins to look, None for any other expression."""
        match node:
            case ast.Call(func=ast.Name(id="super"), args=[], keywords=[]):
                return self._home
            case ast.Call(func=ast.Name(id="super"), args=[owner, ast.Name(id=receiver)], keywords=[]):
                found = self._values.of(owner)
                return found if isinstance(found, type) and receiver == self._values.receiver else None
            case _:
                return None

    def _through(
        self, node: ast.Call, name: str, start: type, given: list[ast.expr], *, first: bool = False
    ) -> ast.AST:
        """A call of what `name` is in the classes behind one, or in that one too if it is the `first`."""
        order = list(self._owner.__mro__)
        if start not in order:
            return node
        place = order.index(start) + (0 if first else 1)
        base = next((one for one in order[place:] if name in vars(one)), None)
        member = None if base is None else vars(base)[name]
        if base is None or base is nn.Module or not isinstance(innermost_of(member), types.FunctionType):
            return node
        assert isinstance(member, types.FunctionType)
        own = inspect.getattr_static(self._owner, name, None)
        called = name if own is member else self._name(name, base, member)
        receiver = ast.copy_location(ast.Name(self._values.receiver, ast.Load()), node.func)
        method = ast.copy_location(ast.Attribute(receiver, called, ast.Load()), node.func)
        return ast.copy_location(ast.Call(method, given, node.keywords), node)

    def _of_class(self, node: ast.Call, name: str, function: Any) -> ast.AST:
        """A classmethod that does not ask which class it is called on."""
        code = function.__code__
        if any(one.argval == code.co_varnames[0] for one in _loads(code)):
            return node
        receiver = ast.copy_location(ast.Name(self._values.receiver, ast.Load()), node.func)
        method = ast.copy_location(ast.Attribute(receiver, name, ast.Load()), node.func)
        return ast.copy_location(ast.Call(method, node.args, node.keywords), node)

    def _name(self, name: str, base: type, member: types.FunctionType) -> str:
        wanted = f"{name}_of_{written_class_of(base).__name__}"
        while self.methods.get(wanted, member) is not member or hasattr(self._values.module, wanted):
            wanted += "_"
        self.methods[wanted] = member
        return wanted


def innermost_of(member: Any) -> Any:
    """The function under the decorators of a method; None for a member that is no plain method."""
    return innermost(member) if isinstance(member, types.FunctionType) else None


def home_of(function: types.FunctionType) -> type | None:
    """The class that a method is written in, where its code asks for `super()`."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if name == "__class__":
            return cell.cell_contents
    return None


def _loads(code: types.CodeType) -> Iterator[Any]:
    return (one for one in dis.get_instructions(code) if one.opname.startswith(("LOAD_FAST", "LOAD_DEREF")))
