"""Attributes of modules that are annotated with dims, which torch would read as types of the graph."""

import ast
import inspect
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from torch import nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.annotations import TypeReader, type_text
from namedtorch.lower.functions import Functions, is_torchs
from namedtorch.lower.namespace import Scope
from namedtorch.signature.hints import has_dims, read_hint


def graph_annotations(module: nn.Module, functions: Functions) -> dict[str, Any] | None:
    """The annotations of a module's class with types of the graph in them, None if nothing changes.

    torch reads the annotations of the nearest class that has any. Those of other classes, and those of
    `self.weight: Float[...] = ...` in `__init__`, join them where they name dims, or where the value (None, an empty
    list) does not tell its type: else torch does not read them.
    """
    classes = [one for one in type(module).__mro__ if not is_torchs(one) and one is not object]
    nearest = next((one for one in classes if inspect.get_annotations(one)), None)
    found: dict[str, Any] = {}
    changed = False
    for owner in classes:
        for name, written, reader in annotations_of(owner, functions):
            if name in found:
                continue
            annotation = reader.read(written)
            graph = reader.graph_type(annotation)
            declared = owner is nearest and name in inspect.get_annotations(owner)
            if name in module._modules and inspect.isclass(graph) and issubclass(graph, nn.Module):
                # The type of a submodule is its own; torch takes an annotation here for an interface.
                changed = changed or declared
                continue
            if declared or has_dims(read_hint(annotation)) or _untold(module, name, graph):
                found[name] = graph
                changed = changed or graph is not written or not declared
    # torch takes no annotations at all for a sign to read those of the classes above.
    return (found or {"training": bool}) if changed else None


def _untold(module: nn.Module, name: str, graph: Any) -> bool:
    """Whether an attribute's value tells no type, and its annotation one that TorchScript has."""
    value = vars(module).get(name, Unknown)
    if not (value is None or (isinstance(value, list | dict) and not value)):
        return False

    def unknown(_: object) -> str:
        raise LookupError

    try:
        return type_text(graph, unknown) not in ("None", "Any")
    except LookupError:
        return False


def annotations_of(owner: type, functions: Functions) -> Iterator[tuple[str, Any, TypeReader]]:
    """The annotations of a class, and then those in its `__init__` that stand on attributes of `self`."""
    start = owner.__dict__.get("__init__")
    start = inspect.unwrap(start) if start is not None else None
    names = vars(inspect.getmodule(owner) or inspect)
    if isinstance(start, FunctionType):
        names = start.__globals__

    def in_class(text: str) -> Any:
        try:
            return eval(text, dict(names), dict(vars(owner)))
        except Exception:  # An annotation may hold any expression, and names for type checkers only.
            return text

    for name, annotation in inspect.get_annotations(owner).items():
        yield name, annotation, TypeReader(functions.records, in_class)
    definition = functions.sources.find(start) if isinstance(start, FunctionType) else None
    if definition is None or not isinstance(start, FunctionType):
        return
    scope = Scope(start, owner)
    reader = TypeReader(functions.records, in_class)
    for node in ast.walk(definition.node):
        match node:
            case ast.AnnAssign(
                target=ast.Attribute(value=ast.Name(id="self"), attr=name), annotation=written
            ):
                try:
                    yield name, scope.evaluate(written), reader
                except Exception:  # As above.
                    continue
            case _:
                continue
