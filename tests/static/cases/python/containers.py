"""Tuples, lists, dicts and comprehensions hold tensors and sizes."""

import torch
from jaxtyping import Float
from torch import Tensor


def lists(x: Float[Tensor, "N C"], y: Float[Tensor, "N D"]) -> Float[Tensor, "N 2*C+D"]:
    parts = [x]
    parts.append(y)
    parts.extend([x])
    z = torch.cat(parts, dim=1)  # dims: N 2*C+D
    first, *others = parts  # dims: N C  # dims: unknown
    last = parts[-1]  # dims: N C
    parts[0] = y
    w = torch.cat(parts, 1)  # dims: N C+2*D
    return z + first.sum() + last.sum() + w.sum() + others[0].sum()


def tuples(x: Float[Tensor, "N C"]) -> Float[Tensor, "C N"]:
    pair = (x, x.t())
    a, b = pair  # dims: N C  # dims: C N
    b, a = a, b  # dims: N C  # dims: C N
    (c, d), e = pair, x  # dims: N C  # dims: C N  # dims: N C
    return a + d + e.sum() + b.sum() + c.sum()


def dicts(x: Float[Tensor, "N C"]) -> Float[Tensor, "C N"]:
    held = {"x": x, "t": x.t(), **{"s": x.sum(0)}}
    held["u"] = x.sum(1)
    a = held["t"]  # dims: C N
    b = held.get("s")  # dims: C
    c = held["u"]  # dims: N
    for value in held.values():
        value.sum()
    return a + b[:, None] + c


def comprehensions(x: Float[Tensor, "N C"]) -> Float[Tensor, "4 N C"]:
    rows = [x * i for i in range(4)]
    y = torch.stack(rows)  # dims: 4 N C
    z = torch.cat([x.t() for _ in range(3)], dim=0)  # dims: 3*C N
    sums = torch.stack([row.sum(0) for row in rows])  # dims: 4 C
    table = {name: x.sum(axis) for axis, name in enumerate("ab")}
    return y + z.sum() + sums[:, None] + table["a"]


def wrong(x: Float[Tensor, "N C"], y: Float[Tensor, "N D"]) -> Tensor:
    parts = [x, y]
    return torch.stack(parts)  # error: [cat-sizes-differ]
