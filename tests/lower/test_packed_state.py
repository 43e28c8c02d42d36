"""What quantized layers have packed, with the dims that it had as parameters."""

import torch
from torch import nn

from namedtorch.archive.manifest import State
from namedtorch.archive.quantization import LayerScheme
from namedtorch.lower.quantize.packed import packed_state


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU())
        self.lstm = nn.LSTM(4, 5)
        self.head = nn.Linear(5, 2)


def test_weights_have_the_dtype_of_the_scheme_and_biases_their_own() -> None:
    found = packed_state(
        Net(), {"head": LayerScheme("Linear", "qint8"), "lstm": LayerScheme("LSTM", "float16")}
    )
    assert found == {
        "head.weight": State("packed", "qint8", (2, 5), "out=2 in=5"),
        "head.bias": State("packed", "float32", (2,), "out=2"),
        "lstm.weight_ih_l0": State("packed", "float16", (20, 4), "gates=20 in=4"),
        "lstm.weight_hh_l0": State("packed", "float16", (20, 5), "gates=20 hidden=5"),
        "lstm.bias_ih_l0": State("packed", "float32", (20,), "gates=20"),
        "lstm.bias_hh_l0": State("packed", "float32", (20,), "gates=20"),
    }


def test_what_a_layer_took_in_has_no_entry_of_its_own() -> None:
    net = Net().to(memory_format=torch.channels_last)
    found = packed_state(net, {"block": LayerScheme("Conv2d", "qint8", fused=("BatchNorm2d", "ReLU"))})
    assert found == {"block.weight": State("packed", "qint8", (4, 3, 3, 3), "out=4 in=3 kh=3 kw=3")}


def test_the_model_itself_can_be_the_layer() -> None:
    found = packed_state(nn.Linear(3, 2, bias=False), {"": LayerScheme("Linear", "qint8")})
    assert found == {"weight": State("packed", "qint8", (2, 3), "out=2 in=3")}


def test_layers_without_weights_have_none() -> None:
    layers = {"block.2": LayerScheme("ReLU", activation="quint8"), "gone": LayerScheme("Linear", "qint8")}
    assert packed_state(Net(), layers) == {}
    assert packed_state(Net(), {"block.2": LayerScheme("ReLU", "qint8")}) == {}
