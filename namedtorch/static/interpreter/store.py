"""`Cell` and `Journal`: what programs change, and how a branch is undone before the other one runs."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

Cell = dict[str, Any]
"""The names of a frame, the attributes of an instance, the items of a list."""


class MissingType(Enum):
    """The type of `MISSING`; an enum, so that `is MISSING` narrows for static type checkers."""

    MISSING = "missing"


MISSING: Final = MissingType.MISSING
"""What stands in the journal for a name that was not there."""

Changes = dict[tuple[int, str], tuple[Cell, Any]]
"""The values that a branch left behind, by cell and name."""


BORN: Final = " born"
"""Where a cell tells when it was made, by the clock of the journal: what is younger than a branch is the branch's."""


class Journal:
    """Writes into cells, so that all of them since a mark can be taken back; cells that are younger keep theirs."""

    def __init__(self) -> None:
        self._entries: list[tuple[Cell, str, Any]] = []
        self._open = 0
        self._clock = 0
        self._begun: list[int] = []

    def bear(self, cell: Cell) -> None:
        """Notes that a cell was made here."""
        self._clock += 1
        cell[BORN] = self._clock

    def write(self, cell: Cell, name: str, value: Any) -> None:
        """Puts a value into a cell; `MISSING` takes it out."""
        if self._open:
            self._entries.append((cell, name, cell.get(name, MISSING)))
        if value is MISSING:
            cell.pop(name, None)
        else:
            cell[name] = value

    def mark(self) -> int:
        """Begins a branch; the mark goes to `undo`."""
        self._open += 1
        self._begun.append(self._clock)
        return len(self._entries)

    def undo(self, mark: int) -> Changes:
        """Ends a branch: takes its writes back, and gives the values that it left."""
        changes: Changes = {}
        for cell, name, _ in self._entries[mark:]:
            changes[id(cell), name] = (cell, cell.get(name, MISSING))
        begun = self._begun.pop()
        for cell, name, old in reversed(self._entries[mark:]):
            if cell.get(BORN, 0) > begun:
                continue
            if old is MISSING:
                cell.pop(name, None)
            else:
                cell[name] = old
        del self._entries[mark:]
        self._open -= 1
        return changes

    def keep(self, mark: int) -> None:
        """Ends a branch whose writes stay."""
        self._open -= 1
        self._begun.pop()
        if not self._open:
            del self._entries[mark:]

    def apply(self, changes: Changes) -> None:
        """Writes what a branch left."""
        for (_, name), (cell, value) in changes.items():
            self.write(cell, name, value)


def changed(*branches: Changes) -> Iterator[tuple[Cell, str]]:
    """The cells and names that any of these branches wrote, in order."""
    seen: set[tuple[int, str]] = set()
    for branch in branches:
        for key, (cell, _) in branch.items():
            if key not in seen:
                seen.add(key)
                yield cell, key[1]
