"""Failures inside of a runtime that an argument explains: where it is, how it is stored, which floats it holds."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from namedtorch.archive.manifest import Manifest
from namedtorch.diagnostics import DimError, Failure
from namedtorch.lower.calls import MethodGuard
from namedtorch.lower.containers import parts_of
from namedtorch.signature.dtypes import FAMILIES, dtype_name
from namedtorch.signature.signature import Kind

_FLOATS = frozenset(FAMILIES["Float"].dtypes or ())

# What torch and onnxruntime say where dtypes do not go together: "expected scalar type", "must have the same dtype",
# "Input type (double) and bias type (float)", "Unexpected input data type".
_OF_DTYPES = re.compile(r"\bd?type\b|dtype")
_DEEPEST = 8


class RuntimeFailures:
    """Explains what a runtime raises for arguments that a guard has let through.

    An annotation speaks neither of devices nor of sparse tensors, and `Float` takes floats of every width.
    """

    def __init__(self, guard: MethodGuard, manifest: Manifest, device: torch.device) -> None:
        self._guard = guard
        self._device = device
        floats = {
            one.dtype for one in manifest.state.values() if one.kind != "packed" and one.dtype in _FLOATS
        }
        self._float = floats.pop() if len(floats) == 1 else None

    def explained(self, error: Exception, args: Sequence[Any], kwargs: Mapping[str, Any]) -> DimError | None:
        """A DimError that names the argument; None for an error that no argument explains."""
        if isinstance(error, DimError):
            return None
        tensors = list(self._tensors(args, kwargs))
        failure = next(filter(None, (self._elsewhere(*one) for one in tensors)), None)
        if failure is None and _OF_DTYPES.search(str(error)):
            failure = next(filter(None, (self._other_float(*one) for one in tensors)), None)
        return None if failure is None else DimError.of([failure], function=self._guard.label)

    def _elsewhere(self, name: str, tensor: Tensor) -> Failure | None:
        device = self._device
        if tensor.device.type != device.type:
            said = f"`{name}` is on {tensor.device}, and the model is on {device}: give it as `{name}.to('{device}')`"
        elif tensor.layout is not torch.strided:
            said = (
                f"`{name}` is stored as {tensor.layout}, "
                f"which the model does not take: give it as `{name}.to_dense()`"
            )
        else:
            return None
        return Failure("wrong-type", said, argument=name)

    def _other_float(self, name: str, tensor: Tensor) -> Failure | None:
        own, wanted = dtype_name(tensor.dtype), self._float
        if wanted is None or own == wanted or own not in _FLOATS:
            return None
        said = (
            f"`{name}` is {own}, and the weights of the model are {wanted}: give it as {wanted} "
            f"(`{name}.to(torch.{wanted})`, or for an array `{name}.astype('{wanted}')`)"
        )
        return Failure("dtype-differs", said, argument=name, expected=wanted, actual=own)

    def _tensors(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Iterator[tuple[str, Tensor]]:
        names = [one.name for one in self._guard.signature.parameters if one.kind is not Kind.KEYWORD]
        for name, value in [*zip(names, args, strict=False), *kwargs.items()]:
            yield from _inside(name, value, _DEEPEST)


def _inside(name: str, value: Any, depth: int) -> Iterator[tuple[str, Tensor]]:
    """The tensors in a value, each with its place: `images[0]`, `state.h`."""
    if isinstance(value, Tensor):
        yield name, value
        return
    parts = parts_of(value, name) if depth else None
    for place, one in (parts or {}).items():
        yield from _inside(place, one, depth - 1)
