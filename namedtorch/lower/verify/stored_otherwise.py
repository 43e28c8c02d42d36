"""Samples whose tensors are stored in another order of their axes: what was transposed comes so."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Final, cast

from torch import Tensor

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.samples import Sample
from namedtorch.signature.signature import Signature

STORED: Final = "stored in another order"
"""How a sample says that it is one of these."""


@dataclasses.dataclass(frozen=True, slots=True)
class StoredSample(Sample):
    """A sample in tensors that are not contiguous."""

    def __str__(self) -> str:
        return f"{Sample.__str__(self)}, {STORED}"


def stored_otherwise(sample: Sample, signature: Signature) -> StoredSample | None:
    """The sample with its tensors transposed in memory; None where the signature says how they are stored."""
    if any(one.shape.memory_format is not Unknown for one in signature.tensors):
        return None
    args, kwargs = sample.fresh()
    inputs = _transposed(args), _transposed(kwargs)
    return StoredSample(inputs, sample.sizes, sample.below, sample.optional)


def _transposed(value: Any) -> Any:
    if isinstance(value, Tensor):
        axes = tuple(reversed(range(value.dim())))
        return value.permute(axes).contiguous().permute(axes) if type(value) is Tensor else value
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(_transposed, cast("tuple[Any, ...]", value)))
    if isinstance(value, list | tuple):
        parts = [_transposed(one) for one in cast("list[Any]", value)]
        return parts if isinstance(value, list) else tuple(parts)
    if isinstance(value, Mapping):
        return {key: _transposed(one) for key, one in cast("Mapping[Any, Any]", value).items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: _transposed(getattr(value, one.name)) for one in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value
