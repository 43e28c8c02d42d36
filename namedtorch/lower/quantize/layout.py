"""How the tensors of a converted graph lie in memory: quantized convolutions give theirs channels-last."""

import torch
from torch import fx
from torch.ao.nn import quantized

from namedtorch.lower.quantize.widened import widened

_COPYING = {"view": "reshape", "view_as": "reshape_as"}
"""Methods that refuse some layouts, and those that give the same numbers for all."""


def lay_out(made: fx.GraphModule) -> None:
    """Lets a converted graph do in all layouts what the float one does in its own.

    Where the float code asks for a view, it gets a copy if need be; tables take indices with strides; results are
    contiguous, as code behind the graph may ask for views of them.
    """
    for node in made.graph.nodes:
        if node.op != "call_method" or node.target not in _COPYING:
            continue
        if not any(isinstance(one, torch.dtype) for one in (*node.args, *node.kwargs.values())):
            node.target = _COPYING[node.target]
    for path, layer in list(made.named_modules()):
        wider = widened(layer) if type(layer) is quantized.Embedding else None
        if wider is not None:
            made.set_submodule(path, wider)
    for node in _last_quantized(made.graph):
        with made.graph.inserting_after(node):
            laid = made.graph.call_method("contiguous", (node,))
        node.replace_all_uses_with(laid, delete_user_cb=lambda user, laid=laid: user is not laid)
    made.recompile()


def _last_quantized(graph: fx.Graph) -> list[fx.Node]:
    """The nodes that make floats of quantized tensors, of which results are computed."""
    found: list[fx.Node] = []
    waiting = [one for node in graph.nodes if node.op == "output" for one in node.all_input_nodes]
    seen: set[fx.Node] = set()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.op == "call_method" and node.target == "dequantize":
            found.append(node)
        else:
            waiting.extend(node.all_input_nodes)
    return found
