"""`Premises`: what live objects held while code was erased. What was made of it is right as long as they hold it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import is_, itemgetter
from typing import Any, Final, TypeAlias, cast

from namedtorch.erase.live_tensors import is_named_tensor, is_tensor, type_of
from namedtorch.static.interpreter.store import MISSING

Names: TypeAlias = Mapping[str, Any]
"""What names lead to objects: the globals of a file, the dict of an object, that of a class."""

_CONTAINERS: Final = ("_modules", "_parameters")

_NUMBERS: Final = (int, float)

_DEEPEST: Final = 16
"""Lists in lists, and modules in containers, that are looked into."""


class Premises:
    """The names that an abstract run read, and what they led to.

    `varying` are numbers that other runs found to change, by the id of their names: of those, this run was told
    nothing but that they are numbers.
    """

    def __init__(self, varying: Mapping[tuple[int, str], Names] | None = None) -> None:
        self._varying = varying or {}
        self._tables: dict[int, _Table] = {}
        self._lists: dict[int, tuple[Sequence[Any], tuple[Any, ...]]] = {}
        self._kinds: dict[int, tuple[Any, type]] = {}
        self._has_whole = False
        self._quick: _Quick | None = None

    def is_varying(self, names: Names, name: str) -> bool:
        """Whether a name led to several numbers so far."""
        return (id(names), name) in self._varying

    def read(self, names: Names, name: str, depth: int = _DEEPEST) -> None:
        """Notes what a name leads to, or that it leads nowhere; also what is held in lists, dicts and containers."""
        if str(name).startswith(" "):  # The interpreter's own.
            return
        self._quick = None
        table = self._tables.get(id(names))
        if table is None:
            table = self._tables[id(names)] = _Table(names)
        if not self.is_varying(names, name) and table.take(name) and depth:
            self._hold(names.get(name, MISSING), depth - 1)

    def _hold(self, thing: Any, depth: int) -> None:
        if isinstance(thing, list | tuple):
            listed = cast("Sequence[Any]", thing)
            if isinstance(thing, list):
                if id(listed) in self._lists:
                    return
                self._lists[id(listed)] = listed, tuple(listed)
            for one in listed if depth else ():
                self._hold(one, depth - 1)
        elif isinstance(thing, dict):
            self._all(cast("Names", thing), depth)
        elif is_module(thing):
            self._kinds[id(thing)] = thing, type_of(thing)
            if type_of(thing).__module__.startswith("torch.nn.modules.container"):
                for one in _CONTAINERS:
                    self._all(cast("Names", vars(thing)[one]), depth)

    def _all(self, names: Names, depth: int) -> None:
        if id(names) not in self._tables or not self._tables[id(names)].whole:
            self._has_whole = True
            self._tables.setdefault(id(names), _Table(names)).whole = True
            for name in names:
                self.read(names, name, depth)

    def hold(self) -> bool:
        """Whether everything still is what it was."""
        # This runs at every call: objects that are the same as before are told apart without calls of Python code.
        quick = self._quick
        if quick is not None:
            try:
                for read, names, objects in quick.present:
                    if not all(map(is_, read(names), objects)):
                        break
                else:
                    for names, absent in quick.missing:
                        if absent in names:
                            return False
                    return all(map(is_, map(type, quick.modules), quick.kinds)) and self._lists_hold()
            except KeyError:
                return False
        if not all(table.holds() for table in self._tables.values()):
            return False
        if not all(type_of(one) is kind for one, kind in self._kinds.values()):
            return False
        self._quick = _Quick.of(self._tables.values(), self._kinds.values())
        return self._lists_hold()

    def _lists_hold(self) -> bool:
        for listed, known in self._lists.values():
            if len(listed) != len(known) or not all(map(_is_same, listed, known)):
                return False
        for table in self._tables.values() if self._has_whole else ():
            if table.whole and len(table.names) != len(table.known):
                return False
        return True

    def changed(self) -> Iterator[tuple[Names, str]]:
        """The numbers that are other ones now."""
        for table in self._tables.values():
            yield from ((table.names, name) for name in table.changed())

    @property
    def is_lost(self) -> bool:
        """Whether something that is no number and no text is another one now: it will hardly come back."""
        return any(table.is_lost() for table in self._tables.values()) or not all(
            type_of(one) is kind for one, kind in self._kinds.values()
        )


class _Table:
    """The names that were read of one mapping. Where `whole` is set, there are no others."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.whole = False
        self.known: dict[str, Any] = {}
        self.absent: list[str] = []

    def take(self, name: str) -> bool:
        """Notes what is under a name; False where that is known."""
        if name in self.known or name in self.absent:
            return False
        held = self.names.get(name, MISSING)
        if held is MISSING:
            self.absent.append(name)
            return False
        self.known[name] = held
        return True

    def holds(self) -> bool:
        """Whether all names lead to the same, or to what is like it, as a number or a tensor may be."""
        if any(name not in self.names for name in self.known) or any(
            name in self.names for name in self.absent
        ):
            return False
        if not all(_is_same(self.names[name], one) for name, one in self.known.items()):
            return False
        self.known = {name: self.names[name] for name in self.known}
        return True

    def changed(self) -> Iterator[str]:
        for name, known in self.known.items():
            now = self.names.get(name, MISSING)
            if _is_number(known) and _is_number(now) and not _is_same(now, known):
                yield name

    def is_lost(self) -> bool:
        for name, known in self.known.items():
            now = self.names.get(name, MISSING)
            if not isinstance(known, int | float | str | None) and not _is_same(now, known):
                return True
        return False


_Read: TypeAlias = Callable[[Names], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Quick:
    """The same premises in a form that is compared at once."""

    present: Sequence[tuple[_Read, Names, tuple[Any, ...]]]
    missing: Sequence[tuple[Names, str]]
    modules: Sequence[Any]
    kinds: Sequence[type]

    @staticmethod
    def of(tables: Collection[_Table], kinds: Collection[tuple[Any, type]]) -> "_Quick":
        present: list[tuple[_Read, Names, tuple[Any, ...]]] = []
        for one in tables:
            if one.known:
                # Two names at least: one alone would be given without a tuple around it.
                listed = (*one.known, next(iter(one.known)))
                present.append((itemgetter(*listed), one.names, tuple(one.known[name] for name in listed)))
        missing = [(one.names, name) for one in tables for name in one.absent]
        return _Quick(present, missing, [one for one, _ in kinds], [kind for _, kind in kinds])


def is_module(thing: Any) -> bool:
    """Whether an object is a module of torch's."""
    return any(
        one.__module__ == "torch.nn.modules.module" and one.__qualname__ == "Module"
        for one in type_of(thing).__mro__
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, _NUMBERS) and not isinstance(value, bool)


def _is_same(one: Any, other: Any) -> bool:
    """Whether code that rests on one object may rest on the other one."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, bool | int | float | complex | str):
        return one == other
    if isinstance(one, tuple):
        mine, others = cast("Sequence[Any]", one), cast("Sequence[Any]", other)
        return len(mine) == len(others) and all(map(_is_same, mine, others))
    if not is_tensor(one):
        return False
    named = is_named_tensor(one)
    return one.shape == other.shape and one.dtype == other.dtype and (not named or one.dims == other.dims)
