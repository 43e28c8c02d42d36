"""Units that become the same code: each specialisation is written once."""

import ast
from collections.abc import Mapping, Sequence

from namedtorch.erase.emission import Emitted
from namedtorch.erase.units import Unit

Classes = Mapping[Unit, int]
"""The class of each unit: those of one class have the same code, also in what they call."""


def classes_of(emitted: Mapping[Unit, Emitted]) -> dict[Unit, int]:
    """The coarsest classes whose units have the same text and call units of the same classes.

    It begins with all specialisations of a function in one class, and splits classes until nothing differs, as states
    of an automaton are minimised.
    """
    texts = {unit: (id(unit.node), ast.dump(one.definition)) for unit, one in emitted.items()}
    found = _numbered({unit: (text,) for unit, text in texts.items()})
    while True:
        split = _numbered({unit: (found[unit], *_called(unit, found)) for unit in emitted})
        if len(set(split.values())) == len(set(found.values())):
            return split
        found = split


def _called(unit: Unit, found: Classes) -> Sequence[object]:
    return [tuple(sorted({(id(one.node), found[one]) for one in units})) for units in unit.calls.values()]


def _numbered(keys: Mapping[Unit, tuple[object, ...]]) -> dict[Unit, int]:
    """Numbers for equal keys, in the order in which the units were reached."""
    numbers: dict[tuple[object, ...], int] = {}
    return {unit: numbers.setdefault(key, len(numbers)) for unit, key in keys.items()}
