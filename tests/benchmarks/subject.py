"""A function held to its dims in every way that is compared; the body does nothing.

Hand-written checks come in three kinds. The bar of the project is the first: one `if` for each rank and size of
arguments and result, every shape read once, and a message that names the dim; no check of types. The second checks
types and dtypes as well, as namedtorch does. The third compares whole shapes, and can't say which dim is wrong.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

PLAIN = "the plain call"
HAND_WRITTEN = "hand-written ifs"
HAND_WRITTEN_TYPES = "hand-written ifs, types too"
HAND_WRITTEN_WHOLE = "hand-written, whole shapes"
BEARTYPE = "beartype alone, no dims"
JAXTYPING = "jaxtyping and beartype"
NAMEDTORCH = "namedtorch"


@dataclass(frozen=True, slots=True)
class Subject:
    """A function in every form, with arguments that fit and arguments that don't."""

    name: str
    signature: str
    functions: Mapping[str, Callable[..., Any]]
    arguments: tuple[Tensor, ...]
    unfit: tuple[Tensor, ...]
    """The last axis of the last tensor has another size."""


def require_rank(sizes: torch.Size, name: str) -> None:
    """What a failed check of a rank calls."""
    raise ValueError(f"`{name}` has rank {len(sizes)}, not 4")


def require_size(actual: int, expected: int, dim: str, name: str) -> None:
    """What a failed check of a size calls."""
    raise ValueError(f"`{name}` has `{dim}`={actual}, but `{dim}` is {expected}")
