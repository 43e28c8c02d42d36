"""Code as people write it: decorators, methods of plain objects, names that clash, methods as values."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from namedtorch import EraseError, Float, NamedTensor, erase, named
from tests.lower.unverified import lower

X = named(torch.arange(18.0).reshape(2, 3, 3) ** 1.5, "N C T")

Input = Float[NamedTensor, "N C T"]


def tripled(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(*arguments: Any) -> Any:
        return function(*arguments) * 3

    return run


@tripled
def total(x: NamedTensor) -> NamedTensor:
    return x.sum("C")


def of_decorated(x: Input) -> NamedTensor:
    return total(x)


@tripled
def outermost(x: Input) -> NamedTensor:
    return x.sum("C")


class Decorated(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))

    @tripled
    def part(self, x: NamedTensor) -> NamedTensor:
        return x.sum("C")

    @torch.no_grad()
    def statistics(self, x: NamedTensor) -> NamedTensor:
        return x.mean("C") * named(self.weight, "C").sum("C")

    @tripled
    def forward(self, x: Input) -> NamedTensor:
        return self.part(x) + self.statistics(x)


class Rules:
    def __init__(self, dim: str) -> None:
        self.dim = dim

    def scaled(self, x: NamedTensor, by: float = 2.0) -> NamedTensor:
        return self.halved(x.sum(self.dim)) * by

    def halved(self, x: NamedTensor) -> NamedTensor:
        return x / x.size("N")


class Doubled(Rules):
    def scaled(self, x: NamedTensor, by: float = 2.0) -> NamedTensor:
        return super().scaled(x, by) * 2


class Ruled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = Rules("C")
        self.second = Doubled("T")

    def forward(self, x: Input) -> tuple[NamedTensor, NamedTensor]:
        return self.first.scaled(x), self.second.scaled(x, by=3.0)


def softened(x: NamedTensor) -> NamedTensor:
    return x.softmax("C") * 2


class Clashing(nn.Module):
    def softened(self, x: NamedTensor) -> NamedTensor:
        return softened(x)

    def forward(self, x: Input) -> NamedTensor:
        return self.softened(x)


class Binding(nn.Module):
    def forward(self, x: Input) -> NamedTensor:
        chosen = self.by_name
        return chosen(x)

    def by_name(self, x: NamedTensor) -> NamedTensor:
        return x.sum("C")


def defaults(x: Input) -> NamedTensor:
    dim = "C"

    def inner(y: NamedTensor, last: str = x.dims[-1]) -> NamedTensor:
        return y.sum(last)

    dim = "T"
    return inner(x).sum(dim if dim == "C" else "C")


def mapped(x: Input) -> tuple[NamedTensor, ...]:
    return tuple(map(softened, [x, x * 2]))


CASES: list[Any] = [of_decorated, outermost, Decorated(), Ruled(), Clashing(), Binding(), defaults, mapped]


@pytest.mark.parametrize("target", CASES, ids=lambda one: getattr(one, "__name__", type(one).__name__))
def test_erased_code_gives_what_the_code_gives(target: Any) -> None:
    found, expected = erase(target)(X), target(X)
    for one, other in zip(_listed(found), _listed(expected), strict=True):
        assert one.dims == other.dims
        assert one.tensor.requires_grad == other.tensor.requires_grad
        torch.testing.assert_close(one.tensor, other.tensor)


def _listed(value: Any) -> tuple[NamedTensor, ...]:
    return value if isinstance(value, tuple) else (value,)


def test_a_method_with_the_name_of_a_function_is_lowered() -> None:
    torch.testing.assert_close(lower(Clashing())(X.tensor), Clashing()(X).tensor)


class Unseen(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.by_lambda = lambda x: x.sum("C")

    def forward(self, x: Input) -> NamedTensor:
        return self.by_lambda(x)


class Answering(nn.Module):
    def __getattr__(self, name: str) -> Any:
        return "C" if name == "dim" else super().__getattr__(name)

    def forward(self, x: Input) -> NamedTensor:
        return x.sum(self.dim)


class Called(nn.Module):
    def __call__(self, x: NamedTensor) -> NamedTensor:
        return super().__call__(x) * 2

    def forward(self, x: NamedTensor) -> NamedTensor:
        return x.sum("C")


class Calling(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Called()

    def forward(self, x: Input) -> NamedTensor:
        return self.inner(x)


def by_value(x: Input) -> NamedTensor:
    sum_of = x.sum
    return sum_of("C")


def by_text(x: Input) -> NamedTensor:
    return x.sum("NCT"[1])


def by_set(x: Input) -> NamedTensor:
    return x.sum(tuple(sorted(set(x.dims) - {"N"})))


def by_class(x: Input) -> bool:
    return type(x) is NamedTensor


def late(x: Input) -> NamedTensor:
    for soften in [lambda y, dim=dim: y.softmax(dim) for dim in ("C", "T")]:
        x = soften(x)
    return x


def handed_on(x: Input) -> NamedTensor:
    return checkpoint(softened, x, use_reentrant=False)


REFUSED: list[tuple[Any, str]] = [
    (Unseen(), "the source of `self.by_lambda` is not at hand.*define it by `def`"),
    (Answering(), "the value of `self.dim` is not known; write the names"),
    (Calling(), r"what `super\(\).__call__` runs is not followed.*call `forward`"),
    (by_value, r"it is the method `sum` of a tensor with names.*write `x.sum\(...\)`"),
    (by_text, r"the value of `'NCT'\[1\]` is not known"),
    (by_set, "the value of `tuple.*` is not known"),
    (
        by_class,
        r"`type\(x\)` is NamedTensor, and in plain torch it is Tensor.*`isinstance\(x, NamedTensor\)`",
    ),
    (handed_on, r"`softened` is given to `torch\.utils\.checkpoint\.checkpoint`.*call it here"),
    (late, "the dims that it names are other ones at another time"),
]


@pytest.mark.parametrize(("target", "message"), REFUSED)
def test_what_is_not_told_is_refused(target: Any, message: str) -> None:
    with pytest.raises(EraseError, match=message):
        erase(target)(X)


class State(NamedTuple):
    h: Input
    c: Input | None = None


class Fielded(nn.Module):
    """A field that may be None, and a gradient that is."""

    def forward(self, state: State) -> NamedTensor:
        h: Input = state.h
        c = state.c
        if c is None:
            return h.sum("C")
        given: Input = c
        return (h + given).sum("C") if h.tensor.grad is None else h.sum("C")


def test_a_field_that_may_be_none_keeps_both_branches() -> None:
    model = erase(Fielded())
    assert torch.equal(model(State(X)).tensor, X.sum("C").tensor)
    assert torch.equal(model(State(X, X)).tensor, (X + X).sum("C").tensor)
