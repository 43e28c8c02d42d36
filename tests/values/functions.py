"""Calls of torch.nn.functional on named tensors: the dims that go in, and those that come out.

A case is one line: `relu` under "N=2 C=3 -> N C"; tests/values/drawing.py says how tensors are written. What the
function takes beside tensors stands behind them.
"""

from dataclasses import dataclass, replace
from typing import Any

from tests.values.drawing import taken


@dataclass(frozen=True)
class FunctionCase:
    """One call: the function, its dims, and the arguments behind the tensors."""

    name: str
    dims: str
    more: tuple[Any, ...]
    options: dict[str, Any]

    def __str__(self) -> str:
        given = [*map(repr, self.more), *(f"{name}={one!r}" for name, one in self.options.items())]
        return f"{self.name}({', '.join(given)}): {self.dims}"

    @property
    def plain(self) -> "FunctionCase":
        """The case with a number in the place of the dim that is told by name."""
        dim = self.options.get("dim")
        if not isinstance(dim, str):
            return self
        return replace(self, options={**self.options, "dim": taken(self.dims)[0][1].index(dim)})


def _call(names: str, dims: str, *more: Any, **options: Any) -> list[FunctionCase]:
    return [FunctionCase(name, dims, more, options) for name in names.split()]


_SAME = "N=2 T=3 C=4 -> N T C"
_LINE, _IMAGE, _VOLUME = "N=2 C=4 T=8", "N=2 C=4 H=6 W=6", "N=2 C=4 D=4 H=6 W=6"
_PAIR = "N=2 C=4, N=2 C=4"
_SPATIAL = ((1, _LINE, "N C T"), (2, _IMAGE, "N C H W"), (3, _VOLUME, "N C D H W"))

ACTIVATIONS = [
    *_call(
        "celu elu gelu hardshrink hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish relu relu6 rrelu selu "
        "sigmoid silu softplus softshrink softsign tanh tanhshrink dropout alpha_dropout feature_alpha_dropout",
        _SAME,
    ),
    *_call("threshold", _SAME, 0.1, 2.0),
    *_call("softmax log_softmax softmin gumbel_softmax", _SAME, dim=1),
    *_call("softmax log_softmax softmin gumbel_softmax normalize", _SAME, dim="T"),
    *_call("normalize glu", "N=2 C=4 T=6 -> N C T"),
    *_call("glu", "N=2 C=4 T=6 -> N C T", dim=1),
    *_call("prelu", "N=2 C=4 T=3, C=4 -> N C T"),
    *_call("prelu", "N=2 C=4 T=3, 1 -> N C T"),
    *_call("dropout1d", f"{_LINE} -> N C T"),
    *_call("dropout2d", f"{_IMAGE} -> N C H W"),
    *_call("dropout3d", f"{_VOLUME} -> N C D H W"),
    *_call("one_hot", "N=2 T=3:i5 -> N T _", 5),
]

PRODUCTS = [
    *_call("linear", "N=2 T=3 in=5, out=7 in=5, out=7 -> N T out"),
    *_call("linear", "N=2 T=3 in=5, 7 5 -> N T _"),
    *_call("bilinear", "N=2 a=5, N=2 b=6, out=7 a=5 b=6 -> N out"),
    *_call("conv1d", f"{_LINE}, O=5 C=4 k=3, O=5 -> N O T"),
    *_call("conv2d", f"{_IMAGE}, O=5 C=4 kh=3 kw=3 -> N O H W", stride=2, padding=1),
    *_call("conv3d", f"{_VOLUME}, O=5 C=4 kd=2 kh=2 kw=2 -> N O D H W"),
    *_call("conv_transpose1d", f"{_LINE}, C=4 O=5 k=3, O=5 -> N O T"),
    *_call("conv_transpose2d", f"{_IMAGE}, C=4 O=5 kh=3 kw=3 -> N O H W"),
    *_call("conv_transpose3d", f"{_VOLUME}, C=4 O=5 kd=2 kh=2 kw=2 -> N O D H W"),
    *_call("embedding", "N=2 T=3:i5, V=5 D=7 -> N T D"),
    *_call("embedding_bag", "N=2 T=3:i5, V=5 D=7 -> N D"),
    *_call("scaled_dot_product_attention", "N=2 h=3 T=5 D=4, N=2 h=3 S=6 D=4, N=2 h=3 S=6 V=7 -> N h T V"),
    *_call(
        "scaled_dot_product_attention",
        "N=2 h=3 T=5 D=4, N=2 h=3 S=6 D=4, N=2 h=3 S=6 V=7, T=5 S=6 -> N h T V",
    ),
    *_call(
        "multi_head_attention_forward",
        "T=5 N=2 D=8, S=3 N=2 D=8, S=3 N=2 D=8 -> T N D, N T S",
        8,
        2,
        "24 8",
        "24",
        None,
        None,
        False,
        0.0,
        "8 8",
        "8",
    ),
    *_call("cosine_similarity", "N=2 C=4 T=5, N=2 C=4 T=5 -> N T"),
    *_call("pairwise_distance", "N=2 D=4, N=2 D=4 -> N"),
    *_call("pdist", "N=3 D=4 -> _"),
]

NORMS = [
    *_call("batch_norm", f"{_IMAGE}, C=4, C=4:p, C=4, C=4 -> N C H W"),
    *_call("instance_norm", f"{_IMAGE} -> N C H W"),
    *_call("group_norm local_response_norm", f"{_IMAGE} -> N C H W", 2),
    *_call("layer_norm rms_norm", _SAME, (4,)),
    *_call("layer_norm rms_norm", _SAME, (3, 4)),
]

PLACES = [
    *_call("interpolate upsample upsample_nearest", f"{_IMAGE} -> N C H W", scale_factor=2),
    *_call("interpolate", f"{_IMAGE} -> N C H W", size=(3, 5), mode="bilinear"),
    *_call("upsample_bilinear", f"{_IMAGE} -> N C H W", size=5),
    *_call("grid_sample", f"{_IMAGE}, N=2 h=3 w=5 xy=2 -> N C h w", align_corners=False),
    *_call("affine_grid", "N=2 2 3 -> N _ _ _", (2, 4, 6, 6), align_corners=False),
    *_call("pad", f"{_IMAGE} -> N C H W", (1, 2)),
    *_call("pad", f"{_IMAGE} -> N C H W", (1, 2, 0, 1), mode="reflect"),
    *_call("pixel_shuffle pixel_unshuffle channel_shuffle", f"{_IMAGE} -> N C H W", 2),
    *_call("unfold", f"{_IMAGE} -> N (C _ _) (H W)", 2),
    *_call("fold", "N=2 C=16 L=9 -> N C _ _", (4, 4), 2),
    *(
        case
        for rank, taken_dims, kept in _SPATIAL
        for case in (
            *_call(f"max_pool{rank}d avg_pool{rank}d", f"{taken_dims} -> {kept}", 2),
            *_call(f"adaptive_avg_pool{rank}d adaptive_max_pool{rank}d", f"{taken_dims} -> {kept}", 2),
            *_call(f"max_pool{rank}d_with_indices", f"{taken_dims} -> {kept}, {kept}", 2),
            *_call(f"adaptive_max_pool{rank}d_with_indices", f"{taken_dims} -> {kept}, {kept}", 2),
            *_call(f"lp_pool{rank}d", f"{taken_dims} -> {kept}", 2, 2),
        )
    ),
    *_call("max_unpool1d", "N=2 C=3 T=4, N=2 C=3 T=4:i8 -> N C T", 2),
    *_call("max_unpool2d", "N=2 C=3 H=2 W=2, N=2 C=3 H=2 W=2:i16 -> N C H W", 2),
    *_call("max_unpool3d", "N=2 C=3 D=2 H=2 W=2, N=2 C=3 D=2 H=2 W=2:i64 -> N C D H W", 2),
    *_call("fractional_max_pool2d", f"{_IMAGE} -> N C H W", 2, output_size=3),
    *_call("fractional_max_pool3d", f"{_VOLUME} -> N C D H W", 2, output_size=2),
    *_call("fractional_max_pool2d_with_indices", f"{_IMAGE} -> N C H W, N C H W", 2, output_size=3),
    *_call("fractional_max_pool3d_with_indices", f"{_VOLUME} -> N C D H W, N C D H W", 2, output_size=2),
]

_THREE = "N=2 D=4, N=2 D=4, N=2 D=4"

LOSSES = [
    *_call("cross_entropy", "N=2 C=4, N=2:i4 -> ()"),
    *_call("cross_entropy", "N=2 C=4 H=3, N=2 H=3:i4, C=4:p -> N H", reduction="none"),
    *_call("nll_loss multi_margin_loss", "N=2 C=4, N=2:i4 -> N", reduction="none"),
    *_call("multilabel_margin_loss", "N=2 C=4, N=2 C=4:i4 -> N", reduction="none"),
    *_call("multilabel_soft_margin_loss", "N=2 C=4, N=2 C=4:p -> N", reduction="none"),
    *_call("ctc_loss", "T=8 N=2 C=4, N=2 S=3:i4, N=2:l8, N=2:l3 -> N", reduction="none"),
    *_call(
        "mse_loss l1_loss smooth_l1_loss huber_loss poisson_nll_loss", f"{_PAIR} -> N C", reduction="none"
    ),
    *_call("mse_loss l1_loss smooth_l1_loss huber_loss poisson_nll_loss", f"{_PAIR} -> ()"),
    *_call("kl_div", f"{_PAIR} -> N C", reduction="none"),
    *_call("hinge_embedding_loss soft_margin_loss", f"{_PAIR}:s -> N C", reduction="none"),
    *_call("binary_cross_entropy", "N=2 C=4:p, N=2 C=4:p, C=4:p -> N C", reduction="none"),
    *_call("binary_cross_entropy_with_logits", "N=2 C=4, N=2 C=4:p -> N C", reduction="none"),
    *_call("gaussian_nll_loss", "N=2 C=4, N=2 C=4, N=2 C=4:p -> N C", reduction="none"),
    *_call("triplet_margin_loss triplet_margin_with_distance_loss", f"{_THREE} -> N", reduction="none"),
    *_call("margin_ranking_loss", "N=2, N=2, N=2:s -> N", reduction="none"),
    *_call("cosine_embedding_loss", "N=2 D=4, N=2 D=4, N=2:s -> N", reduction="none"),
]

FUNCTIONS = [*ACTIVATIONS, *PRODUCTS, *NORMS, *PLACES, *LOSSES]
