"""Functions and methods that run in plain torch: names come off at their boundary, and are back on the result."""

import functools
import inspect
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Final, cast

from torch import nn

from namedtorch.diagnostics import AnnotationError, EraseError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.erase.decorators import written
from namedtorch.erase.erasure import erased_function, erased_module
from namedtorch.erase.premises import Premises
from namedtorch.ops.axes import Axis
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Names
from namedtorch.runtime.result_names import attribute_naming, result_naming
from namedtorch.runtime.twins import Naming, Twins
from namedtorch.static.interpreter.domain import (
    DictValue,
    ListValue,
    Val,
)
from namedtorch.static.interpreter.judge import FLEXIBLE_MARK
from namedtorch.values.named_tensor import NamedTensor, plain


@dataclass(frozen=True, slots=True)
class Plan:
    """What calls with arguments of the same dims run: a function of plain tensors, and what names its result.

    It is right as long as the `premises` hold: the attributes, globals and layers that it was made from.
    """

    function: Callable[..., Any]
    naming: Naming
    premises: Premises


_MOST: Final = 8
"""So many plans are kept for calls with arguments of the same dims."""


class _Plans:
    """The plans of a function, or of a method on one module, by what makes a specialisation.

    Numbers that change between calls are no longer taken for constants.
    """

    def __init__(self) -> None:
        self._plans: dict[Any, list[Plan]] = {}
        self._varying: dict[tuple[int, str], Mapping[str, Any]] = {}

    def find(self, key: Any, make: Callable[[Premises], Plan]) -> Plan:
        """The plan that serves a call."""
        plans = self._plans.get(key, [])
        for one in plans:
            if one.premises.hold():
                return one
        varying = {(id(names), name): names for one in plans for names, name in one.premises.changed()}
        plans = [one for one in plans if not one.premises.is_lost]
        made = self._made(varying, make)
        self._plans[key] = [made, *plans[: _MOST - 1]]
        return made

    def _made(
        self, varying: Mapping[tuple[int, str], Mapping[str, Any]], make: Callable[[Premises], Plan]
    ) -> Plan:
        wanted = {**self._varying, **varying}
        try:
            made = make(Premises(wanted))
        except EraseError:
            if not wanted:
                raise
            # Some of these numbers tell which axes there are: one plan for each of them.
            return make(Premises())
        self._varying = wanted
        return made


_NOTE: Final = (
    "namedtorch: this ran in plain torch (erase). What it calls and could not be followed, a function or module that "
    "is an argument for example, got tensors without names"
)


def erasing(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that runs in plain torch what `function` says by names; arguments and results carry names as there.

    Each order of dims that it is called with is written once, at the first such call. Raises `AnnotationError` for a
    generator or coroutine; a call raises `EraseError` where names can't be told.
    """
    inner = written(function) if isinstance(function, FunctionType) else None
    if inner is None or _is_resumed(inspect.unwrap(inner)):
        raise AnnotationError(f"erase=True is for functions and methods, and {function!r} is none")
    plans = _Plans()
    of_modules: weakref.WeakKeyDictionary[nn.Module, _Plans] = weakref.WeakKeyDictionary()

    @functools.wraps(function)
    def erased(*arguments: Any, **keywords: Any) -> Any:
        first = arguments[0] if arguments else None
        known = plans
        if isinstance(first, nn.Module):
            known = of_modules.get(first)
            if known is None:
                known = of_modules[first] = _Plans()
        key = _key(arguments), (tuple(keywords), _key(tuple(keywords.values()))) if keywords else None
        plan = known.find(key, lambda premises: _planned(function, inner, arguments, keywords, premises))
        try:
            result = plan.function(
                *[one.tensor if type(one) is NamedTensor else plain(one) for one in arguments],
                **{name: plain(one) for name, one in keywords.items()},
            )
        except TypeError as error:
            error.add_note(_NOTE)
            raise
        return plan.naming(result)

    return erased


def _is_resumed(function: FunctionType) -> bool:
    return (
        inspect.iscoroutinefunction(function)
        or inspect.isgeneratorfunction(function)
        or inspect.isasyncgenfunction(function)
    )


def _key(arguments: Sequence[Any]) -> tuple[Any, ...]:
    """What of arguments makes a specialisation: the dims of tensors, and whether there is something at all."""
    return tuple([_key_of(one) for one in arguments])


def _key_of(value: Any) -> Any:
    if type(value) is NamedTensor:
        return value.dims
    if value is None or isinstance(value, bool | str):
        return value, type(value)
    if isinstance(value, tuple | list):
        return type(value), *map(_key_of, cast("Sequence[Any]", value))
    if isinstance(value, dict):
        return tuple([(name, _key_of(one)) for name, one in cast("Mapping[Any, Any]", value).items()])
    return type(value)


def _planned(
    function: FunctionType,
    inner: FunctionType,
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    premises: Premises,
) -> Plan:
    """A plan for calls like one of `function`, which is `inner` under decorators."""
    bound = inspect.signature(inner, follow_wrapped=False).bind(*arguments, **keywords).arguments
    given = {name: value for name, one in bound.items() if (value := _value(one)) is not Unknown}
    first = arguments[0] if arguments else None
    if isinstance(first, nn.Module):
        erased = erased_module(first, {inner.__name__: given}, premises, in_place=True)
        twins = Twins(first, erased, lambda name, held, value: attribute_naming(name, held, value, inner))
        own = erased.functions.get(inner, function)
        twin = twins.root

        def method(_: Any, *others: Any, **named: Any) -> Any:
            return own(twin, *others, **named)

        return Plan(method, result_naming(erased, inner), premises)
    erased = erased_function(function, given, premises, in_place=True)
    return Plan(erased.functions.get(inner, function), result_naming(erased, inner), premises)


def _value(given: Any) -> Val:
    """What is known of an argument beside its annotation: the names that it carries, or that it is not there."""
    match given:
        case NamedTensor():
            axes = tuple(_axis(place, name) for place, name in enumerate(given.dims))
            return Array(TensorShape(axes), names=Names.ALL)
        case None | bool() | str():
            return given
        case tuple():
            return tuple(map(_value, cast("tuple[Any, ...]", given)))
        case dict():
            entries = cast("dict[Any, Any]", given)
            if not all(isinstance(name, str) for name in entries):
                return Unknown
            return DictValue.of({name: _value(one) for name, one in entries.items()})
        case list() if given:
            return ListValue({"items": tuple(map(_value, cast("list[Any]", given)))})
        case _:
            return Unknown


def _axis(place: int, name: str | None) -> Axis:
    """An axis of which nothing is known but its name: it has the size that others of that name have."""
    size = Size.symbol(f"{FLEXIBLE_MARK}{name or place}}}")
    return Axis(size, carried=Unknown if name is None else name)
