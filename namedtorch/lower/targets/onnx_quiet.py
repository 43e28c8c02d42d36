"""torch.onnx without what it says of itself."""

import contextlib
import logging
import warnings
from collections.abc import Iterator

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
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [one.level for one in loggers]
    with warnings.catch_warnings():
        for message in _WARNINGS:
            for category in (DeprecationWarning, FutureWarning, UserWarning):
                warnings.filterwarnings("ignore", message, category)
        try:
            for one in loggers:
                one.setLevel(logging.ERROR)
            yield
        finally:
            for one, level in zip(loggers, levels, strict=True):
                one.setLevel(level)
