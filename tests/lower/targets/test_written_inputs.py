"""Inputs that a program writes into: found through views, and spared."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim

from namedtorch.lower.targets.flat_dims import input_nodes, output_nodes
from namedtorch.lower.targets.written_inputs import spare_inputs, written_inputs


class Itself(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        return (nn.functional.relu(x, inplace=True), y + 1)


class Views(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        _, last = x.view(-1, 2, 2).split(1, 1)
        last.mul_(2)
        y[:, 0] = 3
        return x + 1, y


class Copies(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        return x.double().add_(1), (y * 2).add_(x)


# Of torch's own pytrees, which it copies.
@pytest.mark.filterwarnings("ignore:`isinstance.treespec, LeafSpec.` is deprecated")
@pytest.mark.parametrize(("module", "names"), [(Itself(), ("x",)), (Views(), ("x", "y")), (Copies(), ())])
def test_inputs_that_are_changed_are_copied_first(module: nn.Module, names: tuple[str, ...]) -> None:
    n: Any = Dim("N", min=1)
    program = torch.export.export(
        module, (torch.randn(3, 4), torch.randn(3, 4)), dynamic_shapes=({0: n}, {0: n}), strict=False
    )
    assert tuple(node.name for node in written_inputs(program)) == names
    notes = spare_inputs(program, ["first", "second"])
    assert [note.split("`")[1] for note in notes] == [{"x": "first", "y": "second"}[one] for one in names]
    assert [node.name for node in input_nodes(program)] == ["x", "y"]
    assert written_inputs(program) == []
    given = [torch.randn(5, 4), torch.randn(5, 4)]
    kept = [one.clone() for one in given]
    found = program.module(check_guards=False)(*given)
    torch.testing.assert_close(given, kept)
    torch.testing.assert_close(found, module(*kept))
    # What is left is a program of torch.export as any other.
    assert len(output_nodes(program)) == 2
    again = program.run_decompositions({}).module(check_guards=False)(*given)
    torch.testing.assert_close(again, found)
