"""Named tensors made: by `named`, by factories, by joining others."""

import namedtorch
import numpy as np
import torch
from namedtorch import Float, NamedTensor, named, zeros
from torch import Tensor


def given(p: Float[Tensor, "N C"], q: Tensor, x: Float[NamedTensor, "N C"]) -> None:
    named(p, "N C")  # dims: N C
    named(p, "B _")  # dims: B=N (C)
    named(p, ("B", None))  # dims: B=N (C)
    named(p, "N C H")  # error: [rank-unfit]
    named(p, "N (C")  # error: [bad-annotation]
    named(p, ("N", "N"))  # error: [names-repeated]
    named(q, "N C=3 H W")  # dims: N C=3 H W
    named(q, "N ... C")  # dims: N ... C
    named(q, "N C").sum("T")  # error: [dim-missing]
    named(np.zeros((2, 3)), "N C").sum("T")  # error: [dim-missing]
    named(torch.zeros(2, 3), "N C=4")  # error: [size-differs]
    named(x, "N C")  # dims: N C
    named(x, "N K")  # error: [names-differ]
    named(x.tensor, "N K")  # dims: N K=C


def sizes(n: int) -> None:
    namedtorch.zeros(N=2, C=3)  # dims: N=2 C=3
    zeros("N=2 C=3")  # dims: N=2 C=3
    zeros("N (H W)", N=n, H=2, W=3)  # dims: N=n (H W)=6
    zeros(2, 3, names=("N", "C"))  # dims: N=2 C=3
    zeros((2, 3), names=("N", "C"))  # dims: N=2 C=3
    zeros(2, 3)  # dims: 2 3
    zeros(2, 3).sum("N")  # error: [dim-missing]
    zeros("N C")  # error: [bad-sizes]
    zeros(2, 3, names=("N",))  # error: [rank-unfit]
    zeros(2, 3, names=("N", "N"))  # error: [names-repeated]
    namedtorch.full("N=2", 0.5)  # dims: N=2
    namedtorch.full((2,), 0.5, names=("N",))  # dims: N=2
    namedtorch.randint(0, 9, N=2, T=n)  # dims: N=2 T=n
    namedtorch.arange(T=5)  # dims: T=5
    namedtorch.arange(0, 10, 2, names="T")  # dims: T
    namedtorch.linspace(0, 1, T=5)  # dims: T=5
    namedtorch.eye(N=3, M=3)  # dims: N=3 M=3
    namedtorch.tensor([[1, 2, 3], [4, 5, 6]], "N C")  # dims: N=2 C=3
    namedtorch.tensor([1, 2], names=("C",))  # dims: C=2
    namedtorch.tensor([1, 2], "N C")  # error: [rank-unfit]


def alike(x: Float[NamedTensor, "N C"]) -> None:
    namedtorch.zeros_like(x)  # dims: N C
    namedtorch.full_like(x, 2.0).sum("T")  # error: [dim-missing]
    torch.randn_like(x)  # dims: N C


def joined(x: Float[NamedTensor, "N C"], y: Float[NamedTensor, "N C"], z: Float[NamedTensor, "N K"]) -> None:
    namedtorch.cat([x, y], "C")  # dims: N C=2*C
    namedtorch.cat([x, y], "T")  # error: [dim-missing]
    namedtorch.cat([x, z], "N")  # error: [cat-sizes-differ]
    torch.cat([x, z])  # error: [cat-sizes-differ]
    namedtorch.stack([x, y], "S")  # dims: S=2 N C
    namedtorch.stack([x, y], "S", place=-1)  # dims: N C S=2
    namedtorch.stack([x, y], "C")  # error: [names-repeated]
    torch.stack([x, y])  # dims: 2 N C
    namedtorch.where(x > 0, x, y)  # dims: N C
