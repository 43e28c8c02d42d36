"""Attributes of modules that TorchScript can't read: values without a type, and those that are not there."""

import ast
import enum
import functools
import inspect
import types
from typing import Any

import torch
from torch import nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.body import Body
from namedtorch.lower.branches import constants, declared
from namedtorch.lower.construct import Construct, Match
from namedtorch.lower.inference import type_problem

_PLAIN = (bool, int, float, complex, str, list, tuple, dict, set, frozenset)


class _Kind(enum.Enum):
    """What an attribute is that TorchScript has no type for."""

    MODULES = "modules in a list or dict"
    EMPTY = "an empty list or dict"
    MIXED = "a list or dict with values of several types"
    NUMPY = "a value of NumPy's"
    FUNCTION = "a lambda, a partial or a bound method"
    SET = "a set"
    OTHER = "any other object"


def _is(kind: _Kind) -> Match:
    """Attributes of one kind, where they are read."""

    def match(node: ast.Attribute, body: Body) -> str | None:
        # To find the type of a value may cost: each node is asked once.
        if id(node) not in body.notes:
            body.notes[id(node)] = _kind_at(node, body)
        return body.text(node) if body.notes[id(node)] is kind else None

    return match


def _kind_at(node: ast.Attribute, body: Body) -> _Kind | None:
    if not isinstance(node.ctx, ast.Load):
        return None
    for owner, value in zip(body.held(node.value), body.held(node), strict=True):
        known = value is None or value is Unknown or isinstance(value, nn.Module | torch.Tensor)
        if not known and isinstance(owner, nn.Module) and node.attr not in declared(owner):
            kind = _kind_of(value)
            if kind is not None:
                return kind
    return None


def _kind_of(value: Any) -> _Kind | None:
    if getattr(value, "__name__", "") == "<lambda>":
        return _Kind.FUNCTION
    if type_problem(value) is None:
        return None
    if isinstance(value, functools.partial | types.MethodType):
        return _Kind.FUNCTION
    if isinstance(value, set | frozenset):
        return _Kind.SET
    if type(value).__module__.partition(".")[0] == "numpy":
        return _Kind.NUMPY
    if not isinstance(value, list | tuple | dict):
        return _Kind.OTHER
    values = list(value.values()) if isinstance(value, dict) else list(value)
    if any(isinstance(one, nn.Module) for one in values):
        return _Kind.MODULES
    if not values:
        return _Kind.EMPTY
    return _Kind.MIXED if len({type(one) for one in values}) > 1 else _Kind.OTHER


def _missing_owner(node: ast.Attribute, body: Body) -> nn.Module | None:
    """The module that lacks an attribute of its own, and whose constants do not name it."""
    for owner, value in zip(body.held(node.value), body.held(node), strict=True):
        known = isinstance(owner, nn.Module) and node.attr not in constants(owner)
        if known and value is Unknown and not node.attr.startswith("__"):
            return owner
    return None


def _missing(node: ast.Attribute, body: Body) -> str | None:
    found = _missing_owner(node, body)
    if found is None or not isinstance(node.ctx, ast.Load):
        return None
    return body.text(node) if inspect.getattr_static(type(found), node.attr, Unknown) is Unknown else None


def _new(node: ast.Attribute, body: Body) -> str | None:
    found = _missing_owner(node, body)
    if found is None or not isinstance(node.ctx, ast.Store) or isinstance(body.parent(node), ast.AnnAssign):
        return None
    return body.text(node) if inspect.getattr_static(type(found), node.attr, Unknown) is Unknown else None


def _class_attribute(node: ast.Attribute, body: Body) -> str | None:
    """A value that only the class of a module has."""
    found = _missing_owner(node, body)
    if found is None or not isinstance(node.ctx, ast.Load):
        return None
    value = inspect.getattr_static(type(found), node.attr, Unknown)
    return body.text(node) if isinstance(value, _PLAIN) else None


def _class_function(node: ast.Attribute, body: Body) -> str | None:
    found = _missing_owner(node, body)
    value = inspect.getattr_static(type(found), node.attr, Unknown) if found is not None else Unknown
    return body.text(node) if isinstance(value, types.BuiltinFunctionType) else None


ATTRIBUTES: tuple[Construct, ...] = (
    Construct(
        "list-of-modules",
        "`{}`, modules in a list, tuple or dict of Python's",
        "put them into an nn.ModuleList or nn.ModuleDict",
        (ast.Attribute,),
        _is(_Kind.MODULES),
    ),
    Construct(
        "empty-container",
        "`{}`, an empty list or dict, which tells no type",
        "annotate it in the body of the class: `sizes: list[int]`",
        (ast.Attribute,),
        _is(_Kind.EMPTY),
    ),
    Construct(
        "mixed-container",
        "`{}`, a list or dict with values of several types",
        "keep the values in attributes of their own, or in a tuple",
        (ast.Attribute,),
        _is(_Kind.MIXED),
    ),
    Construct(
        "numpy-attribute",
        "`{}`, a value of NumPy's",
        'make it a tensor (`self.register_buffer("name", torch.from_numpy(array))`), or a number: `float(value)`',
        (ast.Attribute,),
        _is(_Kind.NUMPY),
    ),
    Construct(
        "function-attribute",
        "`{}`, a lambda, a partial or a bound method",
        "write a function with def at the top of the file, or call the method by its name",
        (ast.Attribute,),
        _is(_Kind.FUNCTION),
    ),
    Construct("set-attribute", "`{}`, a set", "keep a list", (ast.Attribute,), _is(_Kind.SET)),
    Construct(
        "object-attribute",
        "`{}`, an object that TorchScript has no type for",
        "keep what the model needs of it: `self.width = config.width` in `__init__`",
        (ast.Attribute,),
        _is(_Kind.OTHER),
    ),
    Construct(
        "value-attribute",
        "an attribute of a {}, which TorchScript can't look into",
        "read it in `__init__`, and keep what the model needs of it",
        says=r"attribute lookup is not defined on (?:python value of type ')?(\w+)",
    ),
    Construct(
        "new-attribute",
        "`{}`, which `__init__` does not set",
        "set it in `__init__`, with a value of the type that it is to have",
        (ast.Attribute,),
        _new,
        says=r"Tried to set nonexistent attribute: (\w+)",
    ),
    Construct(
        "missing-attribute",
        "`{}`, which the module does not have",
        "set it in `__init__`",
        (ast.Attribute,),
        _missing,
        says=r"Module '\w+' has no attribute '(\w+)'",
    ),
    Construct(
        "class-attribute",
        "`{}`, which only the class has",
        "mark it in the class as a constant (`name: Final[int] = 2`), or set it in `__init__`",
        (ast.Attribute,),
        _class_attribute,
        says=r"'(\w+)' is defined as a class attribute",
    ),
    Construct(
        "class-function",
        "`{}`, an operator of torch's in the body of the class",
        "set it in `__init__`: `self.act = torch.relu`",
        (ast.Attribute,),
        _class_function,
        says=r"'builtin_function_or_method' object has no attribute '__globals__'()",
    ),
    Construct(
        "inherited",
        "`.{name}` of {type}, which the class itself does not have",
        "write it in the class itself: TorchScript does not look into base classes",
        says=r"'(?P<type>\w+)' object has no attribute or method '(?P<name>(?!__)\w+)'\. Did you forget to initialize",
    ),
    Construct(
        "inherited-init",
        "`{}`, a class without an `__init__` of its own",
        "write one: TorchScript does not look into base classes",
        says=r"Class (\w+) does not have an __init__ function",
    ),
)
