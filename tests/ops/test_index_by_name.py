"""An index by names: what it is by position, and what is said of one that does not fit."""

from typing import Any

import pytest
import torch

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.table import OPERATORS
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Fields
from tests.ops.oracle import bools, ints, plain, row_value, torch_value

GETITEM = OPERATORS["operator.getitem"]
SIZES = {"N": 3, "C": 5, "H": 7, "W": 11}


def image(dims: str = "N C H W") -> Array:
    """A tensor of these dims; `_` has no name."""
    axes = [
        Axis(Axis.of(size).size, carried=Unknown if name == "_" else name)
        for name, size in zip(dims.split(), SIZES.values(), strict=True)
    ]
    return Array(TensorShape(tuple(axes)), "float32")


def asked(value: Array, index: dict[str, Any]) -> Call:
    """The call of `value[index]`."""
    items = tuple(row_value(one) for one in index.values())
    return Call({"input": value, "index": Fields(tuple(index), items)}, Plain())


INDICES: tuple[dict[str, Any], ...] = (
    {},
    {"C": 0},
    {"C": -1, "W": slice(1, 4)},
    {"W": slice(None, None, 3), "N": 2},
    {"H": [0, 3, 3]},
    {"H": (0, 3)},
    {"H": ints(2)},
    {"W": ints(2, 1)},
    {"N": ints(2), "W": ints(2)},
    {"C": ints(2), "H": ints(2)},
    {"C": ints(2), "W": 0},
)


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_torch_takes_it_at_the_places_that_the_call_tells(index: dict[str, Any]) -> None:
    call = asked(image(), index)
    told = plain(GETITEM.given(call))
    places = call.places_of["index"]
    assert isinstance(places, tuple)
    assert places == tuple(list(SIZES).index(name) for name in index)
    whole: list[Any] = [slice(None)] * 4
    for place, one in zip(places, index.values(), strict=True):
        whole[place] = torch_value(one)
    given = torch.zeros(tuple(SIZES.values()), device="meta")[tuple(whole)]
    assert told == plain(given)


REFUSED: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("N C H W", {"T": 0}, "the index names `T`, but its dims are `N`, `C`, `H`, `W`", ""),
    ("N C H W", {"c": 0}, "the index names `c`, but its dims are `N`, `C`, `H`, `W`", "did you mean `C`?"),
    (
        "N C C W", {"C": 0}, "the index names `C`, and 2 of its axes are `C`: 1, 2",
        "`rename` them, or give the number of the axis",
    ),
    (
        "_ _ _ _", {"C": 0}, "the index names `C`, and none of its axes has a name",
        "`refine_names` gives names to axes without",
    ),
    *(
        (
            "N C H W", {"C": one}, "what it takes of `C` is not one axis",
            "give an integer, a slice, a list of integers, or a tensor of indices",
        )
        for one in (None, ..., True, bools(5, 7))
    ),
    ("N C H W", {"C": 7}, "place 7 is taken of axis 1, which is C=5", ""),
    ("N C H W", {"C": bools(4)}, "axis 0 of the mask is 4, and it masks axis 1, which is C=5", ""),
)  # fmt: skip


@pytest.mark.parametrize(("dims", "index", "detail", "help"), REFUSED)
def test_what_does_not_fit_is_refused(dims: str, index: dict[str, Any], detail: str, help: str) -> None:
    with pytest.raises(Misfit) as caught:
        GETITEM.given(asked(image(dims), index))
    assert (caught.value.detail, caught.value.help) == (detail, help)


def test_an_index_that_nobody_knows_is_not_refused() -> None:
    assert GETITEM.given(asked(image(), {"C": "red"})) is Unknown
