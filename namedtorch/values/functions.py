"""Functions of torch that are no methods of tensors, as methods: torch's parser takes no names in functions."""

from collections.abc import Callable
from typing import Any, Final

import torch

from namedtorch.values.spellings import operation_of
from namedtorch.values.templates import made, method

METHODS: Final[dict[str, Callable[..., Any]]] = {
    function.__name__: made(method, operation_of(function), function.__name__)
    for function in (torch.var_mean, torch.std_mean)
}
"""Methods of NamedTensor by name."""
