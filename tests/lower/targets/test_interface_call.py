"""Calls of a flat graph by its interface, without any graph."""

from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor

from namedtorch import DimError
from namedtorch.archive.interface import (
    Constant,
    Fixed,
    Input,
    Interface,
    Length,
    Mapping,
    Output,
    Record,
    Sequence,
)
from namedtorch.lower.targets.interface_call import InterfaceCall, record_type
from namedtorch.signature.hints import ANYTHING, DictHint, ListHint
from namedtorch.signature.signature import Kind, Parameter, Signature
from namedtorch.signature.text import parse_signature

TWO = parse_signature("x: N, y: N -> N")
A, B, C = (torch.full((1,), float(one)) for one in range(3))


class Pair(NamedTuple):
    h: Tensor
    c: Tensor


def echo(tensors: list[Tensor]) -> tuple[Tensor, ...]:
    """Gives its inputs."""
    return tuple(tensors)


def inputs(*paths: tuple[Any, ...]) -> tuple[Input, ...]:
    return tuple(Input(f"i{index}", path) for index, path in enumerate(paths))


def sequence(count: int) -> Sequence:
    return Sequence("tuple", tuple(map(Output, range(count))))


def names(count: int) -> tuple[str, ...]:
    return tuple(f"o{index}" for index in range(count))


BOTH = InterfaceCall(Interface(inputs(("x",), ("y",)), names(2), sequence(2)), TWO, echo)


@pytest.mark.parametrize(("args", "kwargs"), [((A, B), {}), ((A,), {"y": B}), ((), {"y": B, "x": A})])
def test_tensors_by_position_and_keyword(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    assert BOTH(*args, **kwargs) == (A, B)


@pytest.mark.parametrize(
    ("args", "kwargs", "said"),
    [
        ((A,), {}, "missing a required argument: 'y'"),
        ((A, B, C), {}, "too many positional arguments"),
        ((A, B), {"z": C}, "got an unexpected keyword argument 'z'"),
        ((A, B), {"y": C}, "multiple values for argument 'y'"),
    ],
)
def test_what_is_no_call(args: tuple[Any, ...], kwargs: dict[str, Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        BOTH(*args, **kwargs)


def test_inputs_in_another_order_than_arguments() -> None:
    call = InterfaceCall(Interface(inputs(("y",), ("x",)), names(2), sequence(2)), TWO, echo)
    assert call(A, B) == (B, A)


NESTED = Signature(
    (
        Parameter("images", ListHint(ANYTHING)),
        Parameter("state"),
        Parameter("scale", default=2.0),
        Parameter("more", DictHint(ANYTHING), Kind.KEYWORD),
        Parameter("mode", kind=Kind.KEYWORD, default=None),
    )
)
INTERFACE = Interface(
    inputs(("images", 0), ("images", 1), ("state", "h"), ("state", "c"), ("more", "a")),
    names(5),
    sequence(5),
    (Fixed(("scale",), 2.0), Fixed(("mode",), None), Fixed(("more", "n"), 3)),
    (Length(("images",), 2),),
)
CALL = InterfaceCall(INTERFACE, NESTED, echo)
MORE = {"a": A, "n": 3}


def test_lists_records_dicts_and_what_is_fixed() -> None:
    assert CALL([A, B], Pair(C, A), more=MORE) == (A, B, C, A, A)
    assert CALL((A, B), {"h": C, "c": A}, 2, more={"n": 3, "a": A}, mode=None) == (A, B, C, A, A)
    assert CALL([A, B], Pair(C, A), np.float64(2), more=MORE) == (A, B, C, A, A)


# (arguments by position and by keyword, what is said)
WRONG: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    (
        ([A, B], Pair(C, A), 3.0),
        {},
        "`scale` is 2.0 in this file, which fixed it when it was exported; got 3.0",
    ),
    (
        ([A, B], Pair(C, A), None),
        {},
        "`scale` is 2.0 in this file, which fixed it when it was exported; got None",
    ),
    (
        ([A, B], Pair(C, A), True),
        {},
        "`scale` is 2.0 in this file, which fixed it when it was exported; got True",
    ),
    (
        ([A, B], Pair(C, A)),
        {"mode": "fast"},
        "`mode` is None in this file, which was exported without it; leave it out",
    ),
    (
        ([A], Pair(C, A)),
        {},
        "`images` has 2 elements in this file, which fixed them when it was exported; got 1",
    ),
    (
        ([A, None], Pair(C, A)),
        {},
        "`images[1]` is None, and this file was exported with a tensor",
    ),
    (
        (A, Pair(C, A)),
        {},
        "`images` has 2 elements in this file, which fixed them when it was exported; got 1",
    ),
    ((3, Pair(C, A)), {}, "`images` is a `int`, and was to be a list"),
    (([A, B], A), {}, "`state` lacks `state.h`"),
    (
        ([A, B], {"h": A}),
        {},
        "`state` has the keys 'h', 'c' in this file, which fixed them when it was exported; got 'h'",
    ),
    (
        ([A, B], Pair(C, A)),
        {"more": {"a": A, "n": 4}},
        "`more.n` is 3 in this file, which fixed it when it was exported; got 4",
    ),
]


@pytest.mark.parametrize(("args", "kwargs", "said"), WRONG)
def test_what_the_graph_has_not(args: tuple[Any, ...], kwargs: dict[str, Any], said: str) -> None:
    with pytest.raises(DimError) as caught:
        CALL(*args, **{"more": MORE, **kwargs})
    assert str(caught.value) == said
    assert (
        caught.value.failures[0].argument
        == said.partition("`")[2].partition("`")[0].partition(".")[0].partition("[")[0]
    )


def test_the_result_in_its_tree() -> None:
    tree = Mapping(
        (
            ("scores", Output(1)),
            ("kind", Constant("scaled")),
            ("both", Sequence("list", (Output(0), Sequence("tuple", (Output(1), Constant(3)))))),
            (1, Record("State", (("h", Output(0)), ("c", Constant(None))))),
        )
    )
    call = InterfaceCall(Interface(inputs(("x",), ("y",)), names(2), tree), TWO, echo)
    made = call(A, B)
    assert list(made) == ["scores", "kind", "both", 1]
    assert (made["scores"], made["kind"], made["both"]) == (B, "scaled", [A, (B, 3)])
    assert (type(made[1]).__name__, made[1].h, made[1].c) == ("State", A, None)


def test_records_of_any_fields() -> None:
    assert record_type("Pair", ("_h", "c"))(1, 2)._h == 1
    with pytest.raises(ValueError, match="class"):
        record_type("Pair", ("class",))


# What no exporter writes, and a stranger's file may hold.
BROKEN = [
    (Interface(inputs(("z",)), names(1), Output(0)), "`z`, which the signature has not"),
    (Interface(inputs(("x",), ("x",)), names(1), Output(0)), "two inputs of the interface are `x`"),
    (
        Interface(inputs(("x",), ("x", 0)), names(1), Output(0)),
        "the interface says two things of `x`",
    ),
    (
        Interface(inputs(("x",)), names(1), Output(0), (Fixed(("x",), 3),)),
        "the interface says two things of `x`",
    ),
    (
        Interface(inputs(("x", 0), ("y",)), names(1), Output(0), (), (Length(("x",), 2),)),
        "the interface does not speak of all elements of `x`",
    ),
]


@pytest.mark.parametrize(("interface", "said"), BROKEN)
def test_an_interface_that_is_none_of_the_signature(interface: Interface, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        InterfaceCall(interface, TWO, echo)
