"""Lists of an unknown number of tensors of known dims."""

import torch
from jaxtyping import Float
from torch import Tensor


def unknown_count(xs: list[Float[Tensor, "N C"]], x: Float[Tensor, "N C"]) -> Tensor:
    y = torch.stack([one * 2 for one in xs])  # dims: _ N C
    z = torch.stack(xs, dim=1)  # dims: N _ C
    return y.sum(0) + z.sum(1)


def joined(xs: list[Float[Tensor, "N C"]]) -> Float[Tensor, "N N"]:
    y = torch.cat(xs, dim=1)  # dims: N _
    z = torch.cat([one.t() for one in xs])  # dims: _ N
    return y @ z


def collected(x: Float[Tensor, "N T C"]) -> Float[Tensor, "N T"]:
    out = []
    for t in range(x.size(1)):
        out.append(x[:, t].sum(1))
    y = torch.stack(out, dim=1)  # dims: N _
    return y


def anything(xs: list[Float[Tensor, "N C"]], x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
    both = [*xs, x.t()]
    return both[0]
