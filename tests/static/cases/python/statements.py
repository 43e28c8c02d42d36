"""Statements of all kinds carry dims through."""

import contextlib

import torch
from jaxtyping import Float
from torch import Tensor


def with_blocks(x: Float[Tensor, "N C"]) -> Float[Tensor, "C N"]:
    with torch.no_grad(), contextlib.suppress(ValueError):
        y = x.t()  # dims: C N
    z = y * 2  # dims: C N
    return z


def try_blocks(x: Float[Tensor, "N C"]) -> Float[Tensor, "N"]:
    try:
        y = x.sum(1)
    except (RuntimeError, ValueError):
        y = x.mean(1)
    finally:
        x = x * 2  # dims: N C
    return y


def walrus(x: Float[Tensor, "N C"]) -> Float[Tensor, "N"]:
    if (y := x.sum(1)).mean() > 0:
        return y
    z = y + 1  # dims: N
    return z


def match_statement(x: Float[Tensor, "N C"], mode: str) -> Float[Tensor, "N"]:
    match mode:
        case "sum":
            y = x.sum(1)
        case "max" | "amax":
            y = x.amax(1)
        case _:
            raise ValueError(mode)
    z = y * 2
    return z


def chained(x: Float[Tensor, "N C"]) -> Float[Tensor, "C N"]:
    y = z = x.t()  # dims: C N  # dims: C N
    y, w = z, y  # dims: C N  # dims: C N
    del z
    return y + w


def swapped(x: Float[Tensor, "N C"], y: Float[Tensor, "C N"]) -> Float[Tensor, "N N"]:
    x, y = y, x  # dims: C N  # dims: N C
    return y @ x


def asserted(x: Float[Tensor, "N C"]) -> Float[Tensor, "N"]:
    y = x.sum(0)
    assert y.dim() == 1
    return y  # error: [result-differs]


async def waited(x: Float[Tensor, "N C"]) -> Float[Tensor, "C"]:
    y = x.sum(0)  # dims: C
    return y


def generated(x: Float[Tensor, "N C"]):
    for row in x:
        yield row + x.sum(1)  # error: [broadcast-dims-differ]
