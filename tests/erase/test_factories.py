"""Factories of named tensors become those of torch."""

from pathlib import Path

import pytest
import torch

from namedtorch import DimError, named
from namedtorch.erase.site import Unsettled
from tests.erase.running import agrees, compiled
from tests.erase.sources import erased

X = named(torch.arange(6, dtype=torch.float32).reshape(2, 3), "N C")

MADE = [
    ("namedtorch.zeros(N=2, C=3)", "torch.zeros(2, 3)"),
    ('namedtorch.zeros("N=2 C=3")', "torch.zeros(2, 3)"),
    ('namedtorch.zeros(2, 3, names=("N", "C"))', "torch.zeros(2, 3)"),
    ('namedtorch.zeros((2, 3), names=("N", "C"))', "torch.zeros((2, 3))"),
    ('namedtorch.zeros([2, 3], names="N C")', "torch.zeros([2, 3])"),
    ("namedtorch.zeros(size=(2, 3))", "torch.zeros((2, 3))"),
    ("namedtorch.zeros(size=3)", "torch.zeros(3)"),
    ('namedtorch.zeros(4, names="N")', "torch.zeros(4)"),
    ('namedtorch.zeros("dtype=3")', "torch.zeros(3)"),
    ("namedtorch.zeros(N=x.sizes['N'], K=n)", "torch.zeros(x.size(0), n)"),
    ('namedtorch.zeros("N (H W)", N=2, H=n, W=4)', "torch.zeros(2, n * 4)"),
    ('namedtorch.zeros("H N", N=2, H=n)', "torch.zeros(n, 2)"),
    ('namedtorch.zeros("N 2*N+1", N=n)', "torch.zeros(n, 2 * n + 1)"),
    ('namedtorch.zeros("N N//2", N=n + 4)', "x_1 = n + 4\ntorch.zeros(x_1, x_1 // 2)"),
    ('namedtorch.zeros("N=4 max(N,3)")', "torch.zeros(4, 4)"),
    ("namedtorch.zeros(**x.sizes)", "torch.zeros(x.size(0), x.size(1))"),
    ("namedtorch.zeros(*x.shape, names=x.dims)", "torch.zeros(x.shape[0], x.shape[1])"),
    ("namedtorch.zeros(x.shape, names=x.dims)", "torch.zeros(x.shape)"),
    ("namedtorch.zeros(N=2, dtype=torch.float64)", "torch.zeros(2, dtype=torch.float64)"),
    ("namedtorch.zeros(dtype=x.dtype, N=2)", "torch.zeros(2, dtype=x.dtype)"),
    ("namedtorch.ones(N=2, device=x.device)", "torch.ones(2, device=x.device)"),
    ("namedtorch.ones(N=2, requires_grad=False)", "torch.ones(2)"),
    ("namedtorch.ones(N=2, requires_grad=True)", "torch.ones(2).requires_grad_()"),
    ("namedtorch.ones(N=2, requires_grad=n > 1)", "torch.ones(2).requires_grad_(n > 1)"),
    ("namedtorch.empty(N=0)", "torch.empty(0)"),
    ("namedtorch.full(0.5, N=2)", "torch.full((2,), 0.5)"),
    ('namedtorch.full("N=2 C=3", 0.5)', "torch.full((2, 3), 0.5)"),
    ('namedtorch.full((2, 3), n, names=("N", "C"))', "torch.full((2, 3), n)"),
    ("namedtorch.full(N=2, fill_value=7.0)", "torch.full((2,), 7.0)"),
    ("namedtorch.eye(N=3, M=4)", "torch.eye(3, 4)"),
    ('namedtorch.eye(3, names=("N", "M"))', "torch.eye(3)"),
    ('namedtorch.eye("N=3 M=3")', "torch.eye(3, 3)"),
    ("namedtorch.arange(T=n)", "torch.arange(n)"),
    ('namedtorch.arange("T=5")', "torch.arange(5)"),
    ('namedtorch.arange("T", T=n)', "torch.arange(n)"),
    ('namedtorch.arange(2, 12, 2, names="T")', "torch.arange(2, 12, 2)"),
    ("namedtorch.arange(T=5, dtype=x.dtype)", "torch.arange(5, dtype=x.dtype)"),
    ("namedtorch.linspace(0, 1, T=n)", "torch.linspace(0, 1, n)"),
    ('namedtorch.linspace(0, 1, 5, names="T")', "torch.linspace(0, 1, 5)"),
    ('namedtorch.linspace(0, 1, "T=5")', "torch.linspace(0, 1, 5)"),
    ("namedtorch.linspace(start=0, end=1, steps=5)", "torch.linspace(0, 1, 5)"),
    ("namedtorch.zeros_like(x)", "torch.zeros_like(x)"),
    ("namedtorch.ones_like(x, dtype=torch.int64)", "torch.ones_like(x, dtype=torch.int64)"),
    ("namedtorch.full_like(x, 2.0)", "torch.full_like(x, 2.0)"),
    ('namedtorch.tensor([[1, 2], [3, 4]], "N C")', "torch.tensor([[1, 2], [3, 4]])"),
    ('namedtorch.tensor([1.0, 2.0], names=["N"])', "torch.tensor([1.0, 2.0])"),
    ('namedtorch.tensor([n, 2], "N=2", dtype=torch.float32)', "torch.tensor([n, 2], dtype=torch.float32)"),
    ("namedtorch.tensor(0.5)", "torch.tensor(0.5)"),
    ("namedtorch.tensor(x)", "x.detach().clone()"),
    ("namedtorch.tensor(x, dtype=torch.float64)", "x.detach().clone().to(dtype=torch.float64)"),
    ('namedtorch.as_tensor([1, 2], "N")', "torch.as_tensor([1, 2])"),
    ("namedtorch.as_tensor(x)", "torch.as_tensor(x)"),
]


@pytest.mark.parametrize(("make", "plain"), MADE, ids=[make for make, _ in MADE])
def test_a_factory_is_that_of_torch(make: str, plain: str, tmp_path: Path) -> None:
    text = f'def f(x: Float[NamedTensor, "N C"], n: int):\n    return {make}\n'
    *before, last = plain.splitlines()
    assert agrees(text, tmp_path, X, 3) == "\n".join([*before, f"return {last}"])


RANDOM = [
    ("namedtorch.rand(N=2, C=n)", "torch.rand(2, n)"),
    ('namedtorch.randn("N=2 C=3", dtype=torch.float64)', "torch.randn(2, 3, dtype=torch.float64)"),
    ("namedtorch.randint(10, N=3)", "torch.randint(10, (3,))"),
    ('namedtorch.randint(5, 10, "N=3 C=2")', "torch.randint(5, 10, (3, 2))"),
    ('namedtorch.randint(5, 10, (3, n), names=("N", "C"))', "torch.randint(5, 10, (3, n))"),
    ("namedtorch.randint(low=5, high=10, N=3)", "torch.randint(5, 10, (3,))"),
    ("namedtorch.randint(high=n, N=3)", "torch.randint(n, (3,))"),
    ("namedtorch.rand_like(x)", "torch.rand_like(x)"),
    ("namedtorch.randn_like(x, dtype=torch.float64)", "torch.randn_like(x, dtype=torch.float64)"),
]


@pytest.mark.parametrize(("make", "plain"), RANDOM, ids=[make for make, _ in RANDOM])
def test_a_factory_draws_the_same_numbers(make: str, plain: str, tmp_path: Path) -> None:
    text = f"""
def f(x: Float[NamedTensor, "N C"], n: int):
    torch.manual_seed(0)
    return {make}
"""
    assert agrees(text, tmp_path, X, 3) == f"torch.manual_seed(0)\nreturn {plain}"


def test_gradients_are_recorded_where_they_were_asked_for(tmp_path: Path) -> None:
    text = """
def f(n: int):
    made = namedtorch.ones(N=n, requires_grad=True)
    return made.requires_grad, namedtorch.ones(N=n, requires_grad=False).requires_grad
"""
    agrees(text, tmp_path, 3)


def test_out_is_written_to(tmp_path: Path) -> None:
    text = """
def f(x: Float[NamedTensor, "N C"]):
    made = namedtorch.zeros("N=2 C=3", out=x)
    return x, made
"""
    assert agrees(text, tmp_path, X).splitlines()[0] == "made = torch.zeros(2, 3, out=x)"


ORDER = [
    (
        "namedtorch.zeros(dtype=kind(done), N=step(done, 2), C=3)",
        ["x_1 = kind(done)", "x_2 = step(done, 2)", "return (torch.zeros(x_2, 3, dtype=x_1), done)"],
    ),
    (
        'namedtorch.zeros("C N", N=step(done, 2), C=step(done, 3))',
        ["x_1 = step(done, 2)", "x_2 = step(done, 3)", "return (torch.zeros(x_2, x_1), done)"],
    ),
    (
        "namedtorch.zeros(step(done, 2), names=dim(done))",
        ["x_1 = step(done, 2)", "x_2 = dim(done)", "return (torch.zeros(x_1), done)"],
    ),
    (
        "namedtorch.full(step(done, 2), N=step(done, 3))",
        ["x_1 = step(done, 2)", "x_2 = step(done, 3)", "return (torch.full((x_2,), x_1), done)"],
    ),
    (
        "namedtorch.zeros(N=step(done, 2), C=step(done, 3))",
        ["return (torch.zeros(step(done, 2), step(done, 3)), done)"],
    ),
    (
        'namedtorch.zeros("N N", N=step(done, 2))',
        ["x_1 = step(done, 2)", "return (torch.zeros(x_1, x_1), done)"],
    ),
]


@pytest.mark.parametrize(("make", "lines"), ORDER, ids=[make for make, _ in ORDER])
def test_what_has_side_effects_runs_once_and_in_its_order(
    make: str, lines: list[str], tmp_path: Path
) -> None:
    text = f"""
def step(done: list[int], one: int):
    done.append(one)
    return one


def kind(done: list[int]):
    done.append(0)
    return torch.float64


def dim(done: list[int]):
    done.append(1)
    return "N"


def f():
    done: list[int] = []
    return {make}, done
"""
    assert agrees(text, tmp_path, scripted=False).splitlines()[1:] == lines


SPLIT = '`y` is named "(N=2 K) (N K C)"'

NAMED = [
    ('named(y, "N C")', ["return y"]),
    ('named(y, ("N", "C"))', ["return y"]),
    ('named(y, ("N", None))', ["return y"]),
    ('named(value=y, names="N ...")', ["return y"]),
    ('named(x, "N C")', ["return x"]),
    ('named(y.flatten(), "(N C)")', ["return y.flatten()"]),
    ('named(torch.ones(2, 3), "N C=3")', ["return torch.ones(2, 3)"]),
    (
        'named(y, "N C=3")',
        ["assert y.size(1) == 3, '`y` is named \"N C=3\": axis 1 is not `C`=3'", "return y"],
    ),
    (
        'named(y, "N 3")',
        ["assert y.size(1) == 3, '`y` is named \"N 3\": axis 1 is not 3'", "return y"],
    ),
    (
        'named(y, "N N+1")',
        ["assert y.size(1) == y.size(0) + 1, '`y` is named \"N N+1\": axis 1 is not N+1'", "return y"],
    ),
    (
        'named(y, "N (A=3 B)")',
        [
            "assert y.size(1) % 3 == 0, '`y` is named \"N (A=3 B)\": axis 1 is not `(A=3 B)`, a multiple of 3'",
            "return y",
        ],
    ),
    (
        'named(y, "(N=2 K) (N K C)")',
        [
            f"assert y.size(0) % 2 == 0, '{SPLIT}: axis 0 is not `(N=2 K)`, a multiple of 2'",
            f"assert y.size(1) % (y.size(0) // 2 * 2) == 0, '{SPLIT}: axis 1 is not `(N K C)`, a multiple of K*N'",
            "return y",
        ],
    ),
    (
        'named(y, "N C where C > N, C % 3 == 0")',
        [
            "assert y.size(1) > y.size(0), '`y` is named \"N C where C > N, C%3 == 0\": C > N does not hold'",
            "assert y.size(1) % 3 == 0, '`y` is named \"N C where C > N, C%3 == 0\": C%3 == 0 does not hold'",
            "return y",
        ],
    ),
    (
        'named(y, "N C @ contiguous")',
        [
            "assert y.is_contiguous(), '`y` is named \"N C @ contiguous\": it is not stored as contiguous'",
            "return y",
        ],
    ),
    (
        'named(y, "N #C=3")',
        [
            "assert y.size(1) == 1 or y.size(1) == 3, '`y` is named \"N #C=3\": axis 1 is not `C`=3'",
            "return y",
        ],
    ),
]


@pytest.mark.parametrize(("give", "lines"), NAMED, ids=[give for give, _ in NAMED])
def test_a_tensor_that_is_named_is_the_tensor_itself(give: str, lines: list[str], tmp_path: Path) -> None:
    text = f"""
def f(x: Float[NamedTensor, "N C"], y: Float[Tensor, "N C"]):
    return {give}
"""
    y = torch.arange(6, dtype=torch.float32).reshape(2, 3)
    if "(N=2 K)" in give:
        y = torch.zeros(4, 8)
    assert agrees(text, tmp_path, X, y).splitlines() == lines


def test_the_rank_is_checked_where_nothing_tells_it(tmp_path: Path) -> None:
    text = """
def f(y: Tensor):
    return named(y, "N C=3 ...").sum("C"), named(y, ("N", "C"))
"""
    found = agrees(text, tmp_path, torch.ones(2, 3))
    assert found.splitlines()[:3] == [
        "assert y.dim() >= 2, '`y` is named \"N C=3 ...\": it does not have at least 2 axes'",
        "assert y.size(1) == 3, '`y` is named \"N C=3 ...\": axis 1 is not `C`=3'",
        "assert y.dim() == 2, '`y` is named \"N C\": it does not have 2 axes'",
    ]


def test_the_names_of_another_tensor_say_how_many_axes_there_are(tmp_path: Path) -> None:
    text = """
def f(x: Float[NamedTensor, "N C"], y: Tensor):
    return named(y, x.dims)["C", 0] + named(x.tensor * 2, x.dims)["C", 1]
"""
    assert agrees(text, tmp_path, X, torch.ones(2, 3)).splitlines() == [
        "assert y.dim() == 2, '`y` is named \"N C\": it does not have 2 axes'",
        "return y[:, 0] + (x * 2)[:, 1]",
    ]


REFUSED = [
    ('named(y, "N C=4")', torch.zeros(2, 3)),
    ('named(y, "N N")', torch.zeros(2, 3)),
    ('named(y, "N C H")', torch.zeros(2, 3)),
    ('named(y, "N (A=2 B)")', torch.zeros(2, 3)),
    ('named(y, "N C where C < N")', torch.zeros(2, 3)),
    ('named(y, "N C @ contiguous")', torch.zeros(3, 2).t()),
    ('named(y, "N C H W @ channels_last")', torch.zeros(2, 3, 4, 5)),
]


@pytest.mark.parametrize(("give", "value"), REFUSED, ids=[give for give, _ in REFUSED])
def test_sizes_that_do_not_fit_are_refused_in_plain_torch_as_well(
    give: str, value: torch.Tensor, tmp_path: Path
) -> None:
    one = compiled(f"def f(y: Tensor):\n    return {give}\n", tmp_path)
    with pytest.raises(DimError):
        one.named(value)
    with pytest.raises(AssertionError, match="is named"):
        one.plain(value)
    with pytest.raises(torch.jit.Error, match="is named"):
        torch.jit.script(one.plain)(value)


UNSETTLED = [
    ("namedtorch.zeros(z, names=('N', 'C'))", "whether `z` is one size or a list of them is not known"),
    ("namedtorch.zeros(*z)", "how many arguments `*z` gives is not known"),
    (
        'namedtorch.zeros("N=2 C", N=n, C=3)',
        '"N=2 C" says the size of `N`, which the sizes by keyword say as well',
    ),
    (
        'namedtorch.zeros("N C where C > N", N=n, C=3)',
        '"N C where C > N" says what its sizes have to be, which the sizes by keyword say as well',
    ),
    ("namedtorch.zeros(**z)", "which keywords `**z` gives is not known"),
    ("named(x, z)", "which names `z` holds is not known"),
    (
        '[named(one, "N C=3") for one in [x.tensor]]',
        '"N C=3" says more than is known of the sizes of `one`, and no check can stand in front',
    ),
]


@pytest.mark.parametrize(("make", "reason"), UNSETTLED, ids=[make for make, _ in UNSETTLED])
def test_what_nothing_tells_is_refused(make: str, reason: str, tmp_path: Path) -> None:
    text = f'def f(x: Float[NamedTensor, "N C"], n: int, z):\n    return {make}\n'
    with pytest.raises(Unsettled) as caught:
        erased(text, tmp_path)
    assert caught.value.reason == reason
    assert caught.value.help
