"""Patterns: what an annotation says of the axes of one tensor, apart from how tensors are matched against it.

The text of a pattern is canonical: `parse_shape(str(shape)) == shape`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from namedtorch.dims.attributes import is_attribute
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.layout import MemoryFormat
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType


@dataclass(frozen=True, slots=True)
class Dim:
    """One axis: a name, a size, both (`C=3`), or neither (`_`).

    `broadcast` also accepts size 1 (`#C`); `each` is bound anew for every element of a container (`?H`).
    """

    name: str | UnknownType = Unknown
    size: Size | UnknownType = Unknown
    broadcast: bool = False
    each: bool = False

    def __str__(self) -> str:
        prefix = ("#" if self.broadcast else "") + ("?" if self.each else "")
        if self.size is Unknown:
            return prefix + ("_" if self.name is Unknown else self.name)
        text = str(self.size)
        if self.name is not Unknown:
            return f"{prefix}{self.name}={text}"
        # A lone symbol in parentheses is arithmetic: it waits for its dim instead of binding it.
        return prefix + (f"({text})" if text in dim_symbols(self.size) else text)


@dataclass(frozen=True, slots=True)
class Flattened:
    """Several dims in one axis, row-major: `(C H W)` has the size C*H*W."""

    factors: tuple[Dim, ...]

    def __str__(self) -> str:
        return "(" + " ".join(str(factor) for factor in self.factors) + ")"


@dataclass(frozen=True, slots=True)
class Group:
    """Any number of axes: `*batch` bound as a group, `...` free; `*#batch` also accepts what broadcasts to it."""

    name: str | UnknownType = Unknown
    broadcast: bool = False
    each: bool = False

    def __str__(self) -> str:
        if self.name is Unknown:
            return "..."
        return "*" + ("#" if self.broadcast else "") + ("?" if self.each else "") + self.name


Axis = Dim | Flattened | Group


@dataclass(frozen=True, slots=True)
class Pattern:
    """The axes of a tensor in order, the constraints between their sizes, and how they are stored."""

    axes: tuple[Axis, ...]
    where: tuple[Constraint, ...] = ()
    memory_format: MemoryFormat | UnknownType = Unknown

    def __str__(self) -> str:
        text = " ".join(str(axis) for axis in self.axes)
        if self.memory_format is not Unknown:
            text += f" @ {self.memory_format}"
        if self.where:
            text += " where " + ", ".join(str(constraint) for constraint in self.where)
        return text.strip()

    @property
    def groups(self) -> tuple[int, ...]:
        """The places of the groups among the axes."""
        return tuple(place for place, axis in enumerate(self.axes) if isinstance(axis, Group))

    @property
    def symbols(self) -> frozenset[str]:
        """Every dim and attribute path that the shape mentions; groups as `*name`."""
        found: set[str] = set()
        for dim in self._dims():
            if dim.name is not Unknown:
                found.add(dim.name)
            if dim.size is not Unknown:
                found |= dim.size.symbols
        for axis in self.axes:
            if isinstance(axis, Group) and axis.name is not Unknown:
                found.add(f"*{axis.name}")
        for constraint in self.where:
            found |= constraint.symbols
        return frozenset(found)

    @property
    def attributes(self) -> frozenset[str]:
        """The attribute paths that the shape mentions, such as `self.hidden`."""
        return frozenset(symbol for symbol in self.symbols if is_attribute(symbol))

    @property
    def each(self) -> frozenset[str]:
        """The names that are bound anew for every element."""
        return frozenset(
            part.name
            for part in (*self._dims(), *(axis for axis in self.axes if isinstance(axis, Group)))
            if part.each and part.name is not Unknown
        )

    def _dims(self) -> Iterator[Dim]:
        for axis in self.axes:
            if isinstance(axis, Dim):
                yield axis
            elif isinstance(axis, Flattened):
                yield from axis.factors

    def closed(self, attributes: Mapping[str, int]) -> Self:
        """The shape with attribute paths written as constants, under their last name where that is free.

        `N self.classes` becomes `N classes=10`.
        """
        constants = {path: Size.constant(value) for path, value in attributes.items()}
        taken = {symbol for symbol in self.symbols if not is_attribute(symbol)}

        def close(dim: Dim) -> Dim:
            if dim.size is Unknown or not dim.size.symbols & constants.keys():
                return dim
            name = dim.name
            if name is Unknown and not dim.broadcast and str(dim.size) in constants:
                label = str(dim.size).strip("{}").rsplit(".", 1)[-1]
                name = Unknown if label in taken else label
            return Dim(name, dim.size.substitute(constants), dim.broadcast, dim.each)

        axes = tuple(
            close(axis)
            if isinstance(axis, Dim)
            else Flattened(tuple(close(factor) for factor in axis.factors))
            if isinstance(axis, Flattened)
            else axis
            for axis in self.axes
        )
        return type(self)(axes, tuple(one.substitute(constants) for one in self.where), self.memory_format)

    def without_where(self) -> Self:
        """The shape alone, without its constraints."""
        return type(self)(self.axes, (), self.memory_format)


def dim_symbols(size: Size) -> frozenset[str]:
    """The dims that a size is computed from: its symbols that are no attribute paths."""
    return frozenset(symbol for symbol in size.symbols if not is_attribute(symbol))
