"""Collectives on named tensors."""

from typing import Any

import torch
import torch.distributed as dist

from namedtorch import NamedTensor
from namedtorch.values.collectives import all_gather, all_reduce, broadcast, reduce_scatter
from tests.values.ranks.given import drawn, line, refuses, square


def collectives_of_ours_keep_dims() -> None:
    rank = dist.get_rank()
    x = NamedTensor(torch.arange(12.0).view(4, 3) + rank, ("N", "C"))
    first = torch.arange(12.0).view(4, 3)
    for found, dims, tensor in (
        (all_reduce(x), ("N", "C"), 2 * first + 1),
        (all_reduce(x, "max"), ("N", "C"), first + 1),
        (broadcast(x, 1), ("N", "C"), first + 1),
        (all_gather(x, "N"), ("N", "C"), torch.cat([first, first + 1], 0)),
        (all_gather(x, "C", group=line("dp")), ("N", "C"), torch.cat([first, first + 1], 1)),
        (reduce_scatter(x, "N"), ("N", "C"), (2 * first + 1).chunk(2)[rank]),
    ):
        assert (found.dims, type(found.tensor)) == (dims, torch.Tensor)
        assert torch.equal(found.tensor, tensor)
    assert x.tensor[0, 0] == rank
    refuses("`all_gather`: `x` has no dim `T`; its dims are `N C`", lambda: all_gather(x, "T"))
    refuses(
        "`reduce_scatter`: `C`=3 can't be cut into 2 equal parts, one for each rank; pad it, or use another group",
        lambda: reduce_scatter(x, "C"),
    )


def collectives_of_ours_pass_gradients() -> None:
    x = drawn("N C", 2, 3)
    x.requires_grad = True
    (all_gather(x, "C") * (dist.get_rank() + 1)).sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad.tensor, torch.full((2, 3), 3.0))


def collectives_of_torch_write_in_place() -> None:
    rank = dist.get_rank()
    x = NamedTensor(torch.full((2, 3), float(rank)), ("N", "C"))
    dist.all_reduce(x)
    assert (x.dims, x.tensor.unique().tolist()) == (("N", "C"), [1])
    x.tensor.fill_(rank)
    work = dist.all_reduce(x, dist.ReduceOp.MAX, async_op=True)
    assert work is not None
    work.wait()
    assert (x.dims, x.tensor.unique().tolist()) == (("N", "C"), [1])
    x.tensor.fill_(rank)
    parts = [torch.empty_like(x) for _ in range(2)]
    dist.all_gather(parts, x)
    assert [(one.dims, one.tensor[0, 0].item()) for one in parts] == [(("N", "C"), 0), (("N", "C"), 1)]
    dist.broadcast(x, 1)
    assert (x.dims, x.tensor[0, 0].item()) == (("N", "C"), 1)
    objects: list[Any] = [None, None]
    dist.all_gather_object(objects, NamedTensor(torch.full((1,), float(rank)), ("T",)))
    assert [(one.dims, one.tensor.item()) for one in objects] == [(("T",), 0), (("T",), 1)]


def collectives_go_over_one_dim_of_a_mesh() -> None:
    mesh = square()
    x = NamedTensor(torch.full((2,), float(dist.get_rank())), ("N",))
    assert all_reduce(x, group=mesh["tp"]).tensor[0] == [1, 1, 5, 5][dist.get_rank()]
    assert all_gather(x, "N", group=mesh["dp"]).tensor.tolist() == [
        [0, 0, 2, 2], [1, 1, 3, 3], [0, 0, 2, 2], [1, 1, 3, 3],
    ][dist.get_rank()]  # fmt: skip


TWO = (
    collectives_of_ours_keep_dims,
    collectives_of_ours_pass_gradients,
    collectives_of_torch_write_in_place,
)


FOUR = (collectives_go_over_one_dim_of_a_mesh,)
