"""Which alternative of a union a stand-in is: what type, dtype, rank and fixed sizes tell."""

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.complaints import subject
from namedtorch.signature.explain import fixed_axes
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
from namedtorch.signature.paths import Path
from namedtorch.signature.plain_types import takes
from namedtorch.signature.stand_ins import (
    DictStandIn,
    ListStandIn,
    NoneStandIn,
    RecordStandIn,
    StandIn,
    TensorStandIn,
    TupleStandIn,
    type_text,
)

_WIDER = {"list": ("Sequence",), "tuple": ("Sequence",), "deque": ("Sequence",)}
_ARRAYS = {"torch.nn.Parameter": ("torch.Tensor",)}


def is_alternative(path: Path, hint: Hint, value: StandIn, argument: str, *, surely: bool = False) -> bool:
    """Tells whether a value is the alternative of a union: its type, dtypes, rank and fixed sizes.

    What a value does not tell (a tensor without dtypes, a record without its class) fits, unless asked for `surely`.
    """
    match hint, value:
        case TensorHint(), TensorStandIn():
            return _is_tensor(path, hint, value, argument, surely)
        case OptionalHint(inner=inner), _:
            return isinstance(value, NoneStandIn) or is_alternative(
                path, inner, value, argument, surely=surely
            )
        case UnionHint(members=members), _:
            return any(is_alternative(path, one, value, argument, surely=surely) for one in members)
        case ListHint(container=wide), ListStandIn(container=container):
            return is_container(container, wide)
        case ListHint(container=wide), TupleStandIn():
            return is_container("tuple", wide)
        case DictHint(), DictStandIn():
            return True
        case TupleHint(items=hints), _:
            parts = as_tuple(value)
            told = not surely or not isinstance(value, RecordStandIn)
            return parts is not None and len(parts) == len(hints) and told
        case RecordHint(fields=fields), RecordStandIn(fields=given):
            return not surely and all(name in given for name, _ in fields)
        case PlainHint(text=text), _:
            return takes(text, type_text(value))
        case _:
            return False


def _is_tensor(path: Path, hint: TensorHint, value: TensorStandIn, argument: str, surely: bool) -> bool:
    if not is_array(value.array, hint.array):
        return False
    shape = hint.shape
    rank = len(shape.axes) - len(shape.groups)
    if len(value.axes) < rank or (len(value.axes) > rank and not shape.groups):
        return False
    wanted, given = hint.family.dtypes, value.dtypes
    if wanted is not None and given is None and surely:
        return False
    if wanted is not None and given is not None:
        inside = tuple(one for one in given if one in wanted)
        outside = tuple(one for one in given if one not in wanted)
        if inside and outside:
            pick = path.choose("", f"{subject(argument)} is no {hint.family.name}")
            value.dtypes = outside if pick else inside
        if not inside or value.dtypes == outside:
            return False
    if shape.groups:
        return True
    return all(
        path.equals(value.size(axis), Size.constant(size), f"axis {axis} of {subject(argument)} is {size}")
        for axis, size in fixed_axes(hint)
    )


def is_container(container: str, wide: str) -> bool:
    """Tells whether a sequence of one class is one of another."""
    return container == wide or wide in _WIDER.get(container, ())


def as_tuple(value: StandIn) -> list[StandIn] | None:
    """The elements of a value that is a tuple; a NamedTuple is one."""
    match value:
        case TupleStandIn(items=items):
            return items
        case ListStandIn(container="tuple", items=items):
            return items
        case RecordStandIn(fields=fields, is_tuple=is_tuple) if is_tuple is Unknown or is_tuple:
            return list(fields.values())
        case _:
            return None


def is_array(array: str, wide: str) -> bool:
    """Tells whether arrays of one class, by its qualified name, are arrays of another."""
    return wide in ("Any", array, *_ARRAYS.get(array, ()))
