"""`grad`, `vjp`, `jvp`, `jacrev`, `jacfwd` and `vmap` on functions of named tensors."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from namedtorch.diagnostics import DimError
from namedtorch.values import NamedTensor
from namedtorch.values.autograd import grad, jacfwd, jacrev, jvp, vjp, vmap
from namedtorch.values.named_tensor import plain

torch.manual_seed(0)
X, W = torch.randn(2, 3), torch.randn(4, 3)
NX, NW = NamedTensor(X, ("N", "C")), NamedTensor(W, ("K", "C"))


def model(x: Any, w: Any) -> Any:
    """N C, K C -> N K, of named and of plain tensors."""
    return (x @ w.mT).tanh()


def close(one: Any, other: Tensor) -> bool:
    return torch.allclose(plain(one), other, atol=1e-6)


# grad


def test_grad_has_the_dims_of_its_argument() -> None:
    slope = grad(lambda x, w: model(x, w).sum())(NX, NW)
    assert slope.dims == ("N", "C")
    assert close(slope, torch.func.grad(lambda x, w: model(x, w).sum())(X, W))
    by_both = grad(lambda x, w: model(x, w).sum(), argnums=(1, 0))(NX, NW)
    assert [one.dims for one in by_both] == [("K", "C"), ("N", "C")]
    assert close(by_both[1], slope.tensor)


def test_grad_of_a_dict_of_weights_is_a_dict() -> None:
    def loss(weights: dict[str, Any], x: NamedTensor, *, scale: float) -> NamedTensor:
        return ((x @ weights["w"].mT + weights["b"]) * scale).square().mean()

    slopes = grad(loss)({"w": NW, "b": torch.zeros(4)}, NX, scale=2.0)
    assert slopes["w"].dims == ("K", "C")
    assert isinstance(slopes["b"], Tensor)
    assert slopes["b"].shape == (4,)


def test_grad_hands_on_what_is_aside() -> None:
    def loss(x: NamedTensor) -> tuple[NamedTensor, dict[str, Any]]:
        y = x * 2
        return y.square().sum(), {"y": y, "count": 7, "text": "kept"}

    slope, aside = grad(loss, has_aux=True)(NX)
    assert slope.dims == ("N", "C")
    assert aside["y"].dims == ("N", "C")
    assert torch.equal(aside["y"].tensor, X * 2)
    assert not aside["y"].requires_grad
    assert (aside["count"], aside["text"]) == (7, "kept")


def test_grad_is_of_one_number() -> None:
    with pytest.raises(DimError, match="`grad` is of one number, and the function gives `N K`; reduce it"):
        grad(model)(NX, NW)


def test_grad_of_grad_and_a_hessian_times_a_vector() -> None:
    def loss(x: Any) -> Any:
        return (x**3).sum()

    twice = grad(lambda x: (grad(loss)(x) ** 2).sum())(NX)
    assert twice.dims == ("N", "C")
    assert close(twice, torch.func.grad(lambda x: (torch.func.grad(loss)(x) ** 2).sum())(X))
    _, product = jvp(grad(loss), (NX,), (NX,))
    assert product.dims == ("N", "C")
    assert close(product, 6 * X * X)


def test_grad_follows_branches_and_loops_of_python() -> None:
    def loss(x: NamedTensor, steps: int, mode: str) -> NamedTensor:
        for _ in range(steps):
            x = x * 2 if mode == "double" else x + 1
        return x.sum()

    assert grad(loss)(NX, 3, "double").tensor.unique().tolist() == [8.0]
    assert grad(loss)(NX, 3, "add").tensor.unique().tolist() == [1.0]


def test_grad_of_a_module_by_its_parameters() -> None:
    layer = nn.Linear(3, 4)
    weights = dict(layer.named_parameters())

    def loss(weights: dict[str, Tensor], x: NamedTensor) -> NamedTensor:
        return torch.func.functional_call(layer, weights, (x,)).square().sum()

    slopes = grad(loss)(weights, NX)
    expected = torch.func.grad(loss)(weights, X)
    assert all(close(slopes[name], expected[name]) for name in weights)


# vjp and jvp


def test_vjp_checks_its_gradient_and_gives_one_for_each_argument() -> None:
    result, backward = vjp(model, NX, NW)
    assert result.dims == ("N", "K")
    start = torch.randn(2, 4)
    by_x, by_w = backward(NamedTensor(start, ("N", "K")))
    assert (by_x.dims, by_w.dims) == (("N", "C"), ("K", "C"))
    _, expected = torch.func.vjp(model, X, W)
    assert close(by_x, expected(start)[0])
    assert close(by_w, expected(start)[1])
    assert close(backward(start)[0], by_x.tensor)
    with pytest.raises(DimError, match="the gradient has the dims `N C`, and the tensor has `N K`"):
        backward(NamedTensor(start, ("N", "C")))


def test_vjp_of_several_results_and_something_aside() -> None:
    result, backward, aside = vjp(
        lambda x: ({"double": x * 2, "sums": x.sum("C")}, x.max("C")), NX, has_aux=True
    )
    assert result["sums"].dims == ("N",)
    assert aside.values.dims == ("N",)
    (by_x,) = backward({"double": torch.zeros(2, 3), "sums": NamedTensor(torch.ones(2), ("N",))})
    assert by_x.tensor.tolist() == [[1.0] * 3] * 2


def test_jvp_gives_the_result_and_its_derivative_under_the_same_dims() -> None:
    result, derivative = jvp(model, (NX, NW), (NX, NamedTensor(W, (None, "C"))))
    assert result.dims == derivative.dims == ("N", "K")
    expected = torch.func.jvp(model, (X, W), (X, W))
    assert close(result, expected[0])
    assert close(derivative, expected[1])
    with pytest.raises(DimError, match="the tangent 1 has the dims `N C`, and the tensor has `K C`"):
        jvp(model, (NX, NW), (NX, NX))
    *_, aside = jvp(lambda x: (x * 2, x.sum("N")), (NX,), (NX,), has_aux=True)
    assert aside.dims == ("C",)


# Jacobians


@pytest.mark.parametrize("transform", [jacrev, jacfwd])
def test_a_jacobian_has_the_dims_of_the_result_then_those_of_the_argument(
    transform: Callable[..., Any],
) -> None:
    by_x = transform(model)(NX, NW)
    assert by_x.dims == ("N", "K", "N", "C")
    assert close(by_x, torch.func.jacrev(model)(X, W))
    told_apart = transform(model, names={"N": "M"})(NX, NW)
    assert told_apart.dims == ("N", "K", "M", "C")
    assert told_apart.sum("M").dims == ("N", "K", "C")
    with pytest.raises(DimError, match="`rename` them, or give the number of the axis"):
        by_x.sum("N")


@pytest.mark.parametrize("transform", [jacrev, jacfwd])
def test_jacobians_of_several_results_by_several_arguments(transform: Callable[..., Any]) -> None:
    def both(x: Any, w: Any) -> Any:
        return {"scores": model(x, w), "sum": x.sum(-1)}

    found = transform(both, (0, 1))(NX, NW)
    expected = torch.func.jacrev(both, (0, 1))(X, W)
    dims = {name: [one.dims for one in found[name]] for name in found}
    assert dims == {
        "scores": [("N", "K", "N", "C"), ("N", "K", "K", "C")],
        "sum": [("N", "N", "C"), ("N", "K", "C")],
    }
    for name in expected:
        assert all(close(one, other) for one, other in zip(found[name], expected[name], strict=True))


def test_a_hessian() -> None:
    hessian = jacfwd(jacrev(lambda x: (x**3).sum()), names={"N": "N2", "C": "C2"})(NX)
    assert hessian.dims == ("N", "C", "N2", "C2")
    assert close(hessian, torch.func.hessian(lambda x: (x**3).sum())(X))


@pytest.mark.parametrize("transform", [jacrev, jacfwd])
def test_a_jacobian_hands_on_what_is_aside(transform: Callable[..., Any]) -> None:
    jacobian, aside = transform(lambda x: (x.sum("C"), x * 2), has_aux=True)(NX)
    assert jacobian.dims == ("N", "N", "C")
    assert aside.dims == ("N", "C")
    of_plain = transform(lambda x: x.tensor * 2)(NamedTensor(X, ("N", "C")))
    assert of_plain.dims == (None, None, "N", "C")
    assert isinstance(transform(lambda x: x * 2)(X), Tensor)


# vmap


def test_vmap_takes_a_dim_away_and_puts_it_back() -> None:
    seen: list[Any] = []

    def one(x: NamedTensor) -> NamedTensor:
        seen.append((x.dims, tuple(x.shape)))
        return x.softmax("C")

    result = vmap(one, over="N")(NX)
    assert seen == [(("C",), (3,))]
    assert result.dims == ("N", "C")
    assert close(result, X.softmax(1))
    assert vmap(one, over="N", out_dims=-1)(NX).dims == ("C", "N")
    assert vmap(one, over="N", out_dims=1)(NX).dims == ("C", "N")


def test_vmap_goes_over_a_dim_of_several_arguments_wherever_it_stands() -> None:
    turned = NamedTensor(torch.randn(3, 2), ("C", "N"))
    result = vmap(lambda a, b, w: (a * b) @ w.mT, over="N")(NX, turned, NW)
    assert result.dims == ("N", "K")
    assert close(result, (X * turned.tensor.T) @ W.T)


def test_vmap_over_several_dims() -> None:
    bias = NamedTensor(torch.randn(3), ("C",))
    result = vmap(lambda x, b: x.exp() + b, over=("N", "C"))(NX, bias)
    assert result.dims == ("N", "C")
    assert close(result, X.exp() + bias.tensor)


def test_vmap_of_nested_arguments_results_and_keywords() -> None:
    def run(held: dict[str, Any], *, other: NamedTensor, scale: float) -> Any:
        return {"sum": held["x"].sum("C"), "pair": (other * scale, held["x"].tensor + 1)}

    result = vmap(run, over="N")({"x": NX}, other=NamedTensor(torch.ones(2), ("N",)), scale=3.0)
    assert result["sum"].dims == ("N",)
    assert result["pair"][0].dims == ("N",)
    assert result["pair"][0].tensor.tolist() == [3.0, 3.0]
    assert result["pair"][1].dims == ("N", None)
    assert close(result["pair"][1], X + 1)


def test_vmap_of_grad_gives_a_gradient_for_each() -> None:
    slopes = vmap(grad(lambda x, w: model(x, w).sum(), argnums=1), over="N")(NX, NW)
    assert slopes.dims == ("N", "K", "C")
    expected = torch.func.vmap(torch.func.grad(lambda x, w: model(x, w).sum(), argnums=1), in_dims=(0, None))(
        X, W
    )
    assert close(slopes, expected)


def test_grad_through_vmap() -> None:
    slope = grad(lambda x: vmap(lambda row: row.logsumexp("C"), over="N")(x).sum())(NX)
    assert slope.dims == ("N", "C")
    assert close(slope, X.softmax(1))


def test_vmap_passes_randomness_and_chunks_on() -> None:
    def noisy(x: NamedTensor) -> NamedTensor:
        return x + torch.rand(())

    with pytest.raises(RuntimeError, match="randomness"):
        vmap(noisy, over="N")(NX)
    assert vmap(noisy, over="N", randomness="different", chunk_size=1)(NX).dims == ("N", "C")


REFUSED: list[tuple[Callable[..., Any], str, tuple[Any, ...], str]] = [
    (
        model,
        "T",
        (NX, NW),
        "`vmap` goes over `T`, and no argument has it; the arguments have the dims `N C`, `K C`",
    ),
    (model, "N", (X, W), 'no argument has it; name them: `named(x, "N ...")`'),
    (model, "N", (NX, NamedTensor(W, ("N", "C"))), "which is 2 in `N C` and 4 in `N C`"),
    (model, "N", (NamedTensor(torch.ones(2, 2), ("N", "N")), NW), "2 axes of `N N` are `N`"),
    (lambda x: x.sum("C") + NamedTensor(torch.ones(2), ("N",)), "N", (NX,), "the function gives `N`"),
    (lambda x: x.sum("N"), "N", (NX,), "its dims are `C`"),
]


@pytest.mark.parametrize(("function", "over", "arguments", "said"), REFUSED)
def test_vmap_says_what_does_not_fit(
    function: Callable[..., Any], over: str, arguments: tuple[Any, ...], said: str
) -> None:
    with pytest.raises(DimError) as caught:
        vmap(function, over=over)(*arguments)
    assert said in str(caught.value)


@settings(max_examples=30, deadline=None)
@given(st.permutations(["N", "C", "T"]), st.sampled_from(["N", "C", "T"]), st.integers(-3, 2))
def test_vmap_equals_a_loop_whatever_the_layout(layout: list[str], over: str, place: int) -> None:
    sizes = {"N": 2, "C": 3, "T": 4}
    x = NamedTensor(
        torch.arange(24.0).reshape(2, 3, 4).permute(["NCT".index(one) for one in layout]), tuple(layout)
    )

    def one(part: NamedTensor) -> NamedTensor:
        return part * part + 1

    result = vmap(one, over=over, out_dims=place)(x)
    left = [name for name in layout if name != over]
    left.insert(place if place >= 0 else 3 + place, over)
    assert result.dims == tuple(left)
    for at in range(sizes[over]):
        assert torch.equal(result.select(over, at).tensor, one(x.select(over, at)).tensor)


@pytest.mark.parametrize(
    "call",
    [
        lambda: torch.func.jacrev(lambda x: x * x)(NX),
        lambda: torch.func.vmap(lambda x: x.sum())(NX),
    ],
    ids=["jacrev", "vmap"],
)
def test_transforms_of_torch_itself_are_refused_where_they_change_the_rank(call: Callable[[], Any]) -> None:
    with pytest.raises(
        DimError, match=r"was put in the place of one with the dims `N C`; `namedtorch\.vmap`"
    ):
        call()
