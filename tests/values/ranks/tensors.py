"""Tensors over a mesh."""

import torch
import torch.distributed as dist
from torch.distributed.tensor import DTensor, Partial, Shard

from namedtorch import NamedTensor
from namedtorch.values.sharding import shard, unshard
from tests.values.ranks.given import drawn, line, refuses, square


def a_dim_is_cut_and_results_keep_their_dims() -> None:
    x, mesh = drawn("N C", 4, 3), line("dp")
    cut = shard(x, mesh, {"N": "dp"})
    assert isinstance(cut.tensor, DTensor)
    assert (cut.tensor.placements, cut.dims, cut.shape) == ((Shard(0),), ("N", "C"), (4, 3))
    assert torch.equal(cut.tensor.to_local(), x.tensor.chunk(2)[dist.get_rank()])
    total = (cut * 2).sum("C")
    assert (total.dims, total.tensor.placements) == (("N",), (Shard(0),))
    whole = unshard(total)
    assert (whole.dims, type(whole.tensor)) == (("N",), torch.Tensor)
    assert torch.equal(whole.tensor, (x.tensor * 2).sum(1))
    over = cut.sum("N")
    assert (over.dims, over.tensor.placements) == (("C",), (Partial(),))
    assert torch.allclose(unshard(over).tensor, x.tensor.sum(0))
    assert unshard(x) is x


def the_first_rank_counts() -> None:
    mine = NamedTensor(torch.full((4,), float(dist.get_rank())), ("N",))
    assert torch.equal(unshard(shard(mine, line("dp"), {"N": "dp"})).tensor, torch.zeros(4))


def parts_that_are_there_become_one_tensor() -> None:
    part = NamedTensor(torch.full((3, 2), float(dist.get_rank())), ("N", "C"))
    whole = shard(part, line("dp"), {"N": "dp"}, local=True)
    assert (whole.shape, whole.dims) == ((6, 2), ("N", "C"))
    assert unshard(whole).tensor[:, 0].tolist() == [0, 0, 0, 1, 1, 1]


def a_sharded_tensor_is_sharded_anew() -> None:
    x, mesh = drawn("N C", 4, 6), line("dp")
    moved = shard(shard(x, mesh, {"N": "dp"}), mesh, {"C": "dp"})
    assert isinstance(moved.tensor, DTensor)
    assert moved.tensor.placements == (Shard(1),)
    assert shard(moved, mesh, {}).tensor.to_local().equal(x.tensor)


def gradients_pass() -> None:
    x, mesh = drawn("N C", 4, 3), line("dp")
    x.requires_grad = True
    cut = shard(x * 1, mesh, {"N": "dp"})
    unshard((cut * cut).sum()).backward()
    assert x.grad is not None
    assert x.grad.dims == ("N", "C")
    assert torch.allclose(x.grad.tensor, 2 * x.tensor)


def tensors_are_refused_by_name() -> None:
    x, mesh = drawn("N C", 4, 3), line("dp")
    refuses(
        "2 things do not fit in `shard`\n"
        "  1. `N` and `C` of the tensor both go to `dp`; a dim of the mesh cuts one axis of a tensor; leave one of "
        "them out\n"
        "  2. `C`=3 of the tensor can't be cut into 2 equal parts, one for each rank of `dp`; pad it, or use another "
        "mesh\n"
        "  the tensor: N=4 C=3\n"
        "  the mesh: dp=2\n"
        "  in shard",
        lambda: shard(x, mesh, {"N": "dp", "C": "dp"}),
    )
    refuses("the tensor has no dim `T`; its dims are `N C`", lambda: shard(x, mesh, {"T": "dp"}))
    refuses(
        "`N` is to go to `db`, and the mesh has no dim of that name; did you mean `dp`?",
        lambda: shard(x, mesh, {"N": "db"}),
    )
    refuses(
        "the dims of the mesh have no names; give it some: "
        '`init_device_mesh("cpu", (2, 2), mesh_dim_names=("dp", "tp"))`',
        lambda: shard(x, line(), {"N": "dp"}),
    )
    refuses(
        '`shard` takes a NamedTensor or a module, not Tensor; name it first: `named(x, "N C")`',
        lambda: shard(x.tensor, mesh, {"N": "dp"}),
    )
    twice = NamedTensor(torch.ones(2, 2), ("T", "T"))
    refuses("the tensor has `T` twice; rename one of them", lambda: shard(twice, mesh, {"T": "dp"}))


def merged_dims_are_cut_by_their_outer_part() -> None:
    mesh = line("tp")
    merged = NamedTensor(torch.randn(2, 8), ("N", "(heads d)"))
    assert shard(merged, mesh, {"(heads d)": "tp"}).tensor.to_local().shape == (2, 4)
    refuses(
        "the size of `heads` in `(heads d)` of the tensor is not known; cut it before it is merged",
        lambda: shard(merged, mesh, {"heads": "tp"}),
    )
    refuses(
        "`d` of the tensor is an inner part of `(heads d)`; the parts of such an axis would not lie together: cut it "
        "before it is merged",
        lambda: shard(merged, mesh, {"d": "tp"}),
    )


def two_dims_are_cut_over_two() -> None:
    mesh, x = square(), drawn("N heads T", 4, 2, 3)
    cut = shard(x, mesh, {"N": "dp", "heads": "tp"})
    assert isinstance(cut.tensor, DTensor)
    assert cut.tensor.placements == (Shard(0), Shard(1))
    assert cut.tensor.to_local().shape == (2, 1, 3)
    assert torch.equal(unshard(cut.softmax("T")).tensor, x.tensor.softmax(2))
    both = shard(x, mesh, {"N": ("dp", "tp")})
    assert both.tensor.to_local().shape == (1, 2, 3)
    refuses(
        "`heads`=2 of the tensor can't be cut into 4 equal parts, one for each rank of `dp` and `tp`; pad it, or use "
        "another mesh",
        lambda: shard(x, mesh, {"heads": ("dp", "tp")}),
    )


def attention_is_cut_over_batch_and_heads() -> None:
    mesh = square()
    query, key = drawn("N heads T d", 2, 4, 3, 5), drawn("N heads S d", 2, 4, 3, 5, seed=1)
    to = {"N": "dp", "heads": "tp"}
    one, other = shard(query, mesh, to), shard(key, mesh, to)
    scores = (one @ other.transpose("S", "d")).softmax("S")
    assert scores.dims == ("N", "heads", "T", "S")
    whole = unshard(scores)
    assert torch.allclose(whole.tensor, (query.tensor @ key.tensor.mT).softmax(-1), atol=1e-6)


TWO = (
    a_dim_is_cut_and_results_keep_their_dims,
    the_first_rank_counts,
    parts_that_are_there_become_one_tensor,
    a_sharded_tensor_is_sharded_anew,
    gradients_pass,
    tensors_are_refused_by_name,
    merged_dims_are_cut_by_their_outer_part,
)


FOUR = (
    two_dims_are_cut_over_two,
    attention_is_cut_over_batch_and_heads,
)
