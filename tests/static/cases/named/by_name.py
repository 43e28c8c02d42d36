"""Operators of torch that take names in the place of numbers."""

import namedtorch
import torch
import torch.nn.functional as F
from namedtorch import Float, NamedTensor


def reductions(x: Float[NamedTensor, "N T D"]) -> None:
    x.sum("T")  # dims: N D
    x.mean(("N", "T"))  # dims: D
    x.var("D", keepdim=True)  # dims: N T D=1
    x.max("T").values  # dims: N D
    x.argmax("D")  # dims: N T
    x.logsumexp("T")  # dims: N D
    x.norm(dim="D")  # dims: N T
    x.any("T")  # dims: N D
    x.sum(-1)  # dims: N T
    x.var_mean("D")[0]  # dims: N T
    x.sum("C")  # error: [dim-missing]
    x.mean(("N", "C"))  # error: [dim-missing]
    x.mean(("N", "N"))  # error: [axis-repeated]
    x.max("C").values  # error: [dim-missing]
    x.sum("T").sum("T")  # error: [dim-missing]


def kept(x: Float[NamedTensor, "N T D"]) -> None:
    x.softmax("D")  # dims: N T D
    x.cumsum("T")  # dims: N T D
    x.flip("T").roll(1, "T")  # dims: N T D
    x.sort("D").values  # dims: N T D
    x.softmax("C")  # error: [dim-missing]
    x.cumsum(dim="C")  # error: [dim-missing]
    x.relu().exp().clamp(0, 1)  # dims: N T D
    F.softmax(x, dim="D")  # dims: N T D
    F.softmax(x, dim="C")  # error: [dim-missing]
    F.normalize(x, dim="C")  # error: [dim-missing]


def parts(x: Float[NamedTensor, "N T D"]) -> None:
    x.select("T", 0)  # dims: N D
    x.narrow("T", 0, 2)  # dims: N T=2 D
    first, second = x.chunk(2, "D")  # dims: N T D  # dims: N T D
    for one in x.unbind("T"):
        one.sum("D")  # dims: N
        one.sum("T")  # error: [dim-missing]
    x.unfold("T", 2, 1)  # dims: N T=T-1 D 2
    x.select("C", 0)  # error: [dim-missing]
    x.index_select("T", torch.tensor([0, 1]))  # dims: N T=2 D
    x.topk(2, "D").indices  # dims: N T D=2
    a, b = x.split([2, 3], "T")  # dims: N T=2 D  # dims: N T=3 D


def through_call(x: Float[NamedTensor, "N T"]) -> None:
    namedtorch.call(torch.fft.rfft, x, dim="T")  # dims: N T=T//2+1
    namedtorch.call(torch.fft.rfft, x, dim="D")  # error: [dim-missing]


def unnamed(x: Float[NamedTensor, "N T D"]) -> None:
    y = x.rename(T=None)  # dims: N (T) D
    y.sum(1)  # dims: N D
    y.sum("T")  # error: [dim-missing]


def twice(x: Float[NamedTensor, "N T D"]) -> None:
    y = x @ x.mT  # dims: N T T
    y.softmax(-1)  # dims: N T T
    y.softmax("T")  # error: [dim-missing]
    y.rename("N", "T", "S").softmax("S")  # dims: N T S=T
