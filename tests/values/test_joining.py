"""Joining by name, held to torch."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from namedtorch import DimError, NamedTensor, cat, named, stack, symbolic_trace, where
from tests.values.named_cases import message, of

X, Y = of("N C", 2, 3), of("N C", 2, 3)
OPEN = of("N _", 2, 3)
MASK = X > 0
ROW = named(MASK.tensor[0], "C")

JOINED: list[tuple[str, Callable[[], Any], tuple[str | None, ...], torch.Tensor]] = [
    ("cat by name", lambda: cat([X, Y], "C"), ("N", "C"), torch.cat([X.tensor, Y.tensor], 1)),
    ("cat by number", lambda: cat([X, Y], dim=-1), ("N", "C"), torch.cat([X.tensor, Y.tensor], 1)),
    ("cat along the first", lambda: cat((X, Y)), ("N", "C"), torch.cat([X.tensor, Y.tensor])),
    ("cat of any iterable", lambda: cat(one for one in (X, Y)), ("N", "C"), torch.cat([X.tensor, Y.tensor])),
    ("cat of one", lambda: cat([X], "N"), ("N", "C"), X.tensor),
    ("cat takes names", lambda: cat([OPEN, X], "C"), ("N", "C"), torch.cat([OPEN.tensor, X.tensor], 1)),
    ("cat of a plain one", lambda: cat([X.tensor, Y], "N"), ("N", "C"), torch.cat([X.tensor, Y.tensor])),
    ("cat of plain ones", lambda: cat([X.tensor, Y.tensor]), (None, None), torch.cat([X.tensor, Y.tensor])),
    ("stack under a name", lambda: stack([X, Y], "S"), ("S", "N", "C"), torch.stack([X.tensor, Y.tensor])),
    ("stack behind", lambda: stack([X, Y], "S", place=-1), ("N", "C", "S"), torch.stack([X.tensor, Y.tensor], 2)),
    ("stack between", lambda: stack([X, Y], "S", place=1), ("N", "S", "C"), torch.stack([X.tensor, Y.tensor], 1)),
    ("stack as torch", lambda: stack([X, Y], 1), ("N", None, "C"), torch.stack([X.tensor, Y.tensor], 1)),
    ("stack takes names", lambda: stack([OPEN, X], "S"), ("S", "N", "C"), torch.stack([OPEN.tensor, X.tensor])),
    ("stack of numbers", lambda: stack([named(torch.tensor(1.0), "")] * 2, "S"), ("S",), torch.ones(2)),
    ("where", lambda: where(MASK, X, Y), ("N", "C"), torch.where(MASK.tensor, X.tensor, Y.tensor)),
    ("where of a number", lambda: where(MASK, X, 0.0), ("N", "C"), torch.where(MASK.tensor, X.tensor, 0.0)),
    ("where of numbers", lambda: where(MASK, 1.0, 0.0), ("N", "C"), torch.where(MASK.tensor, 1.0, 0.0)),
    ("where it is plain", lambda: where(MASK.tensor, X, Y), ("N", "C"), torch.where(MASK.tensor, X.tensor, Y.tensor)),
    ("where it broadcasts", lambda: where(ROW, X, Y), ("N", "C"), torch.where(ROW.tensor, X.tensor, Y.tensor)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "dims", "expected"), [one[1:] for one in JOINED], ids=[one[0] for one in JOINED]
)
def test_tensors_are_joined_as_by_torch(
    call: Callable[[], Any], dims: tuple[str | None, ...], expected: torch.Tensor
) -> None:
    found = call()
    assert isinstance(found, NamedTensor)
    assert found.dims == dims
    assert found.dtype == expected.dtype
    assert torch.equal(found.tensor, expected)


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: cat([X, Y], "T"), "`torch.cat`: `dim` is 'T', but its dims are `N`, `C`"),
    (
        lambda: cat([X, of("C N", 2, 3)], "N"),
        ("`torch.cat`: axis 1 is N=3, and C=3 in `tensors[0]`; only the axis that is joined may differ"),
    ),
    (
        lambda: cat([X, of("N C", 3, 3)], "C"),
        ("`torch.cat`: axis 0 is N=3, and N=2 in `tensors[0]`; only the axis that is joined may differ"),
    ),
    (
        lambda: stack([X, of("N C", 3, 3)], "S"),
        ("`torch.stack`: axis 0 is N=3, and N=2 in `tensors[0]`; all axes have to be the same"),
    ),
    (
        lambda: stack([X, Y], "C"),
        "`stack`: the tensors have `C` already; `cat` joins along a dim that they have",
    ),
    (lambda: stack([X, Y], "two words"), "`stack`: 'two words' is no name; a name is a word: `S`, `samples`"),
    (lambda: stack([X, Y], "S", place=3), "`torch.stack`: `dim` is 3, but `tensors[0]` has 2 axes"),
    (
        lambda: where(MASK, X, of("C N", 2, 3)),
        (
            "`torch.where`: it does not broadcast with `condition`: "
            "axis 0 of `other` is `C`=2, axis 0 of `condition` is `N`=2; "
            "`align_as` puts the dims of one where the other has them"
        ),
    ),
]


@pytest.mark.parametrize(("call", "expected"), REFUSED, ids=[expected for _, expected in REFUSED])
def test_tensors_that_do_not_fit_are_not_joined(call: Callable[[], Any], expected: str) -> None:
    assert message(call) == expected


def test_nothing_is_not_joined() -> None:
    with pytest.raises(ValueError, match="non-empty list"):
        cat([])
    with pytest.raises(RuntimeError, match="non-empty"):
        stack([], "S")


def test_a_named_out_is_written_to() -> None:
    out = named(torch.empty(4, 3, dtype=torch.float64), (None, None))
    found: Any = cat([X, Y], "N", out=out)
    assert found is out
    assert out.dims == ("N", "C")
    with pytest.raises(DimError, match="the result has the dims `N C`, and `out` has `N T`"):
        cat([X, Y], "N", out=named(torch.empty(4, 3, dtype=torch.float64), "N T"))


def joined(x: NamedTensor, y: NamedTensor) -> NamedTensor:
    return stack([cat([x, y], "C"), where(cat([x, x], "C") > 0, cat([y, y], "C"), 0.0)], "S", place=1)


def test_a_graph_is_captured_whole() -> None:
    compiled = torch.compile(joined, fullgraph=True, backend="eager", dynamic=True)
    found = compiled(X, Y)
    assert found.dims == ("N", "S", "C")
    assert torch.equal(found.tensor, joined(X, Y).tensor)


def test_a_trace_of_fx_is_plain() -> None:
    graph = symbolic_trace(joined, x="N C", y="N C")
    assert graph.meta["dims"] == ("N", "S", "C")
    assert torch.equal(graph(X.tensor, Y.tensor), joined(X, Y).tensor)
