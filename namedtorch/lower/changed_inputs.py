"""The arguments of a call with the tensors in them changed, wherever the signature has tensors."""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor

from namedtorch.lower.given_example import Inputs
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

Change = Callable[[TensorHint, Tensor], Any]
"""What becomes of a tensor under its hint."""


def changed(signature: Signature, args: Sequence[Any], kwargs: Mapping[str, Any], change: Change) -> Inputs:
    """The arguments of a call with every tensor in them changed that the signature has a hint for."""
    parameters = signature.parameters
    if not parameters:
        return tuple(args), dict(kwargs)
    by_name = {one.name: one.hint for one in parameters if one.kind is not Kind.VAR_KEYWORD}
    last = len(parameters) - 1
    return (
        # What is behind the last parameter belongs to `*args`.
        tuple(_changed(parameters[min(place, last)].hint, value, change) for place, value in enumerate(args)),
        {
            name: _changed(by_name[name], value, change) if name in by_name else value
            for name, value in kwargs.items()
        },
    )


def _changed(hint: Hint, value: Any, change: Change) -> Any:
    match hint:
        case TensorHint():
            return change(hint, value) if isinstance(value, Tensor) else value
        case PlainHint():
            return value
        case OptionalHint(inner=inner):
            return None if value is None else _changed(inner, value, change)
        case UnionHint(members=members):
            fits = [one for one in members if _is_of(one, value)]
            return _changed(fits[0], value, change) if fits else value
        case ListHint(item=item):
            return type(value)(_changed(item, one, change) for one in value)
        case DictHint(value=inner):
            return {key: _changed(inner, one, change) for key, one in value.items()}
        case TupleHint(items=items):
            return tuple(_changed(item, one, change) for item, one in zip(items, value, strict=True))
        case RecordHint(fields=fields):
            parts = {name: _changed(field, getattr(value, name), change) for name, field in fields}
            record: Any = value
            replaced = (
                record._replace if isinstance(value, tuple) else functools.partial(dataclasses.replace, value)
            )
            return replaced(**parts)


def _is_of(hint: Hint, value: Any) -> bool:
    """Whether an alternative is one of tensors of this rank, or of containers where the value is none."""
    if not isinstance(hint, TensorHint) or not isinstance(value, Tensor):
        return isinstance(hint, TensorHint) == isinstance(value, Tensor)
    return bool(hint.shape.groups) or len(hint.shape.axes) == value.dim()
