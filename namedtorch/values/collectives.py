"""Collectives on named tensors: what the ranks of a group send each other comes back under its dims.

They are torch's functional collectives: nothing is written in place, and gradients pass. The functions of
`torch.distributed` itself take `x.tensor`; those that write into it (`all_reduce(x.tensor)`) leave `x` its dims.
"""

from typing import Any

import torch.distributed as dist
from torch import Tensor
from torch.distributed import _functional_collectives as functional

from namedtorch.values.named_tensor import NamedTensor, dims_text
from namedtorch.values.refusal import dims_error


def all_reduce(x: NamedTensor, op: str = "sum", *, group: Any = None) -> NamedTensor:
    """Returns the sum (`avg`, `min`, `max`, `product`) of the tensors of all ranks, under the dims of `x`.

    `group` is a process group or a mesh of one dim, such as `mesh["dp"]`; without it, all ranks are meant.
    """
    return NamedTensor(_ready(functional.all_reduce(x.tensor, op, _group(group))), x.dims)


def broadcast(x: NamedTensor, src: int = 0, *, group: Any = None) -> NamedTensor:
    """Returns the tensor of rank `src`, under the dims of `x`, which has its sizes on every rank."""
    return NamedTensor(_ready(functional.broadcast(x.tensor, src, _group(group))), x.dims)


def all_gather(x: NamedTensor, dim: str, *, group: Any = None) -> NamedTensor:
    """Returns the tensors of all ranks joined along `dim`, in the order of ranks; all have the sizes of `x`.

    Raises `DimError` where `x` has no such dim, or has it twice.
    """
    place = _place(x, dim, "all_gather")
    result = functional.all_gather_single(x.tensor.contiguous(), place, _group(group))
    return NamedTensor(_ready(result), x.dims)


def reduce_scatter(x: NamedTensor, dim: str, op: str = "sum", *, group: Any = None) -> NamedTensor:
    """Returns this rank's part, along `dim`, of the sum of the tensors of all ranks.

    Raises `DimError` where `x` has no such dim, or where its size does not divide by the number of ranks.
    """
    group = _group(group)
    place, ranks = _place(x, dim, "reduce_scatter"), _ranks(group)
    if x.shape[place] % ranks:
        raise dims_error(
            "shards-uneven",
            f"`reduce_scatter`: `{dim}`={x.shape[place]} can't be cut into {ranks} equal parts, one for each rank",
            "pad it, or use another group",
        )
    result = functional.reduce_scatter_single(x.tensor.contiguous(), op, place, group)
    return NamedTensor(_ready(result), x.dims)


def _group(group: Any) -> Any:
    return dist.group.WORLD if group is None else group


def _ranks(group: Any) -> int:
    return group.size()


def _place(x: NamedTensor, dim: str, name: str) -> int:
    if x.dims.count(dim) != 1:
        has = "has no" if dim not in x.dims else "has more than one"
        raise dims_error(
            "dim-missing", f"`{name}`: `x` {has} dim `{dim}`", f"its dims are `{dims_text(x.dims)}`"
        )
    return x.dims.index(dim)


def _ready(result: Tensor) -> Tensor:
    """The result once it is there: a plain tensor, and none that waits at its first use."""
    return functional.wait_tensor(result)
