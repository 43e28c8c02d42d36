"""Calls of operators on named tensors: the plain operator runs, and what its row says names the result."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import Parameter

from namedtorch.values.destination import into, refuse_other_names, written
from namedtorch.values.named_tensor import NamedTensor, plain
from namedtorch.values.operation import Answer, Each, Operation, Other, Plan, Template, as_builtin, is_tracing
from namedtorch.values.proxies import is_traced, traced, with_names

_LOOSE: Final = frozenset({int, float, complex})
"""Types of numbers, which do not decide what dims a result has."""

_FIRM: Final = frozenset(
    {str, type(None), torch.dtype, torch.device, torch.layout, torch.memory_format, type(...)}
)
"""Types of what tells calls apart by its value; a flag does as well, but is 1 or 0 to a dict."""

_BY_KEYWORD: Final = object()
"""What stands in a key before the names and values of keywords: arguments by position may be texts as well."""

REFUSALS: Final = (RuntimeError, TypeError, ValueError, IndexError)
"""What torch raises where arguments do not fit."""

_RANKS: Final = tuple(f"rank {rank}" for rank in range(65))
"""What a plain tensor is to a plan: its number of axes."""


def call(operation: Operation, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Runs an operator, and names its result. Raises `DimError` where dims do not fit, else what torch raises."""
    key: list[Any] = []
    bare: list[Any] = []
    exact = operation.exact
    for one in arguments:
        kind = type(one)
        if kind is NamedTensor:
            key.append(one.dims)
            bare.append(one.tensor)
        elif kind is Tensor or kind is Parameter:
            key.append(_RANKS[one.dim()])
            bare.append(one)
        elif kind in _LOOSE:
            key.append(one if exact else kind)
            bare.append(one)
        elif kind in _FIRM:
            key.append(one)
            bare.append(one)
        elif kind is bool:
            key.append((kind, one))
            bare.append(one)
        else:
            key.append(key_of(one, exact))
            # An array on the left of a plain tensor would take that for a list of Python's.
            bare.append(torch.tensor(one) if isinstance(one, np.ndarray) else plain(one))
    if keywords:
        return _with_keywords(operation, arguments, keywords, key, bare)
    if operation.by_size:
        key.append(_sizes(bare))
    known = tuple(key)
    plan = operation.plans.get(known)
    if plan is None:
        return _first(operation, arguments, keywords, known, bare, {})
    for place, value in plan.places:
        _put(bare, {}, place, value)
    try:
        result = operation.function(*bare)
    except REFUSALS as error:
        return failed(operation, error, arguments, keywords)
    if plan.dims is None:
        return _wrapped(operation, result, plan.template, arguments)
    if result is bare[0]:
        return written(operation, arguments[0], result, plan.dims)
    return NamedTensor(result, plan.dims)


def _with_keywords(
    operation: Operation,
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    key: list[Any],
    bare: list[Any],
) -> Any:
    keywords = dict(keywords)
    out = keywords.pop("out", None)
    key.append(_BY_KEYWORD)
    for name, one in keywords.items():
        key.append(name)
        key.append(key_of(one, operation.exact))
    named = {name: plain(one) for name, one in keywords.items()}
    if operation.by_size:
        key.append(_sizes([*bare, *named.values()]))
    if out is not None:
        named["out"] = plain(out)
    result = _first(operation, arguments, keywords, tuple(key), bare, named, out)
    return result if out is None else into(out, result)


def _first(
    operation: Operation,
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    key: tuple[Any, ...],
    bare: list[Any],
    named: dict[str, Any],
    out: Any = None,
) -> Any:
    """Runs a call by its plan, which is made where there is none; the result has to have as many axes as the plan."""
    plan = operation.plans.get(key)
    fresh = plan is None
    if plan is None:
        plan = operation.planned(arguments, keywords)
    if out is not None:
        refuse_other_names(operation, out, plan.template)
    for place, value in plan.places:
        _put(bare, named, place, value)
    try:
        result = operation.function(*bare, **named)
    except REFUSALS as error:
        return failed(operation, error, arguments, keywords)
    if fresh and plan.dims is not None and not isinstance(result, Tensor):
        # A number, which its row takes for a tensor without axes.
        plan = Plan(None, plan.template, plan.places)
    # torch traces a program twice, and holds the lines that ran to each other: both times the same ones.
    if fresh and not is_tracing() and not is_traced(result):
        operation.remember(key, plan)
        if not named:
            _remember_quick(operation, plan, arguments, bare)
    if plan.dims is not None:
        target = operation.target(arguments, keywords)
        if result is plain(target):
            return written(operation, target, result, plan.dims)
    return _wrapped(operation, result, plan.template, arguments)


def failed(
    operation: Operation, error: Exception, arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> Any:
    """What becomes of a call that torch refuses: it is run as torch.fx traces it, or explained by a `DimError`."""
    if is_traced(arguments) or is_traced(keywords):
        return traced(operation, arguments, keywords)
    raise operation.explained(error, arguments, keywords) from error


def _remember_quick(operation: Operation, plan: Plan, arguments: Sequence[Any], bare: Sequence[Any]) -> None:
    """Keeps a call of one named tensor, whose other arguments tell calls apart as they are."""
    if operation.by_size or operation.in_place or plan.dims is None or type(arguments[0]) is not NamedTensor:
        return
    others = arguments[1:]
    if not all(
        type(one) in _FIRM or type(one) is bool or (operation.exact and type(one) is int) for one in others
    ):
        return
    if not operation.exact or operation.takes_alike(plan, arguments):
        operation.quick[(arguments[0].dims, *others)] = plan.dims, tuple(bare[1:]) if plan.places else None


def _put(bare: list[Any], named: dict[str, Any], place: int | str, value: Any) -> None:
    """Puts numbers of dims in the place of names."""
    if isinstance(place, int):
        bare[place] = value
    elif place.startswith("*"):
        bare[int(place[1:]) :] = [value]
    else:
        named[place] = value


def _wrapped(operation: Operation, result: Any, template: Template, arguments: Sequence[Any]) -> Any:
    """A result with dims on each of its tensors."""
    if isinstance(result, Tensor):
        if isinstance(template, tuple):
            if len(template) != result.dim():
                raise operation.refused("its row tells another number of axes than the result has", arguments)
            return NamedTensor(result, template)
        reason = template.reason if isinstance(template, Other) else "its row tells of several results"
        raise operation.refused(reason or "its row tells of no tensor", arguments)
    if isinstance(result, tuple | list):
        items: Sequence[Any] = result
        match template:
            case Each(template=one):
                named = [_wrapped(operation, item, one, arguments) for item in items]
            case list() if len(template) == len(items):
                named = [_wrapped(operation, *pair, arguments) for pair in zip(items, template, strict=True)]
            case _:
                named = [_wrapped(operation, item, template, arguments) for item in items]
        return type(result)(*named) if hasattr(result, "_fields") else type(result)(named)
    if isinstance(template, Answer) and isinstance(result, bool):
        return template.value
    # Of a function that takes proxies as they are, the result is one.
    return with_names(operation, result, template, arguments) if is_traced(result) else result


def key_of(value: Any, exact: bool) -> Any:
    """What tells calls apart by one argument."""
    kind = type(value)
    if kind in _LOOSE:
        return value if exact else kind
    if kind in _FIRM:
        return value
    if kind is bool:
        return kind, value
    if isinstance(value, NamedTensor):
        return value.dims
    if isinstance(value, Tensor):
        return _RANKS[value.dim()]
    if isinstance(value, list | tuple):
        items: Sequence[Any] = value
        return kind, *(key_of(one, exact) for one in items)
    if kind is slice:
        return slice, *(key_of(one, exact) for one in (value.start, value.stop, value.step))
    if isinstance(value, dict):
        entries: dict[Any, Any] = value
        return dict, *((name, key_of(one, exact)) for name, one in entries.items())
    if isinstance(value, torch.SymInt):
        return kind, str(value)
    known = as_builtin(value)
    if known is not value:
        return key_of(known, exact)
    if isinstance(value, np.ndarray):
        return np.ndarray, value.ndim
    # What is left decides nothing: a generator, a callback.
    return kind


def _sizes(values: Sequence[Any]) -> tuple[Any, ...]:
    """Sizes and dtypes: a mask picks other axes than a tensor of places."""
    return tuple(
        (_numbers(one.shape), one.dtype) if isinstance(one, Tensor | np.ndarray) else _listed(one)
        for one in values
    )


def _numbers(shape: Sequence[Any]) -> tuple[int | str, ...]:
    # A size that is traced can't be looked up, but its text can.
    return tuple(size if type(size) is int else str(size) for size in shape)


def _listed(value: Any) -> Any:
    return _sizes(value) if isinstance(value, list | tuple) else None
