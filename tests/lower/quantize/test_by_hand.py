"""Static quantization beside torch's own, by hand: the same layers, the same scales, the same numbers."""

import copy

import torch
from torch import Tensor, nn
from torch.ao.quantization import get_default_qconfig_mapping
from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

from namedtorch import checking, prepare
from tests.models import mobilenet_v3


def settled(model: nn.Module) -> nn.Module:
    """A network as after training: norms whose statistics and weights are not those that they begin with."""
    norms = [one for one in model.modules() if isinstance(one, nn.BatchNorm2d)]
    for one in norms:
        nn.init.uniform_(one.weight, 0.7, 1.3)
        nn.init.normal_(one.bias, std=0.1)
        one.momentum = 1.0
    with torch.no_grad():
        model.train()(torch.rand(8, 3, 64, 64))
    return model.eval()


@torch.no_grad()
def by_hand(model: nn.Module, data: list[Tensor]) -> nn.Module:
    with checking("off"):
        prepared = prepare_fx(copy.deepcopy(model), get_default_qconfig_mapping("x86"), (data[0],))
        for one in data:
            prepared(one)
        return convert_fx(prepared)


def test_a_network_that_torch_can_quantize_whole_is_quantized_as_by_hand() -> None:
    model = settled(mobilenet_v3.make())
    data = [torch.rand(2, 3, 64, 64) for _ in range(3)]
    prepared = prepare(model, "static")
    for one in data:
        prepared(one)
    quantized = prepared.convert()
    assert quantized.quantization.stayed == {}
    expected = by_hand(model, data)
    for one in data:
        assert torch.equal(quantized(one), expected(one))
