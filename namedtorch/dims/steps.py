"""The steps of matching: the smallest things that are checked of one tensor, and what each needs.

An axis counts from the left if it is not negative, else from the right (behind a group).
"""

from dataclasses import dataclass

from namedtorch.dims.constraint import Constraint
from namedtorch.dims.layout import MemoryFormat
from namedtorch.dims.pattern import Dim, Group
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import UnknownType


@dataclass(frozen=True, slots=True)
class Rank:
    """The tensor has `count` axes, or at least as many."""

    count: int
    at_least: bool


@dataclass(frozen=True, slots=True)
class Equal:
    """The axis has this size, which is computed from known ones; a label is bound to it."""

    axis: int
    label: str | UnknownType
    size: Size
    broadcast: bool


@dataclass(frozen=True, slots=True)
class Bind:
    """The axis is this dim: it binds it, or agrees with what bound it. With `broadcast`, size 1 does neither."""

    axis: int
    name: str
    broadcast: bool
    each: bool


@dataclass(frozen=True, slots=True)
class Flat:
    """The axis is the product of these dims; one that is unbound is solved for."""

    axis: int
    factors: tuple[Dim, ...]


@dataclass(frozen=True, slots=True)
class BindGroup:
    """The axes from `start` up to `behind` axes before the end are this group."""

    start: int
    behind: int
    name: str
    broadcast: bool
    each: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Between `start` axes and `behind` axes stand two groups with `middle` between them, where the sizes say."""

    start: int
    behind: int
    before: Group
    middle: tuple[Dim, ...]
    after: Group


@dataclass(frozen=True, slots=True)
class Format:
    """The tensor is stored in this memory format."""

    memory_format: MemoryFormat


@dataclass(frozen=True, slots=True)
class Where:
    """The constraint holds."""

    constraint: Constraint


Step = Rank | Equal | Bind | Flat | BindGroup | Place | Format | Where
