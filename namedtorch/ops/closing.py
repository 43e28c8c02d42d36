"""The sizes that an attribute tells, written into the shapes of a row: `out in` becomes `out=64 in=3`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from namedtorch.dims.attributes import AttributeMissing, Attributes, steps_of
from namedtorch.dims.pattern import Axis, Dim, Flattened, Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.attribute import Read, read_size, read_sizes

GROUP = "*"
"""What stands before the name of a dim that is a group of dims."""


@dataclass(frozen=True, slots=True)
class KnownDim:
    """A dim whose size an attribute tells.

    `row` is what the row calls it: itself, or the group that it is one of, `*normalized`.
    """

    name: str
    size: Size
    attribute: str
    row: str


def known_dims(sizes: Mapping[str, str], read: Read) -> dict[str, tuple[KnownDim, ...]]:
    """The dims and groups of a row whose sizes are known, by what the row calls them.

    A dim is one; a group is as many as its attribute lists, numbered if there are several.
    """
    found: dict[str, tuple[KnownDim, ...]] = {}
    for row, attribute in sizes.items():
        if not row.startswith(GROUP):
            size = read_size(read, attribute)
            if size is not Unknown:
                found[row] = (KnownDim(row, size, attribute, row),)
            continue
        listed = read_sizes(read, attribute)
        if listed is not Unknown:
            name = row.removeprefix(GROUP)
            names = [name] if len(listed) == 1 else [f"{name}{place}" for place in range(len(listed))]
            found[row] = tuple(
                KnownDim(one, size, f"{attribute}[{place}]", row)
                for place, (one, size) in enumerate(zip(names, listed, strict=True))
            )
    return found


def closed(shape: Shape, known: Mapping[str, tuple[KnownDim, ...]]) -> Shape:
    """The shape with its known sizes: labels where a dim stands alone, numbers in arithmetic.

    `out in//groups` is `out=8 in=4` where `groups` is 1 and `out=8 2` where it is 2; a label of the row stays:
    `gates=4*hidden` is `gates=20`.
    """
    sizes = {name: dims[0].size for name, dims in known.items() if not name.startswith(GROUP)}
    axes = tuple(_axes(shape.axes, known, sizes))
    return Shape(axes, tuple(one.substitute(sizes) for one in shape.where), shape.memory_format)


def _axes(
    axes: Iterable[Axis], known: Mapping[str, tuple[KnownDim, ...]], sizes: Mapping[str, Size]
) -> Iterator[Axis]:
    for axis in axes:
        match axis:
            case Dim():
                yield _dim(axis, sizes)
            case Flattened(factors=factors):
                yield Flattened(tuple(_dim(factor, sizes) for factor in factors))
            case Group(name=name):
                dims = None if name is Unknown else known.get(GROUP + name)
                if dims is None:
                    yield axis
                else:
                    yield from (Dim(one.name, one.size) for one in dims)


def _dim(dim: Dim, sizes: Mapping[str, Size]) -> Dim:
    if dim.size is Unknown:
        size = Unknown if dim.name is Unknown else sizes.get(dim.name, Unknown)
        return dim if size is Unknown else Dim(dim.name, size, dim.broadcast, dim.each)
    alone = _alone(dim.size, sizes)
    if alone is not None:
        return Dim(alone, sizes.get(alone, Unknown), dim.broadcast, dim.each)
    return Dim(dim.name, dim.size.substitute(sizes), dim.broadcast, dim.each)


def _alone(size: Size, sizes: Mapping[str, Size]) -> str | None:
    """The dim that a size is once the others are known: `in` for `in//groups` where `groups` is 1."""
    for name in sorted(size.symbols):
        others = {other: value for other, value in sizes.items() if other != name}
        if size.substitute(others).name == name:
            return name
    return None


def closed_by(shape: Shape, module: object) -> Shape | None:
    """A shape with the sizes of `self.hidden` and the like, read off a module; None where one leads to no size."""
    values = Attributes({"self": module})
    try:
        return shape.closed(
            {path: values.size(path) for path in shape.attributes if steps_of(path)[0] == "self"}
        )
    except AttributeMissing:
        return None
