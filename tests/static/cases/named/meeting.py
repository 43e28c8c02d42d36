"""Axes that meet: names that differ never fit, whatever the sizes are."""

import namedtorch
import torch
import torch.nn.functional as F
from namedtorch import Bool, Float, Int, NamedTensor
from torch import Tensor


def broadcasts(
    x: Float[NamedTensor, "N C"],
    y: Float[NamedTensor, "C"],
    z: Float[NamedTensor, "N"],
    p: Float[Tensor, "C"],
) -> None:
    x + y  # dims: N C
    x * p  # dims: N C
    x + z  # error: [broadcast-dims-differ]
    x + z.align_as(x)  # dims: N C
    x - x.mean("C")  # error: [broadcast-dims-differ]
    x - x.mean("C", keepdim=True)  # dims: N C
    x + y.rename("K")  # error: [broadcast-dims-differ]
    x + y.rename(None)  # dims: N C
    x.T + x  # error: [broadcast-dims-differ]
    torch.maximum(x, z)  # error: [broadcast-dims-differ]
    x == z  # error: [broadcast-dims-differ]
    2 * x + 1.0  # dims: N C


def equal_sizes() -> None:
    # A single axis of equal sizes is no excuse.
    x, y = namedtorch.zeros(N=3, C=3), namedtorch.zeros(N=3)  # dims: N=3 C=3  # dims: N=3
    x + y  # error: [broadcast-dims-differ]
    one = namedtorch.zeros(K=1)  # dims: K=1
    x + one  # error: [broadcast-dims-differ]


def contracted(
    x: Float[NamedTensor, "N T D"], y: Float[NamedTensor, "N S D"], w: Float[NamedTensor, "D K"]
) -> None:
    x @ w  # dims: N T K
    x @ y  # error: [contracted-dims-differ]
    x @ y.mT  # dims: N T S
    x @ w.T  # error: [contracted-dims-differ]
    torch.bmm(x, y.mT)  # dims: N T S
    F.linear(x, w.T)  # dims: N T K
    F.linear(x, w)  # error: [contracted-dims-differ]
    namedtorch.contract(x, y, over="D")  # dims: N T S
    namedtorch.contract(x, y, over="S")  # error: [dim-missing]
    namedtorch.contract(x, w.rename("T", "K"), over="D")  # error: [dim-missing]


def patterns(x: Float[NamedTensor, "N T D"], y: Float[NamedTensor, "N S D"]) -> None:
    namedtorch.einsum("N T D, N S D -> N T S", x, y)  # dims: N T S
    namedtorch.einsum("N T D, N D S -> N T S", x, y)  # error: [names-differ]
    namedtorch.einsum("N T D, N S E -> N T S", x, y)  # error: [names-differ]
    namedtorch.einsum("N T D, N S D -> N T K", x, y)  # error: [bad-pattern]
    x.rearrange("N T (heads d) -> N heads T d", heads=4)  # dims: N heads=4 T d=D//4
    x.rearrange("N T D -> (N T) D")  # dims: (N T) D
    x.rearrange("T N D -> N T D")  # error: [names-differ]
    x.rearrange("N T C -> N C T")  # error: [names-differ]
    x.rearrange("N T D -> N T")  # error: [bad-pattern]
    x.rearrange("N T D -> N T D K")  # error: [bad-pattern]
    x.reduce("N T D -> N D", "mean")  # dims: N D
    namedtorch.repeat(x, "N T D -> N T K D", K=2)  # dims: N T K=2 D


def losses(
    scores: Float[NamedTensor, "N K"], target: Int[NamedTensor, "N"], other: Int[NamedTensor, "K"]
) -> None:
    F.cross_entropy(scores, target, reduction="none")  # dims: N
    F.cross_entropy(scores, other)  # error: [target-differs]
    F.mse_loss(scores, scores.T)  # error: [broadcast-dims-differ]


def masks(
    scores: Float[NamedTensor, "N T S"], mask: Bool[NamedTensor, "T S"], wrong: Bool[NamedTensor, "N T"]
) -> None:
    scores.masked_fill(mask, 0.0)  # dims: N T S
    scores.masked_fill(wrong, 0.0)  # error: [broadcast-dims-differ]
    namedtorch.where(mask, scores, 0.0)  # dims: N T S


def renamed_on_purpose(
    x: Float[NamedTensor, "N T D"], mask: Bool[NamedTensor, "T S"]
) -> Float[NamedTensor, "N T D"]:
    # `T` is renamed to `S`, which says that they are as long here.
    y = x.rename(T="S")  # dims: N S=T D
    weights = (x @ y.mT).masked_fill(mask, 0.0).softmax("S")  # dims: N T S=T
    return weights @ y
