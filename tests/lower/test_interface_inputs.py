"""Arguments that were drawn, made to fit what a flat graph fixed."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

from namedtorch.archive.interface import Fixed, Input, Interface, Length, Output
from namedtorch.lower.interface_inputs import fitted
from namedtorch.signature.function import signature_of


class Pair(NamedTuple):
    h: Any
    c: Any


@dataclass(frozen=True)
class Both:
    left: Any
    right: Any


def interface(*paths: tuple[str | int, ...], fixed: Any = (), lengths: Any = ()) -> Interface:
    inputs = tuple(Input("_".join(map(str, path)), path) for path in paths)
    return Interface(inputs, ("y",), Output(0), tuple(fixed), tuple(lengths))


def taken(a: Any, b: Any = 1, *, c: Any = 2) -> None: ...


# what the graph takes, the arguments as drawn, and as they are given
CASES: list[tuple[Interface, tuple[Any, ...], dict[str, Any], tuple[Any, ...], dict[str, Any]]] = [
    (interface(("a",), ("b",)), ("x", "y"), {}, ("x", "y"), {}),
    (interface(("a",), fixed=[Fixed(("b",), 0.5)]), ("x",), {}, ("x",), {"b": 0.5}),
    (interface(("a",), fixed=[Fixed(("b",), 0.5)]), ("x", 1), {}, ("x", 0.5), {}),
    (interface(("a",), fixed=[Fixed(("c",), None)]), ("x",), {"c": 3}, ("x",), {"c": None}),
    (
        interface(("a", 0), ("a", 1), ("a", 2), lengths=[Length(("a",), 3)]),
        (["x", "y"],), {}, (["x", "y", "x"],), {},
    ),
    (interface(("a", 0), lengths=[Length(("a",), 1)]), (("x", "y"),), {}, (("x",),), {}),
    (interface(lengths=[Length(("a",), 0)]), (["x", "y"],), {}, ([],), {}),
    (
        interface(("a", 1), fixed=[Fixed(("a", 0), None)], lengths=[Length(("a",), 2)]),
        (["x", "y"],), {}, ([None, "y"],), {},
    ),
    (interface(("a", "left"), ("a", "k")), ({"left": "x", "r": "y"},), {}, ({"left": "x", "k": "y"},), {}),
    (interface(("a", "h"), fixed=[Fixed(("a", "c"), None)]), (Pair("x", "y"),), {}, (Pair("x", None),), {}),
    (
        interface(("a", "left"), fixed=[Fixed(("a", "right"), 2)]),
        (Both("x", "y"),), {}, (Both("x", 2),), {},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("graph", "args", "kwargs", "new_args", "new_kwargs"), CASES)
def test_arguments_fit_the_interface(
    graph: Interface, args: Any, kwargs: Any, new_args: Any, new_kwargs: Any
) -> None:
    assert fitted(graph, signature_of(taken), args, kwargs) == (new_args, new_kwargs)
