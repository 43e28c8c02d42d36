"""Names and attributes that TorchScript can't read."""

import ast
import builtins
import enum
import types
from typing import Any

import torch

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.body import Body
from namedtorch.lower.construct import Construct

_PLAIN = (bool, int, float, complex, str)
_CONTAINERS = (list, tuple, dict, set, frozenset)
_TORCHS = (torch.dtype, torch.device, torch.layout, torch.memory_format)


def _global(node: ast.Name, body: Body, kinds: Any) -> str | None:
    if not isinstance(node.ctx, ast.Load) or node.id in body.locals:
        return None
    value = body.value(node)
    return node.id if isinstance(value, kinds) and not isinstance(value, enum.Enum) else None


def _plain(node: ast.Name, body: Body) -> str | None:
    return _global(node, body, _PLAIN)


def _container(node: ast.Name, body: Body) -> str | None:
    return _global(node, body, _CONTAINERS)


def _none(node: ast.Name, body: Body) -> str | None:
    return _global(node, body, types.NoneType)


def _tensor(node: ast.Name, body: Body) -> str | None:
    return _global(node, body, torch.Tensor)


def _torchs(node: ast.Name, body: Body) -> str | None:
    return _global(node, body, _TORCHS)


def _of_class(node: ast.Attribute, body: Body) -> str | None:
    owner = body.value(node.value)
    if not isinstance(owner, type) or issubclass(owner, enum.Enum) or not isinstance(node.ctx, ast.Load):
        return None
    value = body.value(node)
    return body.text(node) if isinstance(value, (*_PLAIN, *_CONTAINERS)) else None


def _undefined(node: Any, body: Body) -> str | None:
    if not isinstance(node.ctx, ast.Load):
        return None
    if isinstance(node, ast.Attribute):
        owner = body.value(node.value)
        gone = isinstance(owner, types.ModuleType) and body.value(node) is Unknown
        return body.text(node) if gone else None
    if node.id in body.locals or hasattr(builtins, node.id):
        return None
    return node.id if body.scope.get(node.id, Unknown) is Unknown else None


NAMES: tuple[Construct, ...] = (
    Construct(
        "global-value",
        "`{}`, a number or text outside of the function",
        "in a method, keep it in an attribute (`self.{} = {}` in `__init__`); in a function, make it a default",
        (ast.Name,),
        _plain,
        says=r"python value of type '(?:int|float|str|bool|complex)' cannot be used as a value()",
    ),
    Construct(
        "global-container",
        "`{}`, a list, tuple or dict outside of the function",
        "in a method, keep it in an attribute (`self.{} = {}` in `__init__`); in a function, write it there",
        (ast.Name,),
        _container,
        says=r"python value of type '(?:list|tuple|dict|set|frozenset)' cannot be used as a value()",
    ),
    Construct(
        "global-none",
        "`{}`, which is None outside of the function",
        "keep it in an attribute (`self.{} = {}` in `__init__`)",
        (ast.Name,),
        _none,
    ),
    Construct(
        "global-tensor",
        "`{}`, a tensor outside of the function",
        'make it a buffer: `self.register_buffer("{}", {})` in `__init__`',
        (ast.Name,),
        _tensor,
        says=r"python value of type '(?:Tensor|Parameter)' cannot be used as a value()",
    ),
    Construct(
        "global-dtype",
        "`{}`, a dtype or device outside of the function",
        "write it where it is used (`torch.float32`), or keep it in an attribute of the module",
        (ast.Name,),
        _torchs,
        says=r"python value of type '(?:dtype|device|layout|memory_format)' cannot be used as a value()",
    ),
    Construct(
        "class-value",
        "`{}`, read from a class",
        "keep it in an attribute of the module, set in `__init__`",
        (ast.Attribute,),
        _of_class,
    ),
    Construct(
        "undefined",
        "`{}`, which is defined nowhere",
        "import it at the top of the file, or pass it in",
        (ast.Name, ast.Attribute),
        _undefined,
    ),
)
