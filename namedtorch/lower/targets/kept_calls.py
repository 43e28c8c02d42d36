"""Calls that torch.export takes for nothing, since they change nothing of the inputs that it traces with."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode


class KeptCalls(TorchFunctionMode):
    """Has `x.contiguous()` stand in the graph, also where what it traces with is contiguous: an input need not be.

    Without it `x.contiguous().view(...)` fails for an image that was transposed.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if func is torch.Tensor.contiguous:
            return torch.ops.aten.contiguous.default(*args, **(kwargs or {}))
        return func(*args, **(kwargs or {}))
