"""Branches are joined; what differs between them is not known."""

from jaxtyping import Float
from torch import Tensor


def joined(x: Float[Tensor, "N C"], flag: bool) -> Float[Tensor, "N C"]:
    if flag:
        y = x * 2
    else:
        y = x - 1
    z = y + x  # dims: N C
    return z


def differs(x: Float[Tensor, "N C"], flag: bool) -> Tensor:
    if flag:
        y = x.sum(1)
    else:
        y = x.sum(0)
    z = y * 2  # dims: _
    return z


def ranks_differ(x: Float[Tensor, "N C"], flag: bool) -> Tensor:
    y = x if flag else x.sum(0)
    return y.view(-1)


def expression(x: Float[Tensor, "N C"], flag: bool) -> Float[Tensor, "N C"]:
    y = x if flag else x + 1  # dims: N C
    z = (flag and x) or x
    return y + z


def known_conditions(x: Float[Tensor, "N C"]) -> Float[Tensor, "N"]:
    keep = False
    y = x.sum(1, keepdim=keep)  # dims: N
    mode = "mean"
    if mode == "mean":
        z = x.mean(1)
    elif mode == "max":
        z = x.amax(0)
    else:
        z = x
    w = y + z  # dims: N
    return w


def wrong_in_one(x: Float[Tensor, "N C"], flag: bool) -> Float[Tensor, "N"]:
    if flag:
        y = x.sum(0)
    else:
        y = x.sum(1)
        y = y + x.sum(0)  # error: [broadcast-dims-differ]
    return y.mean() + x.sum(1)


def nested(x: Float[Tensor, "N C"], a: bool, b: bool) -> Float[Tensor, "N"]:
    if a:
        if b:
            y = x.sum(1)
        else:
            y = x.mean(1)
    elif b:
        y = x.amax(1)
    else:
        y = x[:, 0]
    z = y * 2  # dims: N
    return z
