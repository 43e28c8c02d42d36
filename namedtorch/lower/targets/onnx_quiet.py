"""torch.onnx without what it says of itself."""

import contextlib
from collections.abc import Iterator

from namedtorch.lower.targets.hushed import hushed

_WARNINGS = (
    # Of torch's own pytrees, which it copies.
    r"`isinstance\(treespec, LeafSpec\)` is deprecated",
    # Names are given by position here.
    r"# 'dynamic_axes' is not recommended",
    r"You are using the legacy TorchScript-based ONNX export",
)
# It tells of operators of torchvision, where that is not installed.
_LOGGERS = ("torch.onnx._internal.exporter._registration", "onnxscript", "onnx_ir")


@contextlib.contextmanager
def quiet_onnx() -> Iterator[None]:
    """Silences what torch.onnx says of itself and of packages that are not there; all else is heard."""
    with hushed(_WARNINGS, _LOGGERS):
        yield
