"""What torch.fx can follow of a module: its graph, every layer called once, and where its mode decides."""

import copy
import inspect
import itertools
import operator
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx, nn
from torch.ao.quantization.fx.tracer import QuantizationTracer
from torch.fx.proxy import Proxy

from namedtorch.lower.calls import said_by
from namedtorch.lower.quantize.asserted import wanted_truth
from namedtorch.runtime.switch import checking

Choice = tuple[Any, Any]
"""A value in eval mode, and in training mode."""


class Unfollowed(Exception):
    """torch.fx can't follow a module; the text says why."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A graph over the layers of a module, which it shares with it.

    `scopes` are the paths and classes of the modules that the nodes were made in, by their names. `again` are layers
    that were called more than once: the paths of their stand-ins, which share the weights, by those of the layers.
    `choices` are the arguments that depend on the mode, by the name of a node and the place among its arguments.
    """

    module: fx.GraphModule
    scopes: Mapping[str, tuple[str, Any]]
    again: Mapping[str, str]
    choices: Mapping[tuple[str, int | str], Choice]


class _Tracer(QuantizationTracer):
    """Follows a module as torch's quantization does; what ends in an error otherwise is a check in the graph."""

    def __init__(self) -> None:
        super().__init__([], [])
        # Where nodes come from costs more than all else, and nothing reads it.
        self.record_stack_traces = False

    def to_bool(self, obj: Proxy) -> bool:
        frame = sys._getframe(2)  # the caller of `Proxy.__bool__`
        wanted = wanted_truth(frame)
        if wanted is None:
            return super().to_bool(obj)
        truth, text = wanted
        holds = obj if truth else self.create_proxy("call_function", operator.not_, (obj,), {})
        place = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        self.create_proxy("call_function", torch._assert, (holds, f"the condition of {place}: {text}"), {})
        return truth


def followed(module: nn.Module, given: Collection[str], *, train: bool = False) -> Followed:
    """Follows the forward of a module whose calls give the arguments `given`; all others have their defaults.

    The module is as before, but for the buffers that its Python code changes. With `train`, it is followed in training
    mode and in eval mode, and the graph is that of training. Raises Unfollowed.
    """
    if _kept_hooks(module):
        raise Unfollowed("hooks are called around it")
    if not train:
        graph, scopes = _traced(module, given)
        choices: Mapping[tuple[str, int | str], Choice] = {}
    else:
        modes = {one: one.training for one in module.modules()}
        try:
            module.eval()
            others, _ = _traced(module, given)
        finally:
            for one, mode in modes.items():
                one.training = mode
        graph, scopes = _traced(module, given)
        choices = dict(_choices(others, graph))
    made = fx.GraphModule(module, graph, type(module).__name__)
    made.training = module.training
    again = dict(_single(made))
    _follow_in_place(made)
    _work_apart(made)
    # torch's conversion drops what nothing reads; without it the module has to be the same.
    made.graph.eliminate_dead_code()
    made.graph.lint()
    made.recompile()
    return Followed(made, scopes, again, choices)


def _traced(module: nn.Module, given: Collection[str]) -> tuple[fx.Graph, dict[str, tuple[str, Any]]]:
    tracer = _Tracer()
    owner = type(module)
    try:
        module.__class__ = _with_parameters(module, given)
        with checking("off"), torch.random.fork_rng(devices=[]):
            graph = tracer.trace(module)
    # The user's code runs on stand-ins of tensors, and raises what it likes.
    except Exception as error:
        raise Unfollowed(said_by(error)) from error
    finally:
        module.__class__ = owner
    return graph, tracer.node_name_to_scope


def _with_parameters(module: nn.Module, given: Collection[str]) -> type:
    """The class of a module, its forward with no other parameters than those given."""
    owner = type(module)
    parameters = list(inspect.signature(owner.forward).parameters.values())[1:]
    if any(one.kind not in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY) for one in parameters):
        raise Unfollowed("its forward takes any number of arguments")
    if {one.name for one in parameters} == {*given}:
        return owner
    listed = ", ".join(one.name for one in parameters if one.name in given)
    passed = ", ".join(f"{one.name}={one.name}" for one in parameters if one.name in given)
    space: dict[str, Any] = {"_forward": owner.forward}
    exec(f"def forward(self, {listed}):\n    return _forward(self, {passed})", space)
    return type(owner.__name__, (owner,), {"forward": space["forward"], "__module__": owner.__module__})


def _kept_hooks(module: nn.Module) -> bool:
    """Whether hooks are called around a module or its layers: a graph calls the layers that take their place."""
    return any(
        one._forward_hooks or one._forward_pre_hooks or one._backward_hooks or one._backward_pre_hooks
        for one in module.modules()
    )


def _single(made: fx.GraphModule) -> Iterator[tuple[str, str]]:
    """Gives each call a layer of its own: a quantized layer has one scale for what it gives."""
    seen: set[str] = set()
    for node in list(made.graph.nodes):
        if node.op != "call_module":
            continue
        target = str(node.target)
        if target in seen:
            parent, _, name = target.rpartition(".")
            holder = made.get_submodule(parent)
            free = next(
                f"{name}_{number}" for number in itertools.count(2) if not hasattr(holder, f"{name}_{number}")
            )
            holder.add_module(free, _sharing(made.get_submodule(target)))
            node.target = f"{parent}.{free}" if parent else free
            yield node.target, target
        seen.add(node.target)


def _sharing(layer: nn.Module) -> nn.Module:
    """A layer that has the parameters and buffers of another one."""
    memo: dict[int, Any] = {id(one): one for one in itertools.chain(layer.parameters(), layer.buffers())}
    return copy.deepcopy(layer, memo)


def _follow_in_place(made: fx.GraphModule) -> None:
    """Lets all that comes after a change in place read its result, which is the same tensor."""
    for node in made.graph.nodes:
        if not _is_in_place(node, made) or not node.args or not isinstance(node.args[0], fx.Node):
            continue
        order = {one: place for place, one in enumerate(made.graph.nodes)}
        node.args[0].replace_all_uses_with(node, lambda user, at=order[node], order=order: order[user] > at)


def _work_apart(made: fx.GraphModule) -> None:
    """Lets layers give tensors of their own: quantized ones warn where they are to work in place, or do not."""
    for node in made.graph.nodes:
        layer = made.get_submodule(str(node.target)) if node.op == "call_module" else None
        if getattr(layer, "inplace", False) is True:
            apart: Any = copy.copy(layer)
            apart.inplace = False
            made.set_submodule(str(node.target), apart)
        elif node.op == "call_function" and node.kwargs.get("inplace") is True:
            node.update_kwarg("inplace", False)


def _is_in_place(node: fx.Node, made: fx.GraphModule) -> bool:
    match node.op:
        case "call_method":
            name = str(node.target)
            return name.endswith("_") and not name.endswith("__")
        case "call_function":
            name = getattr(node.target, "__name__", "")
            return node.kwargs.get("inplace") is True or (name.endswith("_") and not name.endswith("__"))
        case "call_module":
            return getattr(made.get_submodule(str(node.target)), "inplace", False) is True
        case _:
            return False


def _choices(others: fx.Graph, graph: fx.Graph) -> Iterator[tuple[tuple[str, int | str], Choice]]:
    """The arguments that differ between eval and training; raises Unfollowed where more does."""
    pairs = list(itertools.zip_longest(others.nodes, graph.nodes))
    for one, other in pairs:
        if (
            one is None
            or other is None
            or (one.op, one.name, one.target) != (other.op, other.name, other.target)
        ):
            raise Unfollowed("it does one thing in training mode and another in eval mode")
        if len(one.args) != len(other.args) or one.kwargs.keys() != other.kwargs.keys():
            raise Unfollowed("it calls one thing in training mode and another in eval mode")
        places: list[tuple[int | str, Any, Any]] = [
            *((place, *both) for place, both in enumerate(zip(one.args, other.args, strict=True))),
            *((name, one.kwargs[name], other.kwargs[name]) for name in one.kwargs),
        ]
        for place, evaluated, trained in places:
            if repr(evaluated) == repr(trained):
                continue
            if _has_nodes(evaluated) or _has_nodes(trained):
                raise Unfollowed("it reads one thing in training mode and another in eval mode")
            yield (other.name, place), (evaluated, trained)


def _has_nodes(value: Any) -> bool:
    found: list[fx.Node] = []
    fx.map_arg(value, lambda node: found.append(node) or node)
    return bool(found)
