"""Sites: the places in the arguments or the result of a call where tensors stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from namedtorch.signature.hint_json import hint_from_json, hint_to_json, mapping, sequence, text
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

RESULT = "result"
"""What the result of a call is named by in plans and messages."""


@dataclass(frozen=True, slots=True)
class Root:
    """The value of a parameter, or the result."""

    name: str


@dataclass(frozen=True, slots=True)
class Present:
    """The value, where it is not None."""


@dataclass(frozen=True, slots=True)
class Each:
    """Every element of a sequence."""


@dataclass(frozen=True, slots=True)
class EachValue:
    """Every value of a mapping."""


@dataclass(frozen=True, slots=True)
class Item:
    """One element of a tuple of `count`."""

    index: int
    count: int


@dataclass(frozen=True, slots=True)
class Attribute:
    """One field of a record."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """The value, where it is this alternative of a union."""

    index: int
    union: UnionHint


Part = Root | Present | Each | EachValue | Item | Attribute | Member


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the arguments or the result where tensors stand."""

    path: tuple[Part, ...]
    hint: TensorHint

    @property
    def always(self) -> bool:
        """Tells whether every call has exactly one tensor here."""
        return all(isinstance(part, Root | Item | Attribute) for part in self.path)

    @property
    def in_container(self) -> bool:
        """Tells whether the tensor is an element of something."""
        return any(isinstance(part, Each | EachValue | Item | Attribute) for part in self.path)

    @property
    def root(self) -> str:
        """The parameter that the tensors come with, or `result`."""
        first = self.path[0]
        assert isinstance(first, Root)
        return first.name


def sites_of(hint: Hint, path: tuple[Part, ...]) -> Iterable[Site]:
    """The sites in a value of this hint, in the order in which its tensors are written."""
    match hint:
        case TensorHint():
            yield Site(path, hint)
        case PlainHint():
            pass
        case OptionalHint(inner=inner):
            yield from sites_of(inner, (*path, Present()))
        case ListHint(item=item):
            yield from sites_of(item, (*path, Each()))
        case DictHint(value=value):
            yield from sites_of(value, (*path, EachValue()))
        case TupleHint(items=items):
            for index, item in enumerate(items):
                yield from sites_of(item, (*path, Item(index, len(items))))
        case RecordHint(fields=fields):
            for name, field in fields:
                yield from sites_of(field, (*path, Attribute(name)))
        case UnionHint(members=members):
            for index, member in enumerate(members):
                yield from sites_of(member, (*path, Member(index, hint)))


def site_to_json(site: Site) -> dict[str, Any]:
    """A site as JSON-able data."""
    return {"path": [_part_to_json(part) for part in site.path], **hint_to_json(site.hint)}


def site_from_json(data: Any) -> Site:
    """Reads what `site_to_json` gave; raises `ValueError` for anything else."""
    content = mapping(data, "site", {"path", "tensor"})
    path = tuple(_part_from_json(one) for one in sequence(content["path"], "path"))
    hint = hint_from_json({"tensor": content["tensor"]})
    if not path or not isinstance(path[0], Root) or not isinstance(hint, TensorHint):
        raise ValueError("the path of a site begins with a value and ends at a tensor")
    return Site(path, hint)


def _part_to_json(part: Part) -> list[Any]:
    match part:
        case Root(name=name):
            return ["value", name]
        case Present():
            return ["present"]
        case Each():
            return ["each"]
        case EachValue():
            return ["each-value"]
        case Item(index=index, count=count):
            return ["item", index, count]
        case Attribute(name=name):
            return ["field", name]
        case Member(index=index, union=union):
            return ["member", index, hint_to_json(union)]


def _part_from_json(data: Any) -> Part:
    match sequence(data, "part of a path"):
        case ["value", str(name)] if name.isidentifier():
            return Root(name)
        case ["present"]:
            return Present()
        case ["each"]:
            return Each()
        case ["each-value"]:
            return EachValue()
        case ["item", int(index), int(count)] if 0 <= index < count:
            return Item(index, count)
        case ["field", name] if text(name, "field").isidentifier():
            return Attribute(name)
        case ["member", int(index), union]:
            hint = hint_from_json(union)
            if isinstance(hint, UnionHint) and 0 <= index < len(hint.members):
                return Member(index, hint)
        case _:
            pass
    raise ValueError(f"{data!r} is not a part of a path")
