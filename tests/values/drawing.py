"""Tensors and dims as tests of layers write them: `N=2 C=3:i5`.

An axis is `N=2`, or `2` without a name. What stands behind a colon says what the elements are: `:i5` integers below 5,
`:l3` lengths of 1 to 3, `:b` truth values, `:p` numbers between 0 and 1, `:s` 1 and -1; else they are normal.
"""

from typing import Any

import torch
from torch import Tensor

from namedtorch.values import NamedTensor
from namedtorch.values.named_tensor import Dims


def drawn(text: str, generator: torch.Generator) -> tuple[Tensor, Dims]:
    """A tensor and its dims."""
    text, _, of = text.partition(":")
    axes = [] if text.strip() == "()" else text.split()
    sizes = [int(axis.rpartition("=")[2]) for axis in axes]
    dims = tuple(axis.partition("=")[0] if "=" in axis else None for axis in axes)
    uniform = torch.rand(sizes, generator=generator)
    match of[:1]:
        case "i":
            return (uniform * int(of[1:])).long(), dims
        case "l":
            return (uniform * int(of[1:])).long() + 1, dims
        case "b":
            return uniform < 0.5, dims
        case "p":
            return uniform, dims
        case "s":
            return (uniform < 0.5).float() * 2 - 1, dims
        case _:
            return torch.randn(sizes, generator=generator), dims


def taken(texts: str) -> list[tuple[Tensor, Dims]]:
    """The tensors that stand before the arrow, always the same: `N=2 C=3, C=3 -> N`."""
    generator = torch.Generator().manual_seed(1)
    return [drawn(one.strip(), generator) for one in texts.partition("->")[0].split(",")]


def given(texts: str) -> str:
    """What stands behind the arrow."""
    return texts.partition("->")[2].strip()


def shown(value: Any) -> str:
    """The dims of a result as a case writes them: those of each tensor, `_` for an axis without a name."""
    match value:
        case NamedTensor():
            return " ".join("_" if name is None else name for name in value.dims) or "()"
        case tuple() | list():
            return ", ".join(shown(one) for one in value if one is not None)
        case _:
            return f"a {type(value).__name__}"


def tensors(value: Any) -> list[Tensor]:
    """The plain tensors in a result."""
    match value:
        case NamedTensor():
            return [value.tensor]
        case Tensor():
            return [value]
        case tuple() | list():
            return [found for one in value for found in tensors(one)]
        case _:
            return []


def is_close(one: Any, other: Any) -> bool:
    """Whether two results have the same numbers."""
    mine, others = tensors(one), tensors(other)
    return len(mine) == len(others) and all(
        left.shape == right.shape and torch.allclose(left, right, equal_nan=True)
        for left, right in zip(mine, others, strict=True)
    )
