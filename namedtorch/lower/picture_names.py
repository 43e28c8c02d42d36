"""What annotations call the axes of the tensors in a call, and the tensors in values."""

import inspect
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any, cast

from torch import Tensor, nn

from namedtorch.diagnostics import AnnotationError, LowerError
from namedtorch.dims.carried import expected_name
from namedtorch.dims.pattern import Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.functions import innermost
from namedtorch.lower.signatures import is_checked, receiver_of
from namedtorch.signature.function import signature_of
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
from namedtorch.signature.signature import Kind, Parameter, Signature
from namedtorch.values.named_tensor import NamedTensor

Names = tuple[str | None, ...]
"""The names of the axes of a tensor, None for an axis without one; empty where nothing is known."""


def signature_or_none(module: nn.Module) -> Signature | None:
    """What the annotations of a module's forward say; None where they say nothing of dims, or are wrong."""
    try:
        function = inspect.getattr_static(type(module), "forward")
        own = signature_of(function if is_checked(function) else innermost(function), lenient=True)
        return own.without(*receiver_of(function)) if own.has_dims else None
    # What has no source, or no code at all, has no annotations to read.
    except (AnnotationError, LowerError, AttributeError, TypeError, NameError):
        return None


def parameters_of(
    signature: Signature, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Iterator[tuple[str, Hint, Any]]:
    """The arguments of a call, each with its name in a message, and its hint."""
    parameters = list(signature.parameters)
    last = len(parameters) - 1
    for place, value in enumerate(args):
        one = parameters[min(place, last)] if parameters else None
        if one is not None:
            extra = place - _first_place(parameters, one)
            yield f"{one.name}[{extra}]" if one.kind is Kind.VAR_POSITIONAL else one.name, one.hint, value
    for name, value in kwargs.items():
        one = next((one for one in parameters if one.name == name), None)
        one = one or next((one for one in parameters if one.kind is Kind.VAR_KEYWORD), None)
        if one is not None:
            yield name, one.hint, value


def _first_place(parameters: Sequence[Parameter], one: Parameter) -> int:
    return next(place for place, other in enumerate(parameters) if other is one)


def names_in(hint: Hint, value: Any) -> Iterator[tuple[Tensor, Names]]:
    """The tensors of a value, with the names that a hint gives their axes."""
    match hint:
        case TensorHint(shape=shape):
            tensor = value.tensor if isinstance(value, NamedTensor) else value
            if isinstance(tensor, Tensor):
                names = _names(shape, tensor.dim())
                if names:
                    yield tensor, names
        case OptionalHint(inner=inner):
            if value is not None:
                yield from names_in(inner, value)
        case ListHint(item=item):
            if isinstance(value, Sequence):
                for one in cast("Sequence[Any]", value):
                    yield from names_in(item, one)
        case DictHint(value=inner):
            if isinstance(value, Mapping):
                for one in cast("Mapping[Any, Any]", value).values():
                    yield from names_in(inner, one)
        case TupleHint(items=items):
            if isinstance(value, tuple):
                for item, one in zip(items, cast("tuple[Any, ...]", value), strict=False):
                    yield from names_in(item, one)
        case RecordHint(fields=parts):
            for name, part in parts:
                yield from names_in(part, getattr(value, name, None))
        case UnionHint() | PlainHint():
            # Which member it is, its guard knows.
            pass


def _names(shape: Shape, rank: int) -> Names:
    """The names of the axes of a shape, for a tensor with so many; empty where they do not fit, or can't be told."""
    groups = [axis for axis in shape.axes if isinstance(axis, Group)]
    left = rank - (len(shape.axes) - len(groups))
    if len(groups) > 1 or left < 0 or (left and not groups):
        return ()
    found: list[str | None] = []
    for axis in shape.axes:
        if isinstance(axis, Group):
            found += [None] * left
        else:
            name = expected_name(axis)
            found.append(None if name is Unknown or not name.isidentifier() else name)
    return tuple(found)


@contextmanager
def names_seen(notice: Callable[[NamedTensor], None]) -> Iterator[None]:
    """Tells `notice` of each named tensor that this thread makes; callers exclude each other by a lock.

    What an operator gives gets its names after torch has run it, where nothing that watches torch can see them.
    """
    init, own = NamedTensor.__init__, threading.get_ident()

    def told(self: NamedTensor, tensor: Tensor, dims: Names) -> None:
        init(self, tensor, dims)
        if threading.get_ident() == own:
            notice(self)

    NamedTensor.__init__ = told
    try:
        yield
    finally:
        NamedTensor.__init__ = init


def tensors_in(
    value: Any, place: str = "", notice: Callable[[NamedTensor], None] = lambda value: None
) -> Iterator[tuple[str, Tensor]]:
    """The plain tensors of a value, each with its place ("images[0]"); `notice` is told of those with names."""
    match value:
        case NamedTensor():
            notice(value)
            yield place, value.tensor
        case Tensor():
            yield place, value
        case tuple() if hasattr(value, "_fields"):
            for name in cast("Any", value)._fields:
                yield from tensors_in(getattr(value, name), f"{place}.{name}", notice)
        case list() | tuple() | set() | frozenset():
            for index, one in enumerate(cast("Sequence[Any]", value)):
                yield from tensors_in(one, f"{place}[{index}]", notice)
        case dict():
            for key, one in cast("dict[Any, Any]", value).items():
                yield from tensors_in(one, f"{place}[{key!r}]", notice)
        case _ if is_dataclass(value) and not isinstance(value, type):
            for one in fields(value):
                yield from tensors_in(getattr(value, one.name, None), f"{place}.{one.name}", notice)
        case _:
            pass
