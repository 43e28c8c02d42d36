"""Memory formats: a tensor is stored in an order if it is contiguous once permuted to it."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from namedtorch.dims.layout import KNOWN_ORDERS, stored_as, strides_of

CASES = [
    ([2, 3], [3, 1], [0, 1], True),
    ([2, 3], [1, 2], [0, 1], False),
    ([2, 3], [1, 2], [1, 0], True),
    ([2, 3, 4, 5], [60, 1, 15, 3], [0, 2, 3, 1], True),
    ([2, 3, 4, 5], [60, 20, 5, 1], [0, 2, 3, 1], False),
    # Axes of size 1 may have any stride, and an empty tensor is stored in every order.
    ([1, 3], [99, 1], [0, 1], True),
    ([2, 1, 4, 4], [16, 1, 4, 1], [0, 2, 3, 1], True),
    ([0, 3], [7, 7], [0, 1], True),
    ([], [], [], True),
    # Gaps and overlaps are neither.
    ([2, 3], [6, 2], [0, 1], False),
    ([2, 3], [0, 1], [0, 1], False),
]


@pytest.mark.parametrize(("sizes", "strides", "order", "held"), CASES)
def test_a_tensor_is_stored_in_an_order(
    sizes: list[int], strides: list[int], order: list[int], held: bool
) -> None:
    assert stored_as(sizes, strides, order) == held


SIZES = st.lists(st.integers(0, 4), max_size=5)


@given(SIZES)
def test_strides_are_those_of_a_contiguous_tensor(sizes: list[int]) -> None:
    assert strides_of(sizes) == torch.empty(sizes).stride()


@given(st.lists(st.integers(1, 4), max_size=5), st.data())
def test_a_permuted_tensor_is_stored_in_that_order(sizes: list[int], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(sizes))))
    made = torch.empty([sizes[axis] for axis in order])
    back = made.permute([order.index(axis) for axis in range(len(sizes))])
    assert list(back.shape) == sizes
    assert stored_as(list(back.shape), list(back.stride()), list(order))


def test_the_known_formats_are_those_of_torch() -> None:
    for name, order in KNOWN_ORDERS.items():
        if order is not None:
            made = torch.empty([2, 3, 4, 5, 6][: len(order)]).to(memory_format=getattr(torch, name))
            assert stored_as(list(made.shape), list(made.stride()), list(order))
