"""Indexing: `x[:, 0]` as torch does it, `x["C", 0, "T", 1:4]` and `x[{"C": 0}]` by name, read and assigned."""

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, cast

import numpy as np
import torch
from torch import Tensor
from torch.compiler import is_dynamo_compiling

from namedtorch.diagnostics import DimError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call, place_of
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Value
from namedtorch.values.dispatch import REFUSALS
from namedtorch.values.index_entries import Index, key_of_entry, quick_key, read_index
from namedtorch.values.named_tensor import Dims, NamedTensor
from namedtorch.values.operation import (
    MOST_PLANS,
    Operation,
    Other,
    Template,
    as_value,
    is_tracing,
    template_of,
)
from namedtorch.values.proxies import is_traced, traced
from namedtorch.values.refusal import NO_PARTS, misfit_error
from namedtorch.values.spellings import operation_of

_GET: Final = operation_of(operator.getitem)
_SET: Final = operation_of(Tensor.__setitem__)
_READING: Final = "x[...]"
_WRITING: Final = "x[...] = y"
_WHOLE: Final = slice(None)
_SLICE: Final = "slice"
_DOTS: Final = "..."
_NUMBER: Final = "number"
_LISTED: Final = (list, tuple, range, np.ndarray)

_Places = tuple[int, ...] | None

_PARTS: Final[dict[Any, tuple[Dims, _Places]]] = {}
"""The dims of what an index takes, and the places of the dims that it names, by what tells indices apart."""

_WRITTEN: Final[dict[Any, _Places]] = {}
"""The places of the dims that an index names, for what may be written there."""


class PlaceError(DimError, IndexError):
    """An index that is no place of its axis: Python's loops over sequences end with an IndexError."""


def getitem(self: NamedTensor, index: Any) -> NamedTensor:
    """The part of a tensor that an index takes.

    Integers, slices, None, `...`, masks and tensors of indices stand for axes from the left, as torch takes them. Names
    and what to take of their dims stand in pairs, `x["C", 0, "T", 1:4]`, or in a mapping. The dims of a NamedTensor of
    indices come in the place of the axis, a mask has the dims that it masks, None makes an axis without a name. Raises
    `DimError` where dims, names or sizes do not fit; it is an IndexError for a place that the axis does not have.
    """
    if is_dynamo_compiling():
        return _captured(self, index)
    plan = _PARTS.get((self.dims, quick_key(index)))
    if plan is None:
        return _get(self, index)
    dims, places = plan
    try:
        if places is None:
            return NamedTensor(self.tensor[index], dims)
        return NamedTensor(self.tensor[_placed(len(self.dims), places, index[1::2])], dims)
    except REFUSALS:
        return _get(self, index)


def setitem(self: NamedTensor, index: Any, value: Any) -> None:
    """Writes into the part of a tensor that an index takes, in all the forms in which that is read.

    What is written broadcasts to it from the right, its names are those of the axes it is written to. Raises `DimError`
    as for reading.
    """
    if is_dynamo_compiling():
        _captured_write(self, index, value)
        return
    key = self.dims, quick_key(index), key_of_entry(value)
    plain = value.tensor if isinstance(value, NamedTensor) else value
    if key not in _WRITTEN:
        _set(self, index, value, plain)
        return
    places = _WRITTEN[key]
    try:
        self.tensor[index if places is None else _placed(len(self.dims), places, index[1::2])] = plain
    except REFUSALS:
        _set(self, index, value, plain)


def iterate(self: NamedTensor) -> Iterator[NamedTensor]:
    """The parts along the first axis, one by one."""
    if self.ndim == 0:
        raise TypeError(NO_PARTS)
    return iter(cast("Any", self).unbind(0))


METHODS: Final[dict[str, Callable[..., Any]]] = {
    "__getitem__": getitem,
    "__setitem__": setitem,
    "__iter__": iterate,
}
"""Methods of NamedTensor by name."""


# Plans


def _get(x: NamedTensor, given: Any) -> NamedTensor:
    """Takes a part by an index that is not known yet, or that is refused."""
    index = read_index(given)
    if is_traced((x, index.entries)):
        bare = index.entries if index.names is None else _positional(x.dims, index.names, index.entries)
        return traced(_GET, (x, bare), {})
    key = x.dims, index.key
    plan = _PARTS.get(key)
    if plan is None:
        template, places = _told(_GET, x, index)
        if not isinstance(template, tuple):
            # What torch refuses as well, it explains.
            result = x.tensor[index.plain]
            reason = template.reason if isinstance(template, Other) else ""
            raise _GET.refused(reason, (x, index.value)) if isinstance(result, Tensor) else TypeError(reason)
        plan = template, places
        _remember(_PARTS, key, plan)
    dims, places = plan
    try:
        return NamedTensor(x.tensor[_bare(x, index, places)], dims)
    except REFUSALS:
        _told(_GET, x, index)
        raise


def _set(x: NamedTensor, given: Any, value: Any, plain: Any) -> None:
    index = read_index(given)
    key = x.dims, index.key, key_of_entry(value)
    if key in _WRITTEN:
        places = _WRITTEN[key]
    else:
        places = _told(_SET, x, index, value)[1]
        _remember(_WRITTEN, key, places)
    try:
        x.tensor[_bare(x, index, places)] = plain
    except REFUSALS:
        _told(_SET, x, index, value)
        raise


def _told(operation: Operation, x: NamedTensor, index: Index, *value: Any) -> tuple[Template, _Places]:
    """What the row tells. Raises `DimError`, which is an IndexError for a place that the axis does not have."""
    row = operation.row
    assert row is not Unknown
    bound = row.bind([as_value(one) for one in (x, index.value, *value)], {})
    call = Call(bound, Plain())
    try:
        result = row.given(call)
    except Misfit as misfit:
        found = misfit_error(_WRITING if value else _READING, misfit, bound)
        if misfit.code != "index-out-of-range":
            raise found from None
        error = PlaceError(*found.args)
        error.failures = found.failures
        raise error from None
    return template_of(result), cast("_Places", call.places_of.get("index"))


def _remember(plans: dict[Any, Any], key: Any, plan: Any) -> None:
    """Keeps a plan, but while torch.jit.trace runs: it runs a function twice, and compares the lines that it ran."""
    if is_tracing():
        return
    if len(plans) >= MOST_PLANS:
        plans.clear()
    plans[key] = plan


def _bare(x: NamedTensor, index: Index, places: _Places) -> Any:
    return index.plain if places is None else _placed(len(x.dims), places, index.plain)


def _placed(rank: int, places: Sequence[int], entries: Sequence[Any]) -> tuple[Any, ...]:
    """The index by position that has these entries at these places."""
    index: list[Any] = [_WHOLE] * rank
    for place, entry in zip(places, entries, strict=True):
        index[place] = entry
    return tuple(index)


# Under torch.compile and torch.fx, names become places; no number is a constant of the graph.


def _positional(dims: Dims, names: tuple[str, ...], entries: Sequence[Any]) -> tuple[Any, ...]:
    places, refusal = _places(dims, names)
    if refusal is not None:
        raise DimError(refusal)
    return _placed(len(dims), places, entries)


def _places(dims: Dims, names: tuple[str, ...]) -> Any:
    """The places of dims, and a refusal or None."""
    shape = _shape(dims)
    try:
        return tuple([place_of(shape, name, "input", f"the index names `{name}`") for name in names]), None
    except Misfit as misfit:
        return (), str(misfit_error(_READING, misfit, {}))


def _in_graph(x: NamedTensor, index: Any) -> tuple[Any, Any]:
    """An index by position, plain, and what tells its kinds."""
    entries: Any = index if isinstance(index, tuple) else (index,)
    if isinstance(index, dict):
        entries = _positional(x.dims, tuple(index), tuple(index.values()))
    elif any(isinstance(one, str) for one in entries):
        entries = _positional(x.dims, entries[::2], entries[1::2])
    entries = [_tensor_in_graph(one) if isinstance(one, _LISTED) else one for one in entries]
    plain = tuple([one.tensor if isinstance(one, NamedTensor) else one for one in entries])
    return plain, tuple([_kind(one) for one in entries])


def _tensor_in_graph(values: Any) -> Tensor:
    """Numbers of places, or flags, as a tensor."""
    if isinstance(values, np.ndarray):
        return torch.as_tensor(values)
    return torch.tensor(list(values), dtype=None if len(values) else torch.int64)


def _kind(one: Any) -> Any:
    """What an entry, or a value, is to the dims of a result, as a constant."""
    if isinstance(one, NamedTensor):
        return one.dims, str(one.tensor.dtype)
    if isinstance(one, Tensor):
        return (None,) * one.dim(), str(one.dtype)
    if one is None or isinstance(one, bool):
        return one
    return _SLICE if isinstance(one, slice) else _DOTS if one is ... else _NUMBER


def _of_kind(kind: Any) -> Value:
    if isinstance(kind, tuple):
        dims, dtype = cast("tuple[Dims, str]", kind)
        return Array(_shape(dims), dtype.removeprefix("torch."))
    return {_SLICE: _WHOLE, _DOTS: ..., _NUMBER: Size.constant(0)}.get(kind, kind)


def _shape(dims: Dims) -> TensorShape:
    return TensorShape(tuple([Axis(carried=Unknown if name is None else name) for name in dims]))


def _told_of_kinds(x: Any, index: Any, *value: Any) -> tuple[Dims, str | None]:
    """The dims of what an index takes, and a refusal or None."""
    row = (_SET if value else _GET).row
    assert row is not Unknown
    bound = row.bind([_of_kind(x), tuple([_of_kind(one) for one in index]), *map(_of_kind, value)], {})
    try:
        template = template_of(row.given(Call(bound, Plain())))
    except Misfit as misfit:
        return (), str(misfit_error(_WRITING if value else _READING, misfit, bound))
    if not value and not isinstance(template, tuple):
        return (), "the row does not tell the dims of this part"
    return template if isinstance(template, tuple) else (), None


def _captured(x: NamedTensor, index: Any) -> NamedTensor:
    bare, kinds = _in_graph(x, index)
    dims, refusal = _told_of_kinds(_kind(x), kinds)
    if refusal is not None:
        raise DimError(refusal)
    return NamedTensor(x.tensor[bare], dims)


def _captured_write(x: NamedTensor, index: Any, value: Any) -> None:
    bare, kinds = _in_graph(x, index)
    _, refusal = _told_of_kinds(_kind(x), kinds, _kind(value))
    if refusal is not None:
        raise DimError(refusal)
    x.tensor[bare] = value.tensor if isinstance(value, NamedTensor) else value


for _constant in (_places, _told_of_kinds):
    cast("Any", _constant)._dynamo_marked_constant = True
