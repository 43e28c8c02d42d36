"""Control flow of all kinds on named tensors: gradients follow what ran."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from namedtorch.values import NamedTensor


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def leaf(*sizes: int, dims: str) -> NamedTensor:
    """A tensor that gradients are taken by."""
    return NamedTensor(torch.randn(*sizes, requires_grad=True), tuple(dims.split()))


def test_a_branch_that_depends_on_data() -> None:
    x = leaf(3, dims="C")
    y = (x * x).sum() if float(x.detach().sum()) > 1e6 else (x * 3).sum()
    y.backward()
    assert x.grad is not None
    assert x.grad.tensor.tolist() == [3.0] * 3


def collatz(x: NamedTensor) -> tuple[NamedTensor, int]:
    """Halves until the sum is small: how often depends on data."""
    steps = 0
    while float(x.detach().abs().sum("C").max()) > 1.0:
        x = x / 2
        steps += 1
    return x, steps


@settings(max_examples=25, deadline=None)
@given(st.floats(0.1, 1000.0))
def test_a_loop_whose_length_depends_on_data(scale: float) -> None:
    x = NamedTensor(torch.full((2, 3), scale, requires_grad=True), ("N", "C"))
    result, steps = collatz(x)
    assert result.dims == ("N", "C")
    result.sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad.tensor, torch.full((2, 3), 0.5**steps))


def tree_sum(x: NamedTensor, dim: str) -> NamedTensor:
    """Adds halves, recursively."""
    size = x.size(dim)
    if size == 1:
        return x.select(dim, 0)
    half = size // 2
    return tree_sum(x.narrow(dim, 0, half), dim) + tree_sum(x.narrow(dim, half, size - half), dim)


def test_recursion() -> None:
    x = leaf(2, 7, dims="N T")
    result = tree_sum(x, "T")
    assert result.dims == ("N",)
    assert torch.allclose(result.tensor, x.tensor.sum(1))
    result.sum().backward()
    assert x.grad is not None
    assert x.grad.tensor.tolist() == [[1.0] * 7] * 2


def test_a_recurrence_over_time_with_an_early_end() -> None:
    cell = nn.GRUCell(4, 4)
    x = leaf(6, 2, 4, dims="T N D")
    state = NamedTensor(torch.zeros(2, 4), ("N", "hidden"))
    states: list[NamedTensor] = []
    for step in x.unbind("T"):
        state = cell(step, state)
        states.append(state)
        if len(states) == 4:
            break
    result = torch.stack(states)
    assert result.dims == (None, "N", "hidden")
    result.sum().backward()
    assert x.grad is not None
    assert x.grad.dims == ("T", "N", "D")
    assert bool((x.grad.tensor[4:] == 0).all())
    assert bool((x.grad.tensor[:4] != 0).any())


def test_closures_comprehensions_generators_and_exceptions() -> None:
    x = leaf(4, 3, dims="N C")

    def rows() -> Any:
        for row in x:
            try:
                if float(row.detach().sum()) > 0:
                    raise ValueError
                yield row
            except ValueError:
                yield row * 2

    total = sum((one.sum("C") for one in rows()), start=NamedTensor(torch.zeros(()), ()))
    assert total.dims == ()
    total.backward()
    assert x.grad is not None
    expected = torch.where(x.tensor.sum(1, keepdim=True) > 0, 2.0, 1.0).expand(4, 3)
    assert torch.equal(x.grad.tensor, expected)
