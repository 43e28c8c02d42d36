"""What people meet who port programs: mistakes of a kind, and libraries of torch's that go through tensors by hand."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import distributions as d
from torch.nn import functional as F

import namedtorch
from namedtorch import DimError, named

torch.manual_seed(0)
# Any, as torch declares its functions for its own class.
X: Any = namedtorch.randn(N=2, z=3)
S: Any = X.exp()
Q: Any = namedtorch.rand(N=2, T=5, d=4)
K: Any = namedtorch.rand(N=2, S=5, d=4)
MASK: Any = namedtorch.ones(S=5, T=5)
CLASSES: Any = namedtorch.zeros(N=2, dtype=torch.long)
STEPS: Any = namedtorch.zeros(N=2, T=3, dtype=torch.long)
LENGTHS: Any = named(torch.tensor([3, 2]), "N")

MISTAKES: list[tuple[str, Callable[[], object], str]] = [
    (
        "dims that are not in a tuple",
        lambda: X.sum("N", "z"),
        (
            '`sum`: `dim` is \'N\', and "z" stands behind it, where no dim is taken; several dims stand in one tuple: '
            '`sum(("N", "z"))`, where it takes several'
        ),
    ),
    (
        "dims in the place of one",
        lambda: X.max(("N", "z")),
        "`max`: `dim` is ['N', 'z'], and it takes one dim",
    ),
    (
        "several dims in one text",
        lambda: X.sum("N z"),
        '`sum`: `dim` is \'N z\', but its dims are `N`, `z`; write each dim apart: `"N", "z"`',
    ),
    (
        "a dict of names",
        lambda: X.rename({"N": "B"}),
        (
            "`NamedTensor.rename`: `names` holds a dict, and it takes names, or pairs as keywords; "
            'write `rename(C="K")`, or `rename(**pairs)`'
        ),
    ),
    (
        "a name and its successor",
        lambda: Q.rename("T", "U"),
        (
            "`NamedTensor.rename`: `names` has 2 names, and `input` has 3 axes; one dim is renamed by keyword: "
            '`rename(T="U")`'
        ),
    ),
    ("None is no dim", lambda: X.sum(["N", None]), "`sum`: `dim` is ['N', None], and None is no axis"),
    (
        "a name among numbers",
        lambda: namedtorch.arange(2, 5, "T"),
        "`arange` is given its span, and 'T' among the numbers; write `arange(2, 5, names=\"T\")`",
    ),
    (
        "a transposed mask",
        lambda: F.scaled_dot_product_attention(Q, K, K, attn_mask=MASK),
        "`scaled_dot_product_attention`: `attn_mask` does not broadcast into the scores, N=2 T=5 S=5",
    ),
    (
        "a target of another batch",
        lambda: F.cross_entropy(X, CLASSES.rename(N="B")),
        (
            "`cross_entropy`: `target` holds a class for each of (N=2), and has (B=2); classes are axis 1 of `input`: "
            "transpose it, or flatten both"
        ),
    ),
    (
        "a target with an axis too many",
        lambda: F.cross_entropy(X, STEPS),
        "`cross_entropy`: `input` is (N=2, z=3), so `target` holds a class for each of (N=2), and has (N=2, T=3)",
    ),
    (
        "an index with an axis too few",
        lambda: X.gather("z", CLASSES),
        "`gather`: `index` has 1 axis, and `input` has 2",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("call", "said"), [one[1:] for one in MISTAKES], ids=[one[0] for one in MISTAKES])
def test_a_mistake_is_told_by_what_it_is_about(call: Callable[[], object], said: str) -> None:
    with pytest.raises(DimError) as caught:
        call()
    assert str(caught.value).splitlines()[0] == said


BY_PARTS: list[tuple[str, Callable[[Any], object]]] = [
    ("tensor", torch.tensor),
    ("as_tensor", torch.as_tensor),
    ("asarray", torch.asarray),
    ("tensor of a list", lambda x: torch.tensor([x.sum(), x.mean()])),
    ("GradScaler", lambda x: torch.amp.GradScaler("cpu").scale(x.sum())),
    (
        "lengths",
        lambda x: torch.nn.utils.rnn.pack_padded_sequence(x, LENGTHS, True),
    ),
]


@pytest.mark.parametrize("call", [one[1] for one in BY_PARTS], ids=[one[0] for one in BY_PARTS])
def test_what_goes_through_it_as_through_a_list_is_told_to_take_the_plain_tensor(
    call: Callable[[Any], object],
) -> None:
    with pytest.raises(TypeError, match=r"without axes holds no parts .* takes `x\.tensor`"):
        call(X)


def test_a_scaled_loss_is_plain() -> None:
    w = namedtorch.randn(z=3, requires_grad=True)
    torch.amp.GradScaler("cpu").scale((X * w).sum().tensor).backward()
    assert w.grad is not None
    assert w.grad.dims == ("z",)


def test_distributions_take_named_parameters() -> None:
    mean = X.tensor.clone().requires_grad_()
    of: Any = named(mean, "N z")
    normal: Any = d.Normal(of, S)
    sample = normal.rsample()
    assert sample.dims == ("N", "z")
    assert normal.rsample(torch.Size([4])).dims == (None, "N", "z")
    sample.sum().backward()
    assert mean.grad is not None
    assert torch.equal(mean.grad, torch.ones(2, 3))
    classes: Any = d.Categorical(logits=X)
    assert classes.sample().dims == ("N",)
    assert classes.entropy().dims == ("N",)
    standard = d.Normal(torch.zeros(2, 3), torch.ones(2, 3))
    divergence: Any = d.kl_divergence(normal, standard)
    assert divergence.dims == ("N", "z")
    expected = d.kl_divergence(d.Normal(X.tensor, S.tensor), standard)
    assert torch.equal(divergence.tensor, expected)


def test_distributions_hold_parameters_to_their_constraints_and_names() -> None:
    with pytest.raises(ValueError, match="to satisfy the constraint GreaterThan"):
        d.Normal(X, -S, validate_args=True)
    with pytest.raises(DimError, match="axis 0 of `tensors\\[1\\]` is `z`=3"):
        d.Normal(X, S.t(), validate_args=True)


def test_values_of_a_distribution_are_plain_or_not_checked() -> None:
    expected = d.Normal(X.tensor, S.tensor).log_prob(X.tensor)
    checked: Any = d.Normal(X, S).log_prob(X.tensor)
    loose: Any = d.Normal(X, S, validate_args=False).log_prob(X)
    for found in (checked, loose):
        assert found.dims == ("N", "z")
        assert torch.equal(found.tensor, expected)


def test_a_compiled_program_without_breaks_multiplies_by_matmul() -> None:
    w = namedtorch.randn(h=4, z=3)
    compiled = torch.compile(lambda x, w: x.matmul(w.mT).softmax("h"), fullgraph=True, backend="eager")
    assert compiled(X, w).dims == ("N", "h")
    # The graph breaks at `@` between objects of any class.
    broken = torch.compile(lambda x, w: (x @ w.mT).softmax("h"), backend="eager")
    assert torch.equal(broken(X, w).tensor, compiled(X, w).tensor)
