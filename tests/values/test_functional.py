"""Every operator of torch.nn.functional takes and gives named tensors: the numbers of plain torch, under names."""

import warnings
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from namedtorch.diagnostics import DimError
from namedtorch.ops.table import OPERATORS
from namedtorch.values import NamedTensor
from tests.values.drawing import drawn, given, is_close, shown, taken
from tests.values.functions import FUNCTIONS, FunctionCase


def call(case: FunctionCase, arguments: list[Any]) -> Any:
    """The result of a call with a seed; texts among the further arguments are weights."""
    generator = torch.Generator().manual_seed(3)
    more = [drawn(one, generator)[0] if isinstance(one, str) else one for one in case.more]
    torch.manual_seed(0)
    with warnings.catch_warnings():
        # Some of them are deprecated.
        warnings.simplefilter("ignore")
        return getattr(functional, case.name)(*arguments, *more, **case.options)


def plain_call(case: FunctionCase) -> Any:
    """What plain torch gives."""
    return call(case.plain, [tensor for tensor, _ in taken(case.dims)])


@pytest.mark.parametrize("case", FUNCTIONS, ids=str)
def test_a_function_gives_the_numbers_of_plain_torch_under_names(case: FunctionCase) -> None:
    result = call(case, [NamedTensor(*one) for one in taken(case.dims)])
    assert shown(result) == given(case.dims)
    assert is_close(result, plain_call(case))


@pytest.mark.parametrize("case", FUNCTIONS, ids=str)
def test_a_function_takes_named_tensors_beside_plain_ones(case: FunctionCase) -> None:
    (first, dims), *others = taken(case.dims)
    result = call(case, [NamedTensor(first, dims), *(tensor for tensor, _ in others)])
    assert is_close(result, plain_call(case))
    kept = shown(result).translate(str.maketrans(",()", "   ")).split()
    # The names that are left are those of the first tensor.
    assert {name for name in kept if name[0].isalpha()} <= set(dims)


def test_every_operator_of_functional_has_a_case() -> None:
    names = {one.rpartition(".")[2] for one in OPERATORS if one.startswith("torch.nn.functional.")}
    assert sorted(names - {case.name for case in FUNCTIONS}) == []


REFUSED = [
    ("linear", "N=2 in=5, out=7 other=5", "`other`=5"),
    ("linear", "N=2 in=5, out=7 in=5, other=7", "`other`=7"),
    ("conv2d", "N=2 C=4 H=6 W=6, O=5 D=4 kh=3 kw=3", "`D`=4"),
    ("scaled_dot_product_attention", "N=2 T=5 D=4, M=2 S=6 D=4, N=2 S=6 V=7", "`M`=2"),
    ("mse_loss", "N=2 C=4, C=2 N=4", "`C`"),
    ("nll_loss", "N=2 C=4, C=2:i4", "C=2"),
    ("softmax", "N=2 C=4", "but its dims are `N`, `C`"),
]


@pytest.mark.parametrize(("name", "dims", "said"), REFUSED)
def test_a_function_refuses_names_that_do_not_go_together(name: str, dims: str, said: str) -> None:
    options = {"dim": "T"} if name == "softmax" else {}
    with pytest.raises(DimError) as caught:
        call(FunctionCase(name, dims, (), options), [NamedTensor(*one) for one in taken(dims)])
    assert said in str(caught.value)


def test_a_function_in_place_keeps_the_tensor_and_its_names() -> None:
    x = NamedTensor(torch.randn(2, 3), ("N", "C"))
    stored: Tensor = x.tensor
    assert functional.relu(x, inplace=True).tensor is stored
    assert bool((stored >= 0).all())
