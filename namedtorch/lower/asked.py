"""What a caller of `lower` wants."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from namedtorch.diagnostics import LowerError
from namedtorch.lower.given_example import Example
from namedtorch.lower.scripted import Guards

LowerMethod = Literal["script", "trace", "auto"]
"""How TorchScript gets to know a model: by its source, by one run of it, or each part by what it can."""

Target = Literal["torchscript", "lite"]
"""What a file is for: torch (.pt), or the lite interpreter, which runs on phones (.ptl)."""

Optimize = Literal["mobile"]
"""What a graph is made fit for: phones."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller of `lower` wants, by the names of its arguments.

    Raises LowerError for a word that an argument does not know, and for an optimization in training mode.
    """

    method: LowerMethod
    example: Example | None
    train: bool
    guards: Guards
    verify: bool
    metadata: Mapping[str, object]
    to: Target | None = None
    optimize: Optimize | None = None

    def __post_init__(self) -> None:
        _one_of("guards", self.guards, get_args(Guards))
        _one_of("method", self.method, get_args(LowerMethod))
        if self.to is not None:
            _one_of("to", self.to, get_args(Target))
        if self.optimize is not None:
            _one_of("optimize", self.optimize, get_args(Optimize))
            if self.train:
                raise LowerError(
                    f'optimize="{self.optimize}" takes out what training needs: lower the model without train=True'
                )


def _one_of(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        listed = ", ".join(f'"{one}"' for one in known)
        raise LowerError(f"{name}={value!r} is none of {listed}")
