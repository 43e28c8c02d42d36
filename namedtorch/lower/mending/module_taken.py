"""Whether TorchScript takes an expression as it is written, of what is known while the graph is made."""

import ast
import enum
import types
from typing import Any

import torch
from torch import Tensor, nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.branches import constants, declared
from namedtorch.lower.inference import type_problem
from namedtorch.lower.mending.module_values import CONTAINERS, PLAIN, Values

_VIEWS = ("items", "values", "keys", "children", "named_children")


class Taken:
    """What TorchScript takes in one method; `fixed` are locals that are no variables of the graph."""

    def __init__(self, values: Values) -> None:
        self.fixed: set[str] = set()
        self._values = values
        self._typed: dict[int, bool] = {}

    def expression(self, node: ast.expr) -> bool:
        """Whether all of an expression is taken, whose value may be known."""
        match node:
            case ast.Name(id=name):
                return name not in self.fixed and self._name(self._values.of(node), name)
            case ast.Attribute(value=inner, attr=name):
                return self.expression(inner) and self._attribute(self._values.of(inner), name)
            case ast.Subscript(value=inner, slice=place):
                return self.expression(inner) and self._element(self._values.of(inner), place)
            case ast.Call(func=ast.Name(id="getattr" | "hasattr"), args=[owner, name, *more]):
                literal = isinstance(name, ast.Constant)
                there = not isinstance(self._values.of(owner), nn.Module) or (
                    literal and self._attribute(self._values.of(owner), str(name.value))
                )
                asked = isinstance(node.func, ast.Name) and node.func.id == "hasattr"
                return self.expression(owner) and literal and (asked or there or bool(more))
            case ast.Call(func=func):
                made = self._values.of(node)
                if isinstance(made, nn.Module | Tensor | type):
                    return False
                inner = [*node.args, *(one.value for one in node.keywords)]
                method = func.value if isinstance(func, ast.Attribute) else None
                return all(self.expression(one) for one in inner) and (
                    method is None or self.expression(method)
                )
            case _:
                return all(
                    self.expression(one) for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)
                )

    def iterable(self, node: ast.expr) -> bool:
        """Whether a loop over modules is taken, or the loop is over none."""
        value = self._values.of(node)
        if not holds_modules(value):
            return self.expression(node)
        match node:
            case ast.Call(func=ast.Name(id="enumerate" | "zip"), args=several):
                known = [one for one in several if self._values.of(one) is not Unknown]
                return len(known) == len(several) and all(self.iterable(one) for one in several)
            case ast.Call(func=ast.Attribute(value=inner, attr=name), args=[]):
                return name in _VIEWS and self.expression(inner)
            case ast.Name() | ast.Attribute() | ast.Subscript():
                return isinstance(value, CONTAINERS) and self.expression(node)
            case _:
                return False

    def condition(self, node: ast.expr) -> bool:
        """Whether an expression whose value is known is taken as a condition."""
        value = self._values.of(node)
        if value is Unknown:
            return True
        return isinstance(value, bool | int | float) and self.expression(node)

    def _name(self, value: Any, name: str) -> bool:
        if value is Unknown or name == self._values.receiver or self._values.is_global(name):
            return not (self._values.is_global(name) and isinstance(value, dict))
        return isinstance(value, PLAIN) or self._has_type(value)

    def _attribute(self, owner: Any, name: str) -> bool:
        if owner is Unknown or isinstance(owner, types.ModuleType | Tensor):
            return True
        if isinstance(owner, type):
            return issubclass(owner, enum.Enum)
        if isinstance(owner, enum.Enum | torch.device):
            return True
        if not isinstance(owner, nn.Module):
            return False
        if name in ("_modules", "__class__"):
            return False
        if name in owner._parameters or name in owner._buffers or name in owner._modules:
            return True
        if name in vars(owner):
            return name in declared(owner) or self._has_type(vars(owner)[name])
        member = getattr(type(owner), name, None)
        return name in constants(owner) or not isinstance(
            member, (*PLAIN, list, tuple, types.BuiltinFunctionType)
        )

    def _element(self, owner: Any, place: ast.expr) -> bool:
        if isinstance(owner, CONTAINERS):
            return isinstance(place, ast.Constant | ast.UnaryOp) and type(self._values.of(place)) is int
        if isinstance(owner, nn.ModuleDict | nn.ParameterDict):
            return isinstance(place, ast.Constant)
        if isinstance(place, ast.Slice):
            return not holds_modules(owner)
        return self.expression(place) and not holds_modules(owner)

    def _has_type(self, value: Any) -> bool:
        if isinstance(value, nn.Module):
            return False
        if id(value) not in self._typed:
            empty = isinstance(value, list | dict) and not value
            self._typed[id(value)] = not empty and type_problem(value) is None
        return self._typed[id(value)]


def holds_modules(value: Any) -> bool:
    """Whether there are modules, or tensors of modules, among the values of a list or in a container."""
    if isinstance(value, nn.Module):
        return True
    if isinstance(value, dict):
        value = [*value.values()]
    if not isinstance(value, list | tuple):
        return False
    return any(isinstance(one, nn.Module | nn.Parameter) or holds_modules(one) for one in value)
