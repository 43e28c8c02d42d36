"""Modules whose result has the sizes of their input: activations and dropouts."""

from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.attribute import Read, read_size
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.signature.signature import Signature
from namedtorch.signature.text import parse_signature

# fmt: off
_NAMES: Final = (
    "AlphaDropout", "CELU", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "ELU", "FeatureAlphaDropout", "GELU",
    "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "Identity", "LeakyReLU", "LocalResponseNorm", "LogSigmoid",
    "LogSoftmax", "Mish", "RReLU", "ReLU", "ReLU6", "SELU", "SiLU", "Sigmoid", "Softmax", "Softmax2d", "Softmin",
    "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Threshold",
)
# fmt: on


def _prelu(read: Read) -> tuple[Signature, ...]:
    """One parameter fits any input; several are one for each channel."""
    parameters = read_size(read, "num_parameters")
    if parameters is Unknown or parameters.value == 1:
        return (parse_signature("input: *dims -> *dims"),)
    return (parse_signature("input: n parameters *dims -> n parameters *dims"),)


MODULES: Final = (
    *(ModuleRule(f"torch.nn.{name}", forward="input: *dims -> *dims") for name in _NAMES),
    ModuleRule(
        "torch.nn.PReLU",
        sizes={"parameters": "num_parameters"},
        state={"weight": "parameters"},
        forward=_prelu,
    ),
)
