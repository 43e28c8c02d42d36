"""Samples whose tensors are stored in another order of their axes: what was transposed comes so."""

import dataclasses
from typing import Any, Final

from torch import Tensor

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.containers import with_leaves
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
    inputs = with_leaves(args, _transposed), with_leaves(kwargs, _transposed)
    return StoredSample(inputs, sample.sizes, sample.below, sample.optional)


def _transposed(value: Any) -> Any:
    if type(value) is not Tensor:
        return value
    axes = tuple(reversed(range(value.dim())))
    return value.permute(axes).contiguous().permute(axes)
