"""`Axis` and `Rest`: what is known of the axes of a value, be its sizes numbers or symbols."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType

ONE = Size.constant(1)


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its size, the dim that it is, and what is flattened in it, from the outer to the inner.

    `name` is the dim whose size is known here: `C=3`. `carried` is the name that a NamedTensor carries there, which
    stays when the size changes: `H` behind a convolution. `inserted` marks an axis of size 1 that was asked for: by
    `None`, `unsqueeze` or `keepdim`.
    """

    size: Size | UnknownType = Unknown
    name: str | UnknownType = Unknown
    parts: tuple["Axis", ...] = ()
    inserted: bool = False
    carried: str | UnknownType = Unknown

    @staticmethod
    def of(size: Size | int) -> "Axis":
        """An axis of this size that carries no dim."""
        return Axis(size if isinstance(size, Size) else Size.constant(size))

    @property
    def value(self) -> int | UnknownType:
        """The size as a number, where it is one."""
        return Unknown if self.size is Unknown else self.size.value

    @property
    def is_one(self) -> bool:
        """Whether the size is surely 1."""
        return self.size is not Unknown and self.size.value == 1

    @property
    def dim(self) -> str | UnknownType:
        """The name of the dim: the one carried, that of the size, or the symbol that the size is."""
        if self.carried is not Unknown:
            return self.carried
        if self.name is not Unknown or self.size is Unknown:
            return self.name
        return self.size.name

    @property
    def plain(self) -> "Axis":
        """The axis without what is flattened in it."""
        return replace(self, parts=()) if self.parts else self

    def resized(self, size: Size | UnknownType, *, inserted: bool = False) -> "Axis":
        """The axis that an operator leaves of this one, with another size: of its names only the carried one stays."""
        return Axis(size, inserted=inserted, carried=self.carried)

    def called(self, carried: str | UnknownType) -> "Axis":
        """The axis under another carried name."""
        return self if carried == self.carried else replace(self, carried=carried)

    def __str__(self) -> str:
        name = self.carried if self.carried is not Unknown else self.name
        if self.size is Unknown:
            return "_" if name is Unknown else name
        text = str(self.size)
        return text if name is Unknown or name == text else f"{name}={text}"


@dataclass(frozen=True, slots=True)
class Rest:
    """Any number of axes, of which the name is known at most; two with one name are the same axes."""

    name: str | UnknownType = Unknown

    def __str__(self) -> str:
        return "..." if self.name is Unknown else f"*{self.name}"


ANY = Axis()
"""An axis that nothing is known of."""

INSERTED = Axis(ONE, inserted=True)
"""An axis of size 1 that was asked for."""


def product(axes: Iterable[Axis]) -> Size | UnknownType:
    """The number of elements of these axes; `Unknown` where a size is, or where it gets too large."""
    sizes: list[Size] = []
    for axis in axes:
        if axis.size is Unknown:
            return Unknown
        sizes.append(axis.size)
    try:
        return reduce(Size.__mul__, sizes, ONE)
    except SizeLimitError:
        return Unknown


def is_reordered(left: Axis, right: Axis) -> bool:
    """Whether the same dims are flattened in two axes, in another order."""
    one, other = [part.size for part in left.parts], [part.size for part in right.parts]
    if len(one) != len(other) or one == other or Unknown in one:
        return False
    return len(set(one)) == len(one) and set(one) == set(other)


def merged(axes: Sequence[Axis]) -> Axis:
    """The axis that these are flattened to, row-major; one of size 1 leaves no trace unless it carries a name.

    Of several that carry names, the result carries all: `(C H W)`.
    """
    parts = [
        part
        for axis in axes
        for part in (axis.parts or (axis,))
        if not part.is_one or part.carried is not Unknown
    ]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Axis(ONE)
    return Axis(product(axes), parts=tuple(parts), carried=carried_by(parts))


def carried_by(parts: Iterable[Axis]) -> str | UnknownType:
    """The name of an axis in which these are flattened: `(C H W)`, with `_` for those that carry none."""
    # One that was flattened before, `(C H)`, is as flat as the others.
    names = [part.carried if part.carried is Unknown else part.carried.strip("()") for part in parts]
    if all(name is Unknown for name in names):
        return Unknown
    return f"({' '.join('_' if name is Unknown else name for name in names)})"


def names_in(carried: str | UnknownType) -> tuple[str | UnknownType, ...]:
    """The names that `carried_by` has put together, from the outer to the inner; none for one that holds no others."""
    if carried is Unknown or not carried.startswith("("):
        return ()
    found: list[str] = []
    depth = 0
    for word in carried[1:-1].split():
        if depth:
            found[-1] += f" {word}"
        else:
            found.append(word)
        depth += word.count("(") - word.count(")")
    return tuple(Unknown if name == "_" else name for name in found)
