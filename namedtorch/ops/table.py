"""The lookup: from the name of an operator or of a class to its row."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops import (
    activation,
    attention,
    autograd_functions,
    classification_loss,
    comparison,
    contraction,
    conversion,
    convolution,
    cumulative,
    diagonals,
    distance,
    einops,
    einsum,
    embedding,
    factories,
    fourier,
    gathering,
    gradients,
    indexing,
    interpolation,
    joining,
    linalg,
    linear,
    loss,
    matmul,
    measures,
    metric_loss,
    named_axes,
    named_factories,
    naming,
    normalization,
    packed_sequences,
    padding,
    patterns,
    permutation,
    pixels,
    pointwise,
    pooling,
    ranges,
    recurrent,
    recurrent_functions,
    reduction,
    registry,
    repetition,
    sampling,
    sorting,
    splitting,
    squeezing,
    transformer,
    views,
    windows,
)
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import OpRule

_PUBLIC: Final = "torch.nn."
_PRIVATE: Final = "torch.nn.modules."

_FAMILIES: Final[tuple[object, ...]] = (
    activation,
    attention,
    autograd_functions,
    classification_loss,
    comparison,
    contraction,
    conversion,
    convolution,
    cumulative,
    diagonals,
    distance,
    einops,
    einsum,
    embedding,
    factories,
    fourier,
    gathering,
    gradients,
    indexing,
    interpolation,
    joining,
    linalg,
    linear,
    loss,
    matmul,
    metric_loss,
    measures,
    named_axes,
    named_factories,
    naming,
    normalization,
    packed_sequences,
    padding,
    patterns,
    permutation,
    pixels,
    pointwise,
    pooling,
    ranges,
    recurrent,
    recurrent_functions,
    reduction,
    repetition,
    sampling,
    sorting,
    splitting,
    squeezing,
    transformer,
    views,
    windows,
)


def _modules() -> dict[str, ModuleRule]:
    found: dict[str, ModuleRule] = {}
    for family in _FAMILIES:
        rules: tuple[ModuleRule, ...] = getattr(family, "MODULES", ())
        for rule in rules:
            if rule.name in found:
                raise ValueError(f"{rule.name} has two rows")
            found[rule.name] = rule
    return found


def _operators() -> dict[str, OpRule]:
    found: dict[str, OpRule] = {}
    for family in _FAMILIES:
        rules: tuple[OpRule, ...] = getattr(family, "OPERATORS", ())
        for rule in rules:
            for name in rule.spellings:
                if name in found:
                    raise ValueError(f"{name} has two rows")
                found[name] = rule
    return found


MODULES: Final[Mapping[str, ModuleRule]] = MappingProxyType(_modules())
"""Every row of a module by the name of its class, as users spell it: `torch.nn.Linear`."""

OPERATORS: Final[Mapping[str, OpRule]] = MappingProxyType(_operators())
"""Every row of an operator by each of its spellings."""

METHOD: Final = "torch.Tensor."
"""What the spelling of a method begins with."""


ONLY_TENSORS: Final = frozenset(
    {
        "view", "permute", "unsqueeze", "contiguous", "masked_fill", "unflatten", "bmm", "softmax", "log_softmax",
        "expand", "view_as",
    }
)  # fmt: skip
"""Methods that arrays of other libraries, lists and texts do not have: what has them is a tensor."""


def operator_for(name: str) -> OpRule | UnknownType:
    """The row of an operator by one of its spellings; `add_` is found under `add`."""
    rule = registry.OPERATORS.get(name) or OPERATORS.get(name)
    if rule is None and name.endswith("_") and not name.endswith("__"):
        rule = OPERATORS.get(name[:-1])
    return Unknown if rule is None else rule


def rule_for(names: Iterable[str]) -> ModuleRule | UnknownType:
    """The row of the first of these names that has one; give the qualified name of a class, then those of its bases."""
    for name in names:
        name = spelled(name)
        rule = registry.MODULES.get(name) or MODULES.get(name)
        if rule is not None:
            return rule
    return Unknown


def spelled(name: str) -> str:
    """The qualified name of a class as users spell it: `torch.nn.Linear` for `torch.nn.modules.linear.Linear`."""
    return _PUBLIC + name.rpartition(".")[2] if name.startswith(_PRIVATE) else name
