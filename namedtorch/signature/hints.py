"""Type hints read into a tree: where in a value tensors stand, and what is left to beartype."""

import collections
import collections.abc
import dataclasses
import types
import typing
from dataclasses import dataclass
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    ParamSpecArgs,
    ParamSpecKwargs,
    TypeVar,
    TypeVarTuple,
    Union,
    cast,
    get_args,
    get_origin,
)

from namedtorch.diagnostics import AnnotationError
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.annotation import ALIASES, ArrayAnnotation, Dims, type_name
from namedtorch.signature.array import NAMED
from namedtorch.signature.dtypes import FAMILIES, Family
from namedtorch.syntax.resolve import parse_shape

TENSOR = "torch.Tensor"
"""The array type of tensors by its qualified name."""


@dataclass(frozen=True, slots=True)
class TensorHint:
    """A tensor (or another array) with dims: its array type by name, its dtypes, its shape.

    `array_type` is the class itself; Unknown where the hint was read from text.
    """

    array: str
    family: Family
    shape: Shape
    array_type: Any = dataclasses.field(default=Unknown, compare=False)

    def __str__(self) -> str:
        # What goes without saying stays unsaid: most inputs are tensors of floats, and signatures are read by people.
        return str(self.shape.without_where())


@dataclass(frozen=True, slots=True)
class OptionalHint:
    """A value or None."""

    inner: "Hint"

    def __str__(self) -> str:
        return f"{self.inner} | None"


@dataclass(frozen=True, slots=True)
class UnionHint:
    """One of several alternatives; the first that fits by type, dtype, rank and fixed sizes is taken."""

    members: tuple["Hint", ...]

    def __str__(self) -> str:
        return " | ".join(str(member) for member in self.members)


@dataclass(frozen=True, slots=True)
class ListHint:
    """A list, or any sequence (`tuple[X, ...]`, `Sequence[X]`), of like elements."""

    item: "Hint"
    container: str = "list"

    def __str__(self) -> str:
        return f"{self.container}[{self.item}]"


@dataclass(frozen=True, slots=True)
class TupleHint:
    """A tuple of so many elements."""

    items: tuple["Hint", ...]

    def __str__(self) -> str:
        return "tuple[" + ", ".join(str(item) for item in self.items) + "]"


@dataclass(frozen=True, slots=True)
class DictHint:
    """A mapping whose values are alike; `key_hint` is the hint of its keys (Unknown where read from text)."""

    value: "Hint"
    key: str = "str"
    key_hint: Any = dataclasses.field(default=Unknown, compare=False)

    def __str__(self) -> str:
        return f"dict[{self.key}, {self.value}]"


@dataclass(frozen=True, slots=True)
class RecordHint:
    """A NamedTuple or dataclass with tensors in its fields."""

    name: str
    fields: tuple[tuple[str, "Hint"], ...]
    record_type: Any = dataclasses.field(default=Unknown, compare=False)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{name}: {hint}' for name, hint in self.fields)})"


@dataclass(frozen=True, slots=True)
class PlainHint:
    """A hint without dims: `text` as written, and the hint itself for beartype (Unknown where read from text)."""

    text: str
    hint: Any = dataclasses.field(default=Unknown, compare=False)

    def __str__(self) -> str:
        return self.text


Hint = TensorHint | OptionalHint | UnionHint | ListHint | TupleHint | DictHint | RecordHint | PlainHint

ANYTHING = PlainHint("Any", Any)
"""The hint of what is not annotated."""

_SEQUENCES: dict[Any, str] = {
    list: "list",
    set: "set",
    frozenset: "frozenset",
    collections.deque: "deque",
    collections.abc.Sequence: "Sequence",
    collections.abc.MutableSequence: "Sequence",
    collections.abc.Collection: "Sequence",
}
_MAPPINGS = (
    dict,
    collections.OrderedDict,
    collections.defaultdict,
    collections.abc.Mapping,
    collections.abc.MutableMapping,
)


def read_hint(hint: Any, _within: tuple[Any, ...] = ()) -> Hint:
    """Reads an evaluated type hint; what holds no dims is one `PlainHint`, whatever its depth."""
    if isinstance(hint, ArrayAnnotation):
        return _array(hint.array, hint.family, hint.shape)
    foreign = _jaxtyping(hint)
    if foreign is not None:
        return foreign
    if _is_beyond(hint):
        return ANYTHING
    if hint in _within:  # a recursive record or alias
        return PlainHint(hint_text(hint), hint)
    read = _structure(hint, (*_within, hint))
    return read if read is not None and has_dims(read) else PlainHint(hint_text(hint), hint)


_SPECIAL = ("NoReturn", "Never", "Self", "LiteralString")
_NARROWING = ("TypeGuard", "TypeIs")


def _is_beyond(hint: Any) -> bool:
    """Tells whether a hint says something of types that no value can be held to: it is for static checkers."""
    if isinstance(hint, ParamSpecArgs | ParamSpecKwargs | TypeVarTuple):
        return True
    origin: Any = get_origin(hint)
    name = getattr(hint if origin is None else origin, "_name", None) or getattr(origin, "__name__", "")
    if name in _SPECIAL or name == "Unpack" or (name in _NARROWING):
        return True
    is_protocol = isinstance(hint, type) and getattr(cast("Any", hint), "_is_protocol", False)
    return is_protocol and not getattr(cast("Any", hint), "_is_runtime_protocol", False)


def described(hint: Hint) -> str:
    """A hint with all that tells it from others: dtypes and array type as well."""
    if isinstance(hint, TensorHint):
        return f'{hint.family.name}[{hint.array.rsplit(".", 1)[-1]}, "{hint.shape}"]'
    return " | ".join(described(one) for one in hint.members) if isinstance(hint, UnionHint) else str(hint)


def has_dims(hint: Hint) -> bool:
    """Tells whether a tensor with dims stands anywhere in a hint."""
    match hint:
        case TensorHint():
            return True
        case PlainHint():
            return False
        case OptionalHint(inner=inner) | ListHint(item=inner) | DictHint(value=inner):
            return has_dims(inner)
        case UnionHint(members=parts) | TupleHint(items=parts):
            return any(has_dims(part) for part in parts)
        case RecordHint(fields=fields):
            return any(has_dims(part) for _, part in fields)


def _structure(hint: Any, within: tuple[Any, ...]) -> Hint | None:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        inner, *metadata = arguments
        dims = next((one for one in metadata if isinstance(one, Dims)), None)
        if dims is not None:
            return _array(inner, dims.dtype.family, dims.shape)
        return read_hint(inner, within)
    if origin in (Union, types.UnionType):
        members = tuple(read_hint(one, within) for one in arguments if one is not types.NoneType)
        inner = members[0] if len(members) == 1 else UnionHint(members)
        return (
            inner
            if types.NoneType not in arguments or isinstance(inner, OptionalHint)
            else OptionalHint(inner)
        )
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return ListHint(read_hint(arguments[0], within), "tuple")
        return TupleHint(tuple(read_hint(one, within) for one in arguments))
    if origin in _SEQUENCES and arguments:
        return ListHint(read_hint(arguments[0], within), _SEQUENCES[origin])
    if origin in _MAPPINGS and len(arguments) == 2:
        return DictHint(read_hint(arguments[1], within), hint_text(arguments[0]), arguments[0])
    if origin in (ClassVar, Final) and arguments:
        return read_hint(arguments[0], within)
    if ALIASES and isinstance(hint, ALIASES):
        return read_hint(hint.__value__, within)
    if isinstance(hint, TypeVar):
        return read_hint(hint.__bound__, within) if hint.__bound__ is not None else None
    supertype = getattr(hint, "__supertype__", None)
    if supertype is not None:
        return read_hint(supertype, within)
    return _record(hint, within)


def _array(array: Any, family: Family, shape: Shape) -> Hint:
    """The hint of an array, or of `Optional[Tensor]` and other alternatives, which all have the dims.

    Raises AnnotationError for what is no one array.
    """
    origin, arguments = get_origin(array), get_args(array)
    if origin in (Union, types.UnionType):
        members = tuple(_array(one, family, shape) for one in arguments if one is not types.NoneType)
        inner = members[0] if len(members) == 1 else UnionHint(members)
        return OptionalHint(inner) if types.NoneType in arguments else inner
    if origin is not None:
        raise AnnotationError(
            f"dims describe one tensor, and `{hint_text(array)}` is none: put them at the tensor inside, "
            f'list[Float[Tensor, "{shape}"]]'
        )
    return TensorHint(_qualified(array), family, shape, array)


def _record(hint: Any, within: tuple[Any, ...]) -> Hint | None:
    names: list[str]
    if isinstance(hint, type) and issubclass(hint, tuple) and hasattr(cast("Any", hint), "_fields"):
        names = list(cast("Any", hint)._fields)
    elif isinstance(hint, type) and dataclasses.is_dataclass(cast("Any", hint)):
        names = [field.name for field in dataclasses.fields(cast("Any", hint))]
    else:
        return None
    try:
        hints = typing.get_type_hints(cast("Any", hint), include_extras=True)
    except Exception:  # a forward reference of the record's own that does not resolve here: beartype's matter
        return None
    fields = tuple((name, read_hint(hints[name], within)) for name in names if name in hints)
    return RecordHint(cast("Any", hint).__name__, fields, hint)


def _jaxtyping(hint: Any) -> TensorHint | None:
    """Reads an annotation of jaxtyping's by its attributes, so that jaxtyping need not be imported for it."""
    kind = cast("Any", type(hint))
    if kind.__name__ != "_MetaAbstractArray" or not hasattr(hint, "dim_str"):
        return None
    return TensorHint(
        _qualified(hint.array_type), _foreign_family(hint), parse_shape(hint.dim_str), hint.array_type
    )


def _foreign_family(hint: Any) -> Family:
    name: str = hint.dtype.__name__
    given: Any = hint.dtypes
    dtypes = tuple(cast("list[str]", given)) if isinstance(given, tuple | list) else None
    ours = FAMILIES.get(name)
    if (
        ours is not None
        and (ours.dtypes is None) == (dtypes is None)
        and set(ours.dtypes or ()) == set(dtypes or ())
    ):
        return ours
    return Family(name, dtypes)


def _qualified(array: Any) -> str:
    if array is Any:
        return "Any"
    name = f"{getattr(array, '__module__', '')}.{getattr(array, '__qualname__', type_name(array))}"
    return _PUBLIC.get(name, name)


_PUBLIC: typing.Final = {
    "torch.nn.parameter.Parameter": "torch.nn.Parameter",
    "namedtorch.values.named_tensor.NamedTensor": NAMED,
}


def hint_text(hint: Any) -> str:
    """A hint as it is written, for messages and manifests."""
    if isinstance(hint, type) and get_origin(hint) is None:
        return "None" if hint is types.NoneType else hint.__name__
    return repr(hint).replace("typing.", "").replace("NoneType", "None")
