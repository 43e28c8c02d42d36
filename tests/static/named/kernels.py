"""Functions of plain tensors behind a boundary of names."""

import namedtorch
import torch
from namedtorch import Float, NamedTensor, checked, named, named_function
from torch import Tensor


def pairwise(x: Tensor, y: Tensor) -> Tensor:
    return torch.cdist(x, y)


distances = named_function(pairwise, "N D, M D -> N M")


@checked
def kernel(
    x: Float[NamedTensor, "N D"], y: Float[NamedTensor, "M D"], width: float
) -> Float[NamedTensor, "N M"]:
    # mistake [names-differ]: return (-distances(x, y.T).square() / width).exp()
    return (-distances(x, y).square() / width).exp()


@checked
def smoothed(
    x: Float[NamedTensor, "N D"], values: Float[NamedTensor, "N V"], width: float
) -> Float[NamedTensor, "N V"]:
    # mistake [names-differ]: weights = kernel(x, x, width)
    weights = kernel(x, x.rename(N="M"), width)
    # mistake [dim-missing]: weights = weights / weights.sum("K", keepdim=True)
    weights = weights / weights.sum("M", keepdim=True)
    # mistake [contracted-dims-differ]: return weights @ values
    return weights @ values.rename(N="M")


@checked
def spectrum(x: Float[NamedTensor, "N T"]) -> NamedTensor:
    # mistake [dim-missing]: return namedtorch.call(torch.fft.rfft, x, dim="F").abs()
    return namedtorch.call(torch.fft.rfft, x, dim="T").abs()


def main() -> None:
    x = named(torch.rand(4, 4), "N D")
    # mistake [argument-differs]: y = smoothed(x, x.tensor, 1.0)
    y = smoothed(x, x.rename(D="V"), 1.0)
    assert y.dims == ("N", "V")
    assert spectrum(y.rename(V="T")).dims == ("N", "T")
    # mistake [argument-differs]: assert distances(x, torch.rand(4, 4)).dims == ("N", "M")
    assert distances(x, x.rename(N="M")).dims == ("N", "M")
