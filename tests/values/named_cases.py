"""What cases of named tensors are written with: tensors of given dims, and the messages of refusals."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from namedtorch import DimError, NamedTensor, named


def of(dims: str, *sizes: int) -> NamedTensor:
    """A tensor of random numbers; `_` is an axis without a name."""
    return named(torch.randn(sizes, dtype=torch.float64), dims)


def message(call: Callable[[], Any]) -> str:
    """The first line of what a call is refused with."""
    with pytest.raises(DimError) as caught:
        call()
    return str(caught.value).splitlines()[0]


def label(value: object) -> str:
    """The id of a value of a case."""
    return f"{value.dims}" if isinstance(value, NamedTensor) else str(value)
