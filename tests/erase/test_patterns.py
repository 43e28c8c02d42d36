"""Patterns and contractions by name, in plain torch: each axis is split, moved, reduced and merged by itself."""

from pathlib import Path

import pytest

from namedtorch.erase.site import Unsettled
from tests.erase.running import becomes
from tests.erase.sources import erased

GIVEN = "x: N=2 C=3 T=4, y: N=2 C=4 H=6 W=8, heads: 2"

CASES = [
    ('x.rearrange("N C T -> T N C")', "x.permute(2, 0, 1)"),
    ('x.rearrange("N C T -> N T C")', "x.transpose(1, 2)"),
    ('x.rearrange("N C T -> N C T")', "x"),
    ('x.rearrange("N C (h d) -> N h C d", h=heads)', "x.unflatten(2, (heads, -1)).transpose(1, 2)"),
    ('x.rearrange("N C (h d) -> N h C d", d=2)', "x.unflatten(2, (-1, 2)).transpose(1, 2)"),
    ('x.rearrange("N C (h=2 d) -> N h C d")', "x.unflatten(2, (2, -1)).transpose(1, 2)"),
    ('x.rearrange("N C (h d) -> N h C d", h=heads, d=2)', "x.unflatten(2, (heads, 2)).transpose(1, 2)"),
    ('x.rearrange("N C T -> N (C T)")', "x.flatten(1)"),
    ('x.rearrange("N C T -> (N C) T")', "x.flatten(0, 1)"),
    ('x.rearrange("N C T -> (N C T)")', "x.flatten()"),
    (
        'x.rearrange("N C T -> T (C N)")',
        "x.transpose(0, 2).flatten(1)",
    ),
    ('x.rearrange("N ... -> ... N")', "x.permute(1, 2, 0)"),
    ('x.rearrange("N C T -> N 1 C T")', "x.unsqueeze(1)"),
    ('x.rearrange("N C T -> N 1 C 1 T")', "x[:, None, :, None]"),
    (
        'x.rearrange("N C (a T) -> (N a) C T", a=heads)',
        "x.unflatten(2, (heads, -1)).transpose(1, 2).flatten(0, 1)",
    ),
    (
        'y.rearrange("N C (H p) (W q) -> N (H W) (p q C)", p=heads, q=heads)',
        "y.unflatten(3, (-1, heads)).unflatten(2, (-1, heads)).permute(0, 2, 4, 3, 5, 1).flatten(3).flatten(1, 2)",
    ),
    (
        'x.mean("T", keepdim=True).rearrange("N C 1 -> C N")',
        "x.mean(2, keepdim=True).squeeze(2).transpose(0, 1)",
    ),
    (
        'y.mean(("H", "W"), keepdim=True).rearrange("N C 1 1 -> N C")',
        "y.mean((2, 3), keepdim=True).squeeze((2, 3))",
    ),
    # Reductions.
    ('x.reduce("N C T -> N T", "mean")', "x.mean(1)"),
    ('x.reduce("N ... -> N", "sum")', "x.sum((1, 2))"),
    ('x.reduce("N C T -> ", "max")', "x.amax()"),
    ('x.reduce("N C T -> ", "logsumexp")', "x.logsumexp((0, 1, 2))"),
    ('x.reduce("N C T -> N", "prod")', "x.prod(2).prod(1)"),
    ('x.reduce("N C T -> T N", "std")', "x.std(1).transpose(0, 1)"),
    ('x.reduce("N C T -> N C 1", "min")', "x.amin(2, keepdim=True)"),
    ('y.reduce("N C H W -> N C 1 1", "mean")', "y.mean((2, 3), keepdim=True)"),
    (
        'y.reduce("N C (H h) (W w) -> N C H W", "max", h=heads, w=2)',
        "y.unflatten(3, (-1, 2)).unflatten(2, (-1, heads)).amax((3, 5))",
    ),
    # Repetition.
    ('x.repeat("N C T -> N C K T", K=heads)', "x.unsqueeze(2).expand(-1, -1, heads, -1)"),
    ('x.repeat("N C T -> (N K) C T", K=heads)', "x.unsqueeze(1).expand(-1, heads, -1, -1).flatten(0, 1)"),
    ('x.repeat("N C T -> 3 N C T")', "x.unsqueeze(0).expand(3, -1, -1, -1)"),
    # As functions, of plain tensors as well.
    ('namedtorch.rearrange(x, "N C T -> N (C T)").sum("(C T)")', "x.flatten(1).sum(1)"),
    ('namedtorch.rearrange(x.tensor, "N C T -> T N C").sum("N")', "x.permute(2, 0, 1).sum(1)"),
    ('namedtorch.reduce(x, "N C T -> N", "mean")', "x.mean((1, 2))"),
    ('namedtorch.repeat(x, "N C T -> N C T K", K=2)', "x.unsqueeze(3).expand(-1, -1, -1, 2)"),
]


@pytest.mark.parametrize(("body", "plain"), CASES)
def test_patterns(body: str, plain: str, tmp_path: Path) -> None:
    assert becomes(GIVEN, body, tmp_path) == f"return {plain}"


ATTEND = "q: N=2 T=3 D=4, k: N=2 S=5 D=4"

PRODUCTS = [
    ('namedtorch.einsum("N T D, N S D -> N T S", q, k)', "torch.einsum('ntd,nsd->nts', q, k)"),
    ('namedtorch.einsum("N T D -> N", q)', "torch.einsum('ntd->n', q)"),
    ('namedtorch.einsum("N T D, ... D -> ... N T", q, k)', "torch.einsum('ntd,...d->...nt', q, k)"),
    ('namedtorch.einsum("N T D, N S D -> N T S", *[q, k])', "torch.einsum('ntd,nsd->nts', *[q, k])"),
    ('namedtorch.contract(q, k, over="D")', "q @ k.transpose(1, 2)"),
    ('namedtorch.contract(q, k.align_to("D", "N", "S"), over="D")', "q @ k.permute(2, 0, 1).transpose(0, 1)"),
    ('namedtorch.contract(q, k.select("N", 0), over="D")', "q @ k.select(0, 0).transpose(0, 1)"),
    ('namedtorch.contract(k, q.select("N", 0).mT, over="D")', "k @ q.select(0, 0).mT"),
    ('namedtorch.contract(q, k, over=("D", "N"))', "torch.einsum('ntd,nsd->ts', q, k)"),
    ('namedtorch.contract(q, k.sum("S"), over=["D"])', "torch.einsum('ntd,nd->nt', q, k.sum(1))"),
    ('namedtorch.contract(b=k, over="D", a=q).softmax("S")', "(q @ k.transpose(1, 2)).softmax(2)"),
]


@pytest.mark.parametrize(("body", "plain"), PRODUCTS)
def test_products(body: str, plain: str, tmp_path: Path) -> None:
    if "*[" in body:
        text = f'def f(q: Float[NamedTensor, "N T D"], k: Float[NamedTensor, "N S D"]):\n    return {body}\n'
        assert erased(text, tmp_path) == f"return {plain}"
    else:
        assert becomes(ATTEND, body, tmp_path) == f"return {plain}"


# Sizes that no step asks for


def test_a_size_that_is_not_proven_is_checked(tmp_path: Path) -> None:
    assert becomes("x: N=2 C=3 T=4", 'x.rearrange("N C=3 T -> C T N")', tmp_path) == (
        "assert x.size(1) == 3, 'axis 1 of `x` is not of size 3'\nreturn x.permute(1, 2, 0)"
    )
    assert becomes("x: N=2 C=1 T=4, n: 2", 'x.exp().rearrange("N 1 T -> T N", N=n)', tmp_path) == (
        "x_1 = x.exp()\n"
        "assert x_1.size(0) == n, 'axis 0 of `x.exp()` is not of size n'\n"
        "assert x_1.size(1) == 1, 'axis 1 of `x.exp()` is not of size 1'\n"
        "return x_1.squeeze(1).transpose(0, 1)"
    )


def test_a_contracted_dim_is_not_stretched(tmp_path: Path) -> None:
    text = (
        'def f(q: Float[NamedTensor, "N T D"], n: int):\n'
        '    k = q.narrow("D", 0, n)\n    return namedtorch.contract(q, k.rename(T="S"), over=("D", "N"))\n'
    )
    assert erased(text, tmp_path) == (
        "k = q.narrow(2, 0, n)\n"
        "assert q.size(2) == k.size(2), 'axis 2 of `q` is not of size k.size(2)'\n"
        "return torch.einsum('ntd,nsd->ts', q, k)"
    )


def test_a_size_that_is_proven_is_not_checked(tmp_path: Path) -> None:
    text = 'def f(x: Float[NamedTensor, "N C=3 T"]):\n    return x.rearrange("N C=3 T -> C T N")\n'
    assert erased(text, tmp_path) == "return x.permute(1, 2, 0)"


def test_no_check_stands_before_what_may_not_run(tmp_path: Path) -> None:
    text = (
        'def f(x: Float[NamedTensor, "N C"], flag: bool):\n'
        '    return x.sum("N") if flag else x.rearrange("1 C -> C")\n'
    )
    with pytest.raises(Unsettled) as caught:
        erased(text, tmp_path)
    assert caught.value.reason == (
        "axis 0 of `x` has to be of size 1, and no statement that checks it can be put before it"
    )
    assert caught.value.help == "assign it to a variable of its own first, in a statement"


def test_sizes_in_a_dict(tmp_path: Path) -> None:
    text = (
        'def f(x: Float[NamedTensor, "N T"]):\n    sizes = {"h": 2}\n'
        '    return x.rearrange("N (h T) -> h N T", **sizes)\n'
    )
    assert erased(text, tmp_path).splitlines()[-1] == "return x.unflatten(1, (2, -1)).transpose(0, 1)"
