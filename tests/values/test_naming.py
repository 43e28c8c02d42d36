"""Names of axes: given, refined, changed, asked for."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import namedtorch
from namedtorch import AnnotationError, DimError, NamedTensor, named


def x() -> NamedTensor:
    return named(torch.arange(120.0).reshape(2, 3, 4, 5), "N C H W")


def message(call: Callable[[], Any]) -> str:
    """The first line of what a call is refused with."""
    with pytest.raises(DimError) as caught:
        call()
    return str(caught.value).splitlines()[0]


TEXTS = [
    ((2, 3), "N C", ("N", "C")),
    ((2, 3), "N C=3", ("N", "C")),
    ((2, 3), "N 3", ("N", None)),
    ((2, 3), "_ _c", (None, None)),
    ((2, 6), "N 3*N", ("N", None)),
    ((2, 6), "N C=3*N", ("N", "C")),
    ((2, 6), "N (H=2 W)", ("N", "(H W)")),
    ((2, 6), "N (H W)", ("N", "(H W)")),
    ((2, 6), "N (2 W)", ("N", "(_ W)")),
    ((2, 6, 1), "... C", (None, None, "C")),
    ((2, 6, 1), "N ...", ("N", None, None)),
    ((2, 6, 1), "*batch C", (None, None, "C")),
    ((2, 6, 1), "... C=6 ...", (None, "C", None)),
    ((2, 6, 1), "... 6 C ...", (None, None, "C")),
    ((2, 6, 1), "*a C=6 ...", (None, "C", None)),
    ((2, 1), "N #C", ("N", "C")),
    ((2, 2), "T T", ("T", "T")),
    ((2, 3), "N C where C > 2", ("N", "C")),
    ((2, 3), "in class", ("in", "class")),
    ((2, 3), "größe π", ("größe", "π")),
    ((), "", ()),
]


@pytest.mark.parametrize(("sizes", "text", "dims"), TEXTS)
def test_named_by_a_text(sizes: tuple[int, ...], text: str, dims: tuple[str | None, ...]) -> None:
    plain = torch.zeros(sizes)
    found = named(plain, text)
    assert found.dims == found.names == dims
    assert found.tensor is plain


REFUSED_TEXTS = [
    ((2, 3), "N C=4", "`tensor` has size 3 at axis 1, but `C` is 4"),
    ((2, 3), "N C H", "`tensor` has rank 2, but `N C H` has rank 3"),
    ((2, 3), "T T", "`tensor` has size 3 at axis 1, but `T` is 2 (axis 0 of `tensor`)"),
    ((2, 7), "N 3*N", "`tensor` has size 7 at axis 1, but `3*N` is 6 (N=2)"),
    ((2, 3), "N C where C > 4", "`C > 4` does not hold: C=3 (`C` is `tensor` at axis 1)"),
    ((2, 7), "N (H=2 W)", "`tensor` has size 7 at axis 1, but `(H=2 W)` is a multiple of 2"),
    ((2, 3, 4), "... C ...", "`tensor` has 3 places for `C` between its groups: axes 0, 1, 2; "),
    ((2, 3), "N K*N", "nothing binds `K` in the annotation of `tensor`"),
    ((2, 3, 4, 5), "N C H W @ channels_last", "`tensor` is not stored as `@ channels_last`"),
]


@pytest.mark.parametrize(("sizes", "text", "said"), REFUSED_TEXTS)
def test_named_refuses_what_does_not_fit(sizes: tuple[int, ...], text: str, said: str) -> None:
    assert message(lambda: named(torch.zeros(sizes), text)).startswith(said)


def test_named_tells_all_that_does_not_fit() -> None:
    with pytest.raises(DimError) as caught:
        named(torch.zeros(2, 3, 4), "N C=4 H=5")
    assert [one.dim for one in caught.value.failures] == ["C", "H"]


def test_named_refuses_a_text_that_is_no_shape() -> None:
    with pytest.raises(AnnotationError):
        named(torch.zeros(2), "N=")


def test_named_by_a_list() -> None:
    assert named(torch.zeros(2, 3), ["N", None]).dims == ("N", None)
    assert named(torch.zeros(2, 3, 4), ("N", "...")).dims == ("N", None, None)
    assert named(torch.zeros(2, 3, 4), ["...", "(C D)"]).dims == (None, None, "(C D)")
    assert named(torch.tensor(1.0), []).dims == ()


REFUSED_LISTS = [
    (["N"], "`named`: `names` has 1 name, and `input` has 2 axes"),
    (["N", "N"], "`named`: `N` would be the name of axes 0 and 1"),
    (["N", "1"], "`named`: `names` has '1', which is no name; a name is a word: `N`, `channels_last`"),
    (["N", ""], "`named`: `names` has '', which is no name; a name is a word: `N`, `channels_last`"),
    (["N", 3], "`named`: `names` holds 3, which is no name"),
    (["N", "where"], "`named`: `names` has 'where', which begins constraints in the language of shapes"),
    (
        ["N", "_c"],
        (
            "`named`: `names` has '_c': a name that begins with an underscore is of no dim in the language of shapes; "
            "write 'c', or None"
        ),
    ),
    (["...", "..."], "`named`: `names` has `...` more than once"),
]


@pytest.mark.parametrize(("names", "said"), REFUSED_LISTS)
def test_named_refuses_a_list(names: list[Any], said: str) -> None:
    assert message(lambda: named(torch.zeros(2, 3), names)) == said


def test_named_shares_the_memory_of_arrays() -> None:
    array = np.zeros((2, 3), np.float32)
    found = named(array, "N C")
    array[0, 0] = 7
    assert found.tensor[0, 0] == 7
    assert found.dims == ("N", "C")


def test_named_keeps_the_parameter() -> None:
    weight = nn.Linear(3, 2).weight
    assert named(weight, "out in").tensor is weight


@pytest.mark.parametrize("value", [3.0, [1, 2], (1, 2), "text", None])
def test_named_refuses_what_is_no_tensor(value: Any) -> None:
    assert message(lambda: named(value, "N")) == (
        f"`named` takes a tensor or an array of numpy, and this is a value of type {type(value).__name__}; "
        "`namedtorch.tensor(data, names)` makes a tensor of numbers and lists"
    )


def test_named_holds_a_named_tensor_to_a_text() -> None:
    half = x().rename("N", None, "H", None)
    assert named(half, "N C H W").dims == ("N", "C", "H", "W")
    assert named(half, "N ...").dims == ("N", None, "H", None)
    assert named(half, "_ 3 ... W").dims == ("N", None, "H", "W")
    assert named(half, ["N", "C", "...", "W"]).dims == ("N", "C", "H", "W")
    assert named(x(), "... C ...").dims == ("N", "C", "H", "W")
    assert named(x(), "... C=3 H ...").dims == ("N", "C", "H", "W")
    assert named(half, "... C=3 ...").dims == ("N", "C", "H", None)
    attention = named(torch.zeros(2, 3, 3), "B T T")
    assert named(attention, "B ...").dims == ("B", "T", "T")


def test_named_refuses_other_names() -> None:
    with pytest.raises(DimError) as caught:
        named(x(), "N C W H=9")
    assert str(caught.value) == (
        "2 things do not fit\n"
        "  1. axis 2 of `tensor` is `H`, and is asked to be `W`\n"
        "  2. axis 3 of `tensor` is `W`, and is asked to be `H`; "
        "`rename` gives other names, `align_to` puts axes in another order\n"
        '  tensor: "N C H W" is named "N C W H=9"'
    )
    assert message(lambda: named(x(), "... K ...")) == "`tensor` has no dim `K`: its dims are N C H W"
    assert message(lambda: named(x(), "... C=4 ...")) == "`tensor` has size 3 at axis 1, but `C` is 4"
    half = x().rename(None, "C", None, None)
    assert message(lambda: named(half, "C _ ...")) == "`C` would be the name of axes 0 and 1 of `tensor`"
    assert message(lambda: named(half, "... K ...")).startswith("`tensor` has 4 places for `K`")


# rename, refine_names


RENAMED: list[tuple[Sequence[Any], dict[str, Any], tuple[str | None, ...]]] = [
    (("a", "b", "c", "d"), {}, ("a", "b", "c", "d")),
    ((["a", "b", "c", "d"],), {}, ("a", "b", "c", "d")),
    (("a b c d",), {}, ("a", "b", "c", "d")),
    (("...",), {}, ("N", "C", "H", "W")),
    ((...,), {}, ("N", "C", "H", "W")),
    (("a", "..."), {}, ("a", "C", "H", "W")),
    (("... d",), {}, ("N", "C", "H", "d")),
    (("N", "C", "H", "...", "W"), {}, ("N", "C", "H", "W")),
    (("W", "H", "C", "N"), {}, ("W", "H", "C", "N")),
    ((None,), {}, (None, None, None, None)),
    (("N", None, "_", "W"), {}, ("N", None, None, "W")),
    (("(A B)", "..."), {}, ("(A B)", "C", "H", "W")),
    ((), {"N": "B"}, ("B", "C", "H", "W")),
    ((), {"N": "C", "C": "N"}, ("C", "N", "H", "W")),
    ((), {"N": None}, (None, "C", "H", "W")),
]


@pytest.mark.parametrize(("names", "pairs", "dims"), RENAMED)
def test_rename(names: Sequence[Any], pairs: dict[str, Any], dims: tuple[str | None, ...]) -> None:
    before = x()
    after = before.rename(*names, **pairs)
    assert after.dims == dims
    assert before.dims == ("N", "C", "H", "W")
    assert after.tensor is before.tensor
    assert before.rename_(*names, **pairs) is before
    assert before.dims == dims


def test_rename_tells_two_axes_of_one_name_apart() -> None:
    scores = named(torch.zeros(2, 3, 3), "B T T")
    assert scores.rename("B", "T", "S").dims == ("B", "T", "S")
    assert scores.rename("N", "...").dims == ("N", "T", "T")
    assert scores.rename(B="N").dims == ("N", "T", "T")
    assert message(lambda: scores.rename(T="S")) == (
        "`NamedTensor.rename`: `T` is renamed, and 2 of its axes are `T`: 1, 2; "
        "`rename` them, or give the number of the axis"
    )


REFUSED_RENAMES: list[tuple[Sequence[Any], dict[str, Any], str]] = [
    (("a", "b"), {}, "`names` has 2 names, and `input` has 4 axes"),
    ((), {}, "`names` has 0 names, and `input` has 4 axes"),
    (("a", "a", "b", "c"), {}, "`a` would be the name of axes 0 and 1"),
    (("C", "..."), {}, "`C` would be the name of axes 0 and 1"),
    ((), {"N": "C"}, "`C` would be the name of axes 0 and 1"),
    ((), {"Z": "A"}, "`Z` is renamed, but its dims are `N`, `C`, `H`, `W`"),
    ((), {"n": "A"}, "`n` is renamed, but its dims are `N`, `C`, `H`, `W`; did you mean `N`?"),
    ((), {"N": "A B"}, "`N` is renamed to 2 names"),
    ((), {"N": "1"}, "`N` has '1', which is no name; a name is a word: `N`, `channels_last`"),
    ((5,), {}, "`names` holds 5, which is no name"),
    (("a", ("b",)), {}, "`names` holds ('b',), which is no name"),
]


@pytest.mark.parametrize(("names", "pairs", "said"), REFUSED_RENAMES)
def test_rename_refuses(names: Sequence[Any], pairs: dict[str, Any], said: str) -> None:
    assert message(lambda: x().rename(*names, **pairs)) == f"`NamedTensor.rename`: {said}"
    kept = x()
    message(lambda: kept.rename_(*names, **pairs))
    assert kept.dims == ("N", "C", "H", "W")


def test_rename_takes_names_or_pairs() -> None:
    said = r"`rename` takes the names of all axes, or some by their names \(N=\), not both"
    with pytest.raises(TypeError, match=said):
        x().rename("a", "...", N="B")


def test_names_can_be_assigned() -> None:
    found = x()
    found.names = ["a", "b", "c", None]
    assert found.dims == ("a", "b", "c", None)
    found.names = None
    assert found.dims == (None, None, None, None)
    assert not found.has_names()
    assert x().has_names()


def test_refine_names() -> None:
    bare = x().rename(None)
    assert bare.refine_names("N", "...", "W").dims == ("N", None, None, "W")
    assert bare.refine_names("N C H W").dims == ("N", "C", "H", "W")
    assert bare.refine_names(["N", "C", "H", None]).dims == ("N", "C", "H", None)
    assert x().refine_names("N", ..., "W").dims == ("N", "C", "H", "W")
    assert bare.refine_names("N", "...").tensor is bare.tensor


REFUSED_REFINEMENTS = [
    (("N", "C", "H", "K"), "axis 3 is `W`, and is asked to be `K`; "),
    (("N", None, "H", "W"), "axis 1 is `C`, and is asked to have none; "),
    (("N", "C"), "`names` has 2 names, and `input` has 4 axes"),
]


@pytest.mark.parametrize(("names", "said"), REFUSED_REFINEMENTS)
def test_refine_names_refuses(names: Sequence[Any], said: str) -> None:
    told = message(lambda: x().refine_names(*names))
    rest = "`rename` gives other names, `align_to` puts axes in another order" if said.endswith("; ") else ""
    assert told == f"`NamedTensor.refine_names`: {said}{rest}"


def test_refine_names_refuses_a_name_that_is_taken() -> None:
    half = x().rename("N", None, "H", "W")
    assert message(lambda: half.refine_names("N", "H", "...")) == (
        "`NamedTensor.refine_names`: `H` would be the name of axes 1 and 2"
    )


# What is asked for by name


def test_size_and_stride_by_name() -> None:
    found = x()
    assert found.size("C") == found.size(1) == 3
    assert found.size() == found.size(None) == found.shape == (2, 3, 4, 5)
    assert found.stride("C") == found.stride(1) == 20
    assert found.stride() == (60, 20, 5, 1)
    assert dict(found.sizes) == {"N": 2, "C": 3, "H": 4, "W": 5}
    assert message(lambda: found.size("c")) == (
        "`NamedTensor.size`: `dim` is 'c', but its dims are `N`, `C`, `H`, `W`; did you mean `C`?"
    )
    assert message(lambda: found.stride("Z")) == (
        "`NamedTensor.stride`: `dim` is 'Z', but its dims are `N`, `C`, `H`, `W`"
    )
    assert message(lambda: found.rename(None).size("N")) == (
        "`NamedTensor.size`: `dim` is 'N', and none of its axes has a name; `refine_names` gives names to axes without"
    )


class Names(nn.Module):
    """Names given in a forward."""

    def forward(self, plain: torch.Tensor) -> torch.Tensor:
        return named(named(plain, "N C=3").rename(N="B"), "B _").refine_names("B", "C").tensor * 2


@pytest.mark.filterwarnings("ignore:.*torch.jit.trace.*:DeprecationWarning")
def test_named_inside_a_trace() -> None:
    plain = torch.arange(6.0).reshape(2, 3)
    for graph in (torch.jit.trace(Names(), plain), namedtorch.symbolic_trace(Names())):
        assert torch.equal(graph(plain), plain * 2)


def test_named_has_no_sizes_of_what_torch_fx_traces() -> None:
    def renamed(plain: torch.Tensor) -> torch.Tensor:
        return named(plain, "N C H").tensor

    assert message(lambda: namedtorch.symbolic_trace(lambda plain: named(plain, "... C").tensor)) == (
        '"... C" leaves the rank open, and torch.fx has no sizes to tell it by; write one name for each axis'
    )
    assert message(lambda: namedtorch.symbolic_trace(renamed, plain="N C")) == (
        "`tensor` has rank 2, but `N C H` has rank 3"
    )
    assert message(lambda: namedtorch.symbolic_trace(renamed, plain="N K _")) == (
        "axis 1 of `tensor` is `K`, and is asked to be `C`; "
        "`rename` gives other names, `align_to` puts axes in another order"
    )


def test_named_inside_a_compiled_graph() -> None:
    @torch.compile(fullgraph=True, backend="eager")
    def graph(plain: torch.Tensor) -> torch.Tensor:
        first = named(plain, "N C=3").rename(N="B").refine_names("B", "C")
        second = named(plain, "... C").refine_names(["N", "C"])
        return (first + second.rename("B", "C")).tensor

    plain = torch.arange(6.0).reshape(2, 3)
    assert torch.equal(graph(plain), plain * 2)
