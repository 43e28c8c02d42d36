"""NamedTuple classes whose fields carry dims, as TorchScript knows them."""

import typing
from typing import Any, NamedTuple

from namedtorch.lower.annotations import TypeReader


class Records:
    """The classes that stand for NamedTuple classes during one lowering."""

    def __init__(self) -> None:
        self._known: dict[type, type] = {}
        self._aliases: dict[str, Any] = {}
        self._reader = TypeReader(self, lambda text: text)

    def __call__(self, record: type) -> type:
        """The class that stands for a class: itself, unless it is a NamedTuple with fields that TorchScript refuses."""
        if not (issubclass(record, tuple) and hasattr(record, "_fields")):
            return record
        if record not in self._known:
            # While its fields are read, a class that holds itself stands for itself.
            self._known[record] = record
            self._known[record] = self._plain(record)
        return self._known[record]

    def is_stand_in(self, record: type, original: object) -> bool:
        """Whether `record` stands for another class, `original`."""
        return isinstance(original, type) and record is not original and self._known.get(original) is record

    def alias(self, graph: Any, name: str) -> str:
        """A name of its own for a type that has none where it is used; functions of a module share their names."""
        wanted, count = f"_namedtorch_{name}", 1
        while self._aliases.setdefault(wanted, graph) is not graph:
            count += 1
            wanted = f"_namedtorch_{name}_{count}"
        return wanted

    def _plain(self, record: Any) -> type:
        try:
            hints = typing.get_type_hints(record, include_extras=True)
        except (
            Exception
        ):  # What an annotation in quotes does is not known; TorchScript will say what it refuses.
            hints = dict(record.__annotations__)
        plain = {
            name: self._reader.graph_type(hint) for name, hint in hints.items() if name in record._fields
        }
        if plain.keys() != set(record._fields) or all(plain[name] is hints[name] for name in plain):
            return record
        stand_in: Any = NamedTuple(record.__name__, [(name, plain[name]) for name in record._fields])  # pyright: ignore[reportArgumentType]
        stand_in.__new__.__defaults__ = tuple(record._field_defaults.values())
        stand_in._field_defaults = dict(record._field_defaults)
        stand_in.__module__ = record.__module__
        stand_in.__qualname__ = record.__qualname__
        return stand_in
