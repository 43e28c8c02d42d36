"""Batches: which of their parts are the arguments of a model, and which are labels."""

import copy
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import numpy as np
import torch

from namedtorch.diagnostics import DimError, LowerError
from namedtorch.lower.given_example import Inputs, arguments, call_signature
from namedtorch.runtime.guard import Guard
from namedtorch.signature.array import array_text
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
    has_dims,
)
from namedtorch.signature.signature import Kind, Signature
from namedtorch.values.named_tensor import NamedTensor

_BY_PLACE = (Kind.POSITIONAL_ONLY, Kind.POSITIONAL)


@dataclass(frozen=True)
class Batches:
    """How batches become arguments that fit a signature; `name` is what messages call the model.

    `inputs` is the user's function of a batch, which gives the arguments: a tuple of those by position, a dict of those
    by name, `(args, kwargs)`, or the only one.
    """

    signature: Signature
    name: str
    inputs: Callable[[Any], Any] | None = None
    _guard: Guard = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.inputs is not None and not callable(self.inputs):
            raise LowerError(
                f"inputs= is a function that makes the arguments of a batch, not {array_text(self.inputs)}: "
                "inputs=lambda batch: batch[0]"
            )
        object.__setattr__(self, "_guard", Guard(self.signature, self.name))

    def inputs_of(self, item: Any, place: str = "") -> Inputs:
        """The arguments that a batch holds, in plain tensors; `place` is where it comes from.

        Raises DimError where they do not fit, and LowerError where two readings of the batch do.
        """
        if self.inputs is not None:
            item = changed(self.inputs(item), self._plain)
            return self._held(self._given(item), item, place)
        item = changed(item, self._plain)
        readings = list(self._readings(item))
        fitting = [one for one in readings if self._fits(one)]
        if len(fitting) > 1 and not self._is_variadic:
            shown = "; or ".join(self._shown(one, item) for one in fitting)
            raise LowerError(
                f"{place or 'the batch'} fits `{self.signature}` in more than one way: {shown}; say which by inputs="
            )
        return fitting[-1] if fitting else self._held(readings[0], item, place)

    def _given(self, made: Any) -> Inputs:
        """The arguments that a function of the user's gave."""
        if isinstance(made, Mapping) and not self._takes_whole(made):
            return (), dict(cast("Mapping[str, Any]", made))
        return arguments(made)

    def _readings(self, item: Any) -> Iterator[Inputs]:
        """What the arguments in a batch may be; the likeliest first, whose complaint is told where none fits."""
        fields = _fields(item)
        if isinstance(item, tuple) and self._is_call(cast("tuple[Any, ...]", item)):
            yield item
            return
        whole = self._takes_whole(item)
        if fields is not None and self._names <= set(fields) and self._names:
            yield self._by_name(fields)
        elif isinstance(item, Mapping) and not whole:
            yield self._by_name(cast("Mapping[str, Any]", item))
        else:
            if whole or not isinstance(item, tuple | list):
                yield (item,), {}
            if isinstance(item, tuple | list):
                yield from self._by_place(cast("tuple[Any, ...]", tuple(item)))

    def _is_call(self, item: tuple[Any, ...]) -> bool:
        """Whether a batch is `(args, kwargs)`: its second part has only names of parameters."""
        if len(item) != 2 or not isinstance(item[0], tuple) or type(item[1]) is not dict:
            return False
        known = {one.name for one in self.signature.parameters}
        return set(cast("dict[Any, Any]", item[1])) <= known

    def _by_name(self, found: Mapping[str, Any]) -> Inputs:
        """The arguments among named values; `**kwargs` takes all."""
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for one in self.signature.parameters:
            if one.kind is Kind.VAR_KEYWORD:
                kwargs |= {key: value for key, value in found.items() if key not in self._every}
            elif one.name in found and one.kind is Kind.POSITIONAL_ONLY:
                args.append(found[one.name])
            elif one.name in found and one.kind is not Kind.VAR_POSITIONAL:
                kwargs[one.name] = found[one.name]
        return tuple(args), kwargs

    def _by_place(self, parts: tuple[Any, ...]) -> Iterator[Inputs]:
        """As many of the parts as the model requires; and with what optional parameters take, whose dims tell it."""
        taken = [one for one in self.signature.parameters if one.kind in _BY_PLACE]
        rest = next((one for one in self.signature.parameters if one.kind is Kind.VAR_POSITIONAL), None)
        least = max(sum(one.required for one in taken), 1)
        yield parts[:least], {}
        for count in range(least + 1, len(parts) + 1):
            into = taken[count - 1] if count <= len(taken) else rest
            # What anything fits would take the labels.
            if into is None or not has_dims(into.hint):
                return
            yield parts[:count], {}

    def _held(self, inputs: Inputs, item: Any, place: str) -> Inputs:
        """The inputs, if they fit; raises DimError."""
        try:
            values = self._bound(inputs)
        except TypeError as error:
            missing = [one for one in self._required if one not in inputs[1]][len(inputs[0]) :]
            what = f"there is no {' and no '.join(f'`{one}`' for one in missing)}" if missing else str(error)
            raise DimError(
                f"{place or 'the batch'} does not fit `{self.signature}`: it is {_described(item)}, and {what}"
                + (
                    self._part_that_fits(item)
                    or "; inputs= says what the arguments are: inputs=lambda batch: (...)"
                )
            ) from None
        explanation = self._guard.explanation(values)
        if not explanation.arguments():
            return inputs
        error = explanation.error(self.name, place)
        other = self._part_that_fits(item)
        if other:
            made = DimError(f"{error}\n  the batch is {_described(item)}{other}")
            made.failures, made.function, made.location = error.failures, error.function, error.location
            raise made
        raise error

    def _part_that_fits(self, item: Any) -> str:
        """The one part of a batch that fits as the only argument, and how to say so; "" where there is not one."""
        if self.inputs is not None:
            return ""
        match item:
            case Mapping():
                parts = list(cast("Mapping[Any, Any]", item).items())
            case tuple() | list():
                parts = list(enumerate(cast("list[Any]", item)))
            case _:
                return ""
        fitting = [key for key, part in parts if self._fits(((part,), {}))]
        if len(fitting) != 1:
            return ""
        return f"; batch[{fitting[0]!r}] fits: inputs=lambda batch: batch[{fitting[0]!r}]"

    def _fits(self, inputs: Inputs) -> bool:
        try:
            return not self._guard.explanation(self._bound(inputs)).arguments()
        except TypeError:
            return False

    def _bound(self, inputs: Inputs) -> tuple[Any, ...]:
        """The values of the parameters in a call; raises TypeError where it lacks some, or has too many."""
        bound = self._call.bind(*inputs[0], **inputs[1])
        bound.apply_defaults()
        return tuple(bound.arguments.values())

    def _takes_whole(self, item: Any) -> bool:
        """Whether the first parameter takes what batches mostly are made of: a sequence, a mapping, a record."""
        first = next(iter(self.signature.parameters), None)
        return first is not None and len(self._names) <= 1 and _takes(first.hint, item)

    def _shown(self, inputs: Inputs, item: Any) -> str:
        count = len(inputs[0])
        named = ", ".join(f"`{one.name}`" for one in self.signature.parameters[:count])
        if count == 1 and inputs[0][0] is item:
            return f"all of it is {named} (inputs=lambda batch: batch)"
        left = len(item) - count
        taken = "batch[0]" if count == 1 else f"tuple(batch[:{count}])"
        return (
            f"its parts are {named}"
            + (f" and {left} label{'s' * (left > 1)}" if left else "")
            + f" (inputs=lambda batch: {taken})"
        )

    @cached_property
    def _call(self) -> Any:
        return call_signature(self.signature)

    @property
    def _required(self) -> list[str]:
        return [one.name for one in self.signature.parameters if one.required]

    @property
    def _names(self) -> set[str]:
        return set(self._required)

    @property
    def _is_variadic(self) -> bool:
        return any(one.kind is Kind.VAR_POSITIONAL for one in self.signature.parameters)

    @property
    def _every(self) -> set[str]:
        return {one.name for one in self.signature.parameters}

    def _plain(self, value: Any) -> Any:
        """A plain tensor for a named one, and for an array of numpy where the signature does not speak of those."""
        if isinstance(value, NamedTensor):
            return value.tensor
        if isinstance(value, np.ndarray) and all(
            one.array != "numpy.ndarray" for one in self.signature.tensors
        ):
            try:
                # A copy: arrays may be read-only, or have strides that tensors can't have.
                return torch.from_numpy(np.array(value))
            except TypeError:  # texts and objects: labels
                return value
        return value


def changed(value: Any, change: Callable[[Any], Any]) -> Any:
    """A value of any nesting whose parts that are no containers are changed."""
    match value:
        case tuple() if hasattr(value, "_fields"):
            record: Any = type(value)
            return record(*(changed(one, change) for one in cast("tuple[Any, ...]", value)))
        case tuple():
            return tuple(changed(one, change) for one in cast("tuple[Any, ...]", value))
        case list():
            return [changed(one, change) for one in cast("list[Any]", value)]
        case Mapping():
            return {key: changed(one, change) for key, one in cast("Mapping[Any, Any]", value).items()}
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type | NamedTensor):
            made = copy.copy(value)
            for one in dataclasses.fields(value):
                # Frozen ones as well.
                object.__setattr__(made, one.name, changed(getattr(value, one.name), change))
            return made
        case _:
            return change(value)


def _fields(item: Any) -> Mapping[str, Any] | None:
    """What a batch holds by name; None where its parts have no names."""
    if isinstance(item, Mapping):
        return cast("Mapping[str, Any]", item)
    names: Any = getattr(item, "_fields", None) if isinstance(item, tuple) else None
    if names is None and dataclasses.is_dataclass(item) and not isinstance(item, type):
        names = [one.name for one in dataclasses.fields(item)]
    return None if names is None else {name: getattr(item, name) for name in names}


def _takes(hint: Hint, item: Any) -> bool:
    """Whether a hint is of containers such as this one; what is not annotated is not."""
    match hint:
        case OptionalHint(inner=inner):
            return _takes(inner, item)
        case UnionHint(members=members):
            return any(_takes(one, item) for one in members)
        case ListHint() | TupleHint():
            return isinstance(item, tuple | list)
        case DictHint():
            return isinstance(item, Mapping)
        case RecordHint():
            return _fields(item) is not None
        case PlainHint(text=text):
            return text != "Any"
        case TensorHint():
            return False


def _described(item: Any) -> str:
    """What a batch is, for the end of a sentence."""
    match item:
        case Mapping():
            keys = ", ".join(f"`{one}`" for one in cast("Mapping[Any, Any]", item))
            return f"a mapping of {keys}" if keys else "an empty mapping"
        case tuple() | list():
            parts = cast("list[Any]", item)
            return f"a {type(item).__name__} of " + (", ".join(map(array_text, parts[:4])) or "nothing")
        case _:
            return array_text(item)
