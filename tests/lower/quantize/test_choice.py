"""Which layers a user leaves float, and which qconfig each of the others gets."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.ao.quantization import QConfig, QConfigMapping, fake_quantize, quantize_fx
from torch.ao.quantization import observer as observers
from torch.ao.quantization import qconfig as defaults

from namedtorch.diagnostics import LowerError
from namedtorch.lower.quantize.choice import chosen, within
from namedtorch.lower.quantize.layers import unable
from namedtorch.lower.quantize.qconfigs import given_mapping, graph_qconfigs, layer_qconfigs
from namedtorch.lower.quantize.quiet import quiet_quantization


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 1)
        self.gate = nn.Linear(4, 4)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block(), Block()])
        self.head = nn.Linear(4, 2)
        self.aux = nn.Sequential()
        self.aux.head = nn.Linear(4, 2)
        self.aux.gates = nn.Linear(4, 2)
        self.alias = self.aux


CHOSEN: list[tuple[list[Any], set[str]]] = [
    ([], set()),
    (["blocks.0"], {"blocks.0", "blocks.0.conv", "blocks.0.gate"}),
    (["head"], {"head"}),
    (["gate"], {"blocks.0.gate", "blocks.1.gate"}),
    (["1.gate"], {"blocks.1.gate"}),
    (["aux.head"], {"aux.head", "alias.head"}),
    (["alias"], {"aux", "aux.head", "aux.gates", "alias", "alias.head", "alias.gates"}),
    (["blocks.*.conv", nn.Identity], {"blocks.0.conv", "blocks.1.conv"}),
    (["*.gate?"], {"aux.gates", "alias.gates"}),
    ([nn.Conv2d], {"blocks.0.conv", "blocks.1.conv"}),
    ([nn.modules.conv._ConvNd], {"blocks.0.conv", "blocks.1.conv"}),
    (["head", Block], {"head", *(f"blocks.{n}{part}" for n in (0, 1) for part in ("", ".conv", ".gate"))}),
]


@pytest.mark.parametrize(("skip", "paths"), CHOSEN)
def test_what_is_chosen(skip: list[Any], paths: set[str]) -> None:
    net = Net()
    net.aux.add_module("nothing", nn.Identity())
    expected = paths | ({"aux.nothing", "alias.nothing"} if nn.Identity in skip or "alias" in skip else set())
    assert set(chosen(net, skip)) == expected


def test_reasons_name_what_chose() -> None:
    assert chosen(Net(), ["head", nn.Conv2d]) == {
        "head": "it is skipped, by `head`",
        "blocks.0.conv": "it is skipped, by `Conv2d`",
        "blocks.1.conv": "it is skipped, by `Conv2d`",
    }


REFUSED: list[tuple[Any, str]] = [
    ("hed", "skip='hed' names no layer of the model; did you mean `head`?"),
    ("blocks.0.gates", "skip='blocks.0.gates' names no layer of the model; did you mean `blocks.0.gate` or "),
    (
        "encoder",
        "skip='encoder' names no layer of the model; its layers begin with `blocks`, `head`, `aux`, `alias`",
    ),
    ("Linear", "skip='Linear' is a class of layers here, no path: give the class itself, without quotes"),
    ("x*", "skip='x*' names no layer of the model; its layers begin with `blocks`, `head`, `aux`, `alias`"),
    ("", "skip='' is the whole model, and nothing would be left to quantize"),
    (
        nn.LSTM,
        "skip=LSTM: the model has no such layer; it has `Block`, `Conv2d`, `Linear`, `ModuleList`, `Sequential`",
    ),
    (int, "skip=int: only layers are skipped, and this is no class of modules"),
    (7, "skip takes paths of layers and classes of layers, not int: skip=['head', nn.Conv2d]"),
]


@pytest.mark.parametrize(("skip", "message"), REFUSED)
def test_names_of_nothing_are_refused(skip: Any, message: str) -> None:
    with pytest.raises(LowerError) as caught:
        chosen(Net(), [skip])
    assert str(caught.value).startswith(message)


def test_within() -> None:
    left = {"a.b": "", "c": ""}
    assert [path for path in ("a", "a.b", "a.b.c", "a.bc", "c", "c.d", "") if within(path, left)] == [
        "a.b",
        "a.b.c",
        "c",
        "c.d",
    ]


ONE = defaults.default_dynamic_qconfig
TWO = defaults.per_channel_dynamic_qconfig
THREE = defaults.float16_dynamic_qconfig


def by_layer(net: nn.Module, qconfig: Any) -> dict[str, Any]:
    paths = {path: one for path, one in net.named_modules() if isinstance(one, nn.Linear | nn.Embedding)}
    return layer_qconfigs(net, paths, qconfig, lambda layer: f"default of {type(layer).__name__}")


def test_a_mapping_means_what_it_means_in_torch() -> None:
    """By name before by pattern, that before by class, that before for all; a name is also of all in it."""
    net = Net()
    mapping = (
        QConfigMapping()
        .set_global(None)
        .set_object_type(nn.Linear, ONE)
        .set_module_name_regex(r".*gate", TWO)
        .set_module_name("blocks.1", THREE)
        .set_module_name("aux.head", None)
    )
    assert by_layer(net, mapping) == {
        "blocks.0.gate": TWO,
        "blocks.1.gate": THREE,
        "head": ONE,
        "aux.head": None,
        "aux.gates": TWO,
    }
    mapping.set_module_name_object_type_order("aux", nn.Linear, 1, THREE)
    assert by_layer(net, mapping)["aux.gates"] is THREE
    assert by_layer(net, mapping.to_dict())["aux.gates"] is THREE


def test_one_qconfig_is_for_all_layers_but_tables() -> None:
    net = nn.Sequential(nn.Embedding(4, 4), nn.Linear(4, 4))
    assert by_layer(net, ONE) == {"0": "default of Embedding", "1": ONE}
    assert by_layer(net, None) == {"0": "default of Embedding", "1": "default of Linear"}
    tables = QConfigMapping().set_object_type(nn.Embedding, defaults.float_qparams_weight_only_qconfig)
    assert by_layer(net, tables) == {"0": defaults.float_qparams_weight_only_qconfig, "1": None}


def test_a_qconfig_that_is_none() -> None:
    with pytest.raises(
        LowerError, match=r"takes torch\.ao\.quantization\.QConfig\(.*\) for all layers.*not str"
    ):
        given_mapping("x86")


WEIGHTS: list[tuple[str, bool, bool, Any]] = [
    ("x86", True, False, observers.default_per_channel_weight_observer),
    ("x86", False, False, observers.default_weight_observer),
    ("qnnpack", True, False, observers.default_per_channel_weight_observer),
    ("qnnpack", False, True, fake_quantize.default_fused_wt_fake_quant),
    ("x86", True, True, fake_quantize.default_fused_per_channel_wt_fake_quant),
]


@pytest.mark.parametrize(("engine", "per_channel", "train", "weight"), WEIGHTS)
def test_the_defaults_of_a_graph(engine: str, per_channel: bool, train: bool, weight: Any) -> None:
    mapping = graph_qconfigs(Net(), engine=engine, per_channel=per_channel, qconfig=None, train=train)
    assert mapping.global_qconfig.weight is weight
    transposed = mapping.object_type_qconfigs[nn.ConvTranspose2d]
    assert transposed.activation is mapping.global_qconfig.activation
    assert transposed.weight().qscheme == torch.per_tensor_symmetric
    tables = mapping.object_type_qconfigs[nn.Embedding].weight()
    assert (
        tables if not train else tables.activation_post_process
    ).qscheme == torch.per_channel_affine_float_qparams


def test_paths_of_a_part_of_a_model() -> None:
    """The user names layers by their paths in the whole model, and torch.fx prepares a part of it."""
    own = QConfig(observers.MinMaxObserver, observers.default_weight_observer)
    mapping = (
        QConfigMapping()
        .set_global(ONE)
        .set_module_name("blocks.0.conv", own)
        .set_module_name_regex(r"blocks\..*gate", TWO)
        .set_module_name_object_type_order("blocks.0", torch.add, 1, THREE)
        .set_module_name_object_type_order("aux", torch.add, 0, THREE)
    )
    asked: dict[str, Any] = {"engine": "x86", "per_channel": True, "train": False}
    net = Net()
    made = graph_qconfigs(net.blocks[0], qconfig=mapping, prefix="blocks.0", **asked)
    assert made.global_qconfig is ONE
    assert dict(made.module_name_qconfigs) == {"conv": own, "gate": TWO}
    assert dict(made.module_name_object_type_order_qconfigs) == {("", torch.add, 1): THREE}
    left = {"blocks.0.gate": "skipped"}
    made = graph_qconfigs(net.blocks[0], qconfig=mapping, prefix="blocks.0", left=left, **asked)
    assert dict(made.module_name_qconfigs) == {"conv": own, "gate": None}
    whole = QConfigMapping().set_object_type(nn.Linear, TWO).set_module_name("blocks", own)
    made = graph_qconfigs(net.blocks[0], qconfig=whole, prefix="blocks.0", **asked)
    assert (made.global_qconfig, dict(made.object_type_qconfigs)) == (own, {})


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.relu = nn.ReLU()
        self.last = nn.Conv2d(4, 4, 3)
        self.bag = nn.EmbeddingBag(5, 4)

    def forward(self, image: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        return self.last(self.relu(self.conv(image))).mean((2, 3)) + self.bag(tokens)


@pytest.mark.parametrize(("skip", "kinds"), [([], "QQf"), (["last"], "Qff"), ([nn.Conv2d], "fff")])
def test_torch_takes_the_mapping(skip: list[Any], kinds: str) -> None:
    """What is skipped by class is left by path, for a class without a qconfig can't be fused; bags that take the mean
    of their rows are left too, since torch's quantized ones sum them."""
    small = Small().eval()
    inputs = torch.randn(2, 3, 8, 8), torch.tensor([[1, 2], [3, 4]])
    with quiet_quantization():
        mapping = graph_qconfigs(
            small, engine="x86", per_channel=True, qconfig=None, train=False, left=chosen(small, skip)
        )
        prepared = quantize_fx.prepare_fx(small, mapping, inputs)
        prepared(*inputs)
        made = quantize_fx.convert_fx(prepared)
        made(*inputs)
    layers = (made.conv, made.last, made.bag)
    assert "".join("Q" if ".quantized" in type(one).__module__ else "f" for one in layers) == kinds


UNABLE: list[tuple[nn.Module, str]] = [
    (nn.Linear(2, 2), ""),
    (nn.LSTM(2, 2), ""),
    (nn.Embedding(2, 2, padding_idx=0), ""),
    (nn.EmbeddingBag(2, 2, mode="sum"), ""),
    (nn.Linear(2, 2).half(), "its weights are float16, and torch quantizes float32"),
    (nn.LSTM(2, 3, proj_size=2), "torch's quantized one has no projections (proj_size=2)"),
    (nn.EmbeddingBag(2, 2), "torch's quantized one sums the rows of a bag, it has no mode='mean'"),
    (
        nn.EmbeddingBag(2, 2, mode="sum", padding_idx=1),
        "torch's quantized one leaves no row out of a bag (padding_idx=1)",
    ),
    (nn.Embedding(2, 2, max_norm=0.5), "torch's quantized one does not renormalize rows (max_norm=0.5)"),
]


@pytest.mark.parametrize(("layer", "reason"), UNABLE)
def test_what_the_quantized_layers_of_torch_cannot_do(layer: nn.Module, reason: str) -> None:
    assert unable(layer) == reason
