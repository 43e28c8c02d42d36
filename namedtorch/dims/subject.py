"""Subjects of matching: one tensor, with what was annotated and what it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from namedtorch.dims.pattern import Pattern
from namedtorch.dims.unknown import Unknown, UnknownType


@dataclass(frozen=True, slots=True)
class Subject:
    """A tensor that is matched: what messages call it, its shape as annotated, its sizes and strides.

    `names` are those that its axes carry, Unknown for a tensor that carries none. `scope` is the element of a
    container that it is ("[2]"), where `?H` is bound anew; "" outside of containers.
    """

    argument: str
    shape: Pattern
    sizes: tuple[int, ...]
    strides: tuple[int, ...] | UnknownType = Unknown
    scope: str = ""
    names: tuple[str | None, ...] | UnknownType = Unknown

    def axis(self, place: int) -> int:
        """The axis from the left of one that may count from the right."""
        return place if place >= 0 else len(self.sizes) + place


def sizes_text(sizes: Sequence[int]) -> str:
    """Sizes as torch prints them: (8, 3, 224, 224)."""
    return "(" + ", ".join(str(size) for size in sizes) + ("," if len(sizes) == 1 else "") + ")"
