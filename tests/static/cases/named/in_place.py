"""Operators in place: a tensor without names gets those of the result, and one that has some no others."""

import namedtorch
import torch
from namedtorch import Float, NamedTensor


def written(x: Float[NamedTensor, "N C"], y: Float[NamedTensor, "C"], z: Float[NamedTensor, "N"]) -> None:
    x += y
    x.mul_(y)  # dims: N C
    x += z  # error: [broadcast-dims-differ]
    x.add_(z)  # error: [broadcast-dims-differ]
    x.sum("C")  # dims: N
    x.relu_().clamp_(0, 1)  # dims: N C


def named_by_the_result(x: Float[NamedTensor, "N C"]) -> None:
    out = namedtorch.empty(2, 3)  # dims: 2 3
    out.copy_(x)  # dims: N=2 C=3
    out.sum("T")  # error: [dim-missing]
    total = namedtorch.zeros(2, 3)  # dims: 2 3
    total += x  # dims: N=2 C=3
    total.sum("C")  # dims: N=2


def no_new_names(x: Float[NamedTensor, "N C"]) -> None:
    half = namedtorch.zeros(2, 3, names=("N", None))  # dims: N=2 3
    half += x  # error: [broadcast-dims-differ]


def renamed_in_place(x: Float[NamedTensor, "N C"]) -> None:
    x.rename_(C="K")  # dims: N K=C
    x.sum("C")  # error: [dim-missing]
    x.names = ("A", "B")
    x.sum("A")  # dims: B=C
    x.names = None
    x.rename_("N", "C").sum("N")  # dims: C


def two_variables(x: Float[NamedTensor, "N C"]) -> None:
    y = x
    x.rename_(C="K")
    y.sum("K")
    y.sum("C")
    x.sum("C")  # error: [dim-missing]
    rename(x)
    x.sum("B")


def rename(x: NamedTensor) -> None:
    x.rename_(N="B")


def plain_ones(x: Float[NamedTensor, "N C"]) -> None:
    total = torch.zeros(2, 3)  # dims: 2 3
    total = total + x  # dims: N C
    total.sum("T")  # error: [dim-missing]


class Running:
    def __init__(self, channels: int) -> None:
        self.mean = namedtorch.zeros(C=channels)

    def update(self, x: Float[NamedTensor, "N C"]) -> None:
        self.mean.mul_(0.9).add_(x.mean("N"))
        self.mean.add_(x.mean("C"))  # error: [broadcast-dims-differ]
