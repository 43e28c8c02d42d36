"""What erased code calls: parts with a guard of their own, whose bodies have no names in them, and parts with hooks."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from namedtorch import Float, NamedTensor, checked, erase, erased_source, lower, named, named_module
from namedtorch.diagnostics import DimError, EraseError

X = named(torch.linspace(-1, 1, 24).reshape(2, 3, 4), "N C T")


class Scores(nn.Module):
    """Its body has nothing to erase; its guard asks for names."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.linear = named_module(nn.Linear(4, 5), "T -> K")

    @checked
    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N C K"]:
        return self.linear(x)


@checked
def doubled(x: Float[NamedTensor, "... K"]) -> Float[NamedTensor, "... K"]:
    return x * 2


@checked
def rows(x: Float[Tensor, "a b c"]) -> Float[Tensor, "a b c"]:
    return x + 1


class Summed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scores = Scores()

    @checked
    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N C"]:
        found = named(rows(doubled(self.scores(x)).tensor), "N C K")
        return found.sum("K")


def test_a_part_that_is_checked_and_has_nothing_to_erase_takes_plain_tensors() -> None:
    model = Summed()
    found, expected = erase(model)(X), model(X)
    assert found.dims == expected.dims
    torch.testing.assert_close(found.tensor, expected.tensor)
    assert "self.linear(x)" not in erased_source(model)


def test_a_guard_of_plain_tensors_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Summed()
    fast = erase(model)
    fast(X)
    # The layer gives another rank than `rows` takes.
    monkeypatch.setattr(model.scores.linear, "forward", lambda x: x[0])
    with pytest.raises(DimError, match="`x` has rank 2, but `a b c` has rank 3"):
        fast(X)


class Centred(nn.Module):
    def forward(self, x: Float[NamedTensor, "... C ..."]) -> Float[NamedTensor, "... C ..."]:
        return x - x.mean("C", keepdim=True)


class Twice(nn.Module):
    """Calls one part with two orders of dims."""

    def __init__(self) -> None:
        super().__init__()
        self.part = Centred()

    @checked
    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N T C"]:
        return self.part(self.part(x).transpose("C", "T"))


def test_a_part_that_is_called_with_two_orders_of_dims() -> None:
    model = Twice()
    torch.testing.assert_close(erase(model)(X).tensor, model(X).tensor)


@pytest.mark.parametrize("register", ["register_forward_hook", "register_forward_pre_hook"])
def test_hooks_run_for_every_order_of_dims_or_the_call_is_refused(register: str) -> None:
    model = Twice()
    getattr(model.part, register)(lambda module, inputs, *result: None)
    told = (
        "`self.part` has hooks, which run for one order of dims only, and it is called with several: N C T, and N T C; "
        "put the dims in one order before the call"
    )
    calls: list[Any] = [lambda: erase(model)(X), lambda: lower(model, verify=False)]
    for call in calls:
        with pytest.raises(EraseError) as caught:
            call()
        assert told in str(caught.value)
