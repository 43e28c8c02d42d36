"""What the checks are given: tensors, meshes, networks and their training, the same on every rank."""

from collections.abc import Callable

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh

from namedtorch import DimError, NamedTensor
from namedtorch.values.parameters import name_parameters


def drawn(dims: str, *sizes: int, seed: int = 0) -> NamedTensor:
    """The same random tensor on every rank."""
    generator = torch.Generator().manual_seed(seed)
    return NamedTensor(torch.randn(sizes, generator=generator), tuple(dims.split()))


def line(*names: str) -> DeviceMesh:
    """All ranks in a row."""
    return init_device_mesh("cpu", (dist.get_world_size(),), mesh_dim_names=names or None)


def square() -> DeviceMesh:
    """Four ranks as two by two."""
    return init_device_mesh("cpu", (2, 2), mesh_dim_names=("dp", "tp"))


def refusal(function: Callable[[], object]) -> str:
    """The text of the error that a call raises."""
    try:
        function()
    except DimError as error:
        return str(error)
    raise AssertionError("not refused")


def refuses(text: str, function: Callable[[], object]) -> None:
    """Holds the first lines of the error that a call raises to a text."""
    found = "\n".join(refusal(function).splitlines()[: len(text.splitlines())])
    assert found == text, found


def network() -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))


def named_network() -> nn.Sequential:
    return name_parameters(
        network(),
        {
            "0.weight": "hidden features", "0.bias": "hidden",
            "2.weight": "classes hidden", "2.bias": "classes",
        },
    )  # fmt: skip


def batches(rank: int) -> list[NamedTensor]:
    """The batches of one rank; both ranks' together are those that one process would see."""
    whole = [drawn("N features", 4, 4, seed=seed) for seed in range(3)]
    return [NamedTensor(one.tensor.chunk(2)[rank], one.dims) for one in whole]


def trained_alone() -> nn.Sequential:
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for step in range(3):
        out = model(drawn("N features", 4, 4, seed=step).tensor)
        optimizer.zero_grad()
        out.square().mean().backward()
        optimizer.step()
    return model


def train(model: nn.Module) -> None:
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for batch in batches(dist.get_rank()):
        out = model(batch)
        assert isinstance(out, NamedTensor)
        assert out.dims[0] == "N"
        optimizer.zero_grad()
        out.square().mean().backward()
        optimizer.step()
