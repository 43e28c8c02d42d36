"""What annotations with NamedTensor say: axes carry the names of their dims."""

from typing import Annotated, Optional

import torch
from namedtorch import Dims, Float, Int, NamedTensor
from torch import Tensor


def names(x: Float[NamedTensor, "N C=3 (H W)"], y: Float[NamedTensor, "H W"]) -> None:
    x.relu()  # dims: N C=3 (H W)
    x.sum("N")  # dims: C=3 (H W)
    x.sum("(H W)")  # dims: N C=3
    x.sum("H")  # error: [dim-missing]
    x.tensor  # dims: N C=3 H*W
    x + y.flatten()  # dims: N C=3 (H W)


def annotated(x: Annotated[NamedTensor, Dims("N C")], y: Optional[Float[NamedTensor, "N"]] = None) -> None:
    x.sum("T")  # error: [dim-missing]
    if y is not None:
        y.sum("C")  # error: [dim-missing]


def several(
    pair: tuple[Float[NamedTensor, "N"], Int[NamedTensor, "T"]], xs: list[Float[NamedTensor, "N C"]]
) -> None:
    one, other = pair  # dims: N  # dims: T
    one + other  # error: [broadcast-dims-differ]
    for x in xs:
        x.mean("C")  # dims: N
        x.mean("T")  # error: [dim-missing]


def broadcastable(x: Float[NamedTensor, "N #C"], y: Float[NamedTensor, "N C"]) -> None:
    y + x.sum("C", keepdim=True)  # dims: N C
    x.sum("T")  # error: [dim-missing]


def computed(x: Float[NamedTensor, "N 2*C C"]) -> None:
    x.relu()  # dims: N 2*C C
    x.sum("C")  # dims: N 2*C
    # The axis of size 2*C may have any name.
    x.sum("D")


def open_axes(
    x: Float[NamedTensor, "N 3 _"], y: Float[NamedTensor, "N ... C"], z: Float[NamedTensor, "... C ..."]
) -> None:
    x.sum("C").mean("rgb")
    x.sum("N")  # dims: 3 _
    y.sum("T")
    y.sum("C")  # dims: N ...
    z.sum("C").mean("T")


def aligned(
    x: Float[NamedTensor, "N 3 H W"], y: Float[NamedTensor, "N H W C"]
) -> Float[NamedTensor, "N H W C"]:
    # The axis of size 3 may be `C`.
    z = x.align_to("N", ..., "C")
    return z + x.align_as(y)


def local(x: Float[NamedTensor, "N C"], w: Tensor) -> None:
    y: Float[NamedTensor, "C"] = x.sum("N")  # dims: C
    z: Float[NamedTensor, "N"] = x.sum("N")  # error: [names-differ]
    v: Float[NamedTensor, "N C"] = torch.rand(2, 3)  # error: [local-differs]
    u: Float[NamedTensor, "N K"] = named_by_others(w)  # dims: N K
    u.sum("C")  # error: [dim-missing]


def named_by_others(w):
    return w.unknown()


class Kept:
    def __init__(self, x: Float[NamedTensor, "N C"]) -> None:
        self.x = x
        self.y: Float[NamedTensor, "C"] = x.sum("N")

    def use(self) -> None:
        self.x.sum("C")  # dims: N
        self.y.sum("N")  # error: [dim-missing]


def bare(x: NamedTensor) -> NamedTensor:
    # Nothing is known of its names.
    return x.sum("C").align_to("N", ..., "T")["T", 0]
