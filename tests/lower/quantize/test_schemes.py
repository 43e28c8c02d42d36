"""How layers were quantized, as it is read from converted bodies."""

import copy
from functools import cache
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.ao.quantization import qconfig as defaults
from torch.ao.quantization import quantize_dynamic, quantize_fx

from namedtorch.archive.quantization import LayerScheme
from namedtorch.lower.quantize.qconfigs import graph_qconfigs
from namedtorch.lower.quantize.quiet import quiet_quantization
from namedtorch.lower.quantize.schemes import quantized_weights, schemes_of
from namedtorch.lower.quantize.written import written_module


class Vision(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.relu = nn.ReLU()
        self.swish = nn.Hardswish()
        self.up = nn.ConvTranspose2d(4, 4, 2)
        self.scale = nn.Parameter(torch.ones(4))
        self.table = nn.Embedding(6, 4)
        self.left = nn.Linear(4, 4)
        self.group = nn.GroupNorm(2, 4)
        self.head = nn.Linear(4, 2)

    def forward(self, image: Tensor, tokens: Tensor) -> Tensor:
        x = self.up(self.swish(self.relu(self.norm(self.conv(image)))))
        x = self.left(x.mean((2, 3))) * self.scale + self.table(tokens)
        return self.head(self.group(x))


INPUTS = torch.randn(2, 3, 8, 8), torch.tensor([1, 2])


@cache
def converted(per_channel: bool, train: bool) -> tuple[nn.Module, nn.Module]:
    """A body that torch.fx converted, and the float model whose batch norms it took in."""
    torch.manual_seed(0)
    model = Vision().train(train)
    with quiet_quantization():
        mapping = graph_qconfigs(
            model,
            engine="x86",
            per_channel=per_channel,
            qconfig=None,
            train=train,
            left={"left": "skipped"},
        )
        prepare = quantize_fx.prepare_qat_fx if train else quantize_fx.prepare_fx
        prepared = prepare(copy.deepcopy(model), mapping, INPUTS)
        prepared(*INPUTS)
        body = written_module(quantize_fx.convert_fx(prepared.eval()), "Vision")
        return body, quantize_fx.fuse_fx(copy.deepcopy(model).eval())


@pytest.mark.parametrize(("per_channel", "train"), [(True, False), (False, True)])
def test_static_bodies(per_channel: bool, train: bool) -> None:
    body, reference = converted(per_channel, train)
    layers, stayed = schemes_of(body, reference, {"left": "skipped"}, {"conv": ("BatchNorm2d",)})
    scheme: tuple[Any, ...] = ("per_channel", 0, "out") if per_channel else ("per_tensor",)
    assert layers["conv"].fused == ("BatchNorm2d", "ReLU")
    assert layers["conv"].kind == "Conv2d"
    assert layers["head"] == LayerScheme("Linear", "qint8", "quint8", *scheme)
    assert layers["up"] == LayerScheme("ConvTranspose2d", "qint8", "quint8")
    assert layers["swish"] == LayerScheme("Hardswish", "", "quint8")
    assert layers["table"] == LayerScheme("Embedding", "quint8", "", "per_channel", 0, "vocabulary")
    assert (layers["conv"].scheme, layers["conv"].dim) == (scheme[0], "out" if per_channel else None)
    assert layers["conv"].axis == (0 if per_channel else None)
    assert stayed["left"] == "skipped"
    assert not layers.keys() & stayed.keys()


def test_the_float_model_before_fusion_will_do() -> None:
    body, _ = converted(True, False)
    layers, _ = schemes_of(body, Vision(), {})
    assert layers["conv"] == LayerScheme("Conv2d", "qint8", "quint8", "per_channel", 0, "out", ("ReLU",))


def test_a_layer_without_a_float_one_is_known_by_its_class() -> None:
    body, _ = converted(True, False)
    layers, _ = schemes_of(body, nn.Module(), {})
    assert layers["head"] == LayerScheme("Linear", "qint8", "quint8", "per_channel", 0, None)


class Inner(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(4, 3, 2, bidirectional=True)
        self.cell = nn.RNNCell(4, 3)
        self.norm = nn.LayerNorm(3)
        self.bias = nn.Parameter(torch.zeros(3))


def dynamically(qconfig: Any) -> tuple[nn.Module, nn.Module]:
    reference = nn.ModuleDict({"inner": Inner()})
    with quiet_quantization():
        return quantize_dynamic(reference, {nn.LSTM: qconfig, nn.RNNCell: qconfig}), reference


DYNAMIC: list[tuple[Any, tuple[Any, ...], tuple[Any, ...]]] = [
    (
        defaults.per_channel_dynamic_qconfig,
        ("qint8", "", "per_channel", 0, "gates"),
        ("qint8", "", "per_channel", 0, "hidden"),
    ),
    (defaults.default_dynamic_qconfig, ("qint8",), ("qint8",)),
    (defaults.float16_dynamic_qconfig, ("float16",), ("float16",)),
]


@pytest.mark.parametrize(("qconfig", "network", "cell"), DYNAMIC)
def test_dynamic_bodies(qconfig: Any, network: tuple[Any, ...], cell: tuple[Any, ...]) -> None:
    """Reasons of a module are those of what stands in it; parts of quantized layers are no layers."""
    body, reference = dynamically(qconfig)
    layers, stayed = schemes_of(body, reference, {"inner.norm": "its own"})
    assert layers == {
        "inner.lstm": LayerScheme("LSTM", *network),
        "inner.cell": LayerScheme("RNNCell", *cell),
    }
    assert stayed == {
        "inner": "bare parameters (`bias`): torch quantizes the weights of layers",
        "inner.norm": "its own",
    }
    assert schemes_of(body, reference, {"inner": "all"})[1] == {"inner": "all", "inner.norm": "all"}
    assert schemes_of(body, reference, {})[1]["inner.norm"] == "torch has no quantized operator for LayerNorm"


def test_the_weights_of_quantized_layers() -> None:
    body, reference = dynamically(defaults.per_channel_dynamic_qconfig)
    inner: Any = body["inner"]
    found = quantized_weights(inner.lstm)
    named = dict(reference["inner"].lstm.named_parameters())
    assert set(found) == {name for name in named if name.startswith("weight")}
    for name, weight in found.items():
        assert torch.allclose(weight.dequantize(), named[name], atol=0.01)
    assert set(quantized_weights(inner.cell)) == {"weight_ih", "weight_hh"}
    assert quantized_weights(inner.norm) == {}
