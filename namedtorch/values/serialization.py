"""How a NamedTensor stands in files, and on its way to another process: its class under its public name, tensor, dims.

`pickle`, `copy`, `torch.save` and the queues of `torch.multiprocessing` all read `NamedTensor.__reduce__`.
"""

from typing import Final

import torch

from namedtorch.values.named_tensor import NamedTensor

PACKAGE: Final = "namedtorch"
"""Where files look for the class: not in the room that defines it, which may move. It never changes."""


def register() -> None:
    """Gives the class the name that files have it under, and lets `torch.load(weights_only=True)` make it."""
    NamedTensor.__module__ = PACKAGE
    torch.serialization.add_safe_globals([NamedTensor])
