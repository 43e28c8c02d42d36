"""Our own annotation families read as jaxtyping's."""

from namedtorch import Bool, Float, Int
from torch import Tensor


def masked(
    x: Float[Tensor, "B T"], mask: Bool[Tensor, "B T"], rows: Int[Tensor, "T"]
) -> Float[Tensor, "B T"]:
    y = x.masked_fill(mask, 0.0)  # dims: B T
    z = y.index_select(1, rows)  # dims: B T
    return z.t()  # error: [result-differs]
