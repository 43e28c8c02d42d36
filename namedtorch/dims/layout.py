"""Layout and memory format: the logical order of axes, and the order in which they are stored."""

from collections.abc import Sequence
from dataclasses import dataclass

KNOWN_ORDERS = {
    "contiguous": None,
    "channels_last": (0, 2, 3, 1),
    "channels_last_3d": (0, 2, 3, 4, 1),
}
"""The memory formats with a name, as torch has them, and the order of axes in memory (None: as they are)."""


@dataclass(frozen=True, slots=True)
class MemoryFormat:
    """The order in which axes are stored: a name of torch's, or the dims in memory order (`N H W C`).

    `order` holds the axes from the slowest to the fastest; None means the logical order, for any rank.
    """

    text: str
    order: tuple[int, ...] | None

    def __str__(self) -> str:
        return self.text


def stored_as(sizes: list[int], strides: list[int], order: list[int]) -> bool:
    """Tells whether a tensor, permuted to `order`, is contiguous; axes of size 1 are ignored, as is an empty tensor.

    Sizes and strides are counted in elements. Compiled into graphs as it stands. Source: torch.memory_format.
    """
    expected = 1
    for size in sizes:
        if size == 0:
            return True
    for step in range(len(order)):
        axis = order[len(order) - 1 - step]
        if sizes[axis] != 1:
            if strides[axis] != expected:
                return False
            expected = expected * sizes[axis]
    return True


def strides_of(sizes: Sequence[int]) -> tuple[int, ...]:
    """The strides of a contiguous tensor, in elements."""
    strides: list[int] = []
    step = 1
    for size in reversed(sizes):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))
