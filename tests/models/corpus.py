"""The models of this folder: each file's module, and its calls at two assignments of sizes, plain or named.

A file has `make()`, the module; `SIZES`, assignments of sizes; `example(**sizes)`, plain inputs of forward; `wrong()`,
inputs in another layout, and `REFUSED`, what they are refused with. Where it needs them it has `METHODS`, examples of
exported methods by name, `STATEFUL`, where a call leaves something behind, and `LITE = False`. A named model has a twin
in `by_hand/`: the same class in plain positions, with the same state dict.
"""

import copy
import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import torch
from torch import nn

from namedtorch import NamedTensor, named
from namedtorch.lower.signatures import closed
from namedtorch.signature.array import NAMED
from namedtorch.signature.function import signature_of
from namedtorch.signature.hints import Hint, ListHint, OptionalHint, TensorHint, TupleHint
from namedtorch.signature.signature import Signature

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Call:
    """A call of a method with plain inputs."""

    method: str
    args: tuple[Any, ...]


@dataclass(frozen=True)
class Model:
    """A file of this folder, by its name."""

    name: str

    @cached_property
    def file(self) -> ModuleType:
        return importlib.import_module(f"tests.models.{self.name}")

    def make(self) -> nn.Module:
        return cast("nn.Module", self.file.make()).eval()

    @property
    def lite(self) -> bool:
        """Tells whether the lite interpreter takes it."""
        return bool(getattr(self.file, "LITE", True))

    @property
    def refused(self) -> str:
        return cast("str", self.file.REFUSED)

    @property
    def wrong(self) -> tuple[Any, ...]:
        torch.manual_seed(0)
        return cast("tuple[Any, ...]", self.file.wrong())

    @property
    def methods(self) -> Mapping[str, Callable[..., tuple[Any, ...]]]:
        return {"forward": self.file.example, **getattr(self.file, "METHODS", {})}

    def runs(self) -> list[list[Call]]:
        """Calls of every method at every assignment of sizes, twice, as torch optimizes for what it saw first.

        Each run is one of a fresh module: a file that says `STATEFUL` has one for each assignment.
        """
        each = [list(self._calls(number)) for number in range(len(self.file.SIZES))]
        if getattr(self.file, "STATEFUL", False):
            return [[*calls, *calls] for calls in each]
        return [[call for _ in range(2) for calls in each for call in calls]]

    def _calls(self, number: int) -> Iterator[Call]:
        for method, example in self.methods.items():
            torch.manual_seed(number)
            yield Call(method, example(**self.file.SIZES[number]))

    @cached_property
    def results(self) -> list[list[Any]]:
        """What the runs give in Python."""
        return results(self.make(), self.runs())

    @property
    def named(self) -> bool:
        """Tells whether it is written with names, and so has a twin written by hand."""
        return (FOLDER / "by_hand" / f"{self.name}.py").exists()

    def names(self) -> bool:
        """Tells whether any method takes or gives named tensors."""
        module = self.make()
        return any(
            one.array == NAMED for method in self.methods for one in written_signature(module, method).tensors
        )

    def twin(self) -> nn.Module:
        """What was written by hand, with the model's own weights."""
        twin = importlib.import_module(f"tests.models.by_hand.{self.name}").make()
        twin.load_state_dict(self.make().state_dict(), strict=True)
        return cast("nn.Module", twin).eval()


def results(module: Any, runs: list[list[Call]]) -> list[list[Any]]:
    """What a module gives, call after call, as plain tensors; each run begins with a copy of it."""
    found: list[list[Any]] = []
    for calls in runs:
        one = copy.deepcopy(module)
        with torch.no_grad():
            found.append([plain(getattr(one, call.method)(*arguments(one, call))) for call in calls])
    return found


def arguments(module: nn.Module, call: Call) -> tuple[Any, ...]:
    """The inputs, those named that the method's annotations name."""
    if isinstance(module, torch.jit.ScriptModule):
        return call.args
    hints = [one.hint for one in written_signature(module, call.method).parameters]
    return tuple(_named(one, hint) for one, hint in zip(call.args, hints, strict=False))


def written_signature(module: nn.Module, method: str) -> Signature:
    """What the annotations of a method say, the module's own sizes in the place of attributes."""
    return closed(signature_of(getattr(type(module), method)).without("self"), module)


def _named(value: Any, hint: Hint) -> Any:
    match hint:
        case TensorHint(array=array, shape=shape) if array == NAMED:
            return named(value, str(shape.without_where()))
        case OptionalHint(inner=inner):
            return None if value is None else _named(value, inner)
        case ListHint(item=item):
            return [_named(one, item) for one in value]
        case TupleHint(items=items):
            return tuple(_named(one, item) for one, item in zip(value, items, strict=True))
        case _:
            return value


def plain(value: Any) -> Any:
    """Named tensors as plain ones, and records as tuples: who reads a file has no classes of who wrote it."""
    match value:
        case NamedTensor():
            return value.tensor
        case tuple():
            return tuple(plain(one) for one in value)
        case list():
            return [plain(one) for one in value]
        case dict():
            return {key: plain(one) for key, one in value.items()}
        case _:
            return value


MODELS = [
    Model(path.stem)
    for path in sorted(FOLDER.glob("*.py"))
    if path.stem not in ("conftest", "corpus") and not path.stem.startswith("test_")
]
