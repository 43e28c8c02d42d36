"""The call that a trace is made of: which arguments the graph takes, and which become constants of it."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from torch import Tensor, nn

from namedtorch.diagnostics import LowerError
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.given_example import Inputs
from namedtorch.lower.mending.module_classes import become, subclass
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
from namedtorch.signature.signature import Parameter, Signature

_RUNNING = "__namedtorch_running__"
"""What a module has as long as one of its methods is traced."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An argument of the graph: its name there, the parameter that it comes from, its place in `*rest`, its value."""

    name: str
    parameter: str
    place: int | str | None
    value: Any


@dataclass(frozen=True, slots=True)
class TraceCall:
    """One call, split into the arguments that are tensors and those that are constants of the graph.

    `fixed` are the constants by the names of their parameters; tensors in lists, tuples and mappings count as tensors.
    """

    bound: inspect.BoundArguments
    taken: tuple[Taken, ...]
    fixed: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the arguments of the graph, in order."""
        return tuple(one.name for one in self.taken)

    @property
    def parameters(self) -> inspect.Signature:
        """The parameters of the graph."""
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(one, kind) for one in self.names])

    @property
    def values(self) -> tuple[Any, ...]:
        """The arguments of the graph, in order, as torch takes them."""
        return tuple(plain(one.value) for one in self.taken)

    def again(self, values: Sequence[Any]) -> Inputs:
        """The whole call, by position and by keyword, with other tensors for those that the graph takes."""
        arguments: dict[str, Any] = dict(self.bound.arguments)
        for name, value in arguments.items():
            kind = self.bound.signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_POSITIONAL:
                arguments[name] = list(value)
            elif kind is inspect.Parameter.VAR_KEYWORD:
                arguments[name] = dict(value)
        for one, value in zip(self.taken, values, strict=True):
            made = _like(one.value, value)
            if one.place is None:
                arguments[one.parameter] = made
            else:
                arguments[one.parameter][one.place] = made
        call = inspect.BoundArguments(self.bound.signature, cast("Any", arguments))
        return call.args, call.kwargs

    def of_graph(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Inputs | None:
        """A call of the graph, by position, for a call of what was traced; None for one that it does not take.

        Constants of the graph are left out, and have to be what they are there.
        """
        other = trace_call(self.bound.signature, args, kwargs)
        same = other.names == self.names and _same(other.fixed, self.fixed)
        return (other.values, {}) if same else None

    def signature(self, given: Signature, name: str) -> Signature:
        """The signature of the graph, by that of the method: without the constants, each argument on its own."""
        known = {one.name: one for one in given.parameters}
        parameters = tuple(
            Parameter(one.name, _hint(known[one.parameter].hint, one.value)) for one in self.taken
        )
        made = Signature(parameters, given.result, given.where)
        sizes = {
            path: value
            for path, value in ((path, self.fixed.get(path.strip("{}"))) for path in made.attributes)
            if type(value) is int
        }
        if not parameters:
            raise LowerError(
                f"{name} takes no tensors, so a trace of it would be one constant: lower it by script"
            )
        return made.closed(sizes)

    def notes(self) -> Iterator[str]:
        """What the trace keeps fixed of the call, in words."""
        for name, value in self.fixed.items():
            if value is not inspect.Parameter.empty and not _is_empty(value):
                yield f"`{name}` is fixed to {_told(value)}, and no argument of the graph"
        for one in self.taken:
            if isinstance(one.value, list | dict):
                count = len(cast("Any", one.value))
                yield f"`{one.name}` always has {count} element{'s' * (count != 1)}"
        stars = {one.parameter for one in self.taken if one.place is not None}
        for name in sorted(stars):
            several = ", ".join(f"`{one.name}`" for one in self.taken if one.parameter == name)
            yield f"`{name}` takes exactly {several}"


def trace_call(parameters: inspect.Signature, args: Sequence[Any], kwargs: Mapping[str, Any]) -> TraceCall:
    """Splits a call of a function with these parameters; raises TypeError for one that does not fit them."""
    bound = parameters.bind(*args, **kwargs)
    bound.apply_defaults()
    taken: list[Taken] = []
    fixed: dict[str, Any] = {}
    names = {*parameters.parameters}
    for name, value in bound.arguments.items():
        kind = parameters.parameters[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            several = [(f"{name}{place}", place, one) for place, one in enumerate(value)]
        elif kind is inspect.Parameter.VAR_KEYWORD:
            several = [(key, key, one) for key, one in value.items()]
        else:
            several = [(name, None, value)]
        for own, place, one in several:
            if is_traceable(one):
                # What `*rest` takes has no name; `rest0` may be another parameter's.
                free = own
                while place is not None and free in names:
                    free += "_"
                names.add(free)
                taken.append(Taken(free, name, place, one))
            else:
                fixed[own] = one
    return TraceCall(bound, tuple(taken), fixed)


def is_traceable(value: Any) -> bool:
    """Whether a value can be an argument or result of a trace: a tensor, or a container with nothing but tensors."""
    match value:
        case Tensor():
            return True
        case list() | tuple():
            items = cast("Sequence[Any]", value)
            return bool(items) and all(map(is_traceable, items))
        case dict():
            entries = cast("dict[Any, Any]", value)
            return bool(entries) and all(
                isinstance(key, str) and is_traceable(one) for key, one in entries.items()
            )
        case _:
            return False


def with_method(
    module: nn.Module, name: str, call: TraceCall, bound: Callable[..., Any], run: Callable[..., Any]
) -> None:
    """Gives a module a method that takes the arguments of the graph alone, and calls `run` with the whole call.

    A call in the middle of another one is the user's own, and goes to `bound`.
    """

    def method(self: nn.Module, *values: Any, **named: Any) -> Any:
        if _RUNNING in vars(self):
            return bound(*values, **named)
        args, kwargs = call.again(values)
        object.__setattr__(self, _RUNNING, True)
        try:
            return run(*args, **kwargs)
        finally:
            vars(self).pop(_RUNNING)

    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    listed = [own, *call.parameters.parameters.values()]
    cast("Any", method).__signature__ = inspect.Signature(listed)
    method.__name__ = name
    become(module, subclass(type(module), {name: method}))


def fitted(hint: Hint, value: Any) -> Hint | None:
    """The hint of a value as a trace knows it: records are tuples, what may be None is there.

    None where the value is not what the hint says.
    """
    made = _hint(hint, value)
    return made if _fits(made, value) else None


def plain(value: Any) -> Any:
    """A value as torch takes it of a trace: mappings are dicts, records are tuples."""
    if isinstance(value, list):
        return [plain(one) for one in cast("list[Any]", value)]
    if isinstance(value, tuple):
        return tuple(plain(one) for one in cast("tuple[Any, ...]", value))
    if isinstance(value, dict):
        return {key: plain(one) for key, one in cast("dict[str, Any]", value).items()}
    return value


def misfit_in(value: Any, what: str = "the result") -> str | None:
    """What in a result no trace can give, in words; None for nothing."""
    if isinstance(value, Tensor):
        return None
    if isinstance(value, list | tuple | dict):
        entries: Any = value.items() if isinstance(value, dict) else enumerate(cast("Sequence[Any]", value))
        found = [misfit_in(one, f"{what}[{key!r}]") for key, one in entries]
        if not found:
            return f"{what} is an empty {type(cast('object', value)).__name__}"
        return next((one for one in found if one is not None), None)
    return f"{what} is {'None' if value is None else f'`{type(value).__name__}`'}"


def _hint(hint: Hint, value: Any) -> Hint:
    match hint:
        case OptionalHint(inner=inner) if value is not None:
            return _hint(inner, value)
        case RecordHint(fields=fields):
            return TupleHint(tuple(_hint(one, getattr(value, name, Unknown)) for name, one in fields))
        case TupleHint(items=items) if isinstance(value, tuple):
            given = cast("tuple[Any, ...]", value)
            if len(given) != len(items):
                return hint
            return replace(
                hint, items=tuple(_hint(one, part) for one, part in zip(items, given, strict=True))
            )
        case _:
            return hint


def _fits(hint: Hint, value: Any) -> bool:
    """Whether a value is built as a hint says."""
    match hint:
        case TensorHint():
            return isinstance(value, Tensor)
        case OptionalHint(inner=inner):
            return value is None or _fits(inner, value)
        case ListHint(item=item):
            return isinstance(value, list) and all(_fits(item, one) for one in cast("list[Any]", value))
        case DictHint(value=inner):
            entries = cast("dict[Any, Any]", value)
            return isinstance(value, dict) and all(_fits(inner, one) for one in entries.values())
        case TupleHint(items=items):
            parts = cast("tuple[Any, ...]", value)
            return isinstance(value, tuple) and len(parts) == len(items) and all(map(_fits, items, parts))
        case UnionHint(members=members):
            return any(_fits(one, value) for one in members)
        case PlainHint():
            return True
        case RecordHint():
            return False


def _like(given: Any, value: Any) -> Any:
    """A value of a graph in the container that the caller gave."""
    if isinstance(given, list):
        return [_like(one, part) for one, part in zip(cast("list[Any]", given), value, strict=True)]
    if isinstance(given, tuple):
        parts = [_like(one, part) for one, part in zip(cast("tuple[Any, ...]", given), value, strict=True)]
        kind: Any = type(cast("object", given))
        return kind(*parts) if hasattr(kind, "_fields") else tuple(parts)
    if isinstance(given, dict):
        return {key: _like(one, value[key]) for key, one in cast("dict[str, Any]", given).items()}
    return value


def _is_empty(value: Any) -> bool:
    return isinstance(value, tuple | dict) and not value


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    try:
        return bool(one == other)
    except Exception:  # Values may refuse to be compared, or answer with an array.
        return one.keys() == other.keys()


def _told(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
