"""Named tensors while torch.compile captures a graph: dims are constants of the graph, operators are plain.

Nothing of a plan is looked up in the graph: what tells a call is a constant there, and a function that the compiler
calls as it captures gives the dims of the result.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

import torch
from torch import Tensor

from namedtorch.diagnostics import DimError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.table import METHOD
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Fields
from namedtorch.values.named_tensor import NamedTensor, plain
from namedtorch.values.operation import Answer, Each, Other, Template, as_value
from namedtorch.values.refusal import no_rule_error
from namedtorch.values.spellings import PROPERTIES, named_operation

_NAMED: Final = "named"
_TENSOR: Final = "tensor"
_LIST: Final = "list"
_TUPLE: Final = "tuple"
_SLICE: Final = "slice"
_FIELDS: Final = "fields"
_CONSTANT: Final = "constant"
_ANYTHING: Final = "anything"
_EACH: Final = "each"


def captured(
    name: str, function: Callable[..., Any], arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> Any:
    """Calls an operator in the graph, and names its result. Raises `DimError` where dims do not fit."""
    told = tuple([_told(one, False) for one in arguments])
    named = tuple([(key, _told(one, False)) for key, one in keywords.items()])
    answer = _answer(name, told, named)
    if answer is None:
        # The dims depend on sizes, which the graph is then captured for.
        told = tuple([_told(one, True) for one in arguments])
        named = tuple([(key, _told(one, True)) for key, one in keywords.items()])
        answer = _answer(name, told, named)
    template, places, refusal = answer
    if refusal is not None:
        raise DimError(refusal)
    bare = [plain(one) for one in arguments]
    given = {key: plain(one) for key, one in keywords.items()}
    for place, value in places:
        if isinstance(place, int):
            bare[place] = value
        elif place[0] == "*":
            bare = [*bare[: int(place[1:])], value]
        else:
            given[place] = value
    if name.startswith(METHOD) and isinstance(bare[0], Tensor):
        # As a method of its tensor: the compiler takes no method's function that is called apart from one.
        own = name[len(METHOD) :]
        if own in PROPERTIES:
            return _named(getattr(bare[0], own), template)
        return _named(getattr(bare[0], own)(*bare[1:], **given), template)
    return _named(function(*bare, **given), template)


def _told(value: Any, sized: bool) -> Any:
    """What tells a call, as constants; sizes where they are asked for."""
    if isinstance(value, NamedTensor):
        return _NAMED, value.dims, str(value.tensor.dtype), _sizes(value.tensor) if sized else None
    if isinstance(value, Tensor):
        return _TENSOR, (None,) * value.dim(), str(value.dtype), _sizes(value) if sized else None
    if isinstance(value, (list, tuple)):
        return (_LIST if isinstance(value, list) else _TUPLE), tuple([_told(one, sized) for one in value])
    if isinstance(value, slice):
        return _SLICE, _told(value.start, sized), _told(value.stop, sized), _told(value.step, sized)
    if isinstance(value, dict):
        return _FIELDS, tuple(value), tuple([_told(one, sized) for one in value.values()])
    if isinstance(value, int) and not isinstance(value, bool):
        return _CONSTANT, _constant(value)
    if value is None or value is ... or isinstance(value, (bool, str, float, complex)):
        return _CONSTANT, value
    if isinstance(value, torch.dtype):
        return _CONSTANT, str(value)
    return (_ANYTHING,)


def _sizes(tensor: Tensor) -> tuple[int, ...]:
    return tuple([_constant(size) for size in tensor.shape])


def _constant(size: int) -> int:
    """An integer that is a constant of the graph: what it is captured for, where sizes are dynamic."""
    return size if size < 0 else len(range(size))


def _answer(name: str, told: Any, named: Any) -> Any:
    """The template of a result, the dims as numbers, and a refusal or None; None where sizes would have to be told."""
    operation = named_operation(name)
    sized = all(one[3] is not None for one in _tensors((told, named)))
    if operation.by_size and not sized:
        return None
    try:
        plan = operation.planned_for([_value(one) for one in told], {key: _value(one) for key, one in named})
    except DimError as error:
        return None if not sized else ((_ANYTHING,), (), str(error))
    template = _encoded(plan.template)
    if template is None and not sized:
        return None
    reason = plan.template.reason if isinstance(plan.template, Other) else ""
    if template is None:
        return (_ANYTHING,), (), no_rule_error(name, reason or "its row tells of no tensor", {}).args[0]
    return template, plan.places, None


cast("Any", _answer)._dynamo_marked_constant = True


def _tensors(told: Any) -> list[Any]:
    """What tells of a tensor, at any depth."""
    if not isinstance(told, tuple):
        return []
    if told and told[0] in (_NAMED, _TENSOR):
        return [told]
    return [found for one in cast("tuple[Any, ...]", told) for found in _tensors(one)]


def _value(told: Any) -> Any:
    """What tells a call, as rules read it."""
    match told:
        case (str() as kind, dims, dtype, sizes) if kind in (_NAMED, _TENSOR):
            axes = [
                Axis(
                    Unknown if sizes is None else Size.constant(sizes[place]),
                    carried=Unknown if name is None else name,
                )
                for place, name in enumerate(dims)
            ]
            return Array(TensorShape(tuple(axes)), dtype[6:])
        case (str() as kind, items) if kind == _LIST:
            return [_value(one) for one in items]
        case (str() as kind, items) if kind == _TUPLE:
            return tuple(_value(one) for one in items)
        case (str() as kind, start, stop, step) if kind == _SLICE:
            return slice(_value(start), _value(stop), _value(step))
        case (str() as kind, names, items) if kind == _FIELDS:
            return Fields(names, tuple(_value(one) for one in items))
        case (str() as kind, constant) if kind == _CONSTANT:
            return as_value(constant)
        case _:
            return Unknown


def _encoded(template: Template) -> Any:
    """A template as constants; None for what is not told."""
    match template:
        case tuple():
            return _NAMED, template
        case Each(template=inner):
            encoded = _encoded(inner)
            return None if encoded is None else (_EACH, encoded)
        case Other(reason=reason):
            return None if reason else (_ANYTHING,)
        case Answer(value=value):
            return _CONSTANT, value
        case list():
            items = [_encoded(one) for one in template]
            return None if None in items else (_LIST, tuple(items))


def _named(result: Any, template: Any) -> Any:
    """A result under the dims that a template has, as `_encoded` writes it."""
    kind = template[0]
    if kind == _NAMED:
        return NamedTensor(result, template[1])
    if kind == _CONSTANT:
        return template[1]
    if kind == _LIST:
        items = [_named(one, inner) for one, inner in zip(result, template[1], strict=True)]
    elif kind == _EACH:
        items = [_named(one, template[1]) for one in result]
    else:
        return result
    return (
        items
        if isinstance(result, list)
        else type(result)(*items)
        if hasattr(result, "_fields")
        else tuple(items)
    )
