"""Whole numbers where torch's own modules have floats: `nn.Dropout(0)`, `nn.LeakyReLU(1)`."""

import inspect
import typing
from typing import Optional

from torch import nn

from namedtorch.lower.functions import is_torchs

_FLOATS = (float, Optional[float])  # noqa: UP045  # compared with what annotations say


def write_floats(module: nn.Module) -> None:
    """Makes the numbers of a module floats that its class, one of torch's, annotates so.

    Python takes an int for a float, and its operators give the same; TorchScript refuses the call.
    """
    for owner in type(module).__mro__:
        if not is_torchs(owner) or owner is nn.Module:
            continue
        for name, annotation in inspect.get_annotations(owner).items():
            value = vars(module).get(name)
            floats = annotation in _FLOATS or typing.get_args(annotation) == (float, type(None))
            if floats and type(value) is int:
                vars(module)[name] = float(value)
