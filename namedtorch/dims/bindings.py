"""What dims are bound to in one call, and who bound them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class Source:
    """Where a dim got its size: an argument and its axis, or a text such as "the annotation of `x`"."""

    argument: str
    axis: int | None = None
    note: str = ""

    def __str__(self) -> str:
        if self.note:
            return self.note
        return f"`{self.argument}`" + (f" at axis {self.axis}" if self.axis is not None else "")


@dataclass(frozen=True, slots=True)
class GroupBinding:
    """The sizes of a group; a broadcast one may still grow by what broadcasts with it."""

    sizes: tuple[int, ...]
    broadcast: bool


GIVEN = Source("", None, "the bindings given")


class Bindings(Mapping[str, "int | tuple[int, ...]"]):
    """An immutable mapping of dims to sizes (`"C"` -> 3) and groups to lists of sizes (`"*batch"` -> (2, 5)).

    It remembers who bound each of them (`source`), and what still waits for a dim (`waiting`). Dims and groups are
    separate: `"b"` and `"*b"` are unrelated. A key `"*#b"` gives a group that may still broadcast.
    """

    __slots__ = ("_groups", "_sizes", "_sources", "waiting")

    def __init__(self, mapping: Mapping[str, "int | tuple[int, ...]"] | None = None) -> None:
        self._sizes: dict[str, int] = {}
        self._groups: dict[str, GroupBinding] = {}
        self._sources: dict[str, Source] = {}
        self.waiting: tuple[Any, ...] = ()
        if isinstance(mapping, Bindings):
            self._sizes, self._groups = dict(mapping._sizes), dict(mapping._groups)
            self._sources, self.waiting = dict(mapping._sources), mapping.waiting
            return
        for key, value in (mapping or {}).items():
            if key.startswith("*"):
                name = key.lstrip("*#")
                if isinstance(value, int):
                    raise TypeError(f"the group `{key}` is bound to a list of sizes, not to {value!r}")
                self._groups[name] = GroupBinding(tuple(int(one) for one in value), "#" in key)
                self._sources[f"*{name}"] = GIVEN
            else:
                if not isinstance(value, int) or isinstance(value, bool):
                    raise TypeError(f"`{key}` is bound to a size, not to {value!r}")
                self._sizes[key] = value
                self._sources[key] = GIVEN

    def __getitem__(self, key: str) -> "int | tuple[int, ...]":
        return self._groups[key[1:]].sizes if key.startswith("*") else self._sizes[key]

    def __iter__(self) -> Iterator[str]:
        yield from self._sizes
        yield from (f"*{name}" for name in self._groups)

    def __len__(self) -> int:
        return len(self._sizes) + len(self._groups)

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return dict(self) == dict(cast("Mapping[object, object]", other))

    def __repr__(self) -> str:
        return f"Bindings({dict(self)!r})"

    def __str__(self) -> str:
        return " ".join(f"{key}={value_text(value)}" for key, value in self.items())

    @property
    def sizes(self) -> Mapping[str, int]:
        """The dims that are bound, to sizes."""
        return self._sizes

    def group(self, name: str) -> GroupBinding | None:
        """What a group is bound to; None if it is not."""
        return self._groups.get(name)

    def source(self, key: str) -> Source | None:
        """Who bound a dim (`"C"`) or a group (`"*batch"`)."""
        return self._sources.get(key)

    def bind(self, name: str, size: int, by: Source) -> "Bindings":
        """New bindings in which a dim has this size."""
        new = Bindings(self)
        new._sizes[name] = size
        new._sources[name] = by
        return new

    def bind_group(self, name: str, sizes: tuple[int, ...], broadcast: bool, by: Source) -> "Bindings":
        """New bindings in which a group has these sizes; the first to bind it stays its source."""
        new = Bindings(self)
        new._groups[name] = GroupBinding(sizes, broadcast)
        new._sources.setdefault(f"*{name}", by)
        return new

    def waits(self, *checks: Any) -> "Bindings":
        """New bindings with exactly these checks waiting for a dim."""
        new = Bindings(self)
        new.waiting = checks
        return new

    def without(self, argument: str) -> "Bindings":
        """New bindings without what an argument brought."""
        new = Bindings()
        for key, source in self._sources.items():
            if source.argument != argument or not argument:
                if key.startswith("*"):
                    new._groups[key[1:]] = self._groups[key[1:]]
                else:
                    new._sizes[key] = self._sizes[key]
                new._sources[key] = source
        return new


def value_text(value: "int | tuple[int, ...]") -> str:
    """A size, or the sizes of a group, as messages write them."""
    # A size need be no int: symbolic ones only look like it.
    return "(" + " ".join(str(one) for one in value) + ")" if isinstance(value, tuple) else str(value)
