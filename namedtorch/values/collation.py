"""Batches of named tensors: samples become one tensor, and the new axis has a name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor
from torch.utils.data._utils.collate import collate as collate_nested
from torch.utils.data._utils.collate import collate_tensor_fn, default_collate_fn_map

from namedtorch.diagnostics import DimError
from namedtorch.ops.names import is_name
from namedtorch.values.dispatch import call
from namedtorch.values.named_tensor import Dims, NamedTensor, dims_of
from namedtorch.values.refusal import dims_error
from namedtorch.values.spellings import operation_of

BATCH_DIM: Final = "N"
"""What the batch dim is called where nobody says otherwise: by `torch.utils.data.default_collate`, in a DataLoader."""


@dataclass(frozen=True, slots=True)
class Collate:
    """Makes batches of samples: what `torch.utils.data.default_collate` does, with a name for the batch dim.

    It pickles, so workers that are spawned take it.
    """

    batch_dim: str = BATCH_DIM

    def __call__(self, samples: Sequence[Any]) -> Any:
        functions = {**default_collate_fn_map, NamedTensor: self.stacked, Tensor: self.met}
        return collate_nested(samples, collate_fn_map=functions)

    def stacked(self, samples: Sequence[Any], *, collate_fn_map: Any = None) -> NamedTensor:
        """Stacks named tensors, in shared memory in a worker. Raises `DimError` where samples differ."""
        dims = dims_of(samples[0])
        if self.batch_dim in dims:
            raise dims_error(
                "names-repeated",
                f"the batch dim is to be `{self.batch_dim}`, and the samples have a dim of that name: "
                f"{_dims_text(samples[0])}",
                'say another name: `DataLoader(..., collate_fn=namedtorch.collate("batch"))`',
            )
        shape = samples[0].shape
        for place, one in enumerate(samples):
            if dims_of(one) != dims or one.shape != shape:
                dims = _met(samples[0], dims, one, place)
        return NamedTensor(collate_tensor_fn([*map(_bare, samples)]), (self.batch_dim, *dims))

    def met(self, samples: Sequence[Any], *, collate_fn_map: Any = None) -> Any:
        """Stacks plain tensors; where named ones are among them, these name the batch."""
        if any(isinstance(one, NamedTensor) for one in samples):
            return self.stacked(samples)
        return default_collate_fn_map[Tensor](samples, collate_fn_map=collate_fn_map)


def collate(batch_dim: str = BATCH_DIM) -> Callable[[Sequence[Any]], Any]:
    """Returns a `collate_fn` for `DataLoader` that puts `batch_dim` in front of the dims of each named tensor.

    Everything else is collated as torch does it: plain tensors and numbers become plain tensors, containers are gone
    through. Samples of other dims or sizes than the first are refused with a `DimError`; an axis without a name takes
    the name that another sample has there. Raises `DimError` for a text that is no name.
    """
    if not is_name(batch_dim):
        raise dims_error("name-invalid", f"{batch_dim!r} is no name of a dim", "write a word, such as `N`")
    return Collate(batch_dim)


def register() -> None:
    """Teaches `torch.utils.data.default_collate` named tensors: their batch dim is `N`."""
    default_collate_fn_map[NamedTensor] = Collate().stacked


def _met(first: Any, dims: Dims, sample: Any, place: int) -> Dims:
    """The dims of a batch so far, and of one more sample. Raises `DimError` where they do not meet."""
    try:
        return call(operation_of(torch.stack), ([NamedTensor(_bare(first), dims), sample],), {}).dims[1:]
    except DimError as error:
        code = error.failures[0].code
    raise dims_error(
        code,
        f"sample {place} of the batch does not fit sample 0: it is `{_dims_text(sample)}`, and sample 0 is "
        f"`{_dims_text(first, dims)}`",
        _remedy(dims, dims_of(sample)),
    )


def _remedy(first: Dims, other: Dims) -> str:
    if first == other:
        return "pad or cut the samples to one size, or give the DataLoader a `collate_fn` of your own"
    if set(first) == set(other):
        return "bring the samples to one order, by `align_to`"
    return "name the samples alike, and give them the same axes"


def _bare(value: Any) -> Tensor:
    return value.tensor if isinstance(value, NamedTensor) else value


def _dims_text(value: Any, dims: Dims | None = None) -> str:
    """The dims with their sizes: `H=2 W=3`."""
    return " ".join(
        str(size) if name is None else f"{name}={size}"
        for name, size in zip(dims_of(value) if dims is None else dims, value.shape, strict=True)
    )
