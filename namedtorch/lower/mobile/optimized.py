"""A graph made fit for phones: frozen, without what only training needs, weights channels-last, prepacked if torch can.

What stands here uses torch's graphs, which no document of torch's describes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

import torch
import torch.backends.xnnpack
from torch import Tensor
from torch.utils.mobile_optimizer import optimize_for_mobile

from namedtorch.archive.manifest import Manifest
from namedtorch.lower.freezing import frozen
from namedtorch.lower.graphs import frozen_module
from namedtorch.lower.lowering_report import Optimization
from namedtorch.lower.mobile.channels_last import ChannelsLast
from namedtorch.lower.mobile.packed_weights import keep_packed_weights
from namedtorch.lower.torchscript import Script, quiet
from namedtorch.ops.inference import CONVOLUTIONS, DROPOUTS, NORMS

MOBILE = "mobile"
"""What a manifest calls the stage of a module that is made fit for phones."""

_FREEZING, _FOLDING, _DROPPING, _PREPACKING = (
    "freezing",
    "folding of batch norms",
    "dropout removal",
    "XNNPACK prepacking",
)


def optimized(
    script: Script, manifest: Manifest, stored: ChannelsLast
) -> tuple[torch.jit.ScriptModule, Manifest, tuple[Optimization, ...]]:
    """Freezes a module, folds and drops what inference does not need, stores weights as `stored` says, and prepacks.

    Gives what came out, its manifest, and what was done and what was not. The module itself stays as it is. Raises
    LowerError for what can't be frozen: a function, a module in training mode, one with hooks.
    """
    made, manifest = frozen(script, manifest)
    folding = _folding(script, made, manifest.methods)
    dropping = _dropping(script, made, manifest.methods)
    made, prepacking = _prepacked(made, manifest.methods)
    weights = _store_channels_last(made, manifest.methods) if stored.weights else 0
    done = (
        Optimization(_FREEZING, True, "calls are inlined, and weights are part of the graph"),
        folding,
        dropping,
        stored.told(weights),
        prepacking,
    )
    return made, replace(manifest, stages=(*manifest.stages, MOBILE)), done


def _folding(script: Script, made: torch.jit.ScriptModule, methods: Mapping[str, object]) -> Optimization:
    """What became of norms that stand behind a layer."""
    assert isinstance(script, torch.jit.ScriptModule)
    # A graph that is not frozen also holds branches that are never taken, and their norms.
    unfolded = frozen_module(script, [one for one in methods if one != "forward"], folded=False)
    had, has = (_norms(one, methods) for one in (unfolded, made))
    if not had:
        return Optimization(_FOLDING, False, "there is no batch norm in the graph")
    if has == had:
        return Optimization(_FOLDING, False, f"no layer before them could take them in ({_several(has)})")
    stay = f"; {_several(has)} without such a layer stay" if has else ""
    # Equal statistics are one constant: nothing tells which norms of several methods are the same.
    several = f" ({len(methods)} methods together)" if len(methods) > 1 else ""
    return Optimization(
        _FOLDING, True, f"the layers before them took in {_several(had - has)}{stay}{several}"
    )


def _dropping(script: Script, made: torch.jit.ScriptModule, methods: Mapping[str, object]) -> Optimization:
    """What became of dropout."""
    assert isinstance(script, torch.jit.ScriptModule)
    had, has = (any(node.kind() in DROPOUTS for node in _nodes(one, methods)) for one in (script, made))
    if not had:
        return Optimization(_DROPPING, False, "there is no dropout in the graph")
    if has:
        return Optimization(_DROPPING, False, "torch left it in the graph")
    return Optimization(_DROPPING, True, "it does nothing in inference")


def _norms(script: torch.jit.ScriptModule, methods: Mapping[str, object]) -> int:
    return sum(node.kind() in NORMS for node in _nodes(script, methods))


def _several(count: int) -> str:
    return f"{count} batch norm{'' if count == 1 else 's'}"


def _nodes(script: torch.jit.ScriptModule, methods: Mapping[str, object]) -> Iterator[Any]:
    """The nodes of the graphs of methods, calls inlined."""
    owner = cast("Any", script)._c
    for name in methods:
        # A graph has to live as long as its nodes.
        graph = owner._get_method(name).inlined_graph
        yield from _nodes_of(graph)


def _nodes_of(block: Any) -> Iterator[Any]:
    for node in block.nodes():
        yield node
        for inner in node.blocks():
            yield from _nodes_of(inner)


def _prepacked(
    script: torch.jit.ScriptModule, methods: Mapping[str, object]
) -> tuple[torch.jit.ScriptModule, Optimization]:
    """The module with its weights packed for XNNPACK, where this torch can."""
    try:
        with quiet():
            made = cast(
                "torch.jit.ScriptModule",
                optimize_for_mobile(script, preserved_methods=[one for one in methods if one != "forward"]),
            )
    except RuntimeError as error:
        reason = str(error).strip().partition("\n")[0]
        if not getattr(torch.backends.xnnpack, "enabled", False):
            reason = f"this torch ({torch.__version__}) was built without XNNPACK"
        return script, Optimization(_PREPACKING, False, reason)
    keep_packed_weights(made)
    return made, Optimization(_PREPACKING, True, "weights are packed for XNNPACK")


def _store_channels_last(script: torch.jit.ScriptModule, methods: Mapping[str, object]) -> int:
    """Stores the weights of convolutions over images channels-last; gives how many there are."""
    owner = cast("Any", script)._c
    # Methods share weights, and each is written once.
    stored: dict[tuple[Any, ...], Tensor] = {}
    for name in methods:
        graph = owner._get_method(name).graph
        for kind, row in CONVOLUTIONS.items():
            for node in graph.findAllNodes(kind):
                value = node.inputsAt(row.weight)
                weight = value.toIValue() if value.node().kind() == "prim::Constant" else None
                if not isinstance(weight, Tensor) or weight.dim() != 4:
                    continue
                key = (weight.data_ptr(), tuple(weight.shape), weight.stride())
                if key not in stored:
                    stored[key] = weight.contiguous(memory_format=torch.channels_last)
                _replace(graph, node, row.weight, stored[key])
    return len(stored)


def _replace(graph: Any, node: Any, place: int, weight: Tensor) -> None:
    """Puts a constant in the place of an argument of a node."""
    value = node.inputsAt(place)
    with graph.insert_point_guard(node):
        new = graph.insertConstant(weight)
    node.replaceInput(place, new)
    if not value.uses():
        name = value.debugName()
        value.node().destroy()
        # A value without a name has a number, which torch gives itself.
        if not name.isdecimal():
            new.setDebugName(name)
