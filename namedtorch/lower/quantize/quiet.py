"""Quantization without torch's announcements that `torch.ao` will end."""

import contextlib
import functools
import warnings
from collections.abc import Iterator

import torch

from namedtorch.lower.torchscript import COMPILING

_ANNOUNCED = (
    r"torch\.ao\.\S+ is deprecated",
    r"torch\.quantize_per_tensor, torch\.quantize_per_channel and other quantized tensor creation functions",
    r"Please use quant_min and quant_max to specify the range for observers",
    # Of copies of layers that hold quantized tensors.
    r"TypedStorage is deprecated",
    # The float layer said it when the user made it.
    r"dropout option adds dropout after all but last recurrent layer",
)


@contextlib.contextmanager
def quiet_quantization() -> Iterator[None]:
    """Silences what torch says of its own future, and what it says a second time of a layer; all else is heard."""
    with COMPILING, warnings.catch_warnings():
        for message in _ANNOUNCED:
            for category in (DeprecationWarning, FutureWarning, UserWarning):
                warnings.filterwarnings("ignore", message, category)
        yield


@functools.cache
def announced() -> None:
    """Has torch say what it says once a process of quantized tensors, where nobody hears it.

    A graph makes such tensors in C++, and what torch says there passes by Python's filters to stderr.
    """
    with quiet_quantization():
        torch.quantize_per_tensor(torch.zeros(1), 1.0, 0, torch.quint8)
