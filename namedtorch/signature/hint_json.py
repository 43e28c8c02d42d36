"""Hints as JSON-able data, and back: strict, since manifests come from strangers' files."""

from typing import Any, Optional, cast

from namedtorch.signature.dtypes import FAMILIES, Family
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
from namedtorch.syntax.resolve import parse_shape

MAX_DEPTH = 20
"""Hints nest no deeper."""


class Elided:
    """A default that is no plain value: it exists, but a manifest does not hold it."""

    def __repr__(self) -> str:
        return "..."


ELIDED = Elided()


def hint_to_json(hint: Hint) -> dict[str, Any]:
    """A hint as JSON-able data: one key says what it is."""
    match hint:
        case TensorHint(array=array, family=family, shape=shape):
            dtypes = None if family.dtypes is None else list(family.dtypes)
            return {"tensor": {"array": array, "family": family.name, "dtypes": dtypes, "shape": str(shape)}}
        case OptionalHint(inner=inner):
            return {"optional": hint_to_json(inner)}
        case UnionHint(members=members):
            return {"union": [hint_to_json(one) for one in members]}
        case ListHint(item=item, container=container):
            return {"list": {"item": hint_to_json(item), "container": container}}
        case TupleHint(items=items):
            return {"tuple": [hint_to_json(one) for one in items]}
        case DictHint(value=value, key=key):
            return {"dict": {"key": key, "value": hint_to_json(value)}}
        case RecordHint(name=name, fields=fields):
            return {"record": {"name": name, "fields": [[field, hint_to_json(one)] for field, one in fields]}}
        case PlainHint(text=text):
            return {"plain": text}


def hint_from_json(data: Any, depth: int = 0) -> Hint:
    """Reads what `hint_to_json` gave; raises `ValueError` for anything else."""
    if depth > MAX_DEPTH:
        raise ValueError(f"hints nest deeper than {MAX_DEPTH}")
    if not isinstance(data, dict) or len(cast("dict[Any, Any]", data)) != 1:
        raise ValueError("a hint has one key that says what it is")
    ((kind, content),) = cast("dict[Any, Any]", data).items()

    def read(one: Any) -> Hint:
        return hint_from_json(one, depth + 1)

    match kind:
        case "tensor":
            return _tensor(content)
        case "optional":
            return OptionalHint(read(content))
        case "union":
            return UnionHint(tuple(read(one) for one in sequence(content, "union")))
        case "list":
            fields = mapping(content, "list", {"item", "container"})
            return ListHint(read(fields["item"]), text(fields["container"], "container"))
        case "tuple":
            return TupleHint(tuple(read(one) for one in sequence(content, "tuple")))
        case "dict":
            fields = mapping(content, "dict", {"key", "value"})
            return DictHint(read(fields["value"]), text(fields["key"], "key"))
        case "record":
            fields = mapping(content, "record", {"name", "fields"})
            parts: list[tuple[str, Hint]] = []
            for one in sequence(fields["fields"], "fields"):
                pair = sequence(one, "field")
                if len(pair) != 2 or not text(pair[0], "field").isidentifier():
                    raise ValueError("a field of a record is a name and a hint")
                parts.append((pair[0], read(pair[1])))
            return RecordHint(text(fields["name"], "name"), tuple(parts))
        case "plain":
            return _plain(text(content, "plain"))
        case _:
            raise ValueError(f"{kind!r} is not a kind of hint")


_PLAIN_TYPES: dict[str, Any] = {
    "int": int,
    "float": float,
    "bool": bool,
    "str": str,
    "None": None,
    "Any": Any,
}


def _plain(written: str) -> PlainHint:
    """A hint without dims; simple types, optional ones and lists of them are known by name, others are not checked."""
    inner = (
        written.removeprefix("Optional[").removesuffix("]") if written.startswith("Optional[") else written
    )
    optional = inner != written or inner.endswith(" | None")
    inner = inner.removesuffix(" | None")
    is_list = inner.lower().startswith("list[") and inner.endswith("]")
    name = inner[5:-1] if is_list else inner
    if name not in _PLAIN_TYPES:
        return PlainHint(written)
    hint = list[_PLAIN_TYPES[name]] if is_list else _PLAIN_TYPES[name]
    return PlainHint(written, Optional[hint] if optional else hint)  # noqa: UP045  # of a hint that is a value


def _tensor(content: Any) -> TensorHint:
    fields = mapping(content, "tensor", {"array", "family", "dtypes", "shape"})
    name = text(fields["family"], "family")
    dtypes = None
    if fields["dtypes"] is not None:
        dtypes = tuple(text(one, "dtype") for one in sequence(fields["dtypes"], "dtypes"))
    family = FAMILIES.get(name)
    if family is None or family.dtypes != dtypes:
        family = Family(name, dtypes)
    return TensorHint(text(fields["array"], "array"), family, parse_shape(text(fields["shape"], "shape")))


def default_to_json(value: Any) -> dict[str, Any]:
    """A default as JSON-able data; one that is no plain value only says that there is one."""
    plain = value is None or isinstance(value, bool | int | float | str)
    return (
        {"value": value} if plain and value == value and abs(_magnitude(value)) < 1e300 else {"elided": True}
    )


def _magnitude(value: Any) -> float:
    return float(value) if isinstance(value, float) else 0.0


def default_from_json(data: Any) -> Any:
    """Reads what `default_to_json` gave; raises `ValueError` for anything else."""
    content = mapping(data, "default", set(), {"value", "elided"})
    if "value" in content:
        value = content["value"]
        if value is not None and not isinstance(value, bool | int | float | str):
            raise ValueError("a default is a plain value")
        return value
    return ELIDED


def mapping(data: Any, what: str, needed: set[str], optional: set[str] | None = None) -> dict[str, Any]:
    """The mapping with exactly these keys; raises `ValueError` for anything else."""
    if not isinstance(data, dict):
        raise ValueError(f"{what} is a mapping, not {type(data).__name__}")
    content = cast("dict[str, Any]", data)
    missing, foreign = needed - content.keys(), content.keys() - needed - (optional or set())
    if missing or foreign:
        wrong = f"lacks {sorted(missing)}" if missing else f"has unknown fields {sorted(map(str, foreign))}"
        raise ValueError(f"{what} {wrong}")
    return content


def sequence(data: Any, what: str) -> list[Any]:
    """The list; raises `ValueError` for anything else."""
    if not isinstance(data, list):
        raise ValueError(f"{what} is a list, not {type(data).__name__}")
    return cast("list[Any]", data)


def text(data: Any, what: str) -> str:
    """The text; raises `ValueError` for anything else."""
    if not isinstance(data, str):
        raise ValueError(f"{what} is a text, not {type(data).__name__}")
    return data
