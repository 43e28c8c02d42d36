"""What follows a return holds only where it was not taken."""

from jaxtyping import Float
from torch import Tensor


def early(x: Float[Tensor, "N C"], flag: bool) -> Float[Tensor, "N C"]:
    if not flag:
        return x
    y = x * 2  # dims: N C
    return y


def by_rank(x: Tensor) -> Tensor:
    if x.dim() == 2:
        return x @ x.t()
    b, t, c = x.shape
    return x.view(b * t, c)


def guard(x: Float[Tensor, "N C"], y: Float[Tensor, "M C"]) -> Float[Tensor, "N C"]:
    if x.shape[0] != y.shape[0]:
        raise ValueError("not as many")
    return x + y


def guard_missing(x: Float[Tensor, "N C"], y: Float[Tensor, "M C"]) -> Float[Tensor, "N C"]:
    if x.shape[1] != 3:
        raise ValueError("no colours")
    return x + y  # error: [broadcast-dims-differ]


def every_return(x: Float[Tensor, "N C"], mode: str) -> Float[Tensor, "N"]:
    if mode == "mean":
        return x.mean(1)
    if mode == "sum":
        return x.sum(0)  # error: [result-differs]
    return x.amax(1)
