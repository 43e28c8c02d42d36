"""Overloads for plain tensors and for named ones."""

from typing import overload

import torch
from namedtorch import Float, NamedTensor, named
from torch import Tensor


@overload
def total(x: Float[Tensor, "N C"]) -> Float[Tensor, "N"]: ...
@overload
def total(x: Float[NamedTensor, "N C"]) -> Float[NamedTensor, "N"]: ...
def total(x):
    return x.sum(1)


def use(p: Float[Tensor, "N C"], x: Float[NamedTensor, "N C"]) -> None:
    total(p)  # dims: N
    total(x)  # dims: N
    total(x).sum("N")  # dims:
    total(x).sum("C")  # error: [dim-missing]
    total(p).sum("N")  # error: [dim-missing]
    total(torch.rand(2, 3))  # dims: 2
    total(named(p, "N K"))  # error: [names-differ]
