"""Stand-ins: values as a signature describes them, with symbols for sizes."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from namedtorch.dims.attributes import is_attribute
from namedtorch.dims.layout import MemoryFormat
from namedtorch.dims.schedule import Scheduled
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
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


@dataclass(slots=True, eq=False)
class TensorStandIn:
    """A tensor: its sizes as far as they are known yet, its dtypes (None for any), how it is stored."""

    text: str
    axes: list[Size | None]
    dtypes: tuple[str, ...] | None
    array: str
    argument: str
    scope: str
    memory_format: MemoryFormat | UnknownType = Unknown

    def axis(self, place: int) -> int:
        """The axis from the left of one that may count from the right."""
        return place if place >= 0 else len(self.axes) + place

    def size(self, place: int) -> Size:
        """The size of an axis, all of which are known by now."""
        size = self.axes[place]
        assert size is not None
        return size


@dataclass(slots=True, eq=False)
class NoneStandIn:
    """None."""


@dataclass(slots=True, eq=False)
class ListStandIn:
    """A list or another sequence."""

    container: str
    items: "list[StandIn]"


@dataclass(slots=True, eq=False)
class TupleStandIn:
    """A tuple of so many elements."""

    items: "list[StandIn]"


@dataclass(slots=True, eq=False)
class DictStandIn:
    """A mapping."""

    key: str
    items: "dict[str, StandIn]"


@dataclass(slots=True, eq=False)
class RecordStandIn:
    """A NamedTuple or dataclass; `is_tuple` is Unknown where its class is not at hand."""

    name: str
    fields: "dict[str, StandIn]"
    is_tuple: bool | UnknownType


@dataclass(slots=True, eq=False)
class PlainStandIn:
    """A value without dims, of the type that the text names."""

    text: str


StandIn = (
    TensorStandIn | NoneStandIn | ListStandIn | TupleStandIn | DictStandIn | RecordStandIn | PlainStandIn
)


@dataclass(slots=True)
class Known:
    """What one side of a comparison has bound so far: dims to sizes, groups to lists of them, and by whom."""

    dims: dict[str, Size] = field(default_factory=dict[str, Size])
    groups: dict[str, tuple[tuple[Size, ...], bool]] = field(
        default_factory=dict[str, tuple[tuple[Size, ...], bool]]
    )
    """The sizes of a group, and whether only broadcast uses bound it."""
    integers: dict[str, Size] = field(default_factory=dict[str, Size])
    """What attribute paths such as `{n}` lead to."""
    sources: dict[str, str] = field(default_factory=dict[str, str])

    def sizes(
        self, symbols: Iterable[str], one: Scheduled, tensor: TensorStandIn | None
    ) -> dict[str, Size] | None:
        """The sizes of these symbols; None if one is not bound."""
        found: dict[str, Size] = {}
        for symbol in symbols:
            values = self.integers if is_attribute(symbol) else self.dims
            size = values.get(key_of(symbol, symbol in one.each, tensor))
            if size is None:
                return None
            found[symbol] = size
        return found


def key_of(name: str, each: bool, tensor: TensorStandIn | None) -> str:
    """How a dim is called among what is bound; one that is bound per element has the element in its name."""
    return f"{tensor.scope}?{name}" if each and tensor is not None else name


def type_text(value: StandIn | Hint) -> str:
    """The type of a value, or of what a hint takes, as a hint without dims writes it."""
    match value:
        case TensorStandIn(array=array) | TensorHint(array=array):
            return array.rsplit(".", 1)[-1]
        case NoneStandIn():
            return "None"
        case ListStandIn(container=container, items=items):
            # An empty list is a list of anything.
            inner = type_text(items[0]) if items else "Never"
            return f"{container}[{inner}, ...]" if container == "tuple" else f"{container}[{inner}]"
        case ListHint(container=container, item=item):
            inner = type_text(item)
            return f"{container}[{inner}, ...]" if container == "tuple" else f"{container}[{inner}]"
        case TupleStandIn(items=parts) | TupleHint(items=parts):
            return f"tuple[{', '.join(type_text(one) for one in parts)}]"
        case DictStandIn(key=key, items=items):
            return f"dict[{key}, {type_text(next(iter(items.values()))) if items else 'Never'}]"
        case DictHint(key=key, value=inner):
            return f"dict[{key}, {type_text(inner)}]"
        case RecordStandIn(name=name) | RecordHint(name=name):
            return name
        case PlainStandIn(text=text) | PlainHint(text=text):
            return text
        case OptionalHint(inner=inner):
            return f"{type_text(inner)} | None"
        case UnionHint(members=parts):
            return " | ".join(type_text(one) for one in parts)
