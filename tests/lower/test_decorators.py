"""Decorators around functions of a graph: none is dropped without a word."""

import functools
from collections.abc import Callable
from typing import Any

import jaxtyping
import pytest
import torch
from beartype import beartype
from torch import Tensor, nn

from namedtorch import Float, LowerError, checked
from tests.lower.unverified import lower


def timed(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any) -> Any:
        return function(*args)

    return wrapper


@torch.no_grad()
def without(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
    """A helper."""
    return x * 2


class Method(nn.Module):
    @torch.no_grad()
    @checked
    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        """Stays where it is."""
        if x.sum() > 100:
            return x
        return x * 2


class Inference(nn.Module):
    @checked
    @torch.inference_mode()
    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return x * 2


class Helper(nn.Module):
    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return without(x)


class Checks(nn.Module):
    @jaxtyping.jaxtyped(typechecker=beartype)
    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return self.inner(x)

    @beartype
    def inner(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return x * 2


@pytest.mark.parametrize("guards", ["boundary", "all", "none"])
@pytest.mark.parametrize(
    ("owner", "gradients"), [(Method, False), (Inference, False), (Helper, False), (Checks, True)]
)
def test_gradients_are_off_where_a_decorator_says_so(
    owner: type[nn.Module], gradients: bool, guards: Any
) -> None:
    x = torch.ones(3, requires_grad=True)
    script: Any = lower(owner(), guards=guards).module
    torch.testing.assert_close(script(x), x * 2)
    assert script(x).requires_grad is gradients
    assert torch.is_grad_enabled()
    if guards != "none":
        with pytest.raises(torch.jit.Error, match="namedtorch: `x` has rank 2"):
            script(torch.ones(3, 3))


def test_plain_torch_script_keeps_them_too() -> None:
    script: Any = torch.jit.script(Method())
    assert not script(torch.ones(3, requires_grad=True)).requires_grad


class Timed(nn.Module):
    @timed
    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return x


class Autocast(nn.Module):
    @torch.autocast("cpu")
    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return x


class Compiled(nn.Module):
    @torch.compile(backend="eager")
    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return x


class Gradients(nn.Module):
    @torch.enable_grad()
    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return x


@timed
def slow(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
    return x


class CallsSlow(nn.Module):
    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return slow(x)


REFUSED = [
    (Timed, "`timed` (", "move what it does into the function, or lower a model without it"),
    (CallsSlow, "slow is decorated with `timed` (", "move what it does into the function"),
    (Autocast, "torch's `autocast`", "write `with torch.autocast(...)` inside of the function"),
    (Compiled, "`torch.compile`", "lower a model without it"),
    (Gradients, "torch's `enable_grad`", "take it off: a graph computes gradients where its caller does"),
]


@pytest.mark.parametrize(("owner", "named", "remedy"), REFUSED)
def test_others_are_refused_by_name(owner: type[nn.Module], named: str, remedy: str) -> None:
    with pytest.raises(LowerError) as caught:
        lower(owner())
    assert named in str(caught.value)
    assert remedy in str(caught.value)
    assert __file__ in str(caught.value)
