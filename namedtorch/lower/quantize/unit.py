"""One unit: a part of a model that torch.fx follows, with observers, and converted to quantized operators."""

import contextlib
import inspect
import io
import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, fx, nn
from torch.ao.nn.intrinsic.modules.fused import _FusedModule
from torch.ao.quantization import (
    FixedQParamsFakeQuantize,
    FixedQParamsObserver,
    QConfigMapping,
)
from torch.ao.quantization.backend_config import get_native_backend_config
from torch.ao.quantization.backend_config.utils import get_root_module_to_quantized_reference_module
from torch.ao.quantization.fx.convert import convert
from torch.ao.quantization.fx.fuse import fuse
from torch.ao.quantization.fx.prepare import prepare

from namedtorch.lower.calls import said_by
from namedtorch.lower.quantize.equality import tensors_of
from namedtorch.lower.quantize.followed import Choice, Followed, Unfollowed, followed
from namedtorch.lower.quantize.layout import lay_out

_ALONE = "(stays float) "

ATTRIBUTES = "_observed_graph_module_attrs"
"""Where torch keeps what it knows of a prepared graph."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of a model at `path`, called with the arguments `given`, prepared for quantization.

    `lone` tells that it is a single layer of torch, which stands at "layer" inside. `pairs` are the paths of parameters
    and buffers in the float part, and in the prepared one. `choices` are the arguments of nodes that depend on the
    mode, `floats` the nodes that stay float, each with the reason; "" where none is worth telling.
    """

    path: str
    given: tuple[str, ...]
    lone: bool
    prepared: fx.GraphModule
    pairs: Mapping[str, str]
    choices: Mapping[tuple[str, int | str], Choice]
    floats: Mapping[str, str]

    def converted(self, prepared: fx.GraphModule, *, reference: bool = False) -> fx.GraphModule:
        """The unit in quantized operators, out of a copy of `prepared` in eval mode, which is used up.

        With `reference`, float operators between roundings compute what the quantized ones have to.
        """
        for (name, place), (evaluated, _) in self.choices.items():
            _put(_node(prepared, name), place, evaluated)
        prepared.graph.eliminate_dead_code()
        prepared.recompile()
        # torch prints the code that it fails to convert, beside the error that says so.
        with contextlib.redirect_stderr(io.StringIO()):
            made = _unwrapped(convert(prepared, is_reference=reference))
        lay_out(made)
        return made

    def left(self) -> Iterator[tuple[str, str]]:
        """The layers that stay float, by their paths in the whole model, each with the reason."""
        qconfigs = self.prepared.meta[ATTRIBUTES].node_name_to_qconfig
        for node in self.prepared.graph.nodes:
            if node.op == "call_module" and node.name in qconfigs and qconfigs[node.name] is None:
                yield joined(self.path, str(node.target)), "its qconfig is None"
        for name, reason in self.floats.items():
            node = _node(self.prepared, name)
            if node.op == "call_module" and reason:
                yield joined(self.path, str(node.target)), reason
        for target, one in _layers(self.prepared):
            for inner in _inner(one):
                yield (
                    joined(self.path, f"{target}.{inner}"),
                    f"it is inside of {type(one).__name__}, which torch has no quantized operator for",
                )


class _Apart(nn.Module):
    """A layer in a class that torch's patterns do not know: it stays float."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self.training = layer.training

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.layer(*args, **kwargs)


class Broken(Exception):
    """Nodes of a unit that torch can't quantize, with the reasons."""

    def __init__(self, floats: Mapping[str, str]) -> None:
        super().__init__(", ".join(floats.values()))
        self.floats = floats


def joined(path: str, name: str) -> str:
    """The path of what is called `name` inside of the module at `path`."""
    return f"{path}.{name}" if path and name else path or name


def wrapped(layer: nn.Module, given: Sequence[str]) -> nn.Module:
    """A module around a single layer, which stands at "layer": torch.fx does not look into layers of torch."""
    listed = ", ".join(given)
    # torch finds what a layer computes on by its place.
    taken = list(inspect.signature(type(layer).forward).parameters)[1:]
    passed = ", ".join(
        name if taken[: place + 1] == [*given[: place + 1]] else f"{name}={name}"
        for place, name in enumerate(given)
    )
    space: dict[str, Any] = {}
    exec(f"def forward(self, {listed}):\n    return self.layer({passed})", space)
    made = type(type(layer).__name__, (nn.Module,), {"forward": space["forward"], "__module__": __name__})()
    made.layer = layer
    made.training = layer.training
    return made


def fused(module: nn.Module, unit: Unit) -> tuple[fx.GraphModule, dict[str, tuple[str, ...]]]:
    """A float part in eval mode with its layers fused as those of its unit, and the norms that layers took in."""
    before = followed(wrapped(module, unit.given) if unit.lone else module, unit.given).module
    _set_apart(before, unit.floats)
    norms = {node.name: type(before.get_submodule(str(node.target))).__name__ for node in _with_state(before)}
    after = fuse(before, False)
    after.training = False
    names = {node.name for node in after.graph.nodes}
    taken: dict[str, tuple[str, ...]] = {}
    for node in _with_state(before):
        one = node
        while len(one.users) == 1 and (one := next(iter(one.users))).name not in names:
            if one.name in norms:
                taken[joined(unit.path, str(node.target))] = (norms[one.name],)
    return _unwrapped(after), taken


def _with_state(made: fx.GraphModule) -> list[fx.Node]:
    """The nodes that call layers with parameters or buffers."""
    return [
        node
        for node in made.graph.nodes
        if node.op == "call_module"
        and next(tensors_of(made.get_submodule(str(node.target))), None) is not None
    ]


def _set_apart(made: fx.GraphModule, floats: Mapping[str, str]) -> None:
    """Puts layers that stay float into a class that torch's patterns do not know."""
    for name in floats:
        node = _node(made, name)
        layer = made.get_submodule(str(node.target)) if node.op == "call_module" else None
        if layer is not None and type(layer) not in weighted_layers():
            made.set_submodule(str(node.target), _Apart(layer))


def _unwrapped(made: fx.GraphModule) -> fx.GraphModule:
    for path, one in list(made.named_modules()):
        if isinstance(one, _Apart):
            made.set_submodule(path, one.layer)
    return made


def prepared_graph(
    one: Followed, mapping: QConfigMapping, train: bool, floats: Mapping[str, str]
) -> fx.GraphModule:
    """A followed module with observers, or fake-quants; the nodes in `floats` stay float.

    Raises Unfollowed for what torch can't prepare, and Broken.
    """
    for clone, layer in one.again.items():
        if layer in mapping.module_name_qconfigs:
            mapping.set_module_name(clone, mapping.module_name_qconfigs[layer])
    for target, layer in _layers(one.module):
        for inner in _inner(layer):
            mapping.set_module_name(f"{target}.{inner}", None)
    scopes = dict(one.scopes)
    for name in floats:
        node = _node(one.module, name)
        target = str(node.target)
        if node.op != "call_module":
            # torch looks functions up by the module that they are called in.
            scopes[name] = (f"{_ALONE}{name}", None)
            mapping.set_module_name(f"{_ALONE}{name}", None)
        elif type(one.module.get_submodule(target)) in weighted_layers():
            mapping.set_module_name(target, None)
    _set_apart(one.module, floats)
    try:
        made = fuse(one.module, train)
        made = prepare(made, mapping, train, scopes, example_inputs=())
    # torch raises what it likes of graphs that it was not made for.
    except Exception as error:
        raise Unfollowed(f"torch can't prepare it: {said_by(error)}") from error
    clipped = {name: "" for name in _clipped(made) if name not in floats}
    if clipped:
        raise Broken(clipped)
    made.training = one.module.training
    if one.choices:
        _let_mode_choose(made, one.choices)
    return made


def weighted_layers() -> frozenset[type]:
    """The classes of layers whose weights torch quantizes."""
    return frozenset(get_root_module_to_quantized_reference_module(get_native_backend_config()))


def _layers(made: fx.GraphModule) -> Iterator[tuple[str, nn.Module]]:
    """The layers that a graph calls, by their paths."""
    for node in made.graph.nodes:
        if node.op == "call_module":
            yield str(node.target), made.get_submodule(str(node.target))


def _inner(layer: nn.Module) -> Iterator[str]:
    """The paths of parts of a layer of torch that has other layers inside, which are not called by themselves."""
    if isinstance(layer, _Apart):
        layer = layer.layer
    if type(layer).__module__.startswith("torch.nn.") and not isinstance(layer, _FusedModule):
        for path, one in layer.named_modules():
            if path and any(True for _ in one.parameters(recurse=False)):
                yield path


def _clipped(made: fx.GraphModule) -> Iterator[str]:
    """The nodes whose input torch would round to the range that only their result has."""
    qconfigs = made.meta[ATTRIBUTES].node_name_to_qconfig
    observed = {
        node: made.get_submodule(str(node.target))
        for node in made.graph.nodes
        if node.op == "call_module" and _is_fixed(made.get_submodule(str(node.target)))
    }
    # Operators that keep the numbers as they are share what observes their input.
    right = {id(one) for node, one in observed.items() if _gives_fixed(qconfigs.get(node.args[0].name))}
    for node, one in observed.items():
        if id(one) not in right:
            yield from (user.name for user in node.users if _gives_fixed(qconfigs.get(user.name)))


def _gives_fixed(qconfig: Any) -> bool:
    return qconfig is not None and _is_fixed(qconfig.activation())


def _is_fixed(one: object) -> bool:
    return isinstance(one, FixedQParamsObserver | FixedQParamsFakeQuantize)


def knows_scales(prepared: nn.Module) -> bool:
    """Whether all that learns scales in a prepared unit has seen numbers."""
    found = (getattr(one, "min_val", None) for one in prepared.modules())
    return all(one.numel() and bool(one.isfinite().all()) for one in found if isinstance(one, Tensor))


def _let_mode_choose(made: fx.GraphModule, choices: Mapping[tuple[str, int | str], Choice]) -> None:
    """Lets the mode of the module choose the arguments that depend on it, at each call."""
    first = next(node for node in made.graph.nodes if node.op != "placeholder")
    with made.graph.inserting_before(first):
        mode = made.graph.create_node("get_attr", "training")
    for (name, place), (evaluated, trained) in choices.items():
        node = _node(made, name)
        with made.graph.inserting_before(node):
            chosen = made.graph.call_function(operator.getitem, ((evaluated, trained), mode))
        _put(node, place, chosen)
    made.recompile()


def _node(made: fx.GraphModule, name: str) -> fx.Node:
    found = next((node for node in made.graph.nodes if node.name == name), None)
    if found is None:
        raise Unfollowed(f"torch has changed `{name}`, whose arguments depend on the mode")
    return found


def _put(node: fx.Node, place: int | str, value: Any) -> None:
    if isinstance(place, int):
        node.update_arg(place, value)
    else:
        node.update_kwarg(place, value)
