"""Datasets of named tensors, and functions of other processes; they stand here so that spawned processes find them."""

from typing import Any

import torch
from torch.utils.data import Dataset, IterableDataset

from namedtorch import NamedTensor


class Images(Dataset[Any]):
    """Samples `(image, label, {"mask": ...})`; `turned` images have dims in another order."""

    def __init__(self, count: int = 6, ragged: bool = False, turned: bool = False) -> None:
        self.count, self.ragged, self.turned = count, ragged, turned

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, place: int) -> Any:
        width = 4 + (place if self.ragged else 0)
        image = NamedTensor(torch.full((3, 4, width), float(place)), ("C", "H", "W"))
        if self.turned and place % 2:
            image = NamedTensor(image.tensor.transpose(1, 2), ("C", "W", "H"))
        return image, place, {"mask": NamedTensor(torch.full((4,), place % 2 == 0), ("H",))}


class Words(IterableDataset[Any]):
    """A stream of named tensors."""

    def __iter__(self) -> Any:
        return (NamedTensor(torch.full((5,), place), ("T",)) for place in range(4))


def double(given: Any, taken: Any) -> None:
    """Reads tensors from a queue and puts twice as much into another, until there is None."""
    while (value := given.get()) is not None:
        taken.put((value.dims, value * 2))


def fill(value: NamedTensor, done: Any) -> None:
    """Writes into a tensor in shared memory."""
    value.tensor.fill_(7)
    done.put(value.dims)
