"""Loops run to a fixed point: what changes from turn to turn is not known, what stays is."""

import torch
from jaxtyping import Float
from torch import Tensor


def stays(x: Float[Tensor, "N C"], steps: int) -> Float[Tensor, "N C"]:
    for _ in range(steps):
        x = x + x.mean(0)  # dims: N C
    y = x * 2  # dims: N C
    return y


def grows(x: Float[Tensor, "N C"], steps: int) -> Tensor:
    y = x
    for _ in range(steps):
        y = torch.cat([y, x], dim=1)
    z = y.relu()  # dims: N _
    return z


def counted(x: Float[Tensor, "N C"]) -> Float[Tensor, "N 4*C"]:
    y = x
    for _ in range(3):
        y = torch.cat([y, x], dim=1)
    z = y.relu()  # dims: N 4*C
    return z


def while_loop(x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
    n = 0
    while x.norm() > 1 and n < 10:
        x = x / 2  # dims: N C
        n += 1
    return x


def flips(x: Float[Tensor, "N C"], steps: int) -> Tensor:
    for _ in range(steps):
        x = x.t()
    y = x * 2  # dims: _ _
    return y


def leaves(x: Float[Tensor, "N C"], xs: list[Float[Tensor, "N C"]]) -> Float[Tensor, "N C"]:
    best = x
    for one in xs:
        if one.mean() > best.mean():
            best = one
            continue
        if one.sum() < 0:
            break
    else:
        best = best * 2
    y = best + x  # dims: N C
    return y


def over_tensor(x: Float[Tensor, "N C"], index: list[int]) -> Float[Tensor, "C"]:
    total = torch.zeros(x.shape[1])  # dims: C
    for row in x:
        total = total + row  # dims: C
    for i in index:
        total = total + x[i]
    return total


def grown_list(x: Float[Tensor, "N C"], steps: int) -> Tensor:
    out = []
    for _ in range(steps):
        out.append(x.sum(1))
    y = torch.stack(out, dim=1)
    return y.sum(1)


def wrong_in_loop(x: Float[Tensor, "N C"], steps: int) -> Float[Tensor, "N"]:
    y = x.sum(1)
    for _ in range(steps):
        y = y + x.sum(0)  # error: [broadcast-dims-differ]
    return x.sum(1)
