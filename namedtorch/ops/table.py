"""The lookup: from the name of a class to its row."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops import (
    attention,
    convolution,
    embedding,
    linear,
    loss,
    normalization,
    pointwise,
    pooling,
    recurrent,
)
from namedtorch.ops.module_rule import ModuleRule

_PUBLIC: Final = "torch.nn."
_PRIVATE: Final = "torch.nn.modules."

_FAMILIES = (attention, convolution, embedding, linear, loss, normalization, pointwise, pooling, recurrent)


def _table() -> dict[str, ModuleRule]:
    found: dict[str, ModuleRule] = {}
    for family in _FAMILIES:
        for rule in family.MODULES:
            if rule.name in found:
                raise ValueError(f"{rule.name} has two rows")
            found[rule.name] = rule
    return found


MODULES: Final[Mapping[str, ModuleRule]] = MappingProxyType(_table())
"""Every row by the name of its class, as users spell it: `torch.nn.Linear`."""


def rule_for(names: Iterable[str]) -> ModuleRule | UnknownType:
    """The row of the first of these names that has one; give the qualified name of a class, then those of its bases."""
    for name in names:
        rule = MODULES.get(spelled(name))
        if rule is not None:
            return rule
    return Unknown


def spelled(name: str) -> str:
    """The qualified name of a class as users spell it: `torch.nn.Linear` for `torch.nn.modules.linear.Linear`."""
    return _PUBLIC + name.rpartition(".")[2] if name.startswith(_PRIVATE) else name
