"""Functions and methods that run in plain torch: names come off at their boundary, and are back on the result."""

import functools
import inspect
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any, cast

from torch import Tensor, nn

from namedtorch.diagnostics import AnnotationError, EraseError, Finding
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.erase.erasure import Erased, erased_function, erased_module
from namedtorch.ops.axes import Axis
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Fields, Names
from namedtorch.runtime.twins import Twins
from namedtorch.static.interpreter.domain import (
    DictValue,
    ListValue,
    Many,
    Maybe,
    Real,
    Text,
    Val,
    held_items,
)
from namedtorch.static.interpreter.join import join
from namedtorch.static.interpreter.judge import FLEXIBLE_MARK
from namedtorch.static.interpreter.plain import as_program_value
from namedtorch.values.named_tensor import Dims, NamedTensor, plain

Naming = Callable[[Any], Any]
"""Puts names on a plain result."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What calls with arguments of the same dims run: a function of plain tensors, and what names its result."""

    function: Callable[..., Any]
    naming: Naming


def erasing(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that runs in plain torch what `function` says by names; arguments and results carry names as there.

    Each order of dims that it is called with is written once, at the first such call. Raises `AnnotationError` for a
    generator or coroutine; a call raises `EraseError` where names can't be told.
    """
    inner = inspect.unwrap(function)
    if not isinstance(inner, FunctionType) or _is_resumed(inner):
        raise AnnotationError(f"erase=True is for functions and methods, and {function!r} is none")
    plans: dict[Any, Plan] = {}
    of_modules: weakref.WeakKeyDictionary[nn.Module, dict[Any, Plan]] = weakref.WeakKeyDictionary()

    @functools.wraps(function)
    def erased(*arguments: Any, **keywords: Any) -> Any:
        first = arguments[0] if arguments else None
        known = plans
        if isinstance(first, nn.Module):
            known = of_modules.get(first)
            if known is None:
                known = of_modules[first] = {}
        key = _key(arguments), (tuple(keywords), _key(tuple(keywords.values()))) if keywords else None
        plan = known.get(key)
        if plan is None:
            plan = known[key] = _planned(inner, arguments, keywords)
        result = plan.function(
            *[one.tensor if type(one) is NamedTensor else plain(one) for one in arguments],
            **{name: plain(one) for name, one in keywords.items()},
        )
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


def _planned(function: FunctionType, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Plan:
    bound = inspect.signature(function).bind(*arguments, **keywords).arguments
    given = {name: value for name, one in bound.items() if (value := _value(one)) is not Unknown}
    first = arguments[0] if arguments else None
    if isinstance(first, nn.Module):
        twins = Twins(first, lambda: erased_module(first, {function.__name__: given}))
        own = twins.function(function)
        twin = twins.root

        def method(_: Any, *others: Any, **named: Any) -> Any:
            return own(twin, *others, **named)

        return Plan(method, _naming(twins.erased, function))
    erased = erased_function(function, given)
    return Plan(erased.functions.get(function, function), _naming(erased, function))


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
        case list() if given:
            return ListValue({"items": tuple(map(_value, cast("list[Any]", given)))})
        case _:
            return Unknown


def _axis(place: int, name: str | None) -> Axis:
    """An axis of which nothing is known but its name: it has the size that others of that name have."""
    size = Size.symbol(f"{FLEXIBLE_MARK}{name or place}}}")
    return Axis(size, carried=Unknown if name is None else name)


def _naming(erased: Erased, function: FunctionType) -> Naming:
    """What names a result as the code that speaks of names would."""
    values = erased.results.get(function, ())
    if not values:
        return _nothing
    told = values[0]
    for one in values[1:]:
        told = join(told, one)
    template = _template(told, function)
    if template is None:
        return _nothing
    if isinstance(template, tuple) and not any(isinstance(one, _Item) for one in template):
        return lambda result: NamedTensor(result, template)
    return lambda result: _named(result, template)


def _nothing(result: Any) -> Any:
    return result


@dataclass(frozen=True, slots=True)
class _Untold:
    """What stands for a result of which nothing is known; a tensor among them has names that nobody can tell."""

    function: Any  # A type checker takes a field of type FunctionType for a method.


@dataclass(frozen=True, slots=True)
class _Item:
    """What names one item of a tuple or list; the same for all of a list whose length is not known."""

    template: Any


def _template(value: Val, function: FunctionType) -> Any:
    match value:
        case Array(shape=shape, names=Names.ALL) if shape.rest is Unknown:
            dims: Dims = tuple(None if axis.carried is Unknown else axis.carried for axis in shape.fixed)
            return dims
        case Array(names=Names.NONE) | None:
            return None
        case Maybe(value=inner):
            return _template(inner, function)
        case tuple():
            return _items(value, function)
        case Fields(items=items):
            return _items(tuple(map(as_program_value, items)), function)
        case ListValue(cell=cell):
            held = held_items(cell)
            if isinstance(held, tuple):
                return _items(held, function)
            return [_template(held.item, function)] if isinstance(held, Many) else None
        case Many(item=item):
            return [_template(item, function)]
        case DictValue():
            return {name: _template(one, function) for name, one in value.entries.items()}
        case Array():
            raise _untold(function)
        case bool() | int() | float() | str() | Size() | Real() | Text():
            return None
        case _:
            return _Untold(function)


def _untold(function: FunctionType) -> EraseError:
    code = function.__code__
    what = "the names of its result are not known"
    remedy = 'annotate the result: `-> Float[NamedTensor, "N C"]`'
    finding = Finding(code.co_filename, code.co_firstlineno, what, remedy, "", function.__qualname__)
    return EraseError.of([finding], function.__qualname__)


def _items(values: Sequence[Val], function: FunctionType) -> Any:
    found = tuple(_Item(_template(one, function)) for one in values)
    return found if any(one.template is not None for one in found) else None


def _named(result: Any, template: Any) -> Any:
    if template is None or result is None:
        return result
    if isinstance(template, _Untold):
        if isinstance(result, Tensor):
            raise _untold(template.function)
        return result
    if isinstance(template, list):
        return type(result)(_named(one, template[0]) for one in result)
    if isinstance(template, dict):
        return {name: _named(one, template.get(name)) for name, one in result.items()}
    if template and isinstance(template[0], _Item):
        items = [_named(one, item.template) for one, item in zip(result, template, strict=True)]
        if isinstance(result, list):
            return items
        kind: Any = type(result)
        return (
            kind(items)
            if not hasattr(kind, "_fields") or kind.__module__ == "torch.return_types"
            else kind(*items)
        )
    return NamedTensor(result, template)
