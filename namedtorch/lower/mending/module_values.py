"""What an expression in a method of a module stands for while the graph is made, where that is sure.

Modules and tensors that a module holds, what it was configured with, and what follows from it: numbers, texts, lists.
What code of the graph may change is Unknown, and so is `training`.
"""

import ast
import builtins
import enum
import inspect
import operator
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.mending.module_classes import written_class
from namedtorch.lower.mending.module_fields import field
from namedtorch.lower.namespace import Scope

PLAIN = (bool, int, float, str, type(None))
"""Values that are the same wherever they stand."""

_SEQUENCES = (list, tuple, range, str, dict, slice, set, frozenset)
_NUMBERS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_LISTING: dict[str, Callable[..., Any]] = {
    "range": range,
    "enumerate": lambda *given, **named: list(enumerate(*given, **named)),
    "zip": lambda *given, strict=False: list(zip(*given, strict=strict)),
    "reversed": lambda given: list(reversed(given)),
    "list": list,
    "tuple": tuple,
    "sorted": sorted,
    "len": len,
    "min": min,
    "max": max,
    "sum": sum,
    "abs": abs,
    "int": int,
    "float": float,
    "str": str,
    "bool": bool,
}
_CHILDREN = (
    "children",
    "named_children",
    "modules",
    "named_modules",
    "parameters",
    "named_parameters",
    "buffers",
    "named_buffers",
)
_READING = {
    dict: ("get", "keys", "values", "items"),
    str: ("lower", "upper", "format", "startswith", "endswith", "replace", "strip"),
    list: ("index", "count"),
    tuple: ("index", "count"),
}
CONTAINERS = (nn.ModuleList, nn.Sequential, nn.ParameterList)
"""Modules whose elements have numbers."""


class Values:
    """The meaning of expressions in one method of one module.

    `bound` are locals that are known where the expression stands; `stored` the attributes that the graph may change,
    `locals` all names that the method gives a value. `make` gives a module that the graph makes anew in each call.
    """

    def __init__(
        self,
        module: nn.Module,
        receiver: str,
        scope: Scope,
        locals: frozenset[str],
        stored: frozenset[str],
        make: Callable[[ast.Call, type, tuple[Any, ...], Mapping[str, Any]], Any],
    ) -> None:
        self.module = module
        self.receiver = receiver
        self.bound: dict[str, Any] = {}
        self.stored = stored
        self._scope = scope
        self._locals = locals
        self._make = make

    def of(self, node: ast.expr | None) -> Any:
        """The value of an expression, Unknown where it waits for the call, or is not sure."""
        try:
            return self._of(node)
        except Exception:  # Values are the user's, and may refuse whatever is done with them.
            return Unknown

    def is_global(self, name: str) -> bool:
        """Whether a name is one of the module's file (or of Python's) in this method."""
        return name not in self._locals and name != self.receiver

    def global_value(self, name: str) -> Any:
        """What a name means that the method does not set; Unknown if it means nothing."""
        found = self._scope.get(name, Unknown)
        return getattr(builtins, name, Unknown) if found is Unknown else found

    def _of(self, node: ast.expr | None) -> Any:
        match node:
            case ast.Constant(value=value):
                return value if isinstance(value, PLAIN) else Unknown
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute(value=inner, attr=name):
                return self._attribute(self._of(inner), name)
            case ast.Subscript(value=inner, slice=place):
                return self._element(self._of(inner), self._of(place))
            case ast.Slice(lower=lower, upper=upper, step=step):
                parts = [None if one is None else self._of(one) for one in (lower, upper, step)]
                return Unknown if _unknown(parts) else slice(*parts)
            case ast.Tuple(elts=several) | ast.List(elts=several):
                values = [self._of(one) for one in several]
                if _unknown(values):
                    return Unknown
                return tuple(values) if isinstance(node, ast.Tuple) else values
            case ast.Dict(keys=keys, values=several):
                names, values = [self._of(one) for one in keys], [self._of(one) for one in several]
                known = not _unknown([*names, *values]) and None not in keys
                return dict(zip(names, values, strict=True)) if known else Unknown
            case ast.JoinedStr(values=parts):
                return self._text(parts)
            case ast.Call():
                return self._call(node)
            case _:
                return self._operation(node)

    def _operation(self, node: ast.expr | None) -> Any:
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                known = truth(self._of(inner))
                return Unknown if known is Unknown else not known
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                value = self._of(inner)
                return -value if type(value) in (int, float) else Unknown
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _NUMBERS:
                return _combined(_NUMBERS[type(op)], self._of(left), self._of(right))
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._compared(left, ops, others)
            case ast.BoolOp(op=op, values=several):
                value: Any = Unknown
                for one in several:
                    value = self._of(one)
                    known = truth(value)
                    if known is Unknown or known is isinstance(op, ast.Or):
                        return value if known is not Unknown else Unknown
                return value
            case ast.IfExp(test=test, body=body, orelse=orelse):
                known = truth(self._of(test))
                return Unknown if known is Unknown else self._of(body if known else orelse)
            case _:
                return Unknown

    def _name(self, name: str) -> Any:
        if name == self.receiver:
            return self.module
        if name in self._locals:
            return self.bound.get(name, Unknown)
        if name in self.stored:
            return Unknown
        value = self.global_value(name)
        known = isinstance(value, (*PLAIN, types.ModuleType, type, enum.Enum, torch.dtype, dict, list, tuple))
        return value if known or callable(value) else Unknown

    def _attribute(self, owner: Any, name: str) -> Any:
        if owner is Unknown or name in self.stored or isinstance(owner, Tensor):
            return Unknown
        return field(owner, name, self._property)

    def _property(self, owner: Any, getter: types.FunctionType) -> Any:
        """The value of a property that only reads: one return of what can be known of its object."""
        try:
            tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(getter)))
        except (OSError, SyntaxError, TypeError):
            return Unknown
        match tree.body:
            case [ast.FunctionDef(args=ast.arguments(args=[receiver]), body=body)]:
                pass
            case _:
                return Unknown
        if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            body = body[1:]
        match body:
            case [ast.Return(value=ast.expr() as value)]:
                inner = Values(owner, receiver.arg, Scope(getter), frozenset(), self.stored, _make_nothing)
                return inner._of(value)
            case _:
                return Unknown

    def _element(self, owner: Any, place: Any) -> Any:
        if owner is Unknown or place is Unknown:
            return Unknown
        if isinstance(owner, nn.ParameterDict | nn.ModuleDict):
            return owner[place] if isinstance(place, str) and place in owner else Unknown
        if isinstance(owner, CONTAINERS):
            if type(owner).__getitem__ not in {one.__getitem__ for one in CONTAINERS}:
                return Unknown
            # A slice of a container would be a module of its own: it is the list of what is in it.
            return list(owner)[place] if type(place) in (int, slice) else Unknown
        if isinstance(owner, Mapping) and type(owner).__getitem__ is dict.__getitem__:
            return owner.get(place, Unknown)
        return owner[place] if isinstance(owner, list | tuple | range | str) else Unknown

    def _text(self, parts: list[ast.expr]) -> Any:
        found: list[str] = []
        for one in parts:
            match one:
                case ast.Constant(value=str(text)):
                    found.append(text)
                case ast.FormattedValue(value=inner, conversion=-1, format_spec=None):
                    value = self._of(inner)
                    if not isinstance(value, int | str):
                        return Unknown
                    found.append(str(value))
                case _:
                    return Unknown
        return "".join(found)

    def _compared(self, left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]) -> Any:
        one = self._of(left)
        for op, node in zip(ops, others, strict=True):
            other = self._of(node)
            if one is Unknown or other is Unknown:
                return Unknown
            if isinstance(op, ast.Is | ast.IsNot):
                if not (one is None or other is None or isinstance(one, enum.Enum)):
                    return Unknown
                holds = (one is other) is isinstance(op, ast.Is)
            elif isinstance(one, Tensor | nn.Module) or isinstance(other, Tensor | nn.Module):
                return Unknown
            else:
                holds = _COMPARISONS[type(op)](one, other)
            if not isinstance(holds, bool | np.bool_):
                return Unknown
            if not holds:
                return False
            one = other
        return True

    def _call(self, node: ast.Call) -> Any:
        arguments = [self._of(one) for one in node.args]
        keywords = {one.arg: self._of(one.value) for one in node.keywords}
        if any(isinstance(one, ast.Starred) for one in node.args) or None in keywords:
            return Unknown
        match node.func:
            case ast.Name(id=name) if self.is_global(name) and self.global_value(name) is getattr(
                builtins, name, None
            ):
                return self._builtin(name, node, arguments, keywords)
            case ast.Attribute(value=inner, attr=name):
                owner = self._of(inner)
                found = self._method(owner, name, arguments, keywords)
                if found is not Unknown:
                    return found
            case _:
                pass
        made = self._of(node.func)
        if (
            isinstance(made, type)
            and issubclass(made, nn.Module)
            and not _unknown([*arguments, *keywords.values()])
        ):
            return self._make(node, made, tuple(arguments), {str(key): one for key, one in keywords.items()})
        return Unknown

    def _builtin(self, name: str, node: ast.Call, arguments: list[Any], keywords: Mapping[Any, Any]) -> Any:
        match name, node.args:
            case "isinstance", [_, _]:
                return Unknown if _unknown(arguments) or keywords else isinstance(*arguments)
            case "hasattr", [_, _] if isinstance(arguments[0], nn.Module) and type(arguments[1]) is str:
                return hasattr(*arguments) if arguments[1] not in self.stored else Unknown
            case "getattr", [_, _] if type(arguments[1]) is str:
                return self._attribute(arguments[0], arguments[1])
            case "getattr", [_, _, _] if isinstance(arguments[0], nn.Module) and type(arguments[1]) is str:
                there = hasattr(*arguments[:2])
                if arguments[1] in self.stored:
                    return Unknown
                return self._attribute(arguments[0], arguments[1]) if there else arguments[2]
            case "type", [_]:
                return Unknown if _unknown(arguments) else written_class(arguments[0])
            case "next", [ast.Call()]:
                values = arguments[0]
                return values[0] if isinstance(values, list) and values else Unknown
            case "iter", [_]:
                return arguments[0] if isinstance(arguments[0], list) else Unknown
            case _ if name in _LISTING:
                known = not _unknown([*arguments, *keywords.values()])
                fits = all(isinstance(one, (*PLAIN, *_SEQUENCES, *CONTAINERS)) for one in arguments)
                return _LISTING[name](*arguments, **keywords) if known and fits else Unknown
            case _:
                return Unknown

    def _method(self, owner: Any, name: str, arguments: list[Any], keywords: Mapping[Any, Any]) -> Any:
        if owner is Unknown or _unknown([*arguments, *keywords.values()]):
            return Unknown
        if isinstance(owner, nn.Module):
            member = getattr(type(owner), name, None)
            if name in _CHILDREN and member is getattr(nn.Module, name):
                return list(getattr(owner, name)(*arguments, **keywords))
            known = isinstance(owner, nn.ModuleDict | nn.ParameterDict)
            own = known and member in (getattr(nn.ModuleDict, name, 0), getattr(nn.ParameterDict, name, 0))
            return list(getattr(owner, name)()) if own and name in ("keys", "values", "items") else Unknown
        if name in _READING.get(type(owner), ()):
            found = getattr(owner, name)(*arguments, **keywords)
            return list(found) if name in ("keys", "values", "items") else found
        return Unknown


def truth(value: Any) -> Any:
    """What Python takes a value for in a condition; Unknown where that is not sure."""
    if isinstance(value, nn.Module):
        known = isinstance(value, nn.ModuleList | nn.ModuleDict | nn.Sequential | nn.ParameterList)
        if hasattr(type(value), "__bool__") or (hasattr(type(value), "__len__") and not known):
            return Unknown
        return bool(value)
    if value is Unknown or not isinstance(value, (*PLAIN, *_SEQUENCES)):
        return Unknown
    return bool(value)


def _make_nothing(*_: Any) -> Any:
    return Unknown


def _unknown(values: list[Any]) -> bool:
    return any(one is Unknown for one in values)


def _combined(operation: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    numbers = type(left) in (int, float, bool) and type(right) in (int, float, bool)
    lists = type(left) is type(right) and type(left) in (str, list, tuple) and operation is operator.add
    return operation(left, right) if numbers or lists else Unknown
