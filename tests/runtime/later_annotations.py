"""What a module under `from __future__ import annotations` may write: every annotation here is a text."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple, Optional

from torch import Tensor, nn

from namedtorch import Float, Int, checked


@checked
def scale(
    x: Float[Tensor, "N C"], by: Optional[Float[Tensor, "C"]] = None, times: float = 1
) -> Float[Tensor, "N C"]:
    return x * times if by is None else x * by * times


@checked
def uses_later(x: Float[Tensor, "N"], options: Options) -> Float[Tensor, "N"]:
    return x * options.times


@dataclasses.dataclass
class Options:
    """Defined behind the function that mentions it."""

    times: int = 2


@checked
@dataclasses.dataclass
class Batch:
    images: Float[Tensor, "N C H W"]
    labels: Int[Tensor, "N"]


@checked
class Pair(NamedTuple):
    left: Float[Tensor, "N"]
    right: Float[Tensor, "N"]


@checked
class Head(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def forward(self, x: Float[Tensor, "N self.width"]) -> Float[Tensor, "N"]:
        return x.sum(1)

    def same(self, other: Head) -> Head:
        return other


@checked
def rows(x: Float[Tensor, "N C"]) -> Iterator[Float[Tensor, "C"]]:
    yield from x


@checked
async def arows(x: Float[Tensor, "N C"]) -> AsyncIterator[Float[Tensor, "C"]]:
    for row in x:
        yield row


def local():
    """A function whose annotations mention names of the function around it."""
    width = 3

    class Limits:
        most = 4

    @checked
    def inner(x: Float[Tensor, "N"], limits: Limits) -> Float[Tensor, "N"]:
        assert width
        return x

    return inner, Limits


def missing():
    @checked
    def inner(x: Float[Tensor, "N"], other: NeverDefined) -> None: ...

    return inner
