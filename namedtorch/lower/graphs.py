"""Internals of `torch.jit` that deal with graphs: freezing, the Python they call, what ran, sizes of values."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any, cast

import torch
from torch.jit.mobile import _load_for_lite_interpreter

from namedtorch.lower.torchscript import Script, quiet

# What torch's stubs leave out of graphs and of what stands behind a script module.
_Graph = Any
_Object = Any


@dataclass(frozen=True, slots=True)
class PythonCall:
    """A call of Python in a graph: the function's name, where it is called, where it is defined ("" if unknown)."""

    name: str
    place: str
    definition: str


def method_names(script: Script) -> list[str]:
    """The methods that a module has compiled, forward first; for a function only forward."""
    if isinstance(script, torch.jit.ScriptFunction):
        return ["forward"]
    names = list(cast("Sequence[str]", script._c._method_names()))
    return sorted(names, key=lambda name: name != "forward")


def frozen_module(
    script: torch.jit.ScriptModule, preserved: Sequence[str], *, folded: bool = True
) -> torch.jit.ScriptModule:
    """What `torch.jit.freeze` makes of a module in eval mode; `preserved` names methods and attributes that stay.

    Without `folded`, norms stay beside their layers. torch's errors pass through. The module itself stays as it is.
    """
    # torch frees the methods that it drops, but what it inlined of them still points there, and is read when an error
    # is told: inlined before, it points to the methods of the module that is frozen, which live on.
    graphs = [_graph_of(script, name) for name in ("forward", *preserved)]
    with quiet(), _inlined([graph for graph in graphs if graph is not None]):
        freeze = cast("Callable[..., Any]", torch.jit.freeze)
        return freeze(script, preserved_attrs=list(preserved), optimize_numerics=folded)


def _graph_of(script: torch.jit.ScriptModule, path: str) -> _Graph | None:
    """The graph of a method, also of one of a submodule (`"encoder.extra"`); None for what is no method."""
    *parents, name = path.split(".")
    owner: _Object = script._c
    for parent in parents:
        if not owner.hasattr(parent):
            return None
        inner: _Object = owner.getattr(parent)
        if not isinstance(cast("object", inner), torch._C.ScriptModule):
            return None
        owner = inner
    return owner._get_method(name).graph if owner._has_method(name) else None


@contextmanager
def _inlined(graphs: Sequence[_Graph]) -> Iterator[None]:
    """Inlines all calls in graphs, until the block ends."""
    kept = [(graph, graph.copy()) for graph in graphs]
    try:
        for graph in graphs:
            torch._C._jit_pass_inline(graph)
        yield
    finally:
        for graph, before in kept:
            for _ in list(graph.outputs()):
                graph.eraseOutput(0)
            for node in reversed(list(graph.nodes())):
                node.destroy()
            for output in graph.insertGraph(before, list(graph.inputs())):
                graph.registerOutput(output)


def holds(script: torch.jit.ScriptModule, path: str) -> bool:
    """Whether a module has something under a path; Python does not see all that freezing leaves in one."""
    owner: _Object = script._c
    for name in path.split("."):
        if not owner.hasattr(name):
            return False
        owner = owner.getattr(name)
    return True


def has_hooks(script: torch.jit.ScriptModule) -> bool:
    """Whether a module itself, not a part of it, has hooks: torch runs them around the graph."""
    return bool(script._c._get_forward_hooks() or script._c._get_forward_pre_hooks())


def python_calls(script: Script) -> list[PythonCall]:
    """The calls of Python in all that is compiled: such a module runs, but no file can hold it."""
    found: dict[PythonCall, None] = {}
    for graph in _graphs(script):
        for node in graph.findAllNodes("prim::PythonOp"):
            found[_python_call(node)] = None
    return list(found)


def unreadable(script: Script) -> str | None:
    """What in the graphs torch writes without its value, so that no file with it can be read; None for nothing."""
    kind = "prim::ConstantMKLDNNTensor"  # what torch.jit.optimize_for_inference makes of weights
    return kind if any(graph.findNode(kind) is not None for graph in _graphs(script)) else None


def _graphs(script: Script) -> Iterator[_Graph]:
    """The graphs of all methods of a module and its parts, those of the functions they call inlined."""
    if isinstance(script, torch.jit.ScriptFunction):
        yield script.inlined_graph
        return
    seen: set[str] = set()
    for module in script.modules():
        owner: _Object = module._c
        if owner.qualified_name in seen:
            continue
        seen.add(owner.qualified_name)
        for name in owner._method_names():
            method = owner._get_method(name)
            calls = method.graph.findNode("prim::CallFunction") is not None
            yield method.inlined_graph if calls else method.graph


def _python_call(node: Any) -> PythonCall:
    name = node.pyname()
    place = re.search(r"# (.+:\d+):\d+\s*$", str(node).splitlines()[0])
    function = _python_function(node.pyobj(), name)
    code = None if function is None else function.__code__
    definition = "" if code is None else f"{code.co_filename}:{code.co_firstlineno}"
    return PythonCall(
        name if function is None else function.__qualname__, "" if place is None else place[1], definition
    )


def _python_function(called: Any, name: str) -> FunctionType | None:
    """The user's function behind what a graph calls: torch binds methods with a closure."""
    cells = getattr(called, "__closure__", None) or ()
    inner = [cell.cell_contents for cell in cells]
    for one in (*inner, called):
        if isinstance(one, FunctionType) and one.__name__ == name:
            return vars(one).get("__namedtorch_own__") or inspect.unwrap(one)
    return None


def arguments_of(script: Script, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
    """The arguments of a call, all by position, defaults filled in; raises TypeError for a missing one."""
    is_function = isinstance(script, torch.jit.ScriptFunction)
    forward: Any = script if is_function else script.forward
    # The first argument of a method is the module, whatever the user calls it.
    own = list(forward.schema.arguments)[0 if is_function else 1 :]
    values = list(args)
    for one in own[len(args) :]:
        if one.name in kwargs:
            values.append(kwargs[one.name])
        elif one.has_default_value():
            values.append(one.default_value)
        else:
            raise TypeError(f"`{one.name}` is missing")
    return values


def last_graph() -> torch.Graph:
    """The graph that torch ran last in this thread, as it was optimized."""
    return torch._C._last_executed_optimized_graph()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a value of a graph was in one run."""

    dtype: torch.dtype
    sizes: tuple[int, ...]


def seen_in(graph: _Graph, script: Script, arguments: Sequence[Any]) -> dict[str, Seen]:
    """The tensors that a graph computes outside of branches and loops, by their names; runs it.

    `arguments` are all arguments, by position.
    """
    watched = graph.copy()
    # A copy numbers its values anew, but keeps their order.
    names = [one.debugName() for one in tensors_of(graph)]
    values = tensors_of(watched)
    for _ in list(watched.outputs()):
        watched.eraseOutput(0)
    for value in values:
        watched.registerOutput(value)
    if not values:
        return {}
    watched.makeMultiOutputIntoTuple()
    function = torch._C._create_function_from_graph("watched", watched)
    own = () if isinstance(script, torch.jit.ScriptFunction) else (script._c,)
    found = function(*own, *arguments)
    return {
        name: Seen(value.dtype, tuple(value.shape))
        for name, value in zip(names, found, strict=True)
        if value is not None
    }


def tensors_of(graph: _Graph) -> list[Any]:
    """The tensors that the nodes of a graph make, in order."""
    made = [value for node in graph.nodes() for value in node.outputs()]
    return [value for value in made if value.type().kind() == "TensorType"]


def check_loads(path: Path) -> None:
    """Raises torch's error if torch can't load a file that it wrote."""
    with quiet():
        torch.jit.load(str(path), map_location="cpu")
        if path.suffix == ".ptl":
            _load_for_lite_interpreter(str(path), map_location="cpu")
