"""A construct of a module that torch.jit.script refuses and lowering mends, and what holds of each."""

import copy
import linecache
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.jit.mobile import _load_for_lite_interpreter

from namedtorch import lower
from tests.lower.constructs.case import Code, model

SIZES = (4, 1)


@dataclass(frozen=True)
class Case:
    """What is mended, the line that TorchScript refuses, what stands in its place, and a model with it.

    `calls` is how often the model is called, for those that keep something from call to call; `fails` says that torch
    compiles the model, into a graph that fails in each call.
    """

    construct: str
    refused: str
    becomes: str
    code: Code
    calls: int = 1
    fails: bool = False


def results(given: Any, calls: int) -> list[Tensor]:
    """What a model gives for inputs of two sizes, from a seed."""
    torch.manual_seed(1)
    return [given(torch.rand(size, 3) - 0.5) for size in SIZES for _ in range(calls)]


def hold(case: Case, path: Path) -> str:
    """Checks a case: refused by torch, lowered, saved and loaded with the results of eager; gives the source."""
    given = model(case.code, path / "model.py")
    before = {name: copy.deepcopy(value) for name, value in given.state_dict().items()}
    assert refused(plain(case.code, path / "plain.py"), case.fails)
    wanted = results(copied(given), case.calls)
    lowered = lower(given, verify=False)
    same(results(lowered, case.calls), wanted)
    again = lower(given, verify=False)
    again.save(path / "model.pt")
    again.save(path / "model.ptl")
    same(results(torch.jit.load(path / "model.pt"), case.calls), wanted)
    same(results(_load_for_lite_interpreter(str(path / "model.ptl")), case.calls), wanted)
    assert before.keys() == given.state_dict().keys()
    assert all(torch.equal(value, given.state_dict()[name]) for name, value in before.items())
    same(results(given, case.calls), wanted)
    return lowered.source


def plain(code: Code, path: Path) -> Any:
    """The model of a code, its inputs annotated as TorchScript takes them."""
    given = model(code, path)
    forward = type(given).forward
    text = path.read_text().replace('Float[Tensor, "N C"]', "Tensor")
    path.write_text(text)
    linecache.checkcache(str(path))
    forward.__annotations__["x"] = Tensor
    return given


def refused(given: Any, fails: bool) -> bool:
    """Whether torch refuses a model, or makes a graph of it that `fails`."""
    try:
        script = torch.jit.script(given)
    except Exception:
        return not fails
    try:
        script(torch.ones(2, 3))
    except Exception:
        return fails
    return False


def copied(given: Any) -> Any:
    """A copy of a model, but for those that can't be copied."""
    try:
        return copy.deepcopy(given)
    except RuntimeError:
        return given


def same(found: list[Tensor], wanted: list[Tensor]) -> None:
    """Holds results equal to those of eager."""
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other)
