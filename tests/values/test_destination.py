"""What results are written to: operators in place, and `out=`."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn import functional

from namedtorch import DimError, NamedTensor, named

Names = list[str | None]


def x(names: Names | None = None) -> NamedTensor:
    return named(torch.arange(6.0).reshape(2, 3).clone(), ["N", "C"] if names is None else names)


def message(call: Callable[[], Any]) -> str:
    """The first line of what a call is refused with."""
    with pytest.raises(DimError) as caught:
        call()
    return str(caught.value).splitlines()[0]


IN_PLACE: list[tuple[str, Names, Names | None, list[str | None]]] = [
    ("add_", ["N", "C"], ["N", "C"], ["N", "C"]),
    ("add_", ["N", "C"], [None, None], ["N", "C"]),
    ("add_", [None, None], ["N", "C"], ["N", "C"]),
    ("add_", [None, None], [None, "C"], [None, "C"]),
    ("mul_", ["N", None], ["N", None], ["N", None]),
    ("relu_", ["N", "C"], None, ["N", "C"]),
    ("zero_", [None, "C"], None, [None, "C"]),
    ("t_", ["N", "C"], None, ["C", "N"]),
    ("copy_", [None, None], ["N", "C"], ["N", "C"]),
]


@pytest.mark.parametrize(("method", "own", "other", "dims"), IN_PLACE)
def test_in_place(method: str, own: Names, other: Names | None, dims: Names) -> None:
    arguments = [] if other is None else [x(other)]
    for _ in range(2):
        target = x(own)
        memory = target.tensor
        assert getattr(target, method)(*arguments) is target
        assert target.tensor is memory
        assert target.dims == tuple(dims)
        expected = getattr(x().tensor, method)(*(one.tensor for one in arguments))
        assert torch.equal(target.tensor, expected)


def test_an_operator_in_place_adds_no_name_to_some() -> None:
    target = x(["N", None])
    kept = target.tensor.clone()
    assert message(lambda: target.add_(x())) == (
        "`add_`: the result has `C`, and `input`, which it is written to, does not; "
        "name its axes by `refine_names` first, or use the operator that is not in place"
    )
    assert target.dims == ("N", None)
    assert torch.equal(target.tensor, kept)


def test_an_operator_in_place_refuses_other_names() -> None:
    target = x()
    assert message(lambda: target.add_(x(["N", "D"]))).startswith(
        "`add_`: it does not broadcast with `input`: "
    )
    assert torch.equal(target.tensor, x().tensor)


def test_in_place_by_python() -> None:
    before = after = x()
    after += 1
    after *= x([None, "C"])
    assert after is before
    assert after.dims == ("N", "C")
    assert torch.equal(after.tensor, (x().tensor + 1) * x().tensor)


def test_in_place_by_a_flag() -> None:
    target = x()
    assert functional.relu(target, inplace=True) is target
    assert functional.dropout(target, 0.5, False, True) is target
    assert target.dims == ("N", "C")


def test_initializers_take_named_tensors() -> None:
    for fill in (torch.nn.init.zeros_, torch.nn.init.normal_, torch.nn.init.xavier_uniform_):
        target = x()
        assert fill(target).dims == ("N", "C")
        assert not torch.equal(target.tensor, x().tensor)


def test_a_plain_tensor_stays_plain() -> None:
    plain = torch.zeros(2, 3)
    assert torch.add(plain, x(), out=plain).dims == ("N", "C")
    assert plain.add_(x()).dims == ("N", "C")
    assert torch.equal(plain, x().tensor * 2)


def test_an_operator_in_place_without_a_row_is_not_run() -> None:
    target = x()
    assert message(lambda: torch.resize_as_(target, torch.zeros(6))) == (
        "`torch.resize_as_`: the table has no row for it; take the plain tensors (`x.tensor`) and name the result "
        "by `named`, or tell the rule by `namedtorch.register`"
    )
    assert target.shape == (2, 3)


def test_what_gives_the_tensor_itself_gives_the_named_one() -> None:
    target = x()
    assert target.contiguous().dims == target.dims
    assert target.requires_grad_() is target
    assert target.tensor.requires_grad
    assert target.detach_() is target


# out=


OUT: list[tuple[Names, Names, Names | None]] = [
    (["N", "C"], ["N", "C"], ["N", "C"]),
    (["N", "C"], [None, None], ["N", "C"]),
    ([None, None], ["N", "C"], ["N", "C"]),
    ([None, "C"], [None, None], [None, "C"]),
    (["N", "C"], ["N", None], None),
    (["N", "C"], ["C", "N"], None),
    (["N", None], ["N", "C"], None),
]


@pytest.mark.parametrize(("own", "out", "dims"), OUT)
def test_out(own: Names, out: Names, dims: Names | None) -> None:
    for _ in range(2):
        target = named(torch.zeros(2, 3), out)
        if dims is None:
            written, has = (" ".join(str(name or "_") for name in one) for one in (own, out))
            assert message(lambda target=target: torch.abs(x(own), out=target)) == (
                f"`torch.abs`: the result has the dims `{written}`, and `out` has `{has}`; "
                "`out.rename_(None)` takes its names away, so that it gets those of the result"
            )
            assert not target.tensor.any()
        else:
            assert torch.abs(x(own), out=target) is target
            assert target.dims == tuple(dims)
            assert torch.equal(target.tensor, x().tensor)


def test_out_of_another_rank() -> None:
    target = named(torch.empty(0), [None])
    assert torch.sum(x(), 1, out=target) is target
    assert target.dims == ("N",)
    assert target.shape == (2,)


def test_out_of_several() -> None:
    values, places = named(torch.empty(0), [None]), named(torch.empty(0, dtype=torch.int64), [None])
    found = torch.max(x(), 1, out=(values, places))
    assert found.values is values
    assert found.indices is places
    assert values.dims == places.dims == ("N",)
    other = named(torch.empty(2), ["K"])
    assert message(lambda: torch.max(x(), 1, out=(other, places))).startswith(
        "`torch.max`: the result has the dims `N`, and `out` has `K`"
    )


def test_out_that_is_plain() -> None:
    plain = torch.empty(2)
    found = torch.sum(x(), 1, out=plain)
    assert found.dims == ("N",)
    assert found.tensor is plain
