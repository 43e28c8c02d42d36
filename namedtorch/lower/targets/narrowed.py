"""Narrowing: from a signature to what one exported graph takes of it.

A graph of tensors has one dtype for each input, so many axes, and no alternatives. Its signature says so: `Float`
becomes `Float32`, `*batch` the axes that were there, `#C` a `C`, a union the member that was given.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from torch import Tensor

from namedtorch.diagnostics import LowerError
from namedtorch.dims.attributes import AttributeMissing, Attributes
from namedtorch.dims.pattern import Axis, Dim, Flattened, Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.given_example import GivenExample, Inputs, call_signature
from namedtorch.runtime.guard import Guard
from namedtorch.signature.dtypes import FAMILIES, Family, dtype_name
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

_SCALARS = (bool, int, float, str, type(None))

NOTHING = PlainHint("None", None)
"""The hint of what is None."""


def bound_arguments(signature: Signature, inputs: Inputs) -> dict[str, Any]:
    """The value of each parameter in a call, defaults included, in order."""
    bound = call_signature(signature).bind(*inputs[0], **inputs[1])
    bound.apply_defaults()
    return dict(bound.arguments)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A signature as one call narrows it, and the dims in the place of each of its groups."""

    signature: Signature
    groups: Mapping[str, tuple[str, ...]]

    def example(self, given: GivenExample) -> Any:
        """A user's example, which knows groups, as one of the narrowed signature."""
        if not given.is_function:
            return given.example
        asked = given.asks_for
        call: Any = given.example

        def example(**sizes: Any) -> Any:
            return call(**{name: self._size(name, sizes) for name in asked})

        return example

    def _size(self, name: str, sizes: Mapping[str, int]) -> int | tuple[int, ...]:
        return tuple(sizes[one] for one in self.groups[name]) if name in self.groups else sizes[name]


def narrowed(signature: Signature, values: Mapping[str, Any], result: Any, name: str) -> Narrowed:
    """The signature of a graph that was made of one call, whose values are given by parameter, and its result.

    Sizes that came from arguments that are no tensors (`{n}`) are constants of it. Raises LowerError for values that do
    not fit the signature; `name` is what messages call the model.
    """
    attributes = Attributes(values)
    try:
        signature = signature.closed({path: attributes.size(path) for path in signature.attributes})
    except AttributeMissing as error:
        raise LowerError(f"{name} can't be exported: {error}") from error
    explanation = Guard(signature, name).explanation(tuple(values.values()))
    if explanation.arguments() or explanation.result(result):
        raise LowerError(str(explanation.error(name, "")))
    narrowing = _Narrowing(dict(explanation.matching.bindings), set(_names(signature)))
    parameters = tuple(
        replace(one, hint=narrowing.parameter(one.hint, one.kind, values[one.name]))
        for one in signature.parameters
    )
    made = replace(signature, parameters=parameters, result=narrowing.hint(signature.result, [result]))
    return Narrowed(_defaults(made, values), narrowing.groups)


def _defaults(signature: Signature, values: Mapping[str, Any]) -> Signature:
    """The signature whose defaults are what the graph has fixed.

    One of None where a tensor was given is taken off, as far as Python lets it be.
    """
    parameters = list(signature.parameters)
    for place, one in enumerate(parameters):
        value = values[one.name]
        if isinstance(one.hint, PlainHint) and one.default is not Unknown and isinstance(value, _SCALARS):
            parameters[place] = replace(one, default=value)
        if one.default is not None or values[one.name] is None or isinstance(one.hint, PlainHint):
            continue
        before = parameters[:place] if one.kind is not Kind.KEYWORD else []
        if all(other.default is Unknown for other in before):
            parameters[place] = replace(one, default=Unknown)
    return replace(signature, parameters=tuple(parameters))


def _names(signature: Signature) -> set[str]:
    return {symbol for hint in signature.tensors for symbol in hint.shape.symbols}


@dataclass(slots=True)
class _Narrowing:
    """Narrows hints by the values that were there; `bound` are the sizes of dims (`N`) and groups (`*batch`)."""

    bound: Mapping[str, int | tuple[int, ...]]
    taken: set[str]
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def parameter(self, hint: Hint, kind: Kind, value: Any) -> Hint:
        """The hint of a parameter; that of `*args` and `**kwargs` is the hint of each."""
        match kind:
            case Kind.VAR_POSITIONAL:
                return self.hint(hint, list(value))
            case Kind.VAR_KEYWORD:
                return self.hint(hint, list(value.values()))
            case _:
                return self.hint(hint, [value])

    def hint(self, hint: Hint, values: Sequence[Any]) -> Hint:
        """The hint of values that all stand at one place: one value, or the elements of a list."""
        if not values:
            return hint
        match hint:
            case TensorHint():
                return self._tensor(hint, values)
            case PlainHint():
                return (
                    NOTHING if hint.text.endswith("| None") and all(one is None for one in values) else hint
                )
            case OptionalHint(inner=inner):
                given = [one for one in values if one is not None]
                if not given:
                    return NOTHING
                made = self.hint(inner, given)
                return made if len(given) == len(values) else OptionalHint(made)
            case UnionHint(members=members):
                found = [_member(members, one) for one in values]
                if any(one is not found[0] for one in found):
                    return hint
                return self.hint(found[0], values)
            case ListHint(item=item):
                return replace(hint, item=self.hint(item, [part for one in values for part in one]))
            case DictHint(value=value):
                return replace(
                    hint, value=self.hint(value, [part for one in values for part in one.values()])
                )
            case TupleHint(items=items):
                parts = [self.hint(item, [one[place] for one in values]) for place, item in enumerate(items)]
                return TupleHint(tuple(parts))
            case RecordHint(fields=fields):
                named = [
                    (name, self.hint(one, [getattr(value, name) for value in values])) for name, one in fields
                ]
                return replace(hint, fields=tuple(named))

    def _tensor(self, hint: TensorHint, values: Sequence[Any]) -> TensorHint:
        dtypes = {dtype_name(one.dtype) for one in values}
        family = _family(dtypes.pop()) if len(dtypes) == 1 else hint.family
        shapes = [self._axes(hint.shape, tuple(one.shape)) for one in values]
        axes = shapes[0] if all(one == shapes[0] for one in shapes) else hint.shape.axes
        return replace(hint, family=family, shape=Shape(axes, hint.shape.where, hint.shape.memory_format))

    def _axes(self, shape: Shape, sizes: tuple[int, ...]) -> tuple[Axis, ...]:
        counts = iter(self._counts(shape, sizes))
        made: list[Axis] = []
        for axis in shape.axes:
            size = sizes[len(made)] if len(made) < len(sizes) else 1
            match axis:
                case Group():
                    count = next(counts)
                    start = len(made)
                    made += [
                        self._of_group(axis, place, count, sizes[start + place]) for place in range(count)
                    ]
                case Dim(broadcast=True) if size == 1 and self._size(axis) != 1:
                    made.append(Dim(size=Size.constant(1)))
                case Dim(name=name, size=known, each=each):
                    made.append(Dim(name, known, False, each))
                case Flattened():
                    made.append(axis)
        return tuple(made)

    def _of_group(self, group: Group, place: int, count: int, size: int) -> Axis:
        """One axis of a group of so many."""
        if group.name is Unknown:
            return Dim()
        if group.each:
            return Dim(group.name if count == 1 else f"{group.name}_{place}", Unknown, False, True)
        bound = self.bound.get(f"*{group.name}", ())
        assert isinstance(bound, tuple)
        names = self._named(group.name, len(bound))
        # What broadcasts is aligned at the last axis.
        index = place + len(bound) - count
        if group.broadcast and size == 1 and bound[index] != 1:
            return Dim(size=Size.constant(1))
        return Dim(names[index])

    def _named(self, group: str, count: int) -> tuple[str, ...]:
        """The dims that stand for a group: `batch` of one axis, else `batch_0 batch_1`."""
        if group not in self.groups:
            names: list[str] = []
            for name in [group] if count == 1 else [f"{group}_{place}" for place in range(count)]:
                free = name
                while free in self.taken:
                    free += "_"
                self.taken.add(free)
                names.append(free)
            self.groups[group] = tuple(names)
        return self.groups[group]

    def _size(self, axis: Dim) -> int | None:
        """The size of a dim that the call bound, None where it is not bound or computed."""
        if axis.size is not Unknown:
            known = axis.size.value
            return None if known is Unknown else known
        size = None if axis.name is Unknown else self.bound.get(axis.name)
        return size if isinstance(size, int) else None

    def _counts(self, shape: Shape, sizes: tuple[int, ...]) -> list[int]:
        """How many axes each group of a shape has."""
        groups = [axis for axis in shape.axes if isinstance(axis, Group)]
        left = len(sizes) - (len(shape.axes) - len(groups))
        if len(groups) < 2:
            return [left] * len(groups)
        for place, one in enumerate(groups):
            bound = None if one.name is Unknown or one.broadcast else self.bound.get(f"*{one.name}")
            if isinstance(bound, tuple):
                return [len(bound), left - len(bound)] if place == 0 else [left - len(bound), len(bound)]
        first, second = shape.groups
        middle = shape.axes[first + 1 : second]
        for count in range(left + 1):
            start = first + count
            known = [self._size(one) if isinstance(one, Dim) else None for one in middle]
            if all(one in (None, sizes[start + place]) for place, one in enumerate(known)):
                return [count, left - count]
        return [0, left]


def _family(dtype: str) -> Family:
    """The family of one dtype: `Float32`."""
    found = (one for one in FAMILIES.values() if one.dtypes == (dtype,))
    return FAMILIES["Bool"] if dtype == "bool" else next(found, Family(dtype, (dtype,)))


def _member(members: Sequence[Hint], value: Any) -> Hint:
    """The alternative of a union that a value is: the first that fits by type, dtype and rank."""
    return next((one for one in members if _fits(one, value)), members[0])


def _fits(hint: Hint, value: Any) -> bool:
    match hint:
        case TensorHint(family=family, shape=shape):
            if not isinstance(value, Tensor) or not family.takes(dtype_name(value.dtype)):
                return False
            least = len(shape.axes) - len(shape.groups)
            if value.dim() < least or (value.dim() > least and not shape.groups):
                return False
            if shape.groups:
                return True
            known = [
                one.size.value if isinstance(one, Dim) and one.size is not Unknown else Unknown
                for one in shape.axes
            ]
            return all(one in (Unknown, size) for one, size in zip(known, value.shape, strict=True))
        case OptionalHint(inner=inner):
            return value is None or _fits(inner, value)
        case UnionHint(members=members):
            return any(_fits(one, value) for one in members)
        case ListHint(container=container):
            return isinstance(value, tuple if container == "tuple" else list | tuple)
        case DictHint():
            return isinstance(value, Mapping)
        case TupleHint(items=items):
            return isinstance(value, tuple) and len(cast("tuple[Any, ...]", value)) == len(items)
        case RecordHint(fields=fields):
            known = dataclasses.is_dataclass(value) or hasattr(value, "_fields")
            return known and all(hasattr(value, name) for name, _ in fields)
        case PlainHint():
            return not isinstance(value, Tensor) or "Tensor" in hint.text
