from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from namedtorch.lower.quantize.workload import Kind, workload_of

IDS = torch.zeros(3, 4, dtype=torch.long)


class Functional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.kernel = nn.Parameter(torch.randn(4, 8, 3, 3))
        self.matrix = nn.Parameter(torch.randn(5, 4))

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(functional.conv2d(x, self.kernel).mean((2, 3)), self.matrix)


class Experts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 8, 6))

    def forward(self, x: Tensor) -> Tensor:
        return torch.bmm(x, self.weight)


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(8, 8)
        self.second = nn.Linear(8, 8)
        self.second.weight = self.first.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(self.first(x)))


# module, its arguments, multiply-adds, bytes
CASES: list[tuple[nn.Module, tuple[Any, ...], Mapping[Kind, int], Mapping[Kind, int]]] = [
    (nn.Linear(8, 4), (torch.randn(5, 8),), {"matrix": 5 * 8 * 4}, {"matrix": 128, "other": 16}),
    (
        nn.Conv2d(8, 4, 3),
        (torch.randn(5, 8, 9, 9),),
        {"convolution": 5 * 49 * 4 * 8 * 9},
        {"convolution": 1152, "other": 16},
    ),
    (
        nn.Conv1d(8, 8, 3, groups=8, bias=False),
        (torch.randn(5, 8, 9),),
        {"convolution": 5 * 7 * 8 * 3},
        {"convolution": 96},
    ),
    (
        nn.ConvTranspose2d(8, 4, 3, bias=False),
        (torch.randn(1, 8, 9, 9),),
        {"convolution": 81 * 8 * 4 * 9},
        {"convolution": 1152},
    ),
    (
        nn.LSTM(8, 16, bias=False),
        (torch.randn(5, 2, 8),),
        {"matrix": 10 * 64 * (8 + 16)},
        {"matrix": 4 * 64 * 24},
    ),
    (
        nn.GRU(8, 16, bias=False, bidirectional=True),
        (torch.randn(5, 2, 8),),
        {"matrix": 2 * 10 * 48 * (8 + 16)},
        {"matrix": 2 * 4 * 48 * 24},
    ),
    (nn.LSTMCell(8, 16, bias=False), (torch.randn(2, 8),), {"matrix": 2 * 64 * 24}, {"matrix": 4 * 64 * 24}),
    (
        nn.TransformerEncoderLayer(16, 2, 32, bias=False),
        (torch.randn(5, 2, 16),),
        {"matrix": 10 * (16 * 48 + 16 * 16 + 2 * 16 * 32)},
        {"matrix": 4 * (16 * 48 + 16 * 16 + 2 * 16 * 32), "other": 128},
    ),
    (
        nn.Sequential(nn.Embedding(100, 8), nn.Linear(8, 2, bias=False)),
        (IDS,),
        {"matrix": 3 * 4 * 16},
        {"table": 3200, "matrix": 64},
    ),
    (nn.EmbeddingBag(100, 8), (IDS,), {}, {"table": 3200}),
    (
        Functional(),
        (torch.randn(1, 8, 5, 5),),
        {"convolution": 9 * 4 * 72, "matrix": 20},
        {"convolution": 1152, "matrix": 80},
    ),
    (Experts(), (torch.randn(4, 3, 8),), {"matrix": 4 * 3 * 8 * 6}, {"matrix": 768}),
    (Tied(), (torch.randn(2, 8),), {"matrix": 3 * 2 * 64}, {"matrix": 256, "other": 64}),
    (nn.ReLU(), (torch.randn(2, 8),), {}, {}),
]


@pytest.mark.parametrize(("module", "args", "multiply_adds", "bytes_"), CASES)
def test_multiply_adds_and_bytes_are_counted_by_the_kind_of_weights(
    module: nn.Module, args: tuple[Any, ...], multiply_adds: Mapping[Kind, int], bytes_: Mapping[Kind, int]
) -> None:
    found = workload_of(module.eval(), (args, {}))
    assert found.multiply_adds == multiply_adds
    assert found.bytes == bytes_


def test_torch_is_left_as_it_was() -> None:
    module = nn.Sequential(nn.Dropout(), nn.Linear(8, 8)).train()
    before = torch.get_rng_state(), torch.backends.mkldnn.enabled, torch.backends.mha.get_fastpath_enabled()
    workload_of(module, ((torch.ones(2, 8),), {}))
    after = torch.get_rng_state(), torch.backends.mkldnn.enabled, torch.backends.mha.get_fastpath_enabled()
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]


def test_a_model_with_large_linear_layers_behind_convolutions_is_convolutional() -> None:
    vgg = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.Conv2d(16, 16, 3, padding=1),
        nn.AdaptiveAvgPool2d(4),
        nn.Flatten(),
        nn.Linear(256, 256),
    )
    found = workload_of(vgg, ((torch.randn(1, 3, 32, 32),), {}))
    assert found.convolutions > 0.95
    assert found.stored > 0.95
    assert str(found) == (
        "convolutions do 98% of the multiply-adds of a call, and linear and recurrent layers and tables hold 96% of "
        "the bytes of weights"
    )


def test_an_encoder_behind_a_convolution_of_patches_is_none() -> None:
    class Vit(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.patches = nn.Conv2d(3, 16, 4, stride=4)
            self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 2, 64, batch_first=True), 2)

        def forward(self, image: Tensor) -> Tensor:
            return self.encoder(self.patches(image).flatten(2).transpose(1, 2))

    assert workload_of(Vit().eval(), ((torch.randn(1, 3, 16, 16),), {})).convolutions < 0.2


@pytest.mark.parametrize("inputs", [None, ((torch.randn(2, 9),), {})])
def test_without_a_call_the_bytes_tell_it(inputs: Any) -> None:
    found = workload_of(nn.Sequential(nn.Linear(8, 8), nn.Unflatten(1, (1, 8)), nn.Conv1d(1, 8, 3)), inputs)
    assert not found.is_counted
    assert found.convolutions == pytest.approx(24 / (24 + 64))
    assert str(found) == (
        "convolutions hold 27% of the bytes of weights, and linear and recurrent layers and tables 62%"
    )
