"""How exact a program can be held to: as exact as the dtype that it computes in."""

import pytest
import torch
from torch import Tensor, nn

from namedtorch.lower.targets.inner_dtypes import coarseness


class Through(nn.Module):
    """Goes through one dtype, and gives another."""

    def __init__(self, inner: torch.dtype, outer: torch.dtype) -> None:
        super().__init__()
        self.inner, self.outer = inner, outer

    def forward(self, x: Tensor) -> Tensor:
        return (x.to(self.inner) * 3).to(self.outer)


@pytest.mark.parametrize(
    ("inner", "outer", "times"),
    [
        (torch.float32, torch.float32, 1),
        (torch.float32, torch.float64, 1),
        (torch.float64, torch.float32, 1),
        (torch.float16, torch.float32, 300),
        (torch.bfloat16, torch.float32, 600),
        (torch.float16, torch.float16, 3),
        (torch.float16, torch.int64, 1),
        (torch.int32, torch.float32, 1),
    ],
)
def test_the_coarsest_dtype_counts(inner: torch.dtype, outer: torch.dtype, times: float) -> None:
    program = torch.export.export(Through(inner, outer), (torch.randn(3),), strict=False)
    assert coarseness(program) == pytest.approx(times)


def test_operators_with_several_results_count() -> None:
    class Sorted(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.half().sort().values.float()

    program = torch.export.export(Sorted(), (torch.randn(3),), strict=False)
    assert coarseness(program) == pytest.approx(300)
