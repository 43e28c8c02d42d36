"""Names held to annotations: of parameters, and of results."""

import namedtorch
import torch
from namedtorch import Float, NamedTensor, checked, named
from torch import Tensor


@checked
def pooled(x: Float[NamedTensor, "N C H W"]) -> Float[NamedTensor, "N C"]:
    return x.mean(("H", "W"))


def wrong_order(x: Float[NamedTensor, "N C"]) -> Float[NamedTensor, "C N"]:
    return x  # error: [names-differ]


def wrong_name(x: Float[NamedTensor, "N C"]) -> Float[NamedTensor, "N K"]:
    return x  # error: [names-differ]


def no_name(x: Float[NamedTensor, "N C"], w: Float[Tensor, "C K"]) -> Float[NamedTensor, "N K"]:
    return x @ w  # error: [name-missing]


def plain(x: Float[NamedTensor, "N C"]) -> Float[NamedTensor, "N C"]:
    return x.tensor  # error: [result-differs]


def wrong_rank(x: Float[NamedTensor, "N C"]) -> Float[NamedTensor, "N C"]:
    return x.sum("C")  # error: [result-differs]


def wrong_size(x: Float[NamedTensor, "N C"]) -> Float[NamedTensor, "N C"]:
    return namedtorch.cat([x, x], "C")  # error: [result-differs]


def open_axes(x: Float[NamedTensor, "N C"], w: Float[Tensor, "C 3"]) -> Float[NamedTensor, "N 3"]:
    return x @ w


def in_the_middle(x: Float[NamedTensor, "N C T"], whole: bool) -> Float[NamedTensor, "... C ..."]:
    if whole:
        return x
    return x.sum("C")  # error: [name-missing]


def several(x: Float[NamedTensor, "N C"]) -> tuple[Float[NamedTensor, "N"], Float[NamedTensor, "C"]]:
    return x.sum("C"), x.sum("C")  # error: [names-differ]


def calls(images: Float[NamedTensor, "N C H W"], unknown, p: Tensor) -> None:
    pooled(images)  # dims: N C
    pooled(images).sum("H")  # error: [dim-missing]
    pooled(images.align_to("N", "H", "W", "C"))  # error: [names-differ]
    pooled(images.rename(C="K"))  # error: [names-differ]
    pooled(images.rename(C=None))  # error: [name-missing]
    pooled(images["N", 0])  # error: [argument-differs]
    pooled(images.tensor)  # error: [argument-differs]
    pooled(torch.rand(2, 3, 4, 5))  # error: [argument-differs]
    pooled(named(torch.rand(2, 3, 4, 5), "N C H W"))  # dims: N=2 C=3
    pooled(namedtorch.rand(2, 3, 4, 5))  # error: [name-missing]
    pooled(unknown)  # dims: N C
    pooled(p)


def normalize(
    t: Float[NamedTensor, "... C ..."], mean: Float[NamedTensor, "C"]
) -> Float[NamedTensor, "... C ..."]:
    return t - mean.align_as(t)


def layouts(mean: Float[NamedTensor, "C"]) -> None:
    normalize(namedtorch.rand(N=2, C=3, H=4), mean)  # dims: N=2 C H=4
    normalize(namedtorch.rand(N=2, H=4, C=3), mean)  # dims: N=2 H=4 C=3
    normalize(namedtorch.rand(N=2, H=4), mean)  # error: [name-missing]
    normalize(namedtorch.rand(N=2, C=3), mean.rename("K"))  # error: [names-differ]
