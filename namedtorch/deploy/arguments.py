"""Arguments made ready for a graph: arrays become tensors, whatever has the fields of a record becomes one, and tensors
are stored as their hints ask, where that is wanted."""

import collections
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from namedtorch.deploy.arrays import from_array
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.mobile.memory_formats import in_order
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

READY = frozenset({Tensor, nn.Parameter, int, float, bool, complex, str, type(None)})
"""The types of values that are taken as they are: a call of nothing else needs no preparation."""

_Change = Callable[[Any], Any]


class Arguments:
    """Prepares the arguments of calls of one signature; what it does not know how to change stays as it is.

    With `convert`, tensors come in the memory formats of the signature, copied where they are stored otherwise. Values
    of the types in `ready` alone need no preparation.
    """

    def __init__(self, signature: Signature, device: torch.device, *, convert: bool = False) -> None:
        self._device = device
        formats = [one.shape.memory_format for one in signature.tensors]
        self._convert = convert and any(one is not Unknown for one in formats)
        self.ready = READY - {Tensor, nn.Parameter} if self._convert else READY
        changes = {one.name: self._change(one.hint) for one in signature.parameters}
        by_place = (Kind.POSITIONAL_ONLY, Kind.POSITIONAL)
        self._by_place = [changes[one.name] for one in signature.parameters if one.kind in by_place]
        self._by_name = {one.name: changes[one.name] for one in signature.parameters}
        # What `*args: X` and `**kwargs: X` take.
        more = {one.kind: changes[one.name] for one in signature.parameters}
        self._more = more.get(Kind.VAR_POSITIONAL, _same)
        self._named = more.get(Kind.VAR_KEYWORD, _same)

    def __call__(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments by position and by keyword; those that no parameter takes are left for the guard."""
        changes = self._by_place
        prepared = [change(value) for change, value in zip(changes, args, strict=False)]
        named = {name: self._by_name.get(name, self._named)(value) for name, value in kwargs.items()}
        return (*prepared, *map(self._more, args[len(changes) :])), named

    def _change(self, hint: Hint) -> _Change:
        """What makes a value of a hint ready."""
        match hint:
            case TensorHint(array=array):
                if array == "numpy.ndarray":
                    return _same
                return self._stored(hint) if self._convert else self._tensor
            case PlainHint(text=text):
                # Without dims nothing tells where in a value the tensors stand.
                return self._anywhere if "Tensor" in text or text == "Any" else _same
            case OptionalHint(inner=inner):
                change = self._change(inner)
                return lambda value: None if value is None else change(value)
            case ListHint(item=item):
                return _elements(self._change(item))
            case DictHint(value=inner):
                return _values(self._change(inner))
            case TupleHint(items=items):
                return _parts([self._change(one) for one in items])
            case RecordHint(name=name, fields=fields):
                return _record(name, {field: self._change(one) for field, one in fields})
            case UnionHint(members=members):
                return self._alternative(members)

    def _tensor(self, value: Any) -> Any:
        if isinstance(value, np.ndarray | np.generic):
            return from_array(value, self._device)
        return value

    def _stored(self, hint: TensorHint) -> _Change:
        wanted = hint.shape.memory_format
        if wanted is Unknown:
            return self._tensor

        def change(value: Any) -> Any:
            tensor = self._tensor(value)
            return in_order(tensor, wanted) if isinstance(tensor, Tensor) else tensor

        return change

    def _anywhere(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return _elements(self._anywhere)(value)
        return _values(self._anywhere)(value) if isinstance(value, dict) else self._tensor(value)

    def _alternative(self, members: Sequence[Hint]) -> _Change:
        """A union takes what is no container as a tensor, and each container as the first member of its kind does."""
        kinds: list[tuple[type | tuple[type, ...], _Change]] = []
        # A tensor is stored as the first of its rank asks.
        by_rank: dict[int, _Change] = {}
        for member in members:
            if self._convert and isinstance(member, TensorHint) and not member.shape.groups:
                by_rank.setdefault(len(member.shape.axes), self._stored(member))
            match member:
                case ListHint(container="list"):
                    kinds.append((list, self._change(member)))
                case ListHint() | TupleHint() | RecordHint():
                    kinds.append(((list, tuple), self._change(member)))
                case DictHint():
                    kinds.append((dict, self._change(member)))
                case _:
                    pass

        def change(value: Any) -> Any:
            for kind, prepare in kinds:
                if isinstance(value, kind):
                    return prepare(value)
            tensor = self._tensor(value)
            stored = by_rank.get(tensor.dim()) if isinstance(tensor, Tensor) else None
            return tensor if stored is None else stored(tensor)

        return change


def _same(value: Any) -> Any:
    return value


def _elements(change: _Change) -> _Change:
    """Changes the elements of a list or tuple; one in which nothing changes is handed on itself."""

    def prepare(value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        elements = cast("Sequence[Any]", value)
        made = [change(one) for one in elements]
        if all(one is other for one, other in zip(made, elements, strict=True)):
            return elements
        return made if isinstance(elements, list) else tuple(made)

    return prepare


def _values(change: _Change) -> _Change:
    def prepare(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {key: change(one) for key, one in cast("Mapping[Any, Any]", value).items()}

    return prepare


def _parts(changes: Sequence[_Change]) -> _Change:
    def prepare(value: Any) -> Any:
        if not isinstance(value, tuple) or len(cast("tuple[Any, ...]", value)) != len(changes):
            return value
        return tuple(change(one) for change, one in zip(changes, cast("tuple[Any, ...]", value), strict=True))

    return prepare


def _record(name: str, changes: Mapping[str, _Change]) -> _Change:
    """Makes a record of what has its fields, and of a plain tuple: who loads a file seldom has the writer's classes.

    Fields are taken by name, whatever their order in the caller's class: a graph takes them by position.
    """
    made: Any = collections.namedtuple(name, list(changes))

    def prepare(value: Any) -> Any:
        if type(value) is tuple:
            values = cast("tuple[Any, ...]", value)
            if len(values) != len(changes):
                return value
            return made(*(change(one) for change, one in zip(changes.values(), values, strict=True)))
        if not all(hasattr(value, field) for field in changes):
            return value
        return made(*(change(getattr(value, field)) for field, change in changes.items()))

    return prepare
