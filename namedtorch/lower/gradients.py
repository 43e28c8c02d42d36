"""Graphs for the lite interpreter: it has no form for `with torch.no_grad()`, and computes no gradients itself.

What stands here changes graphs of torch's in place, which no document of torch's describes.
"""

from collections.abc import Iterator
from typing import Any

import torch

_NO_GRAD = "torch.autograd.grad_mode.no_grad"


def turns_gradients_off(script: Any) -> bool:
    """Whether a graph enters `torch.no_grad()` somewhere."""
    return any(_contexts(graph.copy()) for graph in _graphs(script))


def without_no_grad(script: Any) -> None:
    """Takes `with torch.no_grad()` out of all methods of a module that was loaded and not yet called."""
    for graph in _graphs(script):
        for made in _contexts(graph):
            for use in list(made.output().uses()):
                use.user.destroy()
            made.destroy()


def _graphs(script: Any) -> Iterator[Any]:
    if isinstance(script, torch.jit.ScriptFunction):
        yield script.graph
        return
    for name in script._c._method_names():
        yield script._c._get_method(name).graph


def _contexts(graph: Any) -> list[Any]:
    """The nodes that make the context managers, after all calls in the graph are inlined."""
    torch._C._jit_pass_inline(graph)
    made = graph.findAllNodes("prim::CreateObject")
    return [node for node in made if node.output().type().str().endswith(_NO_GRAD)]
