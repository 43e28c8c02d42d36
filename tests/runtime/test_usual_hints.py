"""What people annotate beside tensors: hints for static checkers, operators that decline, context managers."""

import contextlib
import functools
import typing
from collections.abc import Iterator
from typing import Any, NoReturn, ParamSpec, Protocol

import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, Float, checked

P = ParamSpec("P")
z = torch.zeros


class Scorer(Protocol):
    def score(self, x: int) -> int: ...


@checked
class Everything(nn.Module):
    """Methods with the hints that no value can be held to."""

    hidden: int

    def me(self, x: Float[Tensor, "N"]) -> typing.Self:
        return self

    def fail(self, x: Float[Tensor, "N"]) -> NoReturn:
        raise KeyError("the user's own")

    def scored(self, x: Float[Tensor, "N"], by: Scorer) -> Float[Tensor, "N"]:
        return x

    def passing(self, x: Float[Tensor, "N"], *args: P.args, **kwargs: P.kwargs) -> Float[Tensor, "N"]:
        return x

    def __mul__(self, other: object) -> Float[Tensor, "N"]:
        return NotImplemented

    @contextlib.contextmanager
    def scope(self, x: Float[Tensor, "N"]) -> Iterator[Float[Tensor, "N"]]:
        yield x if len(x) != 3 else x[:1]

    @functools.cached_property
    def weights(self) -> Float[Tensor, "3"]:
        return z(4)

    @functools.lru_cache(maxsize=8)  # noqa: B019  # as users write it
    def cached(self, n: int) -> Float[Tensor, "2"]:
        return z(n)


@pytest.fixture
def everything() -> Everything:
    return Everything()


def test_hints_for_static_checkers_say_nothing(everything: Everything) -> None:
    assert everything.me(z(2)) is everything
    with pytest.raises(KeyError, match="the user's own"):
        everything.fail(z(2))
    assert everything.scored(z(2), by=object()).shape == (2,)
    assert everything.passing(z(2), 1, "a", key=2).shape == (2,)
    with pytest.raises(DimError, match="`x` has rank 2"):
        everything.scored(z(2, 2), by=object())


def test_an_operator_may_decline(everything: Everything) -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        everything * 3


def test_context_managers_are_checked_at_both_ends(everything: Everything) -> None:
    with everything.scope(z(2)) as found:
        assert len(found) == 2
    with pytest.raises(DimError, match="`result` has size 1 at axis 0, but `N` is 3"), everything.scope(z(3)):
        pass
    with pytest.raises(DimError, match="`x` has rank 2"), everything.scope(z(3, 3)):
        pass


def test_cached_members_are_checked(everything: Everything) -> None:
    with pytest.raises(DimError, match="`result` has size 4 at axis 0"):
        _ = everything.weights
    assert everything.cached(2) is everything.cached(2)
    with pytest.raises(DimError, match="`result` has size 3 at axis 0"):
        everything.cached(3)


def test_names_of_the_function_around_a_class() -> None:
    local = Float[Tensor, "N D"]

    class Inner:
        @checked
        def f(self, x: "local") -> "local":
            return x

    assert Inner().f(z(2, 3)).shape == (2, 3)
    with pytest.raises(DimError, match="`x` has rank 1"):
        Inner().f(z(2))


def test_scalars_are_called_so() -> None:
    @checked
    def loss(x: Float[Tensor, "N"]) -> Float[Tensor, ""]:
        return x

    with pytest.raises(DimError, match="`result` has rank 1, but the annotation asks for a scalar"):
        loss(z(3))


def test_many_failures_are_counted() -> None:
    @checked
    def f(xs: list[Float[Tensor, "3 ?n"]]) -> None: ...

    with pytest.raises(DimError) as caught:
        f([z(2, n) for n in range(100)])
    assert len(caught.value.failures) == 100
    assert "... and 88 more, all in `.failures`" in str(caught.value)
    assert len(str(caught.value)) < 3000


def test_torch_fx_is_told_how_to_trace() -> None:
    @checked
    class Model(nn.Module):
        def forward(self, x: Float[Tensor, "N 3"]) -> Float[Tensor, "N 3"]:
            return x + 1

    with pytest.raises(DimError, match=r'traced by torch.fx.*namedtorch.checking\("off"\)'):
        torch.fx.symbolic_trace(Model())


def test_jagged_sizes_are_symbolic() -> None:
    @checked
    def f(x: Float[Tensor, "B L D where D >= 2"], y: Float[Tensor, "B"]) -> None: ...

    jagged: Any = torch.nested.nested_tensor([z(2, 3), z(4, 3)], layout=torch.jagged)
    f(jagged, z(2))
    with pytest.raises(DimError, match="`y` has size 3 at axis 0, but `B` is 2"):
        f(jagged, z(3))
