"""Names of results: what erased code gives is plain, and gets the names that it would have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any, cast

from torch import Tensor

from namedtorch.diagnostics import EraseError, Finding
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.erase.agreement import dims_text
from namedtorch.erase.erasure import Erased
from namedtorch.erase.live_tensors import holds_names
from namedtorch.ops.values import Array, Fields, Names
from namedtorch.runtime.twins import Naming
from namedtorch.static.interpreter.carried import tensors_in
from namedtorch.static.interpreter.domain import (
    DictValue,
    Instance,
    ListValue,
    Many,
    Maybe,
    Real,
    Text,
    Val,
    held_items,
)
from namedtorch.static.interpreter.join import join
from namedtorch.static.interpreter.plain import as_program_value
from namedtorch.values.named_tensor import Dims, NamedTensor


def result_naming(erased: Erased, function: FunctionType) -> Naming:
    """What names a result as the code that speaks of names would."""
    values = erased.results.get(function, ())
    if not values:
        return _nothing
    told = values[0]
    for one in values[1:]:
        told = join(told, one)
    try:
        template = _template(told, function)
    except EraseError:
        raise _at_times(values, function) from None
    if template is None:
        return _nothing
    if isinstance(template, tuple) and not any(isinstance(one, _Item) for one in template):
        return lambda result: NamedTensor(result, template)
    return lambda result: _named(result, template)


def attribute_naming(name: str, held: Any, value: Val, function: FunctionType) -> Naming | None:
    """What names tensors that code gives to an attribute, which held something before; None where there are none.

    Raises `EraseError` where they are put into a list or dict of the user's, or have names that can't be told.
    """
    named = any(isinstance(one, Array) and one.names is not Names.NONE for one in tensors_in([value]))
    if not named and not holds_names(held):
        return None
    if isinstance(held, list | dict):
        what = f"`self.{name}` collects tensors with names, and the code in plain torch would put plain ones there"
        remedy = "keep them in a tuple, `self.kept = (*self.kept, y)`, or return them"
        raise _refused(function, what, remedy)
    untold = _refused(
        function,
        f"the names of what `self.{name}` gets are not known",
        "assign it to a variable first, annotated with the dims that it has",
    )
    try:
        told = _template(value, function)
    except EraseError:
        raise untold from None
    return lambda result: _named(result, replace(told, error=untold) if isinstance(told, _Untold) else told)


def _nothing(result: Any) -> Any:
    return result


@dataclass(frozen=True, slots=True)
class _Untold:
    """What stands for a result of which nothing is known; a tensor among them has names that nobody can tell."""

    error: EraseError


@dataclass(frozen=True, slots=True)
class _Record:
    """What names the fields of an object of a class of the user's: of a named tuple, which is made anew."""

    fields: Mapping[str, Any]
    error: EraseError

    def named(self, result: Any) -> Any:
        """The object with names on what its fields hold."""
        names: tuple[str, ...] | None = (
            getattr(result, "_fields", None) if isinstance(result, tuple) else None
        )
        if names is not None:
            return type(result)(*(_named(getattr(result, name), self.fields.get(name)) for name in names))
        if any(_may_need_names(one) for one in getattr(result, "__dict__", {}).values()):
            # The object may be known elsewhere as well: nothing is changed in it.
            raise self.error
        return result


def _may_need_names(result: Any) -> bool:
    """Whether a result holds plain tensors, or is a function that gives some."""
    if isinstance(result, tuple | list):
        return any(map(_may_need_names, cast("Sequence[Any]", result)))
    if isinstance(result, dict):
        return any(map(_may_need_names, cast("Mapping[Any, Any]", result).values()))
    return isinstance(result, Tensor | FunctionType)


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
        case Instance(cell=cell):
            return _Record({name: _template(one, function) for name, one in cell.items()}, _untold(function))
        case Array():
            raise _untold(function)
        case bool() | int() | float() | str() | Size() | Real() | Text():
            return None
        case _:
            return _Untold(_untold(function))


def _untold(function: FunctionType) -> EraseError:
    what = "the names of its result are not known"
    return _refused(function, what, 'annotate the result: `-> Float[NamedTensor, "N C"]`')


def _at_times(values: Sequence[Val], function: FunctionType) -> EraseError:
    """Why no names can be put on a result: there are several, or nobody knows them."""
    known = [one for one in values if isinstance(one, Array) and one.names is Names.ALL]
    found = list(dict.fromkeys(map(dims_text, known)))
    if len(found) < 2 or len(known) < len(values):
        return _untold(function)
    what = f"its result has the dims {found[0]} at one time, and {found[1]} at another"
    return _refused(function, what, "give it the same dims each time, or write a function for each of them")


def _refused(function: FunctionType, what: str, remedy: str) -> EraseError:
    code = function.__code__
    finding = Finding(code.co_filename, code.co_firstlineno, what, remedy, "", function.__qualname__)
    return EraseError.of([finding], function.__qualname__)


def _items(values: Sequence[Val], function: FunctionType) -> Any:
    found = tuple(_Item(_template(one, function)) for one in values)
    return found if any(one.template is not None for one in found) else None


def _named(result: Any, template: Any) -> Any:
    if template is None or result is None:
        return result
    if isinstance(template, _Untold):
        if _may_need_names(result):
            raise template.error
        return result
    if isinstance(template, _Record):
        return template.named(result)
    if isinstance(template, list):
        named = (_named(one, template[0]) for one in result)
        # What is run through once is run through later, by who gets it.
        return type(result)(named) if isinstance(result, tuple | list) else named
    if isinstance(template, dict):
        return {name: _named(one, template.get(name)) for name, one in result.items()}
    if template and isinstance(template[0], _Item):
        items = [_named(one, item.template) for one, item in zip(result, template, strict=True)]
        if not isinstance(result, tuple):
            return items if isinstance(result, list) else iter(items)
        kind: Any = type(result)
        return (
            kind(items)
            if not hasattr(kind, "_fields") or kind.__module__ == "torch.return_types"
            else kind(*items)
        )
    return NamedTensor(result, template)
