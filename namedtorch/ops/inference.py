"""What becomes of operators in a graph that only infers: convolutions want an order in memory, others leave the graph.

Rows are keyed by the operator as torch dispatches it, and as its graphs name it; places are those of its schema.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Convolution:
    """The places of the input and of the weight among the arguments of a convolution."""

    input: int = 0
    weight: int = 1


_PLACED: Final = Convolution()

CONVOLUTIONS: Final[Mapping[str, Convolution]] = {
    "aten::convolution": _PLACED,
    "aten::_convolution": _PLACED,
    "aten::conv1d": _PLACED,
    "aten::conv2d": _PLACED,
    "aten::conv3d": _PLACED,
    "aten::conv_transpose1d": _PLACED,
    "aten::conv_transpose2d": _PLACED,
    "aten::conv_transpose3d": _PLACED,
}
"""The convolutions over any number of axes, and their transposes."""

FASTER_IN: Final[Mapping[int, str]] = {4: "channels_last"}
"""The memory format in which a convolution of inputs with so many axes is faster.

torch has none for 3 axes, and computes those of 5 no faster in its own (`channels_last_3d`).
"""

NORMS: Final = frozenset({"aten::batch_norm"})
"""What freezing folds into the convolution or linear layer before it."""

DROPOUTS: Final = frozenset(
    {"aten::dropout", "aten::dropout_", "aten::feature_dropout", "aten::feature_dropout_"}
)
"""What does nothing in inference, and is taken out."""
