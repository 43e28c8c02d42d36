"""Names behind activations, dropouts and what competes along one dim."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

_F = "torch.nn.functional"
X = t(2, 6, 5)

_KEPT = (
    "alpha_dropout", "celu", "dropout", "dropout2d", "dropout3d", "elu", "feature_alpha_dropout",
    "gelu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "logsigmoid",
    "mish", "relu", "relu6", "rrelu", "selu", "sigmoid", "silu",
    "softplus", "softshrink", "softsign", "tanh", "tanhshrink", "dropout1d",
)  # fmt: skip
_COMPETING = (
    *(f"{_F}.{name}" for name in ("softmax", "log_softmax", "softmin", "gumbel_softmax", "normalize")),
    "torch.softmax",
    "torch.Tensor.softmax",
    "torch.log_softmax",
    "torch.special.log_softmax",
)

CASES = (
    *(names("N C _ -> N C _", f"{_F}.{name}", X) for name in _KEPT),
    names("N C T -> N C T", f"{_F}.threshold", X, 0.1, 20.0),
    names("N C T -> N C T", "torch.dropout", X, 0.5, True),
    names("N C T -> N C T", "torch.Tensor.relu_", X),
    names("N C T -> N C T", f"{_F}.relu", X, inplace=True),
    *(names("N C T -> N C T", spelling, X, dim=dim) for spelling in _COMPETING for dim in ("C", -1)),
    *(names("N C C -> refused", spelling, X, dim="C") for spelling in _COMPETING),
    *(names("N _ C -> refused", spelling, X, dim="T") for spelling in _COMPETING),
    names("N _ C -> N _ C", "torch.softmax", X, "C"),
    names("N C T -> N C T", f"{_F}.softmax", X),
    names("N C T -> N C T", f"{_F}.normalize", X, dim=("C", "T")),
    names("N C T -> refused", f"{_F}.normalize", X, dim=("C", "C")),
    names("N C T -> N C T", f"{_F}.normalize", X, dim=(1, 2)),
    # Half of an axis is the same dim.
    names("N C T -> N C T", f"{_F}.glu", X, "C"),
    names("N C T -> N C T", f"{_F}.glu", X, dim=1),
    names("N _ T -> N _ T", f"{_F}.glu", X, dim=1),
    names("N C T -> refused", f"{_F}.glu", X, dim="H"),
    # Slopes are those of the channels.
    names("N C T, C -> N C T", f"{_F}.prelu", X, t(6)),
    names("N C T, _ -> N C T", f"{_F}.prelu", X, t(6)),
    names("N _ T, C -> N C T", "torch.Tensor.prelu", X, t(6)),
    names("N C T, D -> refused", f"{_F}.prelu", X, t(6)),
    names("N C T, C -> N C T", f"{_F}.prelu", X, t(1)),
    names("N _ T, C -> N C T", f"{_F}.prelu", X, t(1)),
    names("N C T, D -> refused", f"{_F}.prelu", X, t(1)),
    names("N C T, () -> N C T", f"{_F}.prelu", X, t()),
    names("C, _ -> C", f"{_F}.prelu", t(6), t(1)),
)
