"""Generic types by their qualified names: what stands in their brackets."""

from collections.abc import Mapping
from typing import Final

_TYPING = ("typing", "typing_extensions")


def _in(homes: tuple[str, ...], *names: str) -> frozenset[str]:
    return frozenset(f"{home}.{name}" for home in homes for name in names)


def _sequences() -> dict[str, str]:
    """Each generic type of like elements, with the name that its hint has."""
    found = {"list": "list", "set": "set", "frozenset": "frozenset", "collections.deque": "deque"}
    for home in _TYPING:
        found |= {f"{home}.{name}": name.lower() for name in ("List", "Set", "FrozenSet", "Deque")}
    for home in (*_TYPING, "collections.abc"):
        found |= {f"{home}.{name}": "Sequence" for name in ("Sequence", "MutableSequence", "Collection")}
        # What can be gone through once: hints of values hold no dims there, hints of loops do.
        found |= {f"{home}.{name}": name for name in _YIELDING}
    return found


_YIELDING = ("Iterable", "Iterator", "Generator", "AsyncIterable", "AsyncIterator", "AsyncGenerator")

SEQUENCES: Final[Mapping[str, str]] = _sequences()
"""Sequences and what else yields like elements (the first argument in the brackets), and how their hints call them."""

MAPPINGS: Final = (
    _in(("typing", "typing_extensions", "collections.abc"), "Mapping", "MutableMapping")
    | _in(_TYPING, "Dict", "OrderedDict", "DefaultDict")
    | {"dict", "collections.OrderedDict", "collections.defaultdict"}
)
"""Mappings: keys and values."""

TUPLES: Final = _in(_TYPING, "Tuple") | {"tuple"}
"""Tuples: one element each, or `X, ...`."""

UNIONS: Final = _in(_TYPING, "Union")
"""Alternatives."""

OPTIONALS: Final = _in(_TYPING, "Optional")
"""One alternative, or None."""

ANNOTATED: Final = _in(_TYPING, "Annotated")
"""A type, and what else is said of it."""

WRAPPERS: Final = _in(_TYPING, "ClassVar", "Final", "Required", "NotRequired", "ReadOnly") | {
    "dataclasses.InitVar"
}
"""Types of names that say nothing of their values but the type inside."""

LITERALS: Final = _in(_TYPING, "Literal")
"""Values, where a string is no annotation."""

UNPACKED: Final = _in(_TYPING, "Unpack")
"""Any number of elements of a tuple."""

ANYTHINGS: Final = _in(_TYPING, "Any")
"""The type that says nothing."""


def container_named(name: str) -> str:
    """A builtin container under its own name: `list` for `typing.List`; every other name as it is."""
    if name.startswith(_TYPING):
        own = name.rpartition(".")[2].lower()
        return own if own in ("list", "dict", "tuple", "set", "frozenset", "type") else name
    return name
