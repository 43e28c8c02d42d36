"""DDP and FSDP2 on batches of named tensors."""

from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor
from torch.nn.parallel import DistributedDataParallel

from namedtorch import NamedTensor
from namedtorch.values.parameters import parameter_dims
from tests.values.ranks.given import batches, named_network, network, train, trained_alone


def ddp_trains_on_named_batches() -> None:
    model = DistributedDataParallel(named_network())
    train(model)
    for mine, alone in zip(model.parameters(), trained_alone().parameters(), strict=True):
        assert torch.allclose(mine, alone, atol=1e-6)
    assert parameter_dims(model)["module.2.weight"] == "classes hidden"
    state: Any = model.state_dict()
    assert state._metadata["module.0"]["namedtorch"]["dims"] == {
        "weight": "hidden features",
        "bias": "hidden",
    }


def ddp_finds_unused_parameters_behind_names() -> None:
    class Half(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.unused = nn.Linear(4, 2), nn.Linear(4, 2)

        def forward(self, batch: dict[str, NamedTensor]) -> dict[str, NamedTensor]:
            return {"out": self.used(batch["x"])}

    model = DistributedDataParallel(Half(), find_unused_parameters=True)
    for _ in range(2):
        out = model({"x": batches(dist.get_rank())[0]})["out"]
        assert out.dims[0] == "N"
        out.square().mean().backward()
    assert model.module.used.weight.grad is not None
    assert model.module.unused.weight.grad is None


def fsdp_trains_on_named_batches() -> None:
    model = named_network()
    for layer in (model[0], model[2], model):
        fully_shard(layer)
    train(model)
    for mine, alone in zip(model.parameters(), trained_alone().parameters(), strict=True):
        assert isinstance(mine, DTensor)
        assert torch.allclose(mine.full_tensor(), alone, atol=1e-6)
    assert parameter_dims(model)["2.weight"] == "classes hidden"
    state: Any = model.state_dict()
    assert state._metadata["0"]["namedtorch"]["dims"] == {"weight": "hidden features", "bias": "hidden"}
    assert model.load_state_dict(state).missing_keys == []


def fsdp_casts_named_batches() -> None:
    model = network()
    policy = MixedPrecisionPolicy(param_dtype=torch.bfloat16, output_dtype=torch.float32)
    fully_shard(model, mp_policy=policy)
    out = model(batches(dist.get_rank())[0])
    assert (out.dims[0], out.dtype) == ("N", torch.float32)
    out.square().mean().backward()
    assert all(one.grad is not None for one in model.parameters())


TWO = (
    ddp_trains_on_named_batches,
    ddp_finds_unused_parameters_behind_names,
    fsdp_trains_on_named_batches,
    fsdp_casts_named_batches,
)
