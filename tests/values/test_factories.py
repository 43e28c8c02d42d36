"""Factories: new tensors under names, held to those of torch."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import namedtorch
from namedtorch import (
    DimError,
    NamedTensor,
    arange,
    as_tensor,
    empty,
    eye,
    full,
    linspace,
    named,
    ones,
    rand,
    randint,
    randn,
    tensor,
    zeros,
)
from tests.values.named_cases import message, of

SIZED = (zeros, ones, empty, rand, randn)

WAYS: list[tuple[tuple[Any, ...], dict[str, Any], tuple[str | None, ...], tuple[int, ...]]] = [
    ((), {"N": 2, "C": 3}, ("N", "C"), (2, 3)),
    (("N=2 C=3",), {}, ("N", "C"), (2, 3)),
    (("N C",), {"C": 3, "N": 2}, ("N", "C"), (2, 3)),
    (("N 3",), {"N": 2}, ("N", None), (2, 3)),
    (("N C=N+1",), {"N": 2}, ("N", "C"), (2, 3)),
    (("C=N+1 N=2",), {}, ("C", "N"), (3, 2)),
    (("N (H W=2)",), {"N": 2, "H": 3}, ("N", "(H W)"), (2, 6)),
    (("N C where C > N",), {"N": 2, "C": 3}, ("N", "C"), (2, 3)),
    (("T=3 T=3",), {}, ("T", "T"), (3, 3)),
    (("dtype=2 device=3",), {}, ("dtype", "device"), (2, 3)),
    (("größe=2",), {}, ("größe",), (2,)),
    (("",), {}, (), ()),
    ((2, 3), {}, (None, None), (2, 3)),
    (((2, 3),), {}, (None, None), (2, 3)),
    (([2, 3],), {"names": ["N", None]}, ("N", None), (2, 3)),
    ((2, 3), {"names": ("N", "C")}, ("N", "C"), (2, 3)),
    ((2, 3), {"names": "N C"}, ("N", "C"), (2, 3)),
    ((2, 3), {"names": None}, (None, None), (2, 3)),
    ((), {"size": (2, 3), "names": ("N", "C")}, ("N", "C"), (2, 3)),
    ((), {"size": 3}, ("size",), (3,)),
    (((),), {}, (), ()),
    ((0,), {"names": ("N",)}, ("N",), (0,)),
    ((), {"in": 2, "class": 3}, ("in", "class"), (2, 3)),
    ((), {"N": np.int64(2)}, ("N",), (2,)),
]


@pytest.mark.parametrize("factory", SIZED, ids=[one.__name__ for one in SIZED])  # type: ignore[attr-defined] # a function
@pytest.mark.parametrize(("given", "keywords", "dims", "shape"), WAYS, ids=str)
def test_sizes_and_names_are_told_in_any_of_these_ways(
    factory: Any, given: Any, keywords: dict[str, Any], dims: tuple[str | None, ...], shape: tuple[int, ...]
) -> None:
    found = factory(*given, **keywords)
    assert isinstance(found, NamedTensor)
    assert found.dims == dims
    assert found.shape == shape


def test_elements_are_those_of_torch() -> None:
    assert torch.equal(zeros(N=2).tensor, torch.zeros(2))
    assert torch.equal(ones(N=2).tensor, torch.ones(2))
    for own, theirs in ((rand, torch.rand), (randn, torch.randn)):
        assert torch.equal(
            own(N=2, C=3, generator=torch.Generator().manual_seed(3)).tensor,
            theirs(2, 3, generator=torch.Generator().manual_seed(3)),
        )
    torch.manual_seed(3)
    found = randn(N=4)
    torch.manual_seed(3)
    assert torch.equal(found.tensor, torch.randn(4))


def test_keywords_of_torch_are_handed_on() -> None:
    found = empty(
        N=1,
        C=2,
        H=3,
        W=4,
        dtype=torch.float64,
        device="meta",
        requires_grad=True,
        memory_format=torch.channels_last,
    )
    assert (found.dtype, found.device.type, found.requires_grad) == (torch.float64, "meta", True)
    assert found.tensor.is_contiguous(memory_format=torch.channels_last)
    assert zeros(N=2, layout=torch.sparse_coo).tensor.is_sparse


OTHERS: list[tuple[str, Callable[[], NamedTensor], tuple[str | None, ...], torch.Tensor]] = [
    ("full by keyword", lambda: full(0.5, N=2, C=3), ("N", "C"), torch.full((2, 3), 0.5)),
    ("full by text", lambda: full("N=2 C=3", 0.5), ("N", "C"), torch.full((2, 3), 0.5)),
    ("full by place", lambda: full((2, 3), 7, names=("N", "C")), ("N", "C"), torch.full((2, 3), 7)),
    ("full as torch", lambda: full(size=(2,), fill_value=True), (None,), torch.full((2,), True)),
    ("eye by keyword", lambda: eye(N=3, M=4), ("N", "M"), torch.eye(3, 4)),
    ("eye by text", lambda: eye("N=3 M=3"), ("N", "M"), torch.eye(3)),
    ("eye by place", lambda: eye(3, names=("N", "M")), ("N", "M"), torch.eye(3)),
    ("eye of two sizes", lambda: eye(3, 4, names="N M"), ("N", "M"), torch.eye(3, 4)),
    ("arange by keyword", lambda: arange(T=5), ("T",), torch.arange(5)),
    ("arange by text", lambda: arange("T=5"), ("T",), torch.arange(5)),
    ("arange by place", lambda: arange(5, names=("T",)), ("T",), torch.arange(5)),
    ("arange of a span", lambda: arange(2, 12, 2.5, names="T"), ("T",), torch.arange(2, 12, 2.5)),
    ("arange as torch", lambda: arange(5), (None,), torch.arange(5)),
    ("linspace by keyword", lambda: linspace(0, 1, T=5), ("T",), torch.linspace(0, 1, 5)),
    ("linspace by text", lambda: linspace(0, 1, "T=5"), ("T",), torch.linspace(0, 1, 5)),
    ("linspace by place", lambda: linspace(0, 1, 5, names="T"), ("T",), torch.linspace(0, 1, 5)),
    ("linspace as torch", lambda: linspace(0, 1, steps=5), (None,), torch.linspace(0, 1, 5)),
]


@pytest.mark.parametrize(
    ("call", "dims", "expected"), [one[1:] for one in OTHERS], ids=[one[0] for one in OTHERS]
)
def test_other_factories_are_those_of_torch(
    call: Callable[[], NamedTensor], dims: tuple[str | None, ...], expected: torch.Tensor
) -> None:
    found = call()
    assert found.dims == dims
    assert found.dtype == expected.dtype
    assert torch.equal(found.tensor, expected)


@pytest.mark.parametrize(
    ("given", "keywords", "dims"),
    [
        ((10,), {"N": 30}, ("N",)),
        ((5, 10), {"N": 30}, ("N",)),
        ((5, 10, "N=30"), {}, ("N",)),
        ((10, (30,)), {"names": ("N",)}, ("N",)),
        ((), {"high": 10, "N": 30}, ("N",)),
        ((), {"low": 5, "high": 10, "size": (30,)}, (None,)),
    ],
)
def test_random_integers_lie_between_their_bounds(
    given: tuple[Any, ...], keywords: dict[str, Any], dims: tuple[str | None, ...]
) -> None:
    found = randint(*given, **keywords)
    assert (found.dims, tuple(found.shape), found.dtype) == (dims, (30,), torch.int64)
    lowest = 5 if 5 in given or keywords.get("low") == 5 else 0
    assert lowest <= int(found.tensor.min()) <= int(found.tensor.max()) < 10


# Like another, and of data


@pytest.mark.parametrize("name", ["zeros_like", "ones_like", "empty_like", "rand_like", "randn_like"])
def test_dims_are_those_of_the_tensor_that_it_is_like(name: str) -> None:
    like: Any = getattr(namedtorch, name)
    x = of("N _ C", 2, 3, 4)
    found = like(x, dtype=torch.float32, requires_grad=True)
    assert (found.dims, found.shape) == (("N", None, "C"), (2, 3, 4))
    assert (found.dtype, found.requires_grad) == (torch.float32, True)
    assert like(x.tensor).dims == (None, None, None)
    if name in ("zeros_like", "ones_like"):
        assert torch.equal(like(x).tensor, getattr(torch, name)(x.tensor))
    assert namedtorch.full_like(x, 3).tensor.unique().tolist() == [3]


DATA = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


@pytest.mark.parametrize("make", [tensor, as_tensor])
@pytest.mark.parametrize("data", [DATA, np.array(DATA), torch.tensor(DATA)], ids=["lists", "numpy", "torch"])
def test_a_tensor_of_data_is_named(make: Any, data: Any) -> None:
    for names, dims in (
        ("N C=3", ("N", "C")),
        (("N", None), ("N", None)),
        (None, (None, None)),
        ("... C", (None, "C")),
    ):
        found = make(data, names)
        assert found.dims == dims
        assert found.tensor.tolist() == DATA
    with pytest.raises(DimError, match="`tensor` has size 3 at axis 1, but `C` is 4"):
        make(data, "N C=4")


def test_a_named_tensor_keeps_its_names_as_data() -> None:
    x = of("N _", 2, 3)
    for make in (tensor, as_tensor):
        assert make(x).dims == ("N", None)
        assert make(x, "N C").dims == ("N", "C")
        with pytest.raises(DimError, match="axis 0 of `tensor` is `N`, and is asked to be `C`"):
            make(x, "C N")
    assert tensor(x).tensor.data_ptr() != x.tensor.data_ptr()
    assert as_tensor(x).tensor is x.tensor


def test_data_take_the_keywords_of_torch() -> None:
    found = tensor(torch.ones(2), "N", dtype=torch.float64, requires_grad=True)
    assert (found.dtype, found.requires_grad) == (torch.float64, True)
    assert tensor([1, 2], "N", dtype=torch.int8).dtype == torch.int8
    shared = np.ones(3)
    as_tensor(shared, "N").tensor[0] = 7
    assert shared[0] == 7
    assert tensor([named(torch.tensor(1.0), ""), 2.0], "N").tensor.tolist() == [1, 2]


# out=


def test_a_named_out_gets_names_or_keeps_its_own() -> None:
    out = named(torch.empty(2, 3), (None, None))
    assert zeros("N=2 C=3", out=out) is out
    assert out.dims == ("N", "C")
    assert ones(2, 3, out=out).dims == ("N", "C")
    assert out.tensor.sum() == 6
    with pytest.raises(DimError, match="the result has the dims `N T`, and `out` has `N C`"):
        zeros("N=2 T=3", out=out)
    plain = torch.empty(2)
    assert zeros(N=2, out=plain).tensor is plain


# What is refused

REFUSED: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: zeros("N C"),
        ('`zeros`: "N C" does not say how large `N`, `C` are; '
        'write the sizes, `zeros("N=2 C=2")`, or give them, `zeros("N C", N=2, C=2)`'),
    ),
    (
        lambda: zeros("N C", N=2),
        ('`zeros`: "N C" does not say how large `C` is; '
        'write the sizes, `zeros("C=2")`, or give them, `zeros("N C", C=2)`'),
    ),
    (lambda: zeros("N _", N=2), '`zeros`: "N _" does not say how large `_` is; write its size: `3`'),
    (
        lambda: zeros("... N", N=2),
        '`zeros`: "... N" leaves open how many axes `...` stands for; name each',
    ),
    (lambda: zeros("#N=2"), '`zeros`: "#N=2" leaves open what `#N=2` is; leave the sign out'),
    (lambda: zeros("N C=3", N=2, C=4), '`zeros`: `C` is 4, and 3 in "N C=3"'),
    (lambda: zeros("N", N=2, K=3), '`zeros`: a size is given for `K`, which "N" does not have'),
    (lambda: zeros("N where N > 3", N=2), "`N > 3` does not hold: N=2 (`N` is `zeros(...)` at axis 0)"),
    (lambda: zeros("N=2", names=("N",)), "`zeros`: the text names the axes, and so does `names`; say it once"),
    (lambda: zeros(N=2, names=("N",)), "`zeros`: keywords name the axes, and so does `names`; say it once"),
    (lambda: zeros(2, N=3), "`zeros`: sizes are given by place, and by name: `N`=3; say it once"),
    (
        lambda: zeros((2, 3), 4),
        ("`zeros` is given 2 arguments by place, of which one holds all sizes; "
        'write `zeros("N=2 C=3")` or `zeros(2, 3, names=("N", "C"))`'),
    ),
    (
        lambda: zeros(dtype=3),  # type: ignore[arg-type] # refused
        ("`zeros`: `dtype` is a keyword of torch, and 3 is given for it; "
        'a dim of this name is given by text: `zeros("dtype=3")`'),
    ),
    (
        lambda: randn(N=2, generator=4),  # type: ignore[arg-type] # refused
        ("`randn`: `generator` is a keyword of torch, and 4 is given for it; "
        'a dim of this name is given by text: `randn("generator=4")`'),
    ),
    (lambda: zeros(N=2, requires_grd=True), "`zeros`: `requires_grd`=True is no size; did you mean `requires_grad`?"),
    (
        lambda: zeros(N=2.5),  # type: ignore[arg-type] # refused
        "`zeros`: `N`=2.5 is no size; a keyword that torch does not have is the size of a dim",
    ),
    (lambda: zeros(N=-1), "`zeros`: `N`=-1 is no size; a size is 0 or more"),
    (lambda: zeros(_n=1), "`zeros`: `_n` is no name of a dim; a name is a word: `N`, `batch`"),
    (lambda: zeros(), "`zeros` is given no sizes; write `zeros(N=2, C=3)`"),
    (lambda: arange(), "`arange` is given no sizes; write `arange(T=5)`"),
    (lambda: arange(2, T=5), '`arange` is given its span, and the size `T`=5; write `names="T"`'),
    (lambda: arange(N=2, M=3), "`arange` has one dim, and is asked for 2; write `arange(T=5)`"),
    (lambda: linspace(0, 1), "`linspace` is not told how many numbers to give; write `linspace(0, 1, T=5)`"),
    (lambda: eye(N=3), "`eye` has two dims, and is asked for 1; write `eye(N=3, M=3)`"),
    (lambda: randint(10), "`randint` is given no sizes; write `randint(10, N=2, C=3)`"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "expected"), REFUSED, ids=[expected for _, expected in REFUSED])
def test_sizes_that_are_not_told_are_asked_for(call: Callable[[], Any], expected: str) -> None:
    assert message(call) == expected


def test_a_number_to_fill_with_is_asked_for() -> None:
    for keywords in ({"N": 2}, {}):
        with pytest.raises(TypeError, match=r"takes the number that it fills with: `full\(0\.5, N=2, C=3\)`"):
            full(*(() if keywords else ("N=2",)), **keywords)


def test_what_torch_refuses_it_says_itself() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'generator'"):
        zeros(N=2, generator=torch.Generator())


ORACLE = [
    case
    for case in json.loads(
        (Path(__file__).parents[1] / "oracles/name_inference_cases.json").read_text("utf-8")
    )
    if case["category"] == "factory"
]


@pytest.mark.parametrize("case", ORACLE, ids=lambda case: f"{case['op']} {case['kwargs']}")
def test_names_are_taken_as_torch_took_them(case: dict[str, Any]) -> None:
    factory: Any = getattr(namedtorch, case["op"])
    if case["error"]:
        with pytest.raises(DimError):
            factory(*case["args"], **case["kwargs"])
    else:
        found = factory(*case["args"], **case["kwargs"])
        assert list(found.dims) == case["result_names"]
        assert list(found.shape) == case["result_shapes"]


def test_the_oracle_has_cases() -> None:
    assert len(ORACLE) == 24


# Graphs


def made(x: NamedTensor) -> tuple[NamedTensor, ...]:
    return (
        zeros(N=x.shape[0], C=3),
        ones("N (H W)", N=2, H=3, W=4),
        full("N=2 C=3", 2.0),
        arange(T=3),
        tensor([1.0, 2.0], "N"),
        zeros(2, 3, names="N C"),
        namedtorch.ones_like(x),
        eye(N=2, M=3),
    )


def test_a_graph_is_captured_whole() -> None:
    x = of("N C", 2, 3)
    compiled = torch.compile(made, fullgraph=True, backend="eager")
    for found, expected in zip(compiled(x), made(x), strict=True):
        assert found.dims == expected.dims
        assert torch.equal(found.tensor, expected.tensor)
