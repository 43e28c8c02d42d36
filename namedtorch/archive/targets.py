"""What a model is lowered to, and what the names of such files end in."""

from collections.abc import Mapping
from typing import Literal

Target = Literal["torchscript", "lite", "export", "onnx", "executorch"]
"""What a file is for: torch (.pt), the lite interpreter (.ptl), torch.export (.pt2), ONNX, ExecuTorch (.pte)."""

SUFFIXES: Mapping[Target, str] = {
    "torchscript": ".pt",
    "lite": ".ptl",
    "export": ".pt2",
    "onnx": ".onnx",
    "executorch": ".pte",
}
"""What the name of a file ends in, by what it is for."""

FLAT: tuple[Target, ...] = ("export", "onnx", "executorch")
"""The targets whose graphs know tensors alone, and take what is lowered from torch.export."""


def target_of(suffix: str) -> Target | None:
    """The target of files of this suffix; None for a suffix that is no archive's."""
    return next((target for target, known in SUFFIXES.items() if known == suffix), None)
