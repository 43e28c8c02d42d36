"""Gradients of named tensors: under the dims of what they are gradients of, and checked by them."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd import Function, gradcheck
from torch.utils.checkpoint import checkpoint

from namedtorch.diagnostics import DimError
from namedtorch.ops import registry
from namedtorch.ops.registration import register
from namedtorch.values import NamedTensor
from namedtorch.values.named_functions import named_function
from tests.values.pages import run as run_page


def leaf(*sizes: int, dims: str, dtype: torch.dtype = torch.float32) -> NamedTensor:
    """A tensor that gradients are taken by."""
    return NamedTensor(torch.randn(*sizes, dtype=dtype, requires_grad=True), tuple(dims.split()))


def plain(x: NamedTensor) -> Tensor:
    """The same numbers as a plain leaf."""
    return x.tensor.detach().clone().requires_grad_()


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


# backward


def test_a_gradient_has_the_dims_of_its_tensor() -> None:
    x, w = leaf(2, 3, dims="N C"), leaf(4, 3, dims="K C")
    (x @ w.mT).sum().backward()
    assert x.grad is not None
    assert w.grad is not None
    assert x.grad.dims == ("N", "C")
    assert w.grad.dims == ("K", "C")
    a, b = plain(x), plain(w)
    (a @ b.mT).sum().backward()
    assert a.grad is not None
    assert torch.equal(x.grad.tensor, a.grad)


def test_gradients_add_up_and_are_taken_away() -> None:
    x = leaf(3, dims="C")
    for _ in range(2):
        (x * 2).sum().backward()
    assert x.grad is not None
    assert x.grad.tensor.tolist() == [4.0] * 3
    x.grad = None
    assert x.grad is None


def test_a_gradient_to_start_from_is_checked_by_name() -> None:
    x = leaf(2, 3, dims="N C")
    (x * x).backward(NamedTensor(torch.ones(2, 3), ("N", "C")))
    assert x.grad is not None
    assert torch.equal(x.grad.tensor, 2 * x.tensor)
    (x * x).backward(torch.ones(2, 3))
    (x * x).backward(NamedTensor(torch.ones(2, 3), (None, "C")))
    with pytest.raises(DimError, match="axis 1 of `gradient` is `D`=3, axis 1 of `input` is `C`=3"):
        (x * x).backward(NamedTensor(torch.ones(2, 3), ("N", "D")))
    with pytest.raises(DimError, match="starts from one element"):
        (x * x).backward()


def test_a_gradient_that_is_assigned_is_checked_by_name() -> None:
    x = leaf(2, 3, dims="N C")
    x.grad = NamedTensor(torch.ones(2, 3), ("N", "C"))
    x.grad = torch.zeros(2, 3)
    with pytest.raises(
        DimError, match="the gradient that is assigned has the dims `C N`, and the tensor has `N C`"
    ):
        x.grad = NamedTensor(torch.ones(2, 3), ("C", "N"))


def test_torch_autograd_backward_takes_named_tensors() -> None:
    x = leaf(2, 3, dims="N C")
    torch.autograd.backward([(x * 2).sum(), x * 3], [None, NamedTensor(torch.ones(2, 3), ("N", "C"))])
    assert x.grad is not None
    assert x.grad.tensor.tolist() == [[5.0] * 3] * 2
    with pytest.raises(DimError, match="`gradient` is `D`=3"):
        torch.autograd.backward(x * 3, NamedTensor(torch.ones(2, 3), ("N", "D")))


def test_the_gradient_of_an_intermediate_is_retained() -> None:
    x = leaf(2, 3, dims="N C")
    y = x.sum("C")
    y.retain_grad()
    (y * y).sum().backward()
    assert y.grad is not None
    assert y.grad.dims == ("N",)
    assert torch.equal(y.grad.tensor, 2 * y.tensor)


# torch.autograd.grad


def test_torch_autograd_grad_gives_gradients_under_dims() -> None:
    x, w = leaf(2, 3, dims="N C"), torch.randn(3, requires_grad=True)
    by_x, by_w = torch.autograd.grad((x * w).sum(), (x, w))
    assert by_x.dims == ("N", "C")
    assert by_w.dims == (None,)
    assert torch.equal(by_x.tensor, w.expand(2, 3))
    (only,) = torch.autograd.grad(x * w, x, grad_outputs=NamedTensor(torch.ones(2, 3), ("N", "C")))
    assert torch.equal(only.tensor, by_x.tensor)
    with pytest.raises(DimError, match="`grad_outputs` is `D`=3"):
        torch.autograd.grad(x * w, x, grad_outputs=NamedTensor(torch.ones(2, 3), ("N", "D")))


def test_a_gradient_by_what_is_not_used_is_none() -> None:
    x, unused = leaf(3, dims="C"), leaf(2, dims="N")
    by_x, by_unused = torch.autograd.grad((x * x).sum(), (x, unused), allow_unused=True)
    assert by_x.dims == ("C",)
    assert by_unused is None


def test_a_batch_of_gradients_has_its_dim_in_front() -> None:
    x = leaf(3, dims="C")
    (rows,) = torch.autograd.grad(
        x * x, x, grad_outputs=NamedTensor(torch.eye(3), ("row", "C")), is_grads_batched=True
    )
    assert rows.dims == ("row", "C")
    assert torch.equal(rows.tensor, torch.diag(2 * x.tensor))


def test_gradients_of_gradients() -> None:
    x = leaf(2, 3, dims="N C")
    (first,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    assert second.dims == ("N", "C")
    assert torch.allclose(second.tensor, 6 * x.tensor)


def test_a_hessian_times_a_vector() -> None:
    x = leaf(3, dims="C")
    vector = NamedTensor(torch.tensor([1.0, 0.0, 2.0]), ("C",))
    (slope,) = torch.autograd.grad((x**3).sum() + x.prod(), x, create_graph=True)
    (product,) = torch.autograd.grad((slope * vector).sum(), x)
    hessian = torch.autograd.functional.hessian(lambda one: (one**3).sum() + one.prod(), x.tensor.detach())
    assert product.dims == ("C",)
    assert torch.allclose(product.tensor, hessian @ vector.tensor, atol=1e-5)


def test_derivatives_are_those_of_differences() -> None:
    x, w = leaf(2, 3, dims="N C", dtype=torch.float64), leaf(4, 3, dims="K C", dtype=torch.float64)

    def model(a: Tensor, b: Tensor) -> Tensor:
        named = NamedTensor(a, x.dims) @ NamedTensor(b, w.dims).mT
        return named.softmax("K").tensor

    assert gradcheck(model, (x.tensor, w.tensor))


# Hooks


def test_a_hook_gets_and_returns_named_gradients() -> None:
    x = leaf(2, 3, dims="N C")
    seen: list[tuple[str | None, ...]] = []

    def double(gradient: NamedTensor) -> NamedTensor:
        seen.append(gradient.dims)
        return gradient * 2

    handle = x.register_hook(double)
    x.sum().backward()
    assert seen == [("N", "C")]
    assert x.grad is not None
    assert x.grad.tensor.tolist() == [[2.0] * 3] * 2
    handle.remove()
    x.sum().backward()
    assert len(seen) == 1


@pytest.mark.parametrize("returned", [lambda g: None, lambda g: g.tensor])
def test_a_hook_may_return_nothing_or_a_plain_tensor(returned: Callable[[NamedTensor], Any]) -> None:
    x = leaf(3, dims="C")
    x.register_hook(returned)
    x.sum().backward()
    assert x.grad is not None
    assert x.grad.tensor.tolist() == [1.0] * 3


def test_a_hook_that_returns_other_dims_is_refused() -> None:
    x = leaf(3, 3, dims="N C")
    x.register_hook(lambda g: g.transpose("N", "C"))
    with pytest.raises(DimError, match="the gradient that the hook returned has the dims `C N`"):
        x.sum().backward()


def test_a_hook_behind_the_accumulation_sees_the_tensor_with_its_gradient() -> None:
    x = leaf(3, dims="C")
    seen: list[Any] = []
    x.register_post_accumulate_grad_hook(lambda one: seen.append((one.dims, one.grad)))
    x.sum().backward()
    ((dims, gradient),) = seen
    assert dims == ("C",)
    assert gradient.dims == ("C",)


# Modes


def test_modes_that_record_nothing() -> None:
    x = leaf(3, dims="C")
    with torch.no_grad():
        assert not (x * 2).requires_grad
        with torch.enable_grad():
            assert (x * 2).requires_grad
    with torch.inference_mode():
        y = x * 2
    assert y.is_inference()
    assert y.dims == ("C",)
    assert not x.detach().requires_grad
    assert x.detach().dims == ("C",)
    assert x.detach().requires_grad_().is_leaf


def test_a_checkpoint_computes_again_and_keeps_dims() -> None:
    x, layer = leaf(2, 3, dims="N C"), nn.Linear(3, 4)
    runs: list[int] = []

    def block(one: NamedTensor) -> NamedTensor:
        runs.append(1)
        return layer(one).relu().sum(-1)

    result = checkpoint(block, x, use_reentrant=False)
    assert result.dims == ("N",)
    result.sum().backward()
    assert len(runs) == 2
    assert x.grad is not None
    assert x.grad.dims == ("N", "C")
    again = plain(x)
    layer(again).relu().sum().backward()
    assert again.grad is not None
    assert torch.allclose(x.grad.tensor, again.grad)


def test_a_reentrant_checkpoint_is_refused_as_it_would_lose_the_gradient() -> None:
    x = leaf(3, dims="C")
    with pytest.raises(DimError, match=r"`CheckpointFunction\.apply`: nothing tells what dims it gives"):
        checkpoint(lambda one: one.relu(), x, use_reentrant=True)


# Functions of the user's own


class Floor(Function):
    """Rounds down, and lets gradients pass as if it had not."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.floor()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient


class Scaled(Function):
    """Has its context apart, and a result for each of two arguments."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, y: Tensor, by: float = 2.0) -> tuple[Tensor, Tensor]:
        return x * by, y + by

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.by = inputs[2]

    @staticmethod
    def backward(ctx: Any, one: Tensor, other: Tensor) -> tuple[Tensor, Tensor, None]:
        return one * ctx.by, other, None


def test_a_function_of_ones_own_is_applied_under_a_signature() -> None:
    floor = named_function(Floor.apply, "... -> ...")
    x = leaf(2, 3, dims="N C")
    result = floor(x)
    assert result.dims == ("N", "C")
    assert torch.equal(result.tensor, x.tensor.floor())
    result.sum().backward()
    assert x.grad is not None
    assert x.grad.tensor.tolist() == [[1.0] * 3] * 2


def test_a_function_with_several_arguments_and_results() -> None:
    scaled = named_function(Scaled.apply, "N C, K -> N C, K")
    x, y = leaf(2, 3, dims="N C"), leaf(4, dims="K")
    one, other = scaled(x, y, 3.0)
    assert (one.dims, other.dims) == (("N", "C"), ("K",))
    (one.sum() + other.sum()).backward()
    assert x.grad is not None
    assert x.grad.tensor.tolist() == [[3.0] * 3] * 2
    with pytest.raises(DimError, match="axis 0 of `y` is `N`, but the signature has `K` there"):
        scaled(x, leaf(4, dims="N"))


def test_apply_refuses_named_tensors_of_which_nothing_tells_the_dims() -> None:
    x = leaf(3, dims="C")
    with pytest.raises(DimError) as caught:
        Floor.apply(x)
    assert "`Floor.apply`: nothing tells what dims it gives" in str(caught.value)
    assert 'named_function(Floor.apply, "... -> ...")' in str(caught.value)
    with pytest.raises(DimError):
        Scaled.apply(x.tensor, x)


def test_apply_takes_named_tensors_once_its_rule_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "OPERATORS", {})
    register(f"{__name__}.Floor.apply", "x: *dims -> *dims", parameters="x")
    x = leaf(2, 3, dims="N C")
    result = Floor.apply(x)
    assert result.dims == ("N", "C")
    result.sum().backward()
    assert x.grad is not None


def test_apply_on_plain_tensors_is_as_ever() -> None:
    x = torch.randn(3, requires_grad=True)
    Floor.apply(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0] * 3
    one, _ = Scaled.apply(x, x, by=3.0)
    assert torch.equal(one, x * 3)
    slopes = torch.func.vmap(torch.func.grad(lambda a: Scaled.apply(a, a)[0]))(x)
    assert slopes.tolist() == [2.0] * 3


def test_the_page_runs() -> None:
    run_page("named-autograd.md")
