"""Plans are kept by what tells calls apart: two calls that a dict would take for one give each its own dims."""

from collections.abc import Callable
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.fx import symbolic_trace
from torch.fx.experimental.proxy_tensor import make_fx

from namedtorch import DimError, NamedTensor, named
from namedtorch.values.spellings import operation_of, operations


class Place(IntEnum):
    FIRST = 0
    LAST = 1


class Dim(StrEnum):
    N = "N"
    C = "C"


class Special(NamedTensor):
    """A class of a user."""


Call = Callable[[Any], NamedTensor]

PAIRS: list[tuple[str, Call, str, Call, str]] = [
    ("a number and a flag", lambda x: x.std(1), "N", lambda x: x.std(True), ""),
    ("the same of a function", lambda x: torch.var(x, 0), "C", lambda x: torch.var(x, False), ""),
    ("a number and a flag as index", lambda x: x[1], "C", lambda x: x[True], "_ N C"),
    ("members of an IntEnum", lambda x: x.sum(Place.FIRST), "C", lambda x: x.sum(Place.LAST), "N"),
    ("members of a StrEnum", lambda x: x.sum(Dim.N), "C", lambda x: x.sum(Dim.C), "N"),
    ("members as keywords", lambda x: x.sum(dim=Dim.N), "C", lambda x: x.sum(dim=Dim.C), "N"),
    ("members in a list", lambda x: x.sum([Dim.N]), "C", lambda x: x.sum([Place.LAST]), "N"),
    ("integers of numpy", lambda x: x.sum(np.int64(0)), "C", lambda x: x.sum(np.int32(1)), "N"),
    ("None and a number", lambda x: x.sum(None), "", lambda x: x.sum(0), "C"),
    ("from both ends", lambda x: x.select(-1, 0), "N", lambda x: x.select(-2, 0), "C"),
]


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    for operation in operations().values():
        operation.plans.clear()
        operation.quick.clear()


def make(dims: str = "N C") -> NamedTensor:
    return named(torch.arange(12.0).reshape(3, 4), dims)


def written(x: NamedTensor) -> str:
    return " ".join(name or "_" for name in x.dims)


@pytest.mark.parametrize("turned", [False, True], ids=["in turn", "turned"])
@pytest.mark.parametrize(
    ("first", "dims", "second", "others"), [one[1:] for one in PAIRS], ids=[one[0] for one in PAIRS]
)
def test_two_calls_have_each_its_own_dims(
    first: Call, dims: str, second: Call, others: str, turned: bool
) -> None:
    calls = [(first, dims), (second, others)]
    sizes = {"N": 3, "C": 4, "_": 1}
    for call, expected in [*calls[:: -1 if turned else 1]] * 2:
        found = call(make())
        assert written(found) == expected
        assert tuple(found.shape) == tuple(sizes[name] for name in expected.split())


def test_a_dim_with_the_name_of_a_parameter_is_no_keyword() -> None:
    x = make("T dim")
    assert written(x.sum("dim", True)) == "T dim"
    assert written(x.sum(dim=1)) == "T"
    assert written(x.argmax(dim=1)) == "T"
    assert written(x.argmax("dim", True)) == "T dim"


def test_a_class_of_a_user_has_the_dims_of_each_value() -> None:
    x, y = Special(torch.ones(3, 4), ("N", "C")), Special(torch.ones(4, 3), ("C", "N"))
    assert [written(torch.sum(one, 0)) for one in (x, y, x)] == ["C", "N", "C"]


def test_symbolic_sizes_tell_calls_apart() -> None:
    found: list[str] = []

    def program(x: Tensor) -> Tensor:
        rows, columns = x.shape
        y = named(x, "N C")
        found.append(written(y.reshape(rows, columns)))
        with pytest.raises(DimError, match="a view keeps the order of elements"):
            y.reshape(columns, rows)
        return y.tensor

    make_fx(program, tracing_mode="symbolic")(torch.randn(3, 5))
    assert found == ["N C"]


def test_a_trace_leaves_no_plan_of_proxies() -> None:
    symbolic_trace(lambda x: (named(x, "N C") > 2).tensor)
    plans = operation_of(torch.Tensor.gt).plans.values()
    assert all(plan.dims is not None for plan in plans)


ITSELF: list[Call] = [
    lambda x: x.contiguous(), lambda x: x.float(), lambda x: x.to(torch.float32), lambda x: x.cpu(),
    lambda x: x.to(dtype=torch.float32), lambda x: torch.dropout(x, 0.5, False),
]  # fmt: skip


@pytest.mark.parametrize("call", ITSELF)
def test_what_gives_its_input_gives_it_every_time(call: Call) -> None:
    x = make()
    assert [call(x) is x for _ in range(3)] == [call(x.tensor) is x.tensor] * 3
    assert written(call(x).t_()) == written(x) == "C N"


def test_an_operator_in_place_that_is_refused_writes_nothing() -> None:
    x = make()
    before = x.tensor.clone()
    for _ in range(2):
        with pytest.raises(DimError, match="its row does not tell"):
            x.as_strided_((2,), (1,))
        assert x.tensor.equal(before)
        assert written(x) == "N C"


# Values of numpy


def test_an_array_on_the_left_leaves_the_operator_to_the_named_tensor() -> None:
    x = make()
    array = np.full((3, 4), 2.0, np.float32)
    for found, expected in (
        (array * x, x.tensor * 2),
        (array - x, 2 - x.tensor),
        (np.float64(2.0) * x, x.tensor * 2),
        (np.float32(2.0) - x, 2 - x.tensor),
        (x * np.float32(2.0), x.tensor * 2),
        (x + array, x.tensor + 2),
    ):
        assert isinstance(found, NamedTensor)
        assert written(found) == "N C"
        assert found.tensor.equal(expected)
    assert written(np.ones((2, 3), np.float32) @ x) == "_ C"


def test_arrays_of_other_ranks_and_sizes_have_plans_of_their_own() -> None:
    x = named(torch.ones(3), "C")
    assert written(x + np.ones(3)) == "C"
    assert written(x + np.ones((2, 3))) == "_ C"
    with pytest.raises(DimError, match="does not broadcast"):
        x + np.ones(4)


def test_an_array_without_a_copy_is_the_memory_or_refused() -> None:
    x = make()
    assert np.shares_memory(np.asarray(x), x.tensor.numpy())
    assert not np.shares_memory(np.array(x), x.tensor.numpy())
    assert np.asarray(x, dtype=np.int32).dtype == np.int32
    with pytest.raises(ValueError, match="without a copy"):
        np.asarray(x, dtype=np.int32, copy=False)


def test_a_tuple_among_indices_is_a_list_of_places() -> None:
    x = make()
    assert written(x[(0, 2),]) == "N C"
    assert x[(0, 2),].tensor.equal(x.tensor[[0, 2]])


def test_a_target_that_is_given_by_keyword_is_what_comes_back() -> None:
    for _ in range(2):
        x = make("_ _")
        assert torch.nn.init.zeros_(x) is x
        assert torch.relu_(input=x) is x
