"""What a signature says of the dims and sizes of arguments and results; what it said once holds for all calls alike."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from namedtorch.diagnostics import DimError, Failure
from namedtorch.diagnostics.codes import sentence
from namedtorch.dims.bindings import Bindings
from namedtorch.dims.carried import expected_name, places_by_name
from namedtorch.dims.pattern import Axis, Dim, Flattened, Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.subject import sizes_text
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.boundary_text import shapes_of
from namedtorch.signature.text import parse_signature
from namedtorch.values.named_tensor import Dims, dims_text
from namedtorch.values.operation import MOST_PLANS

Groups = tuple[tuple[str, Dims], ...]
"""The names of the axes of each group, those of `...` under that."""

Sizes = tuple[tuple[str, tuple[int, ...]], ...]
"""The sizes of arguments by name, or those of results."""

_REST: Final = "..."


@lru_cache(MOST_PLANS)
def groups_of(text: str, owner: str, dims: tuple[tuple[str, Dims], ...]) -> Groups:
    """The names of groups. Raises `DimError` for names that the signature does not have there."""
    shapes, _ = shapes_of(parse_signature(text))
    groups: dict[str, Dims] = {}
    failures: list[Failure] = []
    for name, own in dims:
        shape = shapes[name]
        if _misses_rank(shape, len(own)):
            failures.append(_rank_failure(shape, name, len(own)))
            continue
        for axis, start, names in along(shape, own):
            if isinstance(axis, Group):
                key = _REST if axis.name is Unknown else axis.name
                if key == _REST:
                    groups.setdefault(key, names)
                elif (joined := _joined(groups.get(key, ()), names)) is not None:
                    groups[key] = joined
                else:
                    message = f"`*{key}` is `{dims_text(names)}` in `{name}`, and `{dims_text(groups[key])}` elsewhere"
                    failures.append(Failure("names-differ", message, name, f"*{key}", start))
                continue
            wanted, carried = expected_name(axis), names[0]
            if wanted is not Unknown and carried is not None and carried != wanted:
                message = f"axis {start} of `{name}` is `{carried}`, but the signature has `{wanted}` there"
                help = None
                if wanted in own:
                    help = f'`{name}.align_to("{shape.without_where()}")` puts its dims in this order'
                failures.append(Failure("names-differ", message, name, wanted, start, wanted, carried, help))
    if failures:
        raise DimError.of(failures, function=owner, notes=_notes(text, dims))
    return tuple(groups.items())


def _notes(text: str, dims: tuple[tuple[str, Dims], ...]) -> list[str]:
    return [f"signature: {text}", *(f"{name}: {dims_text(own)}" for name, own in dims)]


def along(shape: Shape, dims: Dims) -> Iterator[tuple[Axis, int, Dims]]:
    """The axes of a shape with the place and the names that lie along each."""
    groups = shape.groups
    spare = len(dims) - len(shape.axes) + len(groups)
    first = spare
    if len(groups) == 2:
        middle = [expected_name(axis) for axis in shape.axes[groups[0] + 1 : groups[1]]]
        starts = [groups[0] + place for place in range(spare + 1)]
        found = places_by_name(starts, dims, middle)
        first = (found[0] if found else groups[0]) - groups[0]
    start = 0
    for place, axis in enumerate(shape.axes):
        length = 1 if not isinstance(axis, Group) else first if place == groups[0] else spare - first
        yield axis, start, dims[start : start + length]
        start += length


def _joined(left: Dims, right: Dims) -> Dims | None:
    """The names of two lists of axes that lie along each other from the right; None where they differ."""
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    found = list(longer)
    for place, name in enumerate(shorter, len(longer) - len(shorter)):
        if found[place] is None:
            found[place] = name
        elif name is not None and name != found[place]:
            return None
    return tuple(found)


def _misses_rank(shape: Shape, rank: int) -> bool:
    least = len(shape.axes) - len(shape.groups)
    return rank < least or (not shape.groups and rank != least)


def _rank_failure(shape: Shape, argument: str, rank: int) -> Failure:
    least = len(shape.axes) - len(shape.groups)
    expected = f"at least {least}" if shape.groups else str(least)
    text = sentence(
        "rank-differs", argument=argument, actual=rank, dim=shape.without_where(), expected=expected
    )
    return Failure("rank-differs", text, argument, None, None, least, rank)


@lru_cache(MOST_PLANS)
def names_of(text: str, owner: str, groups: Groups, ranks: tuple[int | None, ...]) -> tuple[Dims | None, ...]:
    """The dims of results that have so many axes; None stands for one that was left out. Raises `DimError`."""
    _, shapes = shapes_of(parse_signature(text))
    if len(shapes) != len(ranks):
        message = f"it gives {_counted(len(ranks))}, and the signature has {_counted(len(shapes))}"
        raise DimError.of(
            [Failure("container-differs", message)], function=owner, notes=[f"signature: {text}"]
        )
    known = dict(groups)
    failures: list[Failure] = []
    found: list[Dims | None] = []
    for place, (shape, rank) in enumerate(zip(shapes, ranks, strict=True)):
        if rank is None:
            found.append(None)
            continue
        spare = rank - len(shape.axes) + len(shape.groups)
        dims: list[str | None] = []
        for axis in shape.axes:
            if isinstance(axis, Group):
                own = known.get(_REST if axis.name is Unknown else axis.name)
                dims += (None,) * spare if own is None else own
            else:
                name = expected_name(axis)
                dims.append(None if name is Unknown else name)
        name = _result(place, len(shapes))
        if _misses_rank(shape, rank):
            failures.append(_rank_failure(shape, name, rank))
        elif len(dims) != rank:
            message = sentence(
                "rank-differs", argument=name, actual=rank, dim=dims_text(dims), expected=len(dims)
            )
            failures.append(Failure("rank-differs", message, name, None, None, len(dims), rank))
        found.append(tuple(dims))
    if failures:
        raise DimError.of(failures, function=owner, notes=[f"signature: {text}"])
    return tuple(found)


def _counted(count: int) -> str:
    return "one tensor" if count == 1 else f"{count} tensors"


def _result(place: int, count: int) -> str:
    return "result" if count == 1 else f"result[{place}]"


@lru_cache(MOST_PLANS)
def bindings_of(text: str, owner: str, sizes: Sizes) -> Bindings:
    """What arguments of these sizes bind. Raises `DimError`."""
    signature = parse_signature(text)
    shapes, _ = shapes_of(signature)
    bindings = Bindings()
    failures: list[Failure] = []
    for name, own in sizes:
        try:
            bindings = shapes[name].match(own, bindings, argument=name, wait=True)
        except DimError as error:
            failures += error.failures
    if not failures:
        try:
            Shape((), signature.where).match((), bindings, argument="the call", wait=True)
        except DimError as error:
            failures += error.failures
    if failures:
        notes = [f"signature: {text}", *(f"{name}: {sizes_text(own)}" for name, own in sizes)]
        raise DimError.of(failures, function=owner, notes=notes)
    return bindings


@lru_cache(MOST_PLANS)
def hold_results(text: str, owner: str, sizes: Sizes, given: Sizes) -> None:
    """Raises `DimError` for results that do not have the sizes that are written: `classes=10`, `H=H//2`.

    A dim keeps its name where its size changes, as `H` does behind a convolution: a name alone says no size of a
    result.
    """
    _, shapes = shapes_of(parse_signature(text))
    bindings = bindings_of(text, owner, sizes)
    failures: list[Failure] = []
    for place, (shape, (_, own)) in enumerate(zip(shapes, given, strict=True)):
        written = Shape(tuple(_sized(axis, bindings) for axis in shape.axes), shape.where)
        try:
            written.match(own, bindings, argument=_result(place, len(shapes)), wait=True)
        except DimError as error:
            failures += error.failures
    if failures:
        raise DimError.of(failures, function=owner, notes=[f"signature: {text}"])


def says_sizes(shape: Shape) -> bool:
    """Whether a shape says more of a result than the names of its axes."""
    return bool(shape.where) or any(isinstance(axis, Dim) and axis.size is not Unknown for axis in shape.axes)


def _sized(axis: Axis, bindings: Bindings) -> Axis:
    """An axis that has the size that is written, whatever its dim was before."""
    match axis:
        case Dim(name=name, size=size):
            label = Unknown if size is Unknown or name in bindings.sizes else name
            return Dim(label, size)
        case Flattened():
            return Dim()
        case Group():
            return Group()
