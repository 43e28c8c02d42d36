"""Packed weights of a frozen graph, kept as attributes of its module.

torch freezes the objects that quantized weights are packed in to constants, and writes those of a file for the lite
interpreter twice: for its code, and for its bytecode, unpacked anew for each. What is an attribute is written once.
"""

from collections.abc import Iterator
from typing import Any, cast

import torch

_Graph = Any
_CONSTANT = "prim::Constant"
_GET = "prim::GetAttr"


def keep_packed_weights(script: torch.jit.ScriptModule) -> int:
    """Turns constants of a frozen module that are objects into attributes of it; gives how many there are now."""
    owner = cast("Any", script)._c
    # One object may be a constant of several methods.
    names: dict[int, str] = {}
    held: list[Any] = []
    for method in owner._method_names():
        graph: _Graph = owner._get_method(method).graph
        receiver = next(iter(graph.inputs()))
        for node in [one for one in _nodes(graph) if _is_object(one)]:
            constant = node.output()
            value = constant.toIValue()
            name = names.get(id(value))
            if name is None:
                name = names[id(value)] = f"packed_{len(names)}"
                held.append(value)
                owner._register_attribute(name, constant.type(), value)
            read = graph.create(_GET, [receiver], 1)
            read.s_("name", name)
            read.output().setType(constant.type())
            read.insertBefore(node)
            constant.replaceAllUsesWith(read.output())
            node.destroy()
    return len(names)


def _is_object(node: Any) -> bool:
    return node.kind() == _CONSTANT and node.output().type().kind() == "ClassType"


def _nodes(block: Any) -> Iterator[Any]:
    """The nodes of a graph, and of the blocks in it."""
    for node in list(block.nodes()):
        yield node
        for inner in node.blocks():
            yield from _nodes(inner)
