"""Names in the calls of a model of plain tensors: they come off the arguments, and are put on the result."""

import collections
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from torch import Tensor

from namedtorch.diagnostics import DimError, Failure
from namedtorch.dims.carried import expected_name
from namedtorch.dims.pattern import Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.name_fit import REST, Fit, fitting, has_rank, joined, sides
from namedtorch.signature.hints import (
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    RecordHint,
    TensorHint,
    TupleHint,
    UnionHint,
)
from namedtorch.signature.signature import Kind, Signature
from namedtorch.values.named_tensor import Dims, NamedTensor, dims_text, plain

Names = Mapping[str, Dims]
"""The names of the axes of each group of a call, those of `...` under that."""

_MOST = 256
_NAMELESS = frozenset({Tensor, int, float, bool, complex, str, type(None)})

_Take = Callable[[Any, str, "_Found"], Any]
_Give = Callable[[Any, Names], Any]


@dataclass(slots=True)
class _Found:
    """What was found in the arguments of one call."""

    groups: dict[str, Dims] = field(default_factory=dict[str, Dims])
    failures: list[Failure] = field(default_factory=list[Failure])
    notes: list[str] = field(default_factory=list[str])


class CallNames:
    """Takes names off the arguments of calls of one signature, and puts them on results.

    A tensor whose dims stand in another order than the signature's is put in order with `align`; without it, it is
    refused. `remedy` says in the refusal how a user asks for that, "" where nobody can.
    """

    def __init__(self, signature: Signature, label: str, *, align: bool = False, remedy: str = "") -> None:
        self._label = label
        self._signature = signature
        self._align = align
        self._remedy = remedy
        places = (Kind.POSITIONAL_ONLY, Kind.POSITIONAL)
        takes = [(one.name, one.kind, self._take(one.hint)) for one in signature.parameters]
        self._by_place = [(name, take) for name, kind, take in takes if kind in places]
        self._by_name = {name: take for name, kind, take in takes if kind in (*places, Kind.KEYWORD)}
        # What `*args: X` and `**kwargs: X` take, each by the name of the parameter.
        self._more = next(((name, take) for name, kind, take in takes if kind is Kind.VAR_POSITIONAL), None)
        self._named = next((take for _, kind, take in takes if kind is Kind.VAR_KEYWORD), None)
        self._give = _give(signature.result)

    @staticmethod
    def stand_in(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
        """Whether any argument holds a NamedTensor."""
        for value in args:
            if type(value) not in _NAMELESS and holds_names(value):
                return True
        return bool(kwargs) and any(holds_names(value) for value in kwargs.values())

    def taken(
        self, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], Names]:
        """The arguments in plain tensors, in the order of the signature's dims, and the names of its groups.

        Raises DimError for a tensor of other dims; what the signature does not take is left for a guard.
        """
        found = _Found()
        places = self._by_place
        plain_args = [take(value, name, found) for (name, take), value in zip(places, args, strict=False)]
        for place, value in enumerate(args[len(places) :]):
            more = self._more
            plain_args.append(plain(value) if more is None else more[1](value, f"{more[0]}[{place}]", found))
        named: dict[str, Any] = {}
        for name, value in kwargs.items():
            take = self._by_name.get(name, self._named)
            named[name] = plain(value) if take is None else take(value, name, found)
        if found.failures:
            notes = [f"signature: {self._signature}", *found.notes]
            raise DimError.of(found.failures, function=self._label, notes=notes)
        return tuple(plain_args), named, found.groups

    def given(self, result: Any, names: Names) -> Any:
        """A result under the names that its annotation has; an axis without one has None."""
        return self._give(result, names)

    # Arguments

    def _take(self, hint: Hint) -> _Take:
        match hint:
            case TensorHint(shape=shape):
                return self._tensor(shape)
            case PlainHint():
                return lambda value, argument, found: plain(value)
            case OptionalHint(inner=inner):
                return self._take(inner)
            case ListHint(item=item):
                return _elements(self._take(item))
            case DictHint(value=inner):
                return _values(self._take(inner))
            case TupleHint(items=items):
                return _parts([self._take(one) for one in items])
            case RecordHint(name=name, fields=fields):
                return _fields(name, {one: self._take(inner) for one, inner in fields})
            case UnionHint(members=members):
                return self._alternative(members)

    def _tensor(self, shape: Shape) -> _Take:
        known: dict[Dims, Fit] = {}

        def take(value: Any, argument: str, found: _Found) -> Any:
            if not isinstance(value, NamedTensor):
                return value
            dims = value.dims
            if dims not in known:
                if len(known) >= _MOST:
                    known.clear()
                known[dims] = fitting(shape, dims)
            fit = known[dims]
            order = fit.order
            if fit.fits or (order is not None and self._align):
                for key, names in fit.groups.items():
                    self._group(key, names, argument, found)
                return value.tensor if order is None else value.tensor.permute(order)
            found.failures += fit.failures(argument, self._remedy)
            found.notes.append(f"{argument}: {dims_text(dims)}")
            return value.tensor

        return take

    def _group(self, key: str, names: Dims, argument: str, found: _Found) -> None:
        before = found.groups.get(key)
        both = names if before is None else joined(before, names)
        if both is not None:
            found.groups[key] = both
        elif key != REST and before is not None:
            message = f"`*{key}` is `{dims_text(names)}` in `{argument}`, and `{dims_text(before)}` elsewhere"
            found.failures.append(Failure("names-differ", message, argument, f"*{key}"))

    def _alternative(self, members: Sequence[Hint]) -> _Take:
        """A union takes a tensor as the first member that has its dims, a container as the first of its kind."""
        tensors = [one for one in members if isinstance(one, TensorHint)]
        takes = [(one, self._take(one)) for one in members]

        def take(value: Any, argument: str, found: _Found) -> Any:
            if not isinstance(value, NamedTensor):
                for member, one in takes:
                    if _is_of(member, value):
                        return one(value, argument, found)
                return plain(value)
            fits = [fitting(one.shape, value.dims) for one in tensors]
            chosen = next((place for place, one in enumerate(fits) if one.fits), None)
            if chosen is None:
                chosen = next((place for place, one in enumerate(fits) if one.order is not None), 0)
            if not tensors:
                return value.tensor
            return self._take(tensors[chosen])(value, argument, found)

        return take


def holds_names(value: Any) -> bool:
    """Whether a value is a NamedTensor, or a container or record with one in it."""
    if isinstance(value, NamedTensor):
        return True
    if isinstance(value, Tensor | str):
        return False
    if isinstance(value, list | tuple):
        return any(map(holds_names, cast("Sequence[Any]", value)))
    if isinstance(value, Mapping):
        return any(map(holds_names, cast("Mapping[Any, Any]", value).values()))
    fields = getattr(value, "__dict__", None)
    return isinstance(fields, dict) and any(
        isinstance(one, NamedTensor | list | tuple) and holds_names(one)
        for one in cast("dict[str, Any]", fields).values()
    )


def _is_of(hint: Hint, value: Any) -> bool:
    """Whether a container is of the kind of a hint."""
    match hint:
        case ListHint(container="list"):
            return isinstance(value, list)
        case ListHint() | TupleHint():
            return isinstance(value, list | tuple)
        case DictHint():
            return isinstance(value, Mapping)
        case RecordHint(fields=fields):
            return all(hasattr(value, name) for name, _ in fields)
        case _:
            return False


def _elements(take: _Take) -> _Take:
    def elements(value: Any, argument: str, found: _Found) -> Any:
        if not isinstance(value, list | tuple | collections.deque):
            return plain(value)
        made = [take(one, f"{argument}[{place}]", found) for place, one in enumerate(cast("Any", value))]
        return made if isinstance(value, list) else type(cast("Any", value))(made)

    return elements


def _values(take: _Take) -> _Take:
    def values(value: Any, argument: str, found: _Found) -> Any:
        if not isinstance(value, Mapping):
            return plain(value)
        items = cast("Mapping[Any, Any]", value).items()
        return {key: take(one, f"{argument}[{key!r}]", found) for key, one in items}

    return values


def _parts(takes: Sequence[_Take]) -> _Take:
    def parts(value: Any, argument: str, found: _Found) -> Any:
        if not isinstance(value, tuple) or len(cast("tuple[Any, ...]", value)) != len(takes):
            return plain(value)
        pairs = enumerate(zip(takes, cast("tuple[Any, ...]", value), strict=True))
        return tuple(take(one, f"{argument}[{place}]", found) for place, (take, one) in pairs)

    return parts


def _fields(name: str, takes: Mapping[str, _Take]) -> _Take:
    made: Any = collections.namedtuple(name, list(takes)) if _are_public(takes) else None

    def fields(value: Any, argument: str, found: _Found) -> Any:
        if type(value) is tuple and len(cast("tuple[Any, ...]", value)) == len(takes):
            values = dict(zip(takes, cast("tuple[Any, ...]", value), strict=True))
        elif all(hasattr(value, one) for one in takes):
            values = {one: getattr(value, one) for one in takes}
        else:
            return plain(value)
        read = {one: takes[one](inner, f"{argument}.{one}", found) for one, inner in values.items()}
        if type(value) is tuple:
            return tuple(read.values())
        if hasattr(value, "_replace"):
            return cast("Any", value)._replace(**read)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return replace(cast("Any", value), **read)
        return value if made is None else made(**read)

    return fields


def _are_public(names: Mapping[str, Any]) -> bool:
    return not any(one.startswith("_") for one in names)


# Results


def _give(hint: Hint) -> _Give:
    """What puts names on a result that fits a hint."""
    match hint:
        case TensorHint(shape=shape):
            return _named(shape)
        case PlainHint():
            return _as_it_is
        case OptionalHint(inner=inner):
            give = _give(inner)
            return lambda value, names: None if value is None else give(value, names)
        case ListHint(item=item):
            give = _give(item)
            return lambda value, names: _like(value, [give(one, names) for one in value])
        case DictHint(value=inner):
            give = _give(inner)
            return lambda value, names: {key: give(one, names) for key, one in value.items()}
        case TupleHint(items=items):
            gives = [_give(one) for one in items]
            return lambda value, names: tuple(
                give(one, names) for give, one in zip(gives, value, strict=True)
            )
        case RecordHint(fields=fields):
            return _given_fields({name: _give(inner) for name, inner in fields})
        case UnionHint(members=members):
            return _given_member(members)


def _as_it_is(value: Any, names: Names) -> Any:
    return value


def _named(shape: Shape) -> _Give:
    def give(value: Any, names: Names) -> Any:
        if not isinstance(value, Tensor):
            return value
        spare = value.dim() - len(shape.axes) + len(shape.groups)
        lengths = sides(shape, spare, names)
        dims: list[str | None] = []
        for place, axis in enumerate(shape.axes):
            if isinstance(axis, Group):
                own = names.get(REST if axis.name is Unknown else axis.name, ())
                length = lengths[place]
                # What a broadcast group has more of than was given has no names.
                dims += ((None,) * length + own)[len(own) :] if len(own) <= length else (None,) * length
            else:
                name = expected_name(axis)
                dims.append(None if name is Unknown else name)
        return NamedTensor(value, tuple(dims))

    return give


def _like(value: Any, items: list[Any]) -> Any:
    return items if isinstance(value, list) else type(value)(items)


def _given_fields(gives: Mapping[str, _Give]) -> _Give:
    def give(value: Any, names: Names) -> Any:
        made = {name: one(getattr(value, name), names) for name, one in gives.items()}
        return value._replace(**made) if hasattr(value, "_replace") else replace(value, **made)

    return give


def _given_member(members: Sequence[Hint]) -> _Give:
    gives = [(one, _give(one)) for one in members]

    def give(value: Any, names: Names) -> Any:
        for member, one in gives:
            if isinstance(value, Tensor):
                if isinstance(member, TensorHint) and has_rank(member.shape, value.dim()):
                    return one(value, names)
            elif _is_of(member, value):
                return one(value, names)
        return value

    return give
