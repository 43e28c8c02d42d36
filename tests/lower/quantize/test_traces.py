"""What conversion must not leave behind: layouts that code refuses, warnings, changed buffers, untold weights."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import namedtorch
from namedtorch import Float, Int
from namedtorch.lower.quantize.quantized import Quantized
from tests.lower.unverified import lower


class Viewed(nn.Module):
    """Values decide between convolutions, so that the view stands in Python, behind them."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.LeakyReLU(0.2, inplace=True))
        self.fc = nn.Linear(8 * 16, 5)

    def forward(self, x: Float[Tensor, "N C=3 H=4 W=4"]) -> Float[Tensor, "N classes=5"]:
        x = self.features(x)
        if x.abs().max() > 1e6:
            x = x.clamp(-1e6, 1e6)
        return self.fc(x.view(x.size(0), -1))


class ViewedInside(Viewed):
    def forward(self, x: Float[Tensor, "N C=3 H=4 W=4"]) -> Float[Tensor, "N classes=5"]:
        x = self.features(x)
        return self.fc(F.leaky_relu(x.view(x.size(0), -1), 0.1, inplace=True))


class Counting(nn.Module):
    seen: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(6, 8)
        self.register_buffer("seen", torch.zeros(8))

    def forward(self, x: Float[Tensor, "N F=6"]) -> Float[Tensor, "N D=8"]:
        y = self.fc(x)
        self.seen += y.detach().mean(0)
        return y - self.seen


class Columns(nn.Module):
    """Indices with strides, in a loop that torch.fx can't follow."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.fc = nn.Linear(8, 8)

    def forward(self, tokens: Int[Tensor, "N T"]) -> Float[Tensor, "N D=8"]:
        given = torch.zeros(tokens.size(0), 8)
        for step in range(tokens.size(1)):
            given = torch.tanh(self.fc(given + self.embed(tokens[:, step])))
        return given


class Volume(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv3d(3, 8, 3)
        self.fc = nn.Linear(8, 5)

    def forward(self, x: Float[Tensor, "N C=3 D H W"]) -> Float[Tensor, "N classes=5"]:
        return self.fc(self.conv(x).relu().mean((2, 3, 4)))


class Standardized(nn.Conv2d):
    def forward(self, input: Tensor) -> Tensor:
        return self._conv_forward(input, self.weight - self.weight.mean((1, 2, 3), keepdim=True), self.bias)


class Functional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = Standardized(3, 8, 3)
        self.matrix = nn.Parameter(torch.randn(5, 8))

    def forward(self, x: Float[Tensor, "N C=3 H W"]) -> Float[Tensor, "N classes=5"]:
        return F.linear(self.conv(x).mean((2, 3)), self.matrix)


def noise(given: Tensor, expected: Tensor) -> float:
    return float((given - expected).norm() / expected.norm())


def static(model: nn.Module, data: list[Tensor], engine: str = "x86") -> Quantized:
    return namedtorch.quantize(model.eval(), "static", data, engine=engine, progress=False)


def images(*sizes: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(count, 3, 4, 4, generator=generator) for count in sizes]


@pytest.mark.parametrize("owner", [Viewed, ViewedInside])
def test_views_of_what_convolutions_give(owner: type[nn.Module]) -> None:
    torch.manual_seed(0)
    quantized = static(owner(), images(4, 3))
    assert {*quantized.quantization.layers} >= {"features.0", "fc"}
    x = images(2)[0]
    with torch.no_grad():
        given = quantized(x)
        assert 0 < noise(given, quantized.float_module(x)) < 0.1
        assert torch.equal(lower(quantized)(x), given)


def test_buffers_do_not_keep_what_calibration_left_in_them() -> None:
    torch.manual_seed(0)
    model = Counting()
    model.seen.fill_(0.5)
    quantized = static(model, [torch.randn(3, 6) for _ in range(4)])
    assert torch.equal(model.seen, torch.full([8], 0.5))
    for one in (quantized.body, quantized.float_module.body):
        assert torch.equal(one.get_buffer("seen"), model.seen)


def test_random_numbers_go_on_as_before() -> None:
    model, data = Viewed(), images(2)
    torch.manual_seed(0)
    before = torch.get_rng_state()
    static(model, data)
    assert torch.equal(torch.get_rng_state(), before)


def test_tables_take_indices_with_strides() -> None:
    torch.manual_seed(0)
    tokens = torch.randint(0, 20, (4, 3))
    quantized = static(Columns(), [tokens])
    assert {*quantized.quantization.layers} == {"embed", "fc"}
    with torch.no_grad():
        assert 0 < noise(quantized(tokens), quantized.float_module(tokens)) < 0.1


@pytest.mark.skipif(
    "qnnpack" not in torch.backends.quantized.supported_engines, reason="this build of torch has no QNNPACK"
)
def test_a_layer_that_torch_can_t_save_for_an_engine_stays_float() -> None:
    quantized = static(Volume(), [torch.randn(2, 3, 4, 4, 4)], "qnnpack")
    assert {*quantized.quantization.layers} == {"fc"}
    assert quantized.quantization.stayed["conv"].startswith("torch can't save it for this engine: QNNPACK")
    assert copy.deepcopy(quantized)(torch.randn(2, 3, 4, 4, 4)).shape == (2, 5)


def test_weights_that_functions_take_are_told() -> None:
    torch.manual_seed(0)
    layers = static(Functional(), images(2, 3)).quantization.layers
    assert {path: (one.kind, one.weight, one.scheme, one.axis) for path, one in layers.items()} == {
        "conv": ("conv2d", "qint8", "per_channel", 0),
        "matrix": ("linear", "qint8", "per_channel", 0),
    }
