"""Modules out of torch.fx: the code that it wrote as the forward of an ordinary class."""

import copy
import itertools
import linecache
import weakref
from collections.abc import Mapping
from typing import Any, Self

import torch
from torch import fx, nn

_NUMBERS = itertools.count()


class WrittenModule(nn.Module):
    """A module whose forward torch.fx has written; copies of it share that code."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        made = type(self).__new__(type(self))
        memo[id(self)] = made
        made.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return made


class Part(nn.Module):
    """What holds the layers of a part under their names, and is never called.

    torch.fx takes bare modules for that. Where TorchScript has compiled one, an annotation `nn.Module` means its type,
    in all that the process compiles afterwards.
    """


def written_module(made: fx.GraphModule, name: str) -> nn.Module:
    """A module of a class `name` that does what a graph of torch.fx does, with its parameters, buffers and parts.

    It can be copied, scripted and traced as one that a user wrote; the graph itself is used up.
    """
    # Types of the user's annotations mean nothing in code of torch's own; TorchScript reads tensors where none stand.
    for node in made.graph.nodes:
        node.type = None
    code = made.graph.python_code("self")
    module = _empty(name.rpartition(".")[2], code.src, code.globals)
    module.training = made.training
    module._parameters = made._parameters
    module._buffers = made._buffers
    module._non_persistent_buffers_set = made._non_persistent_buffers_set
    module._modules = made._modules
    for part in module.modules():
        if type(part) is nn.Module:
            part.__class__ = Part
    for attribute, value in vars(made).items():
        # What else the graph reads of its module: packed weights, constants.
        own = not attribute.startswith("_") and attribute not in vars(module) and attribute != "meta"
        if own or isinstance(value, torch.ScriptObject):
            setattr(module, attribute, value)
    return module


def _empty(name: str, source: str, names: Mapping[str, Any]) -> WrittenModule:
    """A module with a forward of this source and no parts."""
    file = f"<namedtorch: {name}, written by torch.fx, {next(_NUMBERS)}>"
    space: dict[str, Any] = {**names, "__name__": __name__}
    exec(compile(source, file, "exec"), space)
    forward = space["forward"]
    forward.__qualname__ = f"{name}.forward"
    owner = type(name, (WrittenModule,), {"forward": forward, "__module__": __name__})
    # torch reads the source again when it compiles a copy.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    weakref.finalize(owner, linecache.cache.pop, file, None)
    return owner()
