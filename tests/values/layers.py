"""Calls of the modules of torch on named tensors: the dims that go in, and those that come out.

A case is one line: `Linear(5, 7)` under "N=2 T=3 in=5 -> N T _"; tests/values/drawing.py says how tensors are written.
"""

from dataclasses import dataclass, replace
from typing import Any

import torch
from einops.layers.torch import Rearrange, Reduce
from torch import nn

from tests.values.drawing import taken


@dataclass(frozen=True)
class Layer:
    """One call: the class, how it is made, and its dims."""

    kind: type[nn.Module]
    made: tuple[Any, ...]
    options: dict[str, Any]
    dims: str

    def __str__(self) -> str:
        given = [
            *(type(one).__name__ if isinstance(one, nn.Module) else repr(one) for one in self.made),
            *(f"{name}={one!r}" for name, one in self.options.items() if not isinstance(one, torch.Tensor)),
        ]
        return f"{self.kind.__name__}({', '.join(given)}): {self.dims}"

    @property
    def plain(self) -> "Layer":
        """The case with a number in the place of the dim that is told by name."""
        dim = self.options.get("dim")
        if not isinstance(dim, str):
            return self
        return replace(self, options={**self.options, "dim": taken(self.dims)[0][1].index(dim)})

    def make(self, training: bool) -> nn.Module:
        """The module, always the same."""
        torch.default_generator.manual_seed(0)
        return self.kind(*self.made, **self.options).train(training)


def layer(kind: type[nn.Module], dims: str, *made: Any, **options: Any) -> Layer:
    """A case."""
    return Layer(kind, made, options, dims)


def _every(names: str, dims: str, *made: Any, **options: Any) -> list[Layer]:
    return [layer(getattr(nn, name), dims, *made, **options) for name in names.split()]


_SAME = "N=2 T=3 C=4 -> N T C"
_IMAGE = "N=2 C=4 H=6 W=6"

ACTIVATIONS = [
    *_every(
        "CELU ELU GELU Hardshrink Hardsigmoid Hardswish Hardtanh Identity LeakyReLU LogSigmoid Mish RReLU ReLU ReLU6 "
        "SELU SiLU Sigmoid Softplus Softshrink Softsign Tanh Tanhshrink PReLU Dropout AlphaDropout FeatureAlphaDropout",
        _SAME,
    ),
    layer(nn.Threshold, _SAME, 0.1, 2.0),
    *_every("Softmax LogSoftmax Softmin", _SAME, dim=1),
    *_every("Softmax LogSoftmax Softmin", _SAME, dim="T"),
    layer(nn.Softmax2d, "N=2 C=3 H=4 W=5 -> N C H W"),
    layer(nn.Dropout1d, "N=2 C=3 T=4 -> N C T"),
    layer(nn.Dropout2d, "N=2 C=3 H=4 W=5 -> N C H W"),
    layer(nn.Dropout3d, "N=2 C=3 D=2 H=4 W=5 -> N C D H W"),
    layer(nn.GLU, "N=2 C=4 -> N C"),
    layer(nn.GLU, "N=2 C=4 T=3 -> N C T", dim=1),
    layer(nn.PReLU, "N=2 C=4 T=3 -> N C T", 4),
]

CHANNELS = [
    layer(nn.Linear, "N=2 T=3 in=5 -> N T _", 5, 7),
    layer(nn.Linear, "in=5 -> _", 5, 7),
    layer(nn.modules.linear.NonDynamicallyQuantizableLinear, "N=2 T=3 in=5 -> N T _", 5, 7),
    layer(nn.LazyLinear, "N=2 T=3 in=5 -> N T _", 7),
    layer(nn.Bilinear, "N=2 one=5, N=2 other=7 -> N _", 5, 7, 11),
    layer(nn.Conv1d, "N=2 C=4 T=9 -> N _ T", 4, 5, 3),
    layer(nn.Conv1d, "C=4 T=9 -> _ T", 4, 5, 3),
    layer(nn.Conv2d, f"{_IMAGE} -> N _ H W", 4, 5, (2, 3)),
    layer(nn.Conv2d, f"{_IMAGE} -> N _ H W", 4, 6, 3, groups=2, stride=2, padding=1),
    layer(nn.Conv2d, f"{_IMAGE} -> N _ H W", 4, 5, 3, padding=1, padding_mode="circular"),
    layer(nn.Conv2d, f"{_IMAGE} -> N _ H W", 4, 5, 3, padding="same"),
    layer(nn.Conv3d, "N=2 C=4 D=3 H=6 W=6 -> N _ D H W", 4, 5, 2),
    layer(nn.ConvTranspose1d, "N=2 C=4 T=9 -> N _ T", 4, 5, 3),
    layer(nn.ConvTranspose2d, f"{_IMAGE} -> N _ H W", 4, 5, 3, stride=2),
    layer(nn.ConvTranspose3d, "N=2 C=4 D=3 H=6 W=6 -> N _ D H W", 4, 5, 2),
    layer(nn.LazyConv1d, "N=2 C=4 T=9 -> N _ T", 5, 3),
    layer(nn.LazyConv2d, f"{_IMAGE} -> N _ H W", 5, 3),
    layer(nn.LazyConv3d, "N=2 C=4 D=3 H=6 W=6 -> N _ D H W", 5, 2),
    layer(nn.LazyConvTranspose1d, "N=2 C=4 T=9 -> N _ T", 5, 3),
    layer(nn.LazyConvTranspose2d, f"{_IMAGE} -> N _ H W", 5, 3),
    layer(nn.LazyConvTranspose3d, "N=2 C=4 D=3 H=6 W=6 -> N _ D H W", 5, 2),
    layer(nn.Embedding, "N=2 T=3:i5 -> N T _", 5, 7),
    layer(nn.Embedding, "N=2 T=3:i5 -> N T _", 5, 7, padding_idx=1, max_norm=1.0),
    layer(nn.EmbeddingBag, "N=2 T=3:i5 -> N _", 5, 7),
    layer(nn.EmbeddingBag, "M=6:i5, N=2:i1 -> N _", 5, 7, mode="sum"),
    layer(nn.EmbeddingBag, "N=2 T=3:i5 -> N _", 5, 7, mode="max"),
]

NORMS = [
    *_every("BatchNorm1d InstanceNorm1d", "N=2 C=4 T=5 -> N C T", 4),
    *_every("LazyBatchNorm1d LazyInstanceNorm1d", "N=2 C=4 T=5 -> N C T"),
    layer(nn.BatchNorm1d, "N=3 C=4 -> N C", 4),
    *_every("BatchNorm2d InstanceNorm2d", f"{_IMAGE} -> N C H W", 4),
    *_every("LazyBatchNorm2d LazyInstanceNorm2d", f"{_IMAGE} -> N C H W"),
    *_every("BatchNorm3d InstanceNorm3d", "N=2 C=4 D=2 H=3 W=3 -> N C D H W", 4),
    *_every("LazyBatchNorm3d LazyInstanceNorm3d", "N=2 C=4 D=2 H=3 W=3 -> N C D H W"),
    layer(nn.SyncBatchNorm, f"{_IMAGE} -> N C H W", 4),
    layer(nn.InstanceNorm2d, f"{_IMAGE} -> N C H W", 4, affine=True, track_running_stats=True),
    layer(nn.GroupNorm, f"{_IMAGE} -> N C H W", 2, 4),
    layer(nn.LayerNorm, "N=2 T=3 C=4 -> N T C", 4),
    layer(nn.LayerNorm, "N=2 T=3 C=4 -> N T C", (3, 4)),
    layer(nn.RMSNorm, "N=2 T=3 C=4 -> N T C", 4),
    layer(nn.LocalResponseNorm, f"{_IMAGE} -> N C H W", 2),
    layer(nn.CrossMapLRN2d, f"{_IMAGE} -> N C H W", 2),
    layer(nn.CosineSimilarity, "N=2 C=4 T=5, N=2 C=4 T=5 -> N T"),
    layer(nn.CosineSimilarity, "N=2 C=4 T=5, N=2 C=4 T=5 -> N C", dim=2),
    layer(nn.PairwiseDistance, "N=2 D=4, N=2 D=4 -> N"),
]

_LINE, _VOLUME = "N=2 C=4 T=8", "N=2 C=4 D=4 H=6 W=6"

PLACES = [
    *_every("ZeroPad1d ReflectionPad1d ReplicationPad1d CircularPad1d", f"{_LINE} -> N C T", 1),
    layer(nn.ConstantPad1d, f"{_LINE} -> N C T", 1, 0.5),
    *_every("ZeroPad2d ReflectionPad2d ReplicationPad2d CircularPad2d", f"{_IMAGE} -> N C H W", (1, 2, 0, 1)),
    layer(nn.ConstantPad2d, f"{_IMAGE} -> N C H W", 1, 0.5),
    *_every("ZeroPad3d ReflectionPad3d ReplicationPad3d CircularPad3d", f"{_VOLUME} -> N C D H W", 1),
    layer(nn.ConstantPad3d, f"{_VOLUME} -> N C D H W", 1, 0.5),
    layer(nn.PixelShuffle, f"{_IMAGE} -> N C H W", 2),
    layer(nn.PixelUnshuffle, f"{_IMAGE} -> N C H W", 2),
    layer(nn.ChannelShuffle, f"{_IMAGE} -> N C H W", 2),
    layer(nn.Upsample, f"{_IMAGE} -> N C H W", scale_factor=2),
    layer(nn.Upsample, f"{_IMAGE} -> N C H W", size=(3, 5), mode="bilinear"),
    layer(nn.UpsamplingNearest2d, f"{_IMAGE} -> N C H W", scale_factor=2),
    layer(nn.UpsamplingBilinear2d, f"{_IMAGE} -> N C H W", size=5),
    *_every("MaxPool1d AvgPool1d", f"{_LINE} -> N C T", 2),
    layer(nn.LPPool1d, f"{_LINE} -> N C T", 2, 2),
    *_every("AdaptiveAvgPool1d AdaptiveMaxPool1d", f"{_LINE} -> N C T", 3),
    *_every("MaxPool2d AvgPool2d", f"{_IMAGE} -> N C H W", 2),
    layer(nn.MaxPool2d, f"{_IMAGE} -> N C H W, N C H W", 2, return_indices=True),
    layer(nn.LPPool2d, f"{_IMAGE} -> N C H W", 2, 2),
    *_every("AdaptiveAvgPool2d AdaptiveMaxPool2d", f"{_IMAGE} -> N C H W", 3),
    layer(nn.AdaptiveAvgPool2d, f"{_IMAGE} -> N C H W", (1, None)),
    layer(nn.FractionalMaxPool2d, f"{_IMAGE} -> N C H W", 2, output_size=3),
    *_every("MaxPool3d AvgPool3d", f"{_VOLUME} -> N C D H W", 2),
    layer(nn.LPPool3d, f"{_VOLUME} -> N C D H W", 2, 2),
    *_every("AdaptiveAvgPool3d AdaptiveMaxPool3d", f"{_VOLUME} -> N C D H W", 2),
    layer(nn.FractionalMaxPool3d, f"{_VOLUME} -> N C D H W", 2, output_size=2),
    layer(nn.MaxUnpool1d, "N=2 C=3 T=4, N=2 C=3 T=4:i8 -> N C T", 2),
    layer(nn.MaxUnpool2d, "N=2 C=3 H=2 W=2, N=2 C=3 H=2 W=2:i16 -> N C H W", 2),
    layer(nn.MaxUnpool3d, "N=2 C=3 D=2 H=2 W=2, N=2 C=3 D=2 H=2 W=2:i64 -> N C D H W", 2),
    layer(nn.Unfold, f"{_IMAGE} -> N (C _ _) (H W)", 2),
    layer(nn.Fold, "N=2 C=16 L=9 -> N C _ _", (4, 4), 2),
    layer(nn.Flatten, f"{_IMAGE} -> N (C H W)"),
    layer(nn.Flatten, f"{_IMAGE} -> N C (H W)", 2),
    layer(nn.Unflatten, "N=2 C=6 -> N _ _", 1, (2, 3)),
    layer(Rearrange, f"{_IMAGE} -> N (H W) C", "N C H W -> N (H W) C"),
    layer(Reduce, f"{_IMAGE} -> N C", "N C H W -> N C", "mean"),
]

_PAIR = "N=2 C=4, N=2 C=4"

LOSSES = [
    *_every(
        "MSELoss L1Loss SmoothL1Loss HuberLoss PoissonNLLLoss KLDivLoss", f"{_PAIR} -> N C", reduction="none"
    ),
    *_every("MSELoss L1Loss SmoothL1Loss HuberLoss PoissonNLLLoss", f"{_PAIR} -> ()"),
    layer(nn.KLDivLoss, f"{_PAIR} -> ()", reduction="batchmean"),
    *_every("HingeEmbeddingLoss SoftMarginLoss", f"{_PAIR}:s -> N C", reduction="none"),
    layer(nn.BCELoss, "N=2 C=4:p, N=2 C=4:p -> ()"),
    layer(nn.BCEWithLogitsLoss, "N=2 C=4, N=2 C=4:p -> ()"),
    layer(nn.GaussianNLLLoss, "N=2 C=4, N=2 C=4, N=2 C=4:p -> N C", reduction="none"),
    layer(nn.TripletMarginLoss, "N=2 D=4, N=2 D=4, N=2 D=4 -> N", reduction="none"),
    layer(nn.TripletMarginWithDistanceLoss, "N=2 D=4, N=2 D=4, N=2 D=4 -> ()"),
    layer(nn.MarginRankingLoss, "N=2, N=2, N=2:s -> N", reduction="none"),
    layer(nn.CosineEmbeddingLoss, "N=2 D=4, N=2 D=4, N=2:s -> N", reduction="none"),
    layer(nn.CrossEntropyLoss, "N=2 C=4, N=2:i4 -> ()"),
    layer(nn.CrossEntropyLoss, "N=2 C=4 H=3 W=3, N=2 H=3 W=3:i4 -> N H W", reduction="none"),
    layer(nn.CrossEntropyLoss, "N=2 C=4, N=2 C=4:p -> N", reduction="none"),
    layer(nn.CrossEntropyLoss, "N=2 C=4, N=2:i4 -> ()", weight=torch.ones(4), label_smoothing=0.1),
    layer(nn.NLLLoss, "N=2 C=4, N=2:i4 -> N", reduction="none"),
    layer(nn.NLLLoss2d, "N=2 C=4 H=3 W=3, N=2 H=3 W=3:i4 -> N H W", reduction="none"),
    layer(nn.MultiMarginLoss, "N=2 C=4, N=2:i4 -> N", reduction="none"),
    layer(nn.MultiLabelMarginLoss, "N=2 C=4, N=2 C=4:i4 -> N", reduction="none"),
    layer(nn.MultiLabelSoftMarginLoss, "N=2 C=4, N=2 C=4:p -> N", reduction="none"),
    layer(nn.CTCLoss, "T=8 N=2 C=4, N=2 S=3:i4, N=2:l8, N=2:l3 -> N", reduction="none"),
    layer(nn.AdaptiveLogSoftmaxWithLoss, "N=3 in=6, N=3:i9 -> N, ()", 6, 9, [3, 6]),
]

_SEQUENCE = "T=5 N=2 in=4"

SEQUENCES = [
    *_every("RNN GRU", f"{_SEQUENCE} -> T N _, _ N _", 4, 6),
    *_every("RNN GRU", "T=5 in=4 -> T _, _ _", 4, 6),
    *_every("RNN GRU", "N=2 T=5 in=4 -> N T _, _ N _", 4, 6, 2, batch_first=True, bidirectional=True),
    *_every("RNN GRU", f"{_SEQUENCE}, layers=1 N=2 hidden=6 -> T N hidden, layers N hidden", 4, 6),
    *_every("RNN GRU", "T=5 2 in=4, layers=1 N=2 6 -> T N _, layers N _", 4, 6),
    layer(nn.RNN, f"{_SEQUENCE} -> T N _, _ N _", 4, 6, nonlinearity="relu"),
    layer(nn.LSTM, f"{_SEQUENCE} -> T N _, _ N _, _ N _", 4, 6),
    layer(
        nn.LSTM,
        "N=2 T=5 in=4 -> N T _, _ N _, _ N _",
        4,
        6,
        2,
        batch_first=True,
        bidirectional=True,
        dropout=0.5,
    ),
    layer(nn.LSTM, f"{_SEQUENCE} -> T N _, _ N _, _ N _", 4, 6, proj_size=3),
    *_every("RNNCell GRUCell", "N=2 in=4 -> N _", 4, 6),
    *_every("RNNCell GRUCell", "N=2 in=4, N=2 hidden=6 -> N hidden", 4, 6),
    *_every("RNNCell GRUCell", "in=4 -> _", 4, 6),
    layer(nn.RNNCell, "N=2 in=4 -> N _", 4, 6, nonlinearity="relu"),
    layer(nn.LSTMCell, "N=2 in=4 -> N _, N _", 4, 6),
    layer(nn.MultiheadAttention, "T=5 N=2 D=8, S=3 N=2 D=8, S=3 N=2 D=8 -> T N D, N T S", 8, 2),
    layer(
        nn.MultiheadAttention, "N=2 T=5 D=8, N=2 S=3 D=8, N=2 S=3 D=8 -> N T D, N T S", 8, 2, batch_first=True
    ),
    layer(nn.MultiheadAttention, "T=5 N=2 D=8, S=3 N=2 D=8, S=3 N=2 D=8, N=2 S=3:p -> T N D, N T S", 8, 2),
    layer(nn.MultiheadAttention, "T=5 D=8, S=3 D=8, S=3 D=8 -> T D, T S", 8, 2),
    layer(
        nn.MultiheadAttention, "T=5 N=2 D=8, S=3 N=2 K=6, S=3 N=2 V=7 -> T N D, N T S", 8, 2, kdim=6, vdim=7
    ),
    layer(nn.TransformerEncoderLayer, "T=5 N=2 D=8 -> T N D", 8, 2, 16),
    layer(nn.TransformerEncoderLayer, "N=2 T=5 D=8 -> N T D", 8, 2, 16, batch_first=True),
    layer(
        nn.TransformerEncoderLayer,
        "N=2 T=5 D=8 -> N T D",
        8,
        2,
        16,
        batch_first=True,
        norm_first=True,
        activation="gelu",
    ),
    layer(nn.TransformerDecoderLayer, "T=5 N=2 D=8, S=3 N=2 D=8 -> T N D", 8, 2, 16),
    layer(
        nn.TransformerEncoder,
        "N=2 T=5 D=8 -> N T D",
        nn.TransformerEncoderLayer(8, 2, 16, batch_first=True),
        2,
    ),
    layer(
        nn.TransformerDecoder, "T=5 N=2 D=8, S=3 N=2 D=8 -> T N D", nn.TransformerDecoderLayer(8, 2, 16), 2
    ),
    layer(nn.Transformer, "S=3 N=2 D=8, T=5 N=2 D=8 -> T N D", 8, 2, 1, 1, 16),
    layer(nn.Transformer, "N=2 S=3 D=8, N=2 T=5 D=8 -> N T D", 8, 2, 1, 1, 16, batch_first=True),
]

LAYERS = [*ACTIVATIONS, *CHANNELS, *NORMS, *PLACES, *LOSSES, *SEQUENCES]
