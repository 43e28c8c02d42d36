"""What a caller of `lower` wants."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from namedtorch.archive.targets import FLAT
from namedtorch.archive.targets import Target as Target
from namedtorch.diagnostics import LowerError
from namedtorch.dims.constraint import Constraint
from namedtorch.lower.asked_where import read_where
from namedtorch.lower.given_example import Example
from namedtorch.lower.scripted import Guards

LowerMethod = Literal["script", "trace", "auto"]
"""How TorchScript gets to know a model: by its source, by one run of it, or each part by what it can."""

Optimize = Literal["mobile"]
"""What a graph is made fit for: phones."""


@dataclass(frozen=True)
class Asked:
    """What a caller of `lower` wants, by the names of its arguments.

    Raises LowerError for a word that an argument does not know, for an optimization in training mode, for what only
    TorchScript can do asked of another target, and for a `where` that is no list of constraints.
    """

    method: LowerMethod
    example: Example | None
    train: bool
    guards: Guards
    verify: bool
    metadata: Mapping[str, object]
    to: Target | None = None
    optimize: Optimize | None = None
    where: str | None = None

    @cached_property
    def constraints(self) -> tuple[Constraint, ...]:
        """What is to hold of the sizes beyond the signature."""
        return () if self.where is None else read_where(self.where)

    @property
    def is_flat(self) -> bool:
        """Whether the target is one whose graphs know tensors alone."""
        return self.to in FLAT

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
        if self.is_flat:
            self._refuse_torchscripts()
        _ = self.constraints

    def _refuse_torchscripts(self) -> None:
        """Refuses what only graphs of TorchScript have."""
        asked = {
            f"method={self.method!r}": (self.method != "script", "torch.export traces a model, in one way"),
            "train=True": (self.train, "what is exported is for inference"),
            f"guards={self.guards!r}": (
                self.guards != "boundary",
                "such a graph holds no guard: the signature in the file does, and namedtorch.load holds calls to it",
            ),
            f"optimize={self.optimize!r}": (
                self.optimize is not None,
                "it changes graphs of TorchScript, and other runtimes optimize what they load",
            ),
        }
        for argument, (is_asked, why) in asked.items():
            if is_asked:
                raise LowerError(f'to="{self.to}" goes without {argument}: {why}')


def _one_of(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        listed = ", ".join(f'"{one}"' for one in known)
        raise LowerError(f"{name}={value!r} is none of {listed}")
