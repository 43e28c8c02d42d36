"""The two sides of a pattern, `N (heads d) T -> N heads T d`, each a shape of the language."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from namedtorch.diagnostics import AnnotationError
from namedtorch.dims import pattern as language
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.einsum import BAD
from namedtorch.ops.judge import Misfit
from namedtorch.syntax.resolve import parse_shape

ARROW: Final = "->"


@dataclass(frozen=True, slots=True)
class Part:
    """One dim of a side: what it is told by on the other side, its name, and the size that is written there.

    A name is told by itself, the first `_` of a side by the first of the other, and a number by nothing.
    """

    key: str
    name: str | UnknownType = Unknown
    size: int | UnknownType = Unknown

    def __str__(self) -> str:
        if self.name is not Unknown:
            return self.name
        return "_" if self.size is Unknown else str(self.size)


@dataclass(frozen=True, slots=True)
class Several:
    """`...` or `*batch`: any number of axes, which keep the names that they have."""

    key: str

    def __str__(self) -> str:
        return self.key


Composed: TypeAlias = tuple[Part, ...]
"""The dims of one axis, from the outer to the inner: one, several in parentheses, or none for a `1`."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a pattern."""

    text: str
    axes: tuple[Composed | Several, ...]

    @property
    def several(self) -> Several | UnknownType:
        """What stands for any number of axes."""
        return next((axis for axis in self.axes if isinstance(axis, Several)), Unknown)

    @property
    def parts(self) -> Iterator[Part]:
        """All dims, from the left."""
        for axis in self.axes:
            if not isinstance(axis, Several):
                yield from axis

    @property
    def keys(self) -> dict[str, str]:
        """What tells each dim, and `...`, in the order of the side, and how it is written."""
        return {
            one.key: str(one)
            for axis in self.axes
            for one in ((axis,) if isinstance(axis, Several) else axis)
        }


@lru_cache(maxsize=1024)
def read_sides(pattern: str) -> tuple[Side, Side]:
    """Both sides of a pattern. Raises `Misfit` for a text that is none."""
    left, arrow, right = pattern.partition(ARROW)
    if not arrow or ARROW in right:
        raise bad(
            f"{pattern!r} has to have one arrow",
            "write the dims that there are, `->`, and those of the result",
        )
    return read_side(left), read_side(right)


def read_side(text: str) -> Side:
    """One side of a pattern. Raises `Misfit` for what no pattern holds, and for a name that stands twice."""
    text = text.strip()
    shape = parsed(text)
    if shape.where or shape.memory_format is not Unknown:
        raise bad(f"`{text}`: a pattern holds dims only", "leave out what follows `where` and `@`")
    counted = 0
    axes: list[Composed | Several] = []
    for axis in shape.axes:
        if isinstance(axis, language.Group):
            axes.append(_several(axis, text))
            continue
        dims = axis.factors if isinstance(axis, language.Flattened) else (axis,)
        parts = [_part(dim, text, counted + place) for place, dim in enumerate(dims)]
        counted += len(parts)
        # What has the size 1 leaves no trace in an axis.
        axes.append(tuple(part for part in parts if part.name is not Unknown or part.size != 1))
    side = Side(text, _numbered(axes))
    _refuse_repeated(side)
    return side


def parsed(text: str) -> language.Pattern:
    """A text as the language of shapes reads it. Raises `Misfit`."""
    if "()" in text.replace(" ", ""):
        raise bad(f"`{text}` holds `()`", "write `1` for an axis of size 1")
    try:
        return parse_shape(text)
    except AnnotationError as error:
        failure = error.failures[0]
        raise bad(f"`{text}`: {failure.message}", failure.help or "") from None


def bad(detail: str, help: str = "") -> Misfit:
    """The misfit of a text that is no pattern, or not one of the operation."""
    return Misfit(BAD, detail, "pattern", help=help)


def _part(dim: language.Dim, text: str, place: int) -> Part:
    if dim.broadcast or dim.each:
        raise bad(f"`{text}`: a pattern takes no `{'#' if dim.broadcast else '?'}`", "leave it out")
    size = dim.size
    if size is Unknown:
        return Part("_" if dim.name is Unknown else dim.name, dim.name)
    if size.value is Unknown:
        help = (
            f"a dim alone needs none: `{size}`"
            if size.name is not Unknown
            else "merge dims by `(H W)`, and give sizes by number"
        )
        raise bad(f"`{text}`: `{dim}` is arithmetic, which a pattern does not hold", help)
    return Part(f"{place} {size}" if dim.name is Unknown else dim.name, dim.name, size.value)


def _several(group: language.Group, text: str) -> Several:
    if group.broadcast or group.each:
        raise bad(f"`{text}`: a pattern takes no `{'#' if group.broadcast else '?'}`", "leave it out")
    return Several(str(group))


def _numbered(axes: list[Composed | Several]) -> tuple[Composed | Several, ...]:
    """The axes with each `_` told by its number among them."""
    count = 0
    found: list[Composed | Several] = []
    for axis in axes:
        if isinstance(axis, Several):
            found.append(axis)
            continue
        parts: list[Part] = []
        for part in axis:
            if part.key == "_":
                part = Part(f"_{count}")
                count += 1
            parts.append(part)
        found.append(tuple(parts))
    return tuple(found)


def _refuse_repeated(side: Side) -> None:
    seen: set[str] = set()
    for axis in side.axes:
        for one in (axis,) if isinstance(axis, Several) else axis:
            if one.key in seen:
                raise bad(f"`{side.text}` has `{one}` twice", "name each axis once")
            seen.add(one.key)
    if sum(isinstance(axis, Several) for axis in side.axes) > 1:
        raise bad(
            f"`{side.text}` has two groups of any number of axes",
            "nobody could tell where one ends: name the axes",
        )
