"""Every method that takes a dim takes its name: the result is that of the number, and carries its names."""

from typing import Any

import pytest
import torch

from namedtorch import DimError, NamedTensor, named
from namedtorch.values.named_tensor import plain

_NUMBERS = {"N": 0, "C": 1, "T": 2}

Call = tuple[str, tuple[Any, ...], dict[str, Any], str]

REDUCTIONS = (
    "sum", "nansum", "mean", "nanmean", "prod", "amax", "amin", "all", "any", "logsumexp", "norm", "std", "var",
    "count_nonzero", "argmax", "argmin", "max", "min", "median", "nanmedian", "mode",
)  # fmt: skip

SEVERAL = (
    "sum",
    "nansum",
    "mean",
    "nanmean",
    "amax",
    "amin",
    "all",
    "any",
    "logsumexp",
    "norm",
    "std",
    "var",
    "count_nonzero",
)

CALLS: list[Call] = [
    *((name, (), {"dim": "C"}, "N T") for name in REDUCTIONS),
    *((name, (), {"dim": "C", "keepdim": True}, "N C T") for name in REDUCTIONS if name != "count_nonzero"),
    *((name, (), {"dim": ["C", "N"]}, "T") for name in SEVERAL),
    *((name, (), {"dim": ("C", -1)}, "N") for name in SEVERAL),
    ("sum", ("C",), {}, "N T"),
    ("sum", (), {"axis": "C"}, "N T"),
    ("mean", ("C", True), {}, "N C T"),
    ("max", ("C",), {}, "N T"),
    ("kthvalue", (2, "C"), {}, "N T"),
    ("quantile", (0.5, "C"), {}, "N T"),
    ("nanquantile", (0.5,), {"dim": "C", "keepdim": True}, "N C T"),
    ("aminmax", (), {"dim": "C"}, "N T"),
    ("var_mean", ("C",), {}, "N T"),
    ("std_mean", (["C", "T"],), {}, "N"),
    ("select", ("C", 0), {}, "N T"),
    ("narrow", ("C", 1, 2), {}, "N C T"),
    ("index_select", ("C", torch.tensor([0, 2])), {}, "N C T"),
    ("index_fill", ("C", torch.tensor([0]), 1.5), {}, "N C T"),
    ("index_copy", ("C", torch.tensor([0]), torch.ones(2, 1, 4)), {}, "N C T"),
    ("index_add", ("C", torch.tensor([0]), torch.ones(2, 1, 4)), {}, "N C T"),
    ("gather", ("C", torch.zeros(2, 2, 4, dtype=torch.int64)), {}, "N C T"),
    ("scatter", ("C", torch.zeros(2, 1, 4, dtype=torch.int64), 1.5), {}, "N C T"),
    ("unbind", ("N",), {}, "C T"),
    ("split", (2, "T"), {}, "N C T"),
    ("split", ([1, 3],), {"dim": "T"}, "N C T"),
    ("chunk", (2, "T"), {}, "N C T"),
    ("tensor_split", (2, "T"), {}, "N C T"),
    ("cumsum", ("C",), {}, "N C T"),
    ("cumprod", ("C",), {}, "N C T"),
    ("cummax", ("C",), {}, "N C T"),
    ("cummin", ("C",), {}, "N C T"),
    ("logcumsumexp", ("C",), {}, "N C T"),
    ("softmax", ("C",), {}, "N C T"),
    ("softmax", (), {"dim": "C", "dtype": torch.float64}, "N C T"),
    ("log_softmax", ("C",), {}, "N C T"),
    ("sort", ("T",), {}, "N C T"),
    ("sort", (), {"dim": "T", "descending": True}, "N C T"),
    ("argsort", ("T",), {}, "N C T"),
    ("msort", (), {}, "N C T"),
    ("topk", (2, "T"), {}, "N C T"),
    ("transpose", ("C", "T"), {}, "N T C"),
    ("transpose", ("C", 0), {}, "C N T"),
    ("swapaxes", ("C", "T"), {}, "N T C"),
    ("permute", ("T", "N", "C"), {}, "T N C"),
    ("permute", (["T", "N", "C"],), {}, "T N C"),
    ("movedim", ("T", "N"), {}, "T N C"),
    ("squeeze", ("C",), {}, "N C T"),
    ("diagonal", (), {"dim1": "C", "dim2": "T"}, "N _"),
    ("roll", (1, "T"), {}, "N C T"),
    ("roll", ((1, 2), ("T", "C")), {}, "N C T"),
    ("flip", ("T",), {}, "N C T"),
    ("flip", (["T", "C"],), {}, "N C T"),
    ("flip", ("T", "C"), {}, "N C T"),
    ("flatten", ("C", "T"), {}, "N (C T)"),
    ("diff", (), {"dim": "T"}, "N C T"),
    ("renorm", (2, "C", 1.0), {}, "N C T"),
    ("cross", (torch.ones(2, 3, 4), "C"), {}, "N C T"),
    ("repeat_interleave", (2, "T"), {}, "N C T"),
    ("unfold", ("T", 2, 1), {}, "N C T _"),
]  # fmt: skip


def x() -> NamedTensor:
    return named(torch.tensor([(7 * place) % 24 for place in range(24)]).reshape(2, 3, 4) / 24, "N C T")


def number(value: Any) -> Any:
    """An argument with numbers in the place of names."""
    if isinstance(value, list | tuple):
        return type(value)(number(one) for one in value)
    return _NUMBERS[value] if isinstance(value, str) else value


def results(value: Any) -> list[Any]:
    """A result, or each of several."""
    return list(value) if isinstance(value, tuple | list) else [value]


@pytest.mark.parametrize(("method", "arguments", "keywords", "dims"), CALLS, ids=lambda one: str(one)[:40])
def test_names_stand_for_numbers(
    method: str, arguments: tuple[Any, ...], keywords: dict[str, Any], dims: str
) -> None:
    numbers, named_numbers = number(arguments), {name: number(one) for name, one in keywords.items()}
    owner = torch if method in ("var_mean", "std_mean") else torch.Tensor
    expected = getattr(owner, method)(x().tensor, *numbers, **named_numbers)
    for _ in range(2):  # the second is by what is remembered of the first
        told = getattr(x(), method)(*arguments, **keywords)
        by_number = getattr(x(), method)(*numbers, **named_numbers)
        assert type(told) is type(expected) or isinstance(told, NamedTensor)
        for one, other, plain_one in zip(results(told), results(by_number), results(expected), strict=True):
            assert torch.equal(one.tensor, plain_one)
            assert " ".join(name or "_" for name in one.dims) == dims
            assert other.dims == one.dims
            assert torch.equal(other.tensor, plain_one)


@pytest.mark.parametrize(("method", "arguments", "keywords", "dims"), CALLS, ids=lambda one: str(one)[:40])
def test_a_name_that_is_not_there(
    method: str, arguments: tuple[Any, ...], keywords: dict[str, Any], dims: str
) -> None:
    def wrong(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return type(value)(wrong(one) for one in value)
        return "Z" if isinstance(value, str) else value

    if method == "msort":  # it takes no dim
        return
    with pytest.raises(DimError) as caught:
        getattr(x(), method)(*wrong(arguments), **{name: wrong(one) for name, one in keywords.items()})
    assert "is 'Z', but its dims are `N`, `C`, `T`" in str(caught.value)


@pytest.mark.parametrize(("method", "arguments", "keywords", "dims"), CALLS, ids=lambda one: str(one)[:40])
def test_two_axes_of_one_name(
    method: str, arguments: tuple[Any, ...], keywords: dict[str, Any], dims: str
) -> None:
    used = str((arguments, keywords))
    if "'C'" not in used or "'T'" in used:
        return
    twice = NamedTensor(x().tensor, ("N", "C", "C"))
    with pytest.raises(DimError, match=r"2 of its axes are `C`: 1, 2; `rename` them, or give the number"):
        getattr(twice, method)(*arguments, **keywords)


def test_pieces_are_views() -> None:
    one = x()
    for piece in (
        *one.split(2, "T"),
        *one.unbind("N"),
        one.select("C", 0),
        one.narrow("C", 0, 1),
        one.diagonal(0, "C", "T"),
    ):
        assert plain(piece).untyped_storage().data_ptr() == one.tensor.untyped_storage().data_ptr()


def test_functions_of_python_take_names() -> None:
    functional = torch.nn.functional
    assert functional.softmax(x(), "C").dims == ("N", "C", "T")
    assert functional.normalize(x(), dim="C").dims == ("N", "C", "T")
    assert functional.glu(x(), "T").dims == ("N", "C", "T")


def test_functions_of_torch_take_numbers_only() -> None:
    with pytest.raises(TypeError, match=r"must be tuple of ints, not str|invalid combination of arguments"):
        torch.sum(x(), "C")
