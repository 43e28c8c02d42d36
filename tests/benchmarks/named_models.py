"""Models with names beside the same models in positions, written by hand: what `erased.py` compares.

Both sides have the same parameters in memory, are in eval mode, and run without gradients.
"""

import copy
import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from interleave import Call
from torch import Tensor, nn

from namedtorch import erase, lower, named
from namedtorch.erase.erasure import erased_module
from namedtorch.runtime.twins import Twins

ROOT = Path(__file__).parents[2]

HAND = "by hand"
AGAIN = "by hand, a second copy"
ERASED = "erased code"
ERASE = "`erase(model)`"
NAMES = "as it is written, with names"
LOWERED = "`lower(model)`"
UNGUARDED = "`lower`, no guards"


@dataclass(frozen=True, slots=True)
class Subject:
    """A model with names, its twin by hand, and a plain input with its dims."""

    what: str
    named: nn.Module
    hand: nn.Module
    input: Tensor
    dims: str

    @classmethod
    def of(
        cls, what: str, file: str, make: Callable[[ModuleType], nn.Module], input: Tensor, dims: str
    ) -> "Subject":
        """The model that `make` makes of a file of `tests/models`, and of the file of that name in `by_hand`."""
        torch.manual_seed(0)
        model = make(imported(f"tests.models.{file}")).eval()
        hand = make(imported(f"tests.models.by_hand.{file}")).eval()
        hand.load_state_dict(model.state_dict(), assign=True)
        return cls(what, model, hand, input, dims)

    def eager(self) -> dict[str, Call]:
        """A call in eager mode of every form."""
        carrying = (named(self.input, self.dims),)
        return {
            HAND: Call(self.hand, (self.input,)),
            AGAIN: Call(_copy(self.hand), (self.input,)),
            ERASED: Call(erased(self.named), (self.input,)),
            ERASE: Call(erase(self.named), carrying),
            NAMES: Call(self.named, carrying),
        }

    def scripted(self) -> dict[str, Call]:
        """A call of the graph of every form; all of them are warmed up, and so optimised."""
        graphs: dict[str, Any] = {
            HAND: torch.jit.script(self.hand),
            AGAIN: torch.jit.script(_copy(self.hand)),
            LOWERED: lower(self.named, verify=False).module,
            UNGUARDED: lower(self.named, verify=False, guards="none").module,
        }
        for graph in graphs.values():
            for _ in range(5):
                graph(self.input)
        return {form: Call(graph, (self.input,)) for form, graph in graphs.items()}


def erased(model: nn.Module) -> Callable[..., Any]:
    """The forward of a model in plain torch: what `erase` runs, without the boundary that names its result."""
    forward = inspect.unwrap(type(model).forward)
    twins = Twins(model, erased_module(model, {"forward": {}}, in_place=True), lambda *_: None)
    function, root = twins.function(forward), twins.root

    def run(*inputs: Tensor) -> Any:
        return function(root, *inputs)

    return run


def agree(calls: Mapping[str, Call]) -> None:
    """Raises AssertionError where a form gives other numbers than the one by hand."""
    expected = calls[HAND].function(*calls[HAND].arguments)
    for form, call in calls.items():
        found = call.function(*call.arguments)
        if not torch.allclose(getattr(found, "tensor", found), expected, rtol=1e-4, atol=1e-5):
            raise AssertionError(f"{form}: other numbers than {HAND}")


def _copy(model: nn.Module) -> nn.Module:
    """Another module of the same code, with the same weights in memory."""
    kept = {id(one): one for one in (*model.parameters(), *model.buffers())}
    return copy.deepcopy(model, kept)


def imported(name: str) -> ModuleType:
    """A module of the repository."""
    for folder in (ROOT, ROOT / "examples"):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
    return importlib.import_module(name)


@cache
def subjects() -> tuple[Subject, ...]:
    """What is compared: attention alone and in two transformers, residual networks, a recurrent network."""
    return (
        Subject.of(
            "attention, 8 x 128 x 256, 8 heads",
            "vit",
            lambda file: file.Attention(256, 8),
            torch.randn(8, 128, 256),
            "N T D",
        ),
        Subject.of(
            "GPT, 8 x 128 tokens, 256 features, 4 layers",
            "gpt",
            lambda file: file.GPT(1000, 128, 256, 4, 8),
            torch.randint(0, 1000, (8, 128)),
            "N T",
        ),
        Subject.of(
            "ViT, 2 x 224 x 224, 192 features, 4 layers",
            "vit",
            lambda file: file.VisionTransformer(features=192, depth=4, heads=3),
            torch.rand(2, 3, 224, 224),
            "N C H W",
        ),
        Subject.of(
            "ResNet-18, 2 x 64 x 64",
            "resnet",
            lambda file: file.ResNet(file.BasicBlock, (2, 2, 2, 2)),
            torch.rand(2, 3, 64, 64),
            "N C H W",
        ),
        Subject.of(
            "ResNet-50 with excitation, 1 x 128 x 128",
            "resnet",
            lambda file: file.ResNet(file.Bottleneck, (3, 4, 6, 3)),
            torch.rand(1, 3, 128, 128),
            "N C H W",
        ),
        Subject.of(
            "LSTM with layer norms, 16 x 50 steps, hidden 64",
            "custom_lstm",
            lambda file: file.StackedLSTM(64, 64, 2),
            torch.randn(16, 50, 64),
            "N T D",
        ),
    )
