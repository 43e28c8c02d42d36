"""Annotations may be strings as a whole, in pieces, or with spaces around."""

import torch
from jaxtyping import Float
from torch import Tensor


def whole(x: 'Float[Tensor, "N C"]') -> 'Float[Tensor, "C N"]':
    y = x.t()  # dims: C N
    return y


def whole_wrong(x: 'Float[Tensor, "N C"]') -> 'Float[Tensor, "N C"]':
    return x.t()  # error: [result-differs]


def pieces(x: Float[Tensor, "N C H W"]) -> Float[Tensor, " N   H "]:
    y = x.sum(1)  # dims: N H W
    return y.sum(2)  # dims: N H


def leading_space(x: Float[Tensor, " N"]) -> Float[Tensor, " M"]:
    y: "Float[Tensor, ' N']" = x * 2  # dims: N
    return torch.outer(y, y).flatten()
