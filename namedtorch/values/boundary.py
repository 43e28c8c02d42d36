"""`Boundary`: where named tensors become plain and plain ones named, by a signature of the language of shapes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, cast

from torch import Tensor
from torch.compiler import is_dynamo_compiling

from namedtorch.diagnostics import DimError, Failure
from namedtorch.diagnostics.codes import sentence
from namedtorch.dims.bindings import Bindings
from namedtorch.dims.carried import expected_name, places_by_name
from namedtorch.dims.pattern import Axis, Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.text import parse_signature
from namedtorch.values.boundary_text import shapes_of
from namedtorch.values.named_tensor import Dims, NamedTensor, dims_text, plain
from namedtorch.values.operation import MOST_PLANS

Groups = tuple[tuple[str, Dims], ...]
"""The names of the axes of each group, those of `...` under that."""

_REST: Final = "..."


@dataclass(frozen=True, slots=True)
class Boundary:
    """A signature by which plain code takes and gives named tensors.

    `text` is the signature, `owner` what messages call the code, `parameters` the names of its parameters from the left.
    """

    text: str
    owner: str
    parameters: tuple[str, ...]
    taken: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "taken", tuple(shapes_of(parse_signature(self.text))[0]))

    def cross(
        self, function: Callable[..., Any], arguments: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Any:
        """Calls a function with plain tensors, and names what it gives.

        Raises `DimError` for arguments that do not fit the signature: other names, other sizes, tensors that are plain;
        and for results of other sizes.
        """
        tensors = self._tensors(arguments, keywords)
        dims = tuple([(name, one.dims) for name, one in tensors])
        if is_dynamo_compiling():
            groups, refusal = _told_groups(self.text, self.owner, dims)
            if refusal is not None:
                raise DimError(refusal)
            sizes = None
        else:
            groups = _groups(self.text, self.owner, dims)
            sizes = _numbers([(name, one.tensor) for name, one in tensors])
            if sizes is not None:
                _bindings(self.text, self.owner, sizes)
        result = function(*[plain(one) for one in arguments], **{name: plain(one) for name, one in keywords.items()})
        leaves: list[Tensor | None] = []
        _gather(result, leaves)
        ranks = tuple([None if one is None else one.dim() for one in leaves])
        if is_dynamo_compiling():
            names, refusal = _told_names(self.text, self.owner, groups, ranks)
            if refusal is not None:
                raise DimError(refusal)
        else:
            names = _names(self.text, self.owner, groups, ranks)
            given = _numbers([("", one) for one in leaves if one is not None])
            if sizes is not None and given is not None:
                _hold(self.text, self.owner, sizes, given)
        return _named(result, list(names))

    def _tensors(
        self, arguments: Sequence[Any], keywords: Mapping[str, Any]
    ) -> list[tuple[str, NamedTensor]]:
        """The tensors among the arguments that the signature speaks of."""
        found: list[tuple[str, NamedTensor]] = []
        for place, value in enumerate(arguments):
            if place < len(self.parameters) and self.parameters[place] in self.taken:
                self._add(self.parameters[place], self.parameters[place], value, found)
        for name, value in keywords.items():
            if name in self.taken:
                self._add(name, name, value, found)
        return found

    def _add(self, name: str, argument: str, value: Any, found: list[tuple[str, NamedTensor]]) -> None:
        if isinstance(value, NamedTensor):
            found.append((name, value))
        elif isinstance(value, Tensor):
            raise self._plain(name, argument)
        elif isinstance(value, (tuple, list)):
            for place, one in enumerate(cast("Sequence[Any]", value)):
                self._add(name, f"{argument}[{place}]", one, found)

    def _plain(self, name: str, argument: str) -> DimError:
        shape = shapes_of(parse_signature(self.text))[0][name]
        text = f"`{argument}` is a plain tensor, and its dims are told by name"
        help = f'write `named({argument}, "{shape.without_where()}")` where its dims are known'
        return DimError.of([Failure("wrong-type", text, argument, help=help)], function=self.owner)


def _gather(value: Any, leaves: list[Tensor | None]) -> None:
    """The tensors of a result, in order, and None for those that it left out."""
    if isinstance(value, (tuple, list)):
        for one in cast("Sequence[Any]", value):
            _gather(one, leaves)
    elif isinstance(value, Tensor) or value is None:
        leaves.append(value)
    elif isinstance(value, NamedTensor):
        leaves.append(value.tensor)


def _named(value: Any, names: list[Dims | None]) -> Any:
    """A result with its tensors under the next of these names, which it takes away."""
    if isinstance(value, (tuple, list)):
        items = [_named(one, names) for one in cast("Sequence[Any]", value)]
        if isinstance(value, list):
            return items
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if value is None:
        names.pop(0)
    elif isinstance(value, (Tensor, NamedTensor)):
        dims = names.pop(0)
        assert dims is not None
        return NamedTensor(plain(value), dims)
    return value


def _numbers(tensors: Sequence[tuple[str, Tensor]]) -> tuple[tuple[str, tuple[int, ...]], ...] | None:
    """The sizes of tensors; None while they are traced."""
    found = tuple([(name, tuple(one.shape)) for name, one in tensors])
    return found if all(type(size) is int for _, sizes in found for size in sizes) else None


# What a signature says of names, and of ranks


@lru_cache(MOST_PLANS)
def _groups(text: str, owner: str, dims: tuple[tuple[str, Dims], ...]) -> Groups:
    """The names of groups. Raises `DimError` for names that the signature does not have there."""
    shapes, _ = shapes_of(parse_signature(text))
    groups: dict[str, Dims] = {}
    failures: list[Failure] = []
    for name, own in dims:
        shape = shapes[name]
        if _misses_rank(shape, len(own)):
            failures.append(_rank_failure(shape, name, len(own)))
            continue
        for axis, start, names in _aligned(shape, own):
            if isinstance(axis, Group):
                key = _REST if axis.name is Unknown else axis.name
                if key == _REST:
                    groups.setdefault(key, names)
                elif (joined := _joined(groups.get(key, ()), names)) is not None:
                    groups[key] = joined
                else:
                    message = (
                        f"`*{key}` is `{dims_text(names)}` in `{name}`, and `{dims_text(groups[key])}` elsewhere"
                    )
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


def _aligned(shape: Shape, dims: Dims) -> Iterator[tuple[Axis, int, Dims]]:
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
def _names(text: str, owner: str, groups: Groups, ranks: tuple[int | None, ...]) -> tuple[Dims | None, ...]:
    """The dims of results that have so many axes; None stands for one that was left out. Raises `DimError`."""
    _, shapes = shapes_of(parse_signature(text))
    if len(shapes) != len(ranks):
        message = f"it gives {_counted(len(ranks))}, and the signature has {_counted(len(shapes))}"
        raise DimError.of(
            [Failure("container-differs", message)], function=owner, notes=[f"signature: {text}"]
        )
    known = dict(groups)
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
                dims += (None,) * spare if own is None or (len(shape.groups) == 1 and len(own) != spare) else own
            else:
                name = expected_name(axis)
                dims.append(None if name is Unknown else name)
        if _misses_rank(shape, rank) or len(dims) != rank:
            name = _result(place, len(shapes))
            raise DimError.of([_rank_failure(shape, name, rank)], function=owner, notes=[f"signature: {text}"])
        found.append(tuple(dims))
    return tuple(found)


def _counted(count: int) -> str:
    return "one tensor" if count == 1 else f"{count} tensors"


def _result(place: int, count: int) -> str:
    return "result" if count == 1 else f"result[{place}]"


# What it says of sizes


@lru_cache(MOST_PLANS)
def _bindings(text: str, owner: str, sizes: tuple[tuple[str, tuple[int, ...]], ...]) -> Bindings:
    """What arguments of these sizes bind. Raises `DimError`."""
    shapes, _ = shapes_of(parse_signature(text))
    bindings = Bindings()
    failures: list[Failure] = []
    for name, own in sizes:
        try:
            bindings = shapes[name].match(own, bindings, argument=name, wait=True)
        except DimError as error:
            failures += error.failures
    if failures:
        notes = [f"signature: {text}", *(f"{name}: {own}" for name, own in sizes)]
        raise DimError.of(failures, function=owner, notes=notes)
    return bindings


@lru_cache(MOST_PLANS)
def _hold(
    text: str,
    owner: str,
    sizes: tuple[tuple[str, tuple[int, ...]], ...],
    given: tuple[tuple[str, tuple[int, ...]], ...],
) -> None:
    """Raises `DimError` for results of other sizes than the arguments bind."""
    signature = parse_signature(text)
    _, shapes = shapes_of(signature)
    bindings = _bindings(text, owner, sizes)
    for place, (shape, (_, own)) in enumerate(zip(shapes, given, strict=False)):
        try:
            bindings = shape.match(own, bindings, argument=_result(place, len(shapes)), wait=True)
        except DimError as error:
            raise DimError.of(error.failures, function=owner, notes=[f"signature: {text}"]) from None


# In a graph that torch.compile captures, dims are constants, and so is what a signature says of them.


def _told_groups(text: str, owner: str, dims: Any) -> tuple[Groups, str | None]:
    try:
        return _groups(text, owner, dims), None
    except DimError as error:
        return (), str(error)


def _told_names(text: str, owner: str, groups: Groups, ranks: Any) -> tuple[tuple[Dims | None, ...], str | None]:
    try:
        return _names(text, owner, groups, ranks), None
    except DimError as error:
        return (), str(error)


for _constant in (_told_groups, _told_names):
    cast("Any", _constant)._dynamo_marked_constant = True
