"""`Annotated[Tensor, Dims(...)]` means the same as `Float[Tensor, ...]`."""

from typing import Annotated

from namedtorch import Dims
from torch import Tensor


def product(
    x: Annotated[Tensor, Dims("N K")], w: Annotated[Tensor, Dims("M K")]
) -> Annotated[Tensor, Dims("N M")]:
    y = x @ w.t()  # dims: N M
    return y


def product_wrong(x: Annotated[Tensor, Dims("N K")], w: Annotated[Tensor, Dims("M K")]) -> Tensor:
    return x @ w  # error: [contracted-dims-differ]


def other_metadata(x: Annotated[Tensor, "N C"], n: Annotated[int, "a size"]) -> Tensor:
    return x.view(n, -1, 7, 7)
