"""Weights of a frozen module that several of its methods hold, as one tensor.

Freezing folds what follows a layer into its weights for each method anew: equal weights would be written several times.
"""

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor

_CONSTANT = "prim::Constant"
_Kind = tuple[torch.dtype, tuple[int, ...], tuple[int, ...]]


def share_constants(script: torch.jit.ScriptModule, methods: Sequence[str]) -> None:
    """Makes equal tensors among the constants of several methods the same tensor."""
    owner = cast("Any", script)._c
    known: dict[_Kind, list[Tensor]] = {}
    for name in methods:
        graph = owner._get_method(name).graph
        for node in graph.findAllNodes(_CONSTANT):
            value = node.output().toIValue() if node.output().type().kind() == "TensorType" else None
            if not isinstance(value, Tensor) or value.layout is not torch.strided or value.is_quantized:
                continue
            alike = known.setdefault((value.dtype, tuple(value.shape), value.stride()), [])
            same = next(
                (one for one in alike if one.device == value.device and torch.equal(one, value)), None
            )
            if same is None:
                alike.append(value)
            elif same.data_ptr() != value.data_ptr():
                node.t_("value", same)
