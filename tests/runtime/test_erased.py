"""`erase` and `@checked(erase=True)`: what they give, what they refuse, what they share."""

import copy
import pickle

import pytest
import torch
from torch import nn

import namedtorch
from namedtorch import (
    AnnotationError,
    DimError,
    EraseError,
    Float,
    NamedTensor,
    checked,
    erase,
    erased_source,
    named,
    named_module,
)

X = named(torch.arange(24.0).reshape(2, 3, 4), "N C T")
MEAN = named(torch.tensor([1.0, 2.0, 3.0]), "C")


def center(t: Float[NamedTensor, "... C ..."], mean: Float[NamedTensor, "C"]) -> NamedTensor:
    return t - mean.align_as(t)


@checked(erase=True)
def checked_center(
    t: Float[NamedTensor, "... C ..."], mean: Float[NamedTensor, "C"]
) -> Float[NamedTensor, "... C ..."]:
    """Takes off the mean of each channel."""
    return t - mean.align_as(t)


def several(
    x: Float[NamedTensor, "N C T"], parts: list[NamedTensor], scale: float = 2.0, *, where: str = "C"
) -> tuple[NamedTensor, list[NamedTensor], dict[str, NamedTensor], None, int]:
    return x.sum(where), [one * scale for one in parts], {"mean": x.mean("T")}, None, x.size("T")


@pytest.mark.parametrize("layout", ["N C T", "N T C", "C N T"])
def test_each_layout_gets_code_of_its_own(layout: str) -> None:
    x = X.align_to(*layout.split())
    found = erase(center)(x, MEAN)
    assert found.dims == x.dims
    torch.testing.assert_close(found.tensor, center(x, MEAN).tensor)


def test_a_checked_function_runs_erased() -> None:
    found = checked_center(X, MEAN)
    assert found.dims == ("N", "C", "T")
    torch.testing.assert_close(found.tensor, center(X, MEAN).tensor)
    assert checked_center.__doc__ == "Takes off the mean of each channel."
    with pytest.raises(DimError, match="`t` has no axis for `C` between its groups: it needs C=4"):
        checked_center(X, named(torch.ones(4), "C"))
    with pytest.raises(DimError, match="write `named"):
        checked_center(X, torch.ones(3))  # type: ignore[arg-type]  # which is what a static checker says


def test_results_of_every_kind_get_their_names() -> None:
    expected = several(X, [X, MEAN])
    total, parts, means, nothing, count = erase(several)(X, [X, MEAN])
    assert (total.dims, [one.dims for one in parts], means["mean"].dims) == (
        ("N", "T"),
        [("N", "C", "T"), ("C",)],
        ("N", "C"),
    )
    assert (nothing, count) == (None, 4)
    torch.testing.assert_close(total.tensor, expected[0].tensor)
    torch.testing.assert_close(parts[1].tensor, expected[1][1].tensor)
    assert erase(several)(X, [X], where="N")[0].dims == ("C", "T")
    torch.testing.assert_close(
        erase(several)(X, parts=[X], scale=3.0)[1][0].tensor, several(X, [X], 3.0)[1][0].tensor
    )


def test_gradients_go_through() -> None:
    x = named(X.tensor.clone().requires_grad_(), "N C T")
    erase(center)(x, MEAN).tensor.pow(2).sum().backward()
    first = x.tensor.grad
    y = named(X.tensor.clone().requires_grad_(), "N C T")
    center(y, MEAN).tensor.pow(2).sum().backward()
    assert first is not None
    torch.testing.assert_close(first, y.tensor.grad)


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = named_module(nn.Linear(3, 5), "C -> K")
        self.calls = 0

    @checked(erase=True)
    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N K"]:
        self.calls += 1
        return self.linear(x.align_to("N", "T", "C")).mean("T")


class Plain(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = Layer()

    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N K"]:
        return self.layer(x) + 1


def test_a_checked_method_runs_erased_on_its_own_module() -> None:
    layer = Layer()
    expected = layer.linear(X.align_to("N", "T", "C")).mean("T")
    found = layer(X)
    assert found.dims == ("N", "K")
    torch.testing.assert_close(found.tensor, expected.tensor)
    layer(X)
    assert layer.calls == 2
    with torch.no_grad():
        layer.linear.weight.zero_()
    torch.testing.assert_close(layer(X).tensor, layer.linear.bias.expand(2, 5))


def test_an_erased_method_inside_of_a_module_that_is_not() -> None:
    model = Plain()
    torch.testing.assert_close(model(X).tensor, (model.layer(X) + 1).tensor)
    torch.testing.assert_close(erase(model)(X).tensor, model(X).tensor)


def test_copies_and_pickles_of_a_module_that_ran() -> None:
    layer = Layer()
    layer(X)
    for one in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        torch.testing.assert_close(one(X).tensor, layer(X).tensor)


def test_hooks_of_modules_inside_are_called() -> None:
    model, seen = Plain(), []
    model.layer.linear.register_forward_hook(lambda module, inputs, output: seen.append(type(output)))
    erase(model)(X)
    assert seen == [torch.Tensor]


def test_the_source_is_plain_torch() -> None:
    text = erased_source(Layer())
    assert "return self.linear(x.transpose(1, 2)).mean(1)" in text
    assert text.startswith("# ")
    assert ":" in text.splitlines()[0]


def unclear(x: NamedTensor) -> NamedTensor:
    return x.sum("C")


def branching(x: Float[NamedTensor, "N C T"], turned: bool) -> Float[NamedTensor, "N C"]:
    y = x.transpose("C", "T") if turned else x
    return y.sum("T")


def test_what_cannot_be_told_is_refused_with_the_expression() -> None:
    with pytest.raises(EraseError) as refused:
        erased_source(unclear)
    assert str(refused.value).splitlines()[0] == (
        "the names in `unclear` can't be turned into positions: the dims of `x` are not known; annotate the parameter: "
        '`x: Float[NamedTensor, "N C"]`, with the dims that it has'
    )
    assert str(refused.value).splitlines()[2].strip() == 'return x.sum("C")'
    # A call tells what the annotation does not.
    assert erase(unclear)(X).dims == ("N", "T")
    with pytest.raises(EraseError, match="of the dims of `y`"):
        erased_source(branching)
    assert erase(branching)(X, True).dims == ("N", "C")


def test_only_functions_and_modules_are_erased() -> None:
    with pytest.raises(TypeError, match="`erase` takes a function or a module, and this is int"):
        erase(3)  # type: ignore[type-var]
    with pytest.raises(AnnotationError, match="erase=True is for functions and methods"):

        @checked(erase=True)
        def stream(x: Float[NamedTensor, "N"]):  # type: ignore[no-untyped-def]
            yield x


def test_a_function_without_source_is_refused() -> None:
    space: dict[str, object] = {"namedtorch": namedtorch}
    exec("def made(x: namedtorch.NamedTensor):\n    return x.sum('C')\n", space)
    with pytest.raises(EraseError, match=r"the source of `made` is not at hand \(<string>\)"):
        erase(space["made"])(X)  # type: ignore[operator]
