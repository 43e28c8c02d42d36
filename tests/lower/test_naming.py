"""Axes get the names of the dims whose sizes they had, and no name where that is not sure."""

import pytest

from namedtorch.lower.naming import Naming, Run

RUNS = (
    Run({"N": 2, "H": 37, "W": 41, "T": 5}, {"batch": (4,)}),
    Run({"N": 3, "H": 41, "W": 46, "T": 7}, {"batch": (6,)}),
    Run({"N": 6, "H": 46, "W": 43, "T": 12}, {"batch": (8,)}),
)

SEEN: list[tuple[list[tuple[int, ...]], str]] = [
    ([(2, 3, 37, 41), (3, 3, 41, 46), (6, 3, 46, 43)], "N, 3, H, W"),
    ([(35, 39), (39, 44), (44, 41)], "H-2, W-2"),
    ([(18, 19), (20, 21), (23, 23)], "H//2, (H+1)//2"),
    ([(74, 15), (82, 21), (92, 36)], "2*H, 3*T"),
    ([(10,), (21,), (72,)], "N*T"),
    ([(73,), (81,), (91,)], "2*H-1"),
    ([(4, 5), (6, 7), (8, 12)], "*batch, T"),
    ([(9,), (11,), (1,)], "_"),
    ([(19,), (21,), (23,)], "(H+1)//2"),
    ([(1,), (1,), (1,)], "1"),
    ([(), (), ()], ""),
    ([(2,), (3, 3), (4,)], "..."),
    # One run says less.
    ([(2, 3, 37, 41)], "N, 3, H, W"),
    ([(35, 1, 10)], "35, 1, 10"),
    ([(4, 5)], "*batch, T"),
]


@pytest.mark.parametrize(("seen", "axes"), SEEN)
def test_axes_are_named_by_what_was_seen(seen: list[tuple[int, ...]], axes: str) -> None:
    assert Naming(RUNS).axes(seen) == axes


def test_sizes_are_halved_again_and_again() -> None:
    naming = Naming([Run({"H": size}, {}) for size in (37, 100, 75)])
    assert naming.axes([(2, 1), (4, 3), (3, 2)]) == "(H+31)//32, H//32"
    assert naming.axes([(3, 9), (7, 25), (5, 18)]) == "(H+15)//16, H//4"


def test_arithmetic_of_either_of_two_dims_is_of_none() -> None:
    runs = [Run({"A": one, "B": one + 3}, {}) for one in (2, 3, 6)]
    assert Naming(runs).axes([(4,), (5,), (8,)]) == "_"


def test_one_run_names_no_axis_that_may_be_something_else() -> None:
    run = Run({"N": 8, "M": 8, "K": 5, "L": 1, "T": 7}, {"batch": (7,)})
    naming = Naming([run], frozenset({5}))
    # Two dims, a size of a weight, a size that broadcasts, a dim and a group.
    assert naming.axes([(8, 5, 1, 7)]) == "8, 5, 1, 7"
    assert Naming([Run({"N": 8, "H": 16}, {})]).axes([(8, 4, 8, 16)]) == "8, 4, 8, H"
