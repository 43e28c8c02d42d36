"""Sizes that are 1: those of the first inputs are exported again in larger ones, where there are any."""

import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, Float
from namedtorch.lower.targets.flat_dims import output_nodes, sizes_of
from tests.lower.unverified import lower


class Windows(nn.Module):
    def forward(self, x: Float[Tensor, "N T where T % 3 == 0"]) -> Float[Tensor, "N T//3 3"]:
        return x.view(x.shape[0], -1, 3) * 2


@pytest.mark.parametrize("where", ["T <= 9", "N <= 2, T <= 9", "N <= 3, T <= 6"])
def test_a_size_that_was_1_is_none_in_the_graph(where: str) -> None:
    made = lower(Windows(), to="export", where=where)
    (output,) = output_nodes(made.program)
    sizes = sizes_of(output)
    assert isinstance(sizes[1], torch.SymInt)
    assert sizes[2] == 3


class Layer(nn.Module):
    def forward(self, x: Float[Tensor, "N T"]) -> Float[Tensor, "N T"]:
        return x * 2


@pytest.mark.parametrize(("where", "size"), [("N <= 1", 1), ("N >= 4, N <= 4", 4)])
def test_a_dim_whose_bounds_meet_has_one_size(where: str, size: int) -> None:
    made = lower(Layer(), to="export", where=where)
    (output,) = output_nodes(made.program)
    assert sizes_of(output)[0] == size
    assert made(torch.ones(size, 7)).shape == (size, 7)
    with pytest.raises(DimError, match=where.rpartition(", ")[2]):
        made(torch.ones(size + 1, 7))
