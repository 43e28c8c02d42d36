"""One instance of a module of torch for each way in which its row can come out, with sizes that tell dims apart."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from namedtorch.dims.bindings import Bindings
from namedtorch.dims.pattern import Dim, Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.hints import Hint, PlainHint, TensorHint, TupleHint
from namedtorch.signature.signature import Signature

PRIMES = (13, 17, 19, 23, 29, 31, 37)


@dataclass(frozen=True)
class Instance:
    """A module to construct, and the dims of its parameters and buffers, in the order in which torch has them."""

    kind: type[nn.Module]
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    state: dict[str, str]

    def __str__(self) -> str:
        given = [*map(_text, self.arguments), *(f"{name}={_text(one)}" for name, one in self.options.items())]
        return f"{self.kind.__name__}({', '.join(given)})"

    def make(self, device: str = "meta") -> nn.Module:
        """The module in eval mode."""
        with torch.device(device):
            return self.kind(*self.arguments, **self.options).eval()


def _text(value: object) -> str:
    return f"tensor{tuple(value.shape)}" if isinstance(value, torch.Tensor) else repr(value)


def of(kind: type[nn.Module], *arguments: Any, state: str = "", **options: Any) -> Instance:
    """An instance; `state` lists its parameters and buffers: `weight: out=7 in=5, bias: out=7`."""
    parts = (one.split(":") for one in state.split(",") if one)
    return Instance(kind, arguments, options, {name.strip(): dims.strip() for name, dims in parts})


def reader(module: nn.Module) -> Callable[[str], object]:
    """The attributes of a module as a row reads them."""
    return lambda name: getattr(module, name, Unknown)


def names_of(owner: type) -> list[str]:
    """The qualified names of a class and its bases."""
    return [f"{one.__module__}.{one.__qualname__}" for one in owner.__mro__]


def own_state(module: nn.Module) -> dict[str, torch.Tensor]:
    """The parameters and buffers of a module, without those of its children."""
    found = {**module._parameters, **module._buffers}
    return {name: value for name, value in found.items() if value is not None}


def drawn(shape: Shape, sizes: dict[str, int], many: int) -> list[int]:
    """Sizes for a tensor of a shape; `sizes` remembers those of its free dims, a group is `many` axes."""
    found: list[int] = []
    for axis in shape.axes:
        if isinstance(axis, Group):
            found += [sizes.setdefault(f"*{axis.name}{place}", PRIMES[len(sizes)]) for place in range(many)]
        else:
            assert isinstance(axis, Dim)
            known = axis.size.value if axis.size is not Unknown else Unknown
            if axis.name is Unknown and known is Unknown:
                found.append(PRIMES[len(sizes)])
            else:
                found.append(
                    known if known is not Unknown else sizes.setdefault(str(axis.name), PRIMES[len(sizes)])
                )
    return found


def inputs(signature: Signature, many: int) -> list[list[int]]:
    """The sizes of the arguments of one call."""
    sizes: dict[str, int] = {}
    return [drawn(hint_of(one.hint).shape, sizes, many) for one in signature.parameters]


def hint_of(hint: Hint) -> TensorHint:
    """The hint of a parameter of a row, which is a tensor."""
    assert isinstance(hint, TensorHint)
    return hint


def call(module: nn.Module, sizes: list[list[int]], dtype: torch.dtype = torch.float32) -> Any:
    """Runs a forward, on tensors without data where the module has none."""
    state = next(iter(own_state(module).values()), None)
    device = "meta" if state is None else state.device
    return module(*(torch.zeros(one, device=device, dtype=dtype) for one in sizes))


def bound(signature: Signature, sizes: list[list[int]]) -> Bindings:
    """What the arguments of a call bind."""
    bindings = Bindings()
    for one, given in zip(signature.parameters, sizes, strict=True):
        bindings = hint_of(one.hint).shape.match(given, bindings, argument=one.name)
    return bindings


def match_result(hint: Hint, value: Any, bindings: Bindings) -> Bindings:
    """Matches what a forward returned; raises `DimError`, or AssertionError for another structure."""
    match hint:
        case TensorHint(shape=shape):
            assert isinstance(value, torch.Tensor)
            return shape.match(tuple(value.shape), bindings, argument="result")
        case TupleHint(items=items):
            assert isinstance(value, tuple)
            for item, one in zip(items, value, strict=True):
                bindings = match_result(item, one, bindings)
            return bindings
        case PlainHint():
            return bindings
        case _:
            raise AssertionError(f"a row has no result of the kind {hint!r}")


AFFINE = "weight: channels=5, bias: channels=5"
STATISTICS = "running_mean: channels=5, running_var: channels=5, num_batches_tracked:"
RUNNING = f"{AFFINE}, {STATISTICS}"

STATEFUL = [
    of(nn.Linear, 5, 7, state="weight: out=7 in=5, bias: out=7"),
    of(nn.Linear, 5, 7, bias=False, state="weight: out=7 in=5"),
    of(nn.Linear, 1, 7, state="weight: out=7 in=1, bias: out=7"),
    of(nn.modules.linear.NonDynamicallyQuantizableLinear, 5, 7, state="weight: out=7 in=5, bias: out=7"),
    of(nn.Bilinear, 5, 7, 11, state="weight: out=11 in1=5 in2=7, bias: out=11"),
    of(nn.Bilinear, 5, 7, 11, bias=False, state="weight: out=11 in1=5 in2=7"),
    of(nn.Conv1d, 5, 7, 3, state="weight: out=7 in=5 k=3, bias: out=7"),
    of(nn.Conv1d, 1, 7, 3, state="weight: out=7 in=1 k=3, bias: out=7"),
    of(nn.Conv2d, 5, 7, (2, 3), state="weight: out=7 in=5 kh=2 kw=3, bias: out=7"),
    of(nn.Conv2d, 5, 7, 3, bias=False, padding="same", state="weight: out=7 in=5 kh=3 kw=3"),
    of(
        nn.Conv2d, 5, 7, 3, stride=2, dilation=2, padding=1, state="weight: out=7 in=5 kh=3 kw=3, bias: out=7"
    ),
    of(
        nn.Conv2d,
        5,
        7,
        3,
        padding=1,
        padding_mode="circular",
        state="weight: out=7 in=5 kh=3 kw=3, bias: out=7",
    ),
    of(nn.Conv2d, 6, 4, (2, 3), groups=2, state="weight: out=4 in_per_group=3 kh=2 kw=3, bias: out=4"),
    of(nn.Conv2d, 5, 15, 3, groups=5, state="weight: out=15 in_per_group=1 kh=3 kw=3, bias: out=15"),
    of(nn.Conv3d, 5, 7, (2, 3, 11), state="weight: out=7 in=5 kd=2 kh=3 kw=11, bias: out=7"),
    of(nn.ConvTranspose1d, 5, 7, 3, state="weight: in=5 out=7 k=3, bias: out=7"),
    of(nn.ConvTranspose2d, 5, 7, (2, 3), state="weight: in=5 out=7 kh=2 kw=3, bias: out=7"),
    of(nn.ConvTranspose2d, 6, 4, 3, groups=2, state="weight: in=6 out_per_group=2 kh=3 kw=3, bias: out=4"),
    of(nn.ConvTranspose3d, 5, 7, (2, 3, 11), bias=False, state="weight: in=5 out=7 kd=2 kh=3 kw=11"),
    of(nn.BatchNorm1d, 5, state=RUNNING),
    of(nn.BatchNorm2d, 5, state=RUNNING),
    of(nn.BatchNorm2d, 5, track_running_stats=False, state=AFFINE),
    of(
        nn.BatchNorm2d,
        5,
        affine=False,
        state=STATISTICS,
    ),
    of(nn.BatchNorm3d, 5, state=RUNNING),
    of(nn.SyncBatchNorm, 5, state=RUNNING),
    of(nn.InstanceNorm1d, 5, affine=True, state=AFFINE),
    of(nn.InstanceNorm2d, 5, affine=True, track_running_stats=True, state=RUNNING),
    of(nn.InstanceNorm3d, 5, affine=True, state=AFFINE),
    of(nn.GroupNorm, 3, 15, state="weight: channels=15, bias: channels=15"),
    of(nn.LayerNorm, 5, state="weight: normalized=5, bias: normalized=5"),
    of(nn.LayerNorm, (5,), bias=False, state="weight: normalized=5"),
    of(
        nn.LayerNorm,
        (5, 7),
        state="weight: normalized0=5 normalized1=7, bias: normalized0=5 normalized1=7",
    ),
    of(nn.RMSNorm, (5, 7), state="weight: normalized0=5 normalized1=7"),
    of(nn.PReLU, state="weight: parameters=1"),
    of(nn.PReLU, 5, state="weight: parameters=5"),
    of(
        nn.RNNCell,
        5,
        7,
        state="weight_ih: hidden=7 in=5, weight_hh: hidden=7 hidden=7, bias_ih: hidden=7, bias_hh: hidden=7",
    ),
    of(nn.GRUCell, 5, 7, bias=False, state="weight_ih: gates=21 in=5, weight_hh: gates=21 hidden=7"),
    of(
        nn.LSTMCell,
        5,
        7,
        state="weight_ih: gates=28 in=5, weight_hh: gates=28 hidden=7, bias_ih: gates=28, bias_hh: gates=28",
    ),
    of(
        nn.RNN,
        5,
        7,
        state="weight_ih_l0: hidden=7 in=5, weight_hh_l0: hidden=7 hidden=7, "
        "bias_ih_l0: hidden=7, bias_hh_l0: hidden=7",
    ),
    of(
        nn.RNN,
        5,
        7,
        num_layers=2,
        nonlinearity="relu",
        bias=False,
        state="weight_ih_l0: hidden=7 in=5, weight_hh_l0: hidden=7 hidden=7, "
        "weight_ih_l1: hidden=7 hidden=7, weight_hh_l1: hidden=7 hidden=7",
    ),
    of(
        nn.GRU,
        5,
        7,
        num_layers=2,
        bidirectional=True,
        bias=False,
        state="weight_ih_l0: gates=21 in=5, weight_hh_l0: gates=21 hidden=7, "
        "weight_ih_l0_reverse: gates=21 in=5, weight_hh_l0_reverse: gates=21 hidden=7, "
        "weight_ih_l1: gates=21 14, weight_hh_l1: gates=21 hidden=7, "
        "weight_ih_l1_reverse: gates=21 14, weight_hh_l1_reverse: gates=21 hidden=7",
    ),
    of(
        nn.LSTM,
        5,
        7,
        batch_first=True,
        state="weight_ih_l0: gates=28 in=5, weight_hh_l0: gates=28 hidden=7, "
        "bias_ih_l0: gates=28, bias_hh_l0: gates=28",
    ),
    of(
        nn.LSTM,
        5,
        7,
        num_layers=2,
        proj_size=3,
        bidirectional=True,
        bias=False,
        state="weight_ih_l0: gates=28 in=5, weight_hh_l0: gates=28 proj=3, weight_hr_l0: proj=3 hidden=7, "
        "weight_ih_l0_reverse: gates=28 in=5, weight_hh_l0_reverse: gates=28 proj=3, "
        "weight_hr_l0_reverse: proj=3 hidden=7, "
        "weight_ih_l1: gates=28 6, weight_hh_l1: gates=28 proj=3, weight_hr_l1: proj=3 hidden=7, "
        "weight_ih_l1_reverse: gates=28 6, weight_hh_l1_reverse: gates=28 proj=3, "
        "weight_hr_l1_reverse: proj=3 hidden=7",
    ),
    of(nn.MultiheadAttention, 10, 2, state="in_proj_weight: qkv=30 embed=10, in_proj_bias: qkv=30"),
    of(nn.MultiheadAttention, 10, 2, bias=False, batch_first=True, state="in_proj_weight: qkv=30 embed=10"),
    of(
        nn.MultiheadAttention,
        10,
        2,
        kdim=7,
        vdim=11,
        add_bias_kv=True,
        state="q_proj_weight: embed=10 embed=10, k_proj_weight: embed=10 kdim=7, v_proj_weight: embed=10 vdim=11, "
        "in_proj_bias: qkv=30, bias_k: 1 1 embed=10, bias_v: 1 1 embed=10",
    ),
]
"""Instances whose forward takes tensors of floats and looks at every size that the row says it does."""

INDEXED = [
    of(nn.Embedding, 5, 7, state="weight: vocabulary=5 features=7"),
    of(nn.Embedding, 5, 7, padding_idx=2, max_norm=1.0, state="weight: vocabulary=5 features=7"),
    of(nn.EmbeddingBag, 5, 7, mode="sum", state="weight: vocabulary=5 features=7"),
]
"""Instances whose forward takes indices."""

UNDEMANDING = [
    of(nn.BatchNorm2d, 5, affine=False, track_running_stats=False),
    of(nn.InstanceNorm2d, 5),
    of(nn.GroupNorm, 1, 5, affine=False),
]
"""Instances without state, whose forward takes any number of channels."""

STATELESS = [
    of(nn.LayerNorm, (5, 7), elementwise_affine=False),
    of(nn.RMSNorm, 5, elementwise_affine=False),
    *(
        of(getattr(nn, name))
        for name in ("Identity", "ReLU", "ReLU6", "GELU", "SiLU", "Mish", "ELU", "SELU", "CELU")
    ),
    *(
        of(getattr(nn, name))
        for name in ("LeakyReLU", "RReLU", "Sigmoid", "LogSigmoid", "Tanh", "Tanhshrink")
    ),
    *(of(getattr(nn, name)) for name in ("Softplus", "Softsign", "Softshrink", "Hardshrink", "Hardtanh")),
    *(
        of(getattr(nn, name))
        for name in ("Hardsigmoid", "Hardswish", "Dropout", "AlphaDropout", "FeatureAlphaDropout")
    ),
    *(of(getattr(nn, name), dim=0) for name in ("Softmax", "Softmin", "LogSoftmax")),
    of(nn.Threshold, 0.5, 0.0),
]
"""Instances without parameters and buffers."""

GIVEN = [
    of(nn.CrossEntropyLoss, torch.ones(5), state="weight: classes"),
    of(nn.NLLLoss, torch.ones(5), state="weight: classes"),
    of(nn.MultiMarginLoss, weight=torch.ones(5), state="weight: classes"),
    of(nn.MultiLabelSoftMarginLoss, torch.ones(5), state="weight: classes"),
    of(
        nn.FractionalMaxPool2d,
        3,
        2,
        _random_samples=torch.ones(5, 7, 2),
        state="_random_samples: n channels 2",
    ),
    of(
        nn.FractionalMaxPool3d,
        3,
        2,
        _random_samples=torch.ones(5, 7, 3),
        state="_random_samples: n channels 3",
    ),
    of(nn.BCELoss, torch.ones(5, 7), state="weight: ..."),
    of(
        nn.BCEWithLogitsLoss, torch.ones(5), pos_weight=torch.ones(7, 5), state="weight: ..., pos_weight: ..."
    ),
]
"""Instances whose buffers are what the user gives."""
