"""Modules over a mesh."""

import torch
from torch import nn
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, Replicate, Shard

from namedtorch import NamedTensor
from namedtorch.values.parameters import name_parameters, parameter_dims
from namedtorch.values.sharding import shard, unshard
from tests.values.ranks.given import (
    drawn,
    line,
    named_network,
    network,
    refusal,
    refuses,
    square,
    trained_alone,
)


def a_network_is_cut_and_computes_the_same() -> None:
    mesh, model, plain = line("tp"), named_network(), network()
    assert shard(model, mesh, {"hidden": "tp"}) is model
    placements = {name: one.placements for name, one in model.named_parameters() if isinstance(one, DTensor)}
    assert placements == {
        "0.weight": (Shard(0),), "0.bias": (Shard(0),), "2.weight": (Shard(1),), "2.bias": (Replicate(),),
    }  # fmt: skip
    x = drawn("N features", 6, 4)
    out = model(shard(x, mesh, {}))
    assert out.dims[0] == "N"
    assert torch.allclose(unshard(out).tensor, plain(x.tensor), atol=1e-6)
    unshard((out * out).mean()).backward()
    (plain(x.tensor) ** 2).mean().backward()
    for mine, theirs in zip(model.parameters(), plain.parameters(), strict=True):
        assert isinstance(mine.grad, DTensor)
        assert torch.allclose(mine.grad.full_tensor(), theirs.grad, atol=1e-6)
    assert parameter_dims(model)["2.weight"] == "classes hidden"


def modules_are_refused_by_name() -> None:
    mesh, model = line("tp"), named_network()
    refuses(
        "no parameter of the module has a dim `hiden`; the dims of its parameters are `classes`, `features`, "
        "`hidden`; `name_parameters` gives them other names",
        lambda: shard(model, mesh, {"hiden": "tp"}),
    )
    assert "`hidden` and `features` of 0.weight both go to `tp`" in refusal(
        lambda: shard(model, mesh, {"hidden": "tp", "features": "tp"})
    )
    odd = name_parameters(nn.Linear(3, 5), weight="out in")
    refuses(
        "`in`=3 of weight can't be cut into 2 equal parts, one for each rank of `tp`; pad it, or use another mesh",
        lambda: shard(odd, mesh, {"in": "tp"}),
    )
    assert not any(isinstance(one, DTensor) for one in [*model.parameters(), *odd.parameters()])


def heads_are_cut_whole() -> None:
    mesh = line("tp")
    query = name_parameters(nn.Linear(4, 8), weight="(heads=2 d) in", bias="(heads=2 d)")
    shard(query, mesh, {"heads": "tp"})
    assert isinstance(query.weight, DTensor)
    assert query.weight.placements == (Shard(0),)
    three = name_parameters(nn.Linear(4, 12), weight="(heads d=4) in", bias="(heads d=4)")
    refuses("2 things do not fit in `shard`", lambda: shard(three, mesh, {"heads": "tp"}))
    assert "1. `heads`=3 of weight can't be cut into 2 equal parts" in refusal(
        lambda: shard(three, mesh, {"heads": "tp"})
    )


def shared_parameters_stay_shared() -> None:
    model = nn.ModuleDict({"embed": nn.Embedding(10, 4), "head": nn.Linear(4, 10, bias=False)})
    model.head.weight = model.embed.weight
    shard(model, line("tp"), {"vocabulary": "tp"})
    assert model.head.weight is model.embed.weight
    assert isinstance(model.head.weight, DTensor)
    assert model.head.weight.placements == (Shard(0),)


def buffers_go_along() -> None:
    norm = nn.BatchNorm1d(4)
    shard(norm, line("tp"), {"channels": "tp"})
    assert isinstance(norm.running_mean, DTensor)
    assert norm.running_mean.placements == (Shard(0),)
    assert isinstance(norm.num_batches_tracked, DTensor)
    assert not isinstance(norm.running_mean, nn.Parameter)


def a_network_trains_over_both() -> None:
    mesh, model = square(), named_network()
    shard(model, mesh, {"hidden": "tp"})
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for step in range(3):
        out = model(shard(drawn("N features", 4, 4, seed=step), mesh, {"N": "dp"}))
        optimizer.zero_grad()
        unshard(out.square().mean()).backward()
        optimizer.step()
    for mine, alone in zip(model.parameters(), trained_alone().parameters(), strict=True):
        assert isinstance(mine, DTensor)
        assert torch.allclose(mine.full_tensor(), alone, atol=1e-6)


def fsdp_goes_over_a_sharded_network() -> None:
    mesh, model = square(), named_network()
    shard(model, mesh["tp"], {"hidden": "tp"})
    fully_shard(model, mesh=mesh["dp"])
    x = drawn("N features", 4, 4).tensor.chunk(2)[mesh.get_local_rank("dp")]
    out = model(shard(NamedTensor(x, ("N", "features")), mesh["tp"], {}))
    unshard(out.square().mean()).backward()
    plain = network()
    plain(drawn("N features", 4, 4).tensor).square().mean().backward()
    for mine, theirs in zip(model.parameters(), plain.parameters(), strict=True):
        assert isinstance(mine.grad, DTensor)
        assert torch.allclose(mine.grad.full_tensor(), theirs.grad, atol=1e-6)


TWO = (
    a_network_is_cut_and_computes_the_same,
    modules_are_refused_by_name,
    heads_are_cut_whole,
    shared_parameters_stay_shared,
    buffers_go_along,
)


FOUR = (
    a_network_trains_over_both,
    fsdp_goes_over_a_sharded_network,
)
