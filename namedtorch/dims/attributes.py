"""Attribute paths in annotations: `self.hidden`, `self.cfg.hidden`, `{n}`.

A path is looked up, never evaluated: an annotation may come out of a stranger's file.
"""

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast


def is_attribute(symbol: str) -> bool:
    """Tells whether a symbol is an attribute path and not a dim."""
    return "." in symbol or symbol.startswith("{")


def steps_of(symbol: str) -> tuple[str, ...]:
    """The names on an attribute path, root first."""
    return tuple(symbol.strip("{}").split("."))


class AttributeMissing(LookupError):
    """A path that leads nowhere, or to something that is no integer; the text is the end of a sentence about it."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """The values that attribute paths are looked up in: root names to objects or mappings, or whole paths to sizes."""

    values: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def size(self, symbol: str) -> int:
        """The integer that a path leads to; raises `AttributeMissing`."""
        path = steps_of(symbol)
        whole = ".".join(path)
        if whole in self.values:
            return _integer(self.values[whole])
        if path[0] not in self.values:
            raise AttributeMissing(f"leads nowhere: there is no `{path[0]}` here")
        value: Any = self.values[path[0]]
        for name in path[1:]:
            if isinstance(value, Mapping):
                if name not in value:
                    raise AttributeMissing(f"leads nowhere: there is no `{name}`")
                value = cast("Mapping[str, Any]", value)[name]
            else:
                try:
                    value = getattr(value, name)
                except AttributeError:
                    raise AttributeMissing(
                        f"leads nowhere: `{type(value).__name__}` has no `{name}`"
                    ) from None
        return _integer(value)


def _integer(value: object) -> int:
    if isinstance(value, bool):
        raise AttributeMissing(f"is {value!r}, which is no size")
    try:
        return operator.index(cast("int", value))
    except TypeError:
        raise AttributeMissing(f"is {value!r}, which is no size") from None
