"""What a row says of an instance of which some attributes are known, as numbers or as sizes."""

from typing import Any

import pytest

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.attribute import attribute_root, read_flag, read_size, read_sizes
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.table import MODULES

C, K = Size.symbol("C"), Size.symbol("K")
LSTM_FLAGS = {"num_layers": 1, "bidirectional": False, "proj_size": 0, "batch_first": True}

STATES: list[tuple[str, dict[str, Any], str, str]] = [
    ("Linear", {}, "weight", "out in"),
    ("Linear", {"in_features": 5}, "weight", "out in=5"),
    ("Linear", {"in_features": C, "out_features": 2 * C}, "weight", "out=2*C in=C"),
    ("Linear", {"in_features": None}, "weight", "out in"),
    ("Linear", {"in_features": True}, "weight", "out in"),
    ("Conv2d", {"in_channels": 5, "groups": 1, "kernel_size": 3}, "weight", "out in=5 kh=3 kw=3"),
    ("Conv2d", {"in_channels": 5, "groups": 1, "kernel_size": (2, 3)}, "weight", "out in=5 kh=2 kw=3"),
    ("Conv2d", {"in_channels": 6, "groups": 2}, "weight", "out in_per_group=3 kh kw"),
    ("Conv2d", {"in_channels": 6, "groups": 6}, "weight", "out in_per_group=1 kh kw"),
    ("Conv2d", {"in_channels": 1, "groups": 1}, "weight", "out in=1 kh kw"),
    ("Conv2d", {"in_channels": 6}, "weight", "out in_per_group=6//groups kh kw"),
    ("Conv2d", {"in_channels": C, "groups": C}, "weight", "out in_per_group=1 kh kw"),
    ("Conv2d", {"in_channels": C, "groups": 1}, "weight", "out in=C kh kw"),
    ("Conv2d", {"groups": 1}, "weight", "out in kh kw"),
    ("ConvTranspose1d", {"out_channels": 6, "groups": 2}, "weight", "in out_per_group=3 k"),
    ("LayerNorm", {}, "weight", "*normalized"),
    ("LayerNorm", {"normalized_shape": 5}, "weight", "normalized=5"),
    ("LayerNorm", {"normalized_shape": [5]}, "weight", "normalized=5"),
    ("LayerNorm", {"normalized_shape": (5, C)}, "weight", "normalized0=5 normalized1=C"),
    ("LayerNorm", {"normalized_shape": (5, None)}, "weight", "*normalized"),
    ("LSTM", {"hidden_size": K, **LSTM_FLAGS}, "weight_ih_l0", "gates=4*K in"),
    ("GRUCell", {"hidden_size": 7}, "weight_hh", "gates=21 hidden=7"),
    ("BatchNorm2d", {"num_features": 5}, "num_batches_tracked", ""),
]

FORWARDS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("Linear", {}, ["input: *batch in -> *batch out"]),
    ("Linear", {"in_features": 5, "out_features": K}, ["input: *batch in=5 -> *batch out=K"]),
    (
        "Conv1d",
        {"in_channels": 5},
        ["input: n in=5 l -> n out _", "input: in=5 l -> out _"],
    ),
    (
        "LayerNorm",
        {"normalized_shape": (5, 7)},
        ["input: *batch normalized0=5 normalized1=7 -> *batch normalized0=5 normalized1=7"],
    ),
    ("PReLU", {}, ["input: *dims -> *dims"]),
    ("PReLU", {"num_parameters": 1}, ["input: *dims -> *dims"]),
    ("PReLU", {"num_parameters": 5}, ["input: n parameters=5 *dims -> n parameters=5 *dims"]),
    (
        "LSTM",
        {"input_size": 5, "hidden_size": 7, **LSTM_FLAGS},
        [
            "input: n t in=5 -> n t hidden=7, tuple[layers=1 n hidden=7, layers=1 n hidden=7]",
            "input: t in=5 -> t hidden=7, tuple[layers=1 hidden=7, layers=1 hidden=7]",
        ],
    ),
    ("GRU", {}, ["input: _ _ in -> _ _ _, _ n hidden", "input: t in -> t _, _ hidden"]),
    (
        "MultiheadAttention",
        {"embed_dim": 10, "kdim": 10, "vdim": 7, "batch_first": True},
        [
            "query: n t embed=10, key: n s embed=10, value: n s vdim=7 -> n t embed=10, Any",
            "query: t embed=10, key: s embed=10, value: s vdim=7 -> t embed=10, Any",
        ],
    ),
    ("CrossEntropyLoss", {}, []),
]


def rule(name: str) -> ModuleRule:
    return MODULES[f"torch.nn.{name}"]


@pytest.mark.parametrize(("name", "attributes", "tensor", "text"), STATES)
def test_the_shapes_of_parameters_hold_what_is_known(
    name: str, attributes: dict[str, Any], tensor: str, text: str
) -> None:
    dims = rule(name).state_dims(lambda one: attributes.get(one, Unknown), [tensor])
    assert {one: str(shape) for one, shape in dims.items()} == {tensor: text}


@pytest.mark.parametrize(("name", "attributes", "texts"), FORWARDS)
def test_the_signatures_of_a_forward_hold_what_is_known(
    name: str, attributes: dict[str, Any], texts: list[str]
) -> None:
    assert [str(one) for one in rule(name).forwards(lambda one: attributes.get(one, Unknown))] == texts


def test_a_parameter_that_a_row_does_not_hold_has_no_shape() -> None:
    assert rule("Linear").state_dims(lambda _: Unknown, ["scale", "bias"]).keys() == {"bias"}
    assert rule("LSTM").state_dims(lambda _: Unknown, ["weight_ih_l0"]) == {}


ENFORCED: list[tuple[str, dict[str, Any], list[str], dict[str, str]]] = [
    ("Linear", {"in_features": 5}, ["weight"], {"in": "in_features"}),
    ("Linear", {"in_features": 5, "out_features": 7}, ["bias"], {"out": "out_features"}),
    ("Linear", {"in_features": 5}, [], {}),
    ("Linear", {}, ["weight"], {}),
    ("Conv2d", {"kernel_size": 3}, ["weight"], {"kh": "kernel_size[0]", "kw": "kernel_size[1]"}),
    (
        "LayerNorm",
        {"normalized_shape": (5, 7)},
        [],
        {"normalized0": "normalized_shape[0]", "normalized1": "normalized_shape[1]"},
    ),
    ("GroupNorm", {"num_channels": 5}, [], {}),
]


@pytest.mark.parametrize(("name", "attributes", "state", "found"), ENFORCED)
def test_what_stands_in_no_parameter_is_not_enforced(
    name: str, attributes: dict[str, Any], state: list[str], found: dict[str, str]
) -> None:
    enforced = rule(name).enforced(lambda one: attributes.get(one, Unknown), state)
    assert {dim: one.attribute for dim, one in enforced.items()} == found


def test_attributes_are_read_as_sizes_and_flags() -> None:
    values: dict[str, object] = {"n": 3, "pair": (2, 5), "text": "34", "flag": True, "ratio": 0.5}
    read = values.get
    assert [read_size(read, path) for path in ("n", "n[1]", "pair[1]")] == [
        Size.constant(one) for one in (3, 3, 5)
    ]
    for path in ("pair", "pair[2]", "text", "text[0]", "flag", "ratio", "missing", "missing[0]"):
        assert read_size(read, path) is Unknown, path
    assert read_sizes(read, "pair") == (Size.constant(2), Size.constant(5))
    assert read_sizes(read, "n") == (Size.constant(3),)
    assert read_sizes(read, "text") is Unknown
    assert (read_flag(read, "flag"), read_flag(read, "n")) == (True, Unknown)
    assert attribute_root("pair[1]") == "pair"
    with pytest.raises(ValueError, match="is not the path of an attribute"):
        read_size(read, "self.n")
