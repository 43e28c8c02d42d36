"""Operators that torch does not have: found in graphs, named with what provides them, missed before a load."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from namedtorch import ArchiveError
from namedtorch.lower.operators import (
    TORCH_NAMESPACES,
    custom_operators,
    missing_operators,
    provider_of,
    require_operators,
)
from tests.lower import my_operators

HOME = "python module tests.lower.my_operators"


def doubled(x: Tensor) -> Tensor:
    return torch.ops.testops.double(x)


class Leaf(nn.Module):
    """A submodule whose operator stands in a branch and in a function that it calls."""

    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            return torch.ops.testlib.thrice(x)
        return doubled(x)


class Tree(nn.Module):
    """A module without operators of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.ReLU(), Leaf())

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x).relu()


class Exported(nn.Module):
    """A module whose operator stands in a method that forward does not call."""

    def forward(self, x: Tensor) -> Tensor:
        return x + 1

    @torch.jit.export
    def other(self, x: Tensor) -> Tensor:
        return torch.ops.testops.double(x)


class Waiting(nn.Module):
    """A module whose operator stands in the graph of a task."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.jit.wait(torch.jit.fork(doubled, x))


def no_operator(x: Tensor) -> Tensor:
    return torch.nn.functional.relu(x)


SCRIPTS = [
    (doubled, {"testops::double": HOME}),
    (Leaf(), {"testlib::thrice": HOME, "testops::double": HOME}),
    (Tree(), {"testlib::thrice": HOME, "testops::double": HOME}),
    (Exported(), {"testops::double": HOME}),
    (Waiting(), {"testops::double": HOME}),
    (nn.LSTM(3, 4), {}),
    (no_operator, {}),
]


@pytest.mark.parametrize(("target", "expected"), SCRIPTS)
def test_operators_of_a_graph(target: Any, expected: dict[str, str]) -> None:
    script: Any = torch.jit.script(target)
    assert custom_operators(script) == expected


def test_operators_of_a_loaded_and_of_a_frozen_module(tmp_path: Path) -> None:
    torch.jit.save(torch.jit.script(Tree().eval()), tmp_path / "m.pt")
    loaded = torch.jit.load(tmp_path / "m.pt")
    expected = {"testlib::thrice": HOME, "testops::double": HOME}
    assert custom_operators(loaded) == expected
    assert custom_operators(torch.jit.freeze(loaded)) == expected


def test_an_operator_that_torch_registers_for_another_is_of_unknown_origin() -> None:
    torch.library.define("testfunction::same", "(Tensor x) -> Tensor")
    assert provider_of("testfunction::same") == "unknown"


def test_an_operator_that_is_not_there_is_of_unknown_origin() -> None:
    assert provider_of("testops::absent") == "unknown"


def test_operators_that_are_missing() -> None:
    needed = {"testops::double": HOME, "aten::relu": "unknown", "mylib::relu2": "libmylib.so"}
    assert missing_operators(needed) == {"mylib::relu2": "libmylib.so"}


REFUSALS = [
    (
        {"mylib::relu2": "libmylib.so"},
        (
            "m.pt: needs the operator mylib::relu2 from libmylib.so: torch.ops.load_library('libmylib.so'), with the "
            "path that it has here, before load"
        ),
    ),
    (
        {"mylib::relu2": "python module mylib.ops"},
        "m.pt: needs the operator mylib::relu2 from python module mylib.ops: import mylib.ops before load",
    ),
    (
        {"mylib::relu2": "unknown"},
        "m.pt: needs the operator mylib::relu2 from unknown: import or load what registers it before load",
    ),
    (
        {"a::x": "python module a.ops", "a::y": "python module a.ops", "b::z": "libb.so"},
        (
            "m.pt: needs the operators a::x from python module a.ops, a::y from python module a.ops, b::z from "
            "libb.so: import a.ops and torch.ops.load_library('libb.so'), with the path that it has here, before load"
        ),
    ),
]


@pytest.mark.parametrize(("needed", "text"), REFUSALS)
def test_missing_operators_are_refused_with_what_to_do(needed: dict[str, str], text: str) -> None:
    with pytest.raises(ArchiveError) as caught:
        require_operators(needed, "m.pt")
    assert str(caught.value) == text


def test_operators_that_are_there_are_not_refused() -> None:
    assert my_operators.double is not None
    require_operators({"testops::double": HOME}, "m.pt")


def test_torch_brings_no_other_namespace() -> None:
    """In a process of its own: tests register operators."""
    code = (
        "import torch, torch.ao.quantization, torch.distributed\n"
        "names = {one.split('::')[0] for one in torch._C._dispatch_get_all_op_names()}\n"
        "names |= {one.name.split('::')[0] for one in torch._C._jit_get_all_schemas()}\n"
        "print(*sorted(names))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= TORCH_NAMESPACES
