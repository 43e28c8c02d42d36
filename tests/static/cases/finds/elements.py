"""Numbers of elements in views, expand, repeat, permute and squeeze."""

from jaxtyping import Float
from torch import Tensor


def views(x: Float[Tensor, "N 12"]) -> None:
    x.view(-1, 3, 4)  # dims: N 3 4
    x.reshape(x.size(0), 2, 6)  # dims: N 2 6
    x.view(-1, 3, 5)  # warning: [view-cuts-dim]
    x.view(x.shape[0], 13)  # error: [elements-differ]
    x.unflatten(1, (3, 4))  # dims: N 3 4
    x.unflatten(1, (3, 5))  # error: [elements-differ]
    x.expand(2, -1, -1)  # dims: 2 N 12
    x.expand(-1, 24)  # error: [expand-differs]
    x.repeat(2, 3)  # dims: 2*N 36
    x.permute(1, 0)  # dims: 12 N
    x.permute(0, 1, 2)  # error: [permutation-wrong]
    x.permute(0, 0)  # error: [axis-repeated]
    x.transpose(0, 2)  # error: [axis-out-of-range]
    x.unsqueeze(2)  # dims: N 12 1
    x[:, None].squeeze(1)  # dims: N 12
    x.t().contiguous().view(12, -1)  # dims: 12 N


def names(x: Float[Tensor, "B T C"]) -> None:
    b, t, c = x.shape
    x.view(b * t, c)  # dims: B*T C
    x.view(b, c)  # error: [elements-differ]
    x.flatten(0, 1).view(b, t, c)  # dims: B T C
    x.reshape(b, t, 4, c // 4)  # dims: B T 4 C//4
    x.reshape(b, t, 4, c // 2)  # error: [elements-differ]
