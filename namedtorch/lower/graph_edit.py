"""Guards that are put into graphs which exist already.

What stands here uses torch's graphs and the methods of compiled modules, which no document of torch's describes.
"""

import itertools
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

import torch

from namedtorch.diagnostics import LowerError
from namedtorch.dims.attributes import steps_of
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.schema import Argument, Schema
from namedtorch.lower.source import shown
from namedtorch.lower.torchscript import Script, compile_target
from namedtorch.signature.emit import graph_guard
from namedtorch.signature.hints import (
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    RecordHint,
    TensorHint,
    TupleHint,
    UnionHint,
)
from namedtorch.signature.plan import Plan
from namedtorch.signature.signature import Signature

_BODY = "namedtorch: here stands the body"
_SCALARS = ("int", "float", "bool", "str")
_TYPES = ("Any", "Dict", "List", "NamedTuple", "Optional", "Tuple")
_NUMBERS = itertools.count()


def methods_of(script: torch.jit.ScriptModule) -> tuple[str, ...]:
    """The names of the compiled methods of a module, forward first."""
    return tuple(sorted(script._c._method_names(), key=lambda name: name != "forward"))


def schema_of(script: torch.jit.ScriptModule, method: str) -> Schema:
    """What a compiled method takes and gives."""
    schema = script._c._get_method(method).schema
    arguments = tuple(
        Argument(one.name, one.type, one.default_value if one.has_default_value() else Unknown)
        for one in schema.arguments[1:]
    )
    return Schema(method, arguments, schema.returns[0].type)


def class_of(script: torch.jit.ScriptModule) -> str:
    """The qualified name of the class that a module was compiled from."""
    steps = script._c.qualified_name.split(".")
    return ".".join(one for one in steps if one != "__torch__" and not one.startswith("___torch_mangle_"))


def insert_guard(script: Script, method: str, signature: Signature, plan: Plan, name: str) -> None:
    """Puts the guard of a signature into the graph of a compiled method: before its first node, and before its return.

    A function is its own method, whatever `method` says. The signature has the parameters of the method, in their
    order. The module must not have been called: torch keeps what it made of a graph at its first call. `name` is that
    of the method, for errors. Raises LowerError for what no graph can check.
    """
    guard = _guard(signature, plan, name)
    function = isinstance(script, torch.jit.ScriptFunction)
    graph: Any = script.graph if function else script._c._get_method(method).graph
    # The first of a method is `self`, and a graph that was read from a file has one result.
    parameters = list(graph.inputs())[0 if function else 1 :]
    by_name = dict(zip((one.name for one in signature.parameters), parameters, strict=True))
    (result,) = graph.outputs()
    values = [by_name[name] for name in guard.parameters] + [result] * guard.takes_result
    _insert(graph, guard.graph, values)


@dataclass(frozen=True, slots=True)
class _Guard:
    """A guard as a graph: its inputs are these parameters, then the result; a call of print stands for the body."""

    graph: Any
    parameters: tuple[str, ...]
    takes_result: bool


def _guard(signature: Signature, plan: Plan, name: str) -> _Guard:
    roots = {one.root for one in plan.sites[: plan.first_result]}
    roots |= {steps_of(path)[0] for path in plan.attributes}
    names = [one.name for one in signature.parameters]
    if "print" in roots:
        raise LowerError(
            f"{name} has a parameter `print`, which hides what its guard calls; give it another name"
        )
    guard = graph_guard(plan, name, names)
    types = _Types()
    taken = [f"{one.name}: {types.text(one.hint)}" for one in signature.parameters if one.name in roots]
    if guard.after:
        taken.append(f"{guard.result}: {types.text(signature.result)}")
    lines = [
        *types.classes,
        f"def guard({', '.join(taken)}) -> None:",
        *(f"    {line}" for line in guard.before),
        f"    print({_BODY!r})",
        *(f"    {line}" for line in guard.after),
    ]
    function = _compiled("\n".join(lines) + "\n", f"<namedtorch guard of {name}>", guard.functions)
    graph = function.graph.copy()
    # Functions that the guard calls would go into the file under names that it may have already.
    torch._C._jit_pass_inline(graph)
    return _Guard(graph, tuple(one for one in names if one in roots), bool(guard.after))


def _compiled(source: str, file: str, functions: Mapping[str, Any]) -> Any:
    # Records are found by their qualified names, and two guards may have different ones under one name.
    space: dict[str, Any] = {
        "__name__": f"namedtorch.guards{next(_NUMBERS)}",
        **functions,
        "torch": torch,
        "Tensor": torch.Tensor,
        **{name: getattr(typing, name) for name in _TYPES},
    }
    exec(compile(source, file, "exec", dont_inherit=True), space)
    function = space["guard"]
    assert isinstance(function, FunctionType)
    with shown({file: source.splitlines(keepends=True)}):
        return compile_target(function)


@dataclass(slots=True)
class _Types:
    """Hints as TorchScript's types; what a guard does not look into is of any type."""

    classes: list[str] = field(default_factory=list[str])

    def text(self, hint: Hint) -> str:
        match hint:
            case TensorHint() | UnionHint():
                return "Tensor"
            case PlainHint(text=text):
                return text if text in _SCALARS else "Any"
            case OptionalHint(inner=inner):
                return f"Optional[{self.text(inner)}]"
            case ListHint(item=item):
                return f"List[{self.text(item)}]"
            case DictHint(value=value, key=key):
                return f"Dict[{key}, {self.text(value)}]"
            case TupleHint(items=items):
                return f"Tuple[{', '.join(map(self.text, items))}]"
            case RecordHint(fields=fields):
                lines = [f"    {name}: {self.text(field)}" for name, field in fields]
                name = f"Record{len(self.classes)}"
                self.classes.append("\n".join([f"class {name}(NamedTuple):", *lines]))
                return name


def _insert(graph: Any, guard: Any, inputs: Iterable[Any]) -> None:
    """Copies the nodes of a guard into a graph: those before its body to the top, the others to the end."""
    copies = {own.unique(): value for own, value in zip(guard.inputs(), inputs, strict=True)}
    nodes = list(graph.nodes())
    end = graph.return_node()
    place = nodes[0] if nodes else end
    inside = list(guard.nodes())
    if not any(map(_is_body, inside)):
        raise LowerError(f"torch {torch.__version__} compiles guards in another way, so none can be put in")
    for node in inside:
        if _is_body(node):
            place = end
        elif node.kind() != "prim::Constant" or node.hasUses():
            copy = graph.createClone(node, lambda value: copies[value.unique()])
            copy.insertBefore(place)
            copies.update(
                (own.unique(), value) for own, value in zip(node.outputs(), copy.outputs(), strict=True)
            )
    torch._C._jit_pass_lint(graph)


def _is_body(node: Any) -> bool:
    return node.kind() == "prim::Print" and node.inputsSize() == 1 and node.input().toIValue() == _BODY
