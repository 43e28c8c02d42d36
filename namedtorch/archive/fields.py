"""The fields of a manifest: what each may hold, in the words of the checked-in schema text.

A field has one meaning for ever. Whoever adds, removes or changes one raises `SCHEMA_VERSION` and checks in
the text that `schema_text` then gives, beside those of the older versions (a test holds them together).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from namedtorch.archive.sentence import one_line
from namedtorch.archive.version import SCHEMA_VERSION

_LONGEST_NAME = 1000
_LONGEST_VERSION = 100
_MOST_METHODS = 1000


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object: its name, what it holds as text, and whether a value is that."""

    name: str
    holds: str
    accepts: Callable[[object], bool]


def _one_of(*words: str) -> tuple[str, Callable[[object], bool]]:
    return "one of " + ", ".join(f'"{word}"' for word in words), lambda value: value in words


def _text(longest: int) -> tuple[str, Callable[[object], bool]]:
    return (
        f"text, 1 to {longest} printable characters",
        lambda value: isinstance(value, str) and 0 < len(value) <= longest and value.isprintable(),
    )


def _is_count(value: object) -> bool:
    # A bool is an int in Python, and true is no number in JSON.
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_methods(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    names = cast("dict[str, object]", value)
    return (
        "forward" in names
        and len(names) <= _MOST_METHODS
        and all(name.isidentifier() and len(name) <= _LONGEST_NAME for name in names)
    )


MANIFEST_FIELDS = (
    Field("guards", *_one_of("boundary", "none")),
    Field("kind", *_one_of("module", "function")),
    Field("method", *_one_of("script")),
    Field("methods", f'object, at most {_MOST_METHODS} names of methods, among them "forward"', _is_methods),
    Field("mode", *_one_of("eval", "train")),
    Field("name", *_text(_LONGEST_NAME)),
    Field("namedtorch_version", *_text(_LONGEST_VERSION)),
    Field("rules_version", "integer, 1 or more", _is_count),
    Field("schema_version", f"integer {SCHEMA_VERSION}", _is_count),
    Field("torch_version", *_text(_LONGEST_VERSION)),
)

METHOD_FIELDS = (
    Field("plan", "object, a guard plan as `Plan.to_json` writes it", _is_object),
    Field("signature", "object, a signature as `Signature.to_json` writes it", _is_object),
)


def check_fields(value: object, fields: tuple[Field, ...], path: str = "") -> Mapping[str, object]:
    """The object at `path` ("" or "methods.forward."), if it holds these fields and no others.

    Raises ValueError with the end of a sentence that starts with what holds the object ("has no field
    'mode'").
    """
    if not isinstance(value, dict):
        raise ValueError(f"has no object at {path[:-1]!r}" if path else "is no JSON object")
    found = cast("dict[str, object]", value)
    known = {field.name: field for field in fields}
    for name in found:
        if name not in known:
            raise ValueError(f"has a field that its schema doesn't know, {one_line(repr(path + name), 80)}")
    for name, field in known.items():
        if name not in found:
            raise ValueError(f"has no field {path + name!r}")
        if not field.accepts(found[name]):
            raise ValueError(f"has a bad {path + name!r} (it must be {field.holds})")
    return found


def schema_text() -> str:
    """The fields of this version as text, one a line: what the checked-in file holds."""
    lines = [f"namedtorch.json, schema_version {SCHEMA_VERSION}", ""]
    lines += [f"{field.name}: {field.holds}" for field in MANIFEST_FIELDS]
    lines += [f"methods.*.{field.name}: {field.holds}" for field in METHOD_FIELDS]
    return "\n".join(lines) + "\n"
