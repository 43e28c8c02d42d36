"""Mistakes in patterns, and what is said of them."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from namedtorch import DimError, named, rearrange, reduce, repeat
from tests.values.named_cases import message, of

D = of("N D T", 2, 6, 5)

REFUSED: list[tuple[Callable[[], Any], str]] = [
    # The text
    (
        lambda: rearrange(D, "N D T, T D N"),
        ("`rearrange`: 'N D T, T D N' has to have one arrow; "
        "write the dims that there are, `->`, and those of the result"),
    ),
    (
        lambda: rearrange(D, "N, D -> D N"),
        "`rearrange`: `N, D`: axes are separated by spaces, not by commas; leave the comma out",
    ),
    (lambda: rearrange(D, "N D () -> N D"), "`rearrange`: `N D ()` holds `()`; write `1` for an axis of size 1"),
    (
        lambda: rearrange(D, "N (2*d) T -> N d T"),
        ("`rearrange`: `N (2*d) T`: `2*d` is arithmetic, which a pattern does not hold; "
        "merge dims by `(H W)`, and give sizes by number"),
    ),
    (
        lambda: rearrange(D, "N (D) T -> N D T"),
        "`rearrange`: `N (D) T`: `(D)` is arithmetic, which a pattern does not hold; a dim alone needs none: `D`",
    ),
    (lambda: rearrange(D, "N #D T -> N D T"), "`rearrange`: `N #D T`: a pattern takes no `#`; leave it out"),
    (
        lambda: rearrange(D, "N D T where N > 1 -> N D T"),
        "`rearrange`: `N D T where N > 1`: a pattern holds dims only; leave out what follows `where` and `@`",
    ),
    (lambda: rearrange(D, "N D N -> N D"), "`rearrange`: `N D N` has `N` twice; name each axis once"),
    (lambda: rearrange(D, "N D T -> N (D T T)"), "`rearrange`: `N (D T T)` has `T` twice; name each axis once"),
    (
        lambda: rearrange(D, "... D *b -> D ... *b"),
        ("`rearrange`: `... D *b` has two groups of any number of axes; "
        "nobody could tell where one ends: name the axes"),
    ),
    # Dims on one side only
    (
        lambda: rearrange(D, "N D T -> N D"),
        "`rearrange`: `T` is lost: it stands on the left side only; `reduce` leaves dims out",
    ),
    (
        lambda: rearrange(D, "N D T -> N D t"),
        "`rearrange`: `T` is lost: it stands on the left side only; did you mean `t`?",
    ),
    (
        lambda: rearrange(D, "N D T -> N D T K"),
        "`rearrange`: `K` stands on the right side only; `rearrange` makes no dims, `repeat` does",
    ),
    (
        lambda: rearrange(D, "N D ... -> N D"),
        "`rearrange`: `...` is lost: it stands on the left side only; `reduce` leaves dims out",
    ),
    (
        lambda: rearrange(D, "_ _ T -> T _"),
        ("`rearrange`: the left side has 2 `_`, and the right side 1; "
        "they stand for each other in their order; name those that move"),
    ),
    (
        lambda: rearrange(D, "N 6 T -> N T"),
        "`rearrange`: `N 6 T`: `rearrange` takes no 6 without a name; name it: `C=6`",
    ),
    (
        lambda: reduce(D, "N D T -> N K", "sum"),
        "`reduce`: `K` stands on the right side only; `reduce` makes no dims, `repeat` does",
    ),
    (
        lambda: repeat(D, "N D T -> N D K", K=3),
        "`repeat`: `T` is lost: it stands on the left side only; `reduce` leaves dims out",
    ),
    (
        lambda: repeat(D, "N D T -> N D T K"),
        "`repeat`: `K` is new, and has no size; give one: `K=3`, in the pattern or behind it",
    ),
    (
        lambda: repeat(D, "N D T -> N D T ..."),
        "`repeat`: `...` stands on the right side only; it stands for the axes that it took on the left",
    ),
    # Sizes
    (
        lambda: rearrange(D, "N (heads d) T -> N heads T d", heads=4),
        "`rearrange`: `(heads d)` splits D=6 into parts of 4",
    ),
    (
        lambda: rearrange(D, "N (heads d) T -> N heads T d", heads=0),
        "`rearrange`: `(heads d)` splits D=6 into parts of 0",
    ),
    (
        lambda: rearrange(D, "N (heads d) T -> N heads T d"),
        "`rearrange`: `(heads d)` is D=6, and the sizes of `heads`, `d` are not known; give all but one: `heads=8`",
    ),
    (
        lambda: rearrange(D, "N (heads d) T -> N heads T d", heads=2, d=2),
        "`rearrange`: `(heads d)` is 4, and axis 1 is D=6",
    ),
    (lambda: rearrange(D, "N D T -> D N T", D=5), "`rearrange`: `D` is 5, and axis 1 is D=6"),
    (lambda: rearrange(D, "N D 1 -> D N"), "`rearrange`: `1` is 1, and axis 2 is T=5"),
    (
        lambda: rearrange(D, "N (heads=2 d) T -> N heads T d", heads=3),
        "`rearrange`: `heads` is 2 in the pattern, and 3 is given; give the size once",
    ),
    (
        lambda: rearrange(D, "N (heads d) T -> N heads T d", head=2),
        "`rearrange`: `head` is given a size, but the pattern has no such dim; did you mean `heads`?",
    ),
    (
        lambda: rearrange(D, "N (heads d) T -> N heads T d", heads=-1),
        "`rearrange`: `heads`=-1 is no size; leave it out where it follows from the others",
    ),
    (
        lambda: rearrange(D, "N (heads d) T -> N heads T d", heads=2.0),  # type: ignore[arg-type] # refused
        "`rearrange`: `heads`=2.0 is no size; a size is an integer",
    ),
    # Ranks and names
    (
        lambda: rearrange(D, "N D -> D N"),
        "`rearrange`: the left side of the pattern, `N D`, is of 2 axes, and `input` has 3",
    ),
    (
        lambda: rearrange(D, "N D T K ... -> N D T K ..."),
        "`rearrange`: the left side of the pattern, `N D T K ...`, is of at least 4 axes, and `input` has 3",
    ),
    (
        lambda: rearrange(D, "N T D -> D T N"),
        ("`rearrange`: the pattern has `N T D`, and the dims of `input` are `N D T`; "
        "write them in their order, or put them in that order by `align_to`"),
    ),
    (
        lambda: rearrange(D, "N C T -> T C N"),
        ("`rearrange`: the pattern has `N C T`, and axis 1 of `input` is `D`, not `C`; "
        "write the names that the axes have; `rename` gives them others"),
    ),
    (
        lambda: rearrange(rearrange(D, "N D T -> N (D T)"), "N (T D) -> N T D", T=5),
        ("`rearrange`: the pattern has `N (T D)`, and axis 1 of `input` is `(D T)`, not `(T D)`; "
        "write the names that the axes have; `rename` gives them others"),
    ),
    (
        lambda: rearrange(of("N _", 2, 3), "_ N -> N _"),
        ("`rearrange`: two axes of the result would be `N`; "
        "`_` and `...` keep the names of their axes; `rename` one of them"),
    ),
    # Arguments
    (
        lambda: reduce(D, "N D T -> N", "median"),
        ("`reduce`: there is no reduction `median`; "
        "it is one of sum, mean, max, min, prod, any, all, logsumexp, std, var"),
    ),
    (
        lambda: rearrange(D, 3),  # type: ignore[arg-type] # refused
        ("`rearrange` takes a pattern as a text, and is given int; "
        'write the dims that there are, and those of the result: "N C -> C N"'),
    ),
    (
        lambda: rearrange([D], "N D T -> D T N"),  # type: ignore[arg-type] # refused
        ("`rearrange` takes a tensor, and is given list; `named` makes one of an array, "
        "`namedtorch.tensor` of numbers, `namedtorch.stack` of a list of tensors"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("call", "expected"), REFUSED, ids=[expected for _, expected in REFUSED])
def test_a_mistake_is_explained(call: Callable[[], Any], expected: str) -> None:
    assert message(call) == expected


def test_a_wrong_size_is_explained_behind_a_right_one_as_well() -> None:
    rearrange(D, "N (heads d) T -> N heads T d", heads=2)
    with pytest.raises(DimError) as caught:
        rearrange(of("N D T", 2, 7, 5), "N (heads d) T -> N heads T d", heads=2)
    assert str(caught.value) == ("`rearrange`: `(heads d)` splits D=7 into parts of 2\n  input: N=2 D=7 T=5")


def test_what_torch_refuses_it_says_itself() -> None:
    with pytest.raises(RuntimeError, match="mean"):
        reduce(named(torch.ones(2, 3, dtype=torch.int64), "N C"), "N C -> N", "mean")


def test_an_axis_that_is_not_merged_may_be_split_into_its_own_name() -> None:
    assert rearrange(of("N C T", 2, 6, 5), "N (C r) T -> N C (T r)", r=2).dims == ("N", "C", "(T r)")
    merged = rearrange(D, "N D T -> (N D T)")
    assert rearrange(merged, "(N k) -> N k", N=2).dims == ("N", "k")


def test_dims_may_be_called_as_arguments_are() -> None:
    x = of("N D", 2, 6)
    assert rearrange(x, "N (x pattern) -> pattern N x", pattern=2).dims == ("pattern", "N", "x")
    assert rearrange(x, "N (out input) -> out N input", out=2, input=3).shape == (2, 2, 3)
