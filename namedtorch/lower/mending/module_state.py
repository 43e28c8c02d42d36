"""Types of attributes that a module starts without a value, None or an empty list, and that its methods fill."""

import ast
import inspect
from typing import Any, Optional

from torch import Tensor, nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.branches import declared
from namedtorch.lower.mending.module_changes import Changes


def state_annotations(module: nn.Module, changes: Changes, annotated: set[str]) -> dict[str, Any]:
    """The types of the attributes that hold nothing yet, by what the methods of a module write to them.

    What is `annotated` has a type. TorchScript refuses what does not fit the type.
    """
    started = {
        name: value
        for name, value in vars(module).items()
        if (value is None or (type(value) is list and not value))
        and not name.startswith("_")
        and name not in annotated
    }
    if not started:
        return {}
    found: dict[str, Any] = {}
    unsure: set[str] = set()
    for name, written in changes.written(type(module)):
        if name not in started or (isinstance(written, ast.Constant) and written.value is None):
            continue
        kind = _type(written)
        if started[name] is not None and isinstance(written, ast.List) and not written.elts:
            continue
        if kind is Unknown or found.setdefault(name, kind) != kind:
            unsure.add(name)
    return {
        name: Optional[kind] if started[name] is None else kind  # noqa: UP045  # of types that are values
        for name, kind in found.items()
        if name not in unsure and (started[name] is None or kind is not Tensor)
    }


def with_annotations(owner: type, added: dict[str, Any]) -> dict[str, Any]:
    """The annotations of a subclass: those that torch would read without it, and what is added."""
    nearest = next((one for one in owner.__mro__ if inspect.get_annotations(one)), None)
    return {**(inspect.get_annotations(nearest) if nearest is not None else {}), **added}


def annotated_names(module: nn.Module) -> set[str]:
    """The attributes that an annotation of a class speaks of."""
    return {
        *declared(module),
        *(name for one in type(module).__mro__ for name in inspect.get_annotations(one)),
    }


def _type(written: ast.AST) -> Any:
    """The type of what is written to an attribute, as far as its form tells."""
    match written:
        case ast.List(elts=[one]):
            inner = _type(one)
            return Unknown if inner is Unknown else list[inner]
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return type(value)
        case ast.Call(func=ast.Name(id="int" | "len")):
            return int
        case ast.Call(func=ast.Name(id="float")):
            return float
        case ast.Call(func=ast.Name(id="str")):
            return str
        case ast.Call(func=ast.Attribute(attr="size" | "dim" | "numel")):
            return int
        case ast.Subscript(value=ast.Attribute(attr="shape")):
            return int
        case ast.Call(func=ast.Attribute(attr="item" | "tolist" | "split" | "chunk" | "unbind")):
            return Unknown
        case ast.Name() | ast.Call() | ast.BinOp() | ast.Attribute() | ast.Subscript() | ast.UnaryOp():
            return Tensor
        case _:
            return Unknown
