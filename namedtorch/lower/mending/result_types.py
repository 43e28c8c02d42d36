"""What calls give, by torch's schemas and the annotations of functions, as texts of types."""

import inspect
from functools import cache
from typing import Any

import torch
from torch import nn


@cache
def operator_result(name: str) -> str:
    """What all forms of an operator of torch's give, by its schemas."""
    found: set[str] = set()
    for schema in torch._C._jit_get_schemas_for_operator(f"aten::{name}"):
        if any(one.name == "out" for one in schema.arguments):
            continue
        if any(str(one.type) != "Tensor" for one in schema.arguments[:1]) and name not in dir(torch):
            continue
        kinds = [str(one.type) for one in schema.returns]
        found.add(kinds[0] if len(kinds) == 1 else "tuple")
    kind = found.pop() if len(found) == 1 else ""
    return (
        plain(kind) if plain(kind) in ("Tensor", "list[Tensor]", "int", "bool", "float", "list[int]") else ""
    )


@cache
def takes_sizes(name: str) -> bool:
    """Whether a method or function of torch's takes the elements of one list of numbers as its arguments."""
    for schema in torch._C._jit_get_schemas_for_operator(f"aten::{name}"):
        listed = [one for one in schema.arguments if not one.kwarg_only]
        if listed and listed[0].name == "self" and str(listed[0].type) == "Tensor":
            listed = listed[1:]
        if len(listed) == 1 and str(listed[0].type) in ("List[int]", "int[]") and not schema.overload_name:
            return True
    return False


def attribute_of(owner: Any, name: str) -> Any:
    """An attribute of a module, without running properties."""
    if not isinstance(owner, nn.Module):
        return None
    for table in (vars(owner), owner._parameters, owner._buffers, owner._modules):
        if name in table:
            return table[name]
    found = inspect.getattr_static(type(owner), name, None)
    return found if type(found) in (int, float, bool, str) else None


def kind_of(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return "Tensor"
    return type(value).__name__ if type(value) in (int, float, bool, str) else ""


def result_of(called: Any) -> str:
    if isinstance(called, type):
        return called.__name__ if called in (int, float, bool, str) else ""
    try:
        annotation = inspect.get_annotations(called).get("return")
    except Exception:  # It may be anything that a decorator made.
        return ""
    if annotation is torch.Tensor or annotation == "Tensor":
        return "Tensor"
    return annotation.__name__ if annotation in (int, float, bool, str) else ""


def plain(text: str) -> str:
    text = text.replace("typing.", "").replace("torch.Tensor", "Tensor")
    for name in ("List", "Dict", "Tuple"):
        text = text.replace(f"{name}[", f"{name.lower()}[")
    if text.endswith(" | None"):
        text = f"Optional[{text.removesuffix(' | None')}]"
    return "tuple" if text.startswith("tuple") else text
