"""Axes by their names: put in order, merged, split, put in, stretched and repeated."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from namedtorch import DimError, NamedTensor, named
from namedtorch.ops.judge import Plain
from namedtorch.ops.names import split_names
from namedtorch.ops.table import OPERATORS
from namedtorch.ops.values import Array
from namedtorch.values.operation import as_value

Case = tuple[str, tuple[Any, ...], dict[str, Any], str, Callable[[torch.Tensor], torch.Tensor]]


def x() -> NamedTensor:
    return named(torch.arange(120.0).reshape(2, 3, 4, 5), "N C H W")


def message(call: Callable[[], Any]) -> str:
    """The first line of what a call is refused with."""
    with pytest.raises(DimError) as caught:
        call()
    return str(caught.value).splitlines()[0]


OTHER = named(torch.zeros(1, 1, 1, 1, 1), "W K C N H")

CASES: list[Case] = [
    ("align_to", ("N", "H", "W", "C"), {}, "N H W C", lambda t: t.permute(0, 2, 3, 1)),
    ("align_to", ("N H W C",), {}, "N H W C", lambda t: t.permute(0, 2, 3, 1)),
    ("align_to", (["W", "..."],), {}, "W N C H", lambda t: t.permute(3, 0, 1, 2)),
    ("align_to", ("...", "C"), {}, "N H W C", lambda t: t.permute(0, 2, 3, 1)),
    ("align_to", ("W", ..., "N"), {}, "W C H N", lambda t: t.permute(3, 1, 2, 0)),
    ("align_to", ("K", "...", "D"), {}, "K N C H W D", lambda t: t[None, ..., None]),
    ("align_to", ("N K C L H W",), {}, "N K C L H W", lambda t: t[:, None, :, None]),
    ("align_to", ("...",), {}, "N C H W", lambda t: t),
    ("align_as", (OTHER,), {}, "W K C N H", lambda t: t.permute(3, 1, 0, 2)[:, None]),
    ("align_as", (x(),), {}, "N C H W", lambda t: t),
    ("flatten", (["C", "H"], "F"), {}, "N F W", lambda t: t.flatten(1, 2)),
    ("flatten", (["C", "H", "W"],), {"out_dim": "F"}, "N F", lambda t: t.flatten(1)),
    ("flatten", (["C", "H"],), {}, "N (C H) W", lambda t: t.flatten(1, 2)),
    ("flatten", (["C"], "C"), {}, "N C H W", lambda t: t),
    ("flatten", (["C"], "F"), {}, "N F H W", lambda t: t),
    ("flatten", ("C", "W", "F"), {}, "N F", lambda t: t.flatten(1)),
    ("flatten", (1, 2, "F"), {}, "N F W", lambda t: t.flatten(1, 2)),
    ("flatten", (), {"start_dim": "C", "out_dim": "F"}, "N F", lambda t: t.flatten(1)),
    ("flatten", ("C", "W"), {}, "N (C H W)", lambda t: t.flatten(1)),
    ("flatten", (1,), {}, "N (C H W)", lambda t: t.flatten(1)),
    ("flatten", (), {"end_dim": "H"}, "(N C H) W", lambda t: t.flatten(0, 2)),
    ("flatten", (), {}, "(N C H W)", lambda t: t.flatten()),
    ("unflatten", ("H", (("a", 2), ("b", 2))), {}, "N C a b W", lambda t: t.unflatten(2, (2, 2))),
    ("unflatten", ("H", [["a", 2], ["b", -1]]), {}, "N C a b W", lambda t: t.unflatten(2, (2, 2))),
    ("unflatten", (-2, {"a": 2, "b": 2}), {}, "N C a b W", lambda t: t.unflatten(2, (2, 2))),
    ("unflatten", ("H",), {"sizes": {"H": 4, "b": 1}}, "N C H b W", lambda t: t.unflatten(2, (4, 1))),
    ("unflatten", ("H", (("a", 2), (None, 2))), {}, "N C a _ W", lambda t: t.unflatten(2, (2, 2))),
    ("unflatten", ("H", (2, 2)), {}, "N C _ _ W", lambda t: t.unflatten(2, (2, 2))),
    ("unsqueeze", ("K",), {}, "K N C H W", lambda t: t[None]),
    ("unsqueeze", (1, "K"), {}, "N K C H W", lambda t: t[:, None]),
    ("unsqueeze", (-1,), {"name": "K"}, "N C H W K", lambda t: t[..., None]),
    ("unsqueeze", ("H", "K"), {}, "N C K H W", lambda t: t[:, :, None]),
    ("unsqueeze", (1,), {}, "N _ C H W", lambda t: t[:, None]),
    ("expand", (7, 2, 3, 4, 5), {}, "_ N C H W", lambda t: t.expand(7, 2, 3, 4, 5)),
    ("expand", (-1, 3, 4, -1), {}, "N C H W", lambda t: t),
    ("expand", (), {"N": 2, "W": 5}, "N C H W", lambda t: t),
    ("repeat", (), {"C": 2}, "N C H W", lambda t: t.repeat(1, 2, 1, 1)),
    ("repeat", (), {"N": 2, "W": 3}, "N C H W", lambda t: t.repeat(2, 1, 1, 3)),
    ("repeat", (2, 1, 1, 1), {}, "N C H W", lambda t: t.repeat(2, 1, 1, 1)),
    ("repeat", (3, 1, 1, 1, 1), {}, "_ N C H W", lambda t: t.repeat(3, 1, 1, 1, 1)),
    ("diagonal", (), {"outdim": "E", "dim1": "H", "dim2": "W"}, "N C E", lambda t: t.diagonal(0, 2, 3)),
    ("diagonal", (1, 2, 3), {"outdim": "E"}, "N C E", lambda t: t.diagonal(1, 2, 3)),
    ("diagonal", (), {"dim1": "H", "dim2": "W"}, "N C _", lambda t: t.diagonal(0, 2, 3)),
    ("squeeze", ("C",), {}, "N C H W", lambda t: t),
]


def words(text: str) -> tuple[str | None, ...]:
    """The dims that a text lists, `_` for one without a name."""
    return tuple(None if one == "_" else one for one in split_names(text))


@pytest.mark.parametrize(("method", "arguments", "keywords", "dims", "plain"), CASES)
def test_by_name(
    method: str,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    dims: str,
    plain: Callable[[torch.Tensor], torch.Tensor],
) -> None:
    before = x()
    for _ in range(2):  # the second is by what is remembered of the first
        after = getattr(before, method)(*arguments, **keywords)
        expected = plain(before.tensor)
        assert after.dims == words(dims)
        assert torch.equal(after.tensor, expected)
        # A named operation is a view exactly where torch's is.
        memory = before.tensor.data_ptr()
        assert (after.tensor.data_ptr() == memory) == (expected.data_ptr() == memory)


@pytest.mark.parametrize(("method", "arguments", "keywords", "dims", "plain"), CASES)
def test_row_tells_the_sizes(
    method: str,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    dims: str,
    plain: Callable[[torch.Tensor], torch.Tensor],
) -> None:
    row = OPERATORS.get(f"namedtorch.NamedTensor.{method}") or OPERATORS[f"torch.Tensor.{method}"]
    values = {name: as_value(one) for name, one in keywords.items()}
    told = row([as_value(x()), *map(as_value, arguments)], values, Plain())
    assert isinstance(told, Array)
    assert [axis.value for axis in told.shape.fixed] == list(plain(x().tensor).shape)
    assert tuple(
        axis.carried if isinstance(axis.carried, str) else None for axis in told.shape.fixed
    ) == words(dims)


REFUSED: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    (
        "align_to", ("W", "N"), {},
        "`names` does not have `C`, axis 1 of `input`; list it, or write `...` for all dims that are not listed",
    ),
    (
        "align_to", ("...", "N", None), {},
        ("`names` has None, and an axis without a name can't be told from others; "
        "`...` stands for all axes that are not listed"),
    ),
    ("align_to", ("...", "N", "N"), {}, "`N` would be the name of axes 0 and 1"),
    ("align_to", ("...", "..."), {}, "`names` has `...` more than once"),
    ("align_as", (named(torch.zeros(1, 1), "W H"),), {}, "`other` does not have `N`, axis 0 of `input`"),
    ("align_as", (torch.zeros(1, 1),), {}, "`other` does not have `N`, axis 0 of `input`"),
    (
        "flatten", (["H", "C"], "F"), {},
        ("`H=4`, `C=3` do not stand side by side in this order; "
        "`rearrange` merges dims that stand apart; `align_to` puts them in order first"),
    ),
    ("flatten", (["C", "C"], "F"), {}, "`dims` names one axis twice"),
    ("flatten", (["C", "H"], "W"), {}, "`W` would be the name of axes 1 and 2"),
    ("flatten", (["C", "H"], "a b"), {}, "`out_dim` is 'a b', which is not one name"),
    ("flatten", (["C", "Z"], "F"), {}, "`dims` is 'Z', but its dims are `N`, `C`, `H`, `W`"),
    ("flatten", ("W", "C", "F"), {}, "axis 3 stands behind axis 1"),
    ("flatten", ([], "F"), {}, "no dims are listed"),
    ("unflatten", ("H", (("a", 3), ("b", 2))), {}, "axis 2 is `H=4`, which is not a=3 b=2"),
    ("unflatten", ("H", (("a", 3), ("b", -1))), {}, "axis 2 is `H=4`, which is not a=3 b=-1"),
    ("unflatten", ("H", (("a", -1), ("b", -1))), {}, "axis 2 is `H=4`, which is not a=-1 b=-1"),
    ("unflatten", ("H", (("N", 2), ("b", 2))), {}, "`N` would be the name of axes 0 and 2"),
    ("unflatten", ("H", (("a b", 2), ("c", 2))), {}, "'a b' names 2 axes, and has one size"),
    ("unflatten", ("Z", (("a", 2), ("b", 2))), {}, "`dim` is 'Z', but its dims are `N`, `C`, `H`, `W`"),
    ("unsqueeze", ("C",), {}, "`C` would be the name of axes 0 and 2"),
    ("unsqueeze", (9, "K"), {}, "`dim` is 9, but `input` has 4 axes"),
    ("unsqueeze", (0, "1"), {}, "`name` has '1', which is no name; a name is a word: `N`, `channels_last`"),
    ("expand", (), {"K": 3}, "a number is given for 'K', but its dims are `N`, `C`, `H`, `W`"),
    ("expand", (), {"N": 3}, "axis 0 is N=2, and is expanded to 3"),
    ("repeat", (), {"K": 3}, "a number is given for 'K', but its dims are `N`, `C`, `H`, `W`"),
    ("diagonal", (), {"outdim": "N", "dim1": "H", "dim2": "W"}, "`N` would be the name of axes 0 and 2"),
    ("diagonal", (), {"outdim": "E", "dim1": "H", "dim2": "H"}, "`dim1` and `dim2` name one axis"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "arguments", "keywords", "said"), REFUSED)
def test_refused(method: str, arguments: tuple[Any, ...], keywords: dict[str, Any], said: str) -> None:
    assert message(lambda: getattr(x(), method)(*arguments, **keywords)) == f"`NamedTensor.{method}`: {said}"


def test_sizes_are_checked_also_of_what_is_remembered() -> None:
    one = named(torch.zeros(1, 3), "N C")
    assert one.expand(N=4).sizes == {"N": 4, "C": 3}
    assert message(lambda: named(torch.zeros(2, 3), "N C").expand(N=4)) == (
        "`NamedTensor.expand`: axis 0 is N=2, and is expanded to 4"
    )
    assert one.unflatten("C", {"a": 3, "b": 1}).dims == ("N", "a", "b")
    assert message(lambda: named(torch.zeros(1, 4), "N C").unflatten("C", {"a": 3, "b": 1})) == (
        "`NamedTensor.unflatten`: axis 1 is `C=4`, which is not a=3 b=1"
    )


def test_expand_gives_a_dim_of_size_1_its_size() -> None:
    mean = named(torch.arange(3.0), "C").align_as(x()).expand(N=2, H=4, W=5)
    assert mean.dims == ("N", "C", "H", "W")
    assert mean.shape == (2, 3, 4, 5)
    assert mean.stride() == (0, 1, 0, 0)


def test_numbers_and_names_are_not_mixed() -> None:
    said = r"`expand` takes a number for every axis, or numbers by name \(N=...\), not both"
    with pytest.raises(TypeError, match=said):
        x().expand(2, 3, 4, 5, N=2)
    with pytest.raises(TypeError, match="`repeat` takes a number for every axis"):
        x().repeat(2, 1, 1, 1, N=2)


def test_axes_without_names() -> None:
    half = x().rename("N", None, None, "W")
    assert half.align_to("W", "...").dims == ("W", "N", None, None)
    assert half.align_to("...", "N").shape == (3, 4, 5, 2)
    assert half.flatten(1, 2, "F").dims == ("N", "F", "W")
    assert half.flatten(1, 2).dims == ("N", None, "W")
    assert message(lambda: half.align_to("W", "N")) == (
        "`NamedTensor.align_to`: axis 1 has no name, so nothing tells where it belongs; "
        "`refine_names` gives it one, and `...` stands for it"
    )
    assert message(lambda: half.align_as(x())) == (
        "`NamedTensor.align_as`: axis 1 has no name, so nothing tells where it belongs; `refine_names` gives it one"
    )
    other = named(torch.zeros(1, 1, 1), ["C", None, "N"])
    assert named(torch.zeros(2, 3), "N C").align_as(other).dims == ("C", None, "N")


def test_two_axes_of_one_name() -> None:
    scores = named(torch.zeros(2, 3, 3), "B T T")
    assert scores.align_to("...", "B").dims == ("T", "T", "B")
    assert scores.flatten(1, 2, "F").dims == ("B", "F")
    said = "and 2 of its axes are `T`: 1, 2; `rename` them, or give the number of the axis"
    assert message(lambda: scores.align_to("T", "...")) == f"`NamedTensor.align_to`: `names` has 'T', {said}"
    assert message(lambda: named(torch.zeros(3), "T").align_as(scores)) == (
        f"`NamedTensor.align_as`: `other` has 'T', {said}"
    )


def test_merged_dims_come_apart_again() -> None:
    merged = x().flatten(["C", "H"])
    assert merged.unflatten("(C H)", {"C": 3, "H": 4}).dims == ("N", "C", "H", "W")
    assert merged.rearrange("N (C H) W -> N C H W", C=3).dims == ("N", "C", "H", "W")
    # Sizes alone may split it elsewhere.
    assert merged.unflatten("(C H)", (3, 4)).dims == ("N", None, None, "W")


@given(st.permutations(["N", "C", "H", "W"]), st.data())
def test_alignment_is_undone_by_alignment(order: list[str], data: st.DataObject) -> None:
    extra = data.draw(st.integers(0, 4))
    names = [*order[:extra], "K", *order[extra:]]
    there = x().align_to(*names)
    assert there.dims == tuple(names)
    back = there.squeeze("K").align_as(x())
    assert back.dims == x().dims
    assert torch.equal(back.tensor, x().tensor)
    assert [there.size(name) for name in order] == [x().size(name) for name in order]


def test_inside_a_compiled_graph() -> None:
    def graph(plain: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        one = named(plain, "N C H W").align_to("N H W C").flatten(["H", "W"], "P")
        one = one.unflatten("P", (("H", 4), ("W", 5))).unsqueeze("K").expand(K=2).repeat(C=2)
        one = one.diagonal(dim1="H", dim2="W", outdim="E").flatten(["K", "N"])
        return one.align_as(named(other, "C E (K N)")).tensor

    plain, other = x().tensor, torch.zeros(1, 1, 4)
    compiled = torch.compile(graph, fullgraph=True, backend="eager")
    assert torch.equal(compiled(plain, other), graph(plain, other))


def test_a_refusal_inside_a_compiled_graph() -> None:
    def graph(plain: torch.Tensor) -> torch.Tensor:
        return named(plain, "N C H W").align_to("N", "C").tensor

    with pytest.raises(Exception, match="`names` does not have `H`, axis 2 of `input`"):
        torch.compile(graph, fullgraph=True, backend="eager")(x().tensor)


class Splits(torch.nn.Module):
    """Sizes that are traced, as arguments by name."""

    def forward(self, plain: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        rows, count = plain.shape[0], other.shape[0]
        parts = named(plain, "N F").unflatten("N", {"K": rows, "d": 1})
        return parts.unsqueeze("B").expand(B=count).tensor


@pytest.mark.filterwarnings("ignore:.*torch.jit.trace.*:DeprecationWarning")
def test_sizes_of_a_traced_graph_stay_open() -> None:
    graph = torch.jit.trace(Splits(), (torch.zeros(3, 12), torch.zeros(4)))
    assert graph(torch.zeros(2, 7), torch.zeros(3)).shape == (3, 2, 1, 7)


def test_sizes_of_an_exported_graph_stay_open() -> None:
    rows = torch.export.Dim("rows")
    arguments = torch.zeros(3, 12), torch.zeros(4)
    exported = torch.export.export(
        Splits(),
        arguments,
        dynamic_shapes=({0: rows}, {0: torch.export.Dim("count", min=2, max=6)}),
        strict=False,
    )
    found = exported.module()(torch.arange(24.0).reshape(2, 12), torch.zeros(3))
    assert found.shape == (3, 2, 1, 12)
