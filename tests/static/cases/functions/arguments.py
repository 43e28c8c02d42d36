"""Defaults, keywords, keyword-only, starred arguments, partials, lambdas, closures."""

from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor


def affine(x, weight, bias, *, scale=1.0, axis=1):
    return (x * weight + bias).sum(axis) * scale


def gathered(*tensors, dim=0):
    return torch.cat(tensors, dim=dim)


def named(**tensors):
    return tensors["left"] @ tensors["right"]


def use(x: Float[Tensor, "N C"], w: Float[Tensor, "C"], y: Float[Tensor, "N D"]) -> Float[Tensor, "N"]:
    a = affine(x, w, w)  # dims: N
    b = affine(x, bias=w, weight=w, axis=0)  # dims: C
    joined = gathered(x, y, dim=1)  # dims: N C+D
    product = named(left=x, right=x.t())  # dims: N N
    inner = partial(torch.sum, dim=1)
    c = inner(x)  # dims: N
    by_row = partial(affine, weight=w, bias=w, axis=1)
    d = by_row(x)  # dims: N
    square = lambda z: z @ z.t()  # noqa: E731
    e = square(y)  # dims: N N
    arguments = (w, w)
    f = affine(x, *arguments)  # dims: N
    options = {"axis": 0}
    g = affine(x, w, w, **options)  # dims: C
    return a + c + d + f + (joined.mean() + product.mean() + e.mean() + b.mean() + g.mean())


def closure(x: Float[Tensor, "N C"]) -> Float[Tensor, "C C"]:
    def inner(y):
        return x.t() @ y

    z = inner(x)  # dims: C C
    return z


def wrong(x: Float[Tensor, "N C"], y: Float[Tensor, "M C"]) -> Tensor:
    return gathered(x, y, dim=1)  # error: [cat-sizes-differ]
